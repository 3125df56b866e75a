/* What a run would be, in words; see show.h. */
#include "director/show.h"

#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/options.h"
#include "common/base/text.h"
#include "common/base/units.h"
#include "common/document/terminal.h"
#include "director/length.h"
#include "strategies/strategy.h"

void show_list(const struct plan *plan) {
    (void)printf("strategies\n");
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++)
        options_print_row(entry->name, 12, entry->strategy->summary);
    for (const struct experiment_entry *entry = experiments; entry->name != NULL;
         entry++) {
        const struct experiment *experiment = entry->experiment;
        (void)printf("\nexperiment %s\n", entry->name);
        options_print_row("question", 28, experiment->question);
        options_print_row("settings", 28, experiment->settings);
        for (const struct preset *preset = experiment->presets; preset->name != NULL;
             preset++) {
            char name[64];
            (void)snprintf(name, sizeof name, "preset %s", preset->name);
            options_print_row(name, 28, preset->settings);
        }
        if (experiment->claims[0].id != NULL)
            (void)printf("  it settles\n");
        for (const struct claim *claim = experiment->claims; claim->id != NULL; claim++) {
            char name[64];
            (void)snprintf(name, sizeof name, "  %s", claim->id);
            options_print_row(name, 30, claim->text);
        }
    }
    for (unsigned k = 0; k < plan->n_experiments; k++) {
        const struct planned_experiment *planned = &plan->experiments[k];
        (void)printf("\ncells of %s\n", planned->name);
        for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
             i++)
            (void)printf("  %-18s %s\n", plan->cells[i].parameters.name,
                         plan->cells[i].parameters.label);
    }
    if (plan->n_experiments > 1)
        (void)printf("\n");
    show_order(plan);
    (void)printf("\naxes: every setting may be given several values, as in --users "
                 "1,10,100 or 1..64\n");
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++)
        options_print_row(row->option, 14, row->meaning);
    options_print_row("set NAME=A,B", 14,
                      "values of a {NAME} in the command of a --server");
    contestants_show_peers(plan->texts);
    (void)printf("\nservers of your own: --server NAME=COMMAND, --url URL or "
                 "--contestants FILE,\nwith {port} and the names of axes in the "
                 "command\n");
}

void show_order(const struct plan *plan) {
    char share[32];
    uint64_t left_ns = plan->budget_ns;
    if (plan->n_experiments == 1)
        return;
    (void)printf("measured in this order%s:\n",
                 plan->budget_ns > 0 ? "; what one does not need goes to the next" : "");
    for (unsigned i = 0; i < plan->n_experiments; i++) {
        uint64_t share_ns = length_share_ns(plan, i, left_ns) / NS_PER_S * NS_PER_S;
        left_ns -= share_ns;
        (void)printf("%s%s", i == 0 ? "" : ", ", plan->experiments[i].name);
        if (plan->budget_ns > 0)
            (void)printf(" (%s)", units_format_duration(share_ns, share));
    }
    (void)printf("\n");
}

void show_plan(const struct plan *plan) {
    char text[32], all[32];
    uint64_t pass_ns = 0, all_ns = 0;
    const char *how = "most";
    for (unsigned k = 0; k < plan->n_experiments; k++) {
        const struct planned_experiment *planned = &plan->experiments[k];
        const struct cell_plan *first = &plan->cells[planned->first_cell];
        char line[700];
        (void)snprintf(line, sizeof line, "experiment %s, ", planned->name);
        if (first->asked[0] != '\0')
            text_append(line, sizeof line, "work %s%s", first->asked,
                        plan->steps.n == 0 ? " " : ", ");
        if (first->asked[0] != '\0' && plan->steps.n == 0) /* else nobody knows yet */
            text_append(line, sizeof line, "(one alone: %s), ",
                        units_format_duration(length_alone_ns(first), text));
        bool is_axis = false; /* then each cell says it */
        for (unsigned i = 1; i < planned->n_cells; i++)
            is_axis |= first[i].parameters.users != first->parameters.users ||
                       first[i].parameters.rate_per_s != first->parameters.rate_per_s;
        if (!is_axis && first->parameters.rate_per_s > 0)
            text_append(line, sizeof line, "%g requests a second, ",
                        first->parameters.rate_per_s);
        else if (!is_axis)
            text_append(line, sizeof line, "%u user%s, ", first->parameters.users,
                        first->parameters.users > 1 ? "s" : "");
        text_append(line, sizeof line, "%u repeat%s", planned->n_repeats,
                    planned->n_repeats > 1 ? "s" : "");
        terminal_wrap(line, 2, stdout);
        for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
             i++) {
            const struct cell_plan *cell = &plan->cells[i];
            uint64_t bound_ns = length_bound_ns(cell);
            char skipped[300];
            if (cell->skipped != NULL) {
                (void)snprintf(skipped, sizeof skipped, "skipped: %s", cell->skipped);
                options_print_row(cell->parameters.label, 34, skipped);
                continue;
            }
            pass_ns += bound_ns;
            all_ns += length_times_ns(planned->n_repeats, bound_ns);
            bool is_external = parameters_are_external(&cell->parameters);
            how = is_external ? "least" : how;
            (void)printf("  %-34s at %s %s\n", cell->parameters.label,
                         is_external ? "least" : "most",
                         units_format_duration(bound_ns, text));
        }
    }
    if (plan->budget_ns == 0)
        (void)printf("in all at %s %s\n", how, units_format_duration(all_ns, text));
    else
        (void)printf("each of them once at %s %s;\n"
                     "more of them until all is decided and each mean slowdown is within "
                     "±%g %%,\nin all at most %s\n",
                     how, units_format_duration(pass_ns, text), plan->precision * 100,
                     units_format_duration(
                         plan->budget_ns > pass_ns ? plan->budget_ns : pass_ns, all));
    show_order(plan);
}
