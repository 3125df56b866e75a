/* An easy handle and its callbacks; see curl_lane.h. */
#include "loadgen/transport/curl_lane.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/base/secrets.h"
#include "loadgen/transport/server_headers.h"

enum {
    BUFFER_BYTES = 16 * 1024,
    SMALL_BUFFER_BYTES = 2 * 1024,
};

static const long YEAR_S = 365L * 24 * 3600, MOST_REDIRECTS = 20;

/* What the answer owes to a reply: of several, redirects that is, the last one counts. */
static void forget_reply(struct curl_lane *lane) {
    lane->answer.first_byte_ns = 0;
    lane->answer.server_report = NULL;
    lane->head_ended = false;
    server_headers_clear(&lane->report);
}

/* Whether libcurl is to send now, or again. */
static bool may_send(struct curl_lane *lane) {
    long n_redirects = 0;
    (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_REDIRECT_COUNT, &n_redirects);
    bool is_again = lane->was_sent && n_redirects == lane->n_redirects;
    lane->was_sent = true;
    lane->n_redirects = n_redirects;
    lane->is_stale = is_again && lane->target->body != NULL;
    if (is_again && !lane->is_stale)
        lane->shared->counts.n_retried++;
    if (!lane->is_stale)
        lane->unread_ns = 0;
    return !lane->is_stale;
}

/*
 * Called when the connection stands, TLS included, before the request is sent: for each
 * redirect anew, and for connections that were there already as well.
 */
static int on_connected(void *context, char *peer, char *local, int peer_port,
                        int local_port) {
    struct curl_lane *lane = context;
    long n_connects = 0; /* that the request has needed so far */
    (void)peer, (void)local, (void)peer_port, (void)local_port;
    (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_NUM_CONNECTS, &n_connects);
    if (n_connects > lane->n_connects) {
        lane->n_connects = n_connects;
        lane->shared->counts.n_connections++;
        if (lane->answer.connected_ns == 0)
            lane->answer.connected_ns = clock_now_ns();
    }
    forget_reply(lane);
    return may_send(lane) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static void on_closing(struct curl_transfer *transfer, curl_socket_t fd) {
    struct curl_lane *lane = (struct curl_lane *)transfer;
    bool is_plain = strncasecmp(lane->target->url, "http:", 5) == 0;
    if (!is_plain || lane->shared->config.http2 || !lane->was_sent ||
        lane->answer.first_byte_ns != 0)
        return;
    char bytes[4096];
    ssize_t n;
    http1_parse_begin(&lane->unread, false, NULL, NULL);
    while (lane->unread.stage < HTTP1_DONE &&
           (n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        (void)http1_parse(&lane->unread, bytes, (size_t)n);
        if (lane->unread_ns == 0)
            lane->unread_ns = clock_now_ns();
    }
}

static size_t on_header(char *line, size_t size, size_t n, void *context) {
    struct curl_lane *lane = context;
    if (lane->answer.first_byte_ns == 0)
        lane->answer.first_byte_ns = clock_now_ns();
    if (size * n > 5 && memcmp(line, "HTTP/", 5) == 0)
        lane->head_ended = false; /* trailers come here as well, and leave it as it is */
    else if (size * n <= 2)
        lane->head_ended = true;
    if (server_headers_read(line, size * n, &lane->report))
        lane->answer.server_report = &lane->report;
    return size * n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context) {
    struct curl_lane *lane = context;
    (void)bytes;
    lane->answer.body_bytes += size * n;
    return size * n;
}

static int on_shown(CURL *easy, curl_infotype type, char *bytes, size_t n,
                    void *context) {
    const struct transport_config *config = context;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN)
        secrets_write_head(bytes, n, config->show_headers);
    else if (type == CURLINFO_DATA_IN && config->show_body)
        (void)fwrite(bytes, 1, n, config->show_headers);
    return 0;
}

static long timeout_ms(uint64_t timeout_ns) {
    return (long)((timeout_ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* A redirect leads to no other protocol, whatever the library knows. */
static CURLcode limit_redirects(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    return curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS,
                            (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* What libcurl copies, and must not go without: not the proxy, of all things. */
static int set_texts(CURL *easy, const struct transport_config *config) {
    bool is_set =
        (config->proxy == NULL ||
         curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy) == CURLE_OK) &&
        curl_easy_setopt(easy, CURLOPT_USERAGENT, config->user_agent) == CURLE_OK &&
        limit_redirects(easy) == CURLE_OK;
    return is_set ? 0 : -ENOMEM;
}

int curl_lane_set_up(struct curl_lane *lane) {
    const struct transport_config *config = &lane->shared->config;
    CURL *easy = lane->transfer.easy;
    lane->transfer.closing = on_closing;
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_RESOLVE, lane->shared->requests.names);
    /* A header of the user's may ask leave; the body goes at once, as over http1. */
    (void)curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, config->follows ? 1L : 0L);
    (void)curl_easy_setopt(easy, CURLOPT_MAXREDIRS, MOST_REDIRECTS);
    (void)curl_easy_setopt(
        easy, CURLOPT_BUFFERSIZE,
        (long)(config->small_buffers ? SMALL_BUFFER_BYTES : BUFFER_BYTES));
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms(config->timeout_ns));
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->error_text);
    (void)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, YEAR_S); /* while it lives */
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, config->keep_alive ? 0L : 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, lane);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, lane);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
    int error = set_texts(easy, config);
    if (error != 0 || config->show_headers == NULL)
        return error;
    (void)curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_shown);
    (void)curl_easy_setopt(easy, CURLOPT_DEBUGDATA, config);
    return 0;
}

