//! Is a set of overrides accepted exactly when the page accepts it, and is every matrix that it gives safe?

use std::collections::BTreeMap;

use labelgate::membership::{Actor, MembershipPolicy, Operation, Refusal, RoleSource};
use labelgate::overrides::{InvalidOverrides, Override, Overrides};
use labelgate::sets::Roles;
use labelgate::wire::{Permission, PermissionOptions, PermissionRoles};
use labelgate::{
    Action, Actions, Fact, Facts, Kind, Matrix, OrganizationId, ProjectId, RecordId, Role, Row,
    Scope, ScopeCtx, Subject, TaskId, UserId,
};
use labelgate_test_support::oracle::{self, CODES, TABLE};
use labelgate_test_support::{blessed, rows};
use proptest::prelude::*;
use serde_json::{from_str, from_value, json, to_value};

/// From the weakest. The Owner is not configurable.
const CHAIN: [&str; 4] = ["AN", "RE", "MA", "AD"];

/// By action key, the role codes that are named.
type Set = BTreeMap<&'static str, Vec<&'static str>>;

/// A cell as letters, without what another letter contains.
fn join(one: &str, other: &str) -> String {
    let has = |letter| one.split(' ').chain(other.split(' ')).any(|found| found == letter);
    if has("G") {
        return "G".to_owned();
    }
    let own = if has("O") { "O" } else { "O?" };
    let letters: Vec<_> = [own, "P", "W"].into_iter().filter(|letter| has(letter)).collect();
    letters.join(" ")
}

/// The page's table of cells that are given.
fn given(role: &str, kind: &str) -> &'static str {
    match (kind, role) {
        ("Organization", _) | (_, "AD") => "G",
        ("Workspace", "MA") => "O W",
        ("Workspace", _) => "W",
        (_, "MA") => "O P W",
        (_, _) => "P",
    }
}

fn default(role: &str, key: &str) -> &'static str {
    let cell = oracle::cell(role, key);
    if cell == "-" { "" } else { cell }
}

/// The cell of a role in the organization's matrix; empty is none.
fn cell(set: &Set, role: &str, key: &str) -> String {
    let Some(named) = set.get(key).filter(|_| CHAIN.contains(&role)) else {
        return default(role, key).to_owned();
    };
    let mut joined = String::new();
    for link in CHAIN {
        if named.contains(&link) {
            let own = default(link, key);
            let own = if own.is_empty() { given(link, oracle::kind(key)) } else { own };
            joined = join(&joined, own);
            if link == role {
                return joined;
            }
        } else if link == role {
            return String::new();
        }
    }
    unreachable!()
}

/// The first rule that a set breaks: its name, the action and the role.
fn refused(set: &Set) -> Option<(&'static str, &'static str, &'static str)> {
    let keys = || TABLE.map(|row| row.1).into_iter();
    let named = || keys().filter_map(|key| Some((key, set.get(key)?)));
    let down = || CHAIN.into_iter().rev();
    for (key, _) in named() {
        if ["organizations.create", "owner_account.view"].contains(&key) {
            return Some(("not configurable", key, ""));
        }
    }
    let never = ["members.change_role", "members.activate", "annotator_dashboard.view"];
    for (key, roles) in named().filter(|(key, _)| never.contains(key)) {
        for role in down() {
            if roles.contains(&role) && default(role, key).is_empty() {
                return Some(("never given", key, role));
            }
        }
    }
    for (key, roles) in named().filter(|(key, _)| *key != "annotator_dashboard.view") {
        for (rank, role) in CHAIN.into_iter().enumerate().rev() {
            if !roles.contains(&role) && CHAIN[..rank].iter().any(|less| roles.contains(less)) {
                return Some(("gap", key, role));
            }
        }
    }
    for key in keys() {
        let Some(guard) = oracle::guard(key) else { continue };
        for role in down() {
            if !cell(set, role, key).is_empty() && cell(set, role, guard).is_empty() {
                return Some(("guard", key, role));
            }
        }
    }
    for role in down() {
        let (exports, views) = (cell(set, role, "data.export"), cell(set, role, "data.view"));
        let views = views.split(' ').collect::<Vec<_>>();
        let sees = |letter: &str| {
            letter.is_empty()
                || views.contains(&"G")
                || views.contains(&letter)
                || (letter == "O?" && views.contains(&"O"))
        };
        if !exports.split(' ').all(sees) {
            return Some(("export", "data.export", role));
        }
    }
    None
}

