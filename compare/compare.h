/* The subcommand `juggle compare`: results folders held against a baseline. */
#ifndef JUGGLE_COMPARE_COMPARE_H
#define JUGGLE_COMPARE_COMPARE_H

/* argv[0] is "compare". Returns the exit status. */
int compare_main(int argc, char **argv);

#endif
