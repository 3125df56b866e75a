/* Cells as points of a grid; see grid.h. */
#include "measured/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"

/* Whether a parameter is a size: a count that says how it is served, not what is asked.
 */
static bool is_size(const struct parameter *parameter) {
    return parameter->type == &field_unsigned && !parameter_is_place(parameter);
}

static bool is_like(const struct cell_parameters *left,
                    const struct cell_parameters *right) {
    char a[PARAMETER_BYTES], b[PARAMETER_BYTES];
    bool is = strcmp(left->experiment, right->experiment) == 0 &&
              strcmp(left->contestant, right->contestant) == 0;
    for (const struct parameter *row = parameter_rows; is && row->key != NULL; row++)
        is = is_size(row) ||
             strcmp(parameter_text(left, row, a), parameter_text(right, row, b)) == 0;
    return is;
}

/* The value of a cell along an axis; "" where it has none. Returns text. */
static char *value_of(const struct cell_parameters *cell, const struct grid_axis *axis,
                      char text[PARAMETER_BYTES]) {
    size_t n = strlen(axis->name);
    text[0] = '\0';
    if (axis->parameter != NULL) {
        (void)parameter_text(cell, axis->parameter, text);
        return text;
    }
    for (const char *word = cell->set; *word != '\0';) {
        size_t length = strcspn(word, ",");
        if (strncmp(word, axis->name, n) == 0 && word[n] == '=')
            (void)snprintf(text, PARAMETER_BYTES, "%.*s", (int)(length - n - 1),
                           word + n + 1);
        word += length + (word[length] != '\0');
    }
    return text;
}

static unsigned place_of(const struct grid_axis *axis, const char *value) {
    unsigned at = 0;
    while (at < axis->n_values && strcmp(axis->values[at], value) != 0)
        at++;
    return at;
}

/* The values of an axis, once each, by their numbers where all have one. */
static void gather(const struct cell_parameters *const *cells, const struct grid *grid,
                   struct grid_axis *axis) {
    char text[PARAMETER_BYTES];
    bool are_numbers = true;
    axis->n_values = 0;
    for (size_t i = 0; i < grid->n_points && axis->n_values < GRID_MOST_VALUES; i++) {
        char *end, *own = axis->values[axis->n_values];
        (void)snprintf(own, sizeof axis->values[0], "%.31s",
                       value_of(cells[grid->points[i].cell], axis, text));
        if (place_of(axis, own) < axis->n_values)
            continue;
        double number = strtod(own, &end);
        bool is_number = end != own && *end == '\0' && isfinite(number);
        are_numbers &= is_number;
        axis->numbers[axis->n_values++] = is_number ? number : NAN;
    }
    for (size_t i = 1; are_numbers && i < axis->n_values; i++)
        for (size_t k = i; k > 0 && axis->numbers[k] < axis->numbers[k - 1]; k--) {
            double number = axis->numbers[k];
            axis->numbers[k] = axis->numbers[k - 1];
            axis->numbers[k - 1] = number;
            memcpy(text, axis->values[k], sizeof axis->values[k]);
            memcpy(axis->values[k], axis->values[k - 1], sizeof axis->values[k]);
            memcpy(axis->values[k - 1], text, sizeof axis->values[k]);
        }
}

static void add_axis(const struct cell_parameters *const *cells,
                     const struct parameter *parameter, const char *name,
                     size_t name_bytes, struct grid *grid) {
    if (grid->n_axes == GRID_MOST_AXES)
        return;
    struct grid_axis *axis = &grid->axes[grid->n_axes];
    axis->parameter = parameter;
    (void)snprintf(axis->name, sizeof axis->name, "%.*s", (int)name_bytes, name);
    gather(cells, grid, axis);
    grid->n_axes += axis->n_values > 1;
}

void grid_make(const struct cell_parameters *const *cells, size_t n, size_t first,
               struct grid *grid) {
    static const char *const usual[] = {"processes", "workers", "threads"}; /* in words */
    enum { N_USUAL = sizeof usual / sizeof *usual };
    char text[PARAMETER_BYTES];
    grid->n_axes = grid->n_points = 0;
    for (size_t i = 0; i < n && grid->n_points < GRID_MOST_POINTS; i++)
        if (is_like(cells[first], cells[i]))
            grid->points[grid->n_points++] = (struct grid_point){.cell = i};
    for (size_t i = 0; i < N_USUAL; i++)
        add_axis(cells, parameter_find(usual[i]), usual[i], strlen(usual[i]), grid);
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++) {
        size_t i = 0;
        while (i < N_USUAL && strcmp(row->key, usual[i]) != 0)
            i++;
        if (is_size(row) && i == N_USUAL)
            add_axis(cells, row, row->option, strlen(row->option), grid);
    }
    for (const char *word = cells[first]->set; *word != '\0';) {
        size_t length = strcspn(word, ",");
        add_axis(cells, NULL, word, strcspn(word, "="), grid);
        word += length + (word[length] != '\0');
    }
    size_t n_alike = grid->n_points;
    grid->n_points = 0;
    for (size_t i = 0; i < n_alike; i++) {
        struct grid_point point = {.cell = grid->points[i].cell};
        for (size_t k = 0; k < grid->n_axes; k++)
            point.at[k] = place_of(&grid->axes[k],
                                   value_of(cells[point.cell], &grid->axes[k], text));
        if (grid_at(grid, point.at) == NULL)
            grid->points[grid->n_points++] = point;
    }
}

const struct grid_point *grid_of_cell(const struct grid *grid, size_t cell) {
    for (size_t i = 0; i < grid->n_points; i++)
        if (grid->points[i].cell == cell)
            return &grid->points[i];
    return NULL;
}

const struct grid_point *grid_at(const struct grid *grid,
                                 const unsigned at[GRID_MOST_AXES]) {
    for (size_t i = 0; i < grid->n_points; i++)
        if (memcmp(grid->points[i].at, at, grid->n_axes * sizeof *at) == 0)
            return &grid->points[i];
    return NULL;
}

unsigned grid_distance(const struct grid *grid, const struct grid_point *left,
                       const struct grid_point *right) {
    unsigned most = 0;
    for (size_t i = 0; i < grid->n_axes; i++) {
        unsigned a = left->at[i], b = right->at[i], own = a > b ? a - b : b - a;
        most = own > most ? own : most;
    }
    return most;
}

bool grid_is_coarse(const struct grid *grid, const struct grid_point *point) {
    bool is_corner = true, is_middle = true;
    for (size_t i = 0; i < grid->n_axes; i++) {
        is_corner &= point->at[i] == 0 || point->at[i] + 1 == grid->axes[i].n_values;
        is_middle &= point->at[i] == grid->axes[i].n_values / 2;
    }
    return is_corner || is_middle;
}

char *grid_phrase(const struct grid_axis *axis, unsigned at, char *text,
                  size_t text_bytes) {
    if (axis->parameter != NULL)
        return parameter_phrase(axis->parameter, axis->values[at], text, text_bytes);
    (void)snprintf(text, text_bytes, "%s %s", axis->name, axis->values[at]);
    return text;
}

char *grid_words(const struct grid *grid, const struct grid_point *point, char *text,
                 size_t text_bytes) {
    char phrase[PARAMETER_BYTES];
    text[0] = '\0';
    for (size_t i = 0; i < grid->n_axes; i++)
        text_append(text, text_bytes, "%s%s",
                    i == 0   ? ""
                    : i == 1 ? " with "
                             : " and ",
                    grid_phrase(&grid->axes[i], point->at[i], phrase, sizeof phrase));
    return text;
}
