/*
 * Sizes of pools as pictures: the chart kind `map` (plots/map.gp), two axes with the
 * answers a second as colour and number, and curves along one axis, a line for each value
 * of another. What is best there is what the answer says (report/contest/sizes.h). Main
 * thread.
 */
#pragma once

#include <stdio.h>

#include "common/document/document.h"
#include "report/figures/overview.h"

/* Along how many axes sizes vary in what an experiment's answer is about; 0: along none,
 * or one that has no numbers. */
unsigned grids_n_axes(const struct overview *overview);

/* "4 workers with 4 threads answered 212 requests a second, the most of 12 sizes". */
void grids_headline(const struct overview *overview, char *title, size_t title_bytes);

/* The blocks of the charts' data files, from 1 on; results/README.md lists them. */
void grids_write_map(const struct overview *overview, const struct chart *chart,
                     FILE *out);
void grids_write_curves(const struct overview *overview, FILE *out);

/* The map as a table: the best is strong. */
void grids_write_table(const struct overview *overview, struct document *document);