/// The same of the crate's refusal.
fn rule(refused: InvalidOverrides) -> (&'static str, &'static str, &'static str) {
    let rule = match refused {
        InvalidOverrides::Twice { .. } => "twice",
        InvalidOverrides::Powerless { .. } => "powerless",
        InvalidOverrides::NotConfigurable { .. } => "not configurable",
        InvalidOverrides::NeverGiven { .. } => "never given",
        InvalidOverrides::Gap { .. } => "gap",
        InvalidOverrides::Unguarded { .. } => "guard",
        InvalidOverrides::ExportsUnseen { .. } => "export",
        other => panic!("no rule of the page: {other}"),
    };
    (rule, refused.action().key(), refused.role().map_or("", Role::code))
}

fn roles(codes: &[&str]) -> Roles {
    codes.iter().map(|code| code.parse::<Role>().unwrap()).collect()
}

fn overrides(set: &Set) -> Result<Overrides, InvalidOverrides> {
    Overrides::new(
        set.iter()
            .map(|(key, codes)| Override { permission: key.parse().unwrap(), roles: roles(codes) }),
    )
}

/// All 16 sets of roles below Owner.
fn role_sets() -> impl Iterator<Item = Vec<&'static str>> + Clone {
    (0..16).map(|bits| {
        let named = CHAIN.into_iter().enumerate().filter(move |(at, _)| bits >> at & 1 == 1);
        named.map(|(_, role)| role).collect()
    })
}

fn letters(matrix: &Matrix, role: Role, action: Action) -> String {
    let scopes = matrix.scopes(role, action).elements().map(Scope::symbol);
    scopes.collect::<Vec<_>>().join(" ")
}

fn widest() -> Matrix {
    static WIDEST: std::sync::OnceLock<Matrix> = std::sync::OnceLock::new();
    *WIDEST.get_or_init(|| Overrides::widest().matrix())
}

/// It is accepted exactly when the page accepts it, and gives the page's cells.
fn compare(set: &Set) -> Option<Matrix> {
    let found = overrides(set);
    assert_eq!(found.map_err(rule).err(), refused(set), "{set:?}");
    let matrix = found.ok()?.matrix();
    let widest = widest();
    for role in Role::ALL {
        for action in Action::ALL {
            // No role has more in any set that is accepted.
            let most = letters(&widest, role, action);
            assert_eq!(join(&most, &letters(&matrix, role, action)), most, "{set:?}");
            let expected = cell(set, role.code(), action.key());
            assert_eq!(letters(&matrix, role, action), expected, "{set:?} {role} {action}");
        }
    }
    Some(matrix)
}

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);

/// What every matrix keeps that overrides can make.
fn safe(matrix: &Matrix) {
    let me = |role| Subject::new(HERE, ME, role).with_matrix(*matrix);
    for action in Action::ALL {
        let owner = matrix.scopes(Role::Owner, action);
        assert_eq!(owner, Matrix::BUILT_IN.scopes(Role::Owner, action));
        for role in [Role::NotActivated, Role::Deactivated] {
            assert!(matrix.scopes(role, action).is_empty());
        }
    }
    let chain = CHAIN.into_iter().chain(["OW"]).map(|code| code.parse::<Role>().unwrap());
    let subjects: Vec<_> = chain.map(me).collect();
    for facts in Facts::ALL {
        let mut weaker = Actions::empty();
        for subject in &subjects {
            let may = rows::may(subject, facts);
            let lost = weaker - may - Matrix::NOT_INHERITED;
            assert!(lost.is_empty(), "{} loses {lost} with {facts}", subject.role());
            for action in may.elements() {
                let guarded = action.guard().is_none_or(|guard| may.has(guard));
                assert!(guarded, "{} {action} {facts}", subject.role());
            }
            weaker |= may;
        }
    }
    for role in Role::ALL {
        let exports = matrix.scopes(role, Action::ExportData);
        let views = matrix.scopes(role, Action::ViewProjectData);
        for ctx in ScopeCtx::ALL {
            assert!(!exports.intersects(ctx.scopes()) || views.intersects(ctx.scopes()));
        }
    }
}

