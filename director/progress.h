/*
 * What the director says while it works: on a terminal one line that is written over,
 * elsewhere a plain line per pass. All of it on stderr, within 80 columns. Main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Before the first pass: until when it may take, or (deadline 0) how long it should. */
void progress_begin(const char *experiment, uint64_t deadline_ns, uint64_t expected_ns);

/* A cell begins; `expected_ns` is for it alone. */
void progress_cell(unsigned repeat, const char *label, uint64_t expected_ns);

/* Something that is no cell begins: "timing a lone request". */
void progress_doing(const char *what);

/* So many of the findings are decided. */
void progress_decided(size_t n_decided, size_t n_findings);

/* Redraws; does nothing when not on a terminal. */
void progress_tick(void);

/* The cell that was begun has ended; the pass over so many cells has. */
void progress_cell_done(void);
void progress_pass_done(unsigned pass, int n_cells);

/* Clears the line. */
void progress_end(void);
