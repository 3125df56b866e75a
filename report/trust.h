/*
 * How far a run can be trusted, in sentences: which cells are valid, what the machine did
 * meanwhile, whether the work was what was asked for, and the A/A test. Main thread.
 */
#pragma once

#include <jansson.h>

#include "common/document/document.h"
#include "report/figures/overview.h"

/* Lists each sentence, over all experiments of the run. */
void trust_write(const struct overview *first, struct document *document);

/* Whether the run went to its end and every cell is VALID. */
bool trust_is_whole(const struct overview *first);

/* The same without what is as it should be; in brief, and without cells that are of a
 * `counted` level or below, where that is not VALID. */
void trust_write_doubts(const struct overview *first, enum validity_level counted,
                        struct document *document);

/* How many cells are of a level. */
size_t trust_count(const struct overview *first, enum validity_level level);

/* The A/A tests as an array for summary.json; a new reference. */
json_t *trust_twins(const struct run *run);
