# shellcheck shell=bash disable=SC2034 # what is set here is read by the tests
# What the tests of the command line share: servers on free ports that leave nothing
# behind, and a small HTTP client in the shell, so that no other one is needed.

# Which program is tested, when `make test` does not say.
: "${JUGGLE:=$(dirname "$BATS_TEST_DIRNAME")/../bin/juggle}"

# How it is named in commands to be pasted.
PROGRAM=$JUGGLE
[[ $PROGRAM =~ ^[[:alnum:]/._-]+$ ]] || PROGRAM="'$PROGRAM'"

# What a terminal of a test is, wherever the tests run.
export TERM=xterm

# How long anything may take before a test gives up on it; no test depends on it.
LIMIT_S=60

# Processes, by /proc: nothing here needs ps. In one awk, as bats makes loops of the shell slow.

# Those of whom awk says so: $1 is the process, $2 its state, $3 its parent, $5 its session.
processes() { # processes CONDITION PID: which is `of` in the condition
    cat /proc/[0-9]*/stat 2>/dev/null |
        awk -v of="$2" "{ sub(/ .*\\)/, \"\") } $1 { print \$1 }"
}

# The processes of the session that PID leads, zombies left out.
session_of() { # session_of PID
    processes '$5 == of && $2 != "Z"' "$1"
}

children_of() { # children_of PID
    processes '$3 == of && $2 != "Z"' "$1"
}

# Whether no ended child of PID waits to be reaped.
has_no_zombies() { # has_no_zombies PID
    [ -z "$(processes '$3 == of && $2 == "Z"' "$1")" ]
}

# Waits until a command succeeds.
await() { # await COMMAND...
    local deadline=$((SECONDS + LIMIT_S))
    until "$@"; do
        if [ $SECONDS -ge $deadline ]; then
            echo "gave up waiting for: $*" >&2
            return 1
        fi
        sleep 0.02
    done
}

session_is_empty() {
    [ -z "$(session_of "$1")" ]
}

nothing_is_left_of() { # nothing_is_left_of PID: of a session that must have ended by itself
    await session_is_empty "$1"
}

end_session() { # end_session PID
    local pid
    for pid in $(session_of "$1"); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    await session_is_empty "$1"
}

# Servers

SESSIONS=()

# Starts a program in a session of its own, PID its leader, stdout and stderr in
# files. A shell without job control lets its background jobs ignore SIGINT; they must not.
start_session() { # start_session NAME COMMAND...
    local name=$1
    shift
    : >"$BATS_TEST_TMPDIR/$name.out" # an earlier one's must not be taken for this one's
    (trap - INT && exec setsid "$@") >"$BATS_TEST_TMPDIR/$name.out" \
        2>"$BATS_TEST_TMPDIR/$name.err" 3>&- </dev/null &
    PID=$!
    SESSIONS+=("$PID")
}

says_where() {
    grep -q '^listening on ' "$1" || ! kill -0 "$2" 2>/dev/null
}

# Each pattern begins one line of those that a run has said, in the file err.
said_once() { # said_once PATTERN...
    local line
    for line in "$@"; do
        [ "$(grep -c "^juggle: run: $line" err)" -eq 1 ]
    done
}

