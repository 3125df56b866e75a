/* Worker processes: what they run, and what the death of one does and does not do. */
#define TEST_OWN_MAIN
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "server/core/job.h"
#include "server/core/loop.h"
#include "server/core/spawner_child.h"
#include "server/core/worker_process.h"
#include "tests/child.h"
#include "tests/test.h"

enum { MAX_WORKERS = 300 };

static struct spawner *spawner;
static struct loop *loop;
static pthread_t loop_thread;
static unsigned n_descriptors_before;
static unsigned n_left; /* calls of `idle` until the loop is broken */

/* What `idle` said of each worker. */
static struct seen {
    struct worker_process *worker;
    unsigned n_idle;
    bool is_dead;
} seen[MAX_WORKERS];
static unsigned n_seen;

static struct job jobs[MAX_WORKERS];
static unsigned n_done;

static void on_done(struct job *job) {
    (void)job;
    check(pthread_equal(loop_thread, pthread_self()) != 0);
    n_done++;
}

static void on_idle(struct worker_process *worker, bool is_dead) {
    unsigned i = n_seen - 1; /* a dead one's memory may be another's now: newest first */
    while (seen[i].worker != worker)
        check(i-- > 0);
    check(!seen[i].is_dead);
    seen[i].n_idle++;
    seen[i].is_dead = is_dead;
    if (--n_left == 0)
        (void)event_base_loopbreak(loop_base(loop));
}

static void run_loop(unsigned n_calls) {
    n_left = n_calls;
    (void)event_base_dispatch(loop_base(loop));
    check(n_left == 0);
}

static void open_all(void) {
    child_adopt_orphans();
    n_descriptors_before = child_count("fd");
    loop_thread = pthread_self();
    loop = loop_open();
    check(loop != NULL);
    spawner = spawner_open(loop);
    check(spawner != NULL);
}

static void close_all(void) {
    for (unsigned i = 0; i < n_seen; i++)
        if (!seen[i].is_dead)
            worker_process_stop(seen[i].worker);
    spawner_close(spawner);
    check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    loop_close(loop);
    check(child_count("fd") == n_descriptors_before);
}

static struct worker_process *start_worker(void) {
    struct worker_process *worker = worker_process_start(spawner, on_idle);
    check(worker != NULL);
    check(worker_process_is_idle(worker));
    seen[n_seen++] = (struct seen){.worker = worker};
    return worker;
}

static struct job *give(struct worker_process *worker, uint64_t sleep_ns) {
    static unsigned n_given;
    struct job *job = &jobs[n_given++];
    *job = (struct job){.record = JOB_RECORD_NEW, .done = on_done};
    job->work.n_steps = 1;
    job->work.steps[0] = (struct step){STEP_SLEEP, sleep_ns};
    worker_process_run(worker, job);
    check(!worker_process_is_idle(worker));
    return job;
}

static void run_one_after_the_other(const void *context) {
    (void)context;
    open_all();
    struct worker_process *worker = start_worker();
    int process = 0;
    for (unsigned i = 1; i <= 5; i++) {
        struct job *job = give(worker, NS_PER_MS);
        run_loop(1);
        check(n_done == i && worker_process_is_idle(worker));
        check(job->record.status == 200);
        check(job->record.to_ns - job->record.from_ns >= NS_PER_MS);
        check(job->record.wait_ns >= NS_PER_MS);
        check(job->record.process != getpid());
        check(process == 0 || process == job->record.process);
        process = job->record.process;
    }
    check(seen[0].n_idle == 5 && !seen[0].is_dead);
    close_all();
}

/* More at once than the spawner's socket takes: the rest is sent when it has room. */
static void run_many(const void *context) {
    (void)context;
    open_all();
    for (int i = 0; i < MAX_WORKERS; i++)
        (void)give(start_worker(), NS_PER_MS);
    run_loop(MAX_WORKERS);
    check(n_done == MAX_WORKERS);
    for (int i = 0; i < MAX_WORKERS; i++) {
        check(jobs[i].record.status == 200);
        check(seen[i].n_idle == 1 && !seen[i].is_dead);
        for (int j = 0; j < i; j++)
            check(jobs[i].record.process != jobs[j].record.process);
    }
    close_all();
}

