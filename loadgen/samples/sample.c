/* What can be said of one sample; see sample.h. */
#include "loadgen/samples/sample.h"

#include <errno.h>
#include <stddef.h>

bool sample_failed(const struct load_sample *sample) {
    return sample->error != SAMPLE_ANSWERED || sample->status >= 400;
}

bool sample_only_waited(const struct load_sample *sample) {
    return sample->fate == SAMPLE_CUT_OFF ||
           (sample->fate == SAMPLE_ENDED && sample->error == SAMPLE_TIMEOUT);
}

uint64_t sample_n_requests(const struct load_sample *sample) {
    return sample->fate == SAMPLE_NOT_SENT ? 1 + sample->body_bytes : 1;
}

bool sample_is_warmup(const struct load_sample *sample, uint64_t warmup_ns) {
    return sample->planned_ns < warmup_ns;
}

uint64_t sample_latency_ns(const struct load_sample *sample, bool from_planned) {
    uint64_t late_ns = from_planned ? sample->start_ns - sample->planned_ns : 0;
    return late_ns + sample->service_ns;
}

enum sample_error sample_error_of(int system_error) {
    static const struct {
        int error;
        enum sample_error kind;
    } kinds[] = {
        {ECONNREFUSED, SAMPLE_REFUSED},
        {ECONNRESET, SAMPLE_RESET},
        {EPIPE, SAMPLE_RESET},
        {ETIMEDOUT, SAMPLE_TIMEOUT},
        {ENETUNREACH, SAMPLE_UNREACHABLE},
        {EHOSTUNREACH, SAMPLE_UNREACHABLE},
        {ENETDOWN, SAMPLE_UNREACHABLE},
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
    static const char *const names[N_SAMPLE_ERRORS] = {
        [SAMPLE_ANSWERED] = NULL,
        [SAMPLE_REFUSED] = "refused",
        [SAMPLE_RESET] = "reset",
        [SAMPLE_TIMEOUT] = "timeout",
        [SAMPLE_CLOSED] = "closed",
        [SAMPLE_NOT_HTTP] = "bad response: not HTTP",
        [SAMPLE_BAD_HEADER] = "bad response: header line",
        [SAMPLE_BAD_LENGTH] = "bad response: length",
        [SAMPLE_BAD_CHUNK] = "bad response: chunk",
        [SAMPLE_ENDLESS_HEAD] = "bad response: endless head",
        [SAMPLE_UPGRADE] = "bad response: status 101",
        [SAMPLE_BAD_HTTP2] = "bad response: HTTP/2",
        [SAMPLE_BAD_REDIRECT] = "bad response: redirect",
        [SAMPLE_REDIRECT_LOOP] = "redirect loop",
        [SAMPLE_PROXY_REFUSED] = "refused by proxy",
        [SAMPLE_DNS] = "dns",
        [SAMPLE_TLS] = "tls",
        [SAMPLE_UNREACHABLE] = "unreachable",
        [SAMPLE_NO_PORT] = "no local port",
        [SAMPLE_NO_FILE] = "no descriptor",
        [SAMPLE_NO_MEMORY] = "no memory",
        [SAMPLE_OTHER] = "other",
    };
    return error < N_SAMPLE_ERRORS ? names[error] : "other";
}
