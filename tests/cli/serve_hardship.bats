#!/usr/bin/env bats
# A server under load from which descriptors, processes and threads are taken in turn, and
# whose workers and spawners are killed at random meanwhile. Every request is answered,
# 200s come again, no zombie is left.
#
# Some seconds in `make test`. HARDSHIP_ROUNDS=5 HARDSHIP_SECONDS=30 is the long form; it also
# wants the 200s within a second of the end, which needs a machine with nothing else to do.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    : "${HARDSHIP_ROUNDS:=1}" "${HARDSHIP_SECONDS:=4}"
    command -v prlimit >/dev/null || skip "prlimit is not there"
    command -v setpriv >/dev/null || skip "setpriv is not there"
}

teardown() {
    end_all_sessions
}

# As somebody of whom there are no other processes, where we may be: the limit of processes
# is one of a user, and does not bind root. Limits are set by the same user.
as_somebody=()
become_somebody() {
    [ "$(id -u)" -eq 0 ] || return 0
    local id=$((30000 + BASHPID % 20000))
    as_somebody=(setpriv --reuid $id --regid $id --clear-groups)
}

start_victim() { # start_victim OPTION...
    start_session victim "${as_somebody[@]}" "$JUGGLE" serve --port 0 --turns-per-ms 1000 "$@"
    OUT=$BATS_TEST_TMPDIR/victim.out ERR=$BATS_TEST_TMPDIR/victim.err
    await says_where "$OUT" "$PID"
    URL=$(sed -n 's/^listening on \(http:.*\)\/$/\1/p' "$OUT")
    PORT=${URL##*:}
    [ -n "$PORT" ]
}

limit() { # limit RESOURCE N PID...: those that have just gone do not matter
    local pid resource=$1 n=$2
    shift 2
    for pid in "$@"; do
        "${as_somebody[@]}" prlimit --pid "$pid" "--$resource=$n:" 2>/dev/null || true
    done
}

kids() { # kids PID: as children_of, which reads all of /proc, where the kernel keeps a list
    cat "/proc/$1/task/$1/children" 2>/dev/null || children_of "$1"
}

servers() { # the processes that serve: all of a family, or the one
    if [ "$N_PROCESSES" -gt 1 ]; then kids "$PID"; else echo "$PID"; fi
}

spawners() {
    local server
    for server in $(servers); do
        kids "$server"
    done
}

workers() {
    local spawner
    for spawner in $(spawners); do
        kids "$spawner"
    done
}

kill_one_of() { # kill_one_of PID...: any
    local pids=("$@")
    [ $# -eq 0 ] || kill -KILL "${pids[$((RANDOM % $#))]}" 2>/dev/null || true
}

# No further descriptor meanwhile: who connects waits, and is answered afterwards.
without_descriptors() {
    local server i
    for server in $(servers); do
        limit nofile "$(find "/proc/$server/fd" -mindepth 1 2>/dev/null | wc -l)" "$server"
    done
    for i in 1 2 3; do
        connect "waiting[$i]" "$PORT"
        send "${waiting[$i]}" /
    done
    kill_one_of $(spawners)
    sleep 0.3
    for server in $(servers); do
        limit nofile "$(ulimit -Hn)" "$server"
    done
    for i in 1 2 3; do
        receive "${waiting[$i]}"
        [ "$STATUS" = 200 ]
    done
}

# No further process or thread: the server first, since what it starts inherits its limit.
without_processes() {
    limit nproc 1 $(servers) $(spawners)
    kill_one_of $(workers)
    sleep 0.3
    limit nproc "$(ulimit -Hu)" $(servers)
    limit nproc "$(ulimit -Hu)" $(spawners)
}

misfortune() {
    case $((n_misfortunes++ % 4)) in
    0) without_descriptors ;;
    1) without_processes ;;
    2) kill_one_of $(spawners) ;;
    *) kill_one_of $(workers) ;;
    esac
    sleep 0.0$((RANDOM % 10))
}

answers_all() { # every path with 200; for `await`
    "$JUGGLE" load -f urls -c 1 -r once --timeout 5s >/dev/null 2>&1
}

no_server_has_zombies() {
    local server
    for server in $PID $(servers); do
        has_no_zombies "$server" || return 1
    done
}

# All requests of the file have an answer, and it is one of these.
check_answers() { # check_answers CSV N
    awk -F, -v expected="$2" '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        { n[$column["status"] ($column["error"] == "" ? "" : " " $column["error"])]++; all++ }
        END {
            for (what in n) printf "%s: %d\n", what, n[what]
            for (what in n) if (what !~ /^(200|502|503)$/) exit 1
            exit all != expected || n["200"] == 0
        }' "$1"
}

round() { # round OPTION...
    local n_users=8 n_requests=$((HARDSHIP_SECONDS * 20)) load_pid from_us
    start_victim --workers 2 --threads 2 "$@"
    local paths="/ /threading/?work=cpu:1turns+sleep:2ms /forking/?work=cpu:1turns+sleep:2ms
        /processing/?work=sleep:5ms /threadpool/?work=sleep:1ms /async/?work=sleep:1ms"
    printf "$URL%s\n" $paths >urls
    "$JUGGLE" load -f urls -i -c $n_users -r $n_requests --think exp:45ms --preconnect \
        --timeout ${LIMIT_S}s --csv round.csv >load.out 2>load.err 3>&- &
    load_pid=$!
    n_misfortunes=0
    sleep 0.3 # its connections are made
    while kill -0 $load_pid 2>/dev/null; do
        misfortune
    done
    wait $load_pid || true # it exits 1 when a request got no 200
    from_us=${EPOCHREALTIME/./}
    await answers_all
    echo "$n_misfortunes misfortunes; 200s again after" \
        "$((${EPOCHREALTIME/./} - from_us)) us; answers:"
    [ "$HARDSHIP_SECONDS" -lt 30 ] || [ $((${EPOCHREALTIME/./} - from_us)) -lt 1000000 ]
    check_answers round.csv $((n_users * n_requests))
    [ "$n_misfortunes" -ge 3 ]
    await no_server_has_zombies
    not grep -v '^juggle: serve: ' "$ERR"
    stop_server "$PID"
}

@test "what is taken from a server and killed under load costs no answer, and it recovers" {
    become_somebody
    for ((n_rounds = 0; n_rounds < HARDSHIP_ROUNDS; n_rounds++)); do
        for N_PROCESSES in 1 2; do
            round --processes $N_PROCESSES
        done
    done >&2
    [ "$HARDSHIP_SECONDS" -lt 30 ] || cat "$ERR" >&2
}
