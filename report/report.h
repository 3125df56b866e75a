/* The subcommand `juggle report`, and the same for a run that has just ended. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "measured/run.h"

/* argv[0] is "report". Returns the exit status. */
int report_main(int argc, char **argv);

/*
 * Rebuilds everything that follows from the cells of a results folder: summary.json,
 * findings.json, data, charts and reports. Then prints the table, the findings and where
 * the charts are on `out`. 0, or -errno after printing why on stderr, -EINTR after an
 * interrupt (common/children/interrupts.h), which keeps what was drawn until then. A
 * missing gnuplot is said on stderr and is no error: charts can be drawn later. Any other
 * chart that could not be drawn is one (-EIO).
 */
int report_build(const char *folder, FILE *out);

/*
 * The short table of an experiment by what is known of it, as the last screen has it, the
 * best strategy first; to be freed. NULL when there is none. *rows is what it was made
 * from the last time, or NULL, and now (overview_update); the caller frees it.
 */
struct overview;
char *report_table(struct overview **rows, const struct run *known,
                   const char *experiment);

/* Whether a run is still measuring into the folder; a line on stderr says so. */
bool report_is_unfinished(const char *folder);
