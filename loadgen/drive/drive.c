/* A request's way from its planned start to its sample, and the run's end; see drive.h.
 */
#include "loadgen/drive/drive.h"

#include <errno.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "loadgen/drive/in_flight.h"
#include "loadgen/drive/live.h"
#include "loadgen/drive/start_stop.h"

enum { OPEN_FIRST_LANES = 64, OPEN_SENDS_PER_PASS = 64, SENDS_PER_LOOK = 1024 };

enum { ON_DUE, ON_TIME_UP, ON_SIGNAL, ON_FAILURES, N_EVENTS };

struct drive {
    const struct drive_config *config;
    struct start_stop *start_stop;
    struct drive_result *result;
    struct event_base *base;
    struct event *events[N_EVENTS];
    struct schedule *schedule;
    struct in_flight in_flight;
    struct drive_pace pace;
    struct heartbeat heartbeat;
    unsigned n_first_starts; /* of users */
    bool is_open;
    bool is_draining; /* the time is up, and answers are awaited */
    bool is_stopped;
};

static uint64_t now_ns(const struct drive *drive) {
    return clock_now_ns() - drive->result->epoch_ns;
}

static void stop(struct drive *drive) {
    if (drive->is_stopped)
        return;
    drive->is_stopped = true;
    drive->result->elapsed_ns = now_ns(drive);
    (void)event_base_loopbreak(drive->base);
}

/* Keeps the sample, and plans what the user or the lane does next. */
static void end_request(struct drive *drive, unsigned lane, const struct answer *answer) {
    const struct drive_config *config = drive->config;
    struct in_flight_request *request = &drive->in_flight.all[lane];
    uint64_t epoch_ns = drive->result->epoch_ns;
    request->is_up = false;
    drive->pace.n_in_flight--;
    drive->pace.n_ended++;
    heartbeat_see(&drive->heartbeat, answer->ended_ns);
    if (drive->is_stopped) { /* ended in the same pass, after the end of the run */
        in_flight_cut_off(&drive->in_flight, lane, drive->result->elapsed_ns);
        return;
    }
    struct load_sample sample =
        in_flight_answered(&drive->in_flight, lane, answer, epoch_ns);
    bool failed = sample_failed(&sample);
    live_ended(config->live, sample_latency_ns(&sample, drive->is_open), failed);
    if (failed)
        start_stop_count_failure(drive->start_stop);
    if (config->on_sample != NULL)
        config->on_sample(config->context, &sample);
    if (drive->is_open) {
        drive->in_flight.idle[drive->in_flight.n_idle++] = lane;
        return;
    }
    uint64_t ended_ns = answer->ended_ns > epoch_ns ? answer->ended_ns - epoch_ns : 0;
    uint64_t rest_ns =
        in_flight_rest_ns(request, answer, ended_ns, config->plan.duration_ns);
    drive->result->rested_ns += rest_ns;
    schedule_user_done(drive->schedule, lane, ended_ns + rest_ns);
}

static void send_request(struct drive *drive, const struct planned *planned) {
    const struct drive_config *config = drive->config;
    unsigned lane = planned->user;
    if (drive->is_open && !in_flight_find_lane(&drive->in_flight, &lane)) {
        in_flight_not_sent(&drive->in_flight, planned, 1);
        return;
    }
    struct in_flight_request *request = &drive->in_flight.all[lane];
    uint64_t start_ns = now_ns(drive);
    drive->pace.n_in_flight++;
    live_sent(config->live);
    request->is_up = true;
    request->sample = (struct load_sample){.planned_ns = planned->at_ns,
                                           .start_ns = start_ns,
                                           .user = lane,
                                           .target = (unsigned)planned->target};
    if (!drive->is_open && drive->n_first_starts < config->plan.n_users) {
        if (drive->n_first_starts++ == 0)
            drive->result->first_start_ns = start_ns;
        drive->result->last_start_ns = start_ns;
    }
    int error = config->transport->start(drive->in_flight.carrier, lane, planned->target,
                                         drive->result->epoch_ns + start_ns);
    if (error != 0)
        end_request(drive, lane,
                    &(struct answer){.ended_ns = clock_now_ns(),
                                     .error = sample_error_of(-error)});
}

