//! What a service may rely on without reading the code: traits and sizes.

use labelgate::act::Category;
use labelgate::wire::InvalidOrganizationRef;

use labelgate::audit::{Audit, Fingerprint};

use labelgate::error::{
    Excerpt, ImpossibleContext, InvalidFacts, InvalidFingerprint, PowerlessRole, UnknownAction,
    UnknownFact, UnknownOperation, UnknownProjectRole, UnknownQuestion, UnknownReason,
    UnknownRefusal, UnknownRole, UnknownRoleSource, UnknownScope,
};

use labelgate::explain::Change;

use labelgate::membership::{
    Actor, Event, Invitation, Member, MemberDataSet, MembershipAudit, MembershipPolicy, Operation,
    PlanRefused, Refusal, RefusalKind, Refused, RoleSource,
};

use labelgate::impact::Impact;
use labelgate::log::{LogEntry, Question};
use labelgate::people::{People, Person};
use labelgate::sets::FactSet;

use labelgate::decision::Granted;
use labelgate::sets::{Roles, Scopes};
use labelgate::{
    Action, Actions, Answer, Denied, Fact, Facts, Filter, Kind, Listing, Matrix, OrganizationId,
    Permit, ProjectId, ProjectRole, Reason, Role, Row, Scope, ScopeCtx, Subject, TaskId, UserId,
    WorkspaceId, act,
};

fn value<T: Copy + Send + Sync + Unpin + std::hash::Hash + std::fmt::Debug + Eq + 'static>() {}
fn error<T: std::error::Error + Clone + Send + Sync + Unpin + Eq + 'static>() {}

#[test]
fn values_are_plain_and_errors_are_errors() {
    value::<Role>();
    value::<Roles>();
    value::<Action>();
    value::<Actions>();
    value::<Category>();
    value::<Scope>();
    value::<Scopes>();
    value::<ScopeCtx>();
    value::<Fact>();
    value::<Facts>();
    value::<FactSet>();
    value::<Filter>();
    value::<Kind>();
    value::<Answer>();
    value::<Subject<u64>>();
    value::<Row<ProjectId<u64>>>();
    value::<Matrix>();
    value::<Granted>();
    value::<Denied>();
    value::<Reason>();
    value::<Question>();
    value::<Person<u64>>();
    value::<Change>();
    value::<Audit>();
    value::<Event>();
    value::<Member<u64>>();
    value::<ProjectRole>();
    value::<Refusal>();
    value::<Refused>();
    value::<RoleSource>();
    value::<Fingerprint>();
    value::<OrganizationId<u64>>();
    value::<WorkspaceId<u64>>();
    value::<ProjectId<u64>>();
    value::<TaskId<u64>>();
    value::<UserId<u64>>();
    error::<UnknownRole>();
    error::<UnknownAction>();
    error::<UnknownScope>();
    error::<ImpossibleContext>();
    error::<PowerlessRole>();
    error::<InvalidFingerprint>();
    error::<InvalidOrganizationRef>();
    error::<InvalidFacts>();
    error::<UnknownFact>();
    error::<Denied>();
    error::<Refused>();
    error::<PlanRefused>();
    error::<UnknownReason>();
    error::<UnknownQuestion>();
    error::<Refusal>();
    error::<UnknownRoleSource>();
    error::<UnknownRefusal>();
    error::<UnknownOperation>();
    value::<MembershipAudit>();
    value::<Operation>();
    value::<RefusalKind>();
    value::<MemberDataSet>();
    error::<UnknownProjectRole>();
}

#[test]
fn what_a_service_builds_from_its_ids_goes_between_threads() {
    fn plain<T: Copy + Send + Sync + std::fmt::Debug + Eq>() {}
    plain::<Subject<u64, u32>>();
    plain::<Actor<'static, u64>>();
    plain::<MembershipPolicy<u64>>();
    plain::<Row<WorkspaceId<u64>>>();
    plain::<Row<ProjectId<u64>, (), u64, u32>>();
    plain::<Row<TaskId<u64>>>();
    fn sent<T: Send + Sync + 'static>() {}
    sent::<Permit<act::ExportData, Row<ProjectId<String>, String>>>();
    sent::<Listing<act::ViewProjectData, ProjectId<String>>>();
    sent::<People<act::ExportData, ProjectId<String>>>();
    sent::<Impact<String>>();
    sent::<LogEntry>();
}

#[test]
fn invitations_go_between_threads() {
    fn sent<T: Clone + Send + Sync + std::fmt::Debug>() {}
    sent::<Invitation<u64, String>>();
}

#[test]
fn sizes_are_small() {
    assert_eq!(size_of::<ScopeCtx>(), 1);
    assert_eq!(size_of::<Role>(), 1);
    assert_eq!(size_of::<Option<Role>>(), 1);
    assert_eq!(size_of::<Action>(), 1);
    assert_eq!(size_of::<Scopes>(), 1);
    assert_eq!(size_of::<Roles>(), 1);
    assert_eq!(size_of::<Actions>(), 4);
    assert_eq!(size_of::<Facts>(), 2);
    assert_eq!(size_of::<Excerpt>(), 32);
    // A matrix has a cell of a byte for each role in each action's word.
    assert_eq!(size_of::<Matrix>(), 8 * (Action::COUNT + 1));
    assert_eq!(size_of::<Subject<i64>>(), size_of::<Matrix>() + 24);
    assert!(size_of::<Denied>() <= 48, "{}", size_of::<Denied>());
    assert_eq!(size_of::<Row<ProjectId<i64>>>(), 32);
    assert!(size_of::<Listing<act::ViewProject, OrganizationId<i64>>>() <= 152);
    assert!(size_of::<People<act::ViewProject, ProjectId<i64>>>() <= size_of::<Matrix>() + 64);
    assert_eq!(size_of::<Person<i64>>(), 16);
}

