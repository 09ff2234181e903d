#!/usr/bin/env bash
# Fuzzes from the corpus that is kept in tests/corpus, and keeps the smallest inputs that reach as much:
# `tests/fuzz/run.sh [RUNS [TARGET ..]]`. It wants cargo-fuzz, and a nightly toolchain.
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=${1:-10000000}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(text json bits files)

for target in "${targets[@]}"; do
    # All that was found stays below target, so that the next run goes on from there.
    found=target/fuzz/$target
    kept=tests/corpus/$target
    mkdir -p "$found" "$kept"
    # There is no unsafe code for a sanitizer to watch, and the corpus knows the words already: without
    # tracing comparisons, three times as much is tried.
    cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none --no-trace-compares "$target" "$found" "$kept" -- \
        -runs="$runs" -max_len=4096 -print_final_stats=1 -verbosity=1
    smallest=$(mktemp -d)
    # Into the first folder; those that cargo-fuzz is given come last. How often a line is reached does not
    # count, or thousands would be kept.
    cargo +nightly fuzz run --fuzz-dir tests/fuzz --sanitizer none --no-trace-compares "$target" "$found" -- \
        -set_cover_merge=1 -use_counters=0 "$smallest" "$kept"
    rm -rf "$kept"
    mv "$smallest" "$kept"
    echo "$target: $(find "$kept" -type f | wc -l) inputs, $(cat "$kept"/* | wc -c) bytes"
done
