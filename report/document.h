/*
 * A small document writer: headings, paragraphs, lists, tables and images go to every
 * format at once, so that report.md and report.html cannot differ. Texts are plain; what
 * stands between backticks is code. Main thread.
 */
#ifndef JUGGLE_REPORT_DOCUMENT_H
#define JUGGLE_REPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* One output format. To add one, add a row to the table in document.c. */
struct document_format {
    const char *file_name; /* "report.md" */
    void (*begin)(FILE *out, const char *title);
    void (*heading)(FILE *out, int level, const char *text);
    void (*paragraph)(FILE *out, const char *text);
    void (*code)(FILE *out, const char *line); /* to be copied: all of it as it is */
    void (*item)(FILE *out, bool is_first, bool is_last, const char *text);
    /* n_rows x n_columns cells, row by row; cells that begin like numbers go right. */
    void (*table)(FILE *out, const char *const *heads, size_t n_columns,
                  const char *const *cells, size_t n_rows);
    void (*image)(FILE *out, const char *path, const char *text);
    void (*end)(FILE *out);
};

extern const struct document_format document_markdown, document_html;

struct document;

/* Opens one file per format in `folder`; NULL with errno set. */
struct document *document_begin(const char *folder, const char *title);

/* Every file appears, whole. 0 or -errno. Frees the document. */
int document_commit(struct document *document);

void document_heading(struct document *document, int level, const char *text);
void document_paragraph(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_code(struct document *document, const char *line);
void document_list(struct document *document, const char *const *items, size_t n_items);
void document_image(struct document *document, const char *path, const char *text);

/*
 * A table is begun with its heads, filled cell by cell and row by row, then ended. Cells
 * are copied.
 */
void document_table_begin(struct document *document, const char *const *heads,
                          size_t n_columns);
void document_cell(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_table_end(struct document *document);

#endif
