/*
 * Charts that lay runs over each other: data/NAME.tsv, written in the frame that all
 * charts share (report/data.h), and charts/NAME.svg and NAME.png, drawn by gnuplot.
 * Main thread.
 */
#ifndef JUGGLE_COMPARE_CHARTS_H
#define JUGGLE_COMPARE_CHARTS_H

#include <stdio.h>

#include "compare/pair.h"

/* To add one, add a row and a script in plots/. */
struct overlay {
    const char *name;    /* of its script and files; NULL: the end */
    const char *reading; /* how to read it */
    void (*describe)(const struct pair *pairs, size_t n_pairs, char *title,
                     size_t title_bytes);
    void (*write)(const struct pair *pairs, size_t n_pairs, FILE *out);
};

extern const struct overlay overlays[];

/* Makes FOLDER/data and FOLDER/charts, and writes what is drawn from. 0 or -errno. */
int charts_write(const struct pair *pairs, size_t n_pairs, const char *folder);

/* Draws them; answers as gnuplot_draw. */
int charts_draw(const char *folder);

#endif
