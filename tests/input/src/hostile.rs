//! Input that is sent to flood a log, or to forge what a terminal shows.

use serde::de::DeserializeOwned;
use serde_json::{Value, from_str, from_value};

/// Much of it: letters, and what must not reach a terminal.
pub fn hostile_texts() -> [String; 2] {
    ["a".repeat(1 << 14), "\u{1b}[2J\r\n\u{202e}\u{2028}".repeat(1 << 10)]
}

/// Whether a text is one short line of what is printable.
pub fn is_tame(text: &str) -> bool {
    let hostile = |c: char| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c);
    text.chars().count() <= 300 && !text.contains(hostile)
}

/// The input is refused in one short line, and with its place where that is known.
pub fn tame<T: DeserializeOwned>(wire: &Value) {
    let refused = from_value::<T>(wire.clone()).err().unwrap().to_string();
    assert!(is_tame(&refused), "{} bytes", refused.len());
    let refused = from_str::<T>(&wire.to_string()).err().unwrap();
    assert!(is_tame(&refused.to_string()), "{} bytes", refused.to_string().len());
    assert_eq!(refused.line(), 1, "{refused}");
}
