#!/usr/bin/env bats
# Steps of one's own, `--step`: shared objects and commands, good ones, bad ones, and the
# examples, built as their users build them.

load helpers

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

strategies() {
    "$JUGGLE" serve --help | sed -n 's|^  /\([a-z]*\)/?work=.*|\1|p'
}

# Builds NAME.so from an example, or from stdin.
build() { # build NAME [OPTION...]
    local source=$TOP/examples/$1.c
    if [ ! -e "$source" ]; then
        { echo '#include <stdlib.h>' && echo '#include <string.h>' &&
            echo '#include "juggle_step.h"' && cat; } >"$1.c"
        source=$1.c
    fi
    ${CC:-cc} -O2 -shared -fPIC -I "$TOP/include" "${@:2}" -o "$1.so" "$source"
}

post() { # post PATH FILE
    rm -f reply.*
    connect one "$PORT"
    { printf 'POST %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: %d\r\n\r\n' \
        "$1" "$(wc -c <"$2")" && cat "$2"; } >&"$one"
    receive "$one"
}

reply_bytes() { # of the last post
    sed -e '1,/^\r$/d' "reply.$one"
}

ms_of() { # ms_of cpu|wait: of the last reply, whole ones
    header Server-Timing | sed "s/.*$1;dur=\([0-9]*\)\..*/\1/"
}

# What stands in examples/

@test "an image is blurred under every strategy, from the body or without one" {
    build blur
    mkdir "a b"
    mv blur.so "a b"
    printf 'P5 3 1 255\n\x00\xff\x00' >image
    start_server --step blur="./a b/blur.so" --work blur
    for name in $(strategies); do
        post "/$name/?radius=1" image
        [ "$STATUS" -eq 200 ]
        [ "$(header Content-Type)" = image/x-portable-graymap ]
        # each is the mean of itself and its neighbours
        [ "$(reply_bytes | tail -c 3 | od -An -tu1 | xargs)" = "127 85 127" ]
        get "/$name/"
        [ "$BODY_BYTES" -eq $((512 * 512 + 15)) ]
        get "/$name/?radius=99"
        [ "$STATUS" -eq 400 ]
        [ "$BODY" = "step blur: radius wants a number from 0 to 64" ]
    done
    stop_server "$PID"
    [ ! -s "$ERR" ]
}

@test "a table is made once a process, and before the fork where the step says so" {
    build factors
    start_server --step factors=./factors.so --only processing,threadpool --workers 2
    for name in processing threadpool; do
        get "/$name/?work=factors&n=123456"
        [ "$BODY" = "2 2 2 2 2 2 3 643" ]
    done
    get "/processing/?work=factors&n=0"
    [ "$STATUS" -eq 400 ]
    stop_server "$PID"
    build factors -DBEFORE_FORK
    start_server --step factors=./factors.so --only forking
    get "/forking/?work=factors&n=123456"
    [ "$BODY" = "2 2 2 2 2 2 3 643" ]
    stop_server "$PID"
}

@test "a program in Python counts the words of the body" {
    printf 'to be or not to be\n' >body
    start_server --step words="python3 '$TOP/examples/words.py'" --work words
    for name in $(strategies); do
        post "/$name/?most=1" body
        [ "$STATUS" -eq 200 ]
        [ "$BODY" = "2 to" ]
        [ "$(ms_of cpu)" -ge 1 ] # Python alone takes longer to start
        post "/$name/?most=x" body
        [ "$STATUS" -eq 500 ]
        [ "$BODY" = "step words exited with 1: most wants a number, not x" ]
    done
    stop_server "$PID"
    [ ! -s "$ERR" ]
}

@test "README of the examples: each line of a command builds or serves" {
    sed -n '/^```sh$/,/^```$/p' "$TOP/examples/README.md" | grep '^cc ' >builds
    [ "$(wc -l <builds)" -ge 3 ]
    ln -s "$TOP/include" "$TOP/examples" .
    bash -e builds
    for name in nothing blur factors; do
        [ -e $name.so ]
    done
}

# The last bytes win

