/* The terminal's table, and the two formats of the report. */
#include <stdlib.h>
#include <unistd.h>

#include "common/document/document.h"
#include "common/document/terminal.h"
#include "report/pages.h"
#include "report/screen.h"
#include "report/trust.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

/* What the terminal prints of a folder made from `truth`; the caller frees it. */
static char *print_terminal(const struct synthetic *truth) {
    char why[WHY_BYTES], *text = NULL;
    size_t length = 0;
    synthetic_write(test_folder, truth);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    struct overview *overview = overview_make(run);
    assert_non_null(overview);
    FILE *out = open_memstream(&text, &length);
    screen_print(overview, out);
    (void)fclose(out);
    overview_free(overview);
    run_free(run);
    return text;
}

/* Wrapped lines as one. */
static const char *flat(char *text) {
    for (char *end = text; (end = strstr(end, "\n  ")) != NULL;) {
        memmove(end, end + 2, strlen(end + 2) + 1);
        *end = ' ';
    }
    return text;
}

static struct synthetic decided(void) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    return truth;
}

/* Figures that mean nothing are not printed, and why stands below; in words. */
TEST_IN_FOLDER(an_invalid_cell_has_no_figures) {
    char why[WHY_BYTES], *text = NULL;
    size_t length = 0;
    synthetic_write(test_folder, &synthetic_default);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    for (size_t i = 0; i < run->n_series; i++)
        if (strcmp(run->series[i].parameters->name, "forking") == 0)
            (void)json_object_set_new(
                json_object_get(run->series[i].repeats[0]->json, "load"), "validity",
                json_pack("{s:s, s:[{s:s, s:s, s:f, s:s}]}", "verdict", "INVALID",
                          "reasons", "check", "generator_cpu", "verdict", "INVALID",
                          "figure", 0.97, "says", "it was slow; use load --threads 2"));
    struct overview *overview = overview_make(run);
    FILE *out = open_memstream(&text, &length);
    screen_print(overview, out);
    (void)fclose(out);
    const char *row = strstr(text, "\nforking ");
    assert_non_null(row);
    assert_true(strcspn(row + 8, "0123456789") > strcspn(row + 8, "\n"));
    assert_non_null(strstr(flat(text),
                           "INVALID: forking (1 of 3 repeats: it was slow; use fewer "
                           "--users"));
    overview_free(overview);
    run_free(run);
    free(text);
}

/* While a run goes on, a row is made again when it has a new repeat, and not before. */
TEST_IN_FOLDER(rows_without_a_new_repeat_are_kept) {
    char why[WHY_BYTES];
    synthetic_write(test_folder, &synthetic_default);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    struct series *grown = &run->series[2];
    grown->n_repeats = 2;
    struct overview *rows = overview_update(NULL, run, run->experiments[0]);
    assert_int_equal(rows->n_rows, run->n_series);
    for (size_t i = 0; i < rows->n_rows; i++)
        rows->rows[i].estimates[FIGURE_MEAN].value = 1;
    grown->n_repeats = 3;
    rows = overview_update(rows, run, run->experiments[0]);
    struct overview *whole = overview_make(run);
    for (size_t i = 0; i < rows->n_rows; i++) {
        double value = rows->rows[i].estimates[FIGURE_MEAN].value;
        double truth = whole->rows[i].estimates[FIGURE_MEAN].value;
        assert_ptr_equal(rows->rows[i].series, &run->series[i]);
        assert_true(value == (i == 2 ? truth : 1));
    }
    assert_int_equal(rows->n_findings, 0);
    overview_free(rows);
    overview_free(whole);
    run_free(run);
}

/* What a cell measured twice differs by is said as a person would. */
TEST_IN_FOLDER(a_twin_is_told_in_percent) {
    char why[WHY_BYTES], *text = NULL, path[128];
    size_t length = 0;
    struct synthetic truth = decided();
    truth.altered = "processing"; /* the last cell */
    truth.stretch = 2;
    synthetic_write(test_folder, &truth);
    (void)snprintf(path, sizeof path, "%s/run.json", test_folder);
    json_t *info = json_load_file(path, 0, NULL), *cells = json_object_get(info, "cells");
    json_t *last = json_array_get(cells, json_array_size(cells) - 1);
    (void)json_object_set_new(last, "twin_of", json_string("threadpool"));
    assert_int_equal(json_dump_file(info, path, 0), 0);
    json_decref(info);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    struct overview *overview = overview_make(run);
    FILE *out = open_memstream(&text, &length);
    struct document *document = document_on(out, &document_terminal);
    trust_write(overview, document);
    (void)document_commit(document);
    (void)fclose(out);
    unsigned more, low, high;
    const char *line = strstr(flat(text), "A/A: threadpool, measured twice: the second ");
    assert_non_null(line);
    assert_int_equal(sscanf(strstr(line, "time took"),
                            "time took %u %% more (between %u %% more and %u %% more)",
                            &more, &low, &high),
                     3);
    assert_true(low <= more && more <= high);
    overview_free(overview);
    run_free(run);
    free(text);
}

