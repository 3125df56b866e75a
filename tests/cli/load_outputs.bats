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
    ends_with 143 "$PID"
    [ "$(grep -c '^search: ' "$BATS_TEST_TMPDIR/searching.err")" -eq 1 ]
    jq -e '.search | .best_rate == null and (.trials | length) == 1' search.json
}

@test "signals that come while results are written change nothing" {
    seq -f "$URL/?%.0f" 1000 >urls # whose statistics are more than a pipe takes
    for crew in 1 3; do
        mkfifo "pipe$crew"
        start_session loading bash -c "exec \"\$0\" \"\$@\" >pipe$crew" "$JUGGLE" load -j -c 4 \
            -r once -f urls --json load.json --csv load.csv --threads "$crew" 3>&-
        exec {reader}<"pipe$crew"
        IFS= read -r -N 1 -u "$reader" first # the run is over
        [ "$first" = "{" ]
        for name in INT TERM INT; do
            kill -"$name" "$PID"
            sleep 0.05
        done
        kill -0 "$PID" # it waits for us
        cat <&"$reader" >rest
        exec {reader}<&-
        ends_with 0 "$PID"
        [ "$( (printf '{' && cat rest) | jq '.urls | length')" -eq 1000 ]
        jq -e '.requests | length == 4000' load.json
        [ "$(wc -l <load.csv)" -eq 4001 ]
        rm load.json load.csv
        not compgen -G 'load.*' # nothing set aside is left
    done
}

# The address space of a sanitized program is no measure.
# bats test_tags=build
@test "without memory for the statistics: one line, exit 2, and nothing is left behind" {
    type prlimit >/dev/null || skip "without prlimit"
    start_session loading "$JUGGLE" load -q -c 4 -t 1H --json load.json --csv load.csv "$URL/"
    sleep 2
    kill -STOP "$PID"
    prlimit --pid "$PID" --as=$(($(sed -n 's/^VmSize:[^0-9]*\([0-9]*\) kB/\1/p' \
        "/proc/$PID/status") * 1024))
    kill -INT "$PID"
    kill -CONT "$PID"
    ends_with 2 "$PID"
    [ "$(cat "$BATS_TEST_TMPDIR/loading.err")" = \
        "juggle: load: out of memory for the statistics; use a shorter run" ]
    not compgen -G 'load.*'
}

@test "stdout that takes nothing: the rest is written, one line more, exit 2" {
    [ -w /dev/full ] || skip "without /dev/full"
    for option in -j -v -g; do
        status=0
        "$JUGGLE" load "$option" -c 2 -r 50 --json load.json "$URL/" >/dev/full 2>err || status=$?
        [ "$status" -eq 2 ]
        [ "$(grep -c '^juggle: ' err)" -eq 1 ]
        grep -q "^juggle: load: cannot write 'stdout': No space left on device$" err
        jq -e '.requests | length > 0' load.json
        rm -f load.json
    done
    "$JUGGLE" load -q -c 2 -r 5 "$URL/" >/dev/full # which prints nothing
}

@test "a reader of stdout that leaves does not end the run, and is said" {
    for option in -j -v; do
        status=0
        timeout $LIMIT_S "$JUGGLE" load "$option" --rate 200 -t 2s --json load.json "$URL/" \
            2>err > >(exec true) || status=$?
        [ "$status" -eq 2 ]
        [ "$(grep '^juggle: ' err)" = "juggle: load: cannot write 'stdout': Broken pipe" ]
        jq -e '.elapsed_s > 1.9 and (.requests | length) > 50' load.json
    done
}

# bats test_tags=build
@test "threads that do not fit: one line that says so, exit 2, and nothing is left behind" {
    status=0
    (ulimit -v 200000 && exec "$JUGGLE" load -q -c 100 --threads 40 --json load.json "$URL/") \
        >out 2>err || status=$?
    [ "$status" -eq 2 ]
    [ ! -s out ]
    [ "$(cat err)" = "juggle: load: cannot start 40 threads: Resource temporarily unavailable; \
ask for fewer with --threads" ]
    not compgen -G 'load.*'
}

