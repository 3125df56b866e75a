/* One document in every format at once; see document.h. */
#include "common/document/document.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/files.h"

enum { MAX_OUTPUTS = 2 };

struct document {
    struct output {
        const struct document_format *format;
        FILE *out;
        struct whole_file file; /* of a document in a folder */
        bool is_file;
    } outputs[MAX_OUTPUTS];
    int n_outputs;
    const char *folder; /* that it is in; "" of one on a stream */
    bool is_in_list;
    int error;    /* the first that happened: -errno */
    char **texts; /* of a table: its heads, then its cells, row by row */
    size_t n_texts, n_heads;
};

/* Calls a function of every output's format that has it. */
#define PUT(document, function, ...)                                                     \
    for (int i_ = 0; i_ < (document)->n_outputs; i_++)                                   \
        if ((document)->outputs[i_].format->function != NULL)                            \
    (document)->outputs[i_].format->function((document)->outputs[i_].out, __VA_ARGS__)

static void be_in_list(struct document *document, bool in_list) {
    if (document->is_in_list != in_list)
        PUT(document, list, in_list);
    document->is_in_list = in_list;
}

/* The same of what stands outside of lists. */
#define PUT_BLOCK(document, function, ...)                                               \
    do {                                                                                 \
        be_in_list(document, false);                                                     \
        PUT(document, function, __VA_ARGS__);                                            \
    } while (0)

struct document *document_begin(const char *folder, const char *title) {
    static const struct document_format *const formats[] = {&document_markdown,
                                                            &document_html};
    struct document *document = calloc(1, sizeof *document);
    if (document != NULL)
        document->folder = folder;
    for (int i = 0; document != NULL && i < MAX_OUTPUTS; i++) {
        struct output *output = &document->outputs[i];
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, formats[i]->file_name);
        int error = files_begin_own(&output->file, path);
        if (error != 0) {
            while (i-- > 0)
                files_abandon(&document->outputs[i].file);
            free(document);
            errno = -error;
            return NULL;
        }
        output->format = formats[i];
        output->out = output->file.stream;
        output->is_file = true;
        document->n_outputs++;
        formats[i]->begin(output->out, title);
    }
    return document;
}

struct document *document_on(FILE *out, const struct document_format *format) {
    struct document *document = calloc(1, sizeof *document);
    if (document == NULL)
        return NULL;
    document->folder = "";
    document->outputs[document->n_outputs++] = (struct output){format, out, {0}, false};
    return document;
}

int document_commit(struct document *document) {
    int error = document->error;
    be_in_list(document, false);
    for (int i = 0; i < document->n_outputs; i++) {
        struct output *output = &document->outputs[i];
        if (!output->is_file)
            continue;
        if (output->format->end != NULL)
            output->format->end(output->out);
        int own = files_commit(&output->file);
        error = error != 0 ? error : own;
    }
    free(document->texts);
    free(document);
    return error;
}

/* The text, which the caller frees; NULL when memory is out, which the document keeps. */
static char *compose(struct document *document, const char *format, va_list arguments) {
    char *text;
    if (vasprintf(&text, format, arguments) >= 0)
        return text;
    document->error = -ENOMEM;
    return NULL;
}

#define COMPOSE(text, document, format)                                                  \
    va_list arguments;                                                                   \
    va_start(arguments, format);                                                         \
    char *text = compose(document, format, arguments);                                   \
    va_end(arguments)

void document_section(struct document *document, int level, const char *id,
                      const char *format, ...) {
    COMPOSE(text, document, format);
    if (text != NULL)
        PUT_BLOCK(document, heading, level, id, text);
    free(text);
}

void document_say(struct document *document, enum document_tone tone, const char *format,
                  ...) {
    COMPOSE(text, document, format);
    if (text != NULL)
        PUT_BLOCK(document, paragraph, tone, text);
    free(text);
}

void document_fold_begin(struct document *document, const char *summary) {
    PUT_BLOCK(document, fold, summary);
}

void document_fold_end(struct document *document) {
    PUT_BLOCK(document, fold, NULL);
}

void document_code(struct document *document, const char *line) {
    PUT_BLOCK(document, code, line);
}

void document_item(struct document *document, const char *format, ...) {
    COMPOSE(text, document, format);
    be_in_list(document, true);
    if (text != NULL)
        PUT(document, item, text);
    free(text);
}

void document_image(struct document *document, const char *path, const char *text) {
    PUT_BLOCK(document, image, document->folder, path, text);
}

/* Takes the text over. */
static void keep(struct document *document, char *text) {
    char **longer = text != NULL
                        ? realloc(document->texts, (document->n_texts + 1) * sizeof text)
                        : NULL;
    if (longer == NULL) {
        document->error = -ENOMEM;
        free(text);
        return;
    }
    document->texts = longer;
    document->texts[document->n_texts++] = text;
}

void document_table_begin(struct document *document) {
    while (document->n_texts > 0)
        free(document->texts[--document->n_texts]);
    document->n_heads = 0;
}

void document_head(struct document *document, const char *format, ...) {
    COMPOSE(text, document, format);
    keep(document, text);
    document->n_heads++;
}

void document_cell(struct document *document, const char *format, ...) {
    COMPOSE(text, document, format);
    keep(document, text);
}

void document_table_end(struct document *document) {
    const char *const *heads = (const char *const *)document->texts;
    size_t n = document->n_heads;
    if (document->error == 0 && n > 0)
        PUT_BLOCK(document, table, heads, n, heads + n, document->n_texts / n - 1);
    document_table_begin(document);
}

void document_put_id(FILE *out, const char *id) {
    for (; *id != '\0'; id++)
        (void)fputc(isalnum((unsigned char)*id) ? *id : '-', out);
}

char *document_image_id(const char *path, char *id, size_t id_bytes) {
    const char *name = strchr(path, '/') != NULL ? strchr(path, '/') + 1 : path;
    (void)snprintf(id, id_bytes, "chart-%.*s", (int)strcspn(name, "."), name);
    return id;
}

void document_put_target(FILE *out, const char *target, size_t n_bytes) {
    bool is_anchor = target[0] == '#';
    for (size_t i = 0; i < n_bytes; i++) {
        char byte = target[i];
        if (isalnum((unsigned char)byte) || byte == '-' || (i == 0 && is_anchor) ||
            (!is_anchor && strchr("._/", byte) != NULL))
            (void)fputc(byte, out);
        else
            (void)fprintf(out, is_anchor ? "-" : "%%%02X", (unsigned char)byte);
    }
}

bool document_is_number(const char *cell) {
    static const char *const stands_for_one[] = {"n/a", "-"};
    static const char *const times[] = {"", "ms", "s"};
    for (size_t i = 0; i < sizeof stands_for_one / sizeof *stands_for_one; i++)
        if (strncmp(cell, stands_for_one[i], 3) == 0)
            return true;
    const char *digits = cell + strspn(cell, "<>+-");
    size_t length = strspn(digits, "0123456789.");
    const char *rest = cell + strspn(cell, "0123456789.-/()<>+%to ");
    for (size_t i = 0; length > 0 && i < sizeof times / sizeof *times; i++)
        if (strcmp(rest, times[i]) == 0)
            return true;
    return false;
}
