/* Names to addresses, and where routes lead; see hosts.h. */
#include "loadgen/targets/hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_NAME_BYTES = 256 };

/* A socket in the file system, as the one address of a host. */
struct unix_address {
    struct addrinfo info;
    struct sockaddr_un address;
};

/* Routes */

/* Cuts off what stands before the next colon, or within [..], and leaves what is behind
 * that colon, when one is to follow. NULL: it is not so. */
static char *cut(char **text, bool has_more) {
    char *part = *text;
    char *end = *part == '[' ? strchr(part, ']') : strchrnul(part, ':');
    if (end == NULL)
        return NULL;
    end += *end == ']';
    if (*end != (has_more ? ':' : '\0'))
        return NULL;
    *end = '\0';
    *text = end + has_more;
    return part;
}

static bool is_port(const char *text) {
    return strspn(text, "0123456789") == strlen(text) && text[0] != '0' &&
           strtoul(text, NULL, 10) <= 65535;
}

static bool is_address(const char *text) {
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* The texts of a route live where its host begins. */
int routes_add(struct route_list *list, const char *line, bool is_to_address) {
    struct route route = {.line = line};
    if (list->n == ROUTES_MOST)
        return -ERANGE;
    char *copy = strdup(line), *rest = copy;
    if (copy == NULL)
        return -ENOMEM;
    bool is_form = (route.host = cut(&rest, true)) != NULL &&
                   (route.port = cut(&rest, true)) != NULL && is_port(route.port);
    if (is_form && is_to_address) {
        size_t n = strlen(rest);
        bool has_brackets = rest[0] == '[' && rest[n - 1] == ']';
        if (has_brackets)
            rest[n - 1] = '\0';
        route.to_host = rest + has_brackets;
        is_form =
            route.host[0] != '\0' && route.port[0] != '\0' && is_address(route.to_host);
    } else if (is_form) {
        is_form = (route.to_host = cut(&rest, true)) != NULL &&
                  (route.to_port = cut(&rest, false)) != NULL && is_port(route.to_port) &&
                  (route.to_host[0] != '\0' || route.to_port[0] != '\0');
    }
    if (is_form)
        list->all[list->n++] = route;
    else
        free(copy);
    return is_form ? 0 : -EINVAL;
}

/* The first that is for this host and port, letter case apart, and is taken now; NULL:
 * none is. */
static const struct route *take_route(struct route_list *list, const char *host,
                                      const char *port) {
    for (struct route *route = list->all; route < list->all + list->n; route++)
        if ((route->host[0] == '\0' || strcasecmp(route->host, host) == 0) &&
            (route->port[0] == '\0' || strcmp(route->port, port) == 0)) {
            route->is_taken = true;
            return route;
        }
    return NULL;
}

/* One that was never taken, or NULL. */
static const struct route *find_lost(const struct route_list *list) {
    for (unsigned i = 0; i < list->n; i++)
        if (!list->all[i].is_taken)
            return &list->all[i];
    return NULL;
}

/* Hosts */

static int resolve(struct host *host, struct routes *routes, char why[WHY_BYTES]) {
    const struct target *target = host->target;
    const struct route *route = take_route(&routes->hosts, target->host, target->port);
    bool is_moved = route != NULL && route->to_host[0] != '\0';
    host->name = is_moved ? route->to_host : target->host;
    host->port =
        route != NULL && route->to_port[0] != '\0' ? route->to_port : target->port;
    const struct route *told = take_route(&routes->addresses, host->name, host->port);
    const char *text = told != NULL ? told->to_host : host->name;
    char name[MAX_NAME_BYTES];
    size_t length = strlen(text);
    bool is_v6 = text[0] == '[' && length > 2;
    bool has_zone = target->zone != NULL && !is_moved && told == NULL;
    int n_bytes =
        snprintf(name, sizeof name, "%.*s%s%s", (int)(is_v6 ? length - 2 : length),
                 text + is_v6, has_zone ? "%" : "", has_zone ? target->zone : "");
    if (n_bytes < 0 || (size_t)n_bytes >= sizeof name)
        return error_say(why, -ENAMETOOLONG, "the host name '%.60s...' is too long",
                         text);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    int code = getaddrinfo(name, host->port, &hints, &host->addresses);
    if (code != 0) {
        host->addresses = NULL;
        return error_say(why, -EHOSTUNREACH,
                         "the host '%.200s' cannot be found: %s; check the name, or give "
                         "its address",
                         name, gai_strerror(code));
    }
    for (const struct addrinfo *at = host->addresses; at != NULL; at = at->ai_next)
        host->n_addresses++;
    return 0;
}

/* What is no socket now will be none for any request; whether somebody listens there is
 * seen when they are sent. */
static int use_unix_socket(struct hosts *hosts, const struct target *first,
                           char why[WHY_BYTES]) {
    const char *path = hosts->routes->unix_path;
    struct unix_address *own = hosts->unix_socket = calloc(1, sizeof *own);
    struct stat about;
    if (own == NULL)
        return -ENOMEM;
    int error = strlen(path) >= sizeof own->address.sun_path ? -ENAMETOOLONG
                : stat(path, &about) != 0                    ? -errno
                : !S_ISSOCK(about.st_mode)                   ? -ENOTSOCK
                : access(path, W_OK) != 0                    ? -errno
                                                             : 0;
    if (error != 0)
        return error_say(why, error,
                         "--unix-socket '%.120s' cannot be used: %s; name the socket "
                         "that the server listens on",
                         path, strerror(-error));
    own->address.sun_family = AF_UNIX;
    (void)strcpy(own->address.sun_path, path);
    own->info = (struct addrinfo){.ai_family = AF_UNIX,
                                  .ai_socktype = SOCK_STREAM,
                                  .ai_addr = (struct sockaddr *)(void *)&own->address,
                                  .ai_addrlen = sizeof own->address};
    hosts->all[hosts->n++] =
        (struct host){first, first->host, first->port, &own->info, 1};
    return 0;
}

/* A route that no URL takes is a slip of the pen. */
static int check_routes(const struct routes *routes, const struct hosts *hosts,
                        const struct urls *urls, char why[WHY_BYTES]) {
    const struct route *lost = find_lost(&routes->hosts);
    const char *option = lost != NULL ? "--connect-to" : "--resolve";
    if (lost == NULL)
        lost = find_lost(&routes->addresses);
    if (lost == NULL || routes->follows)
        return 0;
    return error_say(
        why, -EINVAL,
        "%s '%.150s' is for no URL, because '%.150s' is at %.150s:%s; mend its "
        "host or port",
        option, lost->line, urls->targets[0].url, hosts->all[0].name, hosts->all[0].port);
}

int hosts_resolve(struct hosts *hosts, const struct urls *urls, struct routes *routes,
                  char why[WHY_BYTES]) {
    *hosts = (struct hosts){.all = calloc(urls->n_targets, sizeof *hosts->all),
                            .of_target = calloc(urls->n_targets, sizeof(size_t)),
                            .routes = routes};
    (void)error_say(why, 0, "out of memory");
    if (hosts->all == NULL || hosts->of_target == NULL)
        return -ENOMEM;
    if (routes->unix_path != NULL)
        return use_unix_socket(hosts, &urls->targets[0], why);
    const char *proxy = routes->proxy;
    int error = 0;
    if (proxy != NULL)
        error = target_of_proxy(&hosts->proxy, proxy, why);
    for (size_t i = 0; error == 0 && i < urls->n_targets; i++) {
        const struct target *target = proxy != NULL ? &hosts->proxy : &urls->targets[i];
        size_t k = hosts->n; /* files list the targets of one host together */
        while (k > 0 && !target_has_host_of(hosts->all[k - 1].target, target))
            k--;
        if (k == 0) {
            hosts->all[hosts->n].target = target;
            k = ++hosts->n;
            error = resolve(&hosts->all[k - 1], routes, why);
        }
        hosts->of_target[i] = k - 1;
    }
    return error == 0 ? check_routes(routes, hosts, urls, why) : error;
}

void hosts_free(struct hosts *hosts) {
    for (size_t i = 0; i < hosts->n && hosts->unix_socket == NULL; i++)
        if (hosts->all[i].addresses != NULL)
            freeaddrinfo(hosts->all[i].addresses);
    free(hosts->unix_socket);
    free(hosts->all);
    free(hosts->of_target);
    target_release(&hosts->proxy);
    *hosts = (struct hosts){0};
}
