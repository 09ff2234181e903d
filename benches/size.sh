#!/usr/bin/env bash
# Prints by how many bytes a stripped release binary grows that reads a role and an action, and decides
# about a row with its facts. Fails past the limit.
set -euo pipefail
cd "$(dirname "$0")/.."
crate=$PWD
limit=12288

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/src" "$dir/src/bin"
cat >"$dir/Cargo.toml" <<EOF
[package]
name = "size"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
labelgate = { path = "$crate" }

[profile.release]
strip = true
EOF

# The same program twice: it reads its arguments, and prints a number.
program() {
    cat <<EOF
use std::env;

$1

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let bits: i64 = arguments[3].parse().unwrap();
    println!("{}", answer(&arguments[1], &arguments[2], bits));
}
EOF
}
program 'fn answer(role: &str, action: &str, bits: i64) -> u16 {
    (role.len() + action.len()) as u16 + bits as u16
}' >"$dir/src/bin/without.rs"
program 'use labelgate::{Action, OrganizationId, ProjectId, Role, Subject, UserId};

fn answer(role: &str, action: &str, bits: i64) -> u16 {
    let (Ok(role), Ok(action)) = (role.parse::<Role>(), action.parse::<Action>()) else {
        return 400;
    };
    let subject = Subject::new(OrganizationId(1), UserId(7), role);
    let Ok(row) = subject.row(ProjectId(1), OrganizationId(1), bits) else { return 500 };
    match subject.decide(action, &row) {
        Ok(_) => 200,
        Err(denied) => denied.answer().status(),
    }
}' >"$dir/src/bin/with.rs"

CARGO_TARGET_DIR=target/size cargo build --quiet --release --manifest-path "$dir/Cargo.toml"
size() { stat --format %s "target/size/release/$1"; }
grown=$(($(size with) - $(size without)))
echo "size: $grown bytes (at most $limit)"
((grown <= limit))
