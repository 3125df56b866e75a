/* What every file of data is made of: blocks of lines, fields apart by tabs. Main thread.
 */
#ifndef JUGGLE_REPORT_DATA_BLOCK_H
#define JUGGLE_REPORT_DATA_BLOCK_H

#include <stdio.h>

/* Begins the next block: two empty lines, then what its columns are, as a comment. */
void data_block(FILE *out, const char *columns);

/* A text as a TSV field, without what would break the line. */
void data_text(FILE *out, const char *text);

#endif
