/* Rules of `juggle compare --fail-if`; see rules.h. */
#include "compare/rules.h"

#include <errno.h>
#include <string.h>

#include "common/base/error.h"
#include "common/base/units.h"
#include "compare/pair.h"

enum { MAX_TEXT = 64 };

/* Copies the text without blanks; false when it is too long for a rule. */
static bool strip(const char *text, char bare[MAX_TEXT]) {
    size_t n = 0;
    for (; *text != '\0'; text++) {
        if (n == MAX_TEXT - 1)
            return false;
        if (*text != ' ')
            bare[n++] = *text;
    }
    bare[n] = '\0';
    return true;
}

static int parse(const char *text, void *target) {
    static const enum change changes[] = {CHANGE_SLOWER, CHANGE_FASTER};
    struct rules *rules = target;
    char bare[MAX_TEXT];
    if (rules->n == RULES_MAX)
        return -ERANGE;
    size_t length = strip(text, bare) ? strlen(bare) : 0;
    char *number = length > 0 ? strchr(bare, '>') : NULL;
    if (number == NULL || bare[length - 1] != '%')
        return -EINVAL;
    *number++ = '\0';
    bare[length - 1] = '\0';
    struct rule rule = {.text = text};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (strcmp(bare, change_name(changes[i])) == 0)
            rule.change = changes[i];
    if (rule.change == CHANGE_UNDECIDED)
        return -EINVAL;
    int error = units_parse_number(number, &rule.beyond);
    rule.beyond /= 100;
    if (error == 0)
        rules->items[rules->n++] = rule;
    return error;
}

const struct option_type rules_option = {
    "'slower>5%' or 'faster>5%' with any percentage, at most 16 times", parse};

bool rule_is_broken(const struct rule *rule, const struct ratio *seconds) {
    if (seconds->change != rule->change)
        return false;
    return rule->change == CHANGE_SLOWER ? seconds->value > 1 + rule->beyond
                                         : seconds->value < 1 / (1 + rule->beyond);
}

unsigned rules_report(const struct rules *rules, const struct comparison *comparison) {
    unsigned n_broken = 0;
    for (unsigned i = 0; i < rules->n; i++)
        for (size_t k = 0; k < comparison->n_cells; k++) {
            const struct matched *cell = &comparison->cells[k];
            char ratio[PAIR_TEXT_BYTES], interval[PAIR_TEXT_BYTES];
            if (!rule_is_broken(&rules->items[i], matched_seconds(cell)))
                continue;
            error_print("compare: --fail-if '%s': %s took %s (%s) times as long in %c as "
                        "in A",
                        rules->items[i].text, cell->a->parameters->label,
                        pair_ratio(matched_seconds(cell)->value, ratio),
                        pair_interval(matched_seconds(cell), interval),
                        comparison->letter);
            n_broken++;
        }
    return n_broken;
}
