/* Settings, headers, names and errors in libcurl's notation; see curl_requests.h. */
#include "loadgen/transport/curl_requests.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/net/listener.h"
#include "loadgen/transport/headers.h"

enum { BUFFER_BYTES = 16 * 1024, SMALL_BUFFER_BYTES = 2 * 1024 };

static const long YEAR_S = 365L * 24 * 3600, MOST_REDIRECTS = 20;

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
    int error =
        append_ours(&requests->headers[1], theirs, "Content-Type", config->content_type);
    /* Without it libcurl asks leave for a large body and waits for it. */
    if (error == 0)
        error = append_ours(&requests->headers[1], theirs, "Expect", "");
    for (int has_body = 0; has_body < 2; has_body++) {
        struct curl_slist **list = &requests->headers[has_body];
        /* Of CURLOPT_USERAGENT libcurl writes a line for each request, and then copies
         * it: of 57,000 instructions that was 2,800. */
        if (error == 0)
            error = append_ours(list, theirs, "User-Agent", config->user_agent);
        if (error == 0 && !config->keep_alive)
            error = append_ours(list, theirs, "Connection", "close");
        for (unsigned n = 0; error == 0 && n < theirs->n; n++)
            if (headers_suit(theirs->lines[n], has_body))
                error = append(list, theirs->lines[n]);
    }
    return error;
}

/* The link that an address is valid on, "fe80::1%2"; 0: on any. */
static unsigned scope_of(const struct addrinfo *at) {
    return at->ai_family == AF_INET6
               ? ((const struct sockaddr_in6 *)(const void *)at->ai_addr)->sin6_scope_id
               : 0;
}

/* "name:port:address,address"; NULL when memory ran out. The caller frees it. */
static char *write_line(const struct host *host) {
    char *line = NULL, text[INET6_ADDRSTRLEN] = "";
    size_t n_bytes;
    FILE *out = open_memstream(&line, &n_bytes);
    if (out == NULL)
        return NULL;
    (void)fprintf(out, "%s:%s:", host->name, host->port);
    for (const struct addrinfo *at = host->addresses; at != NULL; at = at->ai_next) {
        (void)getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0,
                          NI_NUMERICHOST);
        (void)fprintf(out, at->ai_family == AF_INET6 ? "[%s]%s" : "%s%s", text,
                      at->ai_next != NULL ? "," : "");
    }
    bool is_whole = ferror(out) == 0;
    if (fclose(out) == 0 && is_whole)
        return line;
    free(line);
    return NULL;
}

/* What --connect-to and --resolve say of hosts that only a redirect brings up, and what
 * was resolved, so that libcurl looks no name up within the times: that takes it a thread
 * and a pair of sockets each. Not "[::1]", which needs no looking up, and not addresses
 * of one link. */
static int make_names(struct curl_requests *requests) {
    const struct hosts *hosts = requests->config->hosts;
    const struct routes *routes = hosts->routes;
    int error = 0;
    if (hosts->unix_socket != NULL)
        return 0;
    for (unsigned i = 0; error == 0 && i < routes->hosts.n; i++)
        error = append(&requests->routes, routes->hosts.all[i].line);
    /* Of what a redirect may bring up, too; what was resolved comes behind and counts. */
    for (unsigned i = 0; error == 0 && i < routes->addresses.n; i++)
        error = append(&requests->names, routes->addresses.all[i].line);
    for (size_t i = 0; error == 0 && i < hosts->n; i++) {
        bool can_be_told = hosts->all[i].name[0] != '[';
        for (const struct addrinfo *at = hosts->all[i].addresses; at != NULL;
             at = at->ai_next)
            can_be_told = can_be_told && scope_of(at) == 0;
        if (!can_be_told)
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

int curl_requests_make(struct curl_requests *requests,
                       const struct transport_config *config) {
    requests->config = config;
    int error = make_headers(requests);
    return error == 0 ? make_names(requests) : error;
}

void curl_requests_free(struct curl_requests *requests) {
    curl_slist_free_all(requests->headers[0]);
    curl_slist_free_all(requests->headers[1]);
    curl_slist_free_all(requests->names);
    curl_slist_free_all(requests->routes);
}

void curl_requests_limit(CURL *easy, uint64_t timeout_ns) {
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                           (long)((timeout_ns + NS_PER_MS - 1) / NS_PER_MS));
}

/* False when memory ran out. */
static bool set_tls(const struct tls *tls, CURL *easy) {
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, (long)!tls->accepts_any);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls->accepts_any ? 0L : 2L);
    if (tls->authority_path != NULL) /* that alone, and none of the system's */
        (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    /* A key that needs a pass phrase fails: else it would be asked for on the terminal,
     * once for each user. */
    return (tls->authority_path == NULL ||
            curl_easy_setopt(easy, CURLOPT_CAINFO, tls->authority_path) == CURLE_OK) &&
           (tls->certificate_path == NULL ||
            (curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->certificate_path) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "") == CURLE_OK)) &&
           (tls->key_path == NULL ||
            curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_path) == CURLE_OK);
}

