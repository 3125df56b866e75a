#!/usr/bin/env bash
# A restless neighbour, as on a machine that others use too: it takes one CPU for 50 to
# 500 ms, rests as long on average, and so on. restless.sh SECONDS
set -u
end=$((SECONDS + ${1:?seconds}))
while [ $SECONDS -lt $end ]; do
    milliseconds=$((50 + RANDOM % 451))
    timeout "$(printf '0.%03d' $milliseconds)" sh -c 'while :; do :; done'
    milliseconds=$((50 + RANDOM % 451))
    sleep "$(printf '0.%03d' $milliseconds)"
done
