/*
 * What a run found, in two to five plain sentences that somebody understands who has read
 * nothing else: what was compared, who kept how many CPUs busy, what it did to everybody
 * else, what that means for a choice. Made once, from the figures of the overview;
 * terminal, Markdown, HTML and summary.json print it. A difference is named only where
 * the 95 % intervals are apart. Main thread.
 */
#pragma once

#include "common/document/document.h"
#include "report/figures/overview.h"

enum { ANSWER_MAX_SENTENCES = 5, ANSWER_SENTENCE_BYTES = 480 };

struct answer {
    char sentences[ANSWER_MAX_SENTENCES][ANSWER_SENTENCE_BYTES];
    size_t n_sentences;
};

void answer_make(const struct overview *overview, struct answer *answer);

/* Each sentence as a paragraph; or what was asked as one, and what was found as one. */
void answer_write(const struct overview *overview, struct document *document);
void answer_write_flow(const struct overview *overview, struct document *document);
