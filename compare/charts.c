/* The chart of runs against each other; see charts.h. */
#include "compare/charts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/document/picture.h"
#include "compare/words.h"
#include "report/charts/data.h"

/* Its ratio with the interval; the mean's verdict stands beside. */
static void put_row(const struct matched *cell, enum figure_id id, const char *letter,
                    FILE *out) {
    char text[WORDS_BYTES], name[DATA_NAME_BYTES];
    const struct ratio *ratio = &cell->ratios[id];
    bool is_judged = id == FIGURE_MEAN, is_known = isfinite(ratio->value);
    if (!is_known && !is_judged)
        return;
    (void)fprintf(out, "%u\t", data_hue(NULL, cell->parameters));
    data_text(out, data_name(cell->parameters, name));
    (void)fprintf(out, "\t%s%s%s\t%s%s\t%.6g\t%.6g\t%.6g\n",
                  is_known ? words_ratio(ratio->value, text) : "no ratio",
                  is_judged ? ", " : "", is_judged ? change_name(ratio->change) : "",
                  figures[id].label, letter, ratio->value, ratio->interval.low,
                  ratio->interval.high);
}

/* The end of a long path, as that is where runs differ, and when it was. */
static void put_run(const struct side *side, FILE *out) {
    enum { MOST = 48 };
    const char *path = side->run->folder_shown;
    size_t length = strlen(path);
    (void)fprintf(out, "%c: %s, %.16s. ", side->letter,
                  length > MOST ? path + length - MOST : path,
                  fields_get_text(side->run->info, "started_at", "no date"));
}

/* Who they are, and how the chart is to be read; NULL when memory is out. */
static char *make_caption(const struct comparisons *all) {
    char *caption = NULL;
    size_t length;
    FILE *out = open_memstream(&caption, &length);
    if (out == NULL)
        return NULL;
    put_run(&all->items[0].sides[A], out);
    for (size_t i = 0; i < all->n; i++)
        put_run(&all->items[i].sides[B], out);
    (void)fputs(
        "A dot is the ratio of a run's figure to that of A, the line its "
        "interval; a dot alone has too few repeats for one. Where the line crosses "
        "1, no difference could be seen.",
        out);
    (void)fclose(out);
    return caption;
}

int charts_write(const struct comparisons *all, const char *folder) {
    static const char *const inside[] = {"data", "charts"};
    static const enum figure_id shown[] = {FIGURE_MEAN, FIGURE_CPU_PER_REQUEST};
    struct whole_file file;
    char path[4200], title[WORDS_BYTES];
    char *caption = make_caption(all);
    int error = caption != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; i < sizeof inside / sizeof *inside && error == 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, inside[i]);
        error = files_make_own_folder(path);
    }
    (void)snprintf(path, sizeof path, "%s/data/compare.tsv", folder);
    if (error == 0)
        error = files_begin_own(&file, path);
    if (error == 0) {
        data_texts(words_verdicts(all->items, all->n, title), caption, file.stream);
        data_block(file.stream, "hue, label, note, figure, ratio, low, high");
        for (size_t i = 0; i < all->n; i++) {
            char letter[] = {',', ' ', all->items[i].sides[B].letter, '\0'};
            for (size_t k = 0; k < all->items[i].n_cells; k++)
                for (size_t f = 0; f < sizeof shown / sizeof *shown; f++)
                    put_row(&all->items[i].cells[k], shown[f], all->n > 1 ? letter : "",
                            file.stream);
        }
        error = files_commit(&file);
    }
    free(caption);
    return error;
}

int charts_draw(const struct comparisons *all, const char *folder) {
    struct picture picture = {.name = "compare", .script = "forest"};
    (void)words_verdicts(all->items, all->n, picture.title);
    return pictures_draw(folder, &picture, 1, "compare again");
}

void charts_put(struct document *document, const struct comparisons *all) {
    char title[WORDS_BYTES];
    document_heading(document, 2, "What changed, in one picture");
    document_image(document, "charts/compare.svg",
                   words_verdicts(all->items, all->n, title));
}
