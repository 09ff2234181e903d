//! Every type that is read from a text.
#![no_main]

use labelgate_test_input::properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::text(input, &mut |_, _| {}));
