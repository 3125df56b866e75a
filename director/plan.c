/* From a command line to cells; see plan.h. */
#include "director/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/options.h"
#include "common/base/text.h"
#include "common/base/units.h"
#include "common/stats/random.h"
#include "common/workload/work.h"
#include "strategies/strategy.h"

enum { MAX_STRATEGIES = 64, MAX_ROWS = 64, GIVEN_BYTES = 8000, LONGEST_URL = 8000 };

static const double PRECISION_PERCENT = 5;

/* What is measured when nobody says what, and when a preset, strategies or how often are
 * all that is said. */
static const char ALL[] = "article,waiting,users,cores";
static const char USUAL[] = "article";
/* What is measured when a work or another setting is given, and no experiment. */
static const char OWN[] = "own";
/* The experiment whose contestants are those of the folder of that name. */
static const char PEERS[] = "peers";

struct plan_options {
    const char *experiments, *strategies, *peers, *seed, *preset;
    double precision_percent;
    uint64_t p99_ns;    /* 0: not given */
    unsigned n_repeats; /* 0: not given */
    bool is_quick, is_article;
    const char *settings[MAX_ROWS]; /* parallel to parameter_rows[]; NULL: not given */
};

static void print_axes_help(FILE *out) {
    (void)fprintf(
        out,
        "\nEvery setting may be given several values, such as --users 1,10,100 or\n"
        "--users 1..64, and is then an axis of the charts; 'juggle run --list' shows\n"
        "more.\n");
}

