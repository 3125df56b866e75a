#!/usr/bin/env bats
# bats file_tags=one-thread
# juggle report: rebuilding a results folder, and what it says of broken ones.

load helpers
load made_run

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

make_run() {
    run_folder=$BATS_TEST_TMPDIR/run
    write_run_json "$run_folder" 1
    make_cell blocking 100000 200000
    make_cell forking 120000 121000
}

make_cell() { # make_cell NAME LATENCY_US...
    local name=$1
    shift
    write_cell "$run_folder" "$name" 1 "$@"
}

# The same as this juggle writes it, repeat 2: the samples in tables beside it.
make_tables() { # make_tables NAME LATENCY_US...
    local name=$1 id=0 latency cell=$run_folder/cells/$1-r2
    shift
    {
        printf '%s\t' id user planned_us start_us connect_us first_byte_us latency_us status bytes error \
            answered queue_us run_us process thread cpu from_us to_us cpu_us
        echo wait_us
        for latency in "$@"; do
            printf '%s\t' $id $id 7000 7000 10 "$latency" "$latency" 200 4 '' 1 0 "$latency" 7 $id 0 7000 \
                $((latency + 7000)) 90000
            echo 0
            id=$((id + 1))
        done
    } >"$cell.tsv"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' id user planned_us start_us latency_us status \
        answered process thread from_us to_us >"$cell.probes.tsv"
    cat >"$cell.json" <<JSON
{"schema": 4, "kind": "juggle cell", "parameters": {"experiment": "article",
 "name": "$name", "label": "$name", "strategy": "$name", "accept": "",
 "work": "cpu:100000", "gil": false, "processes": 1, "workers": 2, "users": 2,
 "rounds": 1, "probe_every_us": 0}, "repeat": 2, "users_from_us": 7000,
 "machine": {"t_alone_us": 100000, "cores": 1.8},
 "server": {"cpu_user_s": 0.3, "cpu_system_s": 0.1,
 "peak_threads": 3, "voluntary_switches": 12345}, "generator": {},
 "load": {"mode": "closed", "elapsed_s": 0.5, "samples": $#, "validity": {"verdict": "SUSPECT",
 "reasons": [{"check": "stolen_cpu", "verdict": "SUSPECT", "figure": 0.03,
 "rule": "share of the CPUs' time that the hypervisor gave to others"}]}},
 "probe": {"samples": 0}}
JSON
}

