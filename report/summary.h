/*
 * summary.json and findings.json: what the report says, for programs (results/README.md
 * explains each field). Main thread.
 */
#pragma once

#include "report/figures/overview.h"

/* Writes both into the run's folder. 0 or -errno. */
int summary_write(const struct overview *first);
