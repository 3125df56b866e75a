/* Measuring them; see repeats.h. */
#include "director/repeats.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/units.h"
#include "common/children/interrupts.h"
#include "common/stats/random.h"
#include "common/stats/stats.h"
#include "director/info.h"
#include "director/length.h"
#include "director/progress.h"
#include "report/figures/overview.h"
#include "report/report.h"

enum { MOST_ROUNDS = 3 };

static const double LEAST_LOOP_MS = 70, MOST_LOOP_MS = 500;
static const uint64_t CORES_EVERY_NS = 2 * NS_PER_S;
/* About what the report takes with its charts, less the end of the budget into which no
 * repeat fits any more. */
static const double REPORT_S = 0.3;

void repeats_measure_cores(struct repeats *repeats, unsigned n_rounds) {
    struct remote *host = repeats->setting.hosts.server;
    double loop_ms = (double)repeats->works.all[0].cpu_ns / (double)NS_PER_MS;
    loop_ms = fmin(fmax(loop_ms / 2, LEAST_LOOP_MS), MOST_LOOP_MS);
    uint64_t turns = (uint64_t)(loop_ms * repeats->setting.turns_per_ms);
    double cores[MOST_ROUNDS], fastest = NAN;
    size_t n_known = 0;
    for (unsigned i = 0; i < n_rounds && i < MOST_ROUNDS; i++) {
        uint64_t alone_ns = 0;
        cores[n_known] = remote_cores(host, remote_usable_cpus(host), turns, &alone_ns);
        n_known += isfinite(cores[n_known]) ? 1 : 0;
        if (alone_ns > 0)
            fastest = fmax(fastest, (double)turns * (double)NS_PER_MS / (double)alone_ns);
    }
    repeats->machine.cores = n_known > 0 ? stats_median(cores, n_known) : NAN;
    repeats->machine.turns_per_ms = fastest;
    repeats->cores_seen_ns = clock_now_ns();
}

/* That something did not come about; the run goes on. */
static void record(struct repeats *repeats, const char *what, const char *why) {
    repeats->n_failed++;
    (void)json_array_append_new(repeats->failures,
                                json_pack("{s:s, s:i, s:s}", "cell", what, "repeat",
                                          (int)repeats->n_passes, "why", why));
}

/* The same, and says so. */
static void fail(struct repeats *repeats, const char *what, const char *why) {
    if (repeats->n_passes > 0)
        error_print("run: %s, repeat %u: %s", what, repeats->n_passes, why);
    else
        error_print("run: %s: %s", what, why);
    record(repeats, what, why);
}

/* The cells of a work of which no lone job was answered fail, and are not measured. */
static void give_up(struct repeats *repeats, const struct lone_work *work,
                    const char *why) {
    error_print("run: work %s is not measured, because it fails alone: %s", work->asked,
                why);
    for (unsigned i = 0; i < repeats->plan->n_cells; i++) {
        if (repeats->works.of[i] != work)
            continue;
        record(repeats, repeats->plan->cells[i].parameters.label, why);
        repeats->is_broken[i] = true;
    }
}

/* That of another contestant from the same peer; 0: of none, or not yet. */
static double turns_of_peer(const struct contestants *contestants, const char *peer) {
    for (unsigned i = 1; peer != NULL && i <= contestants->n; i++) {
        const struct external *other = &contestants->all[i];
        if (other->peer != NULL && strcmp(other->peer, peer) == 0 &&
            other->turns_per_ms > 0)
            return other->turns_per_ms;
    }
    return 0;
}