static size_t columns(const char *line) {
    size_t n = 0;
    for (; *line != '\0'; line++)
        n += ((unsigned char)*line & 0xC0) != 0x80;
    return n;
}

/* Whatever is printed, of whatever run, fits a terminal of 80 columns. */
TEST_IN_FOLDER(every_line_fits_80_columns) {
    struct synthetic truths[] = {synthetic_default, decided(), decided(), decided()};
    truths[0].failing = "threadpool";
    truths[0].repeats = 2;
    truths[1].available = 1.1;
    truths[2].users = 1000;
    truths[2].t_us = 10e3;
    truths[3].t_us = 12e6;
    truths[2].repeats = truths[3].repeats = 1;
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        char *text = print_terminal(&truths[i]);
        assert_null(strstr(text, "nan"));
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
            if (columns(line) > 80)
                fail_msg("%zu columns: %s", columns(line), line);
        free(text);
    }
}

TEST_IN_FOLDER(the_table_is_aligned) {
    char *text = print_terminal(&synthetic_default);
    size_t width = 0, n_rows = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "strategy", 8) == 0)
            width = columns(line);
        else if (width > 0 && n_rows < 8 && ++n_rows > 0)
            assert_int_equal(columns(line), width);
    }
    assert_int_equal(n_rows, 8);
    free(text);
}

/* The answer comes first, then the table, then the findings. */
TEST_IN_FOLDER(the_terminal_answers_first) {
    struct synthetic truth = decided();
    char *text = print_terminal(&truth);
    const char *answer = strstr(text, "Choose "), *table = strstr(text, "strategy  ");
    const char *findings = strstr(text, "9 confirmed, 0 refuted, 0 undecided");
    assert_true(answer != NULL && table != NULL && findings != NULL);
    assert_true(answer < table && table < findings);
    assert_null(strstr(text, "n/a"));
    free(text);
}

/* The quickest first, whoever it is; the article's experiment fits one screen. */
TEST_IN_FOLDER(the_table_is_sorted_by_what_ranks) {
    struct synthetic truth = decided();
    char *text = print_terminal(&truth);
    size_t n_rows = 0;
    for (const char *at = text + 1; *at != '\0'; at++)
        n_rows += *at == '\n';
    assert_in_range(n_rows, 12, 23); /* one more says where the report is */
    const char *pool = strstr(text, "\nprocessing "),
               *slow = strstr(text, "\nthreading (GIL) ");
    const char *middle = strstr(text, "\nforking ");
    assert_true(pool != NULL && middle != NULL && slow != NULL);
    assert_true(pool < middle && middle < slow);
    free(text);
    truth.altered = "processing";
    truth.stretch = 9;
    text = print_terminal(&truth);
    assert_true(strstr(text, "\nprocessing ") > strstr(text, "\nthreading (GIL) "));
    free(text);
}

/* With room left the confirmed ones are named as well. */
TEST_IN_FOLDER(what_is_confirmed_is_told_where_room_is) {
    struct synthetic truth = decided();
    truth.only = "blocking";
    char *text = print_terminal(&truth);
    assert_non_null(strstr(text, "VALID: every cell\n"));
    assert_non_null(strstr(
        text, "confirmed: under blocking the k-th user waits for k jobs: the last "));
    free(text);
}

/* What decides comes with the verdict; what is open says what is missing. */
TEST_IN_FOLDER(verdicts_say_which_way) {
    struct synthetic truth = decided();
    truth.altered = "forking";
    truth.stretch = 2;
    char *text = print_terminal(&truth);
    assert_non_null(strstr(text, "refuted: forking uses all"));
    assert_non_null(strstr(flat(text), "; the claim allows at least 90 %"));
    free(text);
    truth = decided();
    truth.repeats = 2;
    (void)remove_folder(state);
    (void)make_folder(state);
    text = print_terminal(&truth);
    const char *open =
        strstr(text, "undecided: under blocking the k-th user waits for k jobs");
    assert_non_null(open);
    assert_non_null(strstr(open, "needs about"));
    const char *remedy = strstr(open, "\nto decide, ");
    unsigned more_s, budget_s; /* the same number, wherever it stands */
    assert_non_null(remedy);
    assert_int_equal(sscanf(remedy,
                            "\nto decide, %u s more: %*[^-]--resume %*s --budget %us\n",
                            &more_s, &budget_s),
                     2);
    assert_int_equal(more_s, budget_s);
    free(text);
}

