/* What is said of a pair of runs in words and figures; see pair.h. */
#include "compare/pair.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/fields.h"
#include "common/base/foreign.h"
#include "compare/differences.h"

__attribute__((format(printf, 2, 3))) static void note(struct pair *pair,
                                                       const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    char *whole = length >= 0 ? foreign_copy(text) : NULL; /* no cut character in it */
    (void)json_array_append_new(pair->notes, json_string(whole));
    free(whole);
    if (length >= 0)
        free(text);
}

/* How far the machine, and work calibrated by it, may have moved the figures. */
static void note_machine(struct pair *pair) {
    const struct comparison *c = pair->comparison;
    bool computes = false;
    size_t n_adjusted = 0;
    double most = 0;
    for (size_t i = 0; i < c->n_cells; i++) {
        computes = computes || adjust_turns(c->cells[i].a) > 0;
        n_adjusted += c->cells[i].is_adjusted;
        most = fmax(most, c->cells[i].ratios[FIGURE_MEAN].log_allowance);
    }
    double widening = exp(most); /* of intervals in seconds, on either side */
    if (!computes)
        return;
    if (c->change.work != 0)
        note(pair, "by its own calibration %c's %s has %+.1f %% turns against A's",
             c->letter, fields_get_text(c->b->info, "work_asked", "work"),
             expm1(c->change.work) * 100);
    if (isfinite(c->change.speed))
        note(pair, "the machine's own speed moved by %+.1f %% between the runs",
             expm1(c->change.speed) * 100);
    if (n_adjusted > 0)
        note(pair,
             "seconds are at one speed of the machine%s: each repeat's mean latency is "
             "scaled by how fast its own CPU steps ran, to A's median%s",
             n_adjusted < c->n_cells ? ", where cells say how fast it was" : "",
             c->change.work != 0 ? ", and to A's calibration" : "");
    if (n_adjusted > 0 && widening > 1)
        note(pair,
             "%s: where CPU steps ran at another speed than the loops outside explain, "
             "intervals are that much wider, by a factor of %.3f at most",
             c->change.is_same_program ? "settings differ" : "these may be two programs",
             widening);
    if (n_adjusted < c->n_cells && isnan(c->change.speed))
        note(pair,
             "the machine's own speed is not known of %s (older files): intervals do not "
             "allow for a change of it",
             isnan(c->of_a[GAUGE_SPEED].median) ? "A" : "the run held against it");
    if (n_adjusted == 0 && widening > 1)
        note(pair,
             "intervals in seconds are wider by what the machine's speed and calibration "
             "may explain: by a factor of %.3f on either side",
             widening);
}

static void note_family(struct pair *pair) {
    note(pair,
         "the chance that any cell here is called faster or slower by mistake is at most "
         "5 %% in seconds, and again as slowdowns: Welch's t on logarithms of the "
         "repeats' means, by Holm's step-down over "
         "%zu cell%s; an interval is at the level of its own step, and same is all of it "
         "within 0.97 .. 1.03",
         pair->comparison->n_cells, pair->comparison->n_cells == 1 ? "" : "s");
}

/* The cells of one run that are to be taken with care. */
static void note_suspects(struct pair *pair, bool of_b) {
    const struct comparison *c = pair->comparison;
    char cells[1024] = "";
    size_t length = 0, n = 0;
    for (size_t i = 0; i < c->n_cells; i++) {
        const struct matched *cell = &c->cells[i];
        const struct validity *validity = of_b ? &cell->validity_b : &cell->validity_a;
        if (validity->level != VALIDITY_SUSPECT || length >= sizeof cells)
            continue;
        length += (size_t)snprintf(cells + length, sizeof cells - length, "%s%s",
                                   n++ > 0 ? "; " : "", cell->a->parameters->label);
    }
    if (n > 0)
        note(pair, "SUSPECT in %c: %s ('juggle report' on it says why)",
             of_b ? c->letter : 'A', n == c->n_cells ? "every cell" : cells);
}

static void note_missing(struct pair *pair) {
    const struct comparison *c = pair->comparison;
    for (size_t i = 0; i < c->n_only_a; i++)
        note(pair, "only in A: %s", c->only_a[i]->parameters->label);
    for (size_t i = 0; i < c->n_only_b; i++)
        note(pair, "only in %c: %s", c->letter, c->only_b[i]->parameters->label);
    for (size_t i = 0; i < c->a->n_left_out; i++)
        note(pair, "left out of A: %s", c->a->left_out[i]);
    for (size_t i = 0; i < c->b->n_left_out; i++)
        note(pair, "left out of %c: %s", c->letter, c->b->left_out[i]);
}

int pair_make(struct pair *pair, char letter, const struct run *a, const struct run *b) {
    *pair = (struct pair){.comparison = comparison_make(a, b, letter)};
    const struct comparison *c = pair->comparison;
    if (c == NULL)
        return -ENOMEM;
    pair->differences = differences_list(c);
    pair->notes = json_array();
    for (size_t i = 0; i < c->n_cells; i++)
        if (c->cells[i].why[0] != '\0')
            note(pair, "%s is undecided: %s", c->cells[i].a->parameters->label,
                 c->cells[i].why);
    note_suspects(pair, false);
    note_suspects(pair, true);
    note_machine(pair);
    note_family(pair);
    note_missing(pair);
    return pair->differences != NULL && pair->notes != NULL ? 0 : -ENOMEM;
}

void pair_free(struct pair *pair) {
    json_decref(pair->notes);
    json_decref(pair->differences);
    comparison_free(pair->comparison);
    *pair = (struct pair){0};
}

char *pair_ratio(double ratio, char text[PAIR_TEXT_BYTES]) {
    int decimals = ratio < 9.9995 ? 3 : ratio < 99.995 ? 2 : ratio < 999.95 ? 1 : 0;
    if (isfinite(ratio) && ratio < 99999.5)
        (void)snprintf(text, PAIR_TEXT_BYTES, "%.*f", decimals, ratio);
    else
        (void)snprintf(text, PAIR_TEXT_BYTES, "%s", isnan(ratio) ? "-" : ">1e5");
    return text;
}

char *pair_interval(const struct ratio *ratio, char text[PAIR_TEXT_BYTES]) {
    char low[PAIR_TEXT_BYTES], high[PAIR_TEXT_BYTES];
    if (isnan(ratio->level))
        (void)snprintf(text, PAIR_TEXT_BYTES, "-");
    else
        (void)snprintf(text, PAIR_TEXT_BYTES, "%.20s..%.20s",
                       pair_ratio(ratio->interval.low, low),
                       pair_ratio(ratio->interval.high, high));
    return text;
}

char *pair_change(double change, char text[PAIR_TEXT_BYTES]) {
    text[0] = '\0';
    if (isfinite(change) && change < 9)
        (void)snprintf(text, PAIR_TEXT_BYTES, "%+.1f %%", change * 100);
    else if (isfinite(change))
        (void)snprintf(text, PAIR_TEXT_BYTES, "x %.3g", change + 1);
    return text;
}

char *pair_gauge_text(size_t gauge, const struct range *side,
                      char text[PAIR_TEXT_BYTES]) {
    double per_unit = gauges[gauge].per_unit;
    if (isnan(side->median))
        (void)snprintf(text, PAIR_TEXT_BYTES, "not known");
    else
        (void)snprintf(text, PAIR_TEXT_BYTES, "%.4g%s (%.4g .. %.4g)",
                       side->median / per_unit, gauges[gauge].unit, side->low / per_unit,
                       side->high / per_unit);
    return text;
}
