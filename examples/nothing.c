/*
 * The smallest step: it does nothing and yields nothing. A place to begin.
 *
 *   cc -O2 -shared -fPIC -Iinclude -o nothing.so examples/nothing.c
 *   juggle serve --step nothing=./nothing.so --work nothing
 */
#include "juggle_step.h"

static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    (void)state;   /* what `open` made; there is none here */
    (void)request; /* query and body */
    (void)reply;   /* bytes, their type, an error */
    return 0;      /* or an HTTP status from 400 to 599 */
}

const struct juggle_step juggle_step = {.abi = JUGGLE_STEP_ABI, .call = call};
