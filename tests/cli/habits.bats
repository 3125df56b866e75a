#!/usr/bin/env bats
# bats file_tags=looks
# What fingers expect: help under every name, the name that was meant, and 80 columns.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

commands="run load merge serve report compare selftest"

# The most columns of a line.
width() { # width FILE
    LC_ALL=C.UTF-8 wc -L <"$1"
}

@test "help and version are commands as well" {
    "$JUGGLE" help >help
    "$JUGGLE" --help | cmp - help
    "$JUGGLE" help help | cmp - help
    "$JUGGLE" version >version
    "$JUGGLE" --version | cmp - version
    for command in $commands; do
        grep -q "^  $command " help
        "$JUGGLE" help "$command" >asked
        "$JUGGLE" "$command" --help | cmp - asked
    done
    refused help nothing-like-it
    says "unknown command 'nothing-like-it'; 'juggle --help' lists them"
}

@test "every --help has examples first, groups, defaults in one form, and 80 columns" {
    for command in $commands; do
        "$JUGGLE" "$command" --help >help
        [ "$(width help)" -le 80 ]
        [ "$(grep -n '^Examples:$' help | cut -d: -f1)" -le 5 ]
        sed '/^Examples:$/,/^$/d' help | grep -q '^[A-Z].*:$'
        grep -q '^  juggle ' help
        # "(default 10)", and no "(10)"
        not grep -E ' \((all|[0-9]+[a-z]*|shared|usable CPUs|measured at start)\)$' help
        not grep -E '\(default:' help
    done
    "$JUGGLE" --help >help
    [ "$(width help)" -le 80 ]
    grep -q "(default 10)$" <("$JUGGLE" load --help)
    grep -q "(default 8000)$" <("$JUGGLE" serve --help)
}

@test "the examples of every --help are read" {
    for command in $commands; do
        "$JUGGLE" "$command" --help | sed -n '/^Examples:$/,/^$/s/^  juggle //p' | sed 's/   .*//; s/URL/nowhere:1/' >examples
        [ -s examples ]
        while read -r line; do
            # shellcheck disable=SC2294
            eval "refused $line --nonsense"
            says "unknown option '--nonsense'"
        done <examples
    done
}

@test "an error is lines of 80 columns on a terminal, and one line elsewhere" {
    refused run --experiment core
    [ "$(wc -l <err)" -eq 1 ]
    script -qec "stty cols 80; '$JUGGLE' run --experiment core" /dev/null </dev/null 3>&- |
        tr -d '\r' >shown || true
    [ "$(wc -l <shown)" -gt 1 ]
    [ "$(wc -L <shown)" -le 80 ]
    [ "$(tr '\n' ' ' <shown)" = "$(cat err) " ]
}

@test "the name that was meant is named" {
    refused runn
    says "unknown command 'runn'; did you mean 'run'?"
    refused laod
    says "unknown command 'laod'; did you mean 'load'?"
    refused run quick
    says "unexpected argument 'quick'; did you mean '--quick'?"
    refused run cores
    says "unexpected argument 'cores'; did you mean '--experiment cores'?"
    refused run threadng
    says "unexpected argument 'threadng'; did you mean '--strategies threading'?"
    refused serve async
    says "unexpected argument 'async'; did you mean '--only async'?"
    refused run --strategy async
    says "unknown option '--strategy'; did you mean '--strategies'?"
    refused load --headers x http://127.0.0.1:1/
    says "did you mean '--header'?"
    for pair in thread:threading threads:threading asynch:async processes:processing pool:threadpool; do
        refused run --strategies "${pair%:*}"
        says "there is no strategy '${pair%:*}'; did you mean '${pair#*:}'?"
        refused serve --only "${pair%:*}"
        says "did you mean '${pair#*:}'?"
    done
    refused run --experiment core
    says "did you mean 'cores'? there are article, cores, "
    refused run --preset quik
    says "did you mean 'quick'?"
    refused selftest --only littel
    says "did you mean 'little'?"
}

