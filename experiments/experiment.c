/* Looking experiments up; see experiment.h. */
#include "experiments/experiment.h"

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
