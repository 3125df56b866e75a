/*
 * Drawing: gnuplot runs the scripts in plots/ on the files in data/. The scripts are
 * where $JUGGLE_PLOTS says, or near the binary. Main thread.
 */
#ifndef JUGGLE_REPORT_GNUPLOT_H
#define JUGGLE_REPORT_GNUPLOT_H

#include <stddef.h>

struct drawing {
    char name[128];     /* of its data and pictures */
    const char *script; /* plots/SCRIPT.gp */
};

/*
 * Draws charts/NAME.svg and NAME.png in the folder from data/NAME.tsv, for each drawing.
 * A picture that is not whole replaces none. What is not
 * drawn is a line on stderr that ends with `later`, how to draw it: "juggle report DIR".
 * 0: all are there; -ENOENT: there is no gnuplot; -EINTR (common/children/interrupts.h);
 * -EIO: one or more failed.
 */
int gnuplot_draw(const char *folder, const struct drawing *drawings, size_t n_drawings,
                 const char *later);

#endif
