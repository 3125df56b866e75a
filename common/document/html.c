/* HTML that stands alone, for light and dark pages; see document.h. */
#include "common/document/document.h"

#include <string.h>

#include "common/document/picture.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d2429;--page:#fff;--rule:#d9dee2;"
    "--soft:#5b6670;--card:#f1f3f5;--link:#1b63a0;--good:#1e7a48;--bad:#b3361b;"
    "--open:#8a6100}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--ink:#e8edf0;--page:#14181b;"
    "--rule:#3a444c;--soft:#a3b0b8;--card:#20272c;--link:#7cbcf0;--good:#62c795;"
    "--bad:#ff8a6b;--open:#e2b84b}}\n"
    "*{box-sizing:border-box}\n"
    "body{font:16px/1.5 system-ui,'DejaVu Sans',sans-serif;color:var(--ink);"
    "background:var(--page);max-width:1040px;margin:0 auto;padding:12px 20px;"
    "overflow-wrap:anywhere}\n"
    "h1{font-size:24px;line-height:1.25;margin:0 0 6px;text-wrap:balance}"
    "h1:not(:first-child){margin-top:64px}"
    "h2{font-size:20px;line-height:1.3;margin:36px 0 "
    "8px}nav+h2{margin-top:22px}h3{font-size:17px;margin:28px 0 4px}"
    "h4{font-size:16px;margin:24px 0 4px}\n"
    "p,li,summary{max-width:66ch}nav{font-size:14px;line-height:1.35;margin:3px "
    "0}p{margin:8px 0}ul{margin:8px 0;padding-left:22px}\n"
    "a{color:var(--link)}code{background:var(--card);padding:0 .2em}"
    "pre{white-space:pre-wrap;background:var(--card);padding:8px 12px}"
    "pre code{padding:0}\n"
    ".soft{max-width:74ch}.soft,details{color:var(--soft);font-size:14px}details "
    "h3{color:var(--ink)}\n"
    ".lead{font-size:16px;line-height:1.4;max-width:68ch}"
    ".lead b{font-size:19px;line-height:1;white-space:nowrap}\n"
    ".good{color:var(--good)}.bad{color:var(--bad)}.open{color:var(--open)}\n"
    "summary{cursor:pointer}\n"
    ".wide{overflow-x:auto;margin:12px 0}"
    "table{border-collapse:collapse;font-size:14px;"
    "font-variant-numeric:tabular-nums;overflow-wrap:normal}\n"
    "th,td{padding:5px 9px;border-bottom:1px solid var(--rule);text-align:left;"
    "vertical-align:baseline}th{color:var(--soft);font-weight:500}\n"
    ".n{text-align:right}td.n{white-space:nowrap}td:not(.n){min-width:8rem}"
    "td small{display:block;color:var(--soft);font-size:12px}"
    "@media(min-width:861px){td small{white-space:nowrap}}\n"
    "th:first-child,td:first-child{position:sticky;left:0;background:var(--page);"
    "padding-left:0}\n"
    "figure{margin:14px 0 22px}figure svg{display:block;width:100%;height:auto}\n"
    "li:has(.lanes){list-style:none;position:relative;min-height:42px;"
    "margin:0 0 10px -22px;padding-left:112px}.lanes{position:absolute;left:0;top:4px;"
    "width:90px}.lanes path{stroke:var(--soft)}.narrow-form{display:none!important}\n"
    "@media screen and (max-width:600px){body{padding:14px}h1{font-size:22px}"
    ".lead{font-size:16px}td:first-child{max-width:9.5rem}}\n"
    "@media screen and (max-width:860px){.wide-form{display:none!important}"
    ".narrow-form{display:block!important;max-width:520px}}\n"
    "@page{margin:14mm}@media print{body{max-width:none;font-size:10pt;padding:0}"
    "p,li,summary,.soft,.lead{max-width:none}a{color:inherit;text-decoration:none}"
    "nav,a[href^='#']{display:none}p:has(+figure){break-after:avoid}summary{list-"
    "style:"
    "none;font-weight:600}"
    "details::details-content{content-visibility:visible;block-size:auto}"
    ".wide{overflow:visible}table{font-size:8pt}th,td{padding:2pt 4pt}"
    "th:first-child,td:first-child{position:static}td:not(.n){min-width:0}td.n{white-"
    "space:normal}"
    "figure svg{max-height:24cm}h2,h3,h4,summary,tr:has(th){break-after:avoid}"
    "figure,tr,li{break-inside:avoid}}\n";

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

/* DOCUMENT_LANES, up to its end. A bar of one computes all the time, of two half of it.
 */
static const char *put_lanes(FILE *out, const char *text) {
    enum { UNIT = 22, ROW = 9 };
    char hue[7] = "";
    double from, to;
    int used = 0, y = 0;
    (void)fputs("<svg class=\"lanes\" viewBox=\"0 0 90 36\" aria-hidden=\"true\">", out);
    (void)sscanf(text, "\x12%6s%n", hue, &used);
    for (text += used; sscanf(text, " %lf-%lf%n", &from, &to, &used) == 2; y += ROW) {
        (void)fprintf(out,
                      "<path d=\"M1 %d.5H%g\"/><rect x=\"%g\" y=\"%d\" width=\"%g\" "
                      "height=\"7\" fill=\"#%s\" stroke=\"#%s\" "
                      "fill-opacity=\"%.2f\"/>",
                      y + 4, 1 + UNIT * from, 1 + UNIT * from, y + 1, UNIT * (to - from),
                      hue, hue, 1 / (to - from));
        text += used;
    }
    (void)fputs("</svg>", out);
    return text + strcspn(text, "\x13");
}

