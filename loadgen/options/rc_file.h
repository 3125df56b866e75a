/*
 * Settings from a file in the form of siege's rc file: `key = value`, one a line, `#`
 * begins a comment. A key is the long name of an option; where siege has another word for
 * it, that one too. As in siege, $(NAME) and ${NAME} stand for what an earlier line
 * "NAME = value" in capitals says, or else for what the environment does, and `logfile`
 * counts where `logging` is true. None is read unless it is asked for: a hidden file
 * should not decide what is measured. Main thread, once.
 */
#ifndef JUGGLE_LOADGEN_RC_FILE_H
#define JUGGLE_LOADGEN_RC_FILE_H

#include "common/options.h"

/*
 * Applies every line of the file to the table, but for the rows in `outdone`: a set as
 * options_parse_noting has it, of which the command line says something else. Keys of
 * siege's that mean nothing here are named in one line on stderr; a key that nobody
 * knows or that is no setting, as rc is not, a value that does not fit, or a file that
 * cannot be read is one line with its place, and exit 2. Texts live until the process
 * ends.
 */
void rc_file_apply(const char *path, const struct option_row *rows, uint64_t outdone);

#endif
