/*
 * What an experiment found, in two to eight plain sentences that somebody understands who
 * has read nothing else: what was compared, what to choose and what it costs, where else
 * that holds, who comes next and last, how many CPUs each kept busy, what it did to
 * everybody else. Made once, from the figures of the overview; terminal, Markdown, HTML
 * and summary.json print it. A difference is named only where the 95 % intervals are
 * apart. Main thread.
 */
#pragma once

#include "report/contest/teller.h"
#include "report/figures/overview.h"

enum {
    ANSWER_MAX_SENTENCES = 8,
    ANSWER_BYTES = ANSWER_MAX_SENTENCES * TELLER_SENTENCE_BYTES
};

struct answer {
    char sentences[ANSWER_MAX_SENTENCES][TELLER_SENTENCE_BYTES];
    size_t n_sentences;
    size_t n_brief; /* the first so many: the question, and what to choose */
    size_t n_ranks; /* the last: who comes next and last, which a sorted table shows */
};

void answer_make(const struct overview *overview, struct answer *answer);

/* The sentences from one to before another as one paragraph. Returns text. */
char *answer_flow(const struct answer *answer, size_t from, size_t end,
                  char text[ANSWER_BYTES]);
