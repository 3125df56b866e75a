/* Statistics as text, as JSON and as a line of a log, in words and columns of siege 4.0.
 * Main thread, after the run, where nothing else is said. */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "loadgen/statistics/summary.h"

/* siege's lines, then ours. */
void summary_print(const struct summary *summary, FILE *out);

/* How many answers came over each protocol. */
void summary_print_protocols(const struct summary *summary, FILE *out);

/* siege's line for one request; of a failed one, its kind of error. Loop thread. */
void summary_print_transaction(FILE *out, const struct load_sample *sample,
                               const struct target *target, bool from_planned);

/* siege's keys, `percentiles` and `percentile_intervals` in seconds (null where not
 * carried), `errors` by kind (those that there were), `statuses`, `redirects`, `cut_off`,
 * `not_sent`, `retried`, `warmup` as warmup_json has it, and `units`; of an open loop
 * `service_time` and `service_percentiles`. */
json_t *summary_json(const struct summary *summary);

/* {count, seconds, longest, cpu_seconds, requests}; a new reference. */
json_t *summary_gaps_json(const struct summary *summary);

/* Appends a line as siege does, after a heading in a new file or on stdout ("-"); `mark`
 * may be NULL. 0 or -errno. */
int summary_log(const struct summary *summary, const char *path, const char *mark);
