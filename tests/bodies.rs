//! Are the bodies of the API exactly those of the specification, and is anything else refused by
//! name?

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;
use std::num::NonZero;
use std::str::FromStr;

use labelgate::membership::RoleSource;
use labelgate::wire::{
    AssignProjectRole, AssignRole, AssignedProjectRole, DefaultRole, InvalidOrganizationRef,
    Invite, Membership, Organization, OrganizationRef, Page, Unresolved,
};
use labelgate_test_input::hostile::{hostile_texts, tame};

use labelgate::ProjectId;

use labelgate::{OrganizationId, ProjectRole, Role, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_str, from_value, json, to_string, to_value};

/// Something of which a service may read several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Either<T> {
    Body(T),
    Other(Value),
}

/// The body comes back as it went; without any of its fields it is refused by the name of the
/// field, with another one by that one's, with one twice by that one's; and an array of its values
/// is no body.
fn body<T: Serialize + DeserializeOwned + PartialEq>(value: &T, wire: &Value) {
    assert_eq!(to_value(value).unwrap(), *wire);
    assert!(from_value::<T>(wire.clone()).unwrap() == *value);

    let refusal = |wire: Value| from_value::<T>(wire).err().unwrap().to_string();
    for field in wire.as_object().unwrap().keys() {
        let mut less = wire.clone();
        less.as_object_mut().unwrap().remove(field);
        assert_eq!(refusal(less), format!("missing field `{field}`"));
    }
    let mut more = wire.clone();
    more["admin"] = json!(true);
    assert!(refusal(more).starts_with("unknown field `admin`"));

    // In the order of declaration.
    let text = to_string(value).unwrap();
    let mut fields: Vec<_> = wire.as_object().unwrap().keys().collect();
    fields.sort_by_key(|field| text.find(&format!(r#""{field}":"#)).unwrap());
    let names: Vec<_> = fields.iter().map(|field| format!("`{field}`")).collect();
    let names = names.join(", ");
    for field in &fields {
        let twice = format!(r#"{{"{field}": {}, {}"#, wire[field], &text[1..]);
        let refused = from_str::<T>(&twice).err().unwrap();
        let column = refused.column();
        let expected = format!("duplicate field `{field}` at line 1 column {column}");
        assert!(refused.to_string() == expected && column > 0, "{refused}");
    }
    let array = Value::Array(fields.iter().map(|field| wire[field].clone()).collect());
    let expected = format!("invalid type: sequence, expected an object of {names}");
    assert_eq!(refusal(array.clone()), expected);
    assert!(
        matches!(from_value(array.clone()).unwrap(), Either::<T>::Other(other) if other == array)
    );
    assert!(matches!(from_value(wire.clone()).unwrap(), Either::<T>::Body(body) if body == *value));
}

/// Whatever is wrong with a body, the error is short; `texts` are its fields that take any text.
fn hostile<T: DeserializeOwned>(wire: &Value, texts: &[&str]) {
    for hostile in hostile_texts() {
        tame::<T>(&json!(hostile));
        let mut more = wire.clone();
        more[&hostile] = json!(true);
        tame::<T>(&more);
        for field in wire.as_object().unwrap().keys() {
            let mut other = wire.clone();
            other[field] = json!(hostile);
            if texts.contains(&field.as_str()) {
                assert!(from_value::<T>(other).is_ok());
            } else {
                tame::<T>(&other);
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    email: String,
}

#[test]
fn bodies_are_the_specification_s() {
    body(
        &AssignRole { user_id: UserId(9), role: Role::Annotator },
        &json!({"user_id": 9, "role": "AN"}),
    );
    body(&DefaultRole { default_role: Role::NotActivated }, &json!({"default_role": "NO"}));
    body(
        &Invite { token: "d8a9".to_owned(), invite_url: "/user/signup/?token=d8a9".to_owned() },
        &json!({"token": "d8a9", "invite_url": "/user/signup/?token=d8a9"}),
    );
    body(
        &Organization { id: OrganizationId(1), title: "Acme".to_owned() },
        &json!({"id": 1, "title": "Acme"}),
    );
    body(
        &AssignProjectRole {
            project: ProjectId(100),
            role: ProjectRole::Reviewer,
            user: UserId(9),
        },
        &json!({"project": 100, "role": "RE", "user": 9}),
    );
    body(
        &AssignedProjectRole {
            id: 3,
            project: ProjectId(100),
            role: ProjectRole::Annotator,
            role_source: RoleSource::Manual,
            user: UserId(9),
        },
        &json!({"id": 3, "project": 100, "role": "AN", "role_source": "manual", "user": 9}),
    );
    let user = User { id: 9, email: "mia@example.org".to_owned() };
    let row = json!({
        "id": 501,
        "organization": 1,
        "user": {"id": 9, "email": "mia@example.org"},
        "role": "MA",
        "role_source": "scim",
    });
    let (role, role_source) = (Role::Manager, RoleSource::Scim);
    let membership =
        Membership { id: 501, organization: OrganizationId(1), user, role, role_source };
    body(&membership, &row);
    body(
        &Page {
            count: 3,
            next: None,
            previous: Some("?page=1".to_owned()),
            results: vec![membership],
        },
        &json!({"count": 3, "next": null, "previous": "?page=1", "results": [row]}),
    );
}

#[test]
fn errors_repeat_little_of_a_body() {
    hostile::<AssignRole<u64>>(&json!({"user_id": 9, "role": "AN"}), &[]);
    hostile::<AssignRole<String>>(&json!({"user_id": "mia", "role": "AN"}), &["user_id"]);
    hostile::<DefaultRole>(&json!({"default_role": "NO"}), &[]);
    let texts = ["token", "invite_url"];
    hostile::<Invite<String>>(&json!({"token": "d8a9", "invite_url": "/signup"}), &texts);
    hostile::<Organization<u64, String>>(&json!({"id": 1, "title": "Acme"}), &["title"]);
    hostile::<AssignProjectRole<u64>>(&json!({"project": 100, "role": "RE", "user": 9}), &[]);
    let assigned = json!({"id": 3, "project": 1, "role": "AN", "role_source": "saml", "user": 9});
    hostile::<AssignedProjectRole<u64>>(&assigned, &[]);

    // What a service's own types say of what they refuse is cut too.
    let row = |user| json!({"id": 5, "organization": 1, "user": user, "role": "MA", "role_source": "api"});
    let page = |results| json!({"count": 3, "next": null, "previous": null, "results": results});
    let good = row(json!({"id": 9, "email": "mia@example.org"}));
    hostile::<Membership<u64, User>>(&good, &[]);
    let rows = page(json!([good]));
    hostile::<Page<Vec<Membership<u64, User>>, String>>(&rows, &["next", "previous"]);
    for text in hostile_texts() {
        for bad in [json!({"id": text, "email": ""}), json!({&text: 9}), json!([text])] {
            tame::<Membership<u64, User>>(&row(bad.clone()));
            tame::<Page<Vec<Membership<u64, User>>, String>>(&page(json!([row(bad.clone())])));
            tame::<Page<Vec<User>, String>>(&page(json!([bad])));
        }
    }
}

#[test]
fn every_code_goes_both_ways_and_no_other() {
    for role in Role::ALL {
        body(&AssignRole { user_id: UserId(9), role }, &json!({"user_id": 9, "role": role.code()}));
        body(&DefaultRole { default_role: role }, &json!({"default_role": role.code()}));
        let project_role = from_value::<ProjectRole>(json!(role.code()));
        match role {
            Role::Annotator | Role::Reviewer => {
                let project_role = project_role.unwrap();
                assert_eq!(Role::from(project_role), role);
                assert_eq!(to_value(project_role).unwrap(), role.code());
            }
            _ => {
                let message = project_role.unwrap_err().to_string();
                assert_eq!(message, format!("unknown project role code `{role}`"));
            }
        }
    }
    for code in ["manual", "saml", "scim", "ldap", "api", "billing"] {
        let source: RoleSource = from_value(json!(code)).unwrap();
        assert_eq!((source.code(), to_value(source).unwrap()), (code, json!(code)));
    }
    let refused = from_value::<RoleSource>(json!("Manual")).unwrap_err();
    assert_eq!(refused.to_string(), "unknown role source `Manual`");
    for bad in ["an", "", "AN ", "Annotator"] {
        let refused = from_value::<AssignRole<u64>>(json!({"user_id": 9, "role": bad}));
        assert_eq!(refused.unwrap_err().to_string(), format!("unknown role code `{bad}`"));
    }
}

#[test]
fn what_may_be_null_has_to_be_there() {
    type Row = Membership<u64, Option<String>>;
    let row = json!({"id": 5, "organization": 1, "role": "AN", "role_source": "api", "user": null});
    assert_eq!(from_value::<Row>(row.clone()).unwrap().user, None);
    let mut less = row;
    less.as_object_mut().unwrap().remove("user");
    assert_eq!(from_value::<Row>(less).unwrap_err().to_string(), "missing field `user`");
    let refused = from_value::<Organization<u64, Option<String>>>(json!({"id": 1}));
    assert_eq!(refused.unwrap_err().to_string(), "missing field `title`");
    let refused = from_value::<Invite<Option<String>>>(json!({"token": null}));
    assert_eq!(refused.err().unwrap().to_string(), "missing field `invite_url`");
    let page = json!({"count": 1, "next": null, "previous": null});
    let refused = from_value::<Page<Option<Vec<u8>>, String>>(page);
    assert_eq!(refused.unwrap_err().to_string(), "missing field `results`");
    let refused = from_value::<AssignRole<Option<u64>>>(json!({"role": "AN"}));
    assert_eq!(refused.unwrap_err().to_string(), "missing field `user_id`");
}

#[test]
fn bodies_borrow_from_the_input() {
    let json = r#"{"token": "d8a9", "invite_url": "/signup"}"#;
    let invite: Invite<&str> = from_str(json).unwrap();
    assert_eq!((invite.token, invite.invite_url), ("d8a9", "/signup"));
    let body: AssignRole<&str> = from_str(r#"{"role": "AN", "user_id": "mia"}"#).unwrap();
    assert_eq!(body.user_id, UserId("mia"));
}

#[test]
fn bodies_stand_in_the_objects_of_a_service() {
    #[derive(Deserialize)]
    struct Logged {
        at: u64,
        #[serde(flatten)]
        body: AssignRole<u64>,
        #[serde(flatten)]
        rest: BTreeMap<String, u64>,
    }
    let logged: Logged = from_value(json!({"at": 5, "role": "AN", "user_id": 9, "by": 7})).unwrap();
    assert_eq!((logged.at, logged.body.user_id), (5, UserId(9)));
    assert_eq!(logged.rest, BTreeMap::from([("by".to_owned(), 7)]));
}

#[test]
fn a_hostile_value_is_refused_with_what_was_expected_and_where() {
    let json = format!("{{\"role\": \"AN\",\n\"user_id\": \"{}\"}}", "a".repeat(1 << 20));
    let refused = from_str::<AssignRole<u64>>(&json).unwrap_err();
    let (line, column) = (refused.line(), refused.column());
    assert_eq!((line, column), (2, (1 << 20) + 13));
    let message = refused.to_string();
    assert!(message.starts_with("invalid type: string \"aaa"), "{message}");
    let end = format!("aaa\", expected u64 at line {line} column {column}");
    assert!(message.contains("a...a") && message.ends_with(&end), "{message}");
}

#[test]
fn what_is_no_json_is_still_told_from_what_is_no_body() {
    let refused = |json: &str| from_str::<AssignRole<u64>>(json).unwrap_err();
    assert!(refused(r#"{"user_id": 9"#).is_eof());
    assert!(refused(r#"{"user_id": nine"#).is_syntax());
    assert!(refused(r#"{"user_id": "nine""#).is_data());
}

#[test]
fn invitations_are_not_displayed() {
    let invite = Invite { token: "secret", invite_url: "https://example.org/?token=secret" };
    assert_eq!(format!("{invite:?}"), "Invite { .. }");
}

#[test]
fn zero_is_the_only_organization() {
    let read = |text: &str| text.parse::<OrganizationRef<u64>>();
    let [seven, eight] = [OrganizationId(7), OrganizationId(8)];
    let zero = read("0").unwrap();
    assert_eq!(zero, OrganizationRef::Only);
    assert_eq!(zero.resolve(&[seven]), Ok(&seven));
    assert_eq!(zero.resolve(&[seven, eight]), Err(Unresolved::Several));
    assert_eq!(zero.resolve(&[]), Err(Unresolved::None));
    let named = read("8").unwrap();
    assert_eq!(named.resolve(&[seven, eight]), Ok(&eight));
    assert_eq!(named.resolve(&[seven]), Err(Unresolved::None));
    for bad in ["", "-1", "acme", "0x8"] {
        let refused = read(bad).unwrap_err();
        assert_eq!(refused.to_string(), format!("not an organization id `{bad}`"));
    }
    assert_eq!("0".parse::<OrganizationRef<String>>(), Ok(OrganizationRef::Only));
}

#[test]
fn an_organization_has_one_spelling() {
    fn read<T: FromStr + Display>(text: &str) -> Result<OrganizationRef<T>, String> {
        text.parse().map_err(|refused: InvalidOrganizationRef| refused.to_string())
    }
    for bad in ["+7", "07", "00", "+0", "-0", "-07", "+", "-", " 7", "7 ", "7\n", "\u{664}"] {
        let message = format!("not an organization id `{}`", bad.replace('\n', r"\n"));
        assert_eq!(read::<u64>(bad), Err(message.clone()));
        assert_eq!(read::<i64>(bad), Err(message.clone()));
        assert_eq!(read::<u8>(bad), Err(message.clone()));
        assert_eq!(read::<NonZero<u32>>(bad), Err(message));
    }
    for id in [7, 10, 100, u64::MAX] {
        assert_eq!(read(&id.to_string()), Ok(OrganizationRef::Id(OrganizationId(id))));
    }
    for id in [i64::MIN, -7, -1, 1, i64::MAX] {
        assert_eq!(read(&id.to_string()), Ok(OrganizationRef::Id(OrganizationId(id))));
    }
    // Ids that are no integers are spelled as their type will have it.
    for id in ["cats", "07", "+7", "-", "-0", "00", "", "-7-7", "7-"] {
        assert_eq!(read(id), Ok(OrganizationRef::Id(OrganizationId(id.to_owned()))));
    }
    let address = OrganizationId(std::net::Ipv6Addr::from(0x0db8));
    for spelling in ["::db8", "::DB8", "0:0:0:0:0:0:0:0db8"] {
        assert_eq!(read(spelling), Ok(OrganizationRef::Id(address)));
    }
    let long = read::<u64>(&"7".repeat(1 << 20)).unwrap_err();
    assert_eq!(long, format!("not an organization id `{}...`", "7".repeat(30)));
}

/// An id whose spaces do not count, displayed in pieces.
#[derive(Debug, PartialEq)]
struct Spaced(String);

impl FromStr for Spaced {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.replace(' ', "")))
    }
}

impl Display for Spaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|c| write!(f, "{c}"))
    }
}

#[test]
fn what_displays_as_an_integer_is_spelled_as_it_displays() {
    let read = |text: &str| match text.parse().ok()? {
        OrganizationRef::Id(OrganizationId(Spaced(id))) => Some(id),
        OrganizationRef::Only => None,
    };
    for good in ["7", "77", "-7", "00", "-0"] {
        assert_eq!(read(good).unwrap(), good);
    }
    for bad in [" 7", "7 ", "7 7", "- 7", "-7 7", "0 0", " 0"] {
        assert_eq!(read(bad), None, "{bad}");
    }
    for (spelling, id) in
        [(" ", ""), (" -", "-"), ("- -7", "--7"), ("7 -", "7-"), ("7 -7", "7-7"), ("+ 7", "+7")]
    {
        assert_eq!(read(spelling).unwrap(), id);
    }
}