/* The options of `run` itself, then one for each parameter. */
static void read_rows(struct plan *plan, struct plan_options *options, int argc,
                      char **argv) {
    struct contestants *contestants = &plan->contestants;
#define OF_ONE(member)                                                                   \
    &(struct contestants_member) {                                                       \
        contestants, offsetof(struct external, member)                                   \
    }
    const struct option_row own[] = {
        OPTION_GROUP("What is measured"),
        {'e', "experiment", "A,B", &option_text, &options->experiments,
         "which ones; --list shows them (default article, waiting, users and cores in "
         "short forms; of a setting, own; with -q, --preset, -s, -r or --precision, "
         "article)"},
        {'q', "quick", NULL, &option_flag, &options->is_quick,
         "within a minute, with shorter jobs"},
        {0, "article", NULL, &option_flag, &options->is_article,
         "jobs of 4.54 s as in the article, three times"},
        {0, "preset", "NAME", &option_text, &options->preset,
         "settings and length by a name of the experiment's; --list shows them"},
        {'s', "strategies", "A,B", &option_text, &options->strategies,
         "only cells of these strategies (default all)"},
        {0, "upstream", "URL", &option_url, &plan->upstream,
         "what fetch steps get (default a server of our own: 100 ms, or as fetch:1s "
         "says)"},
        {0, "step", WORK_STEP_ARGUMENT, &work_option_step, &plan->steps, WORK_STEP_HELP},
        {0, "step-timeout", "TIME", &option_duration, &contestants->step_timeout_ns,
         "time limit of a command of --step (default 60s)"},
        {0, "query", "TEXT", &option_text, &contestants->query,
         "what strategies are asked with, for such steps, as 'radius=3'; --body FILE "
         "too"},
        OPTION_GROUP(
            "Servers of your own, in place of strategies or beside --strategies"),
        {0, "server", "COMMAND", &contestants_command, contestants,
         "one that the shell starts for each cell; it listens on {port}; NAME=COMMAND "
         "gives it another name than its program's; may be given many times"},
        {0, "url", "URL", &contestants_url, contestants,
         "one that already runs; NAME=URL gives it another name than its own"},
        {0, "contestants", "FILE", &contestants_file, contestants,
         "such servers from a file; results/README.md has its fields"},
        {0, "peers", "A,B", &option_text, &options->peers,
         "those of the folder peers/ (all with --experiment peers and no other server)"},
        {0, "set", "NAME=A,B", &contestants_set_names, contestants,
         "values of a {NAME} in commands; of several each is measured"},
        OPTION_GROUP("About the server before it; before the first, about all"),
        {0, "path", "PATH", &contestants_text, OF_ONE(path),
         "what users ask for (default /)"},
        {0, "method", "NAME", &contestants_text, OF_ONE(method),
         "how they ask (default GET; POST with --body)"},
        {0, "body", "FILE", &contestants_text, OF_ONE(body), "what each request carries"},
        {0, "header", "TEXT", &contestants_header, OF_ONE(headers),
         "a header of each request, 'Name: value'; may be repeated"},
        {0, "idle-path", "PATH", &contestants_text, OF_ONE(idle_path),
         "a page without work, asked for meanwhile (default none)"},
        {0, "ready-path", "PATH", &contestants_text, OF_ONE(ready_path),
         "it is ready when this answers (default --idle-path, or /)"},
        {0, "ready-limit", "DURATION", &contestants_limit, OF_ONE(ready_limit_s),
         "how long that may take (default 30s)"},
        {0, "pid", "N", &contestants_pid, OF_ONE(pid),
         "of --url: the process that it is, for its CPU time and memory"},
        {0, "as", "CELL", &contestants_text, OF_ONE(as),
         "the cell that it stands for in claims, such as threading-gil of article"},
        OPTION_GROUP("On other hosts, which ssh reaches without a password"),
        {0, "server-host", "USER@HOST", &option_text, &plan->server_host.host,
         "where servers run and their costs are read; the load comes from here"},
        {0, "from", "USER@HOST", &option_text, &plan->from.host,
         "where the load comes from"},
        {0, "ssh", "COMMAND", &option_text, &plan->server_host.ssh,
         "how they are reached, such as 'ssh -p 2222' (default ssh)"},
        {0, "remote-juggle", "PATH", &option_text, &plan->server_host.juggle,
         "where juggle of this version is there (default a copy of this one)"},
        {0, "server-address", "ADDRESS", &option_text, &plan->server_host.address,
         "where the load finds the servers (default the address that ssh uses)"},
        OPTION_GROUP("How long"),
        {'r', "repeat", "N", &option_positive, &options->n_repeats,
         "how often each cell is measured; with --budget: at least (default 2)"},
        {0, "precision", "PERCENT", &option_percent, &options->precision_percent,
         "go on until each mean slowdown is known within ±PERCENT (default 5)"},
        {0, "budget", "DURATION", &option_duration, &plan->budget_ns,
         "how long all of it may take (default 5m; --quick 1m; with -r alone none)"},
        OPTION_GROUP("What is best"),
        {0, "p99", "TIME", &option_duration, &options->p99_ns,
         "the most answers a second of those under whom 99 requests in 100 take no "
         "longer, such as 200ms"},
        OPTION_GROUP("Results"),
        {0, "resume", "FOLDER", &option_folder, &plan->resume,
         "go on with the run in FOLDER: what is missing or undecided"},
        {0, "anyway", NULL, &option_flag, &plan->is_anyway,
         "with --resume: even on another machine, or with another juggle"},
        {'o', "out", "FOLDER", &option_folder, &plan->out,
         "where results go (default results/TIME-HOST)"},
        {0, "seed", "N", &option_text, &options->seed,
         "for the order of cells (default a new one)"},
        {0, "no-live", NULL, &option_flag, &plan->is_plain,
         "a plain line for each pass, on a terminal as well"},
        OPTION_GROUP("Before it is measured"),
        {'l', "list", NULL, &option_flag, &plan->is_list,
         "what there is to run, and leave"},
        {'n', "dry-run", NULL, &option_flag, &plan->is_dry_run,
         "the cells and how long they may take, and leave"},
        OPTION_GROUP("Settings of the cells"),
    };
#undef OF_ONE
    struct option_row rows[MAX_ROWS] = {0};
    size_t n = sizeof own / sizeof *own;
    memcpy(rows, own, sizeof own);
    for (size_t i = 0; parameter_rows[i].key != NULL && n + 1 < MAX_ROWS; i++) {
        bool has_letter = strcmp(parameter_rows[i].option, "work") == 0 ||
                          strcmp(parameter_rows[i].option, "users") == 0;
        rows[n++] = (struct option_row){
            .letter = has_letter ? parameter_rows[i].option[0] : '\0',
            .name = parameter_rows[i].option,
            .argument = parameter_rows[i].argument != NULL ? parameter_rows[i].argument
                                                           : "yes|no",
            .type = &option_text,
            .target = &options->settings[i],
            .help = parameter_rows[i].meaning,
        };
    }
    static const char examples[] =
        "  juggle run                     four experiments, in five minutes\n"
        "  juggle run --quick             one of them, within a minute\n"
        "  juggle run --work cpu:5ms+sleep:50ms --users 100\n"
        "                                 a work of your own\n"
        "  juggle run -e users --users 1,10,100,1000 --budget 10m\n"
        "  juggle run --server 'mine=node app.js --port {port}' --path /api\n"
        "                                 a server of your own\n"
        "  juggle run --resume results/latest --budget 2m\n";
    const struct option_values values[] = {
        {"--experiment ", &experiments->name, sizeof *experiments},
        {"--strategies ", &strategies->name, sizeof *strategies},
        {0}};
    const struct command command = {
        "run",
        "",
        "Measures each strategy at each setting (a cell) of an experiment, then reports.",
        rows,
        print_axes_help,
        examples,
        values};
    uint64_t said;
    (void)options_parse(&command, argc, argv, &said);
    if ((said & options_set(rows, "precision")) != 0 && options->precision_percent <= 0)
        error_exit("run: --precision wants a percentage above 0; nothing is known within "
                   "0 %%");
    if ((said & options_set(rows, "budget")) != 0 && plan->budget_ns == 0)
        error_exit("run: --budget wants a time above 0; --repeat alone measures without "
                   "one");
    if ((said & options_set(rows, "p99")) != 0 && options->p99_ns == 0)
        error_exit("run: --p99 wants a time above 0, such as 200ms");
    plan->p99_us = (double)options->p99_ns / (double)NS_PER_US;
    plan->is_of_all = (said & options_set(rows, "experiment,quick,article,preset,"
                                                "strategies,repeat,precision")) == 0;
    uint64_t resumed = options_set(rows, "resume,anyway,budget,no-live");
    if (plan->resume != NULL && (said & ~resumed) != 0)
        error_exit(
            "run: --resume goes on with what was planned; of other options it takes "
            "--budget, --anyway and --no-live alone");
    if ((options->preset != NULL) + options->is_quick + options->is_article > 1)
        error_exit("run: --quick and --article are presets; give one, or --preset NAME");
    if (plan->is_anyway && plan->resume == NULL)
        error_exit("run: --anyway belongs to --resume FOLDER");
    if (contestants->n == 0 && options->peers == NULL &&
        (said & options_set(rows, "set,path,method,header,idle-path,ready-path,"
                                  "ready-limit,pid,as")) != 0)
        error_exit("run: --set, --path and the other options about a server of your own "
                   "want one; give --server NAME=COMMAND, or --url URL");
    if (plan->server_host.host == NULL && plan->from.host == NULL &&
        (said & options_set(rows, "ssh,remote-juggle,server-address")) != 0)
        error_exit("run: --ssh, --remote-juggle and --server-address belong to "
                   "--server-host or --from");
    plan->from.ssh = plan->server_host.ssh;
    plan->from.juggle = plan->server_host.juggle;
}

