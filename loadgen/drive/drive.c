/* The event loop of a run; see drive.h. */
#include "loadgen/drive/drive.h"

#include <errno.h>
#include <stdlib.h>

#include <event2/event.h>

#include "common/clock.h"
#include "loadgen/drive/drive_base.h"
#include "loadgen/drive/drive_record.h"
#include "loadgen/drive/failure_limit.h"
#include "loadgen/drive/flights.h"
#include "loadgen/drive/heartbeat.h"
#include "loadgen/drive/live.h"
#include "loadgen/drive/meeting.h"
#include "loadgen/drive/stop_signals.h"

enum { OPEN_FIRST_LANES = 64, OPEN_SENDS_PER_PASS = 64, SENDS_PER_LOOK = 1024 };

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
    struct drive_record record;
    struct heartbeat heartbeat;
    uint64_t first_start_ns, last_start_ns; /* of the users' first sends */
    unsigned n_first_starts;
    bool is_draining; /* the time is up, and answers are awaited */
    bool is_stopped;
    int error; /* of the setup */
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

static void send_request(struct drive *drive, const struct planned *planned) {
    unsigned lane = planned->user;
    if (is_open(drive) &&
        !flights_find(&drive->flights, drive->config->transport, drive->transport,
                      drive->config->max_in_flight, &lane)) {
        drive_record_not_sent(&drive->record, planned, 1);
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
 * An open loop that is behind returns to the poll after a few, or answers would wait
 * until it has caught up. The users of a closed loop are so many and no more, and their
 * first sends should be close together; but a million of them take seconds, and a signal
 * is heard meanwhile.
 */
static bool has_sent_enough(const struct drive *drive, unsigned n) {
    return is_open(drive) ? n == OPEN_SENDS_PER_PASS
                          : n % SENDS_PER_LOOK == SENDS_PER_LOOK - 1 &&
                                stop_signals_wait(&drive->signals);
}

/* Sends everything that is due. `known_ns`: the clock shows at least that; it saves
 * reading it. */
static void pump(struct drive *drive, uint64_t known_ns) {
    uint64_t at_ns;
    drive->pace.is_near = false;
    for (unsigned n = 0; schedule_peek(drive->schedule, &at_ns); n++) {
        bool is_early = at_ns > known_ns && at_ns > now_ns(drive);
        if (is_early || has_sent_enough(drive, n)) {
            wake_at(drive, at_ns);
            return;
        }
        struct planned planned = schedule_take(drive->schedule);
        send_request(drive, &planned);
        if (drive->record.error != 0) {
            stop(drive);
            return;
        }
    }
    if (drive->pace.n_in_flight == 0 &&
        (drive->config->plan.duration_ns == 0 || drive->is_draining))
        stop(drive);
}

static void keep_answered(struct drive *drive, unsigned lane,
                          const struct answer *answer) {
    struct load_sample sample =
        flight_answered(&drive->flights.all[lane], lane, answer, drive->result->epoch_ns);
    drive_record_add(&drive->record, &sample, answer->server_report);
    live_ended(drive->config->live, sample_latency_ns(&sample, is_open(drive)),
               sample_failed(&sample));
    if (drive->config->failure_limit != NULL && sample_failed(&sample))
        failure_limit_count(drive->config->failure_limit);
    if (drive->config->on_sample != NULL)
        drive->config->on_sample(drive->config->context, &sample);
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
    heartbeat_see(&drive->heartbeat, answer->ended_ns);
    if (drive->is_stopped) { /* ended in the same pass, after the end of the run */
        drive_record_cut_off(&drive->record, &drive->flights.all[lane], lane);
        return;
    }
    keep_answered(drive, lane, answer);
    uint64_t epoch_ns = drive->result->epoch_ns;
    uint64_t ended_ns = answer->ended_ns > epoch_ns ? answer->ended_ns - epoch_ns : 0;
    if (is_open(drive))
        flights_give_back(&drive->flights, lane);
    else
        user_done(drive, lane, answer, ended_ns);
    if (drive->record.error != 0)
        stop(drive);
    else if (!is_open(drive) || drive->config->plan.duration_ns == 0 ||
             drive->is_draining)
        pump(drive, ended_ns); /* otherwise the timer does, and the time ends the run */
}

static void on_due(evutil_socket_t fd, short what, void *context) {
    struct drive *drive = context;
    (void)fd, (void)what;
    if (!drive->is_stopped)
        pump(drive, now_ns(drive));
}

/* Users whose think time ended in the window are yet to be sent off; what an open loop is
 * behind with is not sent any more. */
static void begin_to_drain(struct drive *drive) {
    uint64_t window_ns = drive->config->plan.duration_ns;
    drive->is_draining = true;
    drive->result->window_ns = window_ns;
    if (is_open(drive))
        drive_record_overdue(&drive->record, drive->schedule, window_ns);
    pump(drive, now_ns(drive));
}

/* The loop's own clock ticks with the kernel, so a timer may ring a tick too early. */
static void on_time_up(evutil_socket_t fd, short what, void *context) {
    struct drive *drive = context;
    uint64_t now = now_ns(drive), end_ns = drive->config->plan.duration_ns;
    (void)fd, (void)what;
    if (now >= end_ns && drive->config->drain_ns > 0 && !drive->is_draining)
        begin_to_drain(drive);
    if (drive->is_draining)
        end_ns += drive->config->drain_ns;
    struct timeval rest = clock_timeval(end_ns > now ? end_ns - now : 0);
    if (now >= end_ns)
        stop(drive);
    else if (!drive->is_stopped)
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
        drive->base == NULL || make_events(drive) != 0 ||
        heartbeat_prepare(&drive->heartbeat, drive->base,
                          samples_gaps(drive->result->samples)) != 0)
        return -ENOMEM;
    struct transport_config transport_config = config->transport_config;
    transport_config.base = drive->base;
    transport_config.done = on_done;
    transport_config.context = drive;
    drive->transport = config->transport->open(&transport_config);
    if (drive->transport == NULL)
        return -ENOMEM;
    unsigned most = config->max_in_flight < OPEN_FIRST_LANES ? config->max_in_flight
                                                             : OPEN_FIRST_LANES;
    return flights_reserve(&drive->flights, config->transport, drive->transport,
                           is_open(drive) ? most : config->plan.n_users);
}

/* From here until the first pump nothing may be set up. */
static void go(struct drive *drive, const struct usage *before) {
    struct timeval duration = clock_timeval(drive->config->plan.duration_ns);
    if (drive->config->plan.duration_ns != 0)
        (void)evtimer_add(drive->events[ON_TIME_UP], &duration);
    if (drive->config->meeting == NULL)
        drive->result->epoch_ns = clock_now_ns();
    heartbeat_begin(&drive->heartbeat, drive->result->epoch_ns);
    pump(drive, 0);
    if (!drive->is_stopped)
        drive_base_run(drive->base, &drive->pace);
    struct usage after = usage_read();
    drive->result->usage = usage_between(before, &after);
}

static void tear_down(struct drive *drive) {
    const struct transport *transport = drive->config->transport;
    for (unsigned lane = 0; lane < drive->flights.n; lane++) {
        if (!drive->flights.all[lane].is_up)
            continue;
        transport->cancel(drive->transport, lane);
        drive_record_cut_off(&drive->record, &drive->flights.all[lane], lane);
    }
    if (drive->transport != NULL) {
        drive->result->counts = transport->counts(drive->transport);
        transport->close(drive->transport);
    }
    if (drive->record.error == 0)
        drive_record_end(&drive->record);
    heartbeat_end(&drive->heartbeat);
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
    *result = (struct drive_result){
        .warmup_ns = config->plan.warmup_ns,
        .n_users = config->plan.rate_per_s > 0 ? 0 : config->plan.n_users};
    struct drive drive = {.config = config,
                          .result = result,
                          .record = {.result = result},
                          .pace = drive_pace_new(config->n_threads)};
    drive.error = prepare(&drive);
    struct usage before = usage_read(); /* here, since the meeting sets the epoch */
    if (config->meeting != NULL)
        drive.error = meeting_attend(config->meeting, drive.error, &result->epoch_ns);
    if (drive.is_stopped) /* by a signal, before the start */
        result->elapsed_ns = 0;
    else if (drive.error == 0) {
        go(&drive, &before);
        if (is_open(&drive))
            drive_record_overdue(&drive.record, drive.schedule, result->elapsed_ns);
        else
            result->users_time_ns = schedule_users_time_ns(drive.schedule);
    }
    result->first_start_ns = drive.first_start_ns;
    result->start_spread_ns =
        is_open(&drive) ? 0 : drive.last_start_ns - drive.first_start_ns;
    tear_down(&drive);
    result->is_drained =
        config->drain_ns > 0 && drive.is_draining && result->n_cut_off == 0;
    return drive.error != 0 ? drive.error : drive.record.error;
}
