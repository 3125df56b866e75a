/* Sentences about trust; see trust.h. */
#include "report/trust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/workload/work.h"
#include "report/twins.h"

/* A machine of which others took less is not worth a word. */
static const double QUIET_SHARE = 0.05;
/* A lone job that is further from what was asked is said so. */
static const double WORK_IS_OFF = 0.10;

enum { SENTENCE_BYTES = 640 };

/* Every row of every experiment. */
struct rows {
    const struct overview_row **items;
    size_t n;
    bool are_of_several; /* experiments */
};

static struct rows gather(const struct overview *first) {
    struct rows rows = {.are_of_several = first->next != NULL};
    rows.items = calloc(first->run->n_series + 1, sizeof *rows.items);
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; rows.items != NULL && i < one->n_rows; i++)
            rows.items[rows.n++] = &one->rows[i];
    return rows;
}

static bool are_alike(const struct validity *a, const struct validity *b) {
    return a->level == b->level && strcmp(a->why, b->why) == 0;
}

static bool is_interrupted(const struct overview *first) {
    return json_is_true(json_object_get(first->run->info, "interrupted"));
}

/* The cells that are as valid as one, for the same reason, or "every cell". */
static void name_cells(const struct rows *rows, const struct validity *validity,
                       const char *every, char *text, size_t text_bytes) {
    size_t n_alike = 0, length = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const struct cell_parameters *cell = rows->items[i]->series->parameters;
        if (!are_alike(&rows->items[i]->validity, validity))
            continue;
        n_alike++;
        if (length < text_bytes)
            length += (size_t)snprintf(text + length, text_bytes - length, "%s%s%s%s",
                                       n_alike > 1 ? ", " : "",
                                       rows->are_of_several ? cell->experiment : "",
                                       rows->are_of_several ? " " : "", cell->label);
    }
    if (n_alike == rows->n)
        (void)snprintf(text, text_bytes, "%s", every);
}

/* Once for all cells that are alike: at the first of them. */
static void put_validity(const struct overview *first, struct document *document) {
    char cells[300];
    struct rows rows = gather(first);
    for (size_t i = 0; i < rows.n; i++) {
        const struct validity *validity = &rows.items[i]->validity;
        size_t k = 0;
        while (!are_alike(&rows.items[k]->validity, validity))
            k++;
        if (k < i)
            continue;
        name_cells(&rows, validity,
                   is_interrupted(first) ? "every cell that was measured" : "every cell",
                   cells, sizeof cells);
        bool has_reason = validity->why[0] != '\0';
        document_item(document, "%s: %s%s%s%s", validity_level_name(validity->level),
                      cells, has_reason ? " (" : "", validity->why,
                      has_reason ? ")" : "");
    }
    free(rows.items);
}

/* How busy the machine was; "" when it was not. */
static char *say_machine(const struct overview *overview, char *text, size_t text_bytes) {
    const struct machine_figures *machine = &overview->machine;
    double others = machine->others_share, stolen = machine->stolen_share;
    char from[64] = "";
    text[0] = '\0';
    if (!isfinite(others) || others + fmax(stolen, 0) < QUIET_SHARE)
        return text;
    if (stolen >= 0.01)
        (void)snprintf(from, sizeof from, ", and the hypervisor took %.0f %%",
                       stolen * 100);
    (void)snprintf(
        text, text_bytes,
        "The machine was busy: other programs took %.0f %% of its CPUs%s; waits "
        "are longer.",
        others * 100, from);
    return text;
}

/* How far the work was what was asked for; "" where there is nothing to say. *is_off:
 * it was another one. */
static char *say_work(const struct overview *overview, bool *is_off, char *text,
                      size_t text_bytes) {
    const char *asked = run_work_asked(overview->run, overview->name);
    const struct range *alone = &overview->machine.t_alone_us;
    struct work work, faster;
    char why[200], took[FIGURE_BYTES];
    text[0] = '\0';
    *is_off = false;
    if (!isfinite(alone->median) || strstr(asked, "fetch") != NULL ||
        work_parse(asked, 1e6, &work, why, sizeof why) != 0 ||
        work_parse(asked, 2e6, &faster, why, sizeof why) != 0)
        return text;
    double asked_us = (double)work_duration_ns(&work, 1e6) / 1e3;
    double off = alone->median / asked_us - 1;
    bool asks_for_turns =
        work_turns(&work) > 0 && work_turns(&work) == work_turns(&faster);
    if (asked_us <= 0 || asks_for_turns)
        return text;
    *is_off = fabs(off) > WORK_IS_OFF;
    int length = snprintf(text, text_bytes, "Asked for was %s; a job alone took %s ms",
                          asked, figure_rounded(alone->median / 1e3, took));
    if (*is_off)
        (void)snprintf(text + length, text_bytes - (size_t)length,
                       ", %.0f %% %s: the machine had another speed while turns were "
                       "counted. All cells did the same work.",
                       fabs(off) * 100, off > 0 ? "more" : "less");
    else
        (void)snprintf(text + length, text_bytes - (size_t)length, ".");
    return text;
}

bool trust_is_whole(const struct overview *first) {
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_rows; i++)
            if (one->rows[i].validity.level != VALIDITY_VALID)
                return false;
    return true;
}

/* What has to be said wherever figures are; with `all` also that the work was right. */
static void write_notes(const struct overview *first, bool all,
                        struct document *document) {
    char sentence[SENTENCE_BYTES];
    bool is_off;
    if (is_interrupted(first))
        document_item(document, "The run was interrupted; this is what it had measured.");
    if (say_machine(first, sentence, sizeof sentence)[0] != '\0')
        document_item(document, "%s", sentence);
    if (say_work(first, &is_off, sentence, sizeof sentence)[0] != '\0' && (all || is_off))
        document_item(document, "%s", sentence);
    for (size_t i = 0; i < first->run->n_twins; i++) {
        struct twin twin = twin_compare(first->run, i);
        document_item(document, "%s", twin_text(&twin, sentence, sizeof sentence));
    }
}

void trust_write(const struct overview *first, struct document *document) {
    put_validity(first, document);
    write_notes(first, true, document);
}

void trust_write_doubts(const struct overview *first, struct document *document) {
    if (!trust_is_whole(first))
        put_validity(first, document);
    write_notes(first, false, document);
}
