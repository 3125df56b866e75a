#!/usr/bin/env bats
# bats file_tags=one-thread
# Servers that are no strategies: commands and servers that already run, measured, judged
# and reported by `juggle run`. server.py has a server of each kind.

load helpers

SERVER=$BATS_TEST_DIRNAME/server.py
short=(-e own --users 2 --seconds 0.3 -r 1)

setup() {
    command -v python3 >/dev/null || skip "install python3"
    cd "$BATS_TEST_TMPDIR"
    export PIDS=$PWD/pids
    : >pids
}

teardown() {
    end_all_sessions
}

command_of() { # command_of KIND [MORE]: the words of a server
    echo "python3 '$SERVER' $1 {port} ${2:-}"
}

nobody_is_left() { # of those that noted themselves
    local pid
    while read -r pid; do
        if kill -0 "$pid" 2>/dev/null; then
            return 1
        fi
    done <pids
}

@test "a command is measured: cells, costs of its processes, log, report" {
    run "$JUGGLE" run "${short[@]}" -r 2 -o made --idle-path / \
        --server "plain=$(command_of plain)" --path /predict \
        --server "two=$(command_of plain 1)"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(jq -r '.contestants[] | "\(.name) \(.path) \(.idle_path)"' made/run.json)" = \
        $'plain /predict /\ntwo null /' ]
    for name in own-plain own-two; do
        for repeat in 1 2; do
            cell=made/cells/$name-r$repeat
            [ -s $cell.tsv ] && [ -s $cell.probes.tsv ]
            grep -q "^this is plain on [0-9]*$" $cell.log
            [ "$(jq -r '.server.is + " " + .server.own_t_from' $cell.json)" = "command processes" ]
            [ "$(jq '.window.tree_cpu_s > 0 and .server.peak_pss_bytes > 0' $cell.json)" = true ]
        done
    done
    [ "$(jq '.server.peak_processes' made/cells/own-plain-r1.json)" -eq 1 ]
    [ "$(jq '.server.peak_processes' made/cells/own-two-r1.json)" -eq 2 ]
    [ "$(jq '[.cells[].figures | .own_t_us.value > 0 and .slowdown_mean.value > 0 and
        .cpu_per_request_us.value > 0 and .cpus_busy.value > 0 and .n_failed.value == 0] | all' \
        made/summary.json)" = true ]
    grep -q "two" <<<"$output"
    grep -q "python3 '.*server.py' plain {port}" made/report.md
    [ -s made/data/probe.tsv ] && [ ! -e made/data/lanes.tsv ] # who worked is not known
    [ "$(grep -A 2 '^# hue, label, mean' made/data/waits.tsv | cut -f 1 | sort -u | wc -l)" -eq 3 ]
    not grep -E '^.{81}' <<<"$output"
    nobody_is_left
}

@test "T alone and own T have the waits of a server that tells them" {
    run "$JUGGLE" run "${short[@]}" -o made --server "waiting=$(command_of waiting)"
    [ "$status" -eq 0 ]
    [ "$(jq '.machine.t_alone_us >= 20000' made/cells/own-waiting-r1.json)" = true ]
    [ "$(jq '.cells[0].figures.own_t_us.value >= 20000' made/summary.json)" = true ]
}

@test "method, headers and body are of the server before them; first ones of all" {
    printf 'a body' >body
    run "$JUGGLE" run "${short[@]}" -o made --header 'X-Kind: demanding' --path /predict \
        --server "demanding=$(command_of demanding)" --method PUT --body body \
        --server "plain=$(command_of plain)"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(jq -r '.contestants[] | "\(.method) \(.path) \(.headers[0])"' made/run.json)" = \
        $'PUT /predict X-Kind: demanding\nnull /predict X-Kind: demanding' ]
}

@test "a command may listen on a unix socket" {
    run "$JUGGLE" run "${short[@]}" -o made --server "socket=MODE=1 exec python3 '$SERVER' socket {socket}"
    echo "$output"
    [ "$status" -eq 0 ]
    socket=$(sed -n 's/^this is socket on //p' made/cells/own-socket-r1.log)
    [ -n "$socket" ] && [ ! -e "${socket%/*}" ]
}

