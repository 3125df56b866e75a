/* Statistics by URL and by second; see groups.h. */
#include "loadgen/statistics/groups.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/base/secrets.h"
#include "common/base/units.h"
#include "common/stats/stats.h"

enum { MOST_LINES = 20, URL_COLUMNS = 29 };

double *groups_latencies(const struct drive_result *result, uint64_t warmup_ns,
                         group_of_sample *group_of, const void *context, size_t *ends,
                         size_t n_groups) {
    double *latencies_s = malloc((result->samples->n_ended + 1) * sizeof *latencies_s);
    if (latencies_s == NULL)
        return NULL;
    size_t begin = 0;
    for (size_t i = 0; i < n_groups; i++) {
        size_t n = ends[i];
        ends[i] = begin; /* until they are placed */
        begin += n;
    }
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    while (samples_next_measured(&reader, warmup_ns, &sample))
        if (!sample_failed(&sample))
            latencies_s[ends[group_of != NULL ? group_of(context, &sample) : 0]++] =
                clock_seconds(sample_latency_ns(&sample, result->is_open));
    begin = 0;
    for (size_t i = 0; i < n_groups; i++) {
        stats_sort(latencies_s + begin, ends[i] - begin);
        begin = ends[i];
    }
    return latencies_s;
}

/* By URL */

static int compare_targets(const void *left, const void *right) {
    const struct target *a = left, *b = right;
    int order = strcmp(a->url, b->url);
    return order != 0 ? order : strcmp(a->method->name, b->method->name);
}

static void forget(void *target) {
    (void)target;
}

/* Which target stands for each: the first with its method and URL; NULL without memory.
 */
static size_t *find_firsts(const struct urls *urls) {
    size_t *firsts = malloc((urls->n_targets + 1) * sizeof *firsts);
    void *tree = NULL;
    for (size_t i = 0; firsts != NULL && i < urls->n_targets; i++) {
        struct target **first = tsearch(&urls->targets[i], &tree, compare_targets);
        if (first == NULL) {
            free(firsts);
            firsts = NULL;
        } else {
            firsts[i] = (size_t)(*first - urls->targets);
        }
    }
    tdestroy(tree, forget);
    return firsts;
}

static size_t url_of(const void *firsts, const struct load_sample *sample) {
    return ((const size_t *)firsts)[sample->target];
}

int by_url_make(struct by_url *by_url, const struct drive_result *result,
                const struct urls *urls) {
    size_t n = urls->n_targets, begin = 0;
    *by_url = (struct by_url){0};
    if (n < 2)
        return 0;
    size_t *firsts = find_firsts(urls), *ends = calloc(n, sizeof *ends);
    /* One for each target, of which only the firsts are used. */
    struct url_figures *items = by_url->items = calloc(n, sizeof *items);
    double *latencies_s = NULL;
    if (firsts != NULL && ends != NULL && items != NULL) {
        struct samples_reader reader = samples_read(result->samples);
        struct load_sample sample;
        while (samples_next_measured(&reader, result->warmup_ns, &sample)) {
            struct url_figures *item = &items[firsts[sample.target]];
            item->n_bytes += sample.body_bytes;
            item->n_failed += sample_failed(&sample);
            ends[firsts[sample.target]] += !sample_failed(&sample);
            if (sample.error == SAMPLE_ANSWERED)
                statuses_count(&item->statuses, sample.status);
        }
        latencies_s =
            groups_latencies(result, result->warmup_ns, url_of, firsts, ends, n);
    }
    for (size_t i = 0; latencies_s != NULL && i < n; i++) {
        struct url_figures *item = &items[by_url->n]; /* those asked for stand together */
        size_t n_ok = ends[i] - begin;
        if (n_ok + items[i].n_failed == 0)
            continue;
        *item = items[i];
        item->target = &urls->targets[i];
        item->n_ok = n_ok;
        item->response_s = stats_mean(latencies_s + begin, n_ok);
        percentiles_fill(item->percentiles, latencies_s + begin, n_ok);
        begin = ends[i];
        by_url->n++;
    }
    free(firsts);
    free(ends);
    free(latencies_s);
    return latencies_s != NULL ? 0 : -ENOMEM;
}

void by_url_free(struct by_url *by_url) {
    free(by_url->items);
    *by_url = (struct by_url){0};
}

static bool is_inside_character(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80; /* UTF-8 */
}

/* In `columns` bytes: what is too long keeps its ends, the last of which tells most. */
static void shorten(const char *text, char *shortened, size_t columns) {
    size_t n = strlen(text), n_first = columns / 3;
    if (n <= columns) {
        (void)snprintf(shortened, columns + 1, "%s", text);
        return;
    }
    const char *last = text + n - (columns - 3 - n_first);
    while (n_first > 0 && is_inside_character(text[n_first]))
        n_first--;
    while (is_inside_character(*last))
        last++;
    (void)snprintf(shortened, columns + 1, "%.*s...%s", (int)n_first, text, last);
}

