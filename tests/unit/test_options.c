/* Option tables: values, forms, and one line and exit 2 for what is wrong. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/options.h"
#include "tests/child.h"
#include "tests/test.h"

enum { MAX_WORDS = 16 };

static struct {
    bool flag;
    const char *text, *maybe;
    uint64_t count, duration_ns;
    unsigned positive, port;
    double number;
    const char *url;
} values;

/* An option whose value may be left out: NULL then. */
static int parse_maybe(const char *text, void *target) {
    *(const char **)target = text != NULL ? text : "left out";
    return 0;
}

static const struct option_type option_maybe = {"a file", parse_maybe};

static void print_more(FILE *out) {
    (void)fprintf(out, "more to say\n");
}

static const struct option_row rows[] = {
    OPTION_GROUP("Flags and texts"),
    {'f', "flag", NULL, &option_flag, &values.flag, "a flag"},
    {'t', "text", "TEXT", &option_text, &values.text, "a text"},
    {'m', "maybe", "[FILE]", &option_maybe, &values.maybe, "perhaps a file"},
    {0, "count", "N", &option_count, &values.count, "a count"},
    {0, "positive", "N", &option_positive, &values.positive, "a positive count"},
    {'p', "port", "N", &option_port, &values.port, "a port"},
    {0, "number", "N", &option_number, &values.number, "a number"},
    {'d', "duration", "TIME", &option_duration, &values.duration_ns, "a duration"},
    {0, "url", "URL", &option_url, &values.url, "an address"},
    {0},
};

static const struct command command = {
    "try", "URL", "Tries options.", rows, print_more, "  juggle try -f\n", NULL};

static char *argv[MAX_WORDS];
static int argc;
static uint64_t said;

