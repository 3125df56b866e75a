/*
 * Feeds the reader of sample tables whatever comes, and holds it to its contract: a table
 * is read to its end or refused by a line that can be shown; what was read keeps the
 * bounds of its columns, and written again it is read as the same.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/foreign.h"
#include "common/stats/sample_table.h"
#include "tests/fuzz/corpus.h"

/* A file in memory, which has the path. */
static int make_file(const void *bytes, size_t n_bytes, char *path, size_t path_bytes) {
    int fd = memfd_create("table", MFD_CLOEXEC);
    assert(fd >= 0);
    assert(write(fd, bytes, n_bytes) == (ssize_t)n_bytes);
    (void)snprintf(path, path_bytes, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_bounds(const struct sample *sample) {
    assert(!isnan(sample->planned_us) && !isnan(sample->start_us));
    assert(sample->latency_us >= 0);
    assert(sample->error == NULL ||
           (strlen(sample->error) < 64 && foreign_is_plain(sample->error)));
    assert(sample->process == 0 || (!isnan(sample->from_us) && !isnan(sample->to_us)));
}

/* To a tenth, or to all digits of a double; or both unknown. */
static bool are_near(double one, double other) {
    return (isnan(one) && isnan(other)) ||
           fabs(one - other) <= 0.0501 + 1e-15 * fabs(one);
}

static void check_written_again(const struct sample *sample) {
    char path[64], why[WHY_BYTES] = "", *text = NULL;
    size_t n_bytes = 0;
    struct sample again;
    FILE *out = open_memstream(&text, &n_bytes);
    assert(out != NULL);
    sample_table_begin(out);
    sample_table_put(out, sample);
    assert(fclose(out) == 0);
    int fd = make_file(text, n_bytes, path, sizeof path);
    free(text);
    struct sample_table *table = sample_table_open(path, why);
    assert(table != NULL);
    assert(sample_table_next(table, &again) == 1);
    assert(again.id == sample->id && again.user == sample->user);
    assert(again.status == sample->status && again.answered == sample->answered);
    assert(again.process == sample->process);
    assert(are_near(again.planned_us, sample->planned_us));
    assert(are_near(again.start_us, sample->start_us));
    assert(are_near(again.latency_us, sample->latency_us));
    assert((again.error == NULL) == (sample->error == NULL));
    assert(sample_table_next(table, &again) == 0);
    sample_table_close(table);
    (void)close(fd);
}

/* Larger numbers are more digits than a table has. */
static bool can_be_written(const struct sample *sample) {
    static const double most = 9e15;
    return fabs(sample->planned_us) < most && fabs(sample->start_us) < most &&
           sample->latency_us < most && !(fabs(sample->from_us) >= most) &&
           !(fabs(sample->to_us) >= most);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    char path[64], why[WHY_BYTES] = "";
    struct sample sample;
    size_t n_lines = 1;
    int got = 0;
    for (size_t i = 0; i < n_bytes; i++)
        n_lines += bytes[i] == '\n';
    int fd = make_file(bytes, n_bytes, path, sizeof path);
    struct sample_table *table = sample_table_open(path, why);
    for (size_t n = 0; table != NULL && (got = sample_table_next(table, &sample)) == 1;
         n++) {
        assert(n < n_lines);
        check_bounds(&sample);
        if (n < 3 && can_be_written(&sample))
            check_written_again(&sample);
    }
    assert(got == 0 || got == -EPROTO);
    assert((table != NULL && got == 0) || (why[0] != '\0' && foreign_is_plain(why)));
    sample_table_close(table);
    (void)close(fd);
    return 0;
}
