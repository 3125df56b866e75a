#!/usr/bin/env bats
# How requests are carried: names, connections, descriptors.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

@test "a name that cannot be found is refused before the run, a proxy's as well" {
    refused load http://no-such-host.invalid/
    says "'no-such-host.invalid' cannot be found"
    refused load --proxy no-such-proxy.invalid:1 http://127.0.0.1/
    says "'no-such-proxy.invalid' cannot be found"
    refused load --proxy '' http://127.0.0.1/
    says "--proxy wants"
}

@test "a limit of open files that carries too few is refused with what to ask for" {
    # Each in a shell of its own, since a hard limit cannot be raised again.
    (ulimit -n 60 && refused load --rate 100 -t 1s http://127.0.0.1:1/ &&
        says "a single connection needs 65 open files, but the limit is 60")
    (ulimit -n 60 && refused load -c 1 --transport curl http://127.0.0.1:1/ &&
        says "a single connection needs 67 open files")
    (ulimit -n 70 && refused load -c 9 http://127.0.0.1:1/ && says "ask for at most 6")
}

@test "--preconnect opens every user's connection before the start, of one host alone" {
    start_server
    "$JUGGLE" load -q --preconnect -c 3 -r 2 --json whole.json "$URL/"
    jq -e '.preconnected and .connections_opened == 3 and
        ([.requests[] | .connect_us == 0 and .error == null] | all)' whole.json
    printf '%s/\n%s/delay/?ms=0\n' "$URL" "$URL" >one
    "$JUGGLE" load -q --preconnect -c 3 -r 2 -f one --json whole.json
    jq -e '.connections_opened == 3' whole.json
    printf '%s/\nhttp://localhost:%s/\n' "$URL" "$PORT" >two
    refused load --preconnect -c 3 -f two
    says "two has URLs of 2 hosts; leave it out"
    "$JUGGLE" load -q -c 1 -r 4 -f two --json whole.json
    jq -e '.connections_opened == 4' whole.json
}

@test "-H 'Connection: close' is --no-keepalive, over every transport" {
    start_server
    local transport
    for transport in http1 curl; do
        "$JUGGLE" load -q -c 2 -r 3 --transport $transport -H 'Connection: close' \
            --json whole.json "$URL/"
        jq -e '.connections_opened == 6 and ([.requests[] | .status == 200] | all)' whole.json
    done
    refused load --preconnect -H 'connection: Keep-Alive, Close' "$URL/"
    says "leave out --rate, --no-keepalive"
}

@test "bodies go in chunks where a header says so, and the next request begins behind them" {
    start_server
    local transport
    for transport in http1 curl; do
        "$JUGGLE" load -q -c 2 -r 4 --transport $transport --json whole.json \
            -H 'Transfer-Encoding: chunked' "$URL/ POST a=b"
        jq -e '.connections_opened == 2 and .retried == 0 and
            ([.requests[] | .status == 200] | all)' whole.json
        "$JUGGLE" load -q -c 1 -r 2 --transport $transport -H 'Transfer-Encoding: chunked' "$URL/"
    done
}

@test "headers that would make no valid message are refused with the reason" {
    refused load -H 'Content-Length: 5' http://127.0.0.1:1/
    says "the length is that of the body"
    refused load -H 'content-length:' http://127.0.0.1:1/
    says "the length is that of the body"
    refused load -H 'Transfer-Encoding: gzip, chunked' http://127.0.0.1:1/
    says "knows 'chunked' alone"
    refused load --http2 -H 'Transfer-Encoding: chunked' https://127.0.0.1:1/
    says "HTTP/2 has no 'Transfer-Encoding: chunked'"
    refused load -H 'no colon' http://127.0.0.1:1/
    says "'Name: value', 'Name:' or 'Name;'"
}

@test "--max-failures ends a run early, in all its threads: exit 1, with statistics and files" {
    local transport
    for transport in http1 curl; do
        run "$JUGGLE" load -c 8 --threads 2 -t 1H -b --transport $transport --max-failures 50 \
            --json whole.json http://127.0.0.1:1/
        [ "$status" -eq 1 ]
        [[ "$output" == *"Given up, failures:"*50* ]]
        jq -e '.given_up and (.requests | length) >= 50 and .rested_s > 0 and
            .statistics.failed_transactions == (.requests | length)' whole.json
    done
    run "$JUGGLE" load -q -c 1 -t 1H -b --max-failures 3 --json whole.json http://127.0.0.1:1/
    [ "$status" -eq 1 ]
    jq -e '.given_up and (.requests | length) == 3' whole.json
    refused load --search p99:50ms --max-failures 3 http://127.0.0.1:1/
    says "leave out --rate, --ramp, --schedule, -t, --warmup, --max-failures"
}

# An address of this machine that is valid on one link, with its colons, and the link's name.
link_local() {
    local text prefix scope link flags address
    while read -r text _ prefix scope flags link; do
        if [ "$scope" = 20 ] && [ "$prefix" = 40 ] && [ $((0x$flags & 0x40)) -eq 0 ]; then
            address=$(sed 's/..../&:/g; s/:$//' <<<"$text")
            echo "$address $link"
            return
        fi
    done </proc/net/if_inet6
    return 1
}

@test "an address of one link is reached by the link's name or number, over every transport" {
    local found address link transport zone number
    [ -r /proc/net/if_inet6 ] && found=$(link_local) || skip "no link-local address"
    read -r address link <<<"$found"
    number=$(cat "/sys/class/net/$link/ifindex")
    start_server --bind ::
    for transport in http1 curl; do
        for zone in "%$link" "%25$link" "%25$number"; do
            "$JUGGLE" load -q -c 2 -r 2 --transport $transport --json whole.json \
                "http://[$address$zone]:$PORT/"
            jq -e '[.requests[] | .status == 200] | all' whole.json
        done
    done
    refused load "http://[$address%no-such-link]:$PORT/"
    says "cannot be found"
}
