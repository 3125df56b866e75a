/*
 * What strategies/strategy.h promises, asked of every strategy there is and every kind of
 * step there is. Both lists come from the tables, so a new strategy is tested here by
 * being there. Each test runs in a child of its own: opening is for a process without
 * threads, and what a strategy leaves behind can be counted.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <event2/event.h>

#include "common/base/clock.h"
#include "server/core/declared.h"
#include "server/core/fetch.h"
#include "server/core/gil.h"
#include "server/core/loop.h"
#include "server/core/spawner_child.h"
#include "server/core/steps.h"
#include "strategies/strategy.h"
#include "tests/child.h"
#include "tests/upstream.h"

enum { N_JOBS = 20, POOL_SIZE = 3 };

/* Steps that are declared; the first of them do well. */
enum { DOES_NOTHING, BLURS, ECHOES, N_GOOD_STEPS, FAILS = N_GOOD_STEPS, HANGS };
enum { N_TRIED_STEPS = STEP_DECLARED + N_GOOD_STEPS, MAX_ROWS = N_TRIED_STEPS + 8 };

/* Query and body of each job: an image of one pixel, which no blur changes. */
static char input[] = "radius=1\0P5 1 1 255\n!";
enum { N_QUERY_BYTES = 9, N_BODY_BYTES = sizeof input - 1 - N_QUERY_BYTES };

/* 3,000,000 is some milliseconds for every kind of step that has an amount. */
static const uint64_t STEP_AMOUNT = 3000000;

/* A limit that no busy machine reaches. */
static const uint64_t LONG_NS = 60 * NS_PER_S;

/* No CPU makes more than ten turns a nanosecond: what a work takes at the very least. */
static const double FASTEST_TURNS_PER_MS = 10e6;

static struct upstream *upstream;

struct scene {
    const struct strategy *strategy;
    struct loop *loop;
    pthread_t loop_thread;
    unsigned n_left; /* jobs that are not done */
    unsigned n_threads_before, n_descriptors_before;
};

struct tried_job {
    struct job job; /* first, so that the one leads to the other */
    struct scene *scene;
    unsigned n_done;
    struct relay relay;
};

/* Setting the scene: the order in which a server does it */

#if defined(__SANITIZE_THREAD__)
enum { N_FOREIGN_THREADS = 1 }; /* ThreadSanitizer has one of its own */
#else
enum { N_FOREIGN_THREADS = 0 };
#endif

static void declare_steps(void) {
    static char nothing[4200], blur[4200];
    char path[4096], why[WHY_BYTES];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    check(length > 0);
    path[length] = '\0';
    for (int i = 0; i < 3; i++) /* beside the folder of tests, as make has it */
        *strrchr(path, '/') = '\0';
    (void)snprintf(nothing, sizeof nothing, "nothing=%s/examples/nothing.so", path);
    (void)snprintf(blur, sizeof blur, "blur=%s/examples/blur.so", path);
    const struct declarations steps = {HANGS + 1,
                                       {nothing, blur, "echo=cat",
                                        "fails=echo one >&2; echo two >&2; exit 3",
                                        "hangs=sleep 1000 & sleep 1000"}};
    check(work_declare(&steps, why) == 0);
}

/* A fetch and a command fail after `limit_ns`. */
static void open_scene_with(struct scene *scene, const struct strategy *strategy,
                            const char *upstream_url, bool gil, uint64_t limit_ns) {
    char why[WHY_BYTES];
    static const struct strategy_setting setting = {POOL_SIZE, POOL_SIZE};
    child_adopt_orphans();
    (void)signal(SIGPIPE, SIG_IGN);
    *scene = (struct scene){.strategy = strategy,
                            .n_threads_before = child_count("task"),
                            .n_descriptors_before = child_count("fd")};
    fetch_configure(&(struct fetch_setting){.upstream_url = upstream_url,
                                            .upstream_timeout_ns = limit_ns});
    declare_steps();
    check(declared_load(limit_ns, why) == 0);
    check(strategy->runs_elsewhere || declared_open(false, why) == 0);
    if (gil)
        gil_enable();
    check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    scene->loop_thread = pthread_self();
    scene->loop = loop_open();
    check(scene->loop != NULL);
    check(strategy->start == NULL || strategy->start(&setting, scene->loop) == 0);
}

static void open_scene(struct scene *scene, const struct strategy *strategy,
                       const char *upstream_url, bool gil) {
    open_scene_with(scene, strategy, upstream_url, gil, LONG_NS);
}

