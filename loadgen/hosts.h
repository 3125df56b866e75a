/*
 * The hosts behind the targets, their names resolved once, before the run: looking a
 * name up takes time of its own, and would be measured as the server's. Main thread, then
 * loop thread.
 */
#ifndef JUGGLE_LOADGEN_HOSTS_H
#define JUGGLE_LOADGEN_HOSTS_H

#include <stddef.h>

#include "loadgen/urls.h"

struct addrinfo;

struct host {
    const char *name, *port;    /* of its first target, which owns them */
    struct addrinfo *addresses; /* at least one, in the order to try them */
    unsigned n_addresses;
};

struct hosts {
    struct host *all;
    size_t n;
    size_t *of_target; /* index into `all` for each target */
};

/*
 * Resolves all names. `urls` outlives it. 0, or -errno with one line in `why` that says
 * which name and what to do; release with hosts_free either way.
 */
int hosts_resolve(struct hosts *hosts, const struct urls *urls, char *why,
                  size_t why_bytes);

void hosts_free(struct hosts *hosts);

/* The address behind `address`, around the end to the first. */
const struct addrinfo *host_next_address(const struct host *host,
                                         const struct addrinfo *address);

#endif