/// Filters and explanations follow the matrix.
fn followed(matrix: &Matrix, action: Action) {
    for role in Role::ALL {
        let subject = Subject::new(HERE, ME, role).with_matrix(*matrix);
        let filter = subject.filter(action);
        for facts in Facts::ALL {
            let task = subject.row(TaskId(5), HERE, facts).unwrap();
            let record = subject.row(RecordId(5), HERE, facts).unwrap();
            let may = subject.can(action, task) || subject.can(action, record);
            assert_eq!(filter.matches(facts), may, "{role} {action} {facts}");
        }
        // A denial is explained, unless nobody has the action.
        let explained = subject.explain(action, subject.own_organization()).count() > 0;
        let anybody = Role::ALL.into_iter().any(|role| !matrix.scopes(role, action).is_empty());
        let denied = !subject.can(action, subject.own_organization());
        assert_eq!(explained, denied && anybody, "{role} {action}");
    }
}

#[test]
fn the_overrides_of_one_action_are_the_page_s() {
    let mut counts = BTreeMap::new();
    let mut options = BTreeMap::<_, Roles>::new();
    for (_, key, ..) in TABLE {
        for named in role_sets() {
            let set = Set::from([(key, named.clone())]);
            let matrix = compare(&set);
            let rule = refused(&set).map_or("accepted", |refused| refused.0);
            *counts.entry(rule).or_insert(0) += 1;
            if let Some(matrix) = matrix {
                *options.entry(key).or_default() |= roles(&named);
                safe(&matrix);
                followed(&matrix, key.parse().unwrap());
                let by_default = CHAIN.into_iter().filter(|role| !default(role, key).is_empty());
                let is_default = named == by_default.collect::<Vec<_>>();
                let built_in = matrix.fingerprint() == Matrix::BUILT_IN.fingerprint();
                assert_eq!(matrix == Matrix::BUILT_IN, built_in);
                assert!(!is_default || built_in, "{key} {named:?}");
            }
        }
    }
    let counts: String = counts.iter().map(|(rule, count)| format!("{count} {rule}\n")).collect();
    blessed::file("tests/blessed/overrides.txt", &counts);
    for action in Action::ALL {
        let expected = options.get(action.key()).copied().unwrap_or_default();
        assert_eq!(Overrides::options(action), expected, "{action}");
        let has = |role: &&str| oracle::cell(role, action.key()) != "-";
        let expected: Vec<_> = CODES.into_iter().filter(has).collect();
        assert_eq!(Overrides::default_roles(action), roles(&expected));
    }
}

#[test]
fn pairs_that_share_a_guard_or_a_need_are_the_page_s() {
    let mut accepted = 0;
    let related = |one: &str, other: &str| {
        let (guard, needs) = (oracle::guard(one), ["data.view", "data.export"]);
        (guard.is_some() && guard == oracle::guard(other))
            || (needs.contains(&one) && needs.contains(&other))
    };
    for (at, (_, one, ..)) in TABLE.iter().enumerate() {
        for (_, other, ..) in &TABLE[at + 1..] {
            if !related(one, other) {
                continue;
            }
            for first in role_sets() {
                for second in role_sets() {
                    let set = Set::from([(*one, first.clone()), (*other, second)]);
                    if compare(&set).is_some() {
                        accepted += 1;
                    }
                }
            }
        }
    }
    assert!(accepted > 1000, "{accepted}");
}