int repeats_time_alone(struct repeats *repeats, char why[WHY_BYTES]) {
    struct contestants *contestants = &repeats->plan->contestants;
    repeats->setting.patience_ns = WORKS_PATIENCE_NS;
    for (unsigned i = 0; i < repeats->plan->n_cells; i++) {
        const struct cell_parameters *cell = &repeats->plan->cells[i].parameters;
        unsigned k = contestants->n;
        while (k > 0 && strcmp(contestants->all[k].name, cell->contestant) != 0)
            k--;
        struct external *own = &contestants->all[k];
        if (!parameters_are_external(cell) || !external_has_name(own->path, "turns") ||
            own->turns_per_ms > 0)
            continue;
        own->turns_per_ms = turns_of_peer(contestants, own->peer);
        if (own->turns_per_ms > 0)
            continue;
        char doing[80];
        (void)snprintf(doing, sizeof doing, "timing the loop of %s", own->name);
        progress_doing(doing);
        int error = measure_turns(&repeats->setting, cell, &own->turns_per_ms, why);
        if (error == -EINTR)
            return error;
        if (error == 0)
            continue;
        own->turns_per_ms = 0;
        fail(repeats, own->name, why);
        for (unsigned n = i; n < repeats->plan->n_cells; n++)
            repeats->is_broken[n] |=
                strcmp(repeats->plan->cells[n].parameters.contestant, own->name) == 0;
    }
    int error = works_set_turns(&repeats->works, repeats->setting.turns_per_ms, why);
    if (error == 0)
        error = works_start(&repeats->works, why);
    if (error != -ENODATA)
        return error;
    give_up(repeats, &repeats->works.all[0], why);
    return 0;
}

/* Says what is wrong with a server that was measured, once for all of its cells: its last
 * words may differ. A peer is known to be so. */
static void note(struct repeats *repeats, const struct cell_parameters *cell,
                 const char *why) {
    const char *who = cell->contestant_label;
    const struct external *external =
        contestants_find(&repeats->plan->contestants, cell->contestant);
    const char *said = strstr(why, SERVER_SAYS);
    size_t i, length = said != NULL ? (size_t)(said - why) : strlen(why);
    json_t *one;
    json_array_foreach(repeats->notes, i, one) {
        if (strcmp(fields_get_text(one, "contestant", ""), who) == 0 &&
            strncmp(fields_get_text(one, "why", ""), why, length) == 0)
            return;
    }
    error_print("run: %s: %s", who, why);
    repeats->n_failed += external == NULL || external->peer == NULL;
    (void)json_array_append_new(repeats->notes,
                                json_pack("{s:s, s:s}", "contestant", who, "why", why));
}

/* One cell in this pass. 0 or -EINTR; another failure is said and counted. */
static int run_cell(struct repeats *repeats, unsigned index) {
    struct cell_plan *planned = &repeats->plan->cells[index];
    char why[WHY_BYTES], name[300], path[4600];
    struct lone_work *work = repeats->works.of[index];
    int error = work != NULL ? works_look(&repeats->works, work, why) : 0;
    if (error == -EINTR)
        return error;
    if (error == -ENODATA) {
        give_up(repeats, work, why);
        return 0;
    }
    if (error != 0)
        fail(repeats, "one request alone", why);
    repeats->machine.t_alone_us = work != NULL ? work->t_alone_us : NAN;
    progress_cell(repeats->n_passes, planned->parameters.label);
    repeats->setting.patience_ns =
        WORKS_PATIENCE_NS + length_times_ns(10, length_bound_ns(planned));
    (void)snprintf(name, sizeof name, "%s-r%u.json", planned->parameters.name,
                   repeats->n_passes);
    (void)snprintf(path, sizeof path, "%s/cells/%s", repeats->setting.folder, name);
    error = measure_cell(&repeats->setting, &planned->parameters, repeats->n_passes,
                         &repeats->machine, path, why);
    repeats->is_broken[index] = work == NULL && error != 0;
    if (error == 0 && why[0] != '\0')
        note(repeats, &planned->parameters, why);
    if (error == 0)
        error = run_add(repeats->known, name, why);
    if (error == 0 && progress_wants_table())
        progress_table(report_table(&repeats->so_far, repeats->known,
                                    planned->parameters.experiment));
    repeats->took_ns[index] = clock_now_ns() - repeats->idle_since_ns;
    repeats->idle_since_ns += repeats->took_ns[index];
    if (error == 0 || error == -EINTR)
        return error;
    fail(repeats, planned->parameters.label, why);
    return 0;
}

