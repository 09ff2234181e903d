#!/usr/bin/env bash
# Counts the instructions of one decision, its return included, and the branches in it.
# Needs valgrind and objdump; fails when a limit is passed.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(cargo bench --quiet --bench instructions --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*instructions[^"]*\)".*/\1/p')
profile=$(mktemp)
trap 'rm -f "$profile"' EXIT
calls=$(valgrind --quiet --tool=callgrind --callgrind-out-file="$profile" "$program")
counts=$(callgrind_annotate --threshold=100 "$profile")
assembly=$(objdump --disassemble --demangle --no-show-raw-insn "$program")

# check NAME INSTRUCTIONS BRANCHES: the most there may be of each
check() {
    local called total branches
    called=$(sed -n "s/^$1 //p" <<<"$calls")
    total=$(sed -n "s/^ *\([0-9,]*\) .*instructions::counted_$1 .*/\1/p" <<<"$counts" | tr -d ,)
    branches=$(awk -v name="<instructions::counted_$1>:" '
        index($0, name) { inside = 1; next }
        /^$/ { inside = 0 }
        inside { seen = 1 }
        inside && $2 ~ /^(j|call)/ { branches++ }
        END { if (seen) print branches + 0 }' <<<"$assembly")
    echo "$1: $((total / called)) instructions (at most $2), ${branches:?not found} branches (at most $3)"
    ((total > 0 && total % called == 0 && total / called <= $2 && branches <= $3))
}

check can 8 0
check hand_written 8 0
check granted 8 0
check denied 16 1
check actions 20 0
check facts 40 0
check row 60 0
