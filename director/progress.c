/* The line and the table of a run; see progress.h. */
#include "director/progress.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/units.h"

enum { WIDTH = 79, BAR = 8, ROWS_BELOW = 3, MOST_BYTES = 8192, LINE_BYTES = 400 };

static const uint64_t EVERY_NS = 500 * NS_PER_MS;
static const double FOLLOWS = 0.2; /* of the way to what is expected, each time */

/* `lock` guards what is told; `screen` guards the terminal, which may block whom draws.
 */
static struct {
    pthread_mutex_t lock, screen;
    pthread_cond_t changed;
    bool is_terminal, is_shown;
    const char *experiment; /* NULL: none has begun */
    char doing[160];
    unsigned repeat; /* 0: `doing` is no cell */
    size_t n_decided, n_findings;
    uint64_t began_ns, pass_began_ns;
    double end_s, shown_end_s; /* expected, and shown, since it began */
    char *table;
    unsigned n_above; /* rows drawn above the line */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .screen = PTHREAD_MUTEX_INITIALIZER,
           .changed = PTHREAD_COND_INITIALIZER};

static double since_began_s(void) {
    return (double)(clock_now_ns() - state.began_ns) / (double)NS_PER_S;
}

static void format_line(char line[LINE_BYTES]) {
    char text[32], left[64] = "", repeat[32] = "", decided[64] = "", bar[BAR + 1];
    double now_s = since_began_s();
    state.shown_end_s += FOLLOWS * (state.end_s - state.shown_end_s);
    double end_s = fmax(now_s, state.shown_end_s);
    memset(bar, '.', BAR);
    memset(bar, '#', state.end_s > 0 ? (size_t)(BAR * now_s / end_s) : 0);
    bar[BAR] = '\0';
    if (state.repeat > 0)
        (void)snprintf(repeat, sizeof repeat, "repeat %u, ", state.repeat);
    if (state.n_findings > 0)
        (void)snprintf(decided, sizeof decided, ", %zu of %zu decided", state.n_decided,
                       state.n_findings);
    uint64_t left_ns = (uint64_t)fmax(1, round(end_s - now_s)) * NS_PER_S;
    if (state.end_s > 0)
        (void)snprintf(left, sizeof left, " about %s left",
                       units_format_duration(left_ns, text));
    (void)snprintf(line, LINE_BYTES, "%s%s[%s]%s%s; %s%s",
                   state.experiment != NULL ? state.experiment : "",
                   state.experiment != NULL ? " " : "", bar, left, decided, repeat,
                   state.doing);
}

/* The table, its best row bold, where it and the line have room; returns its rows. */
static unsigned format_table(char *text, size_t text_bytes) {
    struct winsize size;
    unsigned n_rows = 0;
    for (const char *at = state.table; at != NULL && *at != '\0'; at++)
        n_rows += *at == '\n';
    text[0] = '\0';
    if (n_rows == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_row < n_rows + ROWS_BELOW || size.ws_col < WIDTH + 1)
        return 0;
    const char *heading = state.table; /* its last row, the first without blanks before */
    while (*heading == ' ')
        heading += strcspn(heading, "\n") + 1;
    const char *first = strchrnul(heading, '\n');
    const char *second = *first != '\0' ? strchrnul(++first, '\n') : first;
    if (*first == '\0')
        return 0;
    (void)snprintf(text, text_bytes, "%.*s\033[1m%.*s\033[0m%s",
                   (int)(first - state.table), state.table, (int)(second - first), first,
                   second);
    return n_rows;
}

/* Goes to where the drawing begins, and clears from there. `screen` is held. */
static void format_clear(char *text, size_t text_bytes) {
    if (state.n_above > 0)
        (void)snprintf(text, text_bytes, "\r\033[%uA\033[J", state.n_above);
    else
        (void)snprintf(text, text_bytes, "\r\033[K");
}

