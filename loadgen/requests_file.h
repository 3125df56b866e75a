/*
 * The file of `--json`: what was asked for, the statistics and every request, streamed so
 * that millions of requests need no memory for it. It appears whole or not at all. Main
 * thread. results/README.md explains the keys.
 */
#ifndef JUGGLE_LOADGEN_REQUESTS_FILE_H
#define JUGGLE_LOADGEN_REQUESTS_FILE_H

#include <stdbool.h>

#include <jansson.h>

#include "common/files.h"
#include "loadgen/drive.h"

/*
 * Writes `head` with the key "requests" added at its end, and commits the file. `head` is
 * taken over. 0 or -errno.
 */
int requests_file_write(struct whole_file *file, json_t *head,
                        const struct drive_result *result, const struct urls *urls,
                        bool from_planned);

#endif
