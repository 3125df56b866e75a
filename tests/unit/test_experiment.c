/* What contestants are called before a reader who knows none of the names. */
#include <stdio.h>
#include <string.h>

#include "experiments/experiment.h"
#include "tests/test.h"

static struct cell_parameters who(const char *contestant, const char *strategy) {
    struct cell_parameters cell = parameters_initial();
    cell.contestant = contestant;
    cell.contestant_label = "my own";
    cell.strategy = strategy;
    cell.workers = 2;
    return cell;
}

static void assert_gloss(const struct cell_parameters *cell, const char *words,
                         const char *typed) {
    struct gloss gloss = experiment_gloss(cell);
    assert_string_equal(gloss.words, words);
    assert_string_equal(gloss.typed, typed);
}

TEST(test_each_strategy_has_a_gloss) {
    static const char *const rows[][2] = {
        {"blocking", "one job at a time"},
        {"async", "one event loop"},
        {"threading", "a thread each"},
        {"threadpool", "a pool of 2 threads"},
        {"processing", "a pool of 2 processes"},
        {"forking", "a process each"},
        {"fibers", "my own"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cell_parameters cell = who(rows[i][0], rows[i][0]);
        assert_gloss(&cell, rows[i][1], rows[i][0]);
    }
}

TEST(test_a_gloss_says_the_settings) {
    struct cell_parameters cell = who("threading-gil", "threading");
    cell.gil = true;
    assert_gloss(&cell, "threads take turns", "threading --gil");
    cell.processes = 2;
    cell.accept = "shared";
    assert_gloss(&cell, "a GIL each, one queue of users",
                 "--processes 2 --accept shared");
    cell.accept = "reuseport";
    assert_gloss(&cell, "a GIL each, a queue of users each",
                 "--processes 2 --accept reuseport");
    cell = who("forking", "forking");
    cell.processes = 3;
    assert_gloss(&cell, "3 servers, one queue of users", "--processes 3 --accept shared");
}

TEST(test_a_pool_says_its_size) {
    struct cell_parameters cell = who("processing-large", "processing");
    cell.workers = 20;
    assert_gloss(&cell, "a pool of 20 processes", "processing --workers 20");
    cell = who("threadpool", "threadpool");
    cell.threads = 8;
    assert_gloss(&cell, "a pool of 8 threads", "threadpool");
    cell.threads = cell.workers = 0; /* as many as the CPUs, of which there are several */
    assert_gloss(&cell, "a pool of threads", "threadpool");
}

/* The size of a pool is nothing to who has none, and --threads is of threads alone. */
TEST(test_only_pools_heed_a_size) {
    assert_false(experiment_heeds("async", "workers", false));
    assert_false(experiment_heeds("threading", "threads", true));
    assert_true(experiment_heeds("threadpool", "workers", false));
    assert_false(experiment_heeds("threadpool", "workers", true));
    assert_true(experiment_heeds("threadpool", "threads", true));
    assert_true(experiment_heeds("processing", "workers", true));
    assert_false(experiment_heeds("processing", "threads", true));
    assert_true(experiment_heeds("async", "users", false));
    assert_true(experiment_heeds("fibers", "threads", true)); /* nobody knows */
    struct cell_parameters one = who("threadpool", "threadpool");
    one.threads = 1;
    one.label = "my own, 1 thread, 4 users";
    assert_gloss(&one, "a pool of 1 thread", "threadpool --threads 1");
}
