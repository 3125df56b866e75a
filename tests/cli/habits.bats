#!/usr/bin/env bats
# What fingers expect: help under every name, the name that was meant, and 80 columns.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

commands="run load serve report compare selftest"

# The most columns of a line.
width() { # width FILE
    LC_ALL=C.UTF-8 wc -L <"$1"
}

@test "help and version are commands as well" {
    "$JUGGLE" help >help
    "$JUGGLE" --help | cmp - help
    "$JUGGLE" help help | cmp - help
    "$JUGGLE" version >version
    "$JUGGLE" --version | cmp - version
    for command in $commands; do
        grep -q "^  $command " help
        "$JUGGLE" help "$command" >asked
        "$JUGGLE" "$command" --help | cmp - asked
    done
    refused help nothing-like-it
    says "unknown command 'nothing-like-it'; 'juggle --help' lists them"
}

@test "every --help has examples first, groups, defaults in one form, and 80 columns" {
    for command in $commands; do
        "$JUGGLE" "$command" --help >help
        [ "$(width help)" -le 80 ]
        [ "$(grep -n '^Examples:$' help | cut -d: -f1)" -le 5 ]
        sed '/^Examples:$/,/^$/d' help | grep -q '^[A-Z].*:$'
        grep -q '^  juggle ' help
        # "(default 10)", and no "(10)"
        not grep -E ' \((all|[0-9]+[a-z]*|shared|usable CPUs|measured at start)\)$' help
        not grep -E '\(default:' help
    done
    "$JUGGLE" --help >help
    [ "$(width help)" -le 80 ]
    grep -q "(default 10)$" <("$JUGGLE" load --help)
    grep -q "(default 8000)$" <("$JUGGLE" serve --help)
}

@test "the examples of every --help are read" {
    for command in run load serve report compare selftest; do
        "$JUGGLE" "$command" --help | sed -n '/^Examples:$/,/^$/s/^  juggle //p' | sed 's/   .*//; s/URL/nowhere:1/' >examples
        [ -s examples ]
        while read -r line; do
            # shellcheck disable=SC2294
            eval "refused $line --nonsense"
            says "unknown option '--nonsense'"
        done <examples
    done
}

@test "the name that was meant is named" {
    refused runn
    says "unknown command 'runn'; did you mean 'run'?"
    refused run quick
    says "unexpected argument 'quick'; did you mean '--quick'?"
    refused run --strategy async
    says "unknown option '--strategy'; did you mean '--strategies'?"
    refused load --headers x http://127.0.0.1:1/
    says "did you mean '--header'?"
    for pair in thread:threading threads:threading asynch:async processes:processing pool:threadpool; do
        refused run --strategies "${pair%:*}"
        says "there is no strategy '${pair%:*}'; did you mean '${pair#*:}'?"
        refused serve --only "${pair%:*}"
        says "did you mean '${pair#*:}'?"
    done
    refused run --experiment core
    says "did you mean 'cores'? there are article, cores, "
    refused run --preset quik
    says "did you mean 'quick'?"
    refused selftest --only littel
    says "did you mean 'little'?"
}

@test "serve says what to try, in a line to paste" {
    start_server --only async --work cpu:1ms
    try=$(sed -n "2s/^try: //p" "$OUT")
    [ "${#try}" -le 75 ]
    [ "${try%% *}" = juggle ]
    eval "'$JUGGLE' ${try#juggle }" >out 2>err
    grep -q "^Successful transactions:          10$" out
}

@test "a work is read as people write it, and refused with what to write" {
    for way in 'cpu:1ms + sleep:2ms' ' cpu:1ms+ sleep:2ms ' 'cpu:1ms +sleep:2ms'; do
        "$JUGGLE" run --work "$way" --strategies async --dry-run | grep -q "work cpu:1ms+sleep:2ms"
    done
    "$JUGGLE" run --work 'cpu:1ms, cpu:2ms' --strategies async --dry-run >out
    [ "$(grep -c "^  async, work cpu:[12]ms " out)" -eq 2 ] # a comma is between values
    refused run --work 'cpu:1ms sleep:2ms'
    says "not before 'sleep:2ms'"
    refused serve --work cpu:1ms,sleep:2ms
    says "step 'cpu:1ms' ends with a comma; join steps with +"
    refused run --work cpu:50
    says "step 'cpu:50' has no unit; write cpu:50ms or cpu:50turns"
    refused run --work sleep:50
    says "step 'sleep:50' is not of the form sleep:200ms"
}

@test "units are read as people write them" {
    "$JUGGLE" run --dry-run --budget '10 min' | grep -q "in all at most 10 min$"
    "$JUGGLE" run --dry-run --budget 90sec --precision 2% >out
    grep -q "±2 %,$" out
    grep -q "at most 1 min 30 s$" out
    refused run --budget 10
    says "wants a duration such as 200ms"
    refused run --precision 2x
    says "wants a percentage such as 2%, not '2x'"
    start_server --only async
    "$JUGGLE" load -q --rate 600/m --arrivals constant -t 1S --json r.json "$URL/"
    jq -e '.rate_per_s == 10' r.json
}
