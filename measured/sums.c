/* Sums of samples; see sums.h. */
#include "measured/sums.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/stats/percentiles.h"
#include "common/stats/stats.h"

/* One job of the server, for the order of jobs. */
struct service {
    double arrived_us, done_us;
};

/* Room for one more element: as before, or twice as much. NULL when memory is out. */
static void *grown(void *elements, size_t n, size_t *room, size_t element_bytes) {
    size_t wanted = *room == 0 ? 64 : 2 * *room;
    if (n < *room)
        return elements;
    void *larger = realloc(elements, wanted * element_bytes);
    if (larger != NULL)
        *room = wanted;
    return larger;
}

static int keep_latency(struct latencies *latencies, double latency_us) {
    float *us = grown(latencies->us, latencies->n, &latencies->room, sizeof *us);
    if (us == NULL)
        return -ENOMEM;
    latencies->us = us;
    latencies->us[latencies->n++] = (float)latency_us;
    return 0;
}

static int keep_service(struct sums_maker *maker, const struct sample *sample) {
    struct service *services = grown(maker->services, maker->n_services,
                                     &maker->room_for_services, sizeof *services);
    if (services == NULL)
        return -ENOMEM;
    maker->services = services;
    maker->services[maker->n_services++] =
        (struct service){sample->from_us - sample->queue_us, sample->to_us};
    return 0;
}

static void count_server(struct sums_maker *maker, int process) {
    struct sums *sums = &maker->sums;
    size_t at = 0;
    while (at < sums->n_servers && maker->processes[at] != process)
        at++;
    if (process == 0 || at == SUMS_MAX_SERVERS)
        return;
    if (at == sums->n_servers)
        maker->processes[sums->n_servers++] = process;
    sums->per_server[at]++;
}

int sums_take_request(void *context, const struct sample *sample) {
    struct sums_maker *maker = context;
    struct sums *sums = &maker->sums;
    double end_us = sample_end_us(sample, maker->open_loop), us = sample->latency_us;
    bool is_first = maker->n_requests++ == 0;
    sums->start_us = is_first ? sample->start_us : fmin(sums->start_us, sample->start_us);
    sums->end_us = is_first ? end_us : fmax(sums->end_us, end_us);
    if (maker->counts_servers)
        count_server(maker, sample->process);
    sums->n_cut_off += sample->status == 0 && sample->error == NULL;
    if (!sample->answered)
        return 0;
    is_first = maker->answers.n == 0;
    sums->answered_us = is_first ? end_us : fmax(sums->answered_us, end_us);
    sums->mean_us += us; /* their sum, until sums_make */
    sums->first_us = is_first ? us : fmin(sums->first_us, us);
    sums->last_us = is_first ? us : fmax(sums->last_us, us);
    int error = keep_latency(&maker->answers, us);
    sums->wait_us += isfinite(sample->wait_us) ? sample->wait_us : 0;
    if (error != 0 || !isfinite(sample->cpu_us))
        return error;
    sums->n_told++;
    sums->cpu_us += sample->cpu_us;
    return isfinite(sample->queue_us) ? keep_service(maker, sample) : 0;
}

int sums_take_probe(void *context, const struct sample *sample) {
    struct sums_maker *maker = context;
    bool busy = sample->planned_us >= 0;
    maker->n_probes++;
    if (!sample->answered ||
        (busy && (maker->n_requests == 0 || sample->planned_us >= maker->sums.end_us)))
        return 0;
    return keep_latency(&maker->probes[busy], sample->latency_us);
}

double *latencies_sorted_us(const struct latencies *latencies) {
    double *sorted_us = calloc(latencies->n + 1, sizeof *sorted_us);
    for (size_t i = 0; sorted_us != NULL && i < latencies->n; i++)
        sorted_us[i] = latencies->us[i];
    if (sorted_us != NULL)
        stats_sort(sorted_us, latencies->n);
    return sorted_us;
}

