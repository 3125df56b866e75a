/*
 * stdin, stdout and stderr as this program wants them, whoever started it. Main thread,
 * first thing.
 */
#ifndef JUGGLE_COMMON_STANDARD_STREAMS_H
#define JUGGLE_COMMON_STANDARD_STREAMS_H

/*
 * Where one of the three is closed, something takes its place that cannot be used, so
 * that no file of ours gets its number and with it what is printed. A write to a peer
 * that left or beyond a limit of size is an error and not our end. When the process
 * exits, what it printed on stdout has all been written, or a line says why not and the
 * status is 2; a reader that left early, such as head, meant it.
 */
void standard_streams_prepare(void);

#endif