/* A joined thread leaves /proc a moment after the join. */
static unsigned count_threads(unsigned expected) {
    unsigned n = child_count("task");
    for (int i = 0; n > expected && i < 2000; i++) {
        (void)usleep(1000);
        n = child_count("task");
    }
    return n;
}

static void close_scene(struct scene *scene) {
    if (scene->strategy->stop != NULL)
        scene->strategy->stop();
    check(count_threads(scene->n_threads_before + N_FOREIGN_THREADS) <=
          scene->n_threads_before + N_FOREIGN_THREADS);
    check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    fetch_forget_thread();
    declared_close();
    loop_close(scene->loop);
    curl_global_cleanup();
    check(child_count("fd") == scene->n_descriptors_before);
}

/* Jobs */

static void on_done(struct job *job) {
    struct tried_job *tried = (struct tried_job *)job;
    check(pthread_equal(tried->scene->loop_thread, pthread_self()) != 0);
    check(job->is_done);
    check(++tried->n_done == 1);
    if (--tried->scene->n_left == 0)
        (void)event_base_loopbreak(loop_base(tried->scene->loop));
}

/* As the front does it: on the loop thread, with the GIL. */
static void submit(struct scene *scene, struct tried_job *tried, unsigned n_jobs,
                   const struct work *works, unsigned n_works) {
    gil_acquire();
    scene->n_left += n_jobs;
    for (unsigned i = 0; i < n_jobs; i++) {
        tried[i] = (struct tried_job){.scene = scene};
        tried[i].job = (struct job){.work = works[i % n_works],
                                    .record = JOB_RECORD_NEW,
                                    .arrived_ns = clock_now_ns(),
                                    .done = on_done};
        if (work_has_step(&tried[i].job.work, STEP_DECLARED)) {
            tried[i].job.input =
                (struct job_input){input, input + N_QUERY_BYTES, N_BODY_BYTES};
            tried[i].job.relay = &tried[i].relay;
        }
        scene->strategy->submit(&tried[i].job);
    }
    gil_release();
}

static void run_until_done(struct scene *scene) {
    if (scene->n_left > 0)
        (void)event_base_dispatch(loop_base(scene->loop));
    check(scene->n_left == 0);
}

/* What holds for every record, whatever came of the job. */
static void check_stamps(const struct tried_job *tried) {
    const struct job_record *record = &tried->job.record;
    check(tried->n_done == 1);
    check(tried->job.arrived_ns <= record->from_ns);
    check(record->from_ns <= record->to_ns);
    check(record->to_ns <= clock_now_ns());
}

/* The bytes are those of the last step that yields any. */
static void check_reply(const struct tried_job *tried) {
    const struct work *work = &tried->job.work;
    const char *type = NULL;
    for (unsigned i = 0; i < work->n_steps; i++)
        if (work->steps[i].kind == STEP_DECLARED)
            type = work->steps[i].amount == BLURS    ? "image/x-portable-graymap"
                   : work->steps[i].amount == ECHOES ? "application/octet-stream"
                                                     : type;
    check(tried->relay.status == (type != NULL ? 200 : 0));
    if (type == NULL)
        return;
    check(strcmp(tried->relay.content_type, type) == 0);
    check(tried->relay.n_bytes == N_BODY_BYTES);
    check(memcmp(tried->relay.body, input + N_QUERY_BYTES, N_BODY_BYTES) == 0);
    free(tried->relay.body);
}

static void check_success(const struct tried_job *tried) {
    const struct job *job = &tried->job;
    const struct job_record *record = &job->record;
    uint64_t took_ns = record->to_ns - record->from_ns;
    uint64_t least_ns = work_duration_ns(&job->work, FASTEST_TURNS_PER_MS);
    uint64_t least_cpu_ns = work_cpu_ns(&job->work, FASTEST_TURNS_PER_MS);
    check_stamps(tried);
    check(record->status == 200);
    check(record->error[0] == '\0');
    check_reply(tried);
    check(took_ns >= least_ns);
    check(record->wait_ns >= least_ns - least_cpu_ns);
    check(record->cpu_ns >= least_cpu_ns);
    /* The two clocks may tick a little differently. */
    check(record->cpu_ns + record->wait_ns <= took_ns + took_ns / 50 + NS_PER_MS);
    check(record->process > 0 && record->thread > 0);
    check(record->cpu >= 0 && record->cpu < sysconf(_SC_NPROCESSORS_CONF));
}

