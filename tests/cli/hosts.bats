#!/usr/bin/env bats
# bats file_tags=one-thread
# `juggle run` on other hosts over ssh, and one load from several. The hosts are sshds of
# the test's own: one on 127.0.0.1, and others in network namespaces where these may be made.

load helpers

SERVER=$BATS_TEST_DIRNAME/server.py
short=(-e own --users 2 --seconds 0.2 -r 1)

setup() {
    { command -v ssh && [ -x /usr/sbin/sshd ]; } >/dev/null ||
        skip "install openssh-client and openssh-server"
    cd "$BATS_TEST_TMPDIR"
    mkdir far # where the other host keeps what is temporary
    ssh-keygen -q -t ed25519 -N '' -f key
    cp key.pub authorized_keys
    cat >sshd.conf <<END
HostKey $PWD/key
AuthorizedKeysFile $PWD/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
SetEnv TMPDIR=$PWD/far PIDS=$PWD/pids
END
    cat >ssh.conf <<END
IdentityFile $PWD/key
UserKnownHostsFile /dev/null
StrictHostKeyChecking no
LogLevel ERROR
END
    : >pids
    NAMESPACES=()
}

teardown() {
    end_all_sessions
    for name in "${NAMESPACES[@]}"; do
        ip netns del "$name"
    done
}

# An sshd on that address, which listens on any port that is free: PID, and SSH, with
# which juggle reaches it.
start_sshd() { # start_sshd ADDRESS [COMMAND-BEFORE...]
    local port
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
    for port in $(shuf -n 20 -i 20000-29999); do
        start_session "sshd$1" "${@:2}" /usr/sbin/sshd -D -e -f sshd.conf -o "ListenAddress=$1" -p "$port"
        await says_where_or_ends "sshd$1.err" "$PID"
        grep -q '^Server listening' "sshd$1.err" && break
    done
    SSH="ssh -F $PWD/ssh.conf -p $port"
}

says_where_or_ends() {
    grep -q '^Server listening' "$1" || ! kill -0 "$2" 2>/dev/null
}

# A host in a network namespace: 10.77.0.1 is its name for the first of them.
make_hosts() { # make_hosts N: $$-0 is here, $$-1 ... are reached at 10.77.K.2
    local k
    command -v ip >/dev/null || skip "install iproute2"
    ip netns add "jg$$-0" 2>/dev/null || skip "network namespaces may not be made here"
    NAMESPACES=("jg$$-0")
    HERE=(ip netns exec "jg$$-0")
    "${HERE[@]}" ip link set lo up
    "${HERE[@]}" ip address add 10.77.0.1/32 dev lo
    for k in $(seq "$1"); do
        ip netns add "jg$$-$k"
        NAMESPACES+=("jg$$-$k")
        ip -n "jg$$-0" link add "to$k" type veth peer name back netns "jg$$-$k"
        ip -n "jg$$-0" address add "10.77.$k.1/24" dev "to$k"
        ip -n "jg$$-0" link set "to$k" up
        ip -n "jg$$-$k" address add "10.77.$k.2/24" dev back
        ip -n "jg$$-$k" link set back up
        ip -n "jg$$-$k" link set lo up
        ip -n "jg$$-$k" route add default via "10.77.$k.1"
    done
}

# Nothing of juggle is there any more: no session of that sshd, no file, no server.
nothing_is_left() { # nothing_is_left PID
    local pid
    [ -z "$(children_of "$1")" ] && [ -z "$(ls far)" ] || return 1
    while read -r pid; do
        if kill -0 "$pid" 2>/dev/null; then
            return 1
        fi
    done <pids
}

# The program for either end, and what a load of the other one writes into.
load_is_there() {
    [ "$(find far -mindepth 1 -maxdepth 1 | wc -l)" -eq 3 ]
}

ME=$(id -un)

