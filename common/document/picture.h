/*
 * Drawing: gnuplot runs a script of plots/ on a table and makes a picture of it. The
 * scripts are where $JUGGLE_PLOTS says, or near the binary. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { PICTURE_TITLE_BYTES = 512 };

struct picture {
    char name[128];                  /* of its data and of its files */
    const char *script;              /* plots/SCRIPT.gp */
    char title[PICTURE_TITLE_BYTES]; /* what it says, for who cannot see it */
};

/*
 * Draws charts/NAME.svg and, for a telephone, NAME-narrow.svg in the folder from
 * data/NAME.tsv, for each picture. They follow the reader's theme. A picture that is not
 * whole replaces none. What is not drawn is a line on stderr that ends with `later`, how
 * to draw it: "juggle report FOLDER". 0: all are there; -ENOENT: there is no gnuplot;
 * -EINTR (common/children/interrupts.h); -EIO: one or more failed.
 */
int pictures_draw(const char *folder, const struct picture *pictures, size_t n_pictures,
                  const char *later);

/* How one picture is asked for. */
struct picture_form {
    const char *format; /* "svg", "png" or "pdf" */
    bool is_narrow, is_dark;
    bool is_fixed;          /* an SVG does not follow the reader's theme */
    bool is_own;            /* path lies in a folder of ours: no link is followed */
    unsigned width, height; /* in pixels; 0: as the script has it */
};

/*
 * Draws one picture from the file `data` into the file `path`, "-" for standard output.
 * 0, or as pictures_draw, with a line in `why`.
 */
int picture_draw(const char *data, const char *script, const char *title,
                 const struct picture_form *form, const char *path, char *why,
                 size_t why_bytes);

/*
 * Puts an SVG file of pictures_draw into a page of HTML, with a class of its own. Names
 * inside it begin with `prefix`, because several stand in one page. 0 or -errno.
 */
int picture_put_inline(const char *path, const char *class_name, const char *prefix,
                       FILE *out);
