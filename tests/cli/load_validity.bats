#!/usr/bin/env bats
# What a load says of runs that measured less than they seem to.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    [ -z "${SERVER-}" ] || kill -CONT "$SERVER" 2>/dev/null || true
    end_all_sessions
}

# The verdict of one check in the statistics on standard output.
verdict_of() {
    jq -r --arg check "$1" '.validity.reasons[] | select(.check == $check) | .verdict' out
}

@test "a server that is frozen before the end hides nothing, in either loop" {
    start_server --only async
    SERVER=$PID
    start_session open "$JUGGLE" load -j --rate 200 --arrivals constant -t 4s \
        --require 'max<1m' "$URL/"
    open=$PID
    start_session closed "$JUGGLE" load -j -c 5 --think exp:20ms -t 4s --require 'max<1m' "$URL/"
    closed=$PID
    sleep 1
    kill -STOP "$SERVER"
    ends_with 3 "$open"
    ends_with 3 "$closed"
    kill -CONT "$SERVER"
    for loop in open closed; do
        cp "$loop.out" out
        [ "$(jq -c '[.validity.verdict, .percentiles.max]' out)" = '["INVALID",null]' ]
        [ "$(verdict_of cut_off)" = INVALID ]
        grep -q "max" "$loop.err"
    done
}

@test "who gets no answer at all, or sends next to nothing, is told" {
    start_server --only async
    for call in "-c 5 -t 300ms" "--rate 50 -t 300ms"; do
        status=0
        # shellcheck disable=SC2086
        "$JUGGLE" load -j $call "$URL/delay/?ms=20000" >out 2>err || status=$?
        [ "$status" -eq 1 ]
        [ "$(jq -r .validity.verdict out)" = INVALID ]
        [ "$(verdict_of samples)" = INVALID ]
    done
    "$JUGGLE" load -j --rate 20 -t 1s --max-inflight 1 "$URL/delay/?ms=900" >out 2>err || true
    [ "$(verdict_of not_sent)" = INVALID ]
    "$JUGGLE" load -j -c 1 -r 1 "$URL/" >out
    [ "$(verdict_of samples)" = SUSPECT ]
}

@test "-j names what failed, what was cut off and what was not sent" {
    start_server --only async
    "$JUGGLE" load -j -c 2 -r 3 "$URL/nothing-here" >out 2>err || true
    [ "$(jq -c '[.errors, .cut_off, .not_sent, .retried]' out)" = '[{"status":6},0,0,0]' ]
    "$JUGGLE" load -j --rate 50 -t 2s --max-inflight 1 --timeout 100ms \
        "$URL/delay/?ms=300" >out 2>err || true
    jq -e '(.errors | keys) == ["timeout"] and .cut_off <= 1 and .not_sent > 0' out
}

@test "mode, seed and what interrupted a run are said" {
    start_server --only async
    start_session loading "$JUGGLE" load -j --rate 50 -t 60s --seed 7 "$URL/"
    sleep 2
    kill -TERM "$PID"
    ends_with 143 "$PID"
    [ "$(jq -c '[.mode, .seed, .interrupted]' "$BATS_TEST_TMPDIR/loading.out")" = '["open",7,"SIGTERM"]' ]
    "$JUGGLE" load -c 2 -r 2 --seed 7 "$URL/" 2>err
    grep -q "users for battle (closed loop, seed 7)" err
    [ "$(grep -c Interrupted err)" -eq 0 ]
}

@test "an open loop has the service time beside the latency" {
    start_server --only async
    # A rate's last request may be cut off, and takes a maximum back if it was the slowest.
    "$JUGGLE" load -j --rate 100 --arrivals constant -t 600ms "$URL/delay/?ms=20" >out
    jq . out
    jq -e '.service_time >= 0.02 and .service_time <= .response_time and
        .units.service_time == "s" and (.service_percentiles | has("p50"))' out
    "$JUGGLE" load --rate 100 -t 300ms "$URL/delay/?ms=20" 2>err
    grep -q "^service p50:" err
    "$JUGGLE" load -j -c 1 -r 2 "$URL/" >out
    [ "$(jq -c 'has("service_time")' out)" = false ]
}

@test "what must be in flight at the end is no missed rate" {
    start_server --only async
    "$JUGGLE" load -j --rate 100 -t 4s --arrivals constant "$URL/delay/?ms=600" >out
    [ "$(verdict_of rate)" != INVALID ] # 15 % are in flight; a busy machine may add some
}

@test "a run of five seconds is measured against a bare loop before and after it" {
    start_server --only async
    for row in "1S true" "5S false"; do
        "$JUGGLE" load -q -c 1 -t "${row% *}" --json r.json "$URL/async/?work=sleep:10ms"
        jq -e '.validity.reasons[] | select(.check == "calibration") | .figure |
            if '"${row#* }"' then . == null else . != null end' r.json
        jq -e '.validity.reasons[] | select(.check == "run_queue") | .figure >= 0' r.json
    done
}
