#!/usr/bin/env bats
# bats file_tags=build
# What the build promises, on a copy of the tree in a folder whose name has a space: lists
# are derived, so a strategy that is added or deleted is added or deleted everywhere.

load helpers

setup_file() {
    # what a compiler says of an optimised build is looked at where a distribution builds it
    export TREE="$BATS_FILE_TMPDIR/a copy" CFLAGS="-O0 -Wno-format-truncation"
    mkdir "$TREE"
    (cd "$BATS_TEST_DIRNAME/../.." && tar -c --exclude=./build --exclude=./bin \
        --exclude=./results --exclude=./.git .) | tar -x -C "$TREE"
    in_tree make -j "$(nproc)" >"$BATS_FILE_TMPDIR/make.log" 2>&1
    cat >"$TREE/strategies/newcomer.c" <<'END'
/* The least that a strategy can be: one that runs its jobs where they arrive. */
#include "server/core/steps.h"
#include "strategies/strategy.h"

static void submit(struct job *job) {
    steps_run(job);
    job_done(job);
}

const struct strategy strategy_newcomer = {
    .summary = "the newest of them all",
    .submit = submit,
};
END
    in_tree make -j "$(nproc)" all build/plain/tests/contract/test_strategies \
        >"$BATS_FILE_TMPDIR/again.log" 2>&1
    JUGGLE="$TREE/bin/juggle"
}

# make of a tree of its own, not a part of whichever make runs these tests.
in_tree() { # in_tree COMMAND...
    (cd "$TREE" && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u FLAVOUR -u JUGGLE "$@" 3>&-)
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    JUGGLE="$TREE/bin/juggle"
}

teardown() {
    end_all_sessions
}

contract_of() { # contract_of STRATEGY: its part of the contract test
    CMOCKA_MESSAGE_OUTPUT=TAP in_tree ./build/plain/tests/contract/test_strategies "$1 *" 2>&1
}

@test "a clean tree builds without a warning" {
    cat "$BATS_FILE_TMPDIR/make.log"
    [ -x "$JUGGLE" ]
    not grep -i warning: "$BATS_FILE_TMPDIR/make.log"
}

@test "a strategy that is added builds its file and the table, and nothing else" {
    cat "$BATS_FILE_TMPDIR/again.log"
    grep -q "^  CC *strategies/newcomer.c" "$BATS_FILE_TMPDIR/again.log"
    # and the table, which is quiet, and the contract test
    [ "$(grep -c "^  CC " "$BATS_FILE_TMPDIR/again.log")" -eq 2 ]
}

@test "nothing is built again when nothing changed" {
    run in_tree make
    [ "$status" -eq 0 ]
    not grep -E "^  (CC|LINK)" <<<"$output"
}

@test "a header that changed builds what includes it again, and no more" {
    sleep 0.01
    touch "$TREE/server/front/endpoint.h"
    run in_tree make
    [ "$status" -eq 0 ]
    [ "$(grep -c "^  CC " <<<"$output")" -eq "$(cd "$TREE/build/plain" && grep -l server/front/endpoint.h server/*/*.d | wc -l)" ]
    grep -q "^  LINK *bin/juggle" <<<"$output"
}

@test "the generated tables are built again with what they include" {
    sleep 0.01
    touch "$TREE/strategies/strategy.h" "$TREE/experiments/experiment.h"
    in_tree make -j "$(nproc)"
    for name in strategies experiments; do
        [ "$TREE/build/plain/generated/$name.o" -nt "$TREE/strategies/strategy.h" ]
    done
    not grep -E "^  (CC|LINK)" <<<"$(in_tree make)"
}

@test "a file that is added is a strategy: endpoint, --help, contract test, cells" {
    grep -q '/newcomer/?work=... *the newest of them all' <<<"$("$JUGGLE" serve --help)"
    start_server
    get "/newcomer/?work=cpu:10turns"
    [ "$BODY" = "done" ]
    get "/newcomer"
    [ "$STATUS" -eq 400 ] # the article's work, at the speed that start_server claims
    stop_server "$PID"
    contract_of newcomer >contract
    cat contract
    [ "$(grep -c "^ok [0-9]* - newcomer " contract)" -ge 10 ]
    not grep "^not ok" contract
    "$JUGGLE" run --list | grep -q "^  newcomer *the newest of them all"
    "$JUGGLE" run --dry-run | grep -q "^  newcomer .* at most "
    "$JUGGLE" run --dry-run --strategies newcomer | grep -q "^  newcomer .* at most "
}

