/* The answer about sizes, in words; see size_advice.h. */
#include "report/contest/size_advice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"
#include "common/base/units.h"
#include "common/stats/student.h"

static const double MIB = 1 << 20;
/* A size stands for one that was not measured when it is no further from it. */
static const double STANDS_FOR = 1.5;
/* So many are named, and the others counted. */
enum { MOST_NAMED = 3 };

static const struct estimate *answers(const struct overview_row *row) {
    return &row->estimates[FIGURE_THROUGHPUT];
}

static double memory(const struct overview_row *row) {
    return row->estimates[FIGURE_PEAK_PSS].value;
}

static void say_name(struct teller *teller, const struct sizes *sizes,
                     const struct overview_row *row) {
    char name[CONTEST_WHERE_BYTES];
    teller_say(teller, "%s", sizes_name(sizes, row, name, sizeof name));
}

/* "a, b and 3 others" of a group without one. */
static void say_names(struct teller *teller, const struct sizes *sizes,
                      const struct group *group, const struct overview_row *without) {
    size_t n = 0, told = 0;
    for (size_t i = 0; i < group->n; i++)
        n += group->rows[i] != without;
    size_t n_named = n > MOST_NAMED + 1 ? MOST_NAMED : n;
    for (size_t i = 0; i < group->n && told < n_named; i++) {
        if (group->rows[i] == without)
            continue;
        teller_say(teller, "%s", text_joint(told++, n_named + (n > n_named), " and "));
        say_name(teller, sizes, group->rows[i]);
    }
    if (n > n_named)
        teller_say(teller, " and %zu others", n - n_named);
}

/* " (208 to 216)": where the true figure lies with 95 % confidence, though the best of so
 * many that cannot be told apart was chosen for its figure (Bonferroni). */
static void say_interval(struct teller *teller, const struct estimate *own, double n) {
    char low[FIGURE_BYTES], high[FIGURE_BYTES];
    if (!(own->interval.low > 0) || own->n_repeats < 2)
        return;
    double degrees = (double)own->n_repeats - 1;
    double middle = sqrt(own->interval.low * own->interval.high);
    double wider =
        student_quantile(1 - 0.025 / n, degrees) / student_quantile(0.975, degrees);
    double half = wider * log(own->interval.high / middle);
    teller_say(teller, " (%s to %s)", figure_rounded(middle * exp(-half), low),
               figure_rounded(middle * exp(half), high));
}

/* "p99 within 200 ms": as it was typed. */
static void say_limit(struct teller *teller, const struct sizes *sizes) {
    char time[UNITS_BYTES];
    teller_say(teller, "p99 within %s", units_format_seconds(sizes->p99_us / 1e6, time));
}

static void say_answers(struct teller *teller, const struct sizes *sizes,
                        const struct overview_row *row) {
    char text[FIGURE_BYTES];
    double slow_us = row->estimates[sizes->slow].value;
    teller_say(teller, "%s answers a second", figure_rounded(answers(row)->value, text));
    say_interval(teller, answers(row), (double)(sizes->equals.n + sizes->unsure.n));
    if (isfinite(slow_us))
        teller_say(teller, " at %s %s", figures[sizes->slow].label,
                   figure_time(slow_us, text));
}

/* Nobody is known to keep the objective: who is nearest. */
static void say_nearest(struct teller *teller, const struct sizes *sizes) {
    bool may_be = sizes->unknown.n > 0;
    teller_begin(teller, sizes->contest,
                 may_be ? "none is known to keep " : "none keeps ");
    say_limit(teller, sizes);
    teller_say(teller, may_be ? "; of those that may, the most answers come from "
                              : "; the nearest is ");
    say_name(teller, sizes, sizes->best);
    teller_say(teller, ": ");
    say_answers(teller, sizes, sizes->best);
}

/* "With 50 users for 1 s of waiting choose 4 workers: 212 answers a second at p99 190
 * ms", and who else is as good. */
static void say_choice(struct teller *teller, const struct sizes *sizes) {
    bool is_once = answers(sizes->best)->n_repeats < 2;
    bool is_tie = sizes->is_tie && !is_once;
    teller_begin(teller, sizes->contest,
                 is_tie ? "no difference could be seen" : "choose ");
    if (is_tie) {
        const struct group *all = &sizes->ranked;
        char low[FIGURE_BYTES], high[FIGURE_BYTES];
        teller_say(teller,
                   " between %zu sizes, %s to %s answers a second; the cheapest near the "
                   "most is ",
                   all->n, figure_rounded(answers(all->rows[all->n - 1])->value, low),
                   figure_rounded(answers(all->rows[0])->value, high));
    }
    say_name(teller, sizes, sizes->best);
    teller_say(teller, ": ");
    say_answers(teller, sizes, sizes->best);
    if (is_once && sizes->ranked.n > 1)
        teller_say(teller, "; each was measured only once, so chance may have chosen");
    if (is_once || is_tie)
        return;
    if (sizes->equals.n > 1) {
        teller_say(teller, "; no difference could be seen from ");
        say_names(teller, sizes, &sizes->equals, sizes->best);
        teller_say(teller, ", which %s more", sizes->equals.n > 2 ? "cost" : "costs");
    }
    if (sizes->unsure.n > 0) {
        teller_say(teller, "; ");
        say_names(teller, sizes, &sizes->unsure, NULL);
        teller_say(teller, " varied too much to be told apart");
    }
}

