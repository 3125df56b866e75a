/*
 * Curves without a picture: as a table with contestants as rows and the values of the
 * axis as columns, and their fits in sentences. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "common/document/document.h"
#include "report/figures/overview.h"

/* In words: for who knows no name of ours. */
void told_write_table(const struct overview *overview, const struct chart *chart,
                      bool in_words, struct document *document);

/* Where the chart asks for them, a sentence for each curve with points enough; and along
 * CPUs, whether the load generator had some of its own. */
void told_write_fits(const struct overview *overview, const struct chart *chart,
                     struct document *document);
