/* Texts and files that are sent; see bodies.h. */
#include "loadgen/targets/bodies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/files.h"

enum { FIRST_BYTES = 64 * 1024 };

/* Takes what the body points to over, also where memory is out. */
static int keep(struct bodies *bodies, struct body body) {
    struct body *grown = realloc(bodies->all, (bodies->n + 1) * sizeof *grown);
    if (grown == NULL || body.text == NULL) {
        bodies->all = grown != NULL ? grown : bodies->all;
        free(body.path);
        free(body.text);
        return -ENOMEM;
    }
    bodies->all = grown;
    bodies->all[bodies->n++] = body;
    return 0;
}

int bodies_add(struct bodies *bodies, const char *text, struct body *body, char *why,
               size_t why_bytes) {
    *body = (struct body){.text = strdup(text), .n_bytes = strlen(text)};
    (void)snprintf(why, why_bytes, "out of memory");
    return keep(bodies, *body);
}

/* Whatever the size: pipes do not say theirs. 0 or -errno. */
static int read_all(FILE *file, struct body *body) {
    size_t room = 0;
    while (true) {
        if (body->n_bytes == room) {
            room = room > 0 ? 2 * room : FIRST_BYTES;
            char *grown = realloc(body->text, room);
            if (grown == NULL)
                return -ENOMEM;
            body->text = grown;
        }
        size_t n = fread(body->text + body->n_bytes, 1, room - body->n_bytes, file);
        body->n_bytes += n;
        if (n == 0)
            return ferror(file) ? -errno : 0;
    }
}

int bodies_read(struct bodies *bodies, const char *path, struct body *body, char *why,
                size_t why_bytes) {
    for (size_t i = 0; i < bodies->n; i++)
        if (bodies->all[i].path != NULL && strcmp(bodies->all[i].path, path) == 0) {
            *body = bodies->all[i];
            return 0;
        }
    *body = (struct body){.path = files_is_standard(path) ? NULL : strdup(path)};
    FILE *file = files_open(path);
    int error = file == NULL ? -errno : read_all(file, body);
    if (file != NULL)
        (void)fclose(file);
    if (error != 0) {
        (void)snprintf(why, why_bytes, "cannot read the body in '%.200s': %s", path,
                       files_why(-error));
        free(body->path);
        free(body->text);
        return error;
    }
    char *trimmed = realloc(body->text, body->n_bytes + 1); /* 0 would free it */
    body->text = trimmed != NULL ? trimmed : body->text;
    (void)snprintf(why, why_bytes, "out of memory");
    return keep(bodies, *body);
}

void bodies_free(struct bodies *bodies) {
    while (bodies->n > 0) {
        struct body *last = &bodies->all[--bodies->n];
        free(last->path);
        free(last->text);
    }
    free(bodies->all);
    *bodies = (struct bodies){0};
}
