/* One server and one load generator at a time; see stage.h. */
#include "selftest/stage.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/stats/stats.h"

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

void stage_find(struct stage *stage, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(stage->found, sizeof stage->found, format, arguments);
    va_end(arguments);
}

bool stage_serve(struct stage *stage) {
    static const char *const options[] = {"--turns-per-ms", "1000000", NULL};
    return server_start_ours(&stage->server, options, NULL, stage->url, stage->found) ==
           0;
}

bool stage_start_load(struct stage *stage, const char *const *options, const char *path) {
    char url[sizeof stage->url + 80];
    struct arguments arguments = {0};
    arguments_add_pair(&arguments, "juggle", "load");
    for (; *options != NULL; options++)
        arguments_add(&arguments, *options);
    (void)snprintf(url, sizeof url, "%s%s", stage->url, path != NULL ? path : "");
    int error = generator_start(&stage->generator, NULL, stage->folder, "load",
                                &arguments, path != NULL ? url : NULL, 0, 0);
    if (error != 0)
        stage_find(stage, "the load generator could not be started: %s",
                   strerror(-error));
    return error == 0;
}

bool stage_finish_load(struct stage *stage) {
    struct generator *generator = &stage->generator;
    if (children_wait(&generator->process, clock_now_ns() + LOAD_LIMIT_NS, NULL, NULL) !=
        0) {
        stage_find(stage, "the load generator did not end in time");
        return false;
    }
    if (generator_take(generator, &stage->load, stage->found) != 0)
        return false;
    if (generator->process.status != 0)
        stage_find(stage, "%.0f requests failed",
                   fields_get_number(json_object_get(stage->load, "statistics"),
                                     "failed_transactions"));
    return generator->process.status == 0;
}

bool stage_measure(struct stage *stage, const char *const *options, const char *path) {
    return stage_serve(stage) && stage_start_load(stage, options, path) &&
           stage_finish_load(stage);
}

bool stage_column(struct stage *stage, const char *key, double **values,
                  size_t *n_values) {
    const json_t *requests = json_object_get(stage->load, "requests"), *request;
    size_t i, place = stage->columns[0] == NULL ? 0 : 1;
    assert(stage->columns[place] == NULL);
    *n_values = json_array_size(requests);
    *values = stage->columns[place] = calloc(*n_values + 1, sizeof **values);
    stage_find(stage, *values == NULL ? "out of memory" : "");
    if (*values == NULL)
        return false;
    json_array_foreach(requests, i, request) {
        (*values)[i] = fields_get_number(request, key);
    }
    stats_sort(*values, *n_values);
    return true;
}
