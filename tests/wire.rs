//! serde: does everything come back as it went, and is the rest refused by name?

use labelgate::{Action, Actions, Role, Roles, Scope, ScopeCtx, Scopes};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{from_str, from_value, json, to_value};

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: T,
    wire: serde_json::Value,
) {
    assert_eq!(to_value(&value).unwrap(), wire);
    assert_eq!(from_value::<T>(wire.clone()).unwrap(), value);
    assert_eq!(from_str::<T>(&wire.to_string()).unwrap(), value);
}

fn refusal<T: DeserializeOwned + std::fmt::Debug>(wire: serde_json::Value) -> String {
    from_value::<T>(wire).unwrap_err().to_string()
}

#[test]
fn nouns_are_their_texts() {
    for role in Role::ALL {
        round_trip(role, json!(role.code()));
    }
    for action in Action::ALL {
        round_trip(action, json!(action.key()));
    }
    for scope in Scope::ALL {
        round_trip(scope, json!(scope.name()));
    }
}

#[test]
fn nouns_read_escaped_texts_too() {
    assert_eq!(from_str::<Role>(r#""\u004fW""#).unwrap(), Role::Owner);
}

#[test]
fn sets_are_lists() {
    round_trip(Scopes::empty(), json!([]));
    round_trip(Scopes::Own | Scopes::Workspace, json!(["own", "workspace"]));
    round_trip(Roles::all(), json!(Role::ALL.map(Role::code)));
    round_trip(Actions::all(), json!(Action::ALL.map(Action::key)));
    assert_eq!(from_value::<Roles>(json!(["AN", "OW"])).unwrap(), Roles::Owner | Roles::Annotator);
}

#[test]
fn contexts_are_named_facts() {
    round_trip(ScopeCtx::outside(), json!({}));
    round_trip(
        ScopeCtx::organization().in_project().own_permitted(),
        json!({"organization": true, "project": true, "own": true, "own_permitted": true}),
    );
    for ctx in ScopeCtx::ALL {
        round_trip(ctx, to_value(ctx).unwrap());
    }
    let spelled_out = json!({"organization": true, "workspace": false, "own": false});
    assert_eq!(from_value::<ScopeCtx>(spelled_out).unwrap(), ScopeCtx::organization());
    assert!(from_value::<ScopeCtx>(json!({"organization": false})).unwrap().is_outside());
}

#[test]
fn refusals_name_what_was_read() {
    assert_eq!(refusal::<Role>(json!("ow")), "unknown role code `ow`");
    assert_eq!(refusal::<Role>(json!("")), "unknown role code ``");
    assert_eq!(
        refusal::<Role>(json!(5)),
        "invalid type: integer `5`, expected a string: role code"
    );
    assert_eq!(refusal::<Role>(json!(null)), "invalid type: null, expected a string: role code");
    assert_eq!(refusal::<Action>(json!("data.*")), "unknown action key `data.*`");
    assert_eq!(refusal::<Roles>(json!(["OW", "XX"])), "unknown role code `XX`");
    assert_eq!(refusal::<Roles>(json!(["OW", "AN", "OW"])), "`OW` stands twice");
    assert_eq!(
        refusal::<Actions>(json!("data.view")),
        "invalid type: string \"data.view\", expected a list of strings: each one action key"
    );
    assert_eq!(refusal::<ScopeCtx>(json!({"org": true})), "unknown scope `org`");
    assert_eq!(
        refusal::<ScopeCtx>(json!({"organization": 1})),
        "invalid type: integer `1`, expected a boolean"
    );
    assert_eq!(refusal::<ScopeCtx>(json!({"own": true})), "`own` needs `organization`");
    assert_eq!(
        refusal::<ScopeCtx>(json!({"organization": true, "own_permitted": true})),
        "`own_permitted` needs `own`"
    );
    assert_eq!(
        refusal::<ScopeCtx>(json!(["organization"])),
        "invalid type: sequence, expected a map of facts: each one a scope and whether it is held"
    );
    let twice = from_str::<ScopeCtx>(r#"{"organization": false, "organization": true}"#);
    assert!(twice.unwrap_err().to_string().starts_with("`organization` stands twice"));
}

proptest! {
    #[test]
    fn sets_come_back(bits in 0..=Actions::all().bits()) {
        let actions = Actions::from_bits_truncate(bits);
        round_trip(actions, to_value(actions).unwrap());
    }
}
