/* Text for a terminal; see terminal.h. */
#include "common/document/terminal.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/text.h"

enum { MAX_COLUMNS = 24, MAX_HEAD_LINES = 8, MAX_HEAD = 120 };

static int columns_of(const char *text, size_t n_bytes) {
    int n = 0;
    for (size_t i = 0; i < n_bytes; i++) /* bytes that do not continue a character */
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* How many bytes of a word that is too long for a line go into `room` columns: to the
 * last sign behind which it may be broken, or as many as there is room for. */
static size_t break_word(const char *word, size_t n_bytes, int room) {
    size_t end = 0, best = 0;
    for (size_t i = 1; i <= n_bytes && columns_of(word, i) <= room; i++) {
        bool is_whole = i == n_bytes || ((unsigned char)word[i] & 0xC0) != 0x80;
        end = is_whole ? i : end;
        best = strchr("+/,;&?", word[i - 1]) != NULL ? i : best;
    }
    return best > 0 ? best : end > 0 ? end : n_bytes;
}

void terminal_wrap(const char *text, int indent, FILE *out) {
    int at = 0;
    while (*text != '\0') {
        size_t blanks = strspn(text, " ");
        const char *word = text + blanks;
        size_t n_bytes = strcspn(word, " ");
        if (at > 0 && at + (int)blanks + columns_of(word, n_bytes) > TERMINAL_COLUMNS) {
            (void)fprintf(out, "\n%*s", indent, "");
            at = indent;
            blanks = 0;
        }
        int room = TERMINAL_COLUMNS - at - (int)blanks;
        if (columns_of(word, n_bytes) > room)
            n_bytes = break_word(word, n_bytes, room);
        (void)fprintf(out, "%*s%.*s", (int)blanks, "", (int)n_bytes, word);
        at += (int)blanks + columns_of(word, n_bytes);
        text = word + n_bytes;
    }
    (void)fputc('\n', out);
}

static void heading(FILE *out, int level, const char *id, const char *text) {
    (void)level;
    (void)id;
    (void)fputc('\n', out);
    terminal_wrap(text, 2, out);
}

static void paragraph(FILE *out, enum document_tone tone, const char *text) {
    (void)tone;
    terminal_wrap(text, 0, out);
}

static void code(FILE *out, const char *line) {
    (void)fprintf(out, "    %s\n", line);
}

static void item(FILE *out, const char *text) {
    terminal_wrap(text, 2, out);
}

struct column {
    const char *head;
    int width;
    bool is_of_numbers;
    char lines[MAX_HEAD_LINES][MAX_HEAD]; /* of the head */
    int n_lines;
};

static int longest_word(const char *text) {
    int most = 0;
    while (*text != '\0') {
        size_t n_bytes = strcspn(text, " ");
        int own = columns_of(text, n_bytes);
        most = own > most ? own : most;
        text += n_bytes + strspn(text + n_bytes, " ");
    }
    return most;
}

/* How many columns fit beside each other; the first one always does. */
static size_t count_fitting(const struct column *columns, size_t n_columns, int gap) {
    int used = columns[0].width;
    size_t n = 1;
    while (n < n_columns && used + gap + columns[n].width <= TERMINAL_COLUMNS)
        used += gap + columns[n++].width;
    return n;
}

/* With so many blanks before it: none before the first column, where texts go left. */
static void put(FILE *out, const struct column *column, const char *text, int gap,
                bool is_last) {
    int room = column->width - columns_of(text, strlen(text));
    bool right = column->is_of_numbers && gap > 0;
    (void)fprintf(out, "%*s%*s%s%*s", gap, "", right ? room : 0, "", text,
                  right || is_last ? 0 : room, "");
}

/* Breaks the head into lines as wide as its column. */
static void wrap_head(struct column *column) {
    char(*line)[MAX_HEAD] = column->lines;
    (*line)[0] = '\0';
    for (const char *word = column->head; *word != '\0';) {
        size_t n_bytes = strcspn(word, " ");
        int used = columns_of(*line, strlen(*line));
        if (used > 0 && line + 1 < column->lines + MAX_HEAD_LINES &&
            used + 1 + columns_of(word, n_bytes) > column->width)
            (*++line)[0] = '\0';
        text_append(*line, MAX_HEAD, "%s%.*s", (*line)[0] != '\0' ? " " : "",
                    (int)n_bytes, word);
        word += n_bytes + strspn(word + n_bytes, " ");
    }
    column->n_lines = (int)(line - column->lines) + 1;
}

/* Gives the room that is left to the columns whose heads have most lines. */
static void widen(struct column *columns, size_t n_columns, int gap) {
    int room = TERMINAL_COLUMNS + gap;
    for (size_t i = 0; i < n_columns; i++)
        room -= gap + columns[i].width;
    for (int n_lines = MAX_HEAD_LINES; n_lines > 2; n_lines--)
        for (size_t i = 0; i < n_columns; i++)
            for (; room > 0 && columns[i].n_lines >= n_lines; room--) {
                columns[i].width++;
                wrap_head(&columns[i]);
            }
}

static void put_heads(FILE *out, const struct column *columns, size_t n_columns,
                      int gap) {
    int n_lines = 1;
    for (size_t i = 0; i < n_columns; i++)
        n_lines = columns[i].n_lines > n_lines ? columns[i].n_lines : n_lines;
    while (n_lines-- > 0) {
        for (size_t i = 0; i < n_columns; i++) {
            int line = columns[i].n_lines - 1 - n_lines; /* the last ones side by side */
            put(out, &columns[i], line < 0 ? "" : columns[i].lines[line], i > 0 ? gap : 0,
                i + 1 == n_columns);
        }
        (void)fputc('\n', out);
    }
}

static void table(FILE *out, const char *const *heads, size_t n_columns,
                  const char *const *cells, size_t n_rows) {
    struct column columns[MAX_COLUMNS] = {{.head = ""}};
    size_t n = n_columns < MAX_COLUMNS ? n_columns : MAX_COLUMNS;
    for (size_t i = 0; i < n; i++) {
        columns[i] = (struct column){
            .head = heads[i], .width = longest_word(heads[i]), .is_of_numbers = true};
        for (size_t k = i; k < n_rows * n_columns; k += n_columns) {
            int own = columns_of(cells[k], strlen(cells[k]));
            columns[i].width = own > columns[i].width ? own : columns[i].width;
            columns[i].is_of_numbers &= document_is_number(cells[k]);
        }
        wrap_head(&columns[i]);
    }
    int gap = count_fitting(columns, n, 2) == n ? 2 : 1;
    n = count_fitting(columns, n, gap);
    widen(columns, n, gap);
    put_heads(out, columns, n, gap);
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t i = 0; i < n; i++)
            put(out, &columns[i], cells[row * n_columns + i], i > 0 ? gap : 0,
                i + 1 == n);
        (void)fputc('\n', out);
    }
}

const struct document_format document_terminal = {
    NULL, NULL, heading, paragraph, code, NULL, NULL, item, table, NULL, NULL,
};
