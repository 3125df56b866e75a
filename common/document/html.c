/* HTML that stands alone, for light and dark pages; see document.h. */
#include "common/document/document.h"

#include <string.h>

#include "common/document/picture.h"

/* style.css of this folder, as the Makefile quotes it. */
extern const char document_style[];

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

/* The length of a number with its unit, "0.33 s" or "0.33 to 0.54 s"; 0: it has none. */
static size_t length_of_figure(const char *text) {
    static const char *const units[] = {"s",   "ms",  "µs",    "%",      "KiB",
                                        "MiB", "GiB", "times", "answers"};
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

/* Of a lead the words that are numbers with units are large. */
static void put_marked(FILE *out, const char *text, bool is_lead) {
    static const char *const marks[] = {['\x03'] = "</a>",
                                        ['\x04'] = "<b>",
                                        ['\x05'] = "</b>",
                                        ['\x06'] = "<b class=\"good\">",
                                        ['\x0e'] = "<b class=\"bad\">",
                                        ['\x0f'] = "<b class=\"open\">",
                                        ['\x10'] = "<small>",
                                        ['\x11'] = "</small>"};
    bool in_code = false;
    for (char before = ' '; *text != '\0'; before = *text++) {
        size_t mark = (unsigned char)*text;
        bool begins = is_lead && !in_code && strchr(" (\x02", before) != NULL;
        size_t figure = begins ? length_of_figure(text) : 0;
        if (figure > 0) {
            (void)fprintf(out, "<b>%.*s</b>", (int)figure, text);
            text += figure - 1;
        } else if (*text == '\x12') {
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

static void put_text(FILE *out, const char *text) {
    put_marked(out, text, false);
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
    (void)fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", document_style);
    heading(out, 1, NULL, title);
}

static void paragraph(FILE *out, enum document_tone tone, const char *text) {
    static const char *const classes[] = {[DOCUMENT_PLAIN] = "<p>",
                                          [DOCUMENT_LEAD] = "<p class=\"lead\">",
                                          [DOCUMENT_SOFT] = "<p class=\"soft\">",
                                          [DOCUMENT_CONTENTS] = "<nav>"};
    (void)fputs(classes[tone], out);
    put_marked(out, text, tone == DOCUMENT_LEAD);
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
