/* Child processes by pidfd and poll; see process.h. */
#include "director/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

static const uint64_t TICK_NS = 100 * NS_PER_MS;

static int interrupts = -1; /* a signalfd; never read, so it stays readable */
static sigset_t old_signals;

void process_watch_interrupts(void) {
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, &old_signals);
    interrupts = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Waits for `fd` or an interrupt. 0 when fd is ready, -ETIMEDOUT or -EINTR. */
static int wait_for(int fd, uint64_t deadline_ns) {
    struct pollfd wanted[] = {{interrupts, POLLIN, 0}, {fd, POLLIN, 0}};
    uint64_t now_ns = clock_now_ns();
    struct timespec left =
        clock_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
    int n_ready = ppoll(wanted, 2, &left, NULL);
    if (wanted[0].revents != 0)
        return -EINTR;
    return n_ready > 0 ? 0 : -ETIMEDOUT;
}

bool process_is_interrupted(void) {
    return wait_for(-1, 0) == -EINTR;
}

static _Noreturn void run_child(const char *const *arguments, int output, pid_t parent) {
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    (void)sigprocmask(SIG_SETMASK, &old_signals, NULL);
    (void)dup2(output, STDOUT_FILENO);
    int null = open("/dev/null", O_RDONLY);
    (void)dup2(null, STDIN_FILENO);
    (void)execv("/proc/self/exe", (char *const *)arguments);
    _exit(127);
}

int process_start(struct process *process, const char *const *arguments,
                  bool reads_output) {
    int ends[2];
    *process = (struct process){.pidfd = -1, .output = -1};
    if (reads_output) {
        if (pipe2(ends, O_CLOEXEC) != 0)
            return -errno;
    } else {
        ends[0] = -1;
        ends[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        run_child(arguments, ends[1], parent);
    int error = errno;
    (void)close(ends[1]);
    if (pid < 0) {
        if (ends[0] >= 0)
            (void)close(ends[0]);
        return -error;
    }
    (void)setpgid(pid, pid); /* whoever comes first */
    process->pid = pid;
    process->output = ends[0];
    process->pidfd = pidfd_open(pid, 0);
    return 0;
}

int process_read_line(struct process *process, uint64_t deadline_ns, char *line,
                      size_t line_bytes) {
    size_t used = 0;
    while (used + 1 < line_bytes) {
        int error = wait_for(process->output, deadline_ns);
        if (error != 0)
            return error;
        ssize_t n_read = read(process->output, line + used, 1);
        if (n_read <= 0)
            return -EPIPE;
        if (line[used] == '\n')
            break;
        used++;
    }
    line[used] = '\0';
    return 0;
}

static void reap(struct process *process) {
    while (wait4(process->pid, &process->status, 0, &process->usage) < 0 &&
           errno == EINTR) {
    }
    (void)close(process->pidfd);
    if (process->output >= 0)
        (void)close(process->output);
    process->pid = 0;
    process->pidfd = process->output = -1;
}

int process_wait(struct process *process, uint64_t deadline_ns, void (*tick)(void *),
                 void *context) {
    while (true) {
        uint64_t now_ns = clock_now_ns();
        uint64_t until_ns =
            now_ns + TICK_NS < deadline_ns ? now_ns + TICK_NS : deadline_ns;
        int error = wait_for(process->pidfd, until_ns);
        if (error == 0) {
            reap(process);
            return 0;
        }
        if (error != -ETIMEDOUT || now_ns >= deadline_ns)
            return error;
        if (tick != NULL)
            tick(context);
    }
}

void process_kill(struct process *process) {
    if (process->pid == 0)
        return;
    (void)kill(-process->pid, SIGKILL);
    reap(process);
}

void process_stop(struct process *process, uint64_t grace_ns) {
    if (process->pid == 0)
        return;
    (void)kill(process->pid, SIGTERM);
    (void)process_wait(process, clock_now_ns() + grace_ns, NULL, NULL);
    process_kill(process); /* only when it has not ended, or we were interrupted */
}

void process_pause(uint64_t duration_ns) {
    (void)wait_for(-1, clock_now_ns() + duration_ns);
}
