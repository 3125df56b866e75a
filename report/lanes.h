/*
 * What each request went through: the data of the chart `lanes`. Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/overview.h"

/*
 * The blocks of the chart's data file, from 1 on; results/README.md lists them. Of each
 * cell the typical repeat, of its requests at most 12, evenly spread in the order of
 * finishing; at most six contestants, the most different ones.
 */
void lanes_write_data(const struct overview *overview, const struct chart *chart,
                      FILE *out);
