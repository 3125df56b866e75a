/* http1 where it can, and curl; see transport_choice.h. */
#include "loadgen/transport_choice.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "common/base/error.h"
#include "common/base/machine.h"
#include "loadgen/transport/curl_requests.h"

enum {
    OTHER_FILES = 64,        /* standard streams, the loop's own, files, libraries' */
    THREAD_FILES = 8,        /* more of these for each thread */
    MOST_IN_FLIGHT = 100000, /* of an open loop when descriptors abound */
};

/* By the library that is there, not the one that was compiled against. */
static void check_http2(const struct load_options *options, const struct urls *urls) {
    const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
    if (!options->config.transport_config.http2)
        return;
    if ((libcurl->features & CURL_VERSION_HTTP2) == 0)
        error_exit("load: libcurl %s does not support HTTP/2; leave out --http2",
                   libcurl->version);
    if (options->no_keepalive || curl_requests_can_keep_plain_http2(libcurl->version_num))
        return;
    for (size_t i = 0; i < urls->n_targets; i++)
        if (strncasecmp(urls->targets[i].url, "http:", 5) == 0)
            error_exit("load: libcurl %s fails every other request of --http2 over plain "
                       "http, on connections that are kept; use https, add "
                       "--no-keepalive, or install libcurl 8.0 or later",
                       libcurl->version);
}

/* What they hold is wrong now or for every request. */
static void check_tls(const struct load_options *options, const struct urls *urls) {
    const struct tls *tls = &options->config.transport_config.tls;
    char why[CURL_ERROR_SIZE];
    bool is_asked_for = options->routes.follows;
    for (size_t i = 0; i < urls->n_targets; i++)
        is_asked_for =
            is_asked_for || strncasecmp(urls->targets[i].url, "https:", 6) == 0;
    if (tls->authority_path == NULL && tls->certificate_path == NULL)
        return;
    if (!is_asked_for)
        error_exit("load: --cacert, --cert and --key are for https, and no URL is; leave "
                   "them out, or write https://");
    if (curl_requests_try_tls(tls, why) != 0)
        error_exit(
            "load: a file of --cacert, --cert or --key cannot be used: %s; give PEM "
            "files, and a key that needs no pass phrase",
            why);
}

const struct transport *transport_choose(const struct load_options *options,
                                         const struct urls *urls) {
    const char *name = options->transport;
    bool is_plain = options->routes.proxy == NULL && !options->routes.follows &&
                    !options->config.transport_config.http2 &&
                    !options->config.transport_config.keeps_cookies;
    for (size_t i = 0; i < urls->n_targets; i++)
        is_plain = is_plain && urls->targets[i].is_plain;
    check_http2(options, urls);
    check_tls(options, urls);
    if (name == NULL)
        return is_plain ? &http1_transport : &curl_transport;
    if (strcmp(name, curl_transport.name) == 0)
        return &curl_transport;
    if (strcmp(name, http1_transport.name) != 0)
        error_exit("load: --transport wants http1 or curl, not '%s'", name);
    if (!is_plain)
        error_exit(
            "load: --transport http1 serves only http:// URLs without a user name, "
            "and not with --proxy, --follow, --http2 or --cookies; use --transport curl");
    return &http1_transport;
}

/* A lane holds one connection, and which host a user will ask first is the schedule's. */
static void check_preconnect(const struct transport *transport, const struct hosts *hosts,
                             const struct load_options *options) {
    if (!options->config.transport_config.preconnects)
        return;
    if (load_options_are_open(options) || options->no_keepalive ||
        transport != &http1_transport)
        error_exit(
            "load: --preconnect works only with users who keep their connections, over "
            "plain http; leave out --rate, --no-keepalive and --transport curl");
    if (hosts->n > 1)
        error_exit("load: --preconnect opens one connection for each user, and %s has "
                   "URLs of %zu hosts; leave it out, or give one run to each host",
                   options->file, hosts->n);
}

void transport_fit(const struct load_options *options, struct drive_config *config) {
    const struct transport *transport = config->transport;
    check_preconnect(transport, config->transport_config.hosts, options);
    unsigned n_files = machine_raise_nofile();
    unsigned n_others = OTHER_FILES + THREAD_FILES * (options->config.n_threads - 1);
    unsigned most = n_files > n_others ? n_files - n_others : 0;
    while (most > 0 && transport->files_needed(most) + n_others > n_files)
        most--;
    bool is_open = load_options_are_open(options);
    if (most == 0)
        error_exit("load: a single connection needs %llu open files, but the limit is "
                   "%u; raise the hard limit (ulimit -Hn)",
                   (unsigned long long)transport->files_needed(1) + n_others, n_files);
    if (is_open && config->max_in_flight == 0)
        config->max_in_flight = most < MOST_IN_FLIGHT ? most : MOST_IN_FLIGHT;
    unsigned wanted = is_open ? config->max_in_flight : config->plan.n_users;
    if (wanted > most)
        error_exit("load: %s %u needs %llu open files, but the limit is %u; ask for at "
                   "most %u, or raise the hard limit (ulimit -Hn)",
                   is_open ? "--max-inflight" : "-c", wanted,
                   (unsigned long long)transport->files_needed(wanted) + n_others,
                   n_files, most);
}
