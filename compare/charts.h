/*
 * Charts that lay runs over each other: data/NAME.tsv, written in the frame that all
 * charts share (report/data.h), and charts/NAME.svg and NAME.png, drawn by gnuplot.
 * Main thread.
 */
#pragma once

#include "common/document/document.h"
#include "compare/pair.h"

/* Makes FOLDER/data and FOLDER/charts, and writes what is drawn from. 0 or -errno. */
int charts_write(const struct pair *pairs, size_t n_pairs, const char *folder);

/* Draws them; answers as chart_draw. */
int charts_draw(const char *folder);

/* A chapter with each chart, its title and how to read it. */
void charts_put(struct document *document, const struct pair *pairs, size_t n_pairs);
