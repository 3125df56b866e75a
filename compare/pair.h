/*
 * One pair of runs as it is told: the comparison, the differences, and notes in words.
 * Text, Markdown and JSON print it and compute nothing. Main thread.
 */
#ifndef JUGGLE_COMPARE_PAIR_H
#define JUGGLE_COMPARE_PAIR_H

#include "compare/differences.h"
#include "compare/match.h"

struct pair {
    struct comparison *comparison;
    struct differences differences;
    char **notes; /* one sentence each: what the verdicts rest on and what is missing */
    size_t n_notes;
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

/* T alone, E and the loop's speed, in that order. */
enum { PAIR_N_GAUGES = 3 };
struct pair_gauge {
    const char *name, *unit; /* "T alone", " ms" */
    const char *key;         /* "t_alone_us": in JSON, where it is not scaled */
    double scale;            /* from the gauge's unit to the one that is printed */
    struct gauge a, b;
};
struct pair_gauge pair_gauge(const struct pair *pair, size_t index);

/* "201.3 ms (198.2 .. 204.0)", or "not known". Returns text. */
char *pair_gauge_text(const struct pair_gauge *gauge, const struct gauge *side,
                      char text[PAIR_TEXT_BYTES]);

#endif
