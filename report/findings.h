/* What was found: of each claim the verdict, and how it was judged. Main thread. */
#pragma once

#include "report/page.h"

void findings_write(const struct overview *overview, struct page *page);
