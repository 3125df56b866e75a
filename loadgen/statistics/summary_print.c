/* The table of figures, and what is printed beside them; see summary_print.h. */
#include "loadgen/statistics/summary_print.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/base/secrets.h"
#include "common/base/units.h"
#include "loadgen/statistics/warmup.h"

/* One figure of siege's; a row gives it its place in the text and in the JSON. */
struct figure {
    const char *label, *tabs, *unit; /* as the text has them */
    const char *key, *json_unit;
    size_t offset;                                         /* in struct summary */
    enum { COUNT, REAL, OF_ANSWERED, OF_SUCCESSFUL } kind; /* without those: not known */
};

#define FIGURE(member) offsetof(struct summary, member)
static const size_t AVAILABILITY = SIZE_MAX; /* computed, no member */

static const struct figure figures[] = {
    {"Transactions:", "\t\t", " hits", "transactions", "hits", FIGURE(n_ok), COUNT},
    {"Availability:", "\t\t", " %", "availability", "%", AVAILABILITY, OF_ANSWERED},
    {"Elapsed time:", "\t\t", " secs", "elapsed_time", "s", FIGURE(elapsed_s), REAL},
    {"Data transferred:", "\t", " MB", "data_transferred", "MB", FIGURE(megabytes), REAL},
    {"Response time:", "\t\t", " secs", "response_time", "s", FIGURE(response_s),
     OF_SUCCESSFUL},
    {"Transaction rate:", "\t", " trans/sec", "transaction_rate", "1/s",
     FIGURE(rate_per_s), REAL},
    {"Throughput:", "\t\t", " MB/sec", "throughput", "MB/s", FIGURE(throughput), REAL},
    {"Concurrency:", "\t\t", "", "concurrency", "requests in flight", FIGURE(concurrency),
     REAL},
    {"Successful transactions:", "", "", "successful_transactions", "hits", FIGURE(n_ok),
     COUNT},
    {"Failed transactions:", "\t", "", "failed_transactions", "hits", FIGURE(n_failed),
     COUNT},
    {"Longest transaction:", "\t", "", "longest_transaction", "s", FIGURE(longest_s),
     OF_SUCCESSFUL},
    {"Shortest transaction:", "\t", "", "shortest_transaction", "s", FIGURE(shortest_s),
     OF_SUCCESSFUL},
};

enum { N_FIGURES = sizeof figures / sizeof *figures };

/* NAN: not known. */
static double value_of(const struct summary *summary, const struct figure *figure) {
    if ((figure->kind == OF_SUCCESSFUL && summary->n_ok == 0) ||
        (figure->kind == OF_ANSWERED && summary->n_ok + summary->n_failed == 0))
        return NAN;
    if (figure->offset == AVAILABILITY)
        return summary_availability(summary);
    const char *member = (const char *)summary + figure->offset;
    return figure->kind == COUNT ? (double)*(const uint64_t *)(const void *)member
                                 : *(const double *)(const void *)member;
}

static void print_count(FILE *out, const char *label, const char *tabs, uint64_t count) {
    if (count > 0)
        (void)fprintf(out, "%s%s%12llu\n", label, tabs, (unsigned long long)count);
}

/* Answers as the others are, but not what was asked for. */
static uint64_t n_redirects(const struct summary *summary) {
    return statuses_between(&summary->statuses, 300, 399);
}

void summary_print(const struct summary *summary, FILE *out) {
    char time[32];
    for (int i = 0; i < N_FIGURES; i++) {
        const struct figure *figure = &figures[i];
        double value = value_of(summary, figure);
        (void)fprintf(out, "%s%s", figure->label, figure->tabs);
        if (isnan(value))
            (void)fprintf(out, "%12s\n", "n/a");
        else
            (void)fprintf(out, "%12.*f%s\n", figure->kind == COUNT ? 0 : 2, value,
                          figure->unit);
    }
    (void)fprintf(out, "\n");
    percentiles_print(summary->percentiles, "", out);
    if (summary->is_open)
        percentiles_print(summary->service_percentiles, "service ", out);
    statuses_print(&summary->statuses, "Statuses:\t\t", out);
    print_count(out, "Redirects (3xx):", "\t", n_redirects(summary));
    print_count(out, "Failed, status >= 400:", "\t", summary->n_bad_status);
    if (summary->n_bad_status > 0 && refusal_words() != NULL)
        (void)fprintf(out, "The first of them:\t %s\n", refusal_words());
    for (unsigned kind = 1; kind < N_SAMPLE_ERRORS; kind++) {
        char label[60];
        int n = snprintf(label, sizeof label, "Failed, %s:", sample_error_name(kind));
        print_count(out, label,
                    n < 16   ? "\t\t"
                    : n < 24 ? "\t"
                             : "",
                    summary->n_errors[kind]);
    }
    warmup_print(summary->warmup, summary->warmup_s, summary->n_warmup, out);
    print_count(out, "Sent again, stale:", "\t", summary->n_retried);
    print_count(out, "Cut off at the end:", "\t", summary->n_cut_off);
    print_count(out, "Due but not sent:", "\t", summary->n_not_sent);
    if (summary->held_up.n_requests == 0) /* gaps are of no interest: none waited */
        return;
    (void)fprintf(out, "Gaps of the generator:\t%12llu, the longest %s\n",
                  (unsigned long long)summary->held_up.n_gaps,
                  units_format_seconds(summary->held_up.longest_gap_s, time));
    print_count(out, "Held up by gaps:", "\t", summary->held_up.n_requests);
}