# No line is longer than a terminal is wide.
fits() { # fits COLUMNS
    local line LC_ALL=C.UTF-8
    while IFS= read -r line; do
        if [ ${#line} -gt "$1" ]; then
            echo "too long: $line"
            return 1
        fi
    done <<< "$output"
}

# The output in one line, whatever it was wrapped to.
flat() {
    tr -s ' \n' ' ' <<< "$output"
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
    [[ $output == *"blocking"*"1.7"*"0.15"*"0.20"* ]]
    # no claim is about two users on two CPUs, which is said in the report alone
    [[ $output != *"what one expects"* ]]
    not grep -q blocking-is-linear <<< "$output"
    grep -q ': not applicable: it takes 3 users' "$run_folder/report.md"
    for file in summary.json findings.json report.md report.html data/staircase.tsv \
        data/lanes.tsv data/probe.tsv data/percentiles.tsv; do
        [ -s "$run_folder/$file" ]
    done
    if command -v gnuplot; then
        for chart in waits lanes probe staircase percentiles; do
            [ -s "$run_folder/charts/$chart.svg" ]
            [ -s "$run_folder/charts/$chart-narrow.svg" ]
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

@test "everything but run.json and cells can be deleted and comes back, of either schema" {
    make_run
    make_tables blocking 102000 203000
    make_tables forking 119000 121500
    "$JUGGLE" report "$run_folder"
    cp -r "$run_folder" "$BATS_TEST_TMPDIR/before"
    rm -r "$run_folder"/{summary.json,findings.json,data,charts,report.md,report.html}
    "$JUGGLE" report "$run_folder"
    diff -r "$run_folder" "$BATS_TEST_TMPDIR/before" -x charts
    diff <(ls "$run_folder/charts") <(ls "$BATS_TEST_TMPDIR/before/charts")
    grep -q '"n_requests": 4' "$run_folder/summary.json"
    not grep -q 'left out' "$run_folder/report.md"
}

@test "percentiles that the samples do not carry say what they need" {
    make_run
    without_gnuplot
    not grep -q 'n/a' <<< "$output"
    grep -q '| strategy | max, ms | answers |' "$run_folder/report.md"
    grep -q '"p50": null' "$run_folder/summary.json"
    # Nothing is drawn as a line that the samples do not carry: dots alone.
    grep -q '^NaN	NaN$' "$run_folder/data/percentiles.tsv"
    [ "$(grep -c '^33.333333	' "$run_folder/data/percentiles.tsv")" -eq 2 ]
}

@test "outliers are noted and kept" {
    make_run
    make_cell forking 100100 100200 100300 100400 100500 100600 100700 100800 100900 900000
    without_gnuplot
    grep -q 'forking: 1 of 10 answers is an outlier (modified z above 14.8: above .*, kept' \
        "$run_folder/report.md"
    tr -d ' \n' < "$run_folder/summary.json" | grep -q '"outliers":{"n_requests":1,'
    tr -d ' \n' < "$run_folder/summary.json" | grep -q '"max":{"value_us":900000'
}

# Every way in which one file can be wrong; the other cell is reported all the same.
@test "a bad cell is named and left out, whatever is wrong with it" {
    local cell what
    make_run
    cell=$run_folder/cells/forking-r1.json
    cp "$cell" "$BATS_TEST_TMPDIR/good"
    while IFS='|' read -r edit what; do
        sed "$edit" "$BATS_TEST_TMPDIR/good" > "$cell"
        without_gnuplot
        [ "$status" -eq 0 ]
        echo "$edit: $output"
        [[ $(flat) == *"left out: cells/forking-r1.json: $what"* ]]
        [[ $output == *"blocking"*"0.15"* ]]
        grep -q 'cells/forking-r1.json' "$run_folder/report.md"
        grep -q 'cells/forking-r1.json' "$run_folder/summary.json"
    done <<'EDITS'
2,$d|line 2: 
s/.*//|line 
s/juggle cell/juggle load/|kind: "juggle cell" is expected, it is juggle load
s/"kind": "juggle cell", //|kind: "juggle cell" is expected, it is missing
s/"schema": 1/"schema": 5/|schema: 5 is newer
s/"schema": 1/"schema": "1"/|schema: a whole number from 1
s/"users": 2/"users": -2/|parameters.users: a whole number, 0 or more
s/"t_us": 100000/"t_us": 0/|t_us: a number above 0
s/"cpu_user_s": 0.2/"cpu_user_s": -3/|server.cpu_user_s: a number, 0 or more
s/"cpu_user_s": 0.2/"cpu_user_s": "much"/|server.cpu_user_s: a number, 0 or more
s/"latency_us":121000/"latency_us":-1/|requests[1].latency_us: a number, 0 or more
s/"latency_us":121000,//|requests[1].latency_us: a number, 0 or more is expected, it is missing
s/"probes": \[/"probes": 3, "x": [/|probes: columns and rows, or an array
s/"experiment": "article"/"experiment": "other"/|parameters.experiment: 'other' is not this run's
s/"name": "forking"/"name": "else"/|parameters.name: 'else' is not a cell
EDITS
}

@test "a bad table is named with its line, and its cell left out" {
    local table
    make_run
    rm "$run_folder/cells/forking-r1.json"
    make_tables forking 101000 102000 103000
    table=$run_folder/cells/forking-r2.tsv
    without_gnuplot
    [[ $output == *"forking"*"0.10"* ]]
    [[ $output != *"left out"* ]]
    cp "$table" "$BATS_TEST_TMPDIR/good"
    while IFS='|' read -r edit what; do
        sed "$edit" "$BATS_TEST_TMPDIR/good" >"$table"
        without_gnuplot
        [ "$status" -eq 0 ]
        echo "$edit: $output"
        [[ $(flat) == *"left out: cells/forking-r2.json: forking-r2.tsv: $what"* ]]
        [[ $output == *"blocking"*"0.15"* ]]
    done <<'EDITS'
1d|line 1: the column 'id' is missing
1s/status/state/|line 1: the column 'status' is missing
$d|3 samples are expected, there are 2
3s/^1/-1/|line 3: id: a whole number, 0 or more is expected
3s/\t[^\t]*$//|line 3: a row of 20 values is expected
3s/$/\t/|line 3: a row of 20 values is expected
3s/102000/soon/|line 3: first_byte_us: a number is expected
3s/\t0$/\t1e99/|line 3: wait_us: a number is expected
EDITS
    head -c -10 "$BATS_TEST_TMPDIR/good" >"$table"
    without_gnuplot
    [[ $(flat) == *"forking-r2.tsv: line 4: it has no end: the file was cut"* ]]
    rm "$table"
    without_gnuplot
    [[ $(flat) == *"forking-r2.tsv: No such file or directory"* ]]
    mkfifo "$table"
    run timeout $LIMIT_S "$JUGGLE" report "$run_folder"
    [ "$status" -eq 0 ]
    [[ $(flat) == *"forking-r2.tsv: no regular file"* ]]
    rm "$table"
    ln -s /dev/zero "$table"
    run timeout $LIMIT_S "$JUGGLE" report "$run_folder"
    [[ $(flat) == *"forking-r2.tsv: no regular file"* ]]
}

@test "what could not be checked is not VALID" {
    local cell
    make_run
    run "$JUGGLE" report "$run_folder"
    [[ $output == *"VALID: every cell"* ]]
    cell=$run_folder/cells/forking-r1.json
    cp "$cell" "$BATS_TEST_TMPDIR/good"
    while IFS='|' read -r edit why; do
        sed "$edit" "$BATS_TEST_TMPDIR/good" >"$cell"
        without_gnuplot
        echo "$edit: $output"
        [[ $(flat) == *"SUSPECT: forking (1 of 1 repeats: $why)"* ]]
        not grep -q "VALID: blocking" <<<"$output" # the screen names what is in doubt
        grep -q "VALID: blocking" "$run_folder/report.md"
    done <<'EDITS'
s/, "validity": .*}},/},/|its load has no verdict
s/"verdict": "VALID"/"verdict": "SPLENDID"/|its load is SUSPECT
s/"mode": "closed"/&, "interrupted": "SIGINT"/|SIGINT cut its load short
EDITS
}

@test "control characters of a stranger's folder are shown, not obeyed" {
    local name
    make_run
    esc='\\u001b]0;owned\\u0007\\u009b31m`<i>'
    sed -i -e "s/Test CPU/&$esc/" -e "s/\"cpus_usable\"/\"strange$esc\": 1, &/" "$run_folder/run.json"
    sed -i "s/\"label\": \"forking/&$esc/" "$run_folder/cells/forking-r1.json"
    mv "$run_folder" "$run_folder$(printf '\033[31m')"
    run_folder=$run_folder$(printf '\033[31m')
    name=$(printf 'evil\033[2J.json')
    printf '\033[5m' >"$run_folder/cells/$name"
    printf '{"\033[7m' >"$BATS_TEST_TMPDIR/alone.json"
    cp -r "$run_folder" "$BATS_TEST_TMPDIR/other"
    for command in report compare "report --cell"; do
        case $command in
        report) "$JUGGLE" report "$run_folder" ;;
        compare) "$JUGGLE" compare --out "$run_folder" "$run_folder" "$BATS_TEST_TMPDIR/other" ;;
        *) "$JUGGLE" report --cell "$run_folder/cells/forking-r1.json" &&
            { "$JUGGLE" report --cell "$BATS_TEST_TMPDIR/alone.json" || true; } ;;
        esac >out 2>&1
        not grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' out
        grep -q 'x1b' out
    done
    grep -q 'forking.x1b.0;owned.x07' out
    for file in "$run_folder"/{report.md,report.html,summary.json,compare.md,data/*.tsv}; do
        not grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$file"
    done
    not grep -q '<i>' "$run_folder/report.md" "$run_folder/report.html"
    grep -q 'strange.*x1b' "$run_folder/report.md"
    grep -q 'evil.*x1b.*2J' "$run_folder/report.md"
}

@test "what is no regular file is no cell, and nobody waits for it" {
    make_run
    rm "$run_folder/cells/forking-r1.json"
    mkfifo "$run_folder/cells/forking-r1.json"
    ln -s /dev/zero "$run_folder/cells/forking-r2.json"
    mkdir "$run_folder/cells/forking-r3.json"
    run timeout $LIMIT_S "$JUGGLE" report "$run_folder"
    [ "$status" -eq 0 ]
    [[ $(flat) == *"left out: cells/forking-r1.json: no regular file"* ]]
    [[ $(flat) == *"left out: cells/forking-r2.json: no regular file"* ]]
    [[ $(flat) == *"left out: cells/forking-r3.json: Is a directory"* ]]
    rm "$run_folder/run.json"
    mkfifo "$run_folder/run.json"
    refused report "$run_folder"
    says "run.json: no regular file"
}

@test "a report replaces what is in its place and follows no link" {
    local victim=$BATS_TEST_TMPDIR/victim
    make_run
    echo precious >"$victim"
    mkdir "$run_folder/data"
    for file in report.md report.html summary.json findings.json data/lanes.tsv; do
        ln -s "$victim" "$run_folder/$file"
    done
    rm "$run_folder/report.html"
    mkfifo "$run_folder/report.html"
    without_gnuplot
    [ "$status" -eq 0 ]
    [ "$(cat "$victim")" = precious ]
    for file in report.md report.html summary.json findings.json data/lanes.tsv; do
        [ -f "$run_folder/$file" ]
        [ ! -L "$run_folder/$file" ]
    done
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    rm -r "$run_folder/data"
    ln -s "$BATS_TEST_TMPDIR/elsewhere" "$run_folder/data"
    without_gnuplot
    [ "$status" -eq 2 ]
    [ -z "$(ls "$BATS_TEST_TMPDIR/elsewhere")" ]
}

@test "of many probes the chart has those that show" {
    local rows
    make_run
    rows=$(for i in $(seq 0 5999); do
        latency=100 status=200
        [ "$i" -eq 3000 ] && latency=98765
        [ "$i" -eq 4000 ] && status=503
        printf '%s\t0\t%s\t%s\t%s\t%s\t%s\t\t\t\t\n' "$i" $((i * 10 + 7000)) $((i * 10 + 7000)) $latency $status \
            $((status == 200))
    done)
    make_tables forking 101000 102000
    rm "$run_folder/cells/forking-r1.json"
    echo "$rows" >>"$run_folder/cells/forking-r2.probes.tsv"
    sed -i 's/"probe": {"samples": 0/"probe": {"samples": 6000/' "$run_folder/cells/forking-r2.json"
    without_gnuplot
    [ "$(wc -l <"$run_folder/data/probe.tsv")" -lt 1000 ]
    grep -q '^0.03	0.098765	200$' "$run_folder/data/probe.tsv"
    grep -q '^0.04	0.0001	503$' "$run_folder/data/probe.tsv"
    grep -q '^0	0.0001	200$' "$run_folder/data/probe.tsv"
}

@test "one CPU is no CPUs" {
    make_run
    sed -i 's/"cpus_usable": 2/"cpus_usable": 1/' "$run_folder/run.json"
    without_gnuplot
    [[ $output == *"Test CPU, 1 CPU."* ]]
}

@test "a repeat that was measured otherwise is left out" {
    make_run
    make_tables forking 119000 121500
    sed -i 's/"work": "cpu:100000"/"work": "cpu:200000"/' "$run_folder/cells/forking-r2.json"
    without_gnuplot
    [[ $(flat) == *"left out: cells/forking-r2.json: parameters.work: differs from that of repeat 1"* ]]
}

@test "a bad run.json is one line that names line or field, and exit 2" {
    local edit what
    make_run
    cp "$run_folder/run.json" "$BATS_TEST_TMPDIR/good"
    while IFS='|' read -r edit what; do
        sed "$edit" "$BATS_TEST_TMPDIR/good" > "$run_folder/run.json"
        refused report "$run_folder"
        says "run.json: $what"
    done <<'EDITS'
4,$d|line 4: 
s/juggle run/juggle cell/|kind: "juggle run" is expected, it is juggle cell
s/"experiment": "article", //|experiment: a text is expected, it is missing
s/"cells": .*/"cells": 3}/;6q|line 
s/"name": "forking"/"name": 7/|cells[1].name: a text is expected
EDITS
}

