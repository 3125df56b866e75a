/* From a command line to cells; see read.h. */
#include "director/plan/read.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/text.h"
#include "common/base/units.h"
#include "common/document/terminal.h"
#include "common/stats/random.h"
#include "director/plan/matrix.h"
#include "director/plan/options.h"
#include "strategies/strategy.h"

enum { MAX_STRATEGIES = 64, GIVEN_BYTES = 8000, LONGEST_URL = 8000 };

static const double PRECISION_PERCENT = 5;

/* What is measured when nobody says what, and when a preset, strategies or how often are
 * all that is said. */
static const char ALL[] = "article,waiting,users,cores";
static const char USUAL[] = "article";
/* What is measured when a work or another setting is given, and no experiment. */
static const char OWN[] = "own";
/* The experiment whose contestants are those of the folder of that name. */
static const char PEERS[] = "peers";

/*
 * An explicit --repeat is exact, unless --precision is given too. The usual budget is
 * that of the first experiment, or of all of them together where nobody said what.
 */
static void apply_length(struct plan *plan, const struct plan_options *options) {
    bool says_what_for = options->precision_percent > 0;
    double budget_s = 0;
    for (unsigned i = 0; i < (plan->is_of_all ? plan->n_experiments : 1); i++)
        budget_s += plan->experiments[i].weight;
    if (plan->budget_ns == 0 && (options->n_repeats == 0 || says_what_for))
        plan->budget_ns = (uint64_t)(budget_s * (double)NS_PER_S);
    if (says_what_for && plan->budget_ns == 0)
        error_exit("run: --precision needs time to reach it; add --budget, such as "
                   "--budget 10m");
    plan->precision =
        (says_what_for ? options->precision_percent : PRECISION_PERCENT) / 100;
}

/*
 * There is no `what` of that name: with all there are, and the one that was probably
 * meant. `names` and `stride` are those of options_suggest.
 */
static _Noreturn void refuse_name(const char *what, const char *name,
                                  const char *const *names, size_t stride) {
    char list[400] = "";
    for (const char *const *known = names; *known != NULL;
         known = (const char *const *)((const char *)known + stride))
        text_append(list, sizeof list, "%s%s", known != names ? ", " : "", *known);
    error_exit("run: there is no %s '%s'; %sthere are %s; 'juggle run --list' shows them",
               what, name, options_suggest(name, "", names, stride), list);
}

/* That each name of a list such as "a,b" is known. */
static void check_names(const char *what, const char *list,
                        bool (*is_known)(const char *), const char *const *names,
                        size_t stride) {
    const char *unknown = options_find_unknown(list, is_known);
    if (unknown != NULL && unknown[0] == '\0')
        error_exit("run: no %s is named; 'juggle run --list' shows them", what);
    if (unknown != NULL)
        refuse_name(what, unknown, names, stride);
}

static bool is_experiment(const char *name) {
    return experiment_find(name) != NULL;
}

/* The preset that the options ask for; its first where the experiment has none such. */
static const struct preset *choose_preset(const struct experiment *experiment,
                                          const struct plan_options *options,
                                          bool is_of_all) {
    const char *name = options->preset != NULL ? options->preset
                       : options->is_quick     ? "quick"
                       : options->is_article   ? "article"
                       : is_of_all             ? "short"
                                               : experiment->presets[0].name;
    const struct preset *preset = experiment->presets;
    while (preset->name != NULL && strcmp(preset->name, name) != 0)
        preset++;
    if (preset->name == NULL && options->is_article)
        error_exit("run: --article is a preset of the experiment 'article'; leave it or "
                   "what asks for another experiment out");
    if (preset->name == NULL && options->preset != NULL)
        refuse_name("preset", name, &experiment->presets->name, sizeof *preset);
    return preset->name != NULL ? preset : experiment->presets;
}

/* The last cell once more under another name: an A/A test within the run. */
static void add_twin(struct plan *plan, struct planned_experiment *planned) {
    struct cell_plan *twin = &plan->cells[plan->n_cells];
    *twin = plan->cells[plan->n_cells - 1];
    twin->twin_of = twin->parameters.name;
    twin->published = (struct published){0};
    twin->parameters.name = matrix_keep(plan->texts, "%s-again", twin->parameters.name);
    twin->parameters.label =
        matrix_keep(plan->texts, "%s, again", twin->parameters.label);
    planned->n_cells++;
    plan->n_cells++;
}

