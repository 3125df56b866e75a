/*
 * The command line before the file of --rc: where both choose, such as a URL here and -f
 * there, or users here and a rate there, the file's choice does not count. Main thread.
 */
#ifndef JUGGLE_LOADGEN_PRECEDENCE_H
#define JUGGLE_LOADGEN_PRECEDENCE_H

#include <stdint.h>

#include "common/options.h"

/* Of the rows of `juggle load`: those of the file that the said ones outdo. */
uint64_t precedence_outdone(const struct option_row *rows, uint64_t said);

#endif