static pid_t wait_for_only_worker(void) {
    pid_t pids[2] = {0};
    while (child_find_grandchildren(pids, 2) == 0)
        (void)usleep(1000);
    return pids[0];
}

/* The spawner, as a worker's parent. A worker that has just ended has none: 0, which
 * would be this whole process group to kill(). */
static pid_t wait_for_spawner(pid_t *worker) {
    pid_t spawner_pid;
    while ((spawner_pid = child_parent_of(*worker = wait_for_only_worker())) <= 1 ||
           child_parent_of(spawner_pid) != getpid())
        (void)usleep(1000);
    return spawner_pid;
}

static void kill_one_under_its_job(const void *context) {
    (void)context;
    open_all();
    struct job *lost = give(start_worker(), 3600 * NS_PER_S);
    pid_t victim = wait_for_only_worker();
    struct job *other = give(start_worker(), NS_PER_MS);
    check(kill(victim, SIGKILL) == 0);
    run_loop(2);
    check(n_done == 2);
    check(lost->record.status == 502);
    check(strstr(lost->record.error, "worker process ended") != NULL);
    check(lost->record.from_ns <= lost->record.to_ns);
    check(other->record.status == 200);
    check(seen[0].is_dead && seen[0].n_idle == 1);
    check(!seen[1].is_dead && seen[1].n_idle == 1);
    struct job *next = give(seen[1].worker, 0);
    run_loop(1);
    check(next->record.status == 200);
    close_all();
}

static void kill_an_idle_one(const void *context) {
    (void)context;
    open_all();
    (void)start_worker();
    check(kill(wait_for_only_worker(), SIGKILL) == 0);
    run_loop(1);
    check(n_done == 0);
    check(seen[0].is_dead);
    struct job *job = give(start_worker(), 0);
    run_loop(1);
    check(job->record.status == 200);
    close_all();
}

/* A job in a worker of its own, as `/forking/` does it. Its status; 0: no worker now. */
static int run_one(void) {
    struct worker_process *worker = worker_process_start(spawner, on_idle);
    if (worker == NULL)
        return 0;
    seen[n_seen++] = (struct seen){.worker = worker};
    struct job *job = give(worker, 0);
    run_loop(1);
    if (!seen[n_seen - 1].is_dead)
        worker_process_stop(worker);
    seen[n_seen - 1].is_dead = true;
    return job->record.status;
}

/* Another takes its place: what ran in its workers is lost, and what comes next is run,
 * however soon it is killed again. */
static void kill_the_spawner(const void *context) {
    (void)context;
    open_all();
    for (unsigned i = 0; i < 4; i++) {
        struct job *lost = give(start_worker(), 3600 * NS_PER_S);
        pid_t worker;
        check(kill(wait_for_spawner(&worker), SIGKILL) == 0);
        run_loop(1); /* its workers die with it */
        check(lost->record.status == 502);
        int status;
        for (unsigned n_tries = 0; (status = run_one()) != 200; n_tries++) {
            check(status == 0 || status == 502 || status == 503);
            check(n_tries < 20);
            (void)event_base_loop(loop_base(loop), EVLOOP_ONCE);
        }
        while (kill(worker, 0) == 0) /* an orphan now, and so ours: reaped as well */
            (void)event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
    }
    close_all();
}

/* The limit of processes does not bind root. */
static void become_somebody(void) {
    uid_t uid = 40000 + (uid_t)getpid() % 10000;
    check(geteuid() != 0 || setresuid(uid, uid, uid) == 0);
}

