/*
 * The server of a cell while it runs: one of ours (`juggle serve`), a command of the
 * user's below its keeper (common/children/keeper.h), or one that was there before, here
 * or on another host. It is started, awaited, counted and stopped here, whichever it is.
 * Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "common/base/files.h"
#include "common/children/census.h"
#include "common/children/children.h"
#include "director/programs/generator.h"
#include "director/programs/remote.h"
#include "measured/external.h"

enum { SERVER_URL_BYTES = 160, SERVER_SAID_BYTES = 1280 };

/* Stands before the last words of a server in a line that tells what was wrong. */
#define SERVER_SAYS "; it said: "

/* Where servers run and where the load comes from; NULL: here. */
struct far_hosts {
    struct remote *server, *from;
};

struct server {
    const struct external *external; /* NULL: one of ours */
    struct remote *remote;           /* where it is */
    const char
        *address; /* at which it is asked; NULL: 127.0.0.1, where it listens alone */
    struct child process;        /* ours or the keeper, or the ssh that holds either; not
                                    running: it was there before */
    struct session session;      /* of that ssh */
    unsigned port;               /* where it was told to listen; 0: where it says */
    char base[SERVER_URL_BYTES]; /* "http://10.0.0.2:12345"; "": it says */
    enum census_tree tree;       /* what belongs to it */
    pid_t root;                  /* of that tree; 0: nothing is known of it */
    char url[2400];              /* what users ask for */
    char idle_url[2400];         /* what the prober asks for; "": nothing */
    char socket[100];            /* of a command that listens there; "": on a port */
    FILE *said;                  /* what one of ours says; NULL: our stderr has it */
    struct whole_file log;       /* the same, of a command */
    bool has_log;
    char last[SERVER_SAID_BYTES]; /* that a command said, once it is stopped */
};

/*
 * Starts `juggle serve` with the options (NULL at the end) on a free port and waits until
 * it can serve; its URL ends with a slash. What it says on stderr goes to `said` or, when
 * that is NULL, to ours. 0; -EINTR; or another -errno and a line in `why`: nothing runs
 * then.
 */
int server_start_ours(struct child *process, const char *const *options, FILE *said,
                      char url[SERVER_URL_BYTES], char why[WHY_BYTES]);

/* Starts one that servers on that host fetch from, in `idle_url`. Errors as above. */
int server_start_upstream(struct server *server, struct remote *remote,
                          const char *const *options, char why[WHY_BYTES]);

/*
 * Starts what serves a cell, and waits until it is ready: `external`, or with NULL the
 * cell's strategy with these options. What a command prints is kept beside `cell_path`,
 * as NAME-rK.log; what ours says is kept back until it is stopped, unless `cell_path` is
 * NULL. Errors as above.
 */
int server_start(struct server *server, const struct far_hosts *hosts,
                 const struct external *external, const struct cell_parameters *cell,
                 const char *const *options, const char *cell_path, char why[WHY_BYTES]);

/* Of a command: what users ask for, with that work, as kept in results, in its path. */
void server_aim(struct server *server, const char *work);

/* The words that say how it is asked: for the load on its `url`, or on its `idle_url`. */
void server_add_request(const struct server *server, bool is_idle,
                        struct arguments *arguments);

bool server_has_ended(const struct server *server);

/* Whether it has ended, or does so within that time: -EPROTO then and how in `why`, and
 * one of ours is reaped; else 0. */
int server_look_for_end(struct server *server, int within_ms, char why[WHY_BYTES]);

/* What its processes hold now; all 0: nothing is known of them. CPU seconds they took so
 * far; NAN. */
struct census server_census(struct server *server);
double server_cpu_s(struct server *server);

/* Ends it at once, without a word of how it ended. Does nothing when it does not run. */
void server_kill(struct server *server);

/*
 * Stops it, all that it has started, and ends its log. `error` is what went wrong with
 * the cell before (0: nothing): its last words are put behind `why` then. Returns
 * `error`. Without one, `why` is "" or what was wrong with it all the same.
 */
int server_stop(struct server *server, int error, char why[WHY_BYTES]);
