/* The table of samples; see sample_table.h. */
#include "common/stats/sample_table.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/files.h"
#include "common/base/foreign.h"

#define COLUMN(name, type, may_lack, is_workers)                                         \
    { #name, &field_##type, offsetof(struct sample, name), may_lack, is_workers }
#define OWN(name, type) COLUMN(name, type, false, false)
#define OWN_IF_KNOWN(name, type) COLUMN(name, type, true, false)
#define WORKERS(name, type) COLUMN(name, type, false, true)
#define WORKERS_IF_KNOWN(name, type) COLUMN(name, type, true, true)

const struct sample_column sample_columns[N_SAMPLE_COLUMNS] = {
    OWN(id, unsigned),
    OWN(user, unsigned),
    OWN(planned_us, number),
    OWN(start_us, number),
    OWN_IF_KNOWN(connect_us, number),
    OWN_IF_KNOWN(first_byte_us, number),
    OWN(latency_us, natural),
    OWN(status, integer),
    OWN_IF_KNOWN(bytes, number),
    OWN_IF_KNOWN(error, text),
    OWN(answered, boolean),
    OWN_IF_KNOWN(queue_us, number),
    OWN_IF_KNOWN(run_us, number),
    WORKERS(process, integer),
    WORKERS(thread, integer),
    WORKERS_IF_KNOWN(cpu, integer),
    WORKERS(from_us, number),
    WORKERS(to_us, number),
    OWN_IF_KNOWN(cpu_us, number),
    OWN_IF_KNOWN(wait_us, number),
};

const struct sample sample_unknown = {
    .connect_us = NAN,
    .first_byte_us = NAN,
    .bytes = NAN,
    .queue_us = NAN,
    .run_us = NAN,
    .from_us = NAN,
    .to_us = NAN,
    .cpu_us = NAN,
    .wait_us = NAN,
};

/* Writing: by hand, since printf takes ten times as long for a number. */

enum { MAX_NUMBER_BYTES = 24 };

static char *put_whole(char *at, int64_t value) {
    char digits[MAX_NUMBER_BYTES];
    size_t n = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        digits[n++] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *at++ = '-';
    while (n > 0)
        *at++ = digits[--n];
    return at;
}

/* To a tenth: below that is noise, and digits are what takes the room. */
static char *put_number(char *at, double value) {
    static const double most = 9e16;
    if (!(fabs(value) <= most))
        return at;
    int64_t tenths = llround(value * 10);
    if (tenths < 0)
        *at++ = '-';
    tenths = tenths < 0 ? -tenths : tenths;
    at = put_whole(at, tenths / 10);
    if (tenths % 10 != 0) {
        *at++ = '.';
        *at++ = (char)('0' + tenths % 10);
    }
    return at;
}

void sample_table_begin(FILE *out) {
    for (size_t i = 0; i < N_SAMPLE_COLUMNS; i++)
        (void)fprintf(out, "%s%s", i > 0 ? "\t" : "", sample_columns[i].name);
    (void)fputc('\n', out);
}

void sample_table_put(FILE *out, const struct sample *sample) {
    enum { MAX_TEXT_BYTES = 64 };
    const char *text;
    char row[N_SAMPLE_COLUMNS * (MAX_NUMBER_BYTES + 1) + MAX_TEXT_BYTES], *at = row;
    for (size_t i = 0; i < N_SAMPLE_COLUMNS; i++) {
        const struct sample_column *column = &sample_columns[i];
        const void *value = (const char *)sample + column->offset;
        if (i > 0)
            *at++ = '\t';
        if (column->is_workers && sample->process == 0)
            continue;
        if (column->type == &field_unsigned)
            at = put_whole(at, *(const unsigned *)value);
        else if (column->type == &field_integer)
            at = put_whole(at, *(const int *)value);
        else if (column->type == &field_boolean)
            *at++ = *(const bool *)value ? '1' : '0';
        else if (column->type != &field_text)
            at = put_number(at, *(const double *)value);
        else if ((text = *(const char *const *)value) != NULL)
            /* Only what can stand in a row; our own texts are such. */
            for (size_t k = 0; k < MAX_TEXT_BYTES && text[k] != '\0'; k++)
                *at++ = (unsigned char)text[k] < ' ' ? ' ' : text[k];
    }
    *at++ = '\n';
    (void)fwrite(row, 1, (size_t)(at - row), out);
}

/* Reading */

enum {
    BUFFER_BYTES = 64 * 1024, /* and the longest line */
    MOST_COLUMNS = 64,
    MOST_DIGITS = 18,
    ERROR_BYTES = 64,
};

struct sample_table {
    int fd;
    char *why;   /* who opened it gave the room, WHY_BYTES */
    size_t line; /* that was read last, from 1 */
    const struct sample_column *columns[MOST_COLUMNS]; /* NULL: none of ours */
    size_t n_columns;
    char error[ERROR_BYTES]; /* of the sample that was read last */
    size_t from, to;         /* what is in the buffer and not read */
    char buffer[BUFFER_BYTES];
};

static int __attribute__((format(printf, 2, 3)))
complain(const struct sample_table *table, const char *format, ...) {
    int length = snprintf(table->why, WHY_BYTES, "line %zu: ", table->line);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(table->why + length, WHY_BYTES - (size_t)length, format, arguments);
    va_end(arguments);
    return -EPROTO;
}

static int refuse(const struct sample_table *table, const struct sample_column *column) {
    return complain(table, "%s: %s is expected", column->name,
                    column->type == &field_boolean ? "0 or 1" : column->type->expects);
}

/* The next line, ended by a zero byte in the place of its newline. 1, 0 or -errno. */
static int next_line(struct sample_table *table, char **line) {
    table->line++;
    for (size_t seen = 0;;) {
        char *start = table->buffer + table->from;
        size_t n_bytes = table->to - table->from;
        char *end = memchr(start + seen, '\n', n_bytes - seen);
        if (end != NULL) {
            *end = '\0';
            *line = start;
            table->from = (size_t)(end + 1 - table->buffer);
            return 1;
        }
        seen = n_bytes;
        if (n_bytes == BUFFER_BYTES)
            return complain(table, "it is longer than %d bytes", BUFFER_BYTES);
        memmove(table->buffer, start, n_bytes);
        table->from = 0;
        table->to = n_bytes;
        ssize_t n = read(table->fd, table->buffer + n_bytes, BUFFER_BYTES - n_bytes);
        int error = n < 0 ? errno : 0;
        if (error != 0 && error != EINTR) {
            (void)complain(table, "%s", strerror(error));
            return -error;
        }
        if (n == 0 && n_bytes > 0)
            return complain(table, "it has no end: the file was cut");
        if (n == 0)
            return 0;
        table->to += n > 0 ? (size_t)n : 0;
    }
}

/*
 * A decimal number as we write them: digits with at most one point among them. The place
 * behind it, NULL where there is none.
 */
static const char *read_number(const char *at, double *value, bool *is_whole) {
    static const double powers[MOST_DIGITS + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
        1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    bool is_negative = *at == '-';
    uint64_t digits = 0;
    unsigned n_digits = 0, n_behind = 0;
    at += is_negative;
    *is_whole = true;
    for (;; at++) {
        if (*at == '.' && *is_whole && n_digits > 0) {
            *is_whole = false;
            continue;
        }
        if (*at < '0' || *at > '9')
            break;
        digits = digits * 10 + (uint64_t)(*at - '0');
        n_behind += !*is_whole;
        if (++n_digits > MOST_DIGITS)
            return NULL;
    }
    if (n_digits == 0 || (!*is_whole && n_behind == 0))
        return NULL;
    *value = (double)digits / powers[n_behind];
    *value = is_negative ? -*value : *value;
    return at;
}

/* One value that is not empty; the place behind it, NULL where it is not of its type. */
static const char *read_value(struct sample_table *table,
                              const struct sample_column *column, const char *at,
                              struct sample *sample) {
    void *place = (char *)sample + column->offset;
    double value = 0;
    bool is_whole = false, fits = true;
    if (column->type == &field_text) {
        char text[ERROR_BYTES];
        size_t length = strcspn(at, "\t");
        (void)snprintf(text, sizeof text, "%.*s", (int)length, at);
        *(const char **)place = foreign_show(text, table->error, sizeof table->error);
        return at + length;
    }
    at = read_number(at, &value, &is_whole);
    if (at == NULL)
        return NULL;
    if (column->type == &field_unsigned) {
        fits = is_whole && value >= 0 && value <= UINT_MAX;
        *(unsigned *)place = fits ? (unsigned)value : 0;
    } else if (column->type == &field_integer) {
        fits = is_whole && value >= INT_MIN && value <= INT_MAX;
        *(int *)place = fits ? (int)value : 0;
    } else if (column->type == &field_boolean) {
        fits = value == 0 || value == 1;
        *(bool *)place = value == 1;
    } else {
        fits = column->type != &field_natural || value >= 0;
        *(double *)place = value;
    }
    return fits ? at : NULL;
}

static bool is_end(char byte) {
    return byte == '\t' || byte == '\0';
}

int sample_table_next(struct sample_table *table, struct sample *sample) {
    const struct sample_column *missing = NULL; /* of what a worker's request has */
    char *line;
    int got = next_line(table, &line);
    if (got != 1)
        return got;
    const char *at = line;
    *sample = sample_unknown;
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct sample_column *column = table->columns[i];
        if (column == NULL) {
            at += strcspn(at, "\t");
        } else if (is_end(*at)) {
            if (!column->may_lack && !column->is_workers)
                return refuse(table, column);
            if (!column->may_lack)
                missing = column;
        } else {
            at = read_value(table, column, at, sample);
            if (at == NULL || !is_end(*at))
                return refuse(table, column);
        }
        if ((*at == '\t') != (i + 1 < table->n_columns))
            return complain(table, "a row of %zu values is expected", table->n_columns);
        at++;
    }
    /* A NUL in the line would have ended it before its newline. */
    if (at != table->buffer + table->from)
        return complain(table, "it has a NUL byte in it");
    if (missing != NULL && sample->process != 0)
        return refuse(table, missing);
    return 1;
}

static int read_names(struct sample_table *table) {
    bool is_there[N_SAMPLE_COLUMNS + 1] = {false};
    char *line;
    int got = next_line(table, &line);
    if (got != 1)
        return got == 0 ? complain(table, "the file is empty") : got;
    for (const char *at = line; table->n_columns < MOST_COLUMNS; at++) {
        size_t length = strcspn(at, "\t"), i = 0;
        while (i < N_SAMPLE_COLUMNS && (strlen(sample_columns[i].name) != length ||
                                        memcmp(sample_columns[i].name, at, length) != 0))
            i++;
        is_there[i] = true;
        table->columns[table->n_columns++] =
            i < N_SAMPLE_COLUMNS ? &sample_columns[i] : NULL;
        at += length;
        if (*at == '\0')
            break;
    }
    for (size_t i = 0; i < N_SAMPLE_COLUMNS; i++)
        if (!sample_columns[i].may_lack && !is_there[i])
            return complain(table, "the column '%s' is missing", sample_columns[i].name);
    return 0;
}

struct sample_table *sample_table_open(const char *path, char why[WHY_BYTES]) {
    int fd = files_open_regular(path);
    struct sample_table *table = fd >= 0 ? calloc(1, sizeof *table) : NULL;
    if (table == NULL) {
        (void)error_say(why, 0, "%s",
                        fd >= 0         ? "out of memory"
                        : fd == -EINVAL ? "no regular file"
                                        : strerror(-fd));
        if (fd >= 0)
            (void)close(fd);
        return NULL;
    }
    table->fd = fd;
    table->why = why;
    if (read_names(table) == 0)
        return table;
    sample_table_close(table);
    return NULL;
}

void sample_table_close(struct sample_table *table) {
    if (table != NULL)
        (void)close(table->fd);
    free(table);
}
