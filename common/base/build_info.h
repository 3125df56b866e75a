/* What this binary was built from; the Makefile generates the values. */
#ifndef JUGGLE_COMMON_BUILD_INFO_H
#define JUGGLE_COMMON_BUILD_INFO_H

extern const char build_version[];  /* "0.1.0" */
extern const char build_revision[]; /* git revision, "-dirty" when the tree differed */
extern const char build_compiler[];
extern const char build_flags[];

#endif