void by_url_print(const struct by_url *by_url, FILE *out) {
    if (by_url->n < 2)
        return;
    const struct target *first = by_url->items[0].target;
    bool is_one_server = true; /* then paths say enough */
    for (size_t i = 1; i < by_url->n; i++)
        is_one_server = is_one_server &&
                        target_has_host_of(by_url->items[i].target, first) &&
                        by_url->items[i].target->is_plain == first->is_plain;
    (void)fprintf(out, "\n%-*s %8s %6s %9s %9s %9s\n", URL_COLUMNS + 5, "By URL",
                  "requests", "failed", "mean", "p50", "p99");
    for (size_t i = 0; i < by_url->n && i < MOST_LINES; i++) {
        const struct url_figures *item = &by_url->items[i];
        char text[URL_COLUMNS + 1], time[32];
        char *url = secrets_hide(item->target->url);
        const char *method = item->target->method->name;
        size_t n_more = strlen(method) > 4 ? strlen(method) - 4 : 0; /* than usual */
        shorten(is_one_server || url == NULL ? item->target->path : url, text,
                URL_COLUMNS - n_more);
        free(url);
        (void)fprintf(out, "%-4s %-*s %8llu %6llu", method, (int)(URL_COLUMNS - n_more),
                      text, (unsigned long long)(item->n_ok + item->n_failed),
                      (unsigned long long)item->n_failed);
        const double columns[] = {item->response_s,
                                  item->percentiles[PERCENTILE_50].seconds,
                                  item->percentiles[PERCENTILE_99].seconds};
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            (void)fprintf(out, " %9s", units_format_seconds(columns[k], time));
        (void)fputc('\n', out);
    }
    if (by_url->n > MOST_LINES)
        (void)fprintf(out, "... and %zu more in the JSON\n", by_url->n - MOST_LINES);
    (void)fputc('\n', out);
}

json_t *by_url_json(const struct by_url *by_url) {
    if (by_url->n < 2)
        return json_null();
    json_t *json = json_array();
    for (size_t i = 0; i < by_url->n; i++) {
        const struct url_figures *item = &by_url->items[i];
        (void)json_array_append_new(
            json,
            json_pack("{s:s, s:o, s:I, s:I, s:o, s:I, s:o, s:o, s:o}", "method",
                      item->target->method->name, "url", secrets_json(item->target->url),
                      "transactions", (json_int_t)item->n_ok, "failed_transactions",
                      (json_int_t)item->n_failed, "statuses",
                      statuses_json(&item->statuses), "bytes", (json_int_t)item->n_bytes,
                      "response_time", fields_number(item->response_s), "percentiles",
                      percentiles_json(item->percentiles), "percentile_intervals",
                      percentiles_intervals_json(item->percentiles)));
    }
    return json;
}

/* By second */

struct second {
    uint64_t n_started, n_failed;
};

/* What came a little after the end counts as of the last second. */
static size_t second_at(size_t n_seconds, uint64_t at_ns) {
    size_t second = (size_t)(at_ns / NS_PER_S);
    return second < n_seconds ? second : n_seconds - 1;
}

static size_t second_of(const void *n_seconds, const struct load_sample *sample) {
    return second_at(*(const size_t *)n_seconds, sample->start_ns + sample->service_ns);
}

static void count_seconds(const struct samples *samples, struct second *seconds, size_t n,
                          size_t *n_ok) {
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        bool has_ended = sample.fate == SAMPLE_ENDED, failed = sample_failed(&sample);
        size_t second = second_of(&n, &sample);
        seconds[second_at(n, sample.start_ns)].n_started +=
            sample.fate != SAMPLE_NOT_SENT;
        seconds[second].n_failed += has_ended && failed;
        n_ok[second] += has_ended && !failed;
    }
}

json_t *seconds_json(const struct drive_result *result) {
    size_t n = (size_t)(result->elapsed_ns / NS_PER_S) + 1, begin = 0;
    struct second *seconds = calloc(n, sizeof *seconds);
    size_t *ends = calloc(n, sizeof *ends);
    double *latencies_s = NULL;
    if (seconds != NULL && ends != NULL) {
        count_seconds(result->samples, seconds, n, ends);
        latencies_s = groups_latencies(result, 0, second_of, &n, ends, n);
    }
    json_t *rows = latencies_s != NULL ? json_array() : NULL;
    json_int_t n_in_flight = 0; /* when the second is over */
    for (size_t i = 0; rows != NULL && i < n; i++) {
        struct percentile percentiles[N_PERCENTILES];
        size_t n_ok = ends[i] - begin;
        json_int_t n_started = (json_int_t)seconds[i].n_started;
        json_int_t n_failed = (json_int_t)seconds[i].n_failed;
        json_int_t n_ended = (json_int_t)n_ok + n_failed;
        percentiles_fill(percentiles, latencies_s + begin, n_ok);
        begin = ends[i];
        n_in_flight += n_started - n_ended;
        (void)json_array_append_new(
            rows,
            json_pack("[I, I, I, I, o, o, o, I]", (json_int_t)i, n_started, n_ended,
                      n_failed, fields_number(1e6 * percentiles[PERCENTILE_50].seconds),
                      fields_number(1e6 * percentiles[PERCENTILE_99].seconds),
                      fields_number(1e6 * percentiles[PERCENTILE_MAX].seconds),
                      n_in_flight));
    }
    free(seconds);
    free(ends);
    free(latencies_s);
    if (rows == NULL)
        return NULL;
    return json_pack("{s:[s, s, s, s, s, s, s, s], s:o}", "columns", "second", "started",
                     "ended", "failed", "p50_us", "p99_us", "max_us", "in_flight", "rows",
                     rows);
}
