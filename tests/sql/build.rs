//! Sets `no_postgres` where the tests cannot start a PostgreSQL of their own, so that they are
//! reported as ignored rather than as passed.

#[allow(dead_code, reason = "where it is matters when it is run")]
#[path = "src/installed.rs"]
mod installed;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(no_postgres)");
    println!("cargo::rerun-if-changed=src/installed.rs");
    println!("cargo::rerun-if-changed={}", installed::DEBIAN);
    println!("cargo::rerun-if-env-changed=PATH");
    if let Err(reason) = installed::postgres() {
        println!("cargo::rustc-cfg=no_postgres");
        println!("cargo::warning=the tests with PostgreSQL are ignored: {reason}");
    }
}
