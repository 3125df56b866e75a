#!/usr/bin/env bats
# `juggle load --share` and `juggle merge`: one load from several processes, and its result.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    unset OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE SLURM_PROCID SLURM_NTASKS \
        JOB_COMPLETION_INDEX JUGGLE_PARTS
}

teardown() {
    end_all_sessions
}

# Sends a load in two parts at once, each by a process: 1.json, 1.csv, 2.json and 2.csv.
send_parts() { # send_parts OPTION...
    local at part pids=()
    at=$(date -d '+3 sec' +%s.%N) # time for both to begin on a busy machine
    for part in 1 2; do
        timeout $LIMIT_S "$JUGGLE" load -q --share $part/2 --start-at "$at" \
            --json $part.json --csv $part.csv "$@" 3>&- &
        pids+=($!)
    done
    wait "${pids[0]}"
    wait "${pids[1]}"
}

# Files of two parts that need no server: nothing answers.
make_parts() { # make_parts OPTION...
    for part in 1 2; do
        "$JUGGLE" load -q --share $part/2 --json $part.json "$@" 2>err || [ $? -eq 1 ]
    done
}

latencies() { # latencies CSV...: of all of them, in seconds, sorted
    awk -F , 'FNR > 1 { printf "%.7f\n", $8 / 1e6 }' "$@" | sort -n
}

@test "users in two parts are the users of the whole, and so are the figures" {
    start_server --only blocking
    printf '%s\n' "$URL/" "$URL/delay/?ms=1" >urls
    send_parts -c 5 -r 200 -f urls
    "$JUGGLE" merge 2.json 1.json --json all.json --csv all.csv >out
    grep -q "^Transactions:		        1000 hits$" out
    jq -e '.users == 5 and .threads == 2 and .share == {"parts": 2} and
        .statistics.transactions == 1000 and .statistics.urls[1].transactions == 500 and
        ([.requests | group_by(.user)[] | [.[0].user, length]] == [range(5) | [., 200]]) and
        ([.requests[].id] == [range(1000)])' all.json
    # each user begins with his own URL, as in one process
    jq -e '[.requests[] | select(.planned_us == 0) | [.user, (.url | contains("delay"))]] | sort
        == [range(5) | [., . % 2 == 1]]' all.json
    latencies 1.csv 2.csv >union
    latencies all.csv | cmp - union
    # the quantile of the union, of which the file has tenths of microseconds
    for level in 50 99; do
        jq -r ".statistics.percentiles[\"p$level\"]" all.json >figure
        awk -v level=$level 'FNR == NR { figure = $1; next } { value[n++] = $1 } END {
            rank = level / 100 * (n - 1); low = value[int(rank)]; high = value[int(rank) + 1]
            off = figure - low - (rank - int(rank)) * (high - low)
            exit !(off < 1e-7 && off > -1e-7) }' figure union
    done
    # the parts start together, and say how far apart they were by their clocks
    jq -e '.start.spread_s >= 0 and .start.spread_s <= 1 and .start.late_s == null' all.json
    jq -e '.share.part == 1 and .share.parts == 2 and .users == 3 and .start.late_s >= 0 and
        .start.spread_s == 0 and (.start | has("clock_error_s")) and (has("requests") | not)' 1.json
}

@test "constant arrivals of two parts together are constant" {
    start_server --only blocking
    send_parts --threads 2 --rate 200 --arrivals constant -t 1s --drain 10s "$URL/"
    "$JUGGLE" merge -q 1.json 2.json --json all.json
    jq -e "$CONSTANT"' .threads == 4 and .rate_per_s == 200 and .arrivals == "constant" and
        .mode == "open" and .not_sent + (.requests | length) == 200 and (.requests | constant(5000))' all.json
}

@test "the merged load is judged by the rules and checks of a run" {
    start_server --only blocking
    send_parts -c 2 -r 3 "$URL/"
    status=0
    "$JUGGLE" merge 1.json 2.json --require 'failed>0' --json all.json >out 2>err || status=$?
    [ $status -eq 3 ]
    grep -q "^juggle: merge: --require 'failed>0' is not met" err
    # six samples are SUSPECT, and a busy machine may make another check worse
    jq -e '.requirements[0].is_met == false and (.validity | ([.reasons[].verdict] | unique) as $all |
        any(.reasons[]; .check == "samples" and .verdict == "SUSPECT") and
        .verdict == (if $all[0] == "INVALID" then "INVALID" else "SUSPECT" end))' all.json
    "$JUGGLE" merge -j 1.json 2.json | jq -e '.transactions == 6 and .mode == "closed"'
    "$JUGGLE" merge -q - 2.json --histogram all.txt --samples all.tsv --json all.json <1.json
    grep -q 'Total count    =            6]' all.txt
    [ "$(wc -l <all.tsv)" -eq 7 ]
    jq -e '.samples == 6' all.json
    make_parts -c 2 -t 300ms "$URL/"
    "$JUGGLE" merge -q 1.json 2.json --json all.json
    jq -e '.validity.reasons[] | select(.check == "littles_law") | .figure != null' 1.json all.json
}

