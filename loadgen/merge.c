/* `juggle merge`: reads the parts of a load and reports them as load does a run. */
#include "loadgen/merge.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/command_line.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/options.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/load.h"
#include "loadgen/load_report.h"
#include "loadgen/part.h"
#include "loadgen/statistics/warmup.h"

static struct load_options settings;

static const struct option_row rows[] = {
    OPTION_GROUP("What is printed"),
    {'q', "quiet", "", &option_flag, &settings.quiet, "print nothing but errors"},
    {'j', "json-output", "", &option_flag, &settings.json_output,
     "print the statistics as JSON"},
    OPTION_GROUP("Files; - is standard output, and as a PART standard input"),
    {0, "json", "FILE", &option_file, &settings.exports.paths[EXPORT_JSON],
     "write every request of all parts to FILE"},
    LOAD_EXPORT_ROWS(settings.exports.paths),
    OPTION_GROUP("What must hold"),
    {0, "require", "RULE", &require_option, &settings.requirements,
     "exit 3 unless 'p99<200ms', 'availability>99.9', ...; may be repeated"},
    {0, "strict", "", &option_flag, &settings.strict, "exit 3 unless the load is VALID"},
    {0},
};

static const struct command command = {
    .name = "merge",
    .operands = "PART PART ...",
    .summary = "Makes one result of the parts that 'load --share K/N --json PART' wrote: "
               "the\nstatistics and checks of all samples together, as of one run.",
    .rows = rows,
    .examples =
        "  juggle merge part-1.json part-2.json --json whole.json\n"
        "  juggle merge part-*.json --histogram whole.txt --require 'p99<200ms'\n",
};

static int compare_numbers(const void *left, const void *right) {
    const struct part *a = left, *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

/* Of parts in their order: each is there, once. */
static void check_complete(const struct part *parts, unsigned n) {
    for (unsigned i = 1; i < n; i++)
        if (parts[i].number == parts[i - 1].number)
            error_exit("merge: %s and %s are both part %u of %u; give each part once",
                       parts[i - 1].path, parts[i].path, parts[i].number, parts->n_parts);
    for (unsigned i = 0; i < parts->n_parts; i++)
        if (i == n || parts[i].number != i + 1)
            error_exit("merge: part %u of %u is missing, one of %u; give the files of "
                       "all parts",
                       i + 1, parts->n_parts, parts->n_parts - n);
}

/* All parts of one load, in their order; what is not so is one line and exit 2. */
static struct part *read_parts(char **paths, unsigned n) {
    char why[WHY_BYTES];
    struct part *parts = calloc(n, sizeof *parts);
    if (parts == NULL)
        error_exit("merge: out of memory");
    for (unsigned i = 0; i < n; i++)
        if (part_read(&parts[i], paths[i], why) != 0 ||
            part_check(&parts[i], &parts[0], why) != 0)
            error_exit("merge: %s", why);
    qsort(parts, n, sizeof *parts, compare_numbers);
    check_complete(parts, n);
    return parts;
}

/* The whole load as one run, told and written as load does. */
static int report(struct part *parts, unsigned n, const struct urls *urls, json_t *argv) {
    struct drive_result result = {0};
    struct threads_part *all = calloc(n, sizeof *all);
    settings.config.max_in_flight = settings.config.n_threads = 0;
    for (unsigned i = 0; all != NULL && i < n; i++) {
        all[i] = parts[i].merge;
        settings.config.n_threads += parts[i].n_threads;
        settings.config.max_in_flight += parts[i].merge.n_users;
    }
    if (all == NULL || threads_merge(all, n, &result) != 0)
        error_exit("merge: out of memory for all samples together; merge on a machine "
                   "with more, or send for a shorter time");
    free(all);
    const char *transport = fields_get_text(parts->json, "transport", "");
    bool is_curl = strcmp(transport, curl_transport.name) == 0;
    load_configure(&settings, is_curl ? &curl_transport : &http1_transport, urls, NULL);
    result.is_open = load_options_are_open(&settings);
    result.warmup_ns = settings.warmup.ns;
    if (settings.warmup.is_found)
        warmup_find(&result);
    stop_signals_block();
    exports_begin(&settings.exports);
    json_t *share = json_pack("{s:I}", "parts", (json_int_t)n);
    int status = load_report(&settings, &settings.config, &result, NULL, argv, share);
    json_decref(share);
    samples_free(result.samples);
    return status;
}

int merge_main(int argc, char **argv) {
    char why[WHY_BYTES];
    struct urls urls = {0};
    int first = options_parse(&command, argc, argv, NULL);
    unsigned n = (unsigned)(argc - first);
    if (n == 0)
        error_exit("merge: there is nothing to merge; give the files of all parts, as "
                   "'juggle load --share K/N --json FILE' writes them");
    load_settings_check_outputs(&settings);
    struct part *parts = read_parts(argv + first, n);
    if (part_read_whole(&parts[0], &settings, &urls, why) != 0)
        error_exit("merge: %s", why);
    json_t *words = command_line_json(argc, argv);
    int status = report(parts, n, &urls, words);
    json_decref(words);
    for (unsigned i = 0; i < n; i++)
        part_free(&parts[i]);
    free(parts);
    urls_free(&urls);
    return status;
}
