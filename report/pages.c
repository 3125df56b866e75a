/* The content of the report; see pages.h. How it is written is document.h's business. */
#include "report/pages.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/command_line.h"
#include "common/base/fields.h"
#include "report/answer.h"
#include "report/data.h"
#include "report/document.h"
#include "report/tables.h"
#include "report/trust.h"

enum { MOST_SENTENCES = 64 };

struct sentences {
    char *items[MOST_SENTENCES];
    size_t n;
};

static void keep_sentence(void *context, const char *sentence) {
    struct sentences *sentences = context;
    char *copy = sentences->n < MOST_SENTENCES ? strdup(sentence) : NULL;
    if (copy != NULL)
        sentences->items[sentences->n++] = copy;
}

/* What the terminal ends with, too. */
static void write_answer(const struct overview *overview, struct document *document) {
    struct answer answer;
    answer_make(overview, &answer);
    for (size_t i = 0; i < answer.n_sentences; i++)
        document_paragraph(document, "%s", answer.sentences[i]);
}

static void write_trust(const struct overview *overview, struct document *document) {
    struct sentences sentences = {.n = 0};
    trust_say(overview, keep_sentence, &sentences);
    document_heading(document, 2, "How far these numbers can be trusted");
    document_paragraph(document,
                       "A cell is INVALID only where its own numbers cannot mean what "
                       "they say. A busy machine is a figure, not a fault: latencies are "
                       "told in units of what the cell's own jobs took. A/A is a cell "
                       "against itself.");
    document_list(document, (const char *const *)sentences.items, sentences.n);
    for (size_t i = 0; i < sentences.n; i++)
        free(sentences.items[i]);
}

/* How the run ended, unless it ended well. */
static const char *describe_end(const json_t *info) {
    if (json_is_true(json_object_get(info, "interrupted")))
        return "; the run was interrupted, this is what it had measured";
    return json_object_get(info, "stopped_by") == NULL
               ? "; the run has not said that it ended, this is what it had measured"
               : "";
}

static void write_findings_summary(const struct overview *overview,
                                   struct document *document) {
    if (overview->n_findings == 0)
        return;
    document_heading(document, 2, "Findings");
    document_paragraph(
        document, "%zu confirmed, %zu refuted, %zu undecided%s.",
        overview_count(overview, CONFIRMED), overview_count(overview, REFUTED),
        overview_count(overview, UNDECIDED), describe_end(overview->run->info));
}

static void write_findings_table(const struct overview *overview,
                                 struct document *document) {
    static const char *const heads[] = {"verdict", "finding", "claim", "figure"};
    if (overview->n_findings == 0)
        return;
    document_table_begin(document, heads, 4);
    for (size_t i = 0; i < overview->n_findings; i++) {
        const struct finding *finding = &overview->findings[i];
        if (finding->verdict == NOT_APPLICABLE)
            continue;
        document_cell(document, "%s", verdict_name(finding->verdict));
        document_cell(document, "`%s`", overview->experiment->claims[i].id);
        document_cell(document, "%s", overview->experiment->claims[i].text);
        document_cell(document, "%s%s%s", finding->headline,
                      finding->why[0] != '\0' && finding->headline[0] != '\0' ? "; " : "",
                      finding->why);
    }
    document_table_end(document);
}

static void write_charts(const struct overview *overview, bool charts_drawn,
                         struct document *document) {
    char title[512], path[128];
    document_heading(document, 2, "Charts");
    if (!charts_drawn)
        document_paragraph(document,
                           "The charts are not drawn: gnuplot was missing, failed or was "
                           "interrupted. "
                           "`juggle report` on this folder draws them later.");
    for (const struct chart *chart = charts; chart->name != NULL; chart++) {
        chart->describe(overview, title, sizeof title);
        document_heading(document, 3, title);
        document_paragraph(document, "%s Data: `data/%s.tsv`.", chart->reading,
                           chart->name);
        (void)snprintf(path, sizeof path, "charts/%s.svg", chart->name);
        if (charts_drawn)
            document_image(document, path, title);
    }
}

static void write_finding(const struct claim *claim, const struct finding *finding,
                          struct document *document) {
    char lines[4][1024];
    const char *const items[] = {lines[0], lines[1], lines[2], lines[3]};
    document_heading(document, 3, claim->id);
    document_paragraph(document, "Claim: %s. Verdict: %s%s%s.", claim->text,
                       verdict_name(finding->verdict),
                       finding->why[0] != '\0' ? ": " : "", finding->why);
    (void)snprintf(lines[0], sizeof lines[0], "Figure: %s",
                   finding->figure[0] != '\0' ? finding->figure : "none");
    (void)snprintf(lines[1], sizeof lines[1], "Interval, at every look: %s",
                   finding->interval[0] != '\0' ? finding->interval : "none");
    (void)snprintf(lines[2], sizeof lines[2], "Rule: %s", finding->rule);
    (void)snprintf(lines[3], sizeof lines[3], "Evidence: %s",
                   finding->evidence[0] != '\0' ? finding->evidence : "none");
    document_list(document, items, 4);
}

static void write_facts(const json_t *facts, const char *const *heads,
                        struct document *document) {
    const char *key;
    json_t *value;
    document_table_begin(document, heads, 2);
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

static void write_provenance(const struct overview *overview, struct document *document) {
    static const char *const machine[] = {"machine", "value"};
    static const char *const versions[] = {"version", "value"};
    const json_t *info = overview->run->info;
    char caption[512];
    document_heading(document, 2, "Where these numbers come from");
    document_paragraph(document, "Asked: %s",
                       overview->experiment != NULL
                           ? overview->experiment->question
                           : "(not an experiment of this juggle)");
    document_paragraph(document, "Measured: %s.",
                       overview_caption(overview, caption, sizeof caption));
    document_paragraph(document, "Started at %s, seed %.0f.",
                       fields_get_text(info, "started_at", "an unknown time"),
                       fields_get_number(info, "seed"));
    write_command_line(json_object_get(info, "argv"), document);
    write_facts(json_object_get(info, "machine"), machine, document);
    write_facts(json_object_get(info, "versions"), versions, document);
    if (overview->run->n_left_out == 0)
        return;
    document_paragraph(document, "Left out of this report:");
    document_list(document, (const char *const *)overview->run->left_out,
                  overview->run->n_left_out);
}

int pages_write(const struct overview *overview, bool charts_drawn) {
    char title[256];
    (void)snprintf(title, sizeof title, "juggle: %s, %s", overview->run->experiment,
                   fields_get_text(overview->run->info, "started_at", "no date"));
    struct document *document = document_begin(overview->run->folder, title);
    if (document == NULL)
        return -errno;
    write_answer(overview, document);
    write_findings_summary(overview, document);
    write_findings_table(overview, document);
    write_charts(overview, charts_drawn, document);
    tables_write(overview, document);
    if (overview->n_findings > 0)
        document_heading(document, 2, "Findings, with their evidence");
    for (size_t i = 0; i < overview->n_findings; i++)
        write_finding(&overview->experiment->claims[i], &overview->findings[i], document);
    write_trust(overview, document);
    write_provenance(overview, document);
    return document_commit(document);
}
