/*
 * Command lines as results keep and show them: without secrets, and in words that a shell
 * reads back. Any thread.
 */
#pragma once

#include <jansson.h>

/* The words as an array, their secrets hidden; null for bytes that are not UTF-8. A new
 * reference. */
json_t *command_line_json(int argc, char **argv);

/*
 * Such an array, whoever wrote it, as one line to be pasted: "juggle WORD...", secrets
 * hidden. The caller frees it; NULL when memory ran out.
 */
char *command_line_text(const json_t *words);

/* One word for a line to be pasted, in quotes where a shell wants them. The caller frees
 * it; NULL when memory ran out. */
char *command_line_quote(const char *word);
