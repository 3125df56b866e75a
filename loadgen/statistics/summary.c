/* Final statistics, from samples; see summary.h. */
#include "loadgen/statistics/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/stats/stats.h"
#include "loadgen/samples/sample.h"

const unsigned summary_protocols[SUMMARY_PROTOCOLS] = {10, 11, 20};

/* What the statistics are made of. Time is cut to the window: the warm-up is not in it.
 */
struct collected {
    size_t n_room, n_ok, n_waits;
    double *latencies_s; /* of the successful; at the end of the room, of what timed out
                          * or was cut off and so is longer */
    double *services_s;  /* the same from the actual start, if open */
    double all_s;        /* latencies of all that ended */
    double window_from_s, window_to_s;
    double in_flight_s; /* and how long requests were in flight in it */
    uint64_t n_ended_in_window, n_ok_in_window;
    double megabytes_in_window;
};

static void keep_times(const struct summary *summary, struct collected *collected,
                       size_t place, const struct load_sample *sample, double latency_s) {
    collected->latencies_s[place] = latency_s;
    if (summary->is_open)
        collected->services_s[place] = clock_seconds(sample->service_ns);
}

/* A request that was planned after the warm-up. */
static void count(struct summary *summary, struct collected *collected,
                  const struct load_sample *sample, double latency_s) {
    if (sample->fate == SAMPLE_NOT_SENT) {
        summary->n_not_sent += sample_n_requests(sample);
        return;
    }
    if (sample_only_waited(sample))
        keep_times(summary, collected, collected->n_room - ++collected->n_waits, sample,
                   latency_s);
    if (sample->fate == SAMPLE_CUT_OFF) {
        summary->n_cut_off++;
        summary->longest_wait_s = fmax(summary->longest_wait_s, latency_s);
        return;
    }
    summary->longest_ended_s = fmax(summary->longest_ended_s, latency_s);
    collected->all_s += latency_s;
    summary->megabytes += (double)sample->body_bytes / (1024 * 1024);
    if (sample->error != SAMPLE_ANSWERED) {
        summary->n_errors[sample->error]++;
        return;
    }
    statuses_count(&summary->statuses, sample->status);
    for (int i = 0; i < SUMMARY_PROTOCOLS; i++)
        summary->n_answered[i] += sample->protocol == summary_protocols[i];
    if (sample_failed(sample))
        summary->n_bad_status++;
    else
        keep_times(summary, collected, collected->n_ok++, sample, latency_s);
}

/* What of a request's time may be the generator's own. */
static void hold_up(struct summary *summary, struct samples *samples,
                    const struct load_sample *sample, double latency_s) {
    const struct gaps *gaps = &samples->gaps;
    struct held_up *held_up = &summary->held_up;
    if (sample->fate == SAMPLE_NOT_SENT)
        return;
    summary->all_latencies_s += latency_s;
    if (gaps->n == 0)
        return;
    uint64_t from_ns = summary->is_open ? sample->planned_ns : sample->start_ns;
    uint64_t own_ns = gaps_in_request(gaps, sample, from_ns);
    held_up->latencies_s += clock_seconds(own_ns);
    held_up->n_requests += own_ns > 0;
    if (!summary->is_open)
        held_up->starts_s +=
            clock_seconds(gaps_in_request(gaps, sample, sample->planned_ns) - own_ns);
    if (sample->fate == SAMPLE_ENDED && latency_s >= summary->longest_ended_s)
        held_up->longest_s = clock_seconds(own_ns);
}

/* What rates and the concurrency are of: requests of the warm-up may reach into the
 * window, as those of the window may reach beyond its end. */
static void count_in_window(struct collected *collected, const struct load_sample *sample,
                            double latency_s) {
    double end_s = clock_seconds(sample->start_ns + sample->service_ns);
    double start_s = fmax(end_s - latency_s, collected->window_from_s);
    if (sample->fate == SAMPLE_NOT_SENT || end_s < collected->window_from_s)
        return;
    double to_s = fmin(end_s, collected->window_to_s);
    collected->in_flight_s += fmax(0, to_s - start_s);
    if (sample->fate != SAMPLE_ENDED || end_s > collected->window_to_s)
        return;
    collected->n_ended_in_window++;
    collected->n_ok_in_window += !sample_failed(sample);
    collected->megabytes_in_window += (double)sample->body_bytes / (1024 * 1024);
}

static void collect(struct summary *summary, const struct drive_result *result,
                    struct collected *collected) {
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        double latency_s = clock_seconds(sample_latency_ns(&sample, result->is_open));
        count_in_window(collected, &sample, latency_s);
        if (!sample_is_warmup(&sample, result->warmup_ns)) {
            count(summary, collected, &sample, latency_s);
            hold_up(summary, result->samples, &sample, latency_s);
            continue;
        }
        summary->n_warmup += sample.fate == SAMPLE_ENDED;
        summary->n_carried_over +=
            sample.fate != SAMPLE_NOT_SENT &&
            sample.start_ns + sample.service_ns >= result->warmup_ns;
    }
    summary->n_ok = collected->n_ok;
    summary->n_failed = result->samples->n_ended - summary->n_warmup - collected->n_ok;
}

