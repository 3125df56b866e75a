/* Closed and open schedules, without clock or network. */
#include <math.h>

#include "common/base/clock.h"
#include "loadgen/schedule/schedule.h"
#include "tests/test.h"

TEST(closed_users_all_start_at_the_epoch) {
    struct schedule_plan plan = {.n_users = 5, .n_rounds = 1, .n_targets = 1};
    struct schedule *schedule = schedule_new(&plan);
    uint64_t at_ns;
    for (unsigned user = 0; user < 5; user++) {
        assert_true(schedule_peek(schedule, &at_ns));
        assert_int_equal(at_ns, 0);
        assert_int_equal(schedule_take(schedule).user, user);
    }
    assert_false(schedule_peek(schedule, &at_ns));
    schedule_free(schedule);
}

TEST(closed_user_goes_on_when_answered_and_ends_after_his_rounds) {
    struct schedule_plan plan = {.n_users = 2, .n_rounds = 3, .n_targets = 2};
    struct schedule *schedule = schedule_new(&plan);
    uint64_t at_ns;
    (void)schedule_take(schedule);
    (void)schedule_take(schedule);
    schedule_user_done(schedule, 1, 500);
    assert_true(schedule_peek(schedule, &at_ns));
    assert_int_equal(at_ns, 500);
    struct planned second = schedule_take(schedule);
    assert_int_equal(second.user, 1);
    assert_int_equal(second.target, 0); /* after 1, since he is number 1 */
    schedule_user_done(schedule, 1, 600);
    assert_int_equal(schedule_take(schedule).target, 1);
    schedule_user_done(schedule, 1, 700);
    assert_false(schedule_peek(schedule, &at_ns));
    schedule_free(schedule);
}

TEST(earliest_is_taken_first) {
    enum { N = 64 };
    struct schedule_plan plan = {.n_users = N, .n_rounds = 2, .n_targets = 1};
    struct schedule *schedule = schedule_new(&plan);
    for (unsigned i = 0; i < N; i++)
        (void)schedule_take(schedule);
    for (unsigned i = 0; i < N; i++)
        schedule_user_done(schedule, i, i * 37 % N); /* each of 0 .. N - 1 once */
    for (unsigned i = 0; i < N; i++)
        assert_int_equal(schedule_take(schedule).at_ns, i);
    schedule_free(schedule);
}

TEST(think_time_is_within_bounds_and_repeats_with_the_seed) {
    struct schedule_plan plan = {.n_users = 1,
                                 .n_targets = 3,
                                 .think = {.high_s = 2},
                                 .random_targets = true,
                                 .seed = 9};
    struct schedule *first = schedule_new(&plan), *second = schedule_new(&plan);
    double sum_s = 0;
    for (int i = 0; i < 2000; i++) {
        struct planned a = schedule_take(first), b = schedule_take(second);
        assert_int_equal(a.at_ns, b.at_ns);
        assert_int_equal(a.target, b.target);
        uint64_t now_ns = a.at_ns, next_ns = 0;
        schedule_user_done(first, 0, now_ns);
        schedule_user_done(second, 0, now_ns);
        assert_true(schedule_peek(first, &next_ns));
        assert_in_range(next_ns, now_ns, now_ns + 2 * NS_PER_S);
        sum_s += (double)(next_ns - now_ns) / 1e9;
    }
    assert_true(sum_s / 2000 > 0.9 && sum_s / 2000 < 1.1);
    schedule_free(first);
    schedule_free(second);
}

TEST(nothing_is_planned_after_the_end) {
    struct schedule_plan plan = {.n_users = 1, .duration_ns = 1000, .n_targets = 1};
    struct schedule *schedule = schedule_new(&plan);
    uint64_t at_ns;
    (void)schedule_take(schedule);
    schedule_user_done(schedule, 0, 999);
    assert_true(schedule_peek(schedule, &at_ns));
    (void)schedule_take(schedule);
    schedule_user_done(schedule, 0, 1000);
    assert_false(schedule_peek(schedule, &at_ns));
    schedule_free(schedule);
}

/* Arrivals never wait for answers, and lateness of one does not move the next. */
TEST(open_loop_arrives_at_its_rate) {
    for (int constant = 0; constant < 2; constant++) {
        struct schedule_plan plan = {.rate_per_s = 1000,
                                     .constant_gaps = constant != 0,
                                     .duration_ns = 100 * NS_PER_S,
                                     .n_targets = 1,
                                     .seed = 3};
        struct schedule *schedule = schedule_new(&plan);
        uint64_t at_ns, last_ns = 0;
        unsigned n = 0;
        for (; schedule_peek(schedule, &at_ns); n++) {
            struct planned planned = schedule_take(schedule);
            assert_int_equal(planned.at_ns, at_ns);
            assert_true(at_ns >= last_ns);
            if (constant != 0 && n > 0)
                assert_in_range(at_ns - last_ns, NS_PER_MS - 1, NS_PER_MS + 1);
            last_ns = at_ns;
        }
        assert_in_range(n, 99000, 101000);
        schedule_free(schedule);
    }
}

TEST(open_loop_may_begin_later) {
    struct schedule_plan plan = {.rate_per_s = 100,
                                 .constant_gaps = true,
                                 .first_s = 0.004,
                                 .duration_ns = NS_PER_S,
                                 .n_targets = 1};
    struct schedule *schedule = schedule_new(&plan);
    assert_int_equal(schedule_take(schedule).at_ns, 4 * NS_PER_MS);
    assert_int_equal(schedule_take(schedule).at_ns, 14 * NS_PER_MS);
    schedule_free(schedule);
}