@test "a run without cells has a report that says so" {
    make_run
    rm -r "$run_folder/cells"
    run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 0 ]
    [[ $output == *"no cell was measured"*"Nothing was measured."* ]]
    [[ $output != *nan* ]]
    [[ $(flat) == *"not measured: blocking"* ]]
    mkdir "$run_folder/cells"
    refused report --chart waits "$run_folder"
    says "there is nothing to draw"
    [ -s "$run_folder/report.html" ]
}

@test "a report whose cells were taken away is left as it is" {
    make_run
    "$JUGGLE" report "$run_folder" >/dev/null
    rm -r "$run_folder/cells"
    cp "$run_folder/report.md" "$BATS_TEST_TMPDIR/before.md"
    run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 2 ]
    [[ $output == *"stays as it is"* ]]
    refused report --chart waits "$run_folder"
    says "cells is not there"
    refused report "$run_folder/none"
    says "give a folder that 'juggle run' made"
    cmp "$BATS_TEST_TMPDIR/before.md" "$run_folder/report.md"
}

@test "a cell of which nothing was answered is in every chart" {
    make_run
    sed -i 's/"status":200/"status":500/g' "$run_folder/cells/forking-r1.json"
    run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 0 ]
    [[ $output == *"forking: 2 of 2 requests FAILED"* ]]
    [[ $output != *nan* ]]
    if command -v gnuplot; then
        [[ $output == *"Report: $run_folder/report.html"* ]]
        grep -q 'forking: a process each: no answer' "$run_folder/charts/percentiles.svg"
    fi
    run "$JUGGLE" report --cell "$run_folder/cells/forking-r1.json"
    [ "$status" -eq 0 ]
    [[ $output == *"0 of 2 requests answered"* ]]
    [[ $output != *nan* ]]
}

