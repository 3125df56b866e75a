/*
 * Commands as steps; see command.h. Streams of a command are files in memory: nothing has
 * to be fed or drained, so waiting for one is waiting for its end, by its pidfd.
 */
#include "server/core/command.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/children/children.h"
#include "server/core/gil.h"
#include "server/core/job.h"
#include "server/core/loop.h"

extern char **environ;

/* No text of --step has more words. */
enum { MAX_WORDS = 250, LAST_WORDS_BYTES = 120, LOOK_EVERY_MS = 50, N_STREAMS = 3 };

struct command {
    const char *name; /* of the step */
    char *text;       /* what the words point into */
    const char *words[MAX_WORDS + 1];
};

enum ending { BY_ITSELF, TIME_IS_OVER, CLIENT_IS_GONE };

/* A command under way. */
struct under_way {
    const struct command *command;
    struct job *job;
    struct child child;
    int files[N_STREAMS]; /* in memory, what its streams are; -1: there is none */
    uint64_t began_ns;
    enum ending ending;
    /* The event-driven form. */
    struct event *end, *time_over;
    void (*ended)(void *context);
    void *context;
};

static int watched = -1;

void command_watch(int socket) {
    watched = socket;
}

/* Reading */

static bool is_program(const char *name) {
    const char *path = getenv("PATH");
    char file[4096];
    struct stat what;
    if (strchr(name, '/') != NULL)
        return stat(name, &what) == 0 && S_ISREG(what.st_mode) && access(name, X_OK) == 0;
    for (path = path != NULL ? path : "/bin:/usr/bin"; *path != '\0';
         path += *path == ':') {
        size_t length = strcspn(path, ":");
        (void)snprintf(file, sizeof file, "%.*s/%s", (int)length, path, name);
        if (length > 0 && is_program(file))
            return true;
        path += length;
    }
    return false;
}

int command_read(const char *name, const char *text, struct command **command,
                 char why[WHY_BYTES]) {
    struct command *made = calloc(1, sizeof *made);
    char *rest = NULL;
    size_t n = 0;
    *command = made;
    if (made == NULL || (made->text = strdup(text)) == NULL)
        return error_say(why, -EINVAL, "%s: out of memory", name);
    made->name = name;
    size_t first = strspn(text, " "); /* "NAME=value PROGRAM" is for a shell, too */
    if (strpbrk(text, "|&;<>()$`\\\"'*?[#~\t\r\n") != NULL ||
        text[first + strcspn(text + first, " =")] == '=') {
        made->words[0] = "/bin/sh";
        made->words[1] = "-c";
        made->words[2] = made->text;
        return 0;
    }
    for (char *word = strtok_r(made->text, " ", &rest); word != NULL && n < MAX_WORDS;
         word = strtok_r(NULL, " ", &rest))
        made->words[n++] = word;
    if (is_program(made->words[0]))
        return 0;
    return error_say(why, -EINVAL,
                     "%s: there is no program '%.80s'; a shared object ends with .so",
                     name, made->words[0]);
}

void command_free(struct command *command) {
    if (command != NULL)
        free(command->text);
    free(command);
}

/* Beginning */

static void close_files(const struct under_way *run) {
    for (int i = 0; i < N_STREAMS; i++)
        if (run->files[i] >= 0)
            (void)close(run->files[i]);
}

static int open_files(struct under_way *run) {
    static const char *const names[N_STREAMS] = {"stdin", "stdout", "stderr"};
    const struct job_input *input = &run->job->input;
    bool has_input = input->n_body_bytes > 0;
    for (int i = has_input ? STDIN_FILENO : STDOUT_FILENO; i < N_STREAMS; i++)
        if ((run->files[i] = memfd_create(names[i], MFD_CLOEXEC)) < 0)
            return -errno;
    return !has_input || pwrite(run->files[STDIN_FILENO], input->body,
                                input->n_body_bytes, 0) == (ssize_t)input->n_body_bytes
               ? 0
               : -ENOMEM;
}

/* Ours, with the query of the request; for free. */
static const char **make_environment(char *query) {
    size_t n = 0, n_kept = 0;
    while (environ[n] != NULL)
        n++;
    const char **environment = malloc((n + 2) * sizeof *environment);
    for (size_t i = 0; environment != NULL && i < n; i++)
        if (strncmp(environ[i], "QUERY_STRING=", strlen("QUERY_STRING=")) != 0)
            environment[n_kept++] = environ[i];
    if (environment != NULL) {
        environment[n_kept] = query;
        environment[n_kept + 1] = NULL;
    }
    return environment;
}

