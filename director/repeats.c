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

enum { MOST_ROUNDS = 3, FIRST_PASSES = 2 };

static const double LEAST_LOOP_MS = 70, MOST_LOOP_MS = 500;
static const uint64_t LONE_EVERY_NS = 1 * NS_PER_S; /* or five jobs, if that is longer */
static const uint64_t CORES_EVERY_NS = 2 * NS_PER_S;
static const uint64_t LEAST_PATIENCE_NS = 60 * NS_PER_S;
static const uint64_t LONE_AT_FIRST_NS = NS_PER_S / 2;
static const double TURNS_ARE_OFF = 0.03;

/* The work of a cell among those of the run; NULL when there are too many. */
static struct lone_work *find_work(struct repeats *repeats, unsigned cell) {
    const struct plan *plan = repeats->plan;
    const char *asked = plan->cells[cell].asked;
    for (unsigned i = 0; i < repeats->n_works; i++)
        if (strcmp(repeats->works[i].asked, asked) == 0)
            return &repeats->works[i];
    if (repeats->n_works == REPEATS_MAX_WORKS)
        return NULL;
    const struct planned_experiment *planned = plan->experiments; /* the cell's */
    while (cell >= planned->first_cell + planned->n_cells)
        planned++;
    struct lone_work *work = &repeats->works[repeats->n_works++];
    *work = (struct lone_work){
        .asked = asked,
        .strategy = planned->experiment->alone,
        .t_alone_us = NAN,
    };
    return work;
}

/*
 * Of a cell whose external server is told the work: how long that takes, and once the
 * server's loop was timed, the work in turns of it.
 */
static int set_own_turns(struct plan *plan, struct cell_plan *cell, char why[WHY_BYTES]) {
    double own =
        contestants_find(&plan->contestants, cell->parameters.contestant)->turns_per_ms;
    char text[WORK_MAX_TEXT_BYTES];
    struct work parsed;
    bool is_kept = plan->resume != NULL && own > 0;
    if (cell->asked[0] == '\0')
        return 0;
    if (work_parse(is_kept ? cell->parameters.work : cell->asked, own > 0 ? own : 1,
                   &parsed, why) != 0)
        return -EINVAL;
    if (own > 0)
        cell->parameters.work =
            matrix_keep(plan->texts, "%s", work_format(&parsed, text));
    cell->cpu_ns = work_cpu_ns(&parsed, own > 0 ? own : 1);
    cell->wait_ns = work_duration_ns(&parsed, INFINITY);
    return 0;
}

int repeats_set_turns(struct repeats *repeats, double turns_per_ms, char why[WHY_BYTES]) {
    repeats->setting.turns_per_ms = turns_per_ms;
    for (unsigned i = 0; i < repeats->plan->n_cells; i++) {
        struct cell_plan *cell = &repeats->plan->cells[i];
        if (parameters_are_external(&cell->parameters)) {
            if (set_own_turns(repeats->plan, cell, why) != 0)
                return -EINVAL;
            continue;
        }
        struct lone_work *work = repeats->work_of[i] = find_work(repeats, i);
        struct work parsed;
        if (work == NULL)
            return error_say(why, -EINVAL, "more than %d different works in one run",
                             REPEATS_MAX_WORKS);
        bool keeps_turns = repeats->plan->resume != NULL;
        if (work_parse(keeps_turns ? cell->parameters.work : cell->asked, turns_per_ms,
                       &parsed, why) != 0)
            return -EINVAL;
        cell->parameters.work = work_format(&parsed, work->text);
        cell->cpu_ns = work->cpu_ns = work_cpu_ns(&parsed, turns_per_ms);
        cell->wait_ns = work_duration_ns(&parsed, turns_per_ms) - cell->cpu_ns;
        for (unsigned k = 0; k < parsed.n_steps; k++)
            if (parsed.steps[k].kind == STEP_FETCH && parsed.steps[k].amount == 0)
                cell->wait_ns += WORK_FETCH_NS;
        work->is_of_unknown_length = work_has_step(&parsed, STEP_DECLARED);
        work->alone_ns = length_alone_ns(cell);
    }
    return 0;
}

