/*
 * The keeper of a program that is not ours: this program under another subcommand, which
 * stands between us and it. Whatever the program starts stays below its keeper, as
 * orphans become the keeper's children (PR_SET_CHILD_SUBREAPER), also those that
 * daemonise. The keeper ends once none of them is left. SIGTERM, or our death, has it end
 * all of them; so nothing stays behind however a run ends. What they print goes to the
 * keeper's stderr, which it keeps short: beginning and end stay of what is too long.
 */
#pragma once

#include <stdint.h>

/*
 * The subcommand, in no list, and its words: KEEPER_COMMAND PORT SOCKET CPUS GRACE_MS
 * COMMAND. The command is the shell's, has PORT in its environment and, unless CPUS is 0,
 * runs on the first CPUS usable CPUs. It is in a session of its own. SOCKET, unless it is
 * "", is removed with its folder in the end.
 */
#define KEEPER_COMMAND "keeper"

/*
 * Exit statuses after SIGTERM: 0, or when the command had ended before and others went
 * on, or when not all of them ended within GRACE_MS. Without SIGTERM it is as a shell has
 * it: the command's, or 128 + signal.
 */
enum { KEEPER_FORKED_AWAY = 98, KEEPER_HAD_TO_KILL = 99 };

/* So many bytes of what they print are kept, and the last ones behind these. */
enum { KEEPER_FIRST_BYTES = 256 << 10, KEEPER_LAST_BYTES = 64 << 10 };

/* Removes a socket, if it is there, and its folder; "": nothing. Cuts the path. */
void keeper_remove_socket(char *path);

/* argv[0] is the subcommand. Returns the exit status. */
int keeper_main(int argc, char **argv);
