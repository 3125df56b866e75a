/* A figure is the same to the digit wherever it stands: in the answer, the table of the
 * page, that of the terminal, the headlines of charts and their panels. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/answer.h"
#include "report/charts/chart.h"
#include "report/charts/waits.h"
#include "report/pages.h"
#include "report/screen.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

enum { MAX_ROWS = 16, MAX_COLUMNS = 16, CELL_BYTES = 128 };

/* A table as it is printed: of report.md, or of the terminal. */
struct printed {
    char heads[MAX_COLUMNS][CELL_BYTES], cells[MAX_ROWS][MAX_COLUMNS][CELL_BYTES];
    size_t n_rows;
};

/* What of a figure stands where: its column in the page's table, and on the terminal. */
static const struct {
    const char *head;
    size_t on_terminal;
} columns[] = {{"slowdown: wait / job alone", 1}, {"mean wait", 2},
               {"last user's wait", 3},           {"CPUs busy", 4},
               {"home page meanwhile", 5},        {"CPU time a request", 7}};

static struct printed page;

static char *read_all(const char *name) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder, name);
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t bytes = 0;
    assert_non_null(file);
    assert_true(getdelim(&text, &bytes, '\0', file) > 0);
    (void)fclose(file);
    return text;
}

/* The first table of a Markdown text. */
static void read_page(const char *text) {
    page.n_rows = 0;
    const char *line = strstr(text, "\n| ");
    for (int row = -2; line != NULL && strncmp(line, "\n|", 2) == 0; row++) {
        const char *at = line + 2;
        for (size_t k = 0; *at != '\n' && k < MAX_COLUMNS; k++) {
            int length = (int)strcspn(at, "|");
            char *cell = row < 0 ? page.heads[k] : page.cells[row][k];
            if (row != -1) /* the line below the heads */
                (void)snprintf(cell, CELL_BYTES, "%.*s", length - 2, at + 1);
            at += length + 1;
        }
        page.n_rows = row >= 0 ? (size_t)row + 1 : 0;
        line = strchr(line + 1, '\n');
    }
    assert_true(page.n_rows > 2);
}

static size_t column_of(const char *head) {
    for (size_t k = 0; k < MAX_COLUMNS; k++)
        if (strcmp(page.heads[k], head) == 0)
            return k;
    fail_msg("no column '%s'", head);
    return 0;
}

/* "0.33" of "0.33 s". */
static void number_of(const char *cell, char text[CELL_BYTES]) {
    (void)snprintf(text, CELL_BYTES, "%.*s", (int)strcspn(cell, " "), cell);
}

/* That each number that begins a list "0.33", "0.33 and 0.34", "0.33 to 0.57" is that of
 * some row. */
static void assert_in_column(const char *list, const char *head) {
    size_t column = column_of(head), n_numbers = 0;
    for (;;) {
        size_t length = strspn(list, "0123456789.");
        bool is_there = false;
        for (size_t i = 0; i < page.n_rows; i++) {
            char number[CELL_BYTES];
            number_of(page.cells[i][column], number);
            is_there |= strlen(number) == length && strncmp(number, list, length) == 0;
        }
        if (!is_there)
            fail_msg("%s: no row has '%.*s' of '%.40s'", head, (int)length, list, list);
        n_numbers++;
        list += length;
        if (strncmp(list, " and ", 5) == 0 && strspn(list + 5, "0123456789") > 0)
            list += 5;
        else if (strncmp(list, " to ", 4) == 0)
            list += 4;
        else
            break;
    }
    assert_in_range(n_numbers, 1, 3);
}

