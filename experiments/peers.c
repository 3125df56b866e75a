/*
 * The article's measurement on servers of other languages, which stand in the folder
 * peers/ (docs/peers.md). Its claims are about those of them that say which of the
 * article's cells they stand for. --strategies puts ours beside them.
 */
#include "experiments/experiment.h"

#define ROW(name, label, strategy, settings, model, hues)                                \
    { name, label, strategy, settings, model, {0, 0, 0}, hues }
static const struct contestant contestants[] = {
    ROW("blocking", "blocking", "blocking", "", &model_in_turn, HUES_OF_LOOP),
    ROW("threading-gil", "threading (GIL)", "threading", "gil=yes", &model_interleaved,
        HUES_OF_THREADS),
    /* What run_in_executor(None, ...) is: a pool of so many threads. */
    ROW("executor-gil", "default executor (GIL)", "threadpool",
        "gil=yes threads=EXECUTOR", NULL, HUES_OF_THREADS),
    ROW("forking", "forking", "forking", "", &model_shared, HUES_OF_PROCESSES),
    ROW("hybrid", "%u GIL servers (shared)", "threading",
        "gil=yes processes=SERVERS accept=shared", &model_split_servers, HUES_OF_THREADS),
    ROW("threading", "threading", "threading", "", &model_shared, HUES_OF_THREADS),
    ROW("processing", "processing", "processing", "", &model_steps, HUES_OF_PROCESSES),
    {0},
};
#undef ROW

static const struct preset presets[] = {
    {"usual", "", 2, 290, false, NULL},
    {"quick", "work=cpu:100ms", 2, 110, false, NULL},
    {"short", "work=cpu:100ms", 2, 110, false, NULL},
    {"article", "work=cpu:4540ms", 3, 0, false, NULL},
    {0},
};

const struct experiment experiment_peers = {
    .question = "How long does each of many users wait for heavy work, and for the home "
                "page, with servers of other languages?",
    .settings = "work=cpu:200ms users=USERS rounds=1 workers=CPUS",
    .presets = presets,
    .contestants = contestants,
    .leaves_out = "async",
    /* A loop in an interpreter waits for its lock at several system calls of a request:
     * asked more often, it would fall behind, and its queue would be measured. */
    .probe_every_us = 200000,
    .alone = "blocking",
    .claims = claims_of_servers,
};
