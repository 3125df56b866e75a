/*
 * The words of an answer: who serves, what their figures are and what they cost, each put
 * behind the sentence that is being made. A name is explained where it stands first.
 * Main thread.
 */
#pragma once

#include <stdbool.h>

#include "report/contest/contest.h"

enum { TELLER_SENTENCE_BYTES = 960 };

struct teller {
    const struct overview *overview;
    char sentence[TELLER_SENTENCE_BYTES];
    const struct cell_parameters *named[CONTEST_MAX_ROWS];
    size_t n_named;
    bool has_explained_gil;
};

void teller_say(struct teller *teller, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "kitchen (a pool of 2 cooks)", and later "kitchen". */
void teller_name(struct teller *teller, const struct overview_row *row);

/* "a", "a and b", "a, b and c" with the conjunction " and ". */
void teller_names(struct teller *teller, const struct group *group,
                  const char *conjunction);

/* The least and the most of them: "0.33 s", "0.33 to 0.57 s". */
void teller_figures(struct teller *teller, const struct group *group, enum figure_id id);

/* "users waited 3.1 times as long as the job itself, 0.33 s on average, the last 0.55 s,
 * at 102 ms of CPU and 53 KiB of memory a request", the first being what is ranked by; of
 * users who ask again, how many answers there were a second. */
void teller_waits(struct teller *teller, const struct group *group);

/* "100 ms of CPU work", "20 ms of CPU work and 80 ms of waiting"; of several works "a
 * fetch or 1 s of waiting". */
void teller_work(struct teller *teller, const char *asked);

/* "Choose ", "With 16 users choose ", "For 1 s of waiting choose ". */
void teller_begin(struct teller *teller, const struct contest *contest, const char *word);

/* What was compared, and on what machine. */
void teller_question(struct teller *teller);
