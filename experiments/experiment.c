/* Looking experiments up; see experiment.h. */
#include "experiments/experiment.h"

#include <stdio.h>
#include <string.h>

#define ROW(name, label, strategy, settings, model, hues)                                \
    { name, label, strategy, settings, model, {0, 0, 0}, hues }
const struct contestant contestants_of_strategies[] = {
    ROW("blocking", "blocking", "blocking", "", &model_in_turn, HUES_OF_LOOP),
    ROW("async", "async", "async", "", &model_in_turn, HUES_OF_LOOP),
    ROW("threading-gil", "threading (GIL)", "threading", "gil=yes", &model_interleaved,
        HUES_OF_THREADS),
    ROW("threading", "threading", "threading", "", &model_shared, HUES_OF_THREADS),
    ROW("threadpool", "threadpool", "threadpool", "", &model_steps, HUES_OF_THREADS),
    ROW("forking", "forking", "forking", "", &model_shared, HUES_OF_PROCESSES),
    ROW("processing", "processing", "processing", "", &model_steps, HUES_OF_PROCESSES),
    {0},
};
#undef ROW

/* What serves a request; of a pool, one of its workers and several. */
static const struct {
    const char *strategy, *words;
    const char *worker, *workers, *sized_by; /* NULL: it is no pool */
} glosses[] = {
    {"blocking", "one job at a time", NULL, NULL, NULL},
    {"async", "one event loop", NULL, NULL, NULL},
    {"threading", "a thread each", NULL, NULL, NULL},
    {"threadpool", "a pool of", "thread", "threads", "--threads"},
    {"forking", "a process each", NULL, NULL, NULL},
    {"processing", "a pool of", "process", "processes", "--workers"},
};

bool experiment_heeds(const char *strategy, const char *option, bool are_threads_given) {
    bool is_threads = strcmp(option, "threads") == 0;
    for (size_t i = 0; i < sizeof glosses / sizeof *glosses; i++)
        if (strcmp(glosses[i].strategy, strategy) == 0 &&
            (is_threads || strcmp(option, "workers") == 0)) {
            const char *sized_by = glosses[i].sized_by;
            bool has_threads = sized_by != NULL && strcmp(sized_by, "--threads") == 0;
            return sized_by != NULL &&
                   has_threads == (is_threads || (has_threads && !are_threads_given));
        }
    return true;
}

/* Servers on one port: "a GIL each, one queue of users", and with how many there are
 * where the name is that of the strategy. */
static struct gloss gloss_of_servers(const struct cell_parameters *who) {
    struct gloss gloss;
    char count[32] = "";
    bool is_shared = strcmp(who->accept, "reuseport") != 0;
    if (strcmp(who->contestant, who->strategy) == 0)
        (void)snprintf(count, sizeof count, "%u servers, ", who->processes);
    (void)snprintf(gloss.words, sizeof gloss.words, "%s%s%s", count,
                   who->gil ? "a GIL each, " : "",
                   is_shared ? "one queue of users" : "a queue of users each");
    (void)snprintf(gloss.typed, sizeof gloss.typed, "--processes %u --accept %s",
                   who->processes, is_shared ? "shared" : "reuseport");
    return gloss;
}

struct gloss experiment_gloss(const struct cell_parameters *who) {
    struct gloss gloss = {"", ""};
    char count[16] = "", size[48] = "", varied[32];
    const char *words = who->contestant_label, *workers = NULL;
    if (parameters_are_external(who)) {
        (void)snprintf(gloss.words, sizeof gloss.words, "%s", who->contestant_label);
        return gloss;
    }
    if (who->processes > 1)
        return gloss_of_servers(who);
    for (size_t i = 0; i < sizeof glosses / sizeof *glosses; i++) {
        if (strcmp(glosses[i].strategy, who->strategy) != 0)
            continue;
        bool are_threads = strcmp(who->strategy, "threadpool") == 0 && who->threads > 0;
        unsigned n_workers = parameters_pool_size(who);
        words = glosses[i].words;
        workers = n_workers == 1 ? glosses[i].worker : glosses[i].workers;
        if (n_workers > 0)
            (void)snprintf(count, sizeof count, " %u", n_workers);
        /* It stands beside pools of other sizes. */
        (void)snprintf(varied, sizeof varied, ",%s %s", count,
                       are_threads ? "thread" : "worker");
        if (workers != NULL && (strcmp(who->contestant, who->strategy) != 0 ||
                                strstr(who->label, varied) != NULL))
            (void)snprintf(size, sizeof size, " %s%s", glosses[i].sized_by, count);
    }
    if (who->gil && strcmp(who->strategy, "threading") == 0)
        words = "threads take turns";
    (void)snprintf(gloss.words, sizeof gloss.words, "%s%s%s%s", words,
                   workers != NULL ? count : "", workers != NULL ? " " : "",
                   workers != NULL ? workers : "");
    (void)snprintf(gloss.typed, sizeof gloss.typed, "%s%s%s", who->strategy,
                   who->gil ? " --gil" : "", size);
    return gloss;
}

double cpus_allowed(const struct cell *cell) {
    double allowance = cell->window.allowance;
    return isfinite(allowance) ? allowance : cell->parameters.workers;
}

double available_share(const struct cell *cell) {
    return metric_cpus_available(cell) / cpus_allowed(cell);
}

const struct experiment *experiment_find(const char *name) {
    const struct experiment_entry *entry = experiments;
    while (entry->name != NULL && strcmp(entry->name, name) != 0)
        entry++;
    return entry->experiment;
}

const struct contestant *experiment_contestant(const struct experiment *experiment,
                                               const char *name) {
    const struct contestant *row = experiment->contestants;
    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    return row->name != NULL ? row : NULL;
}
