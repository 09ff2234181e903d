//! Is text read back exactly, and is any other text refused in words that help?

use labelgate::sets::{Roles, Scopes};
use labelgate::{
    Action, Actions, Answer, Fact, Facts, OrganizationId, Role, Scope, Subject, UserId,
};
use proptest::prelude::*;

#[test]
fn codes_and_names_are_the_source_s() {
    let roles = Role::ALL.map(|role| (role.code(), role.name()));
    assert_eq!(
        roles,
        [
            ("OW", "Owner"),
            ("AD", "Administrator"),
            ("MA", "Manager"),
            ("RE", "Reviewer"),
            ("AN", "Annotator"),
            ("NO", "Not activated"),
            ("DI", "Deactivated"),
        ]
    );
}

#[test]
fn everything_reads_back_and_displays_as_its_text() {
    for role in Role::ALL {
        assert_eq!(role.code().parse(), Ok(role));
        assert_eq!(role.to_string(), role.code());
    }
    for action in Action::ALL {
        assert_eq!(action.key().parse(), Ok(action));
        assert_eq!(action.to_string(), action.key());
    }
    for scope in Scope::ALL {
        assert_eq!(scope.name().parse(), Ok(scope));
        assert_eq!(scope.to_string(), scope.name());
    }
}

#[test]
fn other_texts_are_refused_with_the_text_in_backticks() {
    for input in ["", "ow", "OW ", " OW", "Owner", "XX", "OWN", "0"] {
        let message = input.parse::<Role>().unwrap_err().to_string();
        assert_eq!(message, format!("unknown role code `{input}`"));
    }
    for input in ["", "DATA.EXPORT", "data.export ", "data", "data.", "ExportData", "*"] {
        let message = input.parse::<Action>().unwrap_err().to_string();
        assert_eq!(message, format!("unknown action key `{input}`"));
    }
    for input in ["", "Own", "own?", "O", "workspace "] {
        let message = input.parse::<Scope>().unwrap_err().to_string();
        assert_eq!(message, format!("unknown scope `{input}`"));
    }
}

#[test]
fn long_and_hostile_inputs_are_cut_and_escaped() {
    let message = |input: &str| input.parse::<Role>().unwrap_err().to_string();
    let thirty = "a".repeat(30);
    assert_eq!(message(&thirty), format!("unknown role code `{thirty}`"));
    assert_eq!(message(&format!("{thirty}b")), format!("unknown role code `{thirty}...`"));
    // Three bytes each: the tenth ends at the thirtieth byte, and none is cut in two.
    assert_eq!(message(&"€".repeat(11)), format!("unknown role code `{}...`", "€".repeat(10)));
    assert_eq!(
        message(&format!("a{}", "€".repeat(10))),
        format!("unknown role code `a{}...`", "€".repeat(9))
    );
    assert_eq!(message("OW\nallow"), r"unknown role code `OW\nallow`");
    assert_eq!(message("\u{1b}[2J"), r"unknown role code `\u{1b}[2J`");
    assert_eq!(message("OW\u{a0}"), r"unknown role code `OW\u{a0}`");
    assert_eq!(message("\u{85}\u{2028}"), r"unknown role code `\u{85}\u{2028}`");
    assert_eq!(message("OW\u{202e}"), r"unknown role code `OW\u{202e}`");
    assert_eq!(message(r#"'"\"#), r#"unknown role code `'"\\`"#);
    assert_eq!(message("`"), r"unknown role code `\``");
    assert_eq!(message("x` is fine; `OW"), r"unknown role code `x\` is fine; \`OW`");
}

/// What stands between the backticks of an error: from the first to the next that is not escaped, which is
/// the end of it.
fn unquoted(error: &str) -> String {
    let (_, quoted) = error.split_once('`').unwrap();
    let (mut chars, mut text) = (quoted.chars(), String::new());
    loop {
        match chars.next().unwrap() {
            '`' => break,
            '\\' => text.push(chars.next().unwrap()),
            c => text.push(c),
        }
    }
    assert_eq!(chars.as_str(), "", "{error}");
    text
}

proptest! {
    #[test]
    fn no_other_text_is_ever_taken(input in ".*") {
        prop_assert_eq!(input.parse::<Role>().is_ok(), Role::ALL.iter().any(|r| r.code() == input));
        prop_assert_eq!(input.parse::<Action>().is_ok(), Action::ALL.iter().any(|a| a.key() == input));
        prop_assert_eq!(input.parse::<Scope>().is_ok(), Scope::ALL.iter().any(|s| s.name() == input));
    }

    #[test]
    fn an_excerpt_is_a_prefix(input in "[ -~äß€中]*|[`a\\\\]*") {
        prop_assume!(input.parse::<Role>().is_err());
        let excerpt = unquoted(&input.parse::<Role>().unwrap_err().to_string());
        match excerpt.strip_suffix("...").filter(|_| input.len() > 30) {
            Some(cut) => prop_assert!(input.starts_with(cut) && cut.len() > 30 - 4),
            None => prop_assert_eq!(excerpt, input),
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in(list in proptest::collection::vec(proptest::sample::select(&Action::ALL[..]), 0..40)) {
        let set: Actions = list.iter().copied().collect();
        for action in Action::ALL {
            prop_assert_eq!(set.has(action), list.contains(&action));
        }
        prop_assert_eq!(set.elements().collect::<Actions>(), set);
        prop_assert_eq!(set.elements().count(), set.bits().count_ones() as usize);
    }
}

#[test]
fn flags_are_spelled_like_their_elements() {
    let names = |flags: &[&str], elements: &[String]| assert_eq!(flags, elements);
    let actions: Vec<_> = Actions::all().iter_names().map(|flag| flag.0).collect();
    names(&actions, &Action::ALL.map(|action| format!("{action:?}")));
    let roles: Vec<_> = Roles::all().iter_names().map(|flag| flag.0).collect();
    names(&roles, &Role::ALL.map(|role| format!("{role:?}")));
    let scopes: Vec<_> = Scopes::all().iter_names().map(|flag| flag.0).collect();
    names(&scopes, &Scope::ALL.map(|scope| format!("{scope:?}")));
    assert_eq!(Actions::ExportData, Action::ExportData.into());
}

#[test]
fn sets_display_their_elements() {
    assert_eq!(Roles::empty().to_string(), "");
    assert_eq!((Roles::Owner | Roles::Annotator).to_string(), "OW, AN");
    assert_eq!((Scopes::Own | Scopes::Workspace).to_string(), "own, workspace");
}

#[test]
fn what_is_displayed_is_its_text() {
    for answer in [Answer::Forbidden, Answer::NotFound, Answer::MethodNotAllowed, Answer::Conflict]
    {
        assert_eq!(answer.to_string(), answer.text());
    }
    let facts = Facts::none().with(Fact::ProjectMember).with(Fact::ActsAsReviewer);
    assert_eq!(facts.to_string(), "project_member, acts_as_reviewer");
    let nobody = Subject::new(OrganizationId(1), UserId(7), Role::Deactivated);
    assert_eq!(format!("{:?}", nobody.filter(Action::ViewProject)), "Filter(nothing)");
}
