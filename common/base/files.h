/*
 * Files that appear whole or not at all: written aside, then renamed into place.
 * Main thread. All return 0 or -errno.
 */
#ifndef JUGGLE_COMMON_FILES_H
#define JUGGLE_COMMON_FILES_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/*
 * Opens a new file beside `path`; files_commit gives it that name, files_abandon removes
 * it. Where `path` is a link, it is the file that it leads to. What is no regular file, a
 * pipe or a device, and what a link in /dev leads to (/dev/stdout) is written to as it
 * is: renaming over it would replace it for the whole machine. A folder is refused
 * (-EISDIR), and so is a pipe that nobody reads (-ENXIO). Who may read it is for the
 * umask to say. "-" is standard output.
 */
struct whole_file {
    FILE *stream;
    char *buffer;    /* the stream's; NULL: it has its own, smaller one */
    char path[4096]; /* what it will be called */
    char aside[4096 +
               40]; /* what it is called until then; "": it is written to as it is */
};
int files_begin(struct whole_file *file, const char *path);
int files_commit(struct whole_file *file);
void files_abandon(struct whole_file *file);

/*
 * The same for files of our own in folders of ours, which somebody else may have made:
 * whatever bears that name is replaced, a link or a pipe as well, and never followed.
 */
int files_begin_own(struct whole_file *file, const char *path);

/* "-": standard output where a file is to be written, standard input where one is read.
 */
bool files_is_standard(const char *path);

/*
 * Opens a file to be read, NULL with errno set when it cannot be: standard input at most
 * once, as nothing is left of it for a second reader (EALREADY). Of a text a byte order
 * mark is skipped.
 */
FILE *files_open(const char *path);
FILE *files_open_text(const char *path);

/* Why one of these failed; strerror's words for the rest. */
const char *files_why(int error);

/* Writes `json` (indent 2, keys in the order they were set) as one whole file of ours. */
int files_write_json(const char *path, const json_t *json);

/*
 * For streams that are no files of ours, such as stdout: what was printed so far has all
 * been written, or it was not. Each loss is told once.
 */
int files_flush(FILE *stream);

/* Makes the folder and those above it. */
int files_make_folder(const char *path);

/* The same in a folder of ours: a link in its place is refused (-ELOOP). */
int files_make_own_folder(const char *path);

/*
 * Opens a regular file to be read: the descriptor, -EINVAL where it is none, or another
 * -errno. No pipe or device is waited for.
 */
int files_open_regular(const char *path);

/* The first line of a small file such as those under /proc, without its newline. */
int files_read_line(const char *path, char *line, size_t line_bytes);

#endif
