#!/usr/bin/env bats
# `juggle serve` as the network sees it: every test starts servers of its own on free
# ports. What is asserted is order, counts, and bounds from below; nothing is timed.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

# The names of the strategies, from the endpoints in --help.
strategies() {
    "$JUGGLE" serve --help | sed -n 's|^  /\([a-z]*\)/?work=.*|\1|p'
}

n_connections() { # connections to PORT that the server has accepted or will
    local port # a row that is read while others come and go may be there twice
    printf -v port '%04X' "$1"
    awk -v port=":$port" 'index($2, port) && $4 == "01" { print $3 }' /proc/net/tcp | sort -u | wc -l
}

has_connections() { # has_connections PORT N
    [ "$(n_connections "$1")" -ge "$2" ]
}

# An upstream that answers once it is let go: so long do fetches last, however busy the
# machine is. How many have begun, its connections tell.
start_held_upstream() {
    start_server --only blocking
    HELD=$PID HELD_PORT=$PORT HELD_URL=$URL/
    hold
}

hold() {
    kill -STOP "$HELD"
}

let_go() {
    kill -CONT "$HELD"
}

# Starting

@test "where it listens and what to try, when it can serve, and nothing else" {
    start_server
    get /
    [ "$BODY" = "hello, world" ]
    [[ "$(head -1 "$OUT")" =~ ^listening\ on\ http://127\.0\.0\.1:[0-9]+/$ ]]
    [[ "$(tail -1 "$OUT")" == "try: $PROGRAM load -c 10 'http://127.0.0.1:"[0-9]*/* ]]
    stop_server "$PID"
    [ "$(wc -l <"$OUT")" -eq 2 ]
    [ ! -s "$ERR" ]
}

@test "each server on port 0 gets a port of its own" {
    start_server
    first=$PORT
    start_server
    [ "$first" -ne "$PORT" ]
    get / "$first"
    [ "$STATUS" -eq 200 ]
}

@test "listens on the address it is told, and on no other" {
    start_server --bind 127.0.0.2
    [ "${URL%:*}" = http://127.0.0.2 ]
    # the same port of another address may be another program's, so none is asked there
    find "/proc/$PID/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n' >own
    [ "$(awk 'NR == FNR { own[$1]; next } $4 == "0A" && $10 in own { print $2 }' own \
        /proc/net/tcp /proc/net/tcp6)" = "0200007F:$(printf %04X "$PORT")" ]
    exec {one}<>"/dev/tcp/127.0.0.2/$PORT"
    send "$one" /
    receive "$one"
    [ "$STATUS" -eq 200 ]
}

@test "measures its own speed when it is not told" {
    start_session server "$JUGGLE" serve --port 0
    await grep -q "^listening on " server.out
    PORT=$(sed -n 's/.*:\([0-9]*\)\/$/\1/p' server.out)
    get "/blocking/?work=cpu:20ms"
    [ "$BODY" = "done" ]
    # a calibrated 20 ms takes at least some of that on any machine: cpu;dur is in ms
    [ "$(header Server-Timing | sed 's/.*cpu;dur=\([0-9]*\)\..*/\1/')" -ge 5 ]
    bash -c "$(sed -n 's/^try: //p' server.out)" >tried 2>&1
    grep -q "^Statuses:.*200: 10$" tried
}

# Endpoints

@test "every endpoint of --help answers, with and without the slash" {
    start_server
    [ "$(strategies | wc -l)" -ge 6 ]
    for name in $(strategies); do
        for path in "/$name/" "/$name"; do
            get "$path?work=cpu:10turns%2Bsleep:1ms"
            [ "$STATUS" -eq 200 ]
            [ "$BODY" = "done" ]
            [ "$BODY_BYTES" -eq 4 ]
        done
    done
    get /
    [ "$BODY" = "hello, world" ]
    [ "$BODY_BYTES" -eq 12 ]
    get "/delay?ms=1&bytes=5000"
    [ "$BODY_BYTES" -eq 5000 ]
    get "/delay/?ms=1&bytes=0"
    [ "$STATUS" -eq 200 ]
    [ "$BODY_BYTES" -eq 0 ]
}

@test "the issue's endpoints are there" {
    for name in blocking threading threadpool forking processing async; do
        strategies | grep -qx "$name"
    done
}

@test "without a work each does the server's; steps joined by + or %2B or a space" {
    start_server --work sleep:30ms
    for name in $(strategies); do
        get "/$name/"
        [ "$BODY" = "done" ]
        [ $(($(stamp to_ns) - $(stamp from_ns))) -ge 30000000 ]
        for plus in + %2B %2b %20; do
            get "/$name/?work=sleep:2ms${plus}cpu:10turns${plus}sleep:3ms"
            [ "$BODY" = "done" ]
            [ $(($(stamp to_ns) - $(stamp from_ns))) -ge 5000000 ]
        done
    done
}

@test "every reply says how long it was queued and run, and who ran it" {
    start_server
    paths="/ /nowhere /delay/?ms=1 /blocking/?work=nonsense"
    for name in $(strategies); do
        paths="$paths /$name/?work=cpu:100turns+sleep:1ms /$name/?work=fetch"
    done
    for path in $paths; do
        get "$path"
        number='[0-9]+\.[0-9]{3}'
        [[ "$(header Server-Timing)" =~ ^queue\;dur=$number,\ run\;dur=$number,\ cpu\;dur=$number,\ wait\;dur=$number$ ]]
        [[ "$(header Juggle-Worker)" =~ ^process=[0-9]+\ thread=[0-9]+\ cpu=[0-9]+\ from_ns=[0-9]+\ to_ns=[0-9]+$ ]]
        [ "$(stamp from_ns)" -le "$(stamp to_ns)" ]
        [ "$(stamp process)" -gt 0 ]
    done
}

@test "HEAD has the headers of GET and no body" {
    start_server
    for path in / "/threading/?work=cpu:1turns" "/delay/?bytes=3000" /nowhere; do
        get "$path"
        length=$BODY_BYTES status=$STATUS
        get "$path" "$PORT" HEAD
        [ "$STATUS" -eq "$status" ]
        [ "$(header Content-Length)" -eq "$length" ]
        [ "$BODY_BYTES" -eq 0 ]
        [ -n "$(header Juggle-Worker)" ]
    done
}

@test "a connection is kept for the next request" {
    start_server
    connect one "$PORT"
    for path in / "/threading/?work=cpu:1turns" "/nowhere"; do
        printf 'GET %s HTTP/1.1\r\nHost: test\r\n\r\n' "$path" >&"$one"
    done
    send "$one" "/forking/?work=cpu:1turns"
    timeout $LIMIT_S cat <&"$one" >replies
    [ "$(grep -o 'HTTP/1.1 200 OK' replies | wc -l)" -eq 3 ]
    [ "$(grep -o 'HTTP/1.1 404 Not Found' replies | wc -l)" -eq 1 ]
    [ "$(tail -c 4 replies)" = "done" ]
}

# Order

@test "blocking jobs are answered in order of arrival, each before the next begins" {
    start_server
    n_jobs=10
    for ((i = 0; i < n_jobs; i++)); do
        connect "one[$i]" "$PORT"
    done
    for ((i = 0; i < n_jobs; i++)); do
        send "${one[$i]}" "/blocking/?work=sleep:100ms"
    done
    connect marker "$PORT"
    read -r _ <&"${one[0]}"
    # sent when the first answer had come: when it arrived, that answer was there
    send "$marker" /
    receive "${one[0]}"
    first_to=$(stamp to_ns) to[0]=$(stamp to_ns)
    for ((i = 1; i < n_jobs; i++)); do
        receive "${one[$i]}"
        [ "$BODY" = "done" ]
        from[$i]=$(stamp from_ns) to[$i]=$(stamp to_ns)
        [ "$(arrived_ns)" -lt "${from[$i]}" ]
    done
    receive "$marker"
    [ "$BODY" = "hello, world" ]
    # ten jobs, one after the other, in the order of their connections
    for ((i = 1; i < n_jobs; i++)); do
        [ "${from[$i]}" -ge "${to[$((i - 1))]}" ]
    done
    # the first answer was out while others had not begun; evhttp alone keeps it back
    [ "$(arrived_ns)" -ge "$first_to" ]
    [ "$(arrived_ns)" -lt "${from[$((n_jobs - 1))]}" ]
    # and what came behind nine jobs waited for all nine
    [ "$(stamp from_ns)" -ge "${to[$((n_jobs - 1))]}" ]
}

@test "a / behind blocking jobs waits for its turn, and those behind it for theirs" {
    start_server
    for ((i = 0; i < 3; i++)); do
        connect "before[$i]" "$PORT"
        send "${before[$i]}" "/blocking/?work=sleep:40ms"
    done
    connect index "$PORT"
    send "$index" /
    for ((i = 0; i < 3; i++)); do
        connect "after[$i]" "$PORT"
        send "${after[$i]}" "/blocking/?work=sleep:40ms"
    done
    receive "$index"
    at=$(stamp from_ns)
    for ((i = 0; i < 3; i++)); do
        receive "${before[$i]}"
        [ "$(stamp to_ns)" -le "$at" ]
        receive "${after[$i]}"
        [ "$(stamp from_ns)" -ge "$at" ]
    done
}

@test "strategies that do not block let / be answered while their jobs run" {
    start_held_upstream
    start_server --workers 2 --threads 2 --upstream "$HELD_URL"
    for name in $(strategies | grep -vx blocking); do
        connect slow "$PORT"
        send "$slow" "/$name/?work=fetch"
        get /
        [ "$STATUS" -eq 200 ]
        let_go
        receive "$slow"
        [ "$BODY" = "done" ]
        hold
    done
}

@test "a pool of N runs N at a time, in order; a thread or process each runs all at once" {
    start_held_upstream
    for name in threading forking async threadpool processing; do
        case $name in threadpool | processing) at_once=2 ;; *) at_once=4 ;; esac
        start_server --only $name --workers 2 --threads 2 --upstream "$HELD_URL"
        froms='' tos=''
        for ((i = 0; i < 4; i++)); do
            connect "one[$i]" "$PORT"
            send "${one[$i]}" "/$name/?work=fetch"
        done
        await has_connections "$HELD_PORT" $at_once
        get /
        [ "$(n_connections "$HELD_PORT")" -le $at_once ]
        let_go
        for ((i = 0; i < 4; i++)); do
            receive "${one[$i]}"
            [ "$BODY" = "done" ]
            froms="$froms$(stamp from_ns) " tos="$tos$(stamp to_ns) "
        done
        hold
        stop_server "$PID" # and with it its connections
        most=$(printf '%s\n' $froms | sort -n | tail -1)  # the last to begin
        least=$(printf '%s\n' $tos | sort -n | head -1)   # the first to end
        [ $((most < least)) -eq $((at_once == 4)) ]
    done
}

@test "who runs a job: the server, its threads, its children, as the strategies say" {
    start_server --workers 2 --threads 2
    get /
    server=$(stamp process) loop=$(stamp thread)
    for name in blocking async; do
        get "/$name/?work=cpu:1turns"
        [ "$(stamp process) $(stamp thread)" = "$server $loop" ]
    done
    for name in threading threadpool; do
        get "/$name/?work=cpu:1turns"
        [ "$(stamp process)" -eq "$server" ]
        [ "$(stamp thread)" -ne "$loop" ]
    done
    get "/forking/?work=cpu:1turns"
    first=$(stamp process)
    get "/forking/?work=cpu:1turns"
    [ "$first" -ne "$(stamp process)" ]
    for i in 1 2 3 4 5 6; do
        get "/processing/?work=cpu:1turns"
        [ "$(stamp process)" -ne "$server" ]
        stamp process
    done | sort -u >pool
    [ "$(wc -l <pool)" -le 2 ]
}

# Upstreams

@test "/async/ relays the upstream's status, type and body" {
    start_server
    upstream=$URL
    start_server --upstream "$upstream/delay/?ms=20&bytes=100000"
    get /async/
    [ "$STATUS" -eq 200 ]
    [ "$BODY_BYTES" -eq 100000 ]
    [ "$(header Content-Length)" -eq 100000 ]
    [ $(($(stamp to_ns) - $(stamp from_ns))) -ge 20000000 ]
    get /async "$PORT" HEAD
    [ "$(header Content-Length)" -eq 100000 ]
    [ "$BODY_BYTES" -eq 0 ]
    get "/async/?work=fetch"
    [ "$BODY" = "done" ]
    start_server --upstream "$upstream/nowhere"
    get /async/
    [ "$STATUS" -eq 404 ]
    [[ "$BODY" == *"no such path"* ]]
    [[ "$(header Content-Type)" == text/plain* ]]
}

@test "fetches of every strategy go to the upstream and wait for it" {
    start_server
    start_server --upstream "$URL/delay/?ms=20&bytes=10"
    for name in $(strategies); do
        get "/$name/?work=cpu:10turns+fetch+cpu:10turns"
        [ "$BODY" = "done" ]
        [ $(($(stamp to_ns) - $(stamp from_ns))) -ge 20000000 ]
    done
}

@test "an upstream that can be asked takes what the fetch says, beyond its time limit" {
    start_server
    start_server --upstream "$URL/delay/?ms={ms}&bytes=10" --upstream-timeout 250ms
    for name in $(strategies); do
        for case in fetch:20ms=20 fetch:300ms+fetch:10ms=310 fetch=100; do
            get "/$name/?work=${case%=*}"
            [ "$BODY" = "done" ]
            [ $(($(stamp to_ns) - $(stamp from_ns))) -ge "${case#*=}000000" ]
        done
    done
}

@test "many waiting fetches hold up nobody in /async/" {
    start_held_upstream
    start_server --upstream "$HELD_URL"
    for ((i = 0; i < 20; i++)); do
        connect "one[$i]" "$PORT"
        send "${one[$i]}" /async/
    done
    get /
    [ "$STATUS" -eq 200 ]
    let_go
    for ((i = 0; i < 20; i++)); do
        receive "${one[$i]}"
        [ "$BODY" = "hello, world" ]
    done
}

@test "an upstream that is down is 502, one that answers with an error too" {
    start_server
    upstream=$URL upstream_pid=$PID
    start_server --upstream "$upstream/nowhere"
    for name in $(strategies); do
        get "/$name/?work=fetch"
        [ "$STATUS" -eq 502 ]
        [ "$BODY" = "fetch: the upstream answered 404" ]
    done
    stop_server "$upstream_pid"
    for name in $(strategies); do
        get "/$name/?work=fetch"
        [ "$STATUS" -eq 502 ]
        [[ "$BODY" == "fetch: the upstream failed: "* ]]
    done
    get /async/
    [ "$STATUS" -eq 502 ]
    get /
    [ "$STATUS" -eq 200 ]
}

@test "an upstream slower than --upstream-timeout is 504" {
    start_server
    start_server --upstream "$URL/delay/?ms=30000" --upstream-timeout 100ms
    for name in $(strategies); do
        get "/$name/?work=fetch"
        [ "$STATUS" -eq 504 ]
        [ $(($(stamp to_ns) - $(stamp from_ns))) -lt 20000000000 ]
    done
    get /async/
    [ "$STATUS" -eq 504 ]
}

@test "--upstream-timeout 0 is no limit, also of what an upstream is asked to take" {
    start_server
    start_server --upstream "$URL/delay/?ms={ms}" --upstream-timeout 0
    for name in $(strategies); do
        get "/$name/?work=fetch:100ms"
        [ "$STATUS" -eq 200 ]
    done
}

@test "without an upstream a fetch is 502 and says what is missing" {
    start_server
    get /async/
    [ "$STATUS" -eq 502 ]
    [[ "$BODY" == *"--upstream"* ]]
}

# Settings

@test "--only leaves the others out" {
    start_server --only threading,blocking
    get "/threading/?work=cpu:1turns"
    [ "$STATUS" -eq 200 ]
    get "/blocking/?work=cpu:1turns"
    [ "$STATUS" -eq 200 ]
    get "/forking/?work=cpu:1turns"
    [ "$STATUS" -eq 404 ]
    [ -z "$(children_of "$PID")" ]
}

@test "--max-work refuses what is longer" {
    start_server --max-work 50ms
    get "/threading/?work=sleep:50ms"
    [ "$STATUS" -eq 200 ]
    get "/threading/?work=sleep:30ms+cpu:30ms"
    [ "$STATUS" -eq 400 ]
    [ "$BODY" = "too much work: 60 ms asked for, at most 50 ms (--max-work)" ]
    get "/delay/?ms=51"
    [ "$STATUS" -eq 400 ]
}

@test "--max-inflight answers 503 with Retry-After, and serves again afterwards" {
    start_held_upstream
    start_server --max-inflight 2 --upstream "$HELD_URL"
    for i in 0 1; do
        connect "one[$i]" "$PORT"
        send "${one[$i]}" "/threading/?work=fetch"
    done
    # each is admitted before a later request is looked at
    get "/threading/?work=cpu:1turns"
    [ "$STATUS" -eq 503 ]
    [ "$(header Retry-After)" -ge 1 ]
    [[ "$BODY" == "too many requests in flight: at most 2"* ]]
    get "/delay/?ms=1"
    [ "$STATUS" -eq 503 ]
    get /
    [ "$STATUS" -eq 200 ]
    let_go
    for i in 0 1; do
        receive "${one[$i]}"
        [ "$STATUS" -eq 200 ]
    done
    get "/threading/?work=cpu:1turns"
    [ "$STATUS" -eq 200 ]
}

@test "--gil: threads compute one at a time, wait together, and / gets its turn" {
    start_held_upstream
    start_server --gil --max-work 24h --upstream "$HELD_URL"
    # 60 ms of computing on the fastest machine there is, and no sleep; a busy machine may
    # let / come only when they are over
    at=1 end=0
    for ((tries = 0; tries < 5 && at >= end; tries++)); do
        for i in 0 1; do
            connect "one[$i]" "$PORT"
            send "${one[$i]}" "/threading/?work=cpu:300000000turns"
        done
        get /
        at=$(stamp to_ns) cpu_us=0
        for i in 0 1; do
            receive "${one[$i]}"
            [ "$BODY" = "done" ]
            from[$i]=$(stamp from_ns) to[$i]=$(stamp to_ns)
            cpu_us=$((cpu_us + 10#$(header Server-Timing | sed 's/.*cpu;dur=\([0-9]*\)\.\([0-9]*\).*/\1\2/')))
        done
        begin=$((from[0] < from[1] ? from[0] : from[1]))
        end=$((to[0] > to[1] ? to[0] : to[1]))
        # both together took as long as both computed: never two at once (2 % for the clocks)
        [ $(((end - begin) / 1000 * 102 / 100)) -ge "$cpu_us" ]
    done
    [ "$at" -lt "$end" ]
    for i in 0 1; do
        connect "one[$i]" "$PORT"
        send "${one[$i]}" "/threading/?work=fetch"
    done
    await has_connections "$HELD_PORT" 2
    let_go
    for i in 0 1; do
        receive "${one[$i]}"
        [ "$BODY" = "done" ]
    done
}

@test "--gil composes with every strategy and with --processes" {
    start_server
    start_server --gil --processes 2 --upstream "$URL/delay/?ms=1"
    for name in $(strategies); do
        for i in 1 2 3 4; do
            connect "one[$i]" "$PORT"
            send "${one[$i]}" "/$name/?work=cpu:1000turns+sleep:1ms+fetch+cpu:1000turns"
        done
        for i in 1 2 3 4; do
            receive "${one[$i]}"
            [ "$BODY" = "done" ]
        done
    done
    stop_server "$PID"
}

@test "--processes 2: both serve on the one port, with both ways to share it" {
    for how in shared reuseport; do
        start_server --processes 2 --accept $how
        [ "$(children_of "$PID" | wc -l)" -eq 2 ]
        [ "$(wc -l <"$OUT")" -eq 2 ]
        # a busy server leaves what comes to the other; with reuseport a hash decides, so
        # there are many: that all go to one has a chance of 2 to the minus 39
        for ((i = 0; i < 40; i++)); do
            connect "one[$i]" "$PORT"
            send "${one[$i]}" "/blocking/?work=sleep:10ms"
        done
        for ((i = 0; i < 40; i++)); do
            receive "${one[$i]}"
            [ "$BODY" = "done" ]
            stamp process >>"processes.$how"
        done
        [ "$(sort -u "processes.$how" | wc -l)" -eq 2 ]
        for process in $(sort -u "processes.$how"); do
            children_of "$PID" | grep -qx "$process"
        done
        stop_server "$PID"
    done
}

has_other_children() { # has_other_children PARENT N GONE: N of them, and GONE is none
    [ "$(children_of "$1" | wc -l)" -eq "$2" ] && ! children_of "$1" | grep -qx "$3"
}

@test "a server process that is killed is replaced, with all its strategies" {
    start_server --processes 2
    victim=$(children_of "$PID" | head -n 1)
    kill -KILL "$victim"
    await has_other_children "$PID" 2 "$victim"
    # each in turn is stopped, so that the other must answer
    for server in $(children_of "$PID"); do
        kill -STOP "$server"
        for name in $(strategies); do
            get "/$name/?work=cpu:1turns+sleep:1ms"
            [ "$BODY" = "done" ]
        done
        kill -CONT "$server"
    done
    grep -q "starting it again" "$ERR"
    [ "$(wc -l <"$OUT")" -eq 2 ]
    stop_server "$PID"
}

@test "a worker process that is killed fails its job alone and is replaced" {
    start_server --only processing --workers 1
    connect one "$PORT"
    connect next "$PORT"
    get "/processing/?work=cpu:1turns"
    worker=$(stamp process)
    send "$one" "/processing/?work=sleep:20s"
    send "$next" "/processing/?work=cpu:1turns"
    # it is given out before this one is answered
    get /
    kill -KILL "$worker"
    receive "$one"
    [ "$STATUS" -eq 502 ]
    [ "$BODY" = "the worker process ended before its job was done" ]
    receive "$next"
    [ "$STATUS" -eq 200 ]
    [ "$(stamp process)" -ne "$worker" ]
    stop_server "$PID"
}

# Bad requests

@test "unknown paths are 404" {
    start_server
    for path in /nowhere /blocking/x /blockin /delays /blocking//; do
        get "$path"
        [ "$STATUS" -eq 404 ]
        [ "$(wc -l <<<"$BODY")" -eq 1 ]
    done
}

@test "a bad work is 400 with one line that names the step and what is allowed" {
    start_server
    get "/threading/?work=cpu:1ms+nap:5ms"
    [ "$STATUS" -eq 400 ]
    [ "$BODY" = "bad work: step 'nap:5ms' is unknown; allowed are cpu:50ms, cpu:50turns, sleep:200ms and fetch or fetch:1s, joined by '+'" ]
    get "/threading/?work=cpu:50"
    [ "$STATUS" -eq 400 ]
    [ "$BODY" = "bad work: step 'cpu:50' has no unit; write cpu:50ms or cpu:50turns" ]
    refused serve --port 0 --work cpu:50
    says "step 'cpu:50' has no unit; write cpu:50ms or cpu:50turns"
    for work in "" cpu cpu: cpu:-1 sleep:5 sleep:1e9s fetch:1 cpu:1++cpu:1 cpu:99999999999999999999 \
        a%0Ab%0D%0Ac %00 "$(printf 'x%.0s' {1..3000})" fetch+fetch+fetch+fetch+fetch+fetch+fetch+fetch+fetch; do
        get "/threading/?work=$work"
        [ "$STATUS" -eq 400 ]
        [[ "$BODY" == "bad work: "* ]]
        [ "$(wc -l <<<"$BODY")" -eq 1 ]
    done
    get "/threading/?wrok=cpu:1turns"
    [ "$STATUS" -eq 400 ]
    get "/delay/?ms=soon"
    [ "$STATUS" -eq 400 ]
}

@test "methods other than GET, HEAD and POST are 405" {
    start_server
    for method in PUT DELETE OPTIONS PATCH; do
        get / "$PORT" "$method"
        [ "$STATUS" -eq 405 ]
        [ "$(header Allow)" = "GET, HEAD, POST" ]
    done
    connect one "$PORT"
    printf 'POST /threading/?work=cpu:1turns HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabcde' >&"$one"
    receive "$one"
    [ "$BODY" = "done" ]
}

# Sends what is on stdin; STATUS is empty when nothing comes back: a server that hangs up
# on what it has not read resets the connection, and its reply may be lost with it.
send_raw() {
    connect raw "$PORT"
    { cat >&"$raw"; } 2>/dev/null || true
    MAY_RESET=yes receive "$raw" 2>/dev/null
}

# Sent to the server while a well-behaved request is under way.
@test "oversized and broken requests get a 4xx, and others are not harmed" {
    start_server
    connect good "$PORT"
    send "$good" "/threading/?work=sleep:3s"
    send_raw < <(printf 'GET / HTTP/1.1\r\nHost: x\r\nX-Long: '; head -c 20000 /dev/zero | tr '\0' a; printf '\r\n\r\n')
    [[ "$STATUS" =~ ^(4[0-9][0-9])?$ ]]
    send_raw < <(printf 'GET /'; head -c 20000 /dev/zero | tr '\0' a; printf ' HTTP/1.1\r\n\r\n')
    [[ "$STATUS" =~ ^(4[0-9][0-9])?$ ]]
    send_raw < <(printf 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n')
    [[ "$STATUS" =~ ^4[0-9][0-9]$ ]]
    send_raw < <(printf 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n')
    [[ "$STATUS" =~ ^4[0-9][0-9]$ ]]
    send_raw < <(printf 'complete nonsense\r\n\r\n')
    [[ "$STATUS" =~ ^4[0-9][0-9]$ ]]
    send_raw < <(printf 'GET / HTTP/9.9 x\r\n\r\n')
    [[ "$STATUS" =~ ^4[0-9][0-9]$ ]]
    send_raw < <(printf 'GET / HTTP/1.1\r\nno colon here\r\n\r\n')
    [[ "$STATUS" =~ ^4[0-9][0-9]$ ]]
    send_raw < <(printf '\x16\x03\x01'; head -c 500 /dev/urandom; printf '\r\n\r\n')
    [[ "$STATUS" =~ ^4[0-9][0-9]$ ]]
    get /
    [ "$BODY" = "hello, world" ]
    receive "$good"
    [ "$BODY" = "done" ]
    stop_server "$PID"
}

@test "a reply larger than socket buffers arrives whole, and its client may leave" {
    start_server
    get "/delay/?bytes=16777216"
    [ "$BODY_BYTES" -eq 16777216 ]
    for i in 1 2 3; do
        connect one "$PORT"
        send "$one" "/delay/?ms=1&bytes=16777216"
        head -c 1000 <&"$one" >part
        exec {one}>&-
    done
    get /
    [ "$STATUS" -eq 200 ]
    stop_server "$PID"
}

@test "clients that leave during their jobs do no harm" {
    start_server --workers 2 --threads 2
    for name in $(strategies); do
        for i in 1 2 3; do
            connect one "$PORT"
            send "$one" "/$name/?work=sleep:20ms"
            exec {one}>&-
        done
    done
    for name in $(strategies); do
        get "/$name/?work=cpu:1turns"
        [ "$BODY" = "done" ]
    done
    stop_server "$PID"
}

# Stopping

@test "SIGTERM and SIGINT: what is in flight is answered, then nothing is left" {
    for signal in TERM INT; do
        start_server
        i=0
        for name in $(strategies); do
            connect "one[$i]" "$PORT"
            send "${one[$i]}" "/$name/?work=sleep:300ms"
            i=$((i + 1))
        done
        connect idle "$PORT"
        printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >&"$idle"
        head -n 1 <&"$idle" | grep -q 200
        kill -$signal "$PID"
        for ((j = 0; j < i; j++)); do
            receive "${one[$j]}"
            [ "$STATUS" -eq 200 ]
            [ "$BODY" = "done" ]
        done
        ends_with 0 "$PID"
        nothing_is_left_of "$PID"
        exec {idle}>&-
        start_session again "$JUGGLE" serve --turns-per-ms 1 --port "$PORT"
        await grep -q "^listening on " again.out
        stop_server "$PID"
    done
}

@test "what had arrived behind a blocking job when SIGTERM came is answered too" {
    start_server
    for ((i = 0; i < 5; i++)); do
        connect "one[$i]" "$PORT"
        send "${one[$i]}" "/blocking/?work=sleep:150ms"
    done
    kill -TERM "$PID"
    for ((i = 0; i < 5; i++)); do
        receive "${one[$i]}"
        [ "$STATUS" = 200 ]
    done
    ends_with 0 "$PID"
    nothing_is_left_of "$PID"
}

@test "several processes stop as one does, by whichever signal to one or all of them" {
    for how in "-TERM " "-INT " "-INT -" "-TERM -"; do # to the parent, or to its group
        start_server --processes 2
        for ((i = 0; i < 6; i++)); do
            connect "one[$i]" "$PORT"
            send "${one[$i]}" "/threading/?work=sleep:500ms"
        done
        await has_connections "$PORT" 6
        get /
        # shellcheck disable=SC2086
        kill ${how% *} -- "${how#* }$PID"
        for ((i = 0; i < 6; i++)); do
            receive "${one[$i]}"
            [ "$STATUS" = 200 ]
        done
        ends_with 0 "$PID"
        nothing_is_left_of "$PID"
    done
}

@test "two signals at the same moment ask once, not insistently" {
    # without threads: under ThreadSanitizer one that ends takes a signal with it
    for ((round = 0; round < 15; round++)); do
        start_server --only async
        connect one "$PORT"
        send "$one" "/async/?work=sleep:50ms"
        get /
        kill -STOP "$PID"
        kill -INT "$PID"
        kill -TERM "$PID"
        kill -CONT "$PID" # both come now
        receive "$one"
        [ "$STATUS" = 200 ]
        ends_with 0 "$PID"
    done
}

@test "a killed server takes its processes with it" {
    for options in "" "--processes 2"; do
        # shellcheck disable=SC2086
        start_server $options
        get "/processing/?work=cpu:1turns"
        connect one "$PORT"
        send "$one" "/forking/?work=sleep:60s"
        connect two "$PORT"
        send "$two" "/threading/?work=sleep:60s"
        await has_connections "$PORT" 2
        [ "$(session_of "$PID" | wc -l)" -ge 4 ]
        kill -KILL "$PID"
        wait "$PID" || true
        SECONDS=0
        nothing_is_left_of "$PID"
        [ $SECONDS -lt 50 ] # it did not wait for its jobs
        exec {one}>&- {two}>&-
    done
}

# Wrong calls

@test "a port in use is one line and exit 2" {
    start_server
    refused serve --port "$PORT"
    says "port $PORT is in use"
    says "--port"
}

@test "wrong options and values are one line and exit 2" {
    refused serve --nonsense
    says "unknown option '--nonsense'; see 'juggle serve --help'"
    refused serve -x
    refused serve word
    says "unexpected argument 'word'; did you mean '--work'? see 'juggle serve --help'"
    refused serve --port 65536
    refused serve --port http
    refused serve --bind nowhere
    says "--bind wants a numeric address"
    refused serve --bind 192.0.2.1 --port 0 # an address for documentation: not ours
    refused serve --only blocking,juggling
    says "there is no strategy 'juggling'"
    refused serve --only ""
    refused serve --accept fairly
    says "--accept wants shared or reuseport"
    refused serve --upstream ftp://127.0.0.1/
    says "--upstream wants an http or https URL"
    refused serve --upstream 127.0.0.1
    refused serve --accept ""
    refused serve --work ""
    refused serve --work nap:5ms
    says "--work: bad work: step 'nap:5ms'"
    refused serve --workers 0
    refused serve --threads many
    refused serve --processes 0
    refused serve --max-work 5
    refused serve --max-inflight 999999999
    refused serve --upstream-timeout soon
    refused serve --turns-per-ms -1
    refused nonsense
    says "unknown command 'nonsense'"
}

@test "more requests in flight than files may be open is refused with what to do" {
    refused_with_few_files() {
        ulimit -n 256
        refused serve --port 0 --max-inflight 1000
    }
    refused_with_few_files
    says "ulimit -n"
}

@test "--help lists every option and every endpoint" {
    run "$JUGGLE" serve --help
    [ "$status" -eq 0 ]
    for option in --port --bind --only --threads --workers --work --upstream --max-inflight \
        --max-work --header-timeout --gil --processes --accept --upstream-timeout --turns-per-ms --help; do
        grep -q -- "$option" <<<"$output"
    done
    grep -q "/delay/?ms=200&bytes=1024" <<<"$output"
    run "$JUGGLE" --help
    [ "$status" -eq 0 ]
    grep -q serve <<<"$output"
    run "$JUGGLE"
    [ "$status" -eq 2 ]
}

@test "a port that a reuseport server holds is in use for the next one, too" {
    start_server --processes 2 --accept reuseport
    run "$JUGGLE" serve --turns-per-ms 1000 --processes 2 --accept reuseport --port "$PORT"
    [ "$status" -eq 2 ]
    [[ "$output" == *"in use"* ]]
}
