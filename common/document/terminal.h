/* Text for a terminal of 80 columns. Main thread. */
#pragma once

#include "common/document/document.h"

enum { TERMINAL_COLUMNS = 80 };

/*
 * Words are wrapped, and columns of a table that do not fit are left away from the right,
 * since a number is never broken in two. It has no images.
 */
extern const struct document_format document_terminal;

/* Words in lines of 80 columns, those behind the first indented. */
void terminal_wrap(const char *text, int indent, FILE *out);
