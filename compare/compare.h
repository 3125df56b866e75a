/* The subcommand `juggle compare`: results folders held against a baseline. */
#pragma once

/* argv[0] is "compare". Returns the exit status. */
int compare_main(int argc, char **argv);
