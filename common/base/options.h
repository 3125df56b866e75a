/*
 * Command lines as tables: a subcommand lists its options as rows, and parsing, --help
 * and the errors all come from that one table. To add an option, add a row.
 * Called once, on the main thread, before anything else runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

struct option_type {
    const char *expects; /* for the error: "a whole number"; NULL: takes no argument */
    /* Reads an option's argument into the target; 0 or -errno. */
    int (*parse)(const char *text, void *target);
};

/* A function of that kind that is an expression of its `text` and `target`. */
#define OPTION_PARSER(name, expression)                                                  \
    static int name(const char *text, void *target) {                                    \
        return expression;                                                               \
    }

extern const struct option_type option_flag;     /* bool *, set to true */
extern const struct option_type option_text;     /* const char **, points into argv */
extern const struct option_type option_folder;   /* the same, and not empty */
extern const struct option_type option_file;     /* the same */
extern const struct option_type option_count;    /* uint64_t * */
extern const struct option_type option_positive; /* unsigned *, 1 .. 1,000,000 */
extern const struct option_type option_port;     /* unsigned *, 0 .. 65535 */
extern const struct option_type option_number;   /* double *, >= 0 */
extern const struct option_type option_percent;  /* double *, "2" or "2%" */
extern const struct option_type option_duration; /* uint64_t * nanoseconds */
extern const struct option_type option_url;      /* const char **, points into argv */

struct option_row {
    char letter;          /* 0 where there is only the long name */
    const char *name;     /* long name without dashes; NULL ends the table */
    const char *argument; /* shown in --help: "N"; in brackets when it may be left out */
    const struct option_type *type;
    void *target;
    const char *help; /* what it is, and "(default 10)"; wrapped when shown */
};

/* A row that is no option: the heading of those behind it. */
#define OPTION_GROUP(heading)                                                            \
    { 0, "", "", NULL, NULL, heading }

/* Names that are no operand, but the value of an option. */
struct option_values {
    const char *mark; /* what stands before them: "--experiment "; NULL: the end */
    const char *const *names; /* as options_suggest has them */
    size_t stride;
};

struct command {
    const char *name;     /* "serve" */
    const char *operands; /* "URL", "" when there are none */
    const char *summary;  /* one line */
    const struct option_row *rows;
    void (*more_help)(FILE *out); /* printed below the options; may be NULL */
    const char *examples;         /* lines, printed above the options; may be NULL */
    const struct option_values *values; /* may be meant by an operand; may be NULL */
};

/*
 * Reads argv[1..] by the table; options and operands may be mixed. --help prints and
 * exits 0. A wrong option or value, or an operand where there are none, is one line on
 * stderr and exit 2. Returns the index of the first operand in argv, which then stand
 * together at its end. `said`, when given, becomes the set of the options that argv
 * gives: a bit for each, by its place among the table's, 64 at most.
 */
int options_parse(const struct command *command, int argc, char **argv, uint64_t *said);

/* The name of the command that it read last, for lines that several commands print. */
const char *options_command_name(void);

/*
 * The options of an argv that options_parse has read, but for a set of them: an array of
 * "--NAME" and "--NAME=VALUE", secrets hidden. A new reference.
 */
json_t *options_words(const struct command *command, int argc, char **argv, uint64_t but);

/* The set of the rows in a list such as "rate,ramp"; all of them must be in the table. */
uint64_t options_set(const struct option_row *rows, const char *names);

/* Two columns on stdout: `left` in the first, padded to `width`, and a text wrapped at
 * the 80 columns of a terminal in the second. */
void options_print_row(const char *left, int width, const char *text);

/* Whether a list such as "blocking,forking" has the name. Any thread. */
bool options_list_names(const char *list, const char *name);

/* The first word of such a list that `is_known` does not know, in static storage; NULL
 * when it knows them all. */
const char *options_find_unknown(const char *list, bool (*is_known)(const char *name));

/*
 * "did you mean '--quick'? ", or "" when no name is near: the one of a table's names that
 * `word` is nearly, or begins, or is a part of. `names` is the first of them, the others
 * follow `stride` bytes apart, NULL at the end; `mark` is put before it. In static
 * storage.
 */
const char *options_suggest(const char *word, const char *mark, const char *const *names,
                            size_t stride);