/// Mostly without gaps, so that many are accepted.
fn sets() -> impl Strategy<Value = Set> {
    let one = (0..TABLE.len(), 0..5usize, 0..40u8, 0..16usize);
    proptest::collection::vec(one, 0..12).prop_map(|picked| {
        picked
            .into_iter()
            .map(|(row, from, odd, any)| {
                let chained = || CHAIN[from..].to_vec();
                let named = if odd == 0 { role_sets().nth(any).unwrap() } else { chained() };
                (TABLE[row].1, named)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn larger_sets_are_the_page_s_and_safe(set in sets(), action in 0..Action::COUNT) {
        if let Some(matrix) = compare(&set) {
            safe(&matrix);
            followed(&matrix, Action::ALL[action]);
        }
    }

    #[test]
    fn order_makes_no_difference(set in sets()) {
        let listed = set.iter().map(|(key, codes)| Override {
            permission: key.parse().unwrap(),
            roles: roles(codes),
        });
        let backwards = Overrides::new(listed.collect::<Vec<_>>().into_iter().rev());
        prop_assert_eq!(overrides(&set), backwards);
        if let Ok(overrides) = backwards {
            let again = Overrides::new(overrides.iter());
            prop_assert_eq!(again, Ok(overrides));
            let wire = to_value(overrides).unwrap();
            prop_assert_eq!(from_value::<Overrides>(wire).unwrap(), overrides);
        }
    }
}

#[test]
fn the_widest_set_is_accepted_and_gives_all_but_what_is_never_given() {
    let widest = Overrides::widest();
    assert_eq!(Overrides::new(widest.iter()), Ok(widest));
    safe(&widest.matrix());
    for action in Action::ALL {
        let named = match action.key() {
            "organizations.create"
            | "owner_account.view"
            | "members.change_role"
            | "members.activate"
            | "annotator_dashboard.view" => None,
            // Annotators view their own data only, if permitted.
            "data.export" => Some(roles(&["RE", "MA", "AD"])),
            _ => Some(roles(&CHAIN)),
        };
        assert_eq!(widest.get(action), named, "{action}");
    }
}

#[test]
fn none_is_the_built_in_matrix() {
    for none in [Overrides::none(), Overrides::default(), Overrides::new([]).unwrap()] {
        assert_eq!(none.matrix(), Matrix::BUILT_IN);
        assert_eq!(none.matrix().fingerprint(), Matrix::BUILT_IN.fingerprint());
        assert_eq!(none.iter().count(), 0);
    }
}

#[test]
fn the_owner_is_not_configurable() {
    let export = |roles| Overrides::new([Override { permission: Action::ExportData, roles }]);
    assert_eq!(export(Roles::Owner), export(Roles::empty()));
    assert_eq!(export(Roles::Owner | Roles::Administrator), export(Roles::Administrator));
    let leaves = export(Roles::empty()).unwrap().matrix();
    let subject = |role| Subject::new(HERE, ME, role).with_matrix(leaves);
    assert!(subject(Role::Owner).filter(Action::ExportData).is_everything());
    assert!(subject(Role::Administrator).filter(Action::ExportData).is_nothing());
}

#[test]
fn refusals_say_which_override_is_at_fault() {
    let refused =
        |list: &[(&str, &[&str])]| {
            Overrides::new(list.iter().map(|(key, codes)| Override {
                permission: key.parse().unwrap(),
                roles: roles(codes),
            }))
            .unwrap_err()
            .to_string()
        };
    for (list, message) in [
        (
            &[("data.export", &["AD"][..]), ("data.export", &["AD"])][..],
            "`data.export` is overridden twice",
        ),
        (&[("data.export", &["NO"])], "`data.export` is not for `NO`, which holds nothing, ever"),
        (&[("owner_account.view", &["AD"])], "`owner_account.view` is not configurable"),
        (&[("members.activate", &["AD", "MA"])], "`members.activate` is never given to `MA`"),
        (
            &[("data.export", &["MA"])],
            "`data.export` leaves out `AD`, which is more powerful than a role that it names",
        ),
        (
            &[("projects.view", &["AD", "MA"])],
            "`RE` has `data.view` and not `projects.view`, which guards it",
        ),
        (
            &[("data.view", &["AD"])],
            "`MA` has `data.export` and cannot view as much with `data.view`",
        ),
        // The first by rule: twice, before a gap in an action that comes first.
        (
            &[("data.view", &["MA"]), ("data.export", &["AD"]), ("data.export", &["AD"])],
            "`data.export` is overridden twice",
        ),
    ] {
        assert_eq!(refused(list), message);
    }
}

#[test]
fn one_override_is_added_and_taken_away() {
    let one = |permission, roles| Override { permission, roles };
    let administrators = Roles::Administrator;
    let set = Overrides::none()
        .with(one(Action::ExportData, administrators))
        .and_then(|set| set.with(one(Action::ViewProjectData, administrators | Roles::Manager)))
        .unwrap();
    assert_eq!(set.iter().count(), 2);
    assert_eq!(set.get(Action::ExportData), Some(administrators));
    assert_eq!(set.get(Action::UseApi), None);
    // Managers would export again.
    let set = set.with(one(Action::ViewProjectData, administrators)).unwrap();
    let refused = set.without(Action::ExportData).unwrap_err();
    assert_eq!(rule(refused), ("export", "data.export", "MA"));
    assert_eq!(set.without(Action::ViewProjectData).unwrap().iter().count(), 1);
    assert_eq!(set.without(Action::UseApi), Ok(set));
}

#[test]
fn sets_are_read_strictly() {
    let set = json!([{"permission": "data.export", "roles": ["AD"]}]);
    assert_eq!(to_value(from_value::<Overrides>(set.clone()).unwrap()).unwrap(), set);
    let refusal = |text: &str| from_str::<Overrides>(text).unwrap_err().to_string();
    for (text, message) in [
        (r#"[{"permission": "data.export"}]"#, "missing field `roles`"),
        (r#"[{"permission": "data.export", "roles": [], "by": 7}]"#, "unknown field `by`"),
        (r#"[{"permission": "data", "roles": []}]"#, "unknown action key `data`"),
        (r#"[{"permission": "data.export", "roles": ["ad"]}]"#, "unknown role code `ad`"),
        (r#"[{"permission": "data.export", "roles": ["AD", "AD"]}]"#, "`AD` stands twice"),
        (r#"[["data.export", []]]"#, "invalid type: sequence"),
        (r#"{}"#, "invalid type: map"),
        (
            r#"[{"permission": "data.export", "roles": []}, {"permission": "data.export", "roles": []}]"#,
            "`data.export` is overridden twice",
        ),
        (r#"[{"permission": "data.export", "roles": ["MA"]}]"#, "`data.export` leaves out `AD`"),
    ] {
        let error = refusal(text);
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn the_bodies_of_the_permissions_api_come_back() {
    let (permission, roles) = (Action::ExportData, Roles::Administrator);
    let (default, options) = (Overrides::default_roles(permission), Overrides::options(permission));
    let element = Permission { id: 3, organization: HERE, permission, roles, default, options };
    let wire = json!({
        "id": 3,
        "organization": 1,
        "permission": "data.export",
        "roles": ["AD"],
        "default": ["OW", "AD", "MA"],
        "options": ["AD", "MA", "RE"],
    });
    assert_eq!(to_value(element).unwrap(), wire);
    assert_eq!(from_value::<Permission<u32>>(wire.clone()).unwrap(), element);
    let mut more = wire;
    more["admin"] = json!(true);
    assert!(from_value::<Permission<u32>>(more).is_err());
    let body: PermissionRoles = from_value(json!({"roles": ["AD"]})).unwrap();
    assert_eq!(body, PermissionRoles { roles });
    let one = PermissionOptions { permission, default, options };
    assert_eq!(from_value::<PermissionOptions>(to_value(one).unwrap()).unwrap(), one);
}

#[test]
fn only_the_owner_reads_and_changes_overrides() {
    let policy = MembershipPolicy::new(HERE);
    let was = Overrides::none();
    let export = Override { permission: Action::ExportData, roles: Roles::Administrator };
    let new = was.with(export).unwrap();
    let preview =
        |subject: &Subject<u32>| policy.preview_matrix(subject, was.matrix(), new.matrix());
    for role in Role::ALL {
        let subject = Subject::new(HERE, ME, role);
        let set = policy.set_overrides(&subject, was, new);
        let read = policy.read_overrides(&subject, was);
        // What it would do takes what setting it takes.
        let narrowed = [
            subject,
            subject.through_api(),
            subject.limited_to(Actions::ViewPeoplePage.union(Actions::UseApi)),
            Subject::new(OrganizationId(2), ME, role),
        ];
        for subject in narrowed {
            let refused = preview(&subject).err().map(|refused| refused.refusal());
            let set = policy.set_overrides(&subject, was, new).err();
            assert_eq!(refused, set.map(|refused| refused.refusal()), "{subject:?}");
        }
        if role == Role::Owner {
            let shown = preview(&subject).unwrap();
            assert_eq!(shown.audit().operation, Operation::PreviewMatrix);
            assert_eq!(shown.change().organization(), &HERE);
            let set = set.unwrap();
            assert_eq!(set.audit().operation, Operation::SetOverrides);
            let set = set.into_change();
            assert_eq!((set.organization, set.overrides, set.was), (HERE, new, was));
            assert_eq!(read.unwrap().change().overrides, was);
            // A token needs the right to change roles in its limit, and another organization's is none.
            let limited = subject.limited_to(Actions::ViewPeoplePage.union(Actions::UseApi));
            assert!(policy.set_overrides(&limited, was, new).is_err());
            assert!(policy.set_overrides(&subject.through_api(), was, new).is_ok());
            let elsewhere = Subject::new(OrganizationId(2), ME, role);
            let refused = policy.set_overrides(&elsewhere, was, new).unwrap_err();
            assert_eq!(refused.answer().status(), 404);
            continue;
        }
        let refused = set.unwrap_err();
        let sees = matches!(role, Role::Administrator | Role::Manager);
        assert_eq!(refused.answer().status(), if sees { 403 } else { 404 }, "{role}");
        assert_eq!(read.unwrap_err().refusal(), refused.refusal());
    }
    for source in RoleSource::ALL {
        let actor: Actor<'_, u32> = Actor::source(&HERE, source, &Matrix::BUILT_IN);
        let refused = policy.set_overrides(actor, was, new).unwrap_err();
        assert!(matches!(refused.refusal(), Refusal::NotTheOwner | Refusal::NotAllowed));
        assert!(policy.preview_matrix(actor, was.matrix(), new.matrix()).is_err());
    }
}

/// For each action and role: whether there are facts on which one decision is yes and the other no.
#[test]
fn an_impact_has_the_roles_whose_decisions_differ() {
    let policy = MembershipPolicy::new(HERE);
    let owner = Subject::new(HERE, ME, Role::Owner);
    let roles = Roles::Administrator | Roles::Manager | Roles::Reviewer;
    let export = Override { permission: Action::ExportData, roles };
    let api = Override { permission: Action::UseApi, roles: Roles::Administrator };
    let sets = [vec![], vec![export], vec![api], vec![export, api]]
        .map(|set| Overrides::new(set).unwrap());
    let mut changed = 0;
    for (before, after) in sets.iter().flat_map(|one| sets.iter().map(move |other| (one, other))) {
        let (before, after) = (before.matrix(), after.matrix());
        let impact = policy.preview_matrix(&owner, before, after).unwrap().into_change();
        for action in Action::ALL {
            let differ = |granting: Matrix, denying: Matrix| -> Roles {
                let can = |matrix, role, facts: Facts| {
                    let subject = Subject::new(HERE, ME, role).with_matrix(matrix);
                    let row = Row::seen_by(ME, ProjectId(1), HERE, facts).unwrap();
                    subject.can(action, row)
                };
                let of_projects = |facts: &Facts| facts.bits() < Fact::Assignee.bit();
                let facts = || Facts::ALL.into_iter().filter(of_projects);
                let is_one = |role: &Role| {
                    facts().any(|facts| can(granting, *role, facts) && !can(denying, *role, facts))
                };
                Role::ALL.into_iter().filter(is_one).collect()
            };
            if action.kind() == Kind::Project {
                assert_eq!(impact.gained(action).roles(), differ(after, before), "{action}");
                assert_eq!(impact.lost(action).roles(), differ(before, after), "{action}");
            }
            let roles = impact.gained(action).roles() | impact.lost(action).roles();
            assert_eq!(impact.actions().has(action), !roles.is_empty());
            changed += usize::from(!roles.is_empty());
            assert_eq!(impact.lost(action).records().is_some(), action.kind() == Kind::Task);
        }
    }
    assert_eq!(changed, 16);
}

#[test]
fn membership_follows_the_matrix_of_the_subject() {
    // Managers who may invite have the people page too, and still do not change roles.
    let roles = Roles::Administrator | Roles::Manager;
    let set = Overrides::new([Override { permission: Action::InvitePeople, roles }]).unwrap();
    let manager = Subject::new(HERE, ME, Role::Manager);
    let policy = MembershipPolicy::new(HERE);
    let invites =
        |subject: &Subject<u32>| policy.set_default_role(subject, Role::NotActivated).is_ok();
    assert!(!invites(&manager));
    assert!(invites(&manager.with_matrix(set.matrix())));
}

#[test]
fn differences_read_well() {
    let set = from_str::<Overrides>(include_str!("../examples/overrides.json")).unwrap();
    let lines: Vec<_> =
        Matrix::BUILT_IN.diff(&set.matrix()).map(|difference| difference.to_string()).collect();
    assert_eq!(
        lines,
        [
            "`MA` loses `data.export`, held through `own, project, workspace`",
            "`RE` loses `tasks.assign_annotators`, held through `project`",
            "`MA` holds `api.use` through `own, project, workspace`, no longer through `own, workspace`",
            "`RE` gains `api.use` through `project`",
        ]
    );
    let back: Vec<_> = set.matrix().diff(&Matrix::BUILT_IN).collect();
    assert_eq!(back.len(), lines.len());
    for difference in back {
        assert_eq!(difference.before, set.matrix().scopes(difference.role, difference.action));
        let after = Matrix::BUILT_IN.scopes(difference.role, difference.action);
        assert_eq!(difference.after, after);
    }
    assert_eq!(Matrix::BUILT_IN.diff(&Matrix::BUILT_IN).count(), 0);
}

/// A list made in code and the same list read from a text are the same set, or refused in the same words.
fn doors_agree(list: &[Override]) {
    let made = Overrides::new(list.iter().copied());
    let read = from_value::<Overrides>(to_value(list).unwrap());
    match (made, read) {
        (Ok(made), Ok(read)) => assert_eq!(made, read),
        (Err(made), Err(read)) => assert_eq!(made.to_string(), read.to_string(), "{list:?}"),
        (made, read) => panic!("{list:?}: {made:?} and {read:?}"),
    }
}

#[test]
fn the_same_action_is_at_fault_however_a_list_comes_in() {
    let of = |permission| Override { permission, roles: Roles::Administrator };
    let (first, last) = (Action::ALL[0], Action::ALL[Action::COUNT - 1]);
    doors_agree(&[of(last), of(last), of(first), of(first)]);
    doors_agree(&[of(last), of(first), of(last), of(first)]);
    // Bits of no role say nothing.
    let stray = Override { roles: Roles::from_bits_retain(0x80), ..of(Action::ExportData) };
    doors_agree(&[stray]);
    let stray = Override { roles: stray.roles | Roles::Administrator, ..stray };
    doors_agree(&[stray]);
}

proptest! {
    #[test]
    fn both_doors_agree(list in proptest::collection::vec((0..Action::COUNT, 0..=0xff_u8), 0..6)) {
        let list = list.into_iter().map(|(action, roles)| Override {
            permission: Action::ALL[action],
            roles: Roles::from_bits_retain(roles),
        });
        let list: Vec<_> = list.collect();
        doors_agree(&list);
        // More than one action of those is often named twice.
        doors_agree(&[&list[..], &list[..]].concat());
    }
}
