/* Samples as differences, in chunks that double in size; see samples.h. */
#include "loadgen/samples/samples.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sample as numbers, which are kept as differences from the sample before: a group of
 * columns, and a second one for what the server said, if it said anything. */
enum column {
    START,
    LATE, /* from planned to start */
    SERVICE,
    FIRST_TO_END, /* from the first byte, plus 1; 0: none came */
    USER,
    CONNECT,
    BODY,
    TARGET,
    OUTCOME, /* status, error, protocol, fate and enum said */
    FROM,    /* from here on of what the server said */
    FROM_TO_TO,
    QUEUE, /* this and the other three plus 1 ns; 0: not said */
    RUN,
    COMPUTED,
    WAITED,
    PROCESS,
    THREAD,
    CPU,
};

enum {
    GROUP_COLUMNS = SAMPLE_COLUMNS / 2,
    GROUP_BITS = 3, /* a column, of the word that a group begins with */
    GROUP_WORD_BYTES = 4,
    GROUP_FLAG = 1 << (GROUP_COLUMNS * GROUP_BITS),
    GROUP_WIDEST = 7,      /* stands for eight bytes */
    GROUP_SPARE_BYTES = 8, /* needed behind: eight are moved where fewer are meant */
    MAX_RECORD_BYTES = 2 * (GROUP_WORD_BYTES + GROUP_COLUMNS * 8),
    FIRST_CHUNK_BYTES = 256 * 1024,
};

static_assert((int)FROM == GROUP_COLUMNS && (int)CPU + 1 == 2 * GROUP_COLUMNS,
              "two groups");

/* What the server said. */
enum said { NOTHING, TIMES, TIMES_AND_WORKER };

struct samples *samples_new(void) {
    return calloc(1, sizeof(struct samples));
}

void samples_free(struct samples *samples) {
    if (samples == NULL)
        return;
    for (unsigned i = 0; i < samples->n_chunks; i++)
        free(samples->chunks[i].bytes);
    gaps_free(&samples->gaps);
    free(samples);
}

/*
 * A group as bytes: a word with three bits a column, how many bytes it has, a flag for
 * the caller, and then those bytes of the column's difference from the last one. What has
 * not changed takes none. Differences are kept in turn as 0, -1, 1, -2, so that small
 * ones are short whichever way they go.
 */

static inline unsigned bytes_of(unsigned length) {
    return length < GROUP_WIDEST ? length : 8;
}

/* Writes the columns, of which `last` is then a copy, to where there is room for the most
 * bytes and the spare ones; returns the end. */
static inline unsigned char *put_group(unsigned char *at, const uint64_t *columns,
                                       uint64_t *last, bool flag) {
    unsigned char *start = at;
    uint32_t word = flag ? GROUP_FLAG : 0;
    at += GROUP_WORD_BYTES;
    for (unsigned i = 0; i < GROUP_COLUMNS; i++) {
        if (columns[i] == last[i])
            continue;
        uint64_t difference = columns[i] - last[i];
        uint64_t folded = difference << 1 ^ (uint64_t) - (difference >> 63);
        uint64_t bytes = htole64(folded);
        unsigned n_bytes = (71 - (unsigned)__builtin_clzll(folded)) / 8;
        unsigned length = n_bytes < GROUP_WIDEST ? n_bytes : GROUP_WIDEST;
        memcpy(at, &bytes, sizeof bytes);
        at += bytes_of(length);
        word |= length << (i * GROUP_BITS);
        last[i] = columns[i];
    }
    word = htole32(word);
    memcpy(start, &word, sizeof word);
    return at;
}

/* Brings the columns up to date and moves `*at` behind the group; returns the flag. */
static inline bool take_group(const unsigned char **at, uint64_t *columns) {
    uint32_t word;
    memcpy(&word, *at, sizeof word);
    word = le32toh(word);
    *at += GROUP_WORD_BYTES;
    for (uint32_t rest = word & (GROUP_FLAG - 1); rest != 0;) {
        unsigned i = (unsigned)__builtin_ctz(rest) / GROUP_BITS;
        unsigned n_bytes = bytes_of(rest >> (i * GROUP_BITS) & GROUP_WIDEST);
        uint64_t bytes;
        memcpy(&bytes, *at, sizeof bytes);
        uint64_t folded = le64toh(bytes) & UINT64_MAX >> (64 - 8 * n_bytes);
        columns[i] += folded >> 1 ^ (uint64_t) - (folded & 1);
        *at += n_bytes;
        rest &= ~((uint32_t)GROUP_WIDEST << (i * GROUP_BITS));
    }
    return (word & GROUP_FLAG) != 0;
}

/* Between samples and columns */

static uint64_t from_us(double us) {
    return isnan(us) ? 0 : (uint64_t)llround(us * 1e3) + 1;
}