static size_t take_all(const struct schedule_plan *plan, uint64_t *at_ns, size_t n_most) {
    struct schedule *schedule = schedule_new(plan);
    size_t n = 0;
    while (n < n_most && schedule_peek(schedule, &at_ns[n])) {
        assert_int_equal(schedule_take(schedule).at_ns, at_ns[n]);
        n++;
    }
    schedule_free(schedule);
    return n;
}

TEST(a_ramp_changes_the_rate_evenly) {
    enum { MOST = 100000 };
    static uint64_t at_ns[MOST];
    static const double ends_per_s[][2] = {{100, 900}, {900, 100}, {1000, 0.001}};
    for (size_t i = 0; i < 6; i++) {
        double from_per_s = ends_per_s[i / 2][0], to_per_s = ends_per_s[i / 2][1];
        struct schedule_plan plan = {.rate_per_s = from_per_s,
                                     .ramp_to_per_s = to_per_s,
                                     .constant_gaps = i % 2 == 0,
                                     .duration_ns = 20 * NS_PER_S,
                                     .n_targets = 1,
                                     .seed = 3};
        double all = schedule_expected_arrivals(&plan, 20);
        assert_true(fabs(all - 10 * (from_per_s + to_per_s)) < 1e-6);
        size_t n = take_all(&plan, at_ns, MOST), n_first = 0;
        while (n_first < n && at_ns[n_first] < 10 * NS_PER_S)
            n_first++;
        double slack = plan.constant_gaps ? 1.5 : 4 * sqrt(all);
        assert_true(fabs((double)n - all) <= slack);
        assert_true(fabs((double)n_first - schedule_expected_arrivals(&plan, 10)) <=
                    slack);
    }
}

TEST(given_times_are_kept) {
    uint64_t times_ns[] = {5, 5, 70, 900}, at_ns[8];
    struct schedule_times times = {times_ns, 4};
    struct schedule_plan plan = {.rate_per_s = 1, .times = &times, .n_targets = 1};
    assert_int_equal(take_all(&plan, at_ns, 8), 4);
    assert_memory_equal(at_ns, times_ns, sizeof times_ns);
    plan.duration_ns = 900;
    assert_int_equal(take_all(&plan, at_ns, 8), 3);
}

TEST(a_ramp_from_nothing_begins_at_once_and_grows) {
    struct schedule_plan plan = {
        .ramp_to_per_s = 1000, .duration_ns = 2 * NS_PER_S, .n_targets = 1, .seed = 3};
    assert_true(schedule_is_open(&plan));
    struct schedule *schedule = schedule_new(&plan);
    unsigned n_first = 0, n = 0;
    for (uint64_t at_ns, last_ns = 0; schedule_peek(schedule, &at_ns); last_ns = at_ns) {
        (void)schedule_take(schedule);
        assert_true(at_ns >= last_ns && at_ns < 2 * NS_PER_S);
        n_first += at_ns < NS_PER_S;
        n++;
    }
    assert_true(n_first > 250 - 5 * 16 && n_first < 250 + 5 * 16); /* five deviations */
    assert_true(n > 1000 - 5 * 32 && n < 1000 + 5 * 32);
    schedule_free(schedule);
}

/* What is passed over is counted as if it had been taken, and the rest is as before. */
TEST(arrivals_are_passed_over_by_their_rate) {
    static uint64_t at_ns[] = {0, NS_PER_S, 2 * NS_PER_S, 5 * NS_PER_S};
    static const struct schedule_times times = {at_ns, 4};
    const struct schedule_plan plans[] = {
        {.rate_per_s = 1e4, .constant_gaps = true, .duration_ns = 4 * NS_PER_S},
        {.rate_per_s = 1e4, .duration_ns = 4 * NS_PER_S},
        {.rate_per_s = 1e4, .ramp_to_per_s = 1e3, .duration_ns = 4 * NS_PER_S},
        {.rate_per_s = 1, .times = &times},
    };
    const uint64_t expected[] = {30000, 30000, 19875, 3}, until_ns = 3 * NS_PER_S;
    for (size_t i = 0; i < 4; i++) {
        struct schedule_plan plan = plans[i];
        uint64_t next_ns;
        plan.n_targets = 1;
        struct schedule *schedule = schedule_new(&plan);
        double n = (double)schedule_skip(schedule, until_ns);
        assert_true(fabs(n - (double)expected[i]) <= 1);
        assert_true(schedule_peek(schedule, &next_ns));
        assert_true(next_ns >= until_ns);
        (void)schedule_take(schedule);
        if (plan.times == NULL) {
            assert_true(schedule_peek(schedule, &next_ns));
            assert_true(next_ns > until_ns && next_ns < until_ns + 50 * NS_PER_MS);
        }
        schedule_free(schedule);
    }
}

/* Known once none of them has a request in the run any more. */
TEST(the_time_of_all_users_is_that_of_their_next_requests) {
    struct schedule_plan plan = {.n_users = 2, .duration_ns = 100, .n_targets = 1};
    struct schedule *schedule = schedule_new(&plan);
    (void)schedule_take(schedule);
    (void)schedule_take(schedule);
    schedule_user_done(schedule, 0, 150);
    schedule_user_done(schedule, 1, 75);
    assert_int_equal(schedule_users_time_ns(schedule), 0);
    (void)schedule_take(schedule);
    schedule_user_done(schedule, 1, 130);
    assert_int_equal(schedule_users_time_ns(schedule), 280);
    schedule_free(schedule);
}
