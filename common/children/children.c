/* Child processes by pidfd and poll; see children.h. */
#include "common/children/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/machine.h"
#include "common/children/interrupts.h"

extern char **environ;

enum { PIPE_BYTES = 1 << 16 };

static const uint64_t TICK_NS = 100 * NS_PER_MS;
static const uint64_t GRACE_NS = NS_PER_S; /* for what children_run has to end */

/* Starting */

/* Both ends of each stream that goes from the child to us; -1 where there is none. */
struct streams {
    int output[2], errors[2];
    int failure[2]; /* tells why exec failed; an exec that succeeds closes it */
};

static void close_one(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void close_ends(struct streams *streams, int end) {
    close_one(&streams->output[end]);
    close_one(&streams->errors[end]);
    close_one(&streams->failure[end]);
}

static int open_streams(const struct child_order *order, struct streams *streams) {
    *streams = (struct streams){{-1, -1}, {-1, -1}, {-1, -1}};
    int error = pipe2(streams->failure, O_CLOEXEC);
    if (error == 0 && order->reads_output)
        error = pipe2(streams->output, O_CLOEXEC);
    else if (error == 0)
        error = (streams->output[1] = open("/dev/null", O_WRONLY | O_CLOEXEC)) < 0;
    if (error == 0 && order->reads_errors)
        error = pipe2(streams->errors, O_CLOEXEC);
    if (error == 0)
        return 0;
    error = -errno;
    close_ends(streams, 0);
    close_ends(streams, 1);
    return error;
}

/* In the child, where all signals are blocked: only calls that are safe after a fork. */
static _Noreturn void become(const struct child_order *order,
                             const struct streams *streams, pid_t parent) {
    sigset_t none;
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127); /* it died before the kernel was told */
    for (int i = 1; i < NSIG; i++)
        (void)signal(i, SIG_DFL); /* exec would keep what is ignored, such as SIGPIPE */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    int input = order->input_from > 0 ? order->input_from
                                      : open("/dev/null", O_RDONLY | O_CLOEXEC);
    int output = order->output_to > 0 ? order->output_to : streams->output[1];
    struct rlimit most = {order->most_file_bytes, order->most_file_bytes};
    bool is_ready =
        input >= 0 && dup2(input, STDIN_FILENO) >= 0 &&
        dup2(output, STDOUT_FILENO) >= 0 &&
        (streams->errors[1] < 0 || dup2(streams->errors[1], STDERR_FILENO) >= 0) &&
        (order->errors_to <= 0 || dup2(order->errors_to, STDERR_FILENO) >= 0) &&
        (order->folder == NULL || chdir(order->folder) == 0);
    /* Descriptors that our parent left open. An older kernel cannot: no harm. */
    (void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (order->skips_cpus > 0)
        (void)machine_keep_to_cpus(order->skips_cpus, 0);
    if (order->most_file_bytes > 0)
        (void)setrlimit(RLIMIT_FSIZE, &most);
    char *const *words = (char *const *)order->words;
    const char *const *environment =
        order->environment != NULL ? order->environment : (const char *const *)environ;
    if (is_ready)
        (void)(order->is_this_program
                   ? execv("/proc/self/exe", words)
                   : execvpe(words[0], words, (char *const *)environment));
    int error = errno;
    (void)!write(streams->failure[1], &error, sizeof error);
    _exit(127);
}

int children_start(struct child *child, const struct child_order *order) {
    struct streams streams;
    sigset_t all, before;
    *child = (struct child){.pidfd = -1, .output = -1, .errors = -1};
    int error = open_streams(order, &streams);
    if (error != 0)
        return error;
    (void)sigfillset(&all); /* no handler of ours is to run in the child */
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(order, &streams, parent);
    error = pid < 0 ? -errno : 0;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    close_ends(&streams, 1);
    if (pid > 0) {
        (void)setpgid(pid, pid); /* here and in the child: whichever runs first */
        child->pid = pid;
        child->pidfd = pidfd_open(pid, 0);
        error = child->pidfd < 0 ? -errno : 0;
    }
    /* Waits until an exec has failed, and why, or succeeded. */
    int failure = 0;
    while (error == 0 && read(streams.failure[0], &failure, sizeof failure) < 0 &&
           errno == EINTR) {
    }
    error = error != 0 ? error : -failure;
    (void)close(streams.failure[0]);
    child->output = streams.output[0];
    child->errors = streams.errors[0];
    if (error != 0) {
        children_kill(child); /* if it is there */
        close_one(&child->output);
        close_one(&child->errors);
    }
    return error;
}

/* Waiting and ending */

/* 0 once a descriptor is ready, else as interrupts_poll. */
static int wait_for(int fd, uint64_t deadline_ns) {
    struct pollfd wanted = {fd, POLLIN, 0};
    return interrupts_poll(&wanted, 1, deadline_ns);
}

int children_read_line(struct child *child, uint64_t deadline_ns, char *line,
                       size_t line_bytes) {
    size_t used = 0;
    while (used + 1 < line_bytes) {
        int error = wait_for(child->output, deadline_ns);
        if (error != 0)
            return error;
        ssize_t n_read = read(child->output, line + used, 1);
        if (n_read <= 0)
            return -EPIPE;
        if (line[used] == '\n')
            break;
        used++;
    }
    line[used] = '\0';
    return 0;
}

bool children_has_ended(const struct child *child) {
    struct pollfd end = {child->pidfd, POLLIN, 0};
    return child->pid == 0 || poll(&end, 1, 0) == 1;
}

int children_wait(struct child *child, uint64_t deadline_ns, void (*tick)(void *),
                  void *context) {
    while (true) {
        uint64_t now_ns = clock_now_ns();
        uint64_t until_ns =
            now_ns + TICK_NS < deadline_ns ? now_ns + TICK_NS : deadline_ns;
        int error = wait_for(child->pidfd, until_ns);
        if (error == 0) {
            children_kill(child); /* its group, which lasts until it is reaped */
            return 0;
        }
        if (error != -ETIMEDOUT || now_ns >= deadline_ns)
            return error;
        if (tick != NULL)
            tick(context);
    }
}

void children_kill(struct child *child) {
    if (child->pid == 0)
        return;
    (void)kill(-child->pid, SIGKILL);
    while (wait4(child->pid, &child->status, 0, &child->usage) < 0 && errno == EINTR) {
    }
    close_one(&child->pidfd);
    close_one(&child->output);
    close_one(&child->errors);
    /* Its own children have become ours where we adopt (PR_SET_CHILD_SUBREAPER). */
    while (wait4(-child->pid, NULL, 0, NULL) > 0 || errno == EINTR) {
    }
    child->pid = 0;
}

void children_stop(struct child *child, uint64_t grace_ns) {
    if (child->pid == 0)
        return;
    (void)kill(child->pid, SIGTERM);
    (void)children_wait(child, clock_now_ns() + grace_ns, NULL, NULL);
    children_kill(child); /* only when it has not ended, or we were interrupted */
}

/* Running to the end */

/* Keeps as much as there is room for. */
static int keep_complaint(void *context, const char *bytes, size_t n_bytes) {
    struct child_task *task = context;
    size_t used = strlen(task->complaints);
    size_t room = sizeof task->complaints - 1 - used;
    if (n_bytes > room)
        n_bytes = room;
    memcpy(task->complaints + used, bytes, n_bytes);
    task->complaints[used + n_bytes] = '\0';
    return 0;
}

/* Takes as much as a pipe holds, closes it at its end. 0, or what `take` returned. */
static int drain(int *fd, int (*take)(void *, const char *, size_t), void *context) {
    char bytes[PIPE_BYTES];
    if (*fd < 0)
        return 0;
    ssize_t n_read = read(*fd, bytes, sizeof bytes);
    if (n_read == 0 || (n_read < 0 && errno != EAGAIN && errno != EINTR))
        close_one(fd);
    return n_read > 0 ? take(context, bytes, (size_t)n_read) : 0;
}

int children_run(struct child_task *task, int *status) {
    struct child child;
    const struct child_order order = {.words = task->words,
                                      .folder = task->folder,
                                      .reads_output = true,
                                      .reads_errors = true};
    uint64_t deadline_ns = clock_now_ns() + task->limit_ns;
    task->complaints[0] = '\0';
    int error = children_start(&child, &order);
    if (error != 0)
        return error;
    (void)fcntl(child.output, F_SETFL, O_NONBLOCK);
    (void)fcntl(child.errors, F_SETFL, O_NONBLOCK);
    /* Until both streams or the child have ended: one of its own may hold them for ever.
     */
    while (error == 0 && (child.output >= 0 || child.errors >= 0)) {
        struct pollfd wanted[] = {{child.output, POLLIN, 0},
                                  {child.errors, POLLIN, 0},
                                  {child.pidfd, POLLIN, 0}};
        error = interrupts_poll(wanted, 3, deadline_ns);
        if (error == 0)
            error = drain(&child.output, task->take, task->context);
        if (error == 0)
            error = drain(&child.errors, keep_complaint, task);
        if (wanted[2].revents != 0)
            break;
    }
    if (error == 0)
        error = children_wait(&child, deadline_ns, NULL, NULL);
    children_stop(&child, GRACE_NS);
    *status = child.status;
    return error;
}
