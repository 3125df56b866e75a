/* Request texts; see http1_request.h. */
#include "loadgen/transport/http1_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void add_ours(FILE *out, const struct transport_config *config, const char *name,
                     const char *value) {
    if (!headers_have(config->headers, name))
        (void)fprintf(out, "%s: %s\r\n", name, value);
}

static void add_theirs(FILE *out, const char *line) {
    const char *colon = strchr(line, ':');
    if (colon == NULL) /* "Name;" */
        (void)fprintf(out, "%.*s:\r\n", (int)strlen(line) - 1, line);
    else if (colon[1 + strspn(colon + 1, " \t")] != '\0')
        (void)fprintf(out, "%s\r\n", line);
}

/* As it is, or as one chunk and the end behind it. */
static void add_body(FILE *out, const struct target *target, bool in_chunks) {
    if (in_chunks && target->body_bytes > 0)
        (void)fprintf(out, "%zx\r\n", target->body_bytes);
    (void)fwrite(target->body, 1, target->body_bytes, out);
    if (in_chunks)
        (void)fputs(target->body_bytes > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n", out);
}

static void write_request(FILE *out, const struct target *target,
                          const struct transport_config *config) {
    char host[512], length[24];
    bool is_usual_port = strcmp(target->port, "80") == 0;
    bool has_body = target->body != NULL;
    bool in_chunks = headers_ask_for_chunks(config->headers);
    (void)snprintf(host, sizeof host, "%s%s%s", target->host, is_usual_port ? "" : ":",
                   is_usual_port ? "" : target->port);
    (void)fprintf(out, "%s %s HTTP/1.1\r\n", has_body ? "POST" : "GET", target->path);
    add_ours(out, config, "Host", host);
    add_ours(out, config, "User-Agent", config->user_agent);
    add_ours(out, config, "Accept", "*/*");
    if (!config->keep_alive)
        add_ours(out, config, "Connection", "close");
    if (has_body) {
        (void)snprintf(length, sizeof length, "%zu", target->body_bytes);
        add_ours(out, config, "Content-Type", config->content_type);
        if (!in_chunks)
            add_ours(out, config, "Content-Length", length);
    }
    for (unsigned i = 0; i < config->headers->n; i++)
        if (headers_suit(config->headers->lines[i], has_body))
            add_theirs(out, config->headers->lines[i]);
    (void)fputs("\r\n", out);
    if (has_body)
        add_body(out, target, in_chunks);
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
