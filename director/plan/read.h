/* From a command line to what a run will do. Main thread. */
#pragma once

#include "director/plan/plan.h"

/*
 * Wrong ones end the process with exit 2. A run that goes on has no cells yet:
 * info_resume adds them.
 */
void plan_read(struct plan *plan, int argc, char **argv);
