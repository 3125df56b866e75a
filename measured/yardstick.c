/* A cell in units of its own jobs; see yardstick.h. */
#include "measured/yardstick.h"

#include <math.h>

#include "common/base/fields.h"

double metric_own_t_us(const struct cell *cell) {
    const struct sums *sums = &cell->sums;
    double own_us = (sums->cpu_us + sums->wait_us) / (double)sums->n_told;
    return sums->n_told > 0 && own_us > 0 ? own_us : NAN;
}

double metric_slowdown(const struct cell *cell) {
    return metric_mean_us(cell) / metric_own_t_us(cell);
}

double metric_first_slowdown(const struct cell *cell) {
    return metric_first_us(cell) / metric_own_t_us(cell);
}

double metric_last_slowdown(const struct cell *cell) {
    return metric_last_us(cell) / metric_own_t_us(cell);
}

double metric_spread_own_t(const struct cell *cell) {
    return metric_last_slowdown(cell) - metric_first_slowdown(cell);
}

double metric_makespan_us(const struct cell *cell) {
    return cell->sums.end_us - cell->sums.start_us;
}

double metric_cpus_busy(const struct cell *cell) {
    const struct sums *sums = &cell->sums;
    return sums->n_told > 0 ? sums->cpu_us / metric_makespan_us(cell) : NAN;
}

static double cpu_seconds(const struct cell *cell, const char *whose) {
    const json_t *owner = json_object_get(cell->json, whose);
    return fields_get_number(owner, "cpu_user_s") +
           fields_get_number(owner, "cpu_system_s");
}

/*
 * CPU seconds of this run's processes in the window. The jobs are all in it; what the
 * server took besides is spread over its life, as nothing says when that was; the users'
 * generator is in it, and the prober takes next to nothing.
 */
static double own_seconds(const struct cell *cell) {
    double jobs_s = cell->sums.cpu_us / 1e6;
    double beside_s = fmax(0, cpu_seconds(cell, "server") - jobs_s);
    double server_s = jobs_s + beside_s * cell->window.seconds /
                                   fmax(cell->window.server_seconds, 1e-9);
    if (cell->window.generator_apart) /* the window is of the server's CPUs alone */
        return server_s;
    return server_s + cpu_seconds(cell, "generator") + cell->window.director_cpu_s;
}

double cell_others_s(const struct cell *cell) {
    const struct cell_window *window = &cell->window;
    return fmax(0, window->cpus * window->seconds - window->idle_s - own_seconds(cell));
}

double metric_cpus_available(const struct cell *cell) {
    const struct cell_window *window = &cell->window;
    double others = isfinite(cell->others_in_pass)
                        ? cell->others_in_pass
                        : cell_others_s(cell) / window->seconds;
    double left = window->cpus - others;
    return isfinite(left) ? fmin(left, window->allowance) : NAN;
}

double metric_busy_share(const struct cell *cell) {
    return metric_cpus_busy(cell) / metric_cpus_available(cell);
}

double metric_others_share(const struct cell *cell) {
    const struct cell_window *window = &cell->window;
    double share = cell_others_s(cell) / (window->cpus * window->seconds);
    return isfinite(share) ? fmax(0, share - metric_stolen_share(cell)) : NAN;
}

double metric_stolen_share(const struct cell *cell) {
    return cell->window.stolen_s / (cell->window.cpus * cell->window.seconds);
}

double metric_contention(const struct cell *cell) {
    return metric_own_t_us(cell) / cell->machine.t_alone_us;
}

double metric_effective_cores(const struct cell *cell) {
    return metric_cpus_busy(cell) / metric_contention(cell);
}

double metric_overhead_us(const struct cell *cell) {
    const struct sums *sums = &cell->sums;
    if (sums->n_told == 0)
        return NAN;
    return metric_cpu_per_request_us(cell) - sums->cpu_us / (double)sums->n_told;
}

double metric_t_alone_us(const struct cell *cell) {
    return cell->machine.t_alone_us;
}

double metric_machine_cores(const struct cell *cell) {
    return cell->machine.cores;
}

double metric_turns_per_ms(const struct cell *cell) {
    return cell->machine.turns_per_ms;
}

double cell_cpus(const struct cell *cell) {
    double available = metric_cpus_available(cell);
    if (isfinite(available))
        return available;
    return isfinite(cell->window.allowance) ? cell->window.allowance
                                            : cell->machine.cores;
}

double metric_in_order(const struct cell *cell) {
    return cell->sums.in_order;
}
