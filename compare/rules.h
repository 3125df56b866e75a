/*
 * What a comparison must not show ("slower>5%"), so that a script can hold a line. Rules
 * are read from the command line and look at the verdicts on mean latency in seconds.
 * Main thread.
 */
#pragma once

#include "common/base/options.h"
#include "compare/match.h"

enum { RULES_MAX = 16 };

struct rule {
    const char *text;   /* as it was given */
    enum change change; /* faster or slower */
    double beyond;      /* 0.05: beyond 5 % */
};

struct rules {
    struct rule items[RULES_MAX];
    unsigned n;
};

/*
 * Adds a rule to a struct rules; the text must outlive it. slower or faster, '>', and a
 * number with '%'; blanks may surround each.
 */
extern const struct option_type rules_option;

/*
 * Whether a cell has the rule's verdict and its ratio is beyond the bound: above 1 + 5 %
 * for slower, below 1 / (1 + 5 %) for faster.
 */
bool rule_is_broken(const struct rule *rule, const struct ratio *seconds);

/* A line on stderr for each cell and rule that it breaks; returns how many there were. */
unsigned rules_report(const struct rules *rules, const struct comparison *comparison);