@test "the same seed for all parts, unless another is given" {
    make_parts -c 2 http://127.0.0.1:1/
    jq -e '.seed == 1' 1.json 2.json
    make_parts -c 2 --seed 9 http://127.0.0.1:1/
    jq -e '.seed == 9' 1.json 2.json
}

@test "parts that are missing, twice there or of another load are refused, in one line" {
    url=http://127.0.0.1:1/
    make_parts -c 2 $url
    refused merge
    says "there is nothing to merge"
    refused merge 1.json
    says "part 2 of 2 is missing"
    refused merge 2.json
    says "part 1 of 2 is missing"
    refused merge 1.json 1.json
    says "1.json and 1.json are both part 1 of 2"
    refused merge 1.json none.json
    says "none.json: No such file"
    refused merge 1.json 2.json --json x --csv x
    says "merge: --json and --csv would write the same file"
    "$JUGGLE" load -q -c 3 --share 2/2 --json other.json $url 2>err || true
    refused merge 1.json other.json
    says "other.json was sent with '--concurrent=3', and 1.json '--concurrent=2'"
    "$JUGGLE" load -q -c 2 --timeout 9s --share 2/2 --json other.json $url 2>err || true
    refused merge 1.json other.json
    says "other.json was sent with '--timeout=9s', and 1.json 'nothing'"
    "$JUGGLE" load -q -c 2 --share 2/2 --json other.json ${url}x 2>err || true
    refused merge 1.json other.json
    says "other.json asked for 'GET ${url}x', and 1.json 'GET $url'"
    "$JUGGLE" load -q -c 3 --share 3/3 --json other.json $url 2>err || true
    refused merge 1.json other.json
    says "other.json is of 3 parts, and 1.json of 2"
    began=$(grep -o '"first_began_ns":[0-9]*' 2.json | cut -d : -f 2)
    sed "s/$(grep -o '"first_began_ns":[0-9]*' 1.json | cut -d : -f 2)/$began/g" 1.json >same.json
    sed "s/$began/$((began + 5000000000))/g" 2.json >other.json
    refused merge same.json other.json
    says "other.json started 5 s after same.json"
    says "--start-at"
    jq '.share.version = "0"' 2.json >other.json
    refused merge 1.json other.json
    says "other.json: it is of juggle 0, and this is "
    sed 's/"elapsed_ns":[0-9]*/"elapsed_ns":940000000000000000/' 2.json >other.json
    refused merge 1.json other.json
    says "other.json: it says that it took 1.09e+04 days, and 'juggle merge' takes a load of at most 31"
    jq '.samples_base64 = "AAAA"' 2.json >other.json
    refused merge 1.json other.json
    says "other.json: "
    "$JUGGLE" load -q -c 2 --json other.json $url 2>err || true
    refused merge 1.json other.json
    says "other.json: it is no part of a load"
    head -c 300 2.json >other.json
    refused merge 1.json other.json
    says "other.json: line 1: "
    says "; it is no JSON, or has lost its end"
}

@test "shares that cannot be are refused" {
    for share in 0/2 3/2 1/0 1/x x 1 /2 1/ -1/2 1/2/3 1/1000000 ''; do
        refused load --share "$share" http://127.0.0.1:1/
        says "wants a part of so many"
    done
    refused load --share 1/4 -c 3 http://127.0.0.1:1/
    says "-c 3 is less than the 4 parts"
    refused load --share 1/4 --rate 9 --max-inflight 3 -t 1s http://127.0.0.1:1/
    says "--max-inflight 3 is less than the 4 parts"
    printf '1\n' >times
    for way in "--ramp 1..2 -t 1s" "--schedule times" "--search p50:1s" -g -p; do
        # shellcheck disable=SC2086
        refused load --share 1/2 $way http://127.0.0.1:1/
        says "--share divides users, or a rate that stays"
    done
}

