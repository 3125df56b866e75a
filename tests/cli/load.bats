#!/usr/bin/env bats
# `juggle load` as its users call it, against a server of our own on a free port.

load helpers
load one_server

teardown() {
    end_all_sessions
}

# Runs with stdout and stderr apart.
load() {
    status=0
    "$JUGGLE" load "$@" >out 2>err || status=$?
}

# One line on stderr, exit 2, and nothing sent.
refused() {
    load "$@"
    [ "$status" -eq 2 ]
    [ "$(wc -l <err)" -eq 1 ]
    [ ! -s out ]
}

# What a jq expression says of a file; $r stands for its requests.
field() {
    jq -c ".requests as \$r | $2" "$1"
}

@test "users times rounds requests, statistics on stdout" {
    load -c 3 -r 4 "$URL/"
    [ "$status" -eq 0 ]
    [ "$(grep -vc '^\*\* \|^The server is\|^$' err)" -eq 0 ] # what is not a result
    grep -q "^Transactions:		          12 hits$" out
    grep -q "^Availability:		      100.00 %$" out
    grep -qE "^p50:			 +[0-9.]+ (us|ms|s) \(95 %: [0-9.]+ (us|ms|s) to [0-9.]+ (us|ms|s)\)$" out
    grep -q "^p99:			         n/a (needs 800)$" out
}

@test "without -c and -r: ten users, one request each" {
    load "$URL/"
    grep -q "Preparing 10 concurrent users" err
    grep -q "^Transactions:		          10 hits$" out
}

@test "-v prints a line for each request on stdout" {
    load -v -c 2 -r 2 "$URL/delay/?ms=0"
    [ "$(grep -c '^HTTP/1.1 200     [0-9]*\.[0-9][0-9] secs: .* bytes ==> GET  /delay/?ms=0$' out)" -eq 4 ]
}

@test "-q prints nothing" {
    load -q "$URL/"
    [ "$status" -eq 0 ]
    [ ! -s out ]
    [ ! -s err ]
}

@test "-j prints siege's keys with units and percentiles, and no text" {
    load -j -c 2 -r 5 "$URL/"
    [ ! -s err ]
    [ "$(field out '[.transactions, .units.elapsed_time, .percentiles.p99]')" = '[10,"s",null]' ]
    [ "$(field out '.percentile_intervals | [.p50.low <= .p50.high, .p90, .max]')" = '[true,null,null]' ]
    [ "$(field out 'keys_unsorted[:12] | join(" ")')" = "\"transactions availability elapsed_time data_transferred response_time transaction_rate throughput concurrency successful_transactions failed_transactions longest_transaction shortest_transaction\"" ]
}

