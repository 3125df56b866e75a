/*
 * What the director says while it works: on a terminal one line that a thread of its own
 * redraws twice a second, below a table of the figures so far where there is room;
 * elsewhere a plain line per pass. All of it on stderr, within 80 columns. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before anything is done: whether a terminal is drawn on, when the run began and about
 * how long all of it may take (0: not known yet). */
void progress_open(bool is_live, uint64_t began_ns, double expected_s);

/* An experiment begins. */
void progress_begin(const char *experiment);

/* All of it takes about so much longer. What is shown follows within seconds. */
void progress_left(double expected_s);

/* A cell begins. */
void progress_cell(unsigned repeat, const char *label);

/* Something that is no cell begins: "timing a lone request". */
void progress_doing(const char *what);

/* So many of the findings are decided. */
void progress_decided(size_t n_decided, size_t n_findings);

/* The figures so far, as report_table has them, which are taken over; NULL: none. */
void progress_table(char *lines);

/* Whether a table would be seen. */
bool progress_wants_table(void);

/* The pass over so many cells has ended. */
void progress_pass_done(unsigned pass, int n_cells);

/* Clears what is drawn; nothing is, until something begins. */
void progress_end(void);
