/* The results folder; see folder.h. */
#include "director/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/files.h"

static const char parent[] = "results/";

static void choose(const char *asked, const struct tm *utc, char *folder,
                   size_t folder_bytes) {
    char host[64] = "host", stamp[32];
    (void)gethostname(host, sizeof host - 1);
    (void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", utc);
    if (asked != NULL)
        (void)snprintf(folder, folder_bytes, "%s", asked);
    else
        (void)snprintf(folder, folder_bytes, "%s%s-%s", parent, stamp, host);
}

void folder_make(const char *asked, const struct tm *utc, char *folder,
                 size_t folder_bytes) {
    char path[4200];
    choose(asked, utc, folder, folder_bytes);
    if (files_is_standard(folder))
        error_exit("run: --out wants a folder, and standard output is none; ./- is a "
                   "folder of that name");
    (void)snprintf(path, sizeof path, "%s/run.json", folder);
    if (access(path, F_OK) == 0)
        error_exit("run: %s holds a run already; choose another folder with --out",
                   folder);
    (void)snprintf(path, sizeof path, "%s/cells", folder);
    int error = files_make_folder(path);
    if (error == 0 && access(path, W_OK) != 0)
        error = -errno;
    if (error != 0)
        error_exit(
            "run: cannot write results to %s: %s; choose another folder with --out",
            folder, strerror(-error));
}

void folder_point_latest(const char *folder) {
    static const char aside[] = "results/.latest";
    if (strncmp(folder, parent, sizeof parent - 1) != 0)
        return;
    (void)unlink(aside);
    if (symlink(folder + sizeof parent - 1, aside) == 0)
        (void)rename(aside, "results/latest");
}
