/* HTML that stands alone, for light and dark pages; see document.h. */
#include "common/document/document.h"

#include <string.h>

#include "common/document/picture.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d2429;--page:#fff;--rule:#d9dee2;"
    "--soft:#f1f3f5}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8edf0;--page:#14181b;"
    "--rule:#3a444c;--soft:#20272c}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);"
    "max-width:72rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem}h3{font-size:1.05rem}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}\n"
    "th,td{padding:.3rem .4rem;border-bottom:1px solid var(--rule);text-align:left;"
    "vertical-align:top}\n"
    "td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "td:not(.n){min-width:7rem}td code{white-space:nowrap}\n"
    "code{background:var(--soft);padding:0 .2em}pre{white-space:pre-wrap}\n"
    "figure{margin:1rem 0}figure svg{display:block;width:100%;height:auto}\n"
    ".narrow-form{display:none!important}\n"
    "@media(max-width:600px){.wide-form{display:none!important}"
    ".narrow-form{display:block!important}}\n"
    "@media print{.wide-form{max-width:18cm}}\n";

static void put_character(FILE *out, char character) {
    if (character == '<')
        (void)fputs("&lt;", out);
    else if (character == '>')
        (void)fputs("&gt;", out);
    else if (character == '&')
        (void)fputs("&amp;", out);
    else if (character == '"')
        (void)fputs("&quot;", out);
    else
        (void)fputc(character, out);
}

static void put_text(FILE *out, const char *text) {
    bool in_code = false;
    for (; *text != '\0'; text++) {
        if (*text == '`') {
            (void)fputs(in_code ? "</code>" : "<code>", out);
            in_code = !in_code;
        } else {
            put_character(out, *text);
        }
    }
    if (in_code)
        (void)fputs("</code>", out);
}

static void put_element(FILE *out, const char *name, const char *text) {
    (void)fprintf(out, "<%s>", name);
    put_text(out, text);
    (void)fprintf(out, "</%s>\n", name);
}

static void heading(FILE *out, int level, const char *text) {
    char name[] = "h1";
    name[1] = (char)('0' + level);
    put_element(out, name, text);
}

static void begin(FILE *out, const char *title) {
    (void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width\">\n",
                out);
    put_element(out, "title", title);
    (void)fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", style);
    heading(out, 1, title);
}

static void paragraph(FILE *out, const char *text) {
    put_element(out, "p", text);
}

static void code(FILE *out, const char *line) {
    (void)fputs("<pre><code>", out);
    while (*line != '\0')
        put_character(out, *line++);
    (void)fputs("</code></pre>\n", out);
}

static void list(FILE *out, bool begins) {
    (void)fputs(begins ? "<ul>\n" : "</ul>\n", out);
}

static void item(FILE *out, const char *text) {
    put_element(out, "li", text);
}

static void table(FILE *out, const char *const *heads, size_t n_columns,
                  const char *const *cells, size_t n_rows) {
    (void)fputs("<div class=\"wide\"><table>\n<tr>", out);
    for (size_t i = 0; i < n_columns; i++)
        put_element(out, "th", heads[i]);
    (void)fputs("</tr>\n", out);
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        (void)fputs(i % n_columns == 0 ? "<tr>" : "", out);
        (void)fputs(document_is_number(cells[i]) ? "<td class=\"n\">" : "<td>", out);
        put_text(out, cells[i]);
        (void)fputs(i % n_columns == n_columns - 1 ? "</td></tr>\n" : "</td>", out);
    }
    (void)fputs("</table></div>\n", out);
}

/* Within the page, so that it can be mailed as it is: the wide form, and the narrow one
 * that takes its place on a telephone. A picture that cannot be read is a link to it. */
static void image(FILE *out, const char *folder, const char *path, const char *text) {
    static unsigned n_images; /* names within pictures are told apart by it */
    static const struct {
        const char *class_name, *ending;
    } shapes[] = {{"wide-form", ".svg"}, {"narrow-form", "-narrow.svg"}};
    char prefix[32], file[4096];
    n_images++;
    (void)fputs("<figure>\n", out);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        (void)snprintf(prefix, sizeof prefix, "p%u%c-", n_images, i == 0 ? 'w' : 'n');
        (void)snprintf(file, sizeof file, "%s/%.*s%s", folder,
                       (int)(strlen(path) - strlen(".svg")), path, shapes[i].ending);
        if (picture_put_inline(file, shapes[i].class_name, prefix, out) != 0) {
            (void)fprintf(out, "<img src=\"%s\" alt=\"", path);
            put_text(out, text);
            (void)fputs("\">\n", out);
            break;
        }
    }
    (void)fputs("</figure>\n", out);
}

static void end(FILE *out) {
    (void)fputs("</body>\n</html>\n", out);
}

const struct document_format document_html = {
    "report.html", begin, heading, paragraph, code, list, item, table, image, end,
};
