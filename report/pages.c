/* The report; see pages.h. How it is written is the business of common/document. To have
 * another part of it, add a row to the sections. */
#include "report/pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"
#include "common/document/document.h"
#include "common/document/theme.h"
#include "report/answer.h"
#include "report/best.h"
#include "report/charts/chart.h"
#include "report/charts/data.h"
#include "report/charts/grids.h"
#include "report/charts/told.h"
#include "report/findings.h"
#include "report/provenance.h"
#include "report/tables.h"

/* What was asked, of whom, where and when; then what came out. */
static void write_answer(const struct overview *overview, struct page *page) {
    char flow[ANSWER_BYTES], users[64], date[40], repeats[48];
    struct answer answer;
    answer_make(overview, &answer);
    (void)overview_users(overview, users, sizeof users);
    size_t asked = users[0] != '\0' && answer.n_sentences > 0 &&
                   strncmp(answer.sentences[0], users, strlen(users)) == 0;
    document_say(page->document, DOCUMENT_SOFT,
                 "%s%s%s (one measurement each) of every %s; %s.",
                 asked ? answer.sentences[0] : "", asked ? " " : "",
                 overview_repeats(overview, repeats, sizeof repeats),
                 overview_who(overview), provenance_date(page->first, date));
    document_say(page->document, DOCUMENT_LEAD, "%s",
                 answer_flow(&answer, asked, answer.n_brief, flow));
    size_t end = answer.n_sentences - answer.n_ranks;
    if (answer.n_brief < end)
        document_paragraph(page->document, "%s",
                           answer_flow(&answer, answer.n_brief, end, flow));
}

static void write_chart(const struct overview *overview, const struct chart *chart,
                        struct document *document) {
    char title[512], name[CHART_NAME_BYTES], path[CHART_NAME_BYTES + 16];
    (void)snprintf(path, sizeof path, "charts/%s.svg", chart_name(overview, chart, name));
    document_image(document, path, chart_title(overview, chart, title, sizeof title));
}

/* The numbers of a chart, for who cannot see it; and of curves, which print none. */
static void write_numbers(const struct overview *overview, const struct chart *chart,
                          struct document *document) {
    bool is_map = strcmp(chart->kind, "map") == 0;
    if (chart->axis == NULL && !is_map)
        return;
    document_fold_begin(document, "The same in numbers");
    if (is_map)
        grids_write_table(overview, document);
    else
        told_write_table(overview, chart, true, document);
    told_write_fits(overview, chart, document);
    document_fold_end(document);
}

#define DATA_LINK DOCUMENT_LINK("data/%s.tsv", "`data/%s.tsv`")

/* The charts behind the first, which stands behind the answer. */
static void write_charts(const struct overview *overview, struct page *page) {
    struct document *document = page->document;
    char title[512], name[CHART_NAME_BYTES];
    const struct chart *first = chart_list(overview);
    if (!page->charts_drawn)
        document_paragraph(document,
                           "The charts are not drawn: gnuplot was missing, failed or was "
                           "interrupted. "
                           "`juggle report` on this folder draws them later.");
    if (first->kind == NULL)
        return;
    document_paragraph(document, "The chart at the top is drawn from " DATA_LINK ".",
                       chart_name(overview, first, name), name);
    write_numbers(overview, first, document);
    for (const struct chart *chart = chart_next(overview, first); chart->kind != NULL;
         chart = chart_next(overview, chart)) {
        document_heading(document, page->level + 1, "%s",
                         chart_heading(overview, chart, title, sizeof title));
        document_paragraph(document, "%s Drawn from " DATA_LINK ".", chart_word(chart),
                           chart_name(overview, chart, name), name);
        if (page->charts_drawn)
            write_chart(overview, chart, document);
        write_numbers(overview, chart, document);
    }
}

static void write_figures(const struct overview *overview, struct page *page) {
    document_paragraph(page->document,
                       "Each cell with its 95 %% intervals, and what each column means.");
    document_fold_begin(page->document, "Show the tables");
    tables_write(overview, page->document);
    document_fold_end(page->document);
}

/* Four users who ask two CPUs at once, as the model of the contestant, or of the strategy
 * where work of one's own has none, expects of work that computes; "" without any. */
enum { LANES_BYTES = 128 };
static const char *draw_lanes(const struct overview *overview,
                              const struct overview_row *row, char text[LANES_BYTES]) {
    enum { USERS = 4, CPUS = 2 };
    const struct cell_parameters *who = row->series->parameters;
    const struct model *model = row->model;
    for (const struct contestant *one = contestants_of_strategies;
         model == NULL && one->name != NULL; one++)
        if (strcmp(one->strategy, who->strategy) == 0)
            model = one->model;
    double n_workers = who->workers > overview->machine.cpus_allowed ? USERS : CPUS;
    struct burst burst = {true, true, {USERS, 0, 1, CPUS, n_workers, CPUS}};
    double from = 0, to = 0;
    (void)snprintf(text, LANES_BYTES, DOCUMENT_LANES_BEGIN "%s",
                   theme_hue(data_hue(overview, who)));
    for (size_t k = 1; model != NULL && k <= USERS; k++) {
        double end = model_slowdown(model, &burst, k);
        from = end > to ? to : from; /* who comes later begins when those before end */
        to = end;
        text_append(text, LANES_BYTES, " %.2f-%.2f", from, to);
    }
    text_append(text, LANES_BYTES, DOCUMENT_LANES_END);
    return model != NULL ? text : "";
}

