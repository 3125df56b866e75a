/* Option tables on getopt_long; see options.h. */
#include "common/base/options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/base/build_info.h"
#include "common/base/error.h"
#include "common/base/secrets.h"
#include "common/base/units.h"

enum {
    LONGEST_NAME = 64,
    MAX_ROWS = 96, /* headings among them */
    MAX_OPTIONS = 64,
    FIRST_LONG = 256,
    HELP = FIRST_LONG + MAX_ROWS,
    VERSION
};

static int parse_flag(const char *text, void *target) {
    (void)text;
    *(bool *)target = true;
    return 0;
}

static int parse_text(const char *text, void *target) {
    *(const char **)target = text;
    return 0;
}

static int parse_bounded(const char *text, unsigned least, unsigned most,
                         unsigned *target) {
    uint64_t count;
    int error = units_parse_count(text, &count);
    if (error != 0)
        return error;
    if (count < least || count > most)
        return -ERANGE;
    *target = (unsigned)count;
    return 0;
}

OPTION_PARSER(parse_named, text[0] != '\0' ? parse_text(text, target) : -EINVAL)
OPTION_PARSER(parse_count, units_parse_count(text, target))
OPTION_PARSER(parse_positive, parse_bounded(text, 1, 1000000, target))
OPTION_PARSER(parse_port, parse_bounded(text, 0, 65535, target))
OPTION_PARSER(parse_number, units_parse_number(text, target))
OPTION_PARSER(parse_duration, units_parse_duration(text, target))

static int parse_percent(const char *text, void *target) {
    char number[32];
    size_t n = strlen(text);
    if (n > 0 && text[n - 1] == '%')
        n--;
    (void)snprintf(number, sizeof number, "%.*s", (int)n, text);
    return n < sizeof number ? units_parse_number(number, target) : -EINVAL;
}

static int parse_url(const char *text, void *target) {
    CURLU *url = curl_url();
    char *scheme = NULL;
    bool is_good = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                   curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                   (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    curl_url_cleanup(url);
    *(const char **)target = text;
    return is_good ? 0 : -EINVAL;
}

const struct option_type option_flag = {NULL, parse_flag};
const struct option_type option_text = {"a value", parse_text};
const struct option_type option_folder = {"the name of a folder", parse_named};
const struct option_type option_file = {"the name of a file, or -", parse_named};
const struct option_type option_count = {"a whole number", parse_count};
const struct option_type option_positive = {"a whole number from 1 to 1000000",
                                            parse_positive};
const struct option_type option_port = {"a port number from 0 (any free one) to 65535",
                                        parse_port};
const struct option_type option_number = {"a number such as 0.5", parse_number};
const struct option_type option_percent = {"a percentage such as 2%", parse_percent};
const struct option_type option_duration = {UNITS_DURATION_FORM, parse_duration};
const struct option_type option_url = {"an http or https URL", parse_url};

/* getopt's two views of the table. `letters` holds up to three characters a row. */
static void build_tables(const struct option_row *rows, char *letters,
                         struct option *long_options) {
    *letters++ = ':'; /* a missing argument is reported as ':' */
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        if (row - rows == MAX_ROWS)
            abort();
        if (row->type == NULL)
            continue; /* a heading */
        int kind = row->type->expects == NULL ? no_argument
                   : row->argument[0] == '['  ? optional_argument
                                              : required_argument;
        *long_options++ =
            (struct option){row->name, kind, NULL, FIRST_LONG + (int)(row - rows)};
        if (row->letter == 0)
            continue;
        *letters++ = row->letter;
        for (int i = 0; i < kind; i++) /* 1: required, 2: optional, as getopt has it */
            *letters++ = ':';
    }
    *letters++ = 'h';
    *letters++ = 'V';
    *letters = '\0';
    *long_options++ = (struct option){"help", no_argument, NULL, HELP};
    *long_options++ = (struct option){"version", no_argument, NULL, VERSION};
    *long_options = (struct option){0};
}

static const struct option_row *find_row(const struct option_row *rows, int code) {
    if (code >= FIRST_LONG)
        return &rows[code - FIRST_LONG];
    while (rows->name != NULL && rows->letter != code)
        rows++;
    return rows;
}

/* Headings have none. */
static uint64_t bit_of(const struct option_row *rows, const struct option_row *row) {
    unsigned n_before = 0;
    for (; rows < row; rows++)
        n_before += rows->type != NULL;
    assert(n_before < MAX_OPTIONS);
    return UINT64_C(1) << n_before;
}

