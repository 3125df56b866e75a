/* Names to addresses; see hosts.h. */
#include "loadgen/targets/hosts.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME_BYTES = 256 };

static const char *text_of(const char *zone) {
    return zone != NULL ? zone : "";
}

static int resolve(struct host *host, char *why, size_t why_bytes) {
    char name[MAX_NAME_BYTES];
    size_t length = strlen(host->name);
    bool is_v6 = host->name[0] == '[' && length > 2;
    int n_bytes =
        snprintf(name, sizeof name, "%.*s%s%s", (int)(is_v6 ? length - 2 : length),
                 host->name + is_v6, host->zone != NULL ? "%" : "", text_of(host->zone));
    if (n_bytes < 0 || (size_t)n_bytes >= sizeof name) {
        (void)snprintf(why, why_bytes, "the host name '%.60s...' is too long",
                       host->name);
        return -ENAMETOOLONG;
    }
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    int code = getaddrinfo(name, host->port, &hints, &host->addresses);
    if (code != 0) {
        (void)snprintf(why, why_bytes,
                       "the host '%.200s' cannot be found: %s; check the name, or give "
                       "its address",
                       name, gai_strerror(code));
        host->addresses = NULL;
        return -EHOSTUNREACH;
    }
    for (const struct addrinfo *at = host->addresses; at != NULL; at = at->ai_next)
        host->n_addresses++;
    return 0;
}

/* The index of the target's host, which is added when it is a new one. */
static size_t find_or_add(struct hosts *hosts, const struct target *target) {
    for (size_t i = hosts->n; i-- > 0;) /* files list those of one host together */
        if (strcmp(hosts->all[i].name, target->host) == 0 &&
            strcmp(hosts->all[i].port, target->port) == 0 &&
            strcmp(text_of(hosts->all[i].zone), text_of(target->zone)) == 0)
            return i;
    hosts->all[hosts->n] =
        (struct host){.name = target->host, .zone = target->zone, .port = target->port};
    return hosts->n++;
}

int hosts_resolve(struct hosts *hosts, const struct urls *urls, char *why,
                  size_t why_bytes) {
    *hosts = (struct hosts){.all = calloc(urls->n_targets, sizeof *hosts->all),
                            .of_target = calloc(urls->n_targets, sizeof(size_t))};
    (void)snprintf(why, why_bytes, "out of memory");
    if (hosts->all == NULL || hosts->of_target == NULL)
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; error == 0 && i < urls->n_targets; i++) {
        struct host *host =
            &hosts->all[hosts->of_target[i] = find_or_add(hosts, &urls->targets[i])];
        if (host->addresses == NULL)
            error = resolve(host, why, why_bytes);
    }
    return error;
}

int hosts_resolve_proxy(struct hosts *hosts, const char *proxy, char *why,
                        size_t why_bytes) {
    *hosts = (struct hosts){.all = calloc(1, sizeof *hosts->all)};
    int error = target_of_proxy(&hosts->proxy, proxy, why, why_bytes);
    if (error != 0)
        return error;
    if (hosts->all == NULL) {
        (void)snprintf(why, why_bytes, "out of memory");
        return -ENOMEM;
    }
    return resolve(&hosts->all[find_or_add(hosts, &hosts->proxy)], why, why_bytes);
}

void hosts_free(struct hosts *hosts) {
    for (size_t i = 0; i < hosts->n; i++)
        if (hosts->all[i].addresses != NULL)
            freeaddrinfo(hosts->all[i].addresses);
    free(hosts->all);
    free(hosts->of_target);
    target_release(&hosts->proxy);
    *hosts = (struct hosts){0};
}
