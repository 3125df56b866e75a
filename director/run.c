/*
 * `juggle run`: plan, calibrate, measure every cell in every repeat, report. Repeats are
 * the outer loop and cells are shuffled within each, so that a machine that drifts
 * drifts under all of them alike.
 */
#include "director/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/counting.h"
#include "common/error.h"
#include "common/files.h"
#include "common/machine.h"
#include "common/random.h"
#include "common/units.h"
#include "director/describe.h"
#include "director/folder.h"
#include "director/measure.h"
#include "director/plan.h"
#include "director/process.h"
#include "director/progress.h"
#include "report/report.h"

enum { T_REQUESTS = 3 };

static const uint64_t CALIBRATION_NS = 500 * NS_PER_MS;
static const uint64_t FETCH_NS = 100 * NS_PER_MS; /* our own upstream's delay */
static const uint64_t LEAST_PATIENCE_NS = 60 * NS_PER_S;

struct director {
    struct plan plan;
    struct work work; /* CPU steps in turns: the same for every cell */
    char work_text[WORK_MAX_TEXT_BYTES];
    char folder[4096];
    char started_at[32];
    double turns_per_ms;
    double effective_cores; /* at the start */
    struct measure_setting setting;
    struct process upstream;
    json_t *info;                     /* run.json */
    uint64_t took_ns[PLAN_MAX_CELLS]; /* of each cell in its last repeat; 0: none yet */
    unsigned n_failed;
};

/* Calibration and the machine */

static uint64_t alone_ns(const struct director *director) {
    uint64_t fetches_ns = 0;
    for (unsigned i = 0; i < director->work.n_steps; i++)
        if (director->work.steps[i].kind == STEP_FETCH)
            fetches_ns += FETCH_NS;
    return work_duration_ns(&director->work, director->turns_per_ms) + fetches_ns;
}

/* As long a loop as one job, within what is long enough to mean something. */
static double measure_cores(const struct director *director, double *turns_per_ms) {
    double loop_ms =
        (double)work_cpu_ns(&director->work, director->turns_per_ms) / (double)NS_PER_MS;
    loop_ms = fmin(fmax(loop_ms, 100), 1000);
    uint64_t turns = (uint64_t)(loop_ms * director->turns_per_ms), alone_ns = 0;
    double cores = counting_effective_cores(machine_usable_cpus(), turns, &alone_ns);
    *turns_per_ms =
        alone_ns > 0 ? (double)turns * (double)NS_PER_MS / (double)alone_ns : NAN;
    return cores;
}

static void calibrate(struct director *director) {
    char why[200];
    director->turns_per_ms = counting_calibrate(CALIBRATION_NS);
    if (work_parse(director->plan.work_text, director->turns_per_ms, &director->work, why,
                   sizeof why) != 0)
        error_exit("run: --work: %s", why);
    (void)work_format(&director->work, director->work_text);
    director->setting.turns_per_ms = director->turns_per_ms;
}

static void say_machine(const struct director *director) {
    unsigned usable = machine_usable_cpus();
    (void)printf(
        "%s: %u usable CPU%s do the work of %.2f (effective cores); the counting "
        "loop makes %.0f turns a millisecond\n",
        machine_cpu_model(), usable, usable > 1 ? "s" : "", director->effective_cores,
        director->turns_per_ms);
    (void)fflush(stdout);
}

static void make_folder(struct director *director) {
    time_t now = time(NULL);
    struct tm utc;
    (void)gmtime_r(&now, &utc);
    (void)strftime(director->started_at, sizeof director->started_at,
                   "%Y-%m-%dT%H:%M:%SZ", &utc);
    folder_make(director->plan.out, &utc, director->folder, sizeof director->folder);
    director->setting.folder = director->folder;
}

static int write_info(const struct director *director) {
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/run.json", director->folder);
    int error = files_write_json(path, director->info);
    if (error != 0)
        error_print("run: cannot write %s: %s", path, strerror(-error));
    return error;
}

/* Measuring */

static void start_upstream(struct director *director) {
    static char url[200];
    bool fetches = strstr(director->work_text, step_kind_name(STEP_FETCH)) != NULL;
    director->setting.upstream = director->plan.upstream;
    if (!fetches || director->plan.upstream != NULL)
        return;
    const char *options[] = {"--turns-per-ms", "1", NULL};
    char base[160], why[200];
    if (measure_start_server(&director->upstream, options, base, sizeof base, why,
                             sizeof why) != 0)
        error_exit("run: upstream: %s", why);
    (void)snprintf(url, sizeof url, "%sdelay/?ms=%u&bytes=1024", base,
                   (unsigned)(FETCH_NS / NS_PER_MS));
    director->setting.upstream = url;
}

static uint64_t expected_ns(const struct director *director, unsigned cell) {
    return director->took_ns[cell] > 0
               ? director->took_ns[cell]
               : plan_cell_bound_ns(&director->plan.cells[cell], alone_ns(director));
}

static int write_cell(const struct director *director, unsigned index, unsigned repeat,
                      const json_t *cell) {
    char path[4300];
    (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", director->folder,
                   director->plan.cells[index].parameters.name, repeat);
    return cell_write(path, cell);
}

/*
 * 0 or -EINTR; another failure is said, counted, and the run goes on. *cell is a new
 * reference, NULL when it was not measured.
 */
