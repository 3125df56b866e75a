/* Definitions and what stands for them; see variables.h. */
#include "loadgen/targets/variables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

/* NULL when the name is unknown. */
static const char *lookup(const struct variables *variables, const char *name,
                          size_t length) {
    for (size_t i = variables->n; i-- > 0;) /* the latest one counts */
        if (strncmp(variables->all[i].name, name, length) == 0 &&
            variables->all[i].name[length] == '\0')
            return variables->all[i].value;
    char word[256];
    if (!variables->uses_environment || length >= sizeof word)
        return NULL;
    memcpy(word, name, length);
    word[length] = '\0';
    return getenv(word);
}

int variables_expand(const struct variables *variables, const char *line, char *out,
                     size_t out_bytes) {
    size_t used = 0;
    while (*line != '\0') {
        const char *from = line;
        size_t length = 1;
        const char *name = line + 2;
        size_t name_length = strncmp(line, "$(", 2) == 0 || strncmp(line, "${", 2) == 0
                                 ? strspn(name, NAME_CHARACTERS)
                                 : 0;
        line++;
        if (name_length > 0 && name[name_length] == (name[-1] == '(' ? ')' : '}')) {
            const char *value = lookup(variables, name, name_length);
            from = value != NULL ? value : from;
            length = value != NULL ? strlen(value) : name_length + 3;
            line = name + name_length + 1;
        }
        if (used + length >= out_bytes)
            return -E2BIG;
        memcpy(out + used, from, length);
        used += length;
    }
    out[used] = '\0';
    return 0;
}

bool variables_are_defined_by(const char *line) {
    size_t length = strspn(line, NAME_CHARACTERS);
    return length > 0 && line[length] == '=';
}

int variables_set(struct variables *variables, const char *name, size_t name_bytes,
                  const char *value, char *why, size_t why_bytes) {
    if (variables->n == VARIABLES_MAX) {
        (void)snprintf(why, why_bytes, "more than %d variables", VARIABLES_MAX);
        return -E2BIG;
    }
    char *own_name = strndup(name, name_bytes), *own_value = strdup(value);
    variables->all[variables->n].name = own_name;
    variables->all[variables->n].value = own_value;
    if (own_name != NULL && own_value != NULL) {
        variables->n++;
        return 0;
    }
    free(own_name);
    free(own_value);
    (void)snprintf(why, why_bytes, "out of memory");
    return -ENOMEM;
}

int variables_define(struct variables *variables, const char *line, char *why,
                     size_t why_bytes) {
    size_t length = strspn(line, NAME_CHARACTERS);
    return variables_set(variables, line, length, line + length + 1, why, why_bytes);
}

void variables_free(struct variables *variables) {
    for (size_t i = 0; i < variables->n; i++) {
        free(variables->all[i].name);
        free(variables->all[i].value);
    }
    variables->n = 0;
}
