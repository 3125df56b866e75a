/* Names and kinds of errors; see sample.h. */
#include "loadgen/samples/sample.h"

#include <errno.h>
#include <stddef.h>

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
#define SAMPLE_NAME(error, name) [error] = name,
    static const char *const names[N_SAMPLE_ERRORS] = {SAMPLE_ERRORS(SAMPLE_NAME)};
#undef SAMPLE_NAME
    return error < N_SAMPLE_ERRORS ? names[error] : "other";
}
