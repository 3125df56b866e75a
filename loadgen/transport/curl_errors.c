/* Codes, and what only text or state beside them tells; see curl_errors.h. */
#include "loadgen/transport/curl_errors.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/*
 * Some codes stand for several things, which only the text beside them tells apart; a
 * library that words it otherwise gives the usual kind of the code. The first row that
 * fits counts.
 */
static const struct {
    CURLcode code;
    const char *part; /* of the text; NULL: any text fits */
    enum sample_error error;
} meanings[] = {
    {CURLE_OPERATION_TIMEDOUT, NULL, SAMPLE_TIMEOUT},
    {CURLE_COULDNT_RESOLVE_HOST, NULL, SAMPLE_DNS},
    {CURLE_COULDNT_RESOLVE_PROXY, NULL, SAMPLE_DNS},
    {CURLE_GOT_NOTHING, NULL, SAMPLE_CLOSED},
    {CURLE_PARTIAL_FILE, NULL, SAMPLE_CLOSED},
    {CURLE_SEND_ERROR, NULL, SAMPLE_CLOSED},
    {CURLE_RECV_ERROR, "hunk", SAMPLE_BAD_CHUNK},
    {CURLE_RECV_ERROR, NULL, SAMPLE_CLOSED}, /* under TLS, without its own farewell */
    {CURLE_UNSUPPORTED_PROTOCOL, NULL, SAMPLE_NOT_HTTP},
    {CURLE_WEIRD_SERVER_REPLY, "Content-Length", SAMPLE_BAD_LENGTH},
    {CURLE_WEIRD_SERVER_REPLY, "eader", SAMPLE_BAD_HEADER},
    {CURLE_WEIRD_SERVER_REPLY, NULL, SAMPLE_NOT_HTTP},
    {CURLE_BAD_CONTENT_ENCODING, NULL, SAMPLE_BAD_CHUNK},
    {CURLE_FILESIZE_EXCEEDED, NULL, SAMPLE_BAD_LENGTH},
    {CURLE_TOO_MANY_REDIRECTS, NULL, SAMPLE_REDIRECT_LOOP},
    {CURLE_HTTP2, NULL, SAMPLE_BAD_HTTP2},
    {CURLE_HTTP2_STREAM, NULL, SAMPLE_BAD_HTTP2},
    {CURLE_PROXY, NULL, SAMPLE_PROXY_REFUSED},
#if LIBCURL_VERSION_NUM >= 0x080600
    {CURLE_TOO_LARGE, NULL, SAMPLE_ENDLESS_HEAD},
#endif
    {CURLE_OUT_OF_MEMORY, NULL, SAMPLE_NO_MEMORY},
    {CURLE_ABORTED_BY_CALLBACK, NULL, SAMPLE_NO_MEMORY}, /* to watch a socket */
    {CURLE_SSL_CONNECT_ERROR, NULL, SAMPLE_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, NULL, SAMPLE_TLS},
    {CURLE_SSL_CACERT_BADFILE, NULL, SAMPLE_TLS},
    {CURLE_SSL_CERTPROBLEM, NULL, SAMPLE_TLS},
    {CURLE_SSL_CIPHER, NULL, SAMPLE_TLS},
};

/* What only the state of the transfer tells; or SAMPLE_ANSWERED. */
static enum sample_error kind_by_state(CURL *easy, CURLcode code) {
    long status = 0, proxy_status = 0, os_errno = 0;
    curl_off_t first_byte_us = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    (void)curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    (void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
    if (proxy_status >= 300)
        return SAMPLE_PROXY_REFUSED;
    bool is_redirect = status >= 300 && status < 400;
    if (is_redirect &&
        (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT))
        return SAMPLE_BAD_REDIRECT;
    if (code == CURLE_OUT_OF_MEMORY && first_byte_us > 0) /* older than TOO_LARGE */
        return SAMPLE_ENDLESS_HEAD;
    bool moved_data = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
    if (moved_data && (os_errno == ECONNRESET || os_errno == EPIPE))
        return SAMPLE_RESET;
    return code == CURLE_COULDNT_CONNECT ? sample_error_of((int)os_errno)
                                         : SAMPLE_ANSWERED;
}

bool curl_error_is_goodbye(CURLcode code, const char *text) {
    return code == CURLE_HTTP2 && text[0] == '\0';
}

enum sample_error curl_error_of(CURL *easy, CURLcode code, const char *text) {
    if (code == CURLE_OK)
        return SAMPLE_ANSWERED;
    enum sample_error kind = kind_by_state(easy, code);
    if (kind != SAMPLE_ANSWERED)
        return kind;
    if (curl_error_is_goodbye(code, text))
        return SAMPLE_CLOSED;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code &&
            (meanings[i].part == NULL || strstr(text, meanings[i].part) != NULL))
            return meanings[i].error;
    return SAMPLE_OTHER;
}
