#!/usr/bin/env bats
# The statistics of each URL that `juggle load -f` asks for.

load one_server

# The same three figures of each URL, from the samples and from the statistics.
agree() {
    [ "$(jq -c '[.requests | group_by(.url)[] | [length, (map(.bytes) | add), (map(select(.status >= 400)) | length)]]' r.json)" = \
        "$(jq -c '[.statistics.urls | sort_by(.url)[] | [.transactions + .failed_transactions, .bytes, .failed_transactions]]' r.json)" ]
}

@test "several URLs: a table after the statistics, and an array in the JSON" {
    printf '%s/delay/?ms=2\n%s/ POST a=b\n%s/nothing-here\n' "$URL" "$URL" "$URL" >urls
    "$JUGGLE" load -c 3 -r 30 -f urls --json r.json >out 2>err || [ $? -eq 1 ]
    grep -Eq "^By URL +requests +failed +mean +p50 +p99$" out
    grep -Eq "^GET  /delay/\?ms=2 +30 +0 +[0-9.]+ (ms|s) +[0-9.]+ (ms|s) +n/a$" out
    grep -Eq "^POST / +30 +0 " out
    grep -Eq "^GET  /nothing-here +30 +30 +n/a +n/a +n/a$" out
    agree
    [ "$(jq -c '.statistics.urls | map(.method), (.[0] | keys_unsorted)' r.json | tr -d '\n')" = '["GET","POST","GET"]["method","url","transactions","failed_transactions","statuses","bytes","response_time","percentiles","percentile_intervals"]' ]
    [ "$(jq -c '.statistics.urls[2] | [.response_time, .percentiles.p50, .percentile_intervals.p50]' r.json)" = '[null,null,null]' ]
    [ "$(jq -c '.statistics | [([.urls[].transactions] | add) == .transactions, .urls[0].percentiles.p50 >= 0.002]' r.json)" = '[true,true]' ]
}

@test "threads and an open loop: as planned, of all threads" {
    printf '%s/\n%s/delay/?ms=1\n' "$URL" "$URL" >urls
    "$JUGGLE" load -q --threads 2 --rate 200 -t 1s --warmup 200ms -f urls --json r.json
    [ "$(jq -c '.statistics | [(.urls | length), ([.urls[].transactions] | add) == .transactions]' r.json)" = '[2,true]' ]
    mean=$(jq '[.requests[] | select((.url | endswith("/")) and (.warmup | not)) | .latency_us] | add / length / 1e6' r.json)
    [ "$(jq --argjson mean "$mean" '.statistics.urls[0].response_time / $mean | . > 0.999 and . < 1.001' r.json)" = true ]
}

@test "each user begins with the next URL, whatever thread he is in" {
    printf '%s/?a\n%s/?b\n%s/?c\n%s/?d\n' "$URL" "$URL" "$URL" "$URL" >urls
    for threads in 1 3; do
        "$JUGGLE" load -q -c 4 -r 1 --threads $threads -f urls --json r.json
        [ "$(jq -c '[.requests[].url | sub("http://[^/]*"; "")] | sort' r.json)" = '["/?a","/?b","/?c","/?d"]' ]
    done
}

@test "-j has them, and one URL has none" {
    printf '%s/\n%s/delay/?ms=0\n' "$URL" "$URL" >urls
    "$JUGGLE" load -j -c 2 -r 2 -f urls >out 2>err
    [ ! -s err ]
    [ "$(jq -c '.urls | map([(.url | sub("http://[^/]*"; "")), .transactions])' out)" = '[["/",2],["/delay/?ms=0",2]]' ]
    "$JUGGLE" load -j -c 2 -r 2 "$URL/" >out
    [ "$(jq -c .urls out)" = null ]
    printf '%s/\n%s/\n' "$URL" "$URL" >urls
    "$JUGGLE" load -c 2 -r 2 -f urls --json r.json >out 2>err
    [ "$(jq -c .statistics.urls r.json)" = null ]
    [ "$(grep -c "By URL" out)" -eq 0 ]
}

@test "statuses stand one by one, in the text, with -j and in the file, of all and of each URL" {
    printf '%s/\n%s/nothing-here\n' "$URL" "$URL" >urls
    "$JUGGLE" load -c 2 -r 3 -f urls --json r.json >out 2>err || [ $? -eq 1 ]
    grep -qx "Statuses:		200: 3, 404: 3" out
    "$JUGGLE" load -j -c 2 -r 3 -f urls >j.json || [ $? -eq 1 ]
    for file in "r.json .statistics" "j.json ."; do
        [ "$(jq -c "${file#* } | [.statuses, .redirects, (.urls | map(.statuses))]" "${file% *}")" = \
            '[{"200":3,"404":3},0,[{"200":3},{"404":3}]]' ]
    done
}

@test "rows say which server was asked, and how" {
    printf '%s/x\n%s/x POST a=1\n%s/x\n' "$URL" "$URL" "${URL/127.0.0.1/localhost}" >urls
    "$JUGGLE" load -q -c 3 -r 3 -f urls --json r.json --csv r.csv || [ $? -eq 1 ]
    [ "$(jq '[.requests[] | [.method, .url]] | unique | length' r.json)" -eq 3 ]
    [ "$(head -1 r.csv)" = "id,user,url,planned_us,start_us,connect_us,first_byte_us,latency_us,service_us,method,status,bytes,queue_us,run_us,error,warmup,protocol,held_up_us" ]
    [ "$(sed 1d r.csv | cut -d, -f3,10,11 | sort | uniq -c | wc -l)" -eq 3 ]
    [ "$(jq -r '.requests[] | "\"\(.url)\",\(.method),\(.status)"' r.json)" = "$(sed 1d r.csv | cut -d, -f3,10,11)" ]
}
