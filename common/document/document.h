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

/* One output format. */
struct document_format {
    const char *file_name; /* "report.md"; NULL: it is never a file */
    void (*begin)(FILE *out, const char *title);
    void (*heading)(FILE *out, int level, const char *text);
    void (*paragraph)(FILE *out, const char *text);
    void (*code)(FILE *out, const char *line); /* to be copied: all of it as it is */
    void (*list)(FILE *out, bool begins);      /* else it ends */
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

void document_heading(struct document *document, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void document_paragraph(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_code(struct document *document, const char *line);
/* Of a list, which ends where something else is written. */
void document_item(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An SVG file of pictures_draw (picture.h), as seen from the document's folder. */
void document_image(struct document *document, const char *path, const char *text);

/*
 * A table is begun, filled head by head, then cell by cell and row by row, then ended.
 * Texts are copied. Heads and cells may go in any order among each other.
 */
void document_table_begin(struct document *document);
void document_head(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_cell(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_table_end(struct document *document);

/* Whether a cell is a number, or stands for one ("n/a", "-", "<78.1"). */
bool document_is_number(const char *cell);
