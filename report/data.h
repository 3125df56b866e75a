/*
 * The tables behind the charts: data/NAME.tsv, one file per chart, and nothing a chart
 * shows comes from anywhere else. Each file is a row of blocks, two empty lines apart:
 * block 0 is title and caption, block 1 has one row per panel, then come the panels' own
 * blocks (results/README.md lists the columns). Main thread.
 */
#ifndef JUGGLE_REPORT_DATA_H
#define JUGGLE_REPORT_DATA_H

#include <stdio.h>

#include "report/data_block.h"
#include "report/overview.h"

/* The charts of an experiment, kind NULL at the end: its own, or the usual four. To add a
 * kind, add a row to data.c and a script to plots/. */
const struct chart *data_charts(const struct overview *overview);

/* What the chart shows, as its title; and how to read it, one or two sentences. The title
 * is put into `text` and returned. */
char *data_title(const struct overview *overview, const struct chart *chart, char *text,
                 size_t text_bytes);
const char *data_reading(const struct chart *chart);

/*
 * The name of a chart's files: its own, behind the experiment's where the run has
 * several. Returns text.
 */
enum { DATA_NAME_BYTES = 128 };
char *data_name(const struct overview *overview, const struct chart *chart,
                char text[DATA_NAME_BYTES]);

/* Writes data/NAME.tsv of one chart into the run's folder. 0 or -errno. */
int data_write(const struct overview *overview, const struct chart *chart);

/* Writers of the charts' blocks. */
void data_write_staircase(const struct overview *overview, const struct chart *chart,
                          FILE *out);
void data_write_lanes(const struct overview *overview, const struct chart *chart,
                      FILE *out);
void data_write_probes(const struct overview *overview, const struct chart *chart,
                       FILE *out);
void data_write_percentiles(const struct overview *overview, const struct chart *chart,
                            FILE *out);

/*
 * A panel's row begins with the cell's place in the run, which is its colour everywhere,
 * and its label.
 */
void data_begin_panel(const struct overview *overview, size_t index, FILE *out);

/* "1 answer in 100 took longer than ...", of the last percentile that all cells carry. */
void data_describe_percentiles(const struct overview *overview, char *title,
                               size_t title_bytes);

#endif
