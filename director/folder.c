/* The results folder; see folder.h. */
#include "director/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/folders.h"

enum {
    MOST_NAMES = 100,    /* of runs that began within one second */
    ROOM_FOR_FILES = 300 /* for the names of files in the folder, in PATH_MAX */
};

static const char parent[] = "results/";

static _Noreturn void refuse(const char *folder, int error) {
    error_exit(
        "run: cannot write results to %.400s: %s; choose another folder with --out",
        folder, strerror(error));
}

/* A new folder that nobody else made: results/TIME-HOST, TIME-HOST-2, ... */
static void make_new(const struct tm *utc, char *folder, size_t folder_bytes) {
    char host[64] = "host", stamp[32], number[16] = "";
    (void)gethostname(host, sizeof host - 1);
    (void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", utc);
    int error = -files_make_folder("results");
    for (unsigned n = 1; error == 0; n++) {
        if (n > 1)
            (void)snprintf(number, sizeof number, "-%u", n);
        (void)snprintf(folder, folder_bytes, "%s%s-%s%s", parent, stamp, host, number);
        if (mkdir(folder, 0755) == 0)
            return;
        error = errno != EEXIST || n == MOST_NAMES ? errno : 0;
    }
    refuse(parent, error);
}

static bool is_empty(const char *path) {
    DIR *folder = opendir(path);
    unsigned n = 0;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        n += entry->d_name[0] != '.';
    if (folder != NULL)
        (void)closedir(folder);
    return n == 0;
}

/* Until the process ends. */
static void hold(const char *folder) {
    pid_t holder;
    int fd = folders_hold(folder);
    if (fd >= 0)
        return;
    if (fd != -EWOULDBLOCK)
        refuse(folder, -fd);
    (void)folders_is_held(folder, &holder);
    if (holder > 0)
        error_exit("run: process %d is measuring into %s; choose another folder with "
                   "--out, or wait for it",
                   (int)holder, folder);
    error_exit("run: another run is measuring into %s; choose another folder with --out, "
               "or wait for it",
               folder);
}

void folder_make(const char *asked, const struct tm *utc, char *folder,
                 size_t folder_bytes) {
    char run_json[4200], cells[4200];
    int error = 0;
    if (asked != NULL && files_is_standard(asked))
        error_exit("run: --out wants a folder, and standard output is none; ./- is a "
                   "folder of that name");
    if (asked == NULL) {
        make_new(utc, folder, folder_bytes);
    } else if ((size_t)snprintf(folder, folder_bytes, "%s", asked) + ROOM_FOR_FILES >=
               folder_bytes) {
        error = ENAMETOOLONG;
    } else {
        error = -files_make_folder(folder);
    }
    if (error != 0)
        refuse(asked, error);
    hold(folder);
    (void)snprintf(run_json, sizeof run_json, "%s/run.json", folder);
    (void)snprintf(cells, sizeof cells, "%s/cells", folder);
    folders_remove_asides(folder);
    folders_remove_asides(cells);
    if (access(run_json, F_OK) == 0 || !is_empty(cells))
        error_exit("run: %s holds a run already; choose another folder with --out, or "
                   "remove that one",
                   folder);
    error = -files_make_folder(cells);
    if (error == 0 && access(cells, W_OK) != 0)
        error = errno;
    if (error != 0)
        refuse(folder, error);
}

void folder_reopen(const char *asked, char *folder, size_t folder_bytes) {
    char path[4200];
    if ((size_t)snprintf(folder, folder_bytes, "%s", asked) + ROOM_FOR_FILES >=
        folder_bytes)
        refuse(asked, ENAMETOOLONG);
    (void)snprintf(path, sizeof path, "%s/run.json", folder);
    if (access(path, F_OK) != 0)
        error_exit("run: --resume: %s: %s; it wants the folder of a run, such as "
                   "results/latest",
                   path, strerror(errno));
    hold(folder);
    (void)snprintf(path, sizeof path, "%s/cells", folder);
    folders_remove_asides(folder);
    folders_remove_asides(path);
    if (files_make_folder(path) != 0 || access(path, W_OK) != 0)
        refuse(folder, errno);
}

void folder_point_latest(const char *folder) {
    char aside[64];
    if (strncmp(folder, parent, sizeof parent - 1) != 0)
        return;
    (void)snprintf(aside, sizeof aside, "results/.latest-%ld", (long)getpid());
    (void)unlink(aside); /* of a process of that number, long ago */
    if (symlink(folder + sizeof parent - 1, aside) == 0 &&
        rename(aside, "results/latest") != 0)
        (void)unlink(aside);
}
