/*
 * How often a run says something false, over the whole procedure: it looks after every
 * repeat and stops as soon as a claim is decided. Each bound of each claim of the article
 * is tried with a truth at, just inside and just outside it, and with noise as it is on a
 * restless machine: most repeats a few percent apart, some in a burst, each beside the
 * one before in a slow drift.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/stats/random.h"
#include "common/stats/stats.h"
#include "experiments/experiment.h"
#include "tests/test.h"

enum { MOST_REPEATS = 30, MOST_CRITERIA = 8 };

/* At most so many runs for each truth. */
enum { N_RUNS = IS_SANITIZED ? 100 : 1000 };

/* A run of one cell, whose figures are planted and not measured. */
static struct planted {
    struct cell cells[MOST_REPEATS];
    struct cell *repeats[MOST_REPEATS];
    struct cell_plan plan;
    struct series series;
    struct run run;
    struct criterion criteria[MOST_CRITERIA + 1];
    struct claim claim;
    double figures[MOST_CRITERIA][MOST_REPEATS];
} planted;

#define PLANTED(k)                                                                       \
    static double figure_##k(const struct cell *cell) {                                  \
        return planted.figures[k][cell->repeat - 1];                                     \
    }
PLANTED(0)
PLANTED(1)
PLANTED(2)
PLANTED(3)
static metric *const planted_figures[] = {figure_0, figure_1, figure_2, figure_3};

static int make_run(void **state) {
    (void)state;
    planted.plan.parameters.name = "cell";
    planted.run = (struct run){.folder = "",
                               .plans = &planted.plan,
                               .n_plans = 1,
                               .series = &planted.series,
                               .n_series = 1};
    for (unsigned i = 0; i < MOST_REPEATS; i++) {
        planted.cells[i] = (struct cell){.repeat = i + 1};
        planted.cells[i].parameters.name = "cell";
        planted.cells[i].window.server_seconds = 1;
        planted.repeats[i] = &planted.cells[i];
    }
    planted.series = (struct series){.parameters = &planted.cells[0].parameters,
                                     .repeats = planted.repeats};
    return 0;
}

/* The judged rows of a claim with their bounds, and planted figures. How many. */
static size_t plant_claim(const struct claim *claim) {
    size_t n = 0;
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
        if (row->kind != JUDGED)
            continue;
        assert_true(n < sizeof planted_figures / sizeof *planted_figures);
        planted.criteria[n] = *row;
        planted.criteria[n].cell = "cell";
        planted.criteria[n].other = NULL;
        planted.criteria[n].along = NULL; /* what a curve came to is planted as well */
        planted.criteria[n].figure = planted_figures[n];
        n++;
    }
    planted.criteria[n] = (struct criterion){0};
    planted.claim = (struct claim){claim->id, claim->text, planted.criteria};
    return n;
}

static double normal(struct random *random) {
    double u = fmax(random_uniform(random), 1e-12);
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979 * random_uniform(random));
}

/*
 * Factors around 1 for the repeats of a run: 2 % of noise, half of it carried over from
 * the repeat before, and a burst of some 10 % in one of eight, whose mean is taken out.
 */
static void draw_noise(struct random *random, double factors[MOST_REPEATS]) {
    static const double burst_share = 0.125, burst = 0.1;
    double carried = 0;
    for (size_t i = 0; i < MOST_REPEATS; i++) {
        double own = normal(random);
        carried = 0.3 * carried + own;
        factors[i] = exp(0.02 * carried);
        if (random_uniform(random) < burst_share)
            factors[i] *= 1 + 2 * burst * random_uniform(random);
        factors[i] /= 1 + burst_share * burst;
    }
}

/* A truth that lies well within the bounds of a row. */
static double well_inside(const struct criterion *row) {
    if (isinf(row->high))
        return row->low * 1.5;
    return isinf(row->low) ? row->high * 0.5 : (row->low + row->high) / 2;
}

/* Looks after every repeat from the second on, and stops when it is decided. */
static enum verdict run_until_decided(void) {
    struct finding finding = {.verdict = UNDECIDED};
    for (size_t n = 2; n <= MOST_REPEATS && finding.verdict == UNDECIDED; n++) {
        planted.series.n_repeats = n;
        judge(&planted.run, &planted.claim, &finding);
    }
    return finding.verdict;
}

/*
 * Of runs in which row k has that truth at most one in twenty ends in one of the verdicts
 * that `wrong` has a bit of. There are no more once they leave that no doubt: by
 * Chernoff's bound so few wrong ones would be one chance in 10,000 if one in twenty were
 * wrong.
 */
static void expect_few(const struct claim *claim, size_t n_rows, size_t k, double truth,
                       uint64_t seed, unsigned wrong) {
    static const double most = 0.05, doubt = 1e-4;
    struct random random;
    double n = 0, n_wrong = 0, share = 1, gain = 0;
    random_seed(&random, seed);
    while (n < N_RUNS && (share > most || n * gain < -log(doubt))) {
        for (size_t row = 0; row < n_rows; row++) {
            double factors[MOST_REPEATS];
            double centre = row == k ? truth : well_inside(&planted.criteria[row]);
            draw_noise(&random, factors);
            for (size_t r = 0; r < MOST_REPEATS; r++)
                planted.figures[row][r] = centre * factors[r];
        }
        n_wrong += wrong >> run_until_decided() & 1;
        share = n_wrong / ++n;
        gain = (share < 1 ? (1 - share) * log((1 - share) / (1 - most)) : 0) +
               (share > 0 ? share * log(share / most) : 0);
    }
    if (share > most)
        fail_msg("%s: of %.0f runs with %s %g, %.0f ended in a wrong verdict", claim->id,
                 n, planted.criteria[k].what, truth, n_wrong);
}

/* At a bound nothing is to be said, beyond it nothing confirmed, within nothing refuted.
 */
static void try_bound(const struct claim *claim, size_t n_rows, size_t k, double bound,
                      double outwards) {
    enum { CONFIRMS = 1 << CONFIRMED, REFUTES = 1 << REFUTED };
    double outside = bound * (1 + outwards), inside = bound * (1 - outwards);
    expect_few(claim, n_rows, k, bound, 11 + k, CONFIRMS | REFUTES);
    expect_few(claim, n_rows, k, outside, 13 + k, CONFIRMS);
    expect_few(claim, n_rows, k, inside, 17 + k, REFUTES);
}

TEST_WITH(at_most_one_verdict_in_twenty_is_wrong, make_run, NULL) {
    for (const struct experiment_entry *e = experiments; e->name != NULL; e++)
        for (const struct claim *claim = e->experiment->claims; claim->id != NULL;
             claim++) {
            size_t n_rows = plant_claim(claim);
            assert_true(n_rows > 0);
            for (size_t k = 0; k < n_rows; k++) {
                struct criterion *row = &planted.criteria[k];
                if (isfinite(row->low))
                    try_bound(claim, n_rows, k, row->low, -0.02);
                if (isfinite(row->high))
                    try_bound(claim, n_rows, k, row->high, 0.02);
            }
        }
}

/* What is clear is decided, and within a few repeats. */
TEST_WITH(what_is_clear_is_decided, make_run, NULL) {
    for (const struct experiment_entry *e = experiments; e->name != NULL; e++)
        for (const struct claim *claim = e->experiment->claims; claim->id != NULL;
             claim++) {
            size_t n_rows = plant_claim(claim);
            expect_few(claim, n_rows, 0, well_inside(&planted.criteria[0]), 23,
                       ~(1U << CONFIRMED));
        }
}
