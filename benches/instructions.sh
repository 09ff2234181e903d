#!/usr/bin/env bash
# Counts the instructions of one call: its return, and whatever it calls, included. The mean is over all
# roles, actions and facts (or contexts), and is what is bounded; the worst role and action stands beside it.
# Needs valgrind and objdump; fails when a bound is passed.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(cargo bench --quiet --bench instructions --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*instructions[^"]*\)".*/\1/p')
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# check NAME INSTRUCTIONS: the most that there may be, as a mean
check() {
    rm -f "$dir"/*
    valgrind --quiet --tool=callgrind --callgrind-out-file="$dir/profile" \
        --toggle-collect="instructions::counted_$1" --dump-after='instructions::group*' \
        "$program" "counted_$1" >"$dir/cases"
    # The n-th profile has the n-th group of cases.
    for group in $(seq "$(wc -l <"$dir/cases")"); do
        sed -n 's/^totals: //p' "$dir/profile.$group"
    done | paste - "$dir/cases" | awk -v name="$1" -v most="$2" '
        { total += $1; cases += $2; mean = $1 / $2; if (mean > worst) worst = mean }
        END {
            mean = total / cases
            printf "%s: %.0f instructions (at most %d), worst %.0f\n", name, mean, most, worst
            exit !(total > 0 && mean <= most)
        }'
}

# check_branches NAME: there is no jump in it, and no call
check_branches() {
    local branches
    branches=$(objdump --disassemble --demangle --no-show-raw-insn "$program" |
        awk -v name="<instructions::counted_$1>:" '
            index($0, name) { inside = 1; next }
            /^$/ { inside = 0 }
            inside { seen = 1 }
            inside && $2 ~ /^(j|call)/ { branches++ }
            END { if (seen) print branches + 0 }')
    echo "$1: ${branches:?not found} branches (at most 0)"
    ((branches == 0))
}

check can 8
check_branches can
check hand_written 8
check row 90
check subject_and_row 190
check narrowed_and_row 1150
check matrix_actions 200
check actions 1500
check actions_in 4500
check listing 20000
check filter 20000
