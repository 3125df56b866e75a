#!/usr/bin/env bats
# What people attach to tickets holds no credentials: files, logs, reports, the terminal.

load helpers
load made_run

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

# Nothing in this folder says the secret, and something does say what stands for it.
hides() { # hides FILE...: that stand in for it
    not grep -ral --exclude-dir=input S3CRET .
    for file in "$@"; do
        grep -qaF '***' "$file"
    done
}

credentials=(-H 'Authorization: Bearer S3CRET' -H'Cookie: a=S3CRET' '--header=X-Api-Key:S3CRET'
    -qH 'x-csrf-TOKEN: S3CRET' -H 'Client-Secret: S3CRET')

@test "files, statistics, log and lines of a load have no secret, over either transport" {
    start_server --only blocking
    mkdir input
    printf '%s/\n%s/?b POST x\n' "${URL/\/\//\/\/alice:S3CRET@}" "${URL/\/\//\/\/bob:S3CRET@}" >input/urls
    for target in "$URL/" "${URL/\/\//\/\/alice:S3CRET@}/" "--file=input/urls"; do
        "$JUGGLE" load -c 2 -r 2 -v --json r.json --csv r.csv --histogram r.hgrm -llog \
            -m "see http://a:S3CRET@h/" "${credentials[@]}" "$target" >text 2>&1
        "$JUGGLE" load -j -c 2 -r 2 --json j.json "${credentials[@]}" "$target" >statistics
        "$JUGGLE" load -g "${credentials[@]}" "$target" >headers 2>&1
        hides r.json j.json log headers
        [ "$(grep -c '\*\*\*' headers)" -ge 5 ]
        "$JUGGLE" report --cell r.json >page
        hides
    done
    hides r.csv statistics page
    jq -e '[.requests[].url | contains(":***@")] | all' r.json
    jq -e '[.urls[].url | contains(":***@")] | all' statistics
}

@test "--proxy: its password is in no file" {
    "$JUGGLE" load -q --proxy http://carol:S3CRET@127.0.0.1:1 --json r.json --csv r.csv \
        http://127.0.0.1:1/ 2>err || [ $? -eq 1 ]
    hides r.json
}

@test "error messages quote no secret" {
    headers=()
    for n in $(seq 64); do headers+=(-H "X-$n: 1"); done
    mkdir input
    printf 'http://a:S3CRET@h:x/\n' >input/urls
    long=$(printf '%0300d' 0)
    while IFS= read -r line; do
        eval "set -- $line"
        refused load "$@"
        case $complaint in *S3CRET*) echo "$complaint" >&2 && return 1 ;; esac
        says '***'
    done <<'LINES'
"${headers[@]}" -H "Cookie: S3CRET" http://h/
-H $'Cookie: S3CRET\nx' http://h/
"--heder=Authorization: S3CRET" http://h/
http://a:S3CRET@h:x/
ftp://a:S3CRET@h/
http://a:S3/CRET@h/ http://a:S3CRET@h/
ftp://a:S3CRET$long@h/
http://h/ http://a:S3CRET@h/
--proxy "x://a:S3CRET@:x/" http://h/
-f input/urls
LINES
}

@test "run: run.json, reports and comparisons have no secret, and the command can be pasted" {
    "$JUGGLE" run --experiment article --work cpu:0 --repeat 1 --users 1 --strategies blocking \
        --upstream 'http://dave:S3CRET@127.0.0.1:1/?a=b&c' --out 'a run' >out 2>err 3>&-
    hides 'a run/run.json' 'a run/report.md' 'a run/report.html'
    line=$(sed -n 's/^    juggle //p' 'a run/report.md')
    eval "words=($line)"
    [ "$(printf '%s\n' "${words[@]}")" = "$(jq -r '.argv[]' 'a run/run.json')" ]
    [ "${words[-1]}" = "a run" ]
    cp -r 'a run' other
    "$JUGGLE" compare --out compared 'a run' other >out
    hides
}

@test "what an older run kept of its command line is hidden by who reads it" {
    mkdir input
    for name in one two; do
        write_run_json input/$name 1
        write_cell input/$name blocking 1 100000 200000
        jq --arg name $name '.argv += ["--upstream", "http://dave:S3CRET\($name)@h/", "--header=Token: S3CRET\($name)"]' \
            input/$name/run.json >run.json
        mv run.json input/$name/run.json
    done
    "$JUGGLE" report input/one >page 2>&1
    cp input/one/report.* input/one/summary.json .
    "$JUGGLE" compare --out compared input/one input/two >text 2>&1
    "$JUGGLE" compare --json input/one input/two >json 2>&1
    hides report.md report.html
}
