/*
 * In what two runs differ besides what they measured: machine, versions, command line,
 * plan, and parameters of the cells that both have. Main thread.
 */
#pragma once

#include <jansson.h>

#include "compare/match.h"

/*
 * A new array of objects, as they stand in compare.json: area ("machine", "versions",
 * "command line", "run", "cells"), cell (the label of the one it is about, or null), what
 * ("kernel", "--work"), a and b (texts; "not given" where one has none), and change
 * (b / a - 1 of numbers, and of a work's turns; null: no number).
 */
json_t *differences_list(const struct comparison *comparison);
