/* Contestants times values; see matrix.h. */
#include "director/plan/matrix.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/options.h"
#include "common/base/secrets.h"
#include "common/base/text.h"
#include "common/base/units.h"

enum { SPARE_DESCRIPTORS = 200, MAX_PARAMETERS = 32, ALL_UP_TO = 8 };

/* Of a schedule whose time nobody said: of as many that come at random, fewer than the
 * ten that a median takes come once in two hundred times. */
static const double LEAST_ARRIVALS = 20;

/* What is being made. */
struct matrix {
    const char *name;
    const struct experiment *experiment;
    const struct matrix_setting *setting;
    json_t *texts; /* of the setting */
    struct cell_plan *cells;
    size_t n_cells, max_cells;
    bool is_time_given; /* by the command line, of the contestant */
    char *why;          /* WHY_BYTES */
};

const char *matrix_keep(json_t *texts, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    json_t *kept = json_vsprintf(format, arguments);
    va_end(arguments);
    (void)json_array_append_new(texts, kept);
    return kept != NULL ? json_string_value(kept) : "";
}

/* Reads words KEY=VALUE into `lists`, the values of each parameter, over what is there.
 * 0 or -EINVAL. */
static int add_settings(struct matrix *matrix, const char *text, const char **lists) {
    while (*(text += strspn(text, " ")) != '\0') {
        char word[MATRIX_MAX_VALUE_BYTES];
        size_t length = strcspn(text, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)length, text);
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = '\0';
        const struct parameter *parameter = parameter_find(word);
        if (length >= sizeof word || value == NULL || parameter == NULL)
            return error_say(matrix->why, -EINVAL, "%s: '%.*s' is no setting KEY=VALUE",
                             matrix->name, (int)(length < 80 ? length : 80), text);
        lists[parameter - parameter_rows] = matrix_keep(matrix->texts, "%s", value);
        if (strcmp(parameter->key, "rounds") == 0) /* said later, they win over a time */
            lists[parameter_find("duration_s") - parameter_rows] = NULL;
        text += length;
    }
    return 0;
}

/* One value of a list, its words for the machine's numbers put in. */
static const char *put_in_numbers(const struct matrix *matrix, const char *value) {
    unsigned n_cpus = matrix->setting->usable_cpus, n;
    size_t n_digits = strspn(value, "0123456789");
    if (strcmp(value + n_digits, "CPUS") == 0)
        n = n_cpus * (n_digits > 0 && n_digits < 4 ? (unsigned)atoi(value) : 1);
    else if (strcmp(value, "SERVERS") == 0)
        n = n_cpus > 2 ? n_cpus : 2;
    else if (strcmp(value, "EXECUTOR") == 0)
        n = n_cpus + 4 < 32 ? n_cpus + 4 : 32;
    else if (strcmp(value, "USERS") == 0)
        n = 2 * n_cpus > 10 ? 2 * n_cpus : 10;
    else
        return value;
    return matrix_keep(matrix->texts, "%u", n);
}

/* "1..64": all up to eight values, else doubling and with the last. */
static size_t expand_range(struct matrix *matrix, const char *from, const char *to,
                           const char **values) {
    uint64_t low, high;
    if (units_parse_count(put_in_numbers(matrix, from), &low) != 0 ||
        units_parse_count(put_in_numbers(matrix, to), &high) != 0 || low == 0 ||
        high < low || high > 1000000)
        return 0;
    size_t n = 0;
    bool is_short = high - low < ALL_UP_TO;
    for (uint64_t value = low; value < high; value = is_short ? value + 1 : 2 * value)
        values[n++] = matrix_keep(matrix->texts, "%llu", (unsigned long long)value);
    values[n++] = matrix_keep(matrix->texts, "%llu", (unsigned long long)high);
    return n;
}

