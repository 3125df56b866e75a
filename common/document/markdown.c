/* Markdown; see document.h. */
#include "common/document/document.h"

#include <string.h>

/* Plain text: what Markdown would take for markup is escaped, but not within code. */
static void put_text(FILE *out, const char *text) {
    bool in_code = false;
    for (; *text != '\0'; text++) {
        in_code ^= *text == '`';
        if (*text == '|' || (!in_code && strchr("\\*_<>[]", *text) != NULL))
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}

static void heading(FILE *out, int level, const char *text) {
    (void)fprintf(out, "%.*s ", level, "######");
    put_text(out, text);
    (void)fputs("\n\n", out);
}

static void begin(FILE *out, const char *title) {
    heading(out, 1, title);
}

static void paragraph(FILE *out, const char *text) {
    put_text(out, text);
    (void)fputs("\n\n", out);
}

static void code(FILE *out, const char *line) {
    (void)fprintf(out, "    %s\n\n", line);
}

static void list(FILE *out, bool begins) {
    (void)fputs(begins ? "" : "\n", out);
}

static void item(FILE *out, const char *text) {
    (void)fputs("- ", out);
    put_text(out, text);
    (void)fputc('\n', out);
}

static void put_row(FILE *out, const char *const *cells, size_t n_columns) {
    for (size_t i = 0; i < n_columns; i++) {
        (void)fputs("| ", out);
        put_text(out, cells[i]);
        (void)fputc(' ', out);
    }
    (void)fputs("|\n", out);
}

static void table(FILE *out, const char *const *heads, size_t n_columns,
                  const char *const *cells, size_t n_rows) {
    put_row(out, heads, n_columns);
    for (size_t i = 0; i < n_columns; i++)
        (void)fputs("|---", out);
    (void)fputs("|\n", out);
    for (size_t i = 0; i < n_rows; i++)
        put_row(out, cells + i * n_columns, n_columns);
    (void)fputc('\n', out);
}

static void image(FILE *out, const char *folder, const char *path, const char *text) {
    (void)folder;
    (void)fputs("![", out);
    put_text(out, text);
    (void)fprintf(out, "](%s)\n\n", path);
}

static void end(FILE *out) {
    (void)out;
}

const struct document_format document_markdown = {
    "report.md", begin, heading, paragraph, code, list, item, table, image, end,
};