static int start_lone(struct repeats *repeats, struct lone_work *work,
                      char why[WHY_BYTES]) {
    return measure_start_lone(&repeats->setting, work->strategy, work->text,
                              &work->server, why);
}

/* What declared steps take is known once they were timed; cells are given the time. */
static void learn_length(struct repeats *repeats, struct lone_work *work) {
    double more_ns = work->t_alone_us * 1e3 - (double)work->alone_ns;
    if (!work->is_of_unknown_length || !(more_ns > 0))
        return;
    work->alone_ns += (uint64_t)more_ns;
    for (unsigned i = 0; i < repeats->plan->n_cells; i++)
        if (repeats->work_of[i] == work)
            repeats->plan->cells[i].cpu_ns += (uint64_t)more_ns;
}

/* Lone jobs of a work, one after the other, for about that long. */
static int time_lone_jobs(struct repeats *repeats, struct lone_work *work,
                          uint64_t for_ns, char why[WHY_BYTES]) {
    unsigned n_jobs =
        (unsigned)fmin(20, fmax(1, (double)for_ns / fmax((double)work->alone_ns, 1)));
    if (work->is_of_unknown_length && work->seen_ns == 0)
        n_jobs = 1;
    progress_doing("timing a lone request");
    repeats->setting.patience_ns =
        LEAST_PATIENCE_NS + length_times_ns(10 * n_jobs, work->alone_ns);
    int error =
        measure_lone(&repeats->setting, &work->server, n_jobs, &work->t_alone_us, why);
    work->seen_ns = clock_now_ns();
    if (error == 0)
        learn_length(repeats, work);
    return error;
}

int repeats_start_lone(struct repeats *repeats, char why[WHY_BYTES]) {
    struct lone_work *first = &repeats->works[0];
    if (repeats->n_works == 0)
        return 0;
    int error = start_lone(repeats, first, why);
    if (error == 0)
        error = time_lone_jobs(repeats, first, LONE_AT_FIRST_NS, why);
    double off =
        (first->t_alone_us * 1e3 - (double)first->alone_ns) / (double)first->cpu_ns;
    if (error == 0 && repeats->plan->resume == NULL && !first->is_of_unknown_length &&
        fabs(off) > TURNS_ARE_OFF && fabs(off) <= 0.5) {
        server_kill(&first->server);
        error =
            repeats_set_turns(repeats, repeats->setting.turns_per_ms / (1 + off), why);
        if (error == 0)
            error = start_lone(repeats, first, why);
        if (error == 0)
            error = time_lone_jobs(repeats, first, LONE_AT_FIRST_NS, why);
    }
    for (unsigned i = 1; error == 0 && i < repeats->n_works; i++)
        error = start_lone(repeats, &repeats->works[i], why);
    return error;
}

void repeats_stop_lone(struct repeats *repeats) {
    for (unsigned i = 0; i < repeats->n_works; i++)
        server_kill(&repeats->works[i].server);
}