void summary_print_protocols(const struct summary *summary, FILE *out) {
    for (int i = 0; i < SUMMARY_PROTOCOLS; i++) {
        char label[40];
        (void)snprintf(label, sizeof label,
                       "Answered over %s:", sample_protocol_name(summary_protocols[i]));
        print_count(out, label, "\t", summary->n_answered[i]);
    }
}

void summary_print_transaction(FILE *out, const struct load_sample *sample,
                               const struct target *target, bool from_planned) {
    const char *method = target->method->name;
    double latency_s = clock_seconds(sample_latency_ns(sample, from_planned));
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

static void set_count(json_t *json, const char *key, uint64_t count) {
    if (count > 0)
        (void)json_object_set_new(json, key, json_integer((json_int_t)count));
}

/* A figure, and its unit beside the others'. */
static void set(json_t *json, json_t *units, const char *key, json_t *figure,
                const char *unit) {
    (void)json_object_set_new(json, key, figure);
    (void)json_object_set_new(units, key, json_string(unit));
}

json_t *summary_json(const struct summary *summary) {
    json_t *json = json_object(), *units = json_object();
    json_t *errors = json_object(), *protocols = json_object();
    for (const struct figure *figure = figures; figure < figures + N_FIGURES; figure++) {
        double value = value_of(summary, figure);
        set(json, units, figure->key,
            figure->kind == COUNT ? json_integer((json_int_t)value)
                                  : fields_number(value),
            figure->json_unit);
    }
    set(json, units, "percentiles", percentiles_json(summary->percentiles), "s");
    set(json, units, "percentile_intervals",
        percentiles_intervals_json(summary->percentiles), "s");
    if (summary->is_open) {
        set(json, units, "service_time",
            fields_number(summary->n_ok > 0 ? summary->service_s : NAN), "s");
        set(json, units, "service_percentiles",
            percentiles_json(summary->service_percentiles), "s");
    }
    set_count(errors, "status", summary->n_bad_status);
    for (unsigned kind = 1; kind < N_SAMPLE_ERRORS; kind++)
        set_count(errors, sample_error_name(kind), summary->n_errors[kind]);
    for (int i = 0; i < SUMMARY_PROTOCOLS; i++)
        set_count(protocols, sample_protocol_name(summary_protocols[i]),
                  summary->n_answered[i]);
    (void)json_object_update_new(
        json,
        json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "errors", errors,
                  "statuses", statuses_json(&summary->statuses), "redirects",
                  (json_int_t)n_redirects(summary), "cut_off",
                  (json_int_t)summary->n_cut_off, "not_sent",
                  (json_int_t)summary->n_not_sent, "retried",
                  (json_int_t)summary->n_retried, "protocols", protocols, "warmup",
                  warmup_json(summary->warmup, summary->warmup_s, summary->n_warmup),
                  "units", units));
    return json;
}

json_t *summary_gaps_json(const struct summary *summary) {
    const struct held_up *held_up = &summary->held_up;
    return json_pack("{s:I, s:f, s:f, s:f, s:I}", "count", (json_int_t)held_up->n_gaps,
                     "seconds", held_up->gaps_s, "longest", held_up->longest_gap_s,
                     "cpu_seconds", held_up->busy_s, "requests",
                     (json_int_t)held_up->n_requests);
}

int summary_log(const struct summary *summary, const char *path, const char *mark) {
    bool is_standard = files_is_standard(path);
    FILE *log = is_standard ? stdout : fopen(path, "ae");
    if (log == NULL)
        return -errno;
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    (void)strftime(stamp, sizeof stamp, "%F %T", localtime_r(&now, &local));
    if (is_standard || ftello(log) == 0)
        (void)fprintf(log, "      Date & Time,  Trans,  Elap Time,  Data Trans,  "
                           "Resp Time,  Trans Rate,  Throughput,  Concurrent,    OKAY,   "
                           "Failed\n");
    char *shown = mark != NULL ? secrets_hide(mark) : NULL;
    if (shown != NULL)
        (void)fprintf(log, "**** %s ****\n", shown);
    free(shown);
    (void)fprintf(log, "%s,%7llu,%11.2f,%12.0f,%11.2f,%12.2f,%12.2f,%12.2f,%8llu,%8llu\n",
                  stamp, (unsigned long long)summary->n_ok, summary->elapsed_s,
                  summary->megabytes, summary->response_s, summary->rate_per_s,
                  summary->throughput, summary->concurrency,
                  (unsigned long long)summary->n_ok,
                  (unsigned long long)summary->n_failed);
    int error = files_flush(log);
    if (!is_standard && fclose(log) != 0 && error == 0)
        error = -errno;
    return error;
}