static double to_us(uint64_t kept) {
    return kept == 0 ? NAN : (double)(kept - 1) / 1e3;
}

/* Columns of what the server did not say are left alone. */
static void to_columns(const struct load_sample *sample,
                       const struct server_report *report, uint64_t *columns) {
    enum said said = NOTHING;
    if (report != NULL) {
        said = report->names_worker ? TIMES_AND_WORKER : TIMES;
        columns[QUEUE] = from_us(report->queue_us);
        columns[RUN] = from_us(report->run_us);
        columns[COMPUTED] = from_us(report->cpu_us);
        columns[WAITED] = from_us(report->wait_us);
    }
    if (said == TIMES_AND_WORKER) {
        columns[FROM] = report->from_ns;
        columns[FROM_TO_TO] = report->to_ns - report->from_ns;
        columns[PROCESS] = (uint64_t)report->process;
        columns[THREAD] = (uint64_t)report->thread;
        columns[CPU] = (uint64_t)report->cpu;
    }
    uint64_t first_ns = sample->first_byte_ns;
    columns[START] = sample->start_ns;
    columns[LATE] = sample->start_ns - sample->planned_ns;
    columns[SERVICE] = sample->service_ns;
    columns[FIRST_TO_END] = first_ns != 0 ? sample->service_ns - first_ns + 1 : 0;
    columns[USER] = sample->user;
    columns[CONNECT] = sample->connect_ns;
    columns[BODY] = sample->body_bytes;
    columns[TARGET] = sample->target;
    columns[OUTCOME] = (uint64_t)(uint16_t)sample->status << 24 |
                       (uint64_t)sample->error << 16 | (uint64_t)sample->protocol << 8 |
                       (uint64_t)sample->fate << 4 | said;
}

static void report_of(const uint64_t *columns, enum said said,
                      struct server_report *report) {
    *report = (struct server_report){
        .queue_us = to_us(columns[QUEUE]),
        .run_us = to_us(columns[RUN]),
        .cpu_us = to_us(columns[COMPUTED]),
        .wait_us = to_us(columns[WAITED]),
    };
    if (said != TIMES_AND_WORKER)
        return;
    report->names_worker = true;
    report->from_ns = columns[FROM];
    report->to_ns = columns[FROM] + columns[FROM_TO_TO];
    report->process = (int)columns[PROCESS];
    report->thread = (int)columns[THREAD];
    report->cpu = (int)columns[CPU];
}

static struct load_sample sample_of(const uint64_t *columns) {
    uint64_t first_to_end = columns[FIRST_TO_END], outcome = columns[OUTCOME];
    return (struct load_sample){
        .planned_ns = columns[START] - columns[LATE],
        .start_ns = columns[START],
        .connect_ns = columns[CONNECT],
        .first_byte_ns = first_to_end != 0 ? columns[SERVICE] - (first_to_end - 1) : 0,
        .service_ns = columns[SERVICE],
        .body_bytes = columns[BODY],
        .user = (unsigned)columns[USER],
        .target = (unsigned)columns[TARGET],
        .status = (short)(uint16_t)(outcome >> 24),
        .error = (unsigned char)(outcome >> 16),
        .protocol = (unsigned char)(outcome >> 8),
        .fate = (unsigned char)(outcome >> 4 & 0xf),
        .has_report = (outcome & 0xf) != NOTHING,
    };
}

static struct sample_chunk *chunk_with_room(struct samples *samples) {
    unsigned n = samples->n_chunks;
    struct sample_chunk *chunk = &samples->chunks[n > 0 ? n - 1 : 0];
    if (n > 0 && (size_t)(chunk->to - chunk->end) >= MAX_RECORD_BYTES)
        return chunk;
    if (n == SAMPLE_CHUNKS)
        return NULL;
    size_t room = (size_t)FIRST_CHUNK_BYTES << n;
    chunk = &samples->chunks[n];
    chunk->bytes = chunk->end = malloc(room + GROUP_SPARE_BYTES);
    if (chunk->bytes == NULL)
        return NULL;
    chunk->to = chunk->bytes + room;
    samples->n_chunks++;
    return chunk;
}

int samples_add(struct samples *samples, const struct load_sample *sample,
                const struct server_report *report) {
    struct sample_chunk *chunk = chunk_with_room(samples);
    if (chunk == NULL)
        return -ENOMEM;
    uint64_t columns[SAMPLE_COLUMNS];
    if (report != NULL) /* what it does not say stays as it was */
        memcpy(columns + FROM, samples->last + FROM, GROUP_COLUMNS * sizeof *columns);
    to_columns(sample, report, columns);
    unsigned char *at = put_group(chunk->end, columns, samples->last, report != NULL);
    if (report != NULL)
        at = put_group(at, columns + FROM, samples->last + FROM, false);
    chunk->end = at;
    samples->n_planned++;
    samples->n_ended += sample->fate == SAMPLE_ENDED;
    return 0;
}

