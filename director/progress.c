/* Progress lines; see progress.h. */
#include "director/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/units.h"

static struct {
    bool is_terminal;
    unsigned n_cells, n_done;
    unsigned repeat, n_repeats;
    const char *label;
    uint64_t began_ns, cell_began_ns;
    uint64_t left_ns;      /* expected for what comes after this cell */
    uint64_t cell_left_ns; /* expected for this cell */
} state;

void progress_begin(unsigned n_cells, uint64_t expected_ns) {
    state.is_terminal = isatty(STDERR_FILENO);
    state.n_cells = n_cells;
    state.n_done = 0;
    state.left_ns = expected_ns;
    state.began_ns = clock_now_ns();
}

void progress_more(unsigned n_cells, uint64_t expected_ns) {
    state.n_cells += n_cells;
    state.left_ns += expected_ns;
}

void progress_cell(unsigned repeat, unsigned n_repeats, const char *label,
                   uint64_t expected_ns) {
    state.repeat = repeat;
    state.n_repeats = n_repeats;
    state.label = label;
    state.cell_began_ns = clock_now_ns();
    state.cell_left_ns = expected_ns;
    state.left_ns -= expected_ns < state.left_ns ? expected_ns : state.left_ns;
    progress_tick();
}

void progress_tick(void) {
    if (!state.is_terminal || state.label == NULL)
        return;
    char elapsed[32], left[32];
    uint64_t now_ns = clock_now_ns();
    uint64_t in_cell_ns = now_ns - state.cell_began_ns;
    uint64_t left_ns =
        state.left_ns +
        (in_cell_ns < state.cell_left_ns ? state.cell_left_ns - in_cell_ns : 0);
    left_ns = (left_ns / NS_PER_S + 1) * NS_PER_S;
    uint64_t elapsed_ns = (now_ns - state.began_ns) / NS_PER_S * NS_PER_S;
    (void)fprintf(stderr,
                  "\r\033[K[%u/%u] repeat %u of %u: %s   %s so far, about %s left",
                  state.n_done + 1, state.n_cells, state.repeat, state.n_repeats,
                  state.label, units_format_duration(elapsed_ns, elapsed, sizeof elapsed),
                  units_format_duration(left_ns, left, sizeof left));
    (void)fflush(stderr);
}

void progress_cell_done(void) {
    char took[32];
    state.n_done++;
    if (!state.is_terminal)
        (void)fprintf(stderr, "[%u/%u] repeat %u of %u: %s took %s\n", state.n_done,
                      state.n_cells, state.repeat, state.n_repeats, state.label,
                      units_format_duration(clock_now_ns() - state.cell_began_ns, took,
                                            sizeof took));
    state.label = NULL;
}

void progress_end(void) {
    if (state.is_terminal)
        (void)fprintf(stderr, "\r\033[K");
}
