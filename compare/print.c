/* The order of tables in every form; see print.h. */
#include "compare/print.h"

#include <string.h>

static const char *experiment_of(const struct comparison *comparison, size_t cell) {
    return comparison->cells[cell].a->parameters->experiment;
}

static bool is_first(const struct comparison *comparison, size_t cell) {
    for (size_t i = 0; i < cell; i++)
        if (strcmp(experiment_of(comparison, i), experiment_of(comparison, cell)) == 0)
            return false;
    return true;
}

size_t print_next_experiment(const struct comparison *comparison, size_t from) {
    while (from < comparison->n_cells && !is_first(comparison, from))
        from++;
    return from;
}

size_t print_next_cell(const struct comparison *comparison, size_t cell) {
    const char *experiment = experiment_of(comparison, cell);
    do
        cell++;
    while (cell < comparison->n_cells &&
           strcmp(experiment_of(comparison, cell), experiment) != 0);
    return cell;
}
