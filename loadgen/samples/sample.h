/* What is kept of one request, what the server said of it, and what held it up in the
 * generator itself. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a request has no whole answer, and what that is called. */
#define SAMPLE_ERRORS(ROW)                                                               \
    ROW(SAMPLE_REFUSED, "refused")                                                       \
    ROW(SAMPLE_RESET, "reset")                                                           \
    ROW(SAMPLE_TIMEOUT, "timeout")                                                       \
    ROW(SAMPLE_CLOSED, "closed")                                                         \
    ROW(SAMPLE_NOT_HTTP, "bad response: not HTTP")                                       \
    ROW(SAMPLE_BAD_HEADER, "bad response: header line")                                  \
    ROW(SAMPLE_BAD_LENGTH, "bad response: length")                                       \
    ROW(SAMPLE_BAD_CHUNK, "bad response: chunk")                                         \
    ROW(SAMPLE_ENDLESS_HEAD, "bad response: endless head")                               \
    ROW(SAMPLE_UPGRADE, "bad response: status 101")                                      \
    ROW(SAMPLE_BAD_HTTP2, "bad response: HTTP/2")                                        \
    ROW(SAMPLE_BAD_REDIRECT, "bad response: redirect") /* neither to http nor https */   \
    ROW(SAMPLE_REDIRECT_LOOP, "redirect loop")                                           \
    ROW(SAMPLE_PROXY_REFUSED, "refused by proxy") /* the CONNECT; the proxy's status */  \
    ROW(SAMPLE_DNS, "dns")                                                               \
    ROW(SAMPLE_TLS, "tls")                                                               \
    ROW(SAMPLE_TLS_EXPIRED, "tls: expired certificate")                                  \
    ROW(SAMPLE_TLS_HOST, "tls: wrong host")                                              \
    ROW(SAMPLE_TLS_AUTHORITY, "tls: unknown authority")                                  \
    ROW(SAMPLE_TLS_CLIENT, "tls: client refused") /* our certificate, or want of one */  \
    ROW(SAMPLE_NOT_TLS, "tls: not TLS")                                                  \
    ROW(SAMPLE_UNREACHABLE, "unreachable")                                               \
    ROW(SAMPLE_NO_PORT, "no local port") /* of ours was left to connect from */          \
    ROW(SAMPLE_NO_FILE, "no descriptor") /* for a connection */                          \
    ROW(SAMPLE_NO_MEMORY, "no memory")                                                   \
    ROW(SAMPLE_OTHER, "other")

#define SAMPLE_ERROR(error, name) error,
enum sample_error { SAMPLE_ANSWERED, SAMPLE_ERRORS(SAMPLE_ERROR) N_SAMPLE_ERRORS };
#undef SAMPLE_ERROR

/* What became of a planned request. */
enum sample_fate {
    SAMPLE_ENDED,
    SAMPLE_CUT_OFF,  /* in flight when the run was over: took longer than `service_ns` */
    SAMPLE_NOT_SENT, /* was due; its start is the moment it was planned for */
};

/* What juggle's server says about a request in its reply's headers. */
struct server_report {
    double queue_us, run_us; /* NAN: not said; all four are kept to the nanosecond */
    int process, thread, cpu;
    uint64_t from_ns, to_ns; /* monotonic; when the worker took it and was done */
    double cpu_us, wait_us;  /* of that: computing; in sleeps and fetches */
    bool names_worker;       /* process .. to_ns were said */
};

/* Times are nanoseconds since the epoch, or as long as their names say. */
struct load_sample {
    uint64_t planned_ns, start_ns;
    uint64_t connect_ns;    /* from the start until connected; 0: was connected */
    uint64_t first_byte_ns; /* from the start; 0: none came */
    uint64_t service_ns;    /* from the start until the end */
    uint64_t body_bytes;    /* of what was not sent: how many more it stands for */
    unsigned user;
    unsigned target;        /* index of what was asked for */
    short status;           /* 0: no answer */
    unsigned char error;    /* enum sample_error */
    unsigned char protocol; /* 10, 11, 20 for HTTP/1.0, 1.1, 2; 0: no answer */
    unsigned char fate;     /* enum sample_fate */
    bool has_report;        /* the server said something; set by samples_next */
};

/* Failed: no whole answer, or a status of 400 and above. */
static inline bool sample_failed(const struct load_sample *sample) {
    return sample->error != SAMPLE_ANSWERED || sample->status >= 400;
}

/* Cut off or timed out: all that is known of its latency is that it is longer. */
static inline bool sample_only_waited(const struct load_sample *sample) {
    return sample->fate == SAMPLE_CUT_OFF ||
           (sample->fate == SAMPLE_ENDED && sample->error == SAMPLE_TIMEOUT);
}

/* How many requests it stands for: one that was not sent may do so for several. */
static inline uint64_t sample_n_requests(const struct load_sample *sample) {
    return sample->fate == SAMPLE_NOT_SENT ? 1 + sample->body_bytes : 1;
}

/* Planned before the warm-up was over: kept, but in no statistics. */
static inline bool sample_is_warmup(const struct load_sample *sample,
                                    uint64_t warmup_ns) {
    return sample->planned_ns < warmup_ns;
}

/* From the planned start (open loop) or from the actual one (closed loop). */
static inline uint64_t sample_latency_ns(const struct load_sample *sample,
                                         bool from_planned) {
    uint64_t late_ns = from_planned ? sample->start_ns - sample->planned_ns : 0;
    return late_ns + sample->service_ns;
}

/* Of an errno. */
enum sample_error sample_error_of(int system_error);

/* "HTTP/1.1"; NULL for 0. */
const char *sample_protocol_name(unsigned protocol);

/* "timeout"; NULL for SAMPLE_ANSWERED. */
const char *sample_error_name(unsigned error);

/* Gaps are when a generator thread did not look: it was stopped, had no CPU, or was busy
 * for so long that answers may have waited for it. They are noted thread by thread in the
 * order of time: by loop threads, then the main thread. */
struct gap {
    uint64_t from_ns, to_ns; /* since the epoch: last seen at work, and seen again */
    uint64_t cpu_ns;         /* of that, at most, on the CPU: busy and not stopped */
    unsigned first_user, end_user; /* of its thread; up to 0: all of them */
};

/* Starts zeroed. */
struct gaps {
    struct gap *all;
    size_t n, n_room;
};

/* Without memory the last gap grows over what is between. */
void gaps_add(struct gaps *gaps, struct gap gap);

/* Those of the next thread, or of the next part of a load with several of them, which has
 * the users from `first_user` up to `end_user`. */
void gaps_add_thread(struct gaps *gaps, const struct gaps *own, unsigned first_user,
                     unsigned end_user);

/* By how much the time of a request from `from_ns`, its planned or its actual start, may
 * be too long: the gaps in it, except those all through which it waited for a connection,
 * or for the first byte of an answer, that came well after them. */
uint64_t gaps_in_request(const struct gaps *gaps, const struct load_sample *sample,
                         uint64_t from_ns);

void gaps_free(struct gaps *gaps);

/* Keeps the beginning of the body of the first reply with a status of 400 or above: the
 * words that tell why a server refuses. One per process, as a process makes one load. */
void refusal_note(int status, const char *body, size_t n_bytes);

/* "404: there is no such page", one line fit for a terminal; NULL: none came. */
const char *refusal_words(void);
