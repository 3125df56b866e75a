/*
 * The hosts behind the targets, or the proxy or socket before them, their names resolved
 * once, before the run: looking a name up takes time, and would be measured as the
 * server's. Names that only replies bring up (redirects) or that a SOCKS proxy leaves to
 * us are libcurl's to look up. Main thread, then loop thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "loadgen/targets/urls.h"

struct addrinfo;

/* Routes say where connections lead, when not to the host of a URL: by way of a proxy, to
 * a unix socket, or to another host or address than the name stands for. What is sent
 * stays as the URL has it: path, Host, and the name that TLS asks for. */
enum { ROUTES_MOST = 64 };

/* "HOST:PORT:HOST2:PORT2" or "HOST:PORT:ADDRESS"; [..] around IPv6. */
struct route {
    const char *line; /* as given; owned by who gave it */
    /* Parts of a copy that lives as long as the program. */
    const char *host, *port;       /* "": any */
    const char *to_host, *to_port; /* "": the same */
    bool is_taken;                 /* by some host */
};

struct route_list {
    struct route all[ROUTES_MOST];
    unsigned n;
};

struct routes {
    const char *proxy, *unix_path; /* NULL: none */
    struct route_list hosts;       /* of --connect-to: the first that fits counts */
    struct route_list addresses;   /* of --resolve, which looks at these hosts' names */
    bool follows; /* redirects, which may lead to hosts that no URL names */
};

/* Of the second form, or the first. 0, -EINVAL when the line is not of it, -ERANGE beyond
 * ROUTES_MOST, or -ENOMEM. */
int routes_add(struct route_list *list, const char *line, bool is_to_address);

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
