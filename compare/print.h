/*
 * A comparison in two forms, from the same pairs: as a document, on a terminal or in
 * Markdown, and as JSON (results/README.md explains its fields). Main thread.
 */
#pragma once

#include <stdbool.h>

#include "common/document/document.h"
#include "compare/pair.h"

/*
 * At least one pair; all have the same run A. With charts/NAME.svg of every chart where
 * they were drawn beside it. 0 or -errno.
 */
int print_document(const struct pair *pairs, size_t n_pairs, bool charts_drawn,
                   const struct document_format *format, FILE *out);

/* A new reference; NULL when memory is out. */
json_t *print_json(const struct pair *pairs, size_t n_pairs);
