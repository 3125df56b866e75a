/* What others wrote is shown and not obeyed. */
#include <stdlib.h>
#include <string.h>

#include "common/base/foreign.h"
#include "tests/test.h"

static const struct {
    const char *text, *shown;
} cases[] = {
    {"", ""},
    {"Intel(R) Xeon(R) @ 2.1 GHz, \\o/", "Intel(R) Xeon(R) @ 2.1 GHz, \\o/"},
    {"Grüße, 世界, \xF0\x9F\x98\x80", "Grüße, 世界, \xF0\x9F\x98\x80"},
    {"\x1b]0;owned\a\x1b[31m", "\\x1b]0;owned\\x07\\x1b[31m"},
    {"one\ntwo\tthree\r\x7f", "one\\x0atwo\\x09three\\x0d\\x7f"},
    {"a `code`", "a \\x60code\\x60"},
    {"\xC2\x9B"
     "31m",
     "\\x9b31m"}, /* the control sequence introducer in one character */
    {"\xE2\x80\xAEtxt.exe\xE2\x81\xA6", "\\u202etxt.exe\\u2066"},
    {"\xff\xC3(\xE4\xB8", "\\xff\\xc3(\\xe4\\xb8"},
    {"\xC0\x80\xED\xA0\x80\xF5\x80\x80\x80",
     "\\xc0\\x80\\xed\\xa0\\x80\\xf5\\x80\\x80\\x80"}, /* too long, half, beyond */
};

TEST(texts_are_shown) {
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *shown = foreign_copy(cases[i].text);
        assert_string_equal(shown, cases[i].shown);
        assert_int_equal(foreign_is_plain(cases[i].text),
                         strcmp(cases[i].text, cases[i].shown) == 0);
        assert_true(foreign_is_plain(shown));
        free(shown);
    }
}

TEST(what_has_no_room_is_cut_at_a_whole_character) {
    char shown[6];
    assert_string_equal(foreign_show("abcü", shown, sizeof shown), "abcü");
    assert_string_equal(foreign_show("abcdü", shown, sizeof shown), "abcd");
    assert_string_equal(foreign_show("ab\x1b", shown, sizeof shown), "ab");
    assert_string_equal(foreign_show("a\x1b", shown, sizeof shown), "a\\x1b");
    assert_string_equal(foreign_show("a", shown, 1), "");
}
