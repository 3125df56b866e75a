/* What libcurl's result codes mean to a sample. Loop thread. */
#ifndef JUGGLE_LOADGEN_CURL_ERROR_H
#define JUGGLE_LOADGEN_CURL_ERROR_H

#include <curl/curl.h>

#include "loadgen/samples.h"

/*
 * The kind of error that `code` of the transfer just ended on `easy` stands for; `text`
 * is what libcurl wrote of it into the handle's ERRORBUFFER.
 */
enum sample_error curl_error_kind(CURL *easy, CURLcode code, const char *text);

#endif