/* Where the room is not for all of them, how many more there are is said. */
TEST_IN_FOLDER(open_findings_leave_the_answer_on_the_screen) {
    struct synthetic truth = decided();
    truth.repeats = 1;
    char *text = print_terminal(&truth);
    size_t n_rows = 0, n_open = 0, n_more = 0;
    for (const char *at = text + 1; *at != '\0'; at++)
        n_rows += *at == '\n';
    assert_in_range(n_rows, 12, 23);
    for (const char *at = text; (at = strstr(at, "\nundecided: ")) != NULL; at++)
        n_open += sscanf(at, "\nundecided: %zu more", &n_more) != 1;
    assert_true(n_open > 0 && n_more > 0);
    assert_int_equal(n_open + n_more, 9);
    free(text);
}

/* Whatever is in doubt, the screen keeps to its rows: doubts are counted then, and what
 * is INVALID is named while there is room. */
TEST_IN_FOLDER(doubts_leave_the_answer_on_the_screen) {
    char why[WHY_BYTES], *text = NULL, reason[] = "forking: not measured: reason 1";
    char *left_out[] = {reason, reason, reason, reason};
    struct synthetic truth = decided();
    synthetic_write(test_folder, &truth);
    struct run *run = run_read(test_folder, why);
    struct overview *overview = overview_make(run);
    for (size_t i = 1; i < 6; i++) {
        struct validity *validity = &overview->rows[i].validity;
        validity->level = i == 1 ? VALIDITY_INVALID : VALIDITY_SUSPECT;
        (void)snprintf(validity->why, sizeof validity->why,
                       "reason %zu of some length; a cure that takes a line", i);
    }
    run->left_out = left_out;
    run->n_left_out = 4;
    size_t length = 0, n_rows = 0;
    FILE *out = open_memstream(&text, &length);
    screen_print(overview, out);
    (void)fclose(out);
    for (const char *at = text + 1; *at != '\0'; at++)
        n_rows += *at == '\n';
    assert_in_range(n_rows, 12, 23);
    const char *choice = strstr(text, "\nChoose "), *table = strstr(text, "\nstrategy ");
    const char *doubts = strstr(text, "\nSUSPECT: 4, not measured: 4 (of 12 cells)");
    assert_non_null(strstr(text, "\nINVALID: "));
    assert_true(choice != NULL && choice < table && table < doubts);
    free(text);
    run->left_out = NULL;
    run->n_left_out = 0;
    overview_free(overview);
    run_free(run);
}

TEST_IN_FOLDER(memory_is_never_negative) {
    char text[FIGURE_BYTES];
    struct estimate memory = {-5000, {-90000, 81920}, 5};
    (void)figure_estimate_text(FIGURE_MEMORY_PER_USER, &memory, text);
    assert_string_equal(text, "<80.0");
    memory = (struct estimate){2048, {1024, 3072}, 5};
    (void)figure_estimate_text(FIGURE_MEMORY_PER_USER, &memory, text);
    assert_string_equal(text, "2.00 (1.00 to 3.00)");
}

TEST(numbers_have_three_digits) {
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0, "0"},        {0.00213, "0.0021"}, {0.5334, "0.533"}, {0.9996, "1.00"},
                {5.514, "5.51"}, {9.996, "10.0"},     {99.96, "100"},    {1002.3, "1002"},
                {NAN, "-"},      {-0.5, "-0.500"}};
    char text[FIGURE_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(figure_number(rows[i].value, text), rows[i].text);
}

/* What a table on the terminal has no room for goes from the right, as a whole. */
TEST(columns_that_do_not_fit_are_left_away) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    struct document *document = document_on(out, &document_terminal);
    document_table_begin(document);
    document_head(document, "who");
    for (int i = 0; i < 12; i++)
        document_head(document, "head %d", i);
    document_cell(document, "somebody");
    for (int i = 0; i < 12; i++)
        document_cell(document, "%d", 1000000 + i);
    document_table_end(document);
    assert_int_equal(document_commit(document), 0);
    (void)fclose(out);
    assert_non_null(strstr(text, "somebody 1000000 1000001 1000002"));
    assert_non_null(strstr(text, " 1000008\n"));
    assert_null(strstr(text, "1000009"));
    free(text);
}

