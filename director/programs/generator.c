/* Argument lists, and a load generator and its files; see generator.h. */
#include "director/programs/generator.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"

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

/* There: its files have names of that host, and come with its last words. */
static int start_far(struct generator *generator, const struct remote *from,
                     const struct arguments *arguments) {
    (void)snprintf(generator->far, sizeof generator->far, "%s.far", generator->file);
    int fd = open(generator->far, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    int error = remote_begin(from, fd, 0, &generator->process, &generator->session);
    (void)close(fd);
    if (error != 0)
        return error;
    return remote_say(&generator->session, json_pack("{s:s, s:o}", "do", "load", "words",
                                                     remote_words(arguments->words)));
}

int generator_start(struct generator *generator, const struct remote *from,
                    const char *folder, const char *name, struct arguments *arguments,
                    const char *url, uint64_t epoch_ns, unsigned skips_cpus) {
    char epoch[32];
    (void)snprintf(generator->file, sizeof generator->file, "%s/.%s.json.%ld-0", folder,
                   name, (long)getpid());
    (void)snprintf(generator->table, sizeof generator->table, "%s/.%s.tsv.%ld-0", folder,
                   name, (long)getpid());
    (void)snprintf(epoch, sizeof epoch, "%llu", (unsigned long long)epoch_ns);
    arguments_add(arguments, "-q");
    arguments_add_pair(arguments, "--timeout", "1h");
    if (epoch_ns != 0)
        arguments_add_pair(arguments, "--epoch", epoch);
    if (from == NULL) {
        arguments_add_pair(arguments, "--json", generator->file);
        if (epoch_ns != 0)
            arguments_add_pair(arguments, "--samples", generator->table);
    }
    if (url != NULL)
        arguments_add(arguments, url);
    if (from != NULL)
        return start_far(generator, from, arguments);
    return children_start(&generator->process,
                          &(struct child_order){.words = arguments->words,
                                                .is_this_program = true,
                                                .skips_cpus = skips_cpus});
}

/* The next bytes of it into a file, to its end (SIZE_MAX) or so many. */
static void copy(FILE *far, size_t n_bytes, const char *path) {
    char bytes[65536];
    FILE *file = fopen(path, "we");
    size_t n = 1;
    while (file != NULL && n_bytes > 0 && n > 0) {
        n = fread(bytes, 1, n_bytes < sizeof bytes ? n_bytes : sizeof bytes, far);
        n_bytes -= fwrite(bytes, 1, n, file) == n ? n : n_bytes; /* a full disk */
    }
    if (file != NULL)
        (void)fclose(file);
}

/* What it sent: its last words, its result and its table. Where it sent nothing there is
 * no file, as of one that failed here. */
static void take_apart(struct generator *generator) {
    FILE *far = generator->far[0] != '\0' ? fopen(generator->far, "re") : NULL;
    char line[4096] = "";
    if (far != NULL && fgets(line, sizeof line, far) != NULL) {
        json_t *end = json_loads(line, 0, NULL);
        generator->process.status =
            (int)json_integer_value(json_object_get(end, "status"));
        generator->process.usage = hold_read_usage(json_object_get(end, "usage"));
        copy(far, (size_t)json_integer_value(json_object_get(end, "json_bytes")),
             generator->file);
        copy(far, SIZE_MAX, generator->table);
        json_decref(end);
    }
    if (far != NULL)
        (void)fclose(far);
    (void)unlink(generator->far);
}

int generator_wait(struct generator *generator, uint64_t deadline_ns,
                   void (*tick)(void *), void *context) {
    int error = children_wait(&generator->process, deadline_ns, tick, context);
    if (error == 0 && generator->far[0] != '\0') {
        generator_kill(generator);
        take_apart(generator);
    }
    return error;
}

void generator_stop(struct generator *generator, uint64_t grace_ns) {
    if (generator->far[0] == '\0') {
        children_stop(&generator->process, grace_ns);
        return;
    }
    remote_hang_up(&generator->session);
    (void)generator_wait(generator, clock_now_ns() + grace_ns, NULL, NULL);
    generator_kill(generator);
}

void generator_kill(struct generator *generator) {
    remote_hang_up(&generator->session);
    children_kill(&generator->process);
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
    remove_file(generator->file); /* and what was sent from afar */
    remove_file(generator->table);
}
