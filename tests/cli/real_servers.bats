#!/usr/bin/env bats
# bats file_tags=one-thread
# The servers in peers/, those that are installed here, and how others are found.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

@test "every peer that is installed does the work that was asked for, in turns of its own" {
    local installed=0 peer
    for peer in "$BATS_TEST_DIRNAME"/../../peers/*/peer.json; do
        ! sh -c "$(jq -r .check "$peer")" >/dev/null || installed=$((installed + 1))
    done
    [ $installed -gt 0 ] || skip "./run.sh --with-peers installs the peers"
    "$JUGGLE" run -e peers --work cpu:10ms --users 4 -r 1 -o made >out 2>err 3>&-
    cat out err
    [ "$(jq '[.contestants[].peer] | unique | length' made/run.json)" -eq $installed ]
    jq -e '[.contestants | group_by(.peer)[] | map(.turns_per_ms) | unique | length == 1 and .[0] > 0] | all' made/run.json
    jq -e '[.cells[] | .figures.n_failed.value == 0 and .figures.own_t_us.value > 0] | all' made/summary.json
    for cell in made/cells/*-r1.json; do
        jq -e '.parameters.work | test("^cpu:[1-9][0-9]*turns$")' "$cell"
        # 10 ms, on a machine that may have another speed now than when its turns were counted
        jq -e '.machine.t_alone_us > 2000 and .machine.t_alone_us < 100000' "$cell"
    done
    [ "$(jq '.cells | length' made/run.json)" -eq "$(find made/cells -name '*-r1.json' | wc -l)" ]
    not grep -E '^.{81}' out
}

@test "Tornado's paths wait as long as they are told, and are judged by the article's claims" {
    /usr/bin/python3 -c 'import tornado' || skip "install python3-tornado"
    "$JUGGLE" run -e peers --peers tornado --work cpu:2ms+sleep:30ms --users 4 -r 1 -o made >out 2>err 3>&-
    jq -e '[.cells[].figures.own_t_us.value >= 30000] | all' made/summary.json
    jq -e '.cells[] | select(.name == "peers-tornado-blocking") | .figures.last_us.value >= 120000' made/summary.json
    jq -e '.[] | select(.id == "blocking-is-linear") | .verdict == "undecided" and
        (.evidence | startswith("tornado-blocking: 1 repeat, 4 requests"))' made/findings.json
    # this work waits, and a GIL serialises what computes
    jq -e '.[] | select(.id == "gil-serialises") | .verdict == "not applicable"' made/findings.json
    start_server
    local port # one that the kernel says is free
    port=$(/usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
    start_session tornado /usr/bin/python3 "$BATS_TEST_DIRNAME/../../peers/tornado/server.py" 127.0.0.1 "$port"
    await eval "(: </dev/tcp/127.0.0.1/$port) 2>/dev/null"
    get "/async/?url=$URL/" $port
    [ "$STATUS" -eq 200 ] && [ "$BODY" = "hello, world" ]
}

@test "a peer whose runtime is missing is left out, in a line that says what to install" {
    mkdir none
    status=0
    PATH=$PWD/none "$JUGGLE" run -e peers --peers go --dry-run >out 2>err || status=$?
    [ "$status" -eq 2 ]
    grep -qx 'go is left out: install golang-go, or let ./run.sh --with-peers do it' out
    grep -q 'no peer is installed; ./run.sh --with-peers installs them' err
}

@test "the example of docs/peers.md is a peer: found, measured and judged, beside ours; --resume keeps its turns" {
    command -v python3 >/dev/null || skip "install python3"
    write_stdlib
    "$JUGGLE" run -e article,peers --strategies forking --work cpu:5ms --users 4 -r 1 -o made >out 2>err 3>&-
    jq -e '[.cells[].name] == ["forking", "peers-forking", "peers-stdlib"]' made/run.json
    jq -e '.contestants | length == 1 and .[0].as == "threading-gil" and .[0].turns_per_ms > 0' made/run.json
    # each experiment judges its own cells: the article's was not to have threads
    jq -e '[.[] | select(.id == "threads-keep-answering")] | .[0].verdict == "not applicable" and
        (.[1].evidence | startswith("stdlib: 1 repeat"))' made/findings.json
    jq -e '[.[] | select(.id == "processes-use-the-cores") | .verdict] == ["undecided", "not applicable"]' made/findings.json
    grep -q "what one expects of strategies" out
    jq .parameters.work made/cells/peers-stdlib-r1.json >before
    rm made/cells/peers-stdlib-r1.*
    "$JUGGLE" run --resume made >out 2>err 3>&-
    jq .parameters.work made/cells/peers-stdlib-r1.json | diff before -
}

@test "peers: what cannot be is said before anything starts" {
    write_stdlib
    refused run -e peers --peers nobody
    says "there is no peer 'nobody' in $PWD/peers; there are stdlib"
    refused run -e peers --peers ''
    says "no peer is named; there are stdlib"
    refused run --peers stdlb
    says "there is no peer 'stdlb' in $PWD/peers; did you mean 'stdlib'? there are stdlib"
    refused run -e peers --work fetch
    says "is told cpu and sleep steps alone"
    refused run --server 'a=x {port}' --as nobody
    says "there is no cell of article 'nobody'"
    sed -i 's/"shows"/"show"/' peers/stdlib/peer.json
    refused run -e peers
    says "peers/stdlib/peer.json: shows"
    JUGGLE_PEERS=$PWD/nowhere refused run -e peers
    says "set JUGGLE_PEERS to it"
}

@test "a server whose CPU time does not grow with its turns is named, and not measured" {
    command -v python3 >/dev/null || skip "install python3"
    status=0
    "$JUGGLE" run -e own --work cpu:1ms --users 2 --seconds 0.3 -r 1 -o made --path '/?turns={turns}' \
        --server "idle=python3 '$BATS_TEST_DIRNAME/server.py' plain {port}" >out 2>err 3>&- || status=$?
    [ "$status" -eq 1 ]
    grep -q 'run: idle: more {turns} in its path are no more work' err
    jq -e '.failures[0].cell == "idle"' made/run.json
    [ -z "$(ls made/cells)" ]
}
