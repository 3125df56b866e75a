/*
 * When which request is planned: a pure state machine that knows no clock and no
 * network. Closed loop: each user asks, waits for the answer, thinks, asks again. Open
 * loop: requests arrive at a rate, or at given times, whatever becomes of them. The same
 * seed plans the same targets and gaps. All times are nanoseconds since the epoch, the
 * common start. Loop thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/base/error.h"
#include "common/base/options.h"
#include "common/stats/random.h"

/* How long a user thinks between an answer and his next request; all zero: not at all. */
struct think {
    double low_s, high_s;      /* uniform */
    double exponential_mean_s; /* above 0: exponential instead */
};

/* "exp:50ms" or "uniform:0..50ms"; fills a struct think. */
extern const struct option_type think_option;

/* The seconds of siege's -d: uniform from 0 to them; fills a struct think. */
extern const struct option_type think_delay_option;

bool think_is_none(const struct think *think);

/* Draws from `random`, unless there is no think time. */
uint64_t think_draw_ns(const struct think *think, struct random *random);

double think_mean_s(const struct think *think);

/* Standard deviation. */
double think_deviation_s(const struct think *think);

/* {"kind", "low_s", "high_s"}, {"kind", "mean_s"} or null; a new reference. */
json_t *think_json(const struct think *think);

/* What is planned. */

struct schedule_times {
    uint64_t *at_ns; /* in order */
    size_t n;
};

struct schedule_plan {
    unsigned n_users;     /* closed loop */
    uint64_t n_rounds;    /* closed loop: requests of each user; 0: no limit */
    struct think think;   /* closed loop */
    double rate_per_s;    /* open loop: above 0, or below a ramp's */
    double ramp_to_per_s; /* open loop: the rate changes evenly to this; 0: it stays */
    const struct schedule_times *times; /* open loop: all arrivals; NULL: drawn */
    bool constant_gaps;                 /* open loop: not exponential */
    double first_s;                     /* open loop: the first arrival, if drawn */
    uint64_t duration_ns; /* nothing is planned at or after it; 0: no limit */
    uint64_t warmup_ns;   /* what is planned before it is sent, but not measured */
    size_t n_targets;     /* taken in turn, user k from the k-th one on */
    size_t first_target;  /* of user 0, whom other schedules may precede */
    bool random_targets;  /* or drawn */
    bool begins_alike;    /* closed loop: every user with the first one, drawn or not */
    uint64_t seed;
};

/* A rate may begin at nothing, so it alone does not tell. */
static inline bool schedule_is_open(const struct schedule_plan *plan) {
    return plan->rate_per_s > 0 || plan->ramp_to_per_s > 0;
}

/* How many arrivals an open loop without `times` has before then, on average. */
double schedule_expected_arrivals(const struct schedule_plan *plan, double until_s);

struct planned {
    uint64_t at_ns;
    unsigned user; /* 0 in open loop */
    size_t target;
};

struct schedule;

/* NULL when memory ran out. */
struct schedule *schedule_new(const struct schedule_plan *plan);
void schedule_free(struct schedule *schedule);

/* When the earliest planned request is due; false when none is planned. */
bool schedule_peek(const struct schedule *schedule, uint64_t *at_ns);

/* Open loop: passes over the arrivals before `until_ns`, and returns how many they are
 * on average: at least the planned one, which must lie before it. */
uint64_t schedule_skip(struct schedule *schedule, uint64_t until_ns);

/* Closed loop with a duration: the sum over the users of when their next requests would
 * have been due; 0 while one of them has not come so far. */
uint64_t schedule_users_time_ns(const struct schedule *schedule);

/* Takes the earliest planned request; only after schedule_peek said true. */
struct planned schedule_take(struct schedule *schedule);

/* Closed loop: the user's request ended, which plans the next one. Open loop: nothing. */
void schedule_user_done(struct schedule *schedule, unsigned user, uint64_t now_ns);

/*
 * Planned times from a file: one per line, in seconds from the start, never going back;
 * empty lines and those that begin with # are passed over. 0, or -EINVAL with one line in
 * `why` that names file and line. Main thread, before the run. Release with free(at_ns).
 */
int schedule_read_file(const char *path, struct schedule_times *times,
                       char why[WHY_BYTES]);

/* Requests per second from the start until the last of them. */
double schedule_mean_rate_per_s(const struct schedule_times *times);
