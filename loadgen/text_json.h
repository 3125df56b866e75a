/* Texts of the command line and of URLs as JSON. Any thread. */
#ifndef JUGGLE_LOADGEN_TEXT_JSON_H
#define JUGGLE_LOADGEN_TEXT_JSON_H

#include <jansson.h>

/*
 * A string; null for bytes that are not UTF-8, which a URL may hold and JSON may not. A
 * new reference.
 */
json_t *text_json(const char *text);

#endif
