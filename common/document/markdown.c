/* Markdown; see document.h. */
#include "common/document/document.h"

#include <string.h>

/* Plain text: what Markdown would take for markup is escaped, but not within code. */
static void put_text(FILE *out, const char *text) {
    static const char *const marks[] = {
        ['\x04'] = "**", ['\x05'] = "**", ['\x06'] = "**", ['\x0e'] = "**",
        ['\x0f'] = "**", ['\x10'] = " (", ['\x11'] = ")"};
    bool in_code = false;
    const char *target = NULL;
    for (; *text != '\0'; text++) {
        size_t mark = (unsigned char)*text;
        in_code ^= *text == '`';
        if (*text == '\x12') {
            text += strcspn(text, "\x13");
        } else if (*text == '\x01') {
            target = text + 1;
            text += strcspn(text, "\x02");
            (void)fputc('[', out);
        } else if (*text == '\x03' && target != NULL) {
            (void)fputs("](", out);
            document_put_target(out, target, strcspn(target, "\x02"));
            (void)fputc(')', out);
        } else if (mark < sizeof marks / sizeof *marks && marks[mark] != NULL) {
            (void)fputs(marks[mark], out);
        } else {
            if (*text == '|' || (!in_code && strchr("\\*_<>[]", *text) != NULL))
                (void)fputc('\\', out);
            (void)fputc(*text, out);
        }
    }
}

static void put_anchor(FILE *out, const char *id) {
    (void)fputs("<a id=\"", out);
    document_put_id(out, id);
    (void)fputs("\"></a>\n\n", out);
}

static void heading(FILE *out, int level, const char *id, const char *text) {
    if (id != NULL)
        put_anchor(out, id);
    (void)fprintf(out, "%.*s ", level, "######");
    put_text(out, text);
    (void)fputs("\n\n", out);
}

static void begin(FILE *out, const char *title) {
    heading(out, 1, NULL, title);
}

static void paragraph(FILE *out, enum document_tone tone, const char *text) {
    (void)tone;
    put_text(out, text);
    (void)fputs("\n\n", out);
}

static void code(FILE *out, const char *line) {
    (void)fprintf(out, "    %s\n\n", line);
}

static void list(FILE *out, bool begins) {
    (void)fputs(begins ? "" : "\n", out);
}

static void fold(FILE *out, const char *summary) {
    if (summary != NULL)
        (void)fprintf(out, "<details><summary>%s</summary>\n\n", summary);
    else
        (void)fputs("</details>\n\n", out);
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
    char id[160];
    (void)folder;
    put_anchor(out, document_image_id(path, id, sizeof id));
    (void)fputs("![", out);
    put_text(out, text);
    (void)fprintf(out, "](%s)\n\n", path);
}

const struct document_format document_markdown = {
    "report.md", begin, heading, paragraph, code, list, fold, item, table, image, NULL,
};
