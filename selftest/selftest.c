/* The table of proofs, and how they are run and printed; see selftest.h. */
#include "selftest/selftest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/options.h"
#include "common/children/interrupts.h"
#include "selftest/stage.h"

enum { MAX_TRIES = 5 };

static const uint64_t PAUSE_NS = NS_PER_S; /* before the next try: a neighbour may end */

/* A row is a proof's name, what it proves, and its function; see stage.h. */
static const struct proof {
    const char *name, *claim;
    proof_function *run;
} proofs[] = {
    {"stall", "open loop: a frozen server shows in the latencies", proof_stall},
    {"sleep", "a sleep:100ms never ends early, under any strategy", proof_sleep},
    {"little", "closed loop: Little's law holds on a known delay", proof_little},
    {"counting", "counting loop: twice the turns take twice the time", proof_counting},
    {"exponential", "open loop: arrivals are exponential", proof_exponential},
    {"constant", "open loop: arrivals are constant when asked for", proof_constant},
    {"saturation", "a generator that is asked for too much says so", proof_saturation},
    {0},
};

enum { N_PROOFS = sizeof proofs / sizeof *proofs - 1 };

struct selftest_options {
    const char *only;
    bool is_list;
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

static const struct proof *find_proof(const char *name) {
    for (int i = 0; i < N_PROOFS; i++)
        if (strcmp(proofs[i].name, name) == 0)
            return &proofs[i];
    return NULL;
}

static void read_options(struct selftest_options *options, int argc, char **argv) {
    *options = (struct selftest_options){0};
    const struct option_row rows[] = {
        {0, "only", "NAME", &option_text, &options->only,
         "the name of the only proof to run (default all)"},
        {0, "list", "", &option_flag, &options->is_list, "show the proofs and exit"},
        {0},
    };
    const struct command command = {
        "selftest",
        "",
        "Measures what is known beforehand, to prove the instrument.",
        rows,
        print_more_help,
        "  juggle selftest\n  juggle selftest --only stall\n"};
    (void)options_parse(&command, argc, argv, NULL);
    if (options->only != NULL && find_proof(options->only) == NULL)
        error_exit("selftest: --only: there is no proof '%s'; %s--list shows them",
                   options->only,
                   options_suggest(options->only, "", &proofs->name, sizeof *proofs));
}

static void print_outcome(const struct proof *proof, const struct proof_outcome *outcome,
                          unsigned n_tries) {
    (void)printf("%-7s %s; expected: %s; found: %s",
                 outcome->verdict == PROOF_HOLDS ? "ok" : "FAILED", proof->claim,
                 outcome->expected[0] != '\0' ? outcome->expected : "a measurement",
                 outcome->found);
    if (n_tries > 1)
        (void)printf(" (try %u)", n_tries);
    (void)printf("\n");
    (void)fflush(stdout);
}

/* Runs and prints one proof. 0 or -EINTR. */
static int prove(const struct proof *proof, struct stage *stage, bool *holds) {
    struct proof_outcome outcome;
    unsigned n_tries = 0;
    int error;
    do {
        if (n_tries > 0)
            interrupts_pause(PAUSE_NS);
        outcome = (struct proof_outcome){.verdict = PROOF_FAILS};
        stage->why[0] = '\0';
        error = proof->run(stage, ++n_tries, &outcome);
        stage_clear(stage);
        if (error == -EINTR || interrupts_came() != 0)
            return -EINTR;
    } while (error == 0 && outcome.verdict == PROOF_SPOILT && n_tries < MAX_TRIES);
    if (error != 0)
        (void)snprintf(outcome.found, sizeof outcome.found, "%s",
                       stage->why[0] != '\0' ? stage->why : strerror(-error));
    print_outcome(proof, &outcome, n_tries);
    *holds = outcome.verdict == PROOF_HOLDS;
    return 0;
}

int selftest_main(int argc, char **argv) {
    struct selftest_options options;
    struct stage stage;
    read_options(&options, argc, argv);
    if (options.is_list) {
        for (int i = 0; i < N_PROOFS; i++)
            (void)printf("%-12s %s\n", proofs[i].name, proofs[i].claim);
        return EXIT_OK;
    }
    if (interrupts_heed() != 0)
        error_exit("selftest: %s", strerror(errno));
    stage_open(&stage);
    int error = 0, n_held = 0, n_failed = 0;
    for (int i = 0; error == 0 && i < N_PROOFS; i++) {
        bool holds;
        if (options.only != NULL && strcmp(options.only, proofs[i].name) != 0)
            continue;
        error = prove(&proofs[i], &stage, &holds);
        if (error == 0)
            *(holds ? &n_held : &n_failed) += 1;
    }
    stage_close(&stage);
    if (error != 0)
        error_print("selftest: interrupted");
    (void)printf("%d of %d proofs hold\n", n_held, n_held + n_failed);
    if (error != 0)
        return EXIT_SIGNALLED + interrupts_came();
    return n_failed > 0 ? EXIT_FAILED_REQUESTS : EXIT_OK;
}
