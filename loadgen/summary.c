/* Final statistics; see summary.h. Their words and columns are those of siege 4.0. */
#include "loadgen/summary.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"
#include "common/stats.h"
#include "loadgen/warmup.h"

/* What the statistics are made of. Time is cut to the window: the warm-up is not in it.
 */
struct collected {
    double *latencies_s; /* of the successful */
    double *waits_s;     /* of what timed out or was cut off: its latency is longer */
    double *services_s, *service_waits_s; /* both from the actual start, if open */
    size_t n_ok, n_waits;
    double all_s;                      /* latencies of all that ended */
    double window_from_s, in_flight_s; /* and how long requests were in flight in it */
    uint64_t n_ended_in_window, n_ok_in_window;
    double megabytes_in_window;
};

static double seconds(uint64_t ns) {
    return (double)ns / (double)NS_PER_S;
}

static bool only_waited(const struct load_sample *sample) {
    return sample->fate == SAMPLE_CUT_OFF ||
           (sample->fate == SAMPLE_ENDED && sample->error == SAMPLE_TIMEOUT);
}

static size_t count_waits(const struct samples *samples) {
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    size_t n = 0;
    while (samples_next_planned(&reader, &sample, NULL))
        n += only_waited(&sample);
    return n;
}

/* A request that was planned after the warm-up. */
static void count(struct summary *summary, struct collected *collected,
                  const struct load_sample *sample, double latency_s) {
    if (sample->fate == SAMPLE_NOT_SENT) {
        summary->n_not_sent++;
        return;
    }
    if (only_waited(sample)) {
        if (summary->is_open)
            collected->service_waits_s[collected->n_waits] = seconds(sample->service_ns);
        collected->waits_s[collected->n_waits++] = latency_s;
    }
    if (sample->fate == SAMPLE_CUT_OFF) {
        summary->n_cut_off++;
        summary->longest_wait_s = fmax(summary->longest_wait_s, latency_s);
        return;
    }
    summary->longest_ended_s = fmax(summary->longest_ended_s, latency_s);
    collected->all_s += latency_s;
    summary->megabytes += (double)sample->body_bytes / (1024 * 1024);
    if (sample->error != SAMPLE_ANSWERED)
        summary->n_errors[sample->error]++;
    else if (sample_failed(sample))
        summary->n_bad_status++;
    else {
        if (summary->is_open)
            collected->services_s[collected->n_ok] = seconds(sample->service_ns);
        collected->latencies_s[collected->n_ok++] = latency_s;
    }
}

/* What rates and the concurrency are of: requests of the warm-up may reach into the
 * window, as those of the window may reach beyond its end. */
static void count_in_window(struct collected *collected, const struct load_sample *sample,
                            double latency_s) {
    double end_s = seconds(sample->start_ns + sample->service_ns);
    double start_s = fmax(end_s - latency_s, collected->window_from_s);
    if (sample->fate == SAMPLE_NOT_SENT || end_s < collected->window_from_s)
        return;
    collected->in_flight_s += end_s - start_s;
    if (sample->fate != SAMPLE_ENDED)
        return;
    collected->n_ended_in_window++;
    collected->n_ok_in_window += !sample_failed(sample);
    collected->megabytes_in_window += (double)sample->body_bytes / (1024 * 1024);
}

static void collect(struct summary *summary, const struct drive_result *result,
                    bool from_planned, struct collected *collected) {
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        double latency_s = seconds(sample_latency_ns(&sample, from_planned));
        count_in_window(collected, &sample, latency_s);
        if (!sample_is_warmup(&sample, result->warmup_ns))
            count(summary, collected, &sample, latency_s);
        else if (sample.fate == SAMPLE_ENDED)
            summary->n_warmup++;
    }
    summary->n_ok = collected->n_ok;
    summary->n_failed =
        samples_count(result->samples) - summary->n_warmup - collected->n_ok;
}

static void compute(struct summary *summary, const struct collected *collected) {
    size_t n_ok = collected->n_ok, n_ended = n_ok + (size_t)summary->n_failed;
    stats_sort(collected->latencies_s, n_ok);
    percentiles_fill(summary->percentiles, collected->latencies_s, n_ok);
    percentiles_censor(summary->percentiles, n_ok, collected->waits_s,
                       collected->n_waits);
    if (summary->is_open) {
        stats_sort(collected->services_s, n_ok);
        percentiles_fill(summary->service_percentiles, collected->services_s, n_ok);
        percentiles_censor(summary->service_percentiles, n_ok, collected->service_waits_s,
                           collected->n_waits);
        summary->service_s = n_ok > 0 ? stats_mean(collected->services_s, n_ok) : 0;
    }
    if (n_ok > 0) {
        summary->response_s = stats_mean(collected->latencies_s, n_ok);
        summary->shortest_s = collected->latencies_s[0];
        summary->longest_s = collected->latencies_s[n_ok - 1];
    }
    if (n_ended > 0)
        summary->latency_s = collected->all_s / (double)n_ended;
    if (!(summary->elapsed_s > 0))
        return;
    summary->rate_per_s = (double)collected->n_ok_in_window / summary->elapsed_s;
    summary->ended_per_s = (double)collected->n_ended_in_window / summary->elapsed_s;
    summary->throughput = collected->megabytes_in_window / summary->elapsed_s;
    summary->concurrency = collected->in_flight_s / summary->elapsed_s;
}

