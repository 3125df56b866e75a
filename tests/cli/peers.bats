#!/usr/bin/env bats
# juggle beside the programs it is held against. Each test says what to install where its
# peer is missing.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

# The statistics without their figures: labels, gaps and units.
shape() {
    grep -E '^[A-Z][a-z ]+:' | sed -E 's/[0-9]+(\.[0-9]+)?/N/; s/[ \t]+N/ N/'
}

@test "siege and juggle load print the same statistics, word for word" {
    command -v siege || skip "install siege"
    start_server
    printf 'verbose = false\ncolor = off\nconnection = keep-alive\nbenchmark = true\n' >rc
    HOME=$PWD siege -R rc -c 3 -r 4 "$URL/" >siege.out 2>&1 || true
    "$JUGGLE" load -c 3 -r 4 -b "$URL/" >ours.out 2>&1
    shape <siege.out | sed -n '/Transactions/,/Shortest/p' >siege.shape
    shape <ours.out | sed -n '/Transactions/,/Shortest/p' >ours.shape
    cat siege.out ours.out
    [ "$(wc -l <siege.shape)" -eq 12 ]
    diff siege.shape ours.shape
}

@test "siege sees blocking jobs answered one after the other" {
    command -v siege || skip "install siege"
    start_server --only blocking --work sleep:50ms
    printf 'verbose = true\ncolor = off\nconnection = close\nbenchmark = true\n' >rc
    HOME=$PWD siege -R rc -c 4 -r 1 "$URL/blocking/" >siege.out 2>&1 || true
    cat siege.out
    # the k-th answer cannot come before k jobs were slept through
    grep -oE '[0-9.]+ secs:' siege.out | sort -n |
        awk '{ if ($1 + 0.011 < 0.05 * NR) early = 1 } END { exit early || NR != 4 }'
}