struct far_hosts plan_hosts(struct plan *plan) {
    return (struct far_hosts){plan->server_host.host != NULL ? &plan->server_host : NULL,
                              plan->from.host != NULL ? &plan->from : NULL};
}

void plan_connect(struct plan *plan) {
    struct far_hosts hosts = plan_hosts(plan);
    char why[WHY_BYTES];
    for (unsigned i = 1; i <= plan->contestants.n; i++)
        if ((hosts.server != NULL || hosts.from != NULL) &&
            external_has_name(plan->contestants.all[i].command, "socket"))
            error_exit("run: contestant '%s': a unix socket is not reached from another "
                       "host; write {port} in its command",
                       plan->contestants.all[i].name);
    if (hosts.server != NULL && remote_open(hosts.server, why) != 0)
        error_exit("run: --server-host: %s", why);
    if (hosts.from != NULL && remote_open(hosts.from, why) != 0)
        error_exit("run: --from: %s", why);
    if (hosts.from != NULL && plan->server_host.address != NULL)
        (void)snprintf(plan->from.here, sizeof plan->from.here, "%s",
                       plan->server_host.address);
}

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
        error_exit("run: the list names none: which %s? 'juggle run --list' shows them",
                   what);
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
    for (unsigned i = planned->first_cell; i < planned->first_cell + (unsigned)n_cells;
         i++)
        for (unsigned k = 0; k < i; k++)
            if (strcmp(plan->cells[i].parameters.name, plan->cells[k].parameters.name) ==
                0)
                error_exit("run: cell '%s' is there twice; give each value once",
                           plan->cells[i].parameters.name);
    plan->n_cells += (unsigned)n_cells;
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

/* The servers of the folder peers/, where they are asked for. */
static void add_peers(struct plan *plan, const struct plan_options *options) {
    bool is_of_peers = names_peers(options);
    if ((options->peers != NULL || is_of_peers) && plan->server_host.host != NULL)
        error_exit("run: peers are files and runtimes of this host; leave out "
                   "--server-host, or run there, with --from this one");
    if (options->peers != NULL || (is_of_peers && plan->contestants.n == 0))
        contestants_add_peers(&plan->contestants, options->peers);
}

void plan_read(struct plan *plan, int argc, char **argv) {
    struct plan_options options = {0};
    char given[GIVEN_BYTES];
    *plan = (struct plan){.texts = json_array()};
    plan->contestants.texts = plan->texts;
    read_rows(plan, &options, argc, argv);
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
    add_peers(plan, &options);
    contestants_check(&plan->contestants);
    check_roles(&plan->contestants);
    plan_connect(plan);
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

void plan_grid(const struct plan *plan, const struct planned_experiment *planned,
               unsigned cell, struct grid *grid) {
    const struct cell_parameters *cells[PLAN_MAX_CELLS];
    size_t n = 0;
    for (unsigned i = 0; i < planned->n_cells; i++)
        if (plan->cells[planned->first_cell + i].twin_of == NULL) /* it is the last */
            cells[n++] = &plan->cells[planned->first_cell + i].parameters;
    grid->n_axes = grid->n_points = 0;
    if (cell - planned->first_cell < n)
        grid_make(cells, n, cell - planned->first_cell, grid);
}

bool plan_is_coarse(const struct plan *plan, const struct planned_experiment *planned,
                    unsigned cell) {
    struct grid grid;
    plan_grid(plan, planned, cell, &grid);
    const struct grid_point *point = grid_of_cell(&grid, cell - planned->first_cell);
    return point == NULL || grid_is_coarse(&grid, point);
}
