/*
 * Where connections lead, when not to the host of a URL: by way of a proxy, to a unix
 * socket, or to another host or address than the name stands for. What is sent stays as
 * the URL has it: path, Host, and the name that TLS asks for. Any thread.
 */
#pragma once

#include <stdbool.h>

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

/* The first that is for this host and port, letter case apart, and is taken now; or
 * NULL. */
const struct route *routes_take(struct route_list *list, const char *host,
                                const char *port);

/* One that was never taken, or NULL. */
const struct route *routes_find_lost(const struct route_list *list);
