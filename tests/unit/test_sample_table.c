/* The table of samples: what is written is what is read, and anybody's file is read
 * safely. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "common/stats/random.h"
#include "common/stats/sample_table.h"
#include "tests/folder.h"
#include "tests/test.h"

static char path[96], why[WHY_BYTES];

static FILE *begin(void) {
    (void)snprintf(path, sizeof path, "%s/table.tsv", test_folder);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    return out;
}

/* To a tenth or all of a double's digits, or both unknown. */
static void assert_about(double value, double expected) {
    bool both_unknown = isnan(value) && isnan(expected);
    if (!both_unknown && !(fabs(value - expected) <= 0.0501 + 1e-15 * fabs(expected)))
        fail_msg("%.9g, not %.9g", value, expected);
}

static void assert_same(const struct sample *is, const struct sample *was) {
    assert_int_equal(is->id, was->id);
    assert_int_equal(is->user, was->user);
    assert_about(is->planned_us, was->planned_us);
    assert_about(is->start_us, was->start_us);
    assert_about(is->connect_us, was->connect_us);
    assert_about(is->first_byte_us, was->first_byte_us);
    assert_about(is->latency_us, was->latency_us);
    assert_int_equal(is->status, was->status);
    assert_about(is->bytes, was->bytes);
    assert_true((is->error == NULL) == (was->error == NULL));
    assert_true(is->error == NULL || strcmp(is->error, was->error) == 0);
    assert_int_equal(is->answered, was->answered);
    assert_about(is->queue_us, was->queue_us);
    assert_about(is->run_us, was->run_us);
    assert_int_equal(is->process, was->process);
    if (was->process == 0)
        return;
    assert_int_equal(is->thread, was->thread);
    assert_int_equal(is->cpu, was->cpu);
    assert_about(is->from_us, was->from_us);
    assert_about(is->to_us, was->to_us);
    assert_about(is->cpu_us, was->cpu_us);
    assert_about(is->wait_us, was->wait_us);
}

/* Some that are all there, some of which little is known, by turns. */
static struct sample make_sample(struct random *random, unsigned i) {
    struct sample sample = sample_unknown;
    sample.id = i;
    sample.user = i % 7 == 0 ? UINT32_MAX : i;
    sample.planned_us = 2e9 * (random_uniform(random) - 0.5);
    sample.start_us = sample.planned_us + 0.1;
    sample.latency_us = 1e6 * random_uniform(random);
    sample.status = i % 5 == 0 ? 0 : 200;
    sample.error = i % 5 == 0 ? "bad response: chunk" : NULL;
    sample.answered = i % 5 != 0;
    if (i % 3 == 0)
        return sample;
    sample.connect_us = 0;
    sample.first_byte_us = 1e3;
    sample.bytes = 123456789012;
    sample.queue_us = 0.04;
    sample.run_us = 12345.65;
    sample.process = sample.thread = (int)i + 1;
    sample.cpu = i % 2 == 0 ? 0 : -1;
    sample.from_us = -9e15;
    sample.to_us = 1e15 + 0.5;
    sample.cpu_us = i % 4 == 0 ? NAN : 77.7;
    sample.wait_us = 0;
    return sample;
}

TEST_IN_FOLDER(what_is_written_is_what_is_read) {
    enum { N = 5000 };
    struct random random;
    struct sample sample;
    FILE *out = begin();
    random_seed(&random, 3);
    sample_table_begin(out);
    for (unsigned i = 0; i < N; i++) {
        sample = make_sample(&random, i);
        sample_table_put(out, &sample);
    }
    assert_int_equal(fclose(out), 0);
    struct sample_table *table = sample_table_open(path, why);
    assert_non_null(table);
    random_seed(&random, 3);
    for (unsigned i = 0; i < N; i++) {
        struct sample was = make_sample(&random, i);
        if (sample_table_next(table, &sample) != 1)
            fail_msg("%s", why);
        assert_same(&sample, &was);
    }
    assert_int_equal(sample_table_next(table, &sample), 0);
    sample_table_close(table);
}

TEST_IN_FOLDER(a_row_is_short) {
    const struct sample sample = {.id = 1999999,
                                  .user = 99,
                                  .planned_us = 200000000.1,
                                  .start_us = 200000000.1,
                                  .first_byte_us = 10000.1,
                                  .latency_us = 10000.2,
                                  .status = 200,
                                  .bytes = 4,
                                  .answered = true,
                                  .queue_us = 1.2,
                                  .run_us = 9000.1,
                                  .process = 12345,
                                  .thread = 12346,
                                  .from_us = 200000100.1,
                                  .to_us = 200009100.1,
                                  .cpu_us = 9000.1,
                                  .wait_us = 0};
    FILE *out = begin();
    sample_table_put(out, &sample);
    assert_in_range(ftell(out), 50, 140);
    assert_int_equal(fclose(out), 0);
}

/* What 200 without an error is, and nothing else. */
TEST(answered_is_decided_here) {
    assert_true(sample_is_answered(200, NULL));
    assert_false(sample_is_answered(204, NULL));
    assert_false(sample_is_answered(302, NULL));
    assert_false(sample_is_answered(500, NULL));
    assert_false(sample_is_answered(200, "timeout"));
    assert_false(sample_is_answered(0, NULL));
}

#define NAMES                                                                            \
    "user\tid\tplanned_us\tstart_us\tlatency_us\tstatus\tanswered\terror\tcolour\t"      \
    "process\tthread\tfrom_us\tto_us\n"

/* Bytes of a table, and what is said of them; NULL: nothing is wrong. */
struct table_text {
    const char *bytes;
    size_t n_bytes;
    const char *says;
};

