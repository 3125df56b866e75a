/* How the texts behind options of `juggle load` become values; see load_types.h. */
#include "loadgen/options/load_types.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "loadgen/options/load_options.h"

static int parse_rounds(const char *text, void *target) {
    struct load_rounds *rounds = target;
    *rounds = (struct load_rounds){.once = strcmp(text, "once") == 0};
    if (rounds->once)
        return 0;
    int error = units_parse_count(text, &rounds->n);
    return error == 0 && rounds->n == 0 ? -ERANGE : error;
}

/* siege's 30S, 5M, 1H and 5 (minutes); or any duration of ours. */
static int parse_time(const char *text, void *target) {
    uint64_t *duration_ns = target;
    char lower[64]; /* with room for a unit and the end */
    size_t n = strlen(text);
    if (n == 0 || n > sizeof lower - 2)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)tolower((unsigned char)text[i]);
    if (isdigit((unsigned char)text[n - 1]))
        lower[n++] = 'm';
    lower[n] = '\0';
    int error = units_parse_duration(lower, duration_ns);
    return error == 0 && *duration_ns < NS_PER_MS ? -ERANGE : error;
}

static int parse_rate(const char *text, void *target) {
    char number[64];
    size_t n = strlen(text);
    if (n >= sizeof number)
        return -EINVAL;
    memcpy(number, text, n + 1);
    if (n > 2 && strcmp(number + n - 2, "/s") == 0)
        number[n - 2] = '\0';
    int error = units_parse_number(number, target);
    double rate = *(double *)target;
    return error == 0 && (rate < 1e-3 || rate > 1e7) ? -ERANGE : error;
}

static int parse_search(const char *text, void *target) {
    struct search_setting *search = target;
    search->text = text;
    return search_parse_objective(text, &search->objective);
}

/* "100..1000/s" */
static int parse_ramp(const char *text, void *target) {
    struct load_ramp *ramp = target;
    char from[64];
    const char *dots = strstr(text, "..");
    if (dots == NULL || (size_t)(dots - text) >= sizeof from)
        return -EINVAL;
    memcpy(from, text, (size_t)(dots - text));
    from[dots - text] = '\0';
    bool is_from_nothing = strcmp(from, "0") == 0 || strcmp(from, "0/s") == 0;
    int error = is_from_nothing ? 0 : parse_rate(from, &ramp->from_per_s);
    if (is_from_nothing)
        ramp->from_per_s = 0;
    return error == 0 ? parse_rate(dots + 2, &ramp->to_per_s) : error;
}

/* A line end would change the request's shape. */
static bool is_one_line(const char *text) {
    return strpbrk(text, "\r\n") == NULL;
}

static int parse_header_value(const char *text, void *target) {
    return is_one_line(text) ? option_text.parse(text, target) : -EINVAL;
}

static int parse_header(const char *text, void *target) {
    return headers_add(target, text);
}

static int parse_log(const char *text, void *target) {
    struct log_target *log = target;
    *log->wanted = true;
    if (text != NULL)
        *log->path = text;
    return 0;
}

static int parse_seed(const char *text, void *target) {
    return units_parse_seed(text, target);
}

static int parse_act(const char *text, void *target) {
    return option_flag.parse(text, target);
}

static int parse_rc(const char *text, void *target) {
    return option_text.parse(text, target);
}

static void print_rounds(const void *target, const char *name, FILE *out) {
    const struct load_rounds *rounds = target;
    if (rounds->once)
        options_print_text("once", name, out);
    else
        option_count.print(&rounds->n, name, out);
}

/* 0: no parser leaves it. */
static void print_time(const void *target, const char *name, FILE *out) {
    if (*(const uint64_t *)target > 0)
        option_duration.print(target, name, out);
}

static void print_rate(const void *target, const char *name, FILE *out) {
    if (*(const double *)target > 0)
        option_number.print(target, name, out);
}

static void print_search(const void *target, const char *name, FILE *out) {
    options_print_text(((const struct search_setting *)target)->text, name, out);
}

static void print_ramp(const void *target, const char *name, FILE *out) {
    const struct load_ramp *ramp = target;
    char from[UNITS_EXACT_BYTES], to[UNITS_EXACT_BYTES];
    if (ramp->to_per_s > 0)
        (void)fprintf(out, "%s = %s..%s\n", name,
                      units_exact_number(ramp->from_per_s, from),
                      units_exact_number(ramp->to_per_s, to));
}

static void print_headers(const void *target, const char *name, FILE *out) {
    const struct headers *headers = target;
    for (unsigned i = 0; i < headers->n; i++)
        options_print_text(headers->lines[i], name, out);
}

static void print_header_value(const void *target, const char *name, FILE *out) {
    option_text.print(target, name, out);
}

static void print_log(const void *target, const char *name, FILE *out) {
    const struct log_target *log = target;
    if (*log->wanted)
        options_print_text(*log->path, name, out);
}

static void print_seed(const void *target, const char *name, FILE *out) {
    if (*(const uint64_t *)target != LOAD_NO_SEED)
        option_count.print(target, name, out);
}

const struct option_type load_type_rounds = {"a whole number from 1, or 'once'",
                                             parse_rounds, print_rounds};
const struct option_type load_type_time = {
    "a time such as 30S, 5M, 1H or 500ms (a bare number is minutes)", parse_time,
    print_time};
const struct option_type load_type_rate = {"requests per second such as 100 or 100/s",
                                           parse_rate, print_rate};
const struct option_type load_type_search = {"a figure and its limit such as p99:50ms "
                                             "or max:1s",
                                             parse_search, print_search};
const struct option_type load_type_window = {UNITS_DURATION_FORM, parse_time, print_time};
const struct option_type load_type_ramp = {
    "two rates per second such as 100..1000/s or 0..50/s", parse_ramp, print_ramp};
const struct option_type load_type_seed = {"a whole number below 2^63", parse_seed,
                                           print_seed};
const struct option_type load_type_header_value = {
    "a value without a line end", parse_header_value, print_header_value};
const struct option_type load_type_header = {
    "'Name: value', 'Name:' or 'Name;', at most 64 times", parse_header, print_headers};
const struct option_type load_type_log = {"a file name", parse_log, print_log};
const struct option_type load_type_act = {NULL, parse_act, NULL};
const struct option_type load_type_rc = {"a file of settings", parse_rc, NULL};