/* Each once, whatever was varied. */
static void write_strategies(const struct overview *first, struct page *page) {
    char seen[4096] = "\n", line[256], lanes[LANES_BYTES];
    document_paragraph(page->document,
                       "The drawings show four users who ask two CPUs at once for work "
                       "that computes, a row each; time goes to the right. A line is a "
                       "user who waits for a turn, a bar one who is served, and a pale "
                       "bar shares a CPU with others. T is what a job takes by itself, k "
                       "its place in the order of the "
                       "answers, n how many there are, A the CPUs that were free and W "
                       "the workers of a pool.");
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_rows; i++) {
            const struct model *model = one->rows[i].model;
            const struct cell_parameters *who = one->rows[i].series->parameters;
            struct gloss name = experiment_gloss(who);
            bool is_external = parameters_are_external(who);
            (void)snprintf(line, sizeof line, "\n%s\n",
                           is_external ? name.words : name.typed);
            if (strstr(seen, line) != NULL)
                continue;
            text_append(seen, sizeof seen, "%s", line + 1);
            bool is_told = strcmp(name.words, who->contestant_label) != 0;
            document_item(page->document, "%s" DOCUMENT_STRONG("%s") " (`%s`)%s%s%s%s",
                          draw_lanes(one, &one->rows[i], lanes), who->contestant_label,
                          is_external ? who->server : name.typed, is_told ? ": " : "",
                          is_told ? name.words : "",
                          model != NULL ? "; theory expects " : "",
                          model != NULL ? model->meaning : "");
        }
}

/* The parts behind the answer, its picture and its table; then those of the run. */
static const struct section {
    const char *id, *heading;
    bool is_of_run;
    enum { ALWAYS, WITH_ROWS, WITH_CLAIMS } when;
    void (*write)(const struct overview *overview, struct page *page);
} sections[] = {
    {"findings", "What was found", false, WITH_CLAIMS, findings_write},
    {"charts", "The other charts", false, WITH_ROWS, write_charts},
    {"figures", "All figures", false, WITH_ROWS, write_figures},
    {"strategies", "What each name means", true, WITH_ROWS, write_strategies},
    {"machine", "The machine", true, ALWAYS, provenance_write_machine},
    {"trust", "How far these numbers can be trusted", true, ALWAYS,
     provenance_write_trust},
    {"method", "How it was measured", true, ALWAYS, provenance_write_method},
};

enum { N_SECTIONS = sizeof sections / sizeof *sections };

static bool is_there(const struct section *section, const struct overview *overview) {
    return section->when == ALWAYS ||
           (section->when == WITH_ROWS ? overview->n_rows : overview->n_findings) > 0;
}

/* Of one of several experiments they have its name in their IDs. */
static void write_sections(const struct overview *overview, bool of_run,
                           struct page *page) {
    bool is_named = page->first->next != NULL && !of_run;
    char id[160];
    for (const struct section *one = sections; one < sections + N_SECTIONS; one++) {
        if (one->is_of_run != of_run || !is_there(one, overview))
            continue;
        (void)snprintf(id, sizeof id, "%.80s%s%.40s", is_named ? overview->name : "",
                       is_named ? "-" : "", one->id);
        document_section(page->document, page->level, id, "%s", one->heading);
        one->write(overview, page);
    }
}

/* "Findings · Charts · ...", where to find what that is said once. */
static void write_contents(const struct page *page) {
    char line[2048] = "";
    for (const struct section *one = sections; one < sections + N_SECTIONS; one++)
        if (is_there(one, page->first) && (one->is_of_run || page->first->next == NULL))
            text_append(line, sizeof line, "%s" DOCUMENT_LINK("#%s", "%s"),
                        line[0] != '\0' ? " · " : "", one->id, one->heading);
    document_say(page->document, DOCUMENT_CONTENTS, "%s", line);
}

static const char *question_of(const struct overview *overview) {
    return overview->experiment != NULL ? overview->experiment->question : overview->name;
}

int pages_write(const struct overview *first, bool charts_drawn) {
    bool are_several = first->next != NULL;
    const json_t *machine = json_object_get(first->run->info, "machine");
    char title[512];
    if (are_several)
        (void)snprintf(title, sizeof title, "%zu questions about concurrency, on %s",
                       first->run->n_experiments,
                       fields_get_text(machine, "cpu_model", "an unknown CPU"));
    else
        (void)snprintf(title, sizeof title, "%s", question_of(first));
    struct page page = {first, document_begin(first->run->folder, title), charts_drawn,
                        are_several ? 3 : 2};
    if (page.document == NULL)
        return -errno;
    for (const struct overview *one = first; are_several && one != NULL; one = one->next)
        document_say(page.document, DOCUMENT_CONTENTS, DOCUMENT_LINK("#%s", "%s"),
                     one->name, question_of(one));
    write_contents(&page);
    for (const struct overview *one = first; one != NULL; one = one->next) {
        if (are_several)
            document_section(page.document, 2, one->name, "%s", question_of(one));
        write_answer(one, &page);
        if (charts_drawn && chart_list(one)->kind != NULL && one->n_rows > 0)
            write_chart(one, chart_list(one), page.document);
        best_write(one, false, page.document);
        write_sections(one, false, &page);
    }
    page.level = 2;
    write_sections(first, true, &page);
    return document_commit(page.document);
}

int pages_print_brief(const struct overview *first, FILE *out) {
    struct document *document = document_on(out, &document_markdown);
    if (document == NULL)
        return -ENOMEM;
    for (const struct overview *one = first; one != NULL; one = one->next) {
        if (first->next != NULL)
            document_paragraph(document, DOCUMENT_STRONG("%s"), question_of(one));
        best_write(one, true, document);
    }
    provenance_cite(first, document);
    return document_commit(document);
}
