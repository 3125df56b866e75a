#!/usr/bin/env bats
# bats file_tags=one-thread
# Experiments with an axis: curves as charts and tables, and claims that rest on them.

load helpers
load made_curves

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

@test "a run with an axis has a chart and a table for each curve" {
    write_curves run 6 "blocking:1 threading:2 forking:1.8" "1 2 4 8"
    "$JUGGLE" report run >out
    for name in throughput latency median; do
        grep -q '</svg>' "run/charts/$name.svg"
        grep -q '</svg>' "run/charts/$name-narrow.svg"
        grep -q "charts/$name.svg" run/report.md
    done
    [ ! -e run/charts/staircase.svg ]
    # contestants as rows, users as columns: what they can use of two CPUs, 50/s each
    grep -qE '^strategy +1 +2 +4 +8$' out
    grep -qE '^threading +50 +100 +100 +100$' out
    grep -qE '^forking +50 +90 +90 +90$' out
    grep -q '| strategy | 1 | 2 | 4 | 8 |' run/report.md
    grep -q '| blocking: one job at a time | 50 | 50 | 50 | 50 |' run/report.md
    not grep -qE '^.{81}' out
    tr -s ' \n' ' ' <out >flat
    grep -q '1 to 8 users ask again and again for 20 ms of CPU work. Test CPU, 2 CPUs' flat
    grep -q '| threading: a thread each | 0.020 | 0.020 | 0.040 | 0.080 |' run/report.md
    grep -q 'With 8 users choose threading (a thread each): users waited 4.0 times as long as the job itself, 0.080 s on average (100 answers a second), at ' flat
    grep -q 'Next, at 4.4 times the job: forking (a process each); last, at 8.0 times the job: blocking (one job at a time).' flat
    grep -q 'From 1 to 8 users threading went from 50 to 100 answers a second, and blocking only from 50 to 50.' flat
    grep -q 'With 1 users no clear winner could be seen; with 2 and 4 users the choice is the same.' flat
}

@test "the data of a curve has its values, intervals, models and bounds" {
    write_curves run 6 "blocking:1 threading:2" "1 2 4 8"
    "$JUGGLE" report run >out
    grep -q $'^1\tblocking: one job at a time\t8\t50$' run/data/throughput.tsv
    grep -qE $'^4\t100\t9[0-9.]+\t10[0-9.]+\t0$' run/data/throughput.tsv
    grep -qE '^1.theory: 1 CPU, off by [0-9.e-]+ %$' run/data/throughput.tsv
    grep -q $'^wide\ttitle\tAnswers a second, from 1 to 8 users: threading rises from 50 to 100, blocking stays at' \
        run/data/throughput.tsv
    grep -q '1 to 8 users at once, cpu:20ms' run/data/throughput.tsv
    grep -q $'^2\tnobody passes N / (T + Z) and A / T$' run/data/throughput.tsv
    grep -qE $'^8\t0.1600[0-9]*\t' run/data/latency.tsv # seconds
    grep -q $'^8\t160\t' run/data/median.tsv   # milliseconds
}

@test "a value that was not measured is a hole, in the chart and in the table" {
    write_curves run 6 "blocking:1 threading:2" "1 2 4 8" "threading-users4"
    "$JUGGLE" report run >out
    grep -qE '^threading +50 +100 +- +100$' out
    grep -q '| threading: a thread each | 50 | 100 | - | 100 |' run/report.md
    grep -q '^not measured: threading-users4$' out
    grep -q '</svg>' run/charts/throughput.svg
    # the line that is drawn is broken there: one empty line, not two
    awk '/^2\t100\t/ { getline empty; getline next_point
        exit !(empty == "" && next_point ~ /^8\t100\t/) }' run/data/throughput.tsv
}

@test "curves of alike strategies, or of one, advise nobody" {
    write_curves run 6 "blocking:2 threading:2" "1 8"
    "$JUGGLE" report run | tr -s ' \n' ' ' >flat
    grep -q 'With 8 users no clear winner could be seen: users waited 4.0 times as long as the job itself, 80 ms' flat
    not grep -qi 'choose' flat
    grep -q 'From 1 to 8 users [^.]* went from 50 to 100 answers a second, and no other was seen to gain less\.' flat
    write_curves one 6 "threading:2" "1 8"
    "$JUGGLE" report one | tr -s ' \n' ' ' >flat
    grep -q 'With 8 users under threading (a thread each): users waited 4.0 times as long as the job itself, 80 ms' flat
    grep -q 'From 1 to 8 users threading went from 50 to 100 answers a second' flat
    not grep -qi 'choose' flat
}

