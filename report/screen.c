/* The last screen of a run; see screen.h. */
#include "report/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/command_line.h"
#include "common/base/text.h"
#include "common/document/document.h"
#include "common/document/terminal.h"
#include "report/answer.h"
#include "report/charts/chart.h"
#include "report/charts/grids.h"
#include "report/charts/told.h"
#include "report/contest/contest.h"
#include "report/tables.h"
#include "report/trust.h"

/* Of the usual terminal, and what is printed behind: where everything is. */
enum { SCREEN_ROWS = 24, ROWS_BEHIND = 1 };

/* How much is told: as much as there is room for. Doubts are counted, and of several
 * tables the one that tells most stays; then the answer loses its last two sentences,
 * which the table shows, but never what to choose; at the end what is INVALID is counted
 * as well. */
enum detail { ALL, COUNTED, WITHOUT_ONE, WITHOUT_TWO, SHORTEST };

static void print_experiment(const struct overview *overview, enum detail detail,
                             struct document *document, FILE *out) {
    bool is_one_of_several = overview->run->n_experiments > 1;
    struct answer answer;
    char flow[ANSWER_BYTES];
    answer_make(overview, &answer);
    size_t n_gone = detail >= WITHOUT_TWO ? 2 : detail == WITHOUT_ONE;
    size_t n_told = answer.n_sentences - answer.n_ranks;
    n_told = n_told < answer.n_brief + n_gone ? answer.n_brief : n_told - n_gone;
    n_told = is_one_of_several ? answer.n_brief : n_told;
    if (is_one_of_several)
        document_paragraph(document, "%s", answer_flow(&answer, 0, n_told, flow));
    for (size_t i = 0; i < n_told && !is_one_of_several; i++)
        document_paragraph(document, "%s", answer.sentences[i]);
    if (overview->n_rows == 0 || is_one_of_several) /* the report has the tables */
        return;
    (void)fputc('\n', out);
    bool has_curves = false;
    for (const struct chart *chart = chart_list(overview); chart->kind != NULL;
         chart = chart_next(overview, chart)) {
        if (chart->axis == NULL || (has_curves && detail >= COUNTED))
            continue;
        if (has_curves)
            (void)fputc('\n', out);
        told_write_table(overview, chart, false, document);
        has_curves = true;
    }
    struct contest *contests = NULL;
    size_t n = 0;
    /* Curves and maps stand in its place: it would have a row for each point. */
    if (grids_n_axes(overview) > 1)
        grids_write_table(overview, document);
    else if (!has_curves) {
        contests = detail >= COUNTED ? contests_make(overview, &n) : NULL;
        tables_write_short(overview, n > 1 ? contest_telling(contests, n) : NULL,
                           document);
    }
    free(contests);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (row->n_failed > 0)
            document_item(document, "%s: %zu of %zu requests FAILED",
                          row->series->parameters->label, row->n_failed, row->n_requests);
    }
}

/* "interrupted" of a line "forking: not measured: interrupted", "" of one without a
 * reason; NULL: it is about something else. */
static const char *why_not_measured(const char *line) {
    static const char words[] = ": not measured";
    const char *place = strstr(line, words);
    if (place == NULL)
        return NULL;
    place += sizeof words - 1;
    return place + strspn(place, ": ");
}

/* How many cells are in doubt or were not measured, in a line. */
static void print_counts(const struct overview *first, enum validity_level most,
                         FILE *out) {
    char line[200] = "";
    size_t n_cells = 0, n_left_out = first->run->n_left_out;
    for (const struct overview *one = first; one != NULL; one = one->next)
        n_cells += one->n_rows;
    for (enum validity_level level = most; level > VALIDITY_VALID; level--) {
        size_t n = trust_count(first, level);
        if (n > 0)
            text_append(line, sizeof line, "%s%s: %zu", line[0] != '\0' ? ", " : "",
                        validity_level_name(level), n);
    }
    if (n_left_out > 0)
        text_append(line, sizeof line, "%s: %zu",
                    line[0] != '\0' ? ", not measured" : "not measured", n_left_out);
    if (line[0] != '\0')
        (void)fprintf(out, "%s (of %zu cells); the report says why\n", line,
                      n_cells + n_left_out);
}

