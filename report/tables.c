/* Tables of figures; see tables.h. To have another figure in them, see
 * measured/figures.h.
 */
#include "report/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/charts/data.h"

enum { TEXT_BYTES = 300 };

/* A column that holds no figure. */
struct text_column {
    const char *head;
    /* NULL: of all runs; else whether this one has it. */
    bool (*is_shown)(const struct overview *overview);
    void (*write)(const struct overview_row *row, char text[TEXT_BYTES]);
};

static bool has_published(const struct overview *overview) {
    return overview->has_published;
}

static bool has_model(const struct overview *overview) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (overview->rows[i].model != NULL)
            return true;
    return false;
}

static bool has_servers(const struct overview *overview) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (overview->rows[i].split[0] != '\0')
            return true;
    return false;
}

static void write_published(const struct overview_row *row, char text[TEXT_BYTES]) {
    const struct published *was = &row->series->plan->published;
    (void)snprintf(text, TEXT_BYTES, was->mean > 0 ? "%.2f / %.2f / %.2f" : "-",
                   was->mean, was->first, was->last);
}

static void write_failed(const struct overview_row *row, char text[TEXT_BYTES]) {
    (void)snprintf(text, TEXT_BYTES, "%zu / %zu", row->n_failed, row->n_requests);
}

static void write_answers(const struct overview_row *row, char text[TEXT_BYTES]) {
    (void)snprintf(text, TEXT_BYTES, "%zu", row->merged.n_values);
}

static void write_probes(const struct overview_row *row, char text[TEXT_BYTES]) {
    (void)snprintf(text, TEXT_BYTES, "%zu", row->busy.n_probes);
}

static void write_model(const struct overview_row *row, char text[TEXT_BYTES]) {
    (void)snprintf(text, TEXT_BYTES, "%s",
                   row->model != NULL ? row->model->formula : "none");
}

static void write_model_error(const struct overview_row *row, char text[TEXT_BYTES]) {
    char percent[FIGURE_BYTES];
    (void)snprintf(text, TEXT_BYTES, "%s",
                   figure_number(row->model_error.value * 100, percent));
}

static void write_split(const struct overview_row *row, char text[TEXT_BYTES]) {
    (void)snprintf(text, TEXT_BYTES, "%s",
                   row->split[0] != '\0' ? row->split : "one server");
}

static const struct table {
    const char *heading, *reading;
    enum figure_id beside;       /* a figure of another table, first; N_FIGURES: none */
    struct text_column texts[4]; /* behind the figures; head NULL at the end */
} tables[N_TABLES] = {
    [TABLE_WAITS] = {"How long each waited",
                     "Means over the repeats; in brackets the 95 % interval over "
                     "repeats. The article's own slowdowns stand beside them where it "
                     "had the cell.",
                     N_FIGURES,
                     {{"article: mean / first / last", has_published, write_published},
                      {"failed", NULL, write_failed}}},
    [TABLE_CPUS] = {"How many CPUs each kept busy",
                    "What a strategy does, told from what the machine did.",
                    N_FIGURES,
                    {{0}}},
    [TABLE_SLOWEST] = {"How long the slow ones waited",
                       "Percentiles of all answers (of the p90, 9 answers in 10 took no "
                       "longer), the repeats merged and never "
                       "averaged; in brackets the 95 % interval. Where every repeat has "
                       "50 answers or more, it is from the bootstrap over repeats and, "
                       "within them, blocks; else from the order statistics of the "
                       "merged answers, as if all were independent. What the answers do "
                       "not carry is not given: n/a says how many it needs.",
                       N_FIGURES,
                       {{"answers", NULL, write_answers}}},
    [TABLE_COST] = {"What it cost",
                    "Latency beside its price; in brackets 95 % intervals.",
                    FIGURE_MEAN,
                    {{0}}},
    [TABLE_BESIDE] = {"Beside the work",
                      "While the users waited, one more user asked for `/` on a fixed "
                      "schedule; its latency counts from the moment a request was due. "
                      "All repeats are merged. The model is drawn into the first chart.",
                      N_FIGURES,
                      {{"`/` busy: samples", NULL, write_probes},
                       {"model", has_model, write_model},
                       {"off by, %", has_model, write_model_error},
                       {"requests per server", has_servers, write_split}}},
    [TABLE_MACHINE] = {"What the machine did",
                       "These figures are the machine's and move with it, so their "
                       "intervals are wider.",
                       N_FIGURES,
                       {{0}}},
};

/* What no cell of the run carries is no column. */
static bool is_carried(const struct overview *overview, enum figure_id id) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (isfinite(overview->rows[i].estimates[id].value))
            return true;
    return false;
}

/* The figures of a table that the run carries, in their order. Returns how many. */
static size_t choose(const struct overview *overview, enum figure_table table,
                     enum figure_id ids[N_FIGURES + 1]) {
    size_t n = 0;
    if (tables[table].beside != N_FIGURES)
        ids[n++] = tables[table].beside;
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (figures[id].table == table && is_carried(overview, id))
            ids[n++] = id;
    return n;
}

