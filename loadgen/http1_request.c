/* Request texts; see http1_request.h. */
#include "loadgen/http1_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The config's header of that name, or NULL. */
static const char *find_header(const struct transport_config *config, const char *name) {
    size_t length = strlen(name);
    for (unsigned i = 0; i < config->n_headers; i++)
        if (strncasecmp(config->headers[i], name, length) == 0 &&
            config->headers[i][length] == ':')
            return config->headers[i];
    return NULL;
}

static void add_ours(FILE *out, const struct transport_config *config, const char *name,
                     const char *value) {
    if (find_header(config, name) == NULL)
        (void)fprintf(out, "%s: %s\r\n", name, value);
}

static void add_theirs(FILE *out, const char *header) {
    const char *colon = strchr(header, ':');
    if (colon[1 + strspn(colon + 1, " \t")] != '\0')
        (void)fprintf(out, "%s\r\n", header);
}

static void write_request(FILE *out, const struct target *target,
                          const struct transport_config *config) {
    char host[512], length[24];
    bool is_usual_port = strcmp(target->port, "80") == 0;
    (void)snprintf(host, sizeof host, "%s%s%s", target->host, is_usual_port ? "" : ":",
                   is_usual_port ? "" : target->port);
    (void)fprintf(out, "%s %s HTTP/1.1\r\n", target->body != NULL ? "POST" : "GET",
                  target->path);
    add_ours(out, config, "Host", host);
    add_ours(out, config, "User-Agent", config->user_agent);
    add_ours(out, config, "Accept", "*/*");
    if (!config->keep_alive)
        add_ours(out, config, "Connection", "close");
    if (target->body != NULL) {
        (void)snprintf(length, sizeof length, "%zu", target->body_bytes);
        add_ours(out, config, "Content-Type", config->content_type);
        add_ours(out, config, "Content-Length", length);
    }
    for (unsigned i = 0; i < config->n_headers; i++)
        add_theirs(out, config->headers[i]);
    (void)fputs("\r\n", out);
    if (target->body != NULL)
        (void)fwrite(target->body, 1, target->body_bytes, out);
}

int http1_request_make(struct http1_request *request, const struct target *target,
                       const struct transport_config *config) {
    *request = (struct http1_request){.is_idempotent = target->body == NULL};
    FILE *out = open_memstream(&request->text, &request->n_bytes);
    if (out == NULL)
        return -ENOMEM;
    write_request(out, target, config);
    bool is_whole = ferror(out) == 0;
    return fclose(out) == 0 && is_whole ? 0 : -ENOMEM;
}