@test "the reply is that of the last step that yields bytes, and of none it is done" {
    build nothing
    start_server --step nothing=./nothing.so --step one='echo one' --step two='echo two' --step silent=true
    for name in $(strategies); do
        get "/$name/?work=one%2Btwo%2Bnothing%2Bsilent%2Bcpu:10turns"
        [ "$BODY" = two ]
        [ "$(header Content-Type)" = application/octet-stream ]
        get "/$name/?work=nothing%2Bsilent"
        [ "$BODY" = "done" ]
        get "/$name/?work=one" "$PORT" HEAD
        [ "$BODY_BYTES" -eq 0 ]
        [ "$(header Content-Length)" -eq 4 ]
    done
}

@test "bodies and replies of a megabyte go through every strategy as they are" {
    head -c 1000000 /dev/urandom >big
    start_server --step echo=cat --work echo
    for name in $(strategies); do
        post "/$name/" big
        [ "$STATUS" -eq 200 ]
        reply_bytes | cmp - big
    done
}

@test "many threads of a strategy call a step at once" {
    build factors
    start_server --step factors=./factors.so --threads 8
    for name in $(strategies | grep -v forking); do
        "$JUGGLE" load -q -b -c 20 -r 10 --json load.json "$URL/$name/?work=factors" >out
        grep -q '"failed_transactions": *0[,}]' load.json
    done
}

@test "a query is the step's as it came, and of other works its names are refused" {
    start_server --step query='echo $QUERY_STRING' --step plain='printenv QUERY_STRING'
    get "/threadpool/?work=query&a=b%20c"
    [ "$BODY" = "work=query&a=b%20c" ]
    get "/async/?work=plain&x=1"
    [ "$BODY" = "work=plain&x=1" ]
    get "/async/?work=sh%20-c%20ls"
    [ "$STATUS" -eq 400 ]
    get "/async/?work=./blur.so"
    [ "$STATUS" -eq 400 ]
    stop_server "$PID"
    start_server
    get "/async/?work=cpu:1turns&x=1"
    [ "$STATUS" -eq 400 ]
    get "/async/?work=query"
    [ "$STATUS" -eq 400 ]
}

# Time

@test "what a step computes is CPU time of the job, and what it waits is its wait" {
    build spin <<'END'
#include <time.h>
static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    struct timespec now, nap = {0, 30000000};
    (void)state, (void)request;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < 1 || now.tv_nsec % 100000000 < 20000000);
    nanosleep(&nap, NULL);
    reply->wait_ns = 30000000;
    return 0;
}
const struct juggle_step juggle_step = {.abi = JUGGLE_STEP_ABI, .call = call};
END
    start_server --step spin=./spin.so --step nap='sleep 0.1' --step burn='i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'
    for name in $(strategies); do
        get "/$name/?work=spin"
        [ "$STATUS" -eq 200 ]
        [ "$(ms_of wait)" -eq 30 ]
        get "/$name/?work=nap"
        [ "$STATUS" -eq 200 ]
        echo "$name: $HEADERS"
        [ "$(ms_of wait)" -ge 50 ]
        get "/$name/?work=burn"
        [ "$STATUS" -eq 200 ]
        [ "$(ms_of cpu)" -ge 5 ]
    done
}

@test "a command that takes too long is ended with all it started, 504" {
    nap="sleep 1000.$BASHPID" # as nobody else runs
    start_server --step-timeout 200ms --step hang="$nap & $nap"
    for name in $(strategies); do
        get "/$name/?work=hang"
        [ "$STATUS" -eq 504 ]
        [ "$BODY" = "step hang: it did not end in time (--step-timeout)" ]
    done
    await nobody_runs "$nap"
    stop_server "$PID"
}

nobody_runs() { # nobody_runs "PROGRAM ARGUMENT"
    not grep -lsaP "^${1/ /\\x00}\\x00\$" /proc/[0-9]*/cmdline
}

@test "a command whose client has gone is ended" {
    nap="sleep 1000.$BASHPID"
    start_server --step-timeout 1h --step hang="$nap"
    for name in $(strategies | grep -v blocking); do
        connect one "$PORT"
        send "$one" "/$name/?work=hang"
        await runs_somewhere "$nap"
        exec {one}>&-
        await nobody_runs "$nap"
    done
    get /
    stop_server "$PID"
}