@test "a command, or a server that runs, may listen on IPv6 alone" {
    [ -e /proc/net/if_inet6 ] && grep -q '^0*1 ' /proc/net/if_inet6 || skip "this host has no IPv6"
    start_session six "$JUGGLE" serve --bind ::1 --port 0
    await says_where six.out "$PID"
    url=$(sed -n 's/^listening on //p' six.out)
    "$JUGGLE" run "${short[@]}" -o made --idle-path / --server "six=python3 '$SERVER' plain [::1]:{port}" \
        --url "$url"
    jq -es 'length == 2 and all(.[]; (.load.url, .probe.url | startswith("http://[::1]:")) and
        .load.statistics.failed_transactions == 0)' made/cells/own-*.json
    # what listens on both is asked on 127.0.0.1 in every repeat
    "$JUGGLE" run "${short[@]}" -r 3 -o both --server "both='$JUGGLE' serve --bind :: --port {port}"
    jq -es 'length == 3 and all(.[]; .load.url | startswith("http://127.0.0.1:"))' both/cells/own-*.json
}

@test "names in a command are axes: workers, and what --set says" {
    run "$JUGGLE" run --dry-run -e own --users 2 --workers 1,2 --set mode=a,b \
        --server "both=x {port} {workers} {mode}" --server "none=y {port}"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^  .* at least ' <<<"$output")" -ge 5 ]
    for label in "both, mode a, 1 worker" "both, mode b, 2 workers" none; do
        grep -q "^  $label  " <<<"$output"
    done
    run "$JUGGLE" run "${short[@]}" -o made --workers 0..1 --server "x=x {port}"
    [ "$status" -eq 2 ]
    run "$JUGGLE" run "${short[@]}" -o made --workers 1,2 \
        --server "some=$(command_of plain '{workers}')"
    [ "$status" -eq 0 ]
    [ "$(jq .server.peak_processes made/cells/own-some-workers1-r1.json)" -eq 2 ]
    [ "$(jq .server.peak_processes made/cells/own-some-workers2-r1.json)" -eq 3 ]
    [ "$(jq -r .parameters.label made/cells/own-some-workers2-r1.json)" = "some, 2 workers" ]
}

