/* Server-Timing and Juggle-Worker: what is read, and what others' lines leave alone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/transport/headers.h"
#include "tests/test.h"

static bool read_line(const char *line, struct server_report *report) {
    return headers_read_report(line, strlen(line), report);
}

static struct server_report read_both(void) {
    struct server_report report;
    headers_clear_report(&report);
    assert_true(read_line("Server-Timing: queue;dur=0.012, run;dur=50.1, cpu;dur=50, "
                          "wait;dur=0.5",
                          &report));
    assert_true(read_line("Juggle-Worker: process=12 thread=13 cpu=1 from_ns=4 to_ns=5",
                          &report));
    return report;
}

static void check_both(const struct server_report *report) {
    assert_true(fabs(report->queue_us - 12) < 1e-9);
    assert_true(fabs(report->run_us - 50100) < 1e-9);
    assert_true(fabs(report->cpu_us - 50000) < 1e-9);
    assert_true(fabs(report->wait_us - 500) < 1e-9);
    assert_true(report->names_worker);
    assert_int_equal(report->process, 12);
    assert_int_equal(report->thread, 13);
    assert_int_equal(report->to_ns, 5);
}

TEST(both_headers_are_read) {
    struct server_report report = read_both();
    check_both(&report);
}

TEST(a_proxys_own_lines_leave_the_servers) {
    static const char *const lines[] = {
        "Server-Timing: cdn-cache;desc=HIT",  "Server-Timing: edge;dur=3",
        "Server-Timing: queue;dur=x",         "Server-Timing:",
        "Juggle-Worker: process=99 thread=x", "Juggle-Worker: none",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct server_report report = read_both();
        (void)read_line(lines[i], &report);
        check_both(&report);
    }
}

TEST(what_is_not_said_stays_unknown) {
    struct server_report report;
    headers_clear_report(&report);
    assert_true(read_line("server-timing: run;dur=2", &report));
    assert_true(isnan(report.queue_us));
    assert_true(report.run_us == 2000 && report.cpu_us == 0 && report.wait_us == 0);
    assert_false(report.names_worker);
    assert_false(read_line("Content-Length: 5", &report));
}

/* Of others, too, who write what their language makes of a number. */
TEST(a_duration_is_the_double_that_strtod_makes_of_it) {
    static const char *const numbers[] = {
        "0.012", "50.1",  "3",     "7.", "1e-05",   "2.5E3", "0.1234567890123456789",
        ".5",    "0.001", "1e+06", "+4", "0.1;x=y", "2 ,",   "12345678901234567890e-12"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct server_report report;
        char line[80];
        headers_clear_report(&report);
        (void)snprintf(line, sizeof line, "Server-Timing: run;dur=%s", numbers[i]);
        assert_true(read_line(line, &report));
        assert_true(report.run_us == strtod(numbers[i], NULL) * 1e3);
    }
}