/* The values of a list such as "1,2,CPUS" or "1..64"; 0: it is none. */
static size_t expand_list(struct matrix *matrix, const char *list, const char **values) {
    char copy[MATRIX_MAX_VALUE_BYTES], *rest = NULL;
    size_t n = 0;
    (void)snprintf(copy, sizeof copy, "%s", list);
    for (char *value = strtok_r(copy, ",", &rest); value != NULL;
         value = strtok_r(NULL, ",", &rest)) {
        const char *range[MATRIX_MAX_VALUES];
        char *dots = strstr(value, "..");
        size_t n_new = 1;
        if (dots != NULL) {
            *dots = '\0';
            n_new = expand_range(matrix, value, dots + 2, range);
        } else {
            range[0] = matrix_keep(matrix->texts, "%s", put_in_numbers(matrix, value));
        }
        if (n_new == 0 || n + n_new > MATRIX_MAX_VALUES)
            return 0;
        memcpy(values + n, range, n_new * sizeof *range);
        n += n_new;
    }
    return n;
}

/* "-users16", "-worksleep-100ms": what is fit for the name of a file. */
static void append_name(char *name, size_t name_bytes, const char *key,
                        const char *value) {
    text_append(name, name_bytes, "-%s", key);
    size_t length = strlen(name);
    for (; *value != '\0' && length + 1 < name_bytes; value++)
        name[length++] = isalnum((unsigned char)*value) || *value == '.' ? *value : '-';
    name[length] = '\0';
}

/* A parameter with several values, or a name that only commands have. */
struct axis {
    const struct parameter *parameter; /* NULL: of such a name */
    const char *name;
    const char *values[MATRIX_MAX_VALUES];
    size_t n_values;
};

/* How long its load lasts: for rounds, or for a time, which a schedule has. 0 or -EINVAL.
 */
static int settle_time(struct matrix *matrix, struct cell_parameters *cell) {
    if (cell->rate_per_s > 0 && cell->duration_s <= 0)
        return error_say(matrix->why, -EINVAL,
                         "--rate wants to know for how long: add --seconds");
    if (cell->rate_per_s > 0 && !matrix->is_time_given)
        cell->duration_s =
            fmax(cell->duration_s, ceil(LEAST_ARRIVALS / cell->rate_per_s));
    if (cell->duration_s <= 0 && cell->rounds == 0)
        return error_say(matrix->why, -EINVAL,
                         "--seconds wants a number above 0; --rounds says how often in "
                         "its place");
    if (cell->rate_per_s > 0 && cell->think_ms > 0)
        return error_say(matrix->why, -EINVAL,
                         "--think is for users who wait; leave it out with --rate");
    if (cell->rate_per_s > 0)
        cell->users = 0; /* a schedule takes their place, time that of rounds */
    if (cell->duration_s > 0)
        cell->rounds = 0;
    else
        cell->drain_s = 0; /* every round is awaited as it is */
    return 0;
}

/* Why it is not measured; NULL: it is. */
static const char *why_skipped(const struct matrix *matrix,
                               const struct cell_parameters *cell) {
    const struct matrix_setting *setting = matrix->setting;
    unsigned n_descriptors = strstr(cell->work, "fetch") != NULL ? 2 : 1; /* of a user */
    const char *skipped =
        !parameters_are_external(cell) && matrix->experiment->why_not != NULL
            ? matrix->experiment->why_not(cell)
            : NULL;
    if (skipped != NULL)
        return skipped;
    if (cell->cpus > setting->usable_cpus)
        return matrix_keep(matrix->texts, "there are %u usable CPUs",
                           setting->usable_cpus);
    if (cell->users * n_descriptors + SPARE_DESCRIPTORS > setting->open_files)
        return matrix_keep(matrix->texts,
                           "%u users take %u open files, juggle's own among them, and "
                           "the limit is %u (ulimit -n)",
                           cell->users, cell->users * n_descriptors + SPARE_DESCRIPTORS,
                           setting->open_files);
    return NULL;
}

