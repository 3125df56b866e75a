/* What one cell says; see cell_page.h. */
#include "report/cell/cell_page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/foreign.h"
#include "common/base/secrets.h"
#include "common/base/units.h"
#include "common/document/document.h"
#include "common/document/terminal.h"
#include "measured/figures.h"
#include "measured/validity.h"
#include "report/cell/bins.h"
#include "report/figures/overview.h"

/* In a sentence; in a table it is `ms`. */
static char *time_of(double us, char text[UNITS_BYTES]) {
    return units_format_seconds(us / 1e6, text);
}

static char *ms(double us, char text[FIGURE_BYTES]) {
    return figure_number(us / 1e3, text);
}

static void print_parameters(const struct cell *cell, FILE *out) {
    const struct cell_parameters *p = &cell->parameters;
    const json_t *load = json_object_get(cell->json, "load");
    char line[1024];
    const char *loop = cell->open_loop ? "open loop" : "closed loop";
    char *url = secrets_hide(fields_get_text(load, "url", "an unknown URL"));
    if (p->name == NULL)
        (void)snprintf(line, sizeof line, "%s of %s", loop, url != NULL ? url : "-");
    else if (parameters_are_external(p))
        (void)snprintf(line, sizeof line,
                       "%s (%s), repeat %u: %s, users %u, requests of each %u", p->label,
                       p->server, cell->repeat, loop, p->users, p->rounds);
    else
        (void)snprintf(
            line, sizeof line,
            "%s (strategy %s), repeat %u: %s, users %u, requests of each %u, work %s, "
            "%u server%s%s%s%s, pools of %u",
            p->label, p->strategy, cell->repeat, loop, p->users, p->rounds, p->work,
            p->processes, p->processes == 1 ? "" : "s",
            p->accept[0] != '\0' ? " by " : "", p->accept, p->gil ? ", GIL" : "",
            p->workers);
    free(url);
    terminal_wrap(line, 2, out);
}

/* What the cell's jobs took, and what CPUs there were; nothing of a file that lacks it.
 */
static void print_yardstick(const struct cell *cell, FILE *out) {
    char time[UNITS_BYTES], number[FIGURE_BYTES];
    if (!isfinite(metric_own_t_us(cell)))
        return;
    (void)fprintf(out, "a job took %s by itself (own T); %s CPUs kept busy",
                  time_of(metric_own_t_us(cell), time),
                  figure_number(metric_cpus_busy(cell), number));
    if (isfinite(metric_cpus_available(cell)))
        (void)fprintf(out, " of %s available",
                      figure_number(metric_cpus_available(cell), number));
    if (isfinite(metric_contention(cell)))
        (void)fprintf(out, "\na lone job %s: contention %s",
                      time_of(metric_t_alone_us(cell), time),
                      figure_number(metric_contention(cell), number));
    (void)fputc('\n', out);
}

/* The verdict on the cell of a run, and on the load, which is a part of it or stands
 * alone; and each check of it that was not passed. */
static void print_validity(const struct cell *cell, FILE *out) {
    const json_t *validity =
        json_object_get(json_object_get(cell->json, "load"), "validity");
    const json_t *reasons = json_object_get(validity, "reasons");
    char line[1024];
    if (cell->parameters.name != NULL) {
        struct validity own = validity_of_cell(cell);
        (void)snprintf(line, sizeof line, "cell %s%s%s", validity_level_name(own.level),
                       own.why[0] != '\0' ? ": " : "", own.why);
        terminal_wrap(line, 2, out);
    }
    if (!json_is_object(validity))
        return;
    (void)fprintf(out, "load %s\n", fields_get_text(validity, "verdict", "-"));
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *reason = json_array_get(reasons, i);
        const char *verdict = fields_get_text(reason, "verdict", "?");
        if (strcmp(verdict, "VALID") == 0 || strcmp(verdict, "not carried") == 0)
            continue;
        const char *says = fields_get_text(reason, "says", NULL);
        const char *cure = says != NULL ? strrchr(says, ';') : NULL;
        bool is_of_run = cell->parameters.name != NULL; /* whose cures are said above */
        if (says != NULL)
            (void)snprintf(
                line, sizeof line, "%s: %.*s", verdict,
                is_of_run && cure != NULL ? (int)(cure - says) : (int)strlen(says), says);
        else
            (void)snprintf(line, sizeof line, "%s %s %.4g: %s", verdict,
                           fields_get_text(reason, "check", "-"),
                           fields_get_number(reason, "figure"),
                           fields_get_text(reason, "rule", "-"));
        terminal_wrap(line, 2, out);
    }
}

