/*
 * The transport for plain http: sockets on libevent and nothing between; see transport.h,
 * and http1_lane.h for how a request goes. Time-outs need no timer each: all last equally
 * long, so requests in the order of their start are in the order of their deadlines.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/secrets.h"
#include "loadgen/transport/headers.h"
#include "loadgen/transport/http1_lane.h"
#include "loadgen/transport/transport.h"

/* A body from here on is sent from where it was read: the head alone goes before it, in
 * a call that costs nothing beside such a body, and memory holds it once. */
enum { LONG_BODY_BYTES = 64 * 1024 };

/* Requests */

static void on_ended(struct http1_lane *lane, enum sample_error error, uint64_t now_ns) {
    struct http1 *http1 = lane->http1;
    const struct http1_parser *parser = &lane->parser;
    struct answer answer = {
        .connected_ns = lane->connected_ns,
        .first_byte_ns = lane->first_byte_ns,
        .ended_ns = now_ns,
        .body_bytes = parser->body_bytes,
        .status = parser->head.status >= 200 ? parser->head.status : 0,
        .protocol = parser->head.protocol,
        .error = error,
        .server_report = parser->head.has_report ? &parser->report : NULL,
    };
    TAILQ_REMOVE(&http1->in_flight, lane, link);
    lane->is_up = false;
    http1->config.done(http1->config.context, lane->index, &answer);
}

/* Never rings early; late by the resolution of the loop's timers, a few milliseconds. */
static void set_deadline(struct http1 *http1) {
    const struct http1_lane *oldest = TAILQ_FIRST(&http1->in_flight);
    uint64_t timeout_ns = http1->config.timeout_ns;
    if (oldest == NULL || timeout_ns == 0)
        return;
    uint64_t at_ns = oldest->start_ns + timeout_ns, now_ns = clock_now_ns();
    struct timeval wait = clock_timeval(at_ns > now_ns ? at_ns - now_ns : 0);
    (void)event_base_update_cache_time(http1->config.base);
    http1->deadline_is_set = evtimer_add(http1->deadline, &wait) == 0;
}

static void on_deadline(evutil_socket_t fd, short what, void *context) {
    struct http1 *http1 = context;
    (void)fd, (void)what;
    uint64_t now_ns = clock_now_ns();
    struct http1_lane *oldest;
    while ((oldest = TAILQ_FIRST(&http1->in_flight)) != NULL &&
           oldest->start_ns + http1->config.timeout_ns <= now_ns) {
        http1_lane_drop(oldest);
        on_ended(oldest, SAMPLE_TIMEOUT, now_ns);
    }
    http1->deadline_is_set = false;
    set_deadline(http1);
}

static int start(void *state, unsigned index, size_t target, uint64_t start_ns) {
    struct http1 *http1 = state;
    struct http1_lane *lane = http1->lanes[index];
    const struct transport_config *config = &http1->config;
    const struct http1_request *request = &http1->requests[target];
    if (config->show_headers != NULL)
        secrets_write_head(request->text, request->n_text_bytes, config->show_headers);
    int error = http1_lane_begin(lane, request, start_ns);
    if (error != 0) {
        http1_lane_drop(lane);
        lane->is_up = false;
        return error;
    }
    TAILQ_INSERT_TAIL(&http1->in_flight, lane, link);
    if (!http1->deadline_is_set)
        set_deadline(http1);
    return 0;
}

static void cancel(void *state, unsigned index) {
    struct http1 *http1 = state;
    struct http1_lane *lane = http1->lanes[index];
    TAILQ_REMOVE(&http1->in_flight, lane, link);
    http1_lane_drop(lane);
    lane->is_up = false;
}

/* Lanes */

static uint64_t files_needed(uint64_t n_lanes) {
    return n_lanes;
}

/* In place of on_ended, while lanes connect before the run. A lane that got no connection
 * is counted, and connects when its first request starts. */
static void on_preconnected(struct http1_lane *lane, enum sample_error error,
                            uint64_t now_ns) {
    struct transport_counts *counts = &lane->http1->counts;
    (void)now_ns;
    lane->is_up = false;
    lane->http1->n_preconnecting--;
    if (error == SAMPLE_ANSWERED)
        return;
    http1_lane_drop(lane);
    counts->n_unconnected++;
    counts->unconnected_error = lane->lost;
}

