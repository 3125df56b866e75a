/* A comparison on a terminal; see print.h. */
#include "compare/print.h"

#include <math.h>
#include <string.h>

#include "common/base/fields.h"
#include "report/terminal.h"

enum { WIDTH = 100, LABEL_WIDTH = 22, WHAT_WIDTH = 26 };

/* Columns that a UTF-8 text takes: bytes that do not continue a character. */
static int columns(const char *text) {
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* Words in lines of WIDTH columns; those behind the first are indented by two more. */
static void print_wrapped(FILE *out, const char *text) {
    int at = 0;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        char word[512];
        (void)snprintf(word, sizeof word, "%.*s", length, text);
        if (at > 0 && at + 1 + columns(word) > WIDTH) {
            (void)fprintf(out, "\n  ");
            at = 2;
        } else if (at > 0) {
            (void)fputc(' ', out);
            at++;
        }
        (void)fwrite(text, 1, (size_t)length, out);
        at += columns(word);
        text += length + strspn(text + length, " ");
    }
    (void)fputc('\n', out);
}

static void print_run(FILE *out, char letter, const struct run *run) {
    (void)fprintf(out, "%c  %s, %s\n", letter, run->folder_shown,
                  fields_get_text(run->info, "started_at", "no date"));
}

/* How long the words are that both texts begin with, blanks behind them included. */
static size_t common_start(const char *a, const char *b) {
    size_t start = 0;
    for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
        start = a[i] == ' ' ? i + 1 : start;
    return start;
}

/* The same of their ends, neither reaching into the first `start` bytes. */
static size_t common_end(const char *a, const char *b, size_t start) {
    size_t n_a = strlen(a), n_b = strlen(b), end = 0;
    for (size_t i = 1; start + i < n_a && start + i < n_b && a[n_a - i] == b[n_b - i];
         i++)
        end = a[n_a - i] == ' ' ? i : end;
    return end;
}

/* "  what   a | b, change"; of what is too long for a line, the words that differ. */
static void print_difference(FILE *out, const char *what, const char *a, const char *b,
                             double change) {
    char text[PAIR_TEXT_BYTES];
    const char *gap = isfinite(change) ? ", " : "";
    int gone = columns(what) > WHAT_WIDTH ? columns(what) : WHAT_WIDTH;
    (void)pair_change(change, text);
    if (gone + columns(a) + columns(b) + columns(text) + 10 <= WIDTH) {
        (void)fprintf(out, "  %s%*s  %s | %s%s%s\n", what, gone - columns(what), "", a, b,
                      gap, text);
        return;
    }
    size_t start = common_start(a, b), end = common_end(a, b, start);
    const char *before = start > 0 ? "... " : "", *after = end > 0 ? " ..." : "";
    (void)fprintf(out, "  %s:\n    %s%.*s%s |\n    %s%.*s%s%s%s\n", what, before,
                  (int)(strlen(a) - start - end), a + start, after, before,
                  (int)(strlen(b) - start - end), b + start, after, gap, text);
}

static void print_differences(const struct pair *pair, FILE *out) {
    char what[256], a[PAIR_TEXT_BYTES], b[PAIR_TEXT_BYTES];
    (void)fprintf(out, "differences, A | %c\n", pair->comparison->letter);
    for (size_t i = 0; i < pair->differences.n; i++) {
        const struct difference *item = &pair->differences.items[i];
        (void)snprintf(what, sizeof what, "%s: %s",
                       item->cell != NULL ? item->cell : item->area, item->what);
        print_difference(out, what, item->a, item->b, item->change);
    }
    for (size_t i = 0; i < PAIR_N_GAUGES; i++) {
        struct pair_gauge gauge = pair_gauge(pair, i);
        (void)snprintf(what, sizeof what, "measured: %s", gauge.name);
        print_difference(out, what, pair_gauge_text(&gauge, &gauge.a, a),
                         pair_gauge_text(&gauge, &gauge.b, b),
                         gauge.b.median / gauge.a.median - 1);
    }
}

static void print_heads(FILE *out, const struct pair *pair, const char *experiment) {
    (void)fprintf(out, "\n%-*s %s %s %s\n", LABEL_WIDTH, experiment,
                  "----------- mean latency, s ------------",
                  "-------- slowdown --------", "CPUs busy");
    (void)fprintf(out, "%-*s%6s%6c%6s%13s %-9s%6s%6c%6s %-9s%4s%5c\n", LABEL_WIDTH,
                  "cell", "A", pair->comparison->letter, "ratio", "interval", "verdict",
                  "A", pair->comparison->letter, "ratio", "verdict", "A",
                  pair->comparison->letter);
}

static void print_cell(FILE *out, const struct matched *cell) {
    char a[FIGURE_BYTES], b[FIGURE_BYTES], ratio[PAIR_TEXT_BYTES], text[PAIR_TEXT_BYTES];
    const char *label = cell->a->parameters->label;
    int room = LABEL_WIDTH - columns(label);
    if (room >= 0)
        (void)fprintf(out, "%s%*s", label, room, "");
    else /* a line of its own */
        (void)fprintf(out, "%s\n%*s", label, LABEL_WIDTH, "");
    (void)fprintf(out, "%6s%6s%6s%13s %-9s", figure_seconds(cell->seconds.a, a),
                  figure_seconds(cell->seconds.b, b),
                  pair_ratio(cell->seconds.value, ratio),
                  pair_interval(&cell->seconds, text), change_name(cell->seconds.change));
    (void)fprintf(out, "%6s%6s%6s %-9s", figure_t(cell->slowdown.a, a),
                  figure_t(cell->slowdown.b, b), pair_ratio(cell->slowdown.value, ratio),
                  change_name(cell->slowdown.change));
    (void)fprintf(out, "%4.4s%5.4s\n", figure_t(cell->busy.a, a),
                  figure_t(cell->busy.b, b));
}

static void print_pair(const struct pair *pair, FILE *out) {
    const struct comparison *comparison = pair->comparison;
    print_differences(pair, out);
    for (size_t i = print_next_experiment(comparison, 0); i < comparison->n_cells;
         i = print_next_experiment(comparison, i + 1)) {
        print_heads(out, pair, comparison->cells[i].a->parameters->experiment);
        for (size_t k = i; k < comparison->n_cells; k = print_next_cell(comparison, k))
            print_cell(out, &comparison->cells[k]);
    }
    (void)fputc('\n', out);
    for (size_t i = 0; i < pair->n_notes; i++)
        print_wrapped(out, pair->notes[i]);
}

void print_text(const struct pair *pairs, size_t n_pairs, FILE *out) {
    print_run(out, 'A', pairs[0].comparison->a);
    for (size_t i = 0; i < n_pairs; i++) {
        if (i > 0)
            (void)fputc('\n', out);
        print_run(out, pairs[i].comparison->letter, pairs[i].comparison->b);
        print_pair(&pairs[i], out);
    }
}
