/* Lines of --connect-to and --resolve; see routes.h. */
#include "loadgen/targets/routes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Cuts off what stands before the next colon, or within [..], and leaves what is behind
 * that colon, when one is to follow. NULL: it is not so. */
static char *cut(char **text, bool has_more) {
    char *part = *text;
    char *end = *part == '[' ? strchr(part, ']') : strchrnul(part, ':');
    if (end == NULL)
        return NULL;
    end += *end == ']';
    if (*end != (has_more ? ':' : '\0'))
        return NULL;
    *end = '\0';
    *text = end + has_more;
    return part;
}

static bool is_port(const char *text) {
    return strspn(text, "0123456789") == strlen(text) && text[0] != '0' &&
           strtoul(text, NULL, 10) <= 65535;
}

static bool is_address(const char *text) {
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* The texts of a route live where its host begins. */
int routes_add(struct route_list *list, const char *line, bool is_to_address) {
    struct route route = {.line = line};
    if (list->n == ROUTES_MOST)
        return -ERANGE;
    char *copy = strdup(line), *rest = copy;
    if (copy == NULL)
        return -ENOMEM;
    bool is_form = (route.host = cut(&rest, true)) != NULL &&
                   (route.port = cut(&rest, true)) != NULL && is_port(route.port);
    if (is_form && is_to_address) {
        size_t n = strlen(rest);
        bool has_brackets = rest[0] == '[' && rest[n - 1] == ']';
        if (has_brackets)
            rest[n - 1] = '\0';
        route.to_host = rest + has_brackets;
        is_form =
            route.host[0] != '\0' && route.port[0] != '\0' && is_address(route.to_host);
    } else if (is_form) {
        is_form = (route.to_host = cut(&rest, true)) != NULL &&
                  (route.to_port = cut(&rest, false)) != NULL && is_port(route.to_port) &&
                  (route.to_host[0] != '\0' || route.to_port[0] != '\0');
    }
    if (is_form)
        list->all[list->n++] = route;
    else
        free(copy);
    return is_form ? 0 : -EINVAL;
}

const struct route *routes_take(struct route_list *list, const char *host,
                                const char *port) {
    for (struct route *route = list->all; route < list->all + list->n; route++)
        if ((route->host[0] == '\0' || strcasecmp(route->host, host) == 0) &&
            (route->port[0] == '\0' || strcmp(route->port, port) == 0)) {
            route->is_taken = true;
            return route;
        }
    return NULL;
}

const struct route *routes_find_lost(const struct route_list *list) {
    for (unsigned i = 0; i < list->n; i++)
        if (!list->all[i].is_taken)
            return &list->all[i];
    return NULL;
}
