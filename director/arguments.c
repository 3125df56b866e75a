/* Argument lists; see arguments.h. */
#include "director/arguments.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void arguments_add(struct arguments *arguments, const char *word) {
    size_t n_bytes = strlen(word) + 1;
    char *copy = arguments->bytes + arguments->n_bytes;
    assert(arguments->n_words + 1 < ARGUMENTS_MOST);
    assert(arguments->n_bytes + n_bytes <= ARGUMENTS_BYTES);
    memcpy(copy, word, n_bytes);
    arguments->n_bytes += n_bytes;
    arguments->words[arguments->n_words++] = copy;
}

void arguments_add_pair(struct arguments *arguments, const char *option,
                        const char *value) {
    arguments_add(arguments, option);
    arguments_add(arguments, value);
}

void arguments_add_number(struct arguments *arguments, const char *option, double value) {
    char text[40];
    (void)snprintf(text, sizeof text, "%.17g", value);
    arguments_add_pair(arguments, option, text);
}

void arguments_add_parameters(struct arguments *arguments,
                              const struct cell_parameters *cell,
                              enum parameter_owner owner) {
    const struct cell_parameters initial = parameters_initial();
    char value[PARAMETER_BYTES], usual[PARAMETER_BYTES], words[PARAMETER_BYTES + 64];
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++) {
        (void)parameter_text(cell, row, value);
        if (row->owner != owner || value[0] == '\0' ||
            strcmp(value, parameter_text(&initial, row, usual)) == 0)
            continue;
        (void)snprintf(words, sizeof words, "--%s", row->option);
        if (row->format != NULL)
            (void)snprintf(words, sizeof words, "%.*s%s%s", /* %s stands for the value */
                           (int)(strstr(row->format, "%s") - row->format), row->format,
                           value, strstr(row->format, "%s") + 2);
        char *argument = strchr(words, ' ');
        if (argument != NULL)
            *argument++ = '\0';
        arguments_add(arguments, words);
        if (argument != NULL)
            arguments_add(arguments, argument);
        else if (row->type != PARAMETER_IS_FLAG)
            arguments_add(arguments, value);
    }
}
