#!/usr/bin/env bats
# The options of `juggle load`: what they are in force, from where, and which go together.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

# What --config prints.
settings() { # settings OPTION...
    "$JUGGLE" load -C "$@"
}

# A file of these settings has them again, and they are not those of no options.
reads_back() { # reads_back OPTION...
    settings "$@" >first
    settings -R first >second
    diff first second
    not diff -q <(settings) first
}

@test "--config prints every option that --help has, and --rc reads it back" {
    declare -A value=(
        [concurrent]=7 [reps]=once [time]=90S [delay]=0.25 [think]=exp:10us [file]=urls
        [header]='X-One:  two = three # four' [user-agent]='me/1 (x; y)' [content-type]=text/plain
        [log]=a.log [mark]='it = "this"' [json]=a.json [csv]=a.csv [histogram]=a.hgrm
        [timeout]=1500ms [rate]=1234567 [ramp]=0.001..9999999.5/s [schedule]=times
        [arrivals]=constant [search]=p99.9:50ms [search-from]=33.3 [window]=250ms
        [max-inflight]=12 [max-failures]=9 [threads]=3 [seed]=9223372036854775807 [transport]=curl
        [require]='p99 < 200ms' [warmup]=auto [drain]=2500ms [url]=http://127.0.0.1:1/?a=b
        [proxy]=http://127.0.0.1:2)
    declare -A with=([arrivals]="--rate=5" [max-inflight]="--rate=5"
        [search-from]="--search=p50:1s" [window]="--search=p50:1s"
        [drain]="--time=1S")
    help=$("$JUGGLE" load --help)
    options=$(grep -oE '^  (-.|  )[ ,] --[a-z0-9-]+(\[| [A-Z])?' <<<"$help" | sed 's/.*--//')
    [ "$(wc -l <<<"$options")" -gt 40 ]
    while IFS= read -r option; do
        name=${option%[[ ]*}
        case $option in
        help | version | config | "rc F" | "rc "*) ;;
        *[[\ ]*) reads_back ${with[$name]} "--$name=${value[$name]}" ;;
        *) reads_back "--$name" ;;
        esac
    done <<<"$options"
}

@test "--config prints numbers exactly, in a form that is read" {
    for rate in 1000000 1234567 0.001 1234567.891 0.1 3.3333333333333335; do
        settings --rate $rate | grep -qx "rate = $rate"
        reads_back --rate $rate
    done
    settings --ramp 0/s..5 | grep -qx "ramp = 0..5"
    reads_back --ramp 0..5
    for time in 10us 1ns 1500ms 999999s 86400000000001ns; do
        settings --think exp:$time | grep -qx "think = exp:$time"
        reads_back --think exp:$time
        settings --warmup $time | grep -qx "warmup = $time"
        reads_back --timeout $time
    done
    settings --think uniform:0..1.5ms | grep -qx "think = uniform:0s..1500us"
    settings -d 0.000001 | grep -qx "think = uniform:0s..1us"
    settings -t 5 | grep -qx "time = 300s"
    settings --timeout 0 | grep -qx "timeout = 0s"
}

@test "--config prints what is given several times as often" {
    settings -H 'A: 1' -H 'B: 2' --require 'p50<1s' --require 'failed<=0' >first
    [ "$(grep -c '^header = ' first)" -eq 2 ]
    [ "$(grep -c '^require = ' first)" -eq 2 ]
    reads_back -H 'A: 1' -H 'B: 2' --require 'p50<1s' --require 'failed<=0'
    reads_back -l http://127.0.0.1:1/
    reads_back -b -i -v -q -j -g -p --no-keepalive --preconnect --strict --insecure --follow --http2
}

