#!/usr/bin/env bash
# Counts the instructions of one decision, its return included, and looks for branches in it.
# Needs valgrind and objdump; fails when a limit is passed.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(cargo bench --quiet --bench instructions --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*instructions[^"]*\)".*/\1/p')
profile=$(mktemp)
trap 'rm -f "$profile"' EXIT
calls=$(valgrind --quiet --tool=callgrind --callgrind-out-file="$profile" "$program" | sed -n 's/^CALLS=//p')
counts=$(callgrind_annotate --threshold=100 "$profile")

check() {
    local name=$1 limit=$2
    local total branches
    total=$(sed -n "s/^ *\([0-9,]*\) .*instructions::counted_$name .*/\1/p" <<<"$counts" | tr -d ,)
    branches=$(objdump --disassemble --demangle --no-show-raw-insn "$program" |
        awk -v name="<instructions::counted_$name>:" '
            index($0, name) { inside = 1; next }
            /^$/ { inside = 0 }
            inside { seen = 1 }
            inside && $2 ~ /^(j|call)/ { branches++ }
            END { print seen ? branches + 0 : "unseen" }')
    echo "$name: $((total / calls)) instructions (at most $limit), branches: $branches"
    ((total > 0 && total % calls == 0 && total / calls <= limit)) && [ "$branches" = 0 ]
}

check can 8
check hand_written 8
check actions 20
