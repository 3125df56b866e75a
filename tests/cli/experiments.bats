#!/usr/bin/env bats
# bats file_tags=one-thread
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

@test "where the size of a pool is given there is one pool of it" {
    for option in threads workers; do
        run "$JUGGLE" run --dry-run --strategies threadpool --work sleep:5ms --$option 2,3
        [ "$status" -eq 0 ]
        [ "$(grep -c "^  threadpool, [23] $option " <<<"$output")" -eq 2 ]
        not grep -q "a CPU" <<<"$output"
    done
    run "$JUGGLE" run --dry-run --strategies processing --work sleep:5ms --threads 3
    [[ "$output" == *"processing (ten a CPU)"* ]] # a pool of processes has no threads
}

@test "settings with several values are axes, and cells are called after them" {
    "$JUGGLE" run --strategies threading,async --work sleep:5ms --users 2,4 --rounds 1 --repeat 1 --out m >out 2>err 3>&-
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
    run "$JUGGLE" run --dry-run --users 1..64 --rounds 1..64 --threads 1..64
    [ "$status" -eq 2 ]
    [[ "$output" == *"fewer values or strategies"* ]]
    run "$JUGGLE" run --dry-run --experiment artcle
    [ "$status" -eq 2 ]
    [[ "$output" == *"'artcle'"*"'article'"* ]]
}

@test "the director's own upstream takes what fetches say; one that is given, its own time" {
    fetching=(run --strategies async --users 3 --rounds 1 --repeat 1)
    took() { # took CELL LEAST MOST: the shortest request, in seconds
        jq -e ".load.statistics.shortest_transaction | . >= $2 and . < $3" "$1-r1.json"
    }
    "$JUGGLE" "${fetching[@]}" --work fetch,fetch:1s --out own >out 2>err 3>&-
    took own/cells/own-async-workfetch 0.1 1
    took own/cells/own-async-workfetch-1s 1 60
    start_server
    "$JUGGLE" "${fetching[@]}" --work fetch:1s --upstream "$URL/delay/?ms=20" --out other >out 2>err 3>&-
    took other/cells/own-async 0.02 1
}

@test "a preset of an experiment is chosen by its name" {
    run "$JUGGLE" run --dry-run --experiment waiting --preset large --strategies async
    [ "$status" -eq 0 ]
    [[ "$output" == *"10000 users"* ]]
    run "$JUGGLE" run --dry-run --experiment waiting --preset lrge
    [ "$status" -eq 2 ]
    [[ "$output" == *"there is no preset 'lrge'; did you mean 'large'? there are usual, quick, short, large;"* ]]
}

@test "--list shows experiments, contestants' cells and axes" {
    run "$JUGGLE" run --list
    [ "$status" -eq 0 ]
    [[ "$output" == *"experiment article"*"experiment own"*"axes"*"users"* ]]
}

# bats test_tags=build
@test "the example of docs/experiments.md is an experiment: one file, built and run" {
    mkdir tree
    (cd "$BATS_TEST_DIRNAME/../.." && tar -c --exclude=./build/[!p]* --exclude=./build/plain/tests \
        --exclude=./results --exclude=./.git .) | tar -x -C tree
    sed -n '/^```c$/,/^```$/p' tree/docs/experiments.md | sed '1d;$d' >tree/experiments/pools.c
    (cd tree && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u FLAVOUR -u JUGGLE make -j2 3>&-) >make.log 2>&1
    not grep -i warning: make.log
    tree/bin/juggle run --experiment pools --quick --repeat 2 --out pools >out 2>err 3>&-
    [ -s pools/cells/pools-threadpool-workers8-r2.json ]
    grep -q more-workers-help pools/report.md
    jq -e '.[] | select(.id == "more-workers-help") | .verdict' pools/findings.json
}