/* Each row is whole, and results/README.md explains its key. */
TEST(every_figure_is_explained) {
    FILE *stream = fopen("results/README.md", "r");
    char *readme = calloc(1, 1 << 20), key[64];
    assert_non_null(stream);
    (void)!fread(readme, 1, (1 << 20) - 1, stream);
    (void)fclose(stream);
    for (enum figure_id id = 0; id < N_FIGURES; id++) {
        const struct figure *figure = &figures[id];
        assert_true(figure->label != NULL && figure->meaning != NULL);
        assert_true(figure->of != NULL || figure->repeats == REPEATS_PERCENTILE);
        assert_true(!figure->is_judged ||
                    (figure->compared_as != NULL && figure->better != BETTER_NEITHER));
        (void)snprintf(key, sizeof key, "`%s`", figure->key);
        if (strstr(readme, key) == NULL)
            fail_msg("results/README.md does not explain %s", key);
    }
    free(readme);
}

TEST_IN_FOLDER(failures_are_said) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 1;
    truth.failing = "threadpool";
    char *text = print_terminal(&truth);
    assert_non_null(strstr(text, "threadpool: 1 of 10 requests FAILED"));
    assert_null(strstr(text, "nan"));
    free(text);
}

TEST_IN_FOLDER(a_busy_machine_is_said_once) {
    struct synthetic truth = decided();
    truth.available = 1.2;
    char *text = print_terminal(&truth);
    const char *said = strstr(text, "The machine was busy: other programs took 40 %");
    assert_non_null(said);
    assert_null(strstr(said + 10, "machine was busy"));
    assert_null(strstr(text, "SUSPECT"));
    free(text);
    truth.available = 1.97;
    text = print_terminal(&truth);
    assert_null(strstr(text, "machine was busy"));
    free(text);
}

/* A file of the folder as text; the caller frees it. */
static char *read_text(const char *name) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder, name);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    char *text = calloc(1, 1 << 20);
    (void)!fread(text, 1, (1 << 20) - 1, stream);
    (void)fclose(stream);
    return text;
}

TEST_IN_FOLDER(both_formats_escape_their_markup) {
    struct document *document = document_begin(test_folder, "x < y & *z*");
    assert_non_null(document);
    document_table_begin(document);
    document_head(document, "a");
    document_head(document, "b|c");
    document_cell(document, "%s", "`a_b`");
    document_cell(document, "%.1f", 2.5);
    document_table_end(document);
    document_paragraph(document, "snake_case and `co_de`");
    assert_int_equal(document_commit(document), 0);
    char *markdown = read_text("report.md"), *html = read_text("report.html");
    assert_non_null(strstr(markdown, "# x \\< y & \\*z\\*\n"));
    assert_non_null(strstr(markdown, "| a | b\\|c |\n|---|---|\n| `a_b` | 2.5 |\n"));
    assert_non_null(strstr(markdown, "snake\\_case and `co_de`"));
    assert_non_null(strstr(html, "<h1>x &lt; y &amp; *z*</h1>"));
    assert_non_null(strstr(html, "<td><code>a_b</code></td>"));
    assert_non_null(strstr(html, "<td class=\"n\">2.5</td></tr>"));
    free(markdown);
    free(html);
}

