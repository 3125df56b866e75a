#!/usr/bin/env bash
# Checks that a machine can make: include directions, names of strategies, formatting,
# headers that compile alone, cppcheck and shellcheck where they are installed.
# lint.sh C_AND_H_FILES...
set -u
cd "$(dirname "$0")/.." || exit 2
status=0
complain() {
    echo "lint: $*"
    status=1
}

# Which folders a folder may include from, itself apart.
allowed() {
    case $1 in
    common) echo '' ;;
    server) echo 'common strategies' ;; # front and serve know the contract, nothing more
    strategies) echo 'common server' ;;
    loadgen) echo 'common' ;;
    measured) echo 'common' ;;
    experiments) echo 'common measured' ;;
    report) echo 'common measured experiments' ;;
    compare) echo 'common measured experiments report' ;;
    director) echo 'common measured experiments report strategies' ;;
    selftest) echo 'common measured director strategies' ;;
    bench) echo 'common server loadgen director report compare tests' ;; # a run made up for tests
    *) echo 'common server strategies loadgen measured experiments report compare director selftest' ;;
    esac
}
for file in "$@"; do
    case $file in */*) folder=${file%%/*} ;; *) continue ;; esac
    [ -d "$folder" ] || continue
    may=" $folder $(allowed "$folder") "
    while read -r included; do
        case $may in *" $included "*) ;; *) complain "$file includes $included/, which it may not" ;; esac
    done < <(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file")
done
grep -nE '#include "strategies/' server/*.[ch] | grep -v '"strategies/strategy.h"' &&
    complain 'the server includes a strategy'
# The core below the strategies must not even know the contract.
grep -lE '#include "(strategies|server/(front|endpoint|serve))' \
    server/{job,loop,gil,steps,fetch,worker_process,spawner,spawner_child}.[ch] 2>/dev/null &&
    complain 'the core of the server includes its front'

# Outside its own file and the experiments nobody calls a strategy by its name.
for file in strategies/*.c; do
    name=$(basename "$file" .c)
    if grep -nE "\"/?$name/?\"|strategy_$name" common/*.[ch] server/*.[ch] loadgen/*.[ch] loadgen/*/*.[ch] \
        measured/*.[ch] report/*.[ch] compare/*.[ch] director/*.[ch] selftest/*.[ch] plots/*.gp juggle.c; then
        complain "names the strategy '$name'"
    fi
done

# <ctype.h> takes values of unsigned char; a char may be negative.
grep -nE '\<(is(alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)|to(lower|upper))\(' "$@" |
    grep -v '(unsigned char)' && complain 'a character of <ctype.h> is not cast to unsigned char'

flags="-std=c11 -D_GNU_SOURCE -I. $(pkg-config --cflags libevent libcurl jansson)"
for file in "$@"; do
    case $file in
    *.h)
        # shellcheck disable=SC2086
        ${CC:-cc} $flags -Wall -fsyntax-only -x c "$file" 2>/dev/null || complain "$file does not compile alone"
        ;;
    esac
done

if command -v clang-format >/dev/null; then
    clang-format --dry-run -Werror "$@" || complain "formatting differs; 'make format' mends it"
else
    echo 'lint: formatting not checked: install clang-format'
fi
if command -v cppcheck >/dev/null; then
    cppcheck --quiet --std=c11 --enable=warning,portability --error-exitcode=1 \
        --suppress=missingIncludeSystem --inline-suppr -D_GNU_SOURCE -I. "$@" || complain 'cppcheck found something'
else
    echo 'lint: cppcheck not run: install cppcheck'
fi
if command -v shellcheck >/dev/null; then
    shellcheck run.sh .ci/run scripts/*.sh tests/*.sh bench/*.sh || complain 'shellcheck found something'
else
    echo 'lint: shell not checked: install shellcheck'
fi
[ $status -eq 0 ] && echo 'lint: clean'
exit $status
