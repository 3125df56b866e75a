/* Progress lines; see progress.h. */
#include "director/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/units.h"

enum { WIDTH = 79, BAR = 16 };

static struct {
    bool is_terminal, has_begun;
    const char *experiment;
    const char *doing;
    unsigned repeat; /* 0: `doing` is no cell */
    size_t n_decided, n_findings;
    uint64_t began_ns, deadline_ns, pass_began_ns;
} state;

void progress_begin(const char *experiment, uint64_t deadline_ns, uint64_t expected_ns) {
    state.is_terminal = isatty(STDERR_FILENO);
    state.has_begun = true;
    state.experiment = experiment;
    state.began_ns = state.pass_began_ns = clock_now_ns();
    state.deadline_ns = deadline_ns > 0 ? deadline_ns : state.began_ns + expected_ns;
}

void progress_cell(unsigned repeat, const char *label, uint64_t expected_ns) {
    uint64_t end_ns = clock_now_ns() + expected_ns;
    state.repeat = repeat;
    state.doing = label;
    if (end_ns > state.deadline_ns)
        state.deadline_ns = end_ns;
    progress_tick();
}

void progress_doing(const char *what) {
    state.repeat = 0;
    state.doing = what;
    progress_tick();
}

void progress_decided(size_t n_decided, size_t n_findings) {
    state.n_decided = n_decided;
    state.n_findings = n_findings;
}

void progress_tick(void) {
    if (!state.is_terminal || !state.has_begun || state.doing == NULL)
        return;
    char left[32], line[160], repeat[32] = "", bar[BAR + 1];
    uint64_t now_ns = clock_now_ns();
    uint64_t left_ns = state.deadline_ns > now_ns ? state.deadline_ns - now_ns : 0;
    uint64_t all_ns = state.deadline_ns - state.began_ns;
    size_t full = all_ns > 0 ? (size_t)(BAR * (all_ns - left_ns) / all_ns) : 0;
    memset(bar, '.', BAR);
    memset(bar, '#', full < BAR ? full : BAR);
    bar[BAR] = '\0';
    if (state.repeat > 0)
        (void)snprintf(repeat, sizeof repeat, "repeat %u, ", state.repeat);
    left_ns = (left_ns / NS_PER_S + 1) * NS_PER_S;
    (void)snprintf(line, sizeof line, "%s [%s] %s left, %zu of %zu decided; %s%s",
                   state.experiment, bar,
                   units_format_duration(left_ns, left, sizeof left), state.n_decided,
                   state.n_findings, repeat, state.doing);
    (void)fprintf(stderr, "\r\033[K%.*s", WIDTH, line);
    (void)fflush(stderr);
}

void progress_cell_done(void) {
    state.doing = NULL;
}

void progress_pass_done(unsigned pass, int n_cells) {
    char took[32];
    uint64_t now_ns = clock_now_ns();
    if (!state.is_terminal)
        (void)fprintf(
            stderr, "%s: pass %u over %d cell%s took %s\n", state.experiment, pass,
            n_cells, n_cells == 1 ? "" : "s",
            units_format_duration(now_ns - state.pass_began_ns, took, sizeof took));
    state.pass_began_ns = now_ns;
}

void progress_end(void) {
    if (state.is_terminal && state.has_begun)
        (void)fprintf(stderr, "\r\033[K");
}
