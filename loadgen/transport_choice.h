/* Which transport carries a run, and whether the machine lets it. Main thread, before the
 * run; what cannot be is one line on stderr and exit 2. */
#pragma once

#include "loadgen/drive/drive.h"
#include "loadgen/options/load_options.h"
#include "loadgen/targets/urls.h"
#include "loadgen/transport/transport.h"

/* The one that --transport names, or else the first that serves all URLs and options. */
const struct transport *transport_choose(const struct load_options *options,
                                         const struct urls *urls);

/* Raises the limit of open files, refuses what it or --preconnect cannot carry, and fills
 * max_in_flight in where it was left open. */
void transport_fit(const struct load_options *options, struct drive_config *config);
