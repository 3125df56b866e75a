#!/usr/bin/env bats
# A warm-up that `juggle load` finds by itself.

load one_server

@test "--warmup auto: what it finds is printed, written and left out" {
    "$JUGGLE" load -c 4 -t 2s --warmup auto --json r.json "$URL/delay/?ms=2" >out 2>err
    [[ "$(jq -r .statistics.warmup.kind r.json)" =~ ^(found|none|not ended)$ ]]
    [ "$(grep -Ec "^Warm-up:		.*(found; [0-9]+ requests left out\)|none found|did not end)" out)" -eq 1 ]
    [ "$(jq '.requests as $r | [([$r[] | select(.warmup)] | length) == .statistics.warmup.left_out, ($r | length) == .statistics.transactions + .statistics.warmup.left_out, (.warmup_s // 0) == .statistics.warmup.seconds]' -c r.json)" = '[true,true,true]' ]
    [ "$(jq -r '.validity.reasons[] | select(.check == "warm_up") | .verdict | test("^(VALID|SUSPECT)$")' r.json)" = true ]
}

@test "--warmup auto with few requests says so, and leaves nothing out" {
    "$JUGGLE" load -j -c 2 -r 5 --warmup auto "$URL/" >out
    [ "$(jq -c '[.transactions, .warmup.kind, .warmup.seconds == 0, .warmup.left_out]' out)" = '[10,"too few requests",true,0]' ]
    "$JUGGLE" load -v -c 2 -r 5 --warmup auto "$URL/" >out 2>err
    grep -q "^Warm-up:		         n/a (needs 500 requests, and 10 per user)$" out
    tr -s ' \n' ' ' <out | grep -q "not carried: .*warm_up (needs 500 "
    "$JUGGLE" load -j -c 2 -r 5 --warmup 1ns "$URL/" >out
    [ "$(jq -c .warmup.kind out)" = '"given"' ]
    "$JUGGLE" load -j -c 2 -r 5 "$URL/" >out
    [ "$(jq -c '[.warmup, any(.validity.reasons[]; .check == "warm_up")]' out)" = '[null,false]' ]
}

@test "--warmup auto with an open loop and threads" {
    "$JUGGLE" load -q --threads 2 --rate 900 -t 1s --warmup auto --json r.json "$URL/"
    [[ "$(jq -r .statistics.warmup.kind r.json)" =~ ^(found|none|not ended)$ ]]
}

@test "another word than auto, and auto with --search, are one line and exit 2" {
    for call in "--warmup autos" "--warmup AUTO" "--warmup " "--search p99:50ms --warmup auto"; do
        status=0
        # shellcheck disable=SC2086
        "$JUGGLE" load $call "$URL/" >out 2>err || status=$?
        [ "$status" -eq 2 ]
        [ "$(wc -l <err)" -eq 1 ]
        [ ! -s out ]
    done
    grep -q "warmup" err
}