static void *draw_again(void *unused) {
    while (unused == NULL) {
        char text[MOST_BYTES], table[MOST_BYTES - 200], line[LINE_BYTES];
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        uint64_t due_ns = (uint64_t)until.tv_nsec + EVERY_NS;
        until.tv_sec += (time_t)(due_ns / NS_PER_S);
        until.tv_nsec = (long)(due_ns % NS_PER_S);
        (void)pthread_mutex_lock(&state.lock);
        (void)pthread_cond_timedwait(&state.changed, &state.lock, &until);
        (void)pthread_mutex_unlock(&state.lock);
        (void)pthread_mutex_lock(&state.screen);
        format_clear(text, sizeof text);
        (void)pthread_mutex_lock(&state.lock);
        bool is_shown = state.is_shown;
        if (is_shown) {
            state.n_above = format_table(table, sizeof table);
            format_line(line);
            int room = error_columns() < WIDTH ? error_columns() : WIDTH;
            text_append(text, sizeof text, "%s%.*s", table, room, line);
        }
        (void)pthread_mutex_unlock(&state.lock);
        if (is_shown)
            (void)!write(STDERR_FILENO, text, strlen(text));
        (void)pthread_mutex_unlock(&state.screen);
    }
    return NULL;
}

void progress_open(bool is_live, uint64_t began_ns, double expected_s) {
    pthread_t painter;
    sigset_t all, before;
    state.began_ns = state.pass_began_ns = began_ns;
    state.end_s = state.shown_end_s = expected_s;
    state.is_terminal = is_live && error_columns() > 0;
    if (!state.is_terminal)
        return;
    error_clear_first(progress_end);
    (void)sigfillset(&all); /* signals are for the main thread */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    state.is_terminal = pthread_create(&painter, NULL, draw_again, NULL) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (state.is_terminal)
        (void)pthread_detach(painter); /* it draws until the process ends */
}

/* Told under the lock, then drawn at once. */
void progress_cell(unsigned repeat, const char *doing) {
    (void)pthread_mutex_lock(&state.lock);
    state.repeat = repeat;
    state.is_shown = true;
    (void)snprintf(state.doing, sizeof state.doing, "%s", doing);
    (void)pthread_cond_signal(&state.changed);
    (void)pthread_mutex_unlock(&state.lock);
}

void progress_left(double expected_s) {
    (void)pthread_mutex_lock(&state.lock);
    state.end_s = since_began_s() + expected_s;
    if (state.shown_end_s <= 0)
        state.shown_end_s = state.end_s;
    (void)pthread_mutex_unlock(&state.lock);
}

void progress_begin(const char *experiment) {
    progress_table(NULL);
    (void)pthread_mutex_lock(&state.lock);
    state.experiment = experiment;
    state.pass_began_ns = clock_now_ns();
    (void)pthread_mutex_unlock(&state.lock);
}

void progress_doing(const char *what) {
    progress_cell(0, what);
}

void progress_decided(size_t n_decided, size_t n_findings) {
    (void)pthread_mutex_lock(&state.lock);
    state.n_decided = n_decided;
    state.n_findings = n_findings;
    (void)pthread_mutex_unlock(&state.lock);
}

void progress_table(char *lines) {
    (void)pthread_mutex_lock(&state.lock);
    char *last = state.table;
    state.table = lines;
    (void)pthread_mutex_unlock(&state.lock);
    free(last);
}

bool progress_wants_table(void) {
    return state.is_terminal;
}

void progress_pass_done(unsigned pass, int n_cells) {
    char took[32];
    uint64_t now_ns = clock_now_ns();
    if (!state.is_terminal)
        (void)fprintf(stderr, "%s: pass %u over %d cell%s took %s\n", state.experiment,
                      pass, n_cells, n_cells == 1 ? "" : "s",
                      units_format_duration(now_ns - state.pass_began_ns, took));
    state.pass_began_ns = now_ns;
}

void progress_end(void) {
    char text[32];
    (void)pthread_mutex_lock(&state.screen);
    (void)pthread_mutex_lock(&state.lock);
    bool was_shown = state.is_shown && state.is_terminal;
    state.is_shown = false;
    (void)pthread_mutex_unlock(&state.lock);
    format_clear(text, sizeof text);
    state.n_above = 0;
    if (was_shown)
        (void)!write(STDERR_FILENO, text, strlen(text));
    (void)pthread_mutex_unlock(&state.screen);
}