/* Every number of the answer but those of its question. */
static void check_answer(const struct overview *overview) {
    static const struct {
        const char *before, *head;
    } places[] = {{"users waited ", "slowdown: wait / job alone"},
                  {" the job itself, ", "mean wait"},
                  {"the last user ", "last user's wait"},
                  {", at ", "CPU time a request"},
                  {" kept ", "CPUs busy"},
                  {" kept only ", "CPUs busy"},
                  {"home page took ", "home page meanwhile"},
                  {"blocking, at most ", "home page meanwhile"},
                  {"Next, at ", "slowdown: wait / job alone"},
                  {"; last, at ", "slowdown: wait / job alone"}};
    struct answer answer;
    answer_make(overview, &answer);
    size_t n_found = 0;
    for (size_t i = 1; i < answer.n_sentences; i++)
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            const char *at = answer.sentences[i];
            size_t length = strlen(places[k].before);
            while ((at = strstr(at, places[k].before)) != NULL) {
                bool is_other =
                    at > answer.sentences[i] && places[k].before[0] == ',' &&
                    (strncmp(at - 4, "Next", 4) == 0 || strncmp(at - 4, "last", 4) == 0);
                at += length;
                if (strspn(at, "0123456789") == 0 || is_other)
                    continue;
                assert_in_column(at, places[k].head);
                n_found++;
            }
        }
    assert_true(n_found >= 8);
}

static const char *title_of(const struct overview *overview, const char *kind,
                            char title[512]) {
    const struct chart *chart = chart_list(overview);
    while (strcmp(chart->kind, kind) != 0)
        chart = chart_next(overview, chart);
    return chart_title(overview, chart, title, 512);
}

/* "With NAME the home page takes 1.0 s; ...", or where the intervals do not carry that
 * "... 0.24 ms with NAME and 37 ms with OTHER": of those very rows. */
static void check_headline(const struct overview *overview, const char *kind,
                           const char *head) {
    char title[512];
    (void)title_of(overview, kind, title);
    size_t column = column_of(head), n_found = 0;
    bool is_told = strncmp(title, "With ", 5) == 0;
    for (size_t i = 0; i < page.n_rows; i++) {
        char with[CELL_BYTES], says[2 * CELL_BYTES + 16];
        const char *cell = page.cells[i][column];
        const char *name = page.cells[i][0] + strspn(page.cells[i][0], "*");
        (void)snprintf(with, sizeof with, "ith %.*s", (int)strcspn(name, ",*("), name);
        with[strlen(with) - (with[strlen(with) - 1] == ' ')] = '\0';
        (void)snprintf(says, sizeof says, is_told ? " %s;" : " %s w%s", cell, with);
        bool is_first = strncmp(title + 1, with, strlen(with)) == 0;
        n_found += strstr(title, says) != NULL && (is_first || !is_told);
    }
    if (n_found != (is_told ? 1 : 2))
        fail_msg("%zu rows of the table are those of '%s'", n_found, title);
}

/* Row by row, as both are sorted alike. */
static void check_terminal(const struct overview *overview) {
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    screen_print(overview, out);
    (void)fclose(out);
    char *line = strstr(text, "\nstrategy ");
    assert_non_null(line);
    for (size_t i = 0; i < page.n_rows; i++) {
        line = strchr(line + 1, '\n');
        char *fields[MAX_COLUMNS], copy[256];
        size_t n = 0;
        (void)snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line + 1, "\n"), line + 1);
        for (char *end = copy + 26, *at = strtok(end, " "); at != NULL;
             at = strtok(NULL, " "))
            fields[++n] = at;
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
            char number[CELL_BYTES];
            number_of(page.cells[i][column_of(columns[k].head)], number);
            assert_true(columns[k].on_terminal <= n);
            assert_string_equal(fields[columns[k].on_terminal], number);
        }
    }
    free(text);
}

