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
    start_session open "$JUGGLE" load -v --rate 200 --arrivals constant -t 4s \
        --require 'max<1m' --json open.json "$URL/"
    open=$PID
    start_session closed "$JUGGLE" load -v -c 5 --think exp:20ms -t 4s --require 'max<1m' \
        --json closed.json "$URL/"
    closed=$PID
    for loop in open closed; do
        await grep -q '^HTTP/1.1 200' $loop.out
    done
    sleep 0.5
    kill -STOP "$SERVER"
    ends_with 3 "$open"
    ends_with 3 "$closed"
    kill -CONT "$SERVER"
    for loop in open closed; do
        jq '.validity as $validity | .statistics + {$validity}' "$loop.json" >out
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
    start_session loading "$JUGGLE" load -v --rate 50 -t 60s --seed 7 --json r.json "$URL/"
    await grep -q '^HTTP/1.1 200' loading.out
    kill -TERM "$PID"
    ends_with 143 "$PID"
    [ "$(jq -c '[.mode, .seed, .interrupted]' r.json)" = '["open",7,"SIGTERM"]' ]
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
    "$JUGGLE" load --rate 100 -t 300ms "$URL/delay/?ms=20" >out 2>err
    grep -q "^service p50:" out
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

@test "a generator that stood still is named, and so are the requests that waited for it" {
    start_server --only async
    start_session halves "$JUGGLE" load -v -c 5 -t 1h --json halves.json "$URL/delay/?ms=10"
    halves=$PID
    start_session once "$JUGGLE" load -v -c 5 -t 1h --json once.json --csv once.csv \
        "$URL/delay/?ms=10"
    once=$PID
    start_session rate "$JUGGLE" load -v --rate 100/s --arrivals constant -t 1h \
        --json rate.json --threads 2 "$URL/"
    rate=$PID
    for run in halves once rate; do
        await grep -q '^HTTP/1.1 200' $run.out
    done
    for i in $(seq 16); do
        [ "$i" -ne 5 ] || kill -STOP "$once" "$rate"
        kill -STOP "$halves"
        sleep 0.05
        kill -CONT "$halves"
        sleep 0.05
        [ "$i" -ne 10 ] || kill -CONT "$once" "$rate"
    done
    for run in halves once rate; do
        kill -TERM "${!run}"
        ends_with 143 "${!run}"
        jq '.validity' "$run.json" >out
        jq -e '.verdict != "VALID"' out
        [ "$(jq -r '.reasons[] | select(.check == "generator_gaps") | .verdict' out)" != VALID ]
        jq -e '.statistics.generator_gaps as $gaps
            | ([.requests[] | select(.held_up_us > 0)] | length) as $n
            | $gaps.longest > 0.03 and $gaps.seconds >= $gaps.longest and $n > 0
                and $n <= $gaps.requests and $gaps.requests <= $n + .cut_off
                and ([.requests[] | select(.held_up_us > .latency_us)] | length) == 0' "$run.json"
    done
    jq -e '.statistics.generator_gaps.count >= 8' halves.json
    jq -e '.statistics.generator_gaps | .longest > 0.4 and .cpu_seconds < .seconds' once.json
    [ "$(awk -F, 'NR > 1 && $18 > 0' once.csv | wc -l)" -eq \
        "$(jq '[.requests[] | select(.held_up_us > 0)] | length' once.json)" ]
}

@test "a rate that lacks what was cut off is not VALID, and --drain awaits it" {
    start_server --only async
    "$JUGGLE" load -j -c 4 -t 1s "$URL/delay/?ms=700" >out || [ $? -eq 1 ]
    for check in share_cut_off littles_law; do
        [ "$(verdict_of "$check")" != VALID ]
    done
    for threads in 1 3; do
        "$JUGGLE" load -q -c 4 -t 1s --drain 1m --threads "$threads" --json r.json \
            "$URL/delay/?ms=700"
        # two requests each, of 0.7 s and more: no more than 4 / 0.7 in a second
        jq -e '.cut_off == 0 and .drain_s == 60 and .window_s == 1 and .elapsed_s > 1
            and (.requests | length) <= 8 and all(.requests[]; .planned_us < 1e6)
            and .statistics.transaction_rate <= 4 / 0.7' r.json
        jq -e '.statistics | .transaction_rate * .response_time / 4 | . > 0.5 and . <= 1' r.json
    done
    "$JUGGLE" load -q --rate 50 --arrivals constant -t 1s --drain 1m --json r.json \
        "$URL/delay/?ms=700"
    jq -e '.cut_off == 0 and (.requests | length) + .not_sent == 50
        and .statistics.transaction_rate == (.requests | length)' r.json
}

@test "--drain has an end, and a signal ends it at once" {
    start_server --only async
    status=0
    "$JUGGLE" load -q -c 3 -t 200ms --drain 300ms --json r.json "$URL/delay/?ms=30000" || status=$?
    [ "$status" -eq 1 ]
    jq -e '.cut_off == 3 and .window_s == 0.2 and .elapsed_s >= 0.5 and .elapsed_s < 20' r.json
    start_session draining "$JUGGLE" load -c 3 -t 200ms --drain 1h --timeout 1h --json r.json \
        "$URL/delay/?ms=30000"
    await grep -q 'now under siege' draining.err
    sleep 1
    kill -TERM "$PID"
    ends_with 143 "$PID"
    jq -e '.cut_off == 3 and .interrupted == "SIGTERM" and .elapsed_s < 20' r.json
    refused load --drain 1s -r 3 "$URL/"
    says "--drain is for what is in flight at the end of -t"
    refused load --drain 1s --search p99:50ms "$URL/"
}

@test "an overload of any size ends in time, is counted, and hears a signal" {
    start_server --only async
    timeout $LIMIT_S "$JUGGLE" load -q --rate 10000000 --max-inflight 1 -t 1s --json r.json \
        "$URL/" # all that are due, which exponential gaps scatter by 0.1 %
    jq -e '.not_sent + .cut_off + (.requests | length) | . > 9.9e6 and . < 10.1e6' r.json
    start_session overload "$JUGGLE" load --rate 10000000 --max-inflight 1 -t 1h \
        --json r.json "$URL/"
    await grep -q 'now under siege' overload.err
    sleep 1
    kill -TERM "$PID"
    timeout $LIMIT_S tail --pid="$PID" -f /dev/null
    ends_with 143 "$PID"
    jq -e '.elapsed_s < 20 and .not_sent > 1e6' r.json
}

# The address space of a sanitized program is no measure.
# bats test_tags=build
@test "an overload whose memory ends is over in time, with results or with one line" {
    start_server --only async
    for kilobytes in 40000 60000 80000; do
        status=0
        (ulimit -v $kilobytes && exec timeout $LIMIT_S "$JUGGLE" load -q --rate 10000000 \
            --max-inflight 1 -t 1s "$URL/") 2>err || status=$?
        [ "$status" -eq 0 ] || { [ "$status" -eq 2 ] && [ "$(wc -l <err)" -eq 1 ]; } ||
            [ "$status" -eq 127 ] # too little for the program itself
    done
}
