/* Replies line by line; see http1_parse.h. A line that lies in the input whole is read
 * where it lies; only one that is cut is copied. */
#include "loadgen/transport/http1_parse.h"

#include <string.h>

#include "loadgen/transport/headers.h"

static const char PROTOCOL[] = "HTTP/1.";

enum { PROTOCOL_BYTES = sizeof PROTOCOL - 1, MOST_DIGITS = 18 };

static enum http1_stage is_bad(struct http1_parser *parser, enum sample_error what) {
    parser->bad = what;
    return HTTP1_BAD;
}

/* Of several that say the same; false when it makes no sense. */
static bool read_length(struct http1_head *head, struct span item) {
    uint64_t length = 0;
    if (item.n_bytes == 0 || item.n_bytes > MOST_DIGITS)
        return false;
    for (size_t i = 0; i < item.n_bytes; i++) {
        if (!span_is_digit(item.text[i]))
            return false;
        length = 10 * length + (uint64_t)(item.text[i] - '0');
    }
    if (head->has_length && head->left_bytes != length)
        return false;
    head->has_length = true;
    head->left_bytes = length;
    return true;
}

/*
 * What the reply is framed by must be read whole, or where it ends is a guess. A length
 * of "5, 5" is 5: a proxy may have joined lines that say the same (RFC 9110, 8.6). False
 * when it makes no sense.
 */
static bool read_framing(struct http1_parser *parser, struct span name, struct span value,
                         bool is_whole) {
    struct http1_head *head = &parser->head;
    bool is_length = span_equals(name, "Content-Length");
    bool is_coding = span_equals(name, "Transfer-Encoding");
    if (!is_length && !is_coding && !span_equals(name, "Connection"))
        return true;
    parser->last_line_frames = true;
    if (!is_whole || (is_length && value.n_bytes == 0))
        return false;
    head->is_coded |= is_coding;
    for (struct span item; span_next(&value, &item);) {
        if (is_length && !read_length(head, item))
            return false;
        if (is_coding)
            head->is_chunked = span_equals(item, "chunked"); /* the last one frames */
        else if (!is_length && span_equals(item, "close"))
            head->keeps_alive = false;
        else if (!is_length && span_equals(item, "keep-alive") && head->protocol == 10)
            head->keeps_alive = true;
    }
    return true;
}

/* Lines of any kind. Each reader returns the next stage. */

static enum http1_stage read_header(struct http1_parser *parser, struct span line,
                                    bool is_whole) {
    bool is_clear = true;
    if (span_is_blank(line.text[0])) /* an old way to go on with the line before */
        return parser->last_line_frames ? is_bad(parser, SAMPLE_BAD_LENGTH)
                                        : HTTP1_HEADERS;
    parser->last_line_frames = false;
    const char *colon = memchr(line.text, ':', line.n_bytes);
    if (colon == NULL)
        return is_whole ? is_bad(parser, SAMPLE_BAD_HEADER) : HTTP1_HEADERS;
    size_t n_name = (size_t)(colon - line.text);
    switch (line.text[0] | 0x20) { /* most headers are none of ours */
    case 'c':
    case 't':
        is_clear = read_framing(
            parser, span_trim((struct span){line.text, n_name}),
            span_trim((struct span){colon + 1, line.n_bytes - n_name - 1}), is_whole);
        break;
    case 's':
    case 'j':
        if (!parser->head.has_report)
            headers_clear_report(&parser->report);
        if (is_whole && headers_read_report(line.text, line.n_bytes, &parser->report))
            parser->head.has_report = true;
        break;
    }
    return is_clear ? HTTP1_HEADERS : is_bad(parser, SAMPLE_BAD_LENGTH);
}

static enum http1_stage read_status_line(struct http1_parser *parser, struct span line) {
    const char *at = line.text + PROTOCOL_BYTES;
    if (line.n_bytes < PROTOCOL_BYTES + 5 ||
        memcmp(line.text, PROTOCOL, PROTOCOL_BYTES) != 0 || !span_is_digit(at[0]) ||
        at[1] != ' ' || at[2] < '1' || at[2] > '9' || !span_is_digit(at[3]) ||
        !span_is_digit(at[4]) || (line.n_bytes > PROTOCOL_BYTES + 5 && at[5] != ' '))
        return is_bad(parser, SAMPLE_NOT_HTTP);
    struct http1_head *head = &parser->head;
    head->protocol = at[0] == '0' ? 10 : 11;
    head->status = 100 * (at[2] - '0') + 10 * (at[3] - '0') + (at[4] - '0');
    head->keeps_alive = head->protocol == 11;
    head->has_length = head->is_chunked = head->is_coded = false;
    head->left_bytes = 0;
    parser->last_line_frames = false;
    return HTTP1_HEADERS;
}