@test "--json writes every request, with what the server said of it" {
    load -c 4 -r 3 --json r.json "$URL/threading/?work=sleep:5ms"
    [ "$(field r.json '[.schema, .kind, .mode, .users, .rounds, .connections_opened, ($r | length)]')" = '[2,"juggle load","closed",4,3,4,12]' ]
    [ "$(field r.json '$r | max_by(length) | keys_unsorted | join(" ")')" = "\"id user method url planned_us start_us connect_us first_byte_us latency_us service_us status bytes queue_us run_us worker protocol error\"" ]
    [ "$(field r.json '$r | all(.run_us >= 5000 and .latency_us >= .run_us)')" = true ]
    [ "$(field r.json '$r | all(.start_us <= .worker.from_us and .worker.from_us <= .worker.to_us and .worker.to_us <= .start_us + .latency_us)')" = true ]
    [ "$(field r.json '$r | map(.user) | sort')" = '[0,0,0,1,1,1,2,2,2,3,3,3]' ]
    [ "$(ls)" = "err
out
r.json" ]
}

@test "--transport chooses; both say which one it was, and agree" {
    for transport in http1 curl; do
        load --transport $transport -c 3 -r 4 --json $transport.json "$URL/delay/?ms=5&bytes=100000"
        [ "$status" -eq 0 ]
        [ "$(field $transport.json '[.transport, .retried, .connections_opened]')" = "[\"$transport\",0,3]" ]
        [ "$(field $transport.json '$r | all(.bytes == 100000 and .latency_us >= 5000 and .run_us != null)')" = true ]
    done
    load --json r.json "$URL/"
    [ "$(field r.json .transport)" = '"http1"' ]
    load --json r.json "${URL/\/\//\/\/me:secret@}/"
    [ "$(field r.json .transport)" = '"curl"' ]
}

@test "a status of 400 and above is a failure: exit 1" {
    load -c 2 -r 2 "$URL/nothing-here"
    [ "$status" -eq 1 ]
    grep -q "^Failed transactions:	           4$" out
    grep -q "^Availability:		        0.00 %$" out
}

@test "failed statuses are told apart, with the words of the first reply" {
    printf '%s/nothing-here\n%s/async/?work=nap\n' "$URL" "$URL" >urls
    for way in http1 curl; do
        load -c 2 -r 2 --transport $way -f urls
        [ "$status" -eq 1 ]
        grep -q "^Statuses:		400: 2, 404: 2$" out
        grep -q "^Failed, status >= 400:	           4$" out
        grep -qE "^The first of them:	 (404: no such path|400: bad work: step 'nap' is unknown)" out
    done
}

@test "a server that never answers: one line with cause and cure, and no zeros" {
    load -c 2 -r 2 http://127.0.0.1:1/
    [ "$status" -eq 1 ]
    [ ! -s out ]
    [ "$(grep -c "^juggle: load: http://127.0.0.1:1/ did not answer: of 4 requests 4 failed with 'refused'; nothing listens there: start the server" err)" -eq 1 ]
    load -q -c 1 -r 1 --timeout 100ms "$URL/delay/?ms=30000"
    [ "$(wc -l <err)" -eq 1 ]
    grep -q "failed with 'timeout'; give it longer with --timeout" err
    load -q -c 2 -t 200ms "$URL/delay/?ms=30000"
    [ "$status" -eq 1 ]
    grep -q "did not answer: all 2 requests still waited at the end of -t; give it longer" err
    load -j -c 2 -r 2 http://127.0.0.1:1/ # who reads JSON wants it all the same
    [ "$(field out .failed_transactions)" = 4 ]
}

@test "a bare number of -t is minutes, and is said so" {
    start_session minutes "$JUGGLE" load -c 1 -d 1 -t 10 "$URL/"
    await grep -q "^The server is now under siege for 10 min...$" minutes.err
}

@test "a refused connection and a slow answer are samples with a kind" {
    load -c 2 -r 2 --json r.json http://127.0.0.1:1/
    [ "$status" -eq 1 ]
    [ "$(field r.json '$r | map(.error) | unique')" = '["refused"]' ]
    load -c 1 -r 1 --timeout 100ms --json r.json "$URL/delay/?ms=30000"
    [ "$status" -eq 1 ]
    [ "$(field r.json '$r[0] | [.error, .status, .latency_us > 90e3 and .latency_us < 20e6]')" = '["timeout",0,true]' ]
}

@test "-t ends on time and cuts off what is in flight, without failing" {
    printf '%s/\n%s/delay/?ms=30000\n' "$URL" "$URL" >urls
    load -c 3 -t 1s --json r.json -f urls
    [ "$status" -eq 0 ]
    [ "$(field r.json '[.cut_off, ($r | length), .elapsed_s >= 1 and .elapsed_s < 20]')" = '[3,2,true]' ]
    grep -q "^Cut off at the end:	           3$" out
}

@test "-f takes URLs in turn, -r once each of them once, POSTs included" {
    printf 'HOST=%s\n# none\n$(HOST)/one\n$(HOST)/delay/?ms=0 POST a=b\n' "$URL" >urls
    load -v -c 2 -r once -f urls
    [ "$(grep -c 'GET  /one$' out)" -eq 2 ]
    [ "$(grep -c 'POST /delay/?ms=0$' out)" -eq 2 ]
}

@test "open loop: the rate is kept, latency counts from the planned start" {
    load --rate 200/s -t 1s --seed 5 --json r.json "$URL/"
    [ "$status" -eq 0 ]
    [ "$(field r.json '[.mode, .seed, .users, ($r | length) > 140 and ($r | length) < 260]')" = '["open",5,null,true]' ]
    [ "$(field r.json '$r | all(.start_us >= .planned_us and .latency_us >= .start_us - .planned_us)')" = true ]
    planned=$(field r.json '$r | map(.planned_us) | sort | .[:20]')
    load --rate 200 -t 1s --seed 5 --json r.json "$URL/"
    [ "$(field r.json '$r | map(.planned_us) | sort | .[:20]')" = "$planned" ]
}

@test "SIGTERM, SIGINT and SIGHUP leave statistics and complete files; 143, 130 and 129" {
    for pair in TERM:143 INT:130 HUP:129; do
        start_session loading "$JUGGLE" load -v --rate 50 -t 1h --json r.json "$URL/"
        await eval '[ "$(grep -c "^HTTP/1.1 200" loading.out)" -gt 5 ]'
        kill "-${pair%:*}" "$PID"
        ends_with "${pair#*:}" "$PID"
        [ "$(field r.json '$r | length > 5')" = true ]
        [ "$(field r.json .interrupted)" = "\"SIG${pair%:*}\"" ]
        grep -q "^Interrupted: *	*  *SIG${pair%:*}$" loading.out
        rm r.json
        [ "$(ls)" = "$(printf 'loading.err\nloading.out')" ] # nothing set aside is left
    done
}

@test "a SIGHUP that is ignored, as by nohup, ends nothing" {
    trap '' HUP
    start_session loading "$JUGGLE" load --rate 50 -t 1h --json r.json "$URL/"
    trap - HUP
    await grep -q "now under siege" loading.err
    kill -HUP "$PID"
    kill -TERM "$PID"
    ends_with 143 "$PID"
    [ "$(field r.json .interrupted)" = '"SIGTERM"' ]
}

@test "-l appends a line of statistics, -m marks it" {
    load -q -llog -m "first try" "$URL/"
    load -q -llog "$URL/"
    [ "$(wc -l <log)" -eq 4 ]
    grep -q "Date & Time,  Trans," log
    grep -qF "**** first try ****" log
}

@test "-g shows the headers, -p the body too" {
    load -g "$URL/"
    grep -q "^GET / HTTP/1.1" out
    grep -q "^HTTP/1.1 200" out
    headers=$(wc -c <out)
    load -p "$URL/"
    [ "$(wc -c <out)" -gt "$headers" ]
}

@test "-H, -A and -T reach the server" {
    printf '%s/ POST x=1\n' "$URL" >urls
    load -g -H 'X-One: 1' -H 'X-Two: 2' -A me/1 -T text/plain -f urls
    for line in 'X-One: 1' 'X-Two: 2' 'User-Agent: me/1' 'Content-Type: text/plain' 'POST / HTTP/1.1'; do
        grep -q "^$line" out
    done
}

@test "--think: users wait as long as asked between an answer and the next request" {
    load -c 2 -r 5 --think uniform:20ms..30ms --json r.json "$URL/"
    [ "$(field r.json .think)" = '{"kind":"uniform","low_s":0.02,"high_s":0.03}' ]
    [ "$(field r.json '$r | group_by(.user) | all(. as $u | range(1; 5) | ($u[.].planned_us - $u[. - 1].start_us - $u[. - 1].latency_us) | . > 19999 and . < 30001)')" = true ]
    load -c 2 -r 5 -d 30ms --json r.json "$URL/"
    [ "$(field r.json .think)" = '{"kind":"uniform","low_s":0,"high_s":0.03}' ]
    load -c 2 -r 5 --think exp:1ms --json r.json "$URL/"
    [ "$(field r.json .think.kind)" = '"exponential"' ]
}

@test "--warmup: what it sends is kept and marked, and in no statistics" {
    from_us=${EPOCHREALTIME/./}
    load --rate 100/s -t 1s --warmup 400ms --json r.json "$URL/"
    took_us=$((${EPOCHREALTIME/./} - from_us))
    [ "$status" -eq 0 ]
    [ "$(field r.json '$r | all((.planned_us < 400e3) == (.warmup == true))')" = true ]
    [ "$(field r.json "[.warmup_s, (.warmup_s + .elapsed_s) * 1e6 <= $took_us, (\$r | map(select(.warmup != true)) | length) == .statistics.transactions]")" = '[0.4,true,true]' ]
    [ "$(field r.json '$r | map(.warmup) | unique')" = '[null,true]' ]
    grep -q "^Warm-up, left out:	" out
}

@test "--ramp: the rate changes evenly over the run" {
    load --ramp 50..350/s --arrivals constant -t 1s --drain 1m --json r.json "$URL/"
    [ "$status" -eq 0 ]
    [ "$(field r.json '[.mode, .rate_per_s, .ramp_to_per_s]')" = '["open",50,350]' ]
    # 50 x 0.5 + 300 x 0.5 x 0.5 / 2 = 62.5 before half of it, 137.5 after; the first at 0
    [ "$(field r.json '[($r | length) + .not_sent, ($r | map(select(.planned_us < 500e3)) | length)]')" = '[200,63]' ]
}

@test "--ramp: the rate may begin at nothing, and then it is an open loop all the same" {
    for ramp in 0..200/s 0/s..200; do
        load --ramp $ramp --arrivals constant -t 1s --drain 1m --json r.json "$URL/"
        [ "$status" -eq 0 ]
        grep -q "Preparing 0 to 200 requests per second (open loop" err
        [ "$(field r.json '[.mode, .rate_per_s, .ramp_to_per_s, .users]')" = '["open",0,200,null]' ]
        # 200 x t x t / 2: the k-th at sqrt(k / 100) s, from the one at 0 on
        [ "$(field r.json '[($r | length) + .not_sent, ($r | map(select(.planned_us < 500e3)) | length), ($r | map(.planned_us) | sort | .[1] / 1e3 | round)]')" = '[100,25,100]' ]
    done
    load --ramp 0..200 -t 1s --json r.json "$URL/" # drawn
    [ "$(field r.json '$r | all(.planned_us >= 0 and .planned_us < 1e6)')" = true ]
    refused --ramp 0..0 -t 1s "$URL/"
    refused --ramp 0..100/s "$URL/" # without -t
}

@test "--schedule: requests are planned when the file says, and the run ends with the last" {
    printf '# seconds\n0.01\n0.05\n0.05\n\n0.2\n' >times
    load --schedule times --json r.json "$URL/delay/?ms=20"
    [ "$status" -eq 0 ]
    [ "$(field r.json '[.mode, .arrivals, .not_sent, ($r | map(.planned_us))]')" = '["open","schedule",0,[10000,50000,50000,200000]]' ]
    [ "$(field r.json '$r | all(.start_us >= .planned_us)')" = true ]
    echo 30 >>times
    load --schedule times -t 2s --json r.json "$URL/"
    [ "$(field r.json '$r | map(.planned_us)')" = '[10000,50000,50000,200000]' ]
}

@test "--csv, --histogram and the seconds tell the same as the samples" {
    printf '%s/ POST a=b\n%s/x\"y\n' "$URL" "$URL" >urls
    load -c 4 -r 50 -f urls --json r.json --csv r.csv --histogram r.hgrm
    [ "$status" -eq 1 ]
    [ "$(wc -l <r.csv)" -eq 201 ]
    [ "$(head -1 r.csv | tr -cd , | wc -c)" -eq 17 ]
    grep -q "^[0-9]*,[0-9],\"$URL/x\\\\*\"\"y\",.*,GET,404," r.csv
    [ "$(awk -F, 'NR > 1 { n += $12 } END { print n }' r.csv)" = "$(field r.json '$r | map(.bytes) | add')" ]
    grep -q "^       Value     Percentile TotalCount 1/(1-Percentile)$" r.hgrm
    grep -Eq "^ +[0-9.]+ 1\.000000000000        100$" r.hgrm
    grep -Eq "^#\[Max     = +[0-9.]+, Total count    =          100\]$" r.hgrm
    [ "$(field r.json '.seconds.columns | join(" ")')" = '"second started ended failed p50_us p99_us max_us in_flight"' ]
    [ "$(field r.json '.seconds.rows | [(map(.[1]) | add), (map(.[2]) | add), (map(.[3]) | add), .[-1][7]]')" = '[200,200,100,0]' ]
    [ "$(ls)" = "err
out
r.csv
r.hgrm
r.json
urls" ]
}

@test "a file that cannot be written is found before the load, and leaves no other behind" {
    refused --csv nowhere/r.csv "$URL"
    refused --histogram . "$URL"
    refused --csv r.csv --histogram nowhere/r.hgrm "$URL"
    refused --csv r.csv --json nowhere/r.json "$URL"
    [ "$(ls -A)" = "err
out" ]
}

@test "--require: exit 3 and a line for each rule that does not hold" {
    load -q -c 2 -r 20 --require 'p50<10s' --require 'availability>99.9' --require 'failed<=0' "$URL/"
    [ "$status" -eq 0 ]
    [ ! -s err ]
    load -q -c 2 -r 20 --json r.json --require 'max<1ns' --require 'p50<10s' --require 'p99<10s' "$URL/"
    [ "$status" -eq 3 ]
    [ "$(wc -l <err)" -eq 2 ]
    grep -q "^juggle: load: --require 'max<1ns' is not met: max is [0-9]" err
    grep -q "^juggle: load: --require 'p99<10s' is not met: p99 is n/a: 40 samples do not carry it$" err
    [ "$(field r.json '.requirements | map(.is_met)')" = '[false,true,false]' ]
    load -q --require 'availability>=50%' "$URL/nothing-here"
    [ "$status" -eq 3 ]
}

@test "--require: failures that its rules tolerate exit 0, no rule of failures 1" {
    printf '%s/\n%s/nothing-here\n' "$URL" "$URL" >urls
    load -q -c 2 -r 5 -f urls
    [ "$status" -eq 1 ]
    load -q -c 2 -r 5 --require 'failed<=5' --require 'availability>=50%' -f urls
    [ "$status" -eq 0 ]
    [ ! -s err ]
    load -q -c 2 -r 5 --require 'failed>=10' "$URL/nothing-here" # a refusal is wanted
    [ "$status" -eq 0 ]
    load -q -c 2 -r 5 --require 'failed<=4' -f urls
    [ "$status" -eq 3 ]
    load -q -c 2 -t 300ms --require 'failed<=5' "$URL/delay/?ms=30000" # nothing ends
    [ "$status" -eq 1 ]
}

@test "without success times are not known: null, and n/a in the text" {
    load --json r.json -c 2 -r 2 "$URL/nothing-here"
    [ "$status" -eq 1 ]
    for label in "Response time" "Longest transaction" "Shortest transaction"; do
        grep -q "^$label:.*n/a$" out
    done
    [ "$(field r.json '.statistics | [.availability == 0, .response_time, .longest_transaction, .shortest_transaction]')" = '[true,null,null,null]' ]
    load --json r.json --rate 20 -t 300ms "$URL/delay/?ms=30000"
    [ "$status" -eq 1 ]
    grep -q "^Availability:.*n/a$" out
    [ "$(field r.json '.statistics | [.availability, .response_time, .service_time]')" = '[null,null,null]' ]
}

@test "the verdict is in the text, with -j and in the file; --strict turns it into exit 3" {
    load -v --json r.json -c 2 -r 2 "$URL/delay/?ms=100"
    [ "$status" -eq 0 ]
    verdict=$(jq -r .validity.verdict r.json)
    [[ "$verdict" =~ ^(VALID|SUSPECT|INVALID)$ ]]
    grep -q "^Validity:		 *$verdict$" out
    grep -q "^not carried: .*littles_law (needs " out
    load -c 2 -r 2 "$URL/delay/?ms=100"
    [ "$(grep -c "not carried" out)" -eq 0 ]
    load --rate 200 -t 1s --max-inflight 2 "$URL/delay/?ms=500" # before numbers that mean nothing
    [ "$(grep -nE "^Validity:|^Transactions:" out | cut -d: -f2 | paste -sd" ")" = "Validity Transactions" ]
    tr -s " \n" " " <out | grep -q "of the requests that were due were not sent: the load was milder than asked for; use a lower --rate, or more --max-inflight"
    [ "$(field r.json '.validity.reasons[0] | [.check, .verdict, .figure < 1]')" = '["generator_cpu","VALID",true]' ]
    load -j --strict --rate 200 -t 1s --max-inflight 2 "$URL/delay/?ms=500"
    [ "$status" -eq 3 ]
    [ "$(wc -l <err)" -eq 1 ]
    grep -q "^juggle: load: --strict: the run is INVALID; " err
    [ "$(field out '.validity | [.verdict, (.reasons[] | select(.check == "not_sent") | .verdict)]')" = '["INVALID","INVALID"]' ]
    load -q --rate 200 -t 1s --max-inflight 2 "$URL/delay/?ms=500"
    [ "$status" -eq 0 ]
}

@test "wrong calls are one line and exit 2" {
    refused
    refused --bogus "$URL"
    refused -c 0 "$URL"
    refused -c "$URL"
    refused -c 999999 "$URL"
    refused -r 0 "$URL"
    refused -t 5x "$URL"
    refused -d -1 "$URL"
    refused -H nocolon "$URL"
    refused --rate 5 "$URL"
    refused --rate x -t 1s "$URL"
    refused --arrivals never "$URL"
    refused --timeout 5 "$URL"
    refused --transport none "$URL"
    refused --warmup 1s -t 1s "$URL"
    refused --warmup 5 "$URL"
    refused --ramp 100 -t 1s "$URL"
    refused --ramp 100..x -t 1s "$URL"
    refused --ramp 100..200 "$URL"
    refused --schedule nowhere "$URL"
    printf '0.1\n0.2\n0.15\n' >times
    refused --schedule times "$URL"
    grep -q "times, line 3 goes back" err
    echo "0.1 0.2" >times
    refused --schedule times "$URL"
    grep -q "times, line 1 holds more than a time" err
    printf '0.1\n\nx\n' >times
    refused --schedule times "$URL"
    grep -q "times, line 3 wants" err
    printf '# none\n' >times
    refused --schedule times "$URL"
    printf '0\n' >times
    refused --schedule times --rate 5 -t 1s "$URL"
    refused --think 5 "$URL"
    refused --think exp:0 "$URL"
    refused --think uniform:5ms..1ms "$URL"
    refused --think exp:5ms --rate 5 -t 1s "$URL"
    refused --require 'p99<5' "$URL"
    refused --require 'p77<5ms' "$URL"
    refused --require p99 "$URL"
    refused --require 'availability>200' "$URL"
    refused --transport http1 https://127.0.0.1/
    refused http://no-such-host.invalid/
    refused ftp://127.0.0.1/
    refused http://
    refused http://127.0.0.1:99999/
    refused "$URL" "$URL"
    refused -f nowhere
    refused --json nowhere/r.json "$URL"
    refused --json . "$URL"
    mkfifo pipe
    refused --json pipe "$URL"
    refused -lnowhere/log "$URL"
    printf '%s\nhttp://\n' "$URL" >urls
    refused -f urls
    grep -q "urls, line 2" err
}

@test "on a terminal a line shows the load as it runs, and is gone at the end" {
    command="'$JUGGLE' load -c 5 -t 2S '$URL/async/?work=sleep:10ms'"
    script -qec "$command" terminal </dev/null >/dev/null 3>&-
    tr '\r' '\n' <terminal >lines
    grep -q " s  [0-9]* requests/s  [0-5] in flight  p50 .* ms  p99 .* ms  0 errors" lines
    grep -q "^Transactions:" lines
    script -qec "'$JUGGLE' load -c 1 -r 2 '$URL/async/?work=sleep:1200ms'" terminal </dev/null >/dev/null 3>&-
    tr '\r' '\n' <terminal | grep -q "p50 1\.[0-9]* s "
    script -qec "stty cols 40; $command" terminal </dev/null >/dev/null 3>&-
    tr '\r' '\n' <terminal | sed -n 's/\x1b\[K$//; /requests.s/p' >lines
    [ -s lines ]
    [ "$(wc -L <lines)" -eq 39 ] # a wrapped line could not be written over
    TERM=dumb script -qec "$command" terminal </dev/null >/dev/null 3>&-
    not grep "$(printf '\033')" terminal
    script -qec "$command -q" terminal </dev/null >/dev/null 3>&-
    [ "$(grep -c "in flight" terminal)" -eq 0 ]
    load -c 5 -t 1S "$URL/"
    [ "$(grep -c "in flight" err)" -eq 0 ]
}

@test "users who are refused at once are told apart in rounds, so that --max-failures ends the first" {
    ulimit -n "$(ulimit -Hn)"
    run "$JUGGLE" load -c 2000 -t 10S --max-failures 100 --json refused.json http://127.0.0.1:1/
    [ "$status" -eq 1 ]
    [ "$(jq .statistics.failed_transactions refused.json)" -eq 2000 ]
    jq -e '.given_up == true' refused.json
}
