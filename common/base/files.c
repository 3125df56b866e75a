/* Whole files; see files.h. */
#include "common/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 1 << 20, /* few system calls, even for hundreds of megabytes */
    MOST_NAMES = 1000,      /* to try, where names are taken */
};

/* 0 or errno. */
static int close_stream(struct whole_file *file) {
    int error = -files_flush(file->stream);
    if (fclose(file->stream) != 0 && error == 0)
        error = errno;
    free(file->buffer);
    return error;
}

/*
 * The descriptor of a new file, or -errno. Not by mkostemp, whose files are for their
 * owner alone: only a mode that is given to open() is subject to the umask.
 */
static int open_aside(struct whole_file *file) {
    int fd = -1;
    errno = EEXIST;
    for (unsigned n = 0; fd < 0 && errno == EEXIST && n < MOST_NAMES; n++) {
        (void)snprintf(file->aside, sizeof file->aside, "%s.%ld-%u", file->path,
                       (long)getpid(), n);
        fd = open(file->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    return fd >= 0 ? fd : -errno;
}

static bool is_link(const char *path) {
    struct stat there;
    return lstat(path, &there) == 0 && S_ISLNK(there.st_mode);
}

/* The descriptor that is written to, or -errno. */
static int open_file(struct whole_file *file) {
    struct stat there;
    if (files_is_standard(file->path)) {
        int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
        return fd >= 0 ? fd : -errno;
    }
    bool is_there = stat(file->path, &there) == 0;
    if (is_there && S_ISDIR(there.st_mode))
        return -EISDIR;
    if (is_there && (!S_ISREG(there.st_mode) ||
                     (strncmp(file->path, "/dev/", 5) == 0 && is_link(file->path)))) {
        int fd = open(file->path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
        if (fd >= 0) /* without a wait for a reader; writing may wait again */
            (void)fcntl(fd, F_SETFL, O_APPEND);
        return fd >= 0 ? fd : -errno;
    }
    char *real = is_there && is_link(file->path) ? realpath(file->path, NULL) : NULL;
    if (real != NULL)
        (void)snprintf(file->path, sizeof file->path, "%s", real);
    free(real);
    return open_aside(file);
}

static void remove_aside(const struct whole_file *file) {
    if (file->aside[0] != '\0')
        (void)unlink(file->aside);
}

static int begin(struct whole_file *file, const char *path,
                 int (*opens)(struct whole_file *file)) {
    *file = (struct whole_file){0};
    if ((size_t)snprintf(file->path, sizeof file->path, "%s", path) >= sizeof file->path)
        return -ENAMETOOLONG;
    int fd = opens(file);
    if (fd < 0)
        return fd;
    file->stream = fdopen(fd, "w");
    if (file->stream == NULL) {
        (void)close(fd);
        remove_aside(file);
        return -ENOMEM;
    }
    file->buffer = malloc(BUFFER_BYTES); /* else glibc ignores the size */
    if (file->buffer != NULL)
        (void)setvbuf(file->stream, file->buffer, _IOFBF, BUFFER_BYTES);
    return 0;
}

int files_begin(struct whole_file *file, const char *path) {
    return begin(file, path, open_file);
}

int files_begin_own(struct whole_file *file, const char *path) {
    return begin(file, path, open_aside);
}

void files_abandon(struct whole_file *file) {
    (void)close_stream(file);
    remove_aside(file);
}

int files_commit(struct whole_file *file) {
    int error = close_stream(file);
    if (error == 0 && file->aside[0] != '\0' && rename(file->aside, file->path) != 0)
        error = errno;
    if (error != 0)
        remove_aside(file);
    return -error;
}

bool files_is_standard(const char *path) {
    return strcmp(path, "-") == 0;
}

FILE *files_open(const char *path) {
    static bool is_taken;
    if (!files_is_standard(path))
        return fopen(path, "re");
    errno = EALREADY;
    FILE *stream = is_taken ? NULL : stdin;
    is_taken = true;
    return stream;
}

FILE *files_open_text(const char *path) {
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
    FILE *stream = files_open(path);
    size_t n = 0;
    int byte = 0;
    while (stream != NULL && n < sizeof mark && (byte = getc(stream)) == mark[n])
        n++;
    if (stream == NULL || n == sizeof mark)
        return stream;
    if (byte != EOF)
        (void)ungetc(byte, stream);
    while (n > 0) /* they are what was just read, of which glibc takes back any number */
        (void)ungetc(mark[--n], stream);
    return stream;
}

const char *files_why(int error) {
    return error == EALREADY ? "standard input has a reader already; give '-' once"
                             : strerror(error);
}

int files_write_json(const char *path, const json_t *json) {
    struct whole_file file;
    int error = files_begin_own(&file, path);
    if (error != 0)
        return error;
    if (json_dumpf(json, file.stream, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) != 0 ||
        fputc('\n', file.stream) == EOF) {
        files_abandon(&file);
        return -EIO;
    }
    return files_commit(&file);
}

int files_flush(FILE *stream) {
    int error = ferror(stream) ? -EIO : 0; /* why is known of the last attempt alone */
    if (fflush(stream) != 0)
        error = -errno;
    clearerr(stream);
    return error;
}

int files_write(int fd, const char *bytes, size_t n_bytes) {
    while (n_bytes > 0) {
        ssize_t n = write(fd, bytes, n_bytes);
        if (n < 0 && errno != EINTR)
            return -errno;
        bytes += n > 0 ? n : 0;
        n_bytes -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int files_make_folder(const char *path) {
    struct stat there;
    char partial[4096];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof partial)
        return -ENAMETOOLONG;
    memcpy(partial, path, length + 1);
    for (char *slash = strchr(partial + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST)
            return -errno;
        if (slash == NULL)
            return stat(partial, &there) == 0 && S_ISDIR(there.st_mode) ? 0 : -ENOTDIR;
        *slash = '/';
    }
}

int files_make_own_folder(const char *path) {
    return is_link(path) ? -ELOOP : files_make_folder(path);
}

static bool holds(const char *folder, const char *member, char path[PATH_MAX]) {
    char inside[PATH_MAX + 64];
    if (realpath(folder, path) == NULL)
        return false;
    (void)snprintf(inside, sizeof inside, "%s/%s", path, member);
    return access(inside, R_OK) == 0;
}

int files_find_folder(const char *name, const char *member, const char *variable,
                      char path[PATH_MAX]) {
    static const char *const above[] = {"..", "../..", "../share/juggle"};
    char binary[PATH_MAX], place[PATH_MAX + 64];
    const char *given = getenv(variable);
    if (given != NULL)
        return holds(given, member, path) ? 0 : -ENOENT;
    ssize_t length = readlink("/proc/self/exe", binary, sizeof binary - 1);
    if (length < 0)
        return -ENOENT;
    binary[length] = '\0';
    *strrchr(binary, '/') = '\0';
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        (void)snprintf(place, sizeof place, "%s/%s/%s", binary, above[i], name);
        if (holds(place, member, path))
            return 0;
    }
    return -ENOENT;
}

int files_open_regular(const char *path) {
    struct stat there;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &there) == 0 && S_ISREG(there.st_mode))
        return fd;
    (void)close(fd);
    return S_ISDIR(there.st_mode) ? -EISDIR : -EINVAL;
}

int files_read_line(const char *path, char *line, size_t line_bytes) {
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return -errno;
    int error = fgets(line, (int)line_bytes, stream) == NULL ? -EIO : 0;
    (void)fclose(stream);
    if (error == 0)
        line[strcspn(line, "\n")] = '\0';
    return error;
}