/// Databases and logs keep these: they never change.
#[test]
fn codes_are_promised() {
    assert_eq!(Role::ALL.map(Role::code), ["OW", "AD", "MA", "RE", "AN", "NO", "DI"]);
    assert_eq!(
        Reason::ALL.map(Reason::code),
        [
            "not_activated",
            "deactivated",
            "not_found",
            "outside_organization",
            "other_user",
            "acts_as_nobody",
            "role_never_holds",
            "scope_not_held",
            "setting_off",
            "not_in_limit",
            "not_through_api",
        ]
    );
    assert_eq!(
        Question::ALL.map(Question::code),
        ["decision", "list", "people", "report", "change"]
    );
    let answers = [Answer::Forbidden, Answer::NotFound, Answer::MethodNotAllowed, Answer::Conflict];
    assert_eq!(answers.map(Answer::status), [403, 404, 405, 409]);
}

/// What most services need. The rest is in a module of its question.
#[test]
fn the_root_has_these_names() {
    let root =
        include_str!("../src/lib.rs").lines().filter_map(|line| line.strip_prefix("pub use "));
    let of_line = |line: &'static str| {
        let list = line.rsplit("::").next().unwrap().trim_end_matches(';');
        list.trim_matches(['{', '}']).split(", ")
    };
    let mut names: Vec<_> = root.flat_map(of_line).collect();
    names.sort_unstable();
    let expected = [
        "Action",
        "ActionType",
        "Actions",
        "Answer",
        "Denied",
        "Fact",
        "Facts",
        "Filter",
        "Kind",
        "Listing",
        "Matrix",
        "OrganizationId",
        "Permit",
        "ProjectId",
        "ProjectRole",
        "Reason",
        "RecordId",
        "Role",
        "Row",
        "Scope",
        "ScopeCtx",
        "Subject",
        "TaskId",
        "UserId",
        "WorkspaceId",
        "act",
        "can",
    ];
    // Twenty-six, and the module of the actions' types.
    assert_eq!(names, expected);
}

/// An item that is public in a file, with what its docs and the examples of the file say of it.
struct Item {
    line: String,
    name: String,
    is_type: bool,
    has_example: bool,
}

fn public_items(text: &str) -> Vec<Item> {
    let (mut items, mut docs, mut in_attribute) = (Vec::new(), String::new(), false);
    for line in text.lines() {
        let code = line.trim_start();
        if in_attribute {
            in_attribute = !code.ends_with(")]");
            continue;
        }
        if code.starts_with("///") || code.starts_with("#[doc") {
            docs += code;
            continue;
        }
        if code.starts_with("#[") || code.starts_with("$(#[") {
            in_attribute = code.starts_with("#[") && !code.ends_with(']');
            continue;
        }
        let words = code.strip_prefix("pub ").map(|code| code.replacen("const fn", "fn", 1));
        if let Some((kind, rest)) = words.as_deref().and_then(|words| words.split_once(' ')) {
            let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next();
            let is_type = matches!(kind, "struct" | "enum" | "trait" | "type");
            if is_type || matches!(kind, "fn" | "const") {
                items.push(Item {
                    line: code.to_owned(),
                    name: name.unwrap().to_owned(),
                    is_type,
                    has_example: docs.contains("```"),
                });
            }
        }
        if !code.is_empty() && !code.starts_with("//") {
            docs.clear();
        }
    }
    items
}

/// A type has an example in its own docs. A function or a constant has one too, or an example of the same
/// file, which is that of its type, calls it.
#[test]
fn every_public_item_has_an_example() {
    // What macros declare: the docs are given, and looked at, where the macro is used; what all sets and all
    // enums have is shown by the sets and the enums; actions as types by the module `act`, tables by `Schema`.
    let shown_elsewhere = [
        "$Enum", "$Unknown", "$Set", "$text_fn", "$Id", "$Action", "$Table", "Sealed", "COUNT",
        "ALL",
    ];
    let of_sets = ["of", "has", "elements", "input"];
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let (mut seen, mut missing) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let docs = text.lines().map(str::trim_start).filter(|line| line.starts_with("//"));
            let docs = docs.collect::<Vec<_>>().join("\n");
            let examples: Vec<_> = docs.split("```").skip(1).step_by(2).collect();
            let file = path.file_name().unwrap().to_str().unwrap();
            for item in public_items(&text) {
                seen += 1;
                let is_called = examples.iter().any(|example| {
                    example.split(['.', ':', '!']).any(|part| {
                        let rest = part.strip_prefix(item.name.as_str());
                        rest.is_some_and(|rest| {
                            !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                        })
                    })
                });
                let is_shown = shown_elsewhere.contains(&item.name.as_str())
                    || file == "macros.rs" && of_sets.contains(&item.name.as_str());
                if !(item.has_example || !item.is_type && is_called || is_shown) {
                    missing.push(format!("{file}: {}", item.line));
                }
            }
        }
    }
    assert!(seen > 250, "{seen}");
    assert!(missing.is_empty(), "without an example:\n{}", missing.join("\n"));
}