@test "a command is not started for a client who went during the step before it" {
    start_server --step mark='touch started'
    for name in $(strategies | grep -v blocking); do
        connect one "$PORT"
        send "$one" "/$name/?work=sleep:1s%2Bmark"
        exec {one}>&-
    done
    stop_server "$PID" # which ends every job
    [ ! -e started ]
}

@test "a command without a limit is awaited" {
    start_server --step-timeout 0 --step nap='sleep 0.1'
    for name in $(strategies); do
        get "/$name/?work=nap"
        [ "$STATUS" -eq 200 ]
    done
}

@test "all words of a command count, and a variable before it is the shell's" {
    start_server --step many="echo$(printf ' %d' {1..100})" --step set='SAID=yes printenv SAID'
    get "/threading/?work=many"
    [ "$BODY" = "$(echo {1..100})" ]
    get "/threading/?work=set"
    [ "$BODY" = yes ]
}

@test "what is opened is closed once, whichever process opens it" {
    for flag in 0 JUGGLE_STEP_OPENS_BEFORE_FORK; do
        build log -D_GNU_SOURCE -DFLAG=$flag <<'END'
#include <stdio.h>
#include <unistd.h>
static void note(const char *what) {
    FILE *log = fopen("log", "a");
    fprintf(log, "%d %s\n", (int)getpid(), what);
    fclose(log);
}
static int open_it(void **state, char *error) {
    note("open");
    return 0;
}
static void close_it(void *state) {
    note("close");
}
static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    return 0;
}
const struct juggle_step juggle_step = {JUGGLE_STEP_ABI, FLAG, open_it, call, close_it};
END
        for n in 1 2; do
            rm -f log
            start_server --step log=./log.so --processes $n
            for name in $(strategies); do
                get "/$name/?work=log"
                [ "$STATUS" -eq 200 ]
            done
            stop_server "$PID"
            grep open log
            [ "$(sed -n 's/ open//p' log | sort)" = "$(sed -n 's/ close//p' log | sort)" ]
        done
    done
}

@test "a server of several that is started again is stopped while it opens its steps" {
    build slow <<'END'
#include <stdio.h>
#include <unistd.h>
static int open_it(void **state, char *error) {
    (void)state, (void)error;
    if (access("again", F_OK) == 0) {
        fclose(fopen("opens", "w"));
        sleep(60);
    }
    return 0;
}
static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    (void)state, (void)request, (void)reply;
    return 0;
}
const struct juggle_step juggle_step = {JUGGLE_STEP_ABI, 0, open_it, call, NULL};
END
    start_server --step slow=./slow.so --processes 2 --only threading
    touch again
    kill -KILL "$(children_of "$PID" | head -1)"
    await test -e opens
    stop_server "$PID"
}

runs_somewhere() {
    ! nobody_runs "$1" 2>/dev/null
}

# Each call waits until another one is in it as well.
write_meeting() { # write_meeting NAME FLAGS LIMIT_MS
    build "$1" "-DFLAGS=$2" "-DLIMIT_MS=$3" <<'END'
#include <stdatomic.h>
#include <unistd.h>
static atomic_int n_inside;
static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    (void)state, (void)request, (void)reply;
    atomic_fetch_add(&n_inside, 1);
    for (int i = 0; i < LIMIT_MS; i++) {
        if (atomic_load(&n_inside) >= 2)
            return 0;
        usleep(1000);
    }
    atomic_fetch_sub(&n_inside, 1);
    return 500;
}
const struct juggle_step juggle_step = {JUGGLE_STEP_ABI, FLAGS, NULL, call, NULL};
END
}

@test "under the GIL one call at a time, unless the step says that it releases it" {
    write_meeting holds 0 100
    write_meeting releases JUGGLE_STEP_RELEASES_GIL 30000
    for name in holds releases; do
        start_server --gil --threads 2 --only threadpool --step "$name=./$name.so"
        connect first "$PORT"
        connect second "$PORT"
        send "$first" "/threadpool/?work=$name"
        send "$second" "/threadpool/?work=$name"
        for one in "$first" "$second"; do
            receive "$one"
            [ "$STATUS" -eq "$([ $name = holds ] && echo 500 || echo 200)" ]
        done
        stop_server "$PID"
    done
}

