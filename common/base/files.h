/*
 * Files that appear whole or not at all: written aside, then renamed into place.
 * Main thread. All return 0 or -errno.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/*
 * Opens a new file beside `path`; files_commit gives it that name, files_abandon removes
 * it. Where `path` is a link, the file that it leads to is replaced. A pipe, a device and
 * whatever a link in /dev leads to (/dev/stdout) is opened and written to, because
 * renaming over it would replace it for the whole machine. A folder is refused (-EISDIR),
 * and so is a pipe that nobody reads (-ENXIO). The umask decides who may read the file.
 * "-" is standard output.
 */
struct whole_file {
    FILE *stream;
    char *buffer;          /* the stream's; NULL: it has its own, smaller one */
    char path[4096];       /* what it will be called */
    char aside[4096 + 40]; /* until then; "": it is written to as it is */
};
int files_begin(struct whole_file *file, const char *path);
int files_commit(struct whole_file *file);
void files_abandon(struct whole_file *file);

/*
 * The same for files of our own in a results folder, which a stranger may have made:
 * whatever has that name is replaced, even a link or a pipe, and never followed.
 */
int files_begin_own(struct whole_file *file, const char *path);

/* "-": standard output where a file is written, standard input where one is read. */
bool files_is_standard(const char *path);

/*
 * Opens a file for reading; NULL with errno set when it cannot be opened. Standard input
 * can be opened once, because nothing is left of it for a second reader (EALREADY).
 * files_open_text skips a byte order mark.
 */
FILE *files_open(const char *path);
FILE *files_open_text(const char *path);

/* Says why one of these failed: strerror's text, and one for EALREADY. */
const char *files_why(int error);

/* Writes `json` (indent 2, keys in the order they were set) as one whole file of ours. */
int files_write_json(const char *path, const json_t *json);

/*
 * Flushes a stream that is not a whole_file, such as stdout: -errno when something
 * printed so far could not be written. Each loss is reported once.
 */
int files_flush(FILE *stream);

/* Writes all of it to a descriptor. */
int files_write(int fd, const char *bytes, size_t n_bytes);

/* Makes the folder and those above it. */
int files_make_folder(const char *path);

/* The same in a folder of ours: a link in its place is refused (-ELOOP). */
int files_make_own_folder(const char *path);

/*
 * The absolute path of a folder that comes with this program and holds `member`: what
 * the environment says under `variable`, else NAME beside the folder of the binary or
 * above that, or where `make install` puts it. 0 or -ENOENT.
 */
int files_find_folder(const char *name, const char *member, const char *variable,
                      char path[PATH_MAX]);

/*
 * Opens a regular file for reading: the descriptor, -EINVAL where the path is something
 * else, or another -errno. Does not wait for a pipe or a device.
 */
int files_open_regular(const char *path);

/* The first line of a small file such as those under /proc, without its newline. */
int files_read_line(const char *path, char *line, size_t line_bytes);