static int by_arrival(const void *left, const void *right) {
    double a = ((const struct service *)left)->arrived_us;
    double b = ((const struct service *)right)->arrived_us;
    return (a > b) - (a < b);
}

static double share_in_order(struct service *services, size_t n) {
    size_t n_later = 0;
    if (n < 2)
        return NAN;
    qsort(services, n, sizeof *services, by_arrival);
    for (size_t i = 1; i < n; i++)
        n_later += services[i].done_us > services[i - 1].done_us;
    return (double)n_later / (double)(n - 1);
}

/* The mean of the k-th `n_each` of them. */
static double mean_of_step(const double *sorted_us, size_t n, size_t n_each, size_t k) {
    if (n_each == 0 || k == 0 || n < n_each * k)
        return NAN;
    return stats_mean(sorted_us + n_each * (k - 1), n_each);
}

static double carried_quantile(const double *sorted_us, size_t n, double q) {
    return n >= percentiles_samples_needed(q) ? stats_quantile(sorted_us, n, q) : NAN;
}

/* What is told by rank. 0 or -ENOMEM. */
static int add_ranks(struct sums_maker *maker) {
    struct sums *sums = &maker->sums;
    size_t n = maker->answers.n, n_each = maker->n_each;
    double *sorted_us = latencies_sorted_us(&maker->answers);
    double *ranks = calloc(n + 1, sizeof *ranks);
    int error = sorted_us != NULL && ranks != NULL ? 0 : -ENOMEM;
    if (error == 0) {
        for (size_t i = 0; i < n; i++)
            ranks[i] = (double)(i + 1);
        sums->p50_us = carried_quantile(sorted_us, n, 0.5);
        sums->p99_us = carried_quantile(sorted_us, n, 0.99);
        sums->unexplained = 1 - stats_fit_line(ranks, sorted_us, n).r_squared;
        sums->first_step_us = mean_of_step(sorted_us, n, n_each, 1);
        sums->second_step_us = mean_of_step(sorted_us, n, n_each, 2);
        sums->last_step_us =
            mean_of_step(sorted_us, n, n_each, n_each > 0 ? n / n_each : 0);
    }
    free(sorted_us);
    free(ranks);
    return error;
}

static int more_first(const void *left, const void *right) {
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
    return (a < b) - (a > b);
}

int sums_make(struct sums_maker *maker) {
    struct sums *sums = &maker->sums;
    size_t n = maker->answers.n;
    sums->in_order = share_in_order(maker->services, maker->n_services);
    free(maker->services);
    maker->services = NULL;
    if (maker->n_requests == 0)
        sums->start_us = sums->end_us = NAN;
    sums->mean_us = n > 0 ? sums->mean_us / (double)n : NAN;
    if (n == 0)
        sums->answered_us = sums->first_us = sums->last_us = NAN;
    int error = add_ranks(maker);
    for (int busy = 0; error == 0 && busy < 2; busy++) {
        double *sorted_us = latencies_sorted_us(&maker->probes[busy]);
        n = maker->probes[busy].n;
        if (sorted_us == NULL)
            error = -ENOMEM;
        else
            sums->probes[busy] = (struct probe_sums){n, stats_quantile(sorted_us, n, 0.5),
                                                     n > 0 ? sorted_us[n - 1] : NAN};
        free(sorted_us);
    }
    qsort(sums->per_server, sums->n_servers, sizeof *sums->per_server, more_first);
    return error;
}

void sums_take_tree(struct sums_maker *maker, double cpu_s) {
    maker->sums.n_told = isnan(cpu_s) ? 0 : maker->answers.n;
    maker->sums.cpu_us = isnan(cpu_s) ? NAN : fmax(0, cpu_s) * 1e6;
}

void sums_abandon(struct sums_maker *maker) {
    free(maker->answers.us);
    free(maker->probes[0].us);
    free(maker->probes[1].us);
    free(maker->services);
    *maker = (struct sums_maker){0};
}