/* An open loop that is behind returns to the poll after a few, or answers would wait
 * until it has caught up. First sends of users should be close together, so all of them
 * are sent, but once: users who fail at once are due again. A million of them take
 * seconds, and a signal is heard meanwhile. */
static bool has_sent_enough(const struct drive *drive, unsigned n) {
    return drive->is_open ? n == OPEN_SENDS_PER_PASS
                          : n == drive->config->plan.n_users ||
                                (n % SENDS_PER_LOOK == SENDS_PER_LOOK - 1 &&
                                 start_stop_has_signal(drive->start_stop));
}

/* Sends everything that is due. `known_ns`: the clock shows at least that; it saves
 * reading it. */
static void pump(struct drive *drive, uint64_t known_ns) {
    uint64_t at_ns;
    drive->pace.is_near = false;
    for (unsigned n = 0; schedule_peek(drive->schedule, &at_ns); n++) {
        bool is_early = at_ns > known_ns && at_ns > now_ns(drive);
        if (is_early || has_sent_enough(drive, n)) {
            uint64_t now = now_ns(drive);
            uint64_t rings_ns = drive_pace_rings(&drive->pace, now, at_ns);
            struct timeval wait = clock_timeval(rings_ns > now ? rings_ns - now : 0);
            /* The loop's time is that of its last pass, and timers count from it. */
            (void)event_base_update_cache_time(drive->base);
            (void)evtimer_add(drive->events[ON_DUE], &wait);
            return;
        }
        struct planned planned = schedule_take(drive->schedule);
        send_request(drive, &planned);
        if (drive->in_flight.error != 0) {
            stop(drive);
            return;
        }
    }
    if (drive->pace.n_in_flight == 0 &&
        (drive->config->plan.duration_ns == 0 || drive->is_draining))
        stop(drive);
}

static void on_done(void *context, unsigned lane, const struct answer *answer) {
    struct drive *drive = context;
    uint64_t epoch_ns = drive->result->epoch_ns;
    end_request(drive, lane, answer);
    if (drive->in_flight.error != 0)
        stop(drive);
    /* Else the timer sends the arrivals of an open loop, and the time ends the run. */
    bool is_waited_for = !drive->is_open || drive->config->plan.duration_ns == 0;
    if (!drive->is_stopped && (is_waited_for || drive->is_draining))
        pump(drive, answer->ended_ns > epoch_ns ? answer->ended_ns - epoch_ns : 0);
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
    uint64_t now = now_ns(drive), window_ns = drive->config->plan.duration_ns;
    uint64_t drain_ns = drive->config->drain_ns;
    (void)fd, (void)what;
    /* Users whose think time ended in the window are yet to be sent off; what an open
     * loop is behind with is not sent any more. */
    if (now >= window_ns && drain_ns > 0 && !drive->is_draining) {
        drive->is_draining = true;
        drive->result->window_ns = window_ns;
        if (drive->is_open)
            in_flight_overdue(&drive->in_flight, drive->schedule, window_ns);
        pump(drive, now);
    }
    uint64_t end_ns = window_ns + (drive->is_draining ? drain_ns : 0);
    struct timeval rest = clock_timeval(end_ns > now ? end_ns - now : 0);
    if (now >= end_ns)
        stop(drive);
    else if (!drive->is_stopped)
        (void)evtimer_add(drive->events[ON_TIME_UP], &rest);
}

/* A signal waits, or too many requests have failed. */
static void on_stop(evutil_socket_t fd, short what, void *context) {
    struct drive *drive = context;
    (void)what;
    if (fd == drive->start_stop->signals_fd)
        drive->start_stop->is_signalled = true;
    stop(drive);
}

