/*
 * What libcurl is told of the names that were resolved before the run, so that it looks
 * none up within the times: that takes it a thread and a pair of sockets each. Loop
 * thread.
 */
#ifndef JUGGLE_LOADGEN_CURL_NAMES_H
#define JUGGLE_LOADGEN_CURL_NAMES_H

#include <curl/curl.h>

#include "loadgen/targets/hosts.h"

/*
 * Makes the list for CURLOPT_RESOLVE, which is read when a handle starts first and must
 * live until then; NULL when there is nothing to tell. 0 or -ENOMEM; the caller frees it
 * either way.
 */
int curl_names_make(struct curl_slist **list, const struct hosts *hosts);

#endif
