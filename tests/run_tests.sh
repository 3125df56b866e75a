#!/usr/bin/env bash
# Runs test programs (cmocka) and tests/cli/*.bats, prints what fails, and ends with the
# line "N passed, N failed". JUGGLE names the binary, FLAVOUR how it was built.
set -u
cd "$(dirname "$0")/.." || exit 2
export JUGGLE FLAVOUR CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Sanitizers want a fixed address layout; where it cannot be asked for, go without.
steady=()
if [ "$FLAVOUR" != plain ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    steady=(setarch "$(uname -m)" -R)
fi

n_passed=0 n_failed=0 n_skipped=0
run_one() { # run_one NAME COMMAND...
    local name=$1 status started=$SECONDS
    shift
    timeout -k 10 600 "${steady[@]}" "$@" >"$log" 2>&1
    status=$?
    local passed failed skipped
    skipped=$(grep -cE '^ok .*# skip' "$log")
    passed=$(($(grep -cE '^ok ' "$log") - skipped))
    failed=$(grep -cE '^not ok ' "$log")
    # A program that dies, or that claims nothing, has failed; a file whose tests are all
    # for another flavour says so by its plan.
    [ $status -eq 0 ] && grep -qx '1\.\.0' "$log" && return
    if [ $((passed + failed + skipped)) -eq 0 ] || { [ $status -ne 0 ] && [ "$failed" -eq 0 ]; }; then
        failed=$((failed + 1))
    fi
    printf '  %-44s %3d passed  %d failed  %3d s\n' "$name" "$passed" "$failed" $((SECONDS - started))
    if [ "$failed" -gt 0 ]; then
        printf '    exit status %d; it printed:\n' "$status"
        grep -vE '^ok ' "$log" | tail -n 80 | sed 's/^/    /'
    fi
    n_passed=$((n_passed + passed)) n_failed=$((n_failed + failed)) n_skipped=$((n_skipped + skipped))
}

for program in "$@"; do
    run_one "${program#build/}" "$program"
done
filter=()
[ "$FLAVOUR" = plain ] || filter=(--filter-tags '!build')
for file in tests/cli/*.bats; do
    run_one "$FLAVOUR/$file" bats --tap "${filter[@]}" "$file"
done

if [ $n_skipped -gt 0 ]; then
    echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
else
    echo "$n_passed passed, $n_failed failed"
fi
[ $n_failed -eq 0 ]
