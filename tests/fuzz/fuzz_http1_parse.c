/*
 * Feeds the reply parser whatever comes, whole, in pieces and with its head known, and
 * holds it to its contract: all agree, every bound is kept, nothing is taken twice.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "loadgen/transport/http1_parse.h"
#include "tests/fuzz/corpus.h"

/* Parses pieces of `piece_bytes`; a copy of each, so that reading beyond it shows. */
static size_t parse_in_pieces(struct http1_parser *parser, const uint8_t *bytes,
                              size_t n_bytes, size_t piece_bytes) {
    size_t used = 0;
    while (used < n_bytes && parser->stage < HTTP1_DONE) {
        size_t n = n_bytes - used < piece_bytes ? n_bytes - used : piece_bytes;
        char *piece = malloc(n);
        assert(piece != NULL);
        memcpy(piece, bytes + used, n);
        size_t n_used = http1_parse(parser, piece, n);
        free(piece);
        assert(n_used == n || (n_used < n && parser->stage >= HTTP1_DONE));
        used += n_used;
    }
    return used;
}

static void check_agreement(const struct http1_parser *whole,
                            const struct http1_parser *cut) {
    assert(whole->stage == cut->stage);
    assert(whole->stage != HTTP1_BAD ||
           (whole->bad != SAMPLE_ANSWERED && whole->bad == cut->bad));
    assert(whole->head.status == cut->head.status);
    assert(whole->body_bytes == cut->body_bytes);
    assert(whole->stage != HTTP1_DONE ||
           whole->head.keeps_alive == cut->head.keeps_alive);
    assert(whole->head.has_report == cut->head.has_report);
}

static void check(const uint8_t *bytes, size_t n_bytes, bool is_of_head) {
    static const size_t pieces[] = {1, 3, 511};
    struct http1_parser whole = {0};
    http1_parse_begin(&whole, is_of_head, NULL, NULL);
    size_t used = parse_in_pieces(&whole, bytes, n_bytes, SIZE_MAX);
    assert(used <= n_bytes);
    assert(whole.body_bytes <= used);
    assert(whole.stage != HTTP1_DONE ||
           (whole.head.status >= 200 && whole.head.status <= 999));
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct http1_parser cut = {0};
        http1_parse_begin(&cut, is_of_head, NULL, NULL);
        size_t cut_used = parse_in_pieces(&cut, bytes, n_bytes, pieces[i]);
        check_agreement(&whole, &cut);
        assert(whole.stage == HTTP1_BAD || used == cut_used);
    }
    struct http1_known known = {0};
    for (int pass = 0; pass < 2; pass++) { /* its head is new, and then known */
        struct http1_parser again = {0};
        http1_parse_begin(&again, is_of_head, NULL, &known);
        size_t used_again = parse_in_pieces(&again, bytes, n_bytes, SIZE_MAX);
        check_agreement(&whole, &again);
        assert(used == used_again);
    }
    http1_parse_close(&whole);
    assert(!is_of_head || whole.body_bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
    check(bytes, n_bytes, false);
    check(bytes, n_bytes, true);
    return 0;
}
