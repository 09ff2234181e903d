#!/usr/bin/env bash
# Builds and runs a package outside of the workspace against the crate as it would be published: with the
# default features, with each alone, and with all.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
outside=$(mktemp -d)
trap 'rm -rf "$outside"' EXIT

# What does not stand in a commit is packaged as well. That it builds is what the package outside is for.
cargo package --quiet --locked --no-verify --allow-dirty -p labelgate
version=$(cargo metadata --no-deps --format-version 1 |
    sed -E 's/.*"name":"labelgate","version":"([^"]+)".*/\1/')
mkdir "$outside/labelgate"
tar -xzf "$target/package/labelgate-$version.crate" -C "$outside/labelgate" --strip-components 1
cp -r tests/downstream "$outside/downstream"
# The versions that everything else here is tested with.
cp Cargo.lock "$outside/downstream/Cargo.lock"

export CARGO_TARGET_DIR=$target/downstream
cd "$outside/downstream"
cargo run --quiet
cargo hack run --quiet --each-feature
