/*
 * The fetch step: GET of the upstream through libcurl. The blocking form keeps one
 * handle, and so one kept-alive connection, per thread. Where the upstream's URL has {ms}
 * it becomes the milliseconds that a step asks for, as in http://host/delay/?ms={ms}.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "server/core/job.h"

struct fetch_setting {
    const char *upstream_url;     /* what fetch gets; NULL: there is none */
    uint64_t upstream_timeout_ns; /* beyond what it is asked to take; 0: no limit */
};

/* Before any fork or thread; the setting is copied, its texts must stay. */
void fetch_configure(const struct fetch_setting *setting);

/* What was configured. Any thread. */
const struct fetch_setting *fetch_configured(void);

/* False, and the record failed with 502, where there is no upstream. */
bool fetch_is_possible(struct job_record *record);

/* Gives the easy handle the URL and the time-out. */
void fetch_prepare(CURL *easy);

/* Before each transfer: asks for an answer after the time of the step, where the upstream
 * can be asked. The body goes to `relay`; NULL: it is dropped. */
void fetch_ask(CURL *easy, const struct step *step, struct relay *relay);

/*
 * What the finished transfer means for the job: record->status stays as it is when the
 * upstream answered below 400, or whatever it answered when that is to be relayed;
 * otherwise 502, or 504 when it took too long.
 */
void fetch_judge(CURL *easy, CURLcode result, struct relay *relay,
                 struct job_record *record);

/* The blocking form, where a fetch is possible. Any thread. */
void fetch_run(const struct step *step, struct job_record *record);

/* Frees the calling thread's handle; threads that end do so by themselves. */
void fetch_forget_thread(void);
