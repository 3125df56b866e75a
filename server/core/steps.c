/* Both forms of every kind of step; see steps.h. A kind of step is a row in `forms`. */
#include "server/core/steps.h"

#include <stdlib.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/net/curl_loop.h"
#include "common/workload/counting.h"
#include "server/core/declared.h"
#include "server/core/fetch.h"
#include "server/core/gil.h"
#include "server/core/loop.h"

/* Turns between two looks at the GIL: some 15 us, so the 5 ms interval is kept. */
static const uint64_t TURNS_BETWEEN_CHECKS = 50000;

struct steps_events {
    struct event_base *base;
    struct curl_loop *curl;
    struct fetcher *idle_fetchers; /* with connections for the next fetches */
};

/* One job under way in the event-driven form. */
struct running {
    struct steps_events *events;
    struct job *job;
    unsigned n_done; /* steps behind us */
    uint64_t wait_began_ns;
    uint64_t wake_at_ns;
    struct event *timer; /* made at the first sleep */
};

/* An easy handle that outlives the jobs it fetches for. */
struct fetcher {
    struct curl_transfer transfer; /* first, so that the one leads to the other */
    struct running *running;
    struct fetcher *next;
};

/* A kind's two forms. Event-driven kinds that wait return true and call resume later;
 * NULL: it never waits. */
struct form {
    void (*run)(const struct step *step, struct job *job);
    bool (*start)(const struct step *step, struct running *running);
};

/* cpu */

static void run_cpu(const struct step *step, struct job *job) {
    if (step->amount == 0)
        return;
    uint64_t began_ns = clock_thread_cpu_ns();
    for (uint64_t left = step->amount; left > 0;) {
        uint64_t turns = left < TURNS_BETWEEN_CHECKS ? left : TURNS_BETWEEN_CHECKS;
        left -= counting_loop(turns);
        gil_check();
    }
    job->record.cpu_ns += clock_thread_cpu_ns() - began_ns;
}

/* sleep */

static void run_sleep(const struct step *step, struct job *job) {
    uint64_t began_ns = clock_now_ns();
    gil_wait_begin();
    clock_sleep_until(began_ns + step->amount);
    job->record.wait_ns += clock_now_ns() - began_ns;
    gil_wait_end();
}

static void resume(void *running);

static int arm_timer(struct running *running, uint64_t delay_ns) {
    struct timeval delay = clock_timeval(delay_ns);
    (void)event_base_update_cache_time(running->events->base); /* timers count from it */
    return event_add(running->timer, &delay);
}

static void on_sleep_over(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct running *running = context;
    uint64_t now_ns = clock_now_ns();
    if (now_ns < running->wake_at_ns &&
        arm_timer(running, running->wake_at_ns - now_ns) == 0)
        return; /* a sleep never ends early, even if the timer rings early */
    running->job->record.wait_ns += now_ns - running->wait_began_ns;
    resume(running);
}

static bool start_sleep(const struct step *step, struct running *running) {
    running->wait_began_ns = clock_now_ns();
    running->wake_at_ns = running->wait_began_ns + step->amount;
    if (running->timer == NULL) {
        running->timer = evtimer_new(running->events->base, on_sleep_over, running);
        if (running->timer != NULL) /* its priority: see loop.c */
            (void)event_priority_set(running->timer, LOOP_PRIORITY_HANDLE);
    }
    if (running->timer != NULL && arm_timer(running, step->amount) == 0)
        return true;
    job_fail(running->job, 503, "sleep: out of memory");
    return false;
}

/* fetch */

static void run_fetch(const struct step *step, struct job *job) {
    struct job_record *record = &job->record;
    if (!fetch_is_possible(record))
        return;
    uint64_t began_ns = clock_now_ns();
    gil_wait_begin();
    fetch_run(step, record);
    record->wait_ns += clock_now_ns() - began_ns;
    gil_wait_end();
}

static struct fetcher *take_fetcher(struct steps_events *events) {
    struct fetcher *fetcher = events->idle_fetchers;
    if (fetcher != NULL) {
        events->idle_fetchers = fetcher->next;
        return fetcher;
    }
    fetcher = calloc(1, sizeof *fetcher);
    if (fetcher == NULL || curl_loop_attach(events->curl, &fetcher->transfer) != 0) {
        free(fetcher);
        return NULL;
    }
    fetch_prepare(fetcher->transfer.easy);
    return fetcher;
}

