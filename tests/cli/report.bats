#!/usr/bin/env bats
# juggle report: rebuilding a results folder, and what it says of broken ones.

# A small run by hand: two cells, two users, one repeat.
make_run() {
    run_folder=$BATS_TEST_TMPDIR/run
    mkdir -p "$run_folder/cells"
    cat > "$run_folder/run.json" <<'JSON'
{"schema": 1, "kind": "juggle run", "started_at": "2026-01-02T03:04:05Z",
 "experiment": "article", "argv": ["juggle", "run"], "seed": 1,
 "machine": {"cpu_model": "Test CPU", "cpus_usable": 2}, "versions": {},
 "repeats": 1, "users": 2, "interrupted": false,
 "cells": [{"name": "blocking", "label": "blocking", "published": null},
           {"name": "forking", "label": "forking", "published": null}]}
JSON
    make_cell blocking 100000 200000
    make_cell forking 120000 121000
}

# make_cell NAME LATENCY_US...
make_cell() {
    local name=$1 requests= id=0 latency
    shift
    for latency in "$@"; do
        requests="$requests${requests:+,}{\"id\":$id,\"user\":$id,\"path\":\"/\",
 \"planned_us\":0,\"start_us\":0,\"connect_us\":10,\"first_byte_us\":$latency,
 \"latency_us\":$latency,\"status\":200,\"bytes\":4,\"queue_us\":0,\"run_us\":$latency,
 \"worker\":{\"process\":7,\"thread\":$id,\"cpu\":0,\"from_us\":0,\"to_us\":$latency,
 \"cpu_us\":90000,\"wait_us\":0},\"error\":null}"
        id=$((id + 1))
    done
    cat > "$run_folder/cells/$name-r1.json" <<JSON
{"schema": 1, "kind": "juggle cell", "parameters": {"experiment": "article",
 "name": "$name", "label": "$name", "strategy": "$name", "accept": "",
 "work": "cpu:100000", "gil": false, "processes": 1, "workers": 2, "users": 2,
 "rounds": 1, "probe_every_us": 0}, "repeat": 1, "t_us": 100000,
 "effective_cores": 1.8, "server": {}, "generator": {}, "load": {"mode": "closed"},
 "requests": [$requests], "probes": []}
JSON
}

# A PATH without gnuplot.
without_gnuplot() {
    mkdir -p "$BATS_TEST_TMPDIR/empty"
    PATH=$BATS_TEST_TMPDIR/empty run "$JUGGLE" report "$run_folder"
}

@test "report writes everything that follows from run.json and cells" {
    make_run
    run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 0 ]
    [[ $output == *"blocking"*"0.150"*"0.100"*"0.200"*"1.50"* ]]
    [[ $output == *"undecided  blocking-is-linear"* ]]
    for file in summary.json findings.json report.md report.html data/staircase.tsv \
        data/lanes.tsv data/probe.tsv; do
        [ -s "$run_folder/$file" ]
    done
    if command -v gnuplot; then
        for chart in staircase lanes probe; do
            [ -s "$run_folder/charts/$chart.svg" ]
            [ -s "$run_folder/charts/$chart.png" ]
        done
    fi
    [ -z "$(find "$run_folder" -name '*.??????' -newer "$run_folder/run.json" |
        grep -v '\.json$')" ]
}

@test "report is the same when it is made again" {
    make_run
    "$JUGGLE" report "$run_folder"
    cp "$run_folder/report.md" "$BATS_TEST_TMPDIR/before.md"
    "$JUGGLE" report "$run_folder/"
    cmp "$run_folder/report.md" "$BATS_TEST_TMPDIR/before.md"
}

@test "without gnuplot the rest is there and one line says how to draw" {
    make_run
    without_gnuplot
    [ "$status" -eq 0 ]
    [[ $output == *"gnuplot-nox"*"juggle report $run_folder"* ]]
    [ "$(grep -c 'gnuplot' <<< "$output")" -eq 1 ]
    [ -s "$run_folder/report.html" ]
    [ -s "$run_folder/data/lanes.tsv" ]
}

@test "a truncated cell is named and left out, the rest is reported" {
    make_run
    truncate -s 300 "$run_folder/cells/forking-r1.json"
    without_gnuplot
    [ "$status" -eq 0 ]
    [[ $output == *"left out: cells/forking-r1.json: line "* ]]
    [[ $output == *"blocking"*"0.150"* ]]
    grep -q 'forking-r1.json' "$run_folder/report.md"
}

@test "a cell of a newer schema is named with its field" {
    make_run
    sed -i 's/"schema": 1/"schema": 7/' "$run_folder/cells/forking-r1.json"
    without_gnuplot
    [[ $output == *"cells/forking-r1.json: schema: 7 is newer"* ]]
}

@test "a wrong field is named with its place" {
    make_run
    sed -i 's/"status":200/"status":"ok"/' "$run_folder/cells/forking-r1.json"
    without_gnuplot
    [[ $output == *"requests[0].status: a whole number is expected"* ]]
}

@test "a missing folder is one line and exit 2" {
    run "$JUGGLE" report "$BATS_TEST_TMPDIR/nowhere"
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"nowhere/run.json"* ]]
}

@test "a folder without run.json is one line and exit 2" {
    run "$JUGGLE" report "$BATS_TEST_TMPDIR"
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
}

@test "a newer run is refused" {
    make_run
    sed -i 's/"schema": 1/"schema": 2/' "$run_folder/run.json"
    run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"run.json: schema: 2 is newer"* ]]
}

@test "report wants one folder" {
    run "$JUGGLE" report
    [ "$status" -eq 2 ]
    [[ $output == *"results folder"* ]]
}

@test "a failing script is one line that names it" {
    command -v gnuplot || skip "gnuplot is missing"
    make_run
    mkdir "$BATS_TEST_TMPDIR/plots"
    for script in style staircase lanes probe; do
        echo 'this is no command' > "$BATS_TEST_TMPDIR/plots/$script.gp"
    done
    JUGGLE_PLOTS=$BATS_TEST_TMPDIR/plots run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 0 ]
    [[ $output == *"plots/lanes.gp"* ]]
    [ ! -e "$run_folder/charts/lanes.svg" ]
}
