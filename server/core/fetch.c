/* The fetch step; see fetch.h. */
#include "server/core/fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"

static struct fetch_setting setting;
static pthread_key_t thread_handle;
static pthread_once_t thread_handle_once = PTHREAD_ONCE_INIT;

static void make_key(void) {
    (void)pthread_key_create(&thread_handle, curl_easy_cleanup);
}

/* The limit of a fetch that is asked to take so long; 0: none. */
static long limit_ms(uint64_t asked_ns) {
    uint64_t limit_ns = setting.upstream_timeout_ns;
    return limit_ns > 0 ? (long)((limit_ns + asked_ns + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

static size_t drop_body(char *bytes, size_t size, size_t n, void *context) {
    (void)bytes, (void)context;
    return size * n;
}

static size_t keep_body(char *bytes, size_t size, size_t n, void *context) {
    struct relay *relay = context;
    size_t wanted = relay->n_bytes + size * n;
    if (wanted > RELAY_MAX_BYTES)
        return 0; /* libcurl then ends the transfer with CURLE_WRITE_ERROR */
    if (wanted > relay->capacity_bytes) {
        size_t capacity = wanted < 4096 ? 4096 : 2 * wanted;
        char *body = realloc(relay->body, capacity);
        if (body == NULL)
            return 0;
        relay->body = body;
        relay->capacity_bytes = capacity;
    }
    memcpy(relay->body + relay->n_bytes, bytes, size * n);
    relay->n_bytes = wanted;
    return size * n;
}

void fetch_configure(const struct fetch_setting *chosen) {
    setting = *chosen;
}

const struct fetch_setting *fetch_configured(void) {
    return &setting;
}

static void fail(struct job_record *record, int status, const char *problem) {
    record->status = status;
    (void)snprintf(record->error, sizeof record->error, "fetch: %s", problem);
}

bool fetch_is_possible(struct job_record *record) {
    if (setting.upstream_url == NULL)
        fail(record, 502, "there is no upstream; start the server with --upstream URL");
    return setting.upstream_url != NULL;
}

void fetch_prepare(CURL *easy) {
    (void)curl_easy_setopt(easy, CURLOPT_URL, setting.upstream_url);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "juggle");
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit_ms(0));
}

void fetch_ask(CURL *easy, const struct step *step, struct relay *relay) {
    static const char place[] = "{ms}";
    const char *url = setting.upstream_url, *before = strstr(url, place);
    uint64_t asked_ns = step->amount > 0 ? step->amount : WORK_FETCH_NS;
    char *asked;
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION,
                           relay != NULL ? keep_body : drop_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, relay);
    if (before == NULL ||
        asprintf(&asked, "%.*s%.9g%s", (int)(before - url), url,
                 (double)asked_ns / (double)NS_PER_MS, before + strlen(place)) < 0)
        return;
    (void)curl_easy_setopt(easy, CURLOPT_URL, asked); /* which copies it */
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit_ms(asked_ns));
    free(asked);
}

void fetch_judge(CURL *easy, CURLcode result, struct relay *relay,
                 struct job_record *record) {
    char problem[80];
    long status = 0;
    const char *content_type = NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &content_type);
    if (result == CURLE_OPERATION_TIMEDOUT) {
        fail(record, 504, "the upstream did not answer in time");
    } else if (result != CURLE_OK) {
        (void)snprintf(problem, sizeof problem, "the upstream failed: %.55s",
                       curl_easy_strerror(result));
        fail(record, 502, problem);
    } else if (relay != NULL) {
        relay->status = (int)status;
        (void)snprintf(relay->content_type, sizeof relay->content_type, "%s",
                       content_type != NULL ? content_type : "application/octet-stream");
    } else if (status >= 400) {
        (void)snprintf(problem, sizeof problem, "the upstream answered %ld", status);
        fail(record, 502, problem);
    }
}

void fetch_run(const struct step *step, struct job_record *record) {
    (void)pthread_once(&thread_handle_once, make_key);
    CURL *easy = pthread_getspecific(thread_handle);
    if (easy == NULL) {
        easy = curl_easy_init();
        if (easy == NULL || pthread_setspecific(thread_handle, easy) != 0) {
            curl_easy_cleanup(easy);
            fail(record, 503, "out of memory");
            return;
        }
        fetch_prepare(easy);
    }
    fetch_ask(easy, step, NULL);
    CURLcode result = curl_easy_perform(easy);
    fetch_judge(easy, result, NULL, record);
}

void fetch_forget_thread(void) {
    (void)pthread_once(&thread_handle_once, make_key);
    curl_easy_cleanup(pthread_getspecific(thread_handle));
    (void)pthread_setspecific(thread_handle, NULL);
}