/* Connects all lanes, in the time that a request has, or until a signal breaks the loop.
 * 0, or -errno when not one connection came about. */
static int preconnect(struct http1 *http1) {
    static const struct http1_request nothing = {.n_bytes = 0};
    uint64_t timeout_ns = http1->config.timeout_ns, now_ns = clock_now_ns();
    uint64_t end_ns = timeout_ns != 0 ? now_ns + timeout_ns : UINT64_MAX;
    struct timeval wait = clock_timeval(timeout_ns);
    bool is_broken = false;
    http1->ended = on_preconnected;
    http1->n_preconnecting = http1->n_lanes;
    for (unsigned i = 0; i < http1->n_lanes; i++) {
        struct http1_lane *lane = http1->lanes[i];
        int error = http1_lane_begin(lane, &nothing, now_ns);
        if (error != 0) {
            lane->lost = error;
            on_preconnected(lane, SAMPLE_OTHER, now_ns);
        }
    }
    if (timeout_ns != 0)
        (void)evtimer_add(http1->deadline, &wait);
    while (http1->n_preconnecting > 0 && clock_now_ns() < end_ns && !is_broken) {
        (void)event_base_loop(http1->config.base, EVLOOP_ONCE);
        is_broken = event_base_got_break(http1->config.base) != 0;
    }
    (void)evtimer_del(http1->deadline);
    for (unsigned i = 0; i < http1->n_lanes; i++)
        if (http1->lanes[i]->is_up) {
            http1->lanes[i]->lost = -ETIMEDOUT;
            on_preconnected(http1->lanes[i], SAMPLE_TIMEOUT, end_ns);
        }
    http1->ended = on_ended;
    bool is_vain = !is_broken && http1->counts.n_unconnected == http1->n_lanes;
    return is_vain ? http1->counts.unconnected_error : 0;
}

static int reserve(void *state, unsigned n_lanes) {
    struct http1 *http1 = state;
    bool is_run_under_way = http1->n_lanes > 0; /* and must not be held up */
    if (n_lanes <= http1->n_lanes)
        return 0;
    struct http1_lane **lanes = realloc(http1->lanes, n_lanes * sizeof *lanes);
    if (lanes != NULL)
        http1->lanes = lanes;
    struct http1_lane *row = calloc(n_lanes - http1->n_lanes, sizeof *row);
    if (lanes == NULL || row == NULL) {
        free(row);
        return -ENOMEM;
    }
    row->begins_row = true;
    for (; http1->n_lanes < n_lanes; row++) {
        row->http1 = http1;
        row->index = http1->n_lanes;
        row->fd = -1;
        lanes[http1->n_lanes++] = row;
        if (!is_run_under_way)
            http1_lane_prepare(row);
    }
    return http1->config.preconnects && !is_run_under_way ? preconnect(http1) : 0;
}

static struct transport_counts counts(const void *state) {
    return ((const struct http1 *)state)->counts;
}

/* The texts of requests */

static void add_ours(FILE *out, const struct transport_config *config, const char *name,
                     const char *value) {
    if (!headers_have(config->headers, name))
        (void)fprintf(out, "%s: %s\r\n", name, value);
}

static bool goes_in_chunks(const struct transport_config *config) {
    return headers_list(config->headers, "Transfer-Encoding", "chunked");
}

