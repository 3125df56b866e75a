/*
 * The lists of samples in a cell's file: rows of numbers under the names of their
 * columns, since one object per request took twice the room; and the objects of schema 1,
 * which `juggle load --json` still writes. Whole cells are read by cell.h. Main thread.
 */
#ifndef JUGGLE_MEASURED_CELL_SAMPLES_H
#define JUGGLE_MEASURED_CELL_SAMPLES_H

#include <stdio.h>

#include "measured/cell.h"

/* The rows for an array of objects; a new reference. */
json_t *cell_samples_pack(const json_t *objects);

/*
 * Reads either form of the list under `key`. Texts of samples live in `texts`, a JSON
 * array, and no longer in the list. The caller frees the samples, read completely or not.
 * 0 or -errno with "KEY: what is wrong" in `why`.
 */
int cell_samples_read(const json_t *cell, const char *key, json_t *texts,
                      struct sample **samples, size_t *n_samples, char *why,
                      size_t why_bytes);

/* Writes `"KEY": {...}` with a line for each row. */
void cell_samples_print(const json_t *cell, const char *key, FILE *out);

#endif