#define TEXT(bytes, says)                                                                \
    { bytes, sizeof bytes - 1, says }
#define ROW(row, says) TEXT(NAMES row, says)

static int read_all(const struct table_text *text) {
    struct sample sample;
    FILE *out = begin();
    (void)fwrite(text->bytes, 1, text->n_bytes, out);
    assert_int_equal(fclose(out), 0);
    why[0] = '\0';
    struct sample_table *table = sample_table_open(path, why);
    int got = table != NULL ? 1 : -EPROTO;
    while (got == 1)
        got = sample_table_next(table, &sample);
    sample_table_close(table);
    return got;
}

TEST_IN_FOLDER(anybodys_table_is_read_or_refused_by_line) {
    static const struct table_text texts[] = {
        ROW("1\t2\t-0.5\t0\t3\t200\t1\t\tred\t\t\t\t\n", NULL),
        ROW("1\t2\t0\t0\t3\t200\t0\tno way\t\t7\t8\t1\t2\n", NULL),
        ROW("", NULL),
        TEXT("", "line 1: the file is empty"),
        TEXT("\n", "line 1: the column 'id' is missing"),
        TEXT("id\tuser\n", "line 1: the column 'planned_us' is missing"),
        TEXT(NAMES "1\t2", "line 2: it has no end: the file was cut"),
        ROW("1\t2\t0\t0\t3\t200\t1\t\t\t\t\t\n", "line 2: a row of 13 values"),
        ROW("1\t2\t0\t0\t3\t200\t1\t\t\t\t\t\t\t\n", "line 2: a row of 13 values"),
        ROW("\n", "line 2: user: a whole number, 0 or more is expected"),
        ROW("1\t2\t0\t0\t\t200\t1\t\t\t\t\t\t\n", "line 2: latency_us: a number"),
        ROW("1\t2\t0\t0\t-3\t200\t1\t\t\t\t\t\t\n", "latency_us: a number, 0 or more"),
        ROW("1\t2\t0\t0\tsoon\t200\t1\t\t\t\t\t\t\n", "latency_us: a number"),
        ROW("1\t2\t0\t0\t1e300\t200\t1\t\t\t\t\t\t\n", "latency_us: a number"),
        ROW("1\t2\t0\t0\tinf\t200\t1\t\t\t\t\t\t\n", "latency_us: a number"),
        ROW("1\t2\t0\t0\t1.\t200\t1\t\t\t\t\t\t\n", "latency_us: a number"),
        ROW("1\t2\t0\t0\t 1\t200\t1\t\t\t\t\t\t\n", "latency_us: a number"),
        ROW("1\t2\t0\t0\t1234567890123456789\t200\t1\t\t\t\t\t\t\n", "latency_us"),
        ROW("-1\t2\t0\t0\t3\t200\t1\t\t\t\t\t\t\n", "user: a whole number, 0 or more"),
        ROW("4294967296\t2\t0\t0\t3\t200\t1\t\t\t\t\t\t\n", "user: a whole number"),
        ROW("1\t2\t0\t0\t3\t200.5\t1\t\t\t\t\t\t\n", "status: a whole number is"),
        ROW("1\t2\t0\t0\t3\t200\t2\t\t\t\t\t\t\n", "answered: 0 or 1 is expected"),
        ROW("1\t2\t0\t0\t3\t200\t1\t\t\t7\t8\t\t2\n", "from_us: a number is expected"),
        ROW("1\t2\t0\t0\t3\0\t200\t1\t\t\t\t\t\t\n", "line 2: "),
        ROW("1\t2\t0\t0\t3\t200\t1\t\t\t\t\t\t\0\n", "line 2: it has a NUL byte in it"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int got = read_all(&texts[i]);
        if (got != (texts[i].says != NULL ? -EPROTO : 0))
            fail_msg("table %zu: %d, '%s'", i, got, why);
        if (texts[i].says != NULL && strstr(why, texts[i].says) == NULL)
            fail_msg("table %zu: expected '%s' in '%s'", i, texts[i].says, why);
    }
}

TEST_IN_FOLDER(a_strangers_text_is_shown_and_not_obeyed) {
    struct sample sample;
    FILE *out = begin();
    (void)fputs(NAMES "1\t2\t0\t0\t3\t200\t0\t\x1b[31m`\t\t\t\t\t\n", out);
    assert_int_equal(fclose(out), 0);
    struct sample_table *table = sample_table_open(path, why);
    assert_int_equal(sample_table_next(table, &sample), 1);
    assert_string_equal(sample.error, "\\x1b[31m\\x60");
    sample_table_close(table);
}

/* It takes the memory of a line, however long the stranger's line is. */
TEST_IN_FOLDER(a_line_without_an_end_is_refused) {
    struct sample sample;
    FILE *out = begin();
    (void)fputs(NAMES, out);
    for (size_t i = 0; i < 1000000; i++)
        (void)fputc('7', out);
    assert_int_equal(fclose(out), 0);
    struct sample_table *table = sample_table_open(path, why);
    assert_int_equal(sample_table_next(table, &sample), -EPROTO);
    assert_non_null(strstr(why, "line 2: it is longer than 65536 bytes"));
    sample_table_close(table);
}

TEST_IN_FOLDER(what_is_no_regular_file_is_not_waited_for) {
    (void)snprintf(path, sizeof path, "%s/pipe", test_folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(sample_table_open(path, why));
    assert_string_equal(why, "no regular file");
    assert_null(sample_table_open(test_folder, why));
    assert_null(sample_table_open("/nowhere/x.tsv", why));
    assert_string_equal(why, "No such file or directory");
}
