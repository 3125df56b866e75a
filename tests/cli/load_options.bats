#!/usr/bin/env bats
# The options of `juggle load`: what they mean, and which go together.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

@test "two ways to say when requests are sent are refused in either order" {
    touch times
    for ways in "--rate 5 --ramp 1..2" "--ramp 1..2 --rate 5" "--schedule times --rate 5" \
        "--ramp 1..2 --schedule times"; do
        # shellcheck disable=SC2086
        refused load $ways -t 1s http://127.0.0.1:1/
        says "each say when requests are sent"
    done
}

@test "a file without a name is refused before anything is sent" {
    for option in --json --csv --histogram --samples; do
        refused load $option '' http://127.0.0.1:1/
        says "load: $option wants the name of a file"
    done
}

@test "options that a run would not heed are refused from the command line" {
    printf '0.1\n' >times
    for way in "--rate 5" "--ramp 1..2" "--schedule times" "--search p50:1s"; do
        for option in "-c 5:--max-inflight" "-r 5:-t" "-d 1:leave them out" \
            "--think exp:1s:leave them out"; do
            # shellcheck disable=SC2086
            refused load $way ${option%:*} http://127.0.0.1:1/
            says "for users who wait"
            says "${option##*:}"
        done
    done
    refused load --max-inflight 5 http://127.0.0.1:1/
    says "users are limited by -c"
    refused load -i http://127.0.0.1:1/
    refused load --arrivals constant http://127.0.0.1:1/
    refused load --arrivals constant --schedule times http://127.0.0.1:1/
    refused load --search-from 5 http://127.0.0.1:1/
}

@test "-b goes with a rate, which has no think times anyway" {
    start_server --only blocking
    "$JUGGLE" load -q -b --rate 50 -t 200ms "$URL/"
}

@test "a length is read whole or refused" {
    "$JUGGLE" load -q -c 1 -t 00000000000000000000000000100ms --json r.json \
        http://127.0.0.1:1/ || [ $? -eq 1 ]
    jq -e '.elapsed_s > 0.09 and .elapsed_s < 10' r.json
    zeros=$(printf '0%.0s' {1..80})
    for time in 00000000000000000000000000030sXYZ "${zeros}30s" 30sX ""; do
        refused load -t "$time" http://127.0.0.1:1/
        says "--time wants"
        refused load --search p50:1s --window "$time" http://127.0.0.1:1/
    done
}

@test "the file says how many threads ran" {
    start_server --only blocking
    "$JUGGLE" load -q -c 2 --threads 8 --json r.json "$URL/"
    [ "$(jq .threads r.json)" -eq 2 ]
    "$JUGGLE" load -q --rate 50 -t 100ms --max-inflight 3 --threads 8 --json r.json "$URL/"
    [ "$(jq .threads r.json)" -eq 3 ]
    "$JUGGLE" load -q -c 4 --threads 3 --json r.json "$URL/"
    [ "$(jq .threads r.json)" -eq 3 ]
}

@test "a URL of bytes that are not UTF-8 costs no results" {
    start_server --only blocking
    bytes=$(printf '%s/delay/?ms=0&x=\xff' "$URL")
    "$JUGGLE" load -q --json r.json -c 1 -r 3 "$bytes" || [ $? -eq 1 ] # not every server takes them
    [ "$(jq -c '[.url, .argv[-1], (.requests | map(.url))]' r.json)" = '[null,null,[null,null,null]]' ]
    printf '%s\n%s/\n' "$bytes" "$URL" >urls
    "$JUGGLE" load -q --json r.json -c 1 -r 2 -f urls || [ $? -eq 1 ]
    [ "$(jq -c '[.statistics.urls[0].url, .requests[1].url]' r.json)" = "[null,\"$URL/\"]" ]
}

@test "a line end in -H, -A or -T is refused, since it would add a header" {
    for option in -H -A -T; do
        for end in $'\r\n' $'\n' $'\r'; do
            status=0
            "$JUGGLE" load $option "A: 1${end}X-Injected: 1" http://127.0.0.1:1/ 2>err || status=$?
            [ $status -eq 2 ]
            grep -q "^juggle: load: --[a-z-]* wants " err
        done
    done
}

@test "--version and -V say who this is, of the program and of load" {
    "$JUGGLE" --version >version.out
    grep -qE '^juggle [^ ]' version.out
    for way in -V "load -V" "load --version"; do
        # shellcheck disable=SC2086 # words
        "$JUGGLE" $way | diff version.out -
    done
}

@test "-g and -p are one request, of which no warm-up takes any" {
    start_server --only blocking
    for warmup in 1s auto; do
        for one in -g -p; do
            "$JUGGLE" load $one --warmup $warmup "$URL/" >out 2>err
            grep -q "^Transactions:		           1 hits$" err # stdout has the reply
            not grep -q "^Warm-up" err
        done
    done
}

@test "one file for two outputs is refused, by whatever path" {
    mkdir sub
    ln -s sub link
    for pair in "--json x --csv x" "--json x --csv ./x" "--csv sub/x --histogram link/x" \
        "--json $PWD/x --histogram x" "-lx --json x" "-m mark --csv juggle.log"; do
        # shellcheck disable=SC2086
        refused load $pair http://127.0.0.1:1/
        says "would write the same file"
    done
    [ "$(ls)" = "$(printf 'err\nlink\nout\nsub')" ]
    "$JUGGLE" load -q --json x --csv sub/x http://127.0.0.1:1/ || [ $? -eq 1 ]
    [ -s x ] && [ -s sub/x ]
}