# Refused at the start

@test "a bad declaration is refused in one line" {
    refused serve --step
    refused serve --step resize
    says "does not say how; write NAME=FILE.so or NAME=COMMAND"
    refused serve --step cpu=cat
    says "has the name of a step that there is"
    refused serve --step "Big One=cat"
    says "another name than up to 15"
    refused serve --step a=cat --step a=true
    says "declared twice"
    refused run --step cpu=cat
    says "has the name of a step that there is"
    refused serve --step a=no-such-program
    says "a: there is no program 'no-such-program'; a shared object ends with .so"
    refused serve --step a=/etc/passwd
    says "there is no program"
    refused serve --step a=./missing.so
    says "a: cannot read ./missing.so: No such file or directory"
    # shellcheck disable=SC2046
    refused serve $(for i in 1 2 3 4 5 6 7 8 9; do echo "--step s$i=cat"; done)
    says "up to 8 times"
    refused serve --step a=cat --work b
    says "step 'b' is unknown"
    says "and a"
}

@test "a shared object of another version, or of none, is refused with the versions" {
    echo 'int call(void);' >empty.c
    ${CC:-cc} -shared -fPIC -o empty.so empty.c
    refused serve --step a=./empty.so
    says "./empty.so does not define 'juggle_step'; it is to be built with juggle_step.h, version 1"
    build other <<'END'
const struct juggle_step juggle_step = {.abi = 77};
END
    refused serve --step a=./other.so
    says "./other.so was built with version 77 of juggle_step.h, and this juggle has version 1"
    build idle <<'END'
const struct juggle_step juggle_step = {.abi = JUGGLE_STEP_ABI};
END
    refused serve --step a=./idle.so
    says "has no 'call'"
    echo "no object" >text.so
    refused serve --step a=./text.so
    says "a: cannot load it: "
}

@test "a step that cannot be opened: no server, or 500 where workers open it" {
    build shut <<'END'
static int open_it(void **state, char error[JUGGLE_STEP_ERROR_BYTES]) {
    (void)state;
    strcpy(error, "the model is missing");
    return 1;
}
static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    (void)state, (void)request, (void)reply;
    abort();
}
const struct juggle_step juggle_step = {JUGGLE_STEP_ABI, 0, open_it, call, NULL};
END
    for n in 1 3; do
        refused serve --step a=./shut.so --processes $n
        says "a: the model is missing"
    done
    start_server --step a=./shut.so --only processing
    get "/processing/?work=a"
    [ "$STATUS" -eq 500 ]
    [ "$BODY" = "step a: the model is missing" ]
}

# What crashes

write_crash() {
    build crash <<'END'
static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    (void)state, (void)request, (void)reply;
    __builtin_trap();
}
const struct juggle_step juggle_step = {.abi = JUGGLE_STEP_ABI, .call = call};
END
}

@test "a step that crashes costs its request a worker process, and the server goes on" {
    write_crash
    for name in forking processing; do
        start_server --step crash=./crash.so --only "$name" --workers 1
        for _ in 1 2 3; do
            get "/$name/?work=crash"
            [ "$STATUS" -eq 500 ]
            [ "$BODY" = "the worker process ended before its job was done" ]
        done
        get "/$name/?work=cpu:1turns"
        [ "$BODY" = "done" ]
        stop_server "$PID"
    done
}

@test "a command that crashes costs its request alone, and the signal is named" {
    start_server --step crash='kill -SEGV $$'
    for name in $(strategies); do
        get "/$name/?work=crash"
        [ "$STATUS" -eq 500 ]
        [ "$BODY" = "step crash was ended by SIGSEGV" ]
    done
}

