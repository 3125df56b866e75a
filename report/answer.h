/*
 * What an experiment found, in two to five plain sentences that somebody understands who
 * has read nothing else: what was compared, what to choose and what it costs, who comes
 * next and last, how many CPUs each kept busy, what it did to everybody else. Made once,
 * from the figures of the overview; terminal, Markdown, HTML and summary.json print it. A
 * difference is named only where the 95 % intervals are apart. Main thread.
 */
#pragma once

#include "common/document/document.h"
#include "report/figures/overview.h"

enum { ANSWER_MAX_SENTENCES = 5, ANSWER_SENTENCE_BYTES = 960 };

struct answer {
    char sentences[ANSWER_MAX_SENTENCES][ANSWER_SENTENCE_BYTES];
    size_t n_sentences;
    size_t n_brief;     /* the first so many: the question, and what to choose */
    bool ends_in_ranks; /* who comes next and last, which a sorted table shows, too */
};

void answer_make(const struct overview *overview, struct answer *answer);

/* Each sentence as a paragraph. */
void answer_write(const struct overview *overview, struct document *document);

/* As one paragraph what a sorted table does not say; or only what is brief. */
void answer_write_beside_table(const struct overview *overview, bool is_brief,
                               struct document *document);
