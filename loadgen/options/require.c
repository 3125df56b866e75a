/* Requirements on the figures of a run; see require.h. To add a figure, add a row. */
#include "loadgen/options/require.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/options.h"
#include "common/base/units.h"

enum { MAX_TEXT = 64 };

/* How a bound is read and a figure is shown. */
struct unit {
    const char *name;   /* may stand behind a bound; NULL: a duration, with its own */
    const char *suffix; /* of a figure */
    double most;        /* of a bound */
    bool is_whole;
};

struct require_figure {
    const char *name;
    unsigned kind; /* a percentile's place, or one of those behind them */
    const struct unit *unit;
};
enum { MEAN = N_PERCENTILES, RATE, AVAILABILITY, FAILED };

static const struct unit duration = {.name = NULL}, rate = {"/s", "/s", INFINITY, false},
                         percent = {"%", " %", 100, false},
                         count = {"", "", INFINITY, true};

static int parse_bound(const char *text, const struct unit *unit, double *bound) {
    uint64_t whole = 0;
    int error;
    if (unit->name == NULL) {
        error = units_parse_duration(text, &whole);
        *bound = clock_seconds(whole);
        return error;
    }
    if (unit->is_whole) {
        error = units_parse_count(text, &whole);
        *bound = (double)whole;
        return error;
    }
    char number[MAX_TEXT];
    size_t n = strlen(text), n_unit = strlen(unit->name);
    if (n > n_unit && strcmp(text + n - n_unit, unit->name) == 0)
        n -= n_unit;
    memcpy(number, text, n);
    number[n] = '\0';
    error = units_parse_number(number, bound);
    return error == 0 && *bound > unit->most ? -ERANGE : error;
}

static const struct require_figure figures[] = {
    {"p50", PERCENTILE_50, &duration},
    {"p90", PERCENTILE_90, &duration},
    {"p95", PERCENTILE_95, &duration},
    {"p99", PERCENTILE_99, &duration},
    {"p99.9", PERCENTILE_99_9, &duration},
    {"max", PERCENTILE_MAX, &duration},
    {"mean", MEAN, &duration},
    {"rate", RATE, &rate},
    {"availability", AVAILABILITY, &percent},
    {"failed", FAILED, &count},
};

static int parse(const char *text, void *target) {
    struct requirements *requirements = target;
    struct requirement *item = &requirements->items[requirements->n];
    if (requirements->n == REQUIRE_MAX)
        return -ERANGE;
    char bare[MAX_TEXT]; /* without blanks */
    size_t n = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (n == sizeof bare - 1)
            return -EINVAL;
        if (*c != ' ')
            bare[n++] = *c;
    }
    bare[n] = '\0';
    size_t length = strcspn(bare, "<>");
    if (bare[length] == '\0')
        return -EINVAL;
    *item = (struct requirement){.text = text,
                                 .wants_less = bare[length] == '<',
                                 .wants_equal = bare[length + 1] == '='};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strlen(figures[i].name) == length &&
            strncmp(figures[i].name, bare, length) == 0)
            item->figure = &figures[i];
    if (item->figure == NULL)
        return -EINVAL;
    int error = parse_bound(bare + length + (item->wants_equal ? 2 : 1),
                            item->figure->unit, &item->bound);
    requirements->n += error == 0;
    return error;
}

const struct option_type require_option = {"a figure, one of < <= > >=, and a value, "
                                           "such as 'p99<200ms' or 'availability>99.9', "
                                           "at most 32 times",
                                           parse};

/* NAN where the samples do not carry it. */
static double figure_of(const struct requirement *requirement,
                        const struct summary *summary) {
    switch (requirement->figure->kind) {
    case MEAN:
        return summary->n_ok > 0 ? summary->response_s : NAN;
    case RATE:
        return summary->elapsed_s > 0 ? summary->rate_per_s : NAN;
    case AVAILABILITY:
        return summary->n_ok + summary->n_failed > 0 ? summary_availability(summary)
                                                     : NAN;
    case FAILED:
        return (double)summary->n_failed;
    default:
        return summary->percentiles[requirement->figure->kind].seconds;
    }
}

/* A figure that is not carried compares as false with anything. */
static bool is_met(const struct requirement *requirement, double figure) {
    if (requirement->wants_equal && figure == requirement->bound)
        return true;
    return requirement->wants_less ? figure < requirement->bound
                                   : figure > requirement->bound;
}

unsigned require_report(const struct requirements *requirements,
                        const struct summary *summary) {
    unsigned n_unmet = 0;
    for (unsigned i = 0; i < requirements->n; i++) {
        const struct requirement *item = &requirements->items[i];
        const struct unit *unit = item->figure->unit;
        double figure = figure_of(item, summary);
        char text[MAX_TEXT];
        if (is_met(item, figure))
            continue;
        if (isnan(figure))
            (void)snprintf(text, sizeof text, "n/a: %llu samples do not carry it",
                           (unsigned long long)summary->n_ok);
        else if (unit->name == NULL)
            (void)units_format_seconds(figure, text);
        else
            (void)snprintf(text, sizeof text, unit->is_whole ? "%.0f%s" : "%.6g%s",
                           figure, unit->suffix);
        error_print("%s: --require '%s' is not met: %s is %s", options_command_name(),
                    item->text, item->figure->name, text);
        n_unmet++;
    }
    return n_unmet;
}

json_t *require_json(const struct requirements *requirements,
                     const struct summary *summary) {
    json_t *list = json_array();
    for (unsigned i = 0; i < requirements->n; i++) {
        const struct requirement *item = &requirements->items[i];
        double figure = figure_of(item, summary);
        json_t *rule = json_string(item->text);
        (void)json_array_append_new(
            list, json_pack("{s:o, s:o, s:b}", "rule",
                            rule != NULL ? rule : json_string("(bytes)"), "figure",
                            fields_number(figure), "is_met", is_met(item, figure)));
    }
    return list;
}
