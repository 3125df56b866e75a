/*
 * The chart kind `curve` (plots/curve.gp): a figure of an experiment along an axis, a
 * line for each contestant. Its data, and the same as a table with contestants as rows
 * and the values of the axis as columns. Main thread.
 */
#pragma once

#include <stdio.h>

#include "common/document/document.h"
#include "report/overview.h"

/* The blocks of the chart's data file, from 1 on; results/README.md lists them. */
void curves_write_data(const struct overview *overview, const struct chart *chart,
                       FILE *out);

void curves_write_table(const struct overview *overview, const struct chart *chart,
                        struct document *document);

/* "With 64 users: 50 answers a second under blocking and 98 answers a second under
 * threading.": who has the least and the most at the last value that several have, unless
 * their intervals overlap; "" when there are none. Returns text. */
char *curves_say(const struct overview *overview, const struct chart *chart, char *text,
                 size_t text_bytes);

/* Where the chart asks for them, a sentence for each curve with points enough; and along
 * CPUs, whether the load generator had some of its own. */
void curves_write_fits(const struct overview *overview, const struct chart *chart,
                       struct document *document);
