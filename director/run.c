/* `juggle run`: plan, calibrate, measure (repeats.c), report. */
#include "director/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/base/foreign.h"
#include "common/base/units.h"
#include "common/children/census.h"
#include "common/children/interrupts.h"
#include "director/folder.h"
#include "director/info.h"
#include "director/length.h"
#include "director/plan/read.h"
#include "director/progress.h"
#include "director/repeats.h"
#include "director/show.h"
#include "report/report.h"

struct director {
    struct plan plan;
    struct repeats repeats;
    char folder[4096];
    char started_at[32];
    uint64_t began_ns;
    struct server upstream;
    json_t *info;           /* run.json */
    struct resumed resumed; /* of a run that goes on */
};

/* Calibration and the machine */

/* Turns of a millisecond here. How long a dry run's cells take depends on them only where
 * turns were asked for. */
static double find_turns_per_ms(struct director *director) {
    struct plan *plan = &director->plan;
    bool is_needed = !plan->is_dry_run;
    for (unsigned i = 0; i < plan->n_cells; i++)
        is_needed |= strstr(plan->cells[i].asked, "turns") != NULL;
    if (plan->resume != NULL)
        return director->resumed.turns_per_ms;
    return is_needed ? remote_calibrate(plan_hosts(plan).server) : 1e6;
}

static void calibrate(struct director *director) {
    struct repeats *repeats = &director->repeats;
    char why[WHY_BYTES];
    repeats->plan = repeats->works.plan = &director->plan;
    repeats->works.setting = &repeats->setting;
    repeats->machine = (struct machine_state){NAN, NAN, NAN};
    repeats->left_out = json_array();
    repeats->failures = json_array();
    repeats->notes = json_array();
    repeats->setting.contestants = &director->plan.contestants;
    repeats->setting.hosts = plan_hosts(&director->plan);
    if (director->plan.resume == NULL)
        repeats->setting.began_ns = director->began_ns;
    repeats->setting.loaded_ns = &repeats->loaded_ns;
    repeats->setting.steps = &director->plan.steps;
    if (works_set_turns(&repeats->works, find_turns_per_ms(director), why) != 0)
        error_exit("run: --work: %s", why);
}

static void say_machine(const struct director *director) {
    const struct machine_state *machine = &director->repeats.machine;
    double t_alone_us =
        director->repeats.works.n > 0 ? director->repeats.works.all[0].t_alone_us : NAN;
    const struct far_hosts *hosts = &director->repeats.setting.hosts;
    unsigned usable = remote_usable_cpus(hosts->server);
    json_t *facts = remote_describe(hosts->server);
    char model[160];
    char cores[80] = "", took[32], alone[80] = "";
    if (isfinite(machine->cores))
        (void)snprintf(cores, sizeof cores, ", worth %.2f effective cores",
                       machine->cores);
    if (isfinite(t_alone_us))
        (void)snprintf(alone, sizeof alone, "; a job alone takes %s",
                       units_format_duration((uint64_t)(t_alone_us * 1e3), took));
    progress_end();
    if (hosts->server != NULL)
        (void)printf("server on %s: ", hosts->server->host);
    (void)printf(
        "%s, %u CPU%s%s\n",
        foreign_show(fields_get_text(facts, "cpu_model", "unknown"), model, sizeof model),
        usable, usable > 1 ? "s" : "", cores);
    if (hosts->from != NULL)
        (void)printf("load from %s\n", hosts->from->host);
    json_decref(facts);
    if (director->repeats.works.n > 0)
        (void)printf("asked for %s%s\n", director->repeats.works.all[0].asked, alone);
    show_order(&director->plan);
    (void)fflush(stdout);
}

static void make_folder(struct director *director) {
    time_t now = time(NULL);
    director->repeats.setting.folder = director->folder;
    if (director->plan.resume != NULL)
        return; /* it is there, and held */
    struct tm utc;
    (void)gmtime_r(&now, &utc);
    (void)strftime(director->started_at, sizeof director->started_at,
                   "%Y-%m-%dT%H:%M:%SZ", &utc);
    folder_make(director->plan.out, &utc, director->folder, sizeof director->folder);
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
    struct plan *plan = &director->plan;
    bool fetches = false;
    for (unsigned i = 0; i < plan->n_cells; i++)
        fetches |= strstr(plan->cells[i].asked, "fetch") != NULL;
    director->repeats.setting.upstream = plan->upstream;
    if (!fetches || plan->upstream != NULL)
        return;
    const char *options[] = {"--turns-per-ms", "1", "--max-work", "24h", NULL};
    char why[WHY_BYTES];
    int error =
        server_start_upstream(&director->upstream, plan_hosts(plan).server, options, why);
    if (error == -EINTR)
        return;
    if (error != 0)
        error_exit("run: upstream: %s", why);
    (void)snprintf(url, sizeof url, "%.100sdelay/?ms={ms}&bytes=1024",
                   director->upstream.idle_url);
    director->repeats.setting.upstream = url;
}

/* Goes on where a run was cut: its plan, its turns, its passes, and its time axis. */
static void resume(struct director *director) {
    struct plan *plan = &director->plan;
    struct resumed *resumed = &director->resumed;
    struct tm began = {0};
    folder_reopen(plan->resume, director->folder, sizeof director->folder);
    info_resume(plan, director->folder, plan->is_anyway, resumed);
    director->info = resumed->info;
    (void)snprintf(director->started_at, sizeof director->started_at, "%s",
                   resumed->started_at);
    if (strptime(resumed->started_at, "%Y-%m-%dT%H:%M:%SZ", &began) == NULL)
        return;
    double ago_s = difftime(time(NULL), timegm(&began));
    director->repeats.setting.began_ns =
        director->began_ns - (uint64_t)(fmax(0, ago_s) * (double)NS_PER_S);
}

