/*
 * What files of data are made of: blocks of lines, fields apart by tabs, and what all
 * charts share (results/README.md lists the columns). Main thread.
 */
#pragma once

#include <stdio.h>

#include "experiments/experiment.h"
#include "measured/claims/curve.h"
#include "report/figures/overview.h"

/* Begins the next block: two empty lines, then what its columns are, as a comment. */
void data_block(FILE *out, const char *columns);

/* A text as a TSV field, without what would break the line. */
void data_text(FILE *out, const char *text);

/* Block 0: title and caption, broken into lines for each shape of the picture. */
void data_texts(const char *title, const char *caption, FILE *out);

/*
 * The hue of a contestant, from 1 (common/document/theme.h): its family is its own or
 * that of what runs under a GIL, its tone the next that the family has in the experiment.
 * So it is the same in every chart, whoever else was measured. An external server has the
 * hue of its place among those of the overview; NULL: of none.
 */
unsigned data_hue(const struct overview *overview, const struct cell_parameters *who);
/* The n-th hue, from 0, of what has no family: each family first, then its next tone. */
unsigned data_nth_hue(size_t n);

/* The rows of the overview by what ranks them (overview_ranks_by), the least first, those
 * without it and those that are INVALID last: so many numbers, which the caller frees;
 * NULL when memory is out. */
size_t *data_in_order(const struct overview *overview);

/*
 * A cell's name, its label, and what it means: "kitchen: a pool of 2 cooks"; the name
 * alone where there is nothing to explain. Of a curve what varies along it is in neither.
 * Both return text.
 */
enum { DATA_NAME_BYTES = 200 };
char *data_name(const struct cell_parameters *who, char text[DATA_NAME_BYTES]);
char *data_name_of_curve(const struct curve *curve, char text[DATA_NAME_BYTES]);

/* A panel's row begins with the hue of the cell's contestant and its name. */
void data_begin_panel(const struct overview *overview, size_t index, FILE *out);
