/*
 * What files of data are made of: blocks of lines, fields apart by tabs; and what the
 * charts of cells are drawn from (results/README.md lists the columns). Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/overview.h"

/* Begins the next block: two empty lines, then what its columns are, as a comment. */
void data_block(FILE *out, const char *columns);

/* A text as a TSV field, without what would break the line. */
void data_text(FILE *out, const char *text);

/*
 * A panel's row begins with the cell's place in the run, which is its colour everywhere,
 * and its label.
 */
void data_begin_panel(const struct overview *overview, size_t index, FILE *out);

/* The blocks of a chart, from 1 on. */
void data_write_staircase(const struct overview *overview, const struct chart *chart,
                          FILE *out);
void data_write_probes(const struct overview *overview, const struct chart *chart,
                       FILE *out);
void data_write_percentiles(const struct overview *overview, const struct chart *chart,
                            FILE *out);

/* "1 answer in 100 took longer than ...", of the last percentile that all cells carry. */
void data_describe_percentiles(const struct overview *overview, char *title,
                               size_t title_bytes);
