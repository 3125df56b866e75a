/*
 * A request's way through the server, in the order of this file: it arrives, is handled
 * when its turn comes, and is answered when its job is done. Why a queue stands between
 * evhttp and the handlers: docs/design.md, "Arrival order".
 */
#include "server/front/front.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "common/base/clock.h"
#include "server/core/declared.h"
#include "server/core/gil.h"
#include "server/core/loop.h"
#include "server/core/steps.h"
#include "server/front/connections.h"
#include "server/front/endpoint.h"
#include "server/front/reply.h"

enum { MAX_BODY_BYTES = 1024 * 1024, IDLE_TIMEOUT_S = 60 };

static const uint64_t DRAIN_NS = NS_PER_MS; /* then the loop polls again */
static const struct timeval AT_ONCE = {0, 0};
static const struct timeval FLUSH_LIMIT = {5, 0};

struct front {
    struct loop *loop;
    struct front_setting setting;
    struct evhttp *http;
    struct connections *connections;
    struct steps_events *events; /* for delays */
    struct event *drain;         /* handles what is in `arrived` */
    struct event *stop_listening;
    struct event *give_up; /* when peers do not take their replies */
    struct job_queue arrived;
    unsigned n_jobs; /* given to a strategy or a delay, and not done */
    unsigned n_open; /* requests that arrived and whose reply has not left */
    bool is_draining;
};

/* One request from arrival to reply. */
struct request {
    struct job job; /* first, so that the one leads to the other */
    struct front *front;
    struct evhttp_request *http; /* NULL once the client has gone */
    struct endpoint endpoint;
    struct event *hang_up; /* NULL: nothing ends early with its client */
    struct relay relay;    /* the job's, where it takes bytes */
};

static void finish(struct request *request);

/* Arrival */

static void on_job_done(struct job *job) {
    struct request *request = (struct request *)job;
    request->front->n_jobs--;
    finish(request);
}

static void on_hang_up(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct job *job = &((struct request *)context)->job;
    atomic_store(&job->is_abandoned, true);
    if (job->abandon != NULL)
        job->abandon(job);
}

static void on_client_gone(struct evhttp_connection *connection, void *context) {
    struct request *request = context;
    connections_gone(request->front->connections, connection);
    request->http = NULL;
    request->front->n_open--;
    loop_free_event(request->hang_up);
    request->hang_up = NULL;
    on_hang_up(-1, 0, request);
}

/* evhttp does not read, and so hears of no end, while a request has no reply. */
static void watch_client(struct request *request) {
    struct evhttp_connection *connection = evhttp_request_get_connection(request->http);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    request->hang_up =
        event_new(loop_base(request->front->loop), fd, EV_CLOSED, on_hang_up, request);
    if (request->hang_up != NULL)
        (void)event_add(request->hang_up, NULL);
}

/* A copy, since what evhttp has of the request goes with the client. */
static void keep_input(struct request *request, const char *query) {
    struct job_input *input = &request->job.input;
    struct evbuffer *body = evhttp_request_get_input_buffer(request->http);
    size_t n_body_bytes = evbuffer_get_length(body);
    size_t n_query_bytes = (query != NULL ? strlen(query) : 0) + 1;
    request->job.relay = &request->relay;
    input->query = malloc(n_query_bytes + n_body_bytes);
    if (input->query == NULL) {
        request->endpoint.kind = ENDPOINT_ERROR;
        job_fail(&request->job, 503, "out of memory");
        return;
    }
    memcpy(input->query, query != NULL ? query : "", n_query_bytes);
    input->body = input->query + n_query_bytes;
    input->n_body_bytes = n_body_bytes;
    if (n_body_bytes > 0)
        (void)evbuffer_remove(body, input->query + n_query_bytes, n_body_bytes);
}

static void read_request(struct request *request) {
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request->http);
    enum evhttp_cmd_type method = evhttp_request_get_command(request->http);
    if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD ||
        method == EVHTTP_REQ_POST) {
        endpoint_read(&request->front->setting.endpoint, evhttp_uri_get_path(uri),
                      evhttp_uri_get_query(uri), &request->endpoint, &request->job);
    } else {
        request->endpoint.kind = ENDPOINT_ERROR;
        job_fail(&request->job, 405, "only GET, HEAD and POST are served");
    }
    if (work_has_step(&request->job.work, STEP_DECLARED))
        keep_input(request, evhttp_uri_get_query(uri));
    else if (request->endpoint.relays)
        request->job.relay = &request->relay;
}

static void on_request(struct evhttp_request *http, void *context) {
    struct front *front = context;
    struct request *request = malloc(sizeof *request);
    if (request == NULL) {
        evhttp_send_error(http, 503, "Service Unavailable");
        return;
    }
    *request = (struct request){.front = front, .http = http};
    request->job = (struct job){
        .arrived_ns = clock_now_ns(), .record = JOB_RECORD_NEW, .done = on_job_done};
    read_request(request);
    front->n_open++;
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    connections_busy(front->connections, connection);
    evhttp_connection_set_closecb(connection, on_client_gone, request);
    if (front->arrived.head == NULL)
        event_active(front->drain, EV_TIMEOUT, 0);
    job_queue_push(&front->arrived, &request->job);
}

/* Handling */

