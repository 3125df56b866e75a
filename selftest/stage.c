/* One server and one load generator at a time; see stage.h. */
#include "selftest/stage.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/stats/stats.h"
#include "director/measure.h"

static const uint64_t LOAD_LIMIT_NS = 120 * NS_PER_S;

void stage_open(struct stage *stage) {
    const char *parent = getenv("TMPDIR");
    *stage = (struct stage){0};
    (void)snprintf(stage->folder, sizeof stage->folder, "%s/juggle-selftest-XXXXXX",
                   parent != NULL && parent[0] != '\0' ? parent : "/tmp");
    if (mkdtemp(stage->folder) == NULL)
        error_exit("selftest: cannot make '%s': %s; set TMPDIR to a folder that may be "
                   "written",
                   stage->folder, strerror(errno));
}

void stage_clear(struct stage *stage) {
    children_kill(&stage->generator.process);
    children_kill(&stage->server); /* frozen or not */
    generator_remove_files(&stage->generator);
    stage->generator.file[0] = '\0';
    for (size_t i = 0; i < STAGE_COLUMNS; i++) {
        free(stage->columns[i]);
        stage->columns[i] = NULL;
    }
    json_decref(stage->load);
    stage->load = NULL;
}

void stage_close(struct stage *stage) {
    stage_clear(stage);
    if (rmdir(stage->folder) != 0)
        error_print("selftest: cannot remove '%s': %s; remove it by hand", stage->folder,
                    strerror(errno));
}

int stage_serve(struct stage *stage) {
    static const char *const options[] = {"--turns-per-ms", "1000000", NULL};
    return measure_start_server(&stage->server, options, stage->url, sizeof stage->url,
                                stage->why, sizeof stage->why);
}

int stage_start_load(struct stage *stage, const char *const *options, const char *path) {
    char url[sizeof stage->url + 80];
    struct arguments arguments = {0};
    arguments_add_pair(&arguments, "juggle", "load");
    for (; *options != NULL; options++)
        arguments_add(&arguments, *options);
    (void)snprintf(url, sizeof url, "%s%s", stage->url, path != NULL ? path : "");
    int error = generator_start(&stage->generator, stage->folder, "load", &arguments,
                                path != NULL ? url : NULL, 0, 0);
    if (error != 0)
        (void)snprintf(stage->why, sizeof stage->why,
                       "the load generator could not be started: %s", strerror(-error));
    return error;
}

int stage_finish_load(struct stage *stage) {
    struct generator *generator = &stage->generator;
    int error =
        children_wait(&generator->process, clock_now_ns() + LOAD_LIMIT_NS, NULL, NULL);
    if (error != 0) {
        (void)snprintf(stage->why, sizeof stage->why,
                       "the load generator did not end in time");
        return error;
    }
    error = generator_take(generator, &stage->load, stage->why, sizeof stage->why);
    if (error != 0 || generator->process.status == 0)
        return error;
    const json_t *statistics = json_object_get(stage->load, "statistics");
    (void)snprintf(stage->why, sizeof stage->why, "%.0f requests failed",
                   fields_get_number(statistics, "failed_transactions"));
    return -EPROTO;
}

int stage_measure(struct stage *stage, const char *const *options, const char *path) {
    int error = stage_serve(stage);
    if (error == 0)
        error = stage_start_load(stage, options, path);
    return error == 0 ? stage_finish_load(stage) : error;
}

double *stage_column(struct stage *stage, const char *key, size_t *n_values) {
    const json_t *requests = json_object_get(stage->load, "requests"), *request;
    size_t i, place = stage->columns[0] == NULL ? 0 : 1;
    *n_values = json_array_size(requests);
    double *values = calloc(*n_values + 1, sizeof *values);
    assert(stage->columns[place] == NULL);
    stage->columns[place] = values;
    if (values == NULL)
        return NULL;
    json_array_foreach(requests, i, request) {
        values[i] = fields_get_number(request, key);
    }
    stats_sort(values, *n_values);
    return values;
}