static void write_request(FILE *out, const struct target *target, bool is_long,
                          const struct transport_config *config) {
    char host[512], length[24];
    bool is_usual_port = strcmp(target->port, "80") == 0, has_body = target->body != NULL;
    bool in_chunks = goes_in_chunks(config);
    (void)snprintf(host, sizeof host, "%s%s%s", target->host, is_usual_port ? "" : ":",
                   is_usual_port ? "" : target->port);
    (void)snprintf(length, sizeof length, "%zu", target->body_bytes);
    (void)fprintf(out, "%s %s HTTP/1.1\r\n", target->method->name, target->path);
    add_ours(out, config, "Host", host);
    add_ours(out, config, "User-Agent", config->user_agent);
    add_ours(out, config, "Accept", "*/*");
    if (!config->keep_alive)
        add_ours(out, config, "Connection", "close");
    if (has_body)
        add_ours(out, config, "Content-Type", config->content_type);
    if (has_body && !in_chunks)
        add_ours(out, config, "Content-Length", length);
    for (unsigned i = 0; i < config->headers->n; i++) {
        const char *line = config->headers->lines[i], *colon = strchr(line, ':');
        if (!headers_suit(line, has_body))
            continue;
        if (colon == NULL) /* "Name;" */
            (void)fprintf(out, "%.*s:\r\n", (int)strlen(line) - 1, line);
        else if (colon[1 + strspn(colon + 1, " \t")] != '\0') /* else "Name:" */
            (void)fprintf(out, "%s\r\n", line);
    }
    (void)fputs("\r\n", out);
    if (!has_body || is_long)
        return;
    if (in_chunks && target->body_bytes > 0) /* as one chunk, and the end behind it */
        (void)fprintf(out, "%zx\r\n", target->body_bytes);
    (void)fwrite(target->body, 1, target->body_bytes, out);
    if (in_chunks)
        (void)fputs(target->body_bytes > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n", out);
}

/* 0 or -ENOMEM; the caller frees `text`. */
static int make_request(struct http1_request *request, size_t which,
                        const struct transport_config *config) {
    const struct target *target = &config->urls->targets[which];
    bool is_long = target->body_bytes >= LONG_BODY_BYTES && !goes_in_chunks(config);
    *request = (struct http1_request){.host = config->hosts->of_target[which],
                                      .is_idempotent = target->method->is_idempotent,
                                      .is_head = target->method->is_head,
                                      .body = is_long ? target->body : NULL};
    FILE *out = open_memstream(&request->text, &request->n_text_bytes);
    if (out == NULL)
        return -ENOMEM;
    write_request(out, target, is_long, config);
    bool is_whole = ferror(out) == 0;
    is_whole = fclose(out) == 0 && is_whole;
    request->n_bytes = request->n_text_bytes + (is_long ? target->body_bytes : 0);
    return is_whole ? 0 : -ENOMEM;
}

/* Opening and closing */

static void show_line(void *context, const char *line, size_t n_bytes) {
    const struct transport_config *config = context;
    secrets_write_head(line, n_bytes, config->show_headers);
    (void)fputs("\r\n", config->show_headers);
}

static void show_body(void *context, const char *bytes, size_t n_bytes) {
    const struct transport_config *config = context;
    if (config->show_body)
        (void)fwrite(bytes, 1, n_bytes, config->show_headers);
}

static void close_all(void *state) {
    struct http1 *http1 = state;
    for (unsigned i = 0; i < http1->n_lanes; i++)
        http1_lane_drop(http1->lanes[i]);
    for (unsigned i = http1->n_lanes; i-- > 0;) /* a row after all its lanes */
        if (http1->lanes[i]->begins_row)
            free(http1->lanes[i]);
    for (size_t i = 0; http1->requests != NULL && i < http1->config.urls->n_targets; i++)
        free(http1->requests[i].text);
    if (http1->deadline != NULL)
        event_free(http1->deadline);
    free(http1->requests);
    free(http1->preferred);
    free(http1->lanes);
    free(http1);
}

static void *open_all(const struct transport_config *config) {
    size_t n_targets = config->urls->n_targets, n_hosts = config->hosts->n;
    struct http1 *http1 = calloc(1, sizeof *http1);
    if (http1 == NULL)
        return NULL;
    http1->config = *config;
    http1->ended = on_ended;
    http1->viewer = (struct http1_viewer){show_line, show_body, &http1->config};
    TAILQ_INIT(&http1->in_flight);
    http1->deadline = evtimer_new(config->base, on_deadline, http1);
    http1->requests = calloc(n_targets, sizeof *http1->requests);
    http1->preferred = calloc(n_hosts, sizeof *http1->preferred);
    bool is_open =
        http1->deadline != NULL && http1->requests != NULL && http1->preferred != NULL;
    for (size_t i = 0; is_open && i < n_hosts; i++)
        http1->preferred[i] = config->hosts->all[i].addresses;
    for (size_t i = 0; is_open && i < n_targets; i++)
        is_open = make_request(&http1->requests[i], i, config) == 0;
    if (is_open)
        return http1;
    close_all(http1);
    return NULL;
}

const struct transport http1_transport = {
    "http1", files_needed, open_all, reserve, start, cancel, counts, close_all,
};
