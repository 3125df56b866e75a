/* Headers of the user's and of the server's; see headers.h. */
#include "loadgen/transport/headers.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { MAX_LINE_BYTES = 512 };

static const double MOST_MS = 1e12; /* thirty years; more makes no sense */

static bool is_named(const char *line, const char *name) {
    size_t length = strlen(name);
    return strncasecmp(line, name, length) == 0 &&
           (line[length] == ':' || line[length] == ';');
}

/* What stands behind the colon. */
static struct span value_of(const char *line) {
    const char *colon = strchr(line, ':');
    return colon != NULL ? span_trim((struct span){colon + 1, strlen(colon + 1)})
                         : (struct span){line, 0};
}

int headers_add(struct headers *headers, const char *line) {
    size_t n_name = strcspn(line, ":;");
    bool is_form = n_name > 0 && (line[n_name] == ':' ||
                                  (line[n_name] == ';' && line[n_name + 1] == '\0'));
    /* A line end would change the request's shape. */
    if (!is_form || strpbrk(line, "\r\n") != NULL)
        return -EINVAL;
    if (headers->n == HEADERS_MOST)
        return -ERANGE;
    headers->lines[headers->n++] = line;
    return 0;
}

bool headers_have(const struct headers *headers, const char *name) {
    for (unsigned i = 0; i < headers->n; i++)
        if (is_named(headers->lines[i], name))
            return true;
    return false;
}

bool headers_list(const struct headers *headers, const char *name, const char *word) {
    for (unsigned i = 0; i < headers->n; i++) {
        struct span value = value_of(headers->lines[i]);
        for (struct span item;
             is_named(headers->lines[i], name) && span_next(&value, &item);)
            if (span_equals(item, word))
                return true;
    }
    return false;
}

bool headers_suit(const char *line, bool has_body) {
    return has_body || !is_named(line, "Transfer-Encoding");
}

const char *headers_refusal(const struct headers *headers, bool http2) {
    if (headers_have(headers, "Content-Length"))
        return "-H 'Content-Length' is refused, because the length is that of the body "
               "that is sent; leave it out";
    for (unsigned i = 0; i < headers->n; i++) {
        struct span value = value_of(headers->lines[i]);
        if (!is_named(headers->lines[i], "Transfer-Encoding") || value.n_bytes == 0)
            continue;
        if (!span_equals(value, "chunked"))
            return "-H 'Transfer-Encoding' knows 'chunked' alone, which sends bodies in "
                   "chunks; leave out the rest";
        if (http2)
            return "HTTP/2 has no 'Transfer-Encoding: chunked'; leave it out";
    }
    return NULL;
}

/* The server's report */

void headers_clear_report(struct server_report *report) {
    *report = (struct server_report){.queue_us = NAN, .run_us = NAN};
}

/* "queue;dur=0.012" anywhere in the list; left alone when it is not there. */
static void read_dur(const char *value, const char *name, double *dur_us) {
    size_t name_length = strlen(name);
    for (const char *entry = value; entry != NULL; entry = strchr(entry, ',')) {
        entry += strspn(entry, ", \t");
        if (strncmp(entry, name, name_length) != 0)
            continue;
        double dur_ms;
        if (sscanf(entry + name_length, ";dur=%lf", &dur_ms) == 1 && dur_ms >= 0 &&
            dur_ms < MOST_MS) {
            *dur_us = dur_ms * 1e3;
            return;
        }
    }
}

/* A proxy may have added a line of its own, before or after the server's. */
static void read_timing(const char *value, struct server_report *report) {
    read_dur(value, "queue", &report->queue_us);
    read_dur(value, "run", &report->run_us);
    read_dur(value, "cpu", &report->cpu_us);
    read_dur(value, "wait", &report->wait_us);
}

static void read_worker(const char *value, struct server_report *report) {
    struct server_report read = *report;
    read.names_worker = true;
    if (sscanf(value, " process=%d thread=%d cpu=%d from_ns=%" SCNu64 " to_ns=%" SCNu64,
               &read.process, &read.thread, &read.cpu, &read.from_ns, &read.to_ns) == 5)
        *report = read;
}

bool headers_read_report(const char *line, size_t line_bytes,
                         struct server_report *report) {
    static const struct {
        const char *name;
        void (*read)(const char *value, struct server_report *report);
    } kinds[] = {{"Server-Timing:", read_timing}, {"Juggle-Worker:", read_worker}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t name_length = strlen(kinds[i].name);
        if (line_bytes <= name_length || line_bytes >= MAX_LINE_BYTES ||
            strncasecmp(line, kinds[i].name, name_length) != 0)
            continue;
        char value[MAX_LINE_BYTES];
        memcpy(value, line + name_length, line_bytes - name_length);
        value[line_bytes - name_length] = '\0';
        kinds[i].read(value, report);
        return true;
    }
    return false;
}
