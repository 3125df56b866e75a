#!/usr/bin/env bats
# bats file_tags=one-thread
# Sizes of pools as a grid: what a run measures of it within its budget, and the map, the
# curves and the words that a report makes of it.

load helpers
load made_curves

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# write_sizes FOLDER: processes 1 and 2, threads 1 and 4, of which each answers as many as
# the cell of 1, 2, 4 and 8 users does with four CPUs: 50, 100, 200 and 200 a second.
write_sizes() {
    write_curves "$1" 6 "threadpool:4" "1 2 4 8"
    local n processes threads
    for n in 1 2 4 8; do
        processes=$((n > 2 ? 2 : 1))
        threads=$((n % 3 == 1 ? 1 : 4))
        sed -i -E "s/\"processes\": 1, //; s/, $n users\"/, $threads threads, $processes processes\"/g
            s/\"users\": $n,/\"users\": 4, \"threads\": $threads, \"processes\": $processes,/g" \
            "$1/run.json" "$1"/cells/threadpool-users"$n"-*.json
    done
    sed -i 's/"experiment": "users"/"experiment": "own"/g; s/"experiments": \["users"\]/"experiments": ["own"]/' \
        "$1/run.json" "$1"/cells/*.json
}

# The marks of a map: "X Y MARK" of each field; 1 is the best, 2 is not told from it.
marks_of() { # marks_of FOLDER
    awk -F '\t' '/^# x, y, share/ { on = 1; next } on && NF == 6 { print $1, $2, $6 }' "$1/data/map.tsv"
}

@test "two axes are a map, curves, a table and words; the cheapest of equals is advised" {
    write_sizes run
    "$JUGGLE" report run >out
    tr -s ' \n' ' ' <out >flat
    grep -qF 'Choose 2 processes with 1 thread: 200 answers a second (' flat
    grep -qF 'no difference could be seen from 2 processes with 4 threads, which costs more.' flat
    grep -qF 'ore than 1 thread gained nothing that could be seen' flat
    grep -qF 'more than 2 processes was not measured' flat
    grep -qE '^processes +1 +4$' out
    grep -qE '^1 +50 +100$' out
    not grep -E '^.{81}' out
    [ "$(marks_of run)" = $'1 1 0\n1 2 1\n2 1 0\n2 2 2' ]
    jq -e '.. | strings | select(startswith("Choose 2 processes with 1 thread"))' run/summary.json
    grep -q 'charts/map.svg' run/report.md
    grep -q 'The same in numbers' run/report.html
    # its table is in the order of its answer, and its sizes have hues of their own
    [ "$(grep -A 3 '^| strategy | answers a second | × best | mean wait' run/report.md | cut -d '|' -f 3)" = \
        $' answers a second \n---\n 200 \n 200 ' ]
    [ "$(awk -F '\t' '/^# hue, label, mean/ { on = 1; next } on && NF == 8 { print $1 }' run/data/waits.tsv |
        sort -u | wc -l)" -eq 4 ]
    command -v gnuplot || skip "gnuplot is missing (Debian: gnuplot-nox)"
    for form in map map-narrow sizes sizes-narrow; do
        grep -q '</svg>' "run/charts/$form.svg"
    done
    grep -q '2 processes with 1 thread answered 200 requests a second' run/charts/map.svg
    for theme in light dark; do
        "$JUGGLE" report run --chart map --format png --theme "$theme" -o "$theme.png"
        [ "$(head -c 4 "$theme.png" | tail -c 3)" = PNG ]
    done
    not cmp -s light.png dark.png
}

@test "one axis is a curve and no map" {
    write_sizes run
    rm run/cells/threadpool-users[28]-*
    "$JUGGLE" report run >out
    [ ! -e run/data/map.tsv ]
    write_sizes run
    sed -i -E 's/"threads": 4, "processes": 1/"threads": 2, "processes": 1/; s/"threads": (.), "processes": 2/"threads": 1\1, "processes": 1/' \
        run/cells/*.json run/run.json
    "$JUGGLE" report run | tr -s ' \n' ' ' >flat
    grep -q 'Choose 11 threads: 200 answers a second' flat
    [ ! -e run/data/map.tsv ]
    awk '/^# x, y, y_low/ { on = 1; next } on && NF == 5 { print $1 }' run/data/sizes.tsv |
        diff - <(printf '1\n2\n11\n14\n')
}

@test "an objective is kept in run.json, and who breaks it is not advised" {
    write_sizes run
    jq '. + {p99_us: 21000}' run/run.json >with && mv with run/run.json
    "$JUGGLE" report run | tr -s ' \n' ' ' >flat
    # Four requests at a time wait for 20 ms, eight for 40 ms.
    grep -qF 'p99 within 21 ms' flat
    [ "$(marks_of run | grep -c ' 4$')" -eq 1 ]
    [ "$(marks_of run | grep '^2 2 ')" = "2 2 4" ]
    refused run --work cpu:0 --p99 0
    says "--p99 wants a time above 0"
    refused run --work cpu:0 --p99 soon
    refused run --resume run --p99 20ms
}

@test "a grid beyond the budget is begun at its corners and its middle, and goes on around the best" {
    "$JUGGLE" run --strategies threadpool --processes 1,2,3 --threads 1,2,3 --work sleep:4ms \
        --users 4 --seconds 0.2 --budget 12s --p99 5s --out run >out 2>err
    [ "$(cd run/cells && echo *-r1.json)" = "$(for size in 1-processes1 1-processes3 2-processes2 3-processes1 3-processes3; do
        echo "own-threadpool-threads$size-r1.json"; done | paste -sd' ')" ]
    jq -e '.p99_us == 5000000' run/run.json
    n=$(find run/cells -name '*.json' | sed 's/-r[0-9]*.json//' | sort -u | wc -l)
    [ "$n" -ge 5 ]
    if [ "$n" -lt 9 ]; then
        tr -s ' \n' ' ' <out | grep -q "$((9 - n)) of 9 cells w[ae][sr]e* not measured"
    fi
    "$JUGGLE" run --resume run --budget 20s >out 2>err
    [ "$(jq -r '.stopped_by' run/run.json)" != interrupt ]
    [ "$(find run/cells -name '*.json' | sed 's/-r[0-9]*.json//' | sort -u | wc -l)" -ge "$n" ]
}

@test "a command without a name is called after its program" {
    run "$JUGGLE" run --dry-run --users 2 --workers 1,2 --set level=3,4 \
        --server '/usr/bin/some -w {workers} --level={level} -b 127.0.0.1:{port} app:app'
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"some, level 3, 2 workers"* ]]
}
