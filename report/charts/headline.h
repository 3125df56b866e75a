/*
 * What a chart of the usual ones shows, in a sentence: its headline. A difference is said
 * where the intervals carry it; else the least and the most are, by name and number, or
 * what is drawn. Main thread.
 */
#pragma once

#include <stddef.h>

#include "report/figures/overview.h"

typedef void headline(const struct overview *overview, char *title, size_t title_bytes);

headline headline_waits, headline_lanes, headline_probe, headline_staircase,
    headline_percentiles;
