/* The event loop of a run; see drive.h. */
#include "loadgen/drive.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/event.h>

#include "common/clock.h"
#include "loadgen/drive_base.h"
#include "loadgen/failure_limit.h"
#include "loadgen/flights.h"
#include "loadgen/live.h"
#include "loadgen/meeting.h"
#include "loadgen/stop_signals.h"

enum { OPEN_FIRST_LANES = 64, OPEN_SENDS_PER_PASS = 64 };

enum { ON_DUE, ON_TIME_UP, ON_LIMIT, N_EVENTS };

struct drive {
    const struct drive_config *config;
    struct drive_result *result;
    struct event_base *base;
    struct event *events[N_EVENTS];
    struct stop_signals signals;
    struct schedule *schedule;
    void *transport;
    struct flights flights;
    struct drive_pace pace;
    uint64_t first_start_ns, last_start_ns; /* of the users' first sends */
    unsigned n_first_starts;
    bool is_stopped;
    int error;
};

static uint64_t now_ns(const struct drive *drive) {
    return clock_now_ns() - drive->result->epoch_ns;
}

static bool is_open(const struct drive *drive) {
    return schedule_is_open(&drive->config->plan);
}

static void stop(struct drive *drive) {
    if (drive->is_stopped)
        return;
    drive->is_stopped = true;
    drive->result->elapsed_ns = now_ns(drive);
    (void)event_base_loopbreak(drive->base);
}

/* 0, or -errno: then there are no more lanes than before. */
static int add_lanes(struct drive *drive, unsigned n_lanes) {
    int error = drive->config->transport->reserve(drive->transport, n_lanes);
    return error != 0 ? error : flights_grow(&drive->flights, n_lanes);
}

/* The lane for a planned request; false when the cap on requests in flight forbids it. */
static bool find_lane(struct drive *drive, const struct planned *planned,
                      unsigned *lane) {
    *lane = planned->user;
    if (!is_open(drive))
        return true;
    unsigned most = drive->config->max_in_flight, n = drive->flights.n;
    if (flights_take(&drive->flights, lane))
        return true;
    /* Without memory for more they are not sent. */
    return n < most && add_lanes(drive, 2 * n < most ? 2 * n : most) == 0 &&
           flights_take(&drive->flights, lane);
}

/* Into the result; its server's report may be NULL. */
static void keep(struct drive *drive, const struct load_sample *sample,
                 const struct server_report *report) {
    if (samples_add(drive->result->samples, sample, report) != 0)
        drive->error = -ENOMEM;
}

static void keep_not_sent(struct drive *drive, const struct planned *planned) {
    struct load_sample sample = flight_not_sent(planned);
    drive->result->n_not_sent++;
    keep(drive, &sample, NULL);
}

static void send_request(struct drive *drive, const struct planned *planned) {
    unsigned lane;
    if (!find_lane(drive, planned, &lane)) {
        keep_not_sent(drive, planned);
        return;
    }
    struct flight *flight = &drive->flights.all[lane];
    const struct target *targets = drive->config->transport_config.urls->targets;
    drive->pace.n_in_flight++;
    live_sent(drive->config->live);
    flight->is_up = true;
    flight->planned = *planned;
    flight->start_ns = now_ns(drive);
    drive->config->transport->start(drive->transport, lane, &targets[planned->target],
                                    drive->result->epoch_ns + flight->start_ns);
    if (drive->n_first_starts == drive->config->plan.n_users)
        return;
    if (drive->n_first_starts++ == 0)
        drive->first_start_ns = flight->start_ns;
    drive->last_start_ns = flight->start_ns;
}

static void wake_at(struct drive *drive, uint64_t at_ns) {
    uint64_t now = now_ns(drive);
    uint64_t rings_ns = drive_pace_rings(&drive->pace, now, at_ns);
    struct timeval wait = clock_timeval(rings_ns > now ? rings_ns - now : 0);
    /* The loop's time is that of its last pass, and timers count from it. */
    (void)event_base_update_cache_time(drive->base);
    (void)evtimer_add(drive->events[ON_DUE], &wait);
}

