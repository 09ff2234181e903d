//! Every type that is read from JSON.
#![no_main]

use labelgate_test_input::properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::json(input, &mut |_, _| {}));
