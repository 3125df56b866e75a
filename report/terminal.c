/* The table and the findings on a terminal; see terminal.h. */
#include "report/terminal.h"

#include <math.h>
#include <string.h>

#include "report/answer.h"
#include "report/trust.h"

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

char *terminal_memory(const struct estimate *memory, char text[FIGURE_BYTES]) {
    static const double mib = 1 << 20;
    if (isfinite(memory->interval.low) && memory->interval.low <= 0)
        (void)snprintf(text, FIGURE_BYTES, "<%.1f",
                       fmax(memory->interval.high / mib, 0.05));
    else
        (void)figure_number(fmax(memory->value, 0) / mib, text);
    return text;
}

/* The one table that fits 80 columns; the others are in the report. */
static void print_heads(const struct overview *overview, FILE *out, int width) {
    bool published = overview->has_published;
    (void)fprintf(out, "%-*s%18s%*s%5s%8s%6s%6s\n", width, "", "waited, s",
                  published ? 12 : 6, published ? "slowdown" : "slow-", "CPUs", "`/`, ms",
                  "CPU,", "MiB");
    (void)fprintf(out, "%-*s%6s%6s%6s%6s", width, "strategy", "mean", "first", "last",
                  published ? "here" : "down");
    (void)fprintf(out, "%s%5s%8s%6s%6s\n", published ? "  then" : "", "busy", "p50", "ms",
                  "each");
}

static void print_row(const struct overview_row *row, bool published, FILE *out,
                      int width) {
    const struct estimate *estimates = row->estimates;
    char text[FIGURE_BYTES];
    const char *label = row->series->parameters->label;
    (void)fprintf(out, "%s%*s", label, width - columns(label), "");
    print_right(out, figure_number(estimates[FIGURE_MEAN].value / 1e6, text), 6);
    print_right(out, figure_number(estimates[FIGURE_FIRST].value / 1e6, text), 6);
    print_right(out, figure_number(estimates[FIGURE_LAST].value / 1e6, text), 6);
    print_right(out, figure_number(estimates[FIGURE_SLOWDOWN].value, text), 6);
    if (published)
        print_right(out, figure_t(row->series->published.mean, text), 6);
    print_right(out, figure_number(estimates[FIGURE_CPUS_BUSY].value, text), 5);
    print_right(out, figure_ms(row->busy.p50_us, text), 8);
    print_right(out, figure_ms(estimates[FIGURE_CPU_PER_REQUEST].value, text), 6);
    print_right(out, terminal_memory(&estimates[FIGURE_MEMORY_PER_USER], text), 6);
    (void)fputc('\n', out);
}

/* Words in lines of 80 columns; those behind the first are indented. */
void terminal_wrap(const char *text, int indent, FILE *out) {
    enum { WIDTH = 80 };
    int at = 0;
    while (*text != '\0') {
        int blanks = (int)strspn(text, " "), length = (int)strcspn(text + blanks, " ");
        char word[512];
        (void)snprintf(word, sizeof word, "%.*s", length, text + blanks);
        if (at > 0 && at + blanks + columns(word) > WIDTH) {
            (void)fprintf(out, "\n%*s", indent, "");
            at = indent;
            blanks = 0;
        }
        (void)fprintf(out, "%*s%.*s", blanks, "", length, text + strspn(text, " "));
        at += blanks + columns(word);
        text += strspn(text, " ") + (size_t)length;
    }
    (void)fputc('\n', out);
}

static void print_sentence(void *out, const char *sentence) {
    terminal_wrap(sentence, 2, out);
}

static void print_answer(const struct overview *overview, FILE *out) {
    struct answer answer;
    answer_make(overview, &answer);
    (void)fputc('\n', out);
    for (size_t i = 0; i < answer.n_sentences; i++)
        terminal_wrap(answer.sentences[i], 0, out);
}

static void print_notes(const struct overview *overview, FILE *out) {
    char text[512];
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        const char *label = row->series->parameters->label;
        if (row->n_failed == 0)
            continue;
        (void)snprintf(text, sizeof text, "%s: %zu of %zu requests FAILED", label,
                       row->n_failed, row->n_requests);
        terminal_wrap(text, 2, out);
    }
    trust_say(overview, print_sentence, out);
    for (size_t i = 0; i < overview->run->n_left_out; i++) {
        (void)snprintf(text, sizeof text, "left out: %s", overview->run->left_out[i]);
        terminal_wrap(text, 2, out);
    }
}

/* The findings of one verdict: names alone, or with what decided or is missing. */
static void print_verdict(const struct overview *overview, enum verdict verdict,
                          FILE *out) {
    char line[1024];
    size_t length = 0, n = 0;
    for (size_t i = 0; i < overview->n_findings; i++) {
        const struct finding *finding = &overview->findings[i];
        const char *id = overview->experiment->claims[i].id;
        if (finding->verdict != verdict)
            continue;
        if (verdict == CONFIRMED) {
            length += (size_t)snprintf(line + length, sizeof line - length, "%s%s",
                                       n++ > 0 ? ", " : "confirmed  ", id);
            continue;
        }
        (void)snprintf(line, sizeof line, "%-9s  %s: %s%s%s", verdict_name(verdict), id,
                       verdict == UNDECIDED ? finding->why : finding->headline,
                       verdict == UNDECIDED && finding->headline[0] != '\0' ? "; " : "",
                       verdict == UNDECIDED ? finding->headline : "");
        terminal_wrap(line, 11, out);
    }
    if (n > 0)
        terminal_wrap(line, 11, out);
}

static void print_findings(const struct overview *overview, FILE *out) {
    if (overview->n_findings == 0)
        return;
    (void)fprintf(out, "\nfindings: %zu confirmed, %zu refuted, %zu undecided\n",
                  overview_count(overview, CONFIRMED), overview_count(overview, REFUTED),
                  overview_count(overview, UNDECIDED));
    print_verdict(overview, CONFIRMED, out);
    print_verdict(overview, REFUTED, out);
    print_verdict(overview, UNDECIDED, out);
}

void terminal_print(const struct overview *overview, FILE *out) {
    int width = label_width(overview);
    print_answer(overview, out);
    if (overview->n_rows > 0) {
        (void)fputc('\n', out);
        print_heads(overview, out, width);
    }
    for (size_t i = 0; i < overview->n_rows; i++)
        print_row(&overview->rows[i], overview->has_published, out, width);
    print_notes(overview, out);
    print_findings(overview, out);
}
