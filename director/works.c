/* Works in turns, and lone jobs of them; see works.h. */
#include "director/works.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/base/error.h"
#include "director/length.h"
#include "director/plan/matrix.h"
#include "director/progress.h"

static const uint64_t LONE_EVERY_NS = 1 * NS_PER_S; /* or five jobs, if that is longer */
static const uint64_t LONE_AT_FIRST_NS = NS_PER_S / 2;
static const double TURNS_ARE_OFF = 0.03;

/* The work of a cell among those of the run; NULL when there are too many. */
static struct lone_work *find_work(struct works *works, unsigned cell) {
    const struct plan *plan = works->plan;
    const char *asked = plan->cells[cell].asked;
    for (unsigned i = 0; i < works->n; i++)
        if (strcmp(works->all[i].asked, asked) == 0)
            return &works->all[i];
    if (works->n == WORKS_MOST)
        return NULL;
    const struct planned_experiment *planned = plan->experiments; /* the cell's */
    while (cell >= planned->first_cell + planned->n_cells)
        planned++;
    struct lone_work *work = &works->all[works->n++];
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

int works_set_turns(struct works *works, double turns_per_ms, char why[WHY_BYTES]) {
    works->setting->turns_per_ms = turns_per_ms;
    for (unsigned i = 0; i < works->plan->n_cells; i++) {
        struct cell_plan *cell = &works->plan->cells[i];
        if (parameters_are_external(&cell->parameters)) {
            if (set_own_turns(works->plan, cell, why) != 0)
                return -EINVAL;
            continue;
        }
        struct lone_work *work = works->of[i] = find_work(works, i);
        struct work parsed;
        if (work == NULL)
            return error_say(why, -EINVAL, "more than %d different works in one run",
                             WORKS_MOST);
        bool keeps_turns = works->plan->resume != NULL;
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

static int start_lone(struct works *works, struct lone_work *work, char why[WHY_BYTES]) {
    return measure_start_lone(works->setting, work->strategy, work->text, &work->server,
                              why);
}

/* What declared steps take is known once they were timed; cells are given the time. */
static void learn_length(struct works *works, struct lone_work *work) {
    double more_ns = work->t_alone_us * 1e3 - (double)work->alone_ns;
    if (!work->is_of_unknown_length || !(more_ns > 0))
        return;
    work->alone_ns += (uint64_t)more_ns;
    for (unsigned i = 0; i < works->plan->n_cells; i++)
        if (works->of[i] == work)
            works->plan->cells[i].cpu_ns += (uint64_t)more_ns;
}

/* Lone jobs of a work, one after the other, for about that long. */
static int time_lone_jobs(struct works *works, struct lone_work *work, uint64_t for_ns,
                          char why[WHY_BYTES]) {
    unsigned n_jobs =
        (unsigned)fmin(20, fmax(1, (double)for_ns / fmax((double)work->alone_ns, 1)));
    if (work->is_of_unknown_length && work->seen_ns == 0)
        n_jobs = 1;
    progress_doing("timing a lone request");
    works->setting->patience_ns =
        WORKS_PATIENCE_NS + length_times_ns(10 * n_jobs, work->alone_ns);
    int error =
        measure_lone(works->setting, &work->server, n_jobs, &work->t_alone_us, why);
    work->seen_ns = clock_now_ns();
    work->was_timed |= error == 0;
    if (error == 0)
        learn_length(works, work);
    return error == 0 || error == -EINTR || work->was_timed ? error : -ENODATA;
}

int works_start(struct works *works, char why[WHY_BYTES]) {
    struct lone_work *first = &works->all[0];
    if (works->n == 0)
        return 0;
    int error = start_lone(works, first, why);
    if (error == 0)
        error = time_lone_jobs(works, first, LONE_AT_FIRST_NS, why);
    double off =
        (first->t_alone_us * 1e3 - (double)first->alone_ns) / (double)first->cpu_ns;
    if (error == 0 && works->plan->resume == NULL && !first->is_of_unknown_length &&
        fabs(off) > TURNS_ARE_OFF && fabs(off) <= 0.5) {
        server_kill(&first->server);
        error = works_set_turns(works, works->setting->turns_per_ms / (1 + off), why);
        if (error == 0)
            error = start_lone(works, first, why);
        if (error == 0)
            error = time_lone_jobs(works, first, LONE_AT_FIRST_NS, why);
    }
    for (unsigned i = 1; (error == 0 || error == -ENODATA) && i < works->n; i++) {
        int started = start_lone(works, &works->all[i], why);
        error = started != 0 ? started : error;
    }
    return error;
}

void works_stop(struct works *works) {
    for (unsigned i = 0; i < works->n; i++)
        server_kill(&works->all[i].server);
}

int works_look(struct works *works, struct lone_work *work, char why[WHY_BYTES]) {
    uint64_t for_five_ns = length_times_ns(5, work->alone_ns);
    uint64_t seen_ago_ns = clock_now_ns() - work->seen_ns;
    char again[WHY_BYTES];
    if (work->seen_ns != 0 && (seen_ago_ns < LONE_EVERY_NS || seen_ago_ns < for_five_ns))
        return 0;
    int error = time_lone_jobs(works, work, 0, why);
    if (error == 0 || error == -EINTR || error == -ENODATA)
        return error;
    work->t_alone_us = NAN;
    server_kill(&work->server); /* it may have died: another one */
    return start_lone(works, work, again) == -EINTR ? -EINTR : error;
}
