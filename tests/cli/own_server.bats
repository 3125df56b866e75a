#!/usr/bin/env bats
# What a user's own server needs of a load: methods, bodies, cookies, unix sockets,
# certificates and names, over every transport. nginx stands for that server.

load helpers
load nginx

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_all_sessions
}

@test "methods: -X and a URL file's reach the server, over every transport" {
    start_nginx
    local transport method methods="GET HEAD POST PUT PATCH DELETE OPTIONS" url="http://127.0.0.1:$PORT"
    for method in $methods; do
        printf '%s/%s %s\n' "$url" "" "$method"
    done >urls
    for transport in http1 curl; do
        "$JUGGLE" load -q -c 2 -r 14 -f urls --transport $transport --json r.json
        jq -e '.connections_opened == 2 and ([.requests[] | .status == 200 and
            .bytes == (if .method == "HEAD" then 0 else 5 end)] | all)' r.json
        see 28
        [ "$(cut -d' ' -f2 seen | sort | uniq -c | tr -s ' \n' ' ')" = \
            " 4 DELETE 4 GET 4 HEAD 4 OPTIONS 4 PATCH 4 POST 4 PUT " ]
        for method in $methods; do
            "$JUGGLE" load -v -c 1 -r 2 -X "$method" --transport $transport "$url/" >lines
            [ "$(grep -c "==> $method" lines)" -eq 2 ]
            see 2
            [ "$(cut -d' ' -f2 seen | uniq -c | tr -s ' ')" = " 2 $method" ]
        done
    done
    "$JUGGLE" load -c 2 -r 14 -f urls >text 2>&1
    [ "$(sed -n '/^By URL/,/^$/p' text | awk 'NF { print length }' | sort -u | wc -l)" -eq 1 ]
}

@test "methods: none that is not known, and one error line for each wrong use" {
    local list="GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS"
    refused load -X FETCH http://127.0.0.1:1/
    says "--method wants $list, not 'FETCH'"
    refused load "http://127.0.0.1:1/ get"
    says "'get' behind the URL is not understood; it wants $list"
    refused load "http://127.0.0.1:1/ HEAD x"
    says "a HEAD has no body"
    echo x >body
    refused load -X HEAD --body body http://127.0.0.1:1/
    says "a HEAD has no body"
    refused load -X PUT "http://127.0.0.1:1/ DELETE"
    says "-X and --body are for URLs that name no method"
    refused load --body none http://127.0.0.1:1/
    says "cannot read the body in 'none': No such file"
    refused load --body . http://127.0.0.1:1/
    says "cannot read the body in '.': Is a directory"
}

# Each request fails for this reason, which the file and the last line say.
fails_with() { # fails_with REASON ARGUMENT...
    local status=0 reason=$1
    shift
    "$JUGGLE" load -c 1 -r 2 --json r.json "$@" >text 2>err || status=$?
    cat text err
    [ $status -eq 1 ]
    jq -e --arg reason "$reason" '.statistics.errors == {($reason): 2}' r.json
    grep -q "of 2 requests 2 failed with '$reason'; " err
}

