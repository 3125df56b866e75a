/*
 * What a fuzz target is without libFuzzer: a program that runs the files and folders it
 * is given, or its corpus. Include it in the target, which then has a main unless FUZZING
 * is defined.
 */
#pragma once

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

#ifndef FUZZING

static unsigned run_file(const char *path) {
    FILE *file = fopen(path, "re");
    char *bytes = NULL;
    size_t n_bytes = 0;
    assert(file != NULL);
    FILE *copy = open_memstream(&bytes, &n_bytes);
    for (int c; (c = fgetc(file)) != EOF;)
        (void)fputc(c, copy);
    (void)fclose(copy);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes, n_bytes);
    free(bytes);
    return 1;
}

/* A file, or all the files of a folder; how many. */
static unsigned run_path(const char *path) {
    DIR *folder = opendir(path);
    unsigned n_run = 0;
    if (folder == NULL)
        return run_file(path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        n_run += run_file(inner);
    }
    (void)closedir(folder);
    return n_run;
}

int main(int argc, char **argv) {
    char corpus[256];
    (void)snprintf(corpus, sizeof corpus, "tests/corpus/%s",
                   program_invocation_short_name + sizeof "fuzz_" - 1);
    unsigned n_run = argc < 2 ? run_path(corpus) : 0;
    for (int i = 1; i < argc; i++)
        n_run += run_path(argv[i]);
    (void)printf("1..1\n%s 1 - %u corpus files were parsed\n",
                 n_run > 0 ? "ok" : "not ok", n_run);
    return n_run > 0 ? 0 : 1;
}

#endif