static void check_failure(const struct tried_job *tried, int status) {
    const struct job_record *record = &tried->job.record;
    check_stamps(tried);
    check(record->status == status);
    check(record->error[0] != '\0' && strchr(record->error, '\n') == NULL);
    check(record->process > 0 && record->thread > 0);
}

/* Rows of steps */

static struct step step_of(unsigned kind) {
    if (kind >= STEP_DECLARED)
        return (struct step){STEP_DECLARED, kind - STEP_DECLARED};
    /* The upstream of this test takes no time, and cannot be asked to. */
    return (struct step){(enum step_kind)kind, kind == STEP_FETCH ? 0 : STEP_AMOUNT};
}

/* Each kind alone, all of them in both orders, as many as fit, and nothing at all. */
static unsigned make_rows(struct work rows[MAX_ROWS]) {
    unsigned n_rows = 0;
    memset(rows, 0, MAX_ROWS * sizeof *rows);
    for (unsigned kind = 0; kind < N_TRIED_STEPS; kind++) {
        rows[n_rows].n_steps = 1;
        rows[n_rows++].steps[0] = step_of(kind);
    }
    for (unsigned kind = 0; kind < N_TRIED_STEPS; kind++) {
        rows[n_rows].n_steps = rows[n_rows + 1].n_steps = N_TRIED_STEPS;
        rows[n_rows].steps[kind] = step_of(kind);
        rows[n_rows + 1].steps[N_TRIED_STEPS - 1 - kind] = step_of(kind);
    }
    n_rows += 2;
    rows[n_rows].n_steps = WORK_MAX_STEPS;
    for (unsigned i = 0; i < WORK_MAX_STEPS; i++)
        rows[n_rows].steps[i] = step_of(i % N_TRIED_STEPS);
    n_rows++;
    rows[n_rows].n_steps = 1;
    rows[n_rows++].steps[0] = (struct step){STEP_CPU, 0};
    return n_rows;
}

/* The tests, each in a child */

struct trial {
    const struct strategy *strategy;
    bool gil;
};

static void run_every_row(const void *context) {
    const struct trial *trial = context;
    struct scene scene;
    struct work rows[MAX_ROWS];
    char url[64];
    unsigned n_rows = make_rows(rows);
    open_scene(&scene, trial->strategy, upstream_url(upstream, "/ok", url), trial->gil);
    for (unsigned row = 0; row <= n_rows; row++) { /* the last time all of them, mixed */
        struct tried_job tried[N_JOBS];
        bool is_mixed = row == n_rows;
        submit(&scene, tried, N_JOBS, &rows[is_mixed ? 0 : row], is_mixed ? n_rows : 1);
        run_until_done(&scene);
        for (unsigned i = 0; i < N_JOBS; i++)
            check_success(&tried[i]);
    }
    close_scene(&scene);
}

static void submit_second_wave(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct tried_job *wave = context;
    struct work rows[MAX_ROWS];
    unsigned n_rows = make_rows(rows);
    struct scene *scene = wave->scene;
    scene->n_left--; /* what kept the loop running until now */
    submit(scene, wave, N_JOBS, rows, n_rows);
}

/* Jobs that come while others run, as they do in a server. */
static void run_two_waves(const void *context) {
    const struct trial *trial = context;
    struct scene scene;
    struct work rows[MAX_ROWS];
    struct tried_job first[N_JOBS], second[N_JOBS];
    char url[64];
    unsigned n_rows = make_rows(rows);
    open_scene(&scene, trial->strategy, upstream_url(upstream, "/ok", url), trial->gil);
    second[0].scene = &scene;
    struct event *later =
        evtimer_new(loop_base(scene.loop), submit_second_wave, &second[0]);
    check(later != NULL && event_add(later, &(struct timeval){0, 2000}) == 0);
    scene.n_left = 1;
    submit(&scene, first, N_JOBS, rows, n_rows);
    run_until_done(&scene);
    for (unsigned i = 0; i < N_JOBS; i++) {
        check_success(&first[i]);
        check_success(&second[i]);
    }
    event_free(later);
    close_scene(&scene);
}

/* A fetch, and a CPU step that must not be run when the fetch fails. */
static void run_failing_fetch(const struct trial *trial, const char *url,
                              uint64_t limit_ns, int status) {
    static const struct work row = {.n_steps = 2,
                                    .steps = {{STEP_FETCH, 0}, {STEP_CPU, STEP_AMOUNT}}};
    struct scene scene;
    struct tried_job tried[POOL_SIZE];
    open_scene_with(&scene, trial->strategy, url, trial->gil, limit_ns);
    submit(&scene, tried, POOL_SIZE, &row, 1);
    run_until_done(&scene);
    for (unsigned i = 0; i < POOL_SIZE; i++) {
        check_failure(&tried[i], status);
        check(tried[i].job.record.cpu_ns == 0);
    }
    close_scene(&scene);
}

