/* Argument lists, and a load generator and its files; see generator.h. */
#include "director/programs/generator.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void arguments_add(struct arguments *arguments, const char *word) {
    size_t n_bytes = strlen(word) + 1;
    char *copy = arguments->bytes + arguments->n_bytes;
    assert(arguments->n_words + 1 < ARGUMENTS_MOST);
    assert(arguments->n_bytes + n_bytes <= ARGUMENTS_BYTES);
    memcpy(copy, word, n_bytes);
    arguments->n_bytes += n_bytes;
    arguments->words[arguments->n_words++] = copy;
}

void arguments_add_pair(struct arguments *arguments, const char *option,
                        const char *value) {
    arguments_add(arguments, option);
    arguments_add(arguments, value);
}

void arguments_add_number(struct arguments *arguments, const char *option, double value) {
    char text[40];
    (void)snprintf(text, sizeof text, "%.17g", value);
    arguments_add_pair(arguments, option, text);
}

void arguments_add_parameters(struct arguments *arguments,
                              const struct cell_parameters *cell,
                              enum parameter_owner owner) {
    const struct cell_parameters initial = parameters_initial();
    char value[PARAMETER_BYTES], usual[PARAMETER_BYTES], words[PARAMETER_BYTES + 64];
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++) {
        (void)parameter_text(cell, row, value);
        if ((row->format != NULL) != (owner == PARAMETER_OF_LOAD) || value[0] == '\0' ||
            strcmp(value, parameter_text(&initial, row, usual)) == 0)
            continue;
        (void)snprintf(words, sizeof words, "--%s", row->option);
        if (row->format != NULL)
            (void)snprintf(words, sizeof words, "%.*s%s%s", /* %s stands for the value */
                           (int)(strstr(row->format, "%s") - row->format), row->format,
                           value, strstr(row->format, "%s") + 2);
        char *argument = strchr(words, ' ');
        if (argument != NULL)
            *argument++ = '\0';
        arguments_add(arguments, words);
        if (argument != NULL)
            arguments_add(arguments, argument);
        else if (row->type != &field_boolean)
            arguments_add(arguments, value);
    }
}

int generator_start(struct generator *generator, const char *folder, const char *name,
                    struct arguments *arguments, const char *url, uint64_t epoch_ns,
                    unsigned skips_cpus) {
    char epoch[32];
    (void)snprintf(generator->file, sizeof generator->file, "%s/.%s.json.%ld-0", folder,
                   name, (long)getpid());
    (void)snprintf(generator->table, sizeof generator->table, "%s/.%s.tsv.%ld-0", folder,
                   name, (long)getpid());
    (void)snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)epoch_ns);
    arguments_add(arguments, "-q");
    arguments_add_pair(arguments, "--timeout", "1h");
    arguments_add_pair(arguments, "--json", generator->file);
    if (epoch_ns != 0) {
        arguments_add_pair(arguments, "--samples", generator->table);
        arguments_add_pair(arguments, "--epoch", epoch);
    }
    if (url != NULL)
        arguments_add(arguments, url);
    return children_start(&generator->process,
                          &(struct child_order){.words = arguments->words,
                                                .is_this_program = true,
                                                .skips_cpus = skips_cpus});
}

int generator_take(const struct generator *generator, json_t **json,
                   char why[WHY_BYTES]) {
    json_error_t problem;
    *json = json_load_file(generator->file, 0, &problem);
    return *json != NULL
               ? 0
               : error_say(why, -EPROTO, "the load generator left no results: %s",
                           problem.text);
}

/* And what it had begun to write aside. */
static void remove_file(const char *file) {
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return;
    char path[sizeof((struct generator *)NULL)->file + NAME_MAX];
    (void)snprintf(path, sizeof path, "%.*s", (int)(slash - file), file);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strncmp(entry->d_name, slash + 1, strlen(slash + 1)) == 0)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    (void)closedir(folder);
}

void generator_remove_files(const struct generator *generator) {
    remove_file(generator->file);
    remove_file(generator->table);
}
