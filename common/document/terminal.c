/* Text for a terminal; see terminal.h. */
#include "common/document/terminal.h"

#include <stdbool.h>
#include <string.h>

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

static void begin(FILE *out, const char *title) {
    (void)fprintf(out, "%s\n", title);
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

/* A column of a table: its cells are `stride` apart. */
struct column {
    const char *head;
    const char *const *cells;
    size_t n_rows, stride;
    int width;
    bool is_of_numbers;
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

static void measure(struct column *column) {
    column->width = longest_word(column->head);
    column->is_of_numbers = true;
    for (size_t i = 0; i < column->n_rows; i++) {
        const char *cell = column->cells[i * column->stride];
        int own = columns_of(cell, strlen(cell));
        column->width = own > column->width ? own : column->width;
        column->is_of_numbers &= document_is_number(cell);
    }
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

/* The n-th line from the end of a head that is wrapped into its column; "" when it has
 * fewer. Returns how many it has. */
static int head_line(const struct column *column, int from_end, char line[MAX_HEAD]) {
    char lines[MAX_HEAD_LINES][MAX_HEAD] = {""};
    int n = 0;
    for (const char *word = column->head; *word != '\0';) {
        int n_bytes = (int)strcspn(word, " ");
        size_t length = strlen(lines[n]);
        int used = columns_of(lines[n], length);
        if (length > 0 && n + 1 < MAX_HEAD_LINES &&
            used + 1 + columns_of(word, (size_t)n_bytes) > column->width) {
            n++;
            length = 0;
        }
        (void)snprintf(lines[n] + length, MAX_HEAD - length, "%s%.*s",
                       length > 0 ? " " : "", n_bytes, word);
        word += n_bytes + (int)strspn(word + n_bytes, " ");
    }
    (void)snprintf(line, MAX_HEAD, "%s", from_end <= n ? lines[n - from_end] : "");
    return n + 1;
}

/* Gives the room that is left to the columns whose heads have most lines. */
static void widen(struct column *columns, size_t n_columns, int gap) {
    char line[MAX_HEAD];
    int room = TERMINAL_COLUMNS + gap;
    for (size_t i = 0; i < n_columns; i++)
        room -= gap + columns[i].width;
    for (int n_lines = MAX_HEAD_LINES; n_lines > 2; n_lines--)
        for (size_t i = 0; i < n_columns; i++)
            while (room > 0 && head_line(&columns[i], 0, line) >= n_lines) {
                columns[i].width++;
                room--;
            }
}

static void put_heads(FILE *out, const struct column *columns, size_t n_columns,
                      int gap) {
    char line[MAX_HEAD];
    int n_lines = 1;
    for (size_t i = 0; i < n_columns; i++) {
        int own = head_line(&columns[i], 0, line);
        n_lines = own > n_lines ? own : n_lines;
    }
    while (n_lines-- > 0) {
        for (size_t i = 0; i < n_columns; i++) {
            (void)head_line(&columns[i], n_lines, line);
            put(out, &columns[i], line, i > 0 ? gap : 0, i + 1 == n_columns);
        }
        (void)fputc('\n', out);
    }
}

static void table(FILE *out, const char *const *heads, size_t n_columns,
                  const char *const *cells, size_t n_rows) {
    struct column columns[MAX_COLUMNS] = {{.head = ""}};
    size_t n = n_columns < MAX_COLUMNS ? n_columns : MAX_COLUMNS;
    for (size_t i = 0; i < n; i++) {
        columns[i] = (struct column){heads[i], cells + i, n_rows, n_columns, 0, false};
        measure(&columns[i]);
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
    NULL, begin, heading, paragraph, code, NULL, NULL, item, table, NULL, NULL,
};
