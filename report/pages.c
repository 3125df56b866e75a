/* The report and the last screen; see pages.h. How they are written is the business of
 * common/document. */
#include "report/pages.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/command_line.h"
#include "common/base/fields.h"
#include "common/document/document.h"
#include "common/document/terminal.h"
#include "report/answer.h"
#include "report/chart.h"
#include "report/curves.h"
#include "report/tables.h"
#include "report/trust.h"

static void write_trust(const struct overview *first, struct document *document) {
    document_heading(document, 2, "How far these numbers can be trusted");
    document_paragraph(document,
                       "A cell is INVALID only where its own numbers cannot mean what "
                       "they say. A busy machine is a figure, not a fault: latencies are "
                       "told in units of what the cell's own jobs took. A/A is a cell "
                       "against itself.");
    tables_write_machine(&first->machine, document);
    trust_write(first, document);
}

/* How the run ended, unless it ended well. */
static const char *describe_end(const json_t *info) {
    if (json_is_true(json_object_get(info, "interrupted")))
        return "; the run was interrupted, this is what it had measured";
    return json_object_get(info, "stopped_by") == NULL
               ? "; the run has not said that it ended, this is what it had measured"
               : "";
}

static void write_findings_summary(const struct overview *first,
                                   struct document *document) {
    if (!overview_has_findings(first))
        return;
    document_heading(document, 2, "Findings");
    document_paragraph(document, "%zu confirmed, %zu refuted, %zu undecided%s.",
                       overview_count(first, CONFIRMED), overview_count(first, REFUTED),
                       overview_count(first, UNDECIDED), describe_end(first->run->info));
}

static void write_findings_table(const struct overview *overview,
                                 struct document *document) {
    static const char *const heads[] = {"verdict", "claim", "figure", "name"};
    if (overview->n_findings == 0)
        return;
    document_table_begin(document);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        document_head(document, "%s", heads[i]);
    for (size_t i = 0; i < overview->n_findings; i++) {
        const struct finding *finding = &overview->findings[i];
        if (finding->verdict == NOT_APPLICABLE)
            continue;
        document_cell(document, "%s", verdict_name(finding->verdict));
        document_cell(document, "%s", overview->experiment->claims[i].text);
        document_cell(document, "%s%s%s", finding->headline,
                      finding->why[0] != '\0' && finding->headline[0] != '\0' ? "; " : "",
                      finding->why);
        document_cell(document, "`%s`", overview->experiment->claims[i].id);
    }
    document_table_end(document);
}

static void write_chart(const struct overview *overview, const struct chart *chart,
                        struct document *document) {
    char title[512], name[CHART_NAME_BYTES], path[CHART_NAME_BYTES + 16];
    (void)snprintf(path, sizeof path, "charts/%s.svg", chart_name(overview, chart, name));
    document_image(document, path, chart_title(overview, chart, title, sizeof title));
}

/* The charts behind the first, which stands behind the answer. */
static void write_charts(const struct overview *overview, bool charts_drawn,
                         struct document *document) {
    char title[512], name[CHART_NAME_BYTES];
    const struct chart *first = chart_list(overview);
    document_heading(document, 2, "Charts");
    if (!charts_drawn)
        document_paragraph(document,
                           "The charts are not drawn: gnuplot was missing, failed or was "
                           "interrupted. "
                           "`juggle report` on this folder draws them later.");
    for (const struct chart *chart = first; chart->kind != NULL;
         chart = chart_next(overview, chart)) {
        if (chart != first || chart->axis != NULL)
            document_heading(document, 3, "%s",
                             chart_heading(overview, chart, title, sizeof title));
        if (charts_drawn && chart != first)
            write_chart(overview, chart, document);
        if (chart != first || chart->axis != NULL)
            document_paragraph(document, "Drawn from `data/%s.tsv`.",
                               chart_name(overview, chart, name));
        if (chart->axis == NULL)
            continue;
        curves_write_table(overview, chart, document);
        curves_write_fits(overview, chart, document);
    }
}

