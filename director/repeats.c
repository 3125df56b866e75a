/* Measuring them; see repeats.h. */
#include "director/repeats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/counting.h"
#include "common/error.h"
#include "common/interrupts.h"
#include "common/machine.h"
#include "common/random.h"
#include "common/stats.h"
#include "common/units.h"
#include "director/progress.h"

enum { CORES_ROUNDS = 3, MOST_REPEATS = 200 };

static const double LEAST_LOOP_MS = 70, MOST_LOOP_MS = 500;

uint64_t repeats_alone_ns(const struct repeats *repeats) {
    uint64_t fetches_ns = 0;
    for (unsigned i = 0; i < repeats->work.n_steps; i++)
        if (repeats->work.steps[i].kind == STEP_FETCH)
            fetches_ns += repeats->fetch_ns;
    return work_duration_ns(&repeats->work, repeats->turns_per_ms) + fetches_ns;
}

double repeats_measure_cores(const struct repeats *repeats, double *turns_per_ms) {
    double loop_ms =
        (double)work_cpu_ns(&repeats->work, repeats->turns_per_ms) / (double)NS_PER_MS;
    loop_ms = fmin(fmax(loop_ms / 2, LEAST_LOOP_MS), MOST_LOOP_MS);
    uint64_t turns = (uint64_t)(loop_ms * repeats->turns_per_ms);
    double cores[CORES_ROUNDS];
    *turns_per_ms = NAN;
    for (int i = 0; i < CORES_ROUNDS; i++) {
        uint64_t alone_ns = 0;
        cores[i] = counting_effective_cores(machine_usable_cpus(), turns, &alone_ns);
        if (isnan(cores[i]))
            return NAN;
        if (alone_ns > 0)
            *turns_per_ms =
                fmax(*turns_per_ms, (double)turns * (double)NS_PER_MS / (double)alone_ns);
    }
    return stats_median(cores, CORES_ROUNDS);
}

static uint64_t expected_ns(const struct repeats *repeats, unsigned cell) {
    return repeats->took_ns[cell] > 0 ? repeats->took_ns[cell]
                                      : plan_cell_bound_ns(&repeats->plan->cells[cell],
                                                           repeats_alone_ns(repeats));
}

static int write_cell(const struct repeats *repeats, unsigned index, unsigned repeat,
                      const json_t *cell) {
    char path[4300];
    (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", repeats->setting.folder,
                   repeats->plan->cells[index].parameters.name, repeat);
    return cell_write(path, cell);
}

/*
 * 0 or -EINTR; another failure is said, counted, and the run goes on. *cell is a new
 * reference, NULL when it was not measured.
 */
static int run_cell(struct repeats *repeats, unsigned index, unsigned repeat,
                    const struct yardstick *before, json_t **cell) {
    struct cell_plan *planned = &repeats->plan->cells[index];
    planned->parameters.work = repeats->work_text;
    unsigned n_planned = repeats->plan->n_repeats;
    progress_cell(repeat, repeat > n_planned ? repeat : n_planned,
                  planned->parameters.label, expected_ns(repeats, index));
    uint64_t began_ns = clock_now_ns();
    char why[200];
    int error = measure_cell(&repeats->setting, &planned->parameters, repeat, before,
                             cell, why, sizeof why);
    repeats->took_ns[index] = clock_now_ns() - began_ns;
    if (error == 0) {
        error = write_cell(repeats, index, repeat, *cell);
        (void)snprintf(why, sizeof why, "cannot write its file: %s", strerror(-error));
    }
    progress_cell_done();
    if (error == 0 || error == -EINTR)
        return error;
    progress_end();
    error_print("run: %s, repeat %u: %s", planned->parameters.label, repeat, why);
    repeats->n_failed++;
    return 0;
}

/* T and E of now. Errors as run_cell's. */
static int take_yardstick(struct repeats *repeats, unsigned repeat,
                          struct yardstick *yardstick) {
    char why[200];
    *yardstick = (struct yardstick){.t_us = NAN};
    yardstick->effective_cores = repeats_measure_cores(repeats, &yardstick->turns_per_ms);
    if (interrupts_came() != 0)
        return -EINTR;
    int error = measure_alone(&repeats->setting, repeats->plan->experiment->alone,
                              repeats->work_text, PLAN_T_REQUESTS, &yardstick->t_us, why,
                              sizeof why);
    if (error == 0 || error == -EINTR)
        return error;
    progress_end();
    error_print("run: one request alone, repeat %u: %s", repeat, why);
    repeats->n_failed++;
    return 0;
}

/*
 * Every cell once, T and E before and after. The cells' files are there as soon as they
 * are measured; what T and E came to afterwards is added when the repeat is over.
 */