/* For want of processes each job is refused with 503, and none is lost. */
static void run_out_of_processes(const void *context) {
    (void)context;
    struct rlimit limit;
    become_somebody();
    open_all();
    struct job *first = give(start_worker(), NS_PER_MS);
    pid_t worker, spawner_pid = wait_for_spawner(&worker);
    run_loop(1);
    check(first->record.status == 200);
    check(prlimit(spawner_pid, RLIMIT_NPROC, NULL, &limit) == 0);
    check(prlimit(spawner_pid, RLIMIT_NPROC, &(struct rlimit){1, limit.rlim_max}, NULL) ==
          0);
    struct job *refused[100];
    for (unsigned i = 0; i < 100; i++)
        refused[i] = give(start_worker(), 0);
    run_loop(100);
    for (unsigned i = 0; i < 100; i++) {
        check(refused[i]->record.status == 503);
        check(strstr(refused[i]->record.error, "cannot make a worker process") != NULL);
    }
    for (unsigned i = 1; i < n_seen; i++)
        check(seen[i].is_dead && seen[i].n_idle == 1);
    check(prlimit(spawner_pid, RLIMIT_NPROC, &limit, NULL) == 0);
    check(run_one() == 200);
    close_all();
}

/* Without descriptors there is no worker, and no spawner either; with them both return.
 */
static void run_out_of_descriptors(const void *context) {
    (void)context;
    struct rlimit limit;
    open_all();
    struct job *lost = give(start_worker(), 3600 * NS_PER_S);
    pid_t worker, spawner_pid = wait_for_spawner(&worker);
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    check(setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, limit.rlim_max}) == 0);
    check(run_one() == 0 && errno == EMFILE);
    check(kill(spawner_pid, SIGKILL) == 0);
    run_loop(1);
    check(lost->record.status == 502);
    while (kill(spawner_pid, 0) == 0) /* until it is reaped, and the next one is tried */
        (void)event_base_loop(loop_base(loop), EVLOOP_ONCE);
    check(run_one() == 0);
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int status = 0; status != 200; status = run_one())
        (void)event_base_loop(loop_base(loop), EVLOOP_ONCE);
    close_all();
}

/* A worker that was never sent: stopped before the spawner could take it. */
static void stop_before_they_are_forked(const void *context) {
    (void)context;
    open_all();
    for (int i = 0; i < MAX_WORKERS; i++)
        (void)start_worker();
    close_all();
}

/* When the server is killed, spawner and workers go with it. */
static void be_killed_with_workers(const void *context) {
    (void)context;
    child_adopt_orphans();
    int ends[2];
    pid_t pids[1] = {0};
    check(pipe(ends) == 0);
    pid_t server = fork();
    check(server >= 0);
    if (server == 0) {
        open_all();
        (void)give(start_worker(), 3600 * NS_PER_S);
        pids[0] = wait_for_only_worker();
        check(write(ends[1], pids, sizeof pids) == (ssize_t)sizeof pids);
        (void)pause();
    }
    check(read(ends[0], pids, sizeof pids) == (ssize_t)sizeof pids);
    check(kill(server, SIGKILL) == 0);
    while (waitpid(-1, NULL, 0) > 0) { /* all three, or the limit of this test ends it */
    }
    check(errno == ECHILD);
    check(kill(pids[0], 0) == -1 && errno == ESRCH);
}

TEST_IN_CHILD(one_worker_runs_job_after_job, run_one_after_the_other)
TEST_IN_CHILD(many_workers_run_at_once_in_a_process_each, run_many)
TEST_IN_CHILD(a_killed_worker_fails_its_job_and_no_other, kill_one_under_its_job)
TEST_IN_CHILD(an_idle_worker_that_dies_is_told_of, kill_an_idle_one)
TEST_IN_CHILD(a_killed_spawner_is_replaced_and_its_workers_are_reaped, kill_the_spawner)
TEST_IN_CHILD(without_processes_jobs_are_refused, run_out_of_processes)
TEST_IN_CHILD(without_descriptors_a_spawner_waits_for_some, run_out_of_descriptors)
TEST_IN_CHILD(workers_that_never_were_forked_can_be_stopped, stop_before_they_are_forked)
TEST_IN_CHILD(workers_do_not_outlive_a_killed_server, be_killed_with_workers)

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], SPAWNER_COMMAND) == 0)
        return spawner_main(argc - 1, argv + 1);
    (void)signal(SIGPIPE, SIG_IGN);
    return run_all_tests();
}