/* The cell at these places of the axes. 0 or -EINVAL. */
static int add_cell(struct matrix *matrix, const struct cell_parameters *contestant,
                    const struct contestant *row, unsigned place, struct axis *axes,
                    size_t n_axes, const size_t *at) {
    char name[160], label[160], phrase[160], set[MATRIX_MAX_VALUE_BYTES] = "";
    struct cell_parameters cell = *contestant;
    bool is_named_alone = strcmp(matrix->name, "article") == 0;
    (void)snprintf(name, sizeof name, "%s%s%s", is_named_alone ? "" : matrix->name,
                   is_named_alone ? "" : "-", cell.contestant);
    (void)snprintf(label, sizeof label, "%s", cell.contestant_label);
    for (size_t i = 0; i < n_axes; i++) {
        const struct axis *axis = &axes[i];
        const char *value = axis->values[at[i]];
        (void)snprintf(phrase, sizeof phrase, "%s %s", axis->name, value);
        if (axis->parameter == NULL)
            text_append(set, sizeof set, "%s%s=%s", set[0] != '\0' ? "," : "", axis->name,
                        value);
        else if (parameter_set(&cell, axis->parameter, value, matrix->why) != 0)
            return -EINVAL;
        else
            (void)parameter_phrase(axis->parameter, value, phrase, sizeof phrase);
        if (axis->n_values == 1)
            continue;
        append_name(name, sizeof name, axis->name, value);
        text_append(label, sizeof label, ", %s", phrase);
    }
    if (settle_time(matrix, &cell) != 0)
        return -EINVAL;
    if (!parameters_are_external(&cell) && matrix->experiment->is_hole != NULL &&
        matrix->experiment->is_hole(&cell, matrix->setting->usable_cpus))
        return 0;
    if (matrix->n_cells == matrix->max_cells)
        return error_say(matrix->why, -EINVAL,
                         "%s: more than %zu cells; give fewer values or strategies",
                         matrix->name, matrix->max_cells);
    cell.name = matrix_keep(matrix->texts, "%s", name);
    cell.label = matrix_keep(matrix->texts, "%s", label);
    cell.set = matrix_keep(matrix->texts, "%s", set);
    matrix->cells[matrix->n_cells++] = (struct cell_plan){
        .parameters = cell,
        .asked = cell.work,
        .published = row != NULL ? row->published : (struct published){0},
        .place = place,
        .skipped = why_skipped(matrix, &cell),
    };
    return 0;
}

/* Who serves: a contestant of the experiment's, a strategy of nobody's (row NULL), or an
 * external server (strategy ""). */
struct who {
    const struct contestant *row;
    const char *strategy;
    const struct external *external; /* NULL: a strategy */
};

/* Adds an axis with the values of a list. 0 or -EINVAL. */
static int add_axis(struct matrix *matrix, const struct parameter *parameter,
                    const char *name, const char *list, struct axis *axes,
                    size_t *n_axes) {
    struct axis *axis = &axes[(*n_axes)++];
    *axis = (struct axis){.parameter = parameter, .name = name};
    axis->n_values = expand_list(matrix, list, axis->values);
    if (axis->n_values > 0)
        return 0;
    return error_say(matrix->why, -EINVAL,
                     "--%s%s wants a value, a list such as 1,2,5, or a range 1..64 of "
                     "at most %d values, not '%s'",
                     parameter != NULL ? "" : "set ", name, MATRIX_MAX_VALUES, list);
}

/* The list of --set for a name; NULL: there is none. */
static const char *find_set(const struct matrix *matrix, const char *name) {
    const struct contestants *contestants = matrix->setting->contestants;
    for (unsigned i = 0; i < contestants->n_sets; i++)
        if (strcmp(contestants->sets[i].name, name) == 0)
            return contestants->sets[i].list;
    return NULL;
}

/*
 * Of what is set for strategies leaves to an external server what its command names, and
 * the CPUs that it may use; adds the axes that it alone has. 0 or -EINVAL.
 */
