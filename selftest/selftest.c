/* The list of proofs, and how they are run and printed; see selftest.h. */
#include "selftest/selftest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/options.h"
#include "common/children/interrupts.h"
#include "common/document/terminal.h"
#include "selftest/stage.h"

enum { MAX_TRIES = 5 };

static const struct proof *const proofs[] = {
    &proof_stall,       &proof_sleep,    &proof_little,     &proof_counting,
    &proof_exponential, &proof_constant, &proof_saturation,
};

enum { N_PROOFS = sizeof proofs / sizeof *proofs };

static const char *only; /* the name of the only proof to run; NULL: all are */
static bool is_list;

static const struct option_row rows[] = {
    {0, "only", "NAME", &option_text, &only,
     "the name of the only proof to run (default all)"},
    {0, "list", "", &option_flag, &is_list, "show the proofs and exit"},
    {0},
};

static void print_more_help(FILE *out) {
    (void)fprintf(
        out,
        "\nEach proof is measured on servers of our own and printed as one line.\n"
        "What a busy machine may have spoilt is tried again, %d times in all;\n"
        "what no machine excuses, such as a sleep that ended early, is not.\n"
        "\nExit status: 0 all hold, 1 one failed, 2 wrong call, 130 "
        "SIGINT,\n143 SIGTERM, 129 SIGHUP.\n",
        MAX_TRIES);
}

static const char *names[N_PROOFS + 1];
static const struct option_values values[] = {{"--only ", names, sizeof *names}, {0}};
static const struct command command = {
    "selftest",
    "",
    "Measures what is known beforehand, to prove the instrument.",
    rows,
    print_more_help,
    "  juggle selftest\n  juggle selftest --only stall\n",
    values};

/* Runs and prints one proof, unless it is interrupted. */
static bool holds(const struct proof *proof, struct stage *stage) {
    enum proof_verdict verdict;
    stage->n_tries = 0;
    do {
        if (stage->n_tries++ > 0) /* a neighbour may end */
            interrupts_pause(NS_PER_S);
        stage->found[0] = '\0';
        verdict = proof->run(stage);
        stage_clear(stage);
        if (interrupts_came() != 0)
            return false;
    } while (verdict == PROOF_SPOILT && stage->n_tries < MAX_TRIES);
    char line[WHY_BYTES + 512], tries[32] = "";
    if (stage->n_tries > 1)
        (void)snprintf(tries, sizeof tries, " (try %u)", stage->n_tries);
    (void)snprintf(line, sizeof line, "%-7s %s; expected: %s; found: %s%s",
                   verdict == PROOF_HOLDS ? "ok" : "FAILED", proof->claim,
                   proof->expected, stage->found, tries);
    if (isatty(STDOUT_FILENO)) /* elsewhere a proof is one line */
        terminal_wrap(line, 8, stdout);
    else
        (void)printf("%s\n", line);
    (void)fflush(stdout);
    return verdict == PROOF_HOLDS;
}

int selftest_main(int argc, char **argv) {
    struct stage stage;
    bool is_chosen[N_PROOFS];
    int n_chosen = 0, n_run = 0, n_held = 0;
    for (int i = 0; i < N_PROOFS; i++)
        names[i] = proofs[i]->name;
    (void)options_parse(&command, argc, argv, NULL);
    for (int i = 0; i < N_PROOFS; i++) {
        is_chosen[i] = only == NULL || strcmp(only, names[i]) == 0;
        n_chosen += is_chosen[i];
    }
    if (n_chosen == 0)
        error_exit("selftest: --only: there is no proof '%s'; %s--list shows them", only,
                   options_suggest(only, "", names, sizeof *names));
    for (int i = 0; i < N_PROOFS && is_list; i++)
        (void)printf("%-12s %s\n", names[i], proofs[i]->claim);
    if (is_list)
        return EXIT_OK;
    if (interrupts_heed() != 0)
        error_exit("selftest: %s", strerror(errno));
    stage_open(&stage);
    for (int i = 0; i < N_PROOFS && interrupts_came() == 0; i++)
        if (is_chosen[i]) {
            n_held += holds(proofs[i], &stage);
            n_run += interrupts_came() == 0;
        }
    stage_close(&stage);
    if (interrupts_came() != 0)
        error_print("selftest: interrupted");
    (void)printf("%d of %d proofs hold\n", n_held, n_run);
    if (interrupts_came() != 0)
        return EXIT_SIGNALLED + interrupts_came();
    return n_held < n_run ? EXIT_FAILED_REQUESTS : EXIT_OK;
}
