/*
 * The colours of charts and pages, for light and for dark paper, and which of them a
 * contestant has: the loop, threads, processes and what runs under a GIL have a family of
 * hues each, so that what is related looks so. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "measured/run.h"

enum { THEME_TEXT_BYTES = 256 };

/* The colours in the order that plots/style.gp reads, blanks between. Returns text. */
char *theme_colours(bool is_dark, char text[THEME_TEXT_BYTES]);

/*
 * Rules of CSS that give an SVG that was drawn in the light colours the dark ones where the
 * reader prefers them.
 */
void theme_put_css(FILE *out);

/*
 * Which hue the contestant of a series has, from 1. Of several in a family each has its own
 * as far as there are some, the same in every chart of the run.
 */
unsigned theme_hue(const struct run *run, const struct series *series);