struct samples_reader samples_read(const struct samples *samples) {
    return (struct samples_reader){.samples = samples, .at = samples->chunks[0].bytes};
}

bool samples_next_planned(struct samples_reader *reader, struct load_sample *sample,
                          struct server_report *report) {
    const struct samples *samples = reader->samples;
    if (reader->n_read == samples->n_planned)
        return false;
    if (reader->at == samples->chunks[reader->chunk].end)
        reader->at = samples->chunks[++reader->chunk].bytes;
    if (take_group(&reader->at, reader->columns))
        (void)take_group(&reader->at, reader->columns + FROM);
    reader->n_read++;
    *sample = sample_of(reader->columns);
    if (sample->has_report && report != NULL)
        report_of(reader->columns, (enum said)(reader->columns[OUTCOME] & 0xf), report);
    return true;
}

bool samples_next(struct samples_reader *reader, struct load_sample *sample,
                  struct server_report *report) {
    while (samples_next_planned(reader, sample, report))
        if (sample->fate == SAMPLE_ENDED)
            return true;
    return false;
}

bool samples_next_measured(struct samples_reader *reader, uint64_t warmup_ns,
                           struct load_sample *sample) {
    while (samples_next(reader, sample, NULL))
        if (!sample_is_warmup(sample, warmup_ns))
            return true;
    return false;
}

/* As text: base64 with padding (RFC 4648) */

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The first digits of three bytes, of which the last may be none. */
static void put_digits(uint32_t bits, unsigned n_digits, FILE *out) {
    for (unsigned i = 0; i < n_digits; i++)
        (void)putc_unlocked(digits[bits >> (18 - 6 * i) & 63], out);
}

/* The bytes of a text, which the caller frees, with `n_spare` zeroes behind them. NULL
 * where it is no such text, or memory ran out. */
static unsigned char *read_base64(const char *text, size_t n_spare, size_t *n_bytes) {
    size_t n = strlen(text), n_padding = 0;
    while (n_padding < 2 && n_padding < n && text[n - 1 - n_padding] == '=')
        n_padding++;
    unsigned char *bytes = n % 4 == 0 ? calloc(n / 4 * 3 + n_spare + 1, 1) : NULL;
    unsigned char *at = bytes, values[256];
    uint32_t bits = 0;
    memset(values, 64, sizeof values);
    for (unsigned i = 0; i < 64; i++)
        values[(unsigned char)digits[i]] = (unsigned char)i;
    for (size_t i = 0; bytes != NULL && i < n; i++) {
        unsigned value = i + n_padding < n ? values[(unsigned char)text[i]] : 0;
        bits = bits << 6 | (value & 63);
        if (value == 64) {
            free(bytes);
            return NULL;
        }
        if (i % 4 < 3)
            continue;
        *at++ = (unsigned char)(bits >> 16);
        *at++ = (unsigned char)(bits >> 8);
        *at++ = (unsigned char)bits;
    }
    *n_bytes = n / 4 * 3 - n_padding;
    return bytes;
}

void samples_write(const struct samples *samples, FILE *out) {
    uint32_t held = 0;
    unsigned n_held = 0; /* bytes */
    for (unsigned i = 0; i < samples->n_chunks; i++) {
        const struct sample_chunk *chunk = &samples->chunks[i];
        for (const unsigned char *at = chunk->bytes; at < chunk->end; at++) {
            held = held << 8 | *at;
            n_held = (n_held + 1) % 3;
            if (n_held == 0)
                put_digits(held, 4, out);
        }
    }
    if (n_held == 0)
        return;
    put_digits(held << 8 * (3 - n_held), n_held + 1, out);
    (void)fputs(n_held == 1 ? "==" : "=", out);
}

struct samples *samples_parse(const char *text) {
    struct samples *samples = samples_new();
    size_t n_bytes = 0;
    unsigned char *bytes = read_base64(text, MAX_RECORD_BYTES, &n_bytes);
    uint64_t columns[SAMPLE_COLUMNS] = {0};
    if (samples == NULL || bytes == NULL) {
        free(bytes);
        samples_free(samples);
        return NULL;
    }
    samples->chunks[0] = (struct sample_chunk){bytes, bytes + n_bytes, bytes + n_bytes};
    samples->n_chunks = 1;
    const unsigned char *at = bytes, *end = bytes + n_bytes;
    for (; at < end; samples->n_planned++) { /* the last one may end in what is spare */
        if (take_group(&at, columns))
            (void)take_group(&at, columns + FROM);
        samples->n_ended += sample_of(columns).fate == SAMPLE_ENDED;
    }
    if (at == end)
        return samples;
    samples_free(samples);
    return NULL;
}
