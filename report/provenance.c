/* Where the numbers come from; see provenance.h. */
#include "report/provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/command_line.h"
#include "common/base/fields.h"
#include "report/tables.h"
#include "report/trust.h"

const char *provenance_date(const struct overview *first, char text[40]) {
    const char *started = fields_get_text(first->run->info, "started_at", "no date");
    struct tm date = {0};
    if (strptime(started, "%Y-%m-%d", &date) == NULL ||
        strftime(text, 40, "%e %B %Y", &date) == 0)
        (void)snprintf(text, 40, "%.10s", started);
    return text + (text[0] == ' ');
}

/* As it was typed, in words that a shell reads back; the caller frees it. */
static char *command_line_of(const struct overview *first) {
    const json_t *argv = json_object_get(first->run->info, "argv");
    return json_array_size(argv) > 0 ? command_line_text(argv) : NULL;
}

/* What run.json says of the machine, as people say it. */
static const struct fact {
    const char *key, *name, *unit;
    double per_unit;  /* 0: a text, or a number as it is */
    const char *zero; /* what 0 means; NULL: 0 */
} facts[] = {
    {"cpu_model", "CPU", "", 0, NULL},
    {"cpus_usable", "CPUs that may be used", "", 1, NULL},
    {"cpus_online", "CPUs there are", "", 1, NULL},
    {"cpus_in_affinity", "CPUs that this process may run on", "", 1, NULL},
    {"cgroup_quota_cpus", "quota", " CPUs", 1, "no quota"},
    {"memory_bytes", "memory", " GB", 1e9, NULL},
    {"page_bytes", "a page of it", " KiB", 1024, NULL},
    {"nofile_limit", "open files at most", "", 1, NULL},
    {"smt", "two threads a core (SMT)", "", 0, NULL},
    {"load_average", "load before (1, 5, 15 minutes)", "", 0, NULL},
};

static void write_facts(const json_t *object, const char *what,
                        struct document *document) {
    const char *key;
    json_t *value;
    document_table_begin(document);
    document_head(document, "%s", what);
    document_head(document, "value");
    json_object_foreach((json_t *)object, key, value) {
        const struct fact *fact = NULL;
        for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
            fact = strcmp(facts[i].key, key) == 0 ? &facts[i] : fact;
        document_cell(document, "%s", fact != NULL ? fact->name : key);
        double number = json_number_value(value);
        if (fact != NULL && fact->per_unit > 0 && json_is_number(value)) {
            if (number == 0 && fact->zero != NULL)
                document_cell(document, "%s", fact->zero);
            else
                document_cell(document, "%.3g%s", number / fact->per_unit, fact->unit);
            continue;
        }
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        document_cell(document, "%s",
                      json_is_string(value) ? json_string_value(value)
                      : text != NULL        ? text
                                            : "-");
        free(text);
    }
    document_table_end(document);
}

/* Of a run that was on more machines than one. */
static void write_hosts(const json_t *hosts, struct page *page) {
    const char *server = fields_get_text(hosts, "server", NULL);
    const char *from = fields_get_text(hosts, "from", NULL);
    if (server == NULL && from == NULL)
        return;
    document_paragraph(
        page->document,
        "Servers ran on %s; the load came from %s. What is said of CPUs, of memory and "
        "of how busy the machine was is of the servers' machine. The clocks of two "
        "machines differ, so lanes, and how long a request was under way to the server, "
        "are not known; waits are by the clock of who waited.",
        server != NULL ? server : "the machine that measured",
        from != NULL ? from : "the machine that measured");
}

