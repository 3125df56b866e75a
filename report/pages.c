/* The report; see pages.h. How they are written is the business of
 * common/document. */
#include "report/pages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/command_line.h"
#include "common/base/fields.h"
#include "common/document/document.h"
#include "report/answer.h"
#include "report/charts/chart.h"
#include "report/charts/told.h"
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
        told_write_table(overview, chart, document);
        told_write_fits(overview, chart, document);
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
