/* The subcommand `juggle load`: sends requests to a URL and times them. */
#pragma once

/* argv[0] is "load". Returns the exit status. */
int load_main(int argc, char **argv);
