/* The reply parser: what it makes of replies, whole and cut at every byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/transport/http1_parse.h"
#include "tests/test.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define NO_BODY "HTTP/1.1 204 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

struct expected {
    const char *reply;
    enum http1_stage stage;
    int status;
    unsigned body_bytes;
    bool keeps_alive;
    unsigned n_left; /* not taken */
    bool closes;
    enum sample_error bad; /* at HTTP1_BAD */
};

static const struct expected rows[] = {
    {OK "Content-Length: 5\r\n\r\nhello", .stage = HTTP1_DONE, 200, 5, true},
    {OK "Content-Length: 0\r\n\r\n", .stage = HTTP1_DONE, 200, 0, true},
    {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", .stage = HTTP1_DONE, 200, 0, true},
    {"HTTP/1.1 200 OK\ncontent-length:5 \n\nhello", .stage = HTTP1_DONE, 200, 5, true},
    {OK "Content-Length: 5\r\n\r\nhell", .stage = HTTP1_COUNTED_BODY, 200, 4},
    {OK "Content-Length: 5\r\n\r\nhelloHTTP", .stage = HTTP1_DONE, 200, 5, true,
     .n_left = 4},
    {OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", .stage = HTTP1_DONE, 200,
     5, true},
    {OK "Content-Length: 5, 5\r\n\r\nhello", .stage = HTTP1_DONE, 200, 5, true},
    {OK "Content-Length: 5, 6\r\n\r\nhello", .stage = HTTP1_BAD, 200,
     .bad = SAMPLE_BAD_LENGTH},
    {OK "Content-Length: 5, x\r\n\r\nhello", .stage = HTTP1_BAD, 200,
     .bad = SAMPLE_BAD_LENGTH},
    {OK "Content-Length:\r\n\r\nhello", .stage = HTTP1_BAD, 200,
     .bad = SAMPLE_BAD_LENGTH},
    {OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", .stage = HTTP1_BAD, 200,
     .bad = SAMPLE_BAD_LENGTH},
    {OK "Content-Length: -5\r\n\r\n", .stage = HTTP1_BAD, 200, .bad = SAMPLE_BAD_LENGTH},
    {OK "Content-Length: 99999999999999999999\r\n\r\n", .stage = HTTP1_BAD, 200,
     .bad = SAMPLE_BAD_LENGTH},
    {OK "Content-Length:\r\n 5\r\n\r\n", .stage = HTTP1_BAD, 200,
     .bad = SAMPLE_BAD_LENGTH},
    {OK "X: a\r\n b\r\nContent-Length: 0\r\n\r\n", .stage = HTTP1_DONE, 200, 0, true},
    {OK "nonsense\r\n\r\n", .stage = HTTP1_BAD, 200, .bad = SAMPLE_BAD_HEADER},
    {OK "Connection: close\r\nContent-Length: 0\r\n\r\n", .stage = HTTP1_DONE, 200, 0,
     false},
    {OK "Connection: x, Close\r\nContent-Length: 0\r\n\r\n", .stage = HTTP1_DONE, 200, 0,
     false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", .stage = HTTP1_DONE, 200, 1, false},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
     .stage = HTTP1_DONE, 200, 1, true},
    {OK "\r\nuntil it closes", .stage = HTTP1_DONE, 200, 15, .closes = true},
    {OK "\r\nuntil it closes", .stage = HTTP1_BODY_UNTIL_CLOSE, 200, 15},
    {OK "Content-Le", .stage = HTTP1_HEADERS, 200, .closes = true},
    {CHUNKED "5\r\nhello\r\n0\r\n\r\n", .stage = HTTP1_DONE, 200, 5, true},
    {CHUNKED "5;name=value\r\nhello\r\nA \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nrest",
     .stage = HTTP1_DONE, 200, 15, true, .n_left = 4},
    {CHUNKED "zz\r\n", .stage = HTTP1_BAD, 200, .bad = SAMPLE_BAD_CHUNK},
    {CHUNKED "5x\r\nhello\r\n", .stage = HTTP1_BAD, 200, .bad = SAMPLE_BAD_CHUNK},
    {CHUNKED "5\r\nhelloX\r\n", .stage = HTTP1_BAD, 200, 5, .bad = SAMPLE_BAD_CHUNK},
    {CHUNKED "11111111111111111\r\n", .stage = HTTP1_BAD, 200, .bad = SAMPLE_BAD_CHUNK},
    {CHUNKED "5\r\nhe", .stage = HTTP1_CHUNK_DATA, 200, 2, .closes = true},
    {OK "Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
     .stage = HTTP1_DONE, 200, 1, true},
    {OK "Transfer-Encoding: gzip\r\n\r\nxyz", .stage = HTTP1_DONE, 200, 3,
     .closes = true},
    {OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
     .stage = HTTP1_DONE, 200, 1, false},
    {"HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\nx", .stage = HTTP1_DONE,
     200, 1, true},
    {"HTTP/1.1 103 Hints\r\nContent-Length: 7\r\n\r\n" OK "\r\n", .stage = HTTP1_DONE,
     200, 0, .closes = true},
    {"HTTP/1.1 101 Switching\r\n\r\n", .stage = HTTP1_BAD, 101, .bad = SAMPLE_UPGRADE},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", .stage = HTTP1_DONE, 204, 0,
     true},
    {"HTTP/1.1 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n", .stage = HTTP1_DONE, 304,
     0, true},
    {"HTTP/2 200\r\n\r\n", .stage = HTTP1_BAD, 0, .bad = SAMPLE_NOT_HTTP},
    {"HTTP/1.1 2x0 OK\r\n\r\n", .stage = HTTP1_BAD, 0, .bad = SAMPLE_NOT_HTTP},
    {"HTTP/1.1 20\r\n\r\n", .stage = HTTP1_BAD, 0, .bad = SAMPLE_NOT_HTTP},
    {"HTTP/1.1 2000\r\n\r\n", .stage = HTTP1_BAD, 0, .bad = SAMPLE_NOT_HTTP},
    {"\1\2 not http", .stage = HTTP1_BAD, 0, .bad = SAMPLE_NOT_HTTP},
    {"\r\n", .stage = HTTP1_BAD, 0, .bad = SAMPLE_NOT_HTTP},
    {"HTT", .stage = HTTP1_STATUS_LINE, 0, .closes = true},
    {"", .stage = HTTP1_STATUS_LINE, 0, .closes = true},
};

