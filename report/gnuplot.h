/* Drawing: gnuplot runs the scripts in plots/ on the files in data/. Main thread. */
#ifndef JUGGLE_REPORT_GNUPLOT_H
#define JUGGLE_REPORT_GNUPLOT_H

#include "report/data.h"

/*
 * Where plots/ is: $JUGGLE_PLOTS, or near the binary. 0, or -ENOENT when nowhere; the
 * path is absolute.
 */
int gnuplot_find_scripts(char *folder, size_t folder_bytes);

/*
 * Draws charts/NAME.svg and NAME.png from data/NAME.tsv. 0; -ENOENT when there is no
 * gnuplot; another -errno with one line in `why` that names the script.
 */
int gnuplot_draw(const char *scripts, const char *results, const struct chart *chart,
                 char *why, size_t why_bytes);

#endif
