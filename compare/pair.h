/*
 * One pair of runs as it is told: the comparison, the differences, and notes in words.
 * Text, Markdown and JSON print it and compute nothing. Main thread.
 */
#pragma once

#include <jansson.h>

#include "compare/match.h"

struct pair {
    struct comparison *comparison;
    json_t *differences; /* see differences.h */
    json_t *notes; /* a sentence each: what the verdicts rest on and what is missing */
};

/* 0 or -ENOMEM; release with pair_free either way. The runs must outlive it. */
int pair_make(struct pair *pair, char letter, const struct run *a, const struct run *b);
void pair_free(struct pair *pair);

/* Figures as tables show them; both return text. "-" when there is none. */
enum { PAIR_TEXT_BYTES = 64 };
char *pair_ratio(double ratio, char text[PAIR_TEXT_BYTES]); /* "1.003", "12.35" */
char *pair_interval(const struct ratio *ratio,              /* "0.981..1.026" */
                    char text[PAIR_TEXT_BYTES]);

/* "+1.2 %" of a change of 0.012, "x 20" of 19; "" when there is none. Returns text. */
char *pair_change(double change, char text[PAIR_TEXT_BYTES]);

/* "201.3 ms (198.2 .. 204.0)" of a gauge, or "not known". Returns text. */
char *pair_gauge_text(size_t gauge, const struct range *side, char text[PAIR_TEXT_BYTES]);
