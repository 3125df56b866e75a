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
