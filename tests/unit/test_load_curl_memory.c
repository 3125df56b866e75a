/*
 * Runs over libcurl whose memory is out in the middle: each request ends, and is counted.
 * A program of its own, since libcurl takes its allocator once.
 */
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "common/base/clock.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/drive/threads.h"
#include "tests/upstream.h"

static struct routes no_routes;

static atomic_uint fail_every; /* so many allocations; 0: none fails, 1: all do */
static atomic_uint n_allocations;

/* libcurl's own threads allocate as well. */
static bool fails(void) {
    unsigned every = fail_every;
    return every > 0 && ++n_allocations % every == 0;
}

static void *scarce_malloc(size_t n) {
    return fails() ? NULL : malloc(n);
}

static void *scarce_calloc(size_t n, size_t size) {
    return fails() ? NULL : calloc(n, size);
}

static void *scarce_realloc(void *old, size_t n) {
    return fails() ? NULL : realloc(old, n);
}

static char *scarce_strdup(const char *text) {
    return fails() ? NULL : strdup(text);
}

/* From the first answer on memory is as scarce as `context` says. */
static void on_sample(void *context, const struct load_sample *sample) {
    (void)sample;
    fail_every = *(unsigned *)context;
}

static struct drive_result run(unsigned port, unsigned every, bool keep_alive) {
    static const struct headers no_headers;
    struct urls urls = {0};
    struct hosts hosts;
    struct drive_result result;
    char url[64], why[WHY_BYTES];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/ok", port);
    assert_int_equal(urls_add(&urls, url, why), 0);
    assert_int_equal(hosts_resolve(&hosts, &urls, &no_routes, why), 0);
    struct drive_config config = {
        .transport = &curl_transport,
        .transport_config = {.urls = &urls,
                             .hosts = &hosts,
                             .timeout_ns = 20 * NS_PER_S,
                             .user_agent = "test",
                             .content_type = "text/plain",
                             .headers = &no_headers,
                             .keep_alive = keep_alive},
        .plan = {.n_users = 60, .n_rounds = 6, .n_targets = 1, .seed = 1},
        .on_sample = on_sample,
        .context = &every};
    n_allocations = 0;
    assert_int_equal(threads_run(&config, &result), 0);
    fail_every = 0;
    hosts_free(&hosts);
    urls_free(&urls);
    return result;
}

/* Exit status of a program of its own: 0 when every request ended and is counted. */
static int run_once(unsigned port, unsigned every, bool keep_alive) {
    unsigned n_without = 0, n_failed = 0;
    struct drive_result result = run(port, every, keep_alive);
    bool is_whole = result.samples->n_ended == 360 && result.n_cut_off == 0;
    struct samples_reader reader = samples_read(result.samples);
    struct load_sample sample;
    while (samples_next(&reader, &sample, NULL)) {
        n_without += sample.error == SAMPLE_NO_MEMORY;
        n_failed += sample_failed(&sample);
    }
    samples_free(result.samples);
    return !(is_whole && (every != 1 || n_without > 0) && (every != 0 || n_failed == 0));
}

/*
 * libcurl 7.88 divides by zero in one of its own tables now and then when its memory is
 * out, which ends the process: such a program says nothing of ours, and another is tried.
 */
static void every_request_ends_when_memory_is_out(void **state) {
    static const char *const scarcities[] = {"1", "2", "7", "100", "0"};
    struct upstream *upstream = *state;
    char port[16];
    (void)snprintf(port, sizeof port, "%u", upstream->port);
    for (size_t i = 0; i < 2 * sizeof scarcities / sizeof *scarcities; i++) {
        char *words[] = {"once", port, (char *)scarcities[i / 2], i % 2 == 0 ? "1" : "0",
                         NULL};
        int status = -1;
        for (int tries = 0; tries < 25; tries++) {
            pid_t pid;
            assert_int_equal(
                posix_spawn(&pid, "/proc/self/exe", NULL, NULL, words, environ), 0);
            assert_int_equal(waitpid(pid, &status, 0), pid);
            if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGFPE)
                break;
        }
        if (status != 0)
            fail_msg("memory out every %s allocations: status %x", scarcities[i / 2],
                     status);
    }
}

int main(int argc, char **argv) {
    (void)signal(SIGPIPE, SIG_IGN);
    stop_signals_block();
    if (argc == 4) {
        (void)signal(SIGFPE, SIG_DFL); /* a sanitizer would exit instead */
        if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, scarce_malloc, free, scarce_realloc,
                                 scarce_strdup, scarce_calloc) != CURLE_OK)
            abort();
        return run_once((unsigned)atoi(argv[1]), (unsigned)atoi(argv[2]),
                        strcmp(argv[3], "1") == 0);
    }
    struct upstream *upstream = upstream_start();
    const struct CMUnitTest tests[] = {{"every_request_ends_when_memory_is_out",
                                        every_request_ends_when_memory_is_out, NULL, NULL,
                                        upstream}};
    int n_failed = cmocka_run_group_tests(tests, NULL, NULL);
    upstream_stop(upstream);
    return n_failed;
}
