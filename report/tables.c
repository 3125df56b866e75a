/* Tables of figures; see tables.h. To have another figure in them, see
 * measured/figures.h.
 */
#include "report/tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/charts/data.h"

enum { TEXT_BYTES = 300 };

/* Columns that hold no figure. */
enum text_column {
    NO_TEXT,
    PUBLISHED,
    FAILED,
    ANSWERS,
    PROBES,
    MODEL,
    MODEL_ERROR,
    SPLIT
};

static const char *const text_heads[] = {
    [PUBLISHED] = "article: mean / first / last",
    [FAILED] = "failed",
    [ANSWERS] = "answers",
    [PROBES] = "`/` busy: samples",
    [MODEL] = "model",
    [MODEL_ERROR] = "off by, %",
    [SPLIT] = "requests per server",
};

/* Returns whether the row has it: what none has is no column. */
static bool put_text(const struct overview_row *row, enum text_column column,
                     char text[TEXT_BYTES]) {
    const struct published *was = &row->series->plan->published;
    bool has_model = row->model != NULL, has_split = row->split[0] != '\0';
    char percent[FIGURE_BYTES];
    switch (column) {
    case NO_TEXT:
        return false;
    case PUBLISHED:
        (void)snprintf(text, TEXT_BYTES, was->mean > 0 ? "%.2f / %.2f / %.2f" : "-",
                       was->mean, was->first, was->last);
        return was->mean > 0;
    case FAILED:
        (void)snprintf(text, TEXT_BYTES, "%zu / %zu", row->n_failed, row->n_requests);
        return true;
    case ANSWERS:
        (void)snprintf(text, TEXT_BYTES, "%zu", row->merged.n_values);
        return true;
    case PROBES:
        (void)snprintf(text, TEXT_BYTES, "%zu", row->busy.n);
        return true;
    case MODEL:
        (void)snprintf(text, TEXT_BYTES, "%s", has_model ? row->model->formula : "none");
        return has_model;
    case MODEL_ERROR:
        (void)snprintf(text, TEXT_BYTES, "%s",
                       figure_number(row->model_error.value * 100, percent));
        return has_model;
    case SPLIT:
        (void)snprintf(text, TEXT_BYTES, "%s", has_split ? row->split : "one server");
        return has_split;
    }
    return false;
}

static const struct table {
    const char *heading, *reading;
    enum figure_id beside;     /* a figure of another table, first; N_FIGURES: none */
    enum text_column texts[4]; /* behind the figures */
} tables[N_TABLES] = {
    [TABLE_WAITS] = {"How long each waited",
                     "Means over the repeats; in brackets the 95 % interval over "
                     "repeats. The article's own slowdowns stand beside them where it "
                     "had the cell.",
                     N_FIGURES,
                     {PUBLISHED, FAILED}},
    [TABLE_CPUS] = {"How many CPUs each kept busy",
                    "What a strategy does, told from what the machine did.",
                    N_FIGURES,
                    {NO_TEXT}},
    [TABLE_SLOWEST] = {"How long the slow ones waited",
                       "Percentiles of all answers (of the p90, 9 answers in 10 took no "
                       "longer), the repeats merged and never "
                       "averaged; in brackets the 95 % interval. Where every repeat has "
                       "50 answers or more, it is from the bootstrap over repeats and, "
                       "within them, blocks; else from the order statistics of the "
                       "merged answers, as if all were independent. What the answers do "
                       "not carry is not given: n/a says how many it needs.",
                       N_FIGURES,
                       {ANSWERS}},
    [TABLE_COST] = {"What it cost",
                    "Latency beside its price; in brackets 95 % intervals.",
                    FIGURE_MEAN,
                    {NO_TEXT}},
    [TABLE_BESIDE] =
        {"Beside the work",
         "While the users waited, one more user asked for `/` on a fixed "
         "schedule; its latency counts from the moment a request was due. "
         "All repeats are merged. The model is drawn into the charts of waits.",
         N_FIGURES,
         {PROBES, MODEL, MODEL_ERROR, SPLIT}},
    [TABLE_MACHINE] = {"What the machine did",
                       "These figures are the machine's and move with it, so their "
                       "intervals are wider.",
                       N_FIGURES,
                       {NO_TEXT}},
};

