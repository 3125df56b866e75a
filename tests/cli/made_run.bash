# shellcheck shell=bash
# Runs made by hand, for tests of what reads them: no time passes, and every figure is known.

# run.json of two cells and two users.
write_run_json() { # write_run_json FOLDER REPEATS
    mkdir -p "$1/cells"
    cat >"$1/run.json" <<JSON
{"schema": 1, "kind": "juggle run", "started_at": "2026-01-02T03:04:05Z",
 "experiment": "article", "argv": ["run", "--out", "$1"], "seed": 1,
 "machine": {"cpu_model": "Test CPU", "cpus_usable": 2}, "versions": {"juggle": "0"},
 "repeats": $2, "users": 2, "interrupted": false, "stopped_by": "repeats",
 "cells": [{"name": "blocking", "label": "blocking", "published": null},
           {"name": "forking", "label": "forking", "published": null}]}
JSON
}

# A cell in schema 1, an object for each request.
write_cell() { # write_cell FOLDER NAME REPEAT LATENCY_US...
    local folder=$1 name=$2 repeat=$3 requests= id=0 latency
    shift 3
    for latency in "$@"; do
        requests="$requests${requests:+,}{\"id\":$id,\"user\":$id,\"path\":\"/\",
 \"planned_us\":0,\"start_us\":0,\"connect_us\":10,\"first_byte_us\":$latency,
 \"latency_us\":$latency,\"status\":200,\"bytes\":4,\"queue_us\":0,\"run_us\":$latency,
 \"worker\":{\"process\":7,\"thread\":$id,\"cpu\":0,\"from_us\":0,\"to_us\":$latency,
 \"cpu_us\":90000,\"wait_us\":0},\"error\":null}"
        id=$((id + 1))
    done
    cat >"$folder/cells/$name-r$repeat.json" <<JSON
{"schema": 1, "kind": "juggle cell", "parameters": {"experiment": "article",
 "name": "$name", "label": "$name", "strategy": "$name", "accept": "",
 "work": "cpu:100000", "gil": false, "processes": 1, "workers": 2, "users": 2,
 "rounds": 1, "probe_every_us": 0}, "repeat": $repeat, "t_us": 100000,
 "effective_cores": 1.8, "turns_per_ms": 1000000, "turns_per_ms_after": 1000000,
 "t_after_us": 100000, "effective_cores_after": 1.8,
 "server": {"cpu_user_s": 0.2, "cpu_system_s": 0.01}, "generator": {},
 "load": {"mode": "closed", "validity": {"verdict": "VALID", "reasons": []}}, "requests": [$requests], "probes": [
 {"id":0,"user":0,"path":"/","planned_us":5000,"start_us":5000,"connect_us":0,"first_byte_us":700,"latency_us":700,
 "status":200,"bytes":4,"error":null}]}
JSON
}