/* Texts are checked here, since a setting knows nothing of their grammar; and a run of
 * which no cell can be measured is none. */
static void check_cells(const struct plan *plan) {
    unsigned n_skipped = 0;
    for (unsigned i = 0; i < plan->n_cells; i++) {
        struct work work;
        char why[WHY_BYTES];
        bool is_external = parameters_are_external(&plan->cells[i].parameters);
        if (is_external && plan->cells[i].asked[0] == '\0')
            continue;
        const char *accept = plan->cells[i].parameters.accept;
        if (accept[0] != '\0' && strcmp(accept, "shared") != 0 &&
            strcmp(accept, "reuseport") != 0)
            error_exit("run: --accept wants shared or reuseport, not '%s'", accept);
        if (work_parse(plan->cells[i].asked, 1, &work, why) != 0)
            error_exit("run: --work: %s", why);
        if (is_external &&
            (work_has_step(&work, STEP_FETCH) || work_has_step(&work, STEP_DECLARED)))
            error_exit("run: --work %s: a server whose path has {turns} and {wait_ms} is "
                       "told cpu and sleep steps alone",
                       plan->cells[i].asked);
        n_skipped += plan->cells[i].skipped != NULL;
    }
    if (n_skipped == plan->n_cells)
        error_exit("run: no cell can be measured: %s; ask for less",
                   plan->cells[0].skipped);
}

/* Whether a command names a parameter, or what --set names; or a path says the work. */
static bool is_named(const struct contestants *contestants, const char *name) {
    for (unsigned i = 1; i <= contestants->n; i++)
        if (external_has_name(contestants->all[i].command, name) ||
            (strcmp(name, "work") == 0 && external_takes_work(&contestants->all[i])))
            return true;
    return false;
}

/* Says of an option with several values who is measured at one of them alone. */
static void tell_unheeded(const struct plan *plan, const struct parameter *row) {
    char line[600], value[PARAMETER_BYTES], others[PARAMETER_BYTES];
    unsigned n = 0;
    bool is_server = false;
    (void)snprintf(line, sizeof line, "--%s changes nothing for ", row->option);
    for (unsigned i = 0; i < plan->n_cells; i++) {
        const struct cell_parameters *cell = &plan->cells[i].parameters, *other;
        bool is_first = true, is_heeded = false;
        for (unsigned k = 0; k < plan->n_cells; k++) {
            other = &plan->cells[k].parameters;
            if (strcmp(other->contestant, cell->contestant) != 0)
                continue;
            is_first &= k >= i;
            is_heeded |= strcmp(parameter_text(cell, row, value),
                                parameter_text(other, row, others)) != 0;
        }
        if (!is_first || is_heeded)
            continue;
        is_server |= parameters_are_external(cell);
        text_append(line, sizeof line, "%s%s", n++ > 0 ? ", " : "",
                    cell->contestant_label);
    }
    text_append(line, sizeof line, ", measured at one value of it");
    if (is_server && row->format == NULL && strcmp(row->key, "work") != 0)
        text_append(line, sizeof line, "; a command heeds {%s}", row->option);
    if (n > 0)
        terminal_wrap(line, 2, stdout);
}

/* What nobody that is measured would heed is refused. */
static void check_used(const struct plan *plan, const struct plan_options *options) {
    const struct contestants *contestants = &plan->contestants;
    unsigned n_external = 0;
    while (n_external < plan->n_cells &&
           parameters_are_external(&plan->cells[n_external].parameters))
        n_external++;
    for (unsigned i = 0; i < contestants->n_sets; i++)
        if (!is_named(contestants, contestants->sets[i].name))
            error_exit(
                "run: --set %s: no command has {%s} in it; write it where the value goes",
                contestants->sets[i].name, contestants->sets[i].name);
    for (size_t i = 0; parameter_rows[i].key != NULL; i++) {
        const struct parameter *row = &parameter_rows[i];
        if (options->settings[i] != NULL && row->format == NULL &&
            n_external == plan->n_cells && strcmp(row->key, "cpus") != 0 &&
            !is_named(contestants, row->key) && !is_named(contestants, row->option))
            error_exit("run: --%s is for strategies, or for a {%s} in a command; there "
                       "is neither",
                       row->option, row->option);
        if (options->settings[i] != NULL && (strchr(options->settings[i], ',') != NULL ||
                                             strstr(options->settings[i], "..") != NULL))
            tell_unheeded(plan, row);
    }
}

