//! Every integer that is read, and a decision by what was read.
#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|input: &[u8]| shared::properties::bits(input, &mut |_, _| {}));
