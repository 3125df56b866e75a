/* Storage of samples in chunks that double in size; see samples.h. */
#include "loadgen/samples.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { FIRST_CHUNK = 4096, MAX_CHUNKS = 32 };

/* Items of one size; chunk k holds FIRST_CHUNK << k of them. */
struct store {
    size_t item_bytes;
    size_t n_items;
    unsigned char *chunks[MAX_CHUNKS];
    unsigned n_chunks;
    unsigned char *free_from, *free_to; /* in the last chunk */
};

struct samples {
    struct store samples;
    struct store reports;
    struct store cut_offs;
};

enum { SPAN_BITS = 27 };

/* A sample as it is kept. */
struct kept {
    uint64_t start_ns;
    uint32_t late, connect, first_byte, service, body; /* packed */
    uint32_t user, target, server_report;
    int16_t status;
    uint8_t error, protocol;
} __attribute__((packed, aligned(4)));

static_assert(sizeof(struct kept) == 44, "with what the statistics need, below 64");

/* A time or size in 32 bits: SPAN_BITS of it, and above them by how much they were
 * shifted. */
static uint32_t pack(uint64_t value) {
    unsigned n_bits = value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
    unsigned shift = n_bits > SPAN_BITS ? n_bits - SPAN_BITS : 0;
    assert(shift < 1U << (32 - SPAN_BITS)); /* nine years in ns */
    return (uint32_t)(value >> shift) | shift << SPAN_BITS;
}

static uint64_t unpack(uint32_t packed) {
    return (uint64_t)(packed & ((1U << SPAN_BITS) - 1)) << (packed >> SPAN_BITS);
}

static void *store_at(const struct store *store, size_t index) {
    /* Chunks 0 .. k - 1 hold FIRST_CHUNK x (2^k - 1) items. */
    size_t scaled = index / FIRST_CHUNK + 1;
    unsigned chunk = 63 - (unsigned)__builtin_clzll(scaled);
    size_t first = FIRST_CHUNK * (((size_t)1 << chunk) - 1);
    return store->chunks[chunk] + (index - first) * store->item_bytes;
}

/* Where the next item goes, or NULL without memory. */
static void *store_add(struct store *store) {
    if (store->free_from == store->free_to) {
        if (store->n_chunks == MAX_CHUNKS)
            return NULL;
        size_t bytes = ((size_t)FIRST_CHUNK << store->n_chunks) * store->item_bytes;
        unsigned char *chunk = malloc(bytes);
        if (chunk == NULL)
            return NULL;
        store->chunks[store->n_chunks++] = store->free_from = chunk;
        store->free_to = chunk + bytes;
    }
    void *item = store->free_from;
    store->free_from += store->item_bytes;
    store->n_items++;
    return item;
}

static void store_release(struct store *store) {
    for (unsigned i = 0; i < store->n_chunks; i++)
        free(store->chunks[i]);
}

struct samples *samples_new(void) {
    struct samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return NULL;
    samples->samples.item_bytes = sizeof(struct kept);
    samples->reports.item_bytes = sizeof(struct server_report);
    samples->cut_offs.item_bytes = sizeof(uint64_t);
    return samples;
}

void samples_free(struct samples *samples) {
    if (samples == NULL)
        return;
    store_release(&samples->samples);
    store_release(&samples->reports);
    store_release(&samples->cut_offs);
    free(samples);
}

int samples_add(struct samples *samples, const struct load_sample *sample,
                const struct server_report *report) {
    if (report != NULL) {
        struct server_report *kept_report = store_add(&samples->reports);
        if (kept_report == NULL)
            return -ENOMEM;
        *kept_report = *report;
    }
    struct kept *kept = store_add(&samples->samples);
    if (kept == NULL)
        return -ENOMEM;
    *kept = (struct kept){
        .start_ns = sample->start_ns,
        .late = pack(sample->start_ns - sample->planned_ns),
        .connect = pack(sample->connect_ns),
        .first_byte = pack(sample->first_byte_ns),
        .service = pack(sample->service_ns),
        .body = pack(sample->body_bytes),
        .user = sample->user,
        .target = sample->target,
        .server_report = report != NULL ? (uint32_t)samples->reports.n_items : 0,
        .status = sample->status,
        .error = sample->error,
        .protocol = sample->protocol,
    };
    return 0;
}

size_t samples_count(const struct samples *samples) {
    return samples->samples.n_items;
}

struct load_sample samples_get(const struct samples *samples, size_t index) {
    const struct kept *kept = store_at(&samples->samples, index);
    return (struct load_sample){
        .planned_ns = kept->start_ns - unpack(kept->late),
        .start_ns = kept->start_ns,
        .connect_ns = unpack(kept->connect),
        .first_byte_ns = unpack(kept->first_byte),
        .service_ns = unpack(kept->service),
        .body_bytes = unpack(kept->body),
        .user = kept->user,
        .target = kept->target,
        .server_report = kept->server_report,
        .status = kept->status,
        .error = kept->error,
        .protocol = kept->protocol,
    };
}

const struct server_report *samples_report(const struct samples *samples,
                                           const struct load_sample *sample) {
    if (sample->server_report == 0)
        return NULL;
    return store_at(&samples->reports, sample->server_report - 1);
}

int samples_add_cut_off(struct samples *samples, uint64_t start_ns) {
    uint64_t *kept = store_add(&samples->cut_offs);
    if (kept == NULL)
        return -ENOMEM;
    *kept = start_ns;
    return 0;
}

size_t samples_cut_off_count(const struct samples *samples) {
    return samples->cut_offs.n_items;
}

uint64_t samples_cut_off_ns(const struct samples *samples, size_t index) {
    return *(const uint64_t *)store_at(&samples->cut_offs, index);
}

bool sample_failed(const struct load_sample *sample) {
    return sample->error != SAMPLE_ANSWERED || sample->status >= 400;
}

bool sample_is_warmup(const struct load_sample *sample, uint64_t warmup_ns) {
    return sample->planned_ns < warmup_ns;
}

uint64_t sample_latency_ns(const struct load_sample *sample, bool from_planned) {
    uint64_t late_ns = from_planned ? sample->start_ns - sample->planned_ns : 0;
    return late_ns + sample->service_ns;
}

const char *sample_error_name(unsigned error) {
    static const char *const names[N_SAMPLE_ERRORS] = {
        [SAMPLE_ANSWERED] = NULL,   [SAMPLE_REFUSED] = "refused",
        [SAMPLE_RESET] = "reset",   [SAMPLE_TIMEOUT] = "timeout",
        [SAMPLE_CLOSED] = "closed", [SAMPLE_BAD_RESPONSE] = "bad response",
        [SAMPLE_DNS] = "dns",       [SAMPLE_TLS] = "tls",
        [SAMPLE_OTHER] = "other",
    };
    return error < N_SAMPLE_ERRORS ? names[error] : "other";
}
