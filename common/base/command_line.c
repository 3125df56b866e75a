/* Words of command lines, quoted as POSIX shells read them; see command_line.h. */
#include "common/base/command_line.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secrets.h"

static const char plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";

json_t *command_line_json(int argc, char **argv) {
    json_t *words = json_array();
    for (int i = 0; i < argc; i++)
        (void)json_array_append_new(words, secrets_json(argv[i]));
    return words;
}

/* In '...', where only the quote needs to be escaped; in $'...' when the word has control
 * characters, such as a line end. */
static void put_word(const char *word, FILE *out) {
    bool is_ansi = false;
    for (const char *c = word; *c != '\0'; c++)
        is_ansi = is_ansi || iscntrl((unsigned char)*c);
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        (void)fputs(word, out);
        return;
    }
    (void)fputs(is_ansi ? "$'" : "'", out);
    for (; *word != '\0'; word++) {
        if (iscntrl((unsigned char)*word))
            (void)fprintf(out, "\\%03o", (unsigned char)*word);
        else if (is_ansi && (*word == '\'' || *word == '\\'))
            (void)fprintf(out, "\\%c", *word);
        else if (*word == '\'')
            (void)fputs("'\\''", out);
        else
            (void)fputc(*word, out);
    }
    (void)fputc('\'', out);
}

char *command_line_text(const json_t *words) {
    char *text = NULL;
    size_t i, n_bytes = 0;
    json_t *word;
    FILE *out = open_memstream(&text, &n_bytes);
    if (out == NULL)
        return NULL;
    (void)fputs("juggle", out);
    json_array_foreach((json_t *)words, i, word) {
        char *shown = secrets_hide(json_is_string(word) ? json_string_value(word) : "?");
        (void)fputc(' ', out);
        put_word(shown != NULL ? shown : "?", out);
        free(shown);
    }
    return fclose(out) == 0 ? text : (free(text), NULL);
}

char *command_line_quote(const char *word) {
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *out = open_memstream(&text, &n_bytes);
    if (out == NULL)
        return NULL;
    put_word(word, out);
    return fclose(out) == 0 ? text : (free(text), NULL);
}