/* Whether the request becomes a job, which job_done ends; else it is answered at once. */
static bool admit(struct request *request) {
    struct front *front = request->front;
    if (request->endpoint.kind != ENDPOINT_STRATEGY &&
        request->endpoint.kind != ENDPOINT_DELAY)
        return false;
    if (front->n_jobs < front->setting.max_inflight)
        return true;
    job_fail(&request->job, 503,
             "too many requests in flight: at most %u (--max-inflight)",
             front->setting.max_inflight);
    return false;
}

static void handle(struct request *request) {
    struct front *front = request->front;
    struct job *job = &request->job;
    if (request->http == NULL || !admit(request)) { /* no client, or nothing to run */
        job_record_begin(&job->record);
        job_record_end(&job->record);
        finish(request);
        return;
    }
    front->n_jobs++;
    if (declared_has_command(&job->work))
        watch_client(request);
    if (request->endpoint.kind == ENDPOINT_DELAY)
        steps_start(front->events, job);
    else
        request->endpoint.strategy->submit(job);
}

static void on_drain(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct front *front = context;
    gil_acquire();
    /* CPython's loop lets go in each system call, in those of reading a request as well,
     * and waits for its turn again when somebody was quicker: Tornado's about once. */
    gil_yield();
    uint64_t stop_ns = clock_now_ns() + DRAIN_NS;
    struct job *job;
    while ((job = job_queue_pop(&front->arrived)) != NULL) {
        handle((struct request *)job);
        if (front->arrived.head != NULL && clock_now_ns() >= stop_ns) {
            /* event_active from inside its own callback would not return to the poll */
            (void)event_add(front->drain, &AT_ONCE);
            break;
        }
    }
    gil_release();
}

/* Replies */

static void check_drained(struct front *front) {
    if (front->is_draining && front_is_drained(front))
        (void)event_base_loopbreak(loop_base(front->loop));
}

static void on_reply_left(struct evhttp_request *http, void *context) {
    struct front *front = context;
    connections_idle(front->connections, evhttp_request_get_connection(http));
    front->n_open--;
    check_drained(front);
}

/* The client has gone before it had the whole reply. */
static void on_reply_lost(struct evhttp_connection *connection, void *context) {
    struct front *front = context;
    connections_gone(front->connections, connection);
    front->n_open--;
    check_drained(front);
}

/* The request's end: answers it where the client is still there. */
static void finish(struct request *request) {
    struct front *front = request->front;
    struct evhttp_request *http = request->http;
    loop_free_event(request->hang_up);
    if (http != NULL) {
        evhttp_connection_set_closecb(evhttp_request_get_connection(http), on_reply_lost,
                                      front);
        evhttp_request_set_on_complete_cb(http, on_reply_left, front);
        reply_send(http, &request->job, &request->endpoint, front->is_draining);
    }
    free(request->relay.body);
    free(request->job.input.query);
    free(request);
    check_drained(front);
}

/* Stopping */

static void on_give_up(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct front *front = context;
    if (front->n_jobs == 0 && front->arrived.head == NULL)
        (void)event_base_loopbreak(loop_base(front->loop));
    else
        (void)event_add(front->give_up, &FLUSH_LIMIT);
}

/*
 * Of the lowest priority: whatever had connected and written when the stop was asked for
 * has been accepted and read by now, so it is in flight too.
 */
static void on_stop_listening(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct front *front = context;
    front->is_draining = true;
    connections_stop_listening(front->connections);
    (void)event_add(front->give_up, &FLUSH_LIMIT);
    check_drained(front);
}

/* Opening and closing */

struct front *front_open(struct loop *loop, const struct front_setting *setting,
                         int listen_fd) {
    struct event_base *base = loop_base(loop);
    struct front *front = calloc(1, sizeof *front);
    if (front == NULL)
        return NULL;
    front->loop = loop;
    front->setting = *setting;
    front->http = evhttp_new(base);
    front->events = steps_events_open(loop);
    front->drain = evtimer_new(base, on_drain, front);
    front->stop_listening = evtimer_new(base, on_stop_listening, front);
    front->give_up = evtimer_new(base, on_give_up, front);
    bool is_complete = front->http != NULL && front->events != NULL &&
                       front->drain != NULL && front->stop_listening != NULL &&
                       front->give_up != NULL;
    if (is_complete && event_priority_set(front->drain, LOOP_PRIORITY_HANDLE) == 0 &&
        event_priority_set(front->stop_listening, LOOP_PRIORITY_HANDLE) == 0)
        front->connections =
            connections_open(base, front->http, listen_fd, setting->header_timeout_ns);
    if (front->connections == NULL) {
        front_close(front);
        return NULL;
    }
    evhttp_set_gencb(front->http, on_request, front);
    evhttp_set_allowed_methods(front->http, UINT16_MAX); /* we answer them ourselves */
    evhttp_set_max_body_size(front->http, MAX_BODY_BYTES);
    evhttp_set_timeout(front->http, IDLE_TIMEOUT_S);
    return front;
}

void front_drain(struct front *front) {
    event_active(front->stop_listening, EV_TIMEOUT, 0);
}

bool front_is_drained(const struct front *front) {
    return front->n_open == 0 && front->n_jobs == 0 && front->arrived.head == NULL;
}

void front_close(struct front *front) {
    if (front->http != NULL)
        evhttp_free(front->http); /* frees the listener and every connection */
    if (front->connections != NULL)
        connections_close(front->connections);
    if (front->events != NULL)
        steps_events_close(front->events);
    loop_free_event(front->drain);
    loop_free_event(front->stop_listening);
    loop_free_event(front->give_up);
    free(front);
}
