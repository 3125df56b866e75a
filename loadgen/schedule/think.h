/*
 * How long a user thinks between an answer and his next request: not at all, uniform
 * between two bounds, or exponential. Loop thread; parsing: main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/base/options.h"
#include "common/stats/random.h"

/* All zero: no think time. */
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
