/*
 * A run second by second: what started and ended, and the latencies of what ended well.
 * A warm-up is included. Main thread, after the run.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "loadgen/drive/drive.h"

/*
 * {"columns": [names], "rows": [[numbers]]}, null for what the samples of a second do
 * not carry; NULL without memory; else a new reference.
 */
json_t *seconds_json(const struct drive_result *result, bool from_planned);