# RESUME_ROUNDS=30 for a long look.
@test "a run that was killed at any moment goes on, and measures every cell once" {
    for ((round = 1; round <= ${RESUME_ROUNDS:-2}; round++)); do
        rm -rf cut
        start_session run "$JUGGLE" run --experiment article --work cpu:0 --repeat 2 --users 2 \
            --strategies blocking,threading --out cut
        await test -s cut/run.json
        sleep "$((RANDOM % 6)).$((RANDOM % 10))"
        kill -KILL "$PID" 2>/dev/null || true
        wait "$PID" || true
        nothing_is_left_of "$PID"
        (cd cut/cells && find . -name '*.json' -printf '%p %T@ %i\n') | sort >before
        "$JUGGLE" run --resume cut >out 2>err 3>&-
        (cd cut/cells && find . -name '*.json' -printf '%p %T@ %i\n') | sort >after
        [ -z "$(comm -23 before after)" ] # none of them was touched
        [ "$(jq '.cells | length' cut/run.json)" -eq 5 ]
        [ "$(cells_of cut | wc -l)" -eq 10 ] # each of them twice
        jq -e '.interrupted == false and .repeats_done == 2 and (.resumed | length == 1)' cut/run.json
        [ -s cut/report.html ]
    done
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
    mkdir empty
    for folder in nowhere empty; do
        run "$JUGGLE" run --resume "$folder"
        [ "$status" -eq 2 ]
        [[ "$output" == *"$folder/run.json: "*"results/latest"* ]]
    done
    rmdir empty # nothing was written into it
}

@test "a cell that the machine cannot carry is skipped, and said so everywhere" {
    n=$(($(nproc) + 1))
    "$JUGGLE" run --work cpu:0 --strategies async --cpus "1,$n" --users 2 --repeat 1 --out s >out 2>err 3>&-
    [ "$(cells_of s)" = "own-async-cpus1-r1.json" ]
    grep -q "own-async-cpus$n: not measured: there are" s/report.md
    run "$JUGGLE" run --dry-run --work cpu:0 --strategies async --cpus "1,$n" --users 2
    [[ "$output" == *"skipped: there are"* ]]
}

@test "a plan that its budget cannot hold says how long it takes and what to leave out" {
    run "$JUGGLE" run --work sleep:10ms --strategies async,blocking --users 1..64 --workers 1..8 --seconds 5 --budget 1m --out big
    [ "$status" -eq 2 ]
    [[ "$output" == *"once takes "*" at least, and the budget is 1 min"*"--strategies"*"--budget "* ]]
    [ ! -e big ]
}

@test "a cell that fails is recorded with its reason and its server's words; the run goes on" {
    run "$JUGGLE" run --experiment own --work cpu:0 --strategies async,blocking --max-inflight 999999 \
        --users 1 --repeat 1 --out f
    [ "$status" -eq 1 ]
    [ "$(jq '.failures | length' f/run.json)" -eq 2 ]
    jq -e '.failures[0].why | contains("it said: juggle: serve: --max-inflight")' f/run.json
}

@test "a cell is there once, and an experiment is named" {
    for words in '--work cpu:0 --users 2,2' '--experiment article,article' '--experiment ,'; do
        # shellcheck disable=SC2086
        run "$JUGGLE" run --dry-run $words
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == *"is there twice"* || "$output" == *"no experiment is named"* ]]
    done
}

@test "what was measured stays in the report of a run that goes on with little time left" {
    "$JUGGLE" run --experiment article,users --work cpu:0 --users 1,2 --strategies blocking \
        --repeat 1 --out two >out 2>err 3>&-
    "$JUGGLE" run --resume two --budget 1s >out 2>err 3>&- || true
    jq -e '[.cells[].experiment] | unique == ["article", "users"]' two/summary.json
    not grep -q "is not this run's" two/report.md
    not grep -q 'is left out: one pass' out
}

@test "no strategy whose requests failed is called the one to choose" {
    "$JUGGLE" run --work cpu:20ms --strategies threadpool,async --users 20 --rounds 1 \
        --max-inflight 1 --repeat 2 --out refusing >out 2>err 3>&- || true
    grep -q 'requests FAILED' out
    not grep -q 'choose threadpool' out
    not grep -q 'choose async' out
}
