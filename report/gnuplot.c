/* Running gnuplot without a shell; see gnuplot.h. */
#include "report/gnuplot.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/children/children.h"

static const uint64_t LIMIT_NS = 60 * NS_PER_S; /* for one picture, which takes one */

enum { TAIL_BYTES = 16 };

/* A form of picture and the bytes that it ends with, white space behind them apart. */
static const struct form {
    const char *name, *ending;
    size_t ending_bytes;
} forms[] = {
    {"svg", "</svg>", 6},
    {"png", "IEND\xae\x42\x60\x82", 8},
};

enum { N_FORMS = sizeof forms / sizeof *forms };

static bool holds_scripts(const char *folder, char *absolute, size_t absolute_bytes) {
    char path[PATH_MAX + 16], real[PATH_MAX];
    if (realpath(folder, real) == NULL)
        return false;
    (void)snprintf(path, sizeof path, "%s/style.gp", real);
    return access(path, R_OK) == 0 &&
           (size_t)snprintf(absolute, absolute_bytes, "%s", real) < absolute_bytes;
}

static int find_scripts(char *folder, size_t folder_bytes) {
    static const char *const places[] = {"../plots", "../../plots",
                                         "../share/juggle/plots"};
    char binary[PATH_MAX], place[PATH_MAX + 64];
    const char *given = getenv("JUGGLE_PLOTS");
    if (given != NULL)
        return holds_scripts(given, folder, folder_bytes) ? 0 : -ENOENT;
    ssize_t length = readlink("/proc/self/exe", binary, sizeof binary - 1);
    if (length < 0)
        return -ENOENT;
    binary[length] = '\0';
    *strrchr(binary, '/') = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        (void)snprintf(place, sizeof place, "%s/%s", binary, places[i]);
        if (holds_scripts(place, folder, folder_bytes))
            return 0;
    }
    return -ENOENT;
}

/* What gnuplot draws goes through us into a file, so that no failed write is missed. */
struct picture {
    struct whole_file file;
    char tail[TAIL_BYTES]; /* the last bytes so far */
};

static int take(void *context, const char *bytes, size_t n_bytes) {
    struct picture *picture = context;
    size_t n_new = n_bytes < TAIL_BYTES ? n_bytes : TAIL_BYTES;
    memmove(picture->tail, picture->tail + n_new, TAIL_BYTES - n_new);
    memcpy(picture->tail + TAIL_BYTES - n_new, bytes + n_bytes - n_new, n_new);
    errno = EIO;
    return fwrite(bytes, 1, n_bytes, picture->file.stream) == n_bytes ? 0 : -errno;
}

static bool is_whole(const struct picture *picture, const struct form *form) {
    size_t end = TAIL_BYTES;
    while (end > 0 && strchr("\n\r ", picture->tail[end - 1]) != NULL &&
           picture->tail[end - 1] != '\0')
        end--;
    return end >= form->ending_bytes && memcmp(picture->tail + end - form->ending_bytes,
                                               form->ending, form->ending_bytes) == 0;
}

/* The last line that names a place in a script, where gnuplot gave up; else the first. */
static void find_complaint(char *complaints, char *line, size_t line_bytes) {
    char *rest = complaints, *next;
    while ((next = strsep(&rest, "\n")) != NULL) {
        next += strspn(next, " \t^");
        if (next[0] != '\0' && (line[0] == '\0' || strstr(next, "line ") != NULL))
            (void)snprintf(line, line_bytes, "%s", next);
    }
}

/* Runs gnuplot to its end, the picture going into `picture`. 0 or -errno, with `why`. */
static int run(const char *scripts, const char *const *words, const struct form *form,
               struct picture *picture, char *why, size_t why_bytes) {
    struct child_task task = {.words = words,
                              .folder = scripts,
                              .limit_ns = LIMIT_NS,
                              .take = take,
                              .context = picture};
    int status = 0, error = children_run(&task, &status);
    why[0] = '\0';
    if (error == -ETIMEDOUT)
        (void)snprintf(why, why_bytes, "gnuplot had not ended after %u s",
                       (unsigned)(LIMIT_NS / NS_PER_S));
    if (error != 0)
        return error;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_whole(picture, form))
        return 0;
    find_complaint(task.complaints, why, why_bytes);
    if (WIFSIGNALED(status))
        (void)snprintf(why, why_bytes, "gnuplot was ended by signal %d",
                       WTERMSIG(status));
    else if (why[0] == '\0')
        (void)snprintf(why, why_bytes, "gnuplot drew no whole picture");
    return -EIO;
}

/* One picture; errors as gnuplot_draw's, with a line in `why`. */
static int draw_as(const char *scripts, const char *results,
                   const struct drawing *drawing, const struct form *form, char *why,
                   size_t why_bytes) {
    char script[128], data[PATH_MAX + 64], path[PATH_MAX + 64], reason[512] = "";
    struct picture picture = {.tail = {0}};
    const char *name = drawing->name;
    (void)snprintf(script, sizeof script, "%s.gp", drawing->script);
    (void)snprintf(data, sizeof data, "%s/data/%s.tsv", results, name);
    (void)snprintf(path, sizeof path, "%s/charts/%s.%s", results, name, form->name);
    const char *words[] = {"gnuplot",  "-c",          script, data,
                           form->name, "/dev/stdout", NULL};
    int unwritten = files_begin_own(&picture.file, path), error = 0;
    if (unwritten == 0) {
        error = run(scripts, words, form, &picture, reason, sizeof reason);
        if (error == 0)
            unwritten = files_commit(&picture.file);
        else
            files_abandon(&picture.file);
    }
    if (reason[0] != '\0')
        (void)snprintf(why, why_bytes, "plots/%s (%s): %s", script, form->name, reason);
    else
        (void)snprintf(why, why_bytes, "charts/%s.%s: %s", name, form->name,
                       strerror(unwritten != 0 ? -unwritten : -error));
    return unwritten != 0 ? -EIO : error;
}

/* Every form of one chart. */
static int draw(const char *scripts, const char *results, const struct drawing *drawing,
                char *why, size_t why_bytes) {
    int error = 0;
    for (size_t i = 0; i < N_FORMS && error == 0; i++)
        error = draw_as(scripts, results, drawing, &forms[i], why, why_bytes);
    return error;
}

int gnuplot_draw(const char *folder, const struct drawing *drawings, size_t n_drawings,
                 const char *later) {
    char scripts[PATH_MAX], results[PATH_MAX], why[1024];
    if (find_scripts(scripts, sizeof scripts) != 0) {
        error_print("no charts: the plots/ folder is not to be found; set JUGGLE_PLOTS "
                    "to it, then %s",
                    later);
        return -EIO;
    }
    if (realpath(folder, results) == NULL) {
        error_print("no charts: %s: %s", folder, strerror(errno));
        return -EIO;
    }
    int result = 0;
    for (size_t i = 0; i < n_drawings; i++) {
        const char *name = drawings[i].name;
        int error = draw(scripts, results, &drawings[i], why, sizeof why);
        if (error == -ENOENT)
            error_print("no charts: gnuplot is missing; install it (Debian: "
                        "gnuplot-nox), then %s",
                        later);
        else if (error == -EINTR)
            error_print("interrupted: %s and the charts after it are not drawn; to draw "
                        "them, %s",
                        name, later);
        else if (error != 0)
            error_print("no chart '%s': %s; mend it, then %s", name, why, later);
        if (error == -ENOENT || error == -EINTR)
            return error;
        result = error != 0 ? -EIO : result;
        if (error == -ETIMEDOUT) /* the others would take as long, one after the other */
            break;
    }
    return result;
}
