//! Every integer that is read, and a decision by what was read.
#![no_main]

use labelgate_test_input::properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::bits(input, &mut |_, _| {}));
