/* A comparison in words and figures, for texts, charts and errors alike. Main thread. */
#pragma once

#include <jansson.h>

#include "compare/match.h"

/* A new array of a sentence each: what the verdicts rest on and what is missing. */
json_t *words_notes(const struct comparison *comparison);

/* "B against A in mean latency: 1 slower, 7 the same", of so many comparisons. */
enum { WORDS_BYTES = 128 };
char *words_verdicts(const struct comparison *comparisons, size_t n_comparisons,
                     char text[WORDS_BYTES]);

/* Figures as tables show them, "-" when there is none; both return text. */
char *words_ratio(double ratio, char text[WORDS_BYTES]); /* "1.003" */
char *words_interval(const struct ratio *ratio,
                     char text[WORDS_BYTES]); /* "0.98..1.03" */
