/* Names to addresses; see hosts.h. */
#include "loadgen/targets/hosts.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME_BYTES = 256 };

static int resolve(struct host *host, char *why, size_t why_bytes) {
    const struct target *target = host->target;
    char name[MAX_NAME_BYTES];
    size_t length = strlen(target->host);
    bool is_v6 = target->host[0] == '[' && length > 2, has_zone = target->zone != NULL;
    int n_bytes =
        snprintf(name, sizeof name, "%.*s%s%s", (int)(is_v6 ? length - 2 : length),
                 target->host + is_v6, has_zone ? "%" : "", has_zone ? target->zone : "");
    if (n_bytes < 0 || (size_t)n_bytes >= sizeof name) {
        (void)snprintf(why, why_bytes, "the host name '%.60s...' is too long",
                       target->host);
        return -ENAMETOOLONG;
    }
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    int code = getaddrinfo(name, target->port, &hints, &host->addresses);
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

int hosts_resolve(struct hosts *hosts, const struct urls *urls, const char *proxy,
                  char *why, size_t why_bytes) {
    *hosts = (struct hosts){.all = calloc(urls->n_targets, sizeof *hosts->all),
                            .of_target = calloc(urls->n_targets, sizeof(size_t))};
    (void)snprintf(why, why_bytes, "out of memory");
    if (hosts->all == NULL || hosts->of_target == NULL)
        return -ENOMEM;
    int error = 0;
    if (proxy != NULL)
        error = target_of_proxy(&hosts->proxy, proxy, why, why_bytes);
    for (size_t i = 0; error == 0 && i < urls->n_targets; i++) {
        const struct target *target = proxy != NULL ? &hosts->proxy : &urls->targets[i];
        size_t k = hosts->n; /* files list the targets of one host together */
        while (k > 0 && !target_has_host_of(hosts->all[k - 1].target, target))
            k--;
        if (k == 0) {
            hosts->all[hosts->n].target = target;
            k = ++hosts->n;
            error = resolve(&hosts->all[k - 1], why, why_bytes);
        }
        hosts->of_target[i] = k - 1;
    }
    return error;
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