@test "--samples is a table of what came after the warm-up, in place of the list of --json" {
    local n
    "$JUGGLE" load -q -c 4 -r 50 --samples r.tsv --json r.json "$URL/"
    [ "$(head -n 1 r.tsv | cut -f 1,2,7,8,11)" = "$(printf 'id\tuser\tlatency_us\tstatus\tanswered')" ]
    [ "$(wc -l <r.tsv)" -eq 201 ]
    jq -e '.samples == 200 and (has("requests") | not) and .statistics.transactions == 200' r.json
    [ "$(cut -f 8,11 r.tsv | sort -u | head -n 1)" = "$(printf '200\t1')" ]
    # times from another moment, which is that much earlier; what it is not for
    "$JUGGLE" load -q -c 1 -r 1 --epoch 1 --samples r.tsv --json r.json "$URL/"
    [ "$(awk 'NR == 2 { printf "%d", $4 / 1e6 }' r.tsv)" -eq "$(jq '.epoch_ns / 1e9 | floor' r.json)" ]
    refused load --epoch 1 --json r.json "$URL/"
    says "add --samples FILE"
    # without the warm-up, and nothing that failed is answered
    "$JUGGLE" load -q -c 2 -t 0.6s --warmup 300ms --samples r.tsv --json r.json "$URL/"
    n=$(($(wc -l <r.tsv) - 1))
    jq -e ".samples == $n and .statistics.transactions == $n" r.json
    [ "$(awk 'NR > 1 && $3 < 300000' r.tsv | wc -l)" -eq 0 ]
    "$JUGGLE" load -q -c 2 -r 1 --samples - "$URL/nowhere" >r.tsv || [ $? -eq 1 ]
    [ "$(cut -f 8,11 r.tsv | sort -u | head -n 1)" = "$(printf '404\t0')" ]
}

@test "- is standard output for every file that is written, and no file of that name is left" {
    "$JUGGLE" load -c 2 -r 3 --json - "$URL/" 2>err | jq -e '.requests | length == 6'
    grep -q '^Transactions:' err
    [ "$("$JUGGLE" load -q -c 2 -r 3 --csv - "$URL/" | wc -l)" -eq 7 ]
    grep -q '^#\[Max' <<<"$("$JUGGLE" load -q -c 2 -r 3 --histogram=- "$URL/")"
    for option in -l- --log=-; do
        "$JUGGLE" load -q -c 2 -r 3 $option -m mark "$URL/" >log
        [ "$(wc -l <log)" -eq 3 ]
        grep -q 'Date & Time,  Trans,' log
    done
    "$JUGGLE" load -q -c 1 -r 1 --json ./- "$URL/" # a file all the same
    [ -s ./- ]
    rm ./-
    "$JUGGLE" load -q -c 2 -r 3 --json - --csv r.csv "$URL/" | "$JUGGLE" report --cell - >page
    grep -q '^6 of 6 requests answered' page
    [ ! -e ./- ]
    "$JUGGLE" load -q --json - "$URL/" >/dev/full 2>err && return 1
    [ "$(cat err)" = "juggle: load: cannot write 'stdout': No space left on device" ]
}

@test "two outputs on standard output are refused, and so is a folder there" {
    for options in "--json - --csv -" "--json - --samples -" "--json - -j" "--csv - -v" "--histogram - -g" "--json - -p" "-l- -j"; do
        # shellcheck disable=SC2086
        refused load $options "$URL/"
        says "would write the same file 'stdout'"
    done
    refused report -
    refused compare - -
    refused compare --out - one two
    refused run --work cpu:0 --strategies blocking --out -
    says "standard output is none"
    [ ! -e ./- ]
}

@test "- is standard input for every file that is read, once" {
    printf '%s/a\n%s/b\n' "$URL" "$URL" | "$JUGGLE" load -q -c 2 -r 1 -f - --json r.json || [ $? -eq 1 ]
    [ "$(jq '.requests | map(.url) | unique | length' r.json)" -eq 2 ]
    printf '0.01\n0.02\n' | "$JUGGLE" load -q --schedule - --json r.json "$URL/"
    [ "$(jq -c '.requests | map(.planned_us)' r.json)" = '[10000,20000]' ]
    printf '%s/ POST <-\n' "$URL" >urls
    printf 'a=posted' | "$JUGGLE" load -p -f urls >shown
    grep -q '^Content-Length: 8' shown
    status=0
    "$JUGGLE" load -f - --schedule - </dev/null >out 2>err || status=$?
    [ "$status" -eq 2 ]
    printf '%s/ POST <-\n%s/ POST <-\n' "$URL" "$URL" >urls
    for options in "-f urls" "-f - --schedule urls"; do
        status=0
        # shellcheck disable=SC2086
        "$JUGGLE" load $options <urls >out 2>err || status=$?
        [ "$status" -eq 2 ]
    done
    refused load -f urls
    says "standard input has a reader already; give '-' once"
}

@test "a byte order mark before a text is no part of it" {
    printf '\xef\xbb\xbf%s/\n' "$URL" >urls
    printf '\xef\xbb\xbf0.01\n' >times
    "$JUGGLE" load -q -c 1 -r 2 -f urls --json r.json
    [ "$(jq '.requests | length' r.json)" -eq 2 ]
    "$JUGGLE" load -q --schedule times --json - <urls -f - | jq -e '.requests | length == 1'
    { printf '\xef\xbb\xbf' && cat r.json; } >marked.json
    "$JUGGLE" report --cell marked.json | grep -q '^2 of 2 requests answered'
    printf '\xef\xbb' >urls # a part of one is a part of the text
    refused load -f urls
    printf '%s/ POST <body\n' "$URL" >urls
    printf '\xef\xbb\xbfa' >body # bytes, whatever they mean
    "$JUGGLE" load -p -f urls | grep -q '^Content-Length: 4'
}