uint64_t options_set(const struct option_row *rows, const char *names) {
    uint64_t set = 0;
    int n_missing = 1;
    for (const char *at = names; *at != '\0'; at++)
        n_missing += *at == ',';
    for (const struct option_row *row = rows; row->name != NULL; row++) {
        if (!options_list_names(names, row->name))
            continue;
        set |= bit_of(rows, row);
        n_missing--;
    }
    assert(n_missing == 0);
    return set;
}

void options_print_row(const char *left, int width, const char *text) {
    enum { LINE = 80 };
    int indent = width + 3, column = printf("  %-*s", width, left);
    if (column > width + 2) /* the text begins below */
        column = LINE;
    while (*text != '\0') {
        int n = (int)strcspn(text, " ");
        if (column + 1 + n > LINE)
            column = printf("\n%*s", indent - 1, "") - 1;
        column += printf(" %.*s", n, text);
        text += n + (text[n] == ' ');
    }
    (void)putchar('\n');
}

static void print_help(const struct command *command) {
    (void)printf("usage: juggle %s [options]%s%s\n%s\n", command->name,
                 command->operands[0] != '\0' ? " " : "", command->operands,
                 command->summary);
    if (command->examples != NULL)
        (void)printf("\nExamples:\n%s", command->examples);
    if (command->rows->type != NULL)
        (void)printf("\nOptions:\n");
    for (const struct option_row *row = command->rows; row->name != NULL; row++) {
        if (row->type == NULL) {
            (void)printf("\n%s:\n", row->help);
            continue;
        }
        char left[64], letter[] = {'-', row->letter, ',', '\0'};
        const char *argument = row->type->expects == NULL ? "" : row->argument;
        const char *gap = argument[0] == '\0' || argument[0] == '[' ? "" : " ";
        (void)snprintf(left, sizeof left, "%3s --%s%s%s", row->letter != 0 ? letter : "",
                       row->name, gap, argument);
        options_print_row(left, 28, row->help);
    }
    (void)putchar('\n');
    options_print_row("-h, --help", 28, "this text");
    options_print_row("-V, --version", 28, "the version, and nothing else");
    if (command->more_help != NULL)
        command->more_help(stdout);
}

static const char *suggest_option(const struct command *command, const char *word) {
    return options_suggest(word, "--", &command->rows->name, sizeof *command->rows);
}

/* What an operand was meant as: an option by its name, a value of one, or nearly. */
static const char *suggest_operand(const struct command *command, const char *word) {
    const struct option_values *values = command->values;
    const struct option_row *row = command->rows;
    const char *meant = "";
    while (row->name != NULL && strcmp(row->name, word) != 0)
        row++;
    for (;
         row->name == NULL && values != NULL && values->mark != NULL && meant[0] == '\0';
         values++)
        meant = options_suggest(word, values->mark, values->names, values->stride);
    return meant[0] != '\0' ? meant : suggest_option(command, word);
}

static const char *command_name = "juggle";

const char *options_command_name(void) {
    return command_name;
}