@test "--config refuses a text that no line can hold" {
    for text in ' a' 'a ' $'a\nb' 'a$(b)' 'a${b}'; do
        status=0
        settings -m "$text" >out 2>err || status=$?
        [ $status -eq 2 ]
        [ "$(wc -l <err)" -eq 1 ]
        case $text in
        *\$*) grep -q '^juggle: --mark: in a file of settings \$( and \${ may begin a variable' err ;;
        *) grep -q "^juggle: --mark: a line of a file of settings has no blanks" err ;;
        esac
    done
}

# The settings of the file `rc`, which is written first, and of the command line.
both() { # both "LINE; LINE ..." OPTION...
    tr ';' '\n' <<<"$1" >rc
    settings -R rc "${@:2}" >both.out
}

have() { # have LINE...: the settings do
    local line
    for line; do
        grep -qx -- "$line" both.out || { cat both.out && return 1; }
    done
}

lack() { # lack NAME...
    local name
    for name; do
        not grep -q "^$name = " both.out
    done
}

@test "what the command line says clears what the file of --rc says of the same choice" {
    both "time = 1s" -r 5
    have "reps = 5" && lack time
    both "reps = once" -t 1S
    have "time = 1s" "reps = 1"
    both "url = http://127.0.0.1:1/" -f urls
    have "file = urls" && lack url
    both "file = urls" http://127.0.0.1:1/
    have "url = http://127.0.0.1:1/" && lack file
    both "file = urls" --url http://127.0.0.1:1/
    lack file
    both "rate = 5;time = 2s" -c 3
    have "concurrent = 3" "time = 2s" && lack rate
    both "ramp = 5..9;time = 2s" -r 3
    have "reps = 3" && lack ramp time
    both "schedule = times;max_inflight = 4" -d 1
    have "think = uniform:0s..1s" && lack schedule max-inflight
    both "concurrent = 9;delay = 1;preconnect = true" --rate 5
    have "rate = 5" "concurrent = 10" "preconnect = false" && lack think
    both "rate = 5" --ramp 1..2
    have "ramp = 1..2" && lack rate
    both "schedule = times;search = p99:1s" --rate 5
    have "rate = 5" && lack schedule search
    both "rate = 5;time = 2s;warmup = auto;get = true" --search p50:1s
    have "search = p50:1s" "get = false" && lack rate time warmup
    both "search = p50:1s" -t 1S
    have "time = 1s" && lack search
    both "benchmark = true" --think exp:1s
    have "benchmark = false" "think = exp:1s"
    both "threads = 3" --ramp 1..2
    have "threads = 1"
    both "verbose = true;json_output = true" -q
    have "verbose = false" "json-output = false" "quiet = true"
    both "transport = http1" --follow
    lack transport
}

@test "the command line leaves what the file says of other choices, and adds to lists" {
    both "rate = 5;header = A: 1;seed = 3;timeout = 2" -t 1S -H 'B: 2' --threads 2
    have "rate = 5" "header = A: 1" "header = B: 2" "seed = 3" "timeout = 2s" "time = 1s" "threads = 2"
}

@test "what the file says is run only where the command line says nothing else" {
    start_server --only blocking
    printf '%s/\n' "$URL" >urls
    printf 'time = 1s\nconcurrent = 2\nurl = http://127.0.0.1:1/\n' >rc
    "$JUGGLE" load -j -R rc -r 5 -f urls >out
    [ "$(jq -c '[.transactions, .failed_transactions]' out)" = "[10,0]" ]
    printf 'rate = 5\ntime = 1s\n' >rc
    "$JUGGLE" load -j -R rc -c 2 -r 5 "$URL/" >out
    [ "$(jq .transactions out)" -eq 10 ]
}

@test "two ways to say when requests are sent are refused in either order" {
    touch times
    for ways in "--rate 5 --ramp 1..2" "--ramp 1..2 --rate 5" "--schedule times --rate 5" \
        "--ramp 1..2 --schedule times"; do
        # shellcheck disable=SC2086
        refused load $ways -t 1s http://127.0.0.1:1/
        says "each say when requests are sent"
        # shellcheck disable=SC2086
        refused load $ways -C
    done
    printf 'rate = 5\nramp = 1..2\n' >rc
    refused load -R rc -t 1s http://127.0.0.1:1/
    says "each say when requests are sent"
}

