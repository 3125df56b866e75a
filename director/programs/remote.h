/*
 * Another host, reached over ssh, and the near end of what runs there
 * (director/programs/hold.h). The director measures as it does here: what it asks of the
 * servers' host it asks through these functions, where NULL is this one. A program there
 * is an ssh of ours as long as it runs, so what waits for the one waits for the other,
 * and with the connection everything there ends. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/base/error.h"
#include "common/children/children.h"
#include "director/programs/hold.h"

/* The lines that go to and fro. */
struct session {
    int input;   /* what we say; 0: it is closed, which ends what is there */
    json_t *end; /* what was said at its end: "status" and "usage"; NULL: nothing yet */
};

struct remote {
    const char *host;             /* USER@HOST, as ssh has it; NULL: this one */
    const char *ssh;              /* how it is called, "ssh -p 2222"; NULL: ssh */
    const char *juggle, *address; /* as below, where the user says so; else NULL */
    /* Once it is open: */
    char program[4096]; /* juggle of this version there */
    char folder[4096];  /* a temporary one there, which goes with the connection */
    char there[64];     /* its address, as we see it */
    char here[64];      /* ours, as it is seen there */
    json_t *about;      /* what it said of itself */
    struct child control;
    struct session session;
};

/*
 * Connects, and makes sure that a juggle of this version is there; where nobody said
 * where, this one is copied and removed again with the connection. 0; -EINTR; or -errno
 * and a line in `why` that says what to do.
 */
int remote_open(struct remote *remote, char why[WHY_BYTES]);

/* Ends the connection and waits until nothing of it is left there. */
void remote_close(struct remote *remote);

/* Copies a folder into the temporary one there, which is $JUGGLE_PEERS of what is started
 * there. 0; or -errno and a line in `why`. */
int remote_send_folder(const struct remote *remote, const char *path,
                       char why[WHY_BYTES]);

/* Begins a session, which is `child`, an ssh. Its output goes to a descriptor, or is read
 * (0) by the functions below; so do its errors, or to ours. 0 or -errno. */
int remote_begin(const struct remote *remote, int output_to, int errors_to,
                 struct child *child, struct session *session);

/* The list of them, NULL at the end; a new reference. */
json_t *remote_words(const char *const *words);

/* Says a request and lets go of it; 0 or -errno. */
int remote_say(struct session *session, json_t *request);

/* The same, and what was answered, a new reference; NULL: nothing, or not in time. An
 * interrupt ends the wait only if it is heeded. */
json_t *remote_ask(struct child *child, struct session *session, json_t *request,
                   bool heeds_interrupts);

/*
 * Starts `juggle` there with such words in a session of its own. `line` gets the first
 * one that it says, unless it is NULL. 0; -EINTR; or another -errno.
 */
int remote_start(const struct remote *remote, const char *const *words, int errors_to,
                 struct child *child, struct session *session, char *line,
                 size_t line_bytes);

/* Says that it is to end, and waits for nothing. */
void remote_hang_up(struct session *session);

/* Ends what is there, waits for it, and gives the child the status and the usage of the
 * program in place of those of ssh. */
void remote_end(struct child *child, struct session *session);

/* What is asked of the host, or of this one; NAN and 0 where the connection is lost. */
unsigned remote_usable_cpus(const struct remote *remote);
double remote_cpu_allowance(const struct remote *remote);
unsigned remote_open_files(const struct remote *remote); /* the least of it and ours */
json_t *remote_describe(const struct remote *remote);    /* as machine_describe() */
double remote_calibrate(struct remote *remote);
double remote_cores(struct remote *remote, unsigned n_loops, uint64_t turns,
                    uint64_t *alone_ns);
unsigned remote_find_port(struct remote *remote); /* nobody listens on it; 0: none */
bool remote_agrees(struct remote *remote, const char *command); /* of the shell */
/* As hold_look, of the program in a session or, without one, of the process `root`. */
struct hold_look remote_look(struct remote *remote, struct child *child,
                             struct session *session, pid_t root, enum census_tree tree,
                             unsigned n_cpus, bool wants_census);
/* As census_find_places, of the program in a session or, of this host, of the child. */
void remote_find_places(const struct remote *remote, struct child *child,
                        struct session *session, enum census_tree tree,
                        char places[CENSUS_PLACES_BYTES]);