static bool client_is_gone(const struct under_way *run) {
    struct pollfd end = {watched, POLLIN, 0};
    return atomic_load(&run->job->is_abandoned) || poll(&end, 1, 0) > 0;
}

/* Without the GIL. 0, or -errno and the job has failed. */
static int begin(struct under_way *run) {
    const struct job_input *input = &run->job->input;
    char *query = NULL;
    if (client_is_gone(run)) { /* in a queue, or in a step before */
        job_fail(run->job, 503, "step %s: the client has gone", run->command->name);
        return -ECANCELED;
    }
    int error = open_files(run);
    if (error == 0 &&
        asprintf(&query, "QUERY_STRING=%s", input->query != NULL ? input->query : "") < 0)
        error = -ENOMEM;
    const char **environment = error == 0 ? make_environment(query) : NULL;
    const struct child_order order = {.words = run->command->words,
                                      .environment = environment,
                                      .input_from = run->files[STDIN_FILENO],
                                      .output_to = run->files[STDOUT_FILENO],
                                      .errors_to = run->files[STDERR_FILENO],
                                      .most_file_bytes = RELAY_MAX_BYTES};
    run->began_ns = clock_now_ns();
    if (error == 0)
        error = environment != NULL ? children_start(&run->child, &order) : -ENOMEM;
    free(environment);
    free(query);
    if (error == 0)
        return 0;
    bool is_short =
        error == -EAGAIN || error == -ENOMEM || error == -EMFILE || error == -ENFILE;
    job_fail(run->job, is_short ? 503 : 500, "step %s: cannot start %.60s: %s",
             run->command->name, run->command->words[0], strerror(-error));
    close_files(run);
    return error;
}

/* The end */

/* How long a process that has ended, and is yet to be reaped, waited for a CPU; of its
 * first thread alone (proc(5)). */
static uint64_t waited_for_cpu_ns(pid_t pid) {
    char path[64];
    unsigned long long ran_ns, waited_ns = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file != NULL && fscanf(file, "%llu %llu", &ran_ns, &waited_ns) != 2)
        waited_ns = 0;
    if (file != NULL)
        (void)fclose(file);
    return waited_ns;
}

static uint64_t nanoseconds_of(struct timeval time) {
    return (uint64_t)time.tv_sec * NS_PER_S + (uint64_t)time.tv_usec * NS_PER_US;
}

static void account(struct under_way *run, uint64_t took_ns, uint64_t waited_ns) {
    const struct rusage *usage = &run->child.usage;
    uint64_t cpu_ns = nanoseconds_of(usage->ru_utime) + nanoseconds_of(usage->ru_stime);
    uint64_t busy_ns = cpu_ns + waited_ns;
    run->job->record.cpu_ns += cpu_ns;
    run->job->record.wait_ns += took_ns > busy_ns ? took_ns - busy_ns : 0;
}

/* The last line that is not empty, as far as it fits. */
static void read_last_words(int fd, char words[LAST_WORDS_BYTES]) {
    char end[1024];
    struct stat what;
    off_t size = fstat(fd, &what) == 0 ? what.st_size : 0;
    off_t from = size > (off_t)sizeof end - 1 ? size - ((off_t)sizeof end - 1) : 0;
    ssize_t n = pread(fd, end, sizeof end - 1, from);
    while (n > 0 && strchr("\r\n \t", end[n - 1]) != NULL)
        n--;
    end[n > 0 ? n : 0] = '\0';
    char *line = strrchr(end, '\n');
    (void)snprintf(words, LAST_WORDS_BYTES, "%.*s", LAST_WORDS_BYTES - 1,
                   line != NULL ? line + 1 : end);
}

static void take_output(struct under_way *run) {
    struct job *job = run->job;
    struct stat what;
    int output = run->files[STDOUT_FILENO];
    if (job->relay == NULL || fstat(output, &what) != 0 || what.st_size == 0)
        return;
    size_t n_bytes = (size_t)what.st_size;
    char *bytes = malloc(n_bytes);
    if (bytes != NULL && pread(output, bytes, n_bytes, 0) == (ssize_t)n_bytes) {
        relay_take(job->relay, bytes, n_bytes, "");
        return;
    }
    free(bytes);
    job_fail(job, 503, "step %s: out of memory", run->command->name);
}