/* The panel of each row in the first chart says the table's figures. */
static void check_panels(const struct overview *overview) {
    assert_int_equal(chart_write(overview, chart_list(overview)), 0);
    char *data = read_all("data/waits.tsv");
    const char *line = strstr(data, "\n# hue, label, mean, cpus_busy, cpus, home_page");
    assert_non_null(line);
    line++;
    for (size_t i = 0; i < page.n_rows; i++) {
        char mean[CELL_BYTES], home[CELL_BYTES], text[FIGURE_BYTES];
        double busy;
        line = strchr(line, '\n') + 1;
        assert_int_equal(sscanf(line,
                                "%*[^\t]\t%*[^\t]\t%127[^\t]\t%lf\t%*[^\t]\t%127[^\t]",
                                mean, &busy, home),
                         3);
        assert_string_equal(mean, page.cells[i][column_of("mean wait")]);
        assert_string_equal(home, page.cells[i][column_of("home page meanwhile")]);
        assert_string_equal(figure_rounded(busy, text),
                            page.cells[i][column_of("CPUs busy")]);
    }
    free(data);
}

/* Rows are in the order of the slowdown, told against the least as well. */
static void check_times_best(void) {
    size_t slowdown = column_of("slowdown: wait / job alone");
    size_t ratio = column_of("× best");
    double least = strtod(page.cells[0][slowdown], NULL), before = least;
    assert_string_equal(page.cells[0][ratio], "1.0");
    for (size_t i = 1; i < page.n_rows; i++) {
        double told = strtod(page.cells[i][ratio], NULL);
        double own = strtod(page.cells[i][slowdown], NULL), expected = own / least;
        assert_true(told > 0.9 * expected && told < 1.1 * expected);
        assert_true(own >= before);
        before = own;
    }
}

/* So does the picture, where there is gnuplot. */
static void check_picture(const struct overview *overview) {
    static const char *const heads[] = {"mean wait", "CPUs busy", "home page meanwhile"};
    const struct picture_form form = {.format = "svg"};
    char path[256];
    (void)snprintf(path, sizeof path, "%s/waits.svg", test_folder);
    if (system("command -v gnuplot >/dev/null") != 0) {
        print_message("without gnuplot there is no picture\n");
        return;
    }
    assert_int_equal(setenv("JUGGLE_PLOTS", "plots", 1), 0); /* tests run in the top */
    assert_int_equal(chart_export(overview, "waits", NULL, &form, path), 0);
    char *svg = read_all("waits.svg");
    for (size_t i = 0; i < page.n_rows; i++)
        for (size_t k = 0; k < sizeof heads / sizeof *heads; k++) {
            char said[CELL_BYTES + 16];
            (void)snprintf(said, sizeof said, ">%s<", page.cells[i][column_of(heads[k])]);
            if (strstr(svg, said) == NULL)
                fail_msg("%s: the picture does not say %s", heads[k], said);
        }
    free(svg);
}

static void check_run(const struct synthetic *truth) {
    char why[WHY_BYTES], path[300];
    synthetic_write(test_folder, truth);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    (void)json_object_set_new(run->info, "work_asked", json_string("cpu:200ms"));
    struct overview *overview = overview_make(run);
    assert_non_null(overview);
    (void)snprintf(path, sizeof path, "%s/data", test_folder);
    assert_int_equal(files_make_folder(path), 0);
    assert_int_equal(pages_write(overview, false), 0);
    char *text = read_all("report.md");
    read_page(text);
    free(text);
    check_answer(overview);
    check_terminal(overview);
    check_headline(overview, "probe", "home page meanwhile");
    check_headline(overview, "staircase", "last user's wait");
    check_panels(overview);
    check_times_best();
    check_picture(overview);
    overview_free(overview);
    run_free(run);
}

/* A headline says what the intervals carry, and no more. */
TEST_IN_FOLDER(headlines_tell_the_point) {
    char why[WHY_BYTES], title[512];
    struct synthetic truths[] = {synthetic_default, synthetic_default, synthetic_default};
    truths[1].repeats = 1; /* no interval */
    truths[2].altered = "blocking";
    truths[2].altered_noise = 0.5;
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        (void)remove_folder(state);
        (void)make_folder(state);
        synthetic_write(test_folder, &truths[i]);
        struct run *run = run_read(test_folder, why);
        assert_non_null(run);
        struct overview *overview = overview_make(run);
        (void)title_of(overview, "waits", title);
        bool says =
            strncmp(title, "With ", 5) == 0 &&
            strstr(title, " and 3 others the last user is done in half the time that "
                          "blocking takes; with threading (GIL) no sooner") != NULL;
        if (says != (i == 0))
            fail_msg("%s", title);
        (void)title_of(overview, "lanes", title);
        assert_int_equal(strstr(title, "threading (GIL) kept 1.0 CPUs busy") == NULL,
                         i == 1);
        overview_free(overview);
        run_free(run);
    }
}

