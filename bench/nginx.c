/* See nginx.h. */
#include "bench/nginx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/net/listener.h"

bool peer_is_installed(const char *name, struct bench_result *result) {
    char command[80];
    (void)snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", name);
    int status;
    (void)fclose(bench_shell(command, &status));
    if (status == 0)
        return true;
    (void)snprintf(result->skipped, sizeof result->skipped, "install %s",
                   strcmp(name, "nginx") == 0 ? "nginx-light" : name);
    return false;
}

/* 0 or -1. */
static int write_configuration(const struct nginx *nginx, unsigned port) {
    char path[80];
    const char *folder = nginx->folder;
    (void)snprintf(path, sizeof path, "%s/nginx.conf", folder);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -1;
    (void)fprintf(
        file,
        "daemon off; master_process off; pid %s/pid; error_log %s/error.log;\n"
        "worker_rlimit_nofile 12000; events { worker_connections 11000; }\n"
        "http { access_log off; keepalive_requests 1000000000;\n"
        "  client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s;\n"
        "  uwsgi_temp_path %s; scgi_temp_path %s;\n"
        "  server { listen 127.0.0.1:%u backlog=4096;\n"
        "    location / { return 200 \"hello, world\"; } } }\n",
        folder, folder, folder, folder, folder, folder, folder, port);
    return fclose(file);
}

void nginx_start(struct nginx *nginx, int cpu) {
    unsigned port = 0;
    char configuration[80];
    int fd = listener_open("127.0.0.1", &port, false); /* a port that is free now */
    if (fd < 0)
        error_exit("bench: no port is free on the loopback");
    (void)close(fd);
    (void)snprintf(nginx->folder, sizeof nginx->folder, "/tmp/juggle-nginx-XXXXXX");
    if (mkdtemp(nginx->folder) == NULL || write_configuration(nginx, port) != 0)
        error_exit("bench: cannot write to %s", nginx->folder);
    (void)snprintf(nginx->url, sizeof nginx->url, "http://127.0.0.1:%u/", port);
    (void)snprintf(configuration, sizeof configuration, "%s/nginx.conf", nginx->folder);
    bench_pin(cpu);
    const char *words[] = {"nginx", "-p", nginx->folder, "-c", configuration, NULL};
    int error = children_start(&nginx->process, &(struct child_order){.words = words});
    bench_pin(-1);
    clock_sleep_until(clock_now_ns() + 500 * NS_PER_MS);
    if (error != 0 || children_has_ended(&nginx->process))
        error_exit("bench: nginx does not start; see %s/error.log", nginx->folder);
}

void nginx_stop(struct nginx *nginx) {
    children_stop(&nginx->process, 5 * NS_PER_S);
    bench_remove(nginx->folder);
}