/* Until then; 0 when that is over. */
static uint64_t left_ns(uint64_t deadline_ns) {
    uint64_t now_ns = clock_now_ns();
    return now_ns < deadline_ns ? deadline_ns - now_ns : 0;
}

static double left_s(uint64_t deadline_ns) {
    return deadline_ns == 0 ? INFINITY : (double)left_ns(deadline_ns) / (double)NS_PER_S;
}

/* How long a repeat of each cell takes: as the last one did; else as others of its kind
 * did, timed or not, by what they usually take. */
static void expect_cells(const struct repeats *repeats, double seconds[PLAN_MAX_CELLS]) {
    const struct plan *plan = repeats->plan;
    double took_s[2] = {0}, usual_s[2] = {0};
    for (unsigned i = 0; i < plan->n_cells; i++) {
        bool is_timed = plan->cells[i].parameters.duration_s > 0;
        seconds[i] = (double)length_usual_ns(&plan->cells[i]) / (double)NS_PER_S;
        if (repeats->took_ns[i] == 0 || repeats->is_broken[i])
            continue;
        took_s[is_timed] += (double)repeats->took_ns[i] / (double)NS_PER_S;
        usual_s[is_timed] += seconds[i];
    }
    for (unsigned i = 0; i < plan->n_cells; i++) {
        bool is_timed = plan->cells[i].parameters.duration_s > 0;
        if (repeats->took_ns[i] > 0)
            seconds[i] = (double)repeats->took_ns[i] / (double)NS_PER_S;
        else if (usual_s[is_timed] > 0)
            seconds[i] *= took_s[is_timed] / usual_s[is_timed];
    }
}

/* Tells how long all of it still takes, after so many seconds of the experiment that were
 * expected. */
static void tell_left(struct repeats *repeats, const struct planned_experiment *planned,
                      const double *seconds, double done_s) {
    const struct plan *plan = repeats->plan;
    unsigned experiment = (unsigned)(planned - plan->experiments);
    repeats->expected_s =
        fmin(fmax(0, repeats->expected_s - done_s), left_s(repeats->deadline_ns));
    progress_left(repeats->expected_s + REPORT_S +
                  length_later_s(plan, experiment,
                                 left_s(repeats->end_ns) - repeats->expected_s, seconds));
}

/*
 * The cells that are wanted and that there is time for, in shuffled order; how many there
 * were. -EINTR when interrupted.
 */
static int run_pass(struct repeats *repeats, const struct planned_experiment *planned,
                    const size_t *order, const double *seconds) {
    const bool *is_wanted = repeats->assessment.is_wanted;
    int n_measured = 0, n_kept = 0, error = 0;
    if (repeats->n_passes >= planned->n_repeats && repeats->n_passes < planned->last_pass)
        repeats->n_passes = planned->last_pass; /* those it wanted then are known */
    repeats->n_passes++;
    if (clock_now_ns() - repeats->cores_seen_ns >= CORES_EVERY_NS) {
        progress_doing("measuring the CPUs");
        repeats_measure_cores(repeats, 1);
    }
    for (unsigned i = 0; error == 0 && i < planned->n_cells; i++) {
        unsigned cell = (unsigned)order[i];
        /* The first pass is whole: there is to be something to tell of each cell. */
        bool is_in_time =
            repeats->n_passes == 1 || seconds[cell] <= left_s(repeats->deadline_ns);
        bool was_measured = /* before the run was cut */
            repeats->n_passes <= planned->last_pass &&
            info_has_cell(repeats->setting.folder, &repeats->plan->cells[cell],
                          repeats->n_passes);
        if (interrupts_came() != 0)
            error = -EINTR;
        else if (is_wanted[cell] && !repeats->is_broken[cell] &&
                 (was_measured || is_in_time)) {
            error = was_measured ? 0 : run_cell(repeats, cell);
            n_kept += was_measured;
            n_measured++;
            tell_left(repeats, planned, seconds, seconds[cell]);
        }
    }
    if (n_measured == 0)
        repeats->n_passes--;
    else if (error == 0) {
        repeats->n_ended++;
        if (n_measured > n_kept)
            progress_pass_done(repeats->n_passes, n_measured - n_kept);
    }
    return error != 0 ? error : n_measured;
}

