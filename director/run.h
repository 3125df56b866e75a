/* The subcommand `juggle run`: measures every cell of an experiment, then reports. */
#ifndef JUGGLE_DIRECTOR_RUN_H
#define JUGGLE_DIRECTOR_RUN_H

/* argv[0] is "run". Returns the exit status. */
int run_main(int argc, char **argv);

#endif
