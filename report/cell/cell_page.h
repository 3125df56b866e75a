/* One cell's file on a terminal: `juggle report --cell FILE`. Main thread. */
#pragma once

#include <stdio.h>

#include "measured/cell.h"

/*
 * Parameters, T and E, the validity of the load, figures, percentiles, a histogram,
 * blocks of time, outliers and costs, in 80 columns. 0 or -ENOMEM.
 */
int cell_page_print(const struct cell *cell, const char *path, FILE *out);
