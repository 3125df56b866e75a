/*
 * An image filter: blurs the PGM image that is the request's body, or without one an
 * image of its own, and replies with a PGM image. ?radius=8 says how far (default 4).
 *
 *   cc -O2 -shared -fPIC -Iinclude -o blur.so examples/blur.c
 *   juggle serve --step blur=./blur.so --work blur
 *
 * It touches nothing but its own memory, so it says that it releases the GIL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "juggle_step.h"

enum { OWN_SIDE = 512, MOST_SIDE = 4096, MOST_RADIUS = 64, HEAD_BYTES = 32 };

struct image {
    int width, height;
    const unsigned char *pixels;
};

static int fail(struct juggle_step_reply *reply, int status, const char *why) {
    (void)snprintf(reply->error, sizeof reply->error, "%s", why);
    return status;
}

/* The value of a name in a query such as "work=blur&radius=8". */
static int read_number(const char *query, const char *name, int otherwise) {
    size_t length = strlen(name);
    while (*query != '\0') {
        if (strncmp(query, name, length) == 0 && query[length] == '=')
            return atoi(query + length + 1);
        query += strcspn(query, "&");
        query += *query == '&';
    }
    return otherwise;
}

/* "P5 WIDTH HEIGHT 255", one blank, and a byte for each pixel. */
static int read_image(const struct juggle_step_request *request, struct image *image) {
    char head[HEAD_BYTES + 1] = "";
    int length = 0, most = 0;
    size_t n = request->n_body_bytes < HEAD_BYTES ? request->n_body_bytes : HEAD_BYTES;
    memcpy(head, request->body, n);
    if (sscanf(head, "P5 %d %d %d%n", &image->width, &image->height, &most, &length) !=
            3 ||
        most != 255 || image->width < 1 || image->width > MOST_SIDE ||
        image->height < 1 || image->height > MOST_SIDE ||
        request->n_body_bytes <
            (size_t)length + 1 + (size_t)image->width * (size_t)image->height)
        return -1;
    image->pixels = (const unsigned char *)request->body + length + 1;
    return 0;
}

/* One line of pixels that are `stride` apart: the mean over `radius` to both sides. */
static void blur_line(const unsigned char *from, unsigned char *to, int n, int stride,
                      int radius) {
    int sum = 0, count = 0;
    for (int i = -radius; i < n; i++) {
        int enters = i + radius, leaves = i - radius - 1;
        if (enters < n) {
            sum += from[enters * stride];
            count++;
        }
        if (leaves >= 0) {
            sum -= from[leaves * stride];
            count--;
        }
        if (i >= 0)
            to[i * stride] = (unsigned char)(sum / count);
    }
}

static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    struct image image = {OWN_SIDE, OWN_SIDE, state};
    int radius = read_number(request->query, "radius", 4);
    if (radius < 0 || radius > MOST_RADIUS)
        return fail(reply, 400, "radius wants a number from 0 to 64");
    if (request->n_body_bytes > 0 && read_image(request, &image) != 0)
        return fail(reply, 400, "the body is no PGM image of 8 bits");
    size_t n_pixels = (size_t)image.width * (size_t)image.height;
    unsigned char *across = malloc(n_pixels);
    char *bytes = malloc(HEAD_BYTES + n_pixels);
    if (across == NULL || bytes == NULL) {
        free(across);
        free(bytes);
        return fail(reply, 503, "out of memory");
    }
    int length = snprintf(bytes, HEAD_BYTES, "P5 %d %d 255\n", image.width, image.height);
    unsigned char *blurred = (unsigned char *)bytes + length;
    for (int y = 0; y < image.height; y++)
        blur_line(image.pixels + y * image.width, across + y * image.width, image.width,
                  1, radius);
    for (int x = 0; x < image.width; x++)
        blur_line(across + x, blurred + x, image.height, image.width, radius);
    free(across);
    reply->bytes = bytes;
    reply->n_bytes = (size_t)length + n_pixels;
    (void)strcpy(reply->content_type, "image/x-portable-graymap");
    return 0;
}

/* The image of its own: a chessboard. */
static int open_image(void **state, char error[JUGGLE_STEP_ERROR_BYTES]) {
    unsigned char *pixels = malloc(OWN_SIDE * OWN_SIDE);
    if (pixels == NULL) {
        (void)strcpy(error, "out of memory");
        return 1;
    }
    for (int i = 0; i < OWN_SIDE * OWN_SIDE; i++)
        pixels[i] = (i / 64 + i / (64 * OWN_SIDE)) % 2 == 0 ? 255 : 0;
    *state = pixels;
    return 0;
}

const struct juggle_step juggle_step = {.abi = JUGGLE_STEP_ABI,
                                        .flags = JUGGLE_STEP_RELEASES_GIL,
                                        .open = open_image,
                                        .call = call,
                                        .close = free};
