/* Statistics by URL; see by_url.h. */
#include "loadgen/statistics/by_url.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/base/secrets.h"
#include "common/stats/stats.h"

enum { MOST_LINES = 20, URL_COLUMNS = 40 };

static int compare_targets(const struct target *left, const struct target *right) {
    int order = strcmp(left->url, right->url);
    return order != 0 ? order : (left->body != NULL) - (right->body != NULL);
}

/* By URL; of the same one, as in the file. */
static int compare_pointers(const void *left, const void *right) {
    const struct target *a = *(const struct target *const *)left;
    const struct target *b = *(const struct target *const *)right;
    int order = compare_targets(a, b);
    return order != 0 ? order : (a > b) - (a < b);
}

/* Which target stands for each: the first with its method and URL; NULL without memory.
 */
static size_t *find_firsts(const struct urls *urls) {
    size_t *firsts = malloc((urls->n_targets + 1) * sizeof *firsts);
    const struct target **sorted = malloc((urls->n_targets + 1) * sizeof *sorted);
    if (firsts == NULL || sorted == NULL) {
        free(firsts);
        free(sorted);
        return NULL;
    }
    for (size_t i = 0; i < urls->n_targets; i++)
        sorted[i] = &urls->targets[i];
    qsort(sorted, urls->n_targets, sizeof(const struct target *), compare_pointers);
    const struct target *first = NULL;
    for (size_t i = 0; i < urls->n_targets; i++) {
        if (first == NULL || compare_targets(first, sorted[i]) != 0)
            first = sorted[i];
        firsts[sorted[i] - urls->targets] = (size_t)(first - urls->targets);
    }
    free(sorted);
    return firsts;
}

/* The run, and on the way an item for each target, of which only the firsts are used. */
struct making {
    const struct drive_result *result;
    const size_t *firsts;
    struct url_figures *items;
    size_t *ends; /* where the latencies of each item end, so far */
    double *latencies_s;
    bool from_planned;
};

static void count(const struct making *making) {
    struct samples_reader reader = samples_read(making->result->samples);
    struct load_sample sample;
    while (samples_next_measured(&reader, making->result->warmup_ns, &sample)) {
        struct url_figures *item = &making->items[making->firsts[sample.target]];
        item->n_bytes += sample.body_bytes;
        item->n_failed += sample_failed(&sample);
        item->n_ok += !sample_failed(&sample);
        if (sample.error == SAMPLE_ANSWERED)
            statuses_count(&item->statuses, sample.status);
    }
}

static void place_latencies(const struct making *making) {
    struct samples_reader reader = samples_read(making->result->samples);
    struct load_sample sample;
    while (samples_next_measured(&reader, making->result->warmup_ns, &sample)) {
        if (!sample_failed(&sample))
            making->latencies_s[making->ends[making->firsts[sample.target]]++] =
                clock_seconds(sample_latency_ns(&sample, making->from_planned));
    }
}

/* Fills the items and moves those that were asked for together; returns how many. */
static size_t fill(struct making *making, const struct urls *urls) {
    size_t n = 0, begin = 0;
    count(making);
    for (size_t i = 0; i < urls->n_targets; i++) {
        making->ends[i] = begin;
        begin += making->items[i].n_ok;
    }
    place_latencies(making);
    for (size_t i = 0; i < urls->n_targets; i++) {
        struct url_figures *item = &making->items[n];
        if (making->items[i].n_ok + making->items[i].n_failed == 0)
            continue;
        *item = making->items[i];
        n++;
        size_t n_ok = (size_t)item->n_ok;
        double *latencies_s = making->latencies_s + making->ends[i] - n_ok;
        stats_sort(latencies_s, n_ok);
        item->target = &urls->targets[i];
        item->response_s = stats_mean(latencies_s, n_ok);
        percentiles_fill(item->percentiles, latencies_s, n_ok);
    }
    return n;
}

int by_url_make(struct by_url *by_url, const struct drive_result *result,
                const struct urls *urls, bool from_planned) {
    *by_url = (struct by_url){0};
    if (urls->n_targets < 2)
        return 0;
    size_t *firsts = find_firsts(urls);
    struct making making = {
        .result = result,
        .firsts = firsts,
        .items = calloc(urls->n_targets, sizeof *making.items),
        .ends = calloc(urls->n_targets, sizeof *making.ends),
        .latencies_s =
            malloc((samples_count(result->samples) + 1) * sizeof *making.latencies_s),
        .from_planned = from_planned,
    };
    int error = -ENOMEM;
    if (firsts != NULL && making.items != NULL && making.ends != NULL &&
        making.latencies_s != NULL) {
        *by_url = (struct by_url){making.items, fill(&making, urls)};
        making.items = NULL;
        error = 0;
    }
    free(making.items);
    free(making.ends);
    free(making.latencies_s);
    free(firsts);
    return error;
}

void by_url_free(struct by_url *by_url) {
    free(by_url->items);
    *by_url = (struct by_url){0};
}

/* Paths, unless there are several servers. */
static bool are_of_one_server(const struct by_url *by_url) {
    const struct target *first = by_url->items[0].target;
    for (size_t i = 1; i < by_url->n; i++) {
        const struct target *target = by_url->items[i].target;
        if (strcmp(target->host, first->host) != 0 ||
            strcmp(target->port, first->port) != 0 || target->is_plain != first->is_plain)
            return false;
    }
    return true;
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
    bool is_one_server = are_of_one_server(by_url);
    (void)fprintf(out, "\n%-*s %8s %7s %10s %10s %10s\n", URL_COLUMNS + 5,
                  "By URL (times in secs)", "requests", "failed", "mean", "p50", "p99");
    for (size_t i = 0; i < by_url->n && i < MOST_LINES; i++) {
        const struct url_figures *item = &by_url->items[i];
        char text[URL_COLUMNS + 1];
        char *url = secrets_hide(item->target->url);
        shorten(is_one_server || url == NULL ? item->target->path : url, text,
                URL_COLUMNS);
        free(url);
        (void)fprintf(out, "%-4s %-*s %8llu %7llu", target_method(item->target),
                      URL_COLUMNS, text,
                      (unsigned long long)(item->n_ok + item->n_failed),
                      (unsigned long long)item->n_failed);
        const double columns[] = {item->response_s,
                                  item->percentiles[PERCENTILE_50].seconds,
                                  item->percentiles[PERCENTILE_99].seconds};
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            (void)(isnan(columns[k]) ? fprintf(out, " %10s", "n/a")
                                     : fprintf(out, " %10.6f", columns[k]));
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
                      target_method(item->target), "url", secrets_json(item->target->url),
                      "transactions", (json_int_t)item->n_ok, "failed_transactions",
                      (json_int_t)item->n_failed, "statuses",
                      statuses_json(&item->statuses), "bytes", (json_int_t)item->n_bytes,
                      "response_time", fields_number(item->response_s), "percentiles",
                      percentiles_json(item->percentiles), "percentile_intervals",
                      percentiles_intervals_json(item->percentiles)));
    }
    return json;
}
