#!/usr/bin/env bats
# juggle beside the programs it is held against. Each test says what to install where its
# peer is missing.

load helpers
load nginx

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

@test "https: a certificate is checked unless told otherwise" {
    start_nginx
    run "$JUGGLE" load -j -c 2 -r 3 "$HTTPS/"
    [ "$status" -eq 1 ]
    "$JUGGLE" load -q --json whole.json --insecure -c 2 -r 3 "$HTTPS/"
    jq -e '[.requests[] | .status == 200 and .bytes == 5 and .error == null] | all' whole.json
    jq -e '.transport == "curl" and (.requests | length) == 6' whole.json
    "$JUGGLE" load --insecure -q --json refused.json -c 1 "$HTTPS/" --proxy "http://127.0.0.1:1" || true
    jq -e '.requests[0].error == "refused"' refused.json
}

@test "--http2 speaks it, one connection for each user" {
    start_nginx
    "$JUGGLE" load -v --http2 --insecure -c 3 -r 4 --json whole.json "$HTTPS/" >lines 2>err
    cat lines err
    [ "$(grep -c '^HTTP/2' lines)" -eq 12 ]
    jq -e '.connections_opened == 3 and (.requests | length) == 12' whole.json
}

@test "--http2 over plain http is whole, or refused for a library that cannot" {
    command -v nghttpd >/dev/null || skip "install nghttp2-server"
    local port attempt status=0
    echo hi >index.html
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 20000))
        start_session nghttpd nghttpd --no-tls -d . $port
        await eval "(: </dev/tcp/127.0.0.1/$port) 2>/dev/null || ! kill -0 $PID" || true
        kill -0 "$PID" 2>/dev/null && break
    done
    "$JUGGLE" load -q -c 2 -r 10 --http2 --json kept.json "http://127.0.0.1:$port/" 2>err || status=$?
    cat err
    if [ $status -eq 0 ]; then
        jq -e '.statistics.protocols == {"HTTP/2": 20} and .connections_opened == 2' kept.json
    else
        [ $status -eq 2 ]
        grep -q 'libcurl 7.88.* fails every other request of --http2 over plain http' err
    fi
    "$JUGGLE" load -q -c 2 -r 10 --http2 --no-keepalive --json each.json "http://127.0.0.1:$port/"
    jq -e '.statistics.protocols == {"HTTP/2": 20} and .connections_opened == 20' each.json
}

@test "--http2 that becomes HTTP/1.1 is said in text, in JSON and in the table" {
    start_nginx
    sed -i 's/ ssl http2;/ ssl;/' nginx.conf
    kill "$PID" && rm -f pid && wait "$PID" || true
    start_session nginx nginx -p "$PWD" -c "$PWD/nginx.conf"
    await nginx_is_there
    "$JUGGLE" load --http2 --insecure -c 2 -r 2 --json whole.json --csv whole.csv "$HTTPS/" >text
    cat text
    grep -qE '^Answered over HTTP/1.1:\s+4$' text
    jq -e '.statistics.protocols == {"HTTP/1.1": 4} and ([.requests[].protocol == "HTTP/1.1"] | all)' whole.json
    head -1 whole.csv | grep -q ',protocol,held_up_us$'
    [ "$(grep -c ',HTTP/1.1,[0-9.]*$' whole.csv)" -eq 4 ]
    "$JUGGLE" load -j --http2 --insecure -c 1 "$HTTPS/" | jq -e '.protocols == {"HTTP/1.1": 1}'
}

@test "a proxy that refuses to connect is named, with its status" {
    start_nginx
    "$JUGGLE" load -q --json whole.json -c 1 -r 2 --proxy "http://127.0.0.1:$PORT" https://127.0.0.1:1/ &&
        return 1
    jq -e '.statistics.errors == {"refused by proxy": 2} and ([.requests[].status >= 400] | all)' whole.json
}

@test "redirects lead to http and https alone" {
    start_nginx
    "$JUGGLE" load -q --follow --json whole.json -c 1 -r 2 "http://127.0.0.1:$PORT/astray" && return 1
    jq -e '.statistics.errors == {"bad response: redirect": 2}' whole.json
}

@test "redirects are answers, and followed with --follow" {
    start_nginx
    "$JUGGLE" load -q --json kept.json -c 1 "http://127.0.0.1:$PORT/away"
    jq -e '.requests[0].status == 302' kept.json
    "$JUGGLE" load -q --follow --json followed.json -c 2 -r 2 "http://127.0.0.1:$PORT/away"
    jq -e '[.requests[] | .status == 200 and .bytes == 5] | all' followed.json
    jq -e '.connections_opened == 2 and ([.requests[] | .connect_us <= .first_byte_us] | all)' followed.json
    run "$JUGGLE" load -q --follow --json round.json -c 1 "http://127.0.0.1:$PORT/round"
    [ "$status" -eq 1 ]
    jq -e '.requests[0].error == "redirect loop"' round.json
}

@test "a proxy is used when asked for, whatever it or the environment knows" {
    start_server
    export no_proxy='*' NO_PROXY='*'
    "$JUGGLE" load -q --json whole.json --proxy "$URL" -c 2 -r 2 http://elsewhere.invalid/
    jq -e '[.requests[] | .status == 200 and .bytes == 12] | all' whole.json
    run "$JUGGLE" load --proxy "$URL" --transport http1 http://elsewhere.invalid/
    [ "$status" -eq 2 ]
    [[ "$output" == *"use --transport curl"* ]]
}

@test "wrk is answered without an error, and sees no more requests than were served" {
    command -v wrk || skip "install wrk"
    start_server
    wrk -t 1 -c 5 -d 1s "$URL/" >wrk.out
    cat wrk.out
    ! grep -E 'Socket errors|Non-2xx' wrk.out
    [ "$(sed -n 's/^ *\([0-9]*\) requests in.*/\1/p' wrk.out)" -gt 0 ]
}
