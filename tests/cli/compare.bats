#!/usr/bin/env bats
# bats file_tags=one-thread
# juggle compare: what it prints, writes and exits with, on runs made by hand.

load helpers
load made_run

# make_run NAME FACTOR [REPEATS]: latencies are times the factor.
make_run() {
    local folder=$BATS_TEST_TMPDIR/$1 factor=$2 repeats=${3:-4} repeat
    write_run_json "$folder" "$repeats"
    for ((repeat = 1; repeat <= repeats; repeat++)); do
        write_cell "$folder" blocking "$repeat" $((1000 * factor + repeat * 30)) $((2000 * factor))
        write_cell "$folder" forking "$repeat" $((120000 + repeat * 30)) 121000
    done
}

# The output in one line, whatever it was wrapped to.
flat() {
    tr -s ' \n' ' ' <<< "$output"
}

# No line is longer than a terminal is wide.
fits() { # fits COLUMNS
    [ -z "$(LC_ALL=C.UTF-8 awk -v most="$1" 'length($0) > most' <<< "$output")" ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a longer cell is slower, another is the same" {
    make_run a 100
    make_run b 110
    run "$JUGGLE" compare a b
    [ "$status" -eq 0 ]
    [[ $output == *"blocking "*"0.150"*"0.165"*" 1.100 "*"slower"* ]]
    [[ $output == *"forking "*" 1.000 "*"same"* ]]
    [[ $(flat) == *"at most 5 %"*"Holm's step-down over"* ]]
    [[ $(flat) == *"speed moved by +0.0 % between the runs"* ]]
    fits 80
    run "$JUGGLE" compare b/ a/
    [[ $output == *"faster"* ]]
}

@test "every other run is held against the first" {
    make_run a 100
    make_run b 110
    make_run c 90
    run "$JUGGLE" compare a b c
    [ "$status" -eq 0 ]
    [[ $output == *$'\nB    b '*$'\nC    c '*"B against A in mean latency: 1 slower, 1 the same"*"C against A in mean latency: 1 faster, 1 the same"* ]]
}

@test "differences come first" {
    make_run a 100
    make_run b 110
    sed -i 's/"cpu_model": "Test CPU"/"cpu_model": "Other CPU"/' b/run.json
    sed -i 's/"repeats": /"hosts": {"server": "me@there", "from": null}, &/' b/run.json
    sed -i 's/"run", "--out"/"run", "--quick", "--out"/' b/run.json
    sed -i 's/"workers": 2/"workers": 4/' b/cells/*.json
    run "$JUGGLE" compare a b
    [[ $output == *"machine: cpu_model"*"Test CPU | Other CPU"*"mean latency"* ]]
    [[ $output == *"hosts: server: not given | me@there"* ]]
    [[ $output == *"command line: --quick"*"not given | given"* ]]
    [[ $output == *"cells: workers"*"2 | 4, +100.0 %"* ]]
    [[ $output != *"--out"* ]]
}

@test "one repeat is undecided, with the reason" {
    make_run a 100
    make_run b 200 1
    run "$JUGGLE" compare a b
    [ "$status" -eq 0 ]
    [[ $(flat) == *"blocking is undecided: one repeat in B"* ]]
    [[ $output != *slower*slower* ]]
}

@test "--json is JSON with every figure, and nothing else on stdout" {
    command -v jq || skip "jq is missing"
    make_run a 100
    make_run b 110
    run "$JUGGLE" compare --json --out out a b
    [ "$status" -eq 0 ]
    [ "$(jq -r '.pairs[0].cells[0].mean_latency.verdict' <<< "$output")" = slower ]
    jq -e '.family_wise_error == 0.05 and .a.folder == "a"' <<< "$output"
    jq -e '.pairs[0].cells[0].mean_latency | .low > 1.05 and .high < 1.15 and .level > 0.95
           and (.ratio * 1000 | round) == 1100 and .p < 0.001' <<< "$output"
    jq -e '.pairs[0].cells[1].slowdown.verdict == "same"' <<< "$output"
    jq -e '.pairs[0].measured.t_alone_us.change == 0' <<< "$output"
    cmp <(jq -S . out/compare.json) <(jq -S . <<< "$output")
}

@test "--markdown has the same table" {
    make_run a 100
    make_run b 110
    run "$JUGGLE" compare --markdown a b
    [ "$status" -eq 0 ]
    [[ $output == "# juggle: runs compared"* ]]
    [[ $output == *"| blocking | 0.150 | 0.165 | 1.100 | 1."*".."*" | slower |"* ]]
    run "$JUGGLE" compare --markdown --json a b
    [ "$status" -eq 2 ]
}

@test "--fail-if holds a line" {
    make_run a 100
    make_run b 110
    run "$JUGGLE" compare --fail-if 'slower>5%' --fail-if 'faster > 5 %' a b
    [ "$status" -eq 3 ]
    [[ $output == *"--fail-if 'slower>5%': blocking took 1.100 ("*") times as long in B"* ]]
    [ "$(grep -c -- "--fail-if" <<< "$output")" -eq 1 ]
    run "$JUGGLE" compare --fail-if 'slower>11%' a b
    [ "$status" -eq 0 ]
    run "$JUGGLE" compare --fail-if 'faster>5%' b a
    [ "$status" -eq 3 ]
}

@test "a bad rule is one line that says what is wanted" {
    make_run a 100
    run "$JUGGLE" compare --fail-if 'same>5%' a a
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"'slower>5%' or 'faster>5%'"*"'same>5%'"* ]]
}

@test "cells of every experiment are compared, each in its own tables" {
    make_run a 100
    for repeat in 1 2 3; do
        write_cell a slow $repeat 300000 500000
    done
    sed -i 's/"experiment": "article"/"experiment": "other"/' a/cells/slow-*.json
    sed -i -e 's/"experiment": "article"/"experiments": ["article", "other"]/' \
        -e 's/"cells": \[/&{"name": "slow", "label": "slow", "experiment": "other"},/' a/run.json
    cp -r a b
    run "$JUGGLE" compare a b
    [ "$status" -eq 0 ]
    fits 80
    [ "$(grep -c "^slow " <<< "$output")" -eq 3 ]
    [[ $output == *$'\nother: mean latency, s\n'*$'\nslow '*$'\narticle: mean'*$'\nblocking '* ]]
    run "$JUGGLE" compare --markdown a b
    [[ $output == *"### other: slowdown"*"| slow |"*"### article: mean"*"| blocking |"* ]]
}

@test "cells that one run alone has are named" {
    make_run a 100
    make_run b 100
    rm b/cells/forking-*.json
    run "$JUGGLE" compare a b
    [ "$status" -eq 0 ]
    [[ $output == *"only in A: forking"* ]]
    [[ $(flat) == *"left out of B: forking: not measured"* ]]
}

@test "runs with nothing in common are one line and exit 2" {
    make_run a 100
    make_run b 100
    sed -i 's/"experiment": "article"/"experiment": "other"/' b/cells/*.json
    run "$JUGGLE" compare a b
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"a and b have no cell in common"* ]]
}

@test "what holds no results is one line that says what to give instead" {
    make_run a 100
    mkdir empty
    for wrong in nowhere empty a/run.json; do
        refused compare a "$wrong"
        says "$wrong/run.json: "
        says "; give a folder that 'juggle run' made, such as results/latest"
    done
    refused compare a
    says "give the results folder of a baseline and those to compare with it"
    refused compare a -
    says "'-' is no results folder; ./- is one of that name"
}

@test "the same results twice are one line that says what to give instead" {
    make_run a 100
    ln -s a latest
    for same in a a/ latest; do
        refused compare a "$same"
        says "are the same results; give those of another run to compare with them"
    done
}

@test "a truncated cell is named and the rest is compared" {
    make_run a 100
    make_run b 110
    truncate -s 300 b/cells/forking-r2.json
    run "$JUGGLE" compare a b
    [ "$status" -eq 0 ]
    [[ $(flat) == *"left out of B: cells/forking-r2.json: line "* ]]
    [[ $output == *"repeats measured"*"4 | 3"* ]]
    [[ $output == *slower* ]]
}

@test "--out writes texts, data and charts" {
    make_run a 100
    make_run b 110
    make_run c 90
    run "$JUGGLE" compare --out out/deep a b c
    [ "$status" -eq 0 ]
    for file in compare.md compare.json data/compare.tsv; do
        [ -s "out/deep/$file" ]
    done
    [ -z "$(find out -name '*.??????' | grep -v '\.json$')" ]
    command -v gnuplot || skip "gnuplot is missing"
    for shape in '' -narrow; do
        grep -q '</svg>' "out/deep/charts/compare$shape.svg"
    done
    grep -q "charts/compare.svg" out/deep/compare.md
    grep -qP "^\d+\tblocking: one job at a time\t" out/deep/data/compare.tsv
}

@test "without gnuplot the rest is there and one line says what to install" {
    make_run a 100
    make_run b 110
    mkdir empty
    PATH=$BATS_TEST_TMPDIR/empty run "$JUGGLE" compare --out out a b
    [ "$status" -eq 0 ]
    [[ $output == *"gnuplot-nox"* ]]
    [ "$(grep -c gnuplot <<< "$output")" -eq 1 ]
    [ -s out/compare.md ]
    ! grep -q '!\[' out/compare.md
}

@test "requests that all failed are drawn and said, not compared" {
    make_run a 100
    make_run b 110
    sed -i 's/"status":200/"status":500/g' b/cells/blocking-*.json
    run "$JUGGLE" compare --out out a b
    [ "$status" -eq 0 ]
    [[ $(flat) == *"blocking is undecided: failed requests: 0 in A, 8 in B"* ]]
    [[ $output != *plots/* ]]
    [[ $output != *nan* ]]
}

@test "a folder that cannot be written is one line and exit 2" {
    make_run a 100
    make_run b 110
    : > file
    run "$JUGGLE" compare --json --out file/out a b
    [ "$status" -eq 2 ]
    [[ $output == *"file/out cannot be written: "* ]]
}

@test "help lists the options" {
    run "$JUGGLE" compare --help
    [ "$status" -eq 0 ]
    [[ $output == *"--fail-if RULE"*"--markdown"*"--json"*"--out FOLDER"* ]]
}
