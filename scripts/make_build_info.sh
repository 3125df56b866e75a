#!/bin/sh
# Writes the C file behind common/base/build_info.h: make_build_info.sh VERSION CC FLAGS
set -eu
revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
if [ "$revision" != unknown ] && ! git diff --quiet HEAD -- 2>/dev/null; then
    revision=$revision-dirty
fi
quoted() {
    printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}
cat <<EOF
#include "common/base/build_info.h"
const char build_version[] = "$(quoted "$1")";
const char build_revision[] = "$(quoted "$revision")";
const char build_compiler[] = "$(quoted "$($2 --version | head -n 1)")";
const char build_flags[] = "$(quoted "$3")";
EOF
