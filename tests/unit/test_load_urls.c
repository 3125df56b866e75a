/* URL lines and files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "loadgen/targets/urls.h"

static char folder[] = "/tmp/test_load_urls.XXXXXX";

static const char *write_file(const char *name, const char *text) {
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    return path;
}

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    (void)unlink(write_file("urls", ""));
    (void)unlink(write_file("body", ""));
    return rmdir(folder);
}

static void a_url_is_taken_apart(void **state) {
    (void)state;
    static const struct {
        const char *line, *url, *path, *host, *port, *body;
    } rows[] = {
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080/", "/", "127.0.0.1", "8080",
         NULL},
        {"https://a.test/b?c=d#e", "https://a.test/b?c=d", "/b?c=d", "a.test", "443",
         NULL},
        {"http://a.test?", "http://a.test/?", "/?", "a.test", "80", NULL},
        {"http://a.test/b?#e?", "http://a.test/b?", "/b?", "a.test", "80", NULL},
        {"http://a.test/b??", "http://a.test/b??", "/b??", "a.test", "80", NULL},
        {"http://a.test/b#e?", "http://a.test/b", "/b", "a.test", "80", NULL},
        {"127.0.0.1:81/x", "http://127.0.0.1:81/x", "/x", "127.0.0.1", "81", NULL},
        {"http://a.test/ POST a=b&c=d e", "http://a.test/", "/", "a.test", "80",
         "a=b&c=d e"},
        {"http://a.test/ POST", "http://a.test/", "/", "a.test", "80", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct urls urls = {0};
        char why[512];
        assert_int_equal(urls_add(&urls, rows[i].line, why, sizeof why), 0);
        struct target *target = &urls.targets[0];
        assert_string_equal(target->url, rows[i].url);
        assert_string_equal(target->path, rows[i].path);
        assert_string_equal(target->host, rows[i].host);
        assert_string_equal(target->port, rows[i].port);
        if (rows[i].body == NULL)
            assert_null(target->body);
        else
            assert_string_equal(target->body, rows[i].body);
        urls_free(&urls);
    }
}

static void what_is_no_url_is_refused_in_one_line(void **state) {
    (void)state;
    static const char *const lines[] = {"",
                                        "http://",
                                        "ftp://a.test/",
                                        "http://a.test:99999/",
                                        "http://a b",
                                        "http://a.test/ PUT x",
                                        "http://a.test/ POST </nonexistent/file"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct urls urls = {0};
        char why[512] = "";
        assert_true(urls_add(&urls, lines[i], why, sizeof why) < 0);
        assert_true(strlen(why) > 10);
        assert_null(strchr(why, '\n'));
        assert_int_equal(urls.n_targets, 0);
        urls_free(&urls);
    }
}

static void a_file_has_comments_variables_and_posts(void **state) {
    (void)state;
    char text[512], why[512];
    const char *body = write_file("body", "from a\nfile");
    (void)snprintf(text, sizeof text,
                   "# comment\n\n  HOST = \nHOST=http://127.0.0.1:80\nPLACE=$(HOST)/p\n"
                   "$(HOST)/one # note\r\n  ${PLACE}/two  \n$(PLACE)$(NOT)/x POST <%s\n"
                   "$(HOST)/last POST a=$(HOST)",
                   body);
    struct urls urls = {0};
    /* "HOST = " is neither a variable nor a URL */
    assert_true(urls_read_file(&urls, write_file("urls", text), why, sizeof why) < 0);
    assert_non_null(strstr(why, "line 3"));
    urls_free(&urls);
    memmove(strstr(text, "  HOST = \n"), strstr(text, "HOST=http"),
            strlen(strstr(text, "HOST=http")) + 1);
    assert_int_equal(urls_read_file(&urls, write_file("urls", text), why, sizeof why), 0);
    assert_int_equal(urls.n_targets, 4);
    assert_string_equal(urls.targets[0].url, "http://127.0.0.1:80/one");
    assert_string_equal(urls.targets[1].path, "/p/two");
    assert_string_equal(urls.targets[2].body, "from a\nfile");
    assert_string_equal(urls.targets[2].path, "/p$(NOT)/x");
    assert_string_equal(urls.targets[3].body, "a=http://127.0.0.1:80");
    urls_free(&urls);
}

static void an_unreadable_or_empty_file_is_refused(void **state) {
    (void)state;
    const char *paths[] = {"/nonexistent/urls", folder, write_file("urls", "# none\n")};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct urls urls = {0};
        char why[512] = "";
        assert_true(urls_read_file(&urls, paths[i], why, sizeof why) < 0);
        assert_non_null(strstr(why, paths[i]));
        urls_free(&urls);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_taken_apart),
        cmocka_unit_test(what_is_no_url_is_refused_in_one_line),
        cmocka_unit_test(a_file_has_comments_variables_and_posts),
        cmocka_unit_test(an_unreadable_or_empty_file_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
