/* The verdict, and how it is told; see validity.h. */
#include "loadgen/statistics/validity.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "common/base/fields.h"

static bool applies(const struct validity_check *check, const struct validity_run *run) {
    switch (check->mode) {
    case VALIDITY_CLOSED:
        return !schedule_is_open(run->plan);
    case VALIDITY_OPEN:
        return schedule_is_open(run->plan);
    case VALIDITY_CUT_OFF:
        return run->summary->n_cut_off > 0;
    case VALIDITY_WARMUP_SOUGHT:
        return run->result->warmup != WARMUP_NOT_SOUGHT;
    default:
        return true;
    }
}

void validity_judge(struct validity *validity, const struct validity_run *run) {
    *validity = (struct validity){.verdict = VERDICT_VALID};
    for (const struct validity_check *check = validity_checks; check->name != NULL;
         check++) {
        if (!applies(check, run))
            continue;
        double figure = check->figure(run);
        enum verdict verdict = isnan(figure)                   ? VERDICT_NOT_CARRIED
                               : figure > check->invalid_above ? VERDICT_INVALID
                               : figure > check->suspect_above ? VERDICT_SUSPECT
                                                               : VERDICT_VALID;
        assert(validity->n_reasons < VALIDITY_MAX_CHECKS);
        validity->reasons[validity->n_reasons++] =
            (struct validity_reason){check, figure, verdict};
        if (verdict > validity->verdict)
            validity->verdict = verdict;
    }
}

const char *validity_name(enum verdict verdict) {
    static const char *const names[] = {"not carried", "VALID", "SUSPECT", "INVALID"};
    return names[verdict];
}

static void write_rule(const struct validity_check *check, char *text,
                       size_t text_bytes) {
    (void)snprintf(text, text_bytes, "%s; SUSPECT above %g, INVALID above %g; needs %s",
                   check->meaning, check->suspect_above, check->invalid_above,
                   check->needs);
}

void validity_print(const struct validity *validity, FILE *out) {
    (void)fprintf(out, "Validity:\t\t%12s\n", validity_name(validity->verdict));
    unsigned n_missing = 0;
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        const struct validity_reason *reason = &validity->reasons[i];
        char rule[256];
        write_rule(reason->check, rule, sizeof rule);
        if (reason->verdict > VERDICT_VALID)
            (void)fprintf(out, "  %s: %s is %.3g: %s\n", validity_name(reason->verdict),
                          reason->check->name, reason->figure, rule);
        n_missing += reason->verdict == VERDICT_NOT_CARRIED;
    }
    if (n_missing == 0)
        return;
    const char *before = "  not carried: ";
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        if (validity->reasons[i].verdict != VERDICT_NOT_CARRIED)
            continue;
        (void)fprintf(out, "%s%s (needs %s)", before, validity->reasons[i].check->name,
                      validity->reasons[i].check->needs);
        before = "; ";
    }
    (void)fputc('\n', out);
}

json_t *validity_json(const struct validity *validity) {
    json_t *reasons = json_array();
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        const struct validity_reason *reason = &validity->reasons[i];
        char rule[256];
        write_rule(reason->check, rule, sizeof rule);
        (void)json_array_append_new(
            reasons, json_pack("{s:s, s:s, s:o, s:s}", "check", reason->check->name,
                               "verdict", validity_name(reason->verdict), "figure",
                               fields_number(reason->figure), "rule", rule));
    }
    return json_pack("{s:s, s:o}", "verdict", validity_name(validity->verdict), "reasons",
                     reasons);
}
