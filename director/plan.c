/* From a command line to cells; see plan.h. */
#include "director/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/machine.h"
#include "common/base/options.h"
#include "common/base/units.h"
#include "common/stats/random.h"
#include "strategies/strategy.h"

enum { MAX_STRATEGIES = 64 };

/* What a cell takes besides its jobs: starting, probing the idle server, stopping. */
static const uint64_t CELL_OVERHEAD_NS = 600 * NS_PER_MS;

static const uint64_t MOST_NS = UINT64_C(1) << 55; /* 417 days */

/* --quick and --article only change what was not given. */
struct preset {
    const char *work;
    unsigned n_repeats;
    uint64_t budget_ns;
    bool has_twin; /* an A/A cell */
};

static const struct preset quick = {"cpu:100ms", 2, 57 * NS_PER_S, false};
static const struct preset article = {"cpu:4540ms", 3, 0, false};
static const struct preset usual = {NULL, 2, 290 * NS_PER_S, true};

static const double PRECISION_PERCENT = 5;

struct plan_options {
    const char *experiment, *strategies, *seed;
    double precision_percent;
    bool is_quick, is_article;
};

static void read_rows(struct plan *plan, struct plan_options *options, int argc,
                      char **argv) {
    const struct option_row rows[] = {
        {'e', "experiment", "NAME", &option_text, &options->experiment,
         "which one (article); --list shows them"},
        {'q', "quick", NULL, &option_flag, &options->is_quick,
         "within a minute: jobs of 100 ms"},
        {0, "article", NULL, &option_flag, &options->is_article,
         "jobs of 4.54 s as in the article, three times"},
        {'s', "strategies", "A,B", &option_text, &options->strategies,
         "only cells of these strategies (all)"},
        {'r', "repeat", "N", &option_positive, &plan->n_repeats,
         "how often each cell is measured; with --budget: at least (2)"},
        {0, "precision", "PERCENT", &option_number, &options->precision_percent,
         "go on until each mean slowdown is known within ±PERCENT (5)"},
        {0, "budget", "DURATION", &option_duration, &plan->budget_ns,
         "how long all of it may take (5m, --quick 1m; with -r alone none)"},
        {'u', "users", "N", &option_positive, &plan->users,
         "how many users ask at once (the experiment's)"},
        {'w', "work", "WORK", &option_text, &plan->work_text,
         "what each request does (the experiment's)"},
        {0, "upstream", "URL", &option_url, &plan->upstream,
         "what fetch steps get (a server of our own, 100 ms)"},
        {0, "seed", "N", &option_text, &options->seed,
         "for the order of cells (a new one)"},
        {'o', "out", "FOLDER", &option_folder, &plan->out,
         "where results go (results/TIME-HOST)"},
        {'l', "list", NULL, &option_flag, &plan->is_list,
         "what there is to run, and leave"},
        {'n', "dry-run", NULL, &option_flag, &plan->is_dry_run,
         "the cells and how long they may take, and leave"},
        {0},
    };
    const struct command command = {
        "run", "", "Measures every cell of an experiment, then reports.", rows, NULL};
    uint64_t said;
    (void)options_parse_noting(&command, argc, argv, &said);
    if ((said & options_set(rows, "precision")) != 0 && options->precision_percent <= 0)
        error_exit("run: --precision wants a percentage above 0; nothing is known within "
                   "0 %%");
    if ((said & options_set(rows, "budget")) != 0 && plan->budget_ns == 0)
        error_exit("run: --budget wants a time above 0; --repeat alone measures without "
                   "one");
}

/* Who says how often means it, unless he names what it is for as well. */
static void apply_length(struct plan *plan, const struct preset *preset,
                         const struct plan_options *options) {
    bool says_how_often = plan->n_repeats > 0;
    if (!says_how_often)
        plan->n_repeats = preset->n_repeats;
    bool says_what_for = options->precision_percent > 0;
    if (plan->budget_ns == 0 && (!says_how_often || says_what_for))
        plan->budget_ns = preset->budget_ns;
    if (says_what_for && plan->budget_ns == 0)
        error_exit("run: --precision needs time to reach it; add --budget, such as "
                   "--budget 10m");
    plan->precision =
        (says_what_for ? options->precision_percent : PRECISION_PERCENT) / 100;
    plan->has_twin = preset->has_twin && options->strategies == NULL &&
                     (plan->n_repeats > 1 || plan->budget_ns > 0);
}

static void apply_preset(struct plan *plan, const struct plan_options *options) {
    if (options->is_quick && options->is_article)
        error_exit("run: --quick and --article exclude each other");
    const struct preset *preset = options->is_quick     ? &quick
                                  : options->is_article ? &article
                                                        : &usual;
    apply_length(plan, preset, options);
    if (plan->work_text == NULL)
        plan->work_text =
            preset->work != NULL ? preset->work : plan->experiment->default_work;
    struct work work;
    char why[200];
    if (work_parse(plan->work_text, 1, &work, why, sizeof why) != 0)
        error_exit("run: --work: %s", why);
}

static void find_experiment(struct plan *plan, const char *name) {
    for (const struct experiment_entry *entry = experiments; entry->name != NULL;
         entry++) {
        if (strcmp(entry->name, name) != 0)
            continue;
        plan->experiment_name = entry->name;
        plan->experiment = entry->experiment;
        return;
    }
    error_exit("run: there is no experiment '%s'; 'juggle run --list' shows them", name);
}