/* Who keeps the objective, who does not, and of whom that cannot be told. */
static void say_objective(struct teller *teller, const struct sizes *sizes) {
    unsigned n_outcomes =
        (sizes->kept.n > 0) + (sizes->broken.n > 0) + (sizes->unknown.n > 0);
    if (!isfinite(sizes->p99_us) || (sizes->kept.n == 0 && n_outcomes == 1))
        return; /* the choice has said so of all */
    say_limit(teller, sizes);
    teller_say(teller, " ");
    if (sizes->kept.n > 0) {
        teller_say(teller, "is kept by ");
        say_names(teller, sizes, &sizes->kept, NULL);
    }
    if (sizes->broken.n > 0) {
        teller_say(teller, sizes->kept.n > 0 ? ", not by " : "is not kept by ");
        say_names(teller, sizes, &sizes->broken, NULL);
    }
    if (sizes->unknown.n > 0) {
        teller_say(teller, "; ");
        say_names(teller, sizes, &sizes->unknown, NULL);
        teller_say(teller, " may or may not keep it");
    }
}

/* Whether it breaks the objective, which the best may keep. */
static bool is_too_slow(const struct sizes *sizes, const struct overview_row *row) {
    return group_has(&sizes->broken, row) && !group_has(&sizes->broken, sizes->best);
}

/* How it stands against the best: "8 % less", "p99 is not kept". */
static void say_against(struct teller *teller, const struct sizes *sizes,
                        const struct overview_row *row) {
    const struct estimate *own = answers(row), *best = answers(sizes->best);
    double percent = (own->value / best->value - 1) * 100;
    bool is_apart = row_is_below(row, sizes->best, FIGURE_THROUGHPUT) ||
                    row_is_below(sizes->best, row, FIGURE_THROUGHPUT);
    if (is_too_slow(sizes, row))
        teller_say(teller, "p99 is not kept");
    else if (fabs(percent) < 0.5)
        teller_say(teller, "as many answers");
    else
        teller_say(teller, "%.0f %% %s%s", fabs(percent), percent < 0 ? "less" : "more",
                   is_apart ? "" : ", which chance may explain");
    if (sizes->kept.n > 0 && group_has(&sizes->unknown, row))
        teller_say(teller, ", and whether p99 is kept cannot be told yet");
}

/* The point of the grid with another value along one axis; NULL: it was not measured. */
static const struct grid_point *beside(const struct sizes *sizes,
                                       const struct grid_point *from, size_t axis,
                                       unsigned at) {
    struct grid_point point = *from;
    point.at[axis] = at;
    return grid_at(&sizes->grid, point.at);
}

/* Its row; NULL: it was not measured, or is out of the contest. */
static const struct overview_row *other(const struct sizes *sizes,
                                        const struct grid_point *from, size_t axis,
                                        unsigned at) {
    const struct grid_point *found = beside(sizes, from, axis, at);
    bool is_ranked = found != NULL && found->cell < sizes->contest->ranked.n;
    return is_ranked ? sizes->all.rows[found->cell] : NULL;
}

/* What people deploy by rule of thumb: 2 x CPUs + 1 processes with as few threads as can
 * be; or threads, where nothing else varies. "" where nothing near to it was measured. */
static void say_rule(struct teller *teller, const struct sizes *sizes) {
    const struct cell_parameters *best = sizes->best->series->parameters;
    const json_t *machine = json_object_get(teller->overview->run->info, "machine");
    double n_cpus =
        best->cpus > 0 ? best->cpus : fields_get_number(machine, "cpus_usable");
    double usual = 2 * n_cpus + 1, apart = STANDS_FOR;
    struct grid_point point = {0};
    const struct grid_axis *axis = &sizes->grid.axes[0];
    const struct overview_row *row = NULL;
    char phrase[64], value[16], name[CONTEST_WHERE_BYTES];
    if (sizes->grid.n_axes == 0 || axis->parameter == NULL || !(n_cpus >= 1))
        return;
    for (unsigned at = 0; at < axis->n_values; at++) {
        const struct overview_row *own = other(sizes, &point, 0, at);
        double factor = fmax(axis->numbers[at] / usual, usual / axis->numbers[at]);
        if (own == NULL || !(factor <= apart))
            continue;
        row = own;
        apart = factor;
    }
    if (row == NULL)
        return;
    (void)snprintf(value, sizeof value, "%.0f", usual);
    (void)parameter_phrase(axis->parameter, value, phrase, sizeof phrase);
    teller_say(teller, "The usual 2 x CPUs + 1 = %s", phrase);
    (void)sizes_name(sizes, row, name, sizeof name);
    if (apart > 1)
        teller_say(teller, ", of which the nearest measured is %s", name);
    else if (strncmp(name, phrase, strlen(phrase)) == 0)
        teller_say(teller, "%s", name + strlen(phrase));
    if (row == sizes->best) {
        teller_say(teller, ", is the one to choose");
        return;
    }
    teller_say(teller, ": ");
    say_against(teller, sizes, row);
}

