/*
 * Where the numbers come from: the machine in words, how far they can be trusted, how
 * they were measured; and a line to cite them by. Main thread.
 */
#pragma once

#include "report/page.h"

void provenance_write_machine(const struct overview *first, struct page *page);
void provenance_write_trust(const struct overview *first, struct page *page);
void provenance_write_method(const struct overview *first, struct page *page);

/* "juggle 0.1.0; `juggle run --quick`; AMD EPYC, 2 CPUs; 28 November 2026". */
void provenance_cite(const struct overview *first, struct document *document);

/* "28 November 2026"; may be put into text. */
const char *provenance_date(const struct overview *first, char text[40]);
