/* Counts by status, in a short sorted list; see statuses.h. */
#include "loadgen/statistics/statuses.h"

#include <stdbool.h>
#include <string.h>

enum { COLUMNS = 80, INDENT = 24 };

void statuses_count(struct statuses *statuses, int status) {
    size_t i = 0, n = statuses->n_items;
    while (i < n && statuses->items[i].status < status)
        i++;
    bool is_known = i < n && statuses->items[i].status == status;
    if (!is_known && n >= STATUSES_MOST) {
        i = STATUSES_MOST;
        status = STATUSES_OTHER;
        is_known = n > STATUSES_MOST;
    }
    if (!is_known) {
        memmove(&statuses->items[i + 1], &statuses->items[i],
                (n - i) * sizeof *statuses->items);
        statuses->items[i].status = status;
        statuses->items[i].n = 0;
        statuses->n_items++;
    }
    statuses->items[i].n++;
}

uint64_t statuses_between(const struct statuses *statuses, int first, int last) {
    uint64_t n = 0;
    for (size_t i = 0; i < statuses->n_items; i++)
        if (statuses->items[i].status >= first && statuses->items[i].status <= last)
            n += statuses->items[i].n;
    return n;
}

static const char *name_of(int status, char name[16]) {
    (void)snprintf(name, 16, status == STATUSES_OTHER ? "other" : "%d", status);
    return name;
}

void statuses_print(const struct statuses *statuses, const char *label, FILE *out) {
    int column = INDENT;
    for (size_t i = 0; i < statuses->n_items; i++) {
        char text[64], name[16];
        int length = snprintf(text, sizeof text, "%s: %llu",
                              name_of(statuses->items[i].status, name),
                              (unsigned long long)statuses->items[i].n);
        bool fits = i > 0 && column + 2 + length + 1 <= COLUMNS; /* and a comma */
        (void)fprintf(out, "%s%s", i == 0 ? label : fits ? ", " : ",\n\t\t\t", text);
        column = (fits ? column + 2 : INDENT) + length;
    }
    if (statuses->n_items > 0)
        (void)fputc('\n', out);
}

json_t *statuses_json(const struct statuses *statuses) {
    json_t *json = json_object();
    char name[16];
    for (size_t i = 0; i < statuses->n_items; i++)
        (void)json_object_set_new(json, name_of(statuses->items[i].status, name),
                                  json_integer((json_int_t)statuses->items[i].n));
    return json;
}
