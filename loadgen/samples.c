/* Storage of samples in chunks that double in size; see samples.h. */
#include "loadgen/samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 4096, MAX_CHUNKS = 32 };

/* Items of one size; chunk k holds FIRST_CHUNK << k of them. */
struct store {
    size_t item_bytes;
    size_t n_items;
    unsigned char *chunks[MAX_CHUNKS];
};

struct samples {
    struct store samples;
    struct store reports;
};

static void *store_at(const struct store *store, size_t index) {
    unsigned chunk = 0;
    size_t first = 0;
    while (index - first >= (size_t)FIRST_CHUNK << chunk)
        first += (size_t)FIRST_CHUNK << chunk++;
    return store->chunks[chunk] + (index - first) * store->item_bytes;
}

/* Room for one more item, or NULL. */
static int store_add(struct store *store, const void *item) {
    size_t capacity = 0;
    unsigned chunk = 0;
    while (chunk < MAX_CHUNKS && store->chunks[chunk] != NULL)
        capacity += (size_t)FIRST_CHUNK << chunk++;
    if (store->n_items == capacity) {
        if (chunk == MAX_CHUNKS)
            return -ENOMEM;
        store->chunks[chunk] = malloc(((size_t)FIRST_CHUNK << chunk) * store->item_bytes);
        if (store->chunks[chunk] == NULL)
            return -ENOMEM;
    }
    memcpy(store_at(store, store->n_items), item, store->item_bytes);
    store->n_items++;
    return 0;
}

static void store_release(struct store *store) {
    for (unsigned i = 0; i < MAX_CHUNKS; i++)
        free(store->chunks[i]);
}

struct samples *samples_new(void) {
    struct samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return NULL;
    samples->samples.item_bytes = sizeof(struct load_sample);
    samples->reports.item_bytes = sizeof(struct server_report);
    return samples;
}

void samples_free(struct samples *samples) {
    if (samples == NULL)
        return;
    store_release(&samples->samples);
    store_release(&samples->reports);
    free(samples);
}

int samples_add(struct samples *samples, const struct load_sample *sample,
                const struct server_report *report) {
    struct load_sample kept = *sample;
    kept.server_report = 0;
    if (report != NULL) {
        int error = store_add(&samples->reports, report);
        if (error != 0)
            return error;
        kept.server_report = (unsigned)samples->reports.n_items;
    }
    return store_add(&samples->samples, &kept);
}

size_t samples_count(const struct samples *samples) {
    return samples->samples.n_items;
}

const struct load_sample *samples_get(const struct samples *samples, size_t index) {
    return store_at(&samples->samples, index);
}

const struct server_report *samples_report(const struct samples *samples,
                                           const struct load_sample *sample) {
    if (sample->server_report == 0)
        return NULL;
    return store_at(&samples->reports, sample->server_report - 1);
}

bool sample_failed(const struct load_sample *sample) {
    return sample->error != SAMPLE_ANSWERED || sample->status >= 400;
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
