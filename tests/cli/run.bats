#!/usr/bin/env bats
# bats file_tags=one-thread
# `juggle run` from its options to its results, with work so small that it takes seconds.
# What the figures mean is the business of other tests.

load helpers

small=(run --experiment article --work cpu:5ms --repeat 2 --users 4 --strategies blocking,threading)

# A run that several tests look at. The first of them makes it, and what it printed and its
# status are in files beside it.
shared() { # shared NAME ARGUMENT...: of juggle
    local status=0
    cd "$BATS_FILE_TMPDIR"
    if [ ! -e "$1.status" ]; then
        "$JUGGLE" "${@:2}" --out "$1" >"$1.out" 2>"$1.err" 3>&- || status=$?
        echo $status >"$1.status"
    fi
    cd "$BATS_TEST_TMPDIR"
    done_run=$BATS_FILE_TMPDIR/$1
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

# The cells in the order in which they ran: "REPEAT NAME".
order_of() { # order_of FOLDER
    jq -rs 'sort_by(.window.began_s)[] | "\(.repeat) \(.parameters.name)"' "$1"/cells/*.json
}

n_cells_of() { # n_cells_of FOLDER: files of cells
    find "$1/cells" -name '*.json' 2>/dev/null | wc -l
}

has_cells() { # has_cells FOLDER N
    [ "$(n_cells_of "$1")" -ge "$2" ]
}

has_line() { # has_line FILE TEXT
    grep -q "$2" "$1"
}

# Whole files of this format: nothing half-written, nothing left aside.
is_whole_folder() {
    for file in run.json summary.json findings.json report.md report.html; do
        [ -s "$1/$file" ]
    done
    [ -z "$(find "$1" -name '.*' -type f)" ] # what load generators write
    [ -z "$(find "$1" -regex '.*\.\(json\|md\|html\|tsv\|svg\|png\)\..*')" ]
    for file in "$1"/*.json "$1"/cells/*.json; do
        case $(head -c 1 "$file")$(tail -n 1 "$file") in "{}" | "[]") ;; *) return 1 ;; esac
    done
    [ "$(tail -n 1 "$1/report.html")" = "</html>" ]
}

@test "--list shows strategies, experiments with their claims, and cells" {
    run "$JUGGLE" run --list
    [ "$status" -eq 0 ]
    for name in blocking threading threadpool forking processing async; do
        grep -q "^  $name " <<<"$output"
    done
    grep -q "^experiment article" <<<"$output"
    for claim in blocking-is-linear blocking-stops-the-rest gil-serialises threads-keep-answering \
        processes-use-the-cores pool-makes-a-staircase fresh-pools-end-together \
        without-a-gil-threads-match hybrid-matches-pool; do
        grep -q "^    $claim " <<<"$output"
    done
    grep -q "^cells of article" <<<"$output"
    [ ! -e results ]
}

@test "--dry-run shows the cells and how long they may take, and measures nothing" {
    run "$JUGGLE" run --experiment article --dry-run --experiment article --work sleep:100ms --users 10 --repeat 3
    [ "$status" -eq 0 ]
    grep -q "work sleep:100ms (one alone: 100 ms), 10 users, 3 repeats" <<<"$output"
    # ten times 100 ms and 600 ms; once where all begin at once
    for label in blocking threadpool processing; do
        grep -qE "^  $label +at most 1.6 s$" <<<"$output"
    done
    [ "$(grep -c "  at most 700 ms$" <<<"$output")" -ge 5 ]
    grep -q "^in all at most " <<<"$output"
    run "$JUGGLE" run --experiment article --dry-run --strategies blocking --work sleep:100ms
    [ "$(grep -c "^  .* at most " <<<"$output")" -eq 1 ]
    [[ "$output" == *"each of them once at most "*"in all at most 4 min 50 s" ]]
    [ ! -e results ]
}

@test "--quick and --article are presets that give way to what is said" {
    run "$JUGGLE" run --dry-run --quick
    grep -q "work cpu:100ms .* users, 2 repeats" <<<"$output"
    run "$JUGGLE" run --experiment article --dry-run --quick --repeat 1 --work sleep:1ms
    grep -q "work sleep:1ms .* users, 1 repeat$" <<<"$output"
    run "$JUGGLE" run --dry-run --article
    grep -q "work cpu:4540ms .* users, 3 repeats" <<<"$output"
    refused run --quick --article
}

@test "a small run ends well and leaves a whole results folder" {
    shared small "${small[@]}" --seed 7
    [ "$(cat "$done_run.status")" -eq 0 ]
    is_whole_folder "$done_run"
    # five cells, two repeats: blocking; threading plain, under the GIL, and in two servers
    [ "$(n_cells_of "$done_run")" -eq 10 ]
    for name in blocking threading threading-gil hybrid-shared hybrid-reuseport; do
        for repeat in 1 2; do
            file=$done_run/cells/$name-r$repeat.json
            [ "$(wc -l <"${file%.json}.tsv")" -eq 5 ] # a line of names, and four users
            [ "$(($(wc -l <"${file%.json}.probes.tsv") - 1))" -eq "$(jq .probe.samples "$file")" ]
        done
    done
    for chart in staircase lanes probe; do
        [ -s "$done_run/data/$chart.tsv" ]
        if command -v gnuplot; then
            [ "$(head -c 5 "$done_run/charts/$chart.svg")" = "<?xml" ]
        fi
    done
    for key in seed argv machine versions calibration effective_cores turns_per_ms; do
        grep -q "\"$key\"" "$done_run/run.json"
    done
    grep -q '"seed": 7' "$done_run/run.json"
    grep -q '"interrupted": false' "$done_run/run.json"
}

@test "the terminal gets machine, answer, table, findings, and where the rest is, in 80 columns" {
    shared small "${small[@]}" --seed 7
    out=$done_run.out
    cat "$out"
    head -n 1 "$out" | grep -qE "[0-9]+ CPU"
    grep -q "^4 users ask at once for 5 ms of CPU work" "$out"
    for label in blocking threading "threading (GIL)"; do
        grep -q "^$label  " "$out"
    done
    # of the claims those whose cells were chosen, as many as have room; the others are nowhere
    claims=$(sed -n 's/^\([0-9]*\) claims, what one expects .*/\1/p' "$out")
    shown=$(grep -cE "^(confirmed|refuted|undecided): [a-z]" "$out") || true
    more=$(sed -n 's/^undecided: \([0-9]*\) more$/\1/p' "$out")
    [ "$claims" -eq 4 ]
    # where other lines leave no room at all, the line of findings alone counts them
    [ $((shown + ${more:-0})) -eq "$claims" ] || [ "$shown" -eq 0 ]
    for claim in "under blocking the k-th user" "while blocking works, " "while threading works, "; do
        n=$(grep -cE "^(confirmed|refuted|undecided): $claim" "$out") || true
        [ "$n" -eq 1 ] || { [ "$n" -eq 0 ] && [ "$shown" -lt "$claims" ]; }
        grep -q "$claim" "$done_run/report.md"
    done
    not grep -qE "a pool of W workers|several servers with threads" "$out"
    grep -qE "^[0-9]+ claims, what one expects of strategies: [0-9]+ confirmed, [0-9]+ refuted, [0-9]+ undecided$" "$out"
    [ "$(tail -n 1 "$out")" = "Report: small/report.html" ]
    not grep -E '^.{81}' "$out"
}

@test "not on a terminal, progress is a plain line for each pass" {
    shared small "${small[@]}" --seed 7
    err=$done_run.err
    grep -qE "^article: pass 1 over 5 cells took .*s$" "$err"
    [ "$(grep -c "^article: pass " "$err")" -eq 2 ]
    not grep -q "$(printf '[\r\033]')" "$err"
}

tiny=(run --experiment article --work cpu:1ms --users 2 --strategies threadpool)

@test "a run goes on until its budget is over, and says so" {
    "$JUGGLE" "${tiny[@]}" --repeat 100 --precision 0.0001 --budget 6s --out long >out
    cat out
    jq -e '.stopped_by == "budget" and .repeats_done >= 1 and .budget_s == 6' long/run.json
    [ "$(jq .repeats_done long/run.json)" -eq "$(n_cells_of long)" ]
    grep -q '^the time was up after [0-9]* pass.*: 1 mean slowdown is not known' out
    not grep -q "inf %" out
}

@test "a run stops when there is nothing left to decide" {
    "$JUGGLE" "${tiny[@]}" --repeat 2 --precision 1000000 --budget 60s --out short >out
    cat out
    jq -e '.stopped_by == "decided" and .repeats_done == 2' short/run.json
    grep -q '^stopped after 2 passes: nothing is open' out
}

@test "a run stops when the time that is left cannot decide what is open" {
    "$JUGGLE" "${tiny[@]}" --repeat 2 --precision 0.0001 --budget 10m --out hopeless >out
    cat out
    jq -e '.stopped_by == "undecidable" and .repeats_done == 6' hopeless/run.json
    grep -q '^stopped after 6 passes: what is open takes far more than the 9 min [0-9]* s left,$' out
    grep -q '^1 mean slowdown is not known within ±0.0001 %,$' out
}

@test "what a server holds idle is looked at once its pool is there" {
    "$JUGGLE" run --work sleep:20ms --strategies processing --workers 20 --users 1 --seconds 0.3 \
        --repeat 6 --out pool >out
    jq -es 'map(.server) | all(.peak_pss_anon_bytes >= .idle_pss_anon_bytes) and
        (map(.idle_pss_anon_bytes) | max < 1.1 * min)' pool/cells/*.json
    jq -e '.cells[0].figures.memory_per_user_bytes.value | . == null or . > 0' pool/summary.json
}

@test "it says how long it took in all, and how much of that was measuring" {
    "$JUGGLE" run --experiment article --work sleep:200ms --users 8 --repeat 2 --strategies blocking --out share >out
    cat out
    jq -e '.loaded_s > 3.2' share/run.json # 2 x 8 x 0.2 s
    grep -qE '^[0-9.]+ s in all, [0-9]+ % of them measuring$' out
    share=$(sed -n 's/.* in all, \([0-9]*\) % of.*/\1/p' out)
    [ "$share" -gt 0 ] && [ "$share" -le 100 ]
}

@test "cells carry what the machine did meanwhile, and are their own yardstick" {
    shared small "${small[@]}" --seed 7
    for file in "$done_run"/cells/*.json; do
        jq -e '.window | .seconds > 0 and .cpus >= 1 and .idle_s >= 0 and
            .server_seconds >= .seconds and .allowance <= .cpus' "$file"
        jq -e '.machine.t_alone_us > 0 and .machine.turns_per_ms > 0' "$file"
    done
    # a slowdown is a latency by what the cell's own jobs took: never below 1
    jq -e 'all(.cells[]; .figures.slowdown_mean.value >= 1 and
        .figures.own_t_us.value > 0 and
        .figures.cpus_busy.value > 0 and .figures.cpus_busy.value <= 2.1 * '"$(nproc)"')' \
        "$done_run/summary.json"
    # one server, one loop: blocking keeps one CPU busy at most
    jq -e '.cells[] | select(.name == "blocking") | .figures.cpus_busy.value <= 1.01' \
        "$done_run/summary.json"
}

@test "what worker processes took is in the server's CPU time" {
    "$JUGGLE" run --experiment article --work cpu:20ms --users 6 --repeat 1 --strategies forking,processing,threadpool \
        --out costs >out
    for name in forking processing threadpool; do
        # the jobs' own CPU time, as the workers tell it, is a part of it
        jobs_us=$(awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "cpu_us") at = i }
            NR > 1 { sum += $at } END { print sum }' "costs/cells/$name-r1.tsv")
        jq -e --argjson jobs_us "$jobs_us" \
            '(.server.cpu_user_s + .server.cpu_system_s) * 1e6 >= 0.98 * $jobs_us' costs/cells/$name-r1.json
    done
}

@test "--repeat alone is exact, and a full run has an A/A cell" {
    "$JUGGLE" "${tiny[@]}" --repeat 3 --out three >out
    jq -e '.stopped_by == "repeats" and .repeats_done == 3' three/run.json
    "$JUGGLE" run --experiment article --dry-run | grep ', again '
    ! "$JUGGLE" run --dry-run --quick | grep ', again '
    ! "$JUGGLE" run --dry-run --strategies threading | grep ', again '
}

@test "a run of all says in which order, and what does not fit is left out and said so" {
    shared all run --budget 8s
    out=$done_run.out
    cat "$out"
    grep -q '^measured in this order; what one does not need goes to the next:$' "$out"
    grep -qE '^article \([0-9]+ s\), waiting \(.*\), users \(.*\), cores \(.*\)$' "$out"
    # which of them, the speed of the machine says
    left_out=$(jq -r '.experiments_left_out[].experiment' "$done_run/run.json")
    [ -n "$left_out" ]
    [ "$(grep -c ' is left out: ' "$out")" -eq "$(wc -w <<<"$left_out")" ]
    for name in $left_out; do
        grep -qE "^$name is left out: one pass takes .* at least, and .* were left; 'juggle run --resume all' measures it, or a run with --budget [0-9]+m and more$" "$out"
        jq -e --arg name "$name" '.experiments | index($name) == null' "$done_run/summary.json"
        [ "$(grep -c "$name: left out: one pass takes" "$done_run/report.md")" -eq 1 ]
    done
    jq -e '.experiments == ["article", "waiting", "users", "cores"]' "$done_run/run.json"
    jq -e '.director_peak_rss_bytes | . > 0 and . < 256 * 1024 * 1024' "$done_run/run.json"
    [ "$(jq -r '.experiments[0]' "$done_run/summary.json")" = article ]
    is_whole_folder "$done_run"
}

@test "an experiment that was left out is measured by the run that goes on" {
    shared all run --budget 8s
    cp -r "$done_run" all
    jq -e '.experiments_left_out | map(.experiment) | index("waiting")' all/run.json
    [ -z "$(find all/cells -name 'waiting-*')" ]
    # of its plan two quick cells are enough; what it has of the time is its preset's
    jq '.cells |= map(select(.experiment == "article" or (.name | test("waiting-(async|threading)-users10$")))) |
        .experiments |= .[:2] | .lengths[0].weight = 0.1' all/run.json >less
    mv less all/run.json
    "$JUGGLE" run --resume all >out 2>err 3>&-
    [ "$(find all/cells -name 'waiting-*-r[12].json' | wc -l)" -eq 4 ]
    not grep -q "^article: pass 1 " err # all of it was there
    jq -e '.experiments_left_out == [] and .budget_s == 8' all/run.json
    jq -e '[.cells[].experiment] | unique == ["article", "waiting"]' all/summary.json
    not grep -q 'left out' out
    not grep -q 'waiting: left out' all/report.md
}

@test "the report can be made again from the cells alone" {
    shared small "${small[@]}" --seed 7
    cp -r "$done_run" again
    rm -rf again/summary.json again/findings.json again/report.* again/data again/charts
    run "$JUGGLE" report again/
    [ "$status" -eq 0 ]
    is_whole_folder again
    for file in summary.json findings.json data/staircase.tsv data/lanes.tsv data/probe.tsv; do
        cmp "again/$file" "$done_run/$file"
    done
    grep -qE "^[0-9]+ claims, what one expects of strategies: [0-9]+ confirmed, [0-9]+ refuted, [0-9]+ undecided$" <<<"$output"
    grep -q blocking-is-linear again/report.md
}

@test "the same seed gives the same order of cells, another seed another" {
    shared small "${small[@]}" --seed 7
    "$JUGGLE" run --experiment article --work cpu:0 --repeat 2 --users 1 --strategies blocking,threading --seed 7 \
        --out same 2>same.err >same.out 3>&-
    [ "$(order_of same)" = "$(order_of "$done_run")" ]
    # each repeat is shuffled anew; a wrong generator would repeat itself
    [ "$(order_of same | sed -n 's/^1 //p')" != "$(order_of same | sed -n 's/^2 //p')" ]
    [ "$(order_of same | sed -n 's/^1 //p' | sort)" = "$(order_of same | sed -n 's/^2 //p' | sort)" ]
}

@test "without --out results go below results/, and results/latest points there" {
    "$JUGGLE" run --experiment article --work cpu:0 --repeat 1 --users 1 --strategies blocking >out 2>err 3>&-
    [ "$(find results -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 1 ]
    [[ "$(readlink results/latest)" =~ ^[0-9]{8}T[0-9]{6}Z-.+$ ]]
    is_whole_folder results/latest
}

@test "fetches get an upstream of the director's own, which is gone afterwards" {
    start_session run "$JUGGLE" run --experiment article --work fetch+cpu:1000turns --repeat 1 --users 2 \
        --strategies blocking,processing --out fetched
    ends_with 0 "$PID"
    nothing_is_left_of "$PID"
    is_whole_folder fetched
    [ "$(cut -f 8 fetched/cells/*-r1.tsv | sort -u | paste -sd' ')" = '200 status' ]
}

# 300 users of 100 ms take 30 s under blocking and little more than 0.1 s under threading.
long=(run --experiment article --work sleep:100ms --repeat 3 --users 300 --strategies blocking,threading --seed 3 --out cut)

check_interrupted() { # check_interrupted: a run that was cut off has ended like one
    nothing_is_left_of "$PID"
    [ "$(n_cells_of cut)" -ge 1 ]
    [ "$(n_cells_of cut)" -lt 15 ]
    is_whole_folder cut
    grep -q '"interrupted": true' cut/run.json
    grep -q "interrupted; reporting what was measured" run.err
    grep -q "^Report: cut/report.html" run.out
}

@test "SIGINT, SIGTERM and SIGHUP end a run at once, with what was measured, as exit statuses say" {
    for signal in INT TERM HUP; do
        start_session run "$JUGGLE" "${long[@]}"
        await has_cells cut 1
        kill -$signal "$PID"
        ends_with $((128 + $(kill -l $signal))) "$PID"
        check_interrupted
        rm -r cut
    done
}

@test "a repeat that was cut is not done, and what it lacks is said" {
    start_session run "$JUGGLE" "${long[@]}"
    await has_cells cut 1
    kill -INT "$PID"
    ends_with 130 "$PID"
    [ "$(jq .repeats_done cut/run.json)" -eq $(($(n_cells_of cut) / 5)) ] # five cells in each
    not grep -q '^VALID: every cell$' run.out
    grep -q 'The run was interrupted' run.out
    grep -qE '^not measured: [a-z0-9, -]*: interrupted$' run.out
    not grep -q 'planned, but no cell' run.out
}

@test "SIGINT before any cell was measured ends it as well" {
    start_session run "$JUGGLE" run --experiment article --work sleep:30s --repeat 1 --users 2 --strategies blocking --out cut
    await test -s cut/run.json
    sleep 0.3 # into the request alone, or before it: both must end
    kill -INT "$PID"
    ends_with 130 "$PID"
    nothing_is_left_of "$PID"
    grep -q '"interrupted": true' cut/run.json
}

@test "a director that is killed takes its children with it" {
    start_session run "$JUGGLE" run --experiment article --work sleep:30s --repeat 1 --users 2 --strategies processing --out cut
    await test -s cut/run.json
    more_than_one() { [ "$(session_of "$PID" | wc -l)" -gt 2 ]; }
    await more_than_one
    kill -KILL "$PID"
    wait "$PID" || true
    nothing_is_left_of "$PID"
}

@test "a server that dies is said, and the run goes on to its end" {
    start_session run "$JUGGLE" run --experiment article --work sleep:2s --repeat 1 --users 8 --strategies threadpool --out died
    await test -s died/run.json
    serves() { # the director's server, once the generator beside it runs
        server=$(for pid in $(children_of "$PID"); do
            tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -- "--only $1" && echo "$pid"
        done)
        [ -n "$server" ] && [ "$(children_of "$PID" | wc -l)" -ge 3 ]
    }
    await serves threadpool
    kill -KILL "$server"
    ends_with 1 "$PID"
    grep -q '^juggle: run: threadpool, repeat 1: the server was ended by SIGKILL' run.err
    nothing_is_left_of "$PID"
    [ "$(n_cells_of died)" -eq 0 ]
}

@test "a run whose report hangs in gnuplot ends when it is told to" {
    mkdir peer
    printf '#!/bin/sh\n: >%s\nexec sleep 1000\n' "$PWD/begun" >peer/gnuplot
    chmod +x peer/gnuplot
    PATH=$PWD/peer:$PATH start_session run "$JUGGLE" run --experiment article --work cpu:0 --repeat 1 --users 2 \
        --strategies blocking --out hung
    await test -e begun
    kill -TERM "$PID"
    ends_with 143 "$PID"
    nothing_is_left_of "$PID"
    is_whole_folder hung
    grep -q '"interrupted": false' hung/run.json # what was to be measured is there
    grep -q "to draw them, type: $PROGRAM report hung" run.err
}

# bats test_tags=threads
@test "on a terminal progress is one line that is written over" {
    command -v script || skip "there is no script(1) to make a terminal"
    printf -v command '%q ' "$JUGGLE" run --experiment article --work sleep:20ms --repeat 1 --users 10 \
        --strategies blocking --out seen
    script -qec "$command" /dev/null >screen </dev/null 3>&-
    grep -q "$(printf '\r\033\\[Karticle \\[[#.]*\\] .* left, 0 of . decided; repeat 1, blocking')" screen
    not grep -q "pass 1 over" screen
    script -qec "stty cols 30; ${command/seen/narrow}" /dev/null </dev/null 3>&- | tr '\r' '\n' |
        sed -n 's/^\x1b\[K//; /^[a-z ]*\[[#.]*\]/p' >lines
    [ "$(wc -L <lines)" -eq 29 ] # a wrapped line could not be written over
}

@test "a load that cannot keep its samples is said, and not a missing file" {
    status=0
    (ulimit -f 8 && "$JUGGLE" run --strategies async --work sleep:1ms --users 50 --seconds 0.3 --repeat 1 \
        --out full) >out 2>err 3>&- || status=$?
    [ "$status" -eq 1 ]
    grep -q "^juggle: load: cannot write '.*': File too large$" err
    grep -q "^juggle: run: async, repeat 1: the load generator could not keep its samples$" err
}

# bats test_tags=threads
@test "Control-C on a terminal ends a run with 130 and leaves nothing" {
    command -v script || skip "there is no script(1) to make a terminal"
    printf -v command '%q ' "$JUGGLE" "${long[@]}"
    mkfifo keys
    exec {keys}<>keys
    (trap - INT && exec setsid script -qec "$command" /dev/null <keys) >run.out 2>run.err 3>&- &
    PID=$!
    SESSIONS+=("$PID")
    await has_cells cut 1
    director=$(children_of "$PID")
    printf '\003' >&"$keys"
    status=0
    wait "$PID" || status=$?
    exec {keys}>&-
    [ "$status" -eq 130 ]
    nothing_is_left_of "$PID"
    nothing_is_left_of "$director" # script gives it a session of its own
    grep -q '"interrupted": true' cut/run.json
    is_whole_folder cut
}

@test "without gnuplot measurements are kept, one line says so, and report draws later" {
    # it waits so long that the home page is asked for meanwhile
    PATH=/nowhere "$JUGGLE" run --experiment article --work sleep:300ms --repeat 1 --users 2 \
        --strategies blocking --out plain >out 2>err 3>&-
    [ "$(grep -c gnuplot err)" -eq 1 ]
    grep -q "install it (Debian: gnuplot-nox), then type: $PROGRAM report plain$" err
    is_whole_folder plain
    [ "$(n_cells_of plain)" -eq 1 ]
    [ -s plain/data/staircase.tsv ]
    [ -z "$(find plain/charts -type f)" ]
    command -v gnuplot || skip "gnuplot is not here to draw them later"
    run "$JUGGLE" report plain
    [ "$status" -eq 0 ]
    for chart in staircase lanes probe; do
        [ -s plain/charts/$chart.svg ]
    done
}

@test "wrong options and values are one line and exit 2, and nothing is made" {
    refused run --nonsense
    says "unknown option '--nonsense'; see 'juggle run --help'"
    refused run word
    says "unexpected argument 'word'; did you mean '--work'? see 'juggle run --help'"
    refused run --strategies juggling
    says "there is no strategy 'juggling'"
    refused run --strategies blocking,
    refused run --strategies ""
    says "no strategy is named"
    refused run --peers ""
    says "no peer is named; there are"
    refused run --as forking
    says "give --server"
    refused run --experiment nonsense
    says "there is no experiment 'nonsense'"
    refused run --repeat 0
    refused run --users many
    refused run --experiment article --work nap:5ms
    says "--work: bad work: step 'nap:5ms'"
    refused run --precision 0
    says "--precision wants a percentage above 0"
    refused run --budget 0s
    says "--budget wants a time above 0"
    refused run --accept both
    says "--accept wants shared or reuseport, not 'both'"
    refused run --threads 0
    says "--threads wants a whole number from 1 to 1000000, not '0'"
    refused run --seconds 0
    says "seconds wants a number above 0"
    refused run --rate 10 --seconds 1 --think 5
    says "think is for users who wait"
    refused run --quick --preset short
    says "are presets; give one"
    refused run --work cpu:0 --cpus $(($(nproc) + 1))
    says "no cell can be measured: there"
    (ulimit -n 100 && refused run --users 50 --strategies async --work sleep:1ms &&
        says "50 users take 250 open files, juggle's own among them, and the limit is 100")
    refused run --seed seven
    refused run --seed -1
    refused run --seed 9223372036854775808 # which no load would take
    says "below 2^63"
    [ ! -e results ]
}

@test "texts that are too long are refused with a sentence" {
    long() { # long BYTES
        head -c "$1" /dev/zero | tr '\0' a
    }
    refused run --work fetch --upstream "http://127.0.0.1:1/$(long 9000)" --out u
    says "--upstream wants a URL of at most 8000 bytes, not of 9019"
    refused run --work fetch --upstream "http://127.0.0.1:1/$(long 90000)" --out u
    for option in work users accept; do
        refused run --$option "$(long 1000)"
        says "--$option wants at most 999 letters, not 1000"
    done
    for option in experiment strategies preset seed precision; do
        refused run --$option "$(long 100000)"
    done
    folder=$(long 200)
    refused run --work cpu:0 --out "$folder$(for i in {1..19}; do printf '/%s' "$folder"; done)"
    says "File name too long; choose another folder with --out"
    [ ! -e u ] && [ ! -e "$folder" ]
    # what is just not too long arrives
    run "$JUGGLE" run --work fetch --strategies async --repeat 1 --out u --upstream "http://127.0.0.1:1/$(long 7900)"
    [ "$status" -eq 1 ]
    [[ "$output" == *"fails alone: a lone request was answered with status 502, not 200; check that the --upstream answers"* ]]
}

@test "a folder that cannot be written, or holds a run already, is refused" {
    shared small "${small[@]}" --seed 7
    : >file
    refused run --experiment article --work cpu:0 --strategies blocking --out file
    says "cannot write results to file"
    says "--out"
    refused run --experiment article --work cpu:0 --strategies blocking --out file/below
    refused run --experiment article --work cpu:0 --strategies blocking --out /proc/nowhere
    cp -r "$done_run" before
    refused run --experiment article --work cpu:0 --strategies blocking --out before
    says "holds a run already"
    cmp before/run.json "$done_run/run.json"
}

@test "runs that begin at once have folders of their own" {
    one() { # one NAME USERS
        "$JUGGLE" run --experiment article --work cpu:0 --repeat 1 --users "$2" --strategies blocking >"$1.out" 2>"$1.err" 3>&-
    }
    one a 3 & a=$!
    one b 4 & b=$!
    one c 5 & c=$!
    wait $a
    wait $b
    wait $c
    [ "$(find results -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 3 ]
    for folder in results/2*; do
        is_whole_folder "$folder"
        [ "$(n_cells_of "$folder")" -eq 1 ]
        # all of one run: what it planned and what was measured
        [ "$(jq .users "$folder/run.json")" -eq "$(jq .cells[0].n_requests "$folder/summary.json")" ]
        not grep -q "left out" "$folder/report.md"
    done
    [ "$(jq .users results/2*/run.json | sort | tr '\n' ' ')" = "3 4 5 " ]
    is_whole_folder results/latest
    [ "$(find results -type l | wc -l)" -eq 1 ]
}

