/*
 * stdin, stdout and stderr as this program wants them, whoever started it. Main thread,
 * first thing.
 */
#ifndef JUGGLE_COMMON_STANDARD_STREAMS_H
#define JUGGLE_COMMON_STANDARD_STREAMS_H

/*
 * Where one of the three is closed, its number is taken by a descriptor that cannot be
 * used; otherwise a file of ours would get the number, and with it what is printed. A
 * write to a peer that has left, or beyond a limit of file size, is an error and does not
 * end the process. At exit everything printed on stdout has been written, or a line says
 * why not and the status is 2. A reader that left early, such as head, is no error.
 */
void standard_streams_prepare(void);

#endif
