/* Looking experiments up; see experiment.h. */
#include "experiments/experiment.h"

#include <string.h>

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
