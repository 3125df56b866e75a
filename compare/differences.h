/*
 * In what two runs differ besides what they measured: machine, versions, command line,
 * plan, and parameters of the cells that both have. Main thread.
 */
#ifndef JUGGLE_COMPARE_DIFFERENCES_H
#define JUGGLE_COMPARE_DIFFERENCES_H

#include "compare/match.h"

/* One line: "what: a | b". Texts are owned by the list. */
struct difference {
    const char *area; /* "machine", "versions", "command line", "run", "cells" */
    char *cell;       /* the label of the cell it is about; NULL: of all, or of none */
    char *what;       /* "kernel", "--work", "workers" */
    char *a, *b;      /* "not given" where one has none */
    double change;    /* b / a - 1 of numbers, and of a work's turns; NAN: no number */
};

struct differences {
    struct difference *items;
    size_t n;
};

/* 0 or -ENOMEM; release with differences_free either way. */
int differences_list(const struct comparison *comparison,
                     struct differences *differences);
void differences_free(struct differences *differences);

#endif