@test "make help lists the targets" {
    run in_tree make help
    [ "$status" -eq 0 ]
    for target in all test asan tsan bench lint format install uninstall clean help; do
        grep -qE "^ +$target +[a-z]" <<<"$output"
    done
}

@test "an unknown flavour is refused" {
    run in_tree make FLAVOUR=vanilla
    [ "$status" -ne 0 ]
    grep -q "FLAVOUR=vanilla is unknown: plain, asan, tsan" <<<"$output"
}

@test "what is installed works from there, and is gone after uninstall" {
    in_tree make install DESTDIR="$PWD/the root" PREFIX=/usr
    [ -x "the root/usr/bin/juggle" ]
    [ -s "the root/usr/share/man/man1/juggle.1" ]
    "${CC:-cc}" -shared -fPIC -I"the root/usr/include" -o nothing.so "$TREE/examples/nothing.c"
    refused serve --step nothing=./nothing.so --work other
    says "step 'other' is unknown"
    "the root/usr/bin/juggle" --help
    "the root/usr/bin/juggle" run --list 3>&- | grep -q "^  node  *one event loop"
    cmp "the root/usr/share/juggle/peers/node/server.js" "$TREE/peers/node/server.js"
    mv "$TREE/plots" "$TREE/plots.away"
    "the root/usr/bin/juggle" run --work cpu:0 --users 2 --repeat 1 --strategies blocking --out drawn \
        >out 2>err 3>&- || touch failed
    mv "$TREE/plots.away" "$TREE/plots"
    [ ! -e failed ]
    if command -v gnuplot; then
        [ -s drawn/charts/staircase.svg ]
    fi
    in_tree make uninstall DESTDIR="$PWD/the root" PREFIX=/usr
    [ -z "$(find "the root" -type f)" ]
}

# A PATH with every command of this one but those named.
path_without() { # path_without COMMAND...: in `narrow`
    narrow=$BATS_TEST_TMPDIR/narrow
    mkdir -p "$narrow"
    local folder folders
    IFS=: read -ra folders <<<"$PATH"
    for folder in "${folders[@]}"; do
        find "$folder" -maxdepth 1 -mindepth 1 ! -type d -exec ln -s -t "$narrow" {} + 2>/dev/null || true
    done
    for folder in "$@"; do
        rm -f "$narrow/$folder"
    done
}

@test "run.sh --no-install names what is missing, says the command, and exits 2" {
    path_without pkg-config gnuplot
    status=0
    in_tree env PATH="$narrow" ./run.sh --no-install --quick >out 2>err || status=$?
    [ "$status" -eq 2 ]
    [ ! -s out ]
    grep -q "^  pkg-config - finds the libraries$" err
    grep -qE -- "to do it yourself: (sudo )?apt-get install -y --no-install-recommends .*pkg-config" err
    path_without bats
    status=0
    in_tree env PATH="$narrow" ./run.sh --no-install test >out 2>err || status=$?
    [ "$status" -eq 2 ]
    grep -qE "apt-get install -y --no-install-recommends .*bats" err
}

@test "run.sh --with-peers names the packages of peers that are not there, others do not" {
    path_without gunicorn go
    in_tree env PATH="$narrow" ./run.sh --list --with-peers --no-install >out 2>err
    cat err
    grep -q "^  gunicorn - runs the server of peers/gunicorn$" err
    grep -qE "apt-get install -y --no-install-recommends .*golang-go" err
    in_tree env PATH="$narrow" ./run.sh --no-install --list >out 2>err
    not grep gunicorn err
}

@test "run.sh goes on without gnuplot, and hands its options to juggle run" {
    path_without gnuplot
    status=0
    in_tree env PATH="$narrow" ./run.sh --no-install --dry-run --strategies newcomer >out 2>err || status=$?
    cat err
    [ "$status" -eq 0 ]
    grep -qE "apt-get install .*gnuplot" err
    grep -q "^  newcomer .* at most " out
    in_tree ./run.sh --no-install --nonsense >out 2>err || status=$?
    [ "$status" -eq 2 ]
    grep -q "unknown option '--nonsense'" err
}

