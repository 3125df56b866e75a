/* Writes a reply and puts it on the wire at once; see reply.h. */
#include "server/front/reply.h"

#include <inttypes.h>
#include <stdio.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "common/base/clock.h"

/*
 * Puts what evhttp has queued on the wire now, instead of on the loop's next pass, and
 * tells evhttp so when all of it went: the request ends in here. What the socket does not
 * take is sent by the loop.
 */
static void write_now(struct evhttp_connection *connection) {
    struct bufferevent *stream = evhttp_connection_get_bufferevent(connection);
    struct evbuffer *output = bufferevent_get_output(stream);
    (void)evbuffer_unfreeze(output, 1); /* bufferevents keep others from draining it */
    (void)evbuffer_write(output, bufferevent_getfd(stream));
    (void)evbuffer_freeze(output, 1);
    if (evbuffer_get_length(output) == 0)
        bufferevent_trigger(stream, EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS);
}

/* Milliseconds with three decimals; printf's floating point costs more than the rest. */
#define MS_FORMAT "%" PRIu64 ".%03" PRIu64
#define MS_VALUES(ns) (ns) / NS_PER_MS, (ns) / NS_PER_US % 1000

static void add_headers(const struct job *job, bool closes, struct evkeyvalq *headers) {
    const struct job_record *record = &job->record;
    char text[160];
    (void)snprintf(text, sizeof text,
                   "queue;dur=" MS_FORMAT ", run;dur=" MS_FORMAT ", cpu;dur=" MS_FORMAT
                   ", wait;dur=" MS_FORMAT,
                   MS_VALUES(record->from_ns - job->arrived_ns),
                   MS_VALUES(record->to_ns - record->from_ns), MS_VALUES(record->cpu_ns),
                   MS_VALUES(record->wait_ns));
    (void)evhttp_add_header(headers, "Server-Timing", text);
    (void)snprintf(text, sizeof text,
                   "process=%d thread=%d cpu=%d from_ns=%" PRIu64 " to_ns=%" PRIu64,
                   record->process, record->thread, record->cpu, record->from_ns,
                   record->to_ns);
    (void)evhttp_add_header(headers, "Juggle-Worker", text);
    if (record->status == 503)
        (void)evhttp_add_header(headers, "Retry-After", "1");
    if (record->status == 405)
        (void)evhttp_add_header(headers, "Allow", "GET, HEAD, POST");
    if (closes)
        (void)evhttp_add_header(headers, "Connection", "close");
}

static void add_body(const struct job *job, const struct endpoint *endpoint,
                     const struct relay *relay, struct evbuffer *body) {
    if (job->record.status != 200) {
        (void)evbuffer_add_printf(body, "%s\n", job->record.error);
    } else if (endpoint->kind == ENDPOINT_INDEX) {
        (void)evbuffer_add(body, "hello, world", 12);
    } else if (relay != NULL) {
        (void)evbuffer_add(body, relay->body, relay->n_bytes);
    } else if (endpoint->kind == ENDPOINT_DELAY) {
        static const char filling[4096] = {[0 ... 4095] = 'x'};
        for (uint64_t left = endpoint->body_bytes; left > 0;) {
            size_t part = left < sizeof filling ? (size_t)left : sizeof filling;
            (void)evbuffer_add_reference(body, filling, part, NULL, NULL);
            left -= part;
        }
    } else {
        (void)evbuffer_add(body, "done", 4);
    }
}

void reply_send(struct evhttp_request *http, const struct job *job,
                const struct endpoint *endpoint, bool closes) {
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(http);
    const struct relay *relay = job->record.status == 200 ? job->relay : NULL;
    if (relay != NULL && relay->status == 0)
        relay = NULL;
    int status = relay != NULL ? relay->status : job->record.status;
    (void)evhttp_add_header(headers, "Content-Type",
                            relay != NULL ? relay->content_type
                                          : "text/plain; charset=utf-8");
    add_headers(job, closes, headers);
    struct evbuffer *body = evhttp_request_get_output_buffer(http);
    add_body(job, endpoint, relay, body);
    if (evhttp_request_get_command(http) == EVHTTP_REQ_HEAD) {
        char length[24];
        (void)snprintf(length, sizeof length, "%zu", evbuffer_get_length(body));
        (void)evhttp_add_header(headers, "Content-Length", length);
        (void)evbuffer_drain(body, evbuffer_get_length(body));
    }
    evhttp_send_reply(http, status, NULL, NULL); /* with the usual reason phrase */
    write_now(connection);
}
