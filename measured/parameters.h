/*
 * What was asked for of a cell, the same in every repeat. common/base/parameters.h has
 * the rows of what may be varied; this makes a struct of them, and reads, writes and
 * compares it. Main thread.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "common/base/fields.h"
#include "common/base/parameters.h"

struct cell_parameters {
    const char *experiment;
    const char *name;  /* unique in its run, fit for a file name: "threading-gil" */
    const char *label; /* for people: "threading (GIL)" */
    /* Who serves: the same for all cells that differ only in their coordinates. */
    const char *contestant, *contestant_label;
    const char *strategy; /* endpoint without slashes; "": an external server */
    /* Of an external one (measured/external.h): its command or URL, without secrets, and
     * the values of the names in it that are no parameters, "level=2,mode=fast". */
    const char *server, *set;
    const char *as; /* the cell that it stands for in claims; "": they are not about it */
    SERVE_PARAMETERS(PARAMETER_MEMBER)
    LOAD_PARAMETERS(PARAMETER_MEMBER)
    double probe_every_us; /* a `/` is asked for so often; 0: no probe */
};

enum parameter_owner { PARAMETER_OF_SERVE, PARAMETER_OF_LOAD };

/* One row of common/base/parameters.h; those of the load have a format. */
struct parameter {
    const char *key; /* NULL ends the table */
    const char *option, *argument, *format, *meaning;
    const struct field_type *type;
    size_t offset; /* in struct cell_parameters */
};

extern const struct parameter parameter_rows[];

/* By its key or its option's name; NULL: there is none. */
const struct parameter *parameter_find(const char *name);

/* Whether it is served by none of our strategies. */
bool parameters_are_external(const struct cell_parameters *cell);

/* How many jobs a strategy that is a pool takes at a time; 0: what its default says. Only
 * cells of a strategy that has a pool of threads have `threads`. */
unsigned parameters_pool_size(const struct cell_parameters *cell);

/* The initial value of each; texts are "", never NULL. */
struct cell_parameters parameters_initial(void);

/*
 * Sets one from a text, which must outlive the struct. 0, or -EINVAL with what is
 * expected in `why`.
 */
int parameter_set(struct cell_parameters *cell, const struct parameter *parameter,
                  const char *text, char why[WHY_BYTES]);

enum { PARAMETER_BYTES = 256 }; /* the longest is a work, WORK_MAX_TEXT_BYTES */

/* As a text, "" when it is left to the server or the generator. Returns text. */
const char *parameter_text(const struct cell_parameters *cell,
                           const struct parameter *parameter, char text[PARAMETER_BYTES]);

/* As a coordinate: NAN of a text that is no number. */
double parameter_number(const struct cell_parameters *cell,
                        const struct parameter *parameter);

/* As people say it: "16 users", "1 CPU", "work cpu:20ms". Returns text. */
char *parameter_phrase(const struct parameter *parameter, const char *value, char *text,
                       size_t text_bytes);

/* The one of such a phrase, with where its value stands in it; NULL: it is none. */
const struct parameter *parameter_of_phrase(const char *phrase, size_t *value_at,
                                            size_t *value_bytes);

/* Whether it says what is asked of a server or where it runs: a place, in which servers
 * are compared. The others say how it serves. */
bool parameter_is_place(const struct parameter *parameter);

/* The object under "parameters" of a cell's file, a new reference; and back: 0, or
 * -EINVAL and a line in `why`. Texts live in the object. */
json_t *parameters_pack(const struct cell_parameters *cell);
int parameters_read(const json_t *object, struct cell_parameters *cell,
                    char why[WHY_BYTES]);

/* The key of the first one in which two cells differ; NULL: in none. */
const char *parameters_differ(const struct cell_parameters *left,
                              const struct cell_parameters *right);