static enum http1_stage after_head(struct http1_parser *parser) {
    struct http1_head *head = &parser->head;
    if (head->status == 101) /* nobody asked for another protocol */
        return is_bad(parser, SAMPLE_UPGRADE);
    if (head->status < 200)
        return HTTP1_STATUS_LINE;
    if (head->status == 204 || head->status == 304 || parser->is_of_head)
        return HTTP1_DONE;
    if (head->is_coded && head->has_length)
        head->keeps_alive = false; /* two lengths: do not trust what comes after */
    if (head->is_chunked)
        return HTTP1_CHUNK_SIZE;
    if (head->has_length && !head->is_coded)
        return head->left_bytes > 0 ? HTTP1_COUNTED_BODY : HTTP1_DONE;
    head->keeps_alive = false;
    return HTTP1_BODY_UNTIL_CLOSE;
}

static int hex_value(char c) {
    int letter = (c | 0x20) - 'a';
    return span_is_digit(c) ? c - '0' : letter >= 0 && letter < 6 ? 10 + letter : -1;
}

static enum http1_stage read_chunk_size(struct http1_parser *parser, struct span line,
                                        bool is_whole) {
    uint64_t size = 0;
    size_t n = 0;
    for (; n < line.n_bytes && hex_value(line.text[n]) >= 0; n++) {
        if (size >> 56 != 0)
            return is_bad(parser, SAMPLE_BAD_CHUNK);
        size = 16 * size + (uint64_t)hex_value(line.text[n]);
    }
    struct span rest = span_trim((struct span){line.text + n, line.n_bytes - n});
    if (n == 0 || !is_whole || (rest.n_bytes > 0 && rest.text[0] != ';'))
        return is_bad(parser, SAMPLE_BAD_CHUNK);
    parser->head.left_bytes = size;
    return size > 0 ? HTTP1_CHUNK_DATA : HTTP1_TRAILERS;
}

static enum http1_stage read_line(struct http1_parser *parser, struct span line,
                                  bool is_whole) {
    bool is_empty = line.n_bytes == 0;
    switch (parser->stage) {
    case HTTP1_STATUS_LINE:
        return read_status_line(parser, line); /* a long reason changes nothing */
    case HTTP1_HEADERS:
        return is_empty ? after_head(parser) : read_header(parser, line, is_whole);
    case HTTP1_CHUNK_SIZE:
        return read_chunk_size(parser, line, is_whole);
    case HTTP1_CHUNK_END:
        return is_empty ? HTTP1_CHUNK_SIZE : is_bad(parser, SAMPLE_BAD_CHUNK);
    default:
        return is_empty ? HTTP1_DONE : HTTP1_TRAILERS;
    }
}

/* A line has ended. `n_bytes` counts all of it, `line` holds what there was room for. */
static void take_line(struct http1_parser *parser, struct span line, size_t n_bytes) {
    bool is_whole = n_bytes <= HTTP1_LINE_BYTES;
    bool is_head = parser->stage <= HTTP1_LAST_OF_HEAD;
    if (!is_whole)
        line.n_bytes = HTTP1_LINE_BYTES;
    line.n_bytes--; /* its '\n', or what lies beyond the room */
    if (is_whole && line.n_bytes > 0 && line.text[line.n_bytes - 1] == '\r')
        line.n_bytes--;
    if (is_head && parser->viewer != NULL)
        parser->viewer->line(parser->viewer->context, line.text, line.n_bytes);
    parser->stage = read_line(parser, line, is_whole);
    if (is_head && ++parser->head.n_lines > HTTP1_MAX_HEAD_LINES)
        parser->stage = is_bad(parser, SAMPLE_ENDLESS_HEAD);
}

