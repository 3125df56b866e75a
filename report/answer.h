/*
 * What a run found, in two to five plain sentences that somebody understands who has read
 * nothing else: what was compared, who kept how many CPUs busy, what it did to everybody
 * else, what that means for a choice. Made once, from the figures of the overview;
 * terminal, Markdown, HTML and summary.json print it. A difference is named only where
 * the 95 % intervals are apart. Main thread.
 */
#ifndef JUGGLE_REPORT_ANSWER_H
#define JUGGLE_REPORT_ANSWER_H

#include "report/document.h"
#include "report/overview.h"

enum { ANSWER_MAX_SENTENCES = 5, ANSWER_SENTENCE_BYTES = 480 };

struct answer {
    char sentences[ANSWER_MAX_SENTENCES][ANSWER_SENTENCE_BYTES];
    size_t n_sentences;
};

void answer_make(const struct overview *overview, struct answer *answer);

/* Each sentence as a paragraph. */
void answer_write(const struct overview *overview, struct document *document);

/* Two significant digits: "0.53 s", "1.0 s", "180 ms", "0.21 ms". Returns text. */
char *answer_time(double us, char text[FIGURE_BYTES]);

#endif
