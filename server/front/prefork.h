/*
 * Several server processes on one port, like Tornado's start(N): the calling process
 * forks them, replaces one that dies, and passes each signal that ends a server on as
 * SIGTERM. When it is killed, the kernel ends them as well. It stays single-threaded and
 * without an event base, so it can fork again at any time.
 */
#pragma once

/*
 * Runs `serve(context, index, ready_fd)` in n_processes children; each writes one byte to
 * ready_fd when it can serve and returns its exit status. `all_ready` is called once,
 * here, when all of them can. Returns the exit status: 0 when all ended well after a
 * signal.
 */
int prefork_run(unsigned n_processes,
                int (*serve)(void *context, unsigned index, int ready_fd),
                void (*all_ready)(void *context), void *context);
