/* The line on a terminal; see live.h. */
#include "loadgen/drive/live.h"

#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/units.h"

enum { BITS_PER_OCTAVE = 4 }; /* of LIVE_PER_OCTAVE */

static const uint64_t EVERY_NS = 500 * NS_PER_MS;

/* What is counted. It is read in this order, so that no more are seen to have ended than
 * were sent. */
enum { ENDED, FAILED, BUCKETS, SENT = BUCKETS + LIVE_N_BUCKETS, N_COUNTERS };

/* At some moment. */
struct counts {
    uint64_t at_ns, n[N_COUNTERS];
};

struct live {
    atomic_uint_fast64_t counters[N_COUNTERS];
    uint64_t began_ns;
    pthread_t printer;
    int over_fd; /* readable: there is to be no other line */
};

/* The octave from the leading bit, its sixteenths from the four bits behind. */
unsigned live_bucket_of(uint64_t latency_ns) {
    if (latency_ns < LIVE_PER_OCTAVE)
        return 0;
    unsigned octave = 63 - (unsigned)__builtin_clzll(latency_ns) - BITS_PER_OCTAVE;
    unsigned part = (unsigned)(latency_ns >> octave) & (LIVE_PER_OCTAVE - 1);
    unsigned bucket = octave * LIVE_PER_OCTAVE + part;
    return bucket < LIVE_N_BUCKETS ? bucket : LIVE_N_BUCKETS - 1;
}

double live_bucket_ms(unsigned bucket) {
    double part = (bucket % LIVE_PER_OCTAVE + 0.5) / LIVE_PER_OCTAVE;
    int octave = (int)(bucket / LIVE_PER_OCTAVE) + BITS_PER_OCTAVE;
    return ldexp(1 + part, octave) / (double)NS_PER_MS;
}

static void add_one(struct live *live, unsigned counter) {
    (void)atomic_fetch_add_explicit(&live->counters[counter], 1, memory_order_release);
}

void live_sent(struct live *live) {
    if (live != NULL)
        add_one(live, SENT);
}

void live_ended(struct live *live, uint64_t latency_ns, bool failed) {
    if (live == NULL)
        return;
    add_one(live, ENDED);
    add_one(live, BUCKETS + live_bucket_of(latency_ns));
    if (failed)
        add_one(live, FAILED);
}

/* Of what ended since the last line, "-" when nothing did. */
static const char *quantile(const struct counts *now, const struct counts *last, double q,
                            char text[UNITS_BYTES]) {
    uint64_t n = 0, seen = 0;
    unsigned bucket = 0;
    for (unsigned i = BUCKETS; i < BUCKETS + LIVE_N_BUCKETS; i++)
        n += now->n[i] - last->n[i];
    while (bucket < LIVE_N_BUCKETS - 1 &&
           (double)(seen += now->n[BUCKETS + bucket] - last->n[BUCKETS + bucket]) <
               q * (double)n)
        bucket++;
    return n == 0 ? "-" : units_format_seconds(live_bucket_ms(bucket) / 1e3, text);
}

static void print_line(const struct live *live, const struct counts *now,
                       const struct counts *last) {
    char p50[UNITS_BYTES], p99[UNITS_BYTES], line[200];
    double step_s = clock_seconds(now->at_ns - last->at_ns);
    (void)snprintf(line, sizeof line,
                   "%.1f s  %.0f requests/s  %llu in flight  p50 %s  p99 %s  %llu errors",
                   clock_seconds(now->at_ns - live->began_ns),
                   (double)(now->n[ENDED] - last->n[ENDED]) / step_s,
                   (unsigned long long)(now->n[SENT] - now->n[ENDED]),
                   quantile(now, last, 0.5, p50), quantile(now, last, 0.99, p99),
                   (unsigned long long)now->n[FAILED]);
    (void)fprintf(stderr, "\r%.*s\033[K", error_columns(), line);
    (void)fflush(stderr);
}

static void *print_lines(void *context) {
    struct live *live = context;
    struct pollfd over = {.fd = live->over_fd, .events = POLLIN};
    struct counts last = {.at_ns = live->began_ns};
    for (uint64_t due_ns = live->began_ns + EVERY_NS;; due_ns += EVERY_NS) {
        uint64_t now_ns = clock_now_ns();
        uint64_t wait_ns = due_ns > now_ns ? due_ns - now_ns : 0;
        if (poll(&over, 1, (int)((wait_ns + NS_PER_MS - 1) / NS_PER_MS)) != 0)
            break;
        struct counts now = {.at_ns = clock_now_ns()};
        for (unsigned i = 0; i < N_COUNTERS; i++)
            now.n[i] = atomic_load_explicit(&live->counters[i], memory_order_acquire);
        print_line(live, &now, &last);
        last = now;
    }
    (void)fprintf(stderr, "\r\033[K");
    (void)fflush(stderr);
    return NULL;
}

struct live *live_start(void) {
    struct live *live = calloc(1, sizeof *live);
    sigset_t all, before;
    if (live == NULL)
        return NULL;
    live->began_ns = clock_now_ns();
    live->over_fd = eventfd(0, EFD_CLOEXEC);
    (void)sigfillset(&all); /* signals are for the threads that heed them */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_printing = live->over_fd >= 0 &&
                       pthread_create(&live->printer, NULL, print_lines, live) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_printing)
        return live;
    if (live->over_fd >= 0)
        (void)close(live->over_fd);
    free(live);
    return NULL;
}

void live_stop(struct live *live) {
    if (live == NULL)
        return;
    (void)eventfd_write(live->over_fd, 1);
    (void)pthread_join(live->printer, NULL);
    (void)close(live->over_fd);
    free(live);
}
