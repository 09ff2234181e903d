//! The examples that read a file.
#![no_main]

use labelgate_test_input::properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::files(input, &mut |_, _| {}));
