/* Sentences about trust; see trust.h. */
#include "report/trust.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"
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

/* By the means of both in the repeats that both have. */
static struct twin twin_compare(const struct run *run, size_t index) {
    const struct series *twin = &run->twins[index];
    const struct series *cell = run_find(run, twin->plan->twin_of);
    size_t n_repeats = cell != NULL ? cell->n_repeats : 0, n = 0;
    double *means = calloc(2 * n_repeats + 1, sizeof *means);
    double *others = means != NULL ? means + n_repeats : NULL;
    for (size_t i = 0; means != NULL && i < n_repeats; i++) {
        const struct cell *other = series_repeat(twin, cell->repeats[i]->repeat);
        if (other == NULL)
            continue;
        means[n] = mean_at_one_speed(cell->repeats[i]);
        others[n++] = mean_at_one_speed(other);
    }
    struct ratio ratio = ratio_make_paired(means, others, n);
    ratios_judge(&(struct ratio *){&ratio}, 1);
    free(means);
    return (struct twin){(cell != NULL ? cell : twin)->parameters->label, ratio};
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

/* "13 % less", "38 % more", "no more" than before. */
static const char *say_change(double ratio, char text[40]) {
    char percent[FIGURE_BYTES];
    if (fabs(ratio - 1) < 0.0005)
        return "no more";
    (void)snprintf(text, 40, "%.20s %% %s",
                   figure_rounded(fabs(ratio - 1) * 100, percent),
                   ratio < 1 ? "less" : "more");
    return text;
}

static char *twin_text(const struct twin *twin, char *text, size_t text_bytes) {
    const struct interval *interval = &twin->ratio.interval;
    char measured[200] = "no figure", change[40], low[40], high[40];
    if (!isnan(interval->low))
        (void)snprintf(measured, sizeof measured,
                       "the second time took %s (between %s and %s)",
                       say_change(twin->ratio.value, change),
                       say_change(interval->low, low), say_change(interval->high, high));
    (void)snprintf(text, text_bytes, "A/A: %s, measured twice: %s, %s", twin->label,
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

/* Names the cells that are as valid as one, for the same reason, in `text`. Returns
 * whether that one is the first of them. */
static bool name_alike(const struct overview *first, const struct overview_row *row,
                       char *text, size_t text_bytes) {
    const struct overview_row *first_alike = NULL;
    bool are_all = true;
    text[0] = '\0';
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_rows; i++) {
            const struct overview_row *other = &one->rows[i];
            bool is_alike = other->validity.level == row->validity.level &&
                            strcmp(other->validity.why, row->validity.why) == 0;
            are_all &= is_alike;
            if (!is_alike)
                continue;
            text_append(text, text_bytes, "%s%s%s%s", first_alike != NULL ? ", " : "",
                        first->next != NULL ? one->name : "",
                        first->next != NULL ? " " : "", other->series->parameters->label);
            first_alike = first_alike != NULL ? first_alike : other;
        }
    if (are_all)
        (void)snprintf(text, text_bytes, "every cell%s",
                       run_is_interrupted(first->run) ? " that was measured" : "");
    return first_alike == row;
}

/* Once for all cells that are alike: at the first of them. */
static void put_validity(const struct overview *first, struct document *document) {
    char cells[300];
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_rows; i++) {
            const struct validity *validity = &one->rows[i].validity;
            bool has_reason = validity->why[0] != '\0';
            if (name_alike(first, &one->rows[i], cells, sizeof cells))
                document_item(
                    document, "%s: %s%s%s%s", validity_level_name(validity->level), cells,
                    has_reason ? " (" : "", validity->why, has_reason ? ")" : "");
        }
}

/* How many cells are of a level that is not VALID, and the one whose reason is told
 * soonest; all that are alike where there are no others. */
static void put_doubts(const struct overview *first, enum validity_level level,
                       struct document *document) {
    const struct overview_row *shortest = NULL;
    const char *experiment = "";
    char cells[300], count[100] = "";
    size_t n = 0, n_cells = 0, n_kinds = 0;
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_rows; i++) {
            const struct overview_row *row = &one->rows[i];
            n_cells++;
            if (row->validity.level != level)
                continue;
            n++;
            n_kinds += name_alike(first, row, cells, sizeof cells);
            if (shortest != NULL &&
                strlen(shortest->validity.why) <= strlen(row->validity.why))
                continue;
            shortest = row;
            experiment = first->next != NULL ? one->name : "";
        }
    if (shortest == NULL)
        return;
    (void)name_alike(first, shortest, cells, sizeof cells);
    if (n_kinds > 1) {
        (void)snprintf(count, sizeof count, "%zu of %zu cells, such as ", n, n_cells);
        (void)snprintf(cells, sizeof cells, "%s%s%.200s", experiment,
                       experiment[0] != '\0' ? " " : "",
                       shortest->series->parameters->label);
    }
    document_item(document, "%s: %s%s (%s)%s", validity_level_name(level), count, cells,
                  shortest->validity.why,
                  n_kinds > 1 ? "; the report has the others" : "");
}