/* What was left out; cells that were not measured for the same reason together. */
static void print_left_out(const struct run *run, FILE *out) {
    enum { MOST_NAMED = 2 };
    for (size_t i = 0; i < run->n_left_out; i++) {
        const char *why = why_not_measured(run->left_out[i]);
        char line[1024] = "not measured: ";
        size_t n = 0;
        bool is_told = false; /* at an earlier one */
        for (size_t k = 0; why != NULL && k < run->n_left_out; k++) {
            const char *name = run->left_out[k], *other = why_not_measured(name);
            if (other == NULL || strcmp(other, why) != 0)
                continue;
            is_told |= k < i;
            if (++n <= MOST_NAMED)
                text_append(line, sizeof line, "%s%.*s", n > 1 ? ", " : "",
                            (int)strcspn(name, ":"), name);
        }
        if (n > MOST_NAMED)
            text_append(line, sizeof line, " and %zu more", n - MOST_NAMED);
        if (why == NULL)
            (void)snprintf(line, sizeof line, "left out: %s", run->left_out[i]);
        else if (why[0] != '\0')
            text_append(line, sizeof line, ": %s", why);
        if (!is_told)
            terminal_wrap(line, 2, out);
    }
}

/* Answers, tables, and what to hold against them. */
static void print_figures(const struct overview *first, enum detail detail, FILE *out) {
    struct document *document = document_on(out, &document_terminal);
    if (document == NULL)
        return;
    for (const struct overview *one = first; one != NULL; one = one->next) {
        if (one != first)
            (void)fputc('\n', out);
        print_experiment(one, detail, document, out);
    }
    enum validity_level counted = detail == ALL        ? VALIDITY_VALID
                                  : detail == SHORTEST ? VALIDITY_INVALID
                                                       : VALIDITY_SUSPECT;
    trust_write_doubts(first, counted, document);
    (void)document_commit(document);
    if (detail == ALL)
        print_left_out(first->run, out);
    else
        print_counts(first, counted, out);
}

/* "2 GIL servers (shared), ": who a claim is about, as the table calls it; "" where it is
 * about every contestant, or names the strategy itself. */
static const char *say_whom(const struct overview *overview, const struct claim *claim,
                            char text[128]) {
    text[0] = '\0';
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell_parameters *cell = overview->rows[i].series->parameters;
        bool is_contestant = strcmp(cell->contestant, claim->criteria->cell) == 0;
        if (strcmp(cell->name, claim->criteria->cell) != 0 && !is_contestant)
            continue;
        const char *label = is_contestant ? cell->contestant_label : cell->label;
        const char *name = label + strspn(label, "0123456789 ");
        if (strstr(claim->text, name) == NULL)
            (void)snprintf(text, 128, "%s, ", label);
        break;
    }
    return text;
}

/* The findings of one verdict, in words, with what decided, or what is missing. */
static void print_verdict(const struct overview *first, enum verdict verdict, FILE *out) {
    char line[1024], whom[128];
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_findings; i++) {
            const struct finding *finding = &one->findings[i];
            const struct claim *claim = &one->experiment->claims[i];
            bool is_open = verdict == UNDECIDED;
            const char *more = is_open ? finding->why : finding->headline;
            if (finding->verdict != verdict)
                continue;
            (void)snprintf(line, sizeof line, "%s: %s%s%s%s", verdict_name(verdict),
                           claim->text, more[0] != '\0' ? ": " : "",
                           is_open ? say_whom(one, claim, whom) : "", more);
            terminal_wrap(line, 2, out);
        }
}