/* How the slow ones fare is told as far as the answers carry it; and where theory did not
 * hold, what it expected. */
TEST_IN_FOLDER(slow_ones_and_theory_are_told) {
    char why[WHY_BYTES], title[512];
    struct synthetic truth = synthetic_default;
    truth.altered = "hybrid-shared";
    truth.stretch = 3;
    for (unsigned repeats = 3; repeats <= 15; repeats += 12) {
        truth.repeats = repeats;
        (void)remove_folder(state);
        (void)make_folder(state);
        synthetic_write(test_folder, &truth);
        struct run *run = run_read(test_folder, why);
        struct overview *overview = overview_make(run);
        (void)title_of(overview, "percentiles", title);
        if (strncmp(title, repeats == 3 ? "Half of the users waited at least " : "With ",
                    repeats == 3 ? 34 : 5) != 0 ||
            (repeats > 3) != (strstr(title, " the slowest 1 in 10 waited 1.") != NULL))
            fail_msg("%s", title);
        waits_explain(overview, title, sizeof title);
        assert_non_null(strstr(title,
                               "Theory did not hold for 2 GIL servers (shared): it "
                               "expects an even split"));
        overview_free(overview);
        run_free(run);
    }
}

TEST_IN_FOLDER(a_figure_is_one_wherever_it_stands) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    check_run(&truth);
}

/* Waits of another length, with more noise. */
TEST_IN_FOLDER(so_it_is_in_another_unit) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 5;
    truth.t_us = 7e3;
    truth.noise = 0.2;
    truth.seed = 3;
    check_run(&truth);
}

/* The last tick lies close to the edge, and its label within the picture. */
TEST_IN_FOLDER(a_narrow_picture_has_its_labels) {
    const struct picture_form form = {.format = "svg", .is_narrow = true};
    struct synthetic truth = synthetic_default;
    char path[256];
    if (system("command -v gnuplot >/dev/null") != 0) {
        print_message("without gnuplot there is no picture\n");
        return;
    }
    truth.noise = 0;
    truth.t_us = 29.42e3; /* the last of ten in turn at 294.2 ms, and a tick at 300 ms */
    synthetic_write(test_folder, &truth);
    struct run *run = read_run(test_folder);
    struct overview *overview = overview_make(run);
    (void)snprintf(path, sizeof path, "%s/data", test_folder);
    assert_int_equal(files_make_folder(path), 0);
    (void)snprintf(path, sizeof path, "%s/narrow.svg", test_folder);
    assert_int_equal(setenv("JUGGLE_PLOTS", "plots", 1), 0); /* tests run in the top */
    assert_int_equal(chart_export(overview, "waits", NULL, &form, path), 0);
    char *svg = read_all("narrow.svg"), label[32];
    double x;
    size_t n_labels = 0;
    for (const char *at = svg; (at = strstr(at, "<g transform=\"translate(")) != NULL;
         at++) {
        const char *end = strstr(at, "</g>"), *text = strstr(at, "<text>");
        if (text == NULL || text > end ||
            sscanf(at, "<g transform=\"translate(%lf", &x) != 1 ||
            sscanf(text, "<text>%31[^<]", label) != 1 || strstr(label, " ms") == NULL ||
            memmem(at, (size_t)(text - at), "middle", 6) == NULL)
            continue;
        assert_true(x + 3.5 * (double)strlen(label) <= 390);
        n_labels++;
    }
    assert_true(n_labels >= 2);
    free(svg);
    overview_free(overview);
    run_free(run);
}