@test "several values of an option: who heeds none of them is said" {
    run "$JUGGLE" run -n --users 2 -s blocking,processing --workers 1,2 --server "a=x {port} {workers}" \
        --server "b=x {port}"
    [ "$status" -eq 0 ]
    [ "$(head -n 2 <<<"$output")" = "--workers changes nothing for blocking, b, measured at one value of it; a
  command heeds {workers}" ]
    run "$JUGGLE" run -n --users 1,2 -s processing --workers 1,2 --server "a=x {port} {workers}"
    [[ "$output" != *"changes nothing"* ]]
}

@test "without a name a command is called after the program that it comes to" {
    mkdir folder
    while IFS='|' read -r name command; do
        "$JUGGLE" run -n --users 2 --server "$command" >out </dev/null
        grep -q "^  $name  *at least " out
    done <<'END'
serve|serve {port}
serve|/opt/a/serve {port}
serve|exec serve -p {port}
serve|env A=b -i serve {port}
serve|MODE=fast ./serve {port}
serve|DATA=folder OF='a b' serve {port}
serve|nice -n 5 taskset -c 0,1 serve {port}
serve|timeout 10s ./serve {port}
serve|cd '/a b/c' && exec ./serve {port}
serve|sh -c 'cd x; A=b serve {port}'
serve.sh|sh ./serve.sh {port}
mine|mine=exec serve {port}
SH|SH=sh serve {port}
END
}

@test "what cannot be is said before anything starts" {
    refused run --server "a=touch started"
    says "{port}"
    [ ! -e started ] && [ ! -e results ]
    refused run --server "a&b=x {port}"
    refused run --server "x"
    refused run --server "a=x {port}" --server "a=y {port}"
    refused run --server "a=x {port} {what}"
    says "--set what=VALUE"
    refused run --server "a=x {port} {threads}"
    says "--threads VALUE"
    refused run --server "a=x {port}" --set mode=1
    says "no command has {mode}"
    refused run --server "a=x {port}" --work cpu:1ms
    refused run --server "a=x {port}" --path predict
    refused run --server "a=x {port}" --body .
    says "Is a directory"
    refused run --server "a=x {port}" --body nothing-there
    refused run --server "a=x {port}" --pid 1
    refused run --path /predict
    refused run --url 127.0.0.1:80
}

run_with_bad() { # run_with_bad OPTION...: a good server beside them is measured; files out, err
    local status=0
    "$JUGGLE" run "${short[@]}" -r 2 -o made "$@" --server "good=$(command_of plain)" >out 2>err || status=$?
    cat out err
    [ "$status" -eq 1 ]
}

@test "bad servers are named with their last words, and the others are measured" {
    run_with_bad --ready-limit 20s --path /job \
        --server "absent=no-such-program {port}" \
        --server "leaving=$(command_of leaving)" \
        --server "silent=$(command_of silent)" --ready-limit 2s \
        --server "elsewhere=$(command_of elsewhere)" --ready-limit 4s \
        --server "failing=$(command_of failing)" \
        --server "mute=$(command_of mute)" --ready-limit 1s
    said_once "absent, .*ended before it was ready (status 127).* not found" \
        "leaving, .*ended before it was ready (status 1).* it had to leave" \
        "silent, .*was not ready within 2 s" \
        "elsewhere, .*was not ready within 4 s .*; it listens on 127.0.0.1:[0-9]*; it said: " \
        "failing, .*a lone request was answered with status 500, not 200; it said: this is failing on" \
        "mute, .*it listens on its port [0-9]*, and gave no answer to /; --ready-path says .*; it said: this is mute"
    grep -q "nothing answered on its port [0-9]*; no port is known on which it listens; it said: this is silent" err
    place=$(sed -n 's/.*it listens on 127.0.0.1:\([0-9]*\);.*/\1/p' err)
    grep -q "nothing answered on its port $((place - 1)); it listens" err
    [ "$(jq -r '.cells[].name' made/summary.json)" = own-good ]
    [ "$(jq '[.failures[].cell] | length' made/run.json)" -eq 6 ]
    nobody_is_left
}

@test "servers that misbehave are measured, named once with their last words, and ended" {
    run_with_bad --server "daemon=$(command_of daemon)" \
        --server "stubborn=$(command_of stubborn 1)" --server "loud=$(command_of loud)" \
        --server "closing=$(command_of closing)" --server "quiet=$(command_of quiet)"
    said_once "daemon: its first process ended while others went on; .*; it said: this is daemon on [0-9]*$" \
        "stubborn: it did not end within 5 s of SIGTERM, and was killed; it said: this is stubborn on [0-9]*$" \
        "loud: it printed more than 320 KiB, .*; it said: .*these were many words$" \
        "closing: it closes the connection after each answer, .*; let it .*; it said: this is closing on [0-9]*$"
    [ "$(grep -c "^juggle: " err)" -eq 4 ]
    [ "$(jq -r '.notes[].contestant' made/run.json | sort | xargs)" = "closing daemon loud stubborn" ]
    [ "$(jq '[.cells[].figures.n_failed.value == 0] | length == 6 and all' made/summary.json)" = true ]
    [ "$(jq '.server.peak_processes' made/cells/own-daemon-r1.json)" -eq 1 ]
    [ "$(sort -u pids | wc -l)" -eq 16 ] # twice two of the daemon and the stubborn, and one of others
    nobody_is_left
    log=made/cells/own-loud-r1.log # its beginning and its end
    [ "$(wc -c <$log)" -lt 400000 ]
    head -n 1 $log | grep -q "this is loud"
    grep -qE "^\.\.\. [0-9]{9} bytes are left out \.\.\.$" $log
    tail -n 1 $log | grep -q "these were many words"
}

@test "a server that already runs is asked, and left alone; its costs are by --pid" {
    start_session here python3 "$SERVER" here 0
    await grep -q '^listening on ' here.out
    URL=$(sed -n 's/^listening on \(.*\)\/$/\1/p' here.out)
    run "$JUGGLE" run "${short[@]}" -o made --url "$URL/predict" --url "named=$URL/" --pid "$PID"
    echo "$output"
    [ "$status" -eq 0 ]
    kill -0 "$PID"
    [ "$(jq -r '[.server.is, .server.own_t_from // "nothing"] | join(" ")' made/cells/own-1*.json)" = \
        "url nothing" ]
    [ "$(jq -r '.server.is + " " + .server.own_t_from' made/cells/own-named-r1.json)" = "url processes" ]
    [ "$(jq '.cells[] | select(.name == "own-named") | .figures.own_t_us.value > 0' made/summary.json)" = true ]
    [ "$(jq '.cells[] | select(.name != "own-named") | .figures |
        .own_t_us.value == null and .mean_us.value > 0' made/summary.json)" = true ]
}

@test "a file of contestants has the same; a field that is unknown is refused with the nearest" {
    jq -n --arg command "$(command_of plain)" \
        '{contestants: [{name: "plain", command: $command, path: "/predict"}]}' >servers.json
    run "$JUGGLE" run "${short[@]}" -o made --contestants servers.json
    echo "$output"
    [ "$status" -eq 0 ]
    [ -e made/cells/own-plain-r1.json ]
    jq '.contestants[0] += {idle_pth: "/"}' servers.json >wrong.json
    refused run --contestants wrong.json
    says "wrong.json: contestants[0].idle_pth: there is no such field; did you mean 'idle_path'?"
    echo '{"contestants": [{"name": 5}]}' >wrong.json
    refused run --contestants wrong.json
    echo '{"contestants": [' >wrong.json
    refused run --contestants wrong.json
    says "line "
}

@test "a run of servers goes on with --resume; its secrets are nowhere, and must be given anew" {
    "$JUGGLE" run "${short[@]}" -r 2 -o made --server "plain=$(command_of plain)"
    rm made/cells/own-plain-r2.*
    run "$JUGGLE" run --resume made
    echo "$output"
    [ "$status" -eq 0 ]
    [ -s made/cells/own-plain-r2.json ]
    "$JUGGLE" run "${short[@]}" -o secret --server "plain=$(command_of plain)" \
        --header 'Authorization: Bearer mine'
    not grep -r "Bearer mine" secret
    refused run --resume secret
    says "held a secret, which is not kept"
}

@test "lone requests come before the users once: one, and for 0.3 s" {
    "$JUGGLE" run -e own --users 2 --rounds 1 -r 1 -o made \
        --server "slow=$(command_of slow)" --path /predict >out 2>&1 3>&-
    n=$(grep -c "^asked /predict" made/cells/own-slow-r1.log)
    [ "$n" -ge 3 ] && [ "$n" -le 4 ]
}

@test "strategies stand beside servers, and claims are about strategies alone" {
    run "$JUGGLE" run -e article --quick -r 1 --users 4 --work cpu:5ms --strategies blocking -o made \
        --server "blocking-too=$(command_of plain)"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(jq -r '.cells[].name' made/summary.json)" = $'blocking\nblocking-too' ]
    run "$JUGGLE" run -e article,users,waiting --quick -r 1 --users 2 -o all \
        --server "plain=$(command_of plain)"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(jq -r '.cells[].experiment' all/summary.json)" = $'article\nusers\nwaiting' ]
    [ "$(jq '[.[] | select(.verdict != "not applicable")] | length' all/findings.json)" -eq 0 ]
    [[ "$output" != *"what one expects"* ]]
}

@test "nothing is left when a run is interrupted, or killed" {
    for signal in INT KILL; do
        : >pids
        start_session "run$signal" "$JUGGLE" run -e own --users 2 --seconds 30 -r 1 -o "made-$signal" \
            --server "daemon=$(command_of daemon 2)"
        await eval '[ "$(wc -l <pids)" -eq 4 ]'
        kill "-$signal" "$PID"
        wait "$PID" || true
        await nobody_is_left
    done
}

# Those of a run that may be killed: all but keepers, who see to it that nothing is left.
mortals() {
    local one words
    for one in $(grep -lsz "^RUN_OF=$PWD$" /proc/[0-9]*/environ); do
        words=$({ tr '\0' ' ' <"${one%environ}cmdline"; } 2>/dev/null)
        case $words in '' | "juggle keeper "*) ;; *) tr -dc 0-9 <<<"$one" && echo ;; esac
    done
}

