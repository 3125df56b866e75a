#!/usr/bin/env bash
# Checks that a machine can make: rooms and units (check_rooms.sh), names of strategies,
# formatting, headers that compile alone, cppcheck and shellcheck where they are installed.
# lint.sh C_AND_H_FILES...
set -u
cd "$(dirname "$0")/.." || exit 2
status=0
complain() {
    echo "lint: $*"
    status=1
}

scripts/check_rooms.sh "$@" || status=1

# Outside its own file and the experiments nobody calls a strategy by its name.
mapfile -t nameless < <(printf '%s\n' "$@" plots/*.gp | grep -vE '^(strategies|experiments|tests|bench)/')
for file in strategies/*.c; do
    name=$(basename "$file" .c)
    grep -nE "\"/?$name/?\"|strategy_$name" "${nameless[@]}" && complain "names the strategy '$name'"
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
    cppcheck -j "$(nproc)" --quiet --std=c11 --enable=warning,portability --error-exitcode=1 \
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
