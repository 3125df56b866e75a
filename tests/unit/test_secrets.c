/* What is hidden of headers, URLs, command lines and messages, and what is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secrets.h"
#include "tests/test.h"

static void assert_shown(const char *text, const char *expected) {
    char *shown = secrets_hide(text);
    assert_non_null(shown);
    assert_string_equal(shown, expected);
    free(shown);
}

TEST(values_of_secret_headers_are_hidden) {
    static const char *const rows[][2] = {
        {"Authorization: Bearer s", "Authorization: ***"},
        {"proxy-AUTHORIZATION:Basic czpz", "proxy-AUTHORIZATION:***"},
        {"Cookie: a=s; b=s", "Cookie: ***"},
        {"Set-Cookie:\ts", "Set-Cookie:\t***"},
        {"X-Api-Key: s: s", "X-Api-Key: ***"},
        {"CSRFToken: s'", "CSRFToken: ***"},
        {"Client-secret: s@s", "Client-secret: ***"},
        {"--header=X-Api-Key: s", "--header=X-Api-Key: ***"},
        {"-HCookie:s", "-HCookie:***"},
        {"-qHCookie: s\r\nToken: s",
         "-qHCookie: ***\r\nToken: s"}, /* one line a header */
        {"X:y", "X:y"},
        {"Authorization:", "Authorization:"},
        {"Authorization: ", "Authorization: "},
        {"Accept: key: value", "Accept: key: value"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_shown(rows[i][0], rows[i][1]);
}

TEST(passwords_of_urls_are_hidden) {
    static const char *const rows[][2] = {
        {"http://alice:s@h/", "http://alice:***@h/"},
        {"https://alice:s@h:80/a@b?c:d@e", "https://alice:***@h:80/a@b?c:d@e"},
        {"http://:s@[::1]:80/", "http://:***@[::1]:80/"},
        {"http://a:s@s:s@h", "http://a:***@h"},
        {"http://a:s/s#s@h/", "http://a:***@h/"}, /* should have been encoded */
        {"--proxy=socks5://a:s@h:1", "--proxy=socks5://a:***@h:1"},
        {"--proxy=a:s@h:1", "--proxy=a:***@h:1"},
        {"a:s@h/x", "a:***@h/x"},
        {"http://h/ POST http://a:s@b", "http://h/ POST http://a:***@b"},
        {"Referer: http://a:s@h/", "Referer: http://a:***@h/"},
        {"http://alice@h:80/", "http://alice@h:80/"},
        {"http://alice:@h/", "http://alice:@h/"},
        {"http://h:80/a@b", "http://h:80/a@b"},
        {"http://[::1]:80/@", "http://[::1]:80/@"},
        {"http://h/key:1?token:2", "http://h/key:1?token:2"},
        {"h/key:1", "h/key:1"},
        {"http://h:80?a@b", "http://h:80?a@b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_shown(rows[i][0], rows[i][1]);
}

TEST(messages_lose_what_they_quote) {
    static const char *const rows[][2] = {
        {"load: --header wants it, not 'Cookie: s's' here",
         "load: --header wants it, not 'Cookie: ***' here"},
        {"not 'Cookie: s\ns' here", "not 'Cookie: ***' here"},
        {"unknown option '--heder=Token: s'; see",
         "unknown option '--heder=Token: ***'; see"},
        {"not 'http://a:s@h x': why", "not 'http://a:***@h x': why"},
        {"not 'a:s@h': why", "not 'a:***@h': why"},
        {"'http://a:s' is cut, and so is http://a:s",
         "'http://a:*** is cut, and so is http://a:***"},
        {"'http://h:80' and http://h:80: fine", "'http://h:80' and http://h:80: fine"},
        {"my-key.json: line 1: token: fine", "my-key.json: line 1: token: fine"},
        {"cannot read 'my-key': fine", "cannot read 'my-key': fine"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char shown[256];
        secrets_hide_message(rows[i][0], shown, sizeof shown);
        assert_string_equal(shown, rows[i][1]);
    }
    char small[8];
    secrets_hide_message("a longer line", small, sizeof small);
    assert_string_equal(small, "a longe");
}

TEST(json_of_bytes_that_are_not_utf8_is_null) {
    json_t *json = secrets_json("http://a:s@h/");
    assert_string_equal(json_string_value(json), "http://a:***@h/");
    json_decref(json);
    json = secrets_json("a\xff");
    assert_true(json_is_null(json));
    json_decref(json);
}

TEST(heads_are_hidden_and_bodies_are_not) {
    static const char text[] =
        "POST / HTTP/1.1\r\nHost: h\r\nCookie: s\r\n\r\nCookie: body\n";
    char *written = NULL;
    size_t n_bytes = 0;
    FILE *out = open_memstream(&written, &n_bytes);
    secrets_write_head(text, strlen(text), out);
    secrets_write_head("Set-Cookie: s", strlen("Set-Cookie: s"), out);
    (void)fclose(out);
    assert_string_equal(written, "POST / HTTP/1.1\r\nHost: h\r\nCookie: ***\r\n\r\n"
                                 "Cookie: body\nSet-Cookie: ***");
    free(written);
}
