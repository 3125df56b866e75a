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
