/* Think times of users; see think.h. */
#include "loadgen/schedule/think.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/units.h"

static const double MOST_S = 1e6;

static int parse_seconds(const char *text, double *seconds) {
    uint64_t duration_ns;
    int error = units_parse_duration(text, &duration_ns);
    if (error != 0)
        return error;
    *seconds = (double)duration_ns / (double)NS_PER_S;
    return *seconds > MOST_S ? -ERANGE : 0;
}

static int parse(const char *text, void *target) {
    struct think *think = target;
    const char *dots = strstr(text, "..");
    char low[64];
    int error;
    *think = (struct think){0};
    if (strncmp(text, "exp:", 4) == 0) {
        error = parse_seconds(text + 4, &think->exponential_mean_s);
        return error == 0 && think->exponential_mean_s == 0 ? -ERANGE : error;
    }
    if (strncmp(text, "uniform:", 8) != 0 || dots == NULL ||
        (size_t)(dots - text) >= sizeof low)
        return -EINVAL;
    (void)snprintf(low, sizeof low, "%.*s", (int)(dots - text - 8), text + 8);
    error = parse_seconds(low, &think->low_s);
    if (error == 0)
        error = parse_seconds(dots + 2, &think->high_s);
    return error == 0 && think->low_s > think->high_s ? -ERANGE : error;
}

/* Rounded to nanoseconds, in which think times are drawn. */
static int parse_delay(const char *text, void *target) {
    struct think *think = target;
    double seconds;
    *think = (struct think){0};
    int error = units_parse_number(text, &seconds);
    if (error != 0 || seconds > MOST_S)
        return error != 0 ? error : -ERANGE;
    think->high_s = (double)llround(seconds * (double)NS_PER_S) / (double)NS_PER_S;
    return 0;
}

const struct option_type think_option = {"exp:MEAN or uniform:LOW..HIGH with durations, "
                                         "such as exp:50ms or uniform:0..50ms",
                                         parse};
const struct option_type think_delay_option = {"seconds such as 0.5", parse_delay};

bool think_is_none(const struct think *think) {
    return think->exponential_mean_s == 0 && think->high_s == 0;
}

uint64_t think_draw_ns(const struct think *think, struct random *random) {
    if (think_is_none(think))
        return 0;
    double seconds =
        think->exponential_mean_s > 0
            ? random_exponential(random, think->exponential_mean_s)
            : think->low_s + random_uniform(random) * (think->high_s - think->low_s);
    return (uint64_t)(seconds * (double)NS_PER_S);
}

double think_mean_s(const struct think *think) {
    return think->exponential_mean_s > 0 ? think->exponential_mean_s
                                         : (think->low_s + think->high_s) / 2;
}

double think_deviation_s(const struct think *think) {
    return think->exponential_mean_s > 0 ? think->exponential_mean_s
                                         : (think->high_s - think->low_s) / sqrt(12);
}

json_t *think_json(const struct think *think) {
    if (think_is_none(think))
        return json_null();
    if (think->exponential_mean_s > 0)
        return json_pack("{s:s, s:f}", "kind", "exponential", "mean_s",
                         think->exponential_mean_s);
    return json_pack("{s:s, s:f, s:f}", "kind", "uniform", "low_s", think->low_s,
                     "high_s", think->high_s);
}
