/* What a run prints on the terminal at its end: the answer, a table, the findings. */
#ifndef JUGGLE_REPORT_TERMINAL_H
#define JUGGLE_REPORT_TERMINAL_H

#include <stdio.h>

#include "report/overview.h"

/* Numbers as tables show them; all return text. "-" when there is none. */
enum { FIGURE_BYTES = 48 };
char *figure_seconds(double us, char text[FIGURE_BYTES]);   /* "2.001" */
char *figure_ms(double us, char text[FIGURE_BYTES]);        /* "0.21", "1002" */
char *figure_number(double value, char text[FIGURE_BYTES]); /* "5.51", "68.2" */
char *figure_count(double value, char text[FIGURE_BYTES]);  /* "11" */
char *figure_t(double value_t, char text[FIGURE_BYTES]);    /* "5.51" */

/* Memory in MiB; what cannot be told from none is "<0.1", never negative. */
char *terminal_memory(const struct estimate *memory, char text[FIGURE_BYTES]);

/*
 * "2 of 30 answers are outliers (modified z above 14.8: above 812 ms), kept"; "" when
 * there are none. `ms` is the unit of the values in milliseconds.
 */
char *figure_outliers(const struct outliers *outliers, double ms, size_t n_values,
                      char *text, size_t text_bytes);

/* Prints words in lines of 80 columns, those behind the first indented. */
void terminal_wrap(const char *text, int indent, FILE *out);

/* The answer, one table, what it can be trusted for, the findings: in 80 columns. */
void terminal_print(const struct overview *overview, FILE *out);

#endif
