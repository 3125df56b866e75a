/* Sentences about trust; see trust.h. */
#include "report/trust.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/workload/work.h"
#include "measured/metric.h"
#include "measured/ratio.h"

/* A machine of which others took less is not worth a word; of which they took so much,
 * every wait is in doubt. */
static const double QUIET_SHARE = 0.05, CROWDED_SHARE = 0.2;
/* A lone job that is further from what was asked is said so. */
static const double WORK_IS_OFF = 0.10;

enum { SENTENCE_BYTES = 640 };

/* A cell that was measured twice under two names: what differs between the two is the
 * error of the method. */
struct twin {
    const char *label; /* of the cell that it repeats */
    /* Of mean latencies at one speed of the machine, twin by cell, repeat by repeat. */
    struct ratio ratio;
};

/* At the speed of one turn a microsecond, where the cell says how fast it was. */
static double mean_at_one_speed(const struct cell *cell) {
    double mean_us = cell_mean_us_at(cell, 1);
    return isfinite(mean_us) ? mean_us : metric_mean_us(cell);
}

/* The means of both in the repeats that both have. */
static struct ratio compare_repeats(const struct series *cell,
                                    const struct series *twin) {
    double *means = calloc(2 * cell->n_repeats + 1, sizeof *means);
    double *others = means != NULL ? means + cell->n_repeats : NULL;
    size_t n = 0;
    for (size_t i = 0; means != NULL && i < cell->n_repeats; i++) {
        const struct cell *other = series_repeat(twin, cell->repeats[i]->repeat);
        if (other == NULL)
            continue;
        means[n] = mean_at_one_speed(cell->repeats[i]);
        others[n++] = mean_at_one_speed(other);
    }
    struct ratio ratio = ratio_make_paired(means, others, n);
    struct ratio *alone[] = {&ratio};
    ratios_judge(alone, 1);
    free(means);
    return ratio;
}

static struct twin twin_compare(const struct run *run, size_t index) {
    const struct series *twin = &run->twins[index];
    const struct series *cell = run_find(run, twin->plan->twin_of);
    if (cell == NULL)
        return (struct twin){twin->parameters->label, ratio_make(NULL, 0, NULL, 0)};
    return (struct twin){cell->parameters->label, compare_repeats(cell, twin)};
}

static const char *meaning(const struct twin *twin) {
    if (isnan(twin->ratio.interval.low))
        return "undecided: it takes two repeats";
    switch (twin->ratio.change) {
    case CHANGE_SAME:
        return "same";
    case CHANGE_UNDECIDED:
        return "undecided: no difference shown, none as small as 3 % ruled out";
    default:
        return "DIFFERENT, so differences of that size mean nothing in this run";
    }
}

static char *twin_text(const struct twin *twin, char *text, size_t text_bytes) {
    const struct interval *interval = &twin->ratio.interval;
    char measured[64] = "no figure";
    if (!isnan(interval->low))
        (void)snprintf(measured, sizeof measured, "%.3f (%.3f .. %.3f)",
                       twin->ratio.value, interval->low, interval->high);
    (void)snprintf(text, text_bytes, "A/A: %s against itself: %s, %s", twin->label,
                   measured, meaning(twin));
    return text;
}

json_t *trust_twins(const struct run *run) {
    json_t *list = json_array();
    for (size_t i = 0; i < run->n_twins; i++) {
        struct twin twin = twin_compare(run, i);
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:s}", "name",
                      run->twins[i].parameters->name, "twin_of",
                      run->twins[i].plan->twin_of, "ratio",
                      fields_number(twin.ratio.value), "low",
                      fields_number(twin.ratio.interval.low), "high",
                      fields_number(twin.ratio.interval.high), "n_repeats",
                      (int)twin.ratio.n_a, "verdict", change_name(twin.ratio.change)));
    }
    return list;
}

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
static void put_validity(const struct overview *first, bool with_valid,
                         struct document *document) {
    char cells[300];
    struct rows rows = gather(first);
    for (size_t i = 0; i < rows.n; i++) {
        const struct validity *validity = &rows.items[i]->validity;
        size_t k = 0;
        while (!are_alike(&rows.items[k]->validity, validity))
            k++;
        if (k < i || (validity->level == VALIDITY_VALID && !with_valid))
            continue;
        name_cells(&rows, validity,
                   run_is_interrupted(first->run) ? "every cell that was measured"
                                                  : "every cell",
                   cells, sizeof cells);
        bool has_reason = validity->why[0] != '\0';
        document_item(document, "%s: %s%s%s%s", validity_level_name(validity->level),
                      cells, has_reason ? " (" : "", validity->why,
                      has_reason ? ")" : "");
    }
    free(rows.items);
}

/* How busy the machine was; "" when others took less. */
static char *say_machine(const struct overview *overview, double from_share, char *text,
                         size_t text_bytes) {
    const struct machine_figures *machine = &overview->machine;
    double others = machine->others_share, stolen = machine->stolen_share;
    char from[64] = "";
    text[0] = '\0';
    if (!isfinite(others) || others + fmax(stolen, 0) < from_share)
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
    char why[WHY_BYTES], took[FIGURE_BYTES];
    text[0] = '\0';
    *is_off = false;
    if (!isfinite(alone->median) || strstr(asked, "fetch") != NULL ||
        work_parse(asked, 1e6, &work, why) != 0 ||
        work_parse(asked, 2e6, &faster, why) != 0)
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
    if (run_is_interrupted(first->run))
        return false;
    size_t n_rows = 0;
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_rows; i++, n_rows++)
            if (one->rows[i].validity.level != VALIDITY_VALID)
                return false;
    return n_rows > 0; /* where nothing was measured there is nothing to be valid */
}

/* What has to be said wherever figures are; with `all` also that nothing is wrong. */
static void write_notes(const struct overview *first, bool all,
                        struct document *document) {
    char sentence[SENTENCE_BYTES];
    bool is_off;
    if (run_is_interrupted(first->run))
        document_item(document, "The run was interrupted; this is what it had measured.");
    if (say_machine(first, all ? QUIET_SHARE : CROWDED_SHARE, sentence,
                    sizeof sentence)[0] != '\0')
        document_item(document, "%s", sentence);
    if (say_work(first, &is_off, sentence, sizeof sentence)[0] != '\0' && (all || is_off))
        document_item(document, "%s", sentence);
    for (size_t i = 0; i < first->run->n_twins; i++) {
        struct twin twin = twin_compare(first->run, i);
        bool is_doubt =
            twin.ratio.change != CHANGE_SAME && twin.ratio.change != CHANGE_UNDECIDED;
        if (all || (is_doubt && !isnan(twin.ratio.interval.low)))
            document_item(document, "%s", twin_text(&twin, sentence, sizeof sentence));
    }
}

void trust_write(const struct overview *first, struct document *document) {
    put_validity(first, true, document);
    write_notes(first, true, document);
}

void trust_write_doubts(const struct overview *first, struct document *document) {
    if (!trust_is_whole(first))
        put_validity(first, false, document);
    write_notes(first, false, document);
}
