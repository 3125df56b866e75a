/*
 * How far a run can be trusted, in sentences: the verdicts on its cells, repeats during
 * which the machine drifted, and the A/A test. Main thread.
 */
#ifndef JUGGLE_REPORT_TRUST_H
#define JUGGLE_REPORT_TRUST_H

#include "report/overview.h"

/* Says each sentence, without a line end, in turn. */
void trust_say(const struct overview *overview,
               void (*say)(void *context, const char *sentence), void *context);

#endif
