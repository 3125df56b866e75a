/* The figures and findings of a run as JSON; see summary.h. */
#include "report/summary.h"

#include <math.h>

#include "common/base/fields.h"
#include "common/base/files.h"
#include "report/answer.h"
#include "report/trust.h"

static json_t *pack_estimate(const struct estimate *estimate) {
    return json_pack("{s:o, s:o, s:o, s:i}", "value", fields_number(estimate->value),
                     "low", fields_number(estimate->interval.low), "high",
                     fields_number(estimate->interval.high), "n_repeats",
                     (int)estimate->n_repeats);
}

static json_t *pack_probes(const struct probe_sums *probes) {
    return json_pack("{s:i, s:o, s:o}", "n_probes", (int)probes->n, "p50_us",
                     fields_number(probes->p50_us), "max_us",
                     fields_number(probes->max_us));
}

static json_t *pack_repeats(const struct series *series) {
    json_t *list = json_array();
    for (size_t i = 0; i < series->n_repeats; i++) {
        json_t *object = json_pack("{s:i}", "repeat", (int)series->repeats[i]->repeat);
        for (enum figure_id k = 0; k < N_FIGURES; k++)
            (void)json_object_set_new(object, figures[k].key,
                                      fields_number(figure_value(k, series->repeats[i])));
        (void)json_array_append_new(list, object);
    }
    return list;
}

/* One list per repeat of the requests that each server process took. */
static json_t *pack_splits(const struct series *series) {
    json_t *list = json_array();
    if (series->parameters->processes < 2)
        return list;
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct sums *sums = &series->repeats[i]->sums;
        json_t *split = json_array();
        for (size_t k = 0; k < series->parameters->processes && k < SUMS_MAX_SERVERS; k++)
            (void)json_array_append_new(split, json_integer(sums->per_server[k]));
        (void)json_array_append_new(list, split);
    }
    return list;
}

static json_t *us_or_null(double seconds) {
    return fields_number(seconds * 1e6);
}

/* By name; null where the samples do not carry it. */
static json_t *pack_percentiles(const struct overview_row *row) {
    json_t *object = json_object();
    for (int i = 0; i < N_PERCENTILES; i++) {
        const struct percentile *percentile = &row->percentiles[i];
        (void)json_object_set_new(
            object, percentile->name,
            isfinite(percentile->seconds)
                ? json_pack("{s:o, s:o, s:o}", "value_us",
                            us_or_null(percentile->seconds), "low_us",
                            us_or_null(percentile->interval_s.low), "high_us",
                            us_or_null(percentile->interval_s.high))
                : json_null());
    }
    return object;
}

static json_t *pack_row(const struct overview_row *row) {
    const struct published *was = &row->series->plan->published;
    const struct outliers *found = &row->outliers;
    json_t *published = NULL, *model = NULL;
    if (was->mean > 0)
        published = json_pack("{s:f, s:f, s:f}", "mean_t", was->mean, "first_t",
                              was->first, "last_t", was->last);
    if (row->model != NULL)
        model = json_pack("{s:s, s:s, s:o}", "formula", row->model->formula, "meaning",
                          row->model->meaning, "error", pack_estimate(&row->model_error));
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:o?, s:s, s:s, s:o, s:s, s:{s:i, s:o, s:o, s:i}, s:o?, s:o, "
        "s:o, s:o, s:i, s:i}",
        "experiment", row->series->parameters->experiment, "name",
        row->series->parameters->name, "label", row->series->parameters->label,
        "published", published, "validity", validity_level_name(row->validity.level),
        "validity_why", row->validity.why, "percentiles", pack_percentiles(row),
        "interval_method", merged_method(&row->merged), "outliers", "n_requests",
        (int)(found->n_low + found->n_high), "low_us", us_or_null(found->low), "high_us",
        us_or_null(found->high), "n_repeats", (int)row->n_outlying_repeats, "model",
        model, "probe_idle", pack_probes(&row->idle), "probe_busy",
        pack_probes(&row->busy), "requests_per_server", pack_splits(row->series),
        "n_requests", (int)row->n_requests, "n_failed", (int)row->n_failed);
    json_t *estimates = json_object();
    for (size_t k = 0; k < N_FIGURES; k++)
        (void)json_object_set_new(estimates, figures[k].key,
                                  pack_estimate(&row->estimates[k]));
    (void)json_object_set_new(object, "figures", estimates);
    (void)json_object_set_new(object, "repeats", pack_repeats(row->series));
    return object;
}

static json_t *pack_range(const struct range *range) {
    return json_pack("{s:o, s:o, s:o}", "median", fields_number(range->median), "low",
                     fields_number(range->low), "high", fields_number(range->high));
}

static json_t *pack_run(const struct overview *first) {
    json_t *rows = json_array(), *left_out = json_array(), *names = json_array();
    json_t *answers = json_array();
    const struct machine_figures *machine = &first->machine;
    struct answer answer;
    for (const struct overview *one = first; one != NULL; one = one->next) {
        (void)json_array_append_new(names, json_string(one->name));
        answer_make(one, &answer);
        for (size_t i = 0; i < answer.n_sentences; i++)
            (void)json_array_append_new(answers, json_string(answer.sentences[i]));
        for (size_t i = 0; i < one->n_rows; i++)
            (void)json_array_append_new(rows, pack_row(&one->rows[i]));
    }
    for (size_t i = 0; i < first->run->n_left_out; i++)
        (void)json_array_append_new(left_out, json_string(first->run->left_out[i]));
    return json_pack(
        "{s:i, s:s, s:s, s:o, s:o, s:{s:o, s:o, s:o, s:o, s:o, s:o}, s:o, s:o, s:o}",
        "schema", 2, "kind", "juggle summary", "experiment", first->name, "experiments",
        names, "answer", answers, "machine", "t_alone_us",
        pack_range(&machine->t_alone_us), "cores", pack_range(&machine->cores),
        "cpus_available", pack_range(&machine->cpus_available), "cpus_allowed",
        fields_number(machine->cpus_allowed), "others_share",
        fields_number(machine->others_share), "stolen_share",
        fields_number(machine->stolen_share), "cells", rows, "twins",
        trust_twins(first->run), "left_out", left_out);
}

static json_t *pack_findings(const struct overview *first) {
    json_t *list = json_array();
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_findings; i++) {
            const struct claim *claim = &one->experiment->claims[i];
            const struct finding *finding = &one->findings[i];
            json_t *object = json_pack(
                "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}",
                "experiment", one->name, "id", claim->id, "claim", claim->text, "verdict",
                verdict_name(finding->verdict), "headline", finding->headline, "figure",
                finding->figure, "interval", finding->interval, "why", finding->why,
                "rule", finding->rule, "evidence", finding->evidence, "more_repeats",
                fields_number(finding->n_more), "more_s", fields_number(finding->more_s));
            (void)json_array_append_new(list, object);
        }
    return list;
}

/* Writes one file of the folder and lets go of `json`. */
static int write_json(const struct overview *overview, const char *name, json_t *json) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", overview->run->folder, name);
    int error = json != NULL ? files_write_json(path, json) : -1;
    json_decref(json);
    return error;
}

int summary_write(const struct overview *first) {
    int error = write_json(first, "summary.json", pack_run(first));
    if (error == 0)
        error = write_json(first, "findings.json", pack_findings(first));
    return error;
}
