//! Do the examples do what they say, on the files that come with them and on malformed ones?

mod common;

#[allow(dead_code, reason = "its main is not called")]
#[path = "../examples/decide.rs"]
mod decide;

use std::collections::BTreeSet;

use labelgate::{Action, Role};

const REQUESTS: &str = include_str!("../examples/requests.json");

#[test]
fn decide_prints_the_oracle_s_decision_for_every_request() {
    let requests: Vec<serde_json::Value> = serde_json::from_str(REQUESTS).unwrap();
    assert!(requests.len() >= 40);
    let decisions = decide::decide(REQUESTS).unwrap();
    assert_eq!(decisions.lines().count(), requests.len());

    let mut seen = BTreeSet::new();
    for (request, decision) in requests.iter().zip(decisions.lines()) {
        let text = |name: &str| request[name].as_str().unwrap();
        let fact = |name: &str| request["facts"][name] == true;
        let facts = common::Facts {
            organization: fact("organization"),
            workspace: fact("workspace"),
            project: fact("project"),
            own: fact("own"),
            own_permitted: fact("own_permitted"),
        };
        let allowed = common::may(text("role"), text("action"), facts);
        let words: Vec<_> = decision.split_whitespace().take(3).collect();
        assert_eq!(words, [if allowed { "allow" } else { "deny" }, text("role"), text("action")]);
        seen.extend([(text("action"), allowed), (text("role"), facts.organization)]);
    }
    for action in Action::ALL {
        assert!(seen.contains(&(action.key(), true)), "{action} is never allowed");
        assert!(seen.contains(&(action.key(), false)), "{action} is never denied");
    }
    for role in Role::ALL {
        assert!(seen.contains(&(role.code(), true)), "no member is {role}");
    }
}

#[test]
fn decide_refuses_malformed_requests_with_line_and_reason() {
    let good = r#"{"role": "MA", "action": "data.export", "facts": {"organization": true}}"#;
    for (bad, reason) in [
        (
            r#"{"role": "ma", "action": "data.view", "facts": {}}"#,
            "unknown role code `ma` at line 2",
        ),
        (r#"{"role": "MA", "action": "data", "facts": {}}"#, "unknown action key `data` at line 2"),
        (r#"{"role": "MA", "action": "data.view"}"#, "missing field `facts` at line 2"),
        (
            r#"{"role": "MA", "action": "data.view", "facts": {"project": true}}"#,
            "`project` without `organization` at line 2",
        ),
        (
            r#"{"role": "MA", "action": "data.view", "facts": {}, "admin": true}"#,
            "unknown field `admin`, expected one of `role`, `action`, `facts` at line 2",
        ),
        (r#"{"role": "MA""#, "expected `,` or `}` at line 3"),
    ] {
        let error = decide::decide(&format!("[{good},\n{bad}\n]")).unwrap_err().to_string();
        assert!(error.starts_with(reason), "{error}");
    }
    assert_eq!(decide::decide("[]").unwrap(), "");
    assert!(decide::decide("").is_err());
}