@test "strategies on another host: costs as of a run here, the program copied, nothing left" {
    start_sshd 127.0.0.1
    "$JUGGLE" run "${short[@]}" --strategies forking -w cpu:1ms -o near >near.out
    "$JUGGLE" run "${short[@]}" --strategies forking -w cpu:1ms -o made \
        --server-host "$ME@127.0.0.1" --ssh "$SSH" >out
    grep -q "^server on $ME@127.0.0.1: .* CPU" out
    for run in near made; do
        jq '.server | del(.host) | map_values(. != null)' $run/cells/own-forking-r1.json >$run.keys
    done
    cmp near.keys made.keys
    jq -e '.server.cpu_user_s > 0 and .server.peak_pss_bytes > 1e5 and .window.idle_s >= 0 and
        .window.generator_apart and .machine.t_alone_us > 0 and .machine.cores > 0 and
        (.server.host | endswith("@127.0.0.1"))' made/cells/own-forking-r1.json
    jq -e '.hosts.server and .hosts.from == null and .machine.cpus_usable > 0' made/run.json
    jq -e '[.cells[].figures | .own_t_us.value > 0 and .cpus_busy.value > 0 and
        .cpus_available.value > 0 and .n_failed.value == 0] | all' made/summary.json
    grep -q "Servers ran on $ME@127.0.0.1; the load came from the machine that measured" made/report.md
    grep -q "clocks of two machines differ, so lanes" made/report.md
    "$JUGGLE" report made --chart lanes --format svg >lanes.svg
    grep -q "not known: two machines' clocks differ" lanes.svg
    # a run that goes on connects again, and finds that machine
    "$JUGGLE" run --resume made >out
    grep -q "^server on $ME@127.0.0.1: " out
    jq -e '.resumed == [""]' made/run.json
    await nothing_is_left "$PID"
}

@test "two network namespaces: servers in the other one, with juggle there, then the load" {
    command -v python3 >/dev/null || skip "install python3"
    make_hosts 1
    start_sshd 10.77.1.2 ip netns exec "jg$$-1"
    there=(--ssh "$SSH" --remote-juggle "$(realpath "$JUGGLE")" --path /predict --idle-path /)
    "${HERE[@]}" "$JUGGLE" run "${short[@]}" -o made --server-host "$ME@10.77.1.2" "${there[@]}" \
        --strategies threading -w cpu:1ms --server "mine=python3 '$SERVER' plain {host}:{port} 1"
    for name in threading mine; do
        jq -e '.load.statistics.failed_transactions == 0 and .server.cpu_user_s > 0 and
            .server.peak_pss_bytes > 1e5 and (.server.host | endswith("@10.77.1.2")) and
            (.load.url | startswith("http://10.77.1.2:"))' "made/cells/own-$name-r1.json"
    done
    jq -e '.window.tree_cpu_s > 0 and .server.own_t_from == "processes" and
        .server.peak_processes == 2' made/cells/own-mine-r1.json
    grep -q '^this is plain on 0.0.0.0:[0-9]*$' made/cells/own-mine-r1.log
    # where it listens on 127.0.0.1 alone the load cannot come
    status=0
    "${HERE[@]}" "$JUGGLE" run "${short[@]}" -o deaf --server-host "$ME@10.77.1.2" "${there[@]}" \
        --server "mine=python3 '$SERVER' plain {port}" --ready-limit 3s >out 2>err || status=$?
    [ $status -ne 0 ]
    grep -q 'it listens on 127.0.0.1:[0-9]*; it has to listen on {host} (0.0.0.0) and {port}' err
    await nothing_is_left "$PID"
    # and the other way: servers are here, and the load comes from there
    "${HERE[@]}" "$JUGGLE" run "${short[@]}" -o back --from "$ME@10.77.1.2" "${there[@]:0:4}" \
        --strategies threading -w cpu:1ms >out
    grep -q "^load from $ME@10.77.1.2" out
    jq -e '.load.statistics.failed_transactions == 0 and .generator.cpu_user_s > 0 and
        (.generator.host | endswith("@10.77.1.2")) and (.server | has("host") | not) and
        (.load.url | startswith("http://10.77.1.1:")) and .window.generator_apart and
        .users_from_us > 0' back/cells/own-threading-r1.json
    await nothing_is_left "$PID"
}