# Two cells of an experiment that this juggle does not know, beside those of the article.
make_second_experiment() {
    make_cell slow 300000 500000
    make_cell quick 100000 110000
    sed -i 's/"experiment": "article"/"experiment": "other"/' \
        "$run_folder"/cells/{slow,quick}-r1.json
    sed -i -e 's/"experiment": "article"/"experiments": ["article", "other"]/' \
        -e 's/"cells": \[/&{"name": "slow", "label": "slow", "experiment": "other"}, {"name": "quick", "label": "quick", "experiment": "other"},/' \
        "$run_folder/run.json"
}

@test "a run of several experiments has a part for each, and one trust" {
    make_run
    make_second_experiment
    run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 0 ]
    fits 80
    [ "$(grep -c "^2 users ask at once" <<<"$output")" -eq 2 ]
    [ "$(grep -c '^| strategy | slowdown: wait / job alone |' "$run_folder/report.md")" -eq 2 ]
    [ "$(grep -c "VALID: every cell" <<<"$output")" -eq 1 ]
    for name in article-staircase other-staircase other-probe; do
        [ -s "$run_folder/data/$name.tsv" ]
        if command -v gnuplot; then
            [ -s "$run_folder/charts/$name.svg" ]
        fi
        grep -q "data/$name.tsv" "$run_folder/report.md"
    done
    [ ! -e "$run_folder/data/staircase.tsv" ]
    grep -q '	slow	' "$run_folder/data/other-staircase.tsv"
    not grep -q '	slow	' "$run_folder/data/article-staircase.tsv"
    [ "$(grep -c '^# ' "$run_folder/report.md")" -eq 1 ]
    [ "$(grep -c '^## ' "$run_folder/report.md")" -eq 6 ] # experiments, and what is the run's
    grep -q '^\[.*\](#other)$' "$run_folder/report.md" # the contents lead to them
    grep -q '^<a id="other"></a>$' "$run_folder/report.md"
    grep -q '<h2 id="other">' "$run_folder/report.html"
    [ "$(grep -c 'can be trusted$' "$run_folder/report.md")" -eq 1 ]
    command -v jq || skip "jq is missing"
    jq -e '.experiments == ["article", "other"] and
           ([.cells[].experiment] == ["article", "article", "other", "other"])' \
        "$run_folder/summary.json"
    jq -e 'all(.[]; .experiment == "article")' "$run_folder/findings.json"
}

