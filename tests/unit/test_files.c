/* Files that appear whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/files.h"
#include "tests/folder.h"
#include "tests/test.h"

static int enter_folder(void **state) {
    return make_folder(state) == 0 ? chdir(test_folder) : -1;
}

static int leave_folder(void **state) {
    return chdir("/") == 0 ? remove_folder(state) : -1;
}

#define TEST_WITHIN(name) TEST_WITH(name, enter_folder, leave_folder)

static unsigned count_entries(const char *path) {
    unsigned n = 0;
    DIR *open = opendir(path);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    (void)closedir(open);
    return n;
}

TEST_WITHIN(a_file_appears_when_it_is_committed) {
    struct whole_file file;
    char line[32];
    assert_int_equal(files_begin(&file, "new"), 0);
    (void)fputs("whole\nnext\n", file.stream);
    assert_int_equal(access("new", F_OK), -1);
    assert_int_equal(files_commit(&file), 0);
    assert_int_equal(files_read_line("new", line, sizeof line), 0);
    assert_string_equal(line, "whole");
    assert_int_equal(count_entries("."), 1);
}

TEST_WITHIN(the_umask_says_who_may_read_it) {
    static const mode_t masks[] = {022, 077, 027, 002};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        struct whole_file file;
        struct stat there;
        mode_t before = umask(masks[i]);
        int error = files_begin(&file, "masked");
        (void)umask(before);
        assert_int_equal(error, 0);
        assert_int_equal(files_commit(&file), 0);
        assert_int_equal(stat("masked", &there), 0);
        assert_int_equal(there.st_mode & 0777, 0666 & ~masks[i]);
    }
}

TEST_WITHIN(two_of_one_name_are_two_until_they_are_committed) {
    struct whole_file first, second;
    char line[32];
    assert_int_equal(files_begin(&first, "same"), 0);
    assert_int_equal(files_begin(&second, "same"), 0);
    (void)fputs("first\n", first.stream);
    (void)fputs("second\n", second.stream);
    assert_int_equal(files_commit(&first), 0);
    files_abandon(&second);
    assert_int_equal(files_read_line("same", line, sizeof line), 0);
    assert_string_equal(line, "first");
    assert_int_equal(count_entries("."), 1);
}

TEST_WITHIN(an_old_file_stays_until_the_new_one_is_whole) {
    struct whole_file file;
    char line[32];
    assert_int_equal(files_begin(&file, "old"), 0);
    (void)fputs("first\n", file.stream);
    assert_int_equal(files_commit(&file), 0);
    assert_int_equal(files_begin(&file, "old"), 0);
    (void)fputs("second\n", file.stream);
    files_abandon(&file);
    assert_int_equal(files_read_line("old", line, sizeof line), 0);
    assert_string_equal(line, "first");
    assert_int_equal(count_entries("."), 1);
}

/* A link stays one, and what is no file stays what it is. */
TEST_WITHIN(links_are_followed_and_pipes_are_written_to) {
    struct whole_file file;
    struct stat there;
    char text[16] = "";
    assert_int_equal(symlink("real", "link"), 0);
    FILE *real = fopen("real", "we");
    assert_non_null(real);
    (void)fputs("old", real);
    (void)fclose(real);
    assert_int_equal(files_begin(&file, "link"), 0);
    (void)fputs("new", file.stream);
    assert_int_equal(files_commit(&file), 0);
    assert_int_equal(lstat("link", &there), 0);
    assert_true(S_ISLNK(there.st_mode));
    assert_int_equal(files_read_line("real", text, sizeof text), 0);
    assert_string_equal(text, "new");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(files_begin(&file, "pipe"), -ENXIO); /* nobody reads it */
    int reader = open("pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_int_equal(files_begin(&file, "pipe"), 0);
    (void)fputs("through", file.stream);
    assert_int_equal(files_commit(&file), 0);
    assert_int_equal(read(reader, text, sizeof text), 7);
    assert_memory_equal(text, "through", 7);
    (void)close(reader);
    assert_int_equal(lstat("pipe", &there), 0);
    assert_true(S_ISFIFO(there.st_mode));
    assert_int_equal(stat("/dev/null", &there), 0);
    dev_t null_device = there.st_rdev;
    assert_int_equal(files_begin(&file, "/dev/null"), 0);
    files_abandon(&file);
    assert_int_equal(files_begin(&file, "/dev/null"), 0);
    assert_int_equal(files_commit(&file), 0);
    assert_int_equal(stat("/dev/null", &there), 0);
    assert_true(S_ISCHR(there.st_mode) && there.st_rdev == null_device);
}

TEST_WITHIN(what_cannot_be_written_leaves_nothing) {
    struct whole_file file;
    char long_path[5000];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(files_begin(&file, "nowhere/file"), -ENOENT);
    assert_int_equal(files_begin(&file, "."), -EISDIR);
    assert_int_equal(files_begin(&file, long_path), -ENAMETOOLONG);
    assert_int_equal(count_entries("."), 0);
}

TEST_WITHIN(much_is_written_at_once) {
    enum { ALL_BYTES = 3 << 20, FEWEST_AT_ONCE = 1 << 19 };
    struct whole_file file;
    struct stat aside;
    off_t written_bytes = 0;
    unsigned n_writes = 0;
    assert_int_equal(files_begin(&file, "much"), 0);
    for (unsigned i = 0; i < ALL_BYTES; i++) {
        (void)fputc('x', file.stream);
        if (i % 1024 != 0)
            continue;
        assert_int_equal(stat(file.aside, &aside), 0);
        n_writes += aside.st_size != written_bytes;
        written_bytes = aside.st_size;
    }
    assert_in_range(n_writes, 1, ALL_BYTES / FEWEST_AT_ONCE);
    assert_int_equal(files_commit(&file), 0);
    assert_int_equal(stat("much", &aside), 0);
    assert_int_equal(aside.st_size, ALL_BYTES);
}

TEST_WITHIN(a_full_device_is_an_error) {
    struct whole_file file;
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(files_begin(&file, "full"), 0);
    file.stream = freopen("/dev/full", "w", file.stream);
    assert_non_null(file.stream);
    for (unsigned i = 0; i < 10000; i++) /* more than a buffer: most of it fails before */
        (void)fputs("more than nothing", file.stream);
    assert_int_equal(files_commit(&file), -ENOSPC);
    assert_int_equal(count_entries("."), 0);
}

TEST_WITHIN(what_a_stream_lost_is_told_when_it_is_flushed) {
    FILE *stream = fopen("kept", "we");
    assert_non_null(stream);
    (void)fputs("kept", stream);
    assert_int_equal(files_flush(stream), 0);
    (void)fclose(stream);
    stream = fopen("/dev/full", "we");
    if (stream == NULL)
        skip();
    (void)fputs("lost", stream);
    assert_int_equal(files_flush(stream), -ENOSPC);
    (void)fclose(stream);
    stream = fopen("kept", "re");
    assert_non_null(stream);
    (void)fputs("not for writing", stream);
    assert_int_equal(files_flush(stream), -EIO);
    (void)fclose(stream);
}

TEST_WITHIN(json_is_read_back_in_its_order) {
    json_t *json = json_pack("{s:i, s:f, s:[s, n]}", "zebra", 1, "ape", 0.1234567891,
                             "list", "\xc3\xa4\"\n");
    assert_int_equal(files_write_json("data.json", json), 0);
    json_t *again = json_load_file("data.json", 0, NULL);
    assert_non_null(again);
    assert_string_equal(json_object_iter_key(json_object_iter(again)), "zebra");
    assert_true(json_real_value(json_object_get(again, "ape")) == 0.123456789);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(again, "list"), 0)),
        "\xc3\xa4\"\n");
    json_decref(again);
    assert_int_equal(files_write_json("nowhere/data.json", json), -ENOENT);
    json_decref(json);
}

TEST_WITHIN(folders_are_made_with_those_above) {
    struct stat there;
    assert_int_equal(files_make_folder("a/b/c"), 0);
    assert_int_equal(files_make_folder("a/b/c"), 0);
    assert_int_equal(files_make_folder("a/b/c/d/"), 0);
    assert_int_equal(stat("a/b/c/d", &there), 0);
    assert_int_equal(files_make_folder(""), -ENAMETOOLONG);
    (void)fclose(fopen("plain", "w"));
    assert_int_equal(files_make_folder("plain/below"), -ENOTDIR);
    assert_int_equal(files_make_folder("plain"), -ENOTDIR);
}

TEST_WITHIN(lines_are_cut_and_missing_ones_are_errors) {
    char line[4];
    (void)fclose(fopen("empty", "w"));
    FILE *stream = fopen("long", "w");
    (void)fputs("abcdef", stream);
    (void)fclose(stream);
    assert_int_equal(files_read_line("nowhere", line, sizeof line), -ENOENT);
    assert_int_equal(files_read_line("empty", line, sizeof line), -EIO);
    assert_int_equal(files_read_line("long", line, sizeof line), 0);
    assert_string_equal(line, "abc");
}
