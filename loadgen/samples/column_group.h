/*
 * Nine numbers as bytes, each as its difference from the last one of its column: a word
 * with three bits a column, how many bytes it has, a flag for the caller, and then those
 * bytes. What has not changed takes none. Any thread.
 */
#ifndef JUGGLE_LOADGEN_COLUMN_GROUP_H
#define JUGGLE_LOADGEN_COLUMN_GROUP_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    GROUP_COLUMNS = 9,
    GROUP_BITS = 3,
    GROUP_WORD_BYTES = 4,
    GROUP_FLAG = 1 << (GROUP_COLUMNS * GROUP_BITS),
    GROUP_WIDEST = 7, /* stands for eight bytes */
    GROUP_MAX_BYTES = GROUP_WORD_BYTES + GROUP_COLUMNS * 8,
    GROUP_SPARE_BYTES = 8, /* needed behind: eight are moved where fewer are meant */
};

/* Differences are kept in turn as 0, -1, 1, -2, so that small ones are short whichever
 * way they go. */

static inline uint64_t group_fold(uint64_t difference) {
    return difference << 1 ^ (uint64_t) - (difference >> 63);
}

static inline uint64_t group_unfold(uint64_t folded) {
    return folded >> 1 ^ (uint64_t) - (folded & 1);
}

static inline unsigned group_bytes_of(unsigned length) {
    return length < GROUP_WIDEST ? length : 8;
}

/* The least length that holds a number above 0. */
static inline unsigned group_length_of(uint64_t number) {
    unsigned n_bytes = (71 - (unsigned)__builtin_clzll(number)) / 8;
    return n_bytes < GROUP_WIDEST ? n_bytes : GROUP_WIDEST;
}

/* Writes the columns, of which `last` is then a copy, to where there is room for the most
 * bytes and the spare ones; returns the end. */
static inline unsigned char *group_put(unsigned char *at, const uint64_t *columns,
                                       uint64_t *last, bool flag) {
    unsigned char *start = at;
    uint32_t word = flag ? GROUP_FLAG : 0;
    at += GROUP_WORD_BYTES;
    for (unsigned i = 0; i < GROUP_COLUMNS; i++) {
        if (columns[i] == last[i])
            continue;
        uint64_t folded = group_fold(columns[i] - last[i]), bytes = htole64(folded);
        unsigned length = group_length_of(folded);
        memcpy(at, &bytes, sizeof bytes);
        at += group_bytes_of(length);
        word |= length << (i * GROUP_BITS);
        last[i] = columns[i];
    }
    word = htole32(word);
    memcpy(start, &word, sizeof word);
    return at;
}

/* Brings the columns up to date and moves `*at` behind the group; returns the flag. */
static inline bool group_take(const unsigned char **at, uint64_t *columns) {
    uint32_t word;
    memcpy(&word, *at, sizeof word);
    word = le32toh(word);
    *at += GROUP_WORD_BYTES;
    for (uint32_t rest = word & (GROUP_FLAG - 1); rest != 0;) {
        unsigned i = (unsigned)__builtin_ctz(rest) / GROUP_BITS;
        unsigned n_bytes = group_bytes_of(rest >> (i * GROUP_BITS) & GROUP_WIDEST);
        uint64_t bytes;
        memcpy(&bytes, *at, sizeof bytes);
        columns[i] += group_unfold(le64toh(bytes) & UINT64_MAX >> (64 - 8 * n_bytes));
        *at += n_bytes;
        rest &= ~((uint32_t)GROUP_WIDEST << (i * GROUP_BITS));
    }
    return (word & GROUP_FLAG) != 0;
}

#endif