/* Whether both are one folder. */
static bool is_same_folder(const char *left, const char *right) {
    struct stat a, b;
    return stat(left, &a) == 0 && stat(right, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* How to decide what is open, where more repeats will. */
static void print_remedy(const struct overview *first, FILE *out) {
    static const char latest[] = "results/latest"; /* which fits a line */
    double more_s = overview_seconds_to_decide(first);
    const char *own = first->run->folder;
    char *folder = command_line_quote(
        is_same_folder(own, latest) ? latest : first->run->folder_shown);
    bool has_script = access("run.sh", X_OK) == 0 && access("bin/juggle", X_OK) == 0;
    if (more_s > 0 && folder != NULL)
        (void)fprintf(out, "to decide, %.0f s more: %s --resume %s --budget %.0fs\n",
                      more_s, has_script ? "./run.sh" : "juggle run", folder, more_s);
    free(folder);
}

static void print_findings(const struct overview *first, FILE *out) {
    if (!overview_has_findings(first))
        return;
    size_t n_confirmed = overview_count(first, CONFIRMED);
    size_t n_refuted = overview_count(first, REFUTED);
    size_t n_undecided = overview_count(first, UNDECIDED);
    size_t n = n_confirmed + n_refuted + n_undecided;
    if (n == 0) /* none is about this run */
        return;
    (void)fprintf(out,
                  "%zu claim%s, what one expects of strategies: %zu confirmed, %zu "
                  "refuted, %zu undecided\n",
                  n, n == 1 ? "" : "s", n_confirmed, n_refuted, n_undecided);
    print_verdict(first, REFUTED, out);
}

static void print_undecided(const struct overview *first, FILE *out) {
    print_verdict(first, UNDECIDED, out);
}

static void print_confirmed(const struct overview *first, FILE *out) {
    print_verdict(first, CONFIRMED, out);
}

static void print_whole(const struct overview *first, FILE *out) {
    if (trust_is_whole(first))
        (void)fprintf(out, "VALID: every cell%s\n",
                      run_is_interrupted(first->run) ? " that was measured" : "");
}

static void print_empty(const struct overview *first, FILE *out) {
    (void)first;
    (void)fputc('\n', out);
}

static size_t count_rows(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

/* Takes paragraphs from the end until the others have room, and a line that says how many
 * went. */
static void shorten(char *text, size_t room) {
    char start[32];
    size_t n_gone = 0;
    (void)snprintf(start, sizeof start, "\n%s: ", verdict_name(UNDECIDED));
    while (count_rows(text) + (n_gone > 0) > room) {
        char *last = NULL;
        for (char *next = text; (next = strstr(next, start)) != NULL; next++)
            last = next + 1;
        if (last == NULL)
            return;
        *last = '\0';
        n_gone++;
    }
    if (n_gone > 0) /* where at least one stood, which was longer */
        (void)sprintf(text + strlen(text), "%s: %zu more\n", verdict_name(UNDECIDED),
                      n_gone);
}

enum { N_PARTS = 8 };

/* In order; what is not needed is printed while there is room, in order of `need`. */
struct part {
    void (*print)(const struct overview *first, FILE *out); /* NULL: the figures */
    int need;
    char *text;
    size_t length;
};

/* Writes all parts; returns how many rows those take that are needed. */
static size_t write_parts(const struct overview *first, enum detail detail,
                          struct part parts[N_PARTS]) {
    size_t n_wanted = ROWS_BEHIND;
    for (size_t i = 0; i < N_PARTS; i++) {
        free(parts[i].text);
        parts[i].text = NULL;
        FILE *text = open_memstream(&parts[i].text, &parts[i].length);
        if (text == NULL)
            continue;
        if (parts[i].print == NULL)
            print_figures(first, detail, text);
        else
            parts[i].print(first, text);
        (void)fclose(text);
        n_wanted += parts[i].need <= 1 ? count_rows(parts[i].text) : 0;
    }
    char *gap = parts[0].text; /* before a table or between experiments */
    while (n_wanted > SCREEN_ROWS && gap != NULL && (gap = strstr(gap, "\n\n")) != NULL) {
        memmove(gap, gap + 1, strlen(gap));
        n_wanted--;
    }
    return n_wanted;
}

void screen_print(const struct overview *first, FILE *out) {
    struct part parts[N_PARTS] = {{NULL, 0, NULL, 0},
                                  {print_whole, 2, NULL, 0},
                                  {print_empty, 3, NULL, 0},
                                  {print_findings, 0, NULL, 0},
                                  {print_undecided, 1, NULL, 0},
                                  {print_remedy, 0, NULL, 0},
                                  {print_confirmed, 4, NULL, 0},
                                  {print_empty, 5, NULL, 0}};
    bool is_shown[N_PARTS] = {false};
    size_t n_rows = ROWS_BEHIND;
    for (enum detail detail = ALL; detail <= SHORTEST; detail++)
        if (write_parts(first, detail, parts) <= SCREEN_ROWS)
            break;
    for (int need = 0; need <= 5; need++)
        for (size_t i = 0; i < N_PARTS; i++) {
            if (parts[i].need != need || parts[i].text == NULL)
                continue;
            if (need == 1 && n_rows < SCREEN_ROWS)
                shorten(parts[i].text, SCREEN_ROWS - n_rows);
            size_t own = count_rows(parts[i].text);
            is_shown[i] = need == 0 || n_rows + own <= SCREEN_ROWS;
            n_rows += is_shown[i] ? own : 0;
        }
    (void)fputc('\n', out); /* between it and what was said before; it may scroll away */
    for (size_t i = 0; i < N_PARTS; i++) {
        if (is_shown[i])
            (void)fputs(parts[i].text, out);
        free(parts[i].text);
    }
}
