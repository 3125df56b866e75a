/* An argument list for a child that is built up word by word. Main thread. */
#ifndef JUGGLE_DIRECTOR_ARGUMENTS_H
#define JUGGLE_DIRECTOR_ARGUMENTS_H

#include <stddef.h>

enum { ARGUMENTS_MOST = 48 };

/* NULL at the end of `words`; texts must outlive it, numbers are kept inside. */
struct arguments {
    const char *words[ARGUMENTS_MOST];
    size_t n_words;
    char numbers[12][40];
    size_t n_numbers;
};

void arguments_add(struct arguments *arguments, const char *word);
void arguments_add_pair(struct arguments *arguments, const char *option,
                        const char *value);
void arguments_add_number(struct arguments *arguments, const char *option, double value);

#endif
