/* What --config prints. */
#ifndef JUGGLE_LOADGEN_LOAD_CONFIG_H
#define JUGGLE_LOADGEN_LOAD_CONFIG_H

#include "loadgen/load_options.h"

/* The settings in force, on stdout, in the form that --rc reads. */
void load_config_print(const struct load_options *options);

#endif
