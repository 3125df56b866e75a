/* Closed and open schedules; see schedule.h. Users who are due stand in a binary heap. */
#include "loadgen/schedule/schedule.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/units.h"

static const double MOST_S = 1e9; /* of a time in a file: thirty years */
static const double MOST_THINK_S = 1e6;

struct user {
    uint64_t n_taken;
    struct random random; /* his own, so that what he does depends on nobody's timing */
};

struct due {
    uint64_t at_ns;
    uint64_t order; /* among equal times, first planned is first sent */
    unsigned user;
};

struct schedule {
    struct schedule_plan plan;
    bool is_open;
    struct user *users; /* closed: each user; open: one, the stream of arrivals */
    unsigned n_users;
    struct due *heap; /* earliest first */
    unsigned n_due;
    uint64_t n_planned;
    uint64_t n_over, over_ns; /* users whose next request is due too late; when, in sum */
    double expected; /* open: arrivals before the last planned start, on average */
};

static bool comes_before(const struct due *a, const struct due *b) {
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void push(struct schedule *schedule, unsigned user, uint64_t at_ns) {
    if (schedule->plan.duration_ns != 0 && at_ns >= schedule->plan.duration_ns) {
        schedule->n_over++;
        schedule->over_ns += at_ns;
        return;
    }
    assert(schedule->n_due < schedule->n_users);
    struct due due = {at_ns, schedule->n_planned++, user};
    unsigned i = schedule->n_due++;
    for (; i > 0 && comes_before(&due, &schedule->heap[(i - 1) / 2]); i = (i - 1) / 2)
        schedule->heap[i] = schedule->heap[(i - 1) / 2];
    schedule->heap[i] = due;
}

static struct due pop(struct schedule *schedule) {
    struct due *heap = schedule->heap;
    struct due first = heap[0], moved = heap[--schedule->n_due];
    unsigned i = 0;
    for (unsigned child; (child = 2 * i + 1) < schedule->n_due; i = child) {
        if (child + 1 < schedule->n_due && comes_before(&heap[child + 1], &heap[child]))
            child++;
        if (!comes_before(&heap[child], &moved))
            break;
        heap[i] = heap[child];
    }
    heap[i] = moved;
    return first;
}

/* By how much the rate grows each second. */
static double growth(const struct schedule_plan *plan) {
    bool stays = plan->ramp_to_per_s == 0 || plan->duration_ns == 0;
    double duration_s = clock_seconds(plan->duration_ns);
    return stays ? 0 : (plan->ramp_to_per_s - plan->rate_per_s) / duration_s;
}

double schedule_expected_arrivals(const struct schedule_plan *plan, double until_s) {
    return until_s * (plan->rate_per_s + growth(plan) * until_s / 2);
}

/* The next one that is given; or draws how many arrivals on average lie before it, and
 * then asks when that is. */
static void plan_arrival(struct schedule *schedule) {
    const struct schedule_plan *plan = &schedule->plan;
    struct user *stream = &schedule->users[0];
    if (plan->times != NULL) {
        if (stream->n_taken < plan->times->n)
            push(schedule, 0, plan->times->at_ns[stream->n_taken]);
        return;
    }
    schedule->expected +=
        plan->constant_gaps ? 1 : random_exponential(&stream->random, 1);
    double squared =
        plan->rate_per_s * plan->rate_per_s + 2 * growth(plan) * schedule->expected;
    if (squared < 0)
        return; /* after a falling rate has come to nothing */
    double rates_per_s = plan->rate_per_s + sqrt(squared); /* 0: at once */
    double at_s = rates_per_s > 0 ? 2 * schedule->expected / rates_per_s : 0;
    push(schedule, 0, (uint64_t)llround(at_s * (double)NS_PER_S));
}

struct schedule *schedule_new(const struct schedule_plan *plan) {
    assert(plan->n_targets > 0);
    struct schedule *schedule = calloc(1, sizeof *schedule);
    if (schedule == NULL)
        return NULL;
    schedule->plan = *plan;
    schedule->is_open = schedule_is_open(plan);
    schedule->n_users = schedule->is_open ? 1 : plan->n_users;
    schedule->users = calloc(schedule->n_users, sizeof *schedule->users);
    schedule->heap = calloc(schedule->n_users, sizeof *schedule->heap);
    if (schedule->users == NULL || schedule->heap == NULL) {
        schedule_free(schedule);
        return NULL;
    }
    struct random seeds;
    uint64_t first_ns = (uint64_t)llround(plan->first_s * (double)NS_PER_S);
    schedule->expected = schedule_expected_arrivals(plan, plan->first_s);
    random_seed(&seeds, plan->seed);
    for (unsigned i = 0; i < schedule->n_users; i++) {
        random_seed(&schedule->users[i].random, random_next(&seeds));
        push(schedule, i, plan->times != NULL ? plan->times->at_ns[0] : first_ns);
    }
    return schedule;
}

void schedule_free(struct schedule *schedule) {
    if (schedule == NULL)
        return;
    free(schedule->users);
    free(schedule->heap);
    free(schedule);
}

bool schedule_peek(const struct schedule *schedule, uint64_t *at_ns) {
    if (schedule->n_due == 0)
        return false;
    *at_ns = schedule->heap[0].at_ns;
    return true;
}

uint64_t schedule_skip(struct schedule *schedule, uint64_t until_ns) {
    const struct schedule_plan *plan = &schedule->plan;
    uint64_t n = 0, at_ns;
    if (plan->times != NULL) {
        for (; schedule_peek(schedule, &at_ns) && at_ns < until_ns; n++)
            (void)schedule_take(schedule);
        return n;
    }
    if (plan->duration_ns != 0 && until_ns > plan->duration_ns)
        until_ns = plan->duration_ns;
    double until_s = clock_seconds(until_ns);
    double expected = schedule_expected_arrivals(plan, until_s);
    double n_skipped = ceil(fmax(1, expected - schedule->expected));
    schedule->expected += n_skipped;
    (void)pop(schedule);
    push(schedule, 0, until_ns);
    return (uint64_t)n_skipped;
}

uint64_t schedule_users_time_ns(const struct schedule *schedule) {
    return schedule->n_over == schedule->n_users ? schedule->over_ns : 0;
}

struct planned schedule_take(struct schedule *schedule) {
    assert(schedule->n_due > 0);
    struct due due = pop(schedule);
    struct user *user = &schedule->users[due.user];
    const struct schedule_plan *plan = &schedule->plan;
    size_t first = plan->begins_alike ? 0 : plan->first_target + due.user;
    bool is_drawn = plan->random_targets && (user->n_taken > 0 || !plan->begins_alike);
    size_t target = is_drawn ? (size_t)random_below(&user->random, plan->n_targets)
                             : (size_t)((first + user->n_taken) % plan->n_targets);
    user->n_taken++;
    if (schedule->is_open)
        plan_arrival(schedule);
    return (struct planned){due.at_ns, due.user, target};
}

void schedule_user_done(struct schedule *schedule, unsigned user, uint64_t now_ns) {
    if (schedule->is_open)
        return;
    struct user *who = &schedule->users[user];
    if (schedule->plan.n_rounds == 0 || who->n_taken < schedule->plan.n_rounds)
        push(schedule, user, now_ns + think_draw_ns(&schedule->plan.think, &who->random));
}

/* Think times */

static int parse_seconds(const char *text, double *seconds) {
    uint64_t duration_ns;
    int error = units_parse_duration(text, &duration_ns);
    if (error != 0)
        return error;
    *seconds = clock_seconds(duration_ns);
    return *seconds > MOST_THINK_S ? -ERANGE : 0;
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
    int error = parse_seconds(text, &seconds);
    if (error == -EINVAL)
        error = units_parse_number(text, &seconds);
    if (error != 0 || seconds > MOST_THINK_S)
        return error != 0 ? error : -ERANGE;
    think->high_s = (double)llround(seconds * (double)NS_PER_S) / (double)NS_PER_S;
    return 0;
}

const struct option_type think_option = {"exp:MEAN or uniform:LOW..HIGH with durations, "
                                         "such as exp:50ms or uniform:0..50ms",
                                         parse};
const struct option_type think_delay_option = {
    "seconds such as 0.5, or a time such as 500ms", parse_delay};

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

/* Times from a file */

/* What is wrong with a line; NULL: nothing. */
static const char *read_time(struct schedule_times *times, char *line) {
    char *text = line + strspn(line, " \t");
    size_t length = strcspn(text, " \t\r\n");
    char *behind = text + length + strspn(text + length, " \t\r\n");
    if (text[0] == '#' || length == 0)
        return NULL;
    if (behind[0] != '\0' && behind[0] != '#')
        return "holds more than a time";
    text[length] = '\0';
    double seconds;
    if (units_parse_number(text, &seconds) != 0)
        return "wants a time in seconds such as 1.25";
    if (seconds > MOST_S)
        return "is out of range";
    uint64_t at_ns = (uint64_t)llround(seconds * (double)NS_PER_S);
    if (times->n > 0 && at_ns < times->at_ns[times->n - 1])
        return "goes back in time; sort the lines";
    if ((times->n & (times->n - 1)) == 0) { /* full at each power of two */
        size_t n_places = times->n == 0 ? 1 : 2 * times->n;
        uint64_t *more = realloc(times->at_ns, n_places * sizeof *more);
        if (more == NULL)
            return "needs more memory than there is";
        times->at_ns = more;
    }
    times->at_ns[times->n++] = at_ns;
    return NULL;
}

int schedule_read_file(const char *path, struct schedule_times *times,
                       char why[WHY_BYTES]) {
    char *line = NULL;
    const char *wrong = NULL;
    size_t line_bytes = 0, n_lines = 0;
    FILE *stream = files_open_text(path);
    int error = 0;
    *times = (struct schedule_times){0};
    while (stream != NULL && wrong == NULL && getline(&line, &line_bytes, stream) >= 0) {
        n_lines++;
        wrong = read_time(times, line);
    }
    if (wrong != NULL)
        error = error_say(why, -EINVAL, "%s, line %zu %s", path, n_lines, wrong);
    else if (stream == NULL || !feof(stream)) /* memory may be out as well */
        error = error_say(why, -EINVAL, "cannot read '%s': %s", path, files_why(errno));
    else if (times->n == 0)
        error = error_say(why, -EINVAL, "'%s' holds no times; write one per line", path);
    free(line);
    if (stream != NULL)
        (void)fclose(stream);
    if (error != 0)
        free(times->at_ns);
    return error;
}

double schedule_mean_rate_per_s(const struct schedule_times *times) {
    uint64_t last_ns = times->at_ns[times->n - 1];
    return last_ns > 0 ? (double)times->n * (double)NS_PER_S / (double)last_ns
                       : (double)times->n;
}
