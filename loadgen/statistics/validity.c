/* The verdict, and how it is told; see validity.h. */
#include "loadgen/statistics/validity.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"
#include "common/document/terminal.h"

void validity_judge(struct validity *validity, const struct validity_run *run) {
    const bool applies[] = {
        [VALIDITY_BOTH] = true,
        [VALIDITY_CLOSED] = !schedule_is_open(run->plan),
        [VALIDITY_OPEN] = schedule_is_open(run->plan),
        [VALIDITY_WARMUP_SOUGHT] = run->result->warmup != WARMUP_NOT_SOUGHT,
        [VALIDITY_CUT_OFF] = run->summary->n_cut_off > 0,
    };
    *validity = (struct validity){.verdict = VERDICT_VALID};
    for (const struct validity_check *check = validity_checks; check->name != NULL;
         check++) {
        if (!applies[check->mode])
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

/* "the load generator was short of CPU (98 %): ...; use ..." */
static char *say_reason(const struct validity_reason *reason, char *text,
                        size_t text_bytes) {
    const struct validity_check *check = reason->check;
    const char *place = strstr(check->says, "%s");
    bool is_share = check->said_as == SAID_AS_SHARE;
    double value = is_share ? reason->figure * 100 : reason->figure;
    const char *unit = is_share ? " %" : "";
    char figure[320] = "many";
    if (fabs(value) < 99.5)
        (void)snprintf(figure, sizeof figure, "%.*g%s", is_share ? 2 : 3, value, unit);
    else if (isfinite(value)) /* in place of "3.2e+02" */
        (void)snprintf(figure, sizeof figure, "%.0f%s", value, unit);
    if (place == NULL)
        (void)snprintf(text, text_bytes, "%s", check->says);
    else
        (void)snprintf(text, text_bytes, "%.*s%s%s", (int)(place - check->says),
                       check->says, figure, place + 2);
    return text;
}

void validity_print(const struct validity *validity, bool all, FILE *out) {
    char says[400], line[480], missing[2048] = "";
    (void)fprintf(out, "Validity:\t\t%12s\n", validity_name(validity->verdict));
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        const struct validity_reason *reason = &validity->reasons[i];
        if (reason->verdict == VERDICT_NOT_CARRIED)
            text_append(missing, sizeof missing, "%s%s (needs %s)",
                        missing[0] == '\0' ? "not carried: " : "; ", reason->check->name,
                        reason->check->needs);
        if (reason->verdict <= VERDICT_VALID)
            continue;
        (void)snprintf(line, sizeof line, "%s: %s", validity_name(reason->verdict),
                       say_reason(reason, says, sizeof says));
        terminal_wrap(line, 2, out);
    }
    if (all && missing[0] != '\0')
        terminal_wrap(missing, 2, out);
}

json_t *validity_json(const struct validity *validity) {
    json_t *reasons = json_array();
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        const struct validity_reason *reason = &validity->reasons[i];
        char rule[256], says[400];
        const struct validity_check *check = reason->check;
        bool is_passed = reason->verdict <= VERDICT_VALID;
        (void)snprintf(rule, sizeof rule,
                       "%s; SUSPECT above %g, INVALID above %g; needs %s", check->meaning,
                       check->suspect_above, check->invalid_above, check->needs);
        (void)json_array_append_new(
            reasons, json_pack("{s:s, s:s, s:o, s:s, s:s*}", "check", check->name,
                               "verdict", validity_name(reason->verdict), "figure",
                               fields_number(reason->figure), "rule", rule, "says",
                               is_passed ? NULL : say_reason(reason, says, sizeof says)));
    }
    return json_pack("{s:s, s:o}", "verdict", validity_name(validity->verdict), "reasons",
                     reasons);
}
