/*
 * The hosts behind the targets, or the proxy or socket before them, their names resolved
 * once, before the run: looking a name up takes time, and would be measured as the
 * server's. Names that only replies bring up (redirects) or that a SOCKS proxy leaves to
 * us are libcurl's to look up. Main thread, then loop thread.
 */
#pragma once

#include <stddef.h>

#include "loadgen/targets/routes.h"
#include "loadgen/targets/urls.h"

struct addrinfo;

struct host {
    const struct target *target; /* the first one there, or the proxy */
    const char *name, *port;     /* that were looked up: the target's, or a route's */
    struct addrinfo *addresses;  /* at least one, in the order to try them */
    unsigned n_addresses;
};

struct hosts {
    struct host *all;
    size_t n;
    size_t *of_target;   /* index into `all` for each target */
    struct target proxy; /* all NULL: none */
    const struct routes *routes;
    struct unix_address *unix_socket; /* the one address of all targets; NULL: none */
};

/*
 * Resolves all names; with a proxy or a unix socket its own alone, as targets may have
 * names that only it knows. `urls` and `routes`, in which it notes what was taken,
 * outlive it. 0, or -errno with one line in `why` that says which name or route and what
 * to do; release with hosts_free either way.
 */
int hosts_resolve(struct hosts *hosts, const struct urls *urls, struct routes *routes,
                  char why[WHY_BYTES]);
void hosts_free(struct hosts *hosts);