static void check_strategies(const char *list) {
    const char *unknown = options_find_unknown(list, strategy_is_known);
    if (unknown != NULL)
        error_exit("run: --strategies: there is no strategy '%s'; 'juggle run --list' "
                   "shows them",
                   unknown);
}

/* The last cell once more under another name: an A/A test within the run. */
static void add_twin(struct plan *plan) {
    static char name[80], label[80];
    struct cell_plan *twin = &plan->cells[plan->n_cells];
    *twin = plan->cells[plan->n_cells - 1];
    twin->twin_of = twin->parameters.name;
    twin->published = (struct published){0};
    (void)snprintf(name, sizeof name, "%s-again", twin->parameters.name);
    (void)snprintf(label, sizeof label, "%s, again", twin->parameters.label);
    twin->parameters.name = name;
    twin->parameters.label = label;
    plan->n_cells++;
}

static void make_cells(struct plan *plan, const char *only) {
    const char *names[MAX_STRATEGIES + 1] = {0};
    for (unsigned i = 0; i < MAX_STRATEGIES && strategies[i].name != NULL; i++)
        names[i] = strategies[i].name;
    const struct experiment_setting setting = {machine_usable_cpus(), plan->users, names};
    unsigned n_planned =
        (unsigned)plan->experiment->plan(&setting, plan->cells, PLAN_MAX_CELLS);
    for (unsigned i = 0; i < n_planned; i++) {
        plan->cells[i].parameters.experiment = plan->experiment_name;
        plan->cells[i].place = i + 1;
        if (only == NULL || options_list_names(only, plan->cells[i].parameters.strategy))
            plan->cells[plan->n_cells++] = plan->cells[i];
    }
    if (plan->n_cells == 0)
        error_exit("run: no cell of '%s' has one of the strategies '%s'",
                   plan->experiment_name, only);
    if (plan->has_twin && plan->n_cells < PLAN_MAX_CELLS)
        add_twin(plan);
}

static unsigned default_users(const struct experiment *experiment) {
    unsigned for_cpus = experiment->users_per_cpu * machine_usable_cpus();
    return for_cpus > experiment->default_users ? for_cpus : experiment->default_users;
}

void plan_read(struct plan *plan, int argc, char **argv) {
    struct plan_options options = {.experiment = "article"};
    *plan = (struct plan){0};
    read_rows(plan, &options, argc, argv);
    find_experiment(plan, options.experiment);
    apply_preset(plan, &options);
    if (plan->users == 0)
        plan->users = default_users(plan->experiment);
    plan->seed = random_fresh_seed();
    if (options.seed != NULL && units_parse_seed(options.seed, &plan->seed) != 0)
        error_exit("run: --seed wants a whole number below 2^63, not '%s'", options.seed);
    if (options.strategies != NULL)
        check_strategies(options.strategies);
    make_cells(plan, options.strategies);
}

uint64_t plan_times_ns(uint64_t n, uint64_t duration_ns) {
    uint64_t product;
    bool is_too_long = __builtin_mul_overflow(n, duration_ns, &product);
    return is_too_long || product > MOST_NS ? MOST_NS : product;
}

uint64_t plan_cell_bound_ns(const struct cell_plan *cell, uint64_t alone_ns) {
    uint64_t n_requests = (uint64_t)cell->parameters.users * cell->parameters.rounds;
    return CELL_OVERHEAD_NS + plan_times_ns(n_requests, alone_ns);
}

void plan_print_list(const struct plan *plan) {
    (void)printf("strategies\n");
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++)
        (void)printf("  %-12s %s\n", entry->name, entry->strategy->summary);
    for (const struct experiment_entry *entry = experiments; entry->name != NULL;
         entry++) {
        (void)printf("\nexperiment %s\n  %s\n", entry->name, entry->experiment->question);
        (void)printf("  it settles\n");
        for (const struct claim *claim = entry->experiment->claims; claim->id != NULL;
             claim++)
            (void)printf("    %-28s %s\n", claim->id, claim->text);
    }
    (void)printf("\ncells of %s\n", plan->experiment_name);
    for (unsigned i = 0; i < plan->n_cells; i++)
        (void)printf("  %-18s %s\n", plan->cells[i].parameters.name,
                     plan->cells[i].parameters.label);
}

void plan_print(const struct plan *plan, uint64_t alone_ns) {
    char text[32];
    uint64_t repeat_ns = 0;
    (void)printf("experiment %s, work %s (one alone: %s), %u users, %u repeat%s\n",
                 plan->experiment_name, plan->work_text,
                 units_format_duration(alone_ns, text, sizeof text), plan->users,
                 plan->n_repeats, plan->n_repeats > 1 ? "s" : "");
    for (unsigned i = 0; i < plan->n_cells; i++) {
        uint64_t bound_ns = plan_cell_bound_ns(&plan->cells[i], alone_ns);
        repeat_ns += bound_ns;
        (void)printf("  %-34s at most %s\n", plan->cells[i].parameters.label,
                     units_format_duration(bound_ns, text, sizeof text));
    }
    (void)printf("in all at most %s",
                 units_format_duration(plan_times_ns(plan->n_repeats, repeat_ns), text,
                                       sizeof text));
    if (plan->budget_ns > 0)
        (void)printf(
            ";\nthen more until all is decided and each mean slowdown within ±%g %%, "
            "%s in all",
            plan->precision * 100,
            units_format_duration(plan->budget_ns, text, sizeof text));
    (void)printf("\n");
}
