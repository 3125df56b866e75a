/* Lists of names as people type them: "blocking,forking". Any thread. */
#ifndef JUGGLE_COMMON_NAMES_H
#define JUGGLE_COMMON_NAMES_H

#include <stdbool.h>

bool names_contain(const char *list, const char *name);

/*
 * The first word of the list that `is_known` does not know, in static storage; NULL when
 * it knows them all.
 */
const char *names_find_unknown(const char *list, bool (*is_known)(const char *name));

#endif
