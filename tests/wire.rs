//! serde: does everything come back as it went, and is the rest refused by name?

use std::fmt::{Debug, Display};
use std::str::FromStr;

use labelgate::audit::{Audit, Fingerprint};
use labelgate::wire::AssignRole;
use labelgate_test_input::hostile::{self, tame};

use labelgate::membership::{Operation, Refusal, RoleSource};

use labelgate::overrides::Overrides;

use labelgate::{ProjectId, RecordId, TaskId, WorkspaceId};

use labelgate::sets::{Roles, Scopes};
use labelgate::{
    Action, Actions, Fact, Facts, OrganizationId, ProjectRole, Reason, Role, Scope, ScopeCtx,
    UserId,
};
use proptest::prelude::*;
use serde::de::{DeserializeOwned, Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
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

#[test]
fn errors_repeat_little_of_what_was_read() {
    for hostile in hostile::hostile_texts() {
        let text = json!(hostile);
        for wire in [text.clone(), json!([text]), json!({&hostile: true}), json!({"own": text})] {
            tame::<Role>(&wire);
            tame::<Action>(&wire);
            tame::<Scope>(&wire);
            tame::<ProjectRole>(&wire);
            tame::<RoleSource>(&wire);
            tame::<Reason>(&wire);
            tame::<Roles>(&wire);
            tame::<Actions>(&wire);
            tame::<Scopes>(&wire);
            tame::<ScopeCtx>(&wire);
            tame::<OrganizationId<u64>>(&wire);
            tame::<WorkspaceId<u64>>(&wire);
            tame::<ProjectId<u64>>(&wire);
            tame::<TaskId<u64>>(&wire);
            tame::<RecordId<u64>>(&wire);
            tame::<UserId<u64>>(&wire);
        }
    }
}

/// A type of a service, which refuses whatever it reads with its own words: what it read.
#[derive(Debug)]
struct Echo;

impl<'de> Deserialize<'de> for Echo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Err(D::Error::custom(String::deserialize(deserializer)?))
    }
}

#[test]
fn long_errors_keep_their_beginning_and_their_end() {
    let echo = |text: &str| refusal::<UserId<Echo>>(json!(text));
    let (a, b) = ("a".repeat(120), "é".repeat(80));
    assert_eq!(echo(""), "");
    assert_eq!(echo(r#"'"\"#), r#"'"\"#);
    assert_eq!(echo(&format!("{a}{b}")), format!("{a}{b}"));
    assert_eq!(echo(&format!("{a}-{b}")), format!("{a}...{b}"));
    assert_eq!(echo(&format!("{a}-----{b}")), format!("{a}...{b}"));
    assert_eq!(echo(&format!("{a}\n{}", &b[4..])), format!(r"{a}\n{}", &b[4..]));
    assert_eq!(echo(&format!("{a}-\n{}", &b[4..])), format!(r"{a}...\n{}", &b[4..]));
    assert_eq!(echo("\u{1b}[2J\r\u{2028}\u{202e}"), r"\u{1b}[2J\r\u{2028}\u{202e}");
    // Within a body, it is cut once.
    let body = json!({"user_id": format!("{a}-----{b}"), "role": "AN"});
    assert_eq!(refusal::<AssignRole<Echo>>(body), format!("{a}...{b}"));
}

/// A format whose errors repeat what they will.
struct Rude;

impl<'de> Deserializer<'de> for Rude {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("\n".repeat(1000)))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[test]
fn errors_of_a_format_are_cut_too() {
    fn tame<T: DeserializeOwned>() {
        let refused = T::deserialize(Rude).err().unwrap().to_string();
        assert_eq!(refused, format!("{}...{}", r"\n".repeat(60), r"\n".repeat(40)));
    }
    tame::<Role>();
    tame::<Fingerprint>();
    tame::<Actions>();
    tame::<ScopeCtx>();
    tame::<UserId<u64>>();
    tame::<AssignRole<u64>>();
    tame::<Audit>();
}

proptest! {
    #[test]
    fn sets_come_back(bits in 0..=Actions::all().bits()) {
        let actions = Actions::from_bits_truncate(bits);
        round_trip(actions, to_value(actions).unwrap());
    }
}

#[test]
fn what_was_expected_is_said() {
    let numbered =
        serde::de::value::MapDeserializer::<_, serde_json::Error>::new([(1, 2)].into_iter());
    assert_eq!(
        AssignRole::<u64>::deserialize(numbered).unwrap_err().to_string(),
        "invalid type: integer `1`, expected the name of a field",
    );
    assert_eq!(
        refusal::<Overrides>(json!({})),
        "invalid type: map, expected a list of overrides: each one a permission and roles",
    );
}

/// What is read from a text is what the type's own door makes of it, and is refused in the same words.
#[test]
fn both_doors_agree() {
    fn text<T: DeserializeOwned + FromStr<Err: Display> + PartialEq + Debug>(text: &str) {
        match (text.parse::<T>(), from_value::<T>(json!(text))) {
            (Ok(parsed), Ok(read)) => assert_eq!(parsed, read),
            (Err(parsed), Err(read)) => assert_eq!(parsed.to_string(), read.to_string()),
            (parsed, _) => panic!("{text:?}: {:?}", parsed.is_ok()),
        }
    }
    let texts =
        ["", "`", "OW", "ow", "own", "data.view", "assignee", "manual", "MA ", "0123456789abcdef"]
            .map(str::to_owned);
    for input in hostile::hostile_texts().into_iter().chain(texts) {
        text::<Role>(&input);
        text::<ProjectRole>(&input);
        text::<Action>(&input);
        text::<Scope>(&input);
        text::<Fact>(&input);
        text::<Reason>(&input);
        text::<RoleSource>(&input);
        text::<Operation>(&input);
        text::<Refusal>(&input);
        text::<Fingerprint>(&input);
    }
    for scopes in (0..=Scopes::all().bits()).map(Scopes::from_bits_retain) {
        let held: serde_json::Map<_, _> =
            scopes.elements().map(|scope| (scope.to_string(), json!(true))).collect();
        match (ScopeCtx::from_scopes(scopes), from_value::<ScopeCtx>(held.into())) {
            (Ok(made), Ok(read)) => assert_eq!(made, read),
            (Err(made), Err(read)) => assert_eq!(made.to_string(), read.to_string()),
            (made, _) => panic!("{scopes}: {made:?}"),
        }
    }
    for bits in 0..1 << Fact::COUNT {
        let names: Vec<_> =
            Fact::ALL.into_iter().filter(|fact| bits & i64::from(fact.bit()) > 0).collect();
        match (Facts::from_bits(bits), from_value::<Facts>(json!(names))) {
            (Ok(made), Ok(read)) => assert_eq!(made, read),
            (Err(made), Err(read)) => assert_eq!(made.to_string(), read.to_string()),
            (made, _) => panic!("{bits}: {made:?}"),
        }
    }
}
