//! Does what fuzzing has found still hold, and does it try every type both ways?

use std::collections::BTreeMap;
use std::fs;

use labelgate_test_input::properties::{self, Seen};

/// Replays the inputs of a target.
fn replay(target: &str, property: fn(&[u8], Seen<'_>), types: usize) {
    let mut seen: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let folder = format!("{}/tests/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    for file in fs::read_dir(folder).unwrap() {
        let input = fs::read(file.unwrap().path()).unwrap();
        property(&input, &mut |name, taken| {
            seen.entry(name).or_default()[usize::from(taken)] += 1;
        });
    }
    assert_eq!(seen.len(), types, "{seen:?}");
    for (name, [refused, taken]) in seen {
        assert!(refused > 0 && taken > 0, "{name}: {refused} refused, {taken} taken");
    }
}

#[test]
fn texts() {
    replay("text", properties::text, 15);
}

#[test]
fn json() {
    replay("json", properties::json, 41);
}

#[test]
fn bits() {
    replay("bits", properties::bits, 9);
}

#[test]
fn files() {
    replay("files", properties::files, 3);
}
