/*
 * The fetch step: GET of the upstream through libcurl. The blocking form keeps one
 * handle, and so one kept-alive connection, per thread.
 */
#ifndef JUGGLE_SERVER_FETCH_H
#define JUGGLE_SERVER_FETCH_H

#include <curl/curl.h>

#include "server/core/steps.h"

enum { RELAY_MAX_BYTES = 64 * 1024 * 1024 };

/* Gives the easy handle the URL, the time-out and where bodies go. */
void fetch_prepare(CURL *easy, const struct steps_setting *setting);

/* From here on the handle's body goes to `relay`, or nowhere when it is NULL. */
void fetch_set_relay(CURL *easy, struct relay *relay);

/*
 * What the finished transfer means for the job: record->status stays as it is when the
 * upstream answered below 400, or whatever it answered when that is to be relayed;
 * otherwise 502, or 504 when it took too long.
 */
void fetch_judge(CURL *easy, CURLcode result, struct relay *relay,
                 struct job_record *record);

/* The blocking form. Any thread. */
void fetch_run(const struct steps_setting *setting, struct job_record *record);

/* Frees the calling thread's handle; threads that end do so by themselves. */
void fetch_forget_thread(void);

#endif
