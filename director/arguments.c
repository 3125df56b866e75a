/* Argument lists; see arguments.h. */
#include "director/arguments.h"

#include <assert.h>
#include <stdio.h>

void arguments_add(struct arguments *arguments, const char *word) {
    assert(arguments->n_words + 1 < ARGUMENTS_MOST);
    arguments->words[arguments->n_words++] = word;
}

void arguments_add_pair(struct arguments *arguments, const char *option,
                        const char *value) {
    arguments_add(arguments, option);
    arguments_add(arguments, value);
}

void arguments_add_number(struct arguments *arguments, const char *option, double value) {
    assert(arguments->n_numbers < sizeof arguments->numbers / sizeof *arguments->numbers);
    char *number = arguments->numbers[arguments->n_numbers++];
    (void)snprintf(number, sizeof arguments->numbers[0], "%.17g", value);
    arguments_add_pair(arguments, option, number);
}
