#!/usr/bin/env bats
# `juggle load --search`, against servers whose limit is known.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

search() { # search OPTION...: stdout and stderr apart
    status=0
    timeout $LIMIT_S "$JUGGLE" load "$@" >out 2>err 3>&- || status=$?
}

@test "a server that does one job after the other: found below what it can do" {
    start_server --only blocking
    search --search p50:100ms --window 500ms --seed 3 --json search.json \
        "$URL/blocking/?work=sleep:10ms" # 100/s at the very most
    [ "$status" -eq 0 ]
    grep -q "^search: 10/s for 0.5 s: .* ms, kept$" err
    grep -q "^search: .*, not kept$" err
    grep -q "^Highest rate that keeps p50:100ms: " out
    jq -e '.search | .objective == "p50:100ms" and .best_rate >= 10 and .best_rate < 150' search.json
    jq -e '.search.trials | length > 3 and .[0].rate == 10 and .[0].window_s == 0.5 and
        (.[-1] | .window_s > 1.49 and .window_s < 1.51 and .kept)' search.json
    jq -e '.search.trials[-1].rate == .search.best_rate and .rate_per_s == .search.best_rate
        and .mode == "open"' search.json
}

@test "an objective that is never kept: exit 1 after two trials of the lowest rate" {
    start_server --only blocking
    search -j --search p50:1ms --search-from 20/s --arrivals constant --window 600ms \
        "$URL/delay/?ms=50"
    [ "$status" -eq 1 ]
    [ ! -s err ]
    # no figure: a machine so busy that half of the answers came too late
    jq -e '.search | .best_rate == null and .kept_rate == null and (.trials | length == 2) and
        all(.trials[]; .rate == 20 and .kept == false and .requests > 5
            and (.figure_us == null or .figure_us > 50000))' out
}

@test "overload does not pass because its slow requests were cut off" {
    start_server --only blocking
    search -j --search p90:200ms --search-from 100 --window 300ms \
        "$URL/blocking/?work=sleep:250ms"
    [ "$status" -eq 1 ]
    jq -e '.search.trials[0] | .kept == false' out
}

@test "what a trial left behind is worked off before the next one begins" {
    start_server --only blocking
    started=$(date +%s%N)
    search -j --search p50:100ms --search-from 400 --window 500ms --seed 1 \
        "$URL/blocking/?work=sleep:20ms"
    took_ms=$((($(date +%s%N) - started) / 1000000))
    [ "$status" -eq 1 ]
    # the server works on, though nobody waits: at most 100 ms of it may be left
    least_ms=$(jq '.search.trials[0].requests * 20 + 500 - 100 | round' out)
    [ "$least_ms" -gt 3000 ]
    [ "$took_ms" -ge "$least_ms" ]
}

@test "a failing server keeps nothing" {
    start_server --only blocking
    search --search p50:100ms --window 200ms "$URL/nosuch/"
    [ "$status" -eq 1 ]
    grep -q "too many without an answer, not kept" err
    grep -q "^No rate was found that keeps p50:100ms$" out
}

@test "-q says nothing; too few requests for the figure are said" {
    start_server --only blocking
    search -q --search max:1ms --window 100ms "$URL/delay/?ms=50"
    [ "$status" -eq 1 ]
    [ ! -s out ] && [ ! -s err ]
    search --search p99.9:30ms --window 100ms "$URL/blocking/?work=sleep:5ms"
    if [ "$status" -eq 0 ]; then # 10/s, or none on a busy machine
        grep -q "^It rests on .* needs 8000; take a longer --window$" out
    fi
}

@test "interrupted: what was measured, exit 130" {
    start_server --only blocking
    start_session searching "$JUGGLE" load --search p50:500ms --window 1s --json search.json "$URL/"
    await grep -q "^search: 10/s" "$BATS_TEST_TMPDIR/searching.err"
    kill -INT "$PID"
    ends_with 130 "$PID"
    jq -e '.search.best_rate == null and (.search.trials | length >= 1)' search.json
}

@test "interrupted after a trial that was too much, while the server recovers" {
    start_server --only blocking
    start_session searching "$JUGGLE" load --search p50:500ms --search-from 5/s --window 1s \
        --arrivals constant "$URL/blocking/?work=sleep:100ms"
    await grep -q ", not kept$" "$BATS_TEST_TMPDIR/searching.err"
    kill -INT "$PID"
    ends_with 130 "$PID"
}

@test "wrong calls are one line and exit 2" {
    for objective in p99 99:50ms p0:1s p99:0 p99:x q50:1s :1s; do
        refused load --search "$objective" http://127.0.0.1:1/
        says "--search"
    done
    refused load --search p99:50ms --rate 10 -t 1s http://127.0.0.1:1/
    says "leave out --rate"
    refused load --search p99:50ms -t 1s http://127.0.0.1:1/
    for option in "--ramp 10..20/s" "--schedule times" "--warmup 1s" "-d 1" "--think exp:1s"; do
        # shellcheck disable=SC2086
        refused load --search p99:50ms $option http://127.0.0.1:1/
        says "leave"
    done
    refused load --window 1s http://127.0.0.1:1/
    says "are for --search"
    refused load --search p99:5s --window 5s http://127.0.0.1:1/
    says "make it longer, such as --window 50s"
    refused load --search p99:50ms --window 0 http://127.0.0.1:1/
    refused load --search p99:50ms --search-from 0 http://127.0.0.1:1/
}

@test "an interrupted search says so, and with it what it had found" {
    start_server --only blocking
    start_session search "$JUGGLE" load --search p50:2s --search-from 20/s --window 2500ms \
        "$URL/"
    await grep -q "^search: 20/s for 2.5 s: .* kept$" search.err
    kill -INT "$PID"
    await session_is_empty "$PID"
    grep -q "^Interrupted; the highest rate so far that kept p50:2s: [0-9]*/s, not confirmed$" search.out
}