int options_parse(const struct command *command, int argc, char **argv, uint64_t *said) {
    char letters[3 * MAX_ROWS + 4];
    struct option long_options[MAX_ROWS + 3];
    build_tables(command->rows, letters, long_options);
    if (said != NULL)
        *said = 0;
    command_name = command->name;
    opterr = 0;
    optind = 0; /* glibc: start afresh */
    int code;
    while ((code = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
        if (code == 'h' || code == HELP) {
            print_help(command);
            exit(EXIT_OK);
        }
        if (code == 'V' || code == VERSION) {
            (void)printf("juggle %s\n", build_version);
            exit(EXIT_OK);
        }
        if (code == '?' && optopt >= FIRST_LONG)
            error_exit("%s: '%s' takes no value", command->name, word);
        if (code == '?' && optopt != 0)
            error_exit("%s: unknown option '-%c'; see 'juggle %s --help'", command->name,
                       optopt, command->name);
        if (code == '?')
            error_exit("%s: unknown option '%s'; %ssee 'juggle %s --help'", command->name,
                       word, suggest_option(command, word), command->name);
        if (code == ':')
            error_exit("%s: '%s' wants %s", command->name, word,
                       find_row(command->rows, optopt)->type->expects);
        const struct option_row *row = find_row(command->rows, code);
        int error = row->type->parse(optarg, row->target);
        if (error == -ERANGE)
            error_exit("%s: --%s: '%s' is out of range; it wants %s", command->name,
                       row->name, optarg, row->type->expects);
        if (error != 0)
            error_exit("%s: --%s wants %s, not '%s'", command->name, row->name,
                       row->type->expects, optarg);
        if (said != NULL)
            *said |= bit_of(command->rows, row);
    }
    if (optind < argc && command->operands[0] == '\0')
        error_exit("%s: unexpected argument '%s'; %ssee 'juggle %s --help'",
                   command->name, argv[optind], suggest_operand(command, argv[optind]),
                   command->name);
    return optind;
}

json_t *options_words(const struct command *command, int argc, char **argv,
                      uint64_t but) {
    char letters[3 * MAX_ROWS + 4], *word;
    struct option long_options[MAX_ROWS + 3];
    json_t *words = json_array();
    build_tables(command->rows, letters, long_options);
    optind = 0;
    for (int code; (code = getopt_long(argc, argv, letters, long_options, NULL)) != -1;) {
        const struct option_row *row = find_row(command->rows, code);
        if ((but & bit_of(command->rows, row)) != 0 ||
            asprintf(&word, "--%s%s%s", row->name, optarg != NULL ? "=" : "",
                     optarg != NULL ? optarg : "") < 0)
            continue;
        (void)json_array_append_new(words, secrets_json(word));
        free(word);
    }
    return words;
}

bool options_list_names(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *word = list; word != NULL; word = strchr(word, ',')) {
        word += *word == ',';
        if (strncmp(word, name, length) == 0 &&
            (word[length] == ',' || word[length] == '\0'))
            return true;
    }
    return false;
}

const char *options_find_unknown(const char *list, bool (*is_known)(const char *name)) {
    static char word[64];
    while (true) {
        size_t length = strcspn(list, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)length, list);
        if (!is_known(word))
            return word;
        if (list[length] == '\0')
            return NULL;
        list += length + 1;
    }
}

/* How many letters must be added, taken away, changed or swapped with the next to make
 * one of the other (Damerau 1964, no letter twice). */
static size_t distance(const char *one, const char *other) {
    size_t rows[3][LONGEST_NAME], n = strlen(other), i = 0;
    for (size_t k = 0; k <= n; k++)
        rows[0][k] = k;
    for (char last = '\0'; one[i] != '\0'; i++) {
        size_t *row = rows[(i + 1) % 3], *above = rows[i % 3],
               *before = rows[(i + 2) % 3];
        char letter = (char)tolower((unsigned char)one[i]);
        row[0] = i + 1;
        for (size_t k = 0; k < n; k++) {
            size_t best = above[k] + (letter != other[k]);
            best = above[k + 1] + 1 < best ? above[k + 1] + 1 : best;
            best = row[k] + 1 < best ? row[k] + 1 : best;
            bool is_swap = k > 0 && letter == other[k - 1] && last == other[k];
            row[k + 1] = is_swap && before[k - 1] + 1 < best ? before[k - 1] + 1 : best;
        }
        last = letter;
    }
    return rows[i % 3][n];
}

const char *options_suggest(const char *word, const char *mark, const char *const *names,
                            size_t stride) {
    enum { TELLING = 3 }; /* so many letters of a name are enough to tell it */
    static char text[LONGEST_NAME + 1024]; /* with a folder for a mark */
    long best = LONG_MAX;
    char typed[LONGEST_NAME];
    word += strspn(word, "-");
    size_t length = strcspn(word, "=");
    text[0] = '\0';
    if (length >= sizeof typed)
        return text;
    (void)snprintf(typed, sizeof typed, "%.*s", (int)length, word);
    for (; *names != NULL; names = (const void *)((const char *)names + stride)) {
        size_t n_same = 0, n = strlen(*names);
        if (n >= LONGEST_NAME)
            continue;
        while (n_same < length && typed[n_same] == (*names)[n_same])
            n_same++;
        size_t n_changes = distance(typed, *names);
        bool is_part = length >= TELLING && strstr(*names, typed) != NULL;
        bool is_near = 3 * n_changes <= length + 1 || n_same > TELLING || is_part;
        long score = (long)n_changes - (long)n_same;
        if (!is_near || score >= best)
            continue;
        best = score;
        (void)snprintf(text, sizeof text, "did you mean '%s%s'? ", mark, *names);
    }
    return text;
}
