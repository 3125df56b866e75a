/* Headers of the user's and of the server's; see headers.h. */
#include "loadgen/transport/headers.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    MAX_LINE_BYTES = 512,
    MOST_EXACT_BYTES = 16, /* a point and 15 digits, which any double holds */
};

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

/* The server's report. It comes with each reply, and by sscanf it took four times as
 * long as all else that a request needs. */

void headers_clear_report(struct server_report *report) {
    *report = (struct server_report){.queue_us = NAN, .run_us = NAN};
}

/* What strtod makes of it, for plain decimals in a tenth of the time, and as exactly:
 * both whole numbers fit into a double. NAN: it is no number. */
static double read_decimal(const char *text) {
    const char *at = text;
    uint64_t digits = 0;
    double divisor = 1;
    for (; span_is_digit(*at); at++)
        digits = 10 * digits + (uint64_t)(*at - '0');
    if (at > text && *at == '.')
        for (at++; span_is_digit(*at); at++, divisor *= 10)
            digits = 10 * digits + (uint64_t)(*at - '0');
    if (at > text && at - text <= MOST_EXACT_BYTES && strchr(", ;\t\r\n", *at) != NULL)
        return (double)digits / divisor;
    char *end;
    double value = strtod(text, &end);
    return end != text ? value : NAN;
}

/* "queue;dur=0.012" anywhere in the list; left alone when it is not there. */
static void read_dur(const char *value, const char *name, double *dur_us) {
    size_t name_length = strlen(name);
    for (const char *entry = value; entry != NULL; entry = strchr(entry, ',')) {
        while (*entry == ',' || span_is_blank(*entry))
            entry++;
        if (strncmp(entry, name, name_length) != 0)
            continue;
        double dur_ms = read_decimal(entry + name_length);
        if (dur_ms >= 0 && dur_ms < MOST_MS) {
            *dur_us = dur_ms * 1e3;
            return;
        }
    }
}

/* A proxy may have added a line of its own, before or after the server's. */
static void read_timing(const char *value, struct server_report *report) {
    read_dur(value, "queue;dur=", &report->queue_us);
    read_dur(value, "run;dur=", &report->run_us);
    read_dur(value, "cpu;dur=", &report->cpu_us);
    read_dur(value, "wait;dur=", &report->wait_us);
}

/* "process=12" next in the list; false when something else is. */
static bool take_number(const char **at, const char *name, uint64_t *number) {
    size_t name_length = strlen(name);
    *at += strspn(*at, " \t");
    if (strncmp(*at, name, name_length) != 0 || !span_is_digit((*at)[name_length]))
        return false;
    *number = 0;
    for (*at += name_length; span_is_digit(**at); ++*at)
        *number = 10 * *number + (uint64_t)(**at - '0');
    return true;
}

static void read_worker(const char *value, struct server_report *report) {
    uint64_t process, thread, cpu, from_ns, to_ns;
    if (!take_number(&value, "process=", &process) ||
        !take_number(&value, "thread=", &thread) || !take_number(&value, "cpu=", &cpu) ||
        !take_number(&value, "from_ns=", &from_ns) ||
        !take_number(&value, "to_ns=", &to_ns))
        return;
    report->names_worker = true;
    report->process = (int)process;
    report->thread = (int)thread;
    report->cpu = (int)cpu;
    report->from_ns = from_ns;
    report->to_ns = to_ns;
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
