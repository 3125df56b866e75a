/* One document in every format at once; see document.h. */
#include "report/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/files.h"

static const struct document_format *const formats[] = {&document_markdown,
                                                        &document_html};

enum { N_FORMATS = sizeof formats / sizeof *formats };

struct document {
    struct whole_file files[N_FORMATS];
    int error; /* the first that happened: -errno */
    const char *const *heads;
    size_t n_columns;
    char **cells;
    size_t n_cells;
};

struct document *document_begin(const char *folder, const char *title) {
    struct document *document = calloc(1, sizeof *document);
    if (document == NULL)
        return NULL;
    for (int i = 0; i < N_FORMATS; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, formats[i]->file_name);
        int error = files_begin_own(&document->files[i], path);
        if (error != 0) {
            while (i-- > 0)
                files_abandon(&document->files[i]);
            free(document);
            errno = -error;
            return NULL;
        }
        formats[i]->begin(document->files[i].stream, title);
    }
    return document;
}

int document_commit(struct document *document) {
    int error = document->error;
    for (int i = 0; i < N_FORMATS; i++) {
        formats[i]->end(document->files[i].stream);
        int own = files_commit(&document->files[i]);
        error = error != 0 ? error : own;
    }
    free(document->cells);
    free(document);
    return error;
}

void document_heading(struct document *document, int level, const char *text) {
    for (int i = 0; i < N_FORMATS; i++)
        formats[i]->heading(document->files[i].stream, level, text);
}

void document_paragraph(struct document *document, const char *format, ...) {
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        document->error = -ENOMEM;
        return;
    }
    for (int i = 0; i < N_FORMATS; i++)
        formats[i]->paragraph(document->files[i].stream, text);
    free(text);
}

void document_code(struct document *document, const char *line) {
    for (int i = 0; i < N_FORMATS; i++)
        formats[i]->code(document->files[i].stream, line);
}

void document_list(struct document *document, const char *const *items, size_t n_items) {
    for (int i = 0; i < N_FORMATS; i++)
        for (size_t k = 0; k < n_items; k++)
            formats[i]->item(document->files[i].stream, k == 0, k + 1 == n_items,
                             items[k]);
}

void document_image(struct document *document, const char *path, const char *text) {
    for (int i = 0; i < N_FORMATS; i++)
        formats[i]->image(document->files[i].stream, path, text);
}

void document_table_begin(struct document *document, const char *const *heads,
                          size_t n_columns) {
    document->heads = heads;
    document->n_columns = n_columns;
    document->n_cells = 0;
}

void document_cell(struct document *document, const char *format, ...) {
    char **longer = realloc(document->cells, (document->n_cells + 1) * sizeof *longer);
    if (longer == NULL) {
        document->error = -ENOMEM;
        return;
    }
    document->cells = longer;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&longer[document->n_cells], format, arguments);
    va_end(arguments);
    if (length >= 0)
        document->n_cells++;
    else
        document->error = -ENOMEM;
}

void document_table_end(struct document *document) {
    for (int i = 0; i < N_FORMATS && document->error == 0; i++)
        formats[i]->table(document->files[i].stream, document->heads, document->n_columns,
                          (const char *const *)document->cells,
                          document->n_cells / document->n_columns);
    for (size_t i = 0; i < document->n_cells; i++)
        free(document->cells[i]);
    document->n_cells = 0;
}