static void print_figures(const struct cell *cell, FILE *out) {
    char mean[FIGURE_BYTES], first[FIGURE_BYTES], last[FIGURE_BYTES];
    const json_t *load = json_object_get(cell->json, "load");
    double elapsed_s = fields_get_number(load, "elapsed_s");
    double left_out = fields_get_number(
        json_object_get(json_object_get(load, "statistics"), "warmup"), "left_out");
    (void)fprintf(out, "\n%zu of %zu requests answered", cell->n_answered,
                  cell->n_requests);
    if (elapsed_s > 0)
        (void)fprintf(out, " in %.4g s: %.4g/s", elapsed_s,
                      (double)cell->n_answered / elapsed_s);
    if (left_out > 0)
        (void)fprintf(out, "; %.0f of the warm-up left out", left_out);
    (void)fprintf(out, "\nlatency: mean %s, shortest %s, longest %s\n",
                  time_of(metric_mean_us(cell), mean),
                  time_of(metric_first_us(cell), first),
                  time_of(metric_last_us(cell), last));
    if (isfinite(metric_slowdown(cell)))
        (void)fprintf(out, "slowdown (latency / own T): mean %s, first %s, last %s\n",
                      figure_number(metric_slowdown(cell), mean),
                      figure_number(metric_first_slowdown(cell), first),
                      figure_number(metric_last_slowdown(cell), last));
}

static void print_percentiles(const struct merged *merged, FILE *out) {
    struct percentile percentiles[N_PERCENTILES];
    char text[FIGURE_BYTES];
    merged_percentiles(merged, percentiles);
    (void)fprintf(out, "\npercentiles of latency, ms (95 %%: %s)\n",
                  merged->is_bootstrapped ? "bootstrap over blocks" : "order statistics");
    for (enum figure_id id = 0; id < N_FIGURES; id++) {
        if (figures[id].repeats != REPEATS_PERCENTILE)
            continue;
        struct estimate estimate =
            percentile_estimate(&percentiles[figures[id].percentile], 1);
        (void)fprintf(out, "  %-6s %s\n", figures[id].label,
                      figure_estimate_text(id, &estimate, text));
    }
}

static void print_histogram(const struct merged *merged, FILE *out) {
    enum { BAR = TERMINAL_COLUMNS - 2 - 8 - 4 - 8 - 8 - 2 };
    struct histogram histogram;
    char low[FIGURE_BYTES], high[FIGURE_BYTES];
    size_t most = 1;
    histogram_make(merged->sorted_s, merged->n_values, &histogram);
    for (size_t i = 0; i < histogram.n_bins; i++)
        most = histogram.counts[i] > most ? histogram.counts[i] : most;
    if (histogram.n_bins > 0)
        (void)fprintf(out, "\nanswers by latency, ms%s\n",
                      histogram.is_logarithmic ? " (bins by ratio)" : "");
    for (size_t i = 0; i < histogram.n_bins; i++) {
        (void)fprintf(out, "  %8s .. %-8s%8zu", ms(histogram.edges[i] * 1e6, low),
                      ms(histogram.edges[i + 1] * 1e6, high), histogram.counts[i]);
        histogram_print_bar((double)histogram.counts[i] / (double)most, BAR, out);
    }
}

static double answers_per_s(const struct block *block) {
    return (double)block->n_answered / ((block->to_us - block->from_us) / 1e6);
}

static void print_timeline(const struct cell *cell, FILE *out) {
    enum { BAR = TERMINAL_COLUMNS - 2 - 9 - 9 - 8 - 10 - 9 - 9 - 2 };
    char p50[FIGURE_BYTES], longest[FIGURE_BYTES];
    struct timeline timeline;
    struct timeline_maker maker = {.open_loop = cell->open_loop};
    double most_per_s = 0;
    bool some_lack = false;
    (void)cell_visit(cell, CELL_REQUESTS, timeline_take, &maker);
    timeline_make(&maker, &timeline);
    if (timeline.n_blocks == 0)
        return;
    for (size_t i = 0; i < timeline.n_blocks; i++) {
        most_per_s = fmax(most_per_s, answers_per_s(&timeline.blocks[i]));
        some_lack |= !isfinite(timeline.blocks[i].p50_us);
    }
    (void)fprintf(out, "\nby the time they ended, in blocks of %.4g s\n",
                  (timeline.blocks[0].to_us - timeline.blocks[0].from_us) / 1e6);
    (void)fprintf(out, "  %9s%9s%8s%10s%9s%9s\n", "from, s", "answers", "failed", "per s",
                  "p50, ms", "max, ms");
    for (size_t i = 0; i < timeline.n_blocks; i++) {
        const struct block *block = &timeline.blocks[i];
        double per_s = answers_per_s(block);
        (void)fprintf(out, "  %9.4g%9zu%8zu%10.4g%9s%9s", block->from_us / 1e6,
                      block->n_answered, block->n_failed, per_s,
                      isfinite(block->p50_us) ? ms(block->p50_us, p50) : "n/a",
                      ms(block->max_us, longest));
        histogram_print_bar(per_s / most_per_s, BAR, out);
    }
    if (some_lack)
        (void)fprintf(out, "  n/a: a p50 needs %llu answers\n",
                      (unsigned long long)percentiles_samples_needed(0.5));
}

