/*
 * The contestants of the command line that are no strategies: from --server, --url and
 * --contestants, and the options that belong to them. What stands behind one of these
 * three is of that contestant, what stands before the first of them of all. Main thread.
 */
#pragma once

#include <stddef.h>

#include "common/base/options.h"
#include "director/programs/remote.h"
#include "measured/external.h"

enum { CONTESTANTS_MOST = 32, CONTESTANTS_MOST_SETS = 16, CONTESTANTS_MOST_QUERY = 2000 };

struct contestants {
    struct external all[CONTESTANTS_MOST + 1]; /* the first has what is of all */
    unsigned n;                                /* without that one */
    /* Names in commands that are no parameters, and their values: "mode", "fast,slow". */
    struct contestants_set {
        char name[EXTERNAL_NAME_BYTES];
        const char *list;
    } sets[CONTESTANTS_MOST_SETS + 1];
    unsigned n_sets;
    /* Of strategies, for declared steps. They get the body of all[0] as well. */
    const char *query;        /* of each request; NULL: none */
    uint64_t step_timeout_ns; /* 0: as serve has it */
    json_t *texts;            /* an array: some of the texts live in it */
};

/* Options whose target is a struct contestants. */
extern const struct option_type contestants_command, contestants_url, contestants_file,
    contestants_set_names;

/* Options of one contestant, or of all. */
struct contestants_member {
    struct contestants *contestants;
    size_t offset; /* in struct external */
};
extern const struct option_type contestants_text, contestants_limit, contestants_header,
    contestants_pid;

/*
 * Adds those of the folder peers/ (docs/peers.md): of the peers in the list `names`,
 * "tornado,go", or of all with NULL. One whose runtime is not installed on that host
 * (NULL: here) is left out, and a line says what to install. Ends the process with exit 2
 * when there is none then, and for a name or a file that cannot be.
 */
void contestants_add_peers(struct contestants *contestants, struct remote *host,
                           const char *names);

/* Copies the folders of their peers to that host; ends the process with exit 2 if that
 * cannot be. */
void contestants_send_peers(const struct contestants *contestants,
                            const struct remote *host);

/* What the peers there are show, on stdout; their texts live in `texts`. */
void contestants_show_peers(json_t *texts);

/* Once all options were read. Ends the process with exit 2 when one of them cannot be. */
void contestants_check(const struct contestants *contestants);

/* The list in run.json, a new reference; and back: 0, or -EINVAL and a line in `why`. */
json_t *contestants_pack(const struct contestants *contestants);
int contestants_read(const json_t *list, struct contestants *contestants,
                     char why[WHY_BYTES]);

/* By its name; NULL: there is none. */
const struct external *contestants_find(const struct contestants *contestants,
                                        const char *name);
