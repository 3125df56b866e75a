/* Children begin clean, end in time, and leave nothing; interrupts end waits. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/children/children.h"
#include "common/children/interrupts.h"
#include "common/children/keeper.h"
#include "tests/child.h"
#include "tests/folder.h"
#include "tests/test.h"

static const uint64_t LONG_NS = 60 * NS_PER_S;

static char said[4096];

static int keep(void *context, const char *bytes, size_t n_bytes) {
    size_t used = strlen(said);
    (void)context;
    if (used + n_bytes < sizeof said)
        memcpy(said + used, bytes, n_bytes);
    return 0;
}

/* Runs the words; what it says goes into `said`. */
static int run(const char *const *words, uint64_t limit_ns, int *status) {
    struct child_task task = {.words = words, .limit_ns = limit_ns, .take = keep};
    memset(said, 0, sizeof said);
    return children_run(&task, status);
}

static int run_shell(const char *command, uint64_t limit_ns, int *status) {
    const char *words[] = {"sh", "-c", command, NULL};
    return run(words, limit_ns, status);
}

TEST(what_a_program_says_is_taken_and_so_is_its_status) {
    const char *words[] = {"sh", "-c", "pwd; echo why >&2; exit 3", NULL};
    struct child_task task = {
        .words = words, .folder = "/", .limit_ns = LONG_NS, .take = keep};
    int status = 0;
    memset(said, 0, sizeof said);
    assert_int_equal(children_run(&task, &status), 0);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_string_equal(said, "/\n");
    assert_string_equal(task.complaints, "why\n");
}

