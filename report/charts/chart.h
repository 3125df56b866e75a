/*
 * The charts of a run: which there are, and data/NAME.tsv, one file per chart, of which
 * nothing that a chart shows comes from anywhere else. Block 0 of a file is title and
 * caption, block 1 has one row per panel, then come the panels' own blocks. The scripts
 * in plots/ draw them (common/document/picture.h). Main thread.
 */
#pragma once

#include <stdio.h>

#include "common/document/picture.h"
#include "report/figures/overview.h"

/* The charts of an experiment: its own that have cells, or the usual ones. The first and
 * the one after; kind NULL at the end. To add a kind, add a row to chart.c and a script
 * to plots/. */
const struct chart *chart_list(const struct overview *overview);
const struct chart *chart_next(const struct overview *overview,
                               const struct chart *chart);

/* What the chart shows, as its title, which is put into `text` and returned; and the
 * heading of its section, which may be the same. */
char *chart_title(const struct overview *overview, const struct chart *chart, char *text,
                  size_t text_bytes);
const char *chart_heading(const struct overview *overview, const struct chart *chart,
                          char *text, size_t text_bytes);

/* In a sentence, what it shows. */
const char *chart_word(const struct chart *chart);

/*
 * The name of a chart's files: its own, behind the experiment's where the run has
 * several. Returns text.
 */
enum { CHART_NAME_BYTES = 128 };
char *chart_name(const struct overview *overview, const struct chart *chart,
                 char text[CHART_NAME_BYTES]);

/* Writes data/NAME.tsv of one chart into the run's folder. 0 or -errno. */
int chart_write(const struct overview *overview, const struct chart *chart);

/*
 * Draws the chart of that name into the file `path` ("-": standard output), for a slide
 * or an article. `title`: in place of its own, or NULL. 0, or as picture_draw with a line
 * on stderr.
 */
int chart_export(const struct overview *first, const char *name, const char *title,
                 const struct picture_form *form, const char *path);
