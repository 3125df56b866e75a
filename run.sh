#!/bin/sh
# The front door: installs what is missing, builds, and runs. Everything else is C.
set -eu
cd "$(dirname "$0")"

help() {
    cat <<'END'
usage: ./run.sh [--no-install] [--with-peers] [options of 'juggle run']
       ./run.sh [--no-install] test | bench
Installs what is missing, builds juggle, measures, and writes a report.

Examples:
  ./run.sh                             four experiments, in five minutes
  ./run.sh --quick                     one experiment, within a minute
  ./run.sh -w cpu:5ms+sleep:50ms -u 100       a work of your own
  ./run.sh --with-peers -e peers       the article's work on Tornado, gunicorn,
                                       uvicorn, node and Go

Tasks and options of run.sh:
  help, --help    this text; installs and builds nothing
  test            build and run every test
  bench           speed and memory against peers
  --no-install    never install anything, say what is missing
  --with-peers    install what the servers in peers/ run on as well

Options of 'juggle run', those used most; 'bin/juggle run --help' shows all:
  -q, --quick            within a minute, with shorter jobs
  -w, --work WORK        what a request does, such as cpu:50ms+fetch+sleep:20ms
  -u, --users N          users who ask at the same time
  -s, --strategies A,B   only these strategies
      --budget TIME      how long all of it may take, such as 10m
  -l, --list             what there is to run
  -n, --dry-run          what would be measured, and how long it may take
END
}

may_install=yes with_peers=no task=run
for word in "$@"; do # ours go, wherever they stand; the others stay in their order
    case $word in
    --no-install) may_install=no ;;
    --with-peers) with_peers=yes ;;
    *) set -- "$@" "$word" ;;
    esac
    shift
done
case "${1-}" in
help | -h | --help)
    help
    exit 0
    ;;
test | bench)
    task=$1
    shift
    ;;
-* | '') ;;
quick | article | list | dry-run)
    echo "run.sh: there is no task '$1'; did you mean './run.sh --$1'?" >&2
    exit 2
    ;;
*)
    echo "run.sh: there is no task '$1'; './run.sh help' lists tasks and options" >&2
    exit 2
    ;;
esac

say() {
    printf 'run.sh: %s\n' "$*" >&2
}

# What is missing, as lines "package: what it is for".
missing=''
needs() { # needs PACKAGE PURPOSE CHECK...
    package=$1
    purpose=$2
    shift 2
    "$@" >/dev/null 2>&1 || missing="$missing$package: $purpose
"
}
has_command() {
    command -v "$1"
}

needs gcc 'the compiler' has_command "${CC:-cc}"
needs libc6-dev 'the C library'\''s headers' test -e /usr/include/stdlib.h
needs make 'builds juggle' has_command make
needs pkg-config 'finds the libraries' has_command pkg-config
needs libevent-dev 'the server'\''s event loop' pkg-config --exists libevent_pthreads
needs libcurl4-openssl-dev 'upstream fetches and the load generator' pkg-config --exists libcurl
needs libjansson-dev 'results as JSON' pkg-config --exists jansson
needed=$missing
missing=''
[ "$task" = test ] || needs gnuplot-nox 'draws the charts' has_command gnuplot
if [ $with_peers = yes ]; then
    for peer in peers/*/peer.json; do
        check=$(sed -n 's/^ *"check": "\(.*\)",$/\1/p' "$peer")
        needs "$(sed -n 's/^ *"package": "\(.*\)",$/\1/p' "$peer")" "runs the server of ${peer%/*}" \
            sh -c "$check"
    done
fi
wanted=$missing
missing=''
if [ "$task" = test ]; then
    needs gnuplot-nox 'draws the charts' has_command gnuplot
    needs libcmocka-dev 'unit tests' pkg-config --exists cmocka
    needs bats 'tests of the command line' has_command bats
    needs curl 'asks servers in those tests' has_command curl
    needs jq 'reads JSON in those tests' has_command jq
    needed=$needed$missing
fi

install_packages() { # install_packages "package: purpose" lines
    packages=$(printf '%s' "$1" | cut -d: -f1 | tr '\n' ' ')
    packages=${packages% }
    as_root=''
    [ "$(id -u)" -eq 0 ] || as_root='sudo '
    command="${as_root}apt-get install -y --no-install-recommends $packages"
    say 'missing here:'
    printf '%s' "$1" | sed 's/^\([^:]*\): /  \1 - /' >&2
    if [ "$may_install" = no ]; then
        say "not installing (--no-install); to do it yourself: $command"
        return 1
    fi
    if ! has_command apt-get >/dev/null; then
        say 'there is no apt-get here: install what these packages hold (Debian names) with'
        say "the package manager of this system, then call ./run.sh again: $packages"
        return 1
    fi
    if [ -n "$as_root" ] && ! has_command sudo >/dev/null; then
        say "not root, and there is no sudo; as root, type: ${command#sudo }"
        return 1
    fi
    say "installing: $command"
    # shellcheck disable=SC2086
    if { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $command -qq; } >&2; then
        return 0
    fi
    say "that failed; when the network is back, type: $command"
    return 1
}

if [ -n "$needed" ]; then
    install_packages "$needed$wanted" || exit 2
elif [ -n "$wanted" ] && ! install_packages "$wanted"; then
    say 'going on without them; "bin/juggle report results/latest" draws charts later'
fi

jobs=$(nproc 2>/dev/null || echo 2)
mkdir -p build
case $task in
run) what=all built=bin/juggle ;;
test) what=tests built=build/tests.built ;;
bench) what=benches built=build/benches.built ;;
esac
build() { # build ARGUMENTS-OF-MAKE...
    if ! make -j "$jobs" "$what" "$@" >build/log 2>&1; then
        [ -z "$said" ] || echo >&2
        grep -E 'error|Error|undefined' build/log >&2 || tail -n 20 build/log >&2
        say 'juggle could not be built; build/log says why'
        exit 2
    fi
}
began=$(date +%s) said=''
if [ ! -e "$built" ] || [ -n "$(find . -name build -prune -o -name results -prune -o \
    -name '*.[ch]' -newer "$built" -print | head -n 1)" ]; then
    said=yes
    printf 'Building juggle ... ' >&2
fi
if [ "$task" = run ]; then
    build
else
    build "$@"
    touch "$built"
fi
[ -z "$said" ] || printf '%d s\n' $(($(date +%s) - began)) >&2
[ "$task" = run ] || exec make --no-print-directory "$task" "$@"
exec bin/juggle run "$@"