TEST(a_program_that_is_not_there_is_told_to_who_starts_it) {
    const char *nowhere[] = {"/nowhere/program", NULL}, *folder[] = {"/", NULL};
    struct child child;
    unsigned n_before = child_count("fd");
    assert_int_equal(children_start(&child, &(struct child_order){.words = nowhere}),
                     -ENOENT);
    assert_int_equal(children_start(&child, &(struct child_order){.words = folder,
                                                                  .reads_output = true,
                                                                  .reads_errors = true}),
                     -EACCES);
    assert_int_equal(child.pid, 0);
    assert_int_equal(child_count("fd"), n_before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(a_child_begins_with_no_signal_blocked_or_ignored) {
    const char *words[] = {"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status", NULL};
    sigset_t all, before;
    unsigned long long blocked = 1, ignored = 1;
    int status;
    (void)sigfillset(&all);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    int error = run(words, LONG_NS, &status);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(error, 0);
    assert_int_equal(sscanf(said, "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
    assert_true(blocked == 0);
    /* 32 and 33 are the C library's own; it lets nobody set them. */
    assert_true((ignored & ~(3ULL << 31)) == 0);
}

TEST(a_child_gets_no_descriptor_of_ours) {
    const char *words[] = {"ls", "/proc/self/fd", NULL};
    int status, left_open = open("/dev/null", O_RDONLY);
    assert_true(left_open >= 0);
    assert_int_equal(run(words, LONG_NS, &status), 0);
    (void)close(left_open);
    assert_string_equal(said, "0\n1\n2\n3\n"); /* 3 is the folder that is listed */
}

TEST(a_child_leads_a_group_of_its_own) {
    int pid = 0, group = 0, status;
    assert_int_equal(run_shell("echo $$; cut -d' ' -f5 /proc/$$/stat", LONG_NS, &status),
                     0);
    assert_int_equal(sscanf(said, "%d\n%d", &pid, &group), 2);
    assert_int_equal(group, pid);
}

/* The orphan that `said` names, which would have gone on for long, is reaped as well. */
static void orphan_was_killed(void) {
    pid_t pid = atoi(said);
    assert_true(pid > 0);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

TEST(who_does_not_end_in_time_is_ended_with_its_own) {
    int status;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(run_shell("trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000",
                               NS_PER_S,
                               &status), /* time enough for the shell to begin */
                     -ETIMEDOUT);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    orphan_was_killed();
}

TEST(what_a_child_leaves_behind_is_ended_and_not_waited_for) {
    int status;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(run_shell("sleep 1000 & echo $!", LONG_NS, &status), 0);
    assert_int_equal(status, 0);
    orphan_was_killed();
}

TEST(a_flood_does_not_outlast_the_limit) {
    int status;
    assert_int_equal(run_shell("exec yes", 200 * NS_PER_MS, &status), -ETIMEDOUT);
}

/* Starts a child, says its pid, and waits to be killed. */
static void start_and_wait(int say_fd) {
    const char *words[] = {"sleep", "1000", NULL};
    struct child child;
    (void)children_start(&child, &(struct child_order){.words = words});
    (void)!write(say_fd, &child.pid, sizeof child.pid);
    (void)pause();
    _exit(0);
}

TEST(a_child_ends_with_its_parent) {
    int ends[2], status = 0;
    pid_t grandchild = 0;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(pipe(ends), 0);
    pid_t parent = fork();
    if (parent == 0)
        start_and_wait(ends[1]);
    assert_int_equal(read(ends[0], &grandchild, sizeof grandchild), sizeof grandchild);
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    assert_int_equal(waitpid(grandchild, &status, 0), grandchild);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

TEST(an_interrupt_ends_waits_until_it_is_forgotten) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    int status;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        assert_int_equal(interrupts_heed(), 0);
        (void)raise(signals[i]);
        (void)raise(signals[i]); /* at once: the same one */
        assert_int_equal(interrupts_came(), signals[i]);
        assert_int_equal(run_shell("sleep 1000", LONG_NS, &status), -EINTR);
        interrupts_pause(LONG_NS);
        interrupts_forget();
        assert_int_equal(interrupts_came(), 0);
        assert_int_equal(run_shell("echo on", LONG_NS, &status), 0);
        assert_string_equal(said, "on\n");
    }
}

static void interrupt_twice(const void *context) {
    (void)context;
    check(interrupts_heed() == 0);
    (void)raise(SIGTERM);
    clock_sleep_until(clock_now_ns() + 400 * NS_PER_MS);
    (void)raise(SIGTERM);
    _exit(0);
}

static void hang_up_what_ignores_it(const void *context) {
    (void)context;
    (void)signal(SIGHUP, SIG_IGN);
    check(interrupts_heed() == 0);
    (void)raise(SIGHUP);
    check(interrupts_came() == 0);
}

static void leave(int signal_number) {
    _exit(signal_number);
}

enum { N_ROUNDS = 5000 };
static atomic_uint n_ready, n_raised, n_over;

/* In each round both threads raise theirs at once; the later one forgets them. */
static void *raise_in_rounds(void *signal_number) {
    for (unsigned i = 1; i <= N_ROUNDS; i++) {
        atomic_fetch_add(&n_ready, 1);
        while (atomic_load(&n_ready) < 2 * i)
            (void)sched_yield(); /* or, on a busy machine, each would take its slice */
        (void)raise(*(const int *)signal_number);
        if (atomic_fetch_add(&n_raised, 1) == 2 * i - 1) {
            interrupts_forget();
            atomic_store(&n_over, i);
        }
        while (atomic_load(&n_over) < i)
            (void)sched_yield();
    }
    return NULL;
}

static void interrupt_in_two_threads(const void *context) {
    int signals[] = {SIGTERM, SIGINT};
    pthread_t thread;
    (void)context;
    check(interrupts_heed_as(LONG_NS, leave) == 0);
    check(pthread_create(&thread, NULL, raise_in_rounds, &signals[0]) == 0);
    (void)raise_in_rounds(&signals[1]);
    (void)pthread_join(thread, NULL);
}

TEST(a_second_interrupt_ends_the_process) {
    assert_int_equal(child_run(interrupt_twice, NULL, NULL), 128 + SIGTERM);
    assert_int_equal(child_run(hang_up_what_ignores_it, NULL, NULL), 0);
}

TEST(two_interrupts_at_once_are_one) {
    assert_int_equal(child_run(interrupt_in_two_threads, NULL, NULL), 0);
}

/* The keeper of a command that prints that many bytes of the numbers from 1 on, its
 * stderr in a file. */
static void keep_numbers(const void *n_bytes) {
    char command[64], path[96];
    (void)snprintf(command, sizeof command, "seq 99999 | head -c %zu",
                   *(const size_t *)n_bytes);
    (void)snprintf(path, sizeof path, "%s/kept", test_folder);
    check(freopen(path, "w", stderr) != NULL);
    char *words[] = {KEEPER_COMMAND, "0", "", "0", "1000", command, NULL};
    _exit(keeper_main(6, words));
}

static char *print_numbers(size_t n_bytes) {
    char *text = malloc(n_bytes + 8);
    int number = 1;
    for (size_t used = 0; used < n_bytes; number++)
        used += (size_t)sprintf(text + used, "%d\n", number);
    return text;
}

TEST_IN_FOLDER(of_what_a_kept_command_prints_the_ends_are_kept) {
    enum { FIRST = KEEPER_FIRST_BYTES, LAST = KEEPER_LAST_BYTES };
    static const size_t sizes[] = {
        1000, FIRST, FIRST + 1, FIRST + LAST, FIRST + LAST + 1, FIRST + 2 * LAST};
    static char kept[FIRST + LAST + 100];
    char path[96];
    (void)snprintf(path, sizeof path, "%s/kept", test_folder);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t n = sizes[i];
        char *whole = print_numbers(n), note[64] = "";
        assert_int_equal(child_run(keep_numbers, &n, NULL), 0);
        FILE *file = fopen(path, "re");
        size_t n_kept = fread(kept, 1, sizeof kept, file), n_first = n, n_last = 0;
        (void)fclose(file);
        if (n > FIRST + LAST) {
            n_first = FIRST;
            n_last = LAST;
            (void)snprintf(note, sizeof note, "\n... %zu bytes are left out ...\n",
                           n - FIRST - LAST);
        }
        assert_int_equal(n_kept, n_first + strlen(note) + n_last);
        assert_memory_equal(kept, whole, n_first);
        assert_memory_equal(kept + n_first, note, strlen(note));
        assert_memory_equal(kept + n_kept - n_last, whole + n - n_last, n_last);
        free(whole);
    }
}
