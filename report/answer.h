/*
 * What a run found, in two to five plain sentences that somebody understands who has read
 * nothing else: what was compared, who kept how many CPUs busy, what it did to everybody
 * else, what that means for a choice. Made once, from the figures of the overview;
 * terminal, Markdown, HTML and summary.json print it. A difference is named only where
 * the 95 % intervals are apart. Main thread.
 */
#ifndef JUGGLE_REPORT_ANSWER_H
#define JUGGLE_REPORT_ANSWER_H

#include "report/overview.h"

enum { ANSWER_MAX_SENTENCES = 5, ANSWER_SENTENCE_BYTES = 480 };

struct answer {
    char sentences[ANSWER_MAX_SENTENCES][ANSWER_SENTENCE_BYTES];
    size_t n_sentences;
};

void answer_make(const struct overview *overview, struct answer *answer);

/* How busy the machine was, and how far the work was what was asked for: one sentence
 * each, "" where there is nothing to say. Return text. */
char *answer_machine(const struct overview *overview, char *text, size_t text_bytes);
char *answer_work(const struct overview *overview, char *text, size_t text_bytes);

#endif
