# shellcheck shell=bash
# nginx, the server that a user may have: PORT is plain http, the next one HTTPS with
# key.pem and cert.pem, whose host is 127.0.0.1, and `socket` a unix socket. Every request
# is a line in `told`: connection, method, Host, SNI, URI, cookies received, cookie set.

# A certificate and its key; more options such as -addext.
certify() { # certify NAME SUBJECT OPTION...
    local name=$1 subject=$2
    shift 2
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.crt" \
        -subj "$subject" "$@" 2>/dev/null
}

start_nginx() {
    command -v nginx >/dev/null || skip "install nginx-light"
    command -v openssl >/dev/null || skip "install openssl"
    [ -s cert.crt ] || certify cert /CN=localhost -days 2 -addext subjectAltName=IP:127.0.0.1
    local attempt
    for attempt in 1 2 3 4 5; do
        PORT=$((20000 + RANDOM % 12000)) # below those that the kernel gives away
        HTTPS=https://127.0.0.1:$((PORT + 1))
        rm -f socket pid
        cat >nginx.conf <<END
daemon off; master_process off; pid $PWD/pid; error_log $PWD/error.log;
events { worker_connections 200; }
http {
  log_format told '\$connection \$request_method \$http_host [\$ssl_server_name] \$uri '
                  '[\$http_cookie] [\$sent_http_set_cookie]';
  access_log $PWD/told told;
  client_body_temp_path $PWD/bodies; client_max_body_size 0; client_body_in_file_only on;
  proxy_temp_path $PWD; fastcgi_temp_path $PWD; uwsgi_temp_path $PWD; scgi_temp_path $PWD;
  server {
    listen 127.0.0.1:$PORT; listen unix:$PWD/socket;
    listen 127.0.0.1:$((PORT + 1)) ssl http2;
    ssl_certificate cert.crt; ssl_certificate_key cert.key; ssl_verify_client ${VERIFY-off};
    ${CLIENTS:+ssl_client_certificate $CLIENTS;}
    location = / { return 200 "hello"; }
    location = /away { return 302 /; }
    location = /round { return 302 /round; }
    location = /astray { return 302 ftp://127.0.0.1:1/x; }
    location = /other { return 303 /; }
    location = /moved { return 308 /store; }
    location = /store { proxy_pass http://127.0.0.1:$PORT/; }
    location = /login { add_header Set-Cookie "sid=\$request_id"; return 200 in; }
    location = /private { if (\$http_cookie !~ sid=) { return 403; } return 200 in; }
    location = /cookies/set {
      add_header Set-Cookie "path=1; Path=/cookies"; add_header Set-Cookie "away=1; Path=/else";
      add_header Set-Cookie "age=1; Path=/; Max-Age=1000";
      add_header Set-Cookie "past=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT";
      add_header Set-Cookie "wide=1; Path=/; Domain=shop.test";
      add_header Set-Cookie "alien=1; Path=/; Domain=other.test";
      add_header Set-Cookie "safe=1; Path=/; Secure";
      return 200;
    }
    location = /cookies/end { add_header Set-Cookie "age=; Path=/; Max-Age=0"; return 200; }
    location = /cookies/see { return 200; }
  }
}
END
        start_session nginx nginx -p "$PWD" -c "$PWD/nginx.conf"
        await nginx_is_there || continue
        kill -0 "$PID" 2>/dev/null && return
    done
    cat error.log >&2
    return 1
}

nginx_is_there() { # it writes its number when its ports are open; or has given up
    ! kill -0 "$PID" 2>/dev/null || [ -s pid ]
}

# Waits for so many lines in `told`, which nginx writes when it has answered, and moves
# them to `seen`.
see() { # see N
    await eval "[ \"\$(wc -l <told)\" -eq $1 ]"
    cp told seen
    : >told
}
