/* What is said of a comparison in words and figures; see words.h. */
#include "compare/words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"

static void __attribute__((format(printf, 2, 3)))
note(json_t *notes, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)json_array_append_new(notes, json_vsprintf(format, arguments));
    va_end(arguments);
}

/* How far the machine, and work calibrated by it, may have moved the figures. */
static void note_machine(json_t *notes, const struct comparison *c) {
    const struct side *a = &c->sides[A], *b = &c->sides[B];
    bool computes = false;
    size_t n_adjusted = 0;
    double most = 0;
    for (size_t i = 0; i < c->n_cells; i++) {
        computes = computes || match_turns(c->cells[i].of[A].series) > 0;
        n_adjusted += isfinite(c->cells[i].speed_change);
        most = fmax(most, c->cells[i].ratios[FIGURE_MEAN].log_allowance);
    }
    double widening = exp(most); /* of intervals in seconds, on either side */
    if (!computes)
        return;
    if (c->change.work != 0)
        note(notes, "by its own calibration %c's %s has %+.1f %% turns against A's",
             b->letter, fields_get_text(b->run->info, "work_asked", "work"),
             expm1(c->change.work) * 100);
    if (isfinite(c->change.speed))
        note(notes, "the machine's own speed moved by %+.1f %% between the runs",
             expm1(c->change.speed) * 100);
    if (n_adjusted > 0)
        note(notes,
             "seconds are at one speed of the machine%s: each repeat's mean latency is "
             "scaled by how fast its own CPU steps ran, to A's median%s",
             n_adjusted < c->n_cells ? ", where cells say how fast it was" : "",
             c->change.work != 0 ? ", and to A's calibration" : "");
    if (n_adjusted > 0 && widening > 1)
        note(notes,
             "%s: where CPU steps ran at another speed than the loops outside explain, "
             "intervals are that much wider, by a factor of %.3f at most",
             c->change.is_same_program ? "settings differ" : "these may be two programs",
             widening);
    if (n_adjusted < c->n_cells && isnan(c->change.speed))
        note(notes,
             "the machine's own speed is not known of %s (older files): intervals do not "
             "allow for a change of it",
             isnan(a->gauges[GAUGE_SPEED].median) ? "A" : "the run compared with it");
    if (n_adjusted == 0 && widening > 1)
        note(notes,
             "intervals in seconds are wider by what the machine's speed and calibration "
             "may explain: by a factor of %.3f on either side",
             widening);
}

/* The cells of one run that are to be taken with care. */
static void note_suspects(json_t *notes, const struct comparison *c, int side) {
    char cells[1024] = "";
    size_t n = 0;
    for (size_t i = 0; i < c->n_cells; i++) {
        const char *label = c->cells[i].parameters->label;
        if (c->cells[i].of[side].validity.level != VALIDITY_SUSPECT)
            continue;
        if (strlen(cells) + strlen(label) + sizeof "; " < sizeof cells)
            text_append(cells, sizeof cells, "%s%s", n > 0 ? "; " : "", label);
        n++;
    }
    if (n > 0)
        note(notes, "SUSPECT in %c: %s ('juggle report' on it says why)",
             c->sides[side].letter, n == c->n_cells ? "every cell" : cells);
}

json_t *words_notes(const struct comparison *c) {
    json_t *notes = json_array();
    for (size_t i = 0; i < c->n_cells; i++)
        if (c->cells[i].why[0] != '\0')
            note(notes, "%s is undecided: %s", c->cells[i].parameters->label,
                 c->cells[i].why);
    note_suspects(notes, c, A);
    note_suspects(notes, c, B);
    note_machine(notes, c);
    note(notes,
         "the chance that any cell here is called faster or slower by mistake is at most "
         "5 %% in seconds, and again as slowdowns: Welch's t on logarithms of the "
         "repeats' means, by Holm's step-down over %zu cell%s; an interval is at the "
         "level of its own step, and same is all of it within 0.97 .. 1.03",
         c->n_cells, c->n_cells == 1 ? "" : "s");
    for (const struct side *side = c->sides; side < c->sides + N_SIDES; side++) {
        for (size_t i = 0; i < side->n_only; i++)
            note(notes, "only in %c: %s", side->letter, side->only[i]->parameters->label);
        for (size_t i = 0; i < side->run->n_left_out; i++)
            note(notes, "left out of %c: %s", side->letter, side->run->left_out[i]);
    }
    return notes;
}

char *words_verdicts(const struct comparison *comparisons, size_t n_comparisons,
                     char text[WORDS_BYTES]) {
    static const enum change order[] = {CHANGE_SLOWER, CHANGE_FASTER, CHANGE_SAME,
                                        CHANGE_UNDECIDED};
    size_t n[sizeof order / sizeof *order] = {0}, n_named = 0;
    for (size_t i = 0; i < n_comparisons; i++)
        for (size_t k = 0; k < comparisons[i].n_cells; k++)
            n[comparisons[i].cells[k].ratios[FIGURE_MEAN].change]++;
    (void)snprintf(text, WORDS_BYTES, "%zu runs", n_comparisons);
    if (n_comparisons == 1)
        (void)snprintf(text, WORDS_BYTES, "%c", comparisons[0].sides[B].letter);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (n[order[i]] > 0)
            text_append(text, WORDS_BYTES, "%s %zu %s%s",
                        n_named++ > 0 ? "," : " against A in mean latency:", n[order[i]],
                        order[i] == CHANGE_SAME ? "the " : "", change_name(order[i]));
    return text;
}

char *words_ratio(double ratio, char text[WORDS_BYTES]) {
    int decimals = ratio < 9.9995 ? 3 : ratio < 99.995 ? 2 : ratio < 999.95 ? 1 : 0;
    if (isfinite(ratio) && ratio < 99999.5)
        (void)snprintf(text, WORDS_BYTES, "%.*f", decimals, ratio);
    else
        (void)snprintf(text, WORDS_BYTES, "%s", isnan(ratio) ? "-" : ">1e5");
    return text;
}

char *words_interval(const struct ratio *ratio, char text[WORDS_BYTES]) {
    char low[WORDS_BYTES], high[WORDS_BYTES];
    if (isnan(ratio->level))
        return strcpy(text, "-");
    (void)snprintf(text, WORDS_BYTES, "%.20s..%.20s",
                   words_ratio(ratio->interval.low, low),
                   words_ratio(ratio->interval.high, high));
    return text;
}
