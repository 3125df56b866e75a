/*
 * The charts of a run: which there are, data/NAME.tsv, one file per chart, of which
 * nothing that a chart shows comes from anywhere else, and gnuplot, which draws
 * charts/NAME.svg and NAME.png by the scripts in plots/. These are where $JUGGLE_PLOTS
 * says, or near the binary. Block 0 of a file is title and caption, block 1 has one row
 * per panel, then come the panels' own blocks. Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/overview.h"

/* The charts of an experiment: its own that have cells, or the usual four. The first and
 * the one after; kind NULL at the end. To add a kind, add a row to chart.c and a script
 * to plots/. */
const struct chart *chart_list(const struct overview *overview);
const struct chart *chart_next(const struct overview *overview,
                               const struct chart *chart);

/* What the chart shows, as its title; and how to read it, one or two sentences. The title
 * is put into `text` and returned. */
char *chart_title(const struct overview *overview, const struct chart *chart, char *text,
                  size_t text_bytes);
const char *chart_reading(const struct chart *chart);

/*
 * The name of a chart's files: its own, behind the experiment's where the run has
 * several. Returns text.
 */
enum { CHART_NAME_BYTES = 128 };
char *chart_name(const struct overview *overview, const struct chart *chart,
                 char text[CHART_NAME_BYTES]);

/* Writes data/NAME.tsv of one chart into the run's folder. 0 or -errno. */
int chart_write(const struct overview *overview, const struct chart *chart);

struct drawing {
    char name[128];     /* of its data and pictures */
    const char *script; /* plots/SCRIPT.gp */
};

/*
 * Draws charts/NAME.svg and NAME.png in the folder from data/NAME.tsv, for each drawing.
 * A picture that is not whole replaces none. What is not
 * drawn is a line on stderr that ends with `later`, how to draw it: "juggle report DIR".
 * 0: all are there; -ENOENT: there is no gnuplot; -EINTR (common/children/interrupts.h);
 * -EIO: one or more failed.
 */
int chart_draw(const char *folder, const struct drawing *drawings, size_t n_drawings,
               const char *later);
