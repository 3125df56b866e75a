#!/usr/bin/env bats
# bats file_tags=one-thread
# `juggle selftest`: the proofs hold here, too. They are tried again where a busy machine
# may be why one does not.

load helpers

setup() {
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
}

teardown() {
    end_all_sessions
}

nothing_is_left() {
    [ -z "$(ls -A "$TMPDIR")" ]
}

has_frozen_child() { # has_frozen_child PID
    local pid line
    for pid in $(children_of "$1"); do
        { read -r line <"/proc/$pid/stat"; } 2>/dev/null || continue
        case ${line##*) } in T*) return 0 ;; esac
    done
    return 1
}

@test "every proof holds, one line each, and nothing is left" {
    run timeout 300 "$JUGGLE" selftest
    echo "$output"
    [ "$status" -le 1 ]
    n_proofs=$("$JUGGLE" selftest --list | wc -l)
    [ "$n_proofs" -ge 7 ]
    [ "${#lines[@]}" -eq $((n_proofs + 1)) ]
    [ "$(grep -cE '^(ok     |FAILED ) .*; expected: .*; found: ' <<<"$output")" -eq "$n_proofs" ]
    [ "${lines[$n_proofs]}" = "$(grep -c '^ok ' <<<"$output") of $n_proofs proofs hold" ]
    nothing_is_left
    # what a busy machine has spoilt in every try holds once it is less busy
    not grep '^FAILED ' <<<"$(grep -v ' (try 5)$' <<<"$output")"
    while read -r name claim; do
        ! grep -qF "FAILED  $claim; " <<<"$output" || LIMIT_S=300 await "$JUGGLE" selftest --only "$name"
    done < <("$JUGGLE" selftest --list)
}

@test "--list shows the proofs and measures nothing" {
    run "$JUGGLE" selftest --list
    [ "$status" -eq 0 ]
    for name in stall sleep little counting exponential constant saturation; do
        grep -q "^$name  *[^ ]" <<<"$output"
    done
    not grep -q "^ok" <<<"$output"
    nothing_is_left
}

@test "--only runs one proof" {
    # the one that no busy machine can spoil
    run "$JUGGLE" selftest --only saturation
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 2 ]
    grep -q "^ok      a generator that is asked for too much" <<<"${lines[0]}"
    [ "${lines[1]}" = "1 of 1 proofs hold" ]
}

@test "wrong calls are one line and exit 2" {
    refused selftest --only nosuch
    says "there is no proof 'nosuch'; --list shows them"
    refused selftest stall
    says "unexpected argument 'stall'; did you mean '--only stall'? see 'juggle selftest --help'"
    for given in "$TMPDIR" selftest.bats; do
        refused selftest "$given" "$given"
        says "unexpected argument '$given'; see 'juggle selftest --help'"
    done
    refused selftest --nosuch
    TMPDIR=/nonexistent refused selftest --only counting
    says "set TMPDIR"
}

@test "what cannot be measured has failed, with the reason" {
    start_session strangled bash -c "ulimit -n 8; exec '$JUGGLE' selftest --only little"
    ends_with 1 "$PID"
    grep -q "^FAILED  closed loop.*found: the " "$BATS_TEST_TMPDIR/strangled.out"
    nothing_is_left
}

@test "interrupted while the server is frozen: exit 130, nothing is left" {
    start_session interrupted "$JUGGLE" selftest --only stall
    await has_frozen_child "$PID"
    kill -INT "$PID"
    ends_with 130 "$PID"
    nothing_is_left_of "$PID" # the groups of its children belong to its session
    grep -q "selftest: interrupted" "$BATS_TEST_TMPDIR/interrupted.err"
    nothing_is_left
}
