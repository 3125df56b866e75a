/*
 * Runs held against the same run A in two forms: as a document, on a terminal or in
 * Markdown, and as JSON (results/README.md explains its fields). Main thread.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "common/document/document.h"
#include "compare/match.h"

/* With charts/compare.svg where it was drawn beside it. 0 or -errno. */
int print_document(const struct comparisons *all, bool is_drawn,
                   const struct document_format *format, FILE *out);

/* A new reference; NULL when memory is out. */
json_t *print_json(const struct comparisons *all);
