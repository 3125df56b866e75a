#!/usr/bin/env bats
# Experiments as rows: a work of one's own, matrices, several experiments in a run, an
# experiment that a newcomer writes, and runs that go on where they were cut.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

cells_of() { # cells_of FOLDER: names and repeats of the cells that were measured
    (cd "$1/cells" && printf '%s\n' *.json)
}

@test "a work of one's own is measured under every strategy, async among them" {
    "$JUGGLE" run --work sleep:20ms --users 4 --repeat 1 --out own >out 2>err 3>&-
    for strategy in async blocking forking processing threading threadpool; do
        [ -s "own/cells/own-$strategy-r1.json" ]
    done
    [ -s own/cells/own-threadpool-large-r1.json ] # this work waits
    [ "$(jq -r .experiment own/run.json)" = own ]
    not grep -q "GIL" out # nothing of the article's
}

@test "work that only computes has no use for large pools" {
    run "$JUGGLE" run --dry-run --work cpu:1ms --users 2
    [ "$status" -eq 0 ]
    [[ "$output" == *async* && "$output" != *"ten a CPU"* ]]
}

@test "settings with several values are axes, and cells are called after them" {
    "$JUGGLE" run --strategies threading,async --work sleep:5ms --users 2,4 --repeat 1 --out m >out 2>err 3>&-
    [ "$(cells_of m)" = "own-async-users2-r1.json
own-async-users4-r1.json
own-threading-users2-r1.json
own-threading-users4-r1.json" ]
    jq -e '.parameters | .users == 4 and .contestant == "async"' m/cells/own-async-users4-r1.json
    jq -e '.load.samples == 4' m/cells/own-async-users4-r1.json
}

@test "parameters of the server reach it, and those of the load" {
    "$JUGGLE" run --strategies threadpool --work cpu:0 --cpus 1 --threads 3 --max-inflight 50 \
        --users 2 --seconds 0.3 --think 5 --repeat 1 --out p >out 2>err 3>&-
    jq -e '.parameters | .cpus == 1 and .threads == 3 and .max_inflight == 50 and
        .duration_s == 0.3 and .think_ms == 5' p/cells/own-threadpool-r1.json
    jq -e '.window.allowance == 1' p/cells/own-threadpool-r1.json
    "$JUGGLE" run --strategies async --work cpu:0 --rate 200 --seconds 0.3 --repeat 1 --out r >out 2>err 3>&-
    jq -e '.load.mode == "open"' r/cells/own-async-r1.json
}

@test "what cannot be an axis is refused, with what is expected" {
    for bad in "--users 0" "--users 3..1" "--gil maybe" "--workers ," "--users many"; do
        # shellcheck disable=SC2086
        run "$JUGGLE" run --dry-run $bad
        [ "$status" -eq 2 ]
        [[ "$output" == *wants* ]]
    done
    run "$JUGGLE" run --dry-run --users 1..64 --workers 1..64 --threads 1..64
    [ "$status" -eq 2 ]
    [[ "$output" == *"fewer values or strategies"* ]]
    run "$JUGGLE" run --dry-run --experiment artcle
    [ "$status" -eq 2 ]
    [[ "$output" == *"'artcle'"*"'article'"* ]]
}

@test "--list shows experiments, contestants' cells and axes" {
    run "$JUGGLE" run --list
    [ "$status" -eq 0 ]
    [[ "$output" == *"experiment article"*"experiment own"*"axes"*"users"* ]]
}

@test "the example of docs/experiments.md is an experiment: one file, built and run" {
    mkdir tree
    (cd "$BATS_TEST_DIRNAME/../.." && tar -c --exclude=./build/asan --exclude=./build/tsan \
        --exclude=./results --exclude=./.git .) | tar -x -C tree
    sed -n '/^```c$/,/^```$/p' tree/docs/experiments.md | sed '1d;$d' >tree/experiments/pools.c
    (cd tree && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u FLAVOUR -u JUGGLE make -j2 3>&-) >make.log 2>&1
    not grep -i warning: make.log
    tree/bin/juggle run --experiment pools --quick --repeat 2 --out pools >out 2>err 3>&-
    [ -s pools/cells/pools-threadpool-workers8-r2.json ]
    grep -q more-workers-help pools/report.md
    jq -e '.[] | select(.id == "more-workers-help") | .verdict' pools/findings.json
}

@test "a run that was killed at any moment goes on, and measures every cell once" {
    start_session run "$JUGGLE" run --experiment article --work cpu:0 --repeat 3 --users 2 \
        --strategies blocking,threading,forking --out cut
    some_cells() { [ "$(find cut/cells -name '*.json' | wc -l)" -ge 4 ]; }
    await some_cells
    kill -KILL "$PID"
    wait "$PID" || true
    nothing_is_left_of "$PID"
    (cd cut/cells && stat -c '%n %Y %i' *.json) | sort >before
    "$JUGGLE" run --resume cut >out 2>err 3>&-
    (cd cut/cells && stat -c '%n %Y %i' *.json) | sort >after
    [ -z "$(comm -23 before after)" ] # none of them was touched
    [ "$(jq '.cells | length' cut/run.json)" -eq 6 ]
    [ "$(cells_of cut | wc -l)" -eq 18 ] # each of them three times
    jq -e '.interrupted == false and .repeats_done == 3 and (.resumed | length == 1)' cut/run.json
    [ -s cut/report.html ]
}

@test "a run is not resumed elsewhere unless that is asked for" {
    "$JUGGLE" run --experiment article --work cpu:0 --repeat 1 --users 2 --strategies blocking --out there >out 2>err 3>&-
    jq '.machine.host = "elsewhere"' there/run.json >other && mv other there/run.json
    run "$JUGGLE" run --resume there
    [ "$status" -eq 2 ]
    [[ "$output" == *'host was "elsewhere"'*"--anyway"* ]]
    "$JUGGLE" run --resume there --anyway >out 2>err 3>&-
    jq -e '.resumed[0] | contains("elsewhere")' there/run.json
    run "$JUGGLE" run --resume there --users 4
    [ "$status" -eq 2 ]
    run "$JUGGLE" run --resume nowhere
    [ "$status" -eq 2 ]
}
