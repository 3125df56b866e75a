/* Orders and outcomes; see exchange.h. */
#include "server/core/exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/core/job.h"

enum { SHORT_BYTES = 16 * 1024 };

struct order {
    struct work work;
    size_t n_query_bytes; /* of the bytes behind it, with the 0 at its end */
    int error;            /* they could not be sent */
};

struct outcome {
    struct job_record record;
    int status; /* of the reply's bytes, as a relay has it */
    char content_type[sizeof((struct relay *)0)->content_type];
};

/* A descriptor beside the bytes. */
union extra {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

int exchange_send(int socket, struct iovec *parts, size_t n_parts, int descriptor) {
    union extra extra = {0};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = n_parts};
    if (descriptor >= 0) {
        message.msg_control = extra.bytes;
        message.msg_controllen = sizeof extra.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

ssize_t exchange_receive(int socket, struct iovec *parts, size_t n_parts, int flags,
                         int *descriptor) {
    union extra extra = {0};
    struct msghdr message = {.msg_iov = parts,
                             .msg_iovlen = n_parts,
                             .msg_control = extra.bytes,
                             .msg_controllen = sizeof extra.bytes};
    *descriptor = -1;
    ssize_t n_read = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
    if (n_read < 0)
        return -errno;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    return n_read;
}

/* A head, and bytes of any number. 0 or -errno; nothing was sent then. */
static int send_with(int socket, void *head, size_t n_head_bytes, void *bytes,
                     size_t n_bytes) {
    struct iovec parts[] = {{head, n_head_bytes}, {bytes, n_bytes}};
    if (n_bytes <= SHORT_BYTES)
        return exchange_send(socket, parts, n_bytes > 0 ? 2 : 1, -1);
    int file = memfd_create("bytes", MFD_CLOEXEC);
    if (file < 0)
        return -errno;
    int error = pwrite(file, bytes, n_bytes, 0) == (ssize_t)n_bytes
                    ? exchange_send(socket, parts, 1, file)
                    : -ENOMEM;
    (void)close(file);
    return error;
}

/*
 * The other side of send_with: how many bytes of a head came, 0 at the end, or -errno.
 * What stands behind a whole one is from malloc; NULL with *n_bytes above 0: memory is
 * out.
 */
static ssize_t take_with(int socket, void *head, size_t n_head_bytes, int flags,
                         char **bytes, size_t *n_bytes) {
    char behind[SHORT_BYTES];
    struct iovec parts[] = {{head, n_head_bytes}, {behind, sizeof behind}};
    struct stat what = {0};
    int file;
    *bytes = NULL;
    *n_bytes = 0;
    ssize_t n_read = exchange_receive(socket, parts, 2, flags, &file);
    if (n_read > (ssize_t)n_head_bytes) {
        *n_bytes = (size_t)n_read - n_head_bytes;
        *bytes = malloc(*n_bytes);
        if (*bytes != NULL)
            memcpy(*bytes, behind, *n_bytes);
        n_read = (ssize_t)n_head_bytes;
    }
    if (file < 0)
        return n_read;
    *n_bytes = fstat(file, &what) == 0 ? (size_t)what.st_size : 1;
    *bytes = malloc(*n_bytes);
    if (*bytes != NULL && pread(file, *bytes, *n_bytes, 0) != (ssize_t)*n_bytes) {
        free(*bytes);
        *bytes = NULL;
    }
    (void)close(file);
    return n_read;
}

void exchange_send_order(int socket, const struct job *job) {
    const struct job_input *input = &job->input;
    struct order order = {.work = job->work};
    size_t n_bytes = 0;
    if (input->query != NULL) {
        order.n_query_bytes = (size_t)(input->body - input->query);
        n_bytes = order.n_query_bytes + input->n_body_bytes;
    }
    /* It never blocks, as the buffer is empty. */
    order.error = -send_with(socket, &order, sizeof order, input->query, n_bytes);
    if (order.error != 0)
        (void)send_with(socket, &order, sizeof order, NULL, 0);
}

void exchange_abandon(int socket) {
    (void)!send(socket, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int exchange_take_outcome(int socket, struct job *job) {
    union {
        struct outcome outcome;
        int error;
    } head;
    char *bytes;
    size_t n_bytes;
    ssize_t n_read =
        take_with(socket, &head, sizeof head, MSG_DONTWAIT, &bytes, &n_bytes);
    if (n_read == -EAGAIN || n_read == -EINTR)
        return -EAGAIN;
    if (n_read != (ssize_t)sizeof head.outcome || job == NULL) {
        free(bytes);
        return n_read == (ssize_t)sizeof head.error ? head.error : -EPIPE;
    }
    job->record = head.outcome.record;
    if (bytes == NULL && n_bytes > 0)
        job_fail(job, 503, "out of memory");
    else if (job->relay != NULL && head.outcome.status != 0)
        relay_take(job->relay, bytes, n_bytes, head.outcome.content_type);
    else
        free(bytes);
    return 0;
}

bool exchange_take_order(int socket, struct job *job) {
    struct order order = {0};
    char *bytes;
    size_t n_bytes;
    ssize_t n_read;
    do /* what is shorter came when its job was over: to abandon it */
        n_read = take_with(socket, &order, sizeof order, 0, &bytes, &n_bytes);
    while (n_read == 1 || n_read == -EINTR);
    if (n_read != (ssize_t)sizeof order)
        return false;
    *job = (struct job){.work = order.work, .record = JOB_RECORD_NEW};
    bool is_whole = order.error == 0 && (bytes != NULL || n_bytes == 0);
    if (bytes != NULL)
        job->input = (struct job_input){bytes, bytes + order.n_query_bytes,
                                        n_bytes - order.n_query_bytes};
    if (work_has_step(&job->work, STEP_DECLARED))
        job->relay = calloc(1, sizeof *job->relay);
    if (!is_whole)
        job_fail(job, 503, "cannot give the request to a worker process: %s",
                 strerror(order.error != 0 ? order.error : ENOMEM));
    return true;
}

int exchange_end(int socket, struct job *job) {
    struct outcome outcome = {.record = job->record};
    struct relay *relay = job->relay;
    size_t n_bytes = 0;
    if (relay != NULL && job->record.status == 200) {
        outcome.status = relay->status;
        memcpy(outcome.content_type, relay->content_type, sizeof outcome.content_type);
        n_bytes = relay->n_bytes;
    }
    int error = send_with(socket, &outcome, sizeof outcome,
                          relay != NULL ? relay->body : NULL, n_bytes);
    if (error != 0 && n_bytes > 0) {
        job_fail(job, 503, "cannot give the reply to the server: %s", strerror(-error));
        outcome = (struct outcome){.record = job->record};
        error = send_with(socket, &outcome, sizeof outcome, NULL, 0);
    }
    if (relay != NULL)
        free(relay->body);
    free(relay);
    free(job->input.query);
    return error;
}
