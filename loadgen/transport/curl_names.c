/* Names and addresses in libcurl's notation; see curl_names.h. */
#include "loadgen/transport/curl_names.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Not "[::1]", which needs no looking up, and not addresses of one link, "fe80::1%2". */
static bool can_be_told(const struct host *host) {
    bool can = host->name[0] != '[';
    for (const struct addrinfo *at = host->addresses; at != NULL; at = at->ai_next)
        can = can && (at->ai_family != AF_INET6 ||
                      ((const struct sockaddr_in6 *)at->ai_addr)->sin6_scope_id == 0);
    return can;
}

static void write_addresses(FILE *out, const struct addrinfo *at) {
    char text[INET6_ADDRSTRLEN] = "";
    for (; at != NULL; at = at->ai_next) {
        bool is_v6 = at->ai_family == AF_INET6;
        (void)getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0,
                          NI_NUMERICHOST);
        (void)fprintf(out, is_v6 ? "[%s]%s" : "%s%s", text,
                      at->ai_next != NULL ? "," : "");
    }
}

/* "name:port:address,address"; NULL when memory ran out. The caller frees it. */
static char *write_line(const struct host *host) {
    char *line = NULL;
    size_t n_bytes;
    FILE *out = open_memstream(&line, &n_bytes);
    if (out == NULL)
        return NULL;
    (void)fprintf(out, "%s:%s:", host->name, host->port);
    write_addresses(out, host->addresses);
    bool is_whole = ferror(out) == 0;
    if (fclose(out) == 0 && is_whole)
        return line;
    free(line);
    return NULL;
}

int curl_names_make(struct curl_slist **list, const struct hosts *hosts) {
    *list = NULL;
    for (size_t i = 0; i < hosts->n; i++) {
        if (!can_be_told(&hosts->all[i]))
            continue;
        char *line = write_line(&hosts->all[i]);
        struct curl_slist *grown = line != NULL ? curl_slist_append(*list, line) : NULL;
        free(line);
        if (grown == NULL)
            return -ENOMEM;
        *list = grown;
    }
    return 0;
}