# Starts a server on a free port: PID, PORT, and URL without a slash at its end. Its speed
# is given, so that it need not measure; "cpu:1ms" is nearly nothing then.
n_servers=0
start_server() { # start_server OPTION...
    n_servers=$((n_servers + 1))
    start_session "server$n_servers" "$JUGGLE" serve --port 0 --turns-per-ms 1000 "$@"
    OUT=$BATS_TEST_TMPDIR/server$n_servers.out
    ERR=$BATS_TEST_TMPDIR/server$n_servers.err
    await says_where "$OUT" "$PID"
    cat "$ERR" >&2
    URL=$(sed -n '1s/^listening on \(http:.*\)\/$/\1/p' "$OUT")
    PORT=${URL##*:}
    [ -n "$PORT" ]
}

# Waits for a session's leader; it must end with this status.
ends_with() { # ends_with STATUS PID
    local status=0
    wait "$2" || status=$?
    [ $status -eq "$1" ] && return
    echo "process ended with $status; it and others said:" >&2
    cat "$BATS_TEST_TMPDIR"/*.err >&2
    return 1
}

# SIGTERM; it must end well and leave nothing.
stop_server() { # stop_server PID
    kill -TERM "$1"
    ends_with 0 "$1"
    nothing_is_left_of "$1"
}

# For teardown: ends whatever a test has left.
end_all_sessions() {
    local pid
    for pid in "${SESSIONS[@]}"; do
        end_session "$pid"
        wait "$pid" 2>/dev/null || true
    done
    SESSIONS=()
}

# Requests. Connections are numbered descriptors of the shell.

connect() { # connect VARIABLE PORT
    exec {socket}<>"/dev/tcp/127.0.0.1/$2"
    printf -v "$1" %s "$socket"
}

# Sends a request whose connection ends with the reply.
send() { # send DESCRIPTOR PATH [METHOD]
    printf '%s %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n' "${3-GET}" "$2" >&"$1"
}

# Reads the reply to its end: STATUS, HEADERS (lines), BODY without zero bytes, BODY_BYTES.
receive() { # receive DESCRIPTOR
    local reply=$BATS_TEST_TMPDIR/reply.$1 line
    timeout $LIMIT_S cat <&"$1" >"$reply" || [ -n "${MAY_RESET-}" ]
    eval "exec $1>&-"
    HEADERS=''
    {
        while IFS=$'\r' read -r line && [ -n "$line" ]; do
            HEADERS+=$line$'\n'
        done
        BODY_BYTES=$(wc -c)
    } <"$reply"
    BODY=$(tail -c "$BODY_BYTES" "$reply" | tr -d '\0')
    STATUS=${HEADERS#HTTP/1.1 } STATUS=${STATUS%%[!0-9]*}
}

get() { # get PATH [PORT [METHOD]]
    local one
    connect one "${2-$PORT}"
    send "$one" "$1" "${3-GET}"
    receive "$one"
}

header() { # header NAME: its value in the last reply, in a shell of its own
    (
        shopt -s nocasematch
        [[ $HEADERS =~ (^|$'\n')"$1: "([^$'\n']*) ]] && echo "${BASH_REMATCH[2]}"
    ) || true
}

stamp() { # stamp process|thread|cpu|from_ns|to_ns: who ran the last reply, and when
    [[ $HEADERS =~ $'\n'"Juggle-Worker: "([^$'\n']* )?"$1="([0-9]*) ]]
    echo "${BASH_REMATCH[2]}"
}

# When the last reply's request arrived: its start less its time in the queue. Server-Timing
# has microseconds, so this may be one too late.
arrived_ns() {
    local queue_us
    queue_us=$(header Server-Timing | sed -n 's/^queue;dur=\([0-9]*\)\.\([0-9]*\),.*/\1\2/p')
    echo $(($(stamp from_ns) - 10#$queue_us * 1000))
}

# A folder of peers with the example of docs/peers.md.
write_stdlib() {
    mkdir -p peers/stdlib
    sed -n '/^```python$/,/^```$/p' "$BATS_TEST_DIRNAME/../../docs/peers.md" | sed '1d;$d' >peers/stdlib/server.py
    sed -n '/^```json$/,/^```$/p' "$BATS_TEST_DIRNAME/../../docs/peers.md" | sed '1d;$d' >peers/stdlib/peer.json
    export JUGGLE_PEERS=$PWD/peers
}

# A command that must fail: `!` alone would not end a test in which it does not.
not() { # not COMMAND...
    if "$@"; then
        echo "this should have failed: $*" >&2
        return 1
    fi
}

# For jq: whether requests are planned at constant gaps of so many us. A generator that got no
# CPU may not have sent some of them.
CONSTANT='def constant($gap): map(.planned_us / $gap) | sort | [.[] - .[0]] |
    (map(. - round | fabs) | max < 2e-4) and (map(round) | length == (unique | length));'

# Wrong calls: one line on stderr, nothing on stdout, exit 2.
refused() { # refused ARGUMENT...: of juggle; the line is in `complaint`
    local status=0
    timeout $LIMIT_S "$JUGGLE" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" \
        </dev/null 3>&- || status=$?
    complaint=$(cat "$BATS_TEST_TMPDIR/err")
    if [ $status -ne 2 ] || [ -s "$BATS_TEST_TMPDIR/out" ] ||
        [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -ne 1 ]; then
        echo "juggle $*: exit $status, '$complaint'" >&2
        return 1
    fi
}

says() { # says TEXT: the last complaint does
    case $complaint in *"$1"*) ;; *) echo "'$complaint' does not say '$1'" >&2 && return 1 ;; esac
}
