/* What a census counts, and that it costs no more for more threads. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/children/census.h"
#include "tests/child.h"
#include "tests/test.h"

static void *wait_for_end(void *unused) {
    (void)unused;
    (void)pause();
    return NULL;
}

/* A process with threads and one child, once they are there. */
static pid_t start_family(unsigned n_threads) {
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        pid_t child = fork();
        if (child == 0) {
            (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
            (void)pause();
            _exit(0);
        }
        for (unsigned i = 0; i < n_threads; i++) {
            pthread_t thread;
            check(pthread_create(&thread, NULL, wait_for_end, NULL) == 0);
        }
        (void)!write(ends[1], &byte, 1);
        (void)pause();
        _exit(0);
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return pid;
}

/* How often this process has called read(2). */
static unsigned count_reads(void) {
    char line[64];
    unsigned n = 0;
    FILE *io = fopen("/proc/self/io", "re");
    while (io != NULL && fgets(line, sizeof line, io) != NULL)
        (void)sscanf(line, "syscr: %u", &n);
    if (io != NULL)
        (void)fclose(io);
    return n;
}

/* Takes the census of a family; returns how many reads that took. */
static unsigned count_family(unsigned n_threads, struct census *census) {
    pid_t pid = start_family(n_threads);
    unsigned before = count_reads();
    *census = census_take(pid, CENSUS_OURS);
    unsigned n_reads = count_reads() - before;
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
    return n_reads;
}

TEST(all_processes_and_threads_are_counted) {
    struct census few, many;
    unsigned n_few = count_family(1, &few), n_many = count_family(200, &many);
    assert_int_equal(few.n_processes, 2);
    assert_int_equal(many.n_processes, 2);
#ifdef __SANITIZE_THREAD__ /* up to two of its own in each process, in its own time */
    assert_in_range(few.n_threads, 3, 7);
    assert_in_range(many.n_threads, 202, 206);
#else
    assert_int_equal(few.n_threads, 3);
    assert_int_equal(many.n_threads, 202);
#endif
    assert_true(many.pss_bytes >= many.pss_anon_bytes);
    if (few.pss_bytes > 0) /* where the kernel tells */
        assert_true(many.pss_anon_bytes > 0);
    assert_true(n_many <= n_few + 4);
}

/* A socket that listens there, -1 where it cannot. */
static int listen_on(const char *address, unsigned port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)inet_pton(AF_INET, address, &at.sin_addr);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

/* The kernel lists them by a hash of address and port: of one of the addresses the port
 * that the other begins with comes last. */
TEST(a_port_is_found_beside_one_that_begins_like_it) {
    static const char *const addresses[] = {"127.8.7.6", "127.200.100.50"};
    for (size_t i = 0; i < 2; i++) {
        char places[CENSUS_PLACES_BYTES], both[2][64];
        int fds[2] = {-1, -1};
        unsigned port = 1999;
        while (fds[0] < 0 || fds[1] < 0) {
            (void)close(fds[0]);
            fds[0] = listen_on(addresses[i], ++port);
            fds[1] = fds[0] < 0 ? -1 : listen_on(addresses[i], 10 * port + 1);
        }
        census_find_places(getpid(), CENSUS_OURS, places);
        for (unsigned k = 0; k < 2; k++)
            (void)snprintf(both[k], sizeof both[k], "%s:%u, %s:%u", addresses[i],
                           k == 0 ? port : 10 * port + 1, addresses[i],
                           k == 0 ? 10 * port + 1 : port);
        if (strcmp(places, both[0]) != 0)
            assert_string_equal(places, both[1]);
        (void)close(fds[0]);
        (void)close(fds[1]);
    }
}
