#!/usr/bin/env bats
# bats file_tags=build
# What `make lint` says of the layout of sources, on small trees with one thing wrong each.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p scripts low high strategies
    printf '%s\n' '# order' low 'strategies low' 'high low strategies' >scripts/rooms
    unit low/base
    unit low/queue low/base
    unit high/front low/queue high/reply
    unit high/reply low/base
    unit strategies/one low/base
}

unit() { # unit PATH INCLUDED...: a source file and its header, whose name is a function's
    local path=$1 included
    shift
    printf 'void %s_open(void);\n' "$(basename "$path")" >"$path.h"
    printf '#include "%s.h"\n' "$path" >"$path.c"
    for included in "$@"; do
        printf '#include "%s.h"\n' "$included" >>"$path.c"
    done
    printf 'void %s_open(void) {\n}\n' "$(basename "$path")" >>"$path.c"
}

check() {
    # shellcheck disable=SC2046
    run "$BATS_TEST_DIRNAME/../../scripts/check_rooms.sh" $(find . -name '*.[ch]' -printf '%P\n' | sort)
}

named() { # named TEXT: this and nothing else
    check
    echo "$output"
    [ "$status" -eq 1 ]
    [ "$output" = "lint: $1" ]
}

@test "a tree in order has nothing named" {
    check
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "an include upward is named" {
    unit low/queue low/base high/reply
    named "low/queue.c includes high/reply.h, which its room may not"
}

@test "an include of a room that is not allowed is named" {
    printf '%s\n' low 'strategies low' 'high strategies' >scripts/rooms
    unit high/front
    named "high/reply.c includes low/base.h, which its room may not"
}

@test "a folder that is in no line of scripts/rooms is named" {
    mkdir other
    unit other/thing
    check
    [ "$status" -eq 1 ]
    grep -qx "lint: other/thing.c stands in no room of scripts/rooms" <<<"$output"
}

@test "a room without files is named" {
    echo attic >>scripts/rooms
    named "scripts/rooms has attic, where no file is"
}

@test "a circle of units is named, through a header as well" {
    unit high/reply low/base
    echo '#include "high/front.h"' >>high/reply.h
    named "circle of units: high/front -> high/reply -> high/front"
}

@test "a circle of three units is named once" {
    unit high/listener high/front
    unit high/reply high/listener
    named "circle of units: high/front -> high/reply -> high/listener -> high/front"
}

@test "a function that another unit's header declares is named" {
    echo 'int base_close(void);' >>low/base.h
    echo 'int base_close(void) {' >>low/queue.c
    named "low/base.h declares functions of low/queue.c"
}

@test "too full a folder is named" {
    for i in {1..11}; do
        unit "low/more_$i"
    done
    echo 'int last;' >low/last.c
    named "low/ has more than 25 files"
    rm low/last.c low/more_1.c low/more_1.h
    check
    [ "$status" -eq 0 ]
}
