/* Blocks of the charts' data; see data.h and results/README.md. */
#include "report/charts/data.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/document/theme.h"
#include "measured/merged.h"

void data_block(FILE *out, const char *columns) {
    (void)fprintf(out, "\n\n# %s\n", columns);
}

void data_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
        (void)fputc(strchr("\t\n\r#\"", *text) != NULL ? ' ' : *text, out);
}

/* Breaks a text into lines of at most so many characters (not bytes). */
static void put_lines(const char *shape, const char *role, const char *text, size_t most,
                      FILE *out) {
    int most_lines =
        strcmp(role, "title") == 0 ? 4 : 12; /* plots/style.gp has room for 16 */
    size_t n_all = 0, n_lines;
    for (const char *at = text; *at != '\0'; at++)
        n_all += ((unsigned char)*at & 0xC0) != 0x80;
    n_lines = (n_all + most - 1) / most;
    if (n_lines == 2 && n_all / 2 + 10 < most)
        most = n_all / 2 + 10; /* no word stands alone in the second */
    for (int i = 0; i < most_lines && *text != '\0'; i++) {
        size_t n_characters = 0, end = 0, at = 0;
        for (; text[at] != '\0' && n_characters <= most; at++) {
            n_characters += ((unsigned char)text[at] & 0xC0) != 0x80;
            if (text[at] == ' ' && !(at > 0 && isdigit((unsigned char)text[at - 1])))
                end = at; /* a number stays with its unit */
        }
        if (n_characters <= most && text[at] == '\0')
            end = at;
        if (end == 0) /* one long word */
            end = strcspn(text, " ");
        char line[512];
        (void)snprintf(line, sizeof line, "%.*s", (int)end, text);
        (void)fprintf(out, "%s\t%s\t", shape, role);
        data_text(out, line);
        (void)fputc('\n', out);
        text += end;
        text += strspn(text, " ");
    }
}

void data_texts(const char *title, const char *caption, FILE *out) {
    (void)fputs("# shape, role, line\n", out);
    put_lines("wide", "title", title, 92, out);
    put_lines("wide", "caption", caption, 150, out);
    put_lines("narrow", "title", title, 42, out);
    put_lines("narrow", "caption", caption, 54, out);
}

unsigned data_nth_hue(size_t n) {
    return (unsigned)(n % THEME_FAMILIES * THEME_TONES +
                      n / THEME_FAMILIES % THEME_TONES + 1);
}

/* Beside strategies external servers have the tones that those have last. */
static unsigned hue_of_external(const struct overview *overview,
                                const struct cell_parameters *who) {
    size_t n = 0;
    bool has_strategies = false, is_before = true;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell_parameters *own = overview->rows[i].series->parameters;
        bool is_external = parameters_are_external(own), is_new = true;
        for (size_t k = 0; k < i; k++)
            is_new &= strcmp(overview->rows[k].series->parameters->contestant,
                             own->contestant) != 0;
        has_strategies |= !is_external;
        is_before &= strcmp(own->contestant, who->contestant) != 0;
        n += is_before && is_external && is_new;
    }
    return data_nth_hue(n + (has_strategies ? THEME_FAMILIES * (THEME_TONES - 1) : 0));
}

unsigned data_hue(const struct overview *overview, const struct cell_parameters *who) {
    enum { UNDER_A_GIL = THEME_FAMILIES - 1 };
    const struct experiment *experiment = experiment_find(who->experiment);
    const struct contestant *own =
        experiment != NULL ? experiment_contestant(experiment, who->contestant) : NULL;
    if (overview != NULL && parameters_are_external(who))
        return hue_of_external(overview, who);
    size_t family = who->gil      ? UNDER_A_GIL
                    : own != NULL ? (size_t)own->hues
                                  : 0,
           tone = 0;
    for (const struct contestant *other = own != NULL ? experiment->contestants : NULL;
         other != NULL && other != own; other++) {
        bool has_lock = strstr(other->settings, "gil=yes") != NULL;
        size_t others = has_lock ? UNDER_A_GIL : (size_t)other->hues;
        tone += others == family;
    }
    return (unsigned)(family * THEME_TONES + tone % THEME_TONES + 1);
}

/* What a row is sorted by; NAN where it means nothing. */
static double rank_of(const struct overview_row *row, enum figure_id by) {
    return row->validity.level == VALIDITY_INVALID ? NAN : row->estimates[by].value;
}

size_t *data_in_order(const struct overview *overview) {
    size_t *order = calloc(overview->n_rows + 1, sizeof *order);
    enum figure_id by = overview_ranks_by(overview);
    for (size_t i = 0; order != NULL && i < overview->n_rows; i++) {
        double own = rank_of(&overview->rows[i], by);
        size_t k = i;
        for (; k > 0; k--) {
            double before = rank_of(&overview->rows[order[k - 1]], by);
            if (!isfinite(own) || (isfinite(before) && before <= own))
                break;
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
    return order;
}

/* A name, and what it means unless it says so itself. */
static char *explain(const char *name, const struct cell_parameters *who,
                     char text[DATA_NAME_BYTES]) {
    struct gloss gloss = experiment_gloss(who);
    bool is_plain = strcmp(gloss.words, who->contestant_label) == 0;
    (void)snprintf(text, DATA_NAME_BYTES, "%.100s%s%s", name, is_plain ? "" : ": ",
                   is_plain ? "" : gloss.words);
    return text;
}

char *data_name(const struct cell_parameters *who, char text[DATA_NAME_BYTES]) {
    return explain(who->label, who, text);
}

char *data_name_of_curve(const struct curve *curve, char text[DATA_NAME_BYTES]) {
    struct cell_parameters who = *curve->who;
    for (size_t i = 1; i < curve->n_points; i++)
        if (curve->points[i].series->parameters->workers != who.workers)
            who.workers = who.threads = 0;
    return explain(who.contestant_label, &who, text);
}

void data_begin_panel(const struct overview *overview, size_t index, FILE *out) {
    const struct cell_parameters *who = overview->rows[index].series->parameters;
    char name[DATA_NAME_BYTES];
    bool is_alone = true; /* then its sizes or places are told apart */
    for (size_t i = 0; i < overview->n_rows; i++)
        is_alone &= strcmp(overview->rows[i].series->parameters->contestant,
                           who->contestant) == 0;
    (void)fprintf(out, "%u\t",
                  is_alone && overview->n_rows > 1 ? data_nth_hue(index)
                                                   : data_hue(overview, who));
    data_text(out, data_name(who, name));
    (void)fputc('\t', out);
}
