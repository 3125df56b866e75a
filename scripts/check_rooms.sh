#!/bin/sh
# Checks how source files are laid out, and names what is not so:
#   a file includes from its own room and from those that scripts/rooms allows;
#   units do not include each other in a circle (a unit is NAME.c with NAME.h);
#   the functions of NAME.c are declared in NAME.h;
#   a room of the program has at most 25 files.
# check_rooms.sh FILES...: from the top of the tree. Exit 1 when it named something.
set -eu

awk '
function complain(text) {
    print "lint: " text
    status = 1
}

function room_of(path) {
    return path ~ /\// ? substr(path, 1, match(path, /\/[^\/]*$/) - 1) : ""
}

function unit_of(path) {
    sub(/\.[ch]$/, "", path)
    return path
}

# Tests and benches have no headers of their own, and are found by their folders.
function is_of_program(room) {
    return room != "" && room !~ /^(tests|bench)/
}

function may_include(room, other,    names, n, i) {
    if (room == other)
        return 1
    n = split(named[room], names, " ")
    for (i = 1; i <= n; i++)
        if (other == names[i] || index(other, names[i] "/") == 1)
            return place[other] < place[room]
    return 0
}

# A path of units that leads from `unit` back to `goal`, in `path`.
function leads_back(unit, goal, path,    others, n, i) {
    n = split(edges[unit], others, " ")
    for (i = 1; i <= n; i++) {
        if (others[i] == goal) {
            circle = path " -> " goal
            return 1
        }
        if (!((goal, others[i]) in seen)) {
            seen[goal, others[i]] = 1
            if (leads_back(others[i], goal, path " -> " others[i]))
                return 1
        }
    }
    return 0
}

function find_circles(    i, j, n, members) {
    for (i = 1; i <= n_units; i++) {
        if (units[i] in is_in_circle || !leads_back(units[i], units[i], units[i]))
            continue
        n = split(circle, members, " -> ")
        for (j = 1; j <= n; j++)
            is_in_circle[members[j]] = 1
        complain("circle of units: " circle)
    }
}

FNR == 1 && FILENAME != "scripts/rooms" {
    room = room_of(FILENAME)
    unit = unit_of(FILENAME)
    if (room != "" && !(room in place))
        complain(FILENAME " stands in no room of scripts/rooms")
    has_files[room] = 1
    if (is_of_program(room))
        n_files[room]++
    if (!(unit in edges)) {
        edges[unit] = ""
        units[++n_units] = unit
    }
}

FILENAME == "scripts/rooms" {
    if ($1 != "" && $1 !~ /^#/) {
        place[$1] = ++n_rooms
        named[$1] = substr($0, length($1) + 1)
    }
    next
}

# Examples know the installed header alone, and where it is from their compiler.
/^#include "/ && room != "examples" {
    split($0, parts, "\"")
    if (is_of_program(room) && !may_include(room, room_of(parts[2])) ||
        room != "" && !(room_of(parts[2]) in place))
        complain(FILENAME " includes " parts[2] ", which its room may not")
    if (unit_of(parts[2]) != unit)
        edges[unit] = edges[unit] " " unit_of(parts[2])
}

# A prototype, or where a function that is not static begins: with its type, in one line.
/^[a-z_].*[a-z_0-9]+\(/ && !/^(static|typedef) / && is_of_program(room) {
    match($0, /[a-z_0-9]+\(/)
    name = substr($0, RSTART, RLENGTH - 1)
    if (FILENAME ~ /\.h$/)
        declared_by[name] = unit
    else
        defined_by[name] = unit
}

function find_strays(    name, told) {
    for (name in defined_by) {
        if (!(name in declared_by) || declared_by[name] == defined_by[name])
            continue
        if (!told[defined_by[name], declared_by[name]]++)
            complain(declared_by[name] ".h declares functions of " defined_by[name] ".c")
    }
}

END {
    for (room in place)
        if (!(room in has_files))
            complain("scripts/rooms has " room ", where no file is")
    for (room in n_files)
        if (n_files[room] > 25)
            complain(room "/ has more than 25 files")
    find_strays()
    find_circles()
    exit status
}' scripts/rooms "$@"
