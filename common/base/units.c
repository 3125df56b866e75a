/* Numbers with units; see units.h. */
#include "common/base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"

enum { S = 3 }; /* of `units` */
static const struct {
    const char *name;
    double ns;
} units[] = {
    {"ns", 1},        {"us", 1e3},       {"ms", 1e6},      {"s", 1e9},
    {"m", 60e9},      {"h", 3600e9}, /* and what people write for them: */
    {"sec", 1e9},     {"secs", 1e9},     {"second", 1e9},  {"seconds", 1e9},
    {"min", 60e9},    {"mins", 60e9},    {"minute", 60e9}, {"minutes", 60e9},
    {"hour", 3600e9}, {"hours", 3600e9},
};

int units_parse_count(const char *text, uint64_t *count) {
    if (!isdigit((unsigned char)text[0]))
        return -EINVAL;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end != '\0')
        return -EINVAL;
    if (errno == ERANGE)
        return -ERANGE;
    *count = value;
    return 0;
}

int units_parse_seed(const char *text, uint64_t *seed) {
    int error = units_parse_count(text, seed);
    return error == 0 && *seed > INT64_MAX ? -ERANGE : error;
}

/* Reads the decimal number that `text` begins with; `rest` is what follows it. */
static int parse_decimal(const char *text, double *value, const char **rest) {
    size_t length = strspn(text, "0123456789.");
    char digits[64];
    if (length == 0 || length >= sizeof digits)
        return -EINVAL;
    memcpy(digits, text, length);
    digits[length] = '\0';
    char *end;
    *value = strtod(digits, &end);
    if (*end != '\0' || !isfinite(*value))
        return -EINVAL;
    *rest = text + length;
    return 0;
}

int units_parse_number(const char *text, double *number) {
    const char *rest;
    int error = parse_decimal(text, number, &rest);
    return error != 0 ? error : *rest == '\0' ? 0 : -EINVAL;
}

int units_parse_rate(const char *text, double *per_s) {
    const char *rest;
    int error = parse_decimal(text, per_s, &rest);
    if (error != 0 || *rest == '\0')
        return error;
    if (*rest != '/')
        return -EINVAL;
    for (size_t i = S; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].name, rest + 1) != 0)
            continue;
        *per_s *= units[S].ns / units[i].ns;
        return 0;
    }
    return -EINVAL;
}

int units_parse_duration(const char *text, uint64_t *duration_ns) {
    const char *unit;
    double value;
    int error = parse_decimal(text, &value, &unit);
    if (error != 0)
        return error;
    if (strcmp(text, "0") == 0) {
        *duration_ns = 0;
        return 0;
    }
    unit += strspn(unit, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double scaled = value * units[i].ns;
        if (strcmp(units[i].name, unit) != 0)
            continue;
        if (scaled >= (double)INT64_MAX)
            return -ERANGE;
        *duration_ns = (uint64_t)llround(scaled);
        return 0;
    }
    return -EINVAL;
}

char *units_format_seconds(double seconds, char text[UNITS_BYTES]) {
    if (isnan(seconds))
        return strcpy(text, "n/a");
    return units_format_duration((uint64_t)llround(seconds * (double)NS_PER_S), text);
}

char *units_format_duration(uint64_t duration_ns, char text[UNITS_BYTES]) {
    if (duration_ns >= 60 * NS_PER_S) {
        bool is_long = duration_ns >= 3600 * NS_PER_S;
        uint64_t step_ns = (is_long ? 60 : 1) * NS_PER_S;
        unsigned long long steps = duration_ns / step_ns;
        steps += duration_ns % step_ns >= step_ns / 2;
        (void)snprintf(text, UNITS_BYTES, steps % 60 == 0 ? "%llu %s" : "%llu %s %llu %s",
                       steps / 60, is_long ? "h" : "min", steps % 60,
                       is_long ? "min" : "s");
        return text;
    }
    size_t i = S; /* the longest unit that it has one of, in four digits */
    while (i > 0 && (double)duration_ns < 0.99995 * units[i].ns)
        i--;
    (void)snprintf(text, UNITS_BYTES, "%.4g %s", (double)duration_ns / units[i].ns,
                   units[i].name);
    return text;
}
