/* Taking the machine's part out of a comparison; see adjust.h. */
#include "compare/adjust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/stats/stats.h"
#include "common/workload/work.h"
#include "measured/metric.h"

double adjust_speed(const struct series *series) {
    double *speeds = calloc(series->n_repeats, sizeof *speeds), median = NAN;
    for (size_t i = 0; speeds != NULL && i < series->n_repeats; i++)
        speeds[i] = metric_speed_turns_per_us(series->repeats[i]);
    if (speeds != NULL) /* of which one that is not known makes all of them so */
        median = isnan(stats_mean(speeds, series->n_repeats))
                     ? NAN
                     : stats_median(speeds, series->n_repeats);
    free(speeds);
    return median;
}

/* Turns of all CPU steps; NAN when it is no work. */
static double turns_of(const char *text, double turns_per_ms) {
    struct work work;
    bool is_work = work_parse_kept(text, turns_per_ms, &work) == 0;
    return is_work ? work_turns(&work) : NAN;
}

double adjust_turns(const struct series *series) {
    return turns_of(series->parameters->work, 1);
}

/* The turns that the calibration of a run gives to a work. */
static double turns_by(const struct run *run, const char *work) {
    const json_t *calibration = json_object_get(run->info, "calibration");
    return turns_of(work, fields_get_number(calibration, "turns_per_ms"));
}

struct machine_change adjust_change(const struct run *a, const struct run *b) {
    const json_t *versions_a = json_object_get(a->info, "versions");
    const json_t *versions_b = json_object_get(b->info, "versions");
    const char *binary = fields_get_text(versions_a, "binary", "");
    const char *asked = fields_get_text(b->info, "work_asked", "");
    double work = log(turns_by(b, asked) / turns_by(a, asked));
    return (struct machine_change){
        .is_same_program = binary[0] != '\0' &&
                           strcmp(binary, fields_get_text(versions_b, "binary", "")) == 0,
        .speed = NAN,
        .cores = NAN,
        .work = isfinite(work) ? work : 0};
}

/* Whether nothing but the work and the load may make the CPU steps of B others than A's.
 */
static bool is_same_setting(const struct machine_change *change,
                            const struct cell_parameters *a,
                            const struct cell_parameters *b) {
    char of_a[PARAMETER_BYTES], of_b[PARAMETER_BYTES];
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++)
        if (row->format == NULL && strcmp(row->key, "work") != 0 &&
            strcmp(parameter_text(a, row, of_a), parameter_text(b, row, of_b)) != 0)
            return false;
    return change->is_same_program && strcmp(a->strategy, b->strategy) == 0;
}

double adjust_allowance(const struct machine_change *change, const struct series *a,
                        const struct series *b, double cell_speed) {
    double speed = change->speed, work = change->work, at_once = speed + change->cores;
    bool is_known = isfinite(speed);
    if (!isfinite(cell_speed) && (!(adjust_turns(a) > 0) || !(adjust_turns(b) > 0)))
        return 0;
    if (!isfinite(cell_speed))
        return is_known ? fmax(fabs(speed), fabs(work - speed)) : fabs(work);
    if (is_same_setting(change, a->parameters, b->parameters))
        return 0;
    /* By how much CPU steps changed their speed beyond what the machine's own loops show,
     * alone or at once: then it may be the program that slowed them down, and an adjusted
     * figure does not show that. */
    double low = fmin(speed, isfinite(at_once) ? at_once : speed);
    double high = fmax(speed, isfinite(at_once) ? at_once : speed);
    return is_known ? fmax(0, fmax(low - cell_speed, cell_speed - high))
                    : fabs(cell_speed);
}