static void write_finding(const struct claim *claim, const struct finding *finding,
                          struct document *document) {
    document_heading(document, 3, "%s", claim->id);
    document_paragraph(document, "Claim: %s. Verdict: %s%s%s.", claim->text,
                       verdict_name(finding->verdict),
                       finding->why[0] != '\0' ? ": " : "", finding->why);
    document_item(document, "Figure: %s",
                  finding->figure[0] != '\0' ? finding->figure : "none");
    document_item(document, "Interval, at every look: %s",
                  finding->interval[0] != '\0' ? finding->interval : "none");
    document_item(document, "Rule: %s", finding->rule);
    document_item(document, "Evidence: %s",
                  finding->evidence[0] != '\0' ? finding->evidence : "none");
}

static void write_facts(const json_t *facts, const char *what,
                        struct document *document) {
    const char *key;
    json_t *value;
    document_table_begin(document);
    document_head(document, "%s", what);
    document_head(document, "value");
    json_object_foreach((json_t *)facts, key, value) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        document_cell(document, "%s", key);
        document_cell(document, "%s",
                      json_is_string(value) ? json_string_value(value)
                      : text != NULL        ? text
                                            : "-");
        free(text);
    }
    document_table_end(document);
}

static void write_command_line(const json_t *argv, struct document *document) {
    char *line = json_array_size(argv) > 0 ? command_line_text(argv) : NULL;
    if (line == NULL)
        return;
    document_paragraph(document, "Command line:");
    document_code(document, line);
    free(line);
}

static void write_provenance(const struct overview *first, struct document *document) {
    const json_t *info = first->run->info;
    char caption[512];
    document_heading(document, 2, "Where these numbers come from");
    for (const struct overview *one = first; one != NULL; one = one->next) {
        document_paragraph(document, "Asked: %s",
                           one->experiment != NULL
                               ? one->experiment->question
                               : "(not an experiment of this juggle)");
        document_paragraph(document, "Measured: %s.",
                           overview_caption(one, caption, sizeof caption));
    }
    document_paragraph(document, "Started at %s, seed %.0f.",
                       fields_get_text(info, "started_at", "an unknown time"),
                       fields_get_number(info, "seed"));
    write_command_line(json_object_get(info, "argv"), document);
    write_facts(json_object_get(info, "machine"), "machine", document);
    write_facts(json_object_get(info, "versions"), "version", document);
    if (first->run->n_left_out == 0)
        return;
    document_paragraph(document, "Left out of this report:");
    for (size_t i = 0; i < first->run->n_left_out; i++)
        document_item(document, "%s", first->run->left_out[i]);
}

/* All that is about one experiment. */
static void write_experiment(const struct overview *overview, bool is_one_of_several,
                             bool charts_drawn, struct document *document) {
    if (is_one_of_several)
        document_heading(document, 1, "%s", overview->name);
    answer_write(overview, document);
    if (charts_drawn && chart_list(overview)->kind != NULL)
        write_chart(overview, chart_list(overview), document);
    if (overview->n_rows > 0 && chart_list(overview)->axis == NULL)
        tables_write_short(overview, document);
    if (!is_one_of_several)
        write_findings_summary(overview, document);
    write_findings_table(overview, document);
    write_charts(overview, charts_drawn, document);
    tables_write(overview, document);
    if (overview->n_findings > 0)
        document_heading(document, 2, "Findings, with their evidence");
    for (size_t i = 0; i < overview->n_findings; i++)
        write_finding(&overview->experiment->claims[i], &overview->findings[i], document);
}

