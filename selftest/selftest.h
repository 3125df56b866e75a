/* `juggle selftest`: the instrument is measured by what is known beforehand. */
#ifndef JUGGLE_SELFTEST_SELFTEST_H
#define JUGGLE_SELFTEST_SELFTEST_H

/* argv[0] is "selftest"; returns the exit status. */
int selftest_main(int argc, char **argv);

#endif