void provenance_write_machine(const struct overview *first, struct page *page) {
    const json_t *machine = json_object_get(first->run->info, "machine");
    double quota = fields_get_number(machine, "cgroup_quota_cpus");
    double bytes = fields_get_number(machine, "memory_bytes");
    char memory[48] = "", limit[64] = "no quota on them";
    if (bytes > 0)
        (void)snprintf(memory, sizeof memory, ", %.0f GB of memory", bytes / 1e9);
    if (quota > 0)
        (void)snprintf(limit, sizeof limit, "a quota of %.3g CPUs", quota);
    document_paragraph(page->document, "%s: %.0f CPUs, %s%s; %s %s.",
                       fields_get_text(machine, "cpu_model", "An unknown CPU"),
                       fields_get_number(machine, "cpus_usable"), limit, memory,
                       fields_get_text(machine, "system", "an unknown system"),
                       fields_get_text(machine, "kernel", ""));
    write_hosts(json_object_get(first->run->info, "hosts"), page);
    tables_write_machine(&first->machine, page->document);
    document_fold_begin(page->document, "More of the machine");
    write_facts(machine, "of the machine", page->document);
    document_fold_end(page->document);
}

void provenance_write_trust(const struct overview *first, struct page *page) {
    const json_t *info = first->run->info;
    const char *end = "";
    if (json_is_true(json_object_get(info, "interrupted")))
        end = "The run was interrupted; this is what it had measured. ";
    else if (json_object_get(info, "stopped_by") == NULL)
        end = "The run has not said that it ended; this is what it had measured. ";
    document_paragraph(page->document,
                       "%sA cell is INVALID only where its own numbers cannot mean what "
                       "they say, and SUSPECT where they may be off. A busy machine is a "
                       "figure, not a fault: latencies are told in units of what the "
                       "cell's own jobs took. A/A is a cell against itself.",
                       end);
    trust_write(first, page->document);
    if (first->run->n_left_out == 0)
        return;
    document_fold_begin(page->document, "Left out of this report");
    for (size_t i = 0; i < first->run->n_left_out; i++)
        document_item(page->document, "%s", first->run->left_out[i]);
    document_fold_end(page->document);
}

void provenance_write_method(const struct overview *first, struct page *page) {
    static const char *const files[][2] = {
        {"run.json", "what was run, where and with what"},
        {"cells", "every measurement, with every request"},
        {"summary.json", "the figures"},
        {"findings.json", "the verdicts"},
        {"data", "what the charts are drawn from"},
        {"charts", "the charts as pictures"},
    };
    const json_t *info = first->run->info;
    char caption[512], *line = command_line_of(first);
    for (const struct overview *one = first; one != NULL; one = one->next)
        document_paragraph(page->document, "%s%s%s.",
                           first->next != NULL ? one->name : "",
                           first->next != NULL ? ": " : "",
                           overview_caption(one, caption, sizeof caption));
    document_paragraph(page->document,
                       "Each cell had a server of its own, and all its users started "
                       "at once; cells were shuffled within each pass. Started at %s, "
                       "seed %.0f. "
                       "To measure it again:",
                       fields_get_text(info, "started_at", "an unknown time"),
                       fields_get_number(info, "seed"));
    if (line != NULL)
        document_code(page->document, line);
    free(line);
    const json_t *steps = json_object_get(info, "steps");
    if (json_array_size(steps) > 0)
        document_paragraph(page->document, "Declared steps:");
    for (size_t i = 0; i < json_array_size(steps); i++)
        if (json_is_string(json_array_get(steps, i)))
            document_item(page->document, "%s",
                          json_string_value(json_array_get(steps, i)));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        document_item(page->document, DOCUMENT_LINK("%s", "%s") ": %s", files[i][0],
                      files[i][0], files[i][1]);
    document_fold_begin(page->document, "Versions");
    write_facts(json_object_get(info, "versions"), "version", page->document);
    document_fold_end(page->document);
}

void provenance_cite(const struct overview *first, struct document *document) {
    const json_t *info = first->run->info, *machine = json_object_get(info, "machine");
    double n_cpus = fields_get_number(machine, "cpus_usable");
    char *line = command_line_of(first), date[40];
    document_paragraph(document, "juggle %s; `%s`; %s, %.0f CPU%s; %s",
                       fields_get_text(json_object_get(info, "versions"), "juggle", "?"),
                       line != NULL ? line : "an unknown command",
                       fields_get_text(machine, "cpu_model", "an unknown CPU"), n_cpus,
                       n_cpus == 1 ? "" : "s", provenance_date(first, date));
    free(line);
}
