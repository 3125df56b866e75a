/* The answer of a run that is about sizes of pools, in words. Main thread. */
#pragma once

#include "report/contest/sizes.h"
#include "report/contest/teller.h"

enum { SIZE_ADVICE_SENTENCES = 4 };

/* The answer, sentence by sentence: what to choose; who keeps the objective; the rule of
 * thumb, and what more brings and costs; what was not measured. Some may be empty. */
void size_advice_say(struct teller *teller, const struct sizes *sizes, unsigned sentence);
