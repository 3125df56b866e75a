/*
 * What is said of the places of a run, such as numbers of users, beside the one that
 * tells most. Main thread.
 */
#pragma once

#include "report/contest/teller.h"

/* "With 1 to 4 users it is the same; with 8 users choose a": of the places before the one
 * that tells most, those of which the same is to be said together. */
void places_say_others(struct teller *teller, const struct contest *contests,
                       const struct contest *telling);

/* Who gains most and least answers a second from the first place to the last. */
void places_say_growth(struct teller *teller, const struct contest *from,
                       const struct contest *to);
