/* The table and the findings on a terminal; see terminal.h. */
#include "report/terminal.h"

#include "report/trust.h"
#include <math.h>
#include <string.h>

/* Four significant digits at most, and no more than the unit is worth. */
char *figure_number(double value, char text[FIGURE_BYTES]) {
    double size = fabs(value);
    int decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
    if (isfinite(value))
        (void)snprintf(text, FIGURE_BYTES, "%.*f", decimals, value);
    else
        (void)snprintf(text, FIGURE_BYTES, "-");
    return text;
}

char *figure_seconds(double us, char text[FIGURE_BYTES]) {
    double s = us / 1e6;
    if (isfinite(s) && s < 9.9995)
        (void)snprintf(text, FIGURE_BYTES, "%.3f", s);
    else
        (void)figure_number(s, text);
    return text;
}

char *figure_ms(double us, char text[FIGURE_BYTES]) {
    return figure_number(us / 1000, text);
}

char *figure_count(double value, char text[FIGURE_BYTES]) {
    (void)snprintf(text, FIGURE_BYTES, isfinite(value) ? "%.0f" : "-", value);
    return text;
}

char *figure_t(double value_t, char text[FIGURE_BYTES]) {
    if (isfinite(value_t) && value_t > 0)
        (void)snprintf(text, FIGURE_BYTES, "%.2f", value_t);
    else
        (void)snprintf(text, FIGURE_BYTES, "-");
    return text;
}

char *figure_margin(const struct estimate *estimate, char text[FIGURE_BYTES]) {
    double half = (estimate->interval.high - estimate->interval.low) / 2;
    if (isfinite(half))
        (void)snprintf(text, FIGURE_BYTES, "±%.2f", half);
    else
        text[0] = '\0';
    return text;
}

char *figure_outliers(const struct outliers *outliers, double ms, size_t n_values,
                      char *text, size_t text_bytes) {
    size_t n = outliers->n_low + outliers->n_high;
    char below[32] = "", above[32] = "";
    text[0] = '\0';
    if (outliers->n_low > 0)
        (void)snprintf(below, sizeof below, "below %.4g%s", outliers->low * ms,
                       outliers->n_high > 0 ? " or " : "");
    if (outliers->n_high > 0)
        (void)snprintf(above, sizeof above, "above %.4g", outliers->high * ms);
    if (n > 0)
        (void)snprintf(text, text_bytes,
                       "%zu of %zu answers %s (modified z above %.1f: %s%s ms), kept", n,
                       n_values, n == 1 ? "is an outlier" : "are outliers",
                       STATS_OUTLIER_Z, below, above);
    return text;
}

/* Columns that a UTF-8 text takes: bytes that do not continue a character. */
static int columns(const char *text) {
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void print_right(FILE *out, const char *text, int width) {
    (void)fprintf(out, "%*s%s", width - columns(text) > 0 ? width - columns(text) : 0, "",
                  text);
}

static int label_width(const struct overview *overview) {
    int width = 8;
    for (size_t i = 0; i < overview->n_rows; i++) {
        int own = columns(overview->rows[i].series->parameters->label);
        width = own > width ? own : width;
    }
    return width;
}

static void print_heads(const struct overview *overview, FILE *out, int width) {
    bool published = overview->has_published;
    (void)fprintf(out, "%*s  %17s %24s%s %11s\n", width, "", "--- seconds ----",
                  "-------- in T ---------", published ? "  article, in T ---" : "",
                  "/ busy, ms");
    (void)fprintf(out, "%-*s %6s%6s%6s%6s%7s%6s%6s", width, "strategy", "mean", "first",
                  "last", "mean", "95 %", "first", "last");
    if (published)
        (void)fprintf(out, "%6s%6s%6s", "mean", "first", "last");
    (void)fprintf(out, "%6s%6s\n", "p50", "max");
}

static void print_row(const struct overview_row *row, bool published, FILE *out,
                      int width) {
    const struct published *before = &row->series->published;
    char text[FIGURE_BYTES];
    const char *label = row->series->parameters->label;
    (void)fprintf(out, "%s%*s ", label, width - columns(label), "");
    print_right(out, figure_seconds(row->mean_us.value, text), 6);
    print_right(out, figure_seconds(row->first_us.value, text), 6);
    print_right(out, figure_seconds(row->last_us.value, text), 6);
    print_right(out, figure_t(row->mean_t.value, text), 6);
    print_right(out, figure_margin(&row->mean_t, text), 7);
    print_right(out, figure_t(row->first_t.value, text), 6);
    print_right(out, figure_t(row->last_t.value, text), 6);
    if (published) {
        print_right(out, figure_t(before->mean_t, text), 6);
        print_right(out, figure_t(before->first_t, text), 6);
        print_right(out, figure_t(before->last_t, text), 6);
    }
    print_right(out, figure_ms(row->busy.p50_us, text), 6);
    print_right(out, figure_ms(row->busy.max_us, text), 6);
    (void)fputc('\n', out);
}

static void print_cost_heads(FILE *out, int width) {
    (void)fprintf(out, "\n%*s %18s %19s %20s %13s\n", width, "", "--- latency, ms --",
                  "CPU per request, ms", "mem per request, KiB", "--- most ---");
    (void)fprintf(out, "%-*s %6s%6s%6s %7s%12s %8s%12s %7s%6s\n", width, "strategy",
                  "mean", "p50", "p99", "", "95 %", "", "95 %", "threads", "procs");
}

/* A figure in units of `unit`, and its interval. */
static void print_estimate(const struct estimate *estimate, double unit, int width,
                           FILE *out) {
    char low[FIGURE_BYTES], high[FIGURE_BYTES], range[2 * FIGURE_BYTES + 2] = "";
    print_right(out, figure_number(estimate->value / unit, low), width);
    if (isfinite(estimate->interval.low))
        (void)snprintf(range, sizeof range, "%s..%s",
                       figure_number(estimate->interval.low / unit, low),
                       figure_number(estimate->interval.high / unit, high));
    print_right(out, range, 12);
}

static void print_cost_row(const struct overview_row *row, FILE *out, int width) {
    static const int shown[] = {PERCENTILE_50, PERCENTILE_99};
    char text[FIGURE_BYTES];
    const char *label = row->series->parameters->label;
    (void)fprintf(out, "%s%*s ", label, width - columns(label), "");
    print_right(out, figure_ms(row->mean_us.value, text), 6);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        double seconds = row->percentiles[shown[i]].seconds;
        print_right(out, isfinite(seconds) ? figure_ms(seconds * 1e6, text) : "n/a", 6);
    }
    print_estimate(&row->cpu_per_request_us, 1e3, 8, out);
    print_estimate(&row->memory_per_user_bytes, 1024, 9, out);
    print_right(out, figure_count(row->peak_threads, text), 8);
    print_right(out, figure_count(row->peak_processes, text), 6);
    (void)fputc('\n', out);
}

