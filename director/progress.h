/*
 * What the director says while it works: on a terminal one line that is written over,
 * elsewhere a plain line per cell. All of it on stderr. Main thread.
 */
#ifndef JUGGLE_DIRECTOR_PROGRESS_H
#define JUGGLE_DIRECTOR_PROGRESS_H

#include <stdint.h>

/* Before the first cell. `expected_ns` is how long all of it may take. */
void progress_begin(unsigned n_cells, uint64_t expected_ns);

/* There is more to do than was known at first: so many cells, and how long they take. */
void progress_more(unsigned n_cells, uint64_t expected_ns);

/* A cell begins; `expected_ns` is for it alone. */
void progress_cell(unsigned repeat, unsigned n_repeats, const char *label,
                   uint64_t expected_ns);

/* Redraws elapsed and left; does nothing when not on a terminal. */
void progress_tick(void);

/* The cell that was begun has ended. */
void progress_cell_done(void);

/* Clears the line. */
void progress_end(void);

#endif