@test "of several experiments a cell that belongs to another is left out" {
    make_run
    make_second_experiment
    sed -i 's/"experiment": "other"/"experiment": "article"/' "$run_folder/cells/slow-r1.json"
    sed -i 's/"experiment": "other"/"experiment": "third"/' "$run_folder/cells/quick-r1.json"
    without_gnuplot
    [[ $(flat) == *"left out: cells/slow-r1.json: parameters.experiment: 'article' is not this run's"* ]]
    [[ $(flat) == *"left out: cells/quick-r1.json: parameters.experiment: 'third' is not this run's"* ]]
    [[ $output == *"Nothing was measured."* ]]
}

# --cell

@test "report --cell shows one cell in 80 columns" {
    make_run
    make_tables forking 101000 102000 103000 104000 105000 106000 107000 108000 109000 900000
    run "$JUGGLE" report --cell "$run_folder/cells/forking-r2.json"
    [ "$status" -eq 0 ]
    fits 80
    [[ $output == *"forking (strategy forking), repeat 2: closed loop"* ]]
    [[ $output == *"a job took 90 ms by itself (own T); 1.00 CPUs kept busy"* ]]
    [[ $output == *"a lone job 100 ms: contention 0.90"* ]]
    [[ $output == *"load SUSPECT"*"SUSPECT stolen_cpu 0.03: share of"* ]]
    [[ $output == *"10 of 10 requests answered in 0.5 s: 20/s"* ]]
    [[ $output == *"p50 "*" 106 ("* ]]
    [[ $output == *"p99    n/a (needs 800)"* ]]
    [[ $output == *"100 .. 200"*" 9  ████"* ]]
    [[ $output == *"1 of 10 answers is an outlier (modified z above 14.8: above"*"kept"* ]]
    [[ $output == *"voluntary switches"*12345* ]]
    [[ $output == *"per request: CPU 40 ms"* ]]
    [ ! -e "$run_folder/summary.json" ]
}

@test "report --cell reads the older schema" {
    make_run
    run "$JUGGLE" report --cell "$run_folder/cells/blocking-r1.json"
    [ "$status" -eq 0 ]
    fits 80
    [[ $output == *"2 of 2 requests answered"*"p50    n/a (needs 10)"* ]]
    [[ $output == *"outliers: n/a (needs 10 answers that differ)"* ]]
}

