/* Counts by status, in a short sorted list; see statuses.h. */
#include "loadgen/statistics/statuses.h"

#include <string.h>

enum { COLUMNS = 80, INDENT = 24 };

void statuses_count(struct statuses *statuses, int status) {
    size_t i = 0;
    while (i < statuses->n_items && statuses->items[i].status < status)
        i++;
    if (i < statuses->n_items && statuses->items[i].status == status) {
        statuses->items[i].n++;
        return;
    }
    if (statuses->n_items == STATUSES_MOST) {
        statuses->n_others++;
        return;
    }
    memmove(&statuses->items[i + 1], &statuses->items[i],
            (statuses->n_items++ - i) * sizeof *statuses->items);
    statuses->items[i].status = status;
    statuses->items[i].n = 1;
}

uint64_t statuses_between(const struct statuses *statuses, int first, int last) {
    uint64_t n = 0;
    for (size_t i = 0; i < statuses->n_items; i++)
        if (statuses->items[i].status >= first && statuses->items[i].status <= last)
            n += statuses->items[i].n;
    return n;
}

/* One entry; the column behind it. */
static int print_entry(const char *name, uint64_t n, int column, FILE *out) {
    char text[64];
    int length = snprintf(text, sizeof text, "%s: %llu", name, (unsigned long long)n);
    if (column > INDENT && column + 2 + length + 1 > COLUMNS) { /* and a comma */
        (void)fprintf(out, ",\n\t\t\t");
        column = INDENT;
    } else if (column > INDENT) {
        (void)fprintf(out, ", ");
        column += 2;
    }
    (void)fputs(text, out);
    return column + length;
}

void statuses_print(const struct statuses *statuses, const char *label, FILE *out) {
    char name[16];
    int column = INDENT;
    if (statuses->n_items == 0)
        return;
    (void)fputs(label, out);
    for (size_t i = 0; i < statuses->n_items; i++) {
        (void)snprintf(name, sizeof name, "%d", statuses->items[i].status);
        column = print_entry(name, statuses->items[i].n, column, out);
    }
    if (statuses->n_others > 0)
        (void)print_entry("other", statuses->n_others, column, out);
    (void)fputc('\n', out);
}

json_t *statuses_json(const struct statuses *statuses) {
    json_t *json = json_object();
    char name[16];
    for (size_t i = 0; i < statuses->n_items; i++) {
        (void)snprintf(name, sizeof name, "%d", statuses->items[i].status);
        (void)json_object_set_new(json, name,
                                  json_integer((json_int_t)statuses->items[i].n));
    }
    if (statuses->n_others > 0)
        (void)json_object_set_new(json, "other",
                                  json_integer((json_int_t)statuses->n_others));
    return json;
}
