/* The subcommand `juggle load`: sends requests to a URL and times them. */
#ifndef JUGGLE_LOADGEN_LOAD_H
#define JUGGLE_LOADGEN_LOAD_H

/* argv[0] is "load". Returns the exit status. */
int load_main(int argc, char **argv);

#endif