@test "report --cell reads what juggle load wrote" {
    start_server
    "$JUGGLE" load -c 2 -r 30 -b -q --json "$BATS_TEST_TMPDIR/load.json" "$URL/async/?work=sleep:1ms"
    stop_server "$PID"
    run "$JUGGLE" report --cell "$BATS_TEST_TMPDIR/load.json"
    [ "$status" -eq 0 ]
    fits 80
    [[ $output == *"closed loop of http://"*"60 of 60 requests answered"* ]]
    [[ $output == *"costs: not in this file"* ]]
}

@test "report --cell refuses what is neither, and says what it wants" {
    make_run
    refused report --cell "$run_folder/run.json"
    says 'kind: "juggle cell" is expected, it is juggle run'
    says "'juggle load --json'"
    refused report --cell "$run_folder/nowhere.json"
    says 'nowhere.json: No such file'
    refused report --cell "$run_folder/cells/forkin-r1.json"
    says "did you mean '$run_folder/cells/forking-r1.json'?"
    refused report --cell "$run_folder/cells/forking"
    says "did you mean '$run_folder/cells/forking-r1.json'?"
    truncate -s 300 "$run_folder/cells/blocking-r1.json"
    refused report --cell "$run_folder/cells/blocking-r1.json"
    says 'blocking-r1.json: line '
    refused report --cell "$run_folder/cells/forking-r1.json" "$run_folder"
    says 'shows one file'
}

@test "without gnuplot the rest is there and one line says how to draw" {
    make_run
    without_gnuplot
    [ "$status" -eq 0 ]
    [[ $output == *"gnuplot-nox"*"type: $PROGRAM report $run_folder"* ]]
    [ "$(grep -c 'gnuplot' <<< "$output")" -eq 1 ]
    [ -s "$run_folder/report.html" ]
    [ -s "$run_folder/data/lanes.tsv" ]
}

@test "a truncated cell is named and left out, the rest is reported" {
    make_run
    truncate -s 300 "$run_folder/cells/forking-r1.json"
    without_gnuplot
    [ "$status" -eq 0 ]
    [[ $(flat) == *"left out: cells/forking-r1.json: line "* ]]
    [[ $(flat) == *"left out: forking: planned, but no cell of it can be read"* ]]
    [[ $output == *"blocking"*"0.15"* ]]
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
    for script in style waits staircase lanes probe percentiles; do
        echo 'this is no command' > "$BATS_TEST_TMPDIR/plots/$script.gp"
    done
    JUGGLE_PLOTS=$BATS_TEST_TMPDIR/plots run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 2 ]
    [ "$(grep -c "no chart '.*plots/.*gp (svg): .*then type: $PROGRAM report" <<<"$output")" -eq 5 ]
    [[ $output == *"no chart 'lanes': plots/lanes.gp"* ]]
    [ -z "$(ls "$run_folder/charts")" ]
}

# A gnuplot of our own, a shell script that gets what gnuplot does.
make_gnuplot() { # make_gnuplot SCRIPT
    mkdir -p "$BATS_TEST_TMPDIR/peer"
    printf '#!/bin/sh\n%s\n' "$1" >"$BATS_TEST_TMPDIR/peer/gnuplot"
    chmod +x "$BATS_TEST_TMPDIR/peer/gnuplot"
}

is_drawing() {
    [ -e "$BATS_TEST_TMPDIR/begun" ]
}

@test "a report that waits for gnuplot ends when it is told to, and so does gnuplot" {
    make_run
    make_gnuplot "trap '' TERM; : >$BATS_TEST_TMPDIR/begun; sleep 1000; sleep 1000"
    for signal in INT TERM HUP; do
        rm -f "$BATS_TEST_TMPDIR/begun"
        PATH=$BATS_TEST_TMPDIR/peer:$PATH start_session report "$JUGGLE" report "$run_folder"
        await is_drawing
        kill -$signal "$PID"
        ends_with $((128 + $(kill -l $signal))) "$PID"
        nothing_is_left_of "$PID"
        grep -q "^juggle: interrupted: waits and the charts after it are not drawn" \
            "$BATS_TEST_TMPDIR/report.err"
        [ -s "$run_folder/report.md" ]
        [ -z "$(ls -A "$run_folder/charts")" ] # nothing aside
    done
}

@test "a report that is killed takes gnuplot with it" {
    make_run
    make_gnuplot ": >$BATS_TEST_TMPDIR/begun; exec sleep 1000"
    PATH=$BATS_TEST_TMPDIR/peer:$PATH start_session report "$JUGGLE" report "$run_folder"
    await is_drawing
    kill -KILL "$PID"
    wait "$PID" || true
    nothing_is_left_of "$PID"
}

