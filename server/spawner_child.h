/* What the spawner and the workers it forks do; the other side is worker_process.c. */
#ifndef JUGGLE_SERVER_SPAWNER_CHILD_H
#define JUGGLE_SERVER_SPAWNER_CHILD_H

#include <sys/types.h>

/*
 * The spawner: forks a worker for every socket that arrives on `control`, until that
 * ends. Then waits for the workers and exits. `parent` is the server that forked us.
 */
_Noreturn void spawner_child_main(int control, pid_t parent);

#endif
