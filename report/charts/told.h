/*
 * Curves without a picture: as a table with contestants as rows and the values of the
 * axis as columns, and in sentences. Main thread.
 */
#pragma once

#include "common/document/document.h"
#include "report/figures/overview.h"

void told_write_table(const struct overview *overview, const struct chart *chart,
                      struct document *document);

/* "With 64 users: 50 answers a second under blocking and 98 answers a second under
 * threading.": who has the least and the most at the last value that several have, unless
 * their intervals overlap; "" when there are none. Returns text. */
char *told_say(const struct overview *overview, const struct chart *chart, char *text,
               size_t text_bytes);

/* Where the chart asks for them, a sentence for each curve with points enough; and along
 * CPUs, whether the load generator had some of its own. */
void told_write_fits(const struct overview *overview, const struct chart *chart,
                     struct document *document);