int pages_write(const struct overview *first, bool charts_drawn) {
    char title[512] = "juggle: ";
    size_t length = strlen(title);
    for (const struct overview *one = first; one != NULL && length < sizeof title - 64;
         one = one->next)
        length +=
            (size_t)snprintf(title + length, sizeof title - length, "%.64s, ", one->name);
    (void)snprintf(title + length, sizeof title - length, "%.40s",
                   fields_get_text(first->run->info, "started_at", "no date"));
    struct document *document = document_begin(first->run->folder, title);
    bool are_several = first->next != NULL;
    if (document == NULL)
        return -errno;
    if (are_several)
        write_findings_summary(first, document);
    for (const struct overview *one = first; one != NULL; one = one->next)
        write_experiment(one, are_several, charts_drawn, document);
    if (are_several)
        document_heading(document, 1, "The run");
    write_trust(first, document);
    write_provenance(first, document);
    return document_commit(document);
}

/* Of the usual terminal, and what is printed behind: where everything is. */
enum { SCREEN_ROWS = 24, ROWS_BEHIND = 2 };

static void print_experiment(const struct overview *overview, struct document *document,
                             FILE *out) {
    bool is_one_of_several = overview->run->n_experiments > 1;
    answer_write_flow(overview, document);
    if (overview->n_rows == 0 || is_one_of_several) /* the report has the tables */
        return;
    (void)fputc('\n', out);
    bool has_curves = false;
    for (const struct chart *chart = chart_list(overview); chart->kind != NULL;
         chart = chart_next(overview, chart)) {
        if (chart->axis == NULL)
            continue;
        if (has_curves)
            (void)fputc('\n', out);
        curves_write_table(overview, chart, document);
        has_curves = true;
    }
    if (!has_curves) /* which stand in its place: it would have a row for each point */
        tables_write_short(overview, document);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (row->n_failed > 0)
            document_item(document, "%s: %zu of %zu requests FAILED",
                          row->series->parameters->label, row->n_failed, row->n_requests);
    }
}

/* Answers, tables, and what to hold against them. */
static void print_figures(const struct overview *first, FILE *out) {
    struct document *document = document_on(out, &document_terminal);
    if (document == NULL)
        return;
    for (const struct overview *one = first; one != NULL; one = one->next) {
        if (one != first)
            (void)fputc('\n', out);
        print_experiment(one, document, out);
    }
    trust_write_doubts(first, document);
    size_t n_planned = 0; /* what could not be measured here, which the report names */
    for (size_t i = 0; i < first->run->n_left_out; i++) {
        const char *line = first->run->left_out[i];
        bool is_planned =
            first->next != NULL && strstr(line, ": skipped, because") != NULL;
        n_planned += is_planned;
        if (!is_planned)
            document_item(document, "left out: %s", line);
    }
    if (n_planned > 0)
        document_item(document, "%zu cells were not measured; the report says why",
                      n_planned);
    (void)document_commit(document);
}

/* "2 GIL servers (shared), ": who a claim is about, as the table calls it; "" where it is
 * about every contestant, or names the strategy itself. */
static const char *say_whom(const struct overview *overview, const struct claim *claim,
                            char text[128]) {
    text[0] = '\0';
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell_parameters *cell = overview->rows[i].series->parameters;
        bool is_contestant = strcmp(cell->contestant, claim->criteria->cell) == 0;
        if (strcmp(cell->name, claim->criteria->cell) != 0 && !is_contestant)
            continue;
        const char *label = is_contestant ? cell->contestant_label : cell->label;
        if (strstr(claim->text, label) == NULL)
            (void)snprintf(text, 128, "%s, ", label);
        break;
    }
    return text;
}

/* The findings of one verdict, in words: those not confirmed with what decided, or what
 * is missing. */