/* 0 or -ENOMEM; to be released either way. */
static int reserve(struct collected *collected, const struct samples *samples,
                   bool is_open) {
    size_t n_ended = samples_count(samples), n_waits = count_waits(samples);
    double **const columns[] = {&collected->latencies_s, &collected->waits_s,
                                &collected->services_s, &collected->service_waits_s};
    for (size_t i = 0; i < (is_open ? 4 : 2); i++) {
        *columns[i] = malloc(((i % 2 == 0 ? n_ended : n_waits) + 1) * sizeof(double));
        if (*columns[i] == NULL)
            return -ENOMEM;
    }
    return 0;
}

static void release(struct collected *collected) {
    free(collected->latencies_s);
    free(collected->waits_s);
    free(collected->services_s);
    free(collected->service_waits_s);
}

int summary_make(struct summary *summary, const struct drive_result *result,
                 bool from_planned) {
    uint64_t warmup_ns = result->warmup_ns, elapsed_ns = result->elapsed_ns;
    struct collected collected = {.window_from_s = seconds(warmup_ns)};
    *summary = (struct summary){
        .is_open = from_planned,
        .warmup = result->warmup,
        .warmup_s = seconds(warmup_ns),
        .n_retried = result->counts.n_retried,
        .elapsed_s = elapsed_ns > warmup_ns ? seconds(elapsed_ns - warmup_ns) : 0,
    };
    int error = reserve(&collected, result->samples, from_planned);
    if (error == 0) {
        collect(summary, result, from_planned, &collected);
        compute(summary, &collected);
    }
    release(&collected);
    return error;
}

double summary_availability(const struct summary *summary) {
    uint64_t n = summary->n_ok + summary->n_failed;
    return n > 0 ? 100 * (double)summary->n_ok / (double)n : 0;
}

/* One figure of siege's; a row gives it its place in the text and in the JSON. */
struct figure {
    const char *label, *tabs, *unit; /* as the text has them */
    const char *key, *json_unit;
    size_t offset; /* in struct summary */
    bool is_count;
};

#define FIGURE(member) offsetof(struct summary, member)
static const size_t AVAILABILITY = SIZE_MAX; /* computed, no member */

static const struct figure figures[] = {
    {"Transactions:", "\t\t", " hits", "transactions", "hits", FIGURE(n_ok), true},
    {"Availability:", "\t\t", " %", "availability", "%", AVAILABILITY, false},
    {"Elapsed time:", "\t\t", " secs", "elapsed_time", "s", FIGURE(elapsed_s), false},
    {"Data transferred:", "\t", " MB", "data_transferred", "MB", FIGURE(megabytes),
     false},
    {"Response time:", "\t\t", " secs", "response_time", "s", FIGURE(response_s), false},
    {"Transaction rate:", "\t", " trans/sec", "transaction_rate", "1/s",
     FIGURE(rate_per_s), false},
    {"Throughput:", "\t\t", " MB/sec", "throughput", "MB/s", FIGURE(throughput), false},
    {"Concurrency:", "\t\t", "", "concurrency", "requests in flight", FIGURE(concurrency),
     false},
    {"Successful transactions:", "", "", "successful_transactions", "hits", FIGURE(n_ok),
     true},
    {"Failed transactions:", "\t", "", "failed_transactions", "hits", FIGURE(n_failed),
     true},
    {"Longest transaction:", "\t", "", "longest_transaction", "s", FIGURE(longest_s),
     false},
    {"Shortest transaction:", "\t", "", "shortest_transaction", "s", FIGURE(shortest_s),
     false},
};

enum { N_FIGURES = sizeof figures / sizeof *figures };

static double value_of(const struct summary *summary, const struct figure *figure) {
    if (figure->offset == AVAILABILITY)
        return summary_availability(summary);
    const char *member = (const char *)summary + figure->offset;
    return figure->is_count ? (double)*(const uint64_t *)(const void *)member
                            : *(const double *)(const void *)member;
}

static void print_count(FILE *out, const char *label, const char *tabs, uint64_t count) {
    if (count > 0)
        (void)fprintf(out, "%s%s%12llu\n", label, tabs, (unsigned long long)count);
}

void summary_print(const struct summary *summary, FILE *out) {
    for (int i = 0; i < N_FIGURES; i++)
        (void)fprintf(out, "%s%s%12.*f%s\n", figures[i].label, figures[i].tabs,
                      figures[i].is_count ? 0 : 2, value_of(summary, &figures[i]),
                      figures[i].unit);
    (void)fprintf(out, "\n");
    percentiles_print(summary->percentiles, "", out);
    if (summary->is_open)
        percentiles_print(summary->service_percentiles, "service ", out);
    print_count(out, "Failed, status >= 400:", "\t", summary->n_bad_status);
    for (unsigned kind = 1; kind < N_SAMPLE_ERRORS; kind++) {
        char label[40];
        (void)snprintf(label, sizeof label, "Failed, %s:", sample_error_name(kind));
        print_count(out, label, "\t\t", summary->n_errors[kind]);
    }
    warmup_print(summary->warmup, summary->warmup_s, summary->n_warmup, out);
    print_count(out, "Sent again, stale:", "\t", summary->n_retried);
    print_count(out, "Cut off at the end:", "\t", summary->n_cut_off);
    print_count(out, "Due but not sent:", "\t", summary->n_not_sent);
}