static int fit_to(struct matrix *matrix, const struct external *external,
                  const char **lists, struct axis *axes, size_t *n_axes) {
    const char *command = external->command != NULL ? external->command : "";
    char name[EXTERNAL_NAME_BYTES], seen[MATRIX_MAX_VALUE_BYTES] = "port,socket";
    for (size_t i = 0; parameter_rows[i].key != NULL; i++)
        if (parameter_rows[i].format == NULL &&
            (external->command == NULL || strcmp(parameter_rows[i].key, "cpus") != 0) &&
            (!external_takes_work(external) ||
             strcmp(parameter_rows[i].key, "work") != 0) &&
            !external_has_name(command, parameter_rows[i].key) &&
            !external_has_name(command, parameter_rows[i].option))
            lists[i] = NULL;
    for (; (command = external_next_name(command, name)) != NULL; command++) {
        const struct parameter *parameter = parameter_find(name);
        const char *list = find_set(matrix, name);
        bool is_known = parameter != NULL && (lists[parameter - parameter_rows] != NULL ||
                                              strcmp(parameter->key, "cpus") == 0 ||
                                              strcmp(parameter->key, "workers") == 0);
        is_known |= strcmp(name, "host") == 0 && list == NULL;
        if (options_list_names(seen, name) || is_known)
            continue;
        if (list == NULL)
            return error_say(matrix->why, -EINVAL,
                             "contestant '%s': nothing says what {%s} in its command is; "
                             "give --%s%s%sVALUE, or several values",
                             external->name, name, parameter != NULL ? "" : "set ",
                             parameter != NULL ? parameter->option : name,
                             parameter != NULL ? " " : "=");
        text_append(seen, sizeof seen, ",%s", name);
        if (add_axis(matrix, NULL, matrix_keep(matrix->texts, "%s", name), list, axes,
                     n_axes) != 0)
            return -EINVAL;
    }
    return 0;
}

/* Whether claims of the experiment are about the cell, rather than a curve, that an
 * external server stands for. */
static bool is_claimed(const struct experiment *experiment, const char *as) {
    for (const struct claim *claim = experiment->claims; claim->id != NULL; claim++)
        for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
            if (row->along == NULL && as != NULL && strcmp(row->cell, as) == 0)
                return true;
    return false;
}

/* Says in a cell who serves: all but the settings. */
static void name_contestant(struct matrix *matrix, const struct who *who,
                            struct cell_parameters *cell) {
    const struct experiment *experiment = matrix->experiment;
    const struct contestant *row = who->row;
    const struct external *external = who->external;
    const char *label_text = external != NULL ? external->name
                             : row != NULL    ? row->label
                                              : who->strategy;
    const char *number = strstr(label_text, "%u");
    cell->experiment = matrix->name;
    cell->strategy = who->strategy;
    cell->contestant = external != NULL ? external->name
                       : row != NULL    ? row->name
                                        : who->strategy;
    cell->contestant_label =
        number == NULL
            ? label_text
            : matrix_keep(matrix->texts, "%.*s%u%s", (int)(number - label_text),
                          label_text, cell->processes, number + 2);
    if (external != NULL) {
        char *shown =
            secrets_hide(external->command != NULL ? external->command : external->url);
        cell->server = matrix_keep(matrix->texts, "%s", shown != NULL ? shown : "?");
        cell->as = is_claimed(experiment, external->as) ? external->as : "";
        free(shown);
    }
    cell->probe_every_us =
        external == NULL || external->idle_path != NULL ? experiment->probe_every_us : 0;
}

