/*
 * A comparison in three forms, all from the same pairs: for a terminal of 100 columns, as
 * Markdown, and as JSON (results/README.md explains its fields). Main thread.
 */
#ifndef JUGGLE_COMPARE_PRINT_H
#define JUGGLE_COMPARE_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "compare/pair.h"

/* At least one pair; all have the same run A. */
void print_text(const struct pair *pairs, size_t n_pairs, FILE *out);

/* With charts/NAME.svg of every chart where they were drawn beside it. */
void print_markdown(const struct pair *pairs, size_t n_pairs, bool charts_drawn,
                    FILE *out);

/* A new reference; NULL when memory is out. */
json_t *print_json(const struct pair *pairs, size_t n_pairs);

/*
 * Runs through the cells of a pair experiment by experiment: the first cell at or behind
 * `from` whose experiment no cell before it has; n_cells when there is none.
 */
size_t print_next_experiment(const struct comparison *comparison, size_t from);

/* The next cell of the same experiment behind `cell`; n_cells when there is none. */
size_t print_next_cell(const struct comparison *comparison, size_t cell);

#endif
