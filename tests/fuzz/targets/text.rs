//! Every type that is read from a text.
#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|input: &[u8]| shared::properties::text(input, &mut |_, _| {}));