@test "a folder into which a run measures is refused to another, which learns who has it" {
    start_session run "$JUGGLE" run --experiment article --work sleep:30s --repeat 1 --users 2 --strategies blocking --out held
    await test -s held/run.json
    refused run --experiment article --work cpu:0 --strategies blocking --out held
    says "process $PID is measuring into held; choose another folder with --out"
    run "$JUGGLE" report held
    [ "$status" -eq 0 ]
    grep -q "held: process $PID is still measuring into it" <<<"$output"
    kill -KILL "$PID"
    wait "$PID" || true
    nothing_is_left_of "$PID"
    # Its folder is nobody's now, but it holds what it holds.
    refused run --experiment article --work cpu:0 --strategies blocking --out held
    says "held holds a run already; choose another folder with --out"
}

@test "what a dead run left half-written is gone when the folder is used again" {
    true & dead=$!
    wait $dead
    mkdir -p left/cells left/charts
    for file in .users.json.$dead-0 .users.tsv.$dead-0 .users.json.$dead-0.$dead-0 run.json.$dead-0 cells/x-r1.json.$dead-0 cells/x-r1.log.$dead-0 charts/lanes.svg.$dead-0; do
        : >"left/$file"
    done
    : >left/run.json.$$-0 # of somebody who lives
    : >left/notes.$dead-0 # no file of ours
    "$JUGGLE" run --experiment article --work cpu:0 --repeat 1 --users 2 --strategies blocking --out left >out 2>err 3>&-
    [ "$(cd left/cells && echo *)" = 'blocking-r1.json blocking-r1.probes.tsv blocking-r1.tsv' ]
    "$JUGGLE" report left >out
    [ "$(find left -name '*.*-0' | sort | tr '\n' ' ')" = "left/notes.$dead-0 left/run.json.$$-0 " ]
}

@test "a folder without a name is refused" {
    shared small "${small[@]}" --seed 7
    for command in "run --experiment article --work cpu:0 --strategies blocking" "compare $done_run $done_run"; do
        # shellcheck disable=SC2086
        refused $command --out ''
        says "the name of a folder"
    done
    refused report ''
    refused compare "$done_run" ''
}

@test "an upstream that is no URL is refused before anything is measured" {
    refused run --experiment article --work fetch --strategies blocking --out fetched --upstream nonsense://
    [ ! -e fetched/cells/blocking-r1.json ]
}

@test "report wants one folder that holds a run" {
    refused report
    refused report a b
    refused report nowhere
    mkdir empty
    refused report empty
    refused report --nonsense
}

@test "--help lists every option" {
    run "$JUGGLE" run --help
    [ "$status" -eq 0 ]
    for option in --experiment --quick --article --strategies --repeat --users --work \
        --upstream --seed --out --list --dry-run; do
        grep -q -- "$option" <<<"$output"
    done
}