static bool is_shown(const struct overview *overview, const struct text_column *column) {
    return column->head != NULL &&
           (column->is_shown == NULL || column->is_shown(overview));
}

static void write_table(const struct overview *overview, enum figure_table which,
                        struct document *document) {
    enum { N_TEXTS = sizeof tables->texts / sizeof *tables->texts };
    const struct table *table = &tables[which];
    enum figure_id ids[N_FIGURES + 1];
    char text[TEXT_BYTES];
    size_t n = choose(overview, which, ids);
    document_heading(document, 3, "%s", table->heading);
    document_paragraph(document, "%s", table->reading);
    document_table_begin(document);
    document_head(document, "strategy");
    for (size_t i = 0; i < n; i++)
        document_head(document, "%s", figure_head(ids[i], text));
    for (int k = 0; k < N_TEXTS; k++)
        if (is_shown(overview, &table->texts[k]))
            document_head(document, "%s", table->texts[k].head);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        document_cell(document, "%s", row->series->parameters->label);
        for (size_t k = 0; k < n; k++)
            document_cell(
                document, "%s",
                figure_estimate_text(ids[k], &row->estimates[ids[k]], true, text));
        for (int k = 0; k < N_TEXTS; k++) {
            if (!is_shown(overview, &table->texts[k]))
                continue;
            table->texts[k].write(row, text);
            document_cell(document, "%s", text);
        }
    }
    document_table_end(document);
    for (size_t i = 0; i < n; i++)
        document_item(document, "%s: %s.", figures[ids[i]].label,
                      figures[ids[i]].meaning);
}

/* What stands out, and stays in. */
static void write_outliers(const struct overview *overview, struct document *document) {
    char text[256];
    for (size_t i = 0; i < overview->n_rows; i++)
        if (overview_outliers(&overview->rows[i], text, sizeof text)[0] != '\0')
            document_paragraph(document, "%s: %s.",
                               overview->rows[i].series->parameters->label, text);
}

void tables_write(const struct overview *overview, struct document *document) {
    for (enum figure_table table = TABLE_WAITS; table < N_TABLES; table++) {
        write_table(overview, table, document);
        if (table == TABLE_WAITS)
            write_outliers(overview, document);
    }
}

static bool is_on_terminal(const struct overview *overview, enum figure_id id) {
    return figures[id].on_terminal != NULL && is_carried(overview, id);
}

/* An amount whose interval reaches 0 is an upper limit: "<0.12". */
static void write_short_cell(const struct overview *overview, enum figure_id id,
                             const struct overview_row *row, struct document *document) {
    const struct estimate *estimate = &row->estimates[id];
    bool is_limit = figures[id].is_amount && estimate->interval.low <= 0 &&
                    isfinite(estimate->interval.high);
    char text[FIGURE_BYTES];
    double shown = is_limit ? estimate->interval.high : estimate->value;
    document_cell(document, "%s%s", is_limit ? "<" : "",
                  figure_rounded(shown / overview_unit(overview, id).in_own_unit, text));
}

void tables_write_short(const struct overview *overview, struct document *document) {
    size_t *order = data_by_mean(overview);
    if (order == NULL)
        return;
    document_table_begin(document);
    document_head(document, "strategy");
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (is_on_terminal(overview, id)) {
            const char *head = figures[id].on_terminal, *star = strchrnul(head, '*');
            document_head(document, "%.*s%s%s", (int)(star - head), head,
                          *star == '*' ? overview_unit(overview, id).name : "",
                          *star == '*' ? star + 1 : "");
        }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[order[i]];
        document_cell(document, "%s", row->series->parameters->label);
        for (enum figure_id id = 0; id < N_FIGURES; id++)
            if (is_on_terminal(overview, id))
                write_short_cell(overview, id, row, document);
    }
    document_table_end(document);
    free(order);
}

static void put_range(struct document *document, const char *name, double per_unit,
                      const struct range *range) {
    char median[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
    document_cell(document, "%s", name);
    document_cell(document, "%s (%s to %s)",
                  figure_number(range->median / per_unit, median),
                  figure_number(range->low / per_unit, low),
                  figure_number(range->high / per_unit, high));
}

void tables_write_machine(const struct machine_figures *machine,
                          struct document *document) {
    document_paragraph(document,
                       "T alone is what a lone job takes, measured between the cells; E "
                       "is how many counting loops' worth of work all CPUs do at once.");
    document_table_begin(document);
    document_head(document, "of the machine, over all cells");
    document_head(document, "median (least to most)");
    put_range(document, "T alone, ms", 1e3, &machine->t_alone_us);
    put_range(document, "E", 1, &machine->cores);
    put_range(document, "CPUs available", 1, &machine->cpus_available);
    document_table_end(document);
}
