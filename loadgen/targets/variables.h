/*
 * Names for values in the files that siege knows: a line "NAME=value" defines one, and
 * $(NAME) or ${NAME} in a later line stands for it. Main thread, before the run.
 */
#ifndef JUGGLE_LOADGEN_VARIABLES_H
#define JUGGLE_LOADGEN_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>

enum { VARIABLES_MAX = 256 };

/* Starts zeroed, but for `uses_environment`. */
struct variables {
    bool uses_environment; /* for names that are not defined */
    struct {
        char *name, *value;
    } all[VARIABLES_MAX];
    size_t n;
};

/* True when the line is NAME=value, of letters, digits and underscores before the '='. */
bool variables_are_defined_by(const char *line);

/* The latest of a name counts. 0, or -errno with one line in `why`: too many of them, or
 * no memory. */
int variables_set(struct variables *variables, const char *name, size_t name_bytes,
                  const char *value, char *why, size_t why_bytes);

/* The same of such a line. */
int variables_define(struct variables *variables, const char *line, char *why,
                     size_t why_bytes);

/* Copies `line` with names replaced; unknown ones stay as they stand. 0, or -E2BIG when
 * it has no room. */
int variables_expand(const struct variables *variables, const char *line, char *out,
                     size_t out_bytes);

void variables_free(struct variables *variables);

#endif
