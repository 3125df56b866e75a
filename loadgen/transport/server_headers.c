/* Server-Timing and Juggle-Worker; see server_headers.h. */
#include "loadgen/transport/server_headers.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_LINE_BYTES = 512 };

static const double MOST_MS = 1e12; /* thirty years; more makes no sense */

void server_headers_clear(struct server_report *report) {
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
    int n_read =
        sscanf(value, " process=%d thread=%d cpu=%d from_ns=%" SCNu64 " to_ns=%" SCNu64,
               &read.process, &read.thread, &read.cpu, &read.from_ns, &read.to_ns);
    if (n_read != 5)
        return;
    *report = read;
    report->names_worker = true;
}

bool server_headers_read(const char *line, size_t line_bytes,
                         struct server_report *report) {
    static const struct {
        const char *name;
        void (*read)(const char *value, struct server_report *report);
    } headers[] = {
        {"Server-Timing:", read_timing},
        {"Juggle-Worker:", read_worker},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        size_t name_length = strlen(headers[i].name);
        if (line_bytes <= name_length || line_bytes >= MAX_LINE_BYTES ||
            strncasecmp(line, headers[i].name, name_length) != 0)
            continue;
        char value[MAX_LINE_BYTES];
        memcpy(value, line + name_length, line_bytes - name_length);
        value[line_bytes - name_length] = '\0';
        headers[i].read(value, report);
        return true;
    }
    return false;
}
