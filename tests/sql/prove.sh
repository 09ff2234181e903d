#!/usr/bin/env bash
# Holds lists and people in SQL against the oracle on many more worlds than a run of the tests does: 1,000 in SQLite
# and 100 in PostgreSQL, or as many as are asked for. It says how far it is, and at the end how many lists
# it compared.
set -euo pipefail
cd "$(dirname "$0")/../.."

prove() {
    LABELGATE_WORLDS=$2 cargo test --quiet --locked --release -p labelgate-sql-tests --test lists --test people \
        -- --include-ignored --nocapture "$1::"
}

prove sqlite "${1:-1000}"
prove postgres "${2:-100}"