void summary_print_transaction(FILE *out, const struct load_sample *sample,
                               const struct target *target, bool from_planned) {
    const char *method = target->body != NULL ? "POST" : "GET";
    double latency_s = (double)sample_latency_ns(sample, from_planned) / (double)NS_PER_S;
    const char *error = sample_error_name(sample->error);
    if (error != NULL)
        (void)fprintf(out, "[error] %-12s %6.2f secs: %7llu bytes ==> %-4s %s\n", error,
                      latency_s, (unsigned long long)sample->body_bytes, method,
                      target->path);
    else
        (void)fprintf(out, "HTTP/%d.%d %3d %8.2f secs: %7llu bytes ==> %-4s %s\n",
                      sample->protocol / 10, sample->protocol % 10, sample->status,
                      latency_s, (unsigned long long)sample->body_bytes, method,
                      target->path);
}

static json_t *errors_json(const struct summary *summary) {
    json_t *errors = json_object();
    if (summary->n_bad_status > 0)
        (void)json_object_set_new(errors, "status",
                                  json_integer((json_int_t)summary->n_bad_status));
    for (unsigned kind = 1; kind < N_SAMPLE_ERRORS; kind++)
        if (summary->n_errors[kind] > 0)
            (void)json_object_set_new(errors, sample_error_name(kind),
                                      json_integer((json_int_t)summary->n_errors[kind]));
    return errors;
}

/* What no key of siege's says. */
static void add_counts(json_t *json, const struct summary *summary) {
    (void)json_object_set_new(json, "errors", errors_json(summary));
    (void)json_object_set_new(json, "cut_off",
                              json_integer((json_int_t)summary->n_cut_off));
    (void)json_object_set_new(json, "not_sent",
                              json_integer((json_int_t)summary->n_not_sent));
    (void)json_object_set_new(json, "retried",
                              json_integer((json_int_t)summary->n_retried));
}

static void add_service(json_t *json, json_t *units, const struct summary *summary) {
    (void)json_object_set_new(json, "service_time", json_real(summary->service_s));
    (void)json_object_set_new(units, "service_time", json_string("s"));
    (void)json_object_set_new(json, "service_percentiles",
                              percentiles_json(summary->service_percentiles));
    (void)json_object_set_new(units, "service_percentiles", json_string("s"));
}

json_t *summary_json(const struct summary *summary) {
    json_t *json = json_object(), *units = json_object();
    for (int i = 0; i < N_FIGURES; i++) {
        double value = value_of(summary, &figures[i]);
        (void)json_object_set_new(json, figures[i].key,
                                  figures[i].is_count ? json_integer((json_int_t)value)
                                                      : json_real(value));
        (void)json_object_set_new(units, figures[i].key,
                                  json_string(figures[i].json_unit));
    }
    (void)json_object_set_new(units, "percentiles", json_string("s"));
    (void)json_object_set_new(json, "percentiles",
                              percentiles_json(summary->percentiles));
    (void)json_object_set_new(units, "percentile_intervals", json_string("s"));
    (void)json_object_set_new(json, "percentile_intervals",
                              percentiles_intervals_json(summary->percentiles));
    if (summary->is_open)
        add_service(json, units, summary);
    add_counts(json, summary);
    (void)json_object_set_new(
        json, "warmup",
        warmup_json(summary->warmup, summary->warmup_s, summary->n_warmup));
    (void)json_object_set_new(json, "units", units);
    return json;
}

int summary_log(const struct summary *summary, const char *path, const char *mark) {
    FILE *log = fopen(path, "ae");
    if (log == NULL)
        return -errno;
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    (void)strftime(stamp, sizeof stamp, "%F %T", localtime_r(&now, &local));
    if (ftello(log) == 0)
        (void)fprintf(log, "      Date & Time,  Trans,  Elap Time,  Data Trans,  "
                           "Resp Time,  Trans Rate,  Throughput,  Concurrent,    OKAY,   "
                           "Failed\n");
    if (mark != NULL)
        (void)fprintf(log, "**** %s ****\n", mark);
    (void)fprintf(log, "%s,%7llu,%11.2f,%12.0f,%11.2f,%12.2f,%12.2f,%12.2f,%8llu,%8llu\n",
                  stamp, (unsigned long long)summary->n_ok, summary->elapsed_s,
                  summary->megabytes, summary->response_s, summary->rate_per_s,
                  summary->throughput, summary->concurrency,
                  (unsigned long long)summary->n_ok,
                  (unsigned long long)summary->n_failed);
    int error = ferror(log) ? EIO : 0;
    if (fclose(log) != 0 && error == 0)
        error = errno;
    return -error;
}
