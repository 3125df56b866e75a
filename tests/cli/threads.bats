#!/usr/bin/env bats
# `juggle load --threads`: what one thread does, spread over several.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    start_server --only blocking
}

teardown() {
    end_all_sessions
}

load_threads() { # load_threads OPTION...: stdout and stderr apart
    status=0
    timeout $LIMIT_S "$JUGGLE" load --json load.json "$@" >out 2>err 3>&- || status=$?
}

file_says() { # file_says JQ: $r stands for the requests
    jq -e "$CONSTANT .requests as \$r | $1" load.json
}

@test "users are split and numbered through, each does his rounds" {
    for transport in http1 curl; do
        load_threads --threads 3 -c 10 -r 7 --transport $transport "$URL/"
        [ "$status" -eq 0 ]
        grep -q "^Transactions:		          70 hits$" out
        file_says '[$r | group_by(.user)[] | [.[0].user, length]] == [range(10) | [., 7]]'
        file_says '.threads == 3 and .cut_off == 0 and ($r | length) == 70'
        file_says '[$r[] | select(.latency_us <= 0 or .error != null)] == []'
        file_says '[.validity.reasons[] | select(.check == "run_queue").figure >= 0] == [true]'
    done
}

@test "samples stand in the order of their ends" {
    load_threads --threads 4 -c 8 -r 50 "$URL/"
    file_says '[$r[] | .start_us + .latency_us] | . == sort or
        ([range(1; length) as $i | .[$i] - .[$i - 1]] | min > -0.25)' # printed to 0.1 us
    file_says '[$r[].id] == [range(400)]'
}

@test "constant arrivals of all threads together are constant" {
    load_threads --threads 4 --rate 200 --arrivals constant -t 1s --drain 1m "$URL/"
    file_says '.not_sent + ($r | length) == 200 and ($r | constant(5000))'
}

@test "exponential arrivals: the rate is reached, a seed repeats them" {
    load_threads --threads 3 --rate 500 --seed 9 -t 1s --drain 1m "$URL/"
    file_says '.not_sent + ($r | length) | . > 380 and . < 620'
    jq '[.requests[].planned_us] | sort | .[0:300]' load.json >first
    load_threads --threads 3 --rate 500 --seed 9 -t 1s --drain 1m "$URL/"
    jq '[.requests[].planned_us] | sort | .[0:300]' load.json | cmp - first
}

@test "all start together, with connections made before as well" {
    load_threads --threads 2 -c 20 -r 2 --preconnect "$URL/delay/?ms=50"
    [ "$status" -eq 0 ]
    file_says '[$r[] | select(.planned_us == 0)] | length == 20'
    file_says '.connections_opened == 20 and .start_spread_us >= 0'
    file_says '(.start_spread_us - ([$r | group_by(.user)[] | map(.start_us) | min]
        | max - min)) | . > -1 and . < 1'
}

@test "more threads than users, and one" {
    load_threads --threads 8 -c 3 -r 2 "$URL/"
    [ "$status" -eq 0 ]
    file_says '($r | length) == 6'
    load_threads --threads 1 -c 3 -r 2 "$URL/"
    file_says '($r | length) == 6'
    load_threads --threads 4 --rate 50 --max-inflight 2 -t 300ms "$URL/"
    file_says '([$r[].user] | max) <= 1'
}

@test "-t ends all, -v has a line for each" {
    load_threads --threads 2 -c 4 -t 500ms -v "$URL/delay/?ms=10"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^HTTP/1.1 200' out)" -eq "$(jq '.requests | length' load.json)" ]
    file_says '.elapsed_s > 0.49 and .cut_off <= 4' # a tick of the kernel early
}

@test "signals end all threads, with statistics and files" {
    for end in INT:130 TERM:143 HUP:129; do
        start_session loading "$JUGGLE" load --threads 3 -c 6 -t 1H -v --json load.json \
            "$URL/delay/?ms=5"
        await grep -q '^HTTP/1.1 200' "$BATS_TEST_TMPDIR/loading.out"
        kill -"${end%:*}" "$PID"
        ends_with "${end#*:}" "$PID"
        grep -q "^Availability:" "$BATS_TEST_TMPDIR/loading.out"
        file_says '($r | length) > 0 and .cut_off <= 6'
    done
}

@test "a search takes them, too" {
    load_threads -q --threads 2 --search p50:1ms --window 200ms "$URL/delay/?ms=5"
    [ "$status" -eq 1 ]
    file_says '.search.trials | length == 2'
}

@test "a refused connection is a sample in every thread" {
    load_threads --threads 2 -c 4 -r 3 http://127.0.0.1:1/
    [ "$status" -eq 1 ]
    file_says '[$r[].error] == [range(12) | "refused"]'
}

@test "wrong numbers are one line and exit 2" {
    for n in 0 65 -1 x; do
        refused load --threads $n http://127.0.0.1:1/
        says "--threads"
    done
    refused load --threads 2 --ramp 10..20/s -t 1s http://127.0.0.1:1/
    says "one thread"
    refused load --threads 2 --schedule times http://127.0.0.1:1/
    says "one thread"
}

@test "warm-up, cut-off starts and validity are of all threads" {
    from_us=${EPOCHREALTIME/./}
    load_threads -q --threads 2 --rate 200 -t 1s --warmup 300ms --seed 4 "$URL/delay/?ms=200"
    [ "$status" -eq 0 ]
    took_us=$((${EPOCHREALTIME/./} - from_us))
    file_says ".warmup_s == 0.3 and (0.3 + .elapsed_s) * 1e6 <= $took_us and .cut_off > 0"
    file_says '.seconds as $s | ($s.columns | index("started")) as $i
        | ([$s.rows[][$i]] | add) == ($r | length) + .cut_off'
    # a machine that held one up by longer than their mean gap has bunched them
    file_says '[.validity.reasons[] | select(.check == "arrivals")] | length == 1 and
        (.[0].figure < 10 or ([$r[] | .start_us - .planned_us] | max) > 5e3)'
}
