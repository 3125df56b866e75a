#!/usr/bin/env bats
# A server whose descriptors, threads and processes run out, whose processes are killed,
# whose clients trickle, and that is told twice to go. What is asserted is that it lives,
# answers, says so once, and leaves nothing.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

spawner_of() { # spawner_of PID: of a server with one
    children_of "$1" | head -n 1
}

answers() { # answers PATH: with 200; for `await`
    get "$1" && [ "$STATUS" = 200 ]
}

cpu_ticks() { # cpu_ticks PID: what it has computed
    local line
    read -r line <"/proc/$1/stat"
    # shellcheck disable=SC2086
    set -- ${line##*) }
    echo $((${12} + ${13}))
}

# Descriptors

has_ended() { # has_ended PID: of a child of ours, which stays a zombie
    [[ "$(sed 's/.*) //' "/proc/$1/stat")" == Z* ]]
}

is_refused() { # is_refused: the server has said that it cannot accept
    grep -q "cannot accept a connection" "$ERR"
}

@test "more clients than descriptors: those there go on, others wait, and all is said once" {
    start_limited() {
        ulimit -n 160
        start_server --workers 1 --only threading
    }
    start_limited
    # each child of this shell holds some of the connections, so that our limit is no matter
    hold() { # hold N: opens so many connections, sends nothing, until it is killed
        local i one
        for ((i = 0; i < $1; i++)); do
            exec {one}<>"/dev/tcp/127.0.0.1/$PORT"
        done
        exec sleep 600
    }
    exec {early}<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&"$early"
    head -n 1 <&"$early" | grep -q 200
    for i in 1 2 3; do
        hold 70 3>&- &
        holders[$i]=$!
    done
    await is_refused
    # who is connected is served, with a thread of its own
    send "$early" "/threading/?work=sleep:1ms"
    timeout $LIMIT_S cat <&"$early" >early.reply
    [ "$(grep -ac 'HTTP/1.1 200 OK' early.reply)" -ge 1 ]
    # it does not spin: a fifth of a second's ticks are not there in a second
    before=$(cpu_ticks "$PID")
    sleep 1
    [ $(($(cpu_ticks "$PID") - before)) -lt 20 ]
    # who comes now waits in line until somebody leaves
    connect late "$PORT"
    send "$late" /
    for i in 1 2 3; do
        kill "${holders[$i]}"
        wait "${holders[$i]}" || true
    done
    receive "$late"
    [ "$STATUS" -eq 200 ]
    answers "/threading/?work=cpu:1turns"
    [ "$(wc -l <"$ERR")" -eq 1 ]
    stop_server "$PID"
}

@test "too few descriptors to begin with: the line names what was asked for" {
    few() { # few ARGUMENT...
        ulimit -n 100
        refused serve --port 0 "$@"
    }
    (few --workers 3; says "a server with 3 worker processes (--workers) needs 132 open files")
    (few; says "(--workers) needs"; not says "--max-inflight")
    (few --max-inflight 50; says "--max-inflight 50 needs")
}

# Threads and processes

# As somebody of whom there are no other processes: the limit of processes is one of a user,
# and does not bind root.
start_as_somebody() { # start_as_somebody OPTION...
    [ "$(id -u)" -eq 0 ] || skip "only root can be somebody else"
    command -v setpriv >/dev/null || skip "setpriv is not there"
    id=$((30000 + BASHPID % 20000))
    n_servers=$((n_servers + 1))
    start_session "server$n_servers" setpriv --reuid $id --regid $id --clear-groups \
        "$JUGGLE" serve --port 0 --turns-per-ms 1000 "$@"
    OUT=$BATS_TEST_TMPDIR/server$n_servers.out
    ERR=$BATS_TEST_TMPDIR/server$n_servers.err
    await says_where "$OUT" "$PID"
    PORT=$(sed -n 's/.*:\([0-9]*\)\/$/\1/p' "$OUT")
    [ -n "$PORT" ]
}

may_have() { # may_have N PID...: as its user, since nobody else may say so
    local pid n=$1
    shift
    for pid in "$@"; do
        setpriv --reuid "$id" --regid "$id" --clear-groups prlimit --pid "$pid" --nproc="$n:"
    done
}

@test "without processes and threads each job gets 503, and 200 when there are some again" {
    start_as_somebody --workers 1 --threads 1
    # shellcheck disable=SC2046
    may_have 1 $(session_of "$PID")
    for i in {1..8}; do
        for name in forking threading; do
            get "/$name/?work=cpu:1turns"
            [ "$STATUS" -eq 503 ]
            [ "$(header Retry-After)" -ge 1 ]
            [[ "$BODY" == "cannot make a "* ]]
        done
    done
    for name in processing threadpool blocking async; do
        answers "/$name/?work=cpu:1turns"
    done
    # shellcheck disable=SC2046
    may_have "$(ulimit -Hu)" $(session_of "$PID")
    for name in forking threading processing; do
        answers "/$name/?work=cpu:1turns"
    done
    stop_server "$PID"
}

@test "without processes a spawner and a worker that died stay away, 503, until there are some" {
    start_as_somebody --only processing --workers 1
    spawner=$(spawner_of "$PID")
    may_have 1 "$PID"
    kill -KILL "$spawner"
    await grep -q "cannot be started again" "$ERR"
    for i in {1..4}; do
        get "/processing/?work=cpu:1turns"
        [ "$STATUS" -eq 503 ]
    done
    answers /
    may_have "$(ulimit -Hu)" "$PID"
    await answers "/processing/?work=cpu:1turns"
    [ "$(wc -l <"$ERR")" -eq 1 ]
    await has_no_zombies "$PID"
    stop_server "$PID"
}

# Processes that are killed

@test "a killed spawner: its jobs get 502, it is replaced, reaped, and spoken of once" {
    for name in forking processing; do
        start_server --only $name --workers 2 --upstream http://127.0.0.1:1/
        for i in 1 2; do
            connect "one[$i]" "$PORT"
            send "${one[$i]}" "/$name/?work=sleep:20s"
        done
        answers /
        has_workers() { [ "$(children_of "$(spawner_of "$PID")" | wc -l)" -ge 2 ]; }
        await has_workers
        kill -KILL "$(spawner_of "$PID")"
        for i in 1 2; do
            receive "${one[$i]}"
            [ "$STATUS" -eq 502 ]
        done
        await answers "/$name/?work=cpu:1turns"
        for i in {1..5}; do
            answers "/$name/?work=cpu:1turns+sleep:1ms"
        done
        # its successor has its settings
        get "/$name/?work=fetch"
        [[ "$BODY" == "fetch: the upstream failed: "* ]]
        await has_no_zombies "$PID"
        [ "$(wc -l <"$ERR")" -eq 1 ]
        grep -q "was ended by signal 9; it was started again" "$ERR"
        stop_server "$PID"
    done
}

@test "a spawner that is killed again and again is started ever more slowly, and comes back" {
    start_server --only forking
    local began=$SECONDS
    for i in {1..10}; do
        for spawner in $(children_of "$PID"); do
            kill -KILL "$spawner"
        done
        get "/forking/?work=cpu:1turns"
        [[ "$STATUS" =~ ^(200|502|503)$ ]]
    done
    await answers "/forking/?work=cpu:1turns"
    await has_no_zombies "$PID"
    # the next is told of one that had lived for a second
    [ "$(wc -l <"$ERR")" -ge 1 ]
    [ "$(wc -l <"$ERR")" -le $((2 + SECONDS - began)) ]
    stop_server "$PID"
}

@test "killed servers of several are replaced without end, and none of theirs is left" {
    start_server --processes 2 --workers 1
    for i in {1..6}; do
        for victim in $(children_of "$PID"); do
            kill -KILL "$victim"
        done
        await answers "/processing/?work=cpu:1turns"
    done
    await has_no_zombies "$PID"
    stop_server "$PID"
}

@test "the spawner is not for people" {
    refused spawner
    says "only 'juggle serve' starts this"
    refused spawner 1 gil 0 x </dev/null
    not grep -q spawner <("$JUGGLE" --help)
}

# Requests that trickle

@test "a head or body that trickles in is 408 and ends; slow ones, kept and idle ones stay" {
    start_server --header-timeout 1s
    trickle() { # trickle NAME FIRST PIECE: until the server ends it; the reply in NAME
        local one i
        exec {one}<>"/dev/tcp/127.0.0.1/$PORT"
        timeout $LIMIT_S cat <&"$one" >"$1" &
        # shellcheck disable=SC2059
        printf "$2" >&"$one"
        for ((i = 0; i < LIMIT_S * 20; i++)); do
            kill -0 $! 2>/dev/null || return 0
            # shellcheck disable=SC2059
            printf "$3" >&"$one" || true
            sleep 0.05
        done 2>/dev/null
    }
    host='Host: x\r\n'
    exec {idle}<>"/dev/tcp/127.0.0.1/$PORT"
    printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&"$idle"
    tricklers=()
    trickle head "GET / HTTP/1.1\r\n" "a: b\r\n" 3>&- &
    tricklers+=($!)
    trickle bytes "" "G" 3>&- &
    tricklers+=($!)
    trickle silent "GET / HTTP/1.1\r\nHo" "" 3>&- &
    tricklers+=($!)
    trickle second "GET / HTTP/1.1\r\n$host\r\n" "P" 3>&- &
    tricklers+=($!)
    trickle body "POST /blocking/?work=cpu:1turns HTTP/1.1\r\n${host}Content-Length: 500\r\n\r\n" "x" 3>&- &
    tricklers+=($!)
    # twice the limit and longer, but quicker than the lowest rate
    connect slow "$PORT"
    printf 'POST /threading/?work=cpu:1turns HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 60000\r\n\r\n' >&"$slow"
    head -c 40000 /dev/zero >&"$slow"
    for i in {1..20}; do
        sleep 0.1
        head -c 1000 /dev/zero >&"$slow"
    done
    receive "$slow"
    [ "$STATUS" -eq 200 ]
    wait "${tricklers[@]}" || true
    for name in head bytes silent body; do
        grep -q '^HTTP/1.1 408 ' $name
        grep -q -- '--header-timeout' $name
    done
    [ "$(grep -aoc 'HTTP/1.1 200 ' second)" -eq 1 ]
    grep -aq 'HTTP/1.1 408 ' second
    # a kept connection between two requests is not late, whatever the limit
    send "$idle" /
    timeout $LIMIT_S cat <&"$idle" >idle
    [ "$(grep -ao 'HTTP/1.1 200 ' idle | wc -l)" -eq 2 ]
    stop_server "$PID"
}

@test "a request that waits behind a job longer than --header-timeout is not late" {
    start_server --header-timeout 200ms
    for i in 1 2 3; do
        connect "one[$i]" "$PORT"
        send "${one[$i]}" "/blocking/?work=sleep:600ms"
    done
    connect behind "$PORT"
    printf 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n' >&"$behind"
    head -c 300000 /dev/zero >&"$behind"
    for i in 1 2 3; do
        receive "${one[$i]}"
        [ "$STATUS" -eq 200 ]
    done
    receive "$behind"
    [ "$STATUS" -eq 200 ]
}

# Going

@test "a second signal ends any server at once, whatever it computes" {
    [ "$FLAVOUR" != tsan ] || skip "ThreadSanitizer runs signal handlers late"
    for options in "" "--processes 2"; do
        for name in blocking processing; do
            # shellcheck disable=SC2086
            start_server $options
            for i in 1 2 3; do
                connect "one[$i]" "$PORT"
                send "${one[$i]}" "/$name/?work=sleep:60s"
            done
            sleep 0.3
            kill -TERM "$PID"
            sleep 1.2
            kill -INT "$PID"
            SECONDS=0
            ends_with 1 "$PID"
            nothing_is_left_of "$PID"
            [ $SECONDS -lt 50 ] # all jobs in line would take a minute and more
            for i in 1 2 3; do
                eval "exec ${one[$i]}>&-"
            done
        done
    done
}

@test "SIGHUP is what SIGINT is, and ignored under nohup" {
    for options in "" "--processes 2"; do
        # shellcheck disable=SC2086
        start_server $options
        connect one "$PORT"
        send "$one" "/forking/?work=sleep:500ms"
        await has_a_worker "$PID"
        kill -HUP -- "-$PID"
        receive "$one"
        [ "$STATUS" = 200 ]
        ends_with 0 "$PID"
        nothing_is_left_of "$PID"
        start_under_nohup() {
            trap '' HUP
            # shellcheck disable=SC2086
            start_server $options
            trap - HUP
        }
        start_under_nohup
        kill -HUP -- "-$PID"
        answers "/forking/?work=cpu:1turns"
        stop_server "$PID"
    done
}

has_a_worker() { # has_a_worker PID: a process that forks for a job has forked
    local pid
    [ "$(session_of "$1" | wc -l)" -ge 2 ] || return 1
    for pid in $(session_of "$1"); do
        [ -n "$(children_of "$pid")" ] || continue
        [ "$pid" = "$1" ] || return 0
    done
    return 1
}
