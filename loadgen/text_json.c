/* Texts as JSON; see text_json.h. */
#include "loadgen/text_json.h"

#include <stddef.h>

json_t *text_json(const char *text) {
    json_t *json = json_string(text);
    return json != NULL ? json : json_null();
}