# Every body that came in is the one that was sent, and they are so many.
all_came() { # all_came N FILE
    local one n=0
    for one in bodies/*; do
        cmp "$one" "$2"
        n=$((n + 1))
    done
    rm -f bodies/*
    [ $n -eq "$1" ]
}

@test "bodies: of files, standard input and lines, short and long, whole and with their length" {
    start_nginx
    local transport url="http://127.0.0.1:$PORT/store"
    printf 'short\0one' >short
    head -c 3000000 /dev/urandom >long
    for transport in http1 curl; do
        for body in short long; do
            "$JUGGLE" load -q -c 2 -r 2 --transport $transport -X PUT --body $body --json r.json "$url"
            jq -e '.connections_opened == 2 and ([.requests[] | .status == 200 and .method == "PUT"] | all)' r.json
            all_came 4 $body
            "$JUGGLE" load -q -c 1 -r 2 --transport $transport --body - --json r.json "$url" <$body
            jq -e '[.requests[].method == "POST"] | all' r.json
            all_came 2 $body
            printf '%s PATCH <%s\n%s PUT <%s\n' "$url" $body "$url" $body >urls
            "$JUGGLE" load -q -c 2 -r 2 --threads 2 --transport $transport -f urls
            all_came 4 $body
            "$JUGGLE" load -q -c 1 --transport $transport -H 'Transfer-Encoding: chunked' --body $body "$url"
            all_came 1 $body
        done
        printf 'a=b c' >line
        "$JUGGLE" load -q -c 1 --transport $transport "$url DELETE a=b c"
        all_came 1 line
        "$JUGGLE" load -g -c 1 --transport $transport -T text/csv --body short "$url" >shown
        grep -q '^Content-Length: 9' shown
        grep -q '^Content-Type: text/csv' shown
        all_came 1 short
        "$JUGGLE" load -g -X PUT --transport $transport "$url" | grep -q '^Content-Length: 0'
        rm -f bodies/*
    done
}

@test "redirects: 308 keeps method and body, 303 is got, and the next request is as asked" {
    start_nginx
    printf 'a body' >body
    "$JUGGLE" load -q --follow -c 1 -r 2 -X PUT --body body "http://127.0.0.1:$PORT/moved"
    all_came 2 body
    see 6
    "$JUGGLE" load -q --follow -c 1 -r 2 -X PUT --body body "http://127.0.0.1:$PORT/other"
    see 4
    [ "$(cut -d' ' -f2,5 seen | tr '\n' ' ')" = "PUT /other GET / PUT /other GET / " ]
    "$JUGGLE" load -q --follow -c 1 -r 2 -X DELETE "http://127.0.0.1:$PORT/other"
    see 4
    [ "$(cut -d' ' -f2,5 seen | tr '\n' ' ')" = "DELETE /other GET / DELETE /other GET / " ]
}

@test "--cookies: each user logs in first, keeps his own, and goes on" {
    start_nginx
    local url="http://127.0.0.1:$PORT"
    printf '%s/login POST user=a\n%s/private\n' "$url" "$url" >urls
    "$JUGGLE" load -v --cookies -c 3 -r 6 --threads 2 -f urls --json r.json >out 2>err
    grep -q 'cookies kept for each, over the transport curl' err
    jq -e '.transport == "curl" and ([.requests[] | .status == 200] | all) and
        (.requests | length == 18)' r.json
    see 18
    # Each cookie that was given is shown once and by one user, until he gets the next.
    awk '$5 == "/login" { print $NF }' seen | sort >given
    awk '$5 == "/private" { print $6 }' seen | sort >shown
    [ "$(uniq given | wc -l)" -eq 9 ]
    diff given shown
    [ "$(awk '$5 == "/login" && $6 == "[-]"' seen | wc -l)" -eq 3 ]
    "$JUGGLE" load -q --cookies -i -c 4 -r 3 -f urls
    see 12
    [ "$(awk '$5 == "/login" && $6 == "[-]"' seen | wc -l)" -eq 4 ]
    "$JUGGLE" load -q -c 1 -r 2 -f urls --json r.json && return 1
    jq -e '[.requests[].status] == [200, 403]' r.json
    "$JUGGLE" load -g --cookies "$url/login" | grep -q '^Set-Cookie: \*\*\*'
}

@test "--cookies: Path, Domain, Max-Age, Expires and Secure are heeded" {
    start_nginx
    local at="www.shop.test:$PORT"
    printf '%s\n' "http://$at/cookies/set" "http://$at/cookies/see" "http://$at/" \
        "http://api.shop.test:$PORT/cookies/see" "http://$at/cookies/end" "http://$at/" \
        "https://www.shop.test:$((PORT + 1))/cookies/see" >urls
    "$JUGGLE" load -q --cookies -c 1 -r once -f urls --insecure --resolve "$at:127.0.0.1" \
        --resolve "api.shop.test:$PORT:127.0.0.1" --resolve "www.shop.test:$((PORT + 1)):127.0.0.1"
    see 7
    sed 's/.* \[\(.*\)\] \[.*\]$/\1/; s/;//g' seen | while read -r line; do
        tr ' ' '\n' <<<"$line" | sort | tr '\n' ' '
        echo
    done >shown
    cat seen shown
    [ "$(sed -n 1p shown)" = "- " ]
    [ "$(sed -n 2p shown)" = "age=1 path=1 wide=1 " ]
    [ "$(sed -n 3p shown)" = "age=1 wide=1 " ]
    [ "$(sed -n 4p shown)" = "wide=1 " ]
    [ "$(sed -n 6p shown)" = "wide=1 " ]
    [ "$(sed -n 7p shown)" = "path=1 wide=1 " ] # a Secure one is not even kept from http
}

@test "--cookies: with what it does not go" {
    refused load --cookies --rate 10 -t 1s http://127.0.0.1:1/
    says "--cookies are kept by users"
    refused load --cookies --transport http1 http://127.0.0.1:1/
    says "--follow, --http2 or --cookies; use --transport curl"
    refused load --cookies -H 'Cookie: a=S3CRET' http://127.0.0.1:1/
    says "--cookies writes the header 'Cookie'"
}

@test "--unix-socket: every transport connects there, and asks for the URL's host" {
    start_nginx
    local transport
    printf 'http://a.test/\nhttp://b.test:81/login POST x\n' >urls
    for transport in http1 curl; do
        "$JUGGLE" load -q -c 3 -r 4 --unix-socket socket --transport $transport -f urls --json r.json
        jq -e --arg transport $transport '.transport == $transport and
            ([.requests[] | .status == 200 and .error == null] | all)' r.json
        see 12
        [ "$(cut -d' ' -f2,3 seen | sort | uniq -c | tr -s ' \n' ' ')" = " 6 GET a.test 6 POST b.test:81 " ]
    done
    "$JUGGLE" load -q -c 3 -r 4 --unix-socket socket -f urls --json r.json
    jq -e '.transport == "http1" and .connections_opened == 3' r.json
    "$JUGGLE" load -q -c 3 -r 4 --preconnect --unix-socket socket -f urls --json r.json
    jq -e '.preconnected and .connections_opened == 3' r.json
    end_session "$PID" # which leaves its socket behind
    for transport in http1 curl; do
        fails_with refused --unix-socket socket --transport $transport http://a.test/
    done
}

@test "--unix-socket: what is no socket is refused, and what goes not with it" {
    : >file
    refused load --unix-socket file http://a.test/
    says "--unix-socket 'file' cannot be used: Socket operation on non-socket; name the socket"
    refused load --unix-socket none http://a.test/
    says "cannot be used: No such file or directory"
    refused load --unix-socket "$(printf '%0200d' 0)" http://a.test/
    says "cannot be used: File name too long"
    refused load --unix-socket file --proxy http://127.0.0.1:1 http://a.test/
    says "--proxy says where to connect"
    refused load --unix-socket file --resolve a.test:80:127.0.0.1 http://a.test/
    says "--unix-socket says where to connect; leave out --connect-to and --resolve"
}

@test "--resolve and --connect-to: another address, and the URL's Host and SNI, over every transport" {
    start_nginx
    local transport tls=$((PORT + 1))
    for transport in http1 curl; do
        "$JUGGLE" load -q -c 2 -r 2 --transport $transport --resolve "Shop.test:$PORT:127.0.0.1" "http://shop.test:$PORT/"
        "$JUGGLE" load -q -c 2 -r 2 --transport $transport --connect-to "shop.test:80:127.0.0.1:$PORT" http://shop.test/
        "$JUGGLE" load -q -c 2 -r 2 --transport $transport --connect-to ":80::$PORT" \
            --resolve "shop.test:$PORT:127.0.0.1" http://shop.test/
        "$JUGGLE" load -q -c 2 -r 2 --transport $transport --connect-to "::end.test:$PORT" \
            --resolve "end.test:$PORT:127.0.0.1" http://shop.test/
        see 16
        [ "$(cut -d' ' -f3,4 seen | sort | uniq -c | tr -s ' \n' ' ')" = \
            " 12 shop.test [-] 4 shop.test:$PORT [-] " ]
    done
    "$JUGGLE" load -q --insecure -c 2 -r 2 --resolve "shop.test:$tls:127.0.0.1" "https://shop.test:$tls/"
    "$JUGGLE" load -q --insecure -c 2 -r 2 --connect-to "shop.test:443:127.0.0.1:$tls" https://shop.test/
    see 8
    [ "$(cut -d' ' -f3,4 seen | sort | uniq -c | tr -s ' \n' ' ')" = \
        " 4 shop.test [shop.test] 4 shop.test:$tls [shop.test] " ]
    # A redirect may lead there, too: then no URL need name it.
    "$JUGGLE" load -q --follow --resolve other.test:80:127.0.0.1 -c 1 "http://127.0.0.1:$PORT/"
}

@test "--resolve and --connect-to: what is of no such form, or for no URL" {
    local line
    for line in a.test a.test:80 a.test:80: a.test:80:name a.test::127.0.0.1 :80:127.0.0.1 \
        a.test:99999:127.0.0.1 a.test:80:127.0.0.1:81 '[::1:80:127.0.0.1'; do
        refused load --resolve "$line" http://a.test/
        says "--resolve wants HOST:PORT:ADDRESS, such as"
    done
    for line in a.test:80 a.test:80:b a.test:80:: a.test:x:b:80 a.test:80:b:0 a.test:80:b:80:c ''; do
        refused load --connect-to "$line" http://a.test/
        says "--connect-to wants HOST:PORT:HOST2:PORT2"
    done
    refused load --resolve a.test:443:127.0.0.1 --resolve a.test:80:127.0.0.1 http://a.test/
    says "--resolve 'a.test:443:127.0.0.1' is for no URL, because 'http://a.test/' is at a.test:80"
    refused load --connect-to b.test:80:127.0.0.1:1 http://127.0.0.1/
    says "--connect-to 'b.test:80:127.0.0.1:1' is for no URL"
    refused load --connect-to a.test:80:no-such-host.invalid:1 http://a.test/
    says "'no-such-host.invalid' cannot be found"
}

@test "tls: why a handshake failed is said in words" {
    local port
    start_nginx
    fails_with "tls: unknown authority" "$HTTPS/"
    "$JUGGLE" load -q --cacert cert.crt -c 2 -r 2 "$HTTPS/"
    fails_with "tls: wrong host" --cacert cert.crt "https://localhost:$((PORT + 1))/"
    fails_with "tls: wrong host" --cacert cert.crt --resolve "shop.test:$((PORT + 1)):127.0.0.1" \
        "https://shop.test:$((PORT + 1))/"
    fails_with "tls: not TLS" "https://127.0.0.1:$PORT/"
    certify other /CN=other -days 2
    fails_with "tls: unknown authority" --cacert other.crt "$HTTPS/"
    expire
    start_nginx
    fails_with "tls: expired certificate" --cacert cert.crt "$HTTPS/"
    "$JUGGLE" load -q --insecure -c 2 -r 2 "$HTTPS/"
}

# A certificate that has ended, from an authority of its own making.
expire() {
    : >index
    echo 01 >serial
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\npolicy=p\ndefault_md=sha256\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:TRUE\n' >ca.conf
    openssl req -new -newkey rsa:2048 -nodes -keyout cert.key -out cert.csr -subj /CN=old 2>/dev/null
    openssl ca -batch -config ca.conf -selfsign -keyfile cert.key -in cert.csr -out cert.crt -notext \
        -startdate 20200101000000Z -enddate 20200201000000Z 2>/dev/null
}

@test "tls: a server that wants to know its clients, by --cert and --key" {
    command -v openssl >/dev/null || skip "install openssl"
    certify client /CN=client -days 2
    cat client.crt client.key >both.pem
    VERIFY=on CLIENTS=client.crt start_nginx
    "$JUGGLE" load -q --cacert cert.crt --cert client.crt --key client.key -c 2 -r 2 --json r.json "$HTTPS/"
    jq -e '[.requests[].status == 200] | all' r.json
    "$JUGGLE" load -q --cacert cert.crt --cert both.pem -c 2 -r 2 "$HTTPS/"
    "$JUGGLE" load -q --cacert cert.crt -c 1 --json r.json "$HTTPS/" && return 1
    jq -e '.requests[0].status == 400' r.json # nginx's answer to clients without
    end_session "$PID"
    local version
    for version in tls1_2 tls1_3; do # which say so in the handshake, and after it
        start_session $version openssl s_server -accept "$PORT" -cert cert.crt -key cert.key \
            -Verify 1 -verify_return_error -www -$version -CAfile client.crt
        await grep -q ACCEPT $version.out
        fails_with "tls: client refused" --insecure "https://127.0.0.1:$PORT/"
        "$JUGGLE" load -q --insecure -c 1 --cert both.pem "https://127.0.0.1:$PORT/"
        end_session "$PID"
    done
}

@test "tls: files that cannot be used are refused before the run, in one line" {
    command -v openssl >/dev/null || skip "install openssl"
    local of="load: a file of --cacert, --cert or --key cannot be used: "
    certify one /CN=one -days 2
    certify two /CN=two -days 2
    openssl rsa -in one.key -aes128 -passout pass:S3CRET -out locked.key 2>/dev/null
    echo nonsense >file
    while IFS= read -r line; do
        # shellcheck disable=SC2086
        refused load $line https://127.0.0.1:1/
        says "$of"
        says "give PEM files, and a key that needs no pass phrase"
    done <<'LINES'
--cacert none
--cacert file
--cert none
--cert file --key one.key
--cert one.crt
--cert one.crt --key none
--cert one.crt --key two.key
--cert one.crt --key locked.key
LINES
    refused load --key one.key https://127.0.0.1:1/
    says "--key is that of the certificate of --cert; add --cert FILE"
    refused load --insecure --cacert one.crt https://127.0.0.1:1/
    says "--insecure accepts any certificate; leave out --cacert"
    refused load --cacert one.crt http://127.0.0.1:1/
    says "--cacert, --cert and --key are for https, and no URL is"
    refused load --cert one.crt --key one.key --transport http1 https://127.0.0.1:1/
    says "use --transport curl"
}
