/* How valid cells are; see validity.h. */
#include "measured/validity.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/options.h"
#include "common/base/text.h"
#include "measured/metric.h"

static const char *const names[] = {"VALID", "SUSPECT", "INVALID"};

const char *validity_level_name(enum validity_level level) {
    return names[level];
}

/* A word that nobody here knows, of a newer juggle or of an editor, vouches for nothing.
 */
static enum validity_level level_named(const char *name, bool *is_known) {
    *is_known = true;
    for (unsigned i = VALIDITY_VALID; i <= VALIDITY_INVALID; i++)
        if (strcmp(name, names[i]) == 0)
            return i;
    *is_known = strcmp(name, "not carried") == 0;
    return *is_known ? VALIDITY_VALID : VALIDITY_SUSPECT;
}

/* Notes a reason, unless it says that all is well. */
static void __attribute__((format(printf, 3, 4)))
add(struct validity *validity, enum validity_level level, const char *format, ...) {
    if (level == VALIDITY_VALID)
        return;
    if (level > validity->level)
        validity->level = level;
    char why[sizeof validity->why];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    text_append(validity->why, sizeof validity->why, "%s%s",
                validity->why[0] != '\0' ? "; " : "", why);
}

/* Stolen time, waits for a CPU, another speed afterwards: figures of the machine, which
 * are shown once and for all cells. */
static const char about_machine[] = "stolen_cpu,run_queue,calibration";

/* What helps in a run, where the load generator says what helps it alone: of its checks
 * those whose options a run does not have. */
static const struct {
    const char *checks, *cure;
} cures[] = {
    {"generator_cpu",
     "use fewer --users, give the server fewer --cpus than there are, or use another "
     "machine"},
    {"generator_gaps,generator_gaps_in_max",
     "end other programs, or give the server fewer --cpus than there are"},
    {"start_lateness,arrivals",
     "use a lower --rate, or give the server fewer --cpus than there are"},
    {"rate,not_sent", "use a lower --rate"},
    {"steady_state,warm_up,littles_law", "measure for longer, by --seconds"},
};

/* A reason without its cure, and the cure. */
static void add_says(struct validity *validity, enum validity_level level,
                     const char *check, const char *says) {
    const char *end = strrchr(says, ';');
    for (size_t i = 0; end != NULL && i < sizeof cures / sizeof *cures; i++)
        if (options_list_names(cures[i].checks, check)) {
            add(validity, level, "%.*s; %s", (int)(end - says), says, cures[i].cure);
            return;
        }
    add(validity, level, "%s", says);
}

struct validity validity_of_cell(const struct cell *cell) {
    struct validity all = {.level = VALIDITY_VALID}, *validity = &all;
    const json_t *load = json_object_get(cell->json, "load");
    size_t n_failed = (size_t)metric_n_failed(cell), i;
    json_t *reason;
    bool is_known;
    enum validity_level level, worst = VALIDITY_VALID; /* of all reasons */
    const json_t *said = json_object_get(load, "validity");
    json_array_foreach(json_object_get(said, "reasons"), i, reason) {
        const char *verdict = fields_get_text(reason, "verdict", "");
        const char *check = fields_get_text(reason, "check", "a check");
        const char *says = fields_get_text(reason, "says", NULL);
        double figure = fields_get_number(reason, "figure");
        level = level_named(verdict, &is_known);
        worst = level > worst ? level : worst;
        if (!is_known)
            add(validity, level, "%s is '%.20s', an unknown verdict", check, verdict);
        else if (options_list_names(about_machine, check))
            continue;
        else if (says != NULL)
            add_says(validity, level, check, says);
        else if (isfinite(figure)) /* of an older juggle, which said no more */
            add(validity, level, "%s %.2g", check, figure);
        else
            add(validity, level, "%s not known", check);
    }
    const char *whole = fields_get_text(said, "verdict", "");
    level = level_named(whole, &is_known);
    if (said == NULL)
        add(validity, VALIDITY_SUSPECT, "its load has no verdict");
    else if (level > worst)
        add(validity, level, "its load is %.20s", names[level]);
    const char *signal_name = fields_get_text(load, "interrupted", NULL);
    if (signal_name != NULL)
        add(validity, VALIDITY_SUSPECT, "%s cut its load short", signal_name);
    if (n_failed > 0)
        add(validity, n_failed < cell->n_requests ? VALIDITY_SUSPECT : VALIDITY_INVALID,
            "%zu of %zu requests failed", n_failed, cell->n_requests);
    return all;
}
