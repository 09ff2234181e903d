//! Engines, and the questions that they are asked.
//!
//! `install.sh` puts the engines into a folder: `target/engines`, or what `LABELGATE_ENGINES` names.

pub mod case;
pub mod every;
pub mod mutants;
pub mod node;
pub mod openfga;
pub mod spicedb;
pub mod worlds;

pub use labelgate_test_support::{oracle, tables};

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The folder of the engines.
pub fn installed() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = env::var_os("LABELGATE_ENGINES").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| here.join("../../target/engines"));
    assert!(
        folder.join("installed").is_file(),
        "no engines in {folder:?}: run tests/engines/install.sh with a folder, and name it in LABELGATE_ENGINES"
    );
    folder.canonicalize().expect("a folder that exists")
}

/// Runs a program with an input.
pub fn run(command: &mut Command, input: &str) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a program that is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    std::thread::scope(|scope| {
        // It may stop reading: then its output says why.
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output().expect("a program that ends")
    })
}
