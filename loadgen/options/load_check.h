/*
 * What one option of `juggle load` alone cannot know: which of them go together. Whatever
 * is wrong is one line on stderr and exit 2. Main thread.
 */
#pragma once

#include <stdint.h>

#include "common/base/options.h"
#include "loadgen/options/load_settings.h"

/*
 * Refuses options that exclude each other, and those that the command line says (`said`,
 * as options_parse has them) though this run would not heed them.
 */
void load_check_choices(const struct load_options *options, const struct option_row *rows,
                        uint64_t said);

/* Refuses values that do not fit each other, and works out what follows from the rest. */
void load_check(struct load_options *options);