enum { N_ROWS = sizeof rows / sizeof *rows };

static size_t parse(struct http1_parser *parser, const char *reply, size_t piece_bytes) {
    size_t n_bytes = strlen(reply), used = 0;
    while (used < n_bytes && parser->stage < HTTP1_DONE) {
        size_t n = n_bytes - used < piece_bytes ? n_bytes - used : piece_bytes;
        used += http1_parse(parser, reply + used, n);
    }
    return n_bytes - used;
}

static void check_row(const struct expected *expected, size_t piece,
                      struct http1_known *known) {
    struct http1_parser parser;
    http1_parse_begin(&parser, false, NULL, known);
    size_t n_left = parse(&parser, expected->reply, piece);
    if (expected->closes)
        http1_parse_close(&parser);
    if (parser.stage != expected->stage)
        fail_msg("in pieces of %zu: stage %d, not %d, after:\n%s", piece,
                 (int)parser.stage, (int)expected->stage, expected->reply);
    assert_int_equal(parser.head.status, expected->status);
    assert_int_equal(parser.body_bytes, expected->body_bytes);
    if (parser.stage == HTTP1_BAD)
        assert_string_equal(sample_error_name(parser.bad),
                            sample_error_name(expected->bad));
    if (parser.stage == HTTP1_DONE) {
        assert_int_equal(parser.head.keeps_alive, expected->keeps_alive);
        assert_int_equal(n_left, expected->n_left);
    }
}

TEST(every_reply_is_read_as_expected_however_it_is_cut) {
    for (size_t row = 0; row < N_ROWS; row++)
        for (size_t piece = 1; piece <= strlen(rows[row].reply) + 1; piece++)
            check_row(&rows[row], piece, NULL);
}