@test "serve says what to try, in a line to paste" {
    start_server --only async --work cpu:1ms
    try=$(sed -n "2s/^try: //p" "$OUT")
    [ $((${#try} - ${#PROGRAM})) -le 60 ]
    [ "${try#"$PROGRAM load "}" != "$try" ]
    eval "$try" >out 2>err
    grep -q "^Successful transactions:          10$" out
}

@test "a work is read as people write it, and refused with what to write" {
    for way in 'cpu:1ms + sleep:2ms' ' cpu:1ms+ sleep:2ms ' 'cpu:1ms +sleep:2ms'; do
        "$JUGGLE" run --work "$way" --strategies async --dry-run | grep -q "work cpu:1ms+sleep:2ms"
    done
    "$JUGGLE" run --work 'cpu:1ms, cpu:2ms' --strategies async --dry-run >out
    [ "$(grep -c "^  async, work cpu:[12]ms " out)" -eq 2 ] # a comma is between values
    refused run --work 'cpu:1ms sleep:2ms'
    says "not before 'sleep:2ms'"
    refused serve --work cpu:1ms,sleep:2ms
    says "step 'cpu:1ms' ends with a comma; join steps with +"
    refused run --work cpu:50
    says "step 'cpu:50' has no unit; write cpu:50ms or cpu:50turns"
    refused run --work sleep:50
    says "step 'sleep:50' has no unit; write sleep:200ms"
    refused serve --work cpu:1ms+
    says "a step is missing; write cpu:50ms, "
    refused serve --work fetch
    says "add --upstream URL"
    refused serve --work sleep:2m
    says "more than --max-work allows"
}

@test "units are read as people write them" {
    "$JUGGLE" run --dry-run --budget '10 min' | grep -q "in all at most 10 min$"
    "$JUGGLE" run --dry-run --budget 90sec --precision 2% >out
    grep -q "±2 %,$" out
    grep -q "at most 1 min 30 s$" out
    "$JUGGLE" run --dry-run --seconds 500ms --think 2s >out # as --seconds 0.5 --think 2000
    "$JUGGLE" run --dry-run --seconds 0.5 --think 2000 | cmp - out
    "$JUGGLE" run --dry-run --work cpu:0 --rate 30/m | grep -q ", 0.5 requests a second, "
    "$JUGGLE" run --dry-run --rate 200 --work cpu:20ms+sleep:80ms >out
    [ "$(wc -L <out)" -le 80 ]
    refused run --dry-run --think 2x
    says "--think wants milliseconds such as 50, or a time such as 50ms or 2s, not '2x'"
    refused run --dry-run --seconds 99999999999999999999
    refused run --budget 10
    says "wants a duration such as 200ms"
    refused run --precision 2x
    says "wants a percentage such as 2%, not '2x'"
    start_server --only async
    "$JUGGLE" load -q --rate 600/m --arrivals constant -t 1S --json r.json "$URL/"
    jq -e '.rate_per_s == 10' r.json
}

# Runs juggle on a terminal of so many rows and 80 columns: `stamped` has what it drew, a line
# per stretch between two carriage returns, each with the time when it ended.
on_terminal() { # on_terminal ROWS ARGUMENT...: of juggle
    command -v script || skip "there is no script(1) to make a terminal"
    local rows=$1 command part
    shift
    printf -v command '%q ' "$JUGGLE" "$@"
    script -qec "stty cols 80 rows $rows; $command" /dev/null </dev/null 3>&- |
        while IFS= read -r -d $'\r' part; do
            echo "$EPOCHREALTIME ${part//$'\n'/ }"
        done >stamped
}

small=(run --experiment article --work cpu:2ms --users 4 --strategies blocking,async)

@test "on a terminal a run says all the while what it does, and the time that is left" {
    on_terminal 40 "${small[@]}" --budget 20s --repeat 100 --precision 0.001 --out timed
    for doing in calibrating "measuring the CPUs" "timing a lone request" "repeat 2, blocking" drawing; do
        grep -qE "\[[#.]*\] .*; $doing" stamped
    done
    # About once a second, and never silent for longer than a busy machine may be. After the
    # first tenth of the budget the time left is what was left to measure in, within a tenth
    # of the budget, and does not jump: a tenth of the draws at either end aside, and a last
    # cell that a busy machine makes longer.
    awk '/; drawing/ && !end { end = $1 }
        /left/ && !end {
            if (last && $1 - last > most) most = $1 - last
            last = $1
            if (!first) first = $1
            drawn++
        }
        match($0, /\] about [0-9.]+ s left/) && !end && $1 - first > 2 {
            over[++n] = $1 + substr($0, RSTART + 8)
        }
        END {
            for (i = 2; i <= n; i++) # in order
                for (k = i; k > 1 && over[k] < over[k - 1]; k--) {
                    t = over[k]; over[k] = over[k - 1]; over[k - 1] = t
                }
            early = over[int(n / 10) + 1]; late = over[n - int(n / 10)]
            error = over[int((n + 1) / 2)] - end
            print "s of a draw, longest pause, spread, error:", (last - first) / drawn, most, late - early, error
            exit drawn < 10 || (last - first) / drawn > 1.5 || most > 10 ||
                n < 10 || late - early > 2 || error > 2 || error < -2 - (end - first > 20 ? end - first - 20 : 0)
        }' stamped
}

@test "a live table shows the figures so far, best first and marked, as the last screen" {
    # it sleeps so long that the home page has a median in each repeat
    on_terminal 40 "${small[@]/cpu:2ms/cpu:2ms+sleep:200ms}" --repeat 2 --out live
    bold=$(printf '\033\\[1m')
    grep -qE "strategy  .*slowdown" stamped
    grep -qE "$bold(blocking|async) " stamped
    # What the last one drew is what the last screen says.
    best=$(sed -n "s/.*$bold\([^\\o33]*\)$(printf '\033')\\[0m.*/\1/p" stamped | tail -n 1)
    [ -n "$best" ]
    tr -s ' ' <<<"$best" >best
    "$JUGGLE" report live | tr -s ' ' | grep -qxF "$(cat best)"
    on_terminal 8 "${small[@]}" --repeat 1 --out low # which has no room for it
    not grep -q "slowdown.*decided" stamped
    grep -q "decided; repeat 1" stamped
    on_terminal 40 "${small[@]}" --repeat 1 --no-live --out plain
    not grep -q "decided; repeat" stamped
    grep -q "article: pass 1 over" stamped
}

# What juggle prints on a terminal of 80 columns is at most as wide. An error is one line for
# whatever reads it, and is left to the terminal.
fits() { # fits ARGUMENT...
    local command
    printf -v command '%q ' "$JUGGLE" "$@"
    script -qec "stty cols 80 rows 40; $command" /dev/null </dev/null >drawn 3>&- || true
    tr '\r' '\n' <drawn | sed 's/\x1b\[[0-9;]*[A-Za-z]//g; /^juggle: /d' >lines
    [ -s drawn ]
    if [ "$(width lines)" -gt 80 ]; then
        echo "juggle $*:"
        grep -E '.{81}' lines
        return 1
    fi
}

@test "every line of every experiment fits a terminal of 80 columns" {
    command -v script || skip "there is no script(1) to make a terminal"
    export LC_ALL=C.UTF-8
    tiny=(--preset quick --work cpu:0 --repeat 1)
    fits run -e article "${tiny[@]}" --users 3 --out article
    fits run -e own "${tiny[@]}" --users 1,2 --rounds 1 --strategies async,threading --out own
    fits run -e waiting "${tiny[@]}" --users 1,2 --rounds 1 --out waiting
    fits run -e users "${tiny[@]}" --users 1,2 --rounds 1 --out users
    fits run -e cores "${tiny[@]}" --users 2 --rounds 1 --out cores
    fits run -e article --work cpu:0 --users 2 --repeat 2 --strategies blocking --out again
    [ -s again/report.md ]
    fits run --list
    fits run --dry-run
    for folder in article own waiting users cores; do
        [ -s $folder/report.md ]
        fits report $folder
    done
    fits compare article again
    fits run --resume article
    fits run --budget 1s
}

@test "every line of load, serve and selftest fits a terminal of 80 columns" {
    command -v script || skip "there is no script(1) to make a terminal"
    export LC_ALL=C.UTF-8
    start_server --only async
    printf '%s/\n%s/nothing\n%s/delay/?ms=5&bytes=100000&a-long-path=%060d\n' "$URL" "$URL" "$URL" 0 >urls
    fits load -c 2 -r 2 "$URL/"
    fits load -c 20 -r 50 -f urls
    fits load --rate 300 -t 1500ms -v --warmup 200ms "$URL/"
    fits load -c 2 -t 1S --warmup auto "$URL/"
    fits load --search p50:200ms --search-from 20 --window 500ms "$URL/delay/?ms=50"
    fits load -c 2 http://127.0.0.1:1/
    fits selftest --list
    fits selftest --only sleep
    fits selftest --only little
    start_session shown script -qec "stty cols 80; cd '${JUGGLE%/*}' && exec ./juggle serve --port 0 --turns-per-ms 1000" /dev/null
    await grep -q "^try: " "$BATS_TEST_TMPDIR/shown.out"
    [ "$(width "$BATS_TEST_TMPDIR/shown.out")" -le 80 ]
    for command in $commands; do
        fits "$command" --help
    done
    fits help
    fits load --nonsense
}
