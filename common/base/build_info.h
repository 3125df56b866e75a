/* What this binary was built from; the Makefile generates the values. */
#pragma once

extern const char build_version[];  /* "0.1.0" */
extern const char build_revision[]; /* git revision, "-dirty" when the tree differed */
extern const char build_compiler[];
extern const char build_flags[];
