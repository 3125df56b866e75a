/* From path and query to what is asked for; see endpoint.h. */
#include "server/front/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "common/base/clock.h"
#include "common/base/units.h"

/* What the article's handlers did. */
static const char ARTICLE_WORK[] = "cpu:100000000turns";

/*
 * Every parameter must be one of `allowed` (NULL at the end), unless others are for
 * declared steps; their values go to `values`. `parsed` holds them and is to be cleared
 * in any case.
 */
static bool read_query(const char *query, const char *const *allowed, bool takes_others,
                       const char **values, struct evkeyvalq *parsed, struct job *job) {
    TAILQ_INIT(parsed);
    if (query != NULL && query[0] != '\0' && evhttp_parse_query_str(query, parsed) != 0) {
        job_fail(job, 400, "bad query: write name=value pairs joined by '&'");
        return false;
    }
    for (struct evkeyval *pair = parsed->tqh_first; pair != NULL;
         pair = pair->next.tqe_next) {
        unsigned i = 0;
        while (allowed[i] != NULL && strcmp(allowed[i], pair->key) != 0)
            i++;
        if (allowed[i] == NULL && takes_others)
            continue;
        if (allowed[i] == NULL) {
            job_fail(job, 400, "unknown parameter '%.40s': this path takes %s%s%s",
                     pair->key, allowed[0], allowed[1] != NULL ? " and " : "",
                     allowed[1] != NULL ? allowed[1] : "");
            return false;
        }
        values[i] = pair->value;
    }
    return true;
}

static void read_strategy(const struct endpoint_setting *setting, const char *text,
                          struct endpoint *endpoint, struct job *job) {
    const struct strategy *strategy = endpoint->strategy;
    char why[WHY_BYTES];
    if (text == NULL)
        text = setting->default_work;
    if (text == NULL) {
        text = strategy->default_work != NULL ? strategy->default_work : ARTICLE_WORK;
        endpoint->relays = strcmp(text, "fetch") == 0;
    }
    if (work_parse(text, setting->turns_per_ms, &job->work, why) != 0)
        job_fail(job, 400, "%s", why);
}

static void read_delay(const char *ms, const char *bytes, struct endpoint *endpoint,
                       struct job *job) {
    double delay_ms = 0;
    uint64_t body_bytes = 4;
    if (ms != NULL && (units_parse_number(ms, &delay_ms) != 0 || delay_ms > 1e12))
        job_fail(job, 400, "bad delay: ms=%.40s is not a number of milliseconds", ms);
    else if (bytes != NULL &&
             (units_parse_count(bytes, &body_bytes) != 0 || body_bytes > DELAY_MAX_BYTES))
        job_fail(job, 400, "bad delay: bytes=%.40s is not a number from 0 to %d", bytes,
                 DELAY_MAX_BYTES);
    endpoint->body_bytes = (unsigned)body_bytes;
    job->work.n_steps = 1;
    job->work.steps[0] =
        (struct step){STEP_SLEEP, (uint64_t)(delay_ms * (double)NS_PER_MS)};
}

/* What the name of a path stands for; ENDPOINT_ERROR: nothing. */
static struct endpoint find_endpoint(const struct strategy_entry *entry, const char *name,
                                     size_t length) {
    for (; entry->name != NULL; entry++)
        if (strlen(entry->name) == length && memcmp(entry->name, name, length) == 0)
            return (struct endpoint){.kind = ENDPOINT_STRATEGY,
                                     .strategy = entry->strategy};
    bool is_delay = length == strlen("delay") && memcmp(name, "delay", length) == 0;
    return (struct endpoint){.kind = is_delay ? ENDPOINT_DELAY : ENDPOINT_ERROR};
}

void endpoint_read(const struct endpoint_setting *setting, const char *path,
                   const char *query, struct endpoint *endpoint, struct job *job) {
    static const char *const of_strategy[] = {"work", NULL};
    static const char *const of_delay[] = {"ms", "bytes", NULL};
    *endpoint = (struct endpoint){.kind = ENDPOINT_INDEX};
    if (path == NULL || path[0] == '\0' || strcmp(path, "/") == 0)
        return;
    const char *name = path + 1, *values[2] = {NULL, NULL};
    size_t length = strlen(name);
    if (length > 1 && name[length - 1] == '/')
        length--;
    *endpoint = find_endpoint(setting->strategies, name, length);
    if (endpoint->kind == ENDPOINT_ERROR) {
        job_fail(job, 404, "no such path; 'juggle serve --help' lists the paths");
        return;
    }
    bool is_delay = endpoint->kind == ENDPOINT_DELAY;
    struct evkeyvalq parsed;
    bool takes_others = !is_delay && work_declared_name(0) != NULL;
    if (read_query(query, is_delay ? of_delay : of_strategy, takes_others, values,
                   &parsed, job)) {
        if (is_delay)
            read_delay(values[0], values[1], endpoint, job);
        else
            read_strategy(setting, values[0], endpoint, job);
        char asked[32], most[32];
        uint64_t work_ns = work_duration_ns(&job->work, setting->turns_per_ms);
        if (job->record.status == 200 && work_ns > setting->max_work_ns)
            job_fail(job, 400, "too much work: %s asked for, at most %s (--max-work)",
                     units_format_duration(work_ns, asked),
                     units_format_duration(setting->max_work_ns, most));
    }
    evhttp_clear_headers(&parsed);
    if (job->record.status != 200)
        endpoint->kind = ENDPOINT_ERROR;
}
