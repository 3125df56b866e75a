/* The subcommand `juggle serve`: one server, an endpoint for each strategy. */
#ifndef JUGGLE_SERVER_SERVE_H
#define JUGGLE_SERVER_SERVE_H

/* argv[0] is "serve". Returns the exit status. */
int serve_main(int argc, char **argv);

#endif
