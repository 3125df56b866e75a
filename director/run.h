/* The subcommand `juggle run`: measures every cell of an experiment, then reports. */
#pragma once

/* argv[0] is "run". Returns the exit status. */
int run_main(int argc, char **argv);
