/* What the parts of the report share. Main thread. */
#pragma once

#include "common/document/document.h"
#include "report/figures/overview.h"

/* What is written, and into what. */
struct page {
    const struct overview *first;
    struct document *document;
    bool charts_drawn;
    int level; /* of the headings of sections: under the experiment's, or the page's */
};