@test "a run says which signal ended the server" {
    write_crash
    run "$JUGGLE" run --step crash=./crash.so --work crash -s threading --seconds 0.2 \
        --repeat 1 --no-live --out results
    [ "$status" -eq 1 ] # a lone request has shown it
    [[ $output =~ "juggle: run: work crash is not measured, because it fails alone: the server was ended by SIG"(ILL|TRAP) ]]
    [[ $output =~ "Nothing was measured." ]]
    [ "$(grep -c '^juggle: run: ' <<<"$output")" -eq 1 ]
    jq -e '.failures | length == 1 and .[0].cell == "threading" and
        (.[0].why | test("SIG(ILL|TRAP)"))' results/run.json
    run "$JUGGLE" run --upstream http://127.0.0.1:1/ --work fetch -s async --repeat 1 --no-live --out u
    [ "$status" -eq 1 ]
    [[ $output =~ "juggle: run: work fetch is not measured, because it fails alone: ".*" check that the --upstream answers" ]]
    # other works go on
    for works in crash,cpu:1ms cpu:1ms,crash; do
        run "$JUGGLE" run --step crash=./crash.so --work $works -s threading,forking --users 2 \
            --seconds 0.2 --repeat 1 --no-live --out "of-$works"
        [ "$status" -eq 1 ]
        [ "$(grep -c '^juggle: run: ' <<<"$output")" -eq 1 ]
        [ "$(jq -r '.cells[].name' "of-$works/summary.json" | xargs)" = \
            "own-threading-workcpu-1ms own-forking-workcpu-1ms" ]
        [ "$(jq -r '.failures[].cell' "of-$works/run.json" | xargs)" = \
            "threading, work crash forking, work crash" ]
    done
}

@test "a step that may not be called twice at once: threads crash, and the run goes on" {
    build unsafe <<'END'
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>
static atomic_int n_inside;
static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    (void)state, (void)request, (void)reply;
    if (atomic_fetch_add(&n_inside, 1) > 0) {
        signal(SIGSEGV, SIG_DFL); // a sanitizer handles it otherwise
        raise(SIGSEGV);
    }
    usleep(20000);
    atomic_fetch_sub(&n_inside, 1);
    return 0;
}
const struct juggle_step juggle_step = {.abi = JUGGLE_STEP_ABI, .call = call};
END
    status=0
    "$JUGGLE" run --step unsafe=./unsafe.so --work unsafe -s threading,processing --users 4 \
        --seconds 0.3 --repeat 1 --no-live --out results >out 2>err || status=$?
    cat out err
    [ "$status" -eq 1 ]
    grep -q "^juggle: run: threading, repeat 1: the server was ended by SIGSEGV" err
    [ "$(jq '.failures | length' results/run.json)" -eq 1 ]
    jq -e '.load.statistics.failed_transactions == 0' results/cells/own-processing-r1.json
}

# Runs

@test "a run measures declared steps, says so, and goes on with them" {
    build nothing
    "$JUGGLE" run --step nothing=./nothing.so --step nap='sleep 0.01' \
        --work nothing+nap+cpu:1ms -s threadpool,processing --users 2 --seconds 0.3 \
        --repeat 1 --no-live --out results >out 2>err
    grep -q '"nothing=./nothing.so"' results/run.json
    grep -q '"nap=sleep 0.01"' results/run.json
    grep -q 'nap=sleep 0.01' results/report.md
    rm results/cells/*processing*
    "$JUGGLE" run --resume results --no-live >again
    ls results/cells/*processing*-r1.json
    "$JUGGLE" report results >out
}

@test "a run gives its steps a query and a body, and a command so much time" {
    echo "to be" >body
    asks=(--step asks='test "$QUERY_STRING" = "n=1&m=a%20b" && grep -qx "to be"' --work asks)
    "$JUGGLE" run "${asks[@]}" --query "n=1&m=a%20b" --body body -s async,processing --users 2 \
        --rounds 1 --repeat 2 --no-live --out results >out 2>err
    rm results/cells/own-async-r2.json
    "$JUGGLE" run --resume results --no-live >again
    jq -se 'length == 6 and all(.load.statistics.failed_transactions == 0)' results/cells/*.json
    refused run --work cpu:1ms --query n=1
    refused run "${asks[@]}" --query "n=1 2"
    refused run "${asks[@]}" --body nothing-there
    run "$JUGGLE" run --step hang='sleep 1000' --step-timeout 100ms --work hang -s async --repeat 1 \
        --no-live --out late
    [ "$status" -eq 1 ]
    [[ "$output" == *"it fails alone: a lone request was answered with status 504, not 200"* ]]
}
