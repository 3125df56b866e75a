/* The first refusal; see refusal.h. */
#include "loadgen/samples/refusal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/base/foreign.h"

static atomic_flag is_taken = ATOMIC_FLAG_INIT;
enum { LINE_BYTES = 50, SHOWN_BYTES = 4 * LINE_BYTES };
static char words[SHOWN_BYTES + 8];

void refusal_note(int status, const char *body, size_t n_bytes) {
    char line[LINE_BYTES], shown[SHOWN_BYTES];
    if (status < 400 || atomic_flag_test_and_set(&is_taken))
        return;
    while (n_bytes > 0 && strchr(" \r\n\t", *body) != NULL)
        body++, n_bytes--;
    size_t n = 0;
    while (n < n_bytes && n < sizeof line - 1 && strchr("\r\n", body[n]) == NULL)
        n++;
    (void)snprintf(line, sizeof line, "%.*s", (int)n, body);
    (void)snprintf(words, sizeof words, "%d: %s", status,
                   foreign_show(line, shown, sizeof shown));
}

const char *refusal_words(void) {
    return words[0] != '\0' ? words : NULL;
}