/*
 * Sends everything that is due. An open loop that is behind returns to the poll after
 * a few, or answers would wait until it has caught up; the users of a closed loop are so
 * many and no more, and their first sends should be close together. `known_ns`: the
 * clock shows at least that; it saves reading it.
 */
static void pump(struct drive *drive, uint64_t known_ns) {
    uint64_t at_ns;
    drive->pace.is_near = false;
    for (unsigned n = 0; schedule_peek(drive->schedule, &at_ns); n++) {
        bool enough = is_open(drive) && n == OPEN_SENDS_PER_PASS;
        if (enough || (at_ns > known_ns && at_ns > now_ns(drive))) {
            wake_at(drive, at_ns);
            return;
        }
        struct planned planned = schedule_take(drive->schedule);
        send_request(drive, &planned);
    }
    if (drive->pace.n_in_flight == 0 && drive->config->plan.duration_ns == 0)
        stop(drive);
}

static void keep_answered(struct drive *drive, unsigned lane,
                          const struct answer *answer) {
    struct load_sample sample =
        flight_answered(&drive->flights.all[lane], lane, answer, drive->result->epoch_ns);
    keep(drive, &sample, answer->server_report);
    live_ended(drive->config->live, sample_latency_ns(&sample, is_open(drive)),
               sample_failed(&sample));
    if (drive->config->failure_limit != NULL && sample_failed(&sample))
        failure_limit_count(drive->config->failure_limit);
    if (drive->config->on_sample != NULL)
        drive->config->on_sample(drive->config->context, &sample);
}

static void cut_off(struct drive *drive, unsigned lane) {
    struct load_sample sample =
        flight_cut_off(&drive->flights.all[lane], lane, drive->result->elapsed_ns);
    drive->result->n_cut_off++;
    keep(drive, &sample, NULL);
}

static void user_done(struct drive *drive, unsigned lane, const struct answer *answer,
                      uint64_t ended_ns) {
    uint64_t rest_ns = flight_rest_ns(&drive->flights.all[lane], answer, ended_ns,
                                      drive->config->plan.duration_ns);
    drive->result->rested_ns += rest_ns;
    schedule_user_done(drive->schedule, lane, ended_ns + rest_ns);
}

static void on_done(void *context, unsigned lane, const struct answer *answer) {
    struct drive *drive = context;
    drive->flights.all[lane].is_up = false;
    drive->pace.n_in_flight--;
    drive->pace.n_ended++;
    if (drive->is_stopped) { /* ended in the same pass, after the end of the run */
        cut_off(drive, lane);
        return;
    }
    keep_answered(drive, lane, answer);
    uint64_t epoch_ns = drive->result->epoch_ns;
    uint64_t ended_ns = answer->ended_ns > epoch_ns ? answer->ended_ns - epoch_ns : 0;
    if (is_open(drive))
        flights_give_back(&drive->flights, lane);
    else
        user_done(drive, lane, answer, ended_ns);
    if (drive->error != 0)
        stop(drive);
    else if (!is_open(drive) || drive->config->plan.duration_ns == 0)
        pump(drive, ended_ns); /* otherwise the timer does, and the time ends the run */
}

static void on_due(evutil_socket_t fd, short what, void *context) {
    struct drive *drive = context;
    (void)fd, (void)what;
    if (!drive->is_stopped)
        pump(drive, now_ns(drive));
}

/* The loop's own clock ticks with the kernel, so a timer may ring a tick too early. */
static void on_time_up(evutil_socket_t fd, short what, void *context) {
    struct drive *drive = context;
    uint64_t now = now_ns(drive), end_ns = drive->config->plan.duration_ns;
    struct timeval rest = clock_timeval(end_ns > now ? end_ns - now : 0);
    (void)fd, (void)what;
    if (now >= end_ns)
        stop(drive);
    else
        (void)evtimer_add(drive->events[ON_TIME_UP], &rest);
}

static void on_limit(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    stop(context);
}

static void on_stop(void *context, int number) {
    struct drive *drive = context;
    drive->result->signal = number;
    stop(drive);
}

