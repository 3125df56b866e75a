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

void adjust_means(const struct series *series, double speed, double work_change,
                  double *means_us) {
    double share = work_change != 0 ? metric_cpu_share(series->repeats[0]) : 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        means_us[i] =
            cell_mean_us_at(series->repeats[i], speed) * exp(-share * work_change);
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

static double calibration_of(const struct run *run) {
    return fields_get_number(json_object_get(run->info, "calibration"), "turns_per_ms");
}

double adjust_work_change(const struct run *a, const struct run *b) {
    const char *asked = fields_get_text(b->info, "work_asked", "");
    double change =
        log(turns_of(asked, calibration_of(b)) / turns_of(asked, calibration_of(a)));
    return isfinite(change) ? change : 0;
}

bool adjust_is_same_program(const struct run *a, const struct run *b) {
    const char *of_a =
        fields_get_text(json_object_get(a->info, "versions"), "binary", "");
    const char *of_b =
        fields_get_text(json_object_get(b->info, "versions"), "binary", "");
    return of_a[0] != '\0' && strcmp(of_a, of_b) == 0;
}

/* Whether nothing but the work and the users may make the CPU steps of B others than A's.
 */
static bool is_same_setting(const struct machine_change *change,
                            const struct cell_parameters *a,
                            const struct cell_parameters *b) {
    return change->is_same_program && a->gil == b->gil && a->processes == b->processes &&
           a->workers == b->workers && strcmp(a->strategy, b->strategy) == 0 &&
           strcmp(a->accept, b->accept) == 0;
}

/*
 * By how much CPU steps changed their speed beyond what the machine's own loops show,
 * alone or at once: then it may be the program that slowed them down, and an adjusted
 * figure does not show that.
 */
static double unexplained(const struct machine_change *change, double cell_speed) {
    double alone = change->speed, at_once = alone + change->cores;
    if (!isfinite(alone))
        return fabs(cell_speed);
    double low = fmin(alone, isfinite(at_once) ? at_once : alone);
    double high = fmax(alone, isfinite(at_once) ? at_once : alone);
    return fmax(0, fmax(low - cell_speed, cell_speed - high));
}

double adjust_allowance(const struct machine_change *change, const struct series *a,
                        const struct series *b, double cell_speed) {
    double speed = change->speed, work = change->work;
    if (isfinite(cell_speed))
        return is_same_setting(change, a->parameters, b->parameters)
                   ? 0
                   : unexplained(change, cell_speed);
    if (!(adjust_turns(a) > 0) || !(adjust_turns(b) > 0))
        return 0;
    return isfinite(speed) ? fmax(fabs(speed), fabs(work - speed)) : fabs(work);
}
