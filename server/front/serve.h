/* The subcommand `juggle serve`: one server, an endpoint for each strategy. */
#pragma once

/* argv[0] is "serve". Returns the exit status. */
int serve_main(int argc, char **argv);