static void fetch_from_nobody(const void *context) {
    run_failing_fetch(context, NULL, LONG_NS, 502);
}

static void fetch_from_closed_port(const void *context) {
    run_failing_fetch(context, "http://127.0.0.1:1/", LONG_NS, 502);
}

static void fetch_what_is_missing(const void *context) {
    char url[64];
    run_failing_fetch(context, upstream_url(upstream, "/missing", url), LONG_NS, 502);
}

static void fetch_from_who_hangs_up(const void *context) {
    char url[64];
    run_failing_fetch(context, upstream_url(upstream, "/drop", url), LONG_NS, 502);
}

static void fetch_from_who_is_silent(const void *context) {
    char url[64];
    run_failing_fetch(context, upstream_url(upstream, "/silent", url), 200 * NS_PER_MS,
                      504);
}

/* A command alone, POOL_SIZE times, which fails like that. */
static void run_failing_command(const struct trial *trial, uint64_t which,
                                uint64_t limit_ns, int status, const char *last_words) {
    const struct work row = {.n_steps = 1, .steps = {{STEP_DECLARED, which}}};
    struct scene scene;
    struct tried_job tried[POOL_SIZE];
    open_scene_with(&scene, trial->strategy, NULL, trial->gil, limit_ns);
    submit(&scene, tried, POOL_SIZE, &row, 1);
    run_until_done(&scene);
    for (unsigned i = 0; i < POOL_SIZE; i++) {
        check_failure(&tried[i], status);
        check(strstr(tried[i].job.record.error, last_words) != NULL);
        check(tried[i].relay.body == NULL);
    }
    close_scene(&scene);
}

static void run_command_that_fails(const void *context) {
    run_failing_command(context, FAILS, LONG_NS, 500, "exited with 3: two");
}

static void run_command_for_too_long(const void *context) {
    run_failing_command(context, HANGS, 100 * NS_PER_MS, 504, "in time");
}

static void abandon_all(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct tried_job *tried = context;
    for (unsigned i = 0; i < 2 * POOL_SIZE; i++) {
        atomic_store(&tried[i].job.is_abandoned, true);
        if (tried[i].job.abandon != NULL)
            tried[i].job.abandon(&tried[i].job);
    }
}

/* Commands whose client is gone are ended, running or not yet begun; but where the loop
 * waits for each, nobody hears of it before its time is over. */
static void lose_clients(const void *context) {
    static const struct work row = {.n_steps = 1, .steps = {{STEP_DECLARED, HANGS}}};
    const struct trial *trial = context;
    struct scene scene;
    struct tried_job tried[2 * POOL_SIZE] = {0};
    open_scene_with(&scene, trial->strategy, NULL, trial->gil, 2 * NS_PER_S);
    submit(&scene, tried, 1, &row, 1);
    bool waits_for_each = scene.n_left == 0;
    struct event *later = evtimer_new(loop_base(scene.loop), abandon_all, tried);
    check(later != NULL && event_add(later, &(struct timeval){0, 30000}) == 0);
    if (!waits_for_each)
        submit(&scene, tried + 1, 2 * POOL_SIZE - 1, &row, 1);
    run_until_done(&scene);
    event_free(later);
    for (unsigned i = 0; i < (waits_for_each ? 1 : 2 * POOL_SIZE); i++)
        check_failure(&tried[i], waits_for_each ? 504 : 503);
    close_scene(&scene);
}

static void stop_without_jobs(const void *context) {
    const struct trial *trial = context;
    struct scene scene;
    open_scene(&scene, trial->strategy, NULL, trial->gil);
    close_scene(&scene);
}

struct victims {
    pid_t pids[CHILD_MAX_PROCESSES];
    unsigned n;
};

static void kill_workers(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct victims *victims = context;
    victims->n = child_find_grandchildren(victims->pids, CHILD_MAX_PROCESSES);
    for (unsigned i = 0; i < victims->n; i++)
        (void)kill(victims->pids[i], SIGKILL);
}

/* Until they are gone, and the loop has seen what there is to see of that. */
static void let_die(struct scene *scene, const struct victims *victims) {
    for (unsigned i = 0; i < victims->n; i++)
        while (kill(victims->pids[i], 0) == 0)
            (void)usleep(1000);
    for (int i = 0; i < 3; i++)
        (void)event_base_loop(loop_base(scene->loop), EVLOOP_NONBLOCK);
}

