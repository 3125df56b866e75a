/* Headers, names and URLs in libcurl's notation; see curl_requests.h. */
#include "loadgen/transport/curl_requests.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int append(struct curl_slist **list, const char *line) {
    struct curl_slist *grown = curl_slist_append(*list, line);
    if (grown == NULL)
        return -ENOMEM;
    *list = grown;
    return 0;
}

/* "Name: value" of ours, unless the user has one of that name. */
static int append_ours(struct curl_slist **list, const struct headers *theirs,
                       const char *name, const char *value) {
    char *line;
    if (headers_have(theirs, name))
        return 0;
    if (asprintf(&line, "%s: %s", name, value) < 0)
        return -ENOMEM;
    int error = append(list, line);
    free(line);
    return error;
}

/* libcurl reads those of the user's as headers.h has them, and puts its own behind. */
static int make_headers(struct curl_requests *requests) {
    const struct transport_config *config = requests->config;
    const struct headers *theirs = config->headers;
    int error = append_ours(&requests->post_headers, theirs, "Content-Type",
                            config->content_type);
    /* Without it libcurl asks leave for a large body and waits for it. */
    if (error == 0)
        error = append_ours(&requests->post_headers, theirs, "Expect", "");
    struct curl_slist **lists[] = {&requests->get_headers, &requests->post_headers};
    for (int has_body = 0; has_body < 2; has_body++) {
        if (error == 0 && !config->keep_alive)
            error = append_ours(lists[has_body], theirs, "Connection", "close");
        for (unsigned n = 0; error == 0 && n < theirs->n; n++)
            if (headers_suit(theirs->lines[n], has_body))
                error = append(lists[has_body], theirs->lines[n]);
    }
    return error;
}

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

/* So that libcurl looks no name up within the times: that takes it a thread and a pair of
 * sockets each. */
static int make_names(struct curl_requests *requests) {
    const struct hosts *hosts = requests->config->hosts;
    int error = 0;
    for (size_t i = 0; error == 0 && i < hosts->n; i++) {
        if (!can_be_told(&hosts->all[i]))
            continue;
        char *line = write_line(&hosts->all[i]);
        error = line != NULL ? append(&requests->names, line) : -ENOMEM;
        free(line);
    }
    return error;
}

bool curl_requests_can_keep_plain_http2(unsigned version) {
    return version < 0x075800 || version >= 0x080000;
}

/* As libcurl reads a CURLOPT_URL. */
static CURLU *parse(const char *url) {
    CURLU *parsed = curl_url();
    if (parsed != NULL &&
        curl_url_set(parsed, CURLUPART_URL, url,
                     CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
        return parsed;
    curl_url_cleanup(parsed);
    return NULL;
}

int curl_requests_make(struct curl_requests *requests,
                       const struct transport_config *config) {
    const struct urls *urls = config->urls;
    requests->config = config;
    requests->urls = calloc(urls->n_targets, sizeof *requests->urls);
    if (requests->urls == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < urls->n_targets; i++)
        requests->urls[i] = parse(urls->targets[i].url);
    int error = make_headers(requests);
    return error == 0 ? make_names(requests) : error;
}

void curl_requests_free(struct curl_requests *requests) {
    curl_slist_free_all(requests->get_headers);
    curl_slist_free_all(requests->post_headers);
    curl_slist_free_all(requests->names);
    for (size_t i = 0; requests->urls != NULL && i < requests->config->urls->n_targets;
         i++)
        curl_url_cleanup(requests->urls[i]);
    free(requests->urls);
}

/* That of the target, or of the proxy before it. */
static const struct host *host_of(const struct hosts *hosts, size_t which) {
    return &hosts->all[hosts->of_target != NULL ? hosts->of_target[which] : 0];
}

void curl_requests_aim(const struct curl_requests *requests, CURL *easy,
                       const struct target *target) {
    const struct transport_config *config = requests->config;
    size_t which = (size_t)(target - config->urls->targets);
    (void)curl_easy_setopt(easy, CURLOPT_URL, target->url); /* where there is no CURLU */
    (void)curl_easy_setopt(easy, CURLOPT_CURLU, requests->urls[which]);
    /* The zone of an address is lost where libcurl is given a URL that was read. */
    (void)curl_easy_setopt(easy, CURLOPT_ADDRESS_SCOPE,
                           (long)host_scope(host_of(config->hosts, which)));
    if (config->http2) /* without TLS there is nobody to ask first */
        (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                               (long)(strncasecmp(target->url, "https", 5) == 0
                                          ? CURL_HTTP_VERSION_2TLS
                                          : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
    if (target->body == NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    } else {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, target->body); /* not copied */
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)target->body_bytes);
    }
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                           target->body == NULL ? requests->get_headers
                                                : requests->post_headers);
}
