#!/usr/bin/env bats
# `juggle load`: what is written of a run, whole or not at all, and the signals that may
# come meanwhile.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    start_server --only blocking
}

teardown() {
    end_all_sessions
}

@test "SIGTERM ends a search in threads, and the trial that it cut counts for nothing" {
    start_session searching "$JUGGLE" load --search p50:100ms --search-from 5 --window 2s \
        --threads 2 --json search.json "$URL/blocking/?work=sleep:20ms"
    await grep -q "^search: 5/s" "$BATS_TEST_TMPDIR/searching.err"
    sleep 0.5
    kill -TERM "$PID"
    ends_with 1 "$PID" # no rate was found
    [ "$(grep -c '^search: ' "$BATS_TEST_TMPDIR/searching.err")" -eq 1 ]
    jq -e '.search | .best_rate == null and (.trials | length) == 1' search.json
}