@test "what is no whole picture replaces none, and says so with exit 2" {
    make_run
    mkdir "$run_folder/charts"
    echo good >"$run_folder/charts/lanes.svg"
    make_gnuplot 'echo "<svg>half of it"'
    PATH=$BATS_TEST_TMPDIR/peer:$PATH run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 2 ]
    [[ $output == *"no chart 'lanes': plots/lanes.gp (svg): gnuplot drew no whole picture"* ]]
    [ "$(cat "$run_folder/charts/lanes.svg")" = good ]
    [ "$(ls -A "$run_folder/charts")" = lanes.svg ]
    # One that says that it failed, although all of the picture is there; one that dies.
    make_gnuplot 'echo "<svg></svg>"; echo "\"lanes.gp\" line 7: no such thing" >&2; exit 1'
    PATH=$BATS_TEST_TMPDIR/peer:$PATH run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 2 ]
    [[ $output == *'(svg): "lanes.gp" line 7: no such thing'* ]]
    make_gnuplot 'echo "<svg></svg>"; kill -KILL $$'
    PATH=$BATS_TEST_TMPDIR/peer:$PATH run "$JUGGLE" report "$run_folder"
    [ "$status" -eq 2 ]
    [[ $output == *"gnuplot was ended by signal 9"* ]]
    [ "$(cat "$run_folder/charts/lanes.svg")" = good ]
}

@test "a chart for which there is no room is said, and the one that is there stays" {
    command -v gnuplot || skip "gnuplot is missing"
    make_run
    "$JUGGLE" report "$run_folder" >/dev/null
    cp -r "$run_folder/charts" "$BATS_TEST_TMPDIR/before"
    # The limit of a file's size is above every text and below the pictures.
    status=0
    (ulimit -f 16 && "$JUGGLE" report "$run_folder") >out 2>err || status=$?
    cat err
    [ "$status" -eq 2 ]
    grep -q "^juggle: no chart 'staircase': charts/staircase.*: File too large; " err
    diff -r "$run_folder/charts" "$BATS_TEST_TMPDIR/before"
    [ -z "$(find "$run_folder" -name '*.[0-9]*-[0-9]*')" ]
}

@test "on a full disk a report fails and the charts that are there stay" {
    command -v gnuplot || skip "gnuplot is missing"
    mkdir "$BATS_TEST_TMPDIR/disk"
    mount -t tmpfs -o size=400k tmpfs "$BATS_TEST_TMPDIR/disk" 2>/dev/null ||
        skip "mounting a small disk needs root"
    make_run
    mv "$run_folder" "$BATS_TEST_TMPDIR/disk/run"
    "$JUGGLE" report "$BATS_TEST_TMPDIR/disk/run" >/dev/null || true
    cp -r "$BATS_TEST_TMPDIR/disk/run/charts" "$BATS_TEST_TMPDIR/before"
    cat /dev/zero >"$BATS_TEST_TMPDIR/disk/ballast" 2>/dev/null || true
    truncate -s -8192 "$BATS_TEST_TMPDIR/disk/ballast"
    status=0
    "$JUGGLE" report "$BATS_TEST_TMPDIR/disk/run" >out 2>err || status=$?
    cat err
    diff -r "$BATS_TEST_TMPDIR/disk/run/charts" "$BATS_TEST_TMPDIR/before"
    umount "$BATS_TEST_TMPDIR/disk"
    [ "$status" -eq 2 ]
    grep -q "could not be written: No space left on device; to write it later, type: " err
}

