#!/usr/bin/env bats
# bats file_tags=looks
# No word of the trade stands before it is explained, in README.md and in a report.

load helpers
load made_curves

setup() {
    cd "$BATS_TEST_TMPDIR"
}

# WORD, a tab, what explains it, as regular expressions. A word is explained where that
# stands: before its first use or in the same line, which is a paragraph in a report. In a
# table it may also be explained in what follows it up to the next heading.
words='T	(T alone|[Oo]wn T|T what a job takes).*(takes|took)
E	E is how many
rank	rank is the place
ink	ink \(
lanes?	lanes? \(
A/A	A/A is a cell against itself
GIL	a GIL lets one thread compute|GIL: threads take turns|global interpreter lock
pools?	a pool \(a fixed number|a pool of [0-9]+|a fixed pool|pool, which is a fixed number
slowdown	how many times as long as the job itself|slowdown: wait / job alone
knee	(knee|throughput) .*(until|stopped growing)
probes?	a probe is one request
cells?	[Aa] cell is one|cell \(a strategy at
repeats?	repeats? \(one measurement
own T	[Oo]wn T is what
contention	contention: own T divided
intervals?	true (mean|one) lies with 95 %
findings?	A claim is what one expects|A finding, which is|claims?, what one expects
percentiles?	9 answers in 10|99 waits in 100
p99	99 (answers|waits) in 100'

# What is typed, and what is linked to, is no word.
text_of() { # text_of FILE
    awk '/^```/ { is_code = !is_code; print ""; next } { print is_code ? "" : $0 }' "$1" |
        sed -E 's/`[^`]*`/ /g; s/\]\([^)]*\)/]/g; s/<[^>]*>/ /g; s/\[What was found\].*//'
}

explained() { # explained FILE
    text_of "$1" >text
    printf '%s\n' "$words" >words
    awk -F '\t' 'NR == FNR { word[++n] = $1; why[n] = $2; next }
        { line[FNR] = $0; n_lines = FNR }
        END {
            for (i = 1; i <= n; i++) {
                use = "(^|[^A-Za-z-])" word[i] "([^A-Za-z-]|$)"
                first = told = 0
                for (k = 1; k <= n_lines && !first; k++)
                    if (line[k] ~ use)
                        first = k
                if (!first)
                    continue
                end = first
                while (line[first] ~ /^\|/ && end < n_lines && line[end + 1] !~ /^#/)
                    end++
                for (k = 1; k <= end && !told; k++)
                    told = line[k] ~ why[i]
                n_used++
                if (!told) {
                    printf "%s is used before it is explained: %s\n", word[i], line[first]
                    status = 1
                }
            }
            exit status || n_used < 5
        }' words text
}

@test "README explains each word before it uses it" {
    explained "$BATS_TEST_DIRNAME/../../README.md"
}

@test "a report explains each word before it uses it" {
    write_curves run 6 "blocking:1 threading:2 threadpool:2" "1 2 4 8"
    "$JUGGLE" report run >out
    explained run/report.md
}

@test "a word before its explanation is found, and one behind it is not" {
    printf 'A cell is fine.\n\nNow a cell is one strategy; repeats, probes, ranks.\n' >early
    run explained early
    [ "$status" -eq 1 ]
    [[ $output == *"cells? is used before it is explained: A cell is fine."* ]]
    printf 'Here a cell is one strategy. Every cell counts.\n' >right
    run explained right
    [[ $output != *"cell"* ]]
}