/* Begins and ends */

/*
 * What a sample says of libcurl's codes. Some codes stand for several things, which only
 * the text beside them tells apart; a library that words it otherwise gives the usual
 * kind of the code. The first row that fits counts.
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
    {CURLE_SSL_CONNECT_ERROR, NULL, SAMPLE_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, NULL, SAMPLE_TLS},
    {CURLE_SSL_CACERT_BADFILE, NULL, SAMPLE_TLS},
    {CURLE_SSL_CERTPROBLEM, NULL, SAMPLE_TLS},
    {CURLE_SSL_CIPHER, NULL, SAMPLE_TLS},
};

/* What only the state of the transfer tells. */
static enum sample_error kind_by_state(CURL *easy, CURLcode code) {
    long status = 0, proxy_status = 0;
    curl_off_t first_byte_us = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    (void)curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    if (proxy_status >= 300)
        return SAMPLE_PROXY_REFUSED;
    bool is_redirect = status >= 300 && status < 400;
    if (is_redirect &&
        (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT))
        return SAMPLE_BAD_REDIRECT;
    if (code == CURLE_OUT_OF_MEMORY && first_byte_us > 0) /* older than TOO_LARGE */
        return SAMPLE_ENDLESS_HEAD;
    return SAMPLE_ANSWERED;
}

/*
 * Whether an HTTP/2 server has ended the connection in order (GOAWAY) without looking at
 * the request. libcurl has no text for that, and one for each breach of the protocol.
 */
static bool is_goodbye(CURLcode code, const char *text) {
    return code == CURLE_HTTP2 && text[0] == '\0';
}

/* Of the transfer that has just ended; `text` is what libcurl wrote of it. */
static enum sample_error error_of(CURL *easy, CURLcode code, const char *text) {
    if (code == CURLE_OK)
        return SAMPLE_ANSWERED;
    enum sample_error kind = kind_by_state(easy, code);
    if (kind != SAMPLE_ANSWERED)
        return kind;
    long os_errno = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
    bool moved_data = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
    if (moved_data && (os_errno == ECONNRESET || os_errno == EPIPE))
        return SAMPLE_RESET;
    if (is_goodbye(code, text))
        return SAMPLE_CLOSED;
    if (code == CURLE_COULDNT_CONNECT)
        return sample_error_of((int)os_errno);
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code &&
            (meanings[i].part == NULL || strstr(text, meanings[i].part) != NULL))
            return meanings[i].error;
    return SAMPLE_OTHER;
}