@test "a report that cannot be printed is said, with exit 2" {
    [ -w /dev/full ] || skip "without /dev/full"
    make_run
    cp -r "$run_folder" other
    for command in "report $run_folder" "compare $run_folder other" "run --list" \
        "selftest --list" "run --help" --help; do
        status=0
        # shellcheck disable=SC2086
        "$JUGGLE" $command >/dev/full 2>err || status=$?
        echo "$command: $status, $(cat err)"
        [ "$status" -eq 2 ]
        [ "$(grep -c '^juggle: stdout could not be written: No space left' err)" -eq 1 ]
        [ "$(grep -c stdout err)" -eq 1 ]
    done
    # A file of ours must not get the number of a stream that is closed.
    status=0
    "$JUGGLE" report "$run_folder" >&- 2>err || status=$?
    [ "$status" -eq 2 ]
    not grep -q "usable CPU" "$run_folder"/*.json
    # Who reads no more meant it.
    "$JUGGLE" run --list | head -n 1
    "$JUGGLE" --help | true
}

@test "one chart is drawn for a slide: of some strategies, in a format, theme and size" {
    command -v gnuplot || skip "gnuplot is missing"
    make_run
    before=$(find "$run_folder" -type f | sort | xargs md5sum)
    run "$JUGGLE" report "$run_folder" --chart waits
    [ "$status" -eq 0 ]
    [ "$output" = waits.svg ]
    grep -q 'prefers-color-scheme:dark' waits.svg
    grep -q '<svg width="1000"' waits.svg
    "$JUGGLE" report "$run_folder" --chart waits --strategies forking --title 'Mine & yours' \
        --theme dark --size 500x2000 --out - >one.svg
    grep -q '<title>Mine &amp; yours</title>' one.svg
    [ "$(grep -o '<title>' one.svg | wc -l)" -eq 1 ] # gnuplot's words are no tips
    grep -q '<svg width="500"' one.svg
    grep -qi 'fill="#14181b"' one.svg
    not grep -q 'prefers-color-scheme' one.svg
    grep -q '>forking<' one.svg
    not grep -q '>blocking<' one.svg
    "$JUGGLE" report "$run_folder" --chart lanes --format png --narrow --out lanes.png
    # of 390 pixels, two points each
    [ "$(od -An -N8 -j16 -tu1 lanes.png | awk '{ print $3 * 256 + $4 }')" -eq 780 ]
    "$JUGGLE" report "$run_folder" --chart probe --format pdf
    [ "$(head -c 4 probe.pdf)" = %PDF ]
    [ "$(find "$run_folder" -type f | sort | xargs md5sum)" = "$before" ] # nothing else
    for words in '--chart nothing' '--chart waits --format gif' '--chart waits --theme grey' \
        '--chart waits --size 3x4' '--chart waits --strategies nobody' '--theme dark'; do
        # shellcheck disable=SC2086
        run "$JUGGLE" report "$run_folder" $words
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
    done
    run "$JUGGLE" report "$run_folder" --chart nothing
    [[ $output == *"there is no chart 'nothing' of this run; there are waits, lanes, "* ]]
    refused report "$run_folder" --chart wait
    says "there is no chart 'wait' of this run; did you mean 'waits'? there are waits, lanes, "
    refused report "$run_folder" --chart waits --strategies blocking,forkin
    says "no cell of this run is called 'forkin'; did you mean 'forking'? there are blocking, "
}

@test "the page holds its pictures, wide and narrow, and asks for nothing" {
    command -v gnuplot || skip "gnuplot is missing"
    make_run
    "$JUGGLE" report "$run_folder" >/dev/null
    page=$run_folder/report.html
    [ "$(grep -c 'class="wide-form"' "$page")" -eq 5 ]
    [ "$(grep -c 'class="narrow-form"' "$page")" -eq 5 ]
    not grep -qE 'src=|<link|url\(["'"'"']?[a-z]+:|href="[a-z]+:' "$page"
    grep -oE 'href="[^#"][^"]*"' "$page" | cut -d'"' -f2 | sort -u >targets
    grep -q '^data/lanes.tsv$' targets
    while read -r target; do
        [ -e "$run_folder/$target" ]
    done <targets
    not grep -q '<title>Gnuplot' "$page"
    [ "$(grep -c '<li><svg class="lanes".*</svg><b>' "$page")" -ge 2 ]
    grep -q 'details::details-content{content-visibility:visible' "$page" # folds are open on paper
    # names within pictures are each there once
    [ -z "$(grep -oE "id=['\"][^'\"]*['\"]" "$page" | sort | uniq -d)" ]
}

@test "a brief report is a Markdown table and a line to cite it by, and writes nothing" {
    make_run
    "$JUGGLE" report "$run_folder" --brief >out
    grep -q '^| strategy | slowdown: wait / job alone | ' out
    grep -q '^| .*blocking.* (one job at a time) | 1.7 | 0.15 s | 0.20 s | ' out
    [ "$(grep ^juggle out)" = "juggle 0; \`juggle run --out $run_folder\`; Test CPU, 2 CPUs; 2 January 2026" ]
    [ ! -e "$run_folder/report.md" ]
    refused report "$run_folder" --brief --chart waits
    says 'leave out one'
    refused report "$run_folder/nowhere" --brief
}

@test "a chart goes where it is told to: a link leads to its file, and stays" {
    command -v gnuplot || skip "gnuplot is missing"
    make_run
    : >target.svg
    ln -s target.svg link.svg
    "$JUGGLE" report "$run_folder" --chart waits --out link.svg
    [ -L link.svg ]
    grep -q '</svg>' target.svg
}

@test "an experiment's name from elsewhere leads out of no folder" {
    make_run
    make_second_experiment
    sed -i 's|"other"|"../../other"|g' "$run_folder/run.json"
    run "$JUGGLE" report "$run_folder"
    [ ! -e "$run_folder/../other-waits.tsv" ]
    [ -z "$(find "$BATS_TEST_TMPDIR" -name 'other-*' -not -path "$run_folder/*")" ]
}