static void put_text(FILE *out, const char *text) {
    static const char *const marks[] = {['\x03'] = "</a>",
                                        ['\x04'] = "<b>",
                                        ['\x05'] = "</b>",
                                        ['\x06'] = "<b class=\"good\">",
                                        ['\x0e'] = "<b class=\"bad\">",
                                        ['\x0f'] = "<b class=\"open\">",
                                        ['\x10'] = "<small>",
                                        ['\x11'] = "</small>"};
    bool in_code = false;
    for (; *text != '\0'; text++) {
        size_t mark = (unsigned char)*text;
        if (*text == '\x12') {
            text = put_lanes(out, text);
        } else if (*text == '`') {
            (void)fputs(in_code ? "</code>" : "<code>", out);
            in_code = !in_code;
        } else if (*text == '\x01') {
            size_t length = strcspn(text + 1, "\x02");
            (void)fputs("<a href=\"", out);
            document_put_target(out, text + 1, length);
            (void)fputs("\">", out);
            text += length + (text[length + 1] == '\x02');
        } else if (mark < sizeof marks / sizeof *marks && marks[mark] != NULL) {
            (void)fputs(marks[mark], out);
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

static void heading(FILE *out, int level, const char *id, const char *text) {
    (void)fprintf(out, "<h%d", level);
    if (id != NULL) {
        (void)fputs(" id=\"", out);
        document_put_id(out, id);
        (void)fputc('"', out);
    }
    (void)fputc('>', out);
    put_text(out, text);
    (void)fprintf(out, "</h%d>\n", level);
}

static void begin(FILE *out, const char *title) {
    (void)fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width\">\n",
                out);
    put_element(out, "title", title);
    (void)fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", style);
    heading(out, 1, NULL, title);
}

/* The length of a number with its unit, "0.33 s" or "0.33 to 0.54 s"; 0: it has none. */
static size_t length_of_figure(const char *text) {
    static const char *const units[] = {"s",   "ms",  "µs",  "%",
                                        "KiB", "MiB", "GiB", "times"};
    static const char digits[] = "0123456789.,";
    size_t length = strspn(text, digits);
    for (int i = 0; length > 0 && i < 2; i++) { /* "0.33 to 0.54 s", "2 and 3 s" */
        size_t joint = i == 0 ? strlen(" to ") : strlen(" and ");
        size_t more = strncmp(text + length, i == 0 ? " to " : " and ", joint) == 0
                          ? strspn(text + length + joint, digits)
                          : 0;
        length += more > 0 ? joint + more : 0;
    }
    if (length == 0 || text[length] != ' ')
        return 0;
    const char *unit = text + length + 1;
    size_t unit_length = strcspn(unit, " .,;:)");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i]) == unit_length && strncmp(unit, units[i], unit_length) == 0)
            return length + 1 + unit_length;
    return 0;
}

static void paragraph(FILE *out, enum document_tone tone, const char *text) {
    static const char *const classes[] = {[DOCUMENT_PLAIN] = "<p>",
                                          [DOCUMENT_LEAD] = "<p class=\"lead\">",
                                          [DOCUMENT_SOFT] = "<p class=\"soft\">",
                                          [DOCUMENT_CONTENTS] = "<nav>"};
    (void)fputs(classes[tone], out);
    while (*text != '\0') {
        char piece[160];
        size_t own = tone == DOCUMENT_LEAD ? length_of_figure(text) : 0;
        size_t length = own > 0                 ? own
                        : tone == DOCUMENT_LEAD ? strcspn(text, " ") + 1
                                                : strlen(text);
        bool fits = length < sizeof piece && length <= strlen(text);
        if (!fits) {
            put_text(out, text);
            break;
        }
        (void)snprintf(piece, sizeof piece, "%.*s", (int)length, text);
        (void)fputs(own > 0 ? "<b>" : "", out);
        put_text(out, piece);
        (void)fputs(own > 0 ? "</b>" : "", out);
        text += length;
    }
    (void)fputs(tone == DOCUMENT_CONTENTS ? "</nav>\n" : "</p>\n", out);
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

static void fold(FILE *out, const char *summary) {
    if (summary == NULL) {
        (void)fputs("</details>\n", out);
        return;
    }
    (void)fputs("<details>", out);
    put_element(out, "summary", summary);
}

static void item(FILE *out, const char *text) {
    put_element(out, "li", text);
}

/* Behind the names, what begins like a number, or stands for one. */
static bool goes_right(const char *cell, size_t column) {
    return document_is_number(cell) ||
           (column > 0 && cell[strspn(cell, "<\x04")] >= '0' &&
            cell[strspn(cell, "<\x04")] <= '9');
}

static void table(FILE *out, const char *const *heads, size_t n_columns,
                  const char *const *cells, size_t n_rows) {
    (void)fputs("<div class=\"wide\"><table>\n<tr>", out);
    for (size_t i = 0; i < n_columns; i++) {
        bool right = n_rows > 0 && goes_right(cells[i], i);
        (void)fputs(right ? "<th class=\"n\">" : "<th>", out);
        put_text(out, heads[i]);
        (void)fputs("</th>", out);
    }
    (void)fputs("</tr>\n", out);
    for (size_t i = 0; i < n_rows * n_columns; i++) {
        size_t column = i % n_columns;
        (void)fputs(column == 0 ? "<tr>" : "", out);
        (void)fputs(goes_right(cells[i], column) ? "<td class=\"n\">" : "<td>", out);
        put_text(out, cells[i]);
        (void)fputs(column == n_columns - 1 ? "</td></tr>\n" : "</td>", out);
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
    char id[160];
    (void)fputs("<figure id=\"", out);
    document_put_id(out, document_image_id(path, id, sizeof id));
    (void)fputs("\">\n", out);
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
    "report.html", begin, heading, paragraph, code, list, fold, item, table, image, end,
};
