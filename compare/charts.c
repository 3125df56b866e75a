/* The chart of runs against each other; see charts.h. */
#include "compare/charts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/document/picture.h"
#include "report/charts/data.h"

/* A figure that the chart has rows of, where it has a ratio. */
static const enum figure_id shown[] = {FIGURE_MEAN, FIGURE_CPU_PER_REQUEST};

static size_t count(const struct pair *pairs, size_t n_pairs, enum change change) {
    size_t n = 0;
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++)
            n += pairs[i].comparison->cells[k].ratios[FIGURE_MEAN].change == change;
    return n;
}

static void describe_verdicts(const struct pair *pairs, size_t n_pairs, char *title,
                              size_t title_bytes) {
    char who[64];
    if (n_pairs == 1)
        (void)snprintf(who, sizeof who, "%c against A", pairs[0].comparison->letter);
    else
        (void)snprintf(who, sizeof who, "%zu runs against A", n_pairs);
    (void)snprintf(
        title, title_bytes, "%s: %zu slower, %zu faster, %zu the same, %zu undecided",
        who, count(pairs, n_pairs, CHANGE_SLOWER), count(pairs, n_pairs, CHANGE_FASTER),
        count(pairs, n_pairs, CHANGE_SAME), count(pairs, n_pairs, CHANGE_UNDECIDED));
}

/* A row per cell and figure: its ratio with the interval; the mean's verdict stands
 * beside. */
static void put_rows(const struct pair *pairs, size_t n_pairs, FILE *out) {
    char text[PAIR_TEXT_BYTES];
    size_t n_rows = 0;
    data_block(out, "hue, label, note, figure, ratio, low, high");
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++)
            for (size_t f = 0; f < sizeof shown / sizeof *shown; f++) {
                const struct comparison *comparison = pairs[i].comparison;
                const struct matched *cell = &comparison->cells[k];
                const struct ratio *ratio = shown[f] == FIGURE_MEAN
                                                ? matched_seconds(cell)
                                                : &cell->ratios[shown[f]];
                if (!isfinite(ratio->value) && shown[f] != FIGURE_MEAN)
                    continue;
                (void)fprintf(out, "%u\t", data_hue(cell->a->parameters));
                data_text(out, cell->a->parameters->label);
                (void)fprintf(out, "\t%s%s%s\t%s%s%c\t%.6g\t%.6g\t%.6g\n",
                              isfinite(ratio->value) ? pair_ratio(ratio->value, text)
                                                     : "no ratio",
                              shown[f] == FIGURE_MEAN ? ", " : "",
                              shown[f] == FIGURE_MEAN ? change_name(ratio->change) : "",
                              figures[shown[f]].label, n_pairs > 1 ? ", " : "",
                              n_pairs > 1 ? comparison->letter : ' ', ratio->value,
                              ratio->interval.low, ratio->interval.high);
                n_rows++;
            }
    if (n_rows == 0)
        (void)fprintf(out, "1\tno cell in common\t\t\tNaN\tNaN\tNaN\n");
}

/* The end of a long path, as that is where runs differ. */
static const char *tail_of(const char *path) {
    enum { MOST = 48 };
    size_t length = strlen(path);
    return length > MOST ? path + length - MOST : path;
}

static const char reading[] = "A dot is the ratio of a run's figure to that of A, the "
                              "line its interval. Where the line "
                              "crosses 1, no difference could be seen.";

/* Writes data/compare.tsv. 0 or -errno. */
static int write_data(const struct pair *pairs, size_t n_pairs, const char *folder) {
    struct whole_file file;
    char path[4200], title[PICTURE_TITLE_BYTES], caption[4096];
    size_t length = 0;
    (void)snprintf(path, sizeof path, "%s/data/compare.tsv", folder);
    int error = files_begin_own(&file, path);
    if (error != 0)
        return error;
    for (size_t i = 0; i <= n_pairs && length < sizeof caption - 256; i++) {
        const struct run *run =
            i == 0 ? pairs[0].comparison->a : pairs[i - 1].comparison->b;
        length += (size_t)snprintf(
            caption + length, sizeof caption - length, "%c: %s, %.16s. ",
            i == 0 ? 'A' : pairs[i - 1].comparison->letter, tail_of(run->folder_shown),
            fields_get_text(run->info, "started_at", "no date"));
    }
    (void)snprintf(caption + length, sizeof caption - length, "%s", reading);
    describe_verdicts(pairs, n_pairs, title, sizeof title);
    data_texts(title, caption, file.stream);
    put_rows(pairs, n_pairs, file.stream);
    return files_commit(&file);
}

int charts_write(const struct pair *pairs, size_t n_pairs, const char *folder) {
    static const char *const inside[] = {"data", "charts"};
    char path[4200];
    int error = 0;
    for (size_t i = 0; i < sizeof inside / sizeof *inside && error == 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, inside[i]);
        error = files_make_own_folder(path);
    }
    return error == 0 ? write_data(pairs, n_pairs, folder) : error;
}

int charts_draw(const struct pair *pairs, size_t n_pairs, const char *folder) {
    struct picture picture = {.name = "compare", .script = "forest"};
    describe_verdicts(pairs, n_pairs, picture.title, sizeof picture.title);
    return pictures_draw(folder, &picture, 1, "compare again");
}

void charts_put(struct document *document, const struct pair *pairs, size_t n_pairs) {
    char title[PICTURE_TITLE_BYTES];
    describe_verdicts(pairs, n_pairs, title, sizeof title);
    document_heading(document, 2, "What changed, in one picture");
    document_image(document, "charts/compare.svg", title);
}
