/* libcurl's codes and the errno behind them as kinds of errors; see curl_error.h. */
#include "loadgen/curl_error.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

struct code_meaning {
    CURLcode code;
    enum sample_error error;
};

static const struct code_meaning code_meanings[] = {
    {CURLE_OPERATION_TIMEDOUT, SAMPLE_TIMEOUT},
    {CURLE_COULDNT_RESOLVE_HOST, SAMPLE_DNS},
    {CURLE_COULDNT_RESOLVE_PROXY, SAMPLE_DNS},
    {CURLE_GOT_NOTHING, SAMPLE_CLOSED},
    {CURLE_PARTIAL_FILE, SAMPLE_CLOSED},
    {CURLE_SEND_ERROR, SAMPLE_CLOSED},
    {CURLE_RECV_ERROR, SAMPLE_BAD_RESPONSE},
    {CURLE_UNSUPPORTED_PROTOCOL, SAMPLE_BAD_RESPONSE}, /* not HTTP at all */
    {CURLE_WEIRD_SERVER_REPLY, SAMPLE_BAD_RESPONSE},
    {CURLE_BAD_CONTENT_ENCODING, SAMPLE_BAD_RESPONSE},
    {CURLE_FILESIZE_EXCEEDED, SAMPLE_BAD_RESPONSE},
    {CURLE_TOO_MANY_REDIRECTS, SAMPLE_BAD_RESPONSE},
    {CURLE_HTTP2, SAMPLE_BAD_RESPONSE},
    {CURLE_HTTP2_STREAM, SAMPLE_BAD_RESPONSE},
    {CURLE_PROXY, SAMPLE_REFUSED},
    {CURLE_OUT_OF_MEMORY, SAMPLE_BAD_RESPONSE}, /* also: a header without end */
    {CURLE_SSL_CONNECT_ERROR, SAMPLE_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, SAMPLE_TLS},
    {CURLE_SSL_CACERT_BADFILE, SAMPLE_TLS},
    {CURLE_SSL_CERTPROBLEM, SAMPLE_TLS},
    {CURLE_SSL_CIPHER, SAMPLE_TLS},
};

enum sample_error curl_error_kind(CURL *easy, CURLcode code) {
    if (code == CURLE_OK)
        return SAMPLE_ANSWERED;
    long os_errno = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
    bool moved_data = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
    if (moved_data && (os_errno == ECONNRESET || os_errno == EPIPE))
        return SAMPLE_RESET;
    if (code == CURLE_COULDNT_CONNECT)
        return sample_error_of((int)os_errno);
    for (size_t i = 0; i < sizeof code_meanings / sizeof *code_meanings; i++)
        if (code_meanings[i].code == code)
            return code_meanings[i].error;
    return SAMPLE_OTHER;
}
