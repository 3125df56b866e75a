/* The one table of the page, and the brief one. Main thread. */
#pragma once

#include "common/document/document.h"
#include "report/figures/overview.h"

/*
 * Who serves best where most is asked for: sorted, the best marked, each value with its
 * unit, and how to read it. Brief: five columns and nothing else.
 */
void best_write(const struct overview *overview, bool is_brief,
                struct document *document);
