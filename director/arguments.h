/* An argument list for a child that is built up word by word. Main thread. */
#pragma once

#include <stddef.h>

#include "measured/parameters.h"

enum { ARGUMENTS_MOST = 64, ARGUMENTS_BYTES = 4096 };

/* NULL at the end of `words`; texts are copied. It must not be moved. */
struct arguments {
    const char *words[ARGUMENTS_MOST];
    size_t n_words;
    char bytes[ARGUMENTS_BYTES];
    size_t n_bytes;
};

void arguments_add(struct arguments *arguments, const char *word);
void arguments_add_pair(struct arguments *arguments, const char *option,
                        const char *value);
void arguments_add_number(struct arguments *arguments, const char *option, double value);

/* The words for all of a cell's parameters of that owner which are not left to it. */
void arguments_add_parameters(struct arguments *arguments,
                              const struct cell_parameters *cell,
                              enum parameter_owner owner);