@test "options that a run would not heed are refused from the command line" {
    printf '0.1\n' >times
    for way in "--rate 5" "--ramp 1..2" "--schedule times" "--search p50:1s"; do
        for option in "-c 5:--max-inflight" "-r 5:-t" "-d 1:leave them out" \
            "--think exp:1s:leave them out"; do
            # shellcheck disable=SC2086
            refused load $way ${option%:*} http://127.0.0.1:1/
            says "for users who wait"
            says "${option##*:}"
        done
    done
    refused load --max-inflight 5 http://127.0.0.1:1/
    says "users are limited by -c"
    refused load --arrivals constant http://127.0.0.1:1/
    refused load --arrivals constant --schedule times http://127.0.0.1:1/
    refused load --search-from 5 http://127.0.0.1:1/
}

@test "the same options in a file are everyday settings, and so is -b" {
    start_server --only blocking
    cat >rc <<'RC'
concurrent = 25
reps = 3
delay = 1
benchmark = false
rate = 50
time = 300ms
RC
    "$JUGGLE" load -q -R rc --json r.json "$URL/"
    [ "$(jq -c '[.mode, .think, .rate_per_s]' r.json)" = '["open",null,50]' ]
    printf 'max-inflight = 3\narrivals = constant\nwindow = 1s\n' >rc
    "$JUGGLE" load -q -R rc --json r.json -b -c 2 -r 2 "$URL/"
    [ "$(jq -c '[.mode, (.requests | length)]' r.json)" = '["closed",4]' ]
    "$JUGGLE" load -q -b --rate 50 -t 200ms "$URL/"
}

@test "a length is read whole or refused" {
    settings -t 00000000000000000000000000030s | grep -qx "time = 30s"
    zeros=$(printf '0%.0s' {1..80})
    for time in 00000000000000000000000000030sXYZ "${zeros}30s" 30sX ""; do
        refused load -t "$time" http://127.0.0.1:1/
        says "--time wants"
        refused load --search p50:1s --window "$time" http://127.0.0.1:1/
    done
}

@test "the file says how many threads ran" {
    start_server --only blocking
    "$JUGGLE" load -q -c 2 --threads 8 --json r.json "$URL/"
    [ "$(jq .threads r.json)" -eq 2 ]
    "$JUGGLE" load -q --rate 50 -t 100ms --max-inflight 3 --threads 8 --json r.json "$URL/"
    [ "$(jq .threads r.json)" -eq 3 ]
    "$JUGGLE" load -q -c 4 --threads 3 --json r.json "$URL/"
    [ "$(jq .threads r.json)" -eq 3 ]
}

@test "a URL of bytes that are not UTF-8 costs no results" {
    start_server --only blocking
    bytes=$(printf '%s/delay/?ms=0&x=\xff' "$URL")
    "$JUGGLE" load -q --json r.json -c 1 -r 3 "$bytes" || [ $? -eq 1 ] # not every server takes them
    [ "$(jq -c '[.url, .argv[-1], (.requests | map(.url))]' r.json)" = '[null,null,[null,null,null]]' ]
    printf '%s\n%s/\n' "$bytes" "$URL" >urls
    "$JUGGLE" load -q --json r.json -c 1 -r 2 -f urls || [ $? -eq 1 ]
    [ "$(jq -c '[.statistics.urls[0].url, .requests[1].url]' r.json)" = "[null,\"$URL/\"]" ]
}

@test "a line end in -H, -A or -T is refused, since it would add a header" {
    for option in -H -A -T; do
        for end in $'\r\n' $'\n' $'\r'; do
            status=0
            "$JUGGLE" load $option "A: 1${end}X-Injected: 1" http://127.0.0.1:1/ 2>err || status=$?
            [ $status -eq 2 ]
            grep -q "^juggle: load: --[a-z-]* wants " err
        done
    done
}

