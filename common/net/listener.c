/* Listening sockets; see listener.h. */
#include "common/net/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096 }; /* the kernel cuts it to net.core.somaxconn */

int listener_open(const char *address, unsigned *port, bool shares_port) {
    char service[8];
    (void)snprintf(service, sizeof service, "%u", *port);
    struct addrinfo *found;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                             .ai_socktype = SOCK_STREAM};
    if (getaddrinfo(address, service, &hints, &found) != 0)
        return -EINVAL;
    int on = 1, error = 0;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* Accepted sockets inherit TCP_NODELAY. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        (shares_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
        error = errno;
    freeaddrinfo(found);
    if (error != 0) {
        if (fd >= 0)
            (void)close(fd);
        return -error;
    }
    struct sockaddr_storage bound = {0};
    socklen_t length = sizeof bound;
    (void)getsockname(fd, (struct sockaddr *)&bound, &length);
    *port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                              : ((struct sockaddr_in *)&bound)->sin_port);
    return fd;
}

char *listener_url(const char *address, unsigned port, char url[LISTENER_URL_BYTES]) {
    bool is_v6 = strchr(address, ':') != NULL;
    (void)snprintf(url, LISTENER_URL_BYTES, "http://%s%.60s%s:%u/", is_v6 ? "[" : "",
                   address, is_v6 ? "]" : "", port);
    return url;
}
