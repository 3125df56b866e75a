/* The subcommand `juggle merge`: the parts of a load as one result. */
#pragma once

/* argv[0] is "merge". Returns the exit status, which is as `juggle load` has it. */
int merge_main(int argc, char **argv);
