//! The examples that read a file.
#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|input: &[u8]| shared::properties::files(input, &mut |_, _| {}));
