/*
 * A proof: a measurement whose answer is known beforehand. To add one, write its
 * function in a file of this folder, declare it here and give it a row in selftest.c.
 * Main thread.
 */
#pragma once

#include "selftest/stage.h"

enum proof_verdict {
    PROOF_HOLDS,
    PROOF_SPOILT, /* it does not hold, and a busy machine could be why: tried again */
    PROOF_FAILS,  /* it does not hold, and no machine is an excuse */
};

struct proof_outcome {
    enum proof_verdict verdict;
    char expected[200], found[240]; /* one line each, without its end */
};

/*
 * Measures on the stage, which the caller clears, and says what came out. `n_try` counts
 * from 1, so that a draw can be another one. 0; -EINTR; or another -errno with one line
 * in outcome->found: it could not be measured.
 */
typedef int proof_function(struct stage *stage, unsigned n_try,
                           struct proof_outcome *outcome);

proof_function proof_stall, proof_sleep, proof_little, proof_counting, proof_exponential,
    proof_constant, proof_saturation;
