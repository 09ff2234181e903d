//! Every type that is read from JSON.
#![no_main]

#[path = "../shared.rs"]
mod shared;

libfuzzer_sys::fuzz_target!(|input: &[u8]| shared::properties::json(input, &mut |_, _| {}));