static void print_verdict(const struct overview *first, enum verdict verdict, FILE *out) {
    char line[1024], whom[128];
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_findings; i++) {
            const struct finding *finding = &one->findings[i];
            const struct claim *claim = &one->experiment->claims[i];
            const char *more = verdict == CONFIRMED   ? ""
                               : verdict == UNDECIDED ? finding->why
                                                      : finding->headline;
            if (finding->verdict != verdict)
                continue;
            (void)snprintf(line, sizeof line, "%s: %s%s%s%s", verdict_name(verdict),
                           claim->text, more[0] != '\0' ? ": " : "",
                           more[0] != '\0' ? say_whom(one, claim, whom) : "", more);
            terminal_wrap(line, 2, out);
        }
}

/* How to decide what is open, where more repeats will. */
static void print_remedy(const struct overview *first, FILE *out) {
    double more_s = 0;
    char *folder = command_line_quote(first->run->folder_shown);
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_findings; i++)
            if (one->findings[i].verdict == UNDECIDED &&
                isfinite(one->findings[i].more_s))
                more_s += one->findings[i].more_s;
    if (more_s > 0 && folder != NULL)
        (void)fprintf(out, "to decide: juggle run --resume %s --budget %.0fs\n", folder,
                      10 * ceil(more_s / 10) + 10);
    free(folder);
}

static void print_findings(const struct overview *first, FILE *out) {
    if (!overview_has_findings(first))
        return;
    (void)fprintf(out, "findings: %zu confirmed, %zu refuted, %zu undecided\n",
                  overview_count(first, CONFIRMED), overview_count(first, REFUTED),
                  overview_count(first, UNDECIDED));
    print_verdict(first, REFUTED, out);
    print_verdict(first, UNDECIDED, out);
    print_remedy(first, out);
}

static void print_confirmed(const struct overview *first, FILE *out) {
    print_verdict(first, CONFIRMED, out);
}

static void print_whole(const struct overview *first, FILE *out) {
    if (trust_is_whole(first))
        (void)fprintf(out, "VALID: every cell%s\n",
                      json_is_true(json_object_get(first->run->info, "interrupted"))
                          ? " that was measured"
                          : "");
}

static void print_empty(const struct overview *first, FILE *out) {
    (void)first;
    (void)fputc('\n', out);
}

static size_t count_rows(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

void pages_print(const struct overview *first, FILE *out) {
    /* In order; what is not needed is printed while there is room, in order of `need`. */
    struct part {
        void (*print)(const struct overview *first, FILE *out);
        int need;
        char *text;
        size_t length;
    } parts[] = {{print_figures, 0, NULL, 0},   {print_whole, 1, NULL, 0},
                 {print_empty, 2, NULL, 0},     {print_findings, 0, NULL, 0},
                 {print_confirmed, 3, NULL, 0}, {print_empty, 4, NULL, 0}};
    enum { N_PARTS = sizeof parts / sizeof *parts };
    bool is_shown[N_PARTS] = {false};
    size_t n_rows = ROWS_BEHIND;
    for (size_t i = 0; i < N_PARTS; i++) {
        FILE *text = open_memstream(&parts[i].text, &parts[i].length);
        if (text == NULL)
            continue;
        parts[i].print(first, text);
        (void)fclose(text);
    }
    for (int need = 0; need <= 4; need++)
        for (size_t i = 0; i < N_PARTS; i++) {
            if (parts[i].need != need || parts[i].text == NULL)
                continue;
            size_t own = count_rows(parts[i].text);
            is_shown[i] = need == 0 || n_rows + own <= SCREEN_ROWS;
            n_rows += is_shown[i] ? own : 0;
        }
    (void)fputc('\n', out); /* between it and what was said before; it may scroll away */
    char *gap = parts[0].text;
    while (n_rows > SCREEN_ROWS && gap != NULL && (gap = strstr(gap, "\n\n")) != NULL) {
        memmove(gap, gap + 1, strlen(gap)); /* before a table or between experiments */
        n_rows--;
    }
    for (size_t i = 0; i < N_PARTS; i++) {
        if (is_shown[i])
            (void)fputs(parts[i].text, out);
        free(parts[i].text);
    }
}