static void compute_percentiles(struct percentile *percentiles,
                                const struct collected *collected, double *times_s) {
    size_t n_waits = collected->n_waits;
    stats_sort(times_s, collected->n_ok);
    percentiles_fill(percentiles, times_s, collected->n_ok);
    percentiles_censor(percentiles, collected->n_ok,
                       times_s + collected->n_room - n_waits, n_waits);
}

static void compute(struct summary *summary, const struct collected *collected) {
    size_t n_ok = collected->n_ok, n_ended = n_ok + (size_t)summary->n_failed;
    size_t n_tenth =
        n_ok / SUMMARY_TENTHS; /* while they are in the order of their ends */
    for (size_t i = 0; i < SUMMARY_TENTHS; i++)
        summary->tenths_s[i] =
            stats_median(collected->latencies_s + i * n_tenth, n_tenth);
    compute_percentiles(summary->percentiles, collected, collected->latencies_s);
    if (summary->is_open) {
        compute_percentiles(summary->service_percentiles, collected,
                            collected->services_s);
        summary->service_s = n_ok > 0 ? stats_mean(collected->services_s, n_ok) : 0;
    }
    if (n_ok > 0) {
        summary->response_s = stats_mean(collected->latencies_s, n_ok);
        summary->shortest_s = collected->latencies_s[0];
        summary->longest_s = collected->latencies_s[n_ok - 1];
    }
    if (n_ended > 0)
        summary->latency_s = collected->all_s / (double)n_ended;
}

/* Of those sent in the window and all awaited, or of those that ended in it. */
static void compute_rates(struct summary *summary, const struct collected *collected,
                          const struct drive_result *result) {
    double n_ok = (double)collected->n_ok_in_window, span_s = summary->window_s;
    double n_ended = (double)collected->n_ended_in_window;
    double megabytes = collected->megabytes_in_window;
    if (result->is_drained) {
        n_ok = (double)summary->n_ok;
        n_ended = (double)(summary->n_ok + summary->n_failed);
        megabytes = summary->megabytes;
        if (result->users_time_ns > 0 && result->warmup_ns == 0)
            span_s = clock_seconds(result->users_time_ns) / result->n_users;
    }
    if (!(span_s > 0))
        return;
    summary->rate_per_s = n_ok / span_s;
    summary->ended_per_s = n_ended / span_s;
    summary->throughput = megabytes / span_s;
    summary->concurrency = collected->in_flight_s / summary->window_s;
}

int summary_make(struct summary *summary, const struct drive_result *result) {
    uint64_t warmup_ns = result->warmup_ns, elapsed_ns = result->elapsed_ns;
    uint64_t window_ns = result->window_ns > 0 ? result->window_ns : elapsed_ns;
    size_t n_room = result->samples->n_planned;
    struct collected collected = {.n_room = n_room,
                                  .window_from_s = clock_seconds(warmup_ns),
                                  .window_to_s = clock_seconds(window_ns)};
    *summary = (struct summary){
        .is_open = result->is_open,
        .warmup = result->warmup,
        .warmup_s = clock_seconds(warmup_ns),
        .n_retried = result->counts.n_retried,
        .elapsed_s = elapsed_ns > warmup_ns ? clock_seconds(elapsed_ns - warmup_ns) : 0,
        .window_s = window_ns > warmup_ns ? clock_seconds(window_ns - warmup_ns) : 0,
    };
    double *room = malloc((2 * n_room + 1) * sizeof *room);
    if (room == NULL)
        return -ENOMEM;
    collected.latencies_s = room;
    collected.services_s = room + n_room; /* pages that take no memory unless written */
    collect(summary, result, &collected);
    compute(summary, &collected);
    compute_rates(summary, &collected, result);
    const struct gaps *gaps = &result->samples->gaps;
    struct held_up *held_up = &summary->held_up;
    for (size_t i = 0; i < gaps->n; i++) {
        const struct gap *gap = &gaps->all[i];
        if (gap->to_ns <= warmup_ns)
            continue;
        double gap_s = clock_seconds(gap->to_ns - gap->from_ns);
        held_up->n_gaps++;
        held_up->gaps_s += gap_s;
        held_up->busy_s += clock_seconds(gap->cpu_ns);
        held_up->longest_gap_s = fmax(held_up->longest_gap_s, gap_s);
    }
    free(room);
    return 0;
}

double summary_availability(const struct summary *summary) {
    uint64_t n = summary->n_ok + summary->n_failed;
    return n > 0 ? 100 * (double)summary->n_ok / (double)n : 0;
}
