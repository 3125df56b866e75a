/* Lists of names as people type them: "blocking,forking". Any thread. */
#ifndef JUGGLE_COMMON_NAMES_H
#define JUGGLE_COMMON_NAMES_H

#include <stdbool.h>
#include <stddef.h>

bool names_contain(const char *list, const char *name);

/*
 * The first word of the list that `is_known` does not know, in static storage; NULL when
 * it knows them all.
 */
const char *names_find_unknown(const char *list, bool (*is_known)(const char *name));

/* How many letters must be added, taken away or changed to make one of the other
 * (Levenshtein 1966); both below 64 bytes, else SIZE_MAX. */
size_t names_distance(const char *one, const char *other);

#endif