/* What the command line says of parameters, as settings. */
static void join_settings(const struct plan_options *options, char given[GIVEN_BYTES]) {
    given[0] = '\0';
    for (size_t i = 0; parameter_rows[i].key != NULL; i++) {
        if (options->settings[i] == NULL)
            continue;
        if (strlen(options->settings[i]) >= MATRIX_MAX_VALUE_BYTES)
            error_exit("run: --%s wants at most %d letters, not %zu",
                       parameter_rows[i].option, MATRIX_MAX_VALUE_BYTES - 1,
                       strlen(options->settings[i]));
        text_append(given, GIVEN_BYTES, " %s=", parameter_rows[i].key);
        size_t length = strlen(given);
        const char *text = options->settings[i] + strspn(options->settings[i], " ");
        while (*text != '\0' && length < GIVEN_BYTES - 1) {
            given[length++] = *text;
            bool is_joint = *text == '+' || *text == ',';
            size_t n_blanks = strspn(++text, " ");
            text += n_blanks;
            if (n_blanks > 0 && !is_joint && *text != '+' && *text != ',' &&
                *text != '\0')
                error_exit("run: --%s: blanks stand around a comma between values or a "
                           "'+' between the steps of a work, not before '%s'",
                           parameter_rows[i].option, text);
        }
        given[length] = '\0';
        if (length >= GIVEN_BYTES - 1)
            error_exit("run: --%s: that is too long", parameter_rows[i].option);
    }
}

/* Servers that stand for a cell stand for one that there is. */
static void check_roles(const struct contestants *contestants) {
    const struct experiment *article = experiment_find(USUAL);
    for (unsigned i = 1; article != NULL && i <= contestants->n; i++)
        if (contestants->all[i].as != NULL &&
            experiment_contestant(article, contestants->all[i].as) == NULL)
            refuse_name("cell of article", contestants->all[i].as,
                        &article->contestants->name, sizeof *article->contestants);
}

static bool names_peers(const struct plan_options *options) {
    return options->experiments != NULL &&
           options_list_names(options->experiments, PEERS);
}

static void check_names_differ(const struct plan *plan) {
    for (unsigned i = 0; i < plan->n_cells; i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(plan->cells[i].parameters.name, plan->cells[k].parameters.name) ==
                0)
                error_exit("run: cell '%s' is there twice; give each value once",
                           plan->cells[i].parameters.name);
}

/* Beside others the experiment of that name has those of peers/ for itself. */
static void add_experiment(struct plan *plan, const struct plan_options *options,
                           const struct experiment_entry *entry, const char *given) {
    const char *names[MAX_STRATEGIES + 1] = {0}, *name = entry->name;
    const struct experiment *experiment = entry->experiment;
    char why[WHY_BYTES];
    if (plan->n_experiments == PLAN_MAX_EXPERIMENTS)
        error_exit("run: more than %d experiments at once", PLAN_MAX_EXPERIMENTS);
    for (unsigned i = 0; i < MAX_STRATEGIES && strategies[i].name != NULL; i++)
        names[i] = strategies[i].name;
    const struct preset *preset = choose_preset(experiment, options, plan->is_of_all);
    bool leaves_peers = names_peers(options) && strcmp(name, PEERS) != 0;
    unsigned n_external = 0;
    for (unsigned i = 1; i <= plan->contestants.n; i++)
        n_external += !leaves_peers || plan->contestants.all[i].peer == NULL;
    const struct remote *host = plan_hosts(plan).server;
    const struct remote *from = plan_hosts(plan).from;
    const unsigned files[] = {remote_open_files(host), remote_open_files(from)};
    const struct matrix_setting setting = {.usable_cpus = remote_usable_cpus(host),
                                           .open_files = files[files[1] < files[0]],
                                           .strategies = names,
                                           .only = options->strategies != NULL
                                                       ? options->strategies
                                                   : n_external > 0 ? ""
                                                                    : NULL,
                                           .contestants = &plan->contestants,
                                           .leaves_peers = leaves_peers,
                                           .preset = preset,
                                           .given = given,
                                           .texts = plan->texts};
    int n_cells = matrix_make(name, experiment, &setting, plan->cells + plan->n_cells,
                              PLAN_MAX_CELLS - plan->n_cells, why);
    if (n_cells < 0)
        error_exit("run: %s", why);
    if (n_cells == 0)
        error_exit("run: no cell of '%s' has one of the strategies '%s'", name,
                   options->strategies);
    struct planned_experiment *planned = &plan->experiments[plan->n_experiments++];
    *planned = (struct planned_experiment){
        .name = name,
        .experiment = experiment,
        .first_cell = plan->n_cells,
        .n_cells = (unsigned)n_cells,
        .n_repeats = options->n_repeats > 0 ? options->n_repeats : preset->n_repeats,
        .weight = preset->budget_s,
    };
    plan->n_cells += (unsigned)n_cells;
    check_names_differ(plan);
    bool is_once = options->n_repeats == 1 && plan->budget_ns == 0 &&
                   options->precision_percent <= 0;
    if (preset->has_twin && options->strategies == NULL &&
        plan->n_cells < PLAN_MAX_CELLS && !is_once)
        add_twin(plan, planned);
}

