/* The costs of one cell on a terminal; see cell_page.h. To show another, add a row. */
#include <math.h>

#include "common/base/fields.h"
#include "common/stats/percentiles.h"
#include "measured/metric.h"
#include "report/cell_page.h"
#include "report/terminal.h"

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

static void print_cost(const json_t *owner, size_t index, FILE *out) {
    char text[FIGURE_BYTES];
    double value = fields_get_number(owner, costs[index].key) / costs[index].unit;
    (void)fprintf(out, "%12s",
                  costs[index].is_count ? figure_count(value, text)
                                        : figure_number(value, text));
}

/* "p50 idle 0.22 ms": a median of too few probes is none. */
static void print_probe_median(const struct cell *cell, bool busy, FILE *out) {
    double median_us = cell_probe_median_us(cell, busy);
    char text[FIGURE_BYTES], lack[PERCENTILE_LACK_BYTES];
    if (isfinite(median_us))
        (void)fprintf(out, "%s ms", figure_ms(median_us, text));
    else
        (void)fprintf(out, "%s", percentiles_lack(percentiles_samples_needed(0.5), lack));
}

static void print_probes(const struct cell *cell, FILE *out) {
    char longest[FIGURE_BYTES];
    if (cell->n_probes == 0)
        return;
    (void)fprintf(out, "\n`/` beside it, %zu times: p50 idle ", cell->n_probes);
    print_probe_median(cell, false, out);
    (void)fputs(", busy ", out);
    print_probe_median(cell, true, out);
    (void)fprintf(out, ", max %s ms\n", figure_ms(metric_busy_max_us(cell), longest));
}

void cell_page_print_costs(const struct cell *cell, FILE *out) {
    const json_t *server = json_object_get(cell->json, "server");
    const json_t *generator = json_object_get(cell->json, "generator");
    char cpu[FIGURE_BYTES], memory[FIGURE_BYTES];
    print_probes(cell, out);
    if (server == NULL && generator == NULL) {
        (void)fprintf(out, "\ncosts: not in this file; the cells of a run have them\n");
        return;
    }
    (void)fprintf(out, "\n%-28s%12s%12s\n", "costs", "server", "generator");
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        (void)fprintf(out, "  %-26s", costs[i].name);
        print_cost(server, i, out);
        print_cost(generator, i, out);
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "  per request: CPU %s ms; in flight: memory %s KiB\n",
                  figure_ms(metric_cpu_per_request_us(cell), cpu),
                  figure_number(metric_memory_per_user_bytes(cell) / 1024, memory));
}
