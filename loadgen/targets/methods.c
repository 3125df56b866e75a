/* A table of methods; see methods.h. To add one, add a row, and its name to the form. */
#include "loadgen/targets/methods.h"

#include <string.h>

static const struct method methods[] = {
    {"GET", true, false, false},     {"HEAD", true, false, true},
    {"POST", false, true, false},    {"PUT", true, true, false},
    {"PATCH", false, true, false},   {"DELETE", true, false, false},
    {"OPTIONS", true, false, false},
};

const struct method *method_find(const char *name, size_t name_bytes) {
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strlen(methods[i].name) == name_bytes &&
            memcmp(methods[i].name, name, name_bytes) == 0)
            return &methods[i];
    return NULL;
}