@test "an open loop is told in requests a second" {
    write_curves run 6 "blocking:1 threading:2" "2 8"
    sed -i -E 's/, ([28]) users"/, \1 requests a second"/g; s/"users": ([28]),/"users": 0, "rate_per_s": \1,/g' \
        run/run.json run/cells/*.json
    "$JUGGLE" report run | tr -s ' \n' ' ' >flat
    grep -q '2 to 8 requests a second come for 20 ms of CPU work' flat
    grep -q 'With 8 requests a second choose threading (a thread each): users waited 4.0 times' flat
    grep -q 'From 2 to 8 requests a second nobody was seen' flat
    grep -q '2 to 8 requests a second, cpu:20ms' run/data/throughput.tsv
}

@test "sizes of a pool are ranked against each other, by their names" {
    write_curves run 6 "threadpool:2" "2 8"
    sed -i -E 's/, ([28]) users"/, \1 threads"/g; s/"users": ([28]),/"users": 4, "threads": \1,/g' \
        run/run.json run/cells/*.json
    "$JUGGLE" report run | tr -s ' \n' ' ' >flat
    grep -q 'Choose threadpool (2 threads): users waited 1.0 times as long as the job itself, 20 ms' flat
    grep -q 'On 2 CPUs, threadpool (2 threads) and threadpool (8 threads) each kept 2.0 busy' flat
}

@test "claims about curves are judged by every contestant that was measured" {
    write_curves run 6 "blocking:1 threading:2 forking:1.9" "1 2 4 8"
    "$JUGGLE" report run >out
    grep -q '^[1-3] claims*, what one expects of strategies: [1-3] confirmed, ' out
    jq -e '.[] | select(.id == "growth-ends-at-the-cpus") |
        .verdict == "confirmed" and (.figure | contains("of 3 the closest to a bound")) and
        (.evidence | startswith("every contestant: 12 points, 72 repeats"))' run/findings.json
    jq -e '.[] | select(.id == "turns-and-shares-mean-alike") |
        .verdict == "not applicable" and .why == "threadpool was not chosen"' run/findings.json
}

@test "a strategy that grows beyond its CPUs refutes, and is named" {
    write_curves run 6 "blocking:4 threading:2" "1 2 4 8"
    "$JUGGLE" report run >out
    tr -s ' \n' ' ' <out >flat
    grep -q 'refuted: throughput grows .* and no further: with blocking, answers a second grew up to 4.0 times the users that theory expects; the claim allows' flat
}

verdict_of() { # verdict_of CLAIM: of the run in `run`
    "$JUGGLE" report run >out
    jq -r ".[] | select(.id == \"$1\") | .verdict" run/findings.json
}

@test "a pool and threads that share the CPUs have the same mean, or the claim is refuted" {
    write_curves run 5 "threading:2 threadpool:1.9" "1 4 16"
    [ "$(verdict_of turns-and-shares-mean-alike)" = confirmed ]
    rm -r run
    write_curves run 5 "threading:2 threadpool:1.3" "1 4 16"
    [ "$(verdict_of turns-and-shares-mean-alike)" = refuted ]
}

# The same run as one of `cores`, on as many CPUs as there were users.
make_cores() {
    local file n
    sed -i 's/"users"/"cores"/; s/"experiments": \["users"\]/"experiments": ["cores"]/; s/"experiment": "users"/"experiment": "cores"/g' run/run.json
    for file in run/cells/*.json; do
        n=${file##*-users} n=${n%-r*}
        sed -i "s/\"experiment\": \"users\"/\"experiment\": \"cores\"/; s/\"rounds\": 5/&, \"cpus\": $n/
            s/\"allowance\": 2/\"allowance\": $n/" "$file"
    done
}

@test "processes grow with the CPUs and one thread does not, or the claims are refuted" {
    write_curves run 5 "processing:1.96 blocking:1 threading-gil:1" "1 2"
    make_cores
    [ "$(verdict_of processes-grow-with-the-cpus)" = confirmed ]
    [ "$(verdict_of one-thread-does-not)" = confirmed ]
    grep -q "The load generator shared the server's CPUs at 1, 2." run/report.md
    not grep -q "Fits to" run/report.md # of two points
    for name in throughput busy contention latency; do
        grep -q '</svg>' "run/charts/$name.svg"
    done
    rm -r run
    write_curves run 5 "processing:1.5 blocking:1 threading-gil:1.4" "1 2"
    make_cores
    [ "$(verdict_of processes-grow-with-the-cpus)" = refuted ]
    [ "$(verdict_of one-thread-does-not)" = refuted ]
}

# The same run as one of `waiting`: jobs sleep, and each request takes so many KiB.
make_waiting() { # make_waiting "CONTESTANT:THREADS:KIB ..."
    local row who threads kib file n
    sed -i 's/"users"/"waiting"/g; s/"waiting": 1, "interrupted"/"users": 1, "interrupted"/' run/run.json
    for row in $1; do
        IFS=: read -r who threads kib <<<"$row"
        for file in run/cells/"$who"-users*.json; do
            n=${file##*-users} n=${n%-r*}
            sed -i "s/\"experiment\": \"users\"/\"experiment\": \"waiting\"/; s/cpu:20000000turns/sleep:20ms/
                s/\"cpu_us\":20000,\"wait_us\":0/\"cpu_us\":0,\"wait_us\":20000/g
                s/\"cpu_system_s\": 0/&, \"peak_threads\": $threads, \"idle_pss_anon_bytes\": 0, \"peak_pss_anon_bytes\": $((n * kib * 1024))/" "$file"
        done
    done
}

@test "async holds a thousand in one thread for less memory, or the claim is refuted" {
    write_curves run 4 "async:9999 threading:9999 forking:9999" "100 1000"
    make_waiting "async:1:3 threading:101:11 forking:1:50"
    [ "$(verdict_of async-holds-many)" = confirmed ]
    not grep -q 'ms for a timer' run/report.md # charts of works that were not measured
    for row in "9999 async:1:9" "9999 async:101:3" "500 async:1:3"; do
        rm -r run
        write_curves run 4 "async:${row% *} threading:9999 forking:9999" "100 1000"
        make_waiting "${row#* } threading:101:11 forking:1:50"
        [ "$(verdict_of async-holds-many)" = refuted ]
    done
}

@test "nine contestants and one of them alone are drawn" {
    write_curves many 2 "a:1 b:1.1 c:1.2 d:1.3 e:1.4 f:1.5 g:1.6 h:1.7 i:2" "1 2 4 8"
    "$JUGGLE" report many >out
    grep -q '</svg>' many/charts/throughput.svg
    write_curves one 1 "blocking:1" "4"
    "$JUGGLE" report one >out 2>err
    [ ! -s err ]
    grep -q '</svg>' one/charts/throughput.svg
    grep -q '</svg>' one/charts/latency.svg
}

@test "users ask for so many seconds, and what is in flight then is awaited" {
    "$JUGGLE" run --experiment users --strategies blocking,threading --work sleep:30ms --users 1,4 \
        --seconds 0.2 --repeat 1 --out run >out 2>err 3>&-
    [ -s run/cells/users-blocking-users4-r1.json ]
    jq -es 'all(.load.cut_off == 0 and .parameters.drain_s == 30)' run/cells/*.json
    grep -qE '^strategy +1 +4$' out
    grep -q '</svg>' run/charts/throughput.svg
    jq -e '.experiments == ["users"]' run/run.json
}

@test "an interval that would fill the picture is strokes within it" {
    command -v gnuplot || skip "gnuplot is missing (Debian: gnuplot-nox)"
    write_curves run 6 "blocking:1 threading:2" "1 2 4 8"
    "$JUGGLE" report run >out
    draw() { # draw DATA PICTURE: how many bands it has
        (cd "$BATS_TEST_DIRNAME/../../plots" &&
            gnuplot -c curve.gp "$BATS_TEST_TMPDIR/$1" svg "$BATS_TEST_TMPDIR/$2" wide \
                "$(yes '#336699' | head -20 | paste -sd' ')" '')
        grep -c 'fill-opacity *= *.0.12' "$2"
    }
    [ "$(draw run/data/throughput.tsv narrow.svg)" -eq 2 ]
    sed -E $'s/^(4\t100\t)[^\t]*\t[^\t]*/\\11\t5000/' run/data/throughput.tsv >wide.tsv
    not cmp -s wide.tsv run/data/throughput.tsv
    [ "$(draw wide.tsv wide.svg)" -eq 1 ]
}
