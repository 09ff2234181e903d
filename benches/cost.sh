#!/usr/bin/env bash
# Prints what it costs to depend on this crate, and on its peers: the crates in the tree, the processor time
# of a clean release build, how much of that is the crate's own and not its dependencies', and by how many
# bytes a stripped release binary grows that makes one decision (benches/cost/*.rs). Takes about ten minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
work=$here/target/cost

# seconds COMMAND..: the processor time it takes
seconds() {
    local TIMEFORMAT='%U %S'
    { time "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; } 2>&1 |
        awk '{ printf "%.1f", $1 + $2 }'
}

# cost NAME PROGRAM DEPENDENCY CRATE..: the crates are those that the dependency's authors wrote for it
cost() {
    local name=$1 program=$2 dependency=$3
    shift 3
    local dir=$work/package own=() crate
    rm -rf "$dir"
    mkdir -p "$dir/src/bin"
    cp benches/peers/Cargo.lock "$dir/"
    cat >"$dir/Cargo.toml" <<TOML
[package]
name = "cost"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
$dependency

[profile.release]
strip = true
TOML
    touch "$dir/src/lib.rs"
    cat benches/cost/without.rs benches/cost/program.rs >"$dir/src/bin/without.rs"
    cat "benches/cost/$program.rs" benches/cost/program.rs >"$dir/src/bin/with.rs"

    cargo() { CARGO_TARGET_DIR=$work/target command cargo "$@" --manifest-path "$dir/Cargo.toml"; }
    cargo fetch --quiet
    local tree crates all alone
    tree=$(cargo tree --edges normal,build --prefix none --format '{p}' | sed 1d | cut -d' ' -f1,2 | sort -u)
    crates=$(wc -l <<<"$tree")
    rm -rf "$work/target"
    all=$(seconds cargo build --release --lib)
    for crate in "$@"; do own+=(--package "$crate"); done
    cargo clean --quiet --release "${own[@]}"
    alone=$(seconds cargo build --release --lib)

    cargo build --quiet --release --bins
    local with without
    with=$(stat --format %s "$work/target/release/with")
    without=$(stat --format %s "$work/target/release/without")
    [[ $("$work/target/release/with" MA data.export true) == true ]]
    [[ $("$work/target/release/with" RE data.export true) == false ]]
    [[ $("$work/target/release/with" MA data.export false) == false ]]
    echo "| $name | $(grep "^$1 " <<<"$tree" | cut -d' ' -f2 | tr -d v) | $crates | $all s | $alone s | $(((with - without + 512) / 1024)) KiB |"
}

mkdir -p "$work"
echo '| | version | crates | clean build | of it its own | binary |'
echo '|---|---|---|---|---|---|'
cost labelgate labelgate "labelgate = { path = \"$here\" }" labelgate
cost 'labelgate, all features' labelgate \
    "labelgate = { path = \"$here\", features = [\"invitations\", \"sea-query\", \"serde\", \"std\"] }" labelgate
cost gatehouse gatehouse 'gatehouse = "0.6"' gatehouse
cost casbin casbin 'casbin = "2.20"' casbin
cost oso oso 'oso = "0.27"' oso oso-derive polar-core
cost 'regorus, no default features' regorus \
    'regorus = { version = "0.14", default-features = false, features = ["arc", "std"] }' regorus
cost regorus regorus 'regorus = "0.14"' regorus
cost cedar-policy cedar 'cedar-policy = "4.14"' cedar-policy cedar-policy-core cedar-policy-formatter