/* It has ended, or is to. */
static void finish(struct under_way *run) {
    const char *name = run->command->name;
    struct job *job = run->job;
    char words[LAST_WORDS_BYTES], how[64];
    uint64_t took_ns = clock_now_ns() - run->began_ns;
    uint64_t waited_ns = waited_for_cpu_ns(run->child.pid);
    children_kill(&run->child);
    account(run, took_ns, waited_ns);
    int status = run->child.status;
    if (run->ending == CLIENT_IS_GONE) {
        job_fail(job, 503, "step %s: the client has gone", name);
    } else if (run->ending == TIME_IS_OVER) {
        job_fail(job, 504, "step %s: it did not end in time (--step-timeout)", name);
    } else if (status == 0) {
        take_output(run);
    } else {
        read_last_words(run->files[STDERR_FILENO], words);
        if (WIFSIGNALED(status))
            (void)snprintf(how, sizeof how, "was ended by SIG%s",
                           sigabbrev_np(WTERMSIG(status)));
        else
            (void)snprintf(how, sizeof how, "exited with %d", WEXITSTATUS(status));
        job_fail(job, 500, "step %s %s%s%s", name, how, words[0] != '\0' ? ": " : "",
                 words);
    }
    close_files(run);
}

/* The blocking form */

static struct under_way of(const struct command *command, struct job *job) {
    return (struct under_way){.command = command, .job = job, .files = {-1, -1, -1}};
}

/* Until it ends, or is to be ended. */
static void await(struct under_way *run, uint64_t limit_ns) {
    uint64_t deadline_ns = run->began_ns + limit_ns;
    struct pollfd wanted[] = {{run->child.pidfd, POLLIN, 0}, {watched, POLLIN, 0}};
    while (true) {
        uint64_t now_ns = clock_now_ns();
        uint64_t left_ms =
            now_ns < deadline_ns ? (deadline_ns - now_ns) / NS_PER_MS + 1 : 0;
        int wait_ms = left_ms < LOOK_EVERY_MS ? (int)left_ms : LOOK_EVERY_MS;
        (void)poll(wanted, 2, wait_ms);
        if (wanted[0].revents != 0)
            return;
        if (client_is_gone(run)) {
            run->ending = CLIENT_IS_GONE;
            return;
        }
        if (left_ms == 0) {
            run->ending = TIME_IS_OVER;
            return;
        }
    }
}

void command_run(const struct command *command, uint64_t limit_ns, struct job *job) {
    struct under_way run = of(command, job);
    gil_wait_begin();
    if (begin(&run) == 0) {
        await(&run, limit_ns);
        finish(&run);
    }
    gil_wait_end();
}

/* The event-driven form */

static void on_end(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct under_way *run = context;
    void (*ended)(void *) = run->ended;
    void *whom = run->context;
    run->job->abandon = NULL;
    loop_free_event(run->end);
    loop_free_event(run->time_over);
    finish(run);
    free(run);
    ended(whom);
}

static void on_time_over(evutil_socket_t fd, short what, void *context) {
    struct under_way *run = context;
    run->ending = TIME_IS_OVER;
    on_end(fd, what, run);
}

static void on_client_gone(struct job *job) {
    struct under_way *run = job->abandoner;
    run->ending = CLIENT_IS_GONE;
    event_active(run->end, EV_READ, 0);
}

bool command_start(const struct command *command, uint64_t limit_ns, struct job *job,
                   struct event_base *base, void (*ended)(void *context), void *context) {
    struct under_way *run = malloc(sizeof *run);
    struct timeval limit = clock_timeval(limit_ns);
    if (run == NULL) {
        job_fail(job, 503, "step %s: out of memory", command->name);
        return false;
    }
    *run = of(command, job);
    run->ended = ended;
    run->context = context;
    gil_wait_begin();
    int error = begin(run);
    gil_wait_end();
    if (error == 0) {
        run->end = event_new(base, run->child.pidfd, EV_READ, on_end, run);
        run->time_over = evtimer_new(base, on_time_over, run);
        if (run->end != NULL && run->time_over != NULL &&
            event_add(run->end, NULL) == 0 && event_add(run->time_over, &limit) == 0) {
            (void)event_priority_set(run->end, LOOP_PRIORITY_HANDLE);
            job->abandon = on_client_gone;
            job->abandoner = run;
            return true;
        }
        loop_free_event(run->end);
        loop_free_event(run->time_over);
        finish(run);
        job_fail(job, 503, "step %s: out of memory", command->name);
    }
    free(run);
    return false;
}