@test "siege's rc file: variables, the environment, and a log only where logging is on" {
    export PLACE=$PWD/place
    printf 'logfile = ${PLACE}/$(NAME).log\nNAME = a b\n' >rc
    settings -R rc >both.out
    lack log
    for line in "logging = false" "logging = true"; do
        printf '%s\n' "NAME = a b" 'logfile = ${PLACE}/$(NAME).log' "$line" >rc
        settings -R rc >both.out
        [ "$line" = "logging = true" ] || lack log
    done
    have "log = $PWD/place/a b.log"
    printf '%s\n' "logging = true" "logfile = a.log" "logging = false" >rc
    settings -R rc >both.out
    lack log
    long=$(printf '%01200d' 7)
    printf '%s\n' "logfile = a.log" "logging = true" "logfile = $long" >rc
    settings -R rc >both.out
    have "log = $long"
    settings -l >both.out
    usual=$(grep '^log' both.out)
    printf '%s\n' "logfile =" "logging = true" >rc
    settings -R rc >both.out
    have "$usual"
    printf 'url = http://127.0.0.1:1/$(NONE)\n' >rc # stands for nothing
    "$JUGGLE" load -q -R rc -c 1 -r 1 --json r.json || [ $? -eq 1 ]
    jq -e '.requests[0].url == "http://127.0.0.1:1/$(NONE)"' r.json
    printf 'NAME = there\n\nlogging = perhaps\n' >rc
    refused load -R rc http://127.0.0.1:1/
    says "rc: line 3: logging wants true or false, not 'perhaps'"
    : >rc
    diff <(settings -R rc) <(settings)
}

@test "what an rc file's variables stand for has no line end, and in a comment it is not looked for" {
    export PLACE=$'a\nreps = 5'
    printf '# ${PLACE}\n  # $(PLACE)\nrate = 5 8\n' >rc
    refused load -R rc http://127.0.0.1:1/
    says "rc: line 3: rate wants "
    printf 'header = X: ${PLACE}\n' >rc
    refused load -R rc http://127.0.0.1:1/
    says "rc: line 1: a variable has a line end inside"
}

@test "--version and -V say who this is, of the program and of load" {
    "$JUGGLE" --version >version.out
    grep -qE '^juggle [^ ]' version.out
    for way in -V "load -V" "load --version"; do
        # shellcheck disable=SC2086 # words
        "$JUGGLE" $way | diff version.out -
    done
}

@test "rc and config in a file of --rc are refused with their line" {
    for line in "rc = other" "config = true"; do
        printf 'reps = 2\n%s\n' "$line" >rc
        refused load -R rc http://127.0.0.1:1/
        says "rc: line 2: ${line%% *} is no setting of a file"
    done
}

@test "-g and -p are one request, of which no warm-up takes any" {
    start_server --only blocking
    for warmup in 1s auto; do
        for one in -g -p; do
            "$JUGGLE" load $one --warmup $warmup "$URL/" >out 2>err
            grep -q "^Transactions:		           1 hits$" err
            not grep -q "^Warm-up" err
        done
    done
}

@test "one file for two outputs is refused, by whatever path" {
    mkdir sub
    ln -s sub link
    for pair in "--json x --csv x" "--json x --csv ./x" "--csv sub/x --histogram link/x" \
        "--json $PWD/x --histogram x" "-lx --json x" "-m mark --csv juggle.log"; do
        # shellcheck disable=SC2086
        refused load $pair http://127.0.0.1:1/
        says "would write the same file"
    done
    [ "$(ls)" = "$(printf 'err\nlink\nout\nsub')" ]
    "$JUGGLE" load -q --json x --csv sub/x http://127.0.0.1:1/ || [ $? -eq 1 ]
    [ -s x ] && [ -s sub/x ]
}
