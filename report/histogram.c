/* Bins and bars; see histogram.h. */
#include "report/histogram.h"

#include <math.h>

#define LOGARITHMIC_FROM 20.0

/* Edges within a decade, from few to many. */
static const struct {
    size_t n;
    double steps[6];
} decades[] = {{6, {1, 1.5, 2, 3, 5, 7}}, {3, {1, 2, 5}}, {1, {1}}};

enum { N_DECADES = sizeof decades / sizeof *decades };

double histogram_round_up(double value) {
    double decade = pow(10, floor(log10(value)));
    static const double steps[] = {1, 2, 5, 10};
    size_t i = 0;
    while (i < 3 && steps[i] * decade < value * (1 - 1e-9))
        i++;
    return steps[i] * decade;
}

/* As few values deserve: more bins than that would hold one each. */
static size_t wanted_bins(size_t n_values) {
    return n_values < 20 ? 8 : n_values < 200 ? 12 : 20;
}

static void make_linear(double low, double high, size_t wanted, struct histogram *h) {
    double span = high > low ? high - low : fmax(fabs(low), 1) / 10;
    double width = histogram_round_up(span / (double)wanted);
    double first = floor(low / width + 1e-9);
    size_t n = 1;
    while (n < MAX_BINS && (first + (double)n) * width <= high)
        n++;
    for (size_t i = 0; i <= n; i++)
        h->edges[i] = (first + (double)i) * width;
    h->n_bins = n;
}

/* Edges of that many a decade from `low` to beyond `high`; false: more than there is room
 * for. */
static bool place_edges(double low, double high, size_t spacing, struct histogram *h) {
    double decade = pow(10, floor(log10(low)));
    size_t n_edges = 0;
    for (size_t i = 0;; i++) {
        double edge = decade * pow(10, (double)(i / decades[spacing].n)) *
                      decades[spacing].steps[i % decades[spacing].n];
        if (n_edges > 0 && edge <= low)
            n_edges = 0; /* it was not the last one below */
        if (n_edges == MAX_BINS + 1)
            return false;
        h->edges[n_edges++] = edge;
        if (edge > high)
            break;
    }
    h->n_bins = n_edges - 1;
    return h->n_bins > 0;
}

static bool make_logarithmic(double low, double high, struct histogram *h) {
    for (size_t spacing = 0; spacing < N_DECADES; spacing++)
        if (place_edges(low, high, spacing, h))
            return true;
    return false;
}

void histogram_make(const double *sorted, size_t n_values, struct histogram *histogram) {
    *histogram = (struct histogram){0};
    if (n_values == 0)
        return;
    double low = sorted[0], high = sorted[n_values - 1];
    histogram->is_logarithmic = low > 0 && high / low >= LOGARITHMIC_FROM &&
                                make_logarithmic(low, high, histogram);
    if (!histogram->is_logarithmic)
        make_linear(low, high, wanted_bins(n_values), histogram);
    for (size_t i = 0, bin = 0; i < n_values; i++) {
        while (bin + 1 < histogram->n_bins && sorted[i] >= histogram->edges[bin + 1])
            bin++;
        histogram->counts[bin]++;
    }
}

void histogram_print_bar(double share, int width, FILE *out) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int n_eighths = share > 0 ? (int)lround(fmin(share, 1) * width * 8) : 0;
    n_eighths = share > 0 && n_eighths == 0 ? 1 : n_eighths;
    (void)fputs(n_eighths > 0 ? "  " : "", out);
    for (int i = 0; i < n_eighths / 8; i++)
        (void)fputs("█", out);
    (void)fprintf(out, "%s\n", eighths[n_eighths % 8]);
}