/* Parses words separated by spaces; the index of the first operand in argv. */
static int parse(const char *words) {
    static char buffer[256];
    (void)snprintf(buffer, sizeof buffer, "try %s", words);
    argc = 0;
    for (char *word = strtok(buffer, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    memset(&values, 0, sizeof values);
    said = ~UINT64_C(0);
    return options_parse(&command, argc, argv, &said);
}

TEST(values_go_where_their_rows_say) {
    int first = parse("-f --text=a one -p 80 --count 5 --number 0.5 two -d200ms --pos 3");
    assert_true(values.flag);
    assert_string_equal(values.text, "a");
    assert_int_equal(values.port, 80);
    assert_int_equal(values.count, 5);
    assert_int_equal(values.positive, 3);
    assert_true(values.number == 0.5);
    assert_int_equal(values.duration_ns, 200 * NS_PER_MS);
    assert_string_equal(argv[first], "one"); /* operands stand together at the end */
    assert_string_equal(argv[first + 1], "two");
    assert_null(argv[first + 2]);
}

TEST(an_url_is_kept_as_it_was_written) {
    (void)parse("--url https://[::1]:8000/a?b=c");
    assert_string_equal(values.url, "https://[::1]:8000/a?b=c");
}

TEST(what_follows_two_dashes_is_no_option) {
    int first = parse("-- -f");
    assert_string_equal(argv[first], "-f");
    assert_false(values.flag);
}

TEST(a_value_in_brackets_may_be_left_out) {
    (void)parse("-m -f");
    assert_string_equal(values.maybe, "left out");
    assert_true(values.flag);
    (void)parse("-mfile");
    assert_string_equal(values.maybe, "file");
    (void)parse("--maybe=file");
    assert_string_equal(values.maybe, "file");
}

TEST(the_last_of_two_values_wins) {
    (void)parse("-p 1 --port 2");
    assert_int_equal(values.port, 2);
}

TEST(what_was_said_is_known_by_row) {
    assert_int_equal(parse("-p 1 one --flag"), 4);
    assert_int_equal(said, options_set(rows, "flag,port"));
    assert_int_equal(options_set(rows, "flag"), 1 << 0); /* a heading has no place */
    assert_int_equal(options_set(rows, "flag,text,url"), 1 << 0 | 1 << 1 | 1 << 8);
    json_t *words = options_words(&command, argc, argv, options_set(rows, "flag"));
    json_t *expected = json_pack("[s]", "--port=1");
    assert_true(json_equal(words, expected));
    json_decref(words);
    json_decref(expected);
}

static void parse_in_child(const void *words) {
    (void)parse(words);
}

TEST(what_is_wrong_is_one_line_and_exit_2) {
    static const struct {
        const char *words, *says;
    } wrong[] = {
        {"--nonsense", "unknown option '--nonsense'; see 'juggle try --help'"},
        {"--postive=3", "unknown option '--postive=3'; did you mean '--positive'? see "},
        {"-x", "unknown option '-x'"},
        {"-fx", "unknown option '-x'"},
        {"--flag=1", "takes no value"},
        {"--help=1", "takes no value"},
        {"--version=1", "takes no value"},
        {"--text", "'--text' wants a value"},
        {"-p", "'-p' wants a port number"},
        {"--port 65536", "'65536' is out of range"},
        {"--port eighty", "not 'eighty'"},
        {"--port -1", "not '-1'"},
        {"--positive 0", "'0' is out of range; it wants a whole number from 1"},
        {"--positive 1000001", "out of range"},
        {"--count 99999999999999999999", "out of range"},
        {"--count 1.5", "wants a whole number, not '1.5'"},
        {"--number x", "wants a number such as 0.5, not 'x'"},
        {"--duration 5", "wants a duration such as 200ms"},
        {"--count=", "not ''"},
        {"--url ftp://127.0.0.1/", "wants an http or https URL, not 'ftp://127.0.0.1/'"},
        {"--url 127.0.0.1", "wants an http or https URL"},
        {"--url http://", "wants an http or https URL"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char output[CHILD_MAX_OUTPUT_BYTES];
        int status = child_run(parse_in_child, wrong[i].words, output);
        if (status != 2 || strncmp(output, "juggle: try: ", 13) != 0 ||
            strstr(output, wrong[i].says) == NULL ||
            strchr(output, '\n') != output + strlen(output) - 1)
            fail_msg("%s: exit %d, '%s'", wrong[i].words, status, output);
    }
}

TEST(help_names_every_option_and_exits_0) {
    static const char *const asked[] = {"--help", "-h", "-f --help --nonsense"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char output[CHILD_MAX_OUTPUT_BYTES];
        assert_int_equal(child_run(parse_in_child, asked[i], output), 0);
        assert_non_null(strstr(output, "usage: juggle try [options] URL\n"));
        assert_non_null(strstr(output, "Tries options.\n\nExamples:\n  juggle try -f\n\n"
                                       "Flags and texts:\n  -f, --flag "));
        assert_non_null(strstr(output, "more to say\n"));
        for (const struct option_row *row = rows; row->name != NULL; row++) {
            assert_non_null(strstr(output, row->name));
            assert_non_null(strstr(output, row->help));
        }
    }
}

static void ask_for_long_help(const void *unused) {
    (void)unused;
    char *long_words[] = {"long", "--help", NULL};
    const struct option_row long_rows[] = {
        {'s', "short", "N", &option_count, &values.count, "fits"},
        {0, "wordy", NULL, &option_flag, &values.flag,
         "a help that takes more room than there is in one line, and more than in two "
         "lines, so that it has to be continued below itself, twice"},
        {0},
    };
    (void)options_parse(
        &(struct command){"long", "", "Says much.", long_rows, NULL, NULL, NULL}, 2,
        long_words, NULL);
}

TEST(help_is_wrapped_at_80_columns) {
    char output[CHILD_MAX_OUTPUT_BYTES];
    assert_int_equal(child_run(ask_for_long_help, NULL, output), 0);
    assert_non_null(strstr(output, "\n  -s, --short N                fits\n"));
    assert_non_null(strstr(
        output, "\n      --wordy                  a help that takes more room than "
                "there is in one\n"
                "                               line, and more than in two lines, "
                "so that it has\n"
                "                               to be continued below itself, "
                "twice\n"));
}

static void refuse_an_operand(const void *unused) {
    (void)unused;
    char *all[] = {"try", "-f", "wordy", NULL};
    (void)options_parse(
        &(struct command){"try", "", "Takes none.", rows, NULL, NULL, NULL}, 3, all,
        NULL);
}

TEST(an_operand_where_there_are_none_is_unexpected) {
    char output[CHILD_MAX_OUTPUT_BYTES];
    assert_int_equal(child_run(refuse_an_operand, NULL, output), 2);
    assert_string_equal(
        output, "juggle: try: unexpected argument 'wordy'; see 'juggle try --help'\n");
}

static bool is_short(const char *name) {
    return strlen(name) < 4;
}

TEST(lists_of_names_are_read) {
    assert_true(options_list_names("one,two", "two"));
    assert_false(options_list_names("one,twofold", "two"));
    assert_false(options_list_names("", "two"));
    assert_null(options_find_unknown("one,two", is_short));
    assert_string_equal(options_find_unknown("one,three,four", is_short), "three");
    assert_string_equal(options_find_unknown("four", is_short), "four");
}

TEST(a_name_that_is_near_is_suggested) {
    static const struct {
        const char *name;
        int other;
    } table[] = {{"async", 0},     {"forking", 0},    {"processing", 0},
                 {"threading", 0}, {"threadpool", 0}, {0}};
    static const struct {
        const char *word, *suggested;
    } pairs[] = {
        {"thread", "threading"},
        {"threads", "threading"},
        {"asynch", "async"},
        {"processes", "processing"},
        {"fork", "forking"},
        {"pool", "threadpool"},
        {"Threading", "threading"},
        {"forkng", "forking"},
        {"asnyc", "async"},
        {"thread-pool", "threadpool"},
        {"--forking=2", "forking"},
        {"juggling", NULL},
        {"a", NULL},
        {"", NULL},
    };
    char text[200], too_long[80] = "";
    memset(too_long, 'a', sizeof too_long - 1);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        text[0] = '\0';
        if (pairs[i].suggested != NULL)
            (void)snprintf(text, sizeof text, "did you mean '--%s'? ",
                           pairs[i].suggested);
        assert_string_equal(
            options_suggest(pairs[i].word, "--", &table->name, sizeof *table), text);
    }
    assert_string_equal(options_suggest(too_long, "", &table->name, sizeof *table), "");
}
