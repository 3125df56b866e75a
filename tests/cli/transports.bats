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