static void prepare(struct director *director, int argc, char **argv) {
    plan_read(&director->plan, argc, argv);
    if (director->plan.is_list) {
        show_list(&director->plan);
        exit(EXIT_OK);
    }
    if (director->plan.resume != NULL)
        resume(director);
    if (!director->plan.is_dry_run) {
        progress_open(!director->plan.is_plain, director->began_ns,
                      (double)director->plan.budget_ns / (double)NS_PER_S);
        progress_doing("calibrating");
    }
    calibrate(director);
    if (director->plan.is_dry_run) {
        remote_close(&director->plan.server_host);
        remote_close(&director->plan.from);
        show_plan(&director->plan);
        exit(EXIT_OK);
    }
    if (director->plan.resume == NULL)
        length_check_budget(&director->plan);
    if (interrupts_heed() != 0)
        error_exit("run: %s", strerror(errno));
    make_folder(director);
    progress_doing("measuring the CPUs");
    bool computes = false; /* what only waits is as fast on any of them */
    for (unsigned i = 0; i < director->plan.n_cells; i++)
        computes |= director->plan.cells[i].cpu_ns > 0 ||
                    parameters_are_external(&director->plan.cells[i].parameters);
    repeats_measure_cores(&director->repeats, computes ? 3 : 1);
}

/* What is known of the run so far, written anew. 0 or -errno, said. */
static int describe(struct director *director, int argc, char **argv) {
    const struct calibrated calibrated = {
        director->started_at, director->repeats.setting.turns_per_ms,
        director->repeats.machine.cores,
        director->repeats.works.n > 0 ? director->repeats.works.all[0].t_alone_us : NAN};
    if (director->plan.resume != NULL) /* all was settled when it began */
        return write_info(director);
    json_decref(director->info);
    director->info = info_describe(&director->plan, &calibrated, argc, argv);
    if (director->info == NULL)
        error_exit("run: out of memory");
    return write_info(director);
}

/* Of the servers' host. */
static struct machine_ticks read_ticks(const struct director *director) {
    return remote_look(director->repeats.setting.hosts.server, NULL, NULL, 0, CENSUS_OURS,
                       0, false)
        .ticks;
}

/* What became of it. */
static void add_outcome(struct director *director, const struct machine_ticks *before) {
    const struct repeats *repeats = &director->repeats;
    struct machine_ticks now = read_ticks(director);
    (void)json_object_update_new(
        director->info,
        json_pack("{s:b, s:i, s:O, s:O, s:O, s:s, s:I, s:f, s:o}", "interrupted",
                  interrupts_came() != 0, "repeats_done", (int)repeats->n_ended,
                  "failures", repeats->failures, "notes", repeats->notes,
                  "experiments_left_out", repeats->left_out, "stopped_by",
                  repeats->stopped_by, "director_peak_rss_bytes",
                  (json_int_t)census_own_peak_bytes(), "loaded_s",
                  (double)repeats->loaded_ns / 1e9, "stolen_share",
                  fields_number(machine_stolen_share(before, &now))));
}

/* The report; what it prints is kept back while the line is drawn, and ends with its
 * path. */
static int draw(const struct director *director) {
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *kept = open_memstream(&text, &n_bytes);
    progress_doing("drawing");
    int error = report_build(director->folder, kept != NULL ? kept : stdout);
    progress_end();
    double all_s = (double)(clock_now_ns() - director->began_ns) / 1e9;
    (void)printf("%.1f s in all, %.0f %% of them measuring\n", all_s,
                 (double)director->repeats.loaded_ns / 1e7 / all_s);
    if (kept != NULL && fclose(kept) == 0)
        (void)fputs(text, stdout);
    free(text);
    return error;
}

int run_main(int argc, char **argv) {
    struct director director = {.began_ns = clock_now_ns()};
    struct repeats *repeats = &director.repeats;
    char why[WHY_BYTES];
    prepare(&director, argc, argv);
    if (describe(&director, argc, argv) != 0)
        return EXIT_USAGE;
    struct machine_ticks before = read_ticks(&director);
    start_upstream(&director);
    int error = repeats_time_alone(repeats, why);
    if (error != 0 && error != -EINTR)
        error_exit("run: %s", why);
    if (director.plan.budget_ns > 0)
        repeats->deadline_ns = director.began_ns + director.plan.budget_ns;
    say_machine(&director);
    if (describe(&director, argc, argv) != 0)
        return EXIT_USAGE;
    repeats_measure(repeats);
    works_stop(&repeats->works);
    server_kill(&director.upstream);
    add_outcome(&director, &before);
    remote_close(&director.plan.server_host);
    remote_close(&director.plan.from);
    int signal_number = interrupts_came();
    bool is_interrupted = signal_number != 0;
    error = write_info(&director);
    if (error == 0 && director.plan.out == NULL && director.plan.resume == NULL)
        folder_point_latest(director.folder);
    interrupts_forget(); /* the next one is for the report */
    if (error == 0)
        error = draw(&director);
    json_decref(director.info);
    json_decref(repeats->failures);
    json_decref(repeats->left_out);
    json_decref(repeats->notes);
    json_decref(director.plan.texts);
    signal_number = is_interrupted ? signal_number : interrupts_came();
    if (signal_number != 0)
        return EXIT_SIGNALLED + signal_number;
    return error != 0              ? EXIT_USAGE
           : repeats->n_failed > 0 ? EXIT_FAILED_REQUESTS
                                   : EXIT_OK;
}