/* Takes a line or the part of one that is there; returns how much. */
static size_t eat_line(struct http1_parser *parser, const char *bytes, size_t n) {
    const char *end = memchr(bytes, '\n', n);
    size_t taken = end != NULL ? (size_t)(end - bytes) + 1 : n;
    struct span line = {bytes, taken};
    size_t n_before = parser->n_line_bytes, whole_bytes = n_before + taken;
    if (end == NULL || n_before > 0) {
        size_t room = n_before < HTTP1_LINE_BYTES ? HTTP1_LINE_BYTES - n_before : 0;
        size_t copied = taken < room ? taken : room;
        if (copied > 0)
            memcpy(parser->line + n_before, bytes, copied);
        line = (struct span){parser->line, n_before + copied};
    }
    if (parser->stage <= HTTP1_LAST_OF_HEAD)
        parser->head.n_bytes += taken;
    bool is_endless =
        parser->head.n_bytes > HTTP1_MAX_HEAD_BYTES || whole_bytes > HTTP1_MAX_HEAD_BYTES;
    parser->n_line_bytes = end != NULL ? 0 : whole_bytes;
    /* What cannot become a status line need not be waited for. */
    size_t n_compared = line.n_bytes < PROTOCOL_BYTES ? line.n_bytes : PROTOCOL_BYTES;
    if (parser->stage == HTTP1_STATUS_LINE &&
        memcmp(line.text, PROTOCOL, n_compared) != 0)
        parser->stage = is_bad(parser, SAMPLE_NOT_HTTP);
    else if (is_endless)
        parser->stage = is_bad(parser, SAMPLE_ENDLESS_HEAD);
    else if (end != NULL)
        take_line(parser, line, whole_bytes);
    return taken;
}

/* Bytes of a body; the next stage follows when none of it are left. */
static size_t eat_body(struct http1_parser *parser, const char *bytes, size_t n) {
    bool is_counted = parser->stage != HTTP1_BODY_UNTIL_CLOSE;
    size_t taken =
        is_counted && parser->head.left_bytes < n ? (size_t)parser->head.left_bytes : n;
    parser->body_bytes += taken;
    if (parser->head.status >= 400 && parser->body_bytes == taken)
        refusal_note(parser->head.status, bytes, taken);
    if (parser->viewer != NULL)
        parser->viewer->body(parser->viewer->context, bytes, taken);
    if (!is_counted)
        return taken;
    parser->head.left_bytes -= taken;
    if (parser->head.left_bytes == 0)
        parser->stage = parser->stage == HTTP1_CHUNK_DATA ? HTTP1_CHUNK_END : HTTP1_DONE;
    return taken;
}

void http1_parse_begin(struct http1_parser *parser, bool is_of_head,
                       const struct http1_viewer *viewer, struct http1_known *known) {
    parser->stage = HTTP1_STATUS_LINE;
    parser->bad = SAMPLE_ANSWERED;
    parser->head = (struct http1_head){0};
    parser->body_bytes = 0;
    parser->is_of_head = is_of_head;
    parser->viewer = viewer;
    parser->known = viewer == NULL ? known : NULL; /* a viewer wants each line */
    parser->n_line_bytes = 0;
}

size_t http1_parse(struct http1_parser *parser, const char *bytes, size_t n_bytes) {
    struct http1_known *known = parser->head.n_bytes == 0 ? parser->known : NULL;
    size_t used = 0;
    if (known != NULL && known->n_bytes > 0 && n_bytes >= known->n_bytes &&
        memcmp(bytes, known->text, known->n_bytes) == 0) {
        parser->head = known->head;
        parser->stage = known->next_stage;
        used = known->n_bytes;
        known = NULL;
    }
    while (used < n_bytes && parser->stage < HTTP1_DONE) {
        bool is_line = parser->stage <= HTTP1_LAST_OF_LINES;
        used += (is_line ? eat_line : eat_body)(parser, bytes + used, n_bytes - used);
        if (known == NULL || parser->stage <= HTTP1_HEADERS)
            continue;
        /* A head has ended that is to be known; a report is another one each time. */
        if (parser->stage != HTTP1_BAD && !parser->head.has_report &&
            used <= HTTP1_KNOWN_BYTES) {
            known->n_bytes = used;
            known->next_stage = parser->stage;
            known->head = parser->head;
            memcpy(known->text, bytes, used);
        }
        known = NULL;
    }
    return used;
}

void http1_parse_close(struct http1_parser *parser) {
    if (parser->stage == HTTP1_BODY_UNTIL_CLOSE)
        parser->stage = HTTP1_DONE;
}