@test "run.sh help needs no tool, and builds nothing" {
    mkdir empty
    cp "$TREE/run.sh" empty/
    for way in help --help -h "--no-install help"; do
        # shellcheck disable=SC2086
        env PATH="$BATS_TEST_TMPDIR/nothing:$(dirname "$(command -v cat)")" empty/run.sh $way >out 2>err
        [ ! -s err ]
        for word in test bench --no-install --quick help; do
            grep -qE -- "^ +(-., +)?$word" out
        done
        [ "$(wc -L <out)" -le 80 ]
    done
    [ "$(ls empty)" = run.sh ]
    for pair in "quick:did you mean './run.sh --quick'?" "tests:'./run.sh help' lists tasks and options"; do
        status=0
        empty/run.sh "${pair%%:*}" >out 2>err || status=$?
        [ "$status" -eq 2 ]
        [ "$(wc -l <err)" -eq 1 ]
        grep -qF "there is no task '${pair%%:*}'; ${pair#*:}" err
    done
}

@test "run.sh says one line while it builds, keeps the log, and shows errors" {
    touch "$TREE/juggle.c"
    in_tree ./run.sh --no-install --dry-run --strategies blocking >out 2>err
    grep -qE "^Building juggle \.\.\. [0-9]+ s$" err
    [ "$(grep -c . err)" -le 4 ] # others are of what is missing
    not grep -q "  CC " out err
    grep -q "  CC .*juggle.c" "$TREE/build/log"
    in_tree ./run.sh --no-install --dry-run --strategies blocking >out 2>err
    not grep -q Building err # all is built
    cp "$TREE/juggle.c" kept
    echo 'this is no C' >>"$TREE/juggle.c"
    status=0
    in_tree ./run.sh --no-install --dry-run >out 2>err || status=$?
    cp kept "$TREE/juggle.c"
    [ "$status" -eq 2 ]
    grep -q "^juggle.c:.*error" err
    grep -q "could not be built; build/log says why" err
}

@test "run.sh test and bench say one line while they build" {
    mkdir bin empty # a make that knows what it is asked for
    cat >bin/make <<'END'
#!/bin/sh
case " $* " in
*" tests "* | *" benches "*) [ -e broken ] && echo "x.c:1: error: no C" && exit 2; echo "  CC      x.c" ;;
*) echo "results of $*" ;;
esac
END
    chmod +x bin/make
    cp "$TREE/run.sh" empty
    cd empty
    for task in test bench; do
        PATH="$BATS_TEST_TMPDIR/bin:$PATH" ./run.sh --no-install "$task" V=1 >out 2>err
        grep -qE "^Building juggle \.\.\. [0-9]+ s$" err
        [ "$(cat out)" = "results of --no-print-directory $task V=1" ]
        not grep -q "  CC" err
        grep -q "  CC" build/log
        touch broken
        status=0
        PATH="$BATS_TEST_TMPDIR/bin:$PATH" ./run.sh --no-install "$task" >out 2>err || status=$?
        rm broken
        [ "$status" -eq 2 ]
        grep -q "^x.c:1: error: no C" err
        grep -q "build/log says why" err
    done
}

@test "a file that is deleted is gone from everywhere" { # the last: it changes the tree
    rm "$TREE/strategies/newcomer.c"
    in_tree make -j "$(nproc)" all build/plain/tests/contract/test_strategies
    not grep newcomer <<<"$("$JUGGLE" serve --help)"
    not grep newcomer <<<"$("$JUGGLE" run --list)"
    not grep newcomer <<<"$("$JUGGLE" run --dry-run)"
    contract_of newcomer >contract || true
    not grep newcomer contract
    start_server
    get "/newcomer/?work=cpu:10turns"
    [ "$STATUS" -eq 404 ]
    refused serve --only newcomer
}

@test "what a bench starts is the program and not the bench again" {
    in_tree make -j "$(nproc)" build/plain/juggle-bench
    for subcommand in serve load run report compare; do
        (exec -a juggle "$TREE/build/plain/juggle-bench" $subcommand --help) >own
        "$JUGGLE" $subcommand --help >its
        cmp own its
    done
}

# A figure and a parameter, each as a row; nearly everything is built again, and for that as a
# distribution does.
add_rows() {
    export CFLAGS="-g -O2 -fstack-protector-strong -Wformat -Werror=format-security -flto=auto -DNDEBUG"
    export CPPFLAGS="-Wdate-time -D_FORTIFY_SOURCE=2" LDFLAGS="-Wl,-z,relro -Wl,-z,now -flto=auto"
    ! grep -q "P(flavour" "$TREE/common/base/parameters.h" || return 0
    sed -i 's/^#define FIGURES(ROW) .*/&\n    ROW(MAKESPAN, .key = "makespan_us", .label = "makespan", IN_MS, .of = metric_makespan_us, .better = BETTER_LOWER, .table = TABLE_WAITS, .on_terminal = "make- span", .compared_as = "makespan", .meaning = "the time until all were done") \\/' \
        "$TREE/measured/figures.h"
    sed -i 's/^#define SERVE_PARAMETERS(P) .*/&\n    P(flavour, COUNT, "flavour", "N", NULL, 0, "how sour the answers are") \\/' \
        "$TREE/common/base/parameters.h"
    in_tree make -j "$(nproc)" >make.log 2>&1 || { cat make.log && false; }
    not grep -i warning: make.log
}

