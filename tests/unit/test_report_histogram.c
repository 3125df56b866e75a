/* Bins with round edges, bars, and blocks of time. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/stats/random.h"
#include "common/stats/stats.h"
#include "report/cell/bins.h"
#include "tests/test.h"

TEST(widths_are_rounded_up) {
    static const double rows[][2] = {{1, 1},     {1.1, 2},  {2, 2},        {2.1, 5},
                                     {5.5, 10},  {10, 10},  {0.011, 0.02}, {300, 500},
                                     {0.1, 0.1}, {0.2, 0.2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_float_equal(histogram_round_up(rows[i][0]), rows[i][1], 1e-12);
}

TEST(nothing_has_no_bins) {
    struct histogram histogram;
    histogram_make(NULL, 0, &histogram);
    assert_int_equal(histogram.n_bins, 0);
}

/* Every value lies in its bin, edges ascend, and all values are counted. */
static void check(const double *sorted, size_t n_values) {
    struct histogram h;
    size_t sum = 0;
    histogram_make(sorted, n_values, &h);
    assert_in_range(h.n_bins, 1, MAX_BINS);
    for (size_t i = 0, value = 0; i < h.n_bins; i++) {
        assert_true(h.edges[i] < h.edges[i + 1]);
        for (size_t k = 0; k < h.counts[i]; k++, value++)
            if (sorted[value] < h.edges[i] || sorted[value] >= h.edges[i + 1])
                fail_msg("%g is not within %g .. %g", sorted[value], h.edges[i],
                         h.edges[i + 1]);
        sum += h.counts[i];
    }
    assert_int_equal(sum, n_values);
    assert_true(h.counts[0] > 0 && h.counts[h.n_bins - 1] > 0);
}

TEST(all_values_lie_in_their_bins) {
    enum { MOST = 400 };
    struct random random;
    double values[MOST];
    random_seed(&random, 5);
    for (size_t n = 1; n <= MOST; n += 7)
        for (double spread = 0.01; spread < 1e9; spread *= 17) {
            for (size_t i = 0; i < n; i++)
                values[i] = 0.3 * (1 + pow(random_uniform(&random), 3) * spread);
            stats_sort(values, n);
            check(values, n);
        }
}

TEST(odd_values_have_bins_as_well) {
    const double one[] = {5}, same[] = {1e6, 1e6, 1e6}, zeros[] = {0, 0},
                 from_zero[] = {0, 1, 1e6}, round[] = {1, 10, 100, 1000},
                 far[] = {1e-9, 1e15};
    check(one, 1);
    check(same, 3);
    check(zeros, 2);
    check(from_zero, 3);
    check(round, 4);
    check(far, 2);
}

TEST(wide_spans_get_bins_by_ratio) {
    struct histogram h;
    const double narrow[] = {10, 50, 199}, wide[] = {10, 50, 200};
    histogram_make(narrow, 3, &h);
    assert_false(h.is_logarithmic);
    assert_float_equal(h.edges[1] - h.edges[0], 50, 1e-9);
    histogram_make(wide, 3, &h);
    assert_true(h.is_logarithmic);
    assert_float_equal(h.edges[0], 10, 1e-9);
    assert_float_equal(h.edges[1], 15, 1e-9);
}

TEST(bars_show_whatever_is_there) {
    static const struct {
        double share;
        const char *bar;
    } rows[] = {{0, "\n"},         {1e-9, "  ▏\n"}, {0.5, "  ██\n"},
                {0.53, "  ██▏\n"}, {1, "  ████\n"}, {7, "  ████\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64] = "";
        FILE *out = fmemopen(text, sizeof text, "w");
        histogram_print_bar(rows[i].share, 4, out);
        (void)fclose(out);
        assert_string_equal(text, rows[i].bar);
    }
}

/* Requests one after the other, of 10 ms each, the sixth of which fails. */
TEST(blocks_cover_the_load) {
    enum { N = 105 };
    struct timeline timeline;
    struct timeline_maker maker = {.open_loop = false};
    size_t n_answered = 0, n_failed = 0;
    for (unsigned i = 0; i < N; i++) {
        const struct sample sample = {.planned_us = i * 10e3 - 0.002, /* it is rounded */
                                      .start_us = i * 10e3,
                                      .latency_us = 10e3 - 1,
                                      .answered = i != 5};
        assert_int_equal(timeline_take(&maker, &sample), 0);
    }
    timeline_make(&maker, &timeline);
    /* An eighth of 1.05 s, rounded up, is 0.2 s; the last 0.05 s join the fifth block. */
    assert_int_equal(timeline.n_blocks, 5);
    assert_true(timeline.blocks[0].from_us == 0);
    for (size_t i = 0; i < timeline.n_blocks; i++) {
        const struct block *block = &timeline.blocks[i];
        assert_true(i == 0 || block->from_us == timeline.blocks[i - 1].to_us);
        assert_true(block->n_answered < 10 ? isnan(block->p50_us)
                                           : block->p50_us == 10e3 - 1);
        n_answered += block->n_answered;
        n_failed += block->n_failed;
    }
    assert_int_equal(timeline.blocks[0].n_failed, 1);
    assert_int_equal(n_answered, N - 1);
    assert_int_equal(n_failed, 1);
    assert_true(timeline.blocks[timeline.n_blocks - 1].to_us == N * 10e3 - 1);
}

TEST(no_requests_have_no_blocks) {
    struct timeline timeline;
    struct timeline_maker maker = {.open_loop = false};
    timeline_make(&maker, &timeline);
    assert_int_equal(timeline.n_blocks, 0);
}
