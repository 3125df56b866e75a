/* `juggle selftest`: the instrument is measured by what is known beforehand. */
#pragma once

/* argv[0] is "selftest"; returns the exit status. */
int selftest_main(int argc, char **argv);
