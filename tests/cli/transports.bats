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