/* The figures of a table that the run carries, in their order. Returns how many. */
static size_t choose(const struct overview *overview, enum figure_table table,
                     enum figure_id ids[N_FIGURES + 1]) {
    size_t n = 0;
    if (tables[table].beside != N_FIGURES)
        ids[n++] = tables[table].beside;
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (figures[id].table == table && overview_carries(overview, id))
            ids[n++] = id;
    return n;
}

static void write_table(const struct overview *overview, enum figure_table which,
                        struct document *document) {
    enum { MOST_TEXTS = sizeof tables->texts / sizeof *tables->texts };
    const struct table *table = &tables[which];
    enum figure_id ids[N_FIGURES + 1];
    enum text_column texts[MOST_TEXTS];
    char text[TEXT_BYTES];
    size_t n = choose(overview, which, ids), n_texts = 0;
    for (size_t k = 0; k < MOST_TEXTS; k++) {
        bool is_carried = false;
        for (size_t i = 0; i < overview->n_rows; i++)
            is_carried |= put_text(&overview->rows[i], table->texts[k], text);
        if (is_carried)
            texts[n_texts++] = table->texts[k];
    }
    document_heading(document, 3, "%s", table->heading);
    document_paragraph(document, "%s", table->reading);
    document_table_begin(document);
    document_head(document, "%s", overview_who(overview));
    for (size_t k = 0; k < n; k++)
        document_head(document, "%s", figure_head(ids[k], text));
    for (size_t k = 0; k < n_texts; k++)
        document_head(document, "%s", text_heads[texts[k]]);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        document_cell(document, "%s", row->series->parameters->label);
        for (size_t k = 0; k < n; k++)
            document_cell(document, "%s",
                          figure_estimate_text(ids[k], &row->estimates[ids[k]], text));
        for (size_t k = 0; k < n_texts; k++) {
            (void)put_text(row, texts[k], text);
            document_cell(document, "%s", text);
        }
    }
    document_table_end(document);
    for (size_t i = 0; i < n; i++)
        document_item(document, "%s: %s.", figures[ids[i]].label,
                      figures[ids[i]].meaning);
}

void tables_write(const struct overview *overview, struct document *document) {
    char text[256];
    for (enum figure_table table = TABLE_WAITS; table < N_TABLES; table++) {
        write_table(overview, table, document);
        for (size_t i = 0; i < overview->n_rows && table == TABLE_WAITS; i++)
            if (overview_outliers(&overview->rows[i], text, sizeof text)[0] != '\0')
                document_paragraph(document, "%s: %s.",
                                   overview->rows[i].series->parameters->label, text);
    }
}

/* The columns of the last screen: what it is sorted by, and the others that the run
 * carries. Returns how many. */
static size_t choose_short(const struct overview *overview,
                           enum figure_id ids[N_FIGURES]) {
    enum figure_id by = overview_ranks_by(overview);
    size_t n = 0;
    ids[n++] = by;
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (id != by && figures[id].on_terminal != NULL && overview_carries(overview, id))
            ids[n++] = id;
    return n;
}

void tables_write_short(const struct overview *overview, const struct contest *only,
                        struct document *document) {
    size_t *order = data_in_order(overview);
    enum figure_id ids[N_FIGURES];
    size_t n = choose_short(overview, ids);
    char text[FIGURE_BYTES];
    if (order == NULL)
        return;
    document_table_begin(document);
    document_head(document, "%s", overview_who(overview));
    for (size_t k = 0; k < n; k++) {
        const char *head = figures[ids[k]].on_terminal, *star = strchrnul(head, '*');
        document_head(document, "%.*s%s%s", (int)(star - head), head,
                      *star == '*' ? overview_unit(overview, ids[k]).name : "",
                      *star == '*' ? star + 1 : "");
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[order[i]];
        if (only != NULL && !group_has(&only->ranked, row) && !group_has(&only->out, row))
            continue;
        document_cell(document, "%s", row->series->parameters->label);
        for (size_t k = 0; k < n; k++)
            document_cell(document, "%s",
                          strchr(figures[ids[k]].on_terminal, '*') != NULL
                              ? overview_rounded(overview, row, ids[k], text)
                              : overview_told(overview, row, ids[k], text));
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
