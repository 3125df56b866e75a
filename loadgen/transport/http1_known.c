/* See http1_known.h. */
#include "loadgen/transport/http1_known.h"

#include <string.h>

size_t http1_known_recall(struct http1_parser *parser, const char *bytes,
                          size_t n_bytes) {
    const struct http1_known *known = parser->known;
    if (known->n_bytes == 0 || n_bytes < known->n_bytes ||
        known->is_head_reply != parser->is_head_reply ||
        memcmp(bytes, known->text, known->n_bytes) != 0)
        return 0;
    parser->head = known->head;
    parser->stage = known->next_stage;
    return known->n_bytes;
}

/* Not one with a report, which is another each time. */
void http1_known_learn(const struct http1_parser *parser, const char *bytes,
                       size_t n_bytes) {
    struct http1_known *known = parser->known;
    if (parser->stage == HTTP1_BAD || parser->head.has_report ||
        n_bytes > HTTP1_KNOWN_BYTES)
        return;
    known->n_bytes = n_bytes;
    known->is_head_reply = parser->is_head_reply;
    known->next_stage = parser->stage;
    known->head = parser->head;
    memcpy(known->text, bytes, n_bytes);
}