/* How busy the machine was, unless others took less. */
static void put_machine(const struct machine_figures *machine, double from_share,
                        struct document *document) {
    double others = machine->others_share, stolen = machine->stolen_share;
    char from[64] = "";
    if (!isfinite(others) || others + fmax(stolen, 0) < from_share)
        return;
    if (stolen >= 0.01)
        (void)snprintf(from, sizeof from, ", and the hypervisor took %.0f %%",
                       stolen * 100);
    document_item(document,
                  "The machine was busy: other programs took %.0f %% of its CPUs%s; "
                  "waits are longer.",
                  others * 100, from);
}

/* How far the work was what was asked for, or only that it was another one. */
static void put_work(const struct overview *overview, bool only_if_off, bool is_brief,
                     struct document *document) {
    const char *asked = run_work_asked(overview->run, overview->name);
    const struct range *alone = &overview->machine.t_alone_us;
    struct work work, faster;
    char text[200], why[WHY_BYTES], took[FIGURE_BYTES];
    if (!isfinite(alone->median) || strstr(asked, "fetch") != NULL ||
        work_parse(asked, 1e6, &work, why) != 0 || work_has_step(&work, STEP_DECLARED) ||
        work_parse(asked, 2e6, &faster, why) != 0)
        return;
    double asked_us = (double)work_duration_ns(&work, 1e6) / 1e3;
    double off = alone->median / asked_us - 1;
    bool is_off = fabs(off) > WORK_IS_OFF;
    bool asks_for_turns =
        work_turns(&work) > 0 && work_turns(&work) == work_turns(&faster);
    if (asked_us <= 0 || asks_for_turns || (only_if_off && !is_off))
        return;
    text[0] = '\0';
    if (is_off)
        (void)snprintf(
            text, sizeof text, ", %.0f %% %s%s%s", fabs(off) * 100,
            off > 0 ? "more" : "less",
            is_brief ? "" : ": the machine had another speed while turns were counted",
            is_brief || overview_has_servers(overview) ? ""
                                                       : ". All cells did the same work");
    document_item(document, "A job of %s took %s alone%s.", asked,
                  figure_time(alone->median, took), text);
}

size_t trust_count(const struct overview *first, enum validity_level level) {
    size_t n = 0;
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_rows; i++)
            n += one->rows[i].validity.level == level;
    return n;
}

bool trust_is_whole(const struct overview *first) {
    if (run_is_interrupted(first->run))
        return false;
    return trust_count(first, VALIDITY_VALID) > 0 && /* something was measured */
           trust_count(first, VALIDITY_SUSPECT) == 0 &&
           trust_count(first, VALIDITY_INVALID) == 0;
}

/* What has to be said wherever figures are; with `all` also that nothing is wrong. */
static void write_notes(const struct overview *first, bool all, bool is_brief,
                        struct document *document) {
    char sentence[SENTENCE_BYTES];
    if (run_is_interrupted(first->run))
        document_item(document, "The run was interrupted; this is what it had measured.");
    put_machine(&first->machine, all ? QUIET_SHARE : CROWDED_SHARE, document);
    put_work(first, !all, is_brief, document);
    for (size_t i = 0; i < first->run->n_twins; i++) {
        struct twin twin = twin_compare(first->run, i);
        bool is_doubt =
            twin.ratio.change != CHANGE_SAME && twin.ratio.change != CHANGE_UNDECIDED;
        if (all || (is_doubt && !isnan(twin.ratio.interval.low)))
            document_item(document, "%s", twin_text(&twin, sentence, sizeof sentence));
    }
}

void trust_write(const struct overview *first, struct document *document) {
    put_validity(first, document);
    write_notes(first, true, false, document);
}

void trust_write_doubts(const struct overview *first, enum validity_level counted,
                        struct document *document) {
    for (enum validity_level level = VALIDITY_INVALID; level > counted; level--)
        put_doubts(first, level, document);
    write_notes(first, false, counted > VALIDITY_VALID, document);
}