/* What steps of one's own are given with each request. */
static void check_steps_input(const struct plan *plan) {
    const struct contestants *contestants = &plan->contestants;
    if (plan->steps.n == 0 &&
        (contestants->query != NULL || contestants->step_timeout_ns > 0 ||
         (contestants->all[0].body != NULL && contestants->n == 0)))
        error_exit("run: --query, --body and --step-timeout are for steps of your own; "
                   "give --step, or --server");
    if (contestants->query != NULL &&
        (strpbrk(contestants->query, " \t\r\n#") != NULL ||
         strlen(contestants->query) > CONTESTANTS_MOST_QUERY))
        error_exit("run: --query wants what stands behind the '?' of a URL, at most %d "
                   "bytes, blanks as %%20, not '%.100s'",
                   CONTESTANTS_MOST_QUERY, contestants->query);
}

void plan_read(struct plan *plan, int argc, char **argv) {
    struct plan_options options;
    char given[GIVEN_BYTES];
    plan_options_read(plan, &options, argc, argv);
    if (plan->resume != NULL)
        return;
    char why[WHY_BYTES];
    if (work_declare(&plan->steps, why) != 0)
        error_exit("run: --step: %s", why);
    check_steps_input(plan);
    if (options.strategies != NULL)
        check_names("strategy", options.strategies, strategy_is_known, &strategies->name,
                    sizeof *strategies);
    if (plan->upstream != NULL && strlen(plan->upstream) > LONGEST_URL)
        error_exit("run: --upstream wants a URL of at most %d bytes, not of %zu",
                   LONGEST_URL, strlen(plan->upstream));
    plan->seed = random_fresh_seed();
    if (options.seed != NULL && units_parse_seed(options.seed, &plan->seed) != 0)
        error_exit("run: --seed wants a whole number below 2^63, not '%s'", options.seed);
    join_settings(&options, given);
    contestants_check(&plan->contestants);
    plan_connect(plan);
    if (options.peers != NULL || (names_peers(&options) && plan->contestants.n == 0))
        contestants_add_peers(&plan->contestants, plan_hosts(plan).server, options.peers);
    contestants_check(&plan->contestants); /* their names among the others */
    check_roles(&plan->contestants);
    bool is_own = given[0] != '\0' || plan->contestants.n > 0;
    plan->is_of_all = plan->is_of_all && !is_own;
    if (options.experiments == NULL)
        options.experiments = is_own && experiment_find(OWN) != NULL ? OWN
                              : plan->is_of_all                      ? ALL
                                                                     : USUAL;
    else
        check_names("experiment", options.experiments, is_experiment, &experiments->name,
                    sizeof *experiments);
    for (const char *word = options.experiments; *word != '\0'; word += *word == ',') {
        size_t length = strcspn(word, ",");
        for (const struct experiment_entry *entry = experiments; entry->name != NULL;
             entry++)
            if (strncmp(entry->name, word, length) == 0 && entry->name[length] == '\0')
                add_experiment(plan, &options, entry, given);
        word += length;
    }
    if (plan->n_experiments == 0)
        error_exit("run: there is no experiment");
    check_used(plan, &options);
    apply_length(plan, &options);
    check_cells(plan);
}