TEST_IN_FOLDER(marks_become_links_and_stress) {
    struct document *document = document_begin(test_folder, "x");
    assert_non_null(document);
    document_section(document, 2, "a b", "part");
    document_paragraph(document, DOCUMENT_GOOD("Yes:") " see " DOCUMENT_LINK("#%s", "%s"),
                       "a b", "part");
    document_paragraph(document, DOCUMENT_LINK("%s", "file"), "a\"b) c/d.tsv");
    document_say(document, DOCUMENT_LEAD, "took 0.33 to 0.5 s, of 2 CPUs");
    document_say(document, DOCUMENT_LEAD, "`run -w 'a 3 s b'` gave (%s) 7 ms",
                 DOCUMENT_LINK("#x", "1 to 2 answers a second"));
    document_fold_begin(document, "more");
    document_item(document,
                  DOCUMENT_LANES_BEGIN
                  "1f6fb2 0.00-1.00 1.00-3.00" DOCUMENT_LANES_END DOCUMENT_STRONG("%s"),
                  "it");
    document_fold_end(document);
    assert_int_equal(document_commit(document), 0);
    char *markdown = read_text("report.md"), *html = read_text("report.html");
    assert_non_null(strstr(markdown, "<a id=\"a-b\"></a>\n\n## part\n"));
    assert_non_null(strstr(markdown, "**Yes:** see [part](#a-b)\n"));
    assert_non_null(strstr(markdown, "[file](a%22b%29%20c/d.tsv)"));
    assert_non_null(strstr(markdown, "<details><summary>more</summary>\n\n- **it**\n"));
    assert_non_null(strstr(html, "<h2 id=\"a-b\">part</h2>"));
    assert_non_null(
        strstr(html, "<b class=\"good\">Yes:</b> see <a href=\"#a-b\">part</a>"));
    assert_non_null(strstr(html, "<a href=\"a%22b%29%20c/d.tsv\">file</a>"));
    assert_non_null(strstr(html, "took <b>0.33 to 0.5 s</b>, of 2 CPUs</p>"));
    assert_non_null(strstr(html, "<p class=\"lead\"><code>run -w 'a 3 s b'</code> gave ("
                                 "<a href=\"#x\"><b>1 to 2 answers</b> a second</a>) "
                                 "<b>7 ms</b></p>"));
    /* of two bars the second begins later, is twice as long and half as strong */
    const char *drawing = strstr(html, "<li><svg class=\"lanes\"");
    assert_non_null(drawing);
    assert_non_null(strstr(drawing, "<rect x=\"23\" y=\"10\" width=\"44\" height=\"7\" "
                                    "fill=\"#1f6fb2\" stroke=\"#1f6fb2\" "
                                    "fill-opacity=\"0.50\"/></svg>"
                                    "<b>it</b></li>\n</ul>\n</details>"));
    free(markdown);
    free(html);
}

/* Five columns, and a line to cite the run by. */
TEST_IN_FOLDER(a_brief_report_is_a_table_and_a_line) {
    char why[WHY_BYTES], *text = NULL;
    size_t length = 0;
    struct synthetic truth = synthetic_default;
    free(print_terminal(&truth));
    struct run *run = run_read(test_folder, why);
    struct overview *overview = overview_make(run);
    FILE *out = open_memstream(&text, &length);
    assert_int_equal(pages_print_brief(overview, out), 0);
    (void)fclose(out);
    assert_non_null(strstr(text,
                           "| strategy | slowdown: wait / job alone | mean wait | last "
                           "user's wait | CPUs busy |\n|---|---|---|---|---|\n| **"));
    assert_non_null(strstr(text, "\n| threading (GIL) (threads take turns) | "));
    assert_non_null(strstr(text, "Synthetic CPU, 2 CPUs; "));
    free(text);
    overview_free(overview);
    run_free(run);
}

TEST_IN_FOLDER(report_names_machine_figures_and_rules) {
    char why[WHY_BYTES];
    struct synthetic truth = synthetic_default;
    truth.altered = "forking"; /* all end together, but the last one far away */
    truth.repeats = 12;
    truth.noise = 0.001;
    truth.outlier = 40;
    free(print_terminal(&truth));
    struct run *run = run_read(test_folder, why);
    struct overview *overview = overview_make(run);
    assert_int_equal(pages_write(overview, false), 0);
    char *markdown = read_text("report.md");
    assert_non_null(strstr(markdown, "Synthetic CPU"));
    assert_non_null(strstr(markdown, "5.51 / 1.00 / 10.00"));
    assert_non_null(strstr(markdown, "Rule: confirmed when"));
    assert_non_null(strstr(markdown, "p90, ms"));
    assert_null(strstr(markdown, "p99, ms")); /* which 120 answers never carry */
    assert_non_null(strstr(markdown, "forking: 12 of 120 answers are outliers"));
    assert_non_null(strstr(markdown, "| 200 (200 to 200) |"));
    static const char *const order[] = {
        "# While requests do heavy work",
        "](#findings)",
        "10 users ask at once",
        "Choose ",
        "| strategy | slowdown: wait / job alone |",
        "## What was found",
        "**Confirmed:** ",
        "<details><summary>How this was judged",
        "## The other charts",
        "## All figures",
        "### How long each",
        "## What each name means",
        "- **threading** (`threading`): a thread each; theory",
        "## The machine",
        "no quota",
        "## How far these numbers",
        "## How it was measured",
        "](findings.json)"};
    const char *at = markdown;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const char *next = strstr(at, order[i]);
        if (next == NULL)
            fail_msg("'%s' is not there, or not in its place", order[i]);
        else
            at = next;
    }
    assert_non_null(strstr(markdown, "charts are not drawn"));
    free(markdown);
    overview_free(overview);
    run_free(run);
}