static void give_back(struct steps_events *events, struct fetcher *fetcher) {
    fetcher->next = events->idle_fetchers;
    events->idle_fetchers = fetcher;
}

/* A fetch that is all of the work is handed on. */
static struct relay *relay_of(const struct job *job) {
    return job->work.n_steps == 1 ? job->relay : NULL;
}

static void on_fetched(struct curl_transfer *transfer, CURLcode result,
                       uint64_t ended_ns) {
    struct fetcher *fetcher = (struct fetcher *)transfer;
    struct running *running = fetcher->running;
    struct job *job = running->job;
    fetch_judge(transfer->easy, result, relay_of(job), &job->record);
    job->record.wait_ns += ended_ns - running->wait_began_ns;
    give_back(running->events, fetcher);
    resume(running);
}

static bool start_fetch(const struct step *step, struct running *running) {
    struct job *job = running->job;
    if (!fetch_is_possible(&job->record))
        return false;
    running->wait_began_ns = clock_now_ns();
    struct fetcher *fetcher = take_fetcher(running->events);
    if (fetcher != NULL) {
        fetch_ask(fetcher->transfer.easy, step, relay_of(job));
        fetcher->running = running;
        if (curl_loop_start(&fetcher->transfer) == 0)
            return true;
        give_back(running->events, fetcher);
    }
    job_fail(job, 503, "fetch: out of memory");
    return false;
}

/* declared */

static bool start_declared(const struct step *step, struct running *running) {
    return declared_start(step, running->job, running->events->base, resume, running);
}

static const struct form forms[N_STEP_KINDS] = {
    [STEP_CPU] = {run_cpu, NULL},
    [STEP_SLEEP] = {run_sleep, start_sleep},
    [STEP_FETCH] = {run_fetch, start_fetch},
    [STEP_DECLARED] = {declared_run, start_declared},
};

/* Works */

void steps_run(struct job *job) {
    const struct work *work = &job->work;
    job_record_begin(&job->record);
    gil_acquire();
    for (unsigned i = 0; i < work->n_steps && job->record.status == 200; i++)
        forms[work->steps[i].kind].run(&work->steps[i], job);
    gil_release();
    job_record_end(&job->record);
}

/* Runs the next steps until one waits or the job is done, which frees `running`. */
static void proceed(struct running *running) {
    struct job *job = running->job;
    while (running->n_done < job->work.n_steps && job->record.status == 200) {
        const struct step *step = &job->work.steps[running->n_done++];
        const struct form *form = &forms[step->kind];
        if (form->start == NULL)
            form->run(step, job);
        else if (form->start(step, running))
            return;
    }
    job_record_end(&job->record);
    loop_free_event(running->timer);
    free(running);
    job_done(job);
}

/* After a wait. The next steps may compute, so they need the GIL. */
static void resume(void *running) {
    gil_acquire();
    proceed(running);
    gil_release();
}

void steps_start(struct steps_events *events, struct job *job) {
    job_record_begin(&job->record);
    struct running *running = malloc(sizeof *running);
    if (running == NULL) {
        job_fail(job, 503, "out of memory");
        job_done(job);
        return;
    }
    *running = (struct running){.events = events, .job = job};
    proceed(running);
}

struct steps_events *steps_events_open(struct loop *loop) {
    struct steps_events *events = calloc(1, sizeof *events);
    if (events == NULL)
        return NULL;
    events->base = loop_base(loop);
    events->curl = curl_loop_open(events->base, on_fetched);
    if (events->curl == NULL) {
        free(events);
        return NULL;
    }
    return events;
}

void steps_events_close(struct steps_events *events) {
    struct fetcher *fetcher;
    while ((fetcher = events->idle_fetchers) != NULL) {
        events->idle_fetchers = fetcher->next;
        curl_loop_detach(&fetcher->transfer);
        free(fetcher);
    }
    curl_loop_close(events->curl);
    free(events);
}