/* What was paid, beside what was waited; and what percentiles would need. */
static void print_costs(const struct overview *overview, FILE *out, int width) {
    bool some_lack = false;
    print_cost_heads(out, width);
    for (size_t i = 0; i < overview->n_rows; i++) {
        print_cost_row(&overview->rows[i], out, width);
        some_lack |= !isfinite(overview->rows[i].percentiles[PERCENTILE_99].seconds);
    }
    if (some_lack)
        (void)fprintf(out, "n/a: p50 needs %llu answers, p99 %llu\n",
                      (unsigned long long)percentiles_samples_needed(0.5),
                      (unsigned long long)percentiles_samples_needed(0.99));
}

static void print_line(void *out, const char *line) {
    (void)fprintf(out, "%s\n", line);
}

static void print_notes(const struct overview *overview, FILE *out) {
    char text[256];
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        const char *label = row->series->parameters->label;
        if (row->n_failed > 0)
            (void)fprintf(out, "%s: %zu of %zu requests FAILED\n", label, row->n_failed,
                          row->n_requests);
        if (overview_outliers(row, text, sizeof text)[0] != '\0')
            (void)fprintf(out, "%s: %s\n", label, text);
        if (row->split[0] != '\0')
            (void)fprintf(out, "requests per server, %s: %s\n", label, row->split);
    }
    trust_say(overview, print_line, out);
    for (size_t i = 0; i < overview->run->n_left_out; i++)
        (void)fprintf(out, "left out: %s\n", overview->run->left_out[i]);
}

/* As many of the figures, which "; " separates, as fit; at least the first. */
static int fitting_length(const char *figures, int width) {
    const char *end = strstr(figures, "; ");
    while (end != NULL) {
        const char *next = strstr(end + 2, "; ");
        if ((next != NULL ? next - figures : (long)strlen(figures)) > width)
            return (int)(end - figures);
        end = next;
    }
    return (int)strlen(figures);
}

static void print_findings(const struct overview *overview, FILE *out) {
    enum { FIGURE_COLUMNS = 100 - 9 - 2 - 27 - 2 };
    if (overview->n_findings > 0)
        (void)fprintf(out, "\nfindings: %zu confirmed, %zu refuted, %zu undecided\n",
                      overview_count(overview, CONFIRMED),
                      overview_count(overview, REFUTED),
                      overview_count(overview, UNDECIDED));
    for (size_t i = 0; i < overview->n_findings; i++) {
        const struct finding *finding = &overview->findings[i];
        const char *figure = finding->why[0] != '\0' ? finding->why : finding->figure;
        (void)fprintf(out, "%-9s  %-27s  %.*s\n", verdict_name(finding->verdict),
                      overview->experiment->claims[i].id,
                      fitting_length(figure, FIGURE_COLUMNS), figure);
    }
}

void terminal_print(const struct overview *overview, FILE *out) {
    char caption[512];
    int width = label_width(overview);
    (void)fprintf(out, "\n%s\n\n", overview_caption(overview, caption, sizeof caption));
    print_heads(overview, out, width);
    for (size_t i = 0; i < overview->n_rows; i++)
        print_row(&overview->rows[i], overview->has_published, out, width);
    if (overview->n_repeats == 1)
        (void)fprintf(out, "one repeat: no interval\n");
    print_costs(overview, out, width);
    print_notes(overview, out);
    print_findings(overview, out);
}
