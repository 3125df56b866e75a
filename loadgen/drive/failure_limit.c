/* An atomic count and an eventfd; see failure_limit.h. */
#include "loadgen/drive/failure_limit.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

int failure_limit_begin(struct failure_limit *limit) {
    atomic_init(&limit->n_failed, 0);
    limit->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return limit->fd >= 0 ? 0 : -errno;
}

void failure_limit_end(struct failure_limit *limit) {
    if (limit->fd >= 0)
        (void)close(limit->fd);
}

struct event *failure_limit_heed(const struct failure_limit *limit,
                                 struct event_base *base, event_callback_fn reached,
                                 void *context) {
    struct event *event = event_new(base, limit->fd, EV_READ, reached, context);
    if (event != NULL && event_add(event, NULL) == 0)
        return event;
    if (event != NULL)
        event_free(event);
    return NULL;
}

void failure_limit_count(struct failure_limit *limit) {
    if (atomic_fetch_add(&limit->n_failed, 1) + 1 == limit->most)
        (void)eventfd_write(limit->fd, 1);
}

bool failure_limit_is_reached(const struct failure_limit *limit) {
    return atomic_load(&limit->n_failed) >= limit->most;
}