static void forget_tries(struct curl_lane *lane) {
    lane->n_connects = lane->n_redirects = 0;
    lane->was_sent = lane->is_stale = false;
    lane->unread_ns = 0;
    lane->error_text[0] = '\0';
    forget_reply(lane);
}

/* On a connection of its own, and in what is left of the request's time. */
static void set_second(struct curl_lane *lane, bool is_second, uint64_t now_ns) {
    uint64_t timeout_ns = lane->shared->config.timeout_ns;
    uint64_t end_ns = lane->start_ns + timeout_ns;
    if (is_second && timeout_ns != 0)
        timeout_ns = end_ns > now_ns ? end_ns - now_ns : 1;
    lane->is_second = is_second;
    (void)curl_easy_setopt(lane->transfer.easy, CURLOPT_FRESH_CONNECT, (long)is_second);
    (void)curl_easy_setopt(lane->transfer.easy, CURLOPT_TIMEOUT_MS,
                           timeout_ms(timeout_ns));
}

void curl_lane_begin(struct curl_lane *lane, const struct target *target,
                     uint64_t start_ns) {
    lane->answer = (struct answer){.error = SAMPLE_ANSWERED};
    lane->start_ns = start_ns;
    if (lane->target != target)
        curl_requests_aim(&lane->shared->requests, lane->transfer.easy, target);
    lane->target = target;
    if (lane->is_second)
        set_second(lane, false, start_ns);
    forget_tries(lane);
}

static bool is_to_be_sent_again(const struct curl_lane *lane, CURLcode code,
                                enum sample_error error) {
    bool was_lost = error == SAMPLE_CLOSED || error == SAMPLE_RESET;
    bool was_stale = lane->n_connects == 0 && lane->was_sent;
    return was_lost && (was_stale || is_goodbye(code, lane->error_text)) &&
           !lane->is_second && lane->answer.first_byte_ns == 0 &&
           lane->target->body == NULL;
}

static unsigned protocol_of(long http_version) {
    return http_version == CURL_HTTP_VERSION_1_0   ? 10
           : http_version == CURL_HTTP_VERSION_1_1 ? 11
           : http_version >= CURL_HTTP_VERSION_2_0 ? 20
                                                   : 0;
}

/* The answer is what libcurl did not read, or as much of it as came. */
static enum sample_error judge_unread(struct curl_lane *lane, enum sample_error error) {
    const struct http1_parser *unread = &lane->unread;
    lane->answer.first_byte_ns = lane->unread_ns;
    lane->answer.body_bytes = unread->body_bytes;
    lane->answer.status = unread->head.status >= 200 ? unread->head.status : 0;
    lane->answer.protocol = unread->head.protocol;
    return unread->stage == HTTP1_DONE  ? SAMPLE_ANSWERED
           : unread->stage == HTTP1_BAD ? unread->bad
                                        : error;
}

bool curl_lane_end(struct curl_lane *lane, CURLcode code, uint64_t now_ns) {
    CURL *easy = lane->transfer.easy;
    long status = 0, version = 0;
    enum sample_error error = error_of(easy, code, lane->error_text);
    if (lane->is_stale || (code == CURLE_OK && !lane->head_ended))
        error = SAMPLE_CLOSED; /* libcurl takes half a head for a reply */
    if (lane->unread_ns != 0) {
        lane->answer.error = judge_unread(lane, error);
        return true;
    }
    if (is_to_be_sent_again(lane, code, error)) {
        lane->shared->counts.n_retried++;
        set_second(lane, true, now_ns);
        forget_tries(lane);
        return false;
    }
    (void)curl_easy_getinfo(easy,
                            error == SAMPLE_PROXY_REFUSED ? CURLINFO_HTTP_CONNECTCODE
                                                          : CURLINFO_RESPONSE_CODE,
                            &status);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    lane->answer.error = error;
    lane->answer.status = (int)status;
    lane->answer.protocol = protocol_of(version);
    return true;
}