/* What ended an experiment, for who waited for it. */
static void say_why(const struct repeats *repeats,
                    const struct planned_experiment *planned) {
    const struct assessment *now = &repeats->assessment;
    double wanted = repeats->plan->precision * 100;
    bool is_time_up = strcmp(repeats->stopped_by, "budget") == 0;
    char left[32], widest[40] = "has no interval"; /* INVALID, or measured once */
    if (repeats->plan->budget_ns == 0)
        return;
    if (repeats->plan->n_experiments > 1)
        (void)printf("%s: ", planned->name);
    (void)printf("%s after %u pass%s", is_time_up ? "the time was up" : "stopped",
                 repeats->n_passes, repeats->n_passes == 1 ? "" : "es");
    if (strcmp(repeats->stopped_by, "decided") == 0)
        (void)printf(": nothing is open that more of them could decide,\n"
                     "every mean slowdown is known within ±%.3g %%",
                     wanted);
    if (strcmp(repeats->stopped_by, "undecidable") == 0)
        (void)printf(": what is open takes far more than the %s left",
                     units_format_duration(
                         left_ns(repeats->deadline_ns) / NS_PER_S * NS_PER_S, left));
    if (isfinite(now->worst))
        (void)snprintf(widest, sizeof widest, "is the widest, ±%.3g %%",
                       now->worst * 100);
    if (now->n_unmet > 0)
        (void)printf("%s%zu mean slowdown%s known within ±%.3g %%,\n%s %s",
                     is_time_up ? ": " : ",\n", now->n_unmet,
                     now->n_unmet == 1 ? " is not" : "s are not", wanted, now->label,
                     widest);
    (void)printf("\n");
    (void)fflush(stdout);
}

/* Whether the time left is enough for another repeat of any cell. */
static bool has_time(const struct repeats *repeats,
                     const struct planned_experiment *planned) {
    double seconds[PLAN_MAX_CELLS], shortest_s = INFINITY;
    expect_cells(repeats, seconds);
    for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
         i++)
        if (repeats->plan->cells[i].skipped == NULL && !repeats->is_broken[i])
            shortest_s = fmin(shortest_s, seconds[i]);
    return left_s(repeats->deadline_ns) >= shortest_s;
}

/* All passes of an experiment, within its share of the time. 0 or -EINTR. */
static int measure_experiment(struct repeats *repeats,
                              const struct planned_experiment *planned,
                              struct random *random) {
    const struct plan *plan = repeats->plan;
    struct assessment *next = &repeats->assessment;
    size_t order[PLAN_MAX_CELLS];
    double seconds[PLAN_MAX_CELLS];
    uint64_t whole_ns = length_pass_ns(plan, planned, false);
    struct passes passes = {
        .is_short = repeats->deadline_ns > 0 &&
                    length_times_ns(2 * planned->n_repeats, whole_ns) >
                        left_ns(repeats->deadline_ns) &&
                    length_pass_ns(plan, planned, true) < whole_ns,
        .is_broken = repeats->is_broken,
    };
    for (unsigned i = 0; i < planned->n_cells; i++)
        order[i] = planned->first_cell + i;
    progress_begin(planned->name);
    repeats->idle_since_ns = clock_now_ns();
    repeats->n_passes = 0;
    int n_measured = 0;
    const char *stopped_by;
    for (;;) {
        passes.n = repeats->n_passes;
        passes.left_s = left_s(repeats->deadline_ns);
        stopped_by = assess_pass(repeats->known, plan, planned, &passes, next);
        progress_decided(next->n_decided, next->n_claims);
        if (stopped_by != NULL)
            break;
        expect_cells(repeats, seconds);
        repeats->expected_s = length_expected_s(plan, planned, &passes, next, seconds);
        tell_left(repeats, planned, seconds, 0);
        random_shuffle(random, order, planned->n_cells);
        n_measured = run_pass(repeats, planned, order, seconds);
        if (n_measured <= 0)
            break;
    }
    progress_end();
    if (n_measured < 0)
        return n_measured;
    bool is_time_up = stopped_by == NULL || (strcmp(stopped_by, "undecidable") == 0 &&
                                             !has_time(repeats, planned));
    repeats->stopped_by = is_time_up ? "budget" : stopped_by;
    say_why(repeats, planned);
    return 0;
}