@test "what is wrong with servers there is said as of servers here" {
    command -v python3 >/dev/null || skip "install python3"
    start_sshd 127.0.0.1
    status=0
    "$JUGGLE" run "${short[@]}" -o made --server-host "$ME@127.0.0.1" --ssh "$SSH" --strategies threading \
        --step alone="mkdir '$PWD/in' || kill -ABRT \$PPID; sleep 0.1; rmdir '$PWD/in'" --work alone \
        --server "elsewhere=python3 '$SERVER' elsewhere {host}:{port}" --ready-limit 4s \
        --server "leaving=python3 '$SERVER' leaving {port}" \
        --server "dying=python3 '$SERVER' dying {host}:{port}" \
        --server "good=python3 '$SERVER' plain {host}:{port}" >out 2>err || status=$?
    cat err
    [ $status -eq 1 ]
    said_once "threading, .*: the server was ended by SIGABRT" \
        "elsewhere, .*nothing answered on its port [0-9]* at 127.0.0.1; it listens on 0.0.0.0:[0-9]*; .*; it said: " \
        "leaving, .*ended before it was ready (status 1); it said: .* it had to leave" \
        "dying, .*the server ended while it was measured (SIGSEGV); it said: this is dying on"
    [ "$(jq -r '.cells[].name' made/summary.json)" = own-good ]
    await nothing_is_left "$PID"
}

@test "peers on another host: their folder is copied, what they need is looked for there" {
    command -v python3 >/dev/null || skip "install python3"
    start_sshd 127.0.0.1
    write_stdlib
    sed -i '1i import os; print(os.getcwd(), flush=True)' peers/stdlib/server.py
    mkdir peers/absent
    sed 's/"stdlib"/"absent"/; s/command -v python3/test -e absent/; s/"python3",/"some-runtime",/' \
        peers/stdlib/peer.json >peers/absent/peer.json
    touch absent # it is there in this folder, and not in the other host's home
    for where in "" --remote-juggle="$(realpath "$JUGGLE")"; do
        rm -rf made
        "$JUGGLE" run -e peers --work cpu:5ms --users 2 -r 1 -o made ${where:+"$where"} \
            --server-host "$ME@127.0.0.1" --ssh "$SSH" >out 2>err
        grep -qx "absent is left out: install some-runtime on $ME@127.0.0.1" out
        grep -qx "$PWD/far/juggle-[^/]*/stdlib" made/cells/peers-stdlib-r1.log
        await nothing_is_left "$PID"
    done
    jq -e '.contestants[0].turns_per_ms > 0' made/run.json
    jq -e '(.server.host | endswith("@127.0.0.1")) and .load.statistics.failed_transactions == 0' \
        made/cells/peers-stdlib-r1.json
    rm made/cells/peers-stdlib-r1.*
    "$JUGGLE" run --resume made >out
    grep -qx "$PWD/far/juggle-[^/]*/stdlib" made/cells/peers-stdlib-r1.log
    rm -r peers/stdlib
    status=0
    "$JUGGLE" run --peers absent --server-host "$ME@127.0.0.1" --ssh "$SSH" 2>err || status=$?
    [ $status -eq 2 ]
    grep -qx "juggle: run: no peer is installed on $ME@127.0.0.1" err
    await nothing_is_left "$PID"
}

@test "a run that is interrupted or killed leaves nothing on the other host" {
    command -v python3 >/dev/null || skip "install python3"
    start_sshd 127.0.0.1
    sshd=$PID
    long=(-e own --users 2 --seconds 30 --server-host "$ME@127.0.0.1" --ssh "$SSH"
        --server "mine=python3 '$SERVER' plain {port} 2")
    start_session killed "$JUGGLE" run "${long[@]}" --from "$ME@127.0.0.1" -o killed
    await load_is_there
    kill -KILL "$PID"
    await nothing_is_left $sshd
    : >pids
    start_session interrupted "$JUGGLE" run "${long[@]}" -o interrupted
    await test -s pids
    kill -INT "$PID"
    ends_with 130 "$PID"
    await nothing_is_left $sshd
}

