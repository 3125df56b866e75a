/*
 * What a cell may vary, one row each. From these rows come the members of struct
 * cell_parameters and their keys in files, the options of `juggle serve` that set them,
 * the options of `juggle run` that sweep them, what a cell's server and load are started
 * with, and `run --list`. To add a parameter, add a row.
 *
 * P(member, TYPE, option, argument, format, initial, meaning)
 * - member: of the struct, and its key in files
 * - TYPE: COUNT (unsigned), NUMBER (double), FLAG (bool), TEXT (const char *); 0 or ""
 *   leaves it to the server or the load generator
 * - option: of `run`, without dashes, and of `serve` where it is one of serve's
 * - argument: as --help shows it; NULL of a flag
 * - format: of LOAD_PARAMETERS: the words for `load`, a value as %s, blanks between words
 * - initial: what a cell has unless its contestant or an axis says otherwise
 * - meaning: one line for --help and --list
 */
#pragma once

#include <stdbool.h>

/* Options of `serve`, by the same names. */
#define SERVE_PARAMETERS(P)                                                              \
    P(work, TEXT, "work", "WORK", NULL, "", "what a request does that has no ?work=")    \
    P(threads, COUNT, "threads", "N", NULL, 0,                                           \
      "threads in the pool of threads (default usable CPUs)")                            \
    P(workers, COUNT, "workers", "N", NULL, 0,                                           \
      "processes in the pool of processes (default usable CPUs)")                        \
    P(gil, FLAG, "gil", NULL, NULL, false,                                               \
      "compute under a global interpreter lock, as CPython does")                        \
    P(processes, COUNT, "processes", "N", NULL, 1,                                       \
      "server processes on the same port (default 1)")                                   \
    P(accept, TEXT, "accept", "HOW", NULL, "",                                           \
      "how they accept connections: 'shared', from one socket, or 'reuseport', from a "  \
      "socket each (default shared)")                                                    \
    P(cpus, COUNT, "cpus", "N", NULL, 0, "run on the first N usable CPUs (default all)") \
    P(max_inflight, COUNT, "max-inflight", "N", NULL, 0,                                 \
      "jobs at once; a request beyond them gets 503 (default 16384, or what the "        \
      "limit of open files allows)")

#define LOAD_PARAMETERS(P)                                                               \
    P(users, COUNT, "users", "N", "--concurrent %s", 0,                                  \
      "users who ask at the same time")                                                  \
    P(rounds, COUNT, "rounds", "N", "--reps %s", 0,                                      \
      "requests of each user, one after the other")                                      \
    P(duration_s, NUMBER, "seconds", "S", "--time %sS", 0,                               \
      "how long users ask, in place of rounds")                                          \
    P(drain_s, NUMBER, "drain", "S", "--drain %ss", 0,                                   \
      "how long requests in flight after --seconds are awaited")                         \
    P(rate_per_s, NUMBER, "rate", "N", "--rate %s", 0,                                   \
      "requests a second, whether or not earlier ones were answered")                    \
    P(think_ms, NUMBER, "think", "MS", "--think exp:%sms", 0,                            \
      "mean time that a user thinks between requests, exponential; 2s is understood")

#define PARAMETER_FLAG bool
#define PARAMETER_COUNT unsigned
#define PARAMETER_NUMBER double
#define PARAMETER_TEXT const char *

/* A member of a struct. */
#define PARAMETER_MEMBER(member, TYPE, option, argument, format, initial, meaning)       \
    PARAMETER_##TYPE member;
