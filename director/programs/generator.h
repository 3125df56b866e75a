/*
 * The programs that a cell is made of: argument lists that are built up word by word, and
 * a load generator as a child process: `juggle load` that writes what it found into a
 * file, which is read once it has ended, and every request into that file or into a table
 * beside it. Main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/children/children.h"
#include "director/programs/remote.h"
#include "measured/parameters.h"

enum { ARGUMENTS_MOST = 64, ARGUMENTS_BYTES = 4 * 4096 };

/* NULL at the end of `words`; texts are copied. It must not be moved. */
struct arguments {
    const char *words[ARGUMENTS_MOST];
    size_t n_words;
    char bytes[ARGUMENTS_BYTES];
    size_t n_bytes;
};

void arguments_add(struct arguments *arguments, const char *word);
void arguments_add_pair(struct arguments *arguments, const char *option,
                        const char *value);
void arguments_add_number(struct arguments *arguments, const char *option, double value);

/* The words for all of a cell's parameters of that owner which are not left to it. */
void arguments_add_parameters(struct arguments *arguments,
                              const struct cell_parameters *cell,
                              enum parameter_owner owner);

struct generator {
    struct child process;
    struct session session; /* of one on another host, whose ssh `process` is */
    char far[4220];         /* what that sends, until it is taken apart; "": it is here */
    char file[4200];        /* what it writes; "": it was never started */
    char table[4200];       /* where every request stands, if it was given an epoch */
};

/*
 * Starts `juggle load` on that host (NULL: here) with the arguments, of which "juggle"
 * and "load" are the first, and adds to them. `url` NULL: the arguments say what is
 * loaded. Its file goes into `folder`; `name` keeps the files of several apart. With an
 * `epoch_ns` other than 0 requests are in the table (common/sample_table.h), their times
 * from there on, by that host's clock. 0 or -errno.
 */
int generator_start(struct generator *generator, const struct remote *from,
                    const char *folder, const char *name, struct arguments *arguments,
                    const char *url, uint64_t epoch_ns, unsigned skips_cpus);

/* As children_wait; its files are here then. */
int generator_wait(struct generator *generator, uint64_t deadline_ns,
                   void (*tick)(void *), void *context);

/* As children_stop: it writes what it found until then. */
void generator_stop(struct generator *generator, uint64_t grace_ns);

/* Ends it at once. Does nothing when it does not run. */
void generator_kill(struct generator *generator);

/* What it wrote, a new reference, once it has ended. 0, or -EPROTO and a line in `why`.
 */
int generator_take(const struct generator *generator, json_t **json, char why[WHY_BYTES]);

/* Its files, and what it had begun to write aside when it was killed. */
void generator_remove_files(const struct generator *generator);
