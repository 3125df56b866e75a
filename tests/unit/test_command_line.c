/* Command lines that a shell reads back, and that hold no secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/command_line.h"
#include "tests/test.h"

static const char *const words[] = {
    "run",
    "",
    "a b",
    "it's",
    "$HOME `id` \\ \"q\" | ; & * ?",
    "--x=1,2/3",
    "\xc3\xa4",
    "line\nend's",
    "\x1b[31m\\'",
};

enum { N_WORDS = sizeof words / sizeof *words };

TEST(a_shell_reads_every_word_back) {
    for (size_t i = 0; i < N_WORDS; i++) {
        char *quoted = command_line_quote(words[i]), command[256], read[256];
        assert_null(strpbrk(quoted, "\n\x1b"));
        (void)snprintf(command, sizeof command, "printf %%s %s", quoted);
        (void)setenv("JUGGLE_TEST_COMMAND", command, 1);
        FILE *shell = popen("exec bash -c \"$JUGGLE_TEST_COMMAND\"", "re");
        assert_non_null(shell);
        read[fread(read, 1, sizeof read - 1, shell)] = '\0';
        assert_int_equal(pclose(shell), 0);
        assert_string_equal(read, words[i]);
        free(quoted);
    }
}

TEST(plain_words_stay_plain_and_secrets_are_hidden) {
    char *argv[] = {"load", "-H", "Cookie: s'x", "-c", "2", "http://a:s@h/?a=b&c",
                    "\xff"};
    json_t *json = command_line_json(7, argv);
    assert_int_equal(json_array_size(json), 7);
    assert_string_equal(json_string_value(json_array_get(json, 2)), "Cookie: ***");
    assert_true(json_is_null(json_array_get(json, 6)));
    (void)json_array_set_new(json, 6,
                             json_string("Token: s")); /* as an older one wrote */
    char *text = command_line_text(json);
    assert_string_equal(
        text, "juggle load -H 'Cookie: ***' -c 2 'http://a:***@h/?a=b&c' 'Token: ***'");
    free(text);
    json_decref(json);
}