static int run_repeat(struct repeats *repeats, unsigned repeat, const size_t *order) {
    struct yardstick before, after;
    json_t *cells[PLAN_MAX_CELLS] = {0};
    int error = take_yardstick(repeats, repeat, &before);
    if (error != 0 || isnan(before.t_us))
        return error;
    for (unsigned i = 0; error == 0 && i < repeats->plan->n_cells; i++)
        error = run_cell(repeats, (unsigned)order[i], repeat, &before, &cells[order[i]]);
    if (error == 0)
        error = take_yardstick(repeats, repeat, &after);
    if (error == 0 && !isnan(after.t_us))
        repeats->n_done++;
    for (unsigned i = 0; i < repeats->plan->n_cells; i++) {
        if (error == 0 && cells[i] != NULL) {
            cell_add_after(cells[i], &after);
            if (write_cell(repeats, i, repeat, cells[i]) != 0)
                repeats->n_failed++;
        }
        json_decref(cells[i]);
    }
    return error;
}

/* A bound for one repeat, until one has been measured. */
static uint64_t repeat_bound_ns(const struct repeats *repeats) {
    uint64_t one_ns = repeats_alone_ns(repeats),
             total_ns = plan_repeat_overhead_ns(one_ns);
    for (unsigned i = 0; i < repeats->plan->n_cells; i++)
        total_ns += plan_cell_bound_ns(&repeats->plan->cells[i], one_ns);
    return total_ns;
}

/*
 * Why there is to be no other repeat, or NULL. Those that were asked for come first, then
 * drifted ones are measured again, and what is not known well enough once more.
 */
static const char *reason_to_stop(struct repeats *repeats, uint64_t spent_ns,
                                  uint64_t one_more_ns) {
    const struct plan *plan = repeats->plan;
    unsigned n_begun = repeats->n_begun;
    bool is_missing = n_begun < plan->n_repeats;
    bool is_over = plan->budget_ns > 0 && spent_ns + one_more_ns > plan->budget_ns;
    if (n_begun == 0 || (is_missing && !(is_over && plan->budget_is_asked_for)))
        return NULL;
    if (is_over)
        return "budget";
    if (plan->budget_ns == 0 || n_begun >= MOST_REPEATS ||
        precision_read(repeats->setting.folder, plan->precision, &repeats->precision) !=
            0)
        return "repeats";
    bool is_known =
        repeats->precision.n_unmet == 0 && repeats->precision.n_clean >= plan->n_repeats;
    return is_known ? "precision" : NULL;
}

/* All repeats. 0 or -EINTR. */
static int measure_all(struct repeats *repeats) {
    const struct plan *plan = repeats->plan;
    struct random random;
    size_t order[PLAN_MAX_CELLS];
    uint64_t bound_ns = repeat_bound_ns(repeats), began_ns = clock_now_ns();
    uint64_t spent_ns = 0, longest_ns = 0;
    for (unsigned i = 0; i < plan->n_cells; i++)
        order[i] = i;
    random_seed(&random, plan->seed);
    progress_begin(plan->n_cells * plan->n_repeats,
                   plan_times_ns(plan->n_repeats, bound_ns));
    int error = 0;
    while (error == 0 && (repeats->stopped_by =
                              reason_to_stop(repeats, spent_ns, longest_ns)) == NULL) {
        if (repeats->n_begun >= plan->n_repeats)
            progress_more(plan->n_cells, longest_ns);
        random_shuffle(&random, order, plan->n_cells);
        error = run_repeat(repeats, ++repeats->n_begun, order);
        uint64_t took_ns = clock_now_ns() - began_ns - spent_ns;
        spent_ns += took_ns;
        longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
    }
    progress_end();
    return error;
}

/* What ended the run, for who waited for it. */
static void say_why(struct repeats *repeats) {
    const struct precision *precision = &repeats->precision;
    double wanted = repeats->plan->precision;
    char budget[32];
    if (repeats->plan->budget_ns == 0 ||
        precision_read(repeats->setting.folder, wanted, &repeats->precision) != 0)
        return;
    if (strcmp(repeats->stopped_by, "precision") == 0)
        (void)printf("every mean in T is known within %.3g %% (%s) of the %.3g %% "
                     "wanted: stopped after %u repeats\n",
                     precision->worst * 100, precision->label, wanted * 100,
                     repeats->n_done);
    else
        (void)printf(
            "stopped after %u repeats, at the end of the budget of %s: %zu "
            "mean%s in T %s not within %.3g %%, the widest %.3g %% (%s)\n",
            repeats->n_done,
            units_format_duration(repeats->plan->budget_ns, budget, sizeof budget),
            precision->n_unmet, precision->n_unmet == 1 ? "" : "s",
            precision->n_unmet == 1 ? "is" : "are", wanted * 100, precision->worst * 100,
            precision->label);
}

void repeats_measure(struct repeats *repeats) {
    if (measure_all(repeats) == -EINTR) {
        repeats->stopped_by = "interrupt";
        (void)fprintf(stderr, "juggle: interrupted; reporting what was measured\n");
    } else {
        say_why(repeats);
    }
}