/* Connects to what answers in no TLS at all. Certificates of authorities are read when
 * something comes from the server, and the other files before. */
static CURLcode meet_nobody(CURLM *multi, int listener) {
    enum { WAIT_MS = 10 };
    static const char answer[] = "no TLS\n";
    int n_running = 1, peer = -1, n_left;
    while (n_running > 0 && curl_multi_perform(multi, &n_running) == CURLM_OK) {
        if (peer < 0 && (peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
            (void)!send(peer, answer, sizeof answer - 1, MSG_NOSIGNAL);
        (void)curl_multi_poll(multi, NULL, 0, WAIT_MS, NULL);
    }
    if (peer >= 0)
        (void)close(peer);
    const CURLMsg *message = curl_multi_info_read(multi, &n_left);
    return message != NULL ? message->data.result : CURLE_OK;
}

int curl_requests_try_tls(const struct tls *tls, char *why) {
    unsigned port = 0;
    char url[40];
    CURL *easy = curl_easy_init();
    CURLM *multi = curl_multi_init();
    int listener = listener_open("127.0.0.1", &port, false);
    CURLcode code = CURLE_OK;
    if (easy != NULL && multi != NULL && listener >= 0 && set_tls(tls, easy)) {
        (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/", port);
        (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
        (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
        (void)curl_easy_setopt(easy, CURLOPT_URL, url);
        if (curl_multi_add_handle(multi, easy) == CURLM_OK)
            code = meet_nobody(multi, listener);
        (void)curl_multi_remove_handle(multi, easy);
    }
    curl_easy_cleanup(easy);
    (void)curl_multi_cleanup(multi);
    if (listener >= 0)
        (void)close(listener);
    bool is_of_files = code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE;
    return is_of_files ? -EINVAL : 0;
}

int curl_requests_prepare(const struct curl_requests *requests, CURL *easy) {
    const struct transport_config *config = requests->config;
    const struct routes *routes = config->hosts->routes;
    const struct {
        CURLoption option;
        long value;
    } settings[] = {
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        /* A header of the user's may ask leave; the body goes at once, as over http1. */
        {CURLOPT_EXPECT_100_TIMEOUT_MS, 1},
        {CURLOPT_FOLLOWLOCATION, routes->follows},
        {CURLOPT_MAXREDIRS, MOST_REDIRECTS},
        {CURLOPT_BUFFERSIZE, config->small_buffers ? SMALL_BUFFER_BYTES : BUFFER_BYTES},
        {CURLOPT_MAXAGE_CONN, YEAR_S}, /* while it lives */
        {CURLOPT_FORBID_REUSE, !config->keep_alive},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        (void)curl_easy_setopt(easy, settings[i].option, settings[i].value);
    (void)curl_easy_setopt(easy, CURLOPT_RESOLVE, requests->names);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, requests->routes);
    curl_requests_limit(easy, config->timeout_ns);
    /* What libcurl copies, and must not go without: not the proxy, of all things. */
    const struct {
        CURLoption option;
        const char *value;
    } texts[] = {
        /* What a proxy is asked by CONNECT gets none of the headers. */
        {CURLOPT_USERAGENT, routes->proxy != NULL ? config->user_agent : NULL},
        {CURLOPT_PROXY, routes->proxy},
        {CURLOPT_UNIX_SOCKET_PATH, routes->unix_path},
        {CURLOPT_COOKIEFILE, config->keeps_cookies ? "" : NULL}, /* a jar of its own */
    };
    bool is_set =
        set_tls(&config->tls, easy) &&
    /* A redirect leads to no other protocol, whatever the library knows. */
#if LIBCURL_VERSION_NUM >= 0x075500
        curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
        curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS,
                         (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
    for (size_t i = 0; is_set && i < sizeof texts / sizeof *texts; i++)
        is_set = texts[i].value == NULL ||
                 curl_easy_setopt(easy, texts[i].option, texts[i].value) == CURLE_OK;
    return is_set ? 0 : -ENOMEM;
}

int curl_requests_aim(const struct curl_requests *requests, CURL *easy,
                      const struct target *target) {
    const struct transport_config *config = requests->config;
    const struct hosts *hosts = config->hosts;
    const struct host *host =
        &hosts->all[hosts->of_target[target - config->urls->targets]];
    (void)curl_easy_setopt(easy, CURLOPT_URL, target->url); /* or it writes one out */
    (void)curl_easy_setopt(easy, CURLOPT_CURLU, target->parsed);
    /* The zone of an address is lost where libcurl is given a URL that was read. */
    (void)curl_easy_setopt(easy, CURLOPT_ADDRESS_SCOPE, (long)scope_of(host->addresses));
    bool is_tls = strncasecmp(target->url, "https", 5) == 0;
    if (config->http2) /* without TLS there is nobody to ask first */
        (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                               (long)(is_tls ? CURL_HTTP_VERSION_2TLS
                                             : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
    const struct method *method = target->method;
    bool has_body = target->body != NULL, is_post = strcmp(method->name, "POST") == 0;
    /* The method goes into the request's text alone where libcurl knows it not better: a
     * redirect then takes neither it nor its body away, but for a 303. */
    bool is_known =
        method->is_head || strcmp(method->name, has_body ? "POST" : "GET") == 0;
    if (has_body) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, target->body); /* not copied */
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               (curl_off_t)target->body_bytes);
    } else {
        (void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    (void)curl_easy_setopt(easy, CURLOPT_NOBODY, (long)method->is_head);
    (void)curl_easy_setopt(easy, CURLOPT_POSTREDIR,
                           is_post ? 0L
                                   : (long)(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, requests->headers[has_body]);
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                            is_known ? NULL : method->name) == CURLE_OK
               ? 0
               : -ENOMEM;
}

/* What became of them */

/*
 * Some codes stand for several things, which only the text beside them tells apart; a
 * library that words it otherwise gives the usual kind of the code. The first row that
 * fits counts.
 */
static const struct {
    CURLcode code;
    const char *part; /* of the text; NULL: any text fits */
    enum sample_error error;
} meanings[] = {
    {CURLE_OPERATION_TIMEDOUT, NULL, SAMPLE_TIMEOUT},
    {CURLE_COULDNT_RESOLVE_HOST, NULL, SAMPLE_DNS},
    {CURLE_COULDNT_RESOLVE_PROXY, NULL, SAMPLE_DNS},
    {CURLE_GOT_NOTHING, NULL, SAMPLE_CLOSED},
    {CURLE_PARTIAL_FILE, NULL, SAMPLE_CLOSED},
    {CURLE_SEND_ERROR, NULL, SAMPLE_CLOSED},
    {CURLE_RECV_ERROR, "hunk", SAMPLE_BAD_CHUNK},
    {CURLE_RECV_ERROR, " alert ",
     SAMPLE_TLS_CLIENT},                     /* after the handshake, of TLS 1.3 */
    {CURLE_RECV_ERROR, NULL, SAMPLE_CLOSED}, /* under TLS, without its own farewell */
    {CURLE_UNSUPPORTED_PROTOCOL, NULL, SAMPLE_NOT_HTTP},
    {CURLE_WEIRD_SERVER_REPLY, "Content-Length", SAMPLE_BAD_LENGTH},
    {CURLE_WEIRD_SERVER_REPLY, "eader", SAMPLE_BAD_HEADER},
    {CURLE_WEIRD_SERVER_REPLY, NULL, SAMPLE_NOT_HTTP},
    {CURLE_BAD_CONTENT_ENCODING, NULL, SAMPLE_BAD_CHUNK},
    {CURLE_FILESIZE_EXCEEDED, NULL, SAMPLE_BAD_LENGTH},
    {CURLE_TOO_MANY_REDIRECTS, NULL, SAMPLE_REDIRECT_LOOP},
    {CURLE_HTTP2, NULL, SAMPLE_BAD_HTTP2},
    {CURLE_HTTP2_STREAM, NULL, SAMPLE_BAD_HTTP2},
    {CURLE_PROXY, NULL, SAMPLE_PROXY_REFUSED},
#if LIBCURL_VERSION_NUM >= 0x080600
    {CURLE_TOO_LARGE, NULL, SAMPLE_ENDLESS_HEAD},
#endif
    {CURLE_OUT_OF_MEMORY, NULL, SAMPLE_NO_MEMORY},
    {CURLE_ABORTED_BY_CALLBACK, NULL, SAMPLE_NO_MEMORY}, /* to watch a socket */
    {CURLE_SSL_CONNECT_ERROR, "wrong version number", SAMPLE_NOT_TLS},
    {CURLE_SSL_CONNECT_ERROR, "packet length too long", SAMPLE_NOT_TLS},
    {CURLE_SSL_CONNECT_ERROR, "record layer failure", SAMPLE_NOT_TLS},
    {CURLE_SSL_CONNECT_ERROR, "alert handshake failure", SAMPLE_TLS_CLIENT},
    {CURLE_SSL_CONNECT_ERROR, NULL, SAMPLE_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, "expired", SAMPLE_TLS_EXPIRED},
    {CURLE_PEER_FAILED_VERIFICATION, "target", SAMPLE_TLS_HOST}, /* host, or address */
    {CURLE_PEER_FAILED_VERIFICATION, "signed certificate", SAMPLE_TLS_AUTHORITY},
    {CURLE_PEER_FAILED_VERIFICATION, "issuer", SAMPLE_TLS_AUTHORITY},
    {CURLE_PEER_FAILED_VERIFICATION, NULL, SAMPLE_TLS},
    {CURLE_SSL_CACERT_BADFILE, NULL, SAMPLE_TLS},
    {CURLE_SSL_CERTPROBLEM, NULL, SAMPLE_TLS},
    {CURLE_SSL_CIPHER, NULL, SAMPLE_TLS},
};

/* What only the state of the transfer tells; or SAMPLE_ANSWERED. */
static enum sample_error kind_by_state(CURL *easy, CURLcode code) {
    long status = 0, proxy_status = 0, os_errno = 0;
    curl_off_t first_byte_us = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    (void)curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
    if (proxy_status >= 300)
        return SAMPLE_PROXY_REFUSED;
    bool is_redirect = status >= 300 && status < 400;
    if (is_redirect &&
        (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT))
        return SAMPLE_BAD_REDIRECT;
    if (code == CURLE_OUT_OF_MEMORY && first_byte_us > 0) /* older than TOO_LARGE */
        return SAMPLE_ENDLESS_HEAD;
    bool moved_data = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
    if (moved_data && (os_errno == ECONNRESET || os_errno == EPIPE))
        return SAMPLE_RESET;
    if (code == CURLE_COULDNT_CONNECT && os_errno == 0) /* no error but no connection: */
        return SAMPLE_REFUSED;                          /* a full unix socket's */
    return code == CURLE_COULDNT_CONNECT ? sample_error_of((int)os_errno)
                                         : SAMPLE_ANSWERED;
}

bool curl_requests_is_goodbye(CURLcode code, const char *text) {
    return code == CURLE_HTTP2 && text[0] == '\0';
}

enum sample_error curl_requests_error(CURL *easy, CURLcode code, const char *text) {
    if (code == CURLE_OK)
        return SAMPLE_ANSWERED;
    enum sample_error kind = kind_by_state(easy, code);
    if (kind != SAMPLE_ANSWERED)
        return kind;
    if (curl_requests_is_goodbye(code, text))
        return SAMPLE_CLOSED;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code &&
            (meanings[i].part == NULL || strstr(text, meanings[i].part) != NULL))
            return meanings[i].error;
    return SAMPLE_OTHER;
}
