/* Names and kinds of errors, gaps in the time of requests, and the first refusal; see
 * sample.h. */
#include "loadgen/samples/sample.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/foreign.h"

/* What is read so long after a gap had not come while it lasted: the loop has looked
 * meanwhile, or that would be a gap as well. */
static const uint64_t WELL_AFTER_NS = 30 * NS_PER_MS;

enum sample_error sample_error_of(int system_error) {
    static const struct {
        int error;
        enum sample_error kind;
    } kinds[] = {
        {ECONNREFUSED, SAMPLE_REFUSED},
        {EAGAIN, SAMPLE_REFUSED}, /* a unix socket whose queue is full */
        {ECONNRESET, SAMPLE_RESET},
        {EPIPE, SAMPLE_RESET},
        {ETIMEDOUT, SAMPLE_TIMEOUT},
        {ENETUNREACH, SAMPLE_UNREACHABLE},
        {EHOSTUNREACH, SAMPLE_UNREACHABLE},
        {ENETDOWN, SAMPLE_UNREACHABLE},
        {ENOENT, SAMPLE_UNREACHABLE}, /* a unix socket that was removed */
        {EADDRNOTAVAIL, SAMPLE_NO_PORT},
        {EMFILE, SAMPLE_NO_FILE},
        {ENFILE, SAMPLE_NO_FILE},
        {ENOMEM, SAMPLE_NO_MEMORY},
        {ENOBUFS, SAMPLE_NO_MEMORY},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].error == system_error)
            return kinds[i].kind;
    return SAMPLE_OTHER;
}

const char *sample_protocol_name(unsigned protocol) {
    return protocol == 10   ? "HTTP/1.0"
           : protocol == 11 ? "HTTP/1.1"
           : protocol == 20 ? "HTTP/2"
                            : NULL;
}

const char *sample_error_name(unsigned error) {
#define SAMPLE_NAME(error, name) [error] = name,
    static const char *const names[N_SAMPLE_ERRORS] = {SAMPLE_ERRORS(SAMPLE_NAME)};
#undef SAMPLE_NAME
    return error < N_SAMPLE_ERRORS ? names[error] : "other";
}

/* Gaps */

void gaps_add(struct gaps *gaps, struct gap gap) {
    if (gaps->n == gaps->n_room) {
        size_t n_room = gaps->n_room > 0 ? 2 * gaps->n_room : 16;
        struct gap *all = realloc(gaps->all, n_room * sizeof *all);
        if (all == NULL && gaps->n > 0)
            gaps->all[gaps->n - 1].to_ns = gap.to_ns;
        if (all == NULL)
            return;
        gaps->all = all;
        gaps->n_room = n_room;
    }
    gaps->all[gaps->n++] = gap;
}

void gaps_add_thread(struct gaps *gaps, const struct gaps *own, unsigned first_user,
                     unsigned end_user) {
    for (size_t i = 0; i < own->n; i++) {
        struct gap gap = own->all[i];
        bool is_to_the_end = gap.end_user == 0 || gap.end_user > end_user - first_user;
        gap.first_user += first_user;
        gap.end_user = is_to_the_end ? end_user : first_user + gap.end_user;
        gaps_add(gaps, gap);
    }
}

/* The first gap that is not over by then, of the user's thread or of one behind it. */
static size_t find_gap(const struct gaps *gaps, unsigned user, uint64_t at_ns) {
    size_t low = 0, high = gaps->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct gap *gap = &gaps->all[middle];
        bool is_of_threads_before = gap->end_user != 0 && gap->end_user <= user;
        if (is_of_threads_before || (gap->first_user <= user && gap->to_ns <= at_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * Whether the server alone could have moved the request on, once it was sent: what came
 * next, the connection or the first byte, came well after the gap. Of a body it is not
 * known when its pieces came.
 */
static bool waits_through(const struct load_sample *sample, const struct gap *gap) {
    uint64_t start_ns = sample->start_ns, next_ns = start_ns + sample->service_ns;
    if (sample->first_byte_ns > 0)
        next_ns = start_ns + sample->first_byte_ns;
    if (sample->connect_ns > 0 && start_ns + sample->connect_ns >= gap->from_ns)
        next_ns = start_ns + sample->connect_ns;
    return next_ns >= gap->to_ns + WELL_AFTER_NS;
}

uint64_t gaps_in_request(const struct gaps *gaps, const struct load_sample *sample,
                         uint64_t from_ns) {
    uint64_t end_ns = sample->start_ns + sample->service_ns, sum_ns = 0;
    if (gaps->n == 0)
        return 0;
    for (size_t i = find_gap(gaps, sample->user, from_ns); i < gaps->n; i++) {
        const struct gap *gap = &gaps->all[i];
        if (gap->first_user > sample->user || gap->from_ns >= end_ns)
            break;
        uint64_t to_ns = waits_through(sample, gap) ? sample->start_ns : end_ns;
        uint64_t first_ns = gap->from_ns > from_ns ? gap->from_ns : from_ns;
        uint64_t last_ns = gap->to_ns < to_ns ? gap->to_ns : to_ns;
        sum_ns += last_ns > first_ns ? last_ns - first_ns : 0;
    }
    return sum_ns;
}

void gaps_free(struct gaps *gaps) {
    free(gaps->all);
    *gaps = (struct gaps){0};
}

/* The first refusal */

enum { LINE_BYTES = 50, SHOWN_BYTES = 4 * LINE_BYTES };
static atomic_flag is_taken = ATOMIC_FLAG_INIT;
static char words[SHOWN_BYTES + 8];

void refusal_note(int status, const char *body, size_t n_bytes) {
    char line[LINE_BYTES], shown[SHOWN_BYTES];
    if (status < 400 || atomic_flag_test_and_set(&is_taken))
        return;
    while (n_bytes > 0 && strchr(" \r\n\t", *body) != NULL)
        body++, n_bytes--;
    size_t n = 0;
    while (n < n_bytes && n < sizeof line - 1 && strchr("\r\n", body[n]) == NULL)
        n++;
    (void)snprintf(line, sizeof line, "%.*s", (int)n, body);
    (void)snprintf(words, sizeof words, "%d: %s", status,
                   foreign_show(line, shown, sizeof shown));
}

const char *refusal_words(void) {
    return words[0] != '\0' ? words : NULL;
}
