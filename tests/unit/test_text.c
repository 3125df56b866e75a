/* Texts put together piece by piece: where a piece goes, and that none goes too far. */
#include <string.h>

#include "common/base/text.h"
#include "tests/test.h"

TEST(a_piece_goes_behind_what_is_there) {
    char text[32] = "";
    text_append(text, sizeof text, "%d users", 10);
    text_append(text, sizeof text, "%s", "");
    text_append(text, sizeof text, " at %s", "once");
    assert_string_equal(text, "10 users at once");
}

TEST(what_does_not_fit_is_cut) {
    char text[10] = "abc";
    memset(text + 6, '#', 4); /* behind what may be written */
    text_append(text, 6, "%s", "defgh");
    assert_string_equal(text, "abcde");
    text_append(text, 6, "more");
    assert_string_equal(text, "abcde");
    assert_memory_equal(text + 6, "####", 4);
    memset(text, '#', sizeof text); /* which has no end: there is no room */
    text_append(text, 6, "more");
    text_append(text, 0, "more");
    assert_memory_equal(text, "##########", 10);
}

TEST(items_are_joined_as_a_sentence_does) {
    static const char *const expected[] = {"", "a", "a or b", "a, b or c"};
    static const char *const items[] = {"a", "b", "c"};
    for (size_t n = 0; n <= 3; n++) {
        char text[16] = "";
        for (size_t i = 0; i < n; i++)
            text_append(text, sizeof text, "%s%s", text_joint(i, n, " or "), items[i]);
        assert_string_equal(text, expected[n]);
    }
}
