#!/usr/bin/env bash
# Runs test programs (cmocka) and tests/cli/*.bats, prints what fails, and ends with the
# line "N passed, N failed". JUGGLE names the binary, FLAVOUR how it was built.
set -u
cd "$(dirname "$0")/.." || exit 2
export JUGGLE FLAVOUR CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Sanitizers want a fixed address layout; where it cannot be asked for, go without.
steady=()
if [ "$FLAVOUR" != plain ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    steady=(setarch "$(uname -m)" -R)
fi

# Each file of tests in its turn, twice as many at once as there are CPUs: they wait as much
# as they compute. What one printed goes into a file, and "passed failed skipped" into
# another.
most=$((2 * $(nproc 2>/dev/null || echo 2)))
n_begun=0
run_one() { # run_one LOG NAME COMMAND...
    local log=$1 name=$2 status passed failed skipped report took
    local TIMEFORMAT='%0R s, CPU %0U + %0S s'
    shift 2
    { time timeout -k 10 900 "${steady[@]}" "$@" >"$log" 2>&1; } 2>"$log.took"
    status=$?
    took=$(tail -n 1 "$log.took")
    skipped=$(grep -cE '^ok .*# skip' "$log")
    passed=$(($(grep -cE '^ok ' "$log") - skipped))
    failed=$(grep -cE '^not ok ' "$log")
    # A program that dies, or that claims nothing, has failed; a file whose tests are all
    # for another flavour says so by its plan.
    if { [ $status -ne 0 ] && [ "$failed" -eq 0 ]; } ||
        { [ $((passed + failed + skipped)) -eq 0 ] && ! grep -qx '1\.\.0' "$log"; }; then
        failed=$((failed + 1))
    fi
    echo "$passed $failed $skipped" >"$log.counts"
    [ $((passed + failed + skipped)) -gt 0 ] || return
    printf -v report '  %-44s %3d passed  %d failed  %s' "$name" "$passed" "$failed" "$took"
    if [ "$failed" -gt 0 ]; then
        report+=$(printf '\n    exit status %d; it printed:\n' "$status" &&
            grep -vE '^ok ' "$log" | tail -n 80 | sed 's/^/    /')
    fi
    printf '%s\n' "$report" # in one piece: others print meanwhile
}
begin() { # begin NAME COMMAND...
    while [ "$(jobs -rp | wc -l)" -ge "$most" ]; do
        wait -n
    done
    n_begun=$((n_begun + 1))
    run_one "$logs/$n_begun" "$@" &
}

# Under sanitizers nothing runs again that builds trees or is about words and pages, and
# under ThreadSanitizer nothing that has one thread but those of its tests that have more.
filter=()
[ "$FLAVOUR" = plain ] || filter=(--filter-tags '!build,!looks')
[ "$FLAVOUR" != tsan ] || filter=(--filter-tags '!build,!looks,!one-thread' --filter-tags threads)
for program in "$@"; do
    begin "${program#build/}" "$program"
done
# The long ones first, so that none of them is waited for alone in the end.
mapfile -t files < <(find tests/cli -name '*.bats' -printf '%s %p\n' | sort -rn | cut -d' ' -f2)
for file in "${files[@]}"; do
    begin "$FLAVOUR/$file" bats --tap "${filter[@]}" "$file"
done
wait
n_passed=0 n_failed=0 n_skipped=0
for ((i = 1; i <= n_begun; i++)); do
    read -r passed failed skipped <"$logs/$i.counts"
    n_passed=$((n_passed + passed)) n_failed=$((n_failed + failed)) n_skipped=$((n_skipped + skipped))
done

if [ $n_skipped -gt 0 ]; then
    echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
else
    echo "$n_passed passed, $n_failed failed"
fi
[ $n_failed -eq 0 ]
