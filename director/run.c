/* `juggle run`: plan, calibrate, measure (repeats.c), report. */
#include "director/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/children.h"
#include "common/clock.h"
#include "common/counting.h"
#include "common/error.h"
#include "common/files.h"
#include "common/interrupts.h"
#include "common/machine.h"
#include "director/describe.h"
#include "director/folder.h"
#include "director/plan.h"
#include "director/progress.h"
#include "director/repeats.h"
#include "report/report.h"

enum { MOST_CALIBRATIONS = 8 };

static const uint64_t CALIBRATION_NS = 250 * NS_PER_MS;
static const uint64_t FETCH_NS = 100 * NS_PER_MS; /* our own upstream's delay */
static const uint64_t LEAST_PATIENCE_NS = 60 * NS_PER_S;

struct director {
    struct plan plan;
    struct repeats repeats;
    char folder[4096];
    char started_at[32];
    double effective_cores; /* at the start */
    struct child upstream;
    json_t *info; /* run.json */
};

/* Calibration and the machine */

static void calibrate(struct director *director) {
    struct repeats *repeats = &director->repeats;
    char why[200];
    repeats->plan = &director->plan;
    repeats->fetch_ns = FETCH_NS;
    repeats->turns_per_ms =
        counting_calibrate_until_agreed(CALIBRATION_NS, MOST_CALIBRATIONS);
    if (work_parse(director->plan.work_text, repeats->turns_per_ms, &repeats->work, why,
                   sizeof why) != 0)
        error_exit("run: --work: %s", why);
    (void)work_format(&repeats->work, repeats->work_text);
    repeats->setting.turns_per_ms = repeats->turns_per_ms;
}

static void say_machine(const struct director *director) {
    unsigned usable = machine_usable_cpus();
    (void)printf(
        "%s: %u usable CPU%s do the work of %.2f (effective cores); the counting "
        "loop makes %.0f turns a millisecond\n",
        machine_cpu_model(), usable, usable > 1 ? "s" : "", director->effective_cores,
        director->repeats.turns_per_ms);
    (void)fflush(stdout);
}

static void make_folder(struct director *director) {
    time_t now = time(NULL);
    struct tm utc;
    (void)gmtime_r(&now, &utc);
    (void)strftime(director->started_at, sizeof director->started_at,
                   "%Y-%m-%dT%H:%M:%SZ", &utc);
    folder_make(director->plan.out, &utc, director->folder, sizeof director->folder);
    director->repeats.setting.folder = director->folder;
}

static int write_info(const struct director *director) {
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/run.json", director->folder);
    int error = files_write_json(path, director->info);
    if (error != 0)
        error_print("run: cannot write %s: %s", path, strerror(-error));
    return error;
}

static void start_upstream(struct director *director) {
    static char url[200];
    bool fetches =
        strstr(director->repeats.work_text, step_kind_name(STEP_FETCH)) != NULL;
    director->repeats.setting.upstream = director->plan.upstream;
    if (!fetches || director->plan.upstream != NULL)
        return;
    const char *options[] = {"--turns-per-ms", "1", NULL};
    char base[160], why[200];
    int error = measure_start_server(&director->upstream, options, base, sizeof base, why,
                                     sizeof why);
    if (error == -EINTR)
        return;
    if (error != 0)
        error_exit("run: upstream: %s", why);
    (void)snprintf(url, sizeof url, "%sdelay/?ms=%u&bytes=1024", base,
                   (unsigned)(FETCH_NS / NS_PER_MS));
    director->repeats.setting.upstream = url;
}

static void prepare(struct director *director, int argc, char **argv) {
    plan_read(&director->plan, argc, argv);
    if (director->plan.is_list) {
        plan_print_list(&director->plan);
        exit(EXIT_OK);
    }
    calibrate(director);
    if (director->plan.is_dry_run) {
        plan_print(&director->plan, repeats_alone_ns(&director->repeats));
        exit(EXIT_OK);
    }
    if (interrupts_heed() != 0)
        error_exit("run: %s", strerror(errno));
    make_folder(director);
    double turns_per_ms; /* the calibration's is of several trials, and better */
    director->effective_cores = repeats_measure_cores(&director->repeats, &turns_per_ms);
    uint64_t n_jobs = 10 * (uint64_t)director->plan.users;
    director->repeats.setting.patience_ns =
        LEAST_PATIENCE_NS + plan_times_ns(n_jobs, repeats_alone_ns(&director->repeats));
    director->repeats.setting.tick = progress_tick;
    say_machine(director);
    const struct calibrated calibrated = {
        director->started_at, director->repeats.work_text, director->repeats.turns_per_ms,
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
    struct machine_ticks before = machine_read_ticks();
    start_upstream(&director);
    struct repeats *repeats = &director.repeats;
    repeats_measure(repeats);
    children_kill(&director.upstream);
    int signal_number = interrupts_came();
    bool is_interrupted = signal_number != 0;
    (void)json_object_set_new(director.info, "interrupted", json_boolean(is_interrupted));
    (void)json_object_set_new(director.info, "repeats_done",
                              json_integer((json_int_t)repeats->n_done));
    (void)json_object_set_new(director.info, "stopped_by",
                              json_string(repeats->stopped_by));
    double stolen_share = machine_stolen_share(&before);
    (void)json_object_set_new(director.info, "stolen_share",
                              isnan(stolen_share) ? json_null()
                                                  : json_real(stolen_share));
    int error = write_info(&director);
    if (error == 0 && director.plan.out == NULL)
        folder_point_latest(director.folder);
    interrupts_forget(); /* the next one is for the report */
    if (error == 0)
        error = report_build(director.folder, stdout);
    json_decref(director.info);
    signal_number = is_interrupted ? signal_number : interrupts_came();
    if (signal_number != 0)
        return EXIT_SIGNALLED + signal_number;
    return error != 0              ? EXIT_USAGE
           : repeats->n_failed > 0 ? EXIT_FAILED_REQUESTS
                                   : EXIT_OK;
}
