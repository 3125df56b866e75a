/* The last screen of a run; see terminal.h. */
#include "report/terminal.h"

#include <string.h>

#include "report/answer.h"
#include "report/curves.h"
#include "report/data.h"
#include "report/document.h"
#include "report/tables.h"
#include "report/trust.h"

static void print_experiment(const struct overview *overview, struct document *document,
                             FILE *out) {
    (void)fputc('\n', out);
    answer_write(overview, document);
    if (overview->n_rows == 0)
        return;
    (void)fputc('\n', out);
    bool has_curves = false;
    for (const struct chart *chart = data_charts(overview); chart->kind != NULL;
         chart++) {
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

static void print_notes(const struct overview *first, struct document *document) {
    trust_write(first, document);
    for (size_t i = 0; i < first->run->n_left_out; i++)
        document_item(document, "left out: %s", first->run->left_out[i]);
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

static void print_findings(const struct overview *first, FILE *out) {
    static const enum verdict order[] = {CONFIRMED, REFUTED, UNDECIDED};
    if (!overview_has_findings(first))
        return;
    (void)fprintf(out, "\nfindings: %zu confirmed, %zu refuted, %zu undecided\n",
                  overview_count(first, CONFIRMED), overview_count(first, REFUTED),
                  overview_count(first, UNDECIDED));
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        for (const struct overview *one = first; one != NULL; one = one->next)
            print_verdict(one, order[i], out);
}

void terminal_print(const struct overview *first, FILE *out) {
    struct document *document = document_on(out, &document_terminal);
    if (document == NULL)
        return;
    for (const struct overview *one = first; one != NULL; one = one->next)
        print_experiment(one, document, out);
    print_notes(first, document);
    (void)document_commit(document);
    print_findings(first, out);
}
