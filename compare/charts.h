/*
 * The chart of runs against each other, a row for each cell and figure: data/compare.tsv,
 * written in the frame that all charts share (report/data.h), and charts/compare.svg.
 * Main thread.
 */
#pragma once

#include "common/document/document.h"
#include "compare/match.h"

/* Makes FOLDER/data and FOLDER/charts, and writes what is drawn from. 0 or -errno. */
int charts_write(const struct comparisons *all, const char *folder);

/* Draws it; answers as pictures_draw. */
int charts_draw(const struct comparisons *all, const char *folder);

/* A chapter with it. */
void charts_put(struct document *document, const struct comparisons *all);
