/* Figures of cells that rest on what workers said of themselves. */
#include <math.h>
#include <stdlib.h>

#include "measured/merged.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

/* T is 200 ms, of which that share waits; the rest computes. */
static struct run *run_with(const char *work, double waiting_share) {
    struct synthetic truth = synthetic_default;
    truth.waiting_share = waiting_share;
    truth.work = work;
    truth.noise = 0;
    synthetic_write(test_folder, &truth);
    return read_run(test_folder);
}

TEST_IN_FOLDER(test_the_speed_is_that_of_the_steps) {
    struct run *run = run_with("cpu:600000turns+cpu:400000turns", 0);
    const struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_near(metric_speed_turns_per_us(cell), 5, 1e-3);
    assert_near(metric_cpu_share(cell), 1, 1e-3);
    assert_near(cell_mean_us_at(cell, 5), metric_mean_us(cell), 1e-3);
    assert_near(cell_mean_us_at(cell, 10), metric_mean_us(cell) / 2, 1e-3);
    run_free(run);
}

/* Half of the time computing: of another speed the latency follows by half. */
TEST_IN_FOLDER(test_what_waits_does_not_follow_the_speed) {
    struct run *run = run_with("cpu:1000000turns+sleep:100ms", 0.5);
    struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_near(metric_cpu_share(cell), 0.5, 1e-3);
    assert_near(metric_speed_turns_per_us(cell), 10, 1e-3);
    assert_near(cell_mean_us_at(cell, 40), metric_mean_us(cell) / 2, 1e-3);
    run_free(run);
}

TEST_IN_FOLDER(test_without_computing_there_is_no_speed) {
    struct run *run = run_with("sleep:200ms", 1);
    struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_true(isnan(metric_speed_turns_per_us(cell)));
    assert_true(isnan(metric_cpu_share(cell)));
    assert_true(isnan(cell_mean_us_at(cell, 5)));
    run_free(run);
}

/* Memory is what came with the requests, never less than nothing. */
TEST(test_memory_that_no_look_found_is_not_known) {
    struct cell cell = {.parameters.users = 4};
    cell.json = json_pack("{s:{s:i, s:i}}", "server", "peak_pss_anon_bytes", 9000,
                          "idle_pss_anon_bytes", 1000);
    assert_near(metric_memory_per_user_bytes(&cell), 2000, 1e-3);
    /* Behind 125 ms of stall 12 requests for `/` wait as well. */
    cell.parameters.probe_every_us = 10e3;
    cell.sums.probes[true] = (struct probe_sums){.n = 20, .p50_us = 1e3, .max_us = 125e3};
    assert_near(metric_memory_per_user_bytes(&cell), 500, 1e-3);
    json_t *server = json_object_get(cell.json, "server");
    (void)json_object_set_new(server, "peak_pss_anon_bytes", json_integer(900));
    assert_true(isnan(metric_memory_per_user_bytes(&cell)));
    (void)json_object_del(server, "peak_pss_anon_bytes");
    assert_true(isnan(metric_memory_per_user_bytes(&cell)));
    json_decref(cell.json);
}

/* Of requests that were cut off nobody knows where they would have gone. */
TEST(test_the_even_share_is_of_requests_whose_server_is_known) {
    struct cell cell = {.parameters.processes = 2, .n_requests = 10};
    assert_true(isnan(metric_most_loaded(&cell)));
    cell.sums.n_servers = 2;
    cell.sums.per_server[0] = cell.sums.per_server[1] = 3;
    assert_near(metric_most_loaded(&cell), 1, 1e-9);
    cell.sums.per_server[0] = 6;
    assert_near(metric_most_loaded(&cell), 4 / 3., 1e-9);
}

/* A cell of these samples; its sums are made as a reader makes them. */
static struct cell cell_of(const struct sample *samples, size_t n) {
    struct sums_maker maker = {.open_loop = false};
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sums_take_request(&maker, &samples[i]), 0);
    size_t n_answered = maker.answers.n;
    assert_int_equal(sums_make(&maker), 0);
    free(maker.answers.us);
    free(maker.probes[false].us);
    free(maker.probes[true].us);
    return (struct cell){.n_requests = n, .n_answered = n_answered, .sums = maker.sums};
}

/* Ten requests, one after the other, of 100 ms, from 1 s on. */
static void make_samples(struct sample samples[10]) {
    for (int i = 0; i < 10; i++)
        samples[i] = (struct sample){.start_us = 1e6 + i * 1e5,
                                     .latency_us = 1e5,
                                     .status = 200,
                                     .answered = true,
                                     .cpu_us = NAN};
}

/* What was cut off is neither answered nor failed. */
TEST_IN_FOLDER(test_throughput_is_of_what_was_answered) {
    struct sample samples[10];
    make_samples(samples);
    struct cell cell = cell_of(samples, 10);
    assert_near(metric_throughput(&cell), 10, 1e-3);
    assert_true(metric_failed_share(&cell) == 0);
    samples[9].status = 0;
    samples[9].answered = false;
    cell = cell_of(samples, 10);
    assert_true(metric_n_failed(&cell) == 0);
    assert_near(metric_throughput(&cell), 10, 1e-3); /* nine in 0.9 s */
    samples[9].error = "refused";
    cell = cell_of(samples, 10);
    assert_near(metric_n_failed(&cell), 1, 1e-3);
    assert_near(metric_failed_share(&cell), 0.1, 1e-3);
}

TEST_IN_FOLDER(test_percentiles_need_their_samples) {
    struct sample samples[10];
    make_samples(samples);
    samples[5].latency_us = 3e5;
    struct cell cell = cell_of(samples, 10);
    assert_near(metric_p50_us(&cell), 1e5, 1e-3);
    assert_true(isnan(metric_p99_us(&cell)));
    cell = cell_of(samples, 3);
    assert_true(isnan(metric_p50_us(&cell)));
    cell = cell_of(samples, 0);
    assert_true(isnan(metric_failed_share(&cell)));
}