static int prepare(struct drive *drive) {
    const struct drive_config *config = drive->config;
    struct in_flight *in_flight = &drive->in_flight;
    drive->result->samples = in_flight->samples = samples_new();
    drive->schedule = schedule_new(&config->plan);
    struct event_base *base = drive->base = drive_base_new(&config->plan);
    if (in_flight->samples == NULL || drive->schedule == NULL || base == NULL ||
        heartbeat_prepare(&drive->heartbeat, base, &in_flight->samples->gaps) != 0)
        return -ENOMEM;
    int signals_fd = drive->start_stop->signals_fd;
    int failures_fd = drive->start_stop->failures_fd;
    struct event **events = drive->events;
    events[ON_DUE] = evtimer_new(base, on_due, drive);
    events[ON_TIME_UP] = evtimer_new(base, on_time_up, drive);
    events[ON_SIGNAL] = event_new(base, signals_fd, EV_READ, on_stop, drive);
    events[ON_FAILURES] = event_new(base, failures_fd, EV_READ, on_stop, drive);
    for (int i = 0; i < N_EVENTS; i++)
        if (events[i] == NULL || (i >= ON_SIGNAL && event_add(events[i], NULL) != 0))
            return -ENOMEM;
    struct transport_config transport_config = config->transport_config;
    transport_config.base = base;
    transport_config.done = on_done;
    transport_config.context = drive;
    in_flight->carrier = config->transport->open(&transport_config);
    if (in_flight->carrier == NULL)
        return -ENOMEM;
    unsigned most =
        in_flight->most < OPEN_FIRST_LANES ? in_flight->most : OPEN_FIRST_LANES;
    return in_flight_reserve(in_flight, drive->is_open ? most : config->plan.n_users);
}

/* From here until the first pump nothing may be set up. */
static void go(struct drive *drive, const struct usage *before) {
    struct timeval duration = clock_timeval(drive->config->plan.duration_ns);
    struct drive_result *result = drive->result;
    if (drive->config->plan.duration_ns != 0)
        (void)evtimer_add(drive->events[ON_TIME_UP], &duration);
    heartbeat_begin(&drive->heartbeat, result->epoch_ns);
    pump(drive, 0);
    if (!drive->is_stopped)
        drive_base_run(drive->base, &drive->pace);
    result->usage = usage_since(before);
    if (drive->is_open)
        in_flight_overdue(&drive->in_flight, drive->schedule, result->elapsed_ns);
    else
        result->users_time_ns = schedule_users_time_ns(drive->schedule);
}

static void tear_down(struct drive *drive) {
    const struct transport *transport = drive->config->transport;
    struct in_flight *in_flight = &drive->in_flight;
    struct drive_result *result = drive->result;
    for (unsigned lane = 0; lane < in_flight->n; lane++) {
        if (!in_flight->all[lane].is_up)
            continue;
        transport->cancel(in_flight->carrier, lane);
        in_flight_cut_off(in_flight, lane, result->elapsed_ns);
    }
    if (in_flight->carrier != NULL) {
        result->counts = transport->counts(in_flight->carrier);
        transport->close(in_flight->carrier);
    }
    in_flight_end(in_flight);
    heartbeat_end(&drive->heartbeat);
    for (int i = 0; i < N_EVENTS; i++)
        if (drive->events[i] != NULL)
            event_free(drive->events[i]);
    if (drive->base != NULL)
        event_base_free(drive->base);
    schedule_free(drive->schedule);
    result->n_cut_off = in_flight->n_cut_off;
    result->n_not_sent = in_flight->n_not_sent;
    result->is_drained =
        drive->config->drain_ns > 0 && drive->is_draining && result->n_cut_off == 0;
}

int drive_run(const struct drive_config *config, struct start_stop *start_stop,
              struct drive_result *result) {
    bool is_open = schedule_is_open(&config->plan);
    *result = (struct drive_result){.warmup_ns = config->plan.warmup_ns,
                                    .is_open = is_open,
                                    .n_users = is_open ? 0 : config->plan.n_users};
    struct drive drive = {.config = config,
                          .start_stop = start_stop,
                          .result = result,
                          .is_open = is_open,
                          .in_flight = {.transport = config->transport,
                                        .most = config->max_in_flight,
                                        .warmup_ns = config->plan.warmup_ns},
                          .pace = drive_pace_new(config->n_threads)};
    int error = prepare(&drive);
    /* Here, since the barrier sets the epoch. */
    struct usage before = usage_since(&(struct usage){0});
    error = start_stop_arrive(start_stop, error, &result->epoch_ns);
    if (drive.is_stopped || start_stop->is_signalled) /* before the start */
        result->elapsed_ns = 0;
    else if (error == 0)
        go(&drive, &before);
    tear_down(&drive);
    return error != 0 ? error : drive.in_flight.error;
}
