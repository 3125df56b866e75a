/* The search for the highest rate, told by servers that are made up. */
#include <errno.h>
#include <math.h>

#include "common/base/clock.h"
#include "common/stats/random.h"
#include "loadgen/drive/search.h"
#include "tests/test.h"

/* Runs to the end and returns the number of trials. */
static unsigned run(struct search *search, bool (*keeps)(void *context, double rate),
                    void *context) {
    unsigned n_trials = 0;
    while (search_goes_on(search)) {
        assert_true(search->rate_per_s >= search->from_per_s);
        assert_true(search->rate_per_s <= search->most_per_s);
        assert_true(++n_trials <= SEARCH_MAX_TRIALS);
        search_tell(search, keeps(context, search->rate_per_s));
    }
    return n_trials;
}

static bool below(void *limit, double rate) {
    return rate <= *(const double *)limit;
}

TEST(a_sharp_limit_is_found_within_five_per_cent) {
    for (double limit = 10; limit < 9e5; limit *= 1.37) {
        struct search search;
        search_begin(&search, 10, 1e6);
        (void)run(&search, below, &limit);
        assert_int_equal(search.phase, SEARCH_FOUND);
        assert_true(search.rate_per_s <= limit && search.rate_per_s * 1.05 >= limit);
        assert_int_equal(search.n_confirmations, 1);
    }
}

TEST(what_is_never_kept_ends_after_two_trials) {
    double limit = 0;
    struct search search;
    search_begin(&search, 10, 1e6);
    assert_int_equal(run(&search, below, &limit), 2);
    assert_int_equal(search.phase, SEARCH_NOT_FOUND);
}

TEST(one_hiccup_changes_nothing) {
    double limit = 640;
    struct search calm;
    search_begin(&calm, 10, 1e6);
    unsigned n_calm = run(&calm, below, &limit);
    for (unsigned hiccup = 0; hiccup < n_calm; hiccup++) {
        struct search search;
        search_begin(&search, 10, 1e6);
        for (unsigned n = 0; search_goes_on(&search); n++)
            search_tell(&search, n != hiccup && below(&limit, search.rate_per_s));
        assert_int_equal(search.phase, SEARCH_FOUND);
        bool is_in_confirmation = hiccup + 1 == n_calm; /* of which a step down is left */
        assert_true(is_in_confirmation ? search.rate_per_s >= 0.85 * calm.rate_per_s
                                       : search.rate_per_s == calm.rate_per_s);
    }
}

TEST(what_is_always_kept_ends_at_the_cap) {
    double limit = INFINITY;
    struct search search;
    search_begin(&search, 10, 1000);
    /* 10 20 40 80 160 320 640 1000, and the confirmation */
    assert_int_equal(run(&search, below, &limit), 9);
    assert_int_equal(search.phase, SEARCH_FOUND);
    assert_true(search.rate_per_s == 1000);
}

TEST(the_longest_search_is_bounded) {
    double limit = INFINITY;
    struct search search;
    search_begin(&search, 1e-3, 1e7);
    assert_true(run(&search, below, &limit) <= SEARCH_MAX_TRIALS);
    search_begin(&search, 5, 5);
    assert_int_equal(run(&search, below, &limit), 2);
    assert_int_equal(search.phase, SEARCH_FOUND);
}

TEST(a_lucky_rate_is_not_confirmed_but_a_lower_one_is) {
    struct search search;
    search_begin(&search, 10, 1e6);
    double limit = 640;
    while (search.phase != SEARCH_CONFIRMING)
        search_tell(&search, below(&limit, search.rate_per_s));
    limit = 400; /* of what lasts longer */
    (void)run(&search, below, &limit);
    assert_int_equal(search.phase, SEARCH_FOUND);
    assert_true(search.rate_per_s <= 400 && search.rate_per_s > 300);
}

TEST(what_is_kept_in_short_trials_alone_is_not_found) {
    struct search search;
    search_begin(&search, 10, 1e6);
    double limit = 40;
    while (search.phase != SEARCH_CONFIRMING)
        search_tell(&search, below(&limit, search.rate_per_s));
    limit = 0;
    (void)run(&search, below, &limit);
    assert_int_equal(search.phase, SEARCH_NOT_FOUND);
    assert_true(search.rate_per_s == 10); /* down to the lowest */
}

struct noisy {
    struct random random;
    double limit;
};

/* Kept with a chance that falls around the limit, so that verdicts contradict. */
static bool keeps_by_chance(void *context, double rate) {
    struct noisy *noisy = context;
    double chance = 1 / (1 + pow(rate / noisy->limit, 6));
    return random_uniform(&noisy->random) < chance;
}

TEST(noise_neither_hangs_it_nor_leads_it_far_astray) {
    unsigned n_near = 0;
    struct noisy noisy = {.limit = 500};
    random_seed(&noisy.random, 3);
    for (int i = 0; i < 1000; i++) {
        struct search search;
        search_begin(&search, 10, 1e6);
        (void)run(&search, keeps_by_chance, &noisy);
        n_near += search.phase == SEARCH_FOUND && search.rate_per_s > 250 &&
                  search.rate_per_s < 1000;
    }
    assert_true(n_near > 900);
}

TEST(objectives_are_read_whole_or_refused) {
    struct search_objective objective;
    assert_int_equal(search_parse_objective("p99:50ms", &objective), 0);
    assert_true(objective.quantile == 0.99);
    assert_int_equal(objective.limit_ns, 50 * NS_PER_MS);
    assert_int_equal(search_parse_objective("p99.9:1s", &objective), 0);
    assert_true(fabs(objective.quantile - 0.999) < 1e-12);
    assert_int_equal(search_parse_objective("max:2s", &objective), 0);
    assert_true(objective.quantile == 1);
    static const char *const bad[] = {
        "",     "p99",     "p99:",   ":50ms",   "50ms",     "q99:1s",
        "p:1s", "p99:1s:", "p99:1x", "p99:-1s", "pp99:1ms", "p9999999999999999:1s"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(search_parse_objective(bad[i], &objective), -EINVAL);
    assert_int_equal(search_parse_objective("p0:1s", &objective), -ERANGE);
    assert_int_equal(search_parse_objective("p101:1s", &objective), -ERANGE);
    assert_int_equal(search_parse_objective("p99:0", &objective), -ERANGE);
}
