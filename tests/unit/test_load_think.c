/* Think times: how they are read, and that draws have the mean they are said to have. */
#include <errno.h>
#include <math.h>

#include "common/base/clock.h"
#include "loadgen/schedule/schedule.h"
#include "tests/test.h"

static struct think read_think(const char *text) {
    struct think think;
    if (think_option.parse(text, &think) != 0)
        fail_msg("'%s' was refused", text);
    return think;
}

TEST(draws_are_within_bounds_and_have_the_mean) {
    enum { N = 20000 };
    static const struct {
        const char *text;
        double mean_s, low_s, high_s;
    } rows[] = {{"exp:50ms", 0.05, 0, 1},
                {"uniform:0..50ms", 0.025, 0, 0.05},
                {"uniform:1s..3s", 2, 1, 3},
                {"uniform:2s..2s", 2, 2, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct think think = read_think(rows[i].text);
        struct random random;
        random_seed(&random, 5);
        double sum_s = 0;
        for (int draw = 0; draw < N; draw++) {
            double drawn_s = (double)think_draw_ns(&think, &random) / (double)NS_PER_S;
            assert_true(drawn_s >= rows[i].low_s - 1e-8 && drawn_s <= rows[i].high_s);
            sum_s += drawn_s;
        }
        assert_true(fabs(think_mean_s(&think) - rows[i].mean_s) < 1e-9);
        assert_true(fabs(sum_s / N / rows[i].mean_s - 1) < 0.03);
        assert_false(think_is_none(&think));
    }
}

TEST(no_think_time_draws_nothing) {
    struct think think = read_think("uniform:0..0");
    struct random random, same;
    random_seed(&random, 5);
    random_seed(&same, 5);
    assert_true(think_is_none(&think));
    assert_int_equal(think_draw_ns(&think, &random), 0);
    assert_true(random_next(&random) == random_next(&same));
}

TEST(other_texts_are_refused) {
    static const char *const texts[] = {
        "",        "50ms",       "exp",          "exp:",          "exp:50",
        "exp:0",   "exp:-1ms",   "exp:9999999h", "uniform:50ms",  "uniform:",
        "uniform", "uniform:..", "normal:5ms",   "uniform:0..50", "uniform:2ms..1ms",
    };
    struct think think;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (think_option.parse(texts[i], &think) == 0)
            fail_msg("'%s' was taken", texts[i]);
    assert_int_equal(think_delay_option.parse("0.5", &think), 0);
    assert_true(think_mean_s(&think) == 0.25);
    assert_int_equal(think_delay_option.parse("500ms", &think), 0);
    assert_true(think_mean_s(&think) == 0.25);
    assert_int_equal(think_delay_option.parse("1e9", &think), -EINVAL);
    assert_int_equal(think_delay_option.parse("10000000", &think), -ERANGE);
}
