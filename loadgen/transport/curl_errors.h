/* What a sample says of libcurl's codes. Any thread. */
#pragma once

#include <stdbool.h>

#include <curl/curl.h>

#include "loadgen/samples/sample.h"

/* Of the transfer that has just ended; `text` is what libcurl wrote of it. */
enum sample_error curl_error_of(CURL *easy, CURLcode code, const char *text);

/*
 * Whether an HTTP/2 server has ended the connection in order (GOAWAY) without looking at
 * the request. libcurl has no text for that, and one for each breach of the protocol.
 */
bool curl_error_is_goodbye(CURLcode code, const char *text);
