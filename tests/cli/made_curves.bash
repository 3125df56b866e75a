# shellcheck shell=bash
# A run of the experiment `users` made by hand: contestants x users, each answered at once
# when its share of the CPUs allows, so that every throughput is known.

# Contestants are NAME:CPUS, how many CPUs each can use; jobs take 20 ms. Cells named in
# the last argument, "threading-users4 ...", are holes.
write_curves() { # write_curves FOLDER REPEATS "NAME:CPUS ..." "USERS ..." ["HOLE ..."]
    local folder=$1 repeats=$2 contestants=$3 users=$4 holes=${5-} cells='' place=0 who n
    mkdir -p "$folder/cells"
    for who in $contestants; do
        place=$((place + 1))
        for n in $users; do
            local cell="${who%:*}-users$n"
            cells="$cells${cells:+,
 }{\"name\": \"$cell\", \"label\": \"${who%:*}, $n users\", \"place\": $place,
  \"experiment\": \"users\", \"published\": null,
  \"parameters\": {\"experiment\": \"users\", \"name\": \"$cell\",
   \"label\": \"${who%:*}, $n users\", \"contestant\": \"${who%:*}\",
   \"strategy\": \"${who%:*}\", \"users\": $n, \"probe_every_us\": 0}}"
            case " $holes " in *" $cell "*) continue ;; esac
            for ((repeat = 1; repeat <= repeats; repeat++)); do
                write_curve_cell "$folder" "${who%:*}" "${who#*:}" "$n" "$repeat"
            done
        done
    done
    cat >"$folder/run.json" <<JSON
{"schema": 1, "kind": "juggle run", "started_at": "2026-01-02T03:04:05Z",
 "experiment": "users", "experiments": ["users"], "argv": ["run", "--out", "$folder"],
 "seed": 1, "machine": {"cpu_model": "Test CPU", "cpus_usable": 2}, "versions": {"juggle": "0"},
 "repeats": $repeats, "users": 1, "interrupted": false, "stopped_by": "repeats",
 "work_asked": "cpu:20ms", "cells": [$cells]}
JSON
}

# In schema 1, an object for each request: five rounds of each user, all alike.
write_curve_cell() { # write_curve_cell FOLDER CONTESTANT CPUS USERS REPEAT
    awk -v who="$2" -v cpus="$3" -v users="$4" -v repeat="$5" 'BEGIN {
        share = users < cpus ? users : cpus
        latency = 20000 * users / share / (1 + 0.01 * (repeat % 3 - 1))
        printf "{\"schema\": 1, \"kind\": \"juggle cell\", \"parameters\": {\"experiment\": \"users\", "
        printf "\"name\": \"%s-users%d\", \"label\": \"%s, %d users\", \"contestant\": \"%s\", ", who, users, who, users, who
        printf "\"contestant_label\": \"%s\", \"strategy\": \"%s\", \"accept\": \"\", ", who, who
        printf "\"work\": \"cpu:20000000turns\", \"gil\": false, \"processes\": 1, \"workers\": 2, "
        printf "\"users\": %d, \"rounds\": 5, \"probe_every_us\": 0}, \"repeat\": %d, ", users, repeat
        printf "\"t_us\": 20000, \"effective_cores\": 2, \"turns_per_ms\": 1000000, "
        printf "\"server\": {\"cpu_user_s\": %.6f, \"cpu_system_s\": 0}, \"generator\": {\"cpu_user_s\": 0, \"cpu_system_s\": 0}, ", users * 5 * 0.0201
        seconds = 5 * latency / 1e6
        idle = 2 * seconds - users * 5 * 0.0201
        printf "\"window\": {\"seconds\": %.6f, \"server_seconds\": %.6f, \"cpus\": 2, \"allowance\": 2, ", seconds, seconds
        printf "\"idle_s\": %.6f, \"stolen_s\": 0, \"director_cpu_s\": 0}, ", (idle > 0 ? idle : 0)
        printf "\"load\": {\"mode\": \"closed\", \"validity\": {\"verdict\": \"VALID\", \"reasons\": []}}, "
        printf "\"probes\": [], \"requests\": ["
        for (i = 0; i < users * 5; i++) {
            start = int(i / users) * latency
            printf "%s{\"id\":%d,\"user\":%d,\"path\":\"/\",\"planned_us\":%.1f,\"start_us\":%.1f,", i ? "," : "", i, i % users, start, start
            printf "\"connect_us\":10,\"first_byte_us\":%.1f,\"latency_us\":%.1f,\"status\":200,\"bytes\":4,", latency, latency
            printf "\"queue_us\":0,\"run_us\":%.1f,\"worker\":{\"process\":7,\"thread\":%d,\"cpu\":0,", latency, i % users
            printf "\"from_us\":%.1f,\"to_us\":%.1f,\"cpu_us\":20000,\"wait_us\":0},\"error\":null}", start, start + latency
        }
        print "]}"
    }' >"$1/cells/$2-users$4-r$5.json"
}