/* Along an axis, what is beyond the best: the most of it, and what each more costs. False
 * where nothing was measured there. */
static bool say_more(struct teller *teller, const struct sizes *sizes, size_t k) {
    const struct grid_axis *axis = &sizes->grid.axes[k];
    const struct overview_row *most = NULL, *last = NULL;
    unsigned at = sizes->point->at[k], at_last = at, n_measured = 0;
    char phrase[64], text[FIGURE_BYTES];
    for (unsigned i = at + 1; i < axis->n_values; i++) {
        const struct overview_row *row = other(sizes, sizes->point, k, i);
        n_measured += beside(sizes, sizes->point, k, i) != NULL;
        bool may_be = row != NULL && !is_too_slow(sizes, row);
        if (may_be && (most == NULL || answers(row)->value > answers(most)->value))
            most = row;
        last = row != NULL ? row : last;
        at_last = row != NULL ? i : at_last;
    }
    if (last == NULL || !isfinite(axis->numbers[0]))
        return n_measured > 0;
    teller_say(teller, "%sore than %s ", teller->sentence[0] == '\0' ? "M" : "; m",
               grid_phrase(axis, at, phrase, sizeof phrase));
    if (most == NULL) {
        teller_say(teller, "did not keep p99");
        return true;
    }
    if (row_is_below(sizes->best, most, FIGURE_THROUGHPUT) &&
        !group_has(&sizes->equals, most)) {
        teller_say(teller, "brought ");
        say_against(teller, sizes, most);
    } else {
        teller_say(teller, "gained nothing that could be seen");
    }
    double each = (memory(last) - memory(sizes->best)) /
                  (axis->numbers[at_last] - axis->numbers[at]);
    if (each >= 0.1 * MIB)
        teller_say(teller, " and cost %s MiB each", figure_rounded(each / MIB, text));
    return true;
}

/* The same along all axes; then those along which the best is the most that there is. */
static void say_beyond(struct teller *teller, const struct sizes *sizes) {
    char edges[200] = "", phrase[64];
    for (size_t k = 0; k < sizes->grid.n_axes; k++) {
        const struct grid_axis *axis = &sizes->grid.axes[k];
        if (!say_more(teller, sizes, k) && isfinite(axis->numbers[0]))
            text_append(edges, sizeof edges, "%s%s", edges[0] != '\0' ? " or " : "",
                        grid_phrase(axis, sizes->point->at[k], phrase, sizeof phrase));
    }
    if (edges[0] != '\0')
        teller_say(teller, "%sore than %s was not measured",
                   teller->sentence[0] == '\0' ? "M" : "; m", edges);
}

/* What was planned for this place and never measured, and in whom requests failed. */
static void say_gaps(struct teller *teller, const struct sizes *sizes) {
    const struct run *run = teller->overview->run;
    const struct contest *contest = sizes->contest;
    size_t n_planned = 0, n_missing = 0;
    for (size_t i = 0; i < run->n_plans; i++) {
        const struct cell_plan *plan = &run->plans[i];
        if (strcmp(plan->parameters.experiment, teller->overview->name) != 0 ||
            plan->twin_of != NULL || plan->skipped != NULL)
            continue;
        n_planned++;
        n_missing += run_find(run, plan->parameters.name) == NULL;
    }
    if (n_missing > 0)
        teller_say(teller,
                   "%zu of %zu cells %s not measured: far from the best, or the time was "
                   "up; juggle run --resume goes on with them",
                   n_missing, n_planned, n_missing == 1 ? "was" : "were");
    if (contest->out.n == 0)
        return;
    teller_say(teller,
               "%sNot ranked, because requests failed or the numbers mean nothing: ",
               n_missing > 0 ? ". " : "");
    say_names(teller, sizes, &contest->out, NULL);
}

void size_advice_say(struct teller *teller, const struct sizes *sizes,
                     unsigned sentence) {
    if (sentence == 0)
        (isfinite(sizes->p99_us) && sizes->kept.n == 0 ? say_nearest : say_choice)(teller,
                                                                                   sizes);
    else if (sentence == 1)
        say_objective(teller, sizes);
    else if (sentence == 2) {
        say_rule(teller, sizes);
        say_beyond(teller, sizes);
    } else
        say_gaps(teller, sizes);
}