@test "hosts that cannot be used are refused, in one line that says what to do" {
    start_sshd 127.0.0.1
    at=("--server-host=$ME@127.0.0.1" -n)
    refused run --server-host=-x -n
    says "a host is expected, not '-x'"
    refused run "${at[@]}" --ssh no-such-ssh
    says "'no-such-ssh' cannot be started: No such file or directory; install openssh-client"
    refused run "${at[@]}" --ssh "ssh -F $PWD/ssh.conf -p 1"
    says "Connection refused; 'ssh -o BatchMode=yes $ME@127.0.0.1 true' has to work"
    ssh-keygen -q -t ed25519 -N '' -f stranger
    refused run "${at[@]}" --ssh "ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i stranger ${SSH##*conf}"
    says "Permission denied"
    refused run --from "$ME@127.0.0.1" -n --ssh "$SSH" --remote-juggle /none/juggle
    says "run: --from: there is no juggle of this version on $ME@127.0.0.1: "
    refused run "${at[@]}" --ssh "$SSH" --remote-juggle /bin/true
    says "leave out --remote-juggle, and this one is copied"
    printf '#!/bin/sh\nread line\necho "{\\"version\\": \\"0.0\\", \\"revision\\": \\"old\\"}"\n' >old
    chmod +x old
    refused run "${at[@]}" --ssh "$SSH" --remote-juggle "$PWD/old"
    says "$PWD/old of $ME@127.0.0.1 is juggle 0.0 (old), and this is "
    refused run -n --ssh "$SSH"
    says "belong to --server-host or --from"
    refused run "${short[@]}" -w cpu:1ms --server-host="$ME@127.0.0.1" --ssh "$SSH" --server-address 192.0.2.1
    says "cannot be reached at 192.0.2.1: "
    says "a firewall has to let TCP ports 12000 to 31999 through, or --server-address"
    refused run "${at[@]}" --ssh "$SSH" --server 'a=b {socket}'
    says "a unix socket is not reached from another host"
    # a machine of another kind
    mkdir bin
    printf '#!/bin/sh\necho Linux sparc64\n' >bin/uname
    chmod +x bin/uname
    sed -i "s|^SetEnv .*|& PATH=$PWD/bin:$PATH|" sshd.conf
    end_session "$PID"
    start_sshd 127.0.0.1
    refused run "${at[@]}" --ssh "$SSH"
    says "is of 'Linux sparc64', and this juggle of 'Linux $(uname -m)'; build the same version there"
}

@test "one load from two other hosts, by GNU parallel over ssh" {
    command -v parallel >/dev/null || skip "install parallel"
    make_hosts 2
    start_session server "${HERE[@]}" "$JUGGLE" serve --port 0 --bind 10.77.0.1 --turns-per-ms 1000
    await says_where server.out "$PID"
    url=$(sed -n 's/^listening on //p' server.out)
    hosts=
    for k in 1 2; do
        start_sshd "10.77.$k.2" ip netns exec "jg$$-$k"
        hosts=$hosts${hosts:+,}"$SSH $ME@10.77.$k.2"
    done
    at=$(($(date +%s) + 10)) # two connections take some seconds on a busy machine
    PARALLEL_HOME=$PWD "${HERE[@]}" parallel --will-cite -j 1 -S "$hosts" --results part-{} \
        "'$(realpath "$JUGGLE")'" load -q -c 4 -r 50 --share {}/2 --start-at $at --json - "$url" ::: 1 2 >out
    "$JUGGLE" merge part-1 part-2 --json whole.json
    jq -e '.users == 4 and .statistics.transactions == 200 and .share == {"parts": 2} and
        .start.spread_s <= 1' whole.json
    # each part came from a host of its own
    [ "$(grep -l 'Accepted publickey for .* from 10.77.1.1' sshd10.77.1.2.err | wc -l)" -eq 1 ]
    [ "$(grep -l 'Accepted publickey for .* from 10.77.2.1' sshd10.77.2.2.err | wc -l)" -eq 1 ]
}
