/*
 * The samples of a cell, one after the other: from the tables beside its file, or from
 * the lists that stood in the file itself before schema 4 and stand in that of `juggle
 * load --json`. Whole cells are read by cell.h. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "common/stats/sample_table.h"

enum cell_list { CELL_REQUESTS, CELL_PROBES };

/* Gets each sample in its turn; what is not 0 ends the reading. */
typedef int sample_visit(void *context, const struct sample *sample);

/* Whether the list stands in the cell's file itself. */
bool cell_samples_are_inside(const json_t *json, enum cell_list list);

/* Takes it out of there, and lets go of its memory. */
void cell_samples_drop(json_t *json, enum cell_list list);

/* The name of a table: cells/NAME-r1.tsv or .probes.tsv beside cells/NAME-r1.json. 0, or
 * -EINVAL where that is no such name. */
int cell_samples_path(const char *cell_path, enum cell_list list, char *path,
                      size_t path_bytes);

/*
 * Visits the samples of the cell whose file holds `json`; times of a table are told from
 * `from_us` on. Requests of a warm-up are passed over. 0, what a visit returned, or
 * -errno with one line in `why` that names list or table, place and what is wrong.
 */
int cell_samples_visit(const char *cell_path, const json_t *json, enum cell_list list,
                       double from_us, sample_visit *visit, void *context, char *why,
                       size_t why_bytes);
