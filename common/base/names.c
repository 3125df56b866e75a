/* Lists of names; see names.h. */
#include "common/base/names.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

bool names_contain(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *word = list; word != NULL; word = strchr(word, ',')) {
        word += *word == ',';
        if (strncmp(word, name, length) == 0 &&
            (word[length] == ',' || word[length] == '\0'))
            return true;
    }
    return false;
}

const char *names_find_unknown(const char *list, bool (*is_known)(const char *name)) {
    static char word[64];
    while (true) {
        size_t length = strcspn(list, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)length, list);
        if (!is_known(word))
            return word;
        if (list[length] == '\0')
            return NULL;
        list += length + 1;
    }
}
