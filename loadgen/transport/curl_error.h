/* What libcurl's result codes mean to a sample. Loop thread. */
#ifndef JUGGLE_LOADGEN_CURL_ERROR_H
#define JUGGLE_LOADGEN_CURL_ERROR_H

#include <stdbool.h>

#include <curl/curl.h>

#include "loadgen/samples/samples.h"

/*
 * The kind of error that `code` of the transfer just ended on `easy` stands for; `text`
 * is what libcurl wrote of it into the handle's ERRORBUFFER.
 */
enum sample_error curl_error_kind(CURL *easy, CURLcode code, const char *text);

/*
 * Whether an HTTP/2 server has ended the connection in order (GOAWAY) without looking at
 * the request. libcurl has no text for that, and one for each breach of the protocol.
 */
bool curl_error_is_goodbye(CURLcode code, const char *text);

#endif
