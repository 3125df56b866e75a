/* The command line of a run; see options.h. */
#include "director/plan/options.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "strategies/strategy.h"

enum { MAX_ROWS = 64 };

/* Where the rows put what is said. */
static struct plan plan;
static struct plan_options options;

#define OF_ONE(member)                                                                   \
    &(struct contestants_member) {                                                       \
        &plan.contestants, offsetof(struct external, member)                             \
    }
static const struct option_row own_rows[] = {
    OPTION_GROUP("What is measured"),
    {'e', "experiment", "A,B", &option_text, &options.experiments,
     "which ones; --list shows them (default article, waiting, users and cores in "
     "short forms; of a setting, own; with -q, --preset, -s, -r or --precision, "
     "article)"},
    {'q', "quick", NULL, &option_flag, &options.is_quick,
     "within a minute, with shorter jobs"},
    {0, "article", NULL, &option_flag, &options.is_article,
     "jobs of 4.54 s as in the article, three times"},
    {0, "preset", "NAME", &option_text, &options.preset,
     "settings and length by a name of the experiment's; --list shows them"},
    {'s', "strategies", "A,B", &option_text, &options.strategies,
     "only cells of these strategies (default all)"},
    {0, "upstream", "URL", &option_url, &plan.upstream,
     "what fetch steps get (default a server of our own: 100 ms, or as fetch:1s "
     "says)"},
    {0, "step", WORK_STEP_ARGUMENT, &work_option_step, &plan.steps, WORK_STEP_HELP},
    {0, "step-timeout", "TIME", &option_duration, &plan.contestants.step_timeout_ns,
     "time limit of a command of --step (default 60s)"},
    {0, "query", "TEXT", &option_text, &plan.contestants.query,
     "what strategies are asked with, for such steps, as 'radius=3'; --body FILE "
     "too"},
    OPTION_GROUP("Servers of your own, in place of strategies or beside --strategies"),
    {0, "server", "COMMAND", &contestants_command, &plan.contestants,
     "one that the shell starts for each cell; it listens on {port}; NAME=COMMAND "
     "gives it another name than its program's; may be given many times"},
    {0, "url", "URL", &contestants_url, &plan.contestants,
     "one that already runs; NAME=URL gives it another name than its own"},
    {0, "contestants", "FILE", &contestants_file, &plan.contestants,
     "such servers from a file; results/README.md has its fields"},
    {0, "peers", "A,B", &option_text, &options.peers,
     "those of the folder peers/ (all with --experiment peers and no other server)"},
    {0, "set", "NAME=A,B", &contestants_set_names, &plan.contestants,
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
    {0, "server-host", "USER@HOST", &option_text, &plan.server_host.host,
     "where servers run and their costs are read; the load comes from here"},
    {0, "from", "USER@HOST", &option_text, &plan.from.host, "where the load comes from"},
    {0, "ssh", "COMMAND", &option_text, &plan.server_host.ssh,
     "how they are reached, such as 'ssh -p 2222' (default ssh)"},
    {0, "remote-juggle", "PATH", &option_text, &plan.server_host.juggle,
     "where juggle of this version is there (default a copy of this one)"},
    {0, "server-address", "ADDRESS", &option_text, &plan.server_host.address,
     "where the load finds the servers (default the address that ssh uses)"},
    OPTION_GROUP("How long"),
    {'r', "repeat", "N", &option_positive, &options.n_repeats,
     "how often each cell is measured; with --budget: at least (default 2)"},
    {0, "precision", "PERCENT", &option_percent, &options.precision_percent,
     "go on until each mean slowdown is known within ±PERCENT (default 5)"},
    {0, "budget", "DURATION", &option_duration, &plan.budget_ns,
     "how long all of it may take (default 5m; --quick 1m; with -r alone none)"},
    OPTION_GROUP("What is best"),
    {0, "p99", "TIME", &option_duration, &options.p99_ns,
     "the most answers a second of those under whom 99 requests in 100 take no "
     "longer, such as 200ms"},
    OPTION_GROUP("Results"),
    {0, "resume", "FOLDER", &option_folder, &plan.resume,
     "go on with the run in FOLDER: what is missing or undecided"},
    {0, "anyway", NULL, &option_flag, &plan.is_anyway,
     "with --resume: even on another machine, or with another juggle"},
    {'o', "out", "FOLDER", &option_folder, &plan.out,
     "where results go (default results/TIME-HOST)"},
    {0, "seed", "N", &option_text, &options.seed,
     "for the order of cells (default a new one)"},
    {0, "no-live", NULL, &option_flag, &plan.is_plain,
     "a plain line for each pass, on a terminal as well"},
    OPTION_GROUP("Before it is measured"),
    {'l', "list", NULL, &option_flag, &plan.is_list, "what there is to run, and leave"},
    {'n', "dry-run", NULL, &option_flag, &plan.is_dry_run,
     "the cells and how long they may take, and leave"},
    OPTION_GROUP("Settings of the cells"),
};
#undef OF_ONE

static void print_axes_help(FILE *out) {
    (void)fprintf(
        out,
        "\nEvery setting may be given several values, such as --users 1,10,100 or\n"
        "--users 1..64, and is then an axis of the charts; 'juggle run --list' shows\n"
        "more.\n");
}

/* Those of `run` itself, then one for each parameter. */
static void make_rows(struct option_row rows[MAX_ROWS]) {
    size_t n = sizeof own_rows / sizeof *own_rows;
    memcpy(rows, own_rows, sizeof own_rows);
    for (size_t i = 0; parameter_rows[i].key != NULL && n + 1 < MAX_ROWS; i++) {
        bool has_letter = strcmp(parameter_rows[i].option, "work") == 0 ||
                          strcmp(parameter_rows[i].option, "users") == 0;
        rows[n++] = (struct option_row){
            .letter = has_letter ? parameter_rows[i].option[0] : '\0',
            .name = parameter_rows[i].option,
            .argument = parameter_rows[i].argument != NULL ? parameter_rows[i].argument
                                                           : "yes|no",
            .type = &option_text,
            .target = &options.settings[i],
            .help = parameter_rows[i].meaning,
        };
    }
}

/* What cannot be said together, or not so. */
static void check_said(const struct option_row *rows, uint64_t said) {
    if ((said & options_set(rows, "precision")) != 0 && options.precision_percent <= 0)
        error_exit("run: --precision wants a percentage above 0; nothing is known within "
                   "0 %%");
    if ((said & options_set(rows, "budget")) != 0 && plan.budget_ns == 0)
        error_exit("run: --budget wants a time above 0; --repeat alone measures without "
                   "one");
    if ((said & options_set(rows, "p99")) != 0 && options.p99_ns == 0)
        error_exit("run: --p99 wants a time above 0, such as 200ms");
    uint64_t resumed = options_set(rows, "resume,anyway,budget,no-live");
    if (plan.resume != NULL && (said & ~resumed) != 0)
        error_exit(
            "run: --resume goes on with what was planned; of other options it takes "
            "--budget, --anyway and --no-live alone");
    if ((options.preset != NULL) + options.is_quick + options.is_article > 1)
        error_exit("run: --quick and --article are presets; give one, or --preset NAME");
    if (plan.is_anyway && plan.resume == NULL)
        error_exit("run: --anyway belongs to --resume FOLDER");
    if (plan.contestants.n == 0 && options.peers == NULL &&
        (said & options_set(rows, "set,path,method,header,idle-path,ready-path,"
                                  "ready-limit,pid,as")) != 0)
        error_exit("run: --set, --path and the other options about a server of your own "
                   "want one; give --server NAME=COMMAND, or --url URL");
    if (plan.server_host.host == NULL && plan.from.host == NULL &&
        (said & options_set(rows, "ssh,remote-juggle,server-address")) != 0)
        error_exit("run: --ssh, --remote-juggle and --server-address belong to "
                   "--server-host or --from");
}

void plan_options_read(struct plan *read, struct plan_options *said_of, int argc,
                       char **argv) {
    struct option_row rows[MAX_ROWS] = {0};
    uint64_t said;
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
    plan = (struct plan){.texts = json_array()};
    plan.contestants.texts = plan.texts;
    options = (struct plan_options){0};
    make_rows(rows);
    (void)options_parse(&command, argc, argv, &said);
    check_said(rows, said);
    plan.p99_us = (double)options.p99_ns / (double)NS_PER_US;
    plan.is_of_all = (said & options_set(rows, "experiment,quick,article,preset,"
                                               "strategies,repeat,precision")) == 0;
    plan.from.ssh = plan.server_host.ssh;
    plan.from.juggle = plan.server_host.juggle;
    *read = plan;
    *said_of = options;
}
