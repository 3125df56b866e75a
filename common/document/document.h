/*
 * A small document writer: headings, paragraphs, lists, tables and images go to every
 * output at once, so that report.md and report.html cannot differ, and a table on the
 * terminal is made of the same cells. Texts are plain; what stands between backticks is
 * code. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Marks within texts: control characters, which no text from elsewhere holds, since those
 * are shown escaped (common/base/foreign.h). A link leads to "#ID" or to a file as seen
 * from the document's folder. An aside is a smaller word behind a name.
 */
#define DOCUMENT_LINK(target, text) "\x01" target "\x02" text "\x03"
#define DOCUMENT_STRONG_BEGIN "\x04"
#define DOCUMENT_STRONG_END "\x05"
#define DOCUMENT_STRONG(text) DOCUMENT_STRONG_BEGIN text DOCUMENT_STRONG_END
#define DOCUMENT_GOOD(text) "\x06" text "\x05"
#define DOCUMENT_BAD(text) "\x0e" text "\x05"
#define DOCUMENT_OPEN(text) "\x0f" text "\x05"
/* Before an item's text, on the page alone, a small drawing: "RRGGBB", its colour, and
 * for each of four users " FROM-TO", in units of a job: when it waits and when it is
 * served. */
#define DOCUMENT_LANES_BEGIN "\x12"
#define DOCUMENT_LANES_END "\x13"
#define DOCUMENT_ASIDE_BEGIN "\x10"
#define DOCUMENT_ASIDE_END "\x11"

/* A lead is what comes first: its numbers are large. Contents are links alone. */
enum document_tone { DOCUMENT_PLAIN, DOCUMENT_LEAD, DOCUMENT_SOFT, DOCUMENT_CONTENTS };

/* One output format; NULL of begin, list, fold, image and end: it has none. */
struct document_format {
    const char *file_name; /* "report.md"; NULL: it is never a file */
    void (*begin)(FILE *out, const char *title);
    void (*heading)(FILE *out, int level, const char *id, const char *text);
    void (*paragraph)(FILE *out, enum document_tone tone, const char *text);
    void (*code)(FILE *out, const char *line);    /* to be copied: all of it as it is */
    void (*list)(FILE *out, bool begins);         /* else it ends */
    void (*fold)(FILE *out, const char *summary); /* NULL: it ends */
    void (*item)(FILE *out, const char *text);
    /* n_rows x n_columns cells, row by row; cells that begin like numbers go right. */
    void (*table)(FILE *out, const char *const *heads, size_t n_columns,
                  const char *const *cells, size_t n_rows);
    /* `path` is seen from the document's folder. */
    void (*image)(FILE *out, const char *folder, const char *path, const char *text);
    void (*end)(FILE *out);
};

extern const struct document_format document_markdown, document_html;

struct document;

/* Opens report.md and report.html in `folder`, a text that outlives the document; NULL
 * with errno set. */
struct document *document_begin(const char *folder, const char *title);

/* A document without a title in one format on a stream; NULL when memory is out. */
struct document *document_on(FILE *out, const struct document_format *format);

/* Ends the document and frees it; its files appear, whole. 0 or -errno. */
int document_commit(struct document *document);

/* A heading with an ID, where links lead to; NULL: without one. */
void document_section(struct document *document, int level, const char *id,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
#define document_heading(document, level, ...)                                           \
    document_section(document, level, NULL, __VA_ARGS__)
/* A paragraph. */
void document_say(struct document *document, enum document_tone tone, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
#define document_paragraph(document, ...)                                                \
    document_say(document, DOCUMENT_PLAIN, __VA_ARGS__)
/* What only is seen when it is asked for, until the end; one stands in no other. */
void document_fold_begin(struct document *document, const char *summary);
void document_fold_end(struct document *document);
void document_code(struct document *document, const char *line);
/* Of a list, which ends where something else is written. */
void document_item(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An SVG file of pictures_draw (picture.h), as seen from the document's folder, in which
 * it is "charts/NAME.svg"; "#chart-NAME" leads to it. */
void document_image(struct document *document, const char *path, const char *text);

/*
 * A table is begun, filled head by head, then cell by cell and row by row, then ended.
 * Texts are copied. All heads go before the cells.
 */
void document_table_begin(struct document *document);
void document_head(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_cell(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_table_end(struct document *document);

/* For formats: an ID, in which all but letters and digits becomes "-", and the target of
 * a link, "#ID" or a path. */
void document_put_id(FILE *out, const char *id);
char *document_image_id(const char *path, char *id, size_t id_bytes);
void document_put_target(FILE *out, const char *target, size_t n_bytes);

/* Whether a cell is a number, a time ("1.3 s"), or stands for one ("n/a", "-", "<78.1").
 */
bool document_is_number(const char *cell);
