/*
 * A program of tests: TEST(name) { ... } is one, found by being there, and they run in
 * the order in which they stand. TEST_WITH has what cmocka calls before and after it.
 * Header only: tests are one file each.
 */
#ifndef JUGGLE_TESTS_TEST_H
#define JUGGLE_TESTS_TEST_H

#include <assert.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A sanitizer looks at code and not at shares of many runs: there fewer are enough. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

static struct CMUnitTest tests[64];
static size_t n_tests;

/* Constructors run in any order, so each test has its place. */
static void test_is_found(size_t at, const struct CMUnitTest *test) {
    assert(at < sizeof tests / sizeof *tests);
    tests[at] = *test;
    n_tests = at < n_tests ? n_tests : at + 1;
}

#define TEST_WITH(name, before, after)                                                   \
    static void name(void **state);                                                      \
    static void __attribute__((constructor)) name##_is_found(void) {                     \
        test_is_found(__COUNTER__,                                                       \
                      &(struct CMUnitTest){#name, name, before, after, NULL});           \
    }                                                                                    \
    static void name(void **state __attribute__((unused)))

#define TEST(name) TEST_WITH(name, NULL, NULL)

/* Within such a share of what is expected. */
static inline void assert_near(double value, double expected, double share) {
    if (!(fabs(value - expected) <= share * fabs(expected)))
        fail_msg("%.12g, not %.12g", value, expected);
}

static inline int run_all_tests(void) {
    return _cmocka_run_group_tests("tests", tests, n_tests, NULL, NULL);
}

/* A program that has more to do says so before it includes this. */
#ifndef TEST_OWN_MAIN
int main(void) {
    return run_all_tests();
}
#endif

#endif
