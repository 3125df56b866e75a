/* The terminal's table, and the two formats of the report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/document.h"
#include "report/pages.h"
#include "report/terminal.h"
#include "tests/synthetic_run.h"

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/juggle-test-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* What the terminal prints of a folder made from `truth`; the caller frees it. */
static char *print_terminal(const struct synthetic *truth) {
    char why[512], *text = NULL;
    size_t length = 0;
    synthetic_write(folder, truth);
    struct run *run = run_read(folder, why, sizeof why);
    assert_non_null(run);
    struct overview *overview = overview_make(run);
    assert_non_null(overview);
    FILE *out = open_memstream(&text, &length);
    terminal_print(overview, out);
    (void)fclose(out);
    overview_free(overview);
    run_free(run);
    return text;
}

static size_t columns(const char *line) {
    size_t n = 0;
    for (; *line != '\0'; line++)
        n += ((unsigned char)*line & 0xC0) != 0x80;
    return n;
}

static void test_tables_fit_and_are_aligned(void **state) {
    (void)state;
    char *text = print_terminal(&synthetic_default);
    size_t width = 0, n_rows = 0, n_tables = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "strategy", 8) == 0) {
            n_tables++;
            n_rows = 0;
            width = columns(line);
            assert_in_range(width, 60, 100);
        } else if (width > 0 && n_rows < 8 && ++n_rows > 0) {
            assert_int_equal(columns(line), width);
        }
    }
    assert_int_equal(n_tables, 2);
    assert_int_equal(n_rows, 8);
    free(text);
}

static void test_costs_stand_beside_latency(void **state) {
    (void)state;
    char *text = print_terminal(&synthetic_default);
    /* 2.1 s of CPU in each repeat, of ten requests; 30 answers carry a median alone. */
    assert_non_null(strstr(text, "   n/a     210    210..210        -"));
    assert_non_null(strstr(text, "n/a: p50 needs 10 answers, p99 800"));
    free(text);
}

static void test_outliers_are_noted_and_kept(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.altered = "forking"; /* all end together, but the last one far away */
    truth.stretch = 1;
    truth.repeats = 12;
    truth.noise = 0.001;
    truth.failing = "threadpool";
    truth.outlier = 40;
    char *text = print_terminal(&truth);
    assert_non_null(strstr(text, "forking: 12 of 120 answers are outliers (modified z "
                                 "above 14.8: above "));
    assert_non_null(strstr(text, " ms), kept\n"));
    assert_null(strstr(text, "blocking: 1"));
    free(text);
}

static void test_table_has_figures_and_findings(void **state) {
    (void)state;
    char *text = print_terminal(&synthetic_default);
    assert_non_null(strstr(text, "  5.51  1.00 10.00")); /* the article's blocking */
    assert_non_null(strstr(text, "6 + 4, 6 + 4, 6 + 4"));
    assert_non_null(strstr(text, "9 confirmed, 0 refuted, 0 undecided"));
    assert_non_null(strstr(text, "confirmed  pool-makes-a-staircase"));
    assert_null(strstr(text, "nan"));
    free(text);
}

static void test_one_repeat_and_failures_are_said(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.repeats = 1;
    truth.failing = "threadpool";
    char *text = print_terminal(&truth);
    assert_non_null(strstr(text, "one repeat: no interval"));
    assert_non_null(strstr(text, "threadpool: 1 of 10 requests FAILED"));
    assert_null(strstr(text, "nan"));
    free(text);
}

static void test_a_drifting_machine_is_called_suspect(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.drift = 0.08;
    char *text = print_terminal(&truth);
    assert_non_null(
        strstr(text, "repeat 3 is SUSPECT: T went from 200 to 216 ms (+8.0 %)"));
    free(text);
    truth.drift = 0.04;
    text = print_terminal(&truth);
    assert_null(strstr(text, "SUSPECT"));
    free(text);
}

/* A file of the folder as text; the caller frees it. */
static char *read_text(const char *name) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    char *text = calloc(1, 1 << 20);
    (void)!fread(text, 1, (1 << 20) - 1, stream);
    (void)fclose(stream);
    return text;
}

static void test_both_formats_escape_their_markup(void **state) {
    (void)state;
    static const char *const heads[] = {"a", "b|c"};
    struct document *document = document_begin(folder, "x < y & *z*");
    assert_non_null(document);
    document_table_begin(document, heads, 2);
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

static void test_report_names_machine_figures_and_rules(void **state) {
    (void)state;
    char why[512];
    free(print_terminal(&synthetic_default));
    struct run *run = run_read(folder, why, sizeof why);
    struct overview *overview = overview_make(run);
    assert_int_equal(pages_write(overview, false), 0);
    char *markdown = read_text("report.md");
    assert_non_null(strstr(markdown, "Synthetic CPU"));
    assert_non_null(strstr(markdown, "5.51 / 1.00 / 10.00"));
    assert_non_null(strstr(markdown, "Rule: confirmed when"));
    assert_non_null(strstr(markdown, "| n/a (needs 80) | n/a (needs 160) |"));
    assert_non_null(strstr(markdown, "| 210 (210 .. 210) |"));
    assert_non_null(strstr(markdown, "charts are not drawn"));
    free(markdown);
    overview_free(overview);
    run_free(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tables_fit_and_are_aligned, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_table_has_figures_and_findings, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_costs_stand_beside_latency, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_outliers_are_noted_and_kept, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_one_repeat_and_failures_are_said,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_drifting_machine_is_called_suspect,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_both_formats_escape_their_markup,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_report_names_machine_figures_and_rules,
                                        make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