/*
 * Of a run of all experiments, leaves one out whose first pass does not fit into the time
 * that is left, and says so and what would measure it.
 */
static bool leave_out(struct repeats *repeats, const struct planned_experiment *planned,
                      uint64_t time_left_ns) {
    char why[WHY_BYTES], pass[32], left[32];
    uint64_t pass_ns = length_pass_ns(repeats->plan, planned, true);
    if (!repeats->plan->is_of_all || planned == repeats->plan->experiments ||
        planned->last_pass > 0 || pass_ns <= time_left_ns)
        return false;
    double all_s =
        (double)(repeats->plan->budget_ns + pass_ns - time_left_ns) / (double)NS_PER_S;
    (void)error_say(
        why, 0,
        "one pass takes %s at least, and %s were left; 'juggle run --resume %.300s' "
        "measures it, or a run with --budget %.0fm and more",
        units_format_duration(pass_ns, pass),
        units_format_duration(time_left_ns / NS_PER_S * NS_PER_S, left),
        repeats->setting.folder, floor(all_s / 60) + 1);
    (void)printf("%s is left out: %s\n", planned->name, why);
    (void)fflush(stdout);
    (void)json_array_append_new(repeats->left_out, json_pack("{s:s, s:s}", "experiment",
                                                             planned->name, "why", why));
    return true;
}

/* One experiment after the other: what one does not need of its time goes to the next. */
static int measure_all(struct repeats *repeats) {
    const struct plan *plan = repeats->plan;
    uint64_t end_ns = repeats->end_ns = repeats->deadline_ns;
    bool was_time_up = false, was_undecidable = false;
    struct random random;
    random_seed(&random, plan->seed);
    for (unsigned i = 0; i < plan->n_experiments; i++) {
        const struct planned_experiment *planned = &plan->experiments[i];
        if (end_ns > 0 && leave_out(repeats, planned, left_ns(end_ns)))
            continue;
        if (end_ns > 0)
            repeats->deadline_ns =
                clock_now_ns() + length_share_ns(plan, i, left_ns(end_ns));
        if (measure_experiment(repeats, planned, &random) != 0)
            return -EINTR;
        was_time_up |= strcmp(repeats->stopped_by, "budget") == 0;
        was_undecidable |= strcmp(repeats->stopped_by, "undecidable") == 0;
    }
    if (was_time_up || was_undecidable)
        repeats->stopped_by = was_time_up ? "budget" : "undecidable";
    return 0;
}

void repeats_measure(struct repeats *repeats) {
    char why[WHY_BYTES];
    struct run *known = repeats->known = run_read(repeats->setting.folder, why);
    if (known == NULL && interrupts_came() == 0)
        error_exit("run: %s", why);
    for (size_t i = 0; known != NULL && i < known->n_cells; i++)
        cell_drop_latencies(known->cells[i]);
    if (known == NULL || measure_all(repeats) == -EINTR) {
        repeats->stopped_by = "interrupt";
        (void)fprintf(stderr, "juggle: interrupted; reporting what was measured\n");
    }
    progress_left(REPORT_S);
    overview_free(repeats->so_far);
    run_free(known);
    repeats->known = NULL;
}