static int run_cell(struct director *director, unsigned index, unsigned repeat,
                    const struct yardstick *before, json_t **cell) {
    struct cell_plan *planned = &director->plan.cells[index];
    planned->parameters.work = director->work_text;
    progress_cell(repeat, director->plan.n_repeats, planned->parameters.label,
                  expected_ns(director, index));
    uint64_t began_ns = clock_now_ns();
    char why[200];
    int error = measure_cell(&director->setting, &planned->parameters, repeat, before,
                             cell, why, sizeof why);
    director->took_ns[index] = clock_now_ns() - began_ns;
    if (error == 0) {
        error = write_cell(director, index, repeat, *cell);
        (void)snprintf(why, sizeof why, "cannot write its file: %s", strerror(-error));
    }
    progress_cell_done();
    if (error == 0 || error == -EINTR)
        return error;
    progress_end();
    error_print("run: %s, repeat %u: %s", planned->parameters.label, repeat, why);
    director->n_failed++;
    return 0;
}

/* T and E of now. Errors as run_cell's. */
static int take_yardstick(struct director *director, unsigned repeat,
                          struct yardstick *yardstick) {
    char why[200];
    *yardstick = (struct yardstick){.t_us = NAN};
    yardstick->effective_cores = measure_cores(director, &yardstick->turns_per_ms);
    if (process_is_interrupted())
        return -EINTR;
    int error =
        measure_alone(&director->setting, director->plan.experiment->alone,
                      director->work_text, T_REQUESTS, &yardstick->t_us, why, sizeof why);
    if (error == 0 || error == -EINTR)
        return error;
    progress_end();
    error_print("run: one request alone, repeat %u: %s", repeat, why);
    director->n_failed++;
    return 0;
}

/*
 * Every cell once, T and E before and after. The cells' files are there as soon as they
 * are measured; what T and E came to afterwards is added when the repeat is over.
 */
static int run_repeat(struct director *director, unsigned repeat, const size_t *order) {
    struct yardstick before, after;
    json_t *cells[PLAN_MAX_CELLS] = {0};
    int error = take_yardstick(director, repeat, &before);
    if (error != 0 || isnan(before.t_us))
        return error;
    for (unsigned i = 0; error == 0 && i < director->plan.n_cells; i++)
        error = run_cell(director, (unsigned)order[i], repeat, &before, &cells[order[i]]);
    if (error == 0)
        error = take_yardstick(director, repeat, &after);
    for (unsigned i = 0; i < director->plan.n_cells; i++) {
        if (error == 0 && cells[i] != NULL) {
            cell_add_after(cells[i], &after);
            if (write_cell(director, i, repeat, cells[i]) != 0)
                director->n_failed++;
        }
        json_decref(cells[i]);
    }
    return error;
}

/* All repeats. 0 or -EINTR. */
static int measure_all(struct director *director) {
    const struct plan *plan = &director->plan;
    struct random random;
    size_t order[PLAN_MAX_CELLS];
    uint64_t one_ns = alone_ns(director), total_ns = plan_repeat_overhead_ns(one_ns);
    for (unsigned i = 0; i < plan->n_cells; i++) {
        order[i] = i;
        total_ns += plan_cell_bound_ns(&plan->cells[i], one_ns);
    }
    random_seed(&random, plan->seed);
    progress_begin(plan->n_cells * plan->n_repeats, total_ns * plan->n_repeats);
    int error = 0;
    for (unsigned repeat = 1; error == 0 && repeat <= plan->n_repeats; repeat++) {
        random_shuffle(&random, order, plan->n_cells);
        error = run_repeat(director, repeat, order);
    }
    progress_end();
    return error;
}

static void prepare(struct director *director, int argc, char **argv) {
    plan_read(&director->plan, argc, argv);
    if (director->plan.is_list) {
        plan_print_list(&director->plan);
        exit(EXIT_OK);
    }
    calibrate(director);
    if (director->plan.is_dry_run) {
        plan_print(&director->plan, alone_ns(director));
        exit(EXIT_OK);
    }
    make_folder(director);
    double turns_per_ms; /* the calibration's is of several trials, and better */
    director->effective_cores = measure_cores(director, &turns_per_ms);
    uint64_t load_ns = director->plan.users * alone_ns(director);
    director->setting.patience_ns = LEAST_PATIENCE_NS + 10 * load_ns;
    director->setting.tick = progress_tick;
    say_machine(director);
    const struct calibrated calibrated = {director->started_at, director->work_text,
                                          director->turns_per_ms,
                                          director->effective_cores};
    director->info = describe_run(&director->plan, &calibrated, argc, argv);
    if (director->info == NULL)
        error_exit("run: out of memory");
}

int run_main(int argc, char **argv) {
    struct director director = {0};
    prepare(&director, argc, argv);
    if (write_info(&director) != 0)
        return EXIT_USAGE;
    process_watch_interrupts();
    start_upstream(&director);
    bool is_interrupted = measure_all(&director) == -EINTR;
    process_kill(&director.upstream);
    if (is_interrupted)
        (void)fprintf(stderr, "juggle: interrupted; reporting what was measured\n");
    (void)json_object_set_new(director.info, "interrupted", json_boolean(is_interrupted));
    int error = write_info(&director);
    if (error == 0 && director.plan.out == NULL)
        folder_point_latest(director.folder);
    if (error == 0)
        error = report_build(director.folder, stdout);
    json_decref(director.info);
    if (is_interrupted)
        return EXIT_INTERRUPTED;
    return error != 0              ? EXIT_USAGE
           : director.n_failed > 0 ? EXIT_FAILED_REQUESTS
                                   : EXIT_OK;
}
