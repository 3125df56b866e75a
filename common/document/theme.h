/*
 * The colours of charts, for light and for dark paper. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/*
 * Hues come in families, each of several tones, so that what is related looks so: what
 * computes in the loop, threads, processes, and what runs under a GIL. Hues are numbered
 * from 1: tone by tone, family by family.
 */
enum { THEME_FAMILIES = 4, THEME_TONES = 4, THEME_TEXT_BYTES = 256 };

/* The colours in the order that plots/style.gp reads, blanks between. Returns text. */
char *theme_colours(bool is_dark, char text[THEME_TEXT_BYTES]);

/* Of a hue, the light form without "#", which the rules below make dark. */
const char *theme_hue(unsigned hue);

/*
 * Rules of CSS that give an SVG that was drawn in the light colours the dark ones where
 * the reader prefers them; paper that is printed on is light.
 */
void theme_put_css(FILE *out);
