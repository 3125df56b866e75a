/* URL lines and files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loadgen/targets/urls.h"
#include "tests/folder.h"
#include "tests/test.h"

static const char *write_file(const char *name, const char *text) {
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    return path;
}

TEST_IN_FOLDER(a_url_is_taken_apart) {
    static const struct {
        const char *line, *url, *path, *host, *port, *body, *method;
    } rows[] = {
        {"http://a.test/ HEAD", "http://a.test/", "/", "a.test", "80", NULL, "HEAD"},
        {"http://a.test/\tPUT  x y", "http://a.test/", "/", "a.test", "80", "x y", "PUT"},
        {"http://a.test/ PATCH", "http://a.test/", "/", "a.test", "80", "", "PATCH"},
        {"http://a.test/ DELETE", "http://a.test/", "/", "a.test", "80", NULL, "DELETE"},
        {"http://a.test/ OPTIONS", "http://a.test/", "/", "a.test", "80", NULL,
         "OPTIONS"},
        {"http://a.test/ GET x", "http://a.test/", "/", "a.test", "80", "x", "GET"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080/", "/", "127.0.0.1", "8080",
         NULL, "GET"},
        {"https://a.test/b?c=d#e", "https://a.test/b?c=d", "/b?c=d", "a.test", "443",
         NULL, "GET"},
        {"http://a.test?", "http://a.test/?", "/?", "a.test", "80", NULL, "GET"},
        {"http://a.test/b?#e?", "http://a.test/b?", "/b?", "a.test", "80", NULL, "GET"},
        {"http://a.test/b??", "http://a.test/b??", "/b??", "a.test", "80", NULL, "GET"},
        {"http://a.test/b#e?", "http://a.test/b", "/b", "a.test", "80", NULL, "GET"},
        {"127.0.0.1:81/x", "http://127.0.0.1:81/x", "/x", "127.0.0.1", "81", NULL, "GET"},
        {"http://a.test/ POST a=b&c=d e", "http://a.test/", "/", "a.test", "80",
         "a=b&c=d e", "POST"},
        {"http://a.test/ POST", "http://a.test/", "/", "a.test", "80", "", "POST"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct urls urls = {0};
        char why[WHY_BYTES];
        assert_int_equal(urls_add(&urls, rows[i].line, why), 0);
        struct target *target = &urls.targets[0];
        assert_string_equal(target->url, rows[i].url);
        assert_string_equal(target->path, rows[i].path);
        assert_string_equal(target->host, rows[i].host);
        assert_string_equal(target->port, rows[i].port);
        assert_string_equal(target->method->name, rows[i].method);
        if (rows[i].body == NULL)
            assert_null(target->body);
        else
            assert_string_equal(target->body, rows[i].body);
        urls_free(&urls);
    }
}

TEST_IN_FOLDER(what_is_no_url_is_refused_in_one_line) {
    static const char *const lines[] = {"",
                                        "http://",
                                        "ftp://a.test/",
                                        "http://a.test:99999/",
                                        "http://a b",
                                        "http://a.test/ FETCH x",
                                        "http://a.test/ put x",
                                        "http://a.test/ HEAD x",
                                        "http://a.test/ POSTx",
                                        "http://a.test/ POST </nonexistent/file"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct urls urls = {0};
        char why[WHY_BYTES] = "";
        assert_true(urls_add(&urls, lines[i], why) < 0);
        assert_true(strlen(why) > 10);
        assert_null(strchr(why, '\n'));
        assert_int_equal(urls.n_targets, 0);
        urls_free(&urls);
    }
}

TEST_IN_FOLDER(a_file_has_comments_variables_and_posts) {
    char text[512], why[WHY_BYTES];
    const char *body = write_file("body", "from a\nfile");
    (void)snprintf(text, sizeof text,
                   "# comment\n\n  HOST = \nHOST=http://127.0.0.1:80\nPLACE=$(HOST)/p\n"
                   "$(HOST)/one # note\r\n  ${PLACE}/two  \n$(PLACE)$(NOT)/x POST <%s\n"
                   "$(HOST)/last POST a=$(HOST)",
                   body);
    struct urls urls = {0};
    /* "HOST = " is neither a variable nor a URL */
    assert_true(urls_read_file(&urls, write_file("urls", text), why) < 0);
    assert_non_null(strstr(why, "line 3"));
    urls_free(&urls);
    memmove(strstr(text, "  HOST = \n"), strstr(text, "HOST=http"),
            strlen(strstr(text, "HOST=http")) + 1);
    assert_int_equal(urls_read_file(&urls, write_file("urls", text), why), 0);
    assert_int_equal(urls.n_targets, 4);
    assert_string_equal(urls.targets[0].url, "http://127.0.0.1:80/one");
    assert_string_equal(urls.targets[1].path, "/p/two");
    assert_int_equal(urls.targets[2].body_bytes, strlen("from a\nfile"));
    assert_memory_equal(urls.targets[2].body, "from a\nfile", strlen("from a\nfile"));
    assert_string_equal(urls.targets[2].path, "/p$(NOT)/x");
    assert_string_equal(urls.targets[3].body, "a=http://127.0.0.1:80");
    urls_free(&urls);
}

TEST_IN_FOLDER(a_file_is_read_once_and_lines_may_leave_method_and_body_out) {
    char text[512], why[WHY_BYTES];
    struct urls urls = {0};
    const char *body = write_file("body", "a");
    assert_int_equal(urls_set_usual(&urls, method_find("PUT", 3), body, why), 0);
    (void)snprintf(text, sizeof text,
                   "http://a.test/\nhttp://a.test/ POST <%s\nhttp://a.test/ DELETE\n",
                   body);
    assert_int_equal(urls_read_file(&urls, write_file("urls", text), why), 0);
    assert_string_equal(urls.targets[0].method->name, "PUT");
    assert_int_equal(urls.targets[0].body_bytes, 1);
    assert_ptr_equal(urls.targets[1].body, urls.targets[0].body);
    assert_null(urls.targets[2].body);
    assert_int_equal(urls.n_usual, 1);
    urls_free(&urls);
    assert_true(urls_set_usual(&urls, NULL, "/nonexistent/body", why) < 0);
    assert_string_equal(why,
                        "cannot read the body in '/nonexistent/body': No such file or "
                        "directory");
    urls_free(&urls);
}

TEST_IN_FOLDER(an_unreadable_or_empty_file_is_refused) {
    const char *paths[] = {"/nonexistent/urls", test_folder,
                           write_file("urls", "# none\n")};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct urls urls = {0};
        char why[WHY_BYTES] = "";
        assert_true(urls_read_file(&urls, paths[i], why) < 0);
        assert_non_null(strstr(why, paths[i]));
        urls_free(&urls);
    }
}