nobody_is_of_it() {
    [ -z "$(grep -lsz "^RUN_OF=$PWD$" /proc/[0-9]*/environ)" ]
}

report_tidies() {
    "$JUGGLE" report cut >out 2>err || true
    [ -z "$(find cut -name '*.[0-9]*-[0-9]*')" ]
}

# KILL_ROUNDS=50 for a long look.
@test "whoever is killed, and whenever: no process, socket or file is left aside" {
    for ((round = 1; round <= ${KILL_ROUNDS:-4}; round++)); do
        rm -rf cut
        start_session run env RUN_OF="$PWD" "$JUGGLE" run "${short[@]}" -o cut \
            --server "daemon=$(command_of daemon 2)" --server "socket=exec python3 '$SERVER' socket {socket}" \
            --strategies forking,processing --step nap='sleep 0.01; true' --work nap
        await test -s cut/run.json
        for _ in 1 2 3; do
            sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
            kill -KILL "$(mortals | shuf -n 1)" 2>/dev/null || true
        done
        [ $((round % 2)) -eq 0 ] || kill -KILL "$PID" 2>/dev/null || true # the run itself
        wait "$PID" || true
        await nobody_is_of_it # a port is somebody's
        for socket in $(grep -rhs '^this is socket on ' cut/cells | cut -d' ' -f5); do
            [ ! -e "${socket%/*}" ]
        done
        await report_tidies # once the dead are reaped
    done
}