static int make_events(struct drive *drive) {
    drive->events[ON_DUE] = evtimer_new(drive->base, on_due, drive);
    drive->events[ON_TIME_UP] = evtimer_new(drive->base, on_time_up, drive);
    if (drive->events[ON_DUE] == NULL || drive->events[ON_TIME_UP] == NULL)
        return -ENOMEM;
    if (drive->config->failure_limit != NULL &&
        (drive->events[ON_LIMIT] = failure_limit_heed(
             drive->config->failure_limit, drive->base, on_limit, drive)) == NULL)
        return -ENOMEM;
    drive->signals.stop = on_stop;
    drive->signals.context = drive;
    return stop_signals_heed(&drive->signals, drive->base, drive->config->meeting);
}

static int prepare(struct drive *drive) {
    const struct drive_config *config = drive->config;
    drive->result->samples = samples_new();
    drive->schedule = schedule_new(&config->plan);
    drive->base = drive_base_new(&config->plan);
    if (drive->result->samples == NULL || drive->schedule == NULL ||
        drive->base == NULL || make_events(drive) != 0)
        return -ENOMEM;
    struct transport_config transport_config = config->transport_config;
    transport_config.base = drive->base;
    transport_config.done = on_done;
    transport_config.context = drive;
    drive->transport = config->transport->open(&transport_config);
    if (drive->transport == NULL)
        return -ENOMEM;
    if (!is_open(drive))
        return add_lanes(drive, config->plan.n_users);
    unsigned most = config->max_in_flight;
    return add_lanes(drive, most < OPEN_FIRST_LANES ? most : OPEN_FIRST_LANES);
}

/* From here until the first pump nothing may be set up. */
static void go(struct drive *drive, const struct usage *before) {
    struct timeval duration = clock_timeval(drive->config->plan.duration_ns);
    if (drive->config->plan.duration_ns != 0)
        (void)evtimer_add(drive->events[ON_TIME_UP], &duration);
    if (drive->config->meeting == NULL)
        drive->result->epoch_ns = clock_now_ns();
    pump(drive, 0);
    if (!drive->is_stopped && drive->error == 0)
        drive_base_run(drive->base, &drive->pace);
    struct usage after = usage_read();
    drive->result->usage = usage_between(before, &after);
}

/* Arrivals that an open loop did not get round to are owed to the reader as well. */
static void count_overdue(struct drive *drive) {
    uint64_t at_ns;
    while (is_open(drive) && schedule_peek(drive->schedule, &at_ns) &&
           at_ns < drive->result->elapsed_ns) {
        struct planned planned = schedule_take(drive->schedule);
        keep_not_sent(drive, &planned);
    }
}

static void tear_down(struct drive *drive) {
    const struct transport *transport = drive->config->transport;
    for (unsigned lane = 0; lane < drive->flights.n; lane++) {
        if (!drive->flights.all[lane].is_up)
            continue;
        transport->cancel(drive->transport, lane);
        cut_off(drive, lane);
    }
    if (drive->transport != NULL) {
        drive->result->counts = transport->counts(drive->transport);
        transport->close(drive->transport);
    }
    for (int i = 0; i < N_EVENTS; i++)
        if (drive->events[i] != NULL)
            event_free(drive->events[i]);
    stop_signals_forget(&drive->signals);
    if (drive->base != NULL)
        event_base_free(drive->base);
    schedule_free(drive->schedule);
    flights_free(&drive->flights);
}

int drive_run(const struct drive_config *config, struct drive_result *result) {
    *result = (struct drive_result){.warmup_ns = config->plan.warmup_ns};
    struct drive drive = {
        .config = config, .result = result, .pace = drive_pace_new(config->n_threads)};
    drive.error = prepare(&drive);
    struct usage before = usage_read(); /* here, since the meeting sets the epoch */
    if (config->meeting != NULL)
        drive.error = meeting_attend(config->meeting, drive.error, &result->epoch_ns);
    if (drive.is_stopped) /* by a signal, before the start */
        result->elapsed_ns = 0;
    else if (drive.error == 0) {
        go(&drive, &before);
        count_overdue(&drive);
    }
    result->first_start_ns = drive.first_start_ns;
    result->start_spread_ns =
        is_open(&drive) ? 0 : drive.last_start_ns - drive.first_start_ns;
    tear_down(&drive);
    return drive.error;
}
