//! What is written down and follows from the code. `cargo xtask bless` writes it anew.

use std::path::Path;
use std::{env, fs};

/// Asserts that the file of the repository has this text, or writes it there if `LABELGATE_BLESS` is set.
#[track_caller]
pub fn file(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    if env::var_os("LABELGATE_BLESS").is_some() {
        fs::write(&file, text).expect("a file that can be written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    if kept != text {
        let (mut kept, mut lines) = (kept.lines(), text.lines());
        let differs = lines.find(|line| kept.next() != Some(line)).unwrap_or_default();
        panic!(
            "{path} is not current, run `cargo xtask bless`: there should be the line `{differs}`"
        );
    }
}
