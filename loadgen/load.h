/* The subcommand `juggle load`: sends requests to a URL and times them. */
#pragma once

#include "loadgen/drive/drive.h"
#include "loadgen/options/load_settings.h"

/* argv[0] is "load". Returns the exit status. */
int load_main(int argc, char **argv);

/* Completes options->config: the whole load that is asked for, whatever share of it is
 * sent. What is pointed to, the options among it, must outlive it; `hosts` may be NULL
 * where nothing will be sent. */
void load_configure(struct load_options *options, const struct transport *transport,
                    const struct urls *urls, const struct hosts *hosts);