/* Each row behind each: with its own head known, another's, or that of its like. */
TEST(a_known_head_changes_nothing) {
    struct http1_known known = {0};
    for (size_t row = 0; row < N_ROWS; row++)
        for (size_t before = 0; before < N_ROWS; before++) {
            check_row(&rows[before], SIZE_MAX, &known);
            for (size_t piece = strlen(rows[row].reply) + 1; piece > 0; piece--)
                check_row(&rows[row], piece, &known);
            check_row(&rows[row], SIZE_MAX, &known);
        }
}

/* Whatever the head says: what comes behind it belongs to the next reply. */
TEST(a_reply_to_a_head_request_has_no_body) {
    static const struct {
        const char *reply;
        bool keeps_alive;
    } replies[] = {
        {OK "Content-Length: 1000\r\n\r\nHTTP", true},
        {OK "Transfer-Encoding: chunked\r\n\r\nHTTP", true},
        {OK "\r\nHTTP", true},
        {OK "Connection: close\r\n\r\nHTTP", false},
        {"HTTP/1.1 100 C\r\n\r\n" OK "Content-Length: 7\r\n\r\nHTTP", true},
    };
    struct http1_known known = {0};
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
        for (size_t piece = strlen(replies[i].reply) + 1; piece > 0; piece--) {
            struct http1_parser parser;
            http1_parse_begin(&parser, true, NULL, &known);
            assert_int_equal(parse(&parser, replies[i].reply, piece), 4);
            assert_int_equal(parser.stage, HTTP1_DONE);
            assert_int_equal(parser.head.status, 200);
            assert_int_equal(parser.head.keeps_alive, replies[i].keeps_alive);
            assert_int_equal(parser.body_bytes, 0);
        }
}

TEST(a_head_is_known_when_it_came_whole) {
    static const char reply[] = "HTTP/1.1 100 C\r\n\r\n" OK "Content-Length: 2\r\n\r\nab";
    struct http1_known known = {0};
    struct http1_parser parser;
    http1_parse_begin(&parser, false, NULL, &known);
    (void)parse(&parser, reply, sizeof reply - 4);
    assert_int_equal(known.n_bytes, 0);
    http1_parse_begin(&parser, false, NULL, &known);
    (void)parse(&parser, reply, SIZE_MAX);
    assert_int_equal(known.n_bytes, sizeof reply - 1 - 2);
    known.head.status = 299; /* shows that it is this one which is taken */
    http1_parse_begin(&parser, false, NULL, &known);
    assert_int_equal(parse(&parser, reply, sizeof reply - 2), 0);
    assert_int_equal(parser.stage, HTTP1_DONE);
    assert_int_equal(parser.head.status, 299);
}

/* The memory checkers watch what becomes of the one that is a byte longer. */
TEST(a_head_is_known_up_to_its_bound) {
    char reply[HTTP1_KNOWN_BYTES + 2];
    static const char before[] = NO_BODY "X: ", behind[] = "\r\n\r\n";
    for (size_t n = HTTP1_KNOWN_BYTES; n <= HTTP1_KNOWN_BYTES + 1; n++) {
        struct http1_known known = {0};
        struct http1_parser parser;
        int n_filling = (int)(n - (sizeof before - 1) - (sizeof behind - 1));
        (void)snprintf(reply, sizeof reply, "%s%0*d%s", before, n_filling, 0, behind);
        http1_parse_begin(&parser, false, NULL, &known);
        (void)parse(&parser, reply, SIZE_MAX);
        assert_int_equal(parser.stage, HTTP1_DONE);
        assert_int_equal(known.n_bytes, n == HTTP1_KNOWN_BYTES ? n : 0);
    }
}

/* A status line, then `line` so many times, then the end of the head. */
static enum http1_stage stage_after(const char *line, size_t n_times, size_t piece) {
    size_t line_bytes = strlen(line);
    char *reply = malloc(64 + n_times * line_bytes);
    size_t used = (size_t)sprintf(reply, NO_BODY);
    for (size_t i = 0; i < n_times; i++, used += line_bytes)
        memcpy(reply + used, line, line_bytes);
    memcpy(reply + used, "\r\n", 3);
    struct http1_parser parser;
    http1_parse_begin(&parser, false, NULL, NULL);
    (void)parse(&parser, reply, piece);
    free(reply);
    return parser.stage;
}