void repeats_measure_cores(struct repeats *repeats, unsigned n_rounds) {
    struct remote *host = repeats->setting.hosts.server;
    double loop_ms = (double)repeats->works[0].cpu_ns / (double)NS_PER_MS;
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

/* Says that something did not come about; the run goes on. */
static void fail(struct repeats *repeats, const char *what, const char *why) {
    if (repeats->n_passes > 0)
        error_print("run: %s, repeat %u: %s", what, repeats->n_passes, why);
    else
        error_print("run: %s: %s", what, why);
    repeats->n_failed++;
    (void)json_array_append_new(repeats->failures,
                                json_pack("{s:s, s:i, s:s}", "cell", what, "repeat",
                                          (int)repeats->n_passes, "why", why));
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

int repeats_time_loops(struct repeats *repeats, char why[WHY_BYTES]) {
    struct contestants *contestants = &repeats->plan->contestants;
    repeats->setting.patience_ns = LEAST_PATIENCE_NS;
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
    return repeats_set_turns(repeats, repeats->setting.turns_per_ms, why);
}

static uint64_t expected_ns(const struct repeats *repeats, unsigned cell) {
    if (repeats->took_ns[cell] > 0)
        return repeats->took_ns[cell];
    return length_bound_ns(&repeats->plan->cells[cell]);
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

/* A lone job of that work, when the last one was long ago. 0 or -EINTR. */
static int look_at_machine(struct repeats *repeats, struct lone_work *work) {
    char why[WHY_BYTES];
    uint64_t for_five_ns = length_times_ns(5, work->alone_ns);
    uint64_t seen_ago_ns = clock_now_ns() - work->seen_ns;
    if (work->seen_ns != 0 && (seen_ago_ns < LONE_EVERY_NS || seen_ago_ns < for_five_ns))
        return 0;
    int error = time_lone_jobs(repeats, work, 0, why);
    if (error == 0 || error == -EINTR)
        return error;
    fail(repeats, "one request alone", why);
    work->t_alone_us = NAN;
    server_kill(&work->server); /* it may have died: another one */
    error = start_lone(repeats, work, why);
    return error == -EINTR ? error : 0;
}

/* One cell in this pass. 0 or -EINTR; another failure is said and counted. */
static int run_cell(struct repeats *repeats, unsigned index) {
    struct cell_plan *planned = &repeats->plan->cells[index];
    char why[WHY_BYTES], name[300], path[4600];
    struct lone_work *work = repeats->work_of[index];
    int error = work != NULL ? look_at_machine(repeats, work) : 0;
    if (error != 0)
        return error;
    repeats->machine.t_alone_us = work != NULL ? work->t_alone_us : NAN;
    progress_cell(repeats->n_passes, planned->parameters.label);
    repeats->setting.patience_ns =
        LEAST_PATIENCE_NS + length_times_ns(10, length_bound_ns(planned));
    uint64_t began_ns = clock_now_ns();
    (void)snprintf(name, sizeof name, "%s-r%u.json", planned->parameters.name,
                   repeats->n_passes);
    (void)snprintf(path, sizeof path, "%s/cells/%s", repeats->setting.folder, name);
    error = measure_cell(&repeats->setting, &planned->parameters, repeats->n_passes,
                         &repeats->machine, path, why);
    repeats->took_ns[index] = clock_now_ns() - began_ns;
    repeats->is_broken[index] = work == NULL && error != 0;
    if (error == 0 && why[0] != '\0')
        note(repeats, &planned->parameters, why);
    if (error == 0)
        error = run_add(repeats->known, name, why);
    if (error == 0 && progress_wants_table())
        progress_table(report_table(&repeats->so_far, repeats->known,
                                    planned->parameters.experiment));
    if (error == 0 || error == -EINTR)
        return error;
    fail(repeats, planned->parameters.label, why);
    return 0;
}

/*
 * The cells that are wanted and that there is time for, in shuffled order; how many there
 * were. -EINTR when interrupted.
 */
static int run_pass(struct repeats *repeats, const struct planned_experiment *planned,
                    const struct assessment *assessment, const size_t *order) {
    int n_measured = 0, error = 0;
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
            repeats->deadline_ns == 0 || repeats->n_passes == 1 ||
            clock_now_ns() + expected_ns(repeats, cell) <= repeats->deadline_ns;
        bool was_measured = /* before the run was cut */
            repeats->n_passes <= planned->last_pass &&
            info_has_cell(repeats->setting.folder, &repeats->plan->cells[cell],
                          repeats->n_passes);
        if (interrupts_came() != 0)
            error = -EINTR;
        else if (assessment->is_wanted[cell] && (was_measured || is_in_time)) {
            error = was_measured ? 0 : run_cell(repeats, cell);
            n_measured++;
        }
    }
    if (n_measured == 0)
        repeats->n_passes--;
    else if (error == 0)
        repeats->n_ended++;
    return error != 0 ? error : n_measured;
}

/* Until then; 0 when that is over. */
static uint64_t left_ns(uint64_t deadline_ns) {
    uint64_t now_ns = clock_now_ns();
    return now_ns < deadline_ns ? deadline_ns - now_ns : 0;
}

/*
 * Which cells the next pass is over; NULL, or why there is to be none. All of them in the
 * passes that were asked for, then those that decide; of grids for which that is too long
 * the coarse points in the first pass, and those that decide from the second one on.
 */
static const char *plan_pass(struct repeats *repeats,
                             const struct planned_experiment *planned,
                             struct assessment *next) {
    const struct plan *plan = repeats->plan;
    unsigned n_asked = planned->n_repeats > 0 ? planned->n_repeats : FIRST_PASSES;
    double left_s = repeats->deadline_ns == 0
                        ? INFINITY
                        : (double)left_ns(repeats->deadline_ns) / (double)NS_PER_S;
    assess(repeats->known, plan, planned, left_s, &repeats->assessment);
    *next = repeats->assessment;
    for (unsigned i = 0; i < plan->n_cells; i++) {
        next->n_wanted -= next->is_wanted[i] && repeats->is_broken[i];
        next->is_wanted[i] &= !repeats->is_broken[i];
    }
    progress_decided(next->n_decided, next->n_claims);
    if (repeats->n_passes >= n_asked &&
        (plan->budget_ns == 0 || repeats->n_passes >= PLAN_MAX_PASSES))
        return "repeats";
    if (repeats->n_passes >= n_asked)
        return next->n_wanted > 0 ? NULL : next->is_given_up ? "undecidable" : "decided";
    next->n_wanted = 0;
    for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
         i++) {
        bool is_due =
            !repeats->is_short || next->is_wanted[i] || plan_is_coarse(plan, planned, i);
        next->is_wanted[i] =
            is_due && plan->cells[i].skipped == NULL && !repeats->is_broken[i];
        next->n_wanted += next->is_wanted[i];
    }
    return next->n_wanted > 0 ? NULL : "repeats";
}

/* What ended an experiment, for who waited for it. */
static void say_why(const struct repeats *repeats,
                    const struct planned_experiment *planned) {
    const struct assessment *now = &repeats->assessment;
    double wanted = repeats->plan->precision * 100;
    bool is_time_up = strcmp(repeats->stopped_by, "budget") == 0;
    char left[32], widest[40] = "has no interval"; /* of fewer than two repeats */
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
        (void)printf(": what is open takes more than the %s left",
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

/* All passes of an experiment, within its share of the time. 0 or -EINTR. */
static int measure_experiment(struct repeats *repeats,
                              const struct planned_experiment *planned,
                              struct random *random) {
    struct assessment next;
    size_t order[PLAN_MAX_CELLS];
    uint64_t pass_ns = 0;
    for (unsigned i = 0; i < planned->n_cells; i++) {
        order[i] = planned->first_cell + i;
        pass_ns += expected_ns(repeats, planned->first_cell + i);
    }
    repeats->is_short = repeats->deadline_ns > 0 &&
                        length_times_ns(2 * planned->n_repeats,
                                        length_pass_ns(repeats->plan, planned, false)) >
                            left_ns(repeats->deadline_ns) &&
                        length_pass_ns(repeats->plan, planned, true) <
                            length_pass_ns(repeats->plan, planned, false);
    progress_begin(planned->name, length_times_ns(planned->n_repeats, pass_ns));
    repeats->n_passes = 0;
    int n_measured = 0;
    const char *stopped_by;
    while ((stopped_by = plan_pass(repeats, planned, &next)) == NULL) {
        random_shuffle(random, order, planned->n_cells);
        n_measured = run_pass(repeats, planned, &next, order);
        if (n_measured <= 0)
            break;
        progress_pass_done(repeats->n_passes, n_measured);
    }
    progress_end();
    if (n_measured < 0)
        return n_measured;
    repeats->stopped_by = stopped_by != NULL ? stopped_by : "budget";
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
    uint64_t end_ns = repeats->deadline_ns;
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
    overview_free(repeats->so_far);
    run_free(known);
    repeats->known = NULL;
}
