/* Running gnuplot without a shell; see gnuplot.h. */
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool holds_scripts(const char *folder, char *absolute, size_t absolute_bytes) {
    char path[PATH_MAX + 16], real[PATH_MAX];
    if (realpath(folder, real) == NULL)
        return false;
    (void)snprintf(path, sizeof path, "%s/style.gp", real);
    return access(path, R_OK) == 0 &&
           (size_t)snprintf(absolute, absolute_bytes, "%s", real) < absolute_bytes;
}

int gnuplot_find_scripts(char *folder, size_t folder_bytes) {
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

/* Keeps the last line that names a place in a script, where gnuplot gave up; reads all.
 */
static void read_complaint(int fd, char *line, size_t line_bytes) {
    FILE *stream = fdopen(fd, "r");
    char next[512];
    line[0] = '\0';
    while (stream != NULL && fgets(next, sizeof next, stream) != NULL) {
        char *text = next + strspn(next, " \t^\n");
        text[strcspn(text, "\n")] = '\0';
        if (strstr(text, "line ") != NULL)
            (void)snprintf(line, line_bytes, "%s", text);
    }
    if (stream != NULL)
        (void)fclose(stream);
    else
        (void)close(fd);
}

/* Starts a program in a folder, its output going into `output_fd`. 0 or -errno. */
static int start(char *const *argv, const char *folder, int output_fd, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return -error;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, output_fd, STDERR_FILENO);
    if (error == 0)
        error = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* Runs a program to its end; what it complains of goes into `line`. 0 or -errno. */
static int run(char *const *argv, const char *folder, char *line, size_t line_bytes) {
    int ends[2], status;
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    int error = start(argv, folder, ends[1], &pid);
    (void)close(ends[1]);
    if (error != 0) {
        (void)close(ends[0]);
        return error;
    }
    read_complaint(ends[0], line, line_bytes);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

static int draw_as(const char *scripts, const char *results, const struct chart *chart,
                   const char *format, char *why, size_t why_bytes) {
    char script[128], data[PATH_MAX + 64], image[PATH_MAX + 64], aside[PATH_MAX + 80];
    char complaint[512] = "", kind[8];
    (void)snprintf(script, sizeof script, "%s.gp", chart->name);
    (void)snprintf(kind, sizeof kind, "%s", format);
    (void)snprintf(data, sizeof data, "%s/data/%s.tsv", results, chart->name);
    (void)snprintf(image, sizeof image, "%s/charts/%s.%s", results, chart->name, format);
    (void)snprintf(aside, sizeof aside, "%s.%ld", image, (long)getpid());
    char program[] = "gnuplot", dash_c[] = "-c";
    char *argv[] = {program, dash_c, script, data, kind, aside, NULL};
    int error = run(argv, scripts, complaint, sizeof complaint);
    if (error == 0 && rename(aside, image) != 0)
        error = -EIO;
    if (error != 0 && error != -ENOENT)
        (void)snprintf(why, why_bytes, "plots/%s (%s): %s", script, format,
                       complaint[0] != '\0' ? complaint : strerror(-error));
    if (error != 0)
        (void)unlink(aside);
    return error;
}

int gnuplot_draw(const char *scripts, const char *results, const struct chart *chart,
                 char *why, size_t why_bytes) {
    static const char *const image_formats[] = {"svg", "png"};
    char absolute[PATH_MAX];
    if (realpath(results, absolute) == NULL)
        return -errno;
    for (size_t i = 0; i < sizeof image_formats / sizeof *image_formats; i++) {
        int error = draw_as(scripts, absolute, chart, image_formats[i], why, why_bytes);
        if (error != 0)
            return error;
    }
    return 0;
}
