/* Lists of names; see names.h. */
#include "common/names.h"

#include <stddef.h>
#include <stdint.h>
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

size_t names_distance(const char *one, const char *other) {
    enum { LONGEST = 64 };
    size_t row[LONGEST], n = strlen(other);
    if (strlen(one) >= LONGEST || n >= LONGEST)
        return SIZE_MAX;
    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 0; one[i] != '\0'; i++) {
        size_t diagonal = row[0]; /* of the row before, one place to the left */
        row[0] = i + 1;
        for (size_t k = 1; k <= n; k++) {
            size_t changed = diagonal + (one[i] != other[k - 1]);
            size_t shorter = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;
            diagonal = row[k];
            row[k] = changed < shorter ? changed : shorter;
        }
    }
    return row[n];
}
