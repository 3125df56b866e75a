/* How valid cells are; see validity.h. */
#include "measured/validity.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "measured/metric.h"

static const char *const names[] = {"VALID", "SUSPECT", "INVALID"};

const char *validity_level_name(enum validity_level level) {
    return names[level];
}

/* A word that nobody here knows, of a newer juggle or of an editor, vouches for nothing.
 */
static enum validity_level level_named(const char *name) {
    for (unsigned i = VALIDITY_VALID; i <= VALIDITY_INVALID; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    return strcmp(name, "not carried") == 0 ? VALIDITY_VALID : VALIDITY_SUSPECT;
}

static bool is_known(const char *name) {
    return level_named(name) != VALIDITY_SUSPECT || strcmp(name, "SUSPECT") == 0;
}

/* Notes a reason, unless it says that all is well. */
static void __attribute__((format(printf, 3, 4)))
add(struct validity *validity, enum validity_level level, const char *format, ...) {
    if (level == VALIDITY_VALID)
        return;
    if (level > validity->level)
        validity->level = level;
    size_t length = strlen(validity->why), room = sizeof validity->why - length;
    va_list arguments;
    va_start(arguments, format);
    if (length > 0 && room > 2) {
        (void)strcpy(validity->why + length, "; ");
        length += 2;
        room -= 2;
    }
    (void)vsnprintf(validity->why + length, room, format, arguments);
    va_end(arguments);
}

/* Stolen time, waits for a CPU, another speed afterwards: figures of the machine, which
 * are shown once and for all cells. */
static bool is_about_machine(const char *check) {
    static const char *const checks[] = {"stolen_cpu", "run_queue", "calibration"};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strcmp(check, checks[i]) == 0)
            return true;
    return false;
}

/* What the load generator said of itself. */
static void add_load(struct validity *validity, const json_t *load) {
    size_t i;
    json_t *reason;
    enum validity_level worst = VALIDITY_VALID; /* of all reasons */
    const json_t *said = json_object_get(load, "validity");
    json_array_foreach(json_object_get(said, "reasons"), i, reason) {
        const char *verdict = fields_get_text(reason, "verdict", "");
        const char *check = fields_get_text(reason, "check", "a check");
        double figure = fields_get_number(reason, "figure");
        if (level_named(verdict) > worst)
            worst = level_named(verdict);
        if (is_about_machine(check) && is_known(verdict))
            continue;
        if (is_known(verdict) && isfinite(figure))
            add(validity, level_named(verdict), "%s %.2g", check, figure);
        else if (is_known(verdict))
            add(validity, level_named(verdict), "%s not known", check);
        else
            add(validity, VALIDITY_SUSPECT, "%s is '%.20s', an unknown verdict", check,
                verdict);
    }
    const char *whole = fields_get_text(said, "verdict", "");
    if (said == NULL)
        add(validity, VALIDITY_SUSPECT, "its load has no verdict");
    else if (level_named(whole) > worst)
        add(validity, level_named(whole), "its load is %.20s",
            is_known(whole) ? whole : "SUSPECT");
    const char *signal_name = fields_get_text(load, "interrupted", NULL);
    if (signal_name != NULL)
        add(validity, VALIDITY_SUSPECT, "%s cut its load short", signal_name);
}

static void add_failures(struct validity *validity, const struct cell *cell) {
    size_t n_failed = (size_t)metric_n_failed(cell);
    if (n_failed > 0)
        add(validity, n_failed < cell->n_requests ? VALIDITY_SUSPECT : VALIDITY_INVALID,
            "%zu of %zu requests failed", n_failed, cell->n_requests);
}

struct validity validity_of_cell(const struct cell *cell) {
    struct validity validity = {.level = VALIDITY_VALID};
    add_load(&validity, json_object_get(cell->json, "load"));
    add_failures(&validity, cell);
    return validity;
}

struct validity validity_of_series(const struct series *series) {
    struct validity worst = {.level = VALIDITY_VALID};
    size_t n_worst = 0;
    for (size_t i = 0; i < series->n_repeats; i++) {
        struct validity own = validity_of_cell(series->repeats[i]);
        n_worst += own.level == worst.level && own.level != VALIDITY_VALID;
        if (own.level <= worst.level)
            continue;
        worst = own;
        n_worst = 1;
    }
    char first[sizeof worst.why];
    (void)memcpy(first, worst.why, sizeof first);
    if (worst.level != VALIDITY_VALID)
        (void)snprintf(worst.why, sizeof worst.why, "%zu of %zu repeats: %.200s", n_worst,
                       series->n_repeats, first);
    return worst;
}
