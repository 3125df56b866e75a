/* The counting loop, the unit of all CPU work: twice the turns take twice the time. */
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/workload/counting.h"
#include "selftest/proof.h"

enum { N_TRIALS = 40 };
static const double TRIAL_MS = 8, TOLERANCE = 0.05;
static const uint64_t CALIBRATION_NS = 100 * NS_PER_MS;

static uint64_t cpu_ns(uint64_t turns) {
    uint64_t start_ns = clock_thread_cpu_ns();
    uint64_t counted = counting_loop(turns);
    assert(counted == turns);
    return clock_thread_cpu_ns() - start_ns;
}

static void keep_least(uint64_t *least_ns, uint64_t ns) {
    if (ns < *least_ns)
        *least_ns = ns;
}

int proof_counting(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    (void)stage, (void)n_try;
    uint64_t turns = (uint64_t)(counting_calibrate(CALIBRATION_NS) * TRIAL_MS);
    uint64_t once_ns = UINT64_MAX, twice_ns = UINT64_MAX;
    for (int i = 0; i < N_TRIALS; i++) {
        keep_least(&once_ns, cpu_ns(turns));
        keep_least(&twice_ns, cpu_ns(2 * turns));
    }
    double ratio = (double)twice_ns / (double)once_ns;
    outcome->verdict = fabs(ratio - 2) <= 2 * TOLERANCE ? PROOF_HOLDS : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "2 +-5 %% (CPU time, the least of %d trials each)", N_TRIALS);
    (void)snprintf(outcome->found, sizeof outcome->found, "%.3f ms / %.3f ms = %.3f",
                   (double)twice_ns / 1e6, (double)once_ns / 1e6, ratio);
    return 0;
}