static void print_outliers(const struct merged *merged, FILE *out) {
    struct outliers found = stats_outliers(merged->sorted_s, merged->n_values);
    char text[256];
    (void)fputc('\n', out);
    if (!isfinite(found.high))
        (void)fprintf(out, "outliers: n/a (needs %d answers that differ)\n",
                      STATS_OUTLIER_LEAST_VALUES);
    else if (found.n_low + found.n_high == 0)
        (void)fprintf(out, "outliers: none (modified z above %.1f: above %s)\n",
                      STATS_OUTLIER_Z, units_format_seconds(found.high, text));
    else
        (void)fprintf(out, "%s\n",
                      outliers_text(&found, merged->n_values, text, sizeof text));
}

/* What server and generator used. To show another cost, add a row. */
static const struct {
    const char *name;
    const char *key; /* in the objects "server" and "generator" */
    double unit;
    bool is_count;
} costs[] = {
    {"CPU, user, s", "cpu_user_s", 1, false},
    {"CPU, system, s", "cpu_system_s", 1, false},
    {"memory at most, MiB (PSS)", "peak_pss_bytes", 1 << 20, false},
    {"  of its own (anonymous)", "peak_pss_anon_bytes", 1 << 20, false},
    {"  of its own, idle", "idle_pss_anon_bytes", 1 << 20, false},
    {"largest process, MiB (RSS)", "largest_process_peak_rss_bytes", 1 << 20, false},
    {"threads at most", "peak_threads", 1, true},
    {"processes at most", "peak_processes", 1, true},
    {"voluntary switches", "voluntary_switches", 1, true},
    {"involuntary switches", "involuntary_switches", 1, true},
    {"minor faults", "minor_faults", 1, true},
    {"major faults", "major_faults", 1, true},
};

/* A median of too few probes is none. */
static void print_probes(const struct cell *cell, FILE *out) {
    char text[FIGURE_BYTES], lack[PERCENTILE_LACK_BYTES];
    if (cell->n_probes == 0)
        return;
    (void)fprintf(out, "\n`/` asked %zu time%s: p50", cell->n_probes,
                  cell->n_probes == 1 ? "" : "s");
    for (int busy = 0; busy <= 1; busy++) {
        double median_us = cell_probe_median_us(cell, busy);
        (void)fprintf(out, "%s %s", busy ? ", busy" : " idle",
                      isfinite(median_us)
                          ? time_of(median_us, text)
                          : percentiles_lack(percentiles_samples_needed(0.5), lack));
    }
    (void)fprintf(out, ", max %s\n", time_of(metric_busy_max_us(cell), text));
}

static void print_costs(const struct cell *cell, FILE *out) {
    const json_t *owners[] = {json_object_get(cell->json, "server"),
                              json_object_get(cell->json, "generator")};
    char cpu[FIGURE_BYTES], memory[FIGURE_BYTES];
    if (owners[0] == NULL && owners[1] == NULL) {
        (void)fprintf(out, "\ncosts: not in this file; the cells of a run have them\n");
        return;
    }
    (void)fprintf(out, "\n%-28s%12s%12s\n", "costs", "server", "generator");
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        (void)fprintf(out, "  %-26s", costs[i].name);
        for (int k = 0; k < 2; k++) {
            double value = fields_get_number(owners[k], costs[i].key) / costs[i].unit;
            if (costs[i].is_count && isfinite(value))
                (void)fprintf(out, "%12.0f", value);
            else
                (void)fprintf(out, "%12s", figure_number(value, cpu));
        }
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "  per request: CPU %s; in flight: memory %s KiB\n",
                  time_of(metric_cpu_per_request_us(cell), cpu),
                  figure_number(metric_memory_per_user_bytes(cell) / 1024, memory));
}

int cell_page_print(const struct cell *cell, const char *path, FILE *out) {
    struct cell *repeat = (struct cell *)cell; /* a series of this one; nothing writes */
    const struct series series = {
        .parameters = &cell->parameters, .repeats = &repeat, .n_repeats = 1};
    struct merged merged;
    int error = merged_make(&series, &merged);
    if (error != 0)
        return error;
    char shown[4096];
    (void)fprintf(out, "%s\n", foreign_show(path, shown, sizeof shown));
    print_parameters(cell, out);
    print_yardstick(cell, out);
    print_validity(cell, out);
    print_figures(cell, out);
    print_percentiles(&merged, out);
    print_histogram(&merged, out);
    print_timeline(cell, out);
    print_outliers(&merged, out);
    print_probes(cell, out);
    print_costs(cell, out);
    merged_free(&merged);
    return 0;
}