@test "a figure that is added as one row is in every table and file" {
    add_rows
    "$JUGGLE" run --work cpu:0 --users 2 --repeat 2 --strategies blocking --out added >out 3>&-
    grep -qE "^strategy .* span( |$)" out
    grep -q "| strategy | makespan, ms |" added/report.md
    grep -q "makespan: the time until all were done" added/report.md
    grep -q '<th class="n">makespan, ms</th>' added/report.html
    [ "$(grep -c '"makespan_us": ' added/summary.json)" -eq 3 ] # of all, of each repeat
    cp -r added again
    "$JUGGLE" compare added again | grep -q "^ *makespan, "
    "$JUGGLE" compare --markdown added again | grep -q "| makespan, ms: A |"
    "$JUGGLE" compare --json added again | grep -q '"makespan": {'
}

@test "a parameter that is added as one row is an option, an axis, a key and in --list" {
    add_rows
    "$JUGGLE" serve --help | grep -qE -- "--flavour N +how sour the answers are"
    "$JUGGLE" run --list | grep -qE "flavour .*how sour"
    "$JUGGLE" run --work cpu:0 --users 1 --rounds 1 --repeat 1 --strategies blocking --flavour 3,5 \
        --out swept >out 2>err 3>&-
    for n in 3 5; do
        jq -e ".parameters.flavour == $n" "swept/cells/own-blocking-flavour$n-r1.json"
    done
    jq -e '.cells[1].parameters.flavour == 5' swept/run.json
    run "$JUGGLE" serve --flavour much
    [ "$status" -eq 2 ]
    [[ "$output" == *"--flavour"*"much"* ]]
}

@test "what a distribution builds with, NDEBUG and LTO left out" {
    add_rows
    "$JUGGLE" --version
    readelf -d "$JUGGLE" | grep -q BIND_NOW
    nm -D "$JUGGLE" >symbols
    grep -q '_chk@\|_chk$' symbols
    grep -q __assert_fail symbols
}

@test "other flags are noticed" { # after all: everything would be built again
    cp "$TREE/build/plain/flags" before
    in_tree make build/plain/flags CFLAGS=-O1
    not cmp before "$TREE/build/plain/flags"
    not in_tree make -q CFLAGS=-O1
}

# Every command of a build with these settings has these words.
commands_have() { # commands_have PATTERN WORDS SETTING...
    local pattern=$1 words=$2 commands word
    shift 2
    commands=$(in_tree make -n -B V=1 tests "$@" | grep -E -- "$pattern")
    [ "$(wc -l <<<"$commands")" -gt 20 ]
    for word in $words; do
        not grep -vF -- " $word " <<<"$commands"
    done
}

@test "flags of the command line or the environment leave a flavour its own" {
    own="-std=c11 -D_GNU_SOURCE -UNDEBUG -I. -pthread -fno-lto"
    commands_have ' -c ' "$own -O1 -DA" CFLAGS=-O1 CPPFLAGS=-DA LDFLAGS=-Wl,-z,relro LDLIBS=-ldl
    CFLAGS=-O1 CPPFLAGS=-DA commands_have ' -c ' "$own -O1 -DA"
    commands_have ' -ljansson .* -o ' "-pthread -Wl,-z,relro -ldl -lm" CFLAGS=-O1 LDFLAGS=-Wl,-z,relro LDLIBS=-ldl
    for flavour in asan:address,undefined tsan:thread fuzz:fuzzer-no-link,address,undefined; do
        commands_have ' -c ' "$own -fsanitize=${flavour#*:} -O1" FLAVOUR="${flavour%:*}" CFLAGS=-O1
        commands_have ' -ljansson .* -o ' "-fsanitize=${flavour#*:}" FLAVOUR="${flavour%:*}" CFLAGS=-O1 LDFLAGS=
    done
    in_tree make build/asan/common/base/units.o FLAVOUR=asan CFLAGS=-O1
    nm "$TREE/build/asan/common/base/units.o" | grep -q __asan_init
    in_tree make build/plain/flags CFLAGS="-O1 -DTEXT='\"a b\"'" # one that has quotes
    grep -qF "'\"a b\"'" "$TREE/build/plain/flags"
}
