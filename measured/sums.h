/*
 * What the samples of a cell come to. Samples go by one after the other and are not kept:
 * figures rest on these sums, and percentiles and charts on the latencies, which take
 * four bytes each. Times are microseconds, NAN where they are not known. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/stats/sample_table.h"

enum { SUMS_MAX_SERVERS = 256 };

/* Requests for `/`, answered ones, while the users waited or before they came. */
struct probe_sums {
    size_t n;
    double p50_us, max_us; /* whatever their number */
};

struct sums {
    double start_us, end_us; /* of the request that was sent first, that ended last */
    double answered_us;      /* when the last answer was there */
    size_t n_cut_off; /* in flight when the time was up, or not sent: no failures */
    /* Of the latencies of answered requests: */
    double mean_us, first_us,
        last_us;           /* the shortest is the first, the longest the last */
    double p50_us, p99_us; /* NAN where too few carry them */
    double unexplained;    /* 1 - R2 of the line through latency by rank */
    double first_step_us, second_step_us, last_step_us; /* means, see sums_maker */
    /* Of answered requests of which the server said what they took: */
    size_t n_told;
    double cpu_us, wait_us;
    /*
     * Of these, in the order in which they arrived at the server: how many of those
     * behind another were done later than it, as a share.
     */
    double in_order;
    struct probe_sums probes[2];           /* [true] while the users waited */
    unsigned per_server[SUMS_MAX_SERVERS]; /* requests of each process, most first */
    size_t n_servers;
};

/* Latencies in the order in which they came. */
struct latencies {
    float *us;
    size_t n, room;
};

struct service;

/* Sums in the making. The first members are set by who makes them, all else is 0. */
struct sums_maker {
    bool open_loop;
    bool counts_servers; /* else per_server stays empty */
    unsigned n_each;     /* so many answers, by rank, are a step; 0: there are none */
    size_t n_requests, n_probes; /* that came by */
    struct latencies answers;
    struct latencies probes[2];
    struct sums sums;
    struct service *services;
    size_t n_services, room_for_services;
    int processes[SUMS_MAX_SERVERS];
};

/* When a request ended. In an open loop latencies count from the planned moment. */
static inline double sample_end_us(const struct sample *sample, bool open_loop) {
    return (open_loop ? sample->planned_us : sample->start_us) + sample->latency_us;
}

/* A request of the users; once they are all in, a request for `/`. 0 or -ENOMEM. `maker`
 * is a struct sums_maker. */
int sums_take_request(void *maker, const struct sample *sample);
int sums_take_probe(void *maker, const struct sample *sample);

/* Completes maker->sums; 0 or -ENOMEM. The latencies become the caller's. */
int sums_make(struct sums_maker *maker);

/* The jobs took these CPU seconds in all, whatever was said of each; NAN: nobody knows.
 */
void sums_take_tree(struct sums_maker *maker, double cpu_s);

/* Where it did not come to sums_make, or that failed. */
void sums_abandon(struct sums_maker *maker);

/* A sorted copy; for free(). NULL when memory is out. */
double *latencies_sorted_us(const struct latencies *latencies);
