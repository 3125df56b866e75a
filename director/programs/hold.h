/*
 * The far end of another host: `juggle hold` there, started over ssh, which director/
 * programs/remote.h talks to. It reads requests from stdin, a line of JSON each, and
 * answers each with one. It starts at most one program, `juggle` with some words, and
 * ends when that does or when stdin does, as it does with the connection: whatever it
 * started is stopped then, by SIGTERM at first, and the last line says what it took.
 * Of this host the same functions are called without any connection. Main thread.
 */
#pragma once

#include <stdint.h>
#include <sys/resource.h>

#include <jansson.h>

#include "common/base/fields.h"
#include "common/base/machine.h"
#include "common/children/census.h"

/* The subcommand, in no list. */
#define HOLD_COMMAND "hold"

/* Ports that servers are given: below those that connections get by themselves, so that
 * nobody takes one meanwhile and no connection to it can meet itself. */
enum { HOLD_FIRST_PORT = 12000, HOLD_LAST_PORT = 31999 };

/* What is so at one moment; of a tree of processes whose root is not 0. */
struct hold_look {
    struct census census;
    double cpu_s; /* NAN: nothing is known of it */
    struct machine_cpus cpus;
    struct machine_ticks ticks;
    uint64_t clock_ns; /* the monotonic clock */
};
extern const struct field hold_look_fields[];

/* `cpus` of the first `n_cpus` (0: of all), and a census only if it is wanted, since that
 * takes the processes time. */
struct hold_look hold_look(pid_t root, enum census_tree tree, unsigned n_cpus,
                           bool wants_census);

/*
 * What a request without a program is answered, a new reference: {"do": "describe"},
 * "calibrate", "cores" (of "loops" and "turns"), "port" or "agree" (of "command", which
 * the shell runs). NULL: there is no such.
 */
json_t *hold_answer(const json_t *request);

/* What two programs used, the second may be all 0; a new reference. And back. */
json_t *hold_pack_usage(const struct rusage *a, const struct rusage *b);
struct rusage hold_read_usage(const json_t *usage);

/* argv[0] is the subcommand. Returns the exit status. */
int hold_main(int argc, char **argv);
