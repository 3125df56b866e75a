/* Sentences about trust; see trust.h. */
#include "report/trust.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "report/answer.h"
#include "report/twins.h"

enum { SENTENCE_BYTES = 640 };

static bool are_alike(const struct validity *a, const struct validity *b) {
    return a->verdict == b->verdict && strcmp(a->why, b->why) == 0;
}

/* Whether an earlier row has the same verdict for the same reason. */
static bool was_said(const struct overview *overview, size_t index) {
    size_t i = 0;
    while (i < index &&
           !are_alike(&overview->rows[i].validity, &overview->rows[index].validity))
        i++;
    return i < index;
}

static bool is_interrupted(const struct overview *overview) {
    return json_is_true(json_object_get(overview->run->info, "interrupted"));
}

/* The cells that share a row's verdict, or "every cell". */
static void name_cells(const struct overview *overview, const struct validity *validity,
                       char *text, size_t text_bytes) {
    size_t n_alike = 0, length = 0;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (!are_alike(&row->validity, validity))
            continue;
        n_alike++;
        if (length < text_bytes)
            length +=
                (size_t)snprintf(text + length, text_bytes - length, "%s%s",
                                 n_alike > 1 ? ", " : "", row->series->parameters->label);
    }
    if (n_alike == overview->n_rows)
        (void)snprintf(text, text_bytes, "every cell%s",
                       is_interrupted(overview) ? " that was measured" : "");
}

static void say_verdicts(const struct overview *overview,
                         void (*say)(void *, const char *), void *context) {
    char sentence[SENTENCE_BYTES], cells[300];
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct validity *validity = &overview->rows[i].validity;
        if (was_said(overview, i))
            continue;
        name_cells(overview, validity, cells, sizeof cells);
        (void)snprintf(sentence, sizeof sentence, "%s: %s",
                       validity_verdict_name(validity->verdict), cells);
        if (validity->why[0] != '\0')
            (void)snprintf(sentence, sizeof sentence, "%s: %s (%s)",
                           validity_verdict_name(validity->verdict), cells,
                           validity->why);
        say(context, sentence);
    }
}

void trust_say(const struct overview *overview,
               void (*say)(void *context, const char *sentence), void *context) {
    char sentence[SENTENCE_BYTES];
    say_verdicts(overview, say, context);
    if (is_interrupted(overview))
        say(context, "The run was interrupted; this is what it had measured.");
    if (answer_machine(overview, sentence, sizeof sentence)[0] != '\0')
        say(context, sentence);
    if (answer_work(overview, sentence, sizeof sentence)[0] != '\0')
        say(context, sentence);
    for (size_t i = 0; i < overview->run->n_twins; i++) {
        struct twin twin = twin_compare(overview->run, i);
        say(context, twin_text(&twin, sentence, sizeof sentence));
    }
}
