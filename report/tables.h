/*
 * Tables of figures: of the report, one for each part of what was measured, and the one
 * of the terminal. Their columns are the rows of measured/figures.h. Main thread.
 */
#pragma once

#include "common/document/document.h"
#include "report/contest/contest.h"

/* Each under its heading, with a paragraph and a list that say how to read it. */
void tables_write(const struct overview *overview, struct document *document);

/* The one table that the terminal has room for: values without their intervals; of the
 * rows of one contest, or of all (NULL). */
void tables_write_short(const struct overview *overview, const struct contest *only,
                        struct document *document);

/* What is the machine's over all cells of a run. */
void tables_write_machine(const struct machine_figures *machine,
                          struct document *document);