/* All cells of one contestant. */
static int add_contestant(struct matrix *matrix, const struct who *who, unsigned place) {
    const struct experiment *experiment = matrix->experiment;
    const struct contestant *row = who->row;
    const struct external *external = who->external;
    const char *lists[MAX_PARAMETERS] = {NULL}; /* NULL: not set */
    struct cell_parameters cell = parameters_initial();
    struct axis axes[MAX_PARAMETERS + CONTESTANTS_MOST_SETS];
    size_t n_axes = 0, at[MAX_PARAMETERS + CONTESTANTS_MOST_SETS] = {0}, k = 0;
    if (add_settings(matrix, experiment->settings, lists) != 0 ||
        add_settings(matrix, matrix->setting->preset->settings, lists) != 0 ||
        add_settings(matrix, row != NULL ? row->settings : "", lists) != 0)
        return -EINVAL;
    const char **seconds = &lists[parameter_find("seconds") - parameter_rows];
    const char *usual = *seconds;
    if (add_settings(matrix, matrix->setting->given, lists) != 0 ||
        (external != NULL && fit_to(matrix, external, lists, axes, &n_axes) != 0))
        return -EINVAL;
    matrix->is_time_given = *seconds != usual;
    for (size_t i = 0; parameter_rows[i].key != NULL; i++) {
        if (lists[i] == NULL)
            continue;
        if (add_axis(matrix, &parameter_rows[i], parameter_rows[i].option, lists[i], axes,
                     &n_axes) != 0)
            return -EINVAL;
        struct axis *axis = &axes[n_axes - 1];
        bool is_heeded =
            experiment_heeds(who->strategy, axis->name,
                             lists[parameter_find("threads") - parameter_rows] != NULL);
        if (!is_heeded && strcmp(axis->name, "threads") == 0) {
            n_axes--; /* only a pool of threads has a number of them */
            continue;
        }
        if (!is_heeded)
            axis->n_values = 1;
        if (parameter_set(&cell, axis->parameter, axis->values[0], matrix->why) != 0)
            return -EINVAL;
    }
    name_contestant(matrix, who, &cell);
    do { /* as an odometer counts, the last axis first */
        if (add_cell(matrix, &cell, row, place, axes, n_axes, at) != 0)
            return -EINVAL;
        for (k = n_axes; k > 0 && ++at[k - 1] == axes[k - 1].n_values; k--)
            at[k - 1] = 0;
    } while (k > 0);
    return 0;
}

int matrix_make(const char *name, const struct experiment *experiment,
                const struct matrix_setting *setting, struct cell_plan *cells,
                size_t max_cells, char why[WHY_BYTES]) {
    struct matrix matrix = {.name = name,
                            .experiment = experiment,
                            .setting = setting,
                            .texts = setting->texts,
                            .cells = cells,
                            .max_cells = max_cells,
                            .why = why};
    unsigned place = 0;
    const char *only = setting->only, *leaves_out = experiment->leaves_out;
    const char *preset_leaves_out = setting->preset->leaves_out;
    for (const struct contestant *row = experiment->contestants; row->name != NULL;
         row++) {
        const char *const *strategy = setting->strategies;
        while (*strategy != NULL && strcmp(*strategy, row->strategy) != 0)
            strategy++;
        if (*strategy == NULL)
            continue; /* it was taken away, and its cells with it */
        place++;
        if ((leaves_out != NULL && options_list_names(leaves_out, row->name)) ||
            (preset_leaves_out != NULL && only == NULL &&
             options_list_names(preset_leaves_out, row->name)))
            continue;
        if ((only == NULL || options_list_names(only, row->strategy)) &&
            add_contestant(&matrix, &(struct who){row, row->strategy, NULL}, place) != 0)
            return -EINVAL;
    }
    for (const char *const *strategy = setting->strategies; *strategy != NULL;
         strategy++) {
        const struct contestant *row = experiment->contestants;
        while (row->name != NULL && strcmp(row->strategy, *strategy) != 0)
            row++;
        if (row->name != NULL ||
            (leaves_out != NULL && options_list_names(leaves_out, *strategy)))
            continue;
        place++;
        if ((only == NULL || options_list_names(only, *strategy)) &&
            add_contestant(&matrix, &(struct who){NULL, *strategy, NULL}, place) != 0)
            return -EINVAL;
    }
    const struct contestants *contestants = setting->contestants;
    for (unsigned i = 1; contestants != NULL && i <= contestants->n; i++)
        if (!(setting->leaves_peers && contestants->all[i].peer != NULL) &&
            add_contestant(&matrix, &(struct who){NULL, "", &contestants->all[i]},
                           ++place) != 0)
            return -EINVAL;
    return (int)matrix.n_cells;
}
