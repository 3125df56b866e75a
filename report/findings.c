/* Claims and their verdicts; see findings.h. */
#include "report/findings.h"

#include <ctype.h>
#include <string.h>

#include "common/base/text.h"
#include "report/charts/chart.h"

/* The chart that shows what a claim is about: its curve, the home page, or the first. */
static const struct chart *chart_of(const struct overview *overview,
                                    const struct claim *claim) {
    const struct criterion *row = claim->criteria;
    const struct chart *first = chart_list(overview);
    for (; row->what != NULL && row->kind != JUDGED; row++)
        ;
    bool is_about_page = row->what != NULL && strncmp(row->what, "`/`", 3) == 0;
    for (const struct chart *chart = first; chart->kind != NULL;
         chart = chart_next(overview, chart)) {
        if (is_about_page && strcmp(chart->kind, "probe") == 0)
            return chart;
        if (row->what != NULL && row->along != NULL && chart->axis != NULL &&
            strcmp(row->along->axis, chart->axis) == 0 &&
            figures[chart->figure].of == row->figure)
            return chart;
    }
    return first;
}

/* The files of the first repeats of what a claim is judged by. */
static void write_cells(const struct overview *overview, const struct claim *claim,
                        struct document *document) {
    enum { MOST = 8 };
    char list[4096] = "";
    size_t n = 0;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct series *series = overview->rows[i].series;
        const char *name = series->parameters->name;
        if (claim_is_about(claim, series->parameters) && ++n <= MOST)
            text_append(list, sizeof list,
                        "%s" DOCUMENT_LINK("cells/%.80s-r%u.json", "%.80s"),
                        n > 1 ? ", " : "", name, series->repeats[0]->repeat, name);
    }
    if (n > MOST)
        text_append(list, sizeof list, " and %zu more", n - MOST);
    if (n > 0)
        document_item(document, "Cells, the first repeat of each: %s", list);
}

static void write_finding(const struct overview *overview, size_t index,
                          struct page *page) {
    static const char *const words[] = {[CONFIRMED] = DOCUMENT_GOOD("Confirmed:"),
                                        [REFUTED] = DOCUMENT_BAD("Refuted:"),
                                        [UNDECIDED] = DOCUMENT_OPEN("Undecided:")};
    struct document *document = page->document;
    const struct finding *finding = &overview->findings[index];
    const struct claim *claim = &overview->experiment->claims[index];
    const struct chart *chart = chart_of(overview, claim);
    const char *sentences[] = {finding->headline, finding->why};
    char name[CHART_NAME_BYTES], link[2 * CHART_NAME_BYTES], said[512] = "";
    (void)snprintf(link, sizeof link, " " DOCUMENT_LINK("#chart-%s", "Its chart"),
                   chart_name(overview, chart, name));
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (sentences[i][0] != '\0')
            text_append(said, sizeof said, " %c%s.",
                        toupper((unsigned char)sentences[i][0]), sentences[i] + 1);
    document_paragraph(document, "%s %s.%s%s", words[finding->verdict], claim->text, said,
                       page->charts_drawn ? link : "");
    document_fold_begin(document, "How this was judged");
    document_item(document, "Rule: %s.", finding->rule);
    document_item(document, "Figures: %s",
                  finding->figure[0] != '\0' ? finding->figure : "none");
    document_item(document, "Interval, at every look: %s",
                  finding->interval[0] != '\0' ? finding->interval : "none");
    document_item(document, "Evidence: %s",
                  finding->evidence[0] != '\0' ? finding->evidence : "none");
    write_cells(overview, claim, document);
    document_item(document, "Name in findings.json: `%s`", claim->id);
    document_fold_end(document);
}

void findings_write(const struct overview *overview, struct page *page) {
    size_t counts[NOT_APPLICABLE + 1] = {0};
    for (size_t i = 0; i < overview->n_findings; i++)
        counts[overview->findings[i].verdict]++;
    size_t n_out = counts[NOT_APPLICABLE], n = overview->n_findings - n_out;
    document_paragraph(
        page->document,
        "Of %zu claim%s that this run can judge, %zu %s confirmed, %zu refuted and %zu "
        "undecided. A claim is what one expects of a strategy, written down before the "
        "run with bounds; it is confirmed when the whole interval of what was measured "
        "(where the true mean lies with 95 %% confidence) lies within them.",
        n, n == 1 ? "" : "s", counts[CONFIRMED], counts[CONFIRMED] == 1 ? "is" : "are",
        counts[REFUTED], counts[UNDECIDED]);
    document_fold_begin(page->document, "The words of this report");
    document_paragraph(
        page->document,
        "A cell is one strategy at one number of users or CPUs; a repeat is one "
        "measurement of it, by a fresh server; rank is the place of an answer in the "
        "order of finishing; a probe is one request for the home page; slowdown is how "
        "many times as long as the job itself a user waited. Own T is what one job takes "
        "by itself; A is the CPUs available to the server, and W the workers of a pool, "
        "which is a fixed number of threads or processes.");
    document_fold_end(page->document);
    for (size_t i = 0; i < overview->n_findings; i++)
        if (overview->findings[i].verdict != NOT_APPLICABLE)
            write_finding(overview, i, page);
    if (n_out == 0)
        return;
    document_fold_begin(page->document, "Claims about another work, load or machine");
    for (size_t i = 0; i < overview->n_findings; i++)
        if (overview->findings[i].verdict == NOT_APPLICABLE)
            document_item(page->document, "%s: not applicable: %s (`%s`)",
                          overview->experiment->claims[i].text, overview->findings[i].why,
                          overview->experiment->claims[i].id);
    document_fold_end(page->document);
}
