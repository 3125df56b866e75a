/* The table of figures; see figures.h. */
#include "measured/figures.h"

#include "measured/yardstick.h"

const struct figure figures[N_FIGURES] = {
    [FIGURE_OWN_T] = {"own_t_us", metric_own_t_us, false},
    [FIGURE_MEAN] = {"mean_us", metric_mean_us, false},
    [FIGURE_FIRST] = {"first_us", metric_first_us, false},
    [FIGURE_LAST] = {"last_us", metric_last_us, false},
    [FIGURE_SLOWDOWN] = {"slowdown_mean", metric_slowdown, false},
    [FIGURE_FIRST_SLOWDOWN] = {"slowdown_first", metric_first_slowdown, false},
    [FIGURE_LAST_SLOWDOWN] = {"slowdown_last", metric_last_slowdown, false},
    [FIGURE_SPREAD] = {"spread", metric_spread, true},
    [FIGURE_CPUS_BUSY] = {"cpus_busy", metric_cpus_busy, false},
    [FIGURE_CPUS_AVAILABLE] = {"cpus_available", metric_cpus_available, false},
    [FIGURE_BUSY_SHARE] = {"busy_share", metric_busy_share, false},
    [FIGURE_T_ALONE] = {"t_alone_us", metric_t_alone_us, false},
    [FIGURE_CONTENTION] = {"contention", metric_contention, false},
    [FIGURE_EFFECTIVE_CORES] = {"effective_cores", metric_effective_cores, false},
    [FIGURE_MACHINE_CORES] = {"machine_cores", metric_machine_cores, false},
    [FIGURE_OTHERS_SHARE] = {"others_share", metric_others_share, true},
    [FIGURE_STOLEN_SHARE] = {"stolen_share", metric_stolen_share, true},
    [FIGURE_OVERHEAD] = {"overhead_us", metric_overhead_us, true},
    [FIGURE_CPU_PER_REQUEST] = {"cpu_per_request_us", metric_cpu_per_request_us, false},
    [FIGURE_MEMORY_PER_USER] = {"memory_per_user_bytes", metric_memory_per_user_bytes,
                                true},
    [FIGURE_PEAK_THREADS] = {"peak_threads", metric_peak_threads, false},
    [FIGURE_PEAK_PROCESSES] = {"peak_processes", metric_peak_processes, false},
    [FIGURE_PEAK_PSS] = {"peak_pss_bytes", metric_peak_pss_bytes, false},
    [FIGURE_IDLE_P50] = {"idle_p50_us", metric_idle_p50_us, false},
    [FIGURE_BUSY_P50] = {"busy_p50_us", metric_busy_p50_us, false},
    [FIGURE_BUSY_MAX] = {"busy_max_us", metric_busy_max_us, false},
    [FIGURE_MOST_LOADED] = {"most_loaded", metric_most_loaded, false},
    [FIGURE_N_FAILED] = {"n_failed", metric_n_failed, true},
};

struct estimate figure_estimate(const struct series *series, enum figure_id id) {
    return estimate_series(series, figures[id].of, figures[id].is_share);
}
