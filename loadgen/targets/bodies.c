/* Texts and files that are sent; see bodies.h. */
#include "loadgen/targets/bodies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/files.h"

/* Takes what the body points to over, also where memory is out. */
static int keep(struct bodies *bodies, struct body body, char why[WHY_BYTES]) {
    struct body *grown = realloc(bodies->all, (bodies->n + 1) * sizeof *grown);
    if (grown == NULL || body.text == NULL) {
        bodies->all = grown != NULL ? grown : bodies->all;
        free(body.path);
        free(body.text);
        return error_say(why, -ENOMEM, "out of memory");
    }
    bodies->all = grown;
    bodies->all[bodies->n++] = body;
    return 0;
}

int bodies_add(struct bodies *bodies, const char *text, struct body *body,
               char why[WHY_BYTES]) {
    *body = (struct body){.text = strdup(text), .n_bytes = strlen(text)};
    return keep(bodies, *body, why);
}

/* Whatever the size: pipes do not say theirs. 0 or -errno. */
static int read_all(FILE *file, struct body *body) {
    char piece[64 * 1024];
    FILE *out = open_memstream(&body->text, &body->n_bytes);
    if (out == NULL)
        return -errno;
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        if (fwrite(piece, 1, n, out) < n)
            break;
    int error = ferror(file) ? -errno : feof(file) ? 0 : -ENOMEM;
    return fclose(out) == 0 ? error : -ENOMEM;
}

int bodies_read(struct bodies *bodies, const char *path, struct body *body,
                char why[WHY_BYTES]) {
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
        free(body->path);
        free(body->text);
        return error_say(why, error, "cannot read the body in '%.200s': %s", path,
                         files_why(-error));
    }
    return keep(bodies, *body, why);
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
