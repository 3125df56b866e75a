#!/usr/bin/env bash
# Whether runs decide, and always the same: N quick runs one after the other, alone or
# beside a restless neighbour, and how often each finding came out how. Exit 1 when a
# finding was confirmed in one run and refuted in another, or against those of an earlier
# series in FOLDER. decides.sh N [--beside] [--against FOLDER] [--out FOLDER] [--run OPTIONS];
# takes N minutes; needs jq. OPTIONS, such as '-e peers --peers tornado', in place of --quick.
set -u
cd "$(dirname "$0")/.." || exit 2
n_runs=${1:?number of runs}
shift
beside=no against='' options=--quick out=$(mktemp -d)
while [ $# -gt 0 ]; do
    case $1 in
    --beside) beside=yes ;;
    --against) against=$2 && shift ;;
    --out) out=$2 && shift ;;
    --run) options=$2 && shift ;;
    *) echo "decides.sh: unexpected argument '$1'" >&2 && exit 2 ;;
    esac
    shift
done
mkdir -p "$out" || exit 2
for ((i = 1; i <= n_runs; i++)); do
    neighbour=''
    if [ $beside = yes ]; then
        bench/restless.sh 600 &
        neighbour=$!
    fi
    # shellcheck disable=SC2086
    bin/juggle run $options --out "$out/run-$i" >"$out/run-$i.text" 2>/dev/null
    [ -z "$neighbour" ] || { kill "$neighbour" && wait "$neighbour" 2>/dev/null; }
    grep -E '^[0-9]+ claims|in all,' "$out/run-$i.text" | paste -sd' '
done
# "FINDING VERDICT", one line a finding and run.
verdicts() {
    jq -r '.[] | "\(.id) \(.verdict)"' "$1"/run-*/findings.json
}
verdicts "$out" | sort | uniq -c
{
    verdicts "$out"
    [ -z "$against" ] || verdicts "$against"
} | awk '$2 == "confirmed" { c[$1] = 1 } $2 == "refuted" { r[$1] = 1 }
    END { for (id in c) if (id in r) { print "flipped: " id; bad = 1 } exit bad }'
