/*
 * A contestant that is no strategy: a command that is started for every cell and repeat,
 * or a server that already runs. The same as options of `run`, in a file of --contestants
 * and in run.json. Its cells have no strategy; they name it as their contestant, with its
 * command as `server` and the values of names that only this command has as `set`. Main
 * thread.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "common/base/error.h"

enum { EXTERNAL_MAX_HEADERS = 16, EXTERNAL_NAME_BYTES = 48, EXTERNAL_MOST_PATH = 2000 };

/* What there is not is NULL or 0. Texts belong to whoever filled it. */
struct external {
    const char *name;    /* fit for the name of a file: "gunicorn-4" */
    const char *command; /* the shell's, with {port} or {socket} in it; or */
    const char *url;     /* of one that already runs: what users ask for */
    /* What users ask for of a command; NULL: "/". In it {turns} and {wait_ms} stand for
     * what the work of a cell computes, in turns of the server's own loop, and sleeps. */
    const char *path;
    const char *idle_path;  /* a page without work, asked for meanwhile; NULL: none */
    const char *ready_path; /* once it answers, users come; NULL: idle_path, or "/" */
    double ready_limit_s;   /* how long that may take; 0: as it comes */
    const char *method;     /* NULL: GET, or POST where there is a body */
    const char *body;       /* a file with what each request carries */
    const char *headers[EXTERNAL_MAX_HEADERS + 1]; /* "Name: value", NULL at the end */
    unsigned pid; /* of one that already runs: whose costs are counted */
    /* The cell that it stands for in claims of the run's experiments, by its name there:
     * "threading-gil"; NULL: claims are not about it. */
    const char *as;
    const char *peer;    /* the folder of peers/ that it is from; NULL: none */
    double turns_per_ms; /* of the loop of its own, as timed; 0: not yet */
};

/* 0, or -EINVAL and what is wrong with it in `why`. */
int external_check(const struct external *external, char why[WHY_BYTES]);

/* Its object, a new reference. Secrets in it are hidden (common/base/secrets.h). */
json_t *external_pack(const struct external *external);

/*
 * And back; `where` is what the object is called in `why`, and what it lacks is as in
 * `usual` (NULL: nothing is). A key that is unknown is refused, and so is a secret that
 * was hidden. Texts live in the object. 0 or -EINVAL.
 */
int external_read(const json_t *object, const char *where, const struct external *usual,
                  struct external *external, char why[WHY_BYTES]);

/*
 * Where the next {name} of a text stands, NULL: there is none. A name is of letters,
 * digits and '_'; what else stands in braces, and ${name}, is the shell's.
 */
const char *external_next_name(const char *text, char name[EXTERNAL_NAME_BYTES]);

/* Whether {name} stands in a text. */
bool external_has_name(const char *text, const char *name);

/* Whether its path says what the work of a cell is. */
bool external_takes_work(const struct external *external);