@test "--share auto: what the launcher says, and what is missing" {
    refused load --share auto http://127.0.0.1:1/
    says "none of OMPI_COMM_WORLD_RANK, SLURM_PROCID and JOB_COMPLETION_INDEX"
    JOB_COMPLETION_INDEX=1 refused load --share auto http://127.0.0.1:1/
    says "JOB_COMPLETION_INDEX=1 but no JUGGLE_PARTS"
    SLURM_PROCID=4 SLURM_NTASKS=4 refused load --share auto http://127.0.0.1:1/
    says "SLURM_PROCID=4 and SLURM_NTASKS=4, which is no part"
    SLURM_PROCID=x SLURM_NTASKS=4 refused load --share auto http://127.0.0.1:1/
    part_is() { # part_is TEXT ASSIGNMENT...
        env "${@:2}" "$JUGGLE" load -q --share auto --json part.json http://127.0.0.1:1/ 2>err || true
        [ "$(jq -r '"\(.share.part)/\(.share.parts)"' part.json)" = "$1" ]
    }
    part_is 4/4 SLURM_PROCID=3 SLURM_NTASKS=4
    part_is 1/3 JOB_COMPLETION_INDEX=0 JUGGLE_PARTS=3
    # in a batch job of Slurm all processes of mpirun are called the first by Slurm
    part_is 2/2 OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 SLURM_PROCID=0 SLURM_NTASKS=2
}

@test "--start-at: a time that is over or none is refused, and one to come is kept" {
    for time in 2020-01-31T12:00:00Z "$(($(date +%s) - 3))" "$(date -d '-1 hour' +%FT%T%:z)"; do
        refused load --start-at "$time" http://127.0.0.1:1/
        says "ago by this machine's clock"
    done
    for time in tomorrow 2020-01-31 2020-01-31T12:00:00 2030-01-31T12:00:00Zx +x '' 12:00 \
        1735689600000; do
        refused load --start-at "$time" http://127.0.0.1:1/
        says "--start-at"
    done
    for form in +%s.%N +%FT%T.%N%:z --rfc-3339=ns +0.5; do
        from=$(date +%s%N)
        time=$form
        [ $form = +0.5 ] || time=$(date -d '+2 sec' "$form")
        "$JUGGLE" load -q -c 1 --start-at "$time" --json r.json http://127.0.0.1:1/ 2>err || [ $? -eq 1 ]
        jq -e --argjson from "$from" \
            '.start.late_s >= 0 and .start.at_ns > $from + 4e8 and .share == null' r.json
    done
}

@test "a signal ends the wait for the start, and nothing is sent" {
    start_session waits "$JUGGLE" load -c 1 --start-at +1000 --json r.json http://127.0.0.1:1/
    await grep -q 'It starts in' waits.err
    sleep 0.2
    kill -INT "$PID"
    ends_with 130 "$PID"
    jq -e '.interrupted == "SIGINT" and .requests == [] and .elapsed_s == 0' r.json
}

@test "mpirun starts the parts" {
    command -v mpirun >/dev/null || skip "mpirun is not here; install openmpi-bin"
    start_server --only blocking
    at=$(($(date +%s) + 8)) # what starts them may take some seconds
    # shellcheck disable=SC2016 # each process has its own
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 timeout $LIMIT_S mpirun \
        --oversubscribe -n 3 sh -c '"$0" load -q -c 7 -r 5 --share auto --start-at '$at' \
        --json part-$OMPI_COMM_WORLD_RANK.json "$1"' "$JUGGLE" "$URL/" 3>&-
    "$JUGGLE" merge part-*.json --json all.json >out
    jq -e '.users == 7 and .share.parts == 3 and (.requests | length) == 35' all.json
}

@test "GNU parallel starts the parts" {
    parallel --version 2>/dev/null | grep -q '^GNU parallel' || skip "GNU parallel is not here; install parallel"
    start_server --only blocking
    at=$(($(date +%s) + 8)) # what starts them may take some seconds
    timeout $LIMIT_S parallel -q -j 3 "$JUGGLE" load -q -c 7 -r 5 --share {}/3 --start-at $at \
        --json part-{}.json "$URL/" ::: 1 2 3 3>&-
    "$JUGGLE" merge part-*.json --json all.json >out
    jq -e '.users == 7 and (.requests | length) == 35' all.json
}
