/*
 * A step of your own for `juggle serve --step NAME=FILE.so`: a shared object that defines
 * `juggle_step`, as below. This header is all that it needs:
 *
 *   cc -O2 -shared -fPIC -o mine.so mine.c
 *   juggle serve --step mine=./mine.so --work mine+cpu:5ms
 *
 * `open` is called once in each process that runs jobs: the server of strategies that run
 * jobs in its own threads, or each worker process. `call` is called for each request, by
 * several threads of a process at once where the strategy has several and there is no
 * GIL. `close` is called once where `open` was, before that process ends.
 */
#ifndef JUGGLE_STEP_H
#define JUGGLE_STEP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Counts up with each change of what stands below that an older file would not bear. */
#define JUGGLE_STEP_ABI 1

enum { JUGGLE_STEP_ERROR_BYTES = 128, JUGGLE_STEP_TYPE_BYTES = 64 };

enum juggle_step_flags {
    /* Under --gil `call` runs without the lock, as extensions do that let go of it. */
    JUGGLE_STEP_RELEASES_GIL = 1,
    /* `open` is called before worker processes are forked, which then share what it made
     * until one writes to it; else in each of them, before its first job. */
    JUGGLE_STEP_OPENS_BEFORE_FORK = 2,
};

/* Of the request; it stays as it is until `call` returns. */
struct juggle_step_request {
    const char *query; /* as it came, without the '?'; "" where there is none */
    const void *body;
    size_t n_body_bytes; /* 0: there is no body */
};

/* All zero before `call`. */
struct juggle_step_reply {
    void *bytes; /* from malloc; juggle frees it. NULL: this step yields none */
    size_t n_bytes;
    char content_type[JUGGLE_STEP_TYPE_BYTES]; /* "": application/octet-stream */
    uint64_t wait_ns; /* for how long it waited; what it computed is measured */
    char error[JUGGLE_STEP_ERROR_BYTES]; /* one line, where `call` returns a status */
};

struct juggle_step {
    uint32_t abi;   /* JUGGLE_STEP_ABI; the first member in every version */
    uint32_t flags; /* of enum juggle_step_flags, or 0 */

    /* What it puts into `state` is given to the other two. 0, or another value and a line
     * in `error`. NULL: nothing to do. */
    int (*open)(void **state, char error[JUGGLE_STEP_ERROR_BYTES]);

    /* 0, or the HTTP status that the request fails with, 400 to 599. */
    int (*call)(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply);

    /* NULL: nothing to do. */
    void (*close)(void *state);
};

/* What the file defines. */
#pragma GCC visibility push(default)
extern const struct juggle_step juggle_step;
#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
