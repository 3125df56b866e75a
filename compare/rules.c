/* Rules of `juggle compare --fail-if`; see rules.h. */
#include "compare/rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/error.h"
#include "common/base/units.h"
#include "compare/words.h"

static int parse(const char *text, void *target) {
    struct rules *rules = target;
    struct rule rule = {.text = text};
    char change[16], number[48];
    int end = 0; /* of the text, once all of it was read */
    if (rules->n == RULES_MAX)
        return -ERANGE;
    (void)sscanf(text, " %15[a-z] > %47[^% ] %% %n", change, number, &end);
    if (end == 0 || text[end] != '\0')
        return -EINVAL;
    rule.change = change[0] == 's' ? CHANGE_SLOWER : CHANGE_FASTER;
    if (strcmp(change, change_name(rule.change)) != 0)
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
            const struct ratio *seconds = &cell->ratios[FIGURE_MEAN];
            char ratio[WORDS_BYTES], interval[WORDS_BYTES];
            if (!rule_is_broken(&rules->items[i], seconds))
                continue;
            error_print("compare: --fail-if '%s': %s took %s (%s) times as long in %c as "
                        "in A",
                        rules->items[i].text, cell->parameters->label,
                        words_ratio(seconds->value, ratio),
                        words_interval(seconds, interval), comparison->sides[B].letter);
            n_broken++;
        }
    return n_broken;
}
