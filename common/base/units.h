/*
 * Numbers with units as people type and read them. All parsers take the whole text or
 * refuse it: they return 0, -EINVAL (not of that form) or -ERANGE (too large). Any
 * thread.
 */
#pragma once

#include <stdint.h>

/* A whole number without sign: "0", "100000000". */
int units_parse_count(const char *text, uint64_t *count);

/* A seed of random numbers: below 2^63, because JSON has signed numbers. */
int units_parse_seed(const char *text, uint64_t *seed);

/* A decimal number that is finite and not negative: "1.5". */
int units_parse_number(const char *text, double *number);

/* So many a second: "100", "100/s", "500/m", "10/h". */
int units_parse_rate(const char *text, double *per_s);

/* A number with a unit: "200ms", "1.5s", "30us", "100ns", "2m", "10 min", "1h"; "0" needs
 * none. */
int units_parse_duration(const char *text, uint64_t *duration_ns);

enum { UNITS_BYTES = 32 };

/* The shortest readable form: "200 ms", "4.54 s", "2 min 5 s", "3 h 20 min". Returns
 * text. */
char *units_format_duration(uint64_t duration_ns, char text[UNITS_BYTES]);

/* The same of seconds; "n/a" of NAN. */
char *units_format_seconds(double seconds, char text[UNITS_BYTES]);

#define UNITS_DURATION_FORM "a duration such as 200ms, 1.5s or 2m"