TEST(heads_are_bounded_in_bytes_and_lines) {
    static const size_t pieces[] = {1, 1000, 1 << 20};
    char *long_line = malloc(1001);
    memset(long_line, 'x', 1000);
    memcpy(long_line, "X: ", 3);
    memcpy(long_line + 998, "\r\n", 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stage_after("a:b\r\n", 254, pieces[i]), HTTP1_DONE);
        assert_int_equal(stage_after("a:b\r\n", 255, pieces[i]), HTTP1_BAD);
        assert_int_equal(stage_after(long_line, 65, pieces[i]), HTTP1_DONE);
        assert_int_equal(stage_after(long_line, 66, pieces[i]), HTTP1_BAD);
        assert_int_equal(stage_after("no end of it ", 6000, pieces[i]), HTTP1_BAD);
        assert_int_equal(stage_after("HTTP/1.1 100 C\r\n\r\n", 1, pieces[i]), HTTP1_BAD);
    }
    free(long_line);
}

TEST(interim_replies_without_end_are_bad) {
    struct http1_parser parser;
    http1_parse_begin(&parser, false, NULL, NULL);
    for (int i = 0; i < 300 && parser.stage < HTTP1_DONE; i++)
        (void)parse(&parser, "HTTP/1.1 100 Continue\r\n\r\n", SIZE_MAX);
    assert_int_equal(parser.stage, HTTP1_BAD);
}

TEST(a_long_header_matters_only_when_it_frames) {
    char reply[2000];
    struct http1_parser parser;
    static const struct {
        const char *name;
        enum http1_stage stage;
    } names[] = {{"Set-Cookie", HTTP1_DONE},
                 {"Server-Timing", HTTP1_DONE},
                 {"Content-Length", HTTP1_BAD}};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(reply, sizeof reply, NO_BODY "%s: %0600d\r\n\r\n", names[i].name,
                       0);
        for (size_t piece = 1; piece < 1000; piece += 37) {
            http1_parse_begin(&parser, false, NULL, NULL);
            (void)parse(&parser, reply, piece);
            assert_int_equal(parser.stage, names[i].stage);
            assert_false(parser.head.has_report);
        }
    }
}

TEST(what_the_server_reports_is_kept_and_forgotten) {
    const char *reply = OK "server-timing: queue;dur=0.5, run;dur=2\r\n"
                           "Juggle-Worker: process=1 thread=2 cpu=0 from_ns=3 to_ns=4\r\n"
                           "Content-Length: 0\r\n\r\n";
    struct http1_known known = {0};
    struct http1_parser parser;
    for (size_t piece = strlen(reply); piece > 0; piece--) {
        http1_parse_begin(&parser, false, NULL, &known);
        assert_false(parser.head.has_report);
        (void)parse(&parser, reply, piece);
        assert_true(parser.head.has_report);
        assert_true(parser.report.run_us > 1999.9 && parser.report.run_us < 2000.1);
        assert_true(parser.report.names_worker);
        assert_int_equal(parser.report.to_ns, 4);
        assert_int_equal(known.n_bytes, 0); /* another parser has another report */
    }
}

struct seen {
    char text[200];
    size_t n_bytes;
};

static void see(void *context, const char *bytes, size_t n_bytes) {
    struct seen *seen = context;
    memcpy(seen->text + seen->n_bytes, bytes, n_bytes);
    seen->n_bytes += n_bytes;
}

TEST(viewers_see_heads_and_bodies_without_their_framing) {
    struct seen seen = {.n_bytes = 0};
    struct http1_viewer viewer = {see, see, &seen};
    struct http1_parser parser;
    http1_parse_begin(&parser, false, &viewer, NULL);
    (void)parse(&parser, CHUNKED "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 7);
    assert_string_equal(seen.text, "HTTP/1.1 200 OKTransfer-Encoding: chunkedabc");
}