/*
 * Worker processes, where there are any, are killed under their jobs: those jobs fail,
 * every job is done, and what comes afterwards is served as if nothing had been.
 */
static void lose_workers(const void *context) {
    static const struct work nap = {.n_steps = 1,
                                    .steps = {{STEP_SLEEP, 100 * NS_PER_MS}}};
    static const struct work nothing = {.n_steps = 1, .steps = {{STEP_CPU, 0}}};
    const struct trial *trial = context;
    struct scene scene;
    struct tried_job first[2 * POOL_SIZE], second[N_JOBS];
    static struct victims victims;
    unsigned n_failed = 0;
    open_scene(&scene, trial->strategy, NULL, trial->gil);
    struct event *later = evtimer_new(loop_base(scene.loop), kill_workers, &victims);
    check(later != NULL && event_add(later, &(struct timeval){0, 30000}) == 0);
    submit(&scene, first, 2 * POOL_SIZE, &nap, 1);
    run_until_done(&scene);
    event_free(later);
    for (unsigned i = 0; i < 2 * POOL_SIZE; i++) {
        bool failed = first[i].job.record.status != 200;
        n_failed += failed;
        if (failed)
            check_failure(&first[i], 502);
        else
            check_success(&first[i]);
    }
    check(n_failed <= victims.n);
    let_die(&scene, &victims);
    submit(&scene, second, N_JOBS, &nothing, 1);
    run_until_done(&scene);
    for (unsigned i = 0; i < N_JOBS; i++)
        check_success(&second[i]);
    close_scene(&scene);
}

static const struct aspect {
    const char *name;
    void (*run)(const void *trial);
} aspects[] = {
    {"runs every row of steps", run_every_row},
    {"takes jobs while others run", run_two_waves},
    {"fails a fetch without an upstream", fetch_from_nobody},
    {"fails a fetch that is refused", fetch_from_closed_port},
    {"fails a fetch answered with 404", fetch_what_is_missing},
    {"fails a fetch that is hung up on", fetch_from_who_hangs_up},
    {"fails a fetch that takes too long", fetch_from_who_is_silent},
    {"fails a command that fails", run_command_that_fails},
    {"ends a command that takes too long", run_command_for_too_long},
    {"ends commands whose clients have gone", lose_clients},
    {"stops without ever having had a job", stop_without_jobs},
    {"survives the loss of its worker processes", lose_workers},
};

enum { N_ASPECTS = sizeof aspects / sizeof *aspects };

/* One row of cmocka's table: a strategy, an aspect, with and without the GIL. */
struct case_of {
    struct trial trial;
    const struct aspect *aspect;
    char name[120];
};

static void run_case(void **state) {
    struct case_of *tested = *state;
    assert_int_equal(child_run(tested->aspect->run, &tested->trial, NULL), 0);
}

static int start_upstream(void **state) {
    (void)state;
    upstream = upstream_start();
    return 0;
}

static int stop_upstream(void **state) {
    (void)state;
    upstream_stop(upstream);
    return 0;
}

/* `test_strategies 'NAME *'` runs what is about one strategy alone. */
int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], SPAWNER_COMMAND) == 0)
        return spawner_main(argc - 1, argv + 1);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    size_t n_strategies = 0, n_cases = 0;
    while (strategies[n_strategies].name != NULL)
        n_strategies++;
    size_t n_all = n_strategies * N_ASPECTS * 2;
    struct case_of *cases = calloc(n_all, sizeof *cases);
    struct CMUnitTest *tests = calloc(n_all, sizeof *tests);
    if (cases == NULL || tests == NULL || n_all == 0)
        return 1;
    for (size_t i = 0; i < n_all; i++) {
        struct case_of *made = &cases[n_cases];
        const struct strategy_entry *entry = &strategies[i / (N_ASPECTS * 2)];
        made->trial = (struct trial){entry->strategy, i % 2 != 0};
        made->aspect = &aspects[i / 2 % N_ASPECTS];
        (void)snprintf(made->name, sizeof made->name, "%s %s%s", entry->name,
                       made->aspect->name, made->trial.gil ? ", under the GIL" : "");
        tests[n_cases++] = (struct CMUnitTest){made->name, run_case, NULL, NULL, made};
    }
    int n_failed = _cmocka_run_group_tests("strategies", tests, n_cases, start_upstream,
                                           stop_upstream);
    free(tests);
    free(cases);
    return n_failed;
}
