# shellcheck shell=bash
# For files whose tests share one server: URL, without a slash at its end.

setup_file() {
    # 3>&- : bats waits for everything that holds its descriptor 3
    "$JUGGLE" serve -p 0 --turns-per-ms 1000 >"$BATS_FILE_TMPDIR/serve.log" 2>&1 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/serve.pid"
    for _ in $(seq 600); do
        URL=$(sed -n 's/.*listening on \(http:[^ ]*\)\/.*/\1/p' "$BATS_FILE_TMPDIR/serve.log")
        [ -n "$URL" ] && break
        sleep 0.1
    done
    [ -n "$URL" ]
    export URL
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/serve.pid")"
    wait "$(cat "$BATS_FILE_TMPDIR/serve.pid")" || true
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}
