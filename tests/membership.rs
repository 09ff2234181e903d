//! Does a membership only ever become what it may, through whoever may make it so?

use std::collections::BTreeSet;

use labelgate::membership::{
    Actor, Applicant, Approved, Assignment, Event, Invitation, Member, MemberData, MemberDataSet,
    MembershipAudit, MembershipPolicy, Operation, Planned, Refusal, RefusalKind, Refused,
    RoleSource,
};
use labelgate::sets::Scopes;
use labelgate::{
    Action, Actions, Answer, Matrix, OrganizationId, ProjectId, ProjectRole, Role, Row, Subject,
    UserId,
};
use labelgate_test_support::oracle::{self, CODES};
use labelgate_test_support::scopes;
use labelgate_test_support::store::{self, Has, Store, StoredProject};
use proptest::prelude::*;
use proptest::sample::{Index, select};

const HERE: OrganizationId<u32> = OrganizationId(1);
const ELSEWHERE: OrganizationId<u32> = OrganizationId(2);

fn member_of(organization: OrganizationId<u32>, user: u32, role: Role) -> Member<u32> {
    Member { organization, user: UserId(user), role, source: RoleSource::Saml }
}

fn member(user: u32, role: Role) -> Member<u32> {
    member_of(HERE, user, role)
}

fn project_in(organization: OrganizationId<u32>) -> StoredProject {
    Row::seen_by(UserId(1), ProjectId(5), organization, 0).unwrap()
}

fn policy() -> MembershipPolicy<u32> {
    MembershipPolicy::new(HERE)
}

type Life = (&'static str, [&'static str; 7], [&'static str; 7], [&'static str; 3]);

/// What happens, by state, for: signing up with each of the roles in the order of `CODES`, being
/// assigned each of them, being removed, giving up and taking over. Empty is no member.
#[rustfmt::skip]
const LIFE: [Life; 8] = [
    ("",
        ["only_transferred", "AD", "MA", "RE", "AN", "NO", "never_default"],
        ["not_a_member"; 7],
        ["not_a_member"; 3]),
    ("OW",
        ["already_a_member"; 7],
        ["the_owner"; 7],
        ["the_owner", "AD", "the_owner"]),
    ("AD",
        ["already_a_member"; 7],
        ["only_transferred", "AD", "MA", "RE", "AN", "only_by_sign_up", "DI"],
        ["", "not_the_owner", "OW"]),
    ("MA",
        ["already_a_member"; 7],
        ["only_transferred", "AD", "MA", "RE", "AN", "only_by_sign_up", "DI"],
        ["", "not_the_owner", "OW"]),
    ("RE",
        ["already_a_member"; 7],
        ["only_transferred", "AD", "MA", "RE", "AN", "only_by_sign_up", "DI"],
        ["", "not_the_owner", "OW"]),
    ("AN",
        ["already_a_member"; 7],
        ["only_transferred", "AD", "MA", "RE", "AN", "only_by_sign_up", "DI"],
        ["", "not_the_owner", "OW"]),
    ("NO",
        ["already_a_member"; 7],
        ["only_transferred", "AD", "MA", "RE", "AN", "only_by_sign_up", "DI"],
        ["", "not_the_owner", "powerless"]),
    ("DI",
        ["already_a_member"; 7],
        ["only_transferred", "AD", "MA", "RE", "AN", "only_by_sign_up", "DI"],
        ["", "not_the_owner", "powerless"]),
];

#[test]
fn every_event_in_every_state_is_a_transition_or_a_refusal() {
    let mut seen = 0;
    for (state, sign_up, assign, others) in LIFE {
        let state = (!state.is_empty()).then(|| state.parse::<Role>().unwrap());
        let events = Role::ALL.map(Event::SignUp).into_iter().chain(Role::ALL.map(Event::Assign));
        let events = events.chain([Event::Remove, Event::GiveUp, Event::TakeOver]);
        let expected = sign_up.into_iter().chain(assign).chain(others);
        for (event, expected) in events.zip(expected) {
            let next = match event.next(state) {
                Ok(role) => role.map_or("", Role::code),
                Err(refusal) => refusal.code(),
            };
            assert_eq!(next, expected, "{state:?} {event:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 8 * 17);
}

/// All that a role may do, and with which facts: its power. The dashboard of annotators, which is
/// theirs alone, is no part of it.
fn power(role: &str) -> BTreeSet<(&'static str, usize)> {
    let mut power = BTreeSet::new();
    for (number, (facts, _)) in scopes::worlds().enumerate() {
        for (_, key, ..) in oracle::TABLE {
            if key != "annotator_dashboard.view" && scopes::may(role, key, facts) {
                power.insert((key, number));
            }
        }
    }
    power
}

fn beyond(role: &str, other: &str) -> BTreeSet<&'static str> {
    power(other).difference(&power(role)).map(|&(key, _)| key).collect()
}

fn subject(user: u32, role: Role) -> Subject<u32> {
    member(user, role).subject()
}

fn cells(changes: &[(Role, Action, Scopes)]) -> Matrix {
    changes.iter().fold(Matrix::BUILT_IN, |matrix, &(role, action, scopes)| {
        matrix.with_cell(role, action, scopes).unwrap()
    })
}

fn refusal<C: std::fmt::Debug>(found: Result<Approved<C>, Refused>) -> Refusal {
    found.unwrap_err().refusal()
}

/// Who is what, for one question about assigning a role (`None`: about removing).
#[derive(Clone, Copy)]
struct Case<'a> {
    actor: &'a str,
    /// Whether the actor is of the organization.
    here: bool,
    /// The target's role, if there is one in the organization.
    target: Option<&'a str>,
    new: Option<&'a str>,
    same_user: bool,
    same_level: bool,
}

type Missing = BTreeSet<&'static str>;

/// What the specification says, in plain code.
fn expected(case: Case<'_>) -> Result<(), (&'static str, Missing)> {
    let Case { actor, here, target, new, same_user, same_level } = case;
    let none = BTreeSet::new;
    let powerless = |role: &str| ["NO", "DI"].contains(&role);
    let activates = target.is_some_and(powerless) && new.is_some_and(|new| !powerless(new));
    let level = |role: &str| !same_level && power(role) == power(actor);
    if !here {
        return Err(("other_organization", none()));
    }
    if !["OW", "AD"].contains(&actor) {
        let missing = if activates { "members.activate" } else { "members.change_role" };
        return Err(("not_allowed", BTreeSet::from([missing])));
    }
    let Some(target) = target else { return Err(("not_a_member", none())) };
    if new == Some(target) {
        Ok(()) // nothing changes
    } else if same_user {
        Err(("oneself", none()))
    } else if target == "OW" {
        Err(("the_owner", none()))
    } else if new == Some("OW") {
        Err(("only_transferred", none()))
    } else if new == Some("NO") {
        Err(("only_by_sign_up", none()))
    } else if !beyond(actor, target).is_empty() {
        Err(("current_role_beyond", beyond(actor, target)))
    } else if new.is_some_and(|new| !beyond(actor, new).is_empty()) {
        Err(("new_role_beyond", beyond(actor, new.unwrap_or_default())))
    } else if level(target) || new.is_some_and(level) {
        Err(("same_level", none()))
    } else {
        Ok(())
    }
}

/// The status for a refusal: that of what is hidden, or of what the refusal is about.
fn status(actor: &str, code: &str) -> u16 {
    let sees = ["OW", "AD", "MA"].contains(&actor);
    match code {
        "other_organization" | "not_a_member" | "invalid_token" => 404,
        _ if !sees => 404,
        "oneself" => 405,
        "already_a_member" | "powerless" | "only_transferred" | "only_by_sign_up"
        | "never_default" | "no_project_role" | "named_twice" => 409,
        _ => 403,
    }
}

fn compare(found: Result<(), Refused>, case: Case<'_>, text: &str) {
    match (found, expected(case)) {
        (Ok(()), Ok(())) => {}
        (Err(refused), Err((code, missing))) => {
            assert_eq!(refused.refusal().code(), code, "{text}");
            let found: BTreeSet<_> = refused.missing().elements().map(Action::key).collect();
            assert_eq!(found, missing, "{text}");
            let expected = status(case.actor, code);
            assert_eq!(refused.answer().status(), expected, "{text} {code}");
            assert_eq!(refused.is_hidden(), expected == 404, "{text}");
            let audit = refused.audit();
            assert_eq!((audit.allowed, audit.refusal), (false, Some(refused.refusal())));
        }
        (found, expected) => panic!("{text}: {found:?}, not {expected:?}"),
    }
}

/// What goes with a role, by what it was and becomes.
fn voided(was: Role, now: Role) -> MemberDataSet {
    let bound = |role| matches!(role, Role::Annotator | Role::Reviewer);
    let mut voided = MemberDataSet::empty();
    if was != now && !(bound(was) && bound(now)) {
        voided |= MemberDataSet::ProjectRoles;
    }
    if was != now && now.code() == "DI" {
        voided |= MemberDataSet::Sessions | MemberDataSet::ApiTokens;
    }
    voided
}

#[test]
fn who_may_give_which_role_to_whom() {
    for actor in Role::ALL {
        for target in Role::ALL {
            for same_level in [true, false] {
                // The same user, another one, one of another organization, an actor of another
                // organization, nobody.
                for (acting, row) in [
                    (subject(1, actor), Some(member(1, target))),
                    (subject(1, actor), Some(member(2, target))),
                    (subject(1, actor), Some(member_of(ELSEWHERE, 2, target))),
                    (member_of(ELSEWHERE, 1, actor).subject(), Some(member(2, target))),
                    (subject(1, actor), None),
                ] {
                    let policy = policy().assigns_same_level(same_level);
                    let own = row.filter(|row| row.organization == HERE);
                    let case = |new: Option<Role>| Case {
                        actor: actor.code(),
                        here: *acting.organization() == HERE,
                        target: own.map(|row| row.role.code()),
                        new: new.map(Role::code),
                        same_user: own.is_some_and(|row| row.user == UserId(1)),
                        same_level,
                    };
                    let text = format!("{actor} {row:?} {acting:?} {same_level}");

                    for role in Role::ALL {
                        let found = policy.assign(&acting, row.as_ref(), role);
                        if let (Ok(change), Some(row)) = (&found, row) {
                            // What changes nothing leaves the source as it is.
                            let by = |source| if role == target { row.source } else { source };
                            let expected = Member { role, source: by(RoleSource::Manual), ..row };
                            let Assignment { member, was, deletes, .. } = *change.change();
                            assert_eq!((member, was), (expected, target));
                            assert_eq!(deletes, voided(target, role));
                            let audit = change.audit();
                            assert_eq!(audit.operation, Operation::Assign);
                            assert_eq!((audit.before, audit.after), (Some(target), Some(role)));
                            assert!(audit.allowed && audit.role == Some(actor));

                            let api = policy.assign(&acting.through_api(), &row, role).unwrap();
                            let expected = Member { source: by(RoleSource::Api), ..expected };
                            assert_eq!(api.into_change().member, expected);
                        }
                        compare(found.map(drop), case(Some(role)), &format!("{text} {role}"));
                    }
                    let found = policy.remove(&acting, row.as_ref());
                    if let (Ok(change), Some(row)) = (&found, row) {
                        assert_eq!(change.change().member, row);
                        assert_eq!(change.change().deletes, MemberDataSet::all());
                        assert_eq!(change.change().returns_as, Role::NotActivated);
                        assert_eq!(change.audit().operation, Operation::Remove);
                    }
                    compare(found.map(drop), case(None), &text);
                }
            }
        }
    }
}

/// The places of belongings in a set, and their names, which databases hold.
#[test]
fn belongings_keep_their_bits() {
    let names = [
        "project_roles",
        "project_memberships",
        "workspace_memberships",
        "assignments",
        "creations",
        "sessions",
        "api_tokens",
    ];
    assert_eq!(MemberData::ALL.map(MemberData::name), names);
    assert_eq!(MemberData::ALL.map(|one| MemberDataSet::of(one).bits()), [1, 2, 4, 8, 16, 32, 64]);
}

#[test]
fn absent_and_elsewhere_are_the_same() {
    for actor in Role::ALL {
        let acting = subject(1, actor);
        for role in Role::ALL {
            let theirs = member_of(ELSEWHERE, 2, role);
            let absent = policy().assign(&acting, None, Role::Annotator).unwrap_err();
            assert_eq!(policy().assign(&acting, &theirs, Role::Annotator).unwrap_err(), absent);
            let absent = policy().remove(&acting, None).unwrap_err();
            assert_eq!(policy().remove(&acting, &theirs).unwrap_err(), absent);
            let absent = policy().transfer(&acting, None).unwrap_err();
            assert_eq!(policy().transfer(&acting, &theirs).unwrap_err(), absent);
            let project = project_in(HERE);
            let absent = policy().take_back_project_role(&acting, None, project).unwrap_err();
            let found = policy().take_back_project_role(&acting, &theirs, project);
            assert_eq!(found.unwrap_err(), absent);
            // Where there is a right to ask, absent is 404.
            if matches!(actor, Role::Owner | Role::Administrator) {
                assert_eq!(absent.refusal(), Refusal::NotAMember);
                assert_eq!(absent.answer(), Answer::NotFound);
            }
        }
    }
}

#[test]
fn sources_act_as_administrators_and_never_touch_the_owner() {
    for source in RoleSource::ALL {
        let actor = Actor::source(&HERE, source, &Matrix::BUILT_IN);
        let by_itself = !matches!(source, RoleSource::Manual | RoleSource::Api);
        let acts_as = if by_itself { "AD" } else { "NO" };
        let case = |target: Role, new: Option<Role>| Case {
            actor: acts_as,
            here: true,
            target: Some(target.code()),
            new: new.map(Role::code),
            same_user: false,
            same_level: true,
        };
        for target in Role::ALL {
            for new in Role::ALL {
                let found = policy().assign(actor, &member(2, target), new);
                if let Ok(change) = &found {
                    let changed = new != target;
                    let row = change.change().member;
                    assert_eq!(row.source, if changed { source } else { RoleSource::Saml });
                    assert!(by_itself && (target != Role::Owner || !changed));
                }
                let text = format!("{source} {target} {new}");
                compare(found.map(drop), case(target, Some(new)), &text);
            }
            let found = policy().remove(actor, &member(2, target));
            compare(found.map(drop), case(target, None), &format!("{source} {target}"));
        }
        let refused = refusal(policy().transfer(actor, &member(2, Role::Annotator)));
        let expected = if by_itself { Refusal::NotTheOwner } else { Refusal::NotAllowed };
        assert_eq!(refused, expected);
        let theirs = Actor::source(&ELSEWHERE, source, &Matrix::BUILT_IN);
        let refused = refusal(policy().remove(theirs, &member(2, Role::Annotator)));
        assert_eq!(refused, Refusal::OtherOrganization);
    }
}

#[test]
fn power_is_compared_by_the_subject_s_matrix() {
    // Managers who may change roles may do so within their own power.
    let managers = cells(&[(Role::Manager, Action::ChangeUserRoles, Scopes::Organization)]);
    let manager = subject(1, Role::Manager).with_matrix(managers);
    let assign = |target, role| policy().assign(&manager, &member(2, target), role);
    assert!(assign(Role::Annotator, Role::Manager).is_ok());
    let refused = assign(Role::Annotator, Role::Administrator).unwrap_err();
    assert_eq!(refused.refusal(), Refusal::NewRoleBeyond);
    assert!(refused.missing().contains(Actions::InvitePeople | Actions::ViewActivityLog));
    assert_eq!(refused.audit().matrix, Some(managers.fingerprint()));
    let refused = refusal(assign(Role::Administrator, Role::Annotator));
    assert_eq!(refused, Refusal::CurrentRoleBeyond);
    // Activation is an action of its own.
    let refused = assign(Role::Deactivated, Role::Annotator).unwrap_err();
    assert_eq!(refused.missing(), Actions::ActivateMembers);
    // By the built-in matrix, the same manager may not.
    let refused =
        policy().assign(&subject(1, Role::Manager), &member(2, Role::Annotator), Role::Manager);
    assert_eq!(refusal(refused), Refusal::NotAllowed);

    // Even an administrator who may do all that the Owner may does not touch the Owner.
    let equals = Action::ALL.into_iter().fold(Matrix::BUILT_IN, |matrix, action| {
        let cell = matrix.scopes(Role::Owner, action);
        matrix.with_cell(Role::Administrator, action, cell).unwrap()
    });
    assert!(equals.dominates(Role::Administrator, Role::Owner));
    let administrator = subject(1, Role::Administrator).with_matrix(equals);
    for role in Role::ALL.into_iter().filter(|&role| role != Role::Owner) {
        let refused = policy().assign(&administrator, &member(2, Role::Owner), role);
        assert_eq!(refusal(refused), Refusal::TheOwner);
    }
}

#[test]
fn a_narrowed_subject_is_narrowed_here_too() {
    let (owner, target) = (subject(1, Role::Owner), member(2, Role::Annotator));
    let invitation = Invitation::new(HERE, "old").unwrap();
    let right = Actions::ChangeUserRoles | Actions::ViewPeoplePage;
    for (limit, expected) in [
        (Actions::all(), None),
        (right, None),
        // Without the guard the action is not in the limit, and the people are not seen.
        (Actions::ChangeUserRoles, Some(404)),
        (Actions::ViewPeoplePage, Some(403)),
        (Actions::empty(), Some(404)),
    ] {
        let limited = owner.limited_to(limit);
        let status = |refused: Refused| {
            assert_eq!(refused.refusal(), Refusal::NotAllowed);
            assert_eq!(refused.audit().limit, Some(limited.limit()));
            refused.answer().status()
        };
        let found = policy().assign(&limited, &target, Role::Reviewer).err().map(status);
        assert_eq!(found, expected, "{limit}");
        assert_eq!(policy().remove(&limited, &target).err().map(status), expected, "{limit}");
        // What takes being the Owner takes the right to change roles as well.
        assert_eq!(policy().transfer(&limited, &target).err().map(status), expected, "{limit}");
        let project = project_in(HERE);
        let given = policy().give_project_role(&limited, &target, project, ProjectRole::Reviewer);
        assert_eq!(given.err().map(status), expected, "{limit}");
        // Inviting is another right.
        let read = policy().read_invitation(&limited, &invitation);
        assert_eq!(read.is_ok(), limit == Actions::all());
    }
    // Managers who were given the right have no row for the organization through the API.
    let matrix = cells(&[
        (Role::Manager, Action::ChangeUserRoles, Scopes::Organization),
        (Role::Manager, Action::UseApi, Scopes::empty()),
    ]);
    let manager = subject(1, Role::Manager).with_matrix(matrix);
    assert!(policy().assign(&manager, &target, Role::Reviewer).is_ok());
    let refused = policy().assign(&manager.through_api(), &target, Role::Reviewer);
    assert_eq!(refusal(refused), Refusal::NotAllowed);
}

#[test]
fn only_the_owner_hands_over_and_to_somebody_with_a_role() {
    for from in Role::ALL {
        for to in Role::ALL {
            for (acting, heir) in [
                (subject(1, from), member(1, to)),
                (subject(1, from), member(2, to)),
                (subject(1, from), member_of(ELSEWHERE, 2, to)),
                (member_of(ELSEWHERE, 1, from).subject(), member(2, to)),
            ] {
                let expected = if *acting.organization() != HERE {
                    Err("other_organization")
                } else if !matches!(from, Role::Owner | Role::Administrator) {
                    Err("not_allowed")
                } else if heir.organization != HERE {
                    Err("not_a_member")
                } else if heir.user == UserId(1) {
                    Err("oneself")
                } else if from != Role::Owner {
                    Err("not_the_owner")
                } else if to == Role::Owner {
                    Err("the_owner")
                } else if matches!(to, Role::NotActivated | Role::Deactivated) {
                    Err("powerless")
                } else {
                    Ok(())
                };
                match policy().transfer(&acting, &heir) {
                    Ok(change) => {
                        assert_eq!(expected, Ok(()));
                        assert_eq!(change.audit().operation, Operation::Transfer);
                        let change = change.into_change();
                        let source = RoleSource::Manual;
                        let former =
                            Member { role: Role::Administrator, source, ..member(1, from) };
                        assert_eq!((change.former.member, change.former.was), (former, from));
                        assert_eq!(
                            change.heir.member,
                            Member { role: Role::Owner, source, ..heir }
                        );
                        assert_eq!(
                            (change.heir.was, change.heir.deletes),
                            (to, voided(to, Role::Owner))
                        );
                        assert_eq!(Event::GiveUp.next(Some(from)), Ok(Some(Role::Administrator)));
                        assert_eq!(Event::TakeOver.next(Some(to)), Ok(Some(Role::Owner)));
                        let api = policy().transfer(&acting.through_api(), &heir).unwrap();
                        assert_eq!(api.change().heir.member.source, RoleSource::Api);
                    }
                    Err(refused) => {
                        assert_eq!(Err(refused.refusal().code()), expected);
                        let expected = status(from.code(), refused.refusal().code());
                        assert_eq!(refused.answer().status(), expected, "{from} {to}");
                    }
                }
            }
        }
    }
}

#[test]
fn roles_in_a_project_are_given_to_annotators_and_reviewers_by_those_who_change_roles() {
    let (here, elsewhere) = (project_in(HERE), project_in(ELSEWHERE));
    for actor in Role::ALL {
        let acting = subject(1, actor);
        let allowed = matches!(actor, Role::Owner | Role::Administrator);
        for target in Role::ALL {
            let row = member(2, target);
            let other = match target {
                Role::Annotator => Some(ProjectRole::Reviewer),
                Role::Reviewer => Some(ProjectRole::Annotator),
                _ => None,
            };
            for role in ProjectRole::ALL {
                let give = |row: Member<u32>, project: Option<StoredProject>| {
                    policy().give_project_role(&acting, &row, project, role)
                };
                let found = give(row, Some(here));
                match (allowed, other == Some(role)) {
                    (false, _) => assert_eq!(refusal(found), Refusal::NotAllowed),
                    (true, false) => assert_eq!(refusal(found), Refusal::NoProjectRole),
                    (true, true) => {
                        let change = found.unwrap();
                        assert_eq!(change.audit().operation, Operation::GiveProjectRole);
                        let change = change.into_change();
                        assert_eq!((change.member, change.project), (row, here));
                        assert_eq!((change.role, change.source), (role, RoleSource::Manual));
                    }
                }
                if allowed {
                    assert_eq!(refusal(give(member(1, target), Some(here))), Refusal::Oneself);
                    // A project that is absent, or of another organization, is hidden.
                    for project in [None, Some(elsewhere)] {
                        let refused = give(row, project).unwrap_err();
                        assert_eq!(refused.refusal(), Refusal::OtherOrganization);
                        assert_eq!(refused.answer(), Answer::NotFound);
                    }
                }
            }
            // Taken back from everybody, whatever they have become.
            let taken = policy().take_back_project_role(&acting, &row, here);
            match taken {
                Ok(change) => {
                    assert!(allowed);
                    assert_eq!(change.into_change().member, row);
                }
                Err(refused) => {
                    assert!(!allowed);
                    assert_eq!(refused.refusal(), Refusal::NotAllowed);
                }
            }
        }
    }
}

#[test]
fn a_role_in_a_project_is_within_the_actor_s_own() {
    // Managers who may change roles, and may not review.
    let matrix = cells(&[
        (Role::Manager, Action::ChangeUserRoles, Scopes::Organization),
        (Role::Manager, Action::ReviewAnnotations, Scopes::empty()),
    ]);
    let (manager, project) = (subject(1, Role::Manager).with_matrix(matrix), project_in(HERE));
    let reviews = Actions::ReviewAnnotations;
    let why = |refused: Refused| (refused.refusal(), refused.missing());
    // To give a role and to take it back are changes between the same two.
    for (target, role, expected) in [
        (Role::Annotator, ProjectRole::Reviewer, Refusal::NewRoleBeyond),
        (Role::Reviewer, ProjectRole::Annotator, Refusal::CurrentRoleBeyond),
    ] {
        let row = member(2, target);
        let given = policy().give_project_role(&manager, &row, project, role);
        assert_eq!(given.map(drop).map_err(why), Err((expected, reviews)));
        let taken = policy().take_back_project_role(&manager, &row, project);
        assert_eq!(taken.map(drop).map_err(why), Err((expected, reviews)));
    }
}

#[test]
fn what_is_revealed_is_decided_by_the_subject_s_matrix() {
    let matrix = cells(&[
        (Role::Manager, Action::ActivateMembers, Scopes::Organization),
        (Role::Manager, Action::InvitePeople, Scopes::Organization),
        (Role::Manager, Action::ViewPeoplePage, Scopes::empty()),
    ]);
    let manager = subject(1, Role::Manager).with_matrix(matrix);
    // A default role activates those who sign up, and changes nobody's.
    assert!(policy().set_default_role(&manager, Role::Annotator).is_ok());
    assert!(policy().assign(&manager, &member(2, Role::NotActivated), Role::Annotator).is_ok());
    let refused =
        policy().assign(&manager, &member(2, Role::Annotator), Role::Reviewer).unwrap_err();
    assert_eq!(refused.missing(), Actions::ChangeUserRoles);
    assert_eq!(refused.answer(), Answer::NotFound);
    let refused = policy().transfer(&manager, &member(2, Role::Annotator)).unwrap_err();
    assert_eq!(refused.answer(), Answer::NotFound);
}

#[test]
fn a_default_role_is_given_out_like_any_other() {
    assert_eq!(policy().default_role(), Role::NotActivated);
    let invitation = || Invitation::new(HERE, "old").unwrap();
    for actor in Role::ALL {
        let acting = subject(1, actor);
        for role in Role::ALL {
            for same_level in [true, false] {
                let policy = policy().assigns_same_level(same_level);
                let case = format!("{actor} {role} {same_level}");
                let set = policy.set_default_role(&acting, role);
                let expected = match (actor, role) {
                    (Role::Owner | Role::Administrator, Role::Owner) => {
                        Some(Refusal::OnlyTransferred)
                    }
                    (Role::Owner | Role::Administrator, Role::Deactivated) => {
                        Some(Refusal::NeverDefault)
                    }
                    (Role::Administrator, Role::Administrator) if !same_level => {
                        Some(Refusal::SameLevel)
                    }
                    (Role::Owner | Role::Administrator, _) => None,
                    _ => Some(Refusal::NotAllowed),
                };
                if let Ok(change) = &set {
                    let audit = change.audit();
                    assert_eq!((audit.before, audit.after), (Some(Role::NotActivated), Some(role)));
                    let change = change.change();
                    assert_eq!((change.organization, change.role), (HERE, role));
                    assert_eq!(change.was, Role::NotActivated);
                }
                assert_eq!(set.err().map(|refused| refused.refusal()), expected, "{case}");
                let theirs = member_of(ELSEWHERE, 1, actor).subject();
                let refused = refusal(policy.set_default_role(&theirs, role));
                assert_eq!(refused, Refusal::OtherOrganization);

                // Handing the link out is giving the default role.
                let Ok(policy) = policy.with_default_role(role) else { continue };
                let kept = invitation();
                let read = policy.read_invitation(&acting, &kept);
                let read = read.map(|change| {
                    // Neither token is displayed.
                    assert_eq!(format!("{:?}", change.change()), "InvitationRead { .. }");
                    *change.into_change().token
                });
                assert_eq!(read.as_ref().err().map(Refused::refusal), expected, "{case}");
                assert!(read.is_err() || read == Ok("old"));
                let reset = policy.reset_invitation(&acting, invitation(), "new");
                match reset {
                    Ok(change) => {
                        assert_eq!(expected, None);
                        let change = change.into_change();
                        let displayed = format!("{change:?}");
                        assert_eq!(
                            displayed,
                            "InvitationReset { organization: OrganizationId(1), .. }"
                        );
                        assert_eq!((change.token, change.was), ("new", "old"));
                    }
                    Err(refused) => assert_eq!(Some(refused.refusal()), expected, "{case}"),
                }
                let member = member(2, Role::Annotator);
                if let Ok(removal) = policy.remove(&acting, &member) {
                    assert_eq!(removal.change().returns_as, role);
                }
            }
        }
    }
    for role in Role::ALL {
        let kept = policy().with_default_role(role);
        let possible = !matches!(role, Role::Owner | Role::Deactivated);
        assert_eq!(kept.is_ok(), possible, "{role}");
    }
}

#[test]
fn the_link_takes_inviting_and_for_a_role_also_activating() {
    let invitation = || Invitation::new(HERE, "old").unwrap();
    let power = Scopes::Organization;
    let invites = (Role::Manager, Action::InvitePeople, power);
    let activates = (Role::Manager, Action::ActivateMembers, power);
    let (denied, beyond) = (Some(Refusal::NotAllowed), Some(Refusal::NewRoleBeyond));
    for (changes, expected) in [
        (vec![invites], [None, denied, denied]),
        (vec![activates], [denied; 3]),
        (vec![invites, activates], [None, None, beyond]),
    ] {
        let manager = subject(1, Role::Manager).with_matrix(cells(&changes));
        let roles = [Role::NotActivated, Role::Annotator, Role::Administrator];
        for (role, expected) in roles.into_iter().zip(expected) {
            let policy = policy().with_default_role(role).unwrap();
            let set = policy.set_default_role(&manager, role).err();
            assert_eq!(set.map(|refused| refused.refusal()), expected, "{role} {changes:?}");
            let read = policy.read_invitation(&manager, &invitation()).err();
            assert_eq!(read.map(|refused| refused.refusal()), expected);
            let reset = policy.reset_invitation(&manager, invitation(), "new").err();
            assert_eq!(reset.map(|refused| refused.refusal()), expected);
        }
    }
}

/// Everybody who can sign up, with what the specification calls them: nobody yet, or a subject of one of
/// the two organizations, narrowed in no way or in each.
fn applicants() -> Vec<(Option<Subject<u32>>, bool)> {
    let mut applicants = vec![(None, false)];
    for organization in [HERE, ELSEWHERE] {
        for role in Role::ALL {
            let subject = member_of(organization, 9, role).subject();
            let matrix = cells(&[(Role::Annotator, Action::UseApi, Scopes::Project)]);
            for subject in [subject, subject.with_matrix(matrix)] {
                applicants.push((Some(subject), false));
                applicants.push((Some(subject.limited_to(Actions::all())), false));
                applicants.push((Some(subject.through_api()), true));
                let but_one = Action::ALL.map(|action| Actions::all() - Actions::of(action));
                for limit in but_one.into_iter().chain([Actions::empty()]) {
                    applicants.push((Some(subject.limited_to(limit)), true));
                    applicants.push((Some(subject.through_api().limited_to(limit)), true));
                }
            }
        }
    }
    applicants
}

/// Each applicant, invitation, token, membership and default role.
#[test]
fn signing_up_takes_the_token_that_counts_and_nobody_who_is_narrowed() {
    assert_eq!(Invitation::new(HERE, "").unwrap_err(), Refusal::InvalidToken);
    let here = Invitation::new(HERE, "token-1").unwrap();
    let elsewhere = Invitation::new(ELSEWHERE, "token-1").unwrap();
    let invitations = [None, Some(&elsewhere), Some(&here)];
    let tokens = ["token-1", "token-2", "token-", "token-11", "TOKEN-1", ""];
    let mut memberships = vec![None];
    for role in Role::ALL {
        let rows = [member(9, role), member(8, role), member_of(ELSEWHERE, 9, role)];
        memberships.extend(rows.map(Some));
    }
    let mut counts = std::collections::BTreeMap::new();
    for default_role in Role::ALL {
        let Ok(policy) = policy().with_default_role(default_role) else { continue };
        for (subject, is_narrowed) in applicants() {
            let by = match &subject {
                None => Applicant::Anonymous(UserId(9)),
                Some(subject) => Applicant::Subject(subject),
            };
            for invitation in invitations {
                for token in tokens {
                    for row in &memberships {
                        let is_valid = invitation.is_some_and(|it| std::ptr::eq(it, &here));
                        let is_own = |row: &Member<_>| row.organization == HERE && row.user.0 == 9;
                        let is_here = subject.is_some_and(|it| *it.organization() == HERE);
                        // With a wrong token nobody learns anything.
                        let expected = if !is_valid || token != "token-1" {
                            Err(("invalid_token", 404))
                        } else if is_narrowed {
                            Err(("narrowed", 403))
                        } else if row.is_some_and(|row| !is_own(&row)) {
                            // It does not say what the user holds here.
                            Err(("other_organization", 404))
                        } else if row.is_some() || is_here {
                            // The link lets nobody back in, or up.
                            Err(("already_a_member", 409))
                        } else {
                            Ok(Member { source: RoleSource::Manual, ..member(9, default_role) })
                        };
                        let found = policy.sign_up(by, invitation, token, row.as_ref());
                        let audit = found.as_ref().map_or_else(Refused::audit, Approved::audit);
                        let found = found.map(|change| change.into_change().member);
                        let found = found.map_err(|refused| {
                            assert!(refused.missing().is_empty());
                            (refused.refusal().code(), refused.answer().status())
                        });
                        assert_eq!(found, expected, "{by:?} {invitation:?} {token} {row:?}");
                        // What somebody is elsewhere is not for the log; how they are narrowed is.
                        assert_eq!((audit.operation, audit.role), (Operation::SignUp, None));
                        assert_eq!((audit.before, audit.matrix), (None, None));
                        assert_eq!(audit.after, Some(default_role));
                        let is_api = subject.is_some_and(|it| it.is_through_api());
                        let source = if is_api { RoleSource::Api } else { RoleSource::Manual };
                        assert_eq!(audit.source, source);
                        let limit = subject.map(|it| it.limit()).filter(|limit| !limit.is_all());
                        assert_eq!(audit.limit, limit);
                        let said = expected.map_or_else(|(code, _)| code, |_| "");
                        assert_eq!(audit.refusal.map_or("", Refusal::code), said);
                        *counts.entry(said).or_insert(0) += 1;
                    }
                }
            }
        }
    }
    println!("{counts:?}");
    assert_eq!(counts.len(), 5);
}

#[test]
fn resetting_makes_earlier_links_worthless() {
    let invitation = || Invitation::new(HERE, "old").unwrap();
    for role in Role::ALL {
        let acting = subject(1, role);
        let reset = |token| policy().reset_invitation(&acting, invitation(), token);
        if !matches!(role, Role::Owner | Role::Administrator) {
            // Whether a token is the present one is not said to those who may not read it.
            for token in ["", "old", "new"] {
                assert_eq!(refusal(reset(token)), Refusal::NotAllowed);
                assert_eq!(reset(token).unwrap_err().missing(), Actions::InvitePeople);
            }
            continue;
        }
        for token in ["", "old"] {
            assert_eq!(refusal(reset(token)), Refusal::InvalidToken);
        }
        let new = Invitation::new(HERE, reset("new").unwrap().into_change().token).unwrap();
        let by = Applicant::Anonymous(UserId(9));
        assert!(policy().sign_up(by, Some(&new), "new", None).is_ok());
        assert!(policy().sign_up(by, Some(&new), "old", None).is_err());

        let theirs = Invitation::new(ELSEWHERE, "old").unwrap();
        let refused = refusal(policy().read_invitation(&acting, &theirs));
        assert_eq!(refused, Refusal::OtherOrganization);
        let refused = refusal(policy().reset_invitation(&acting, theirs, "new"));
        assert_eq!(refused, Refusal::OtherOrganization);
    }
}

#[test]
fn tokens_are_not_displayed() {
    let invitation = Invitation::new(HERE, "secret").unwrap();
    assert_eq!(format!("{invitation:?}"), "Invitation { organization: OrganizationId(1), .. }");
    let owner = subject(1, Role::Owner);
    let read = policy().read_invitation(&owner, &invitation).unwrap();
    assert!(!format!("{read:?}").contains("secret"));
    let reset = policy().reset_invitation(&owner, invitation, "hidden").unwrap();
    let text = format!("{reset:?}");
    assert!(!text.contains("secret") && !text.contains("hidden"), "{text}");
}

#[test]
fn refusals_read_well() {
    let refused =
        policy().assign(&subject(1, Role::Manager), &member(2, Role::Annotator), Role::Reviewer);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the role does not allow it, missing is `members.change_role`"
    );
    let refused = policy().remove(&subject(1, Role::Owner), &member(1, Role::Owner));
    assert_eq!(refused.unwrap_err().to_string(), "nobody changes their own membership");
}

#[test]
fn refusals_have_codes_and_concerns() {
    let codes = [
        "other_organization",
        "not_allowed",
        "invalid_token",
        "narrowed",
        "not_a_member",
        "oneself",
        "already_a_member",
        "not_the_owner",
        "the_owner",
        "powerless",
        "only_transferred",
        "only_by_sign_up",
        "never_default",
        "no_project_role",
        "current_role_beyond",
        "new_role_beyond",
        "same_level",
        "named_twice",
    ];
    assert_eq!(Refusal::ALL.map(Refusal::code), codes);
    for refusal in Refusal::ALL {
        assert_eq!(refusal.code().parse(), Ok(refusal));
        let status = match refusal.kind() {
            RefusalKind::Visibility => 404,
            RefusalKind::Power => 403,
            RefusalKind::Oneself => 405,
            _ => 409,
        };
        assert_eq!(status, self::status("OW", refusal.code()), "{refusal:?}");
    }
    let unknown = "the owner".parse::<Refusal>().unwrap_err();
    assert_eq!(unknown.to_string(), "unknown refusal `the owner`");
}

#[test]
fn records_come_back() {
    use serde_json::{from_value, json, to_value};
    let admin = subject(1, Role::Administrator);
    let change = policy().assign(&admin, &member(2, Role::NotActivated), Role::Annotator).unwrap();
    assert_eq!(
        to_value(change.audit()).unwrap(),
        json!({
            "operation": "assign",
            "role": "AD",
            "source": "manual",
            "limit": null,
            "before": "NO",
            "after": "AN",
            "allowed": true,
            "refusal": null,
            "matrix": Matrix::BUILT_IN.fingerprint().to_string(),
        })
    );
    let limit = Actions::ViewPeoplePage;
    let refused = policy().remove(&admin.limited_to(limit).through_api(), None).unwrap_err();
    let wire = to_value(refused.audit()).unwrap();
    assert_eq!((&wire["refusal"], &wire["source"]), (&json!("not_allowed"), &json!("api")));
    for audit in [change.audit(), refused.audit()] {
        let wire = to_value(audit).unwrap();
        assert_eq!(from_value::<MembershipAudit>(wire).unwrap(), audit);
    }
    let mut wrong = wire.clone();
    wrong["refusal"] = json!("mood");
    let error = from_value::<MembershipAudit>(wrong).unwrap_err().to_string();
    assert!(error.starts_with("unknown refusal `mood`"), "{error}");
}

#[test]
fn plans_are_refused_as_a_whole_and_say_where() {
    let administrator = subject(1, Role::Administrator);
    let fine = (member(2, Role::Annotator), Some(Role::Reviewer));
    let plan = |changes: &[_]| policy().plan(&administrator, changes);
    assert!(plan(&[]).unwrap().into_change().is_empty());
    let [Planned::Assign(change)] = plan(&[fine]).unwrap().into_change()[..] else { panic!() };
    assert_eq!((change.member.role, change.was), (Role::Reviewer, Role::Annotator));
    let removed = plan(&[(member(2, Role::Annotator), None)]).unwrap();
    let [Planned::Remove(change)] = removed.into_change()[..] else { panic!() };
    assert_eq!((change.member, change.deletes), (member(2, Role::Annotator), MemberDataSet::all()));
    for (changes, position, refusal) in [
        (vec![fine, (member(0, Role::Owner), Some(Role::Administrator))], 1, Refusal::TheOwner),
        (vec![(member(0, Role::Owner), None), fine], 0, Refusal::TheOwner),
        (vec![fine, (member(3, Role::Annotator), Some(Role::Owner))], 1, Refusal::OnlyTransferred),
        (vec![fine, (member(1, Role::Administrator), Some(Role::Reviewer))], 1, Refusal::Oneself),
        (vec![fine, fine], 1, Refusal::NamedTwice),
        (vec![fine, (member(2, Role::Annotator), None)], 1, Refusal::NamedTwice),
        (vec![fine, (member_of(ELSEWHERE, 3, Role::Annotator), None)], 1, Refusal::NotAMember),
    ] {
        let refused = plan(&changes).unwrap_err();
        assert_eq!((refused.position, refused.why.refusal()), (position, refusal));
        assert_eq!(refused.to_string(), format!("change {position}: {}", refused.why));
    }
}

#[test]
fn a_plan_leaves_what_stays_as_it_is() {
    let directory = Actor::source(&HERE, RoleSource::Scim, &Matrix::BUILT_IN);
    let rows = Role::ALL.map(|role| member(role as u32, role));
    let unchanged = rows.map(|row| (row, Some(row.role)));
    let plan = policy().plan(directory, &unchanged).unwrap().into_change();
    assert_eq!(plan.len(), rows.len());
    for (planned, row) in plan.iter().zip(rows) {
        let Planned::Assign(change) = planned else { panic!() };
        assert_eq!((change.member, change.was), (row, row.role));
        assert!(change.deletes.is_empty());
    }
}

#[test]
fn roles_are_not_guessed_by_asking_for_what_changes_nothing() {
    let powerless =
        [Role::Manager, Role::Reviewer, Role::Annotator, Role::NotActivated, Role::Deactivated];
    let members = powerless.map(|role| subject(1, role));
    let sources = [RoleSource::Manual, RoleSource::Api]
        .map(|source| Actor::source(&HERE, source, &Matrix::BUILT_IN));
    for actor in members.iter().map(Actor::from).chain(sources) {
        for target in Role::ALL {
            for guess in Role::ALL {
                let row = member(2, target);
                let one = policy().assign(actor, &row, guess).unwrap_err();
                let plan = policy().plan(actor, &[(row, Some(guess))]).unwrap_err();
                assert_eq!(one.refusal(), Refusal::NotAllowed);
                assert_eq!((plan.position, plan.why), (0, one));
            }
        }
        assert!(policy().plan(actor, &[]).unwrap().into_change().is_empty());
    }
}

#[test]
fn a_transfer_is_decided_by_the_subject_s_matrix() {
    let heir = member(2, Role::Manager);
    let transfer = |matrix: Matrix| {
        let owner = subject(1, Role::Owner).with_matrix(matrix);
        let found = policy().transfer(&owner, &heir).map(drop);
        found.map_err(|refused| (refused.refusal(), refused.missing()))
    };
    assert_eq!(transfer(Matrix::BUILT_IN), Ok(()));
    let without = |action| transfer(cells(&[(Role::Owner, action, Scopes::empty())]));
    let (rights, exports) = (Actions::ChangeUserRoles, Actions::ExportData);
    assert_eq!(without(Action::ChangeUserRoles), Err((Refusal::NotAllowed, rights)));
    // Neither touching a role beyond one's own, nor becoming more than one was.
    assert_eq!(without(Action::ExportData), Err((Refusal::CurrentRoleBeyond, exports)));
    let log = Actions::ViewActivityLog;
    assert_eq!(without(Action::ViewActivityLog), Err((Refusal::NewRoleBeyond, log)));
    // One's own level is what is handed over.
    let strict = policy().assigns_same_level(false);
    assert!(strict.transfer(&subject(1, Role::Owner), &heir).is_ok());
}

#[test]
fn sources_shut_out_administrators_whatever_the_setting() {
    let policy = policy().assigns_same_level(false);
    let directory = Actor::source(&HERE, RoleSource::Scim, &Matrix::BUILT_IN);
    let administrator = member(2, Role::Administrator);
    assert!(policy.assign(directory, &administrator, Role::Deactivated).is_ok());
    assert!(policy.remove(directory, &administrator).is_ok());
}

#[test]
fn user_ids_may_be_of_another_type() {
    let acme = OrganizationId("acme".to_owned());
    let row = |user, role| Member {
        organization: acme.clone(),
        user: UserId(user),
        role,
        source: RoleSource::Manual,
    };
    let admin = row(1u8, Role::Administrator).subject();
    let policy = MembershipPolicy::new(acme.clone());
    let change = policy.assign(&admin, &row(2, Role::NotActivated), Role::Reviewer).unwrap();
    assert_eq!(change.into_change().member, row(2, Role::Reviewer));
    assert_eq!(*policy.organization(), acme);
}

/// A step of a service's life, by whom and to whom: positions in the list of all members.
#[derive(Clone, Debug)]
enum Step {
    Assign(Index, Index, Role),
    Remove(Index, Index),
    Transfer(Index, Index),
    SignUp(u32, bool, u32),
    Plan(Index, bool, Vec<(Index, Option<Role>)>),
    Give(Index, Index, u32, ProjectRole),
    TakeBack(Index, Index, u32),
    SetDefaultRole(Index, Role),
    Reset(Index),
}

fn steps() -> impl Strategy<Value = Step> {
    let role = || select(&Role::ALL[..]);
    let change = (any::<Index>(), proptest::option::of(role()));
    let two = || (any::<Index>(), any::<Index>());
    prop_oneof![
        4 => (two(), role()).prop_map(|((a, t), r)| Step::Assign(a, t, r)),
        2 => two().prop_map(|(a, t)| Step::Remove(a, t)),
        1 => two().prop_map(|(a, t)| Step::Transfer(a, t)),
        3 => (1u32..3, any::<bool>(), 0u32..8).prop_map(|(o, b, u)| Step::SignUp(o, b, u)),
        3 => (any::<Index>(), any::<bool>(), proptest::collection::vec(change, 0..4))
            .prop_map(|(a, directory, changes)| Step::Plan(a, directory, changes)),
        4 => (two(), 0u32..3, select(&ProjectRole::ALL[..]))
            .prop_map(|((a, t), p, r)| Step::Give(a, t, p, r)),
        1 => (two(), 0u32..3).prop_map(|((a, t), p)| Step::TakeBack(a, t, p)),
        1 => (any::<Index>(), role()).prop_map(|(a, r)| Step::SetDefaultRole(a, r)),
        1 => any::<Index>().prop_map(Step::Reset),
    ]
}

/// Whoever makes a step: where, who, and with the power of which role.
struct By {
    organization: OrganizationId<u32>,
    user: Option<UserId<u32>>,
    role: Role,
}

/// Does the step as far as it is approved, and says who made it.
fn take(store: &mut Store, step: &Step, same_level: bool) -> Option<By> {
    let rows = store.members.clone();
    let policy_of = |store: &Store, organization| {
        let policy = MembershipPolicy::new(organization).assigns_same_level(same_level);
        policy.with_default_role(store.organization(organization).default_role).unwrap()
    };
    let by = |member: &Member<u32>| By {
        organization: member.organization,
        user: Some(member.user),
        role: member.role,
    };
    let of = |actor: &Index| *actor.get(&rows);
    match step {
        Step::Assign(actor, target, role) => {
            let actor = of(actor);
            let policy = policy_of(store, actor.organization);
            store.assign(policy.assign(&actor.subject(), target.get(&rows), *role).ok()?);
            Some(by(&actor))
        }
        Step::Remove(actor, target) => {
            let actor = of(actor);
            let policy = policy_of(store, actor.organization);
            store.remove(policy.remove(&actor.subject(), target.get(&rows)).ok()?);
            Some(by(&actor))
        }
        Step::Transfer(owner, heir) => {
            let owner = of(owner);
            let policy = policy_of(store, owner.organization);
            store.transfer(policy.transfer(&owner.subject(), heir.get(&rows)).ok()?);
            Some(by(&owner))
        }
        Step::SignUp(organization, valid, user) => {
            let (organization, user) = (OrganizationId(*organization), UserId(*user));
            let policy = policy_of(store, organization);
            let token = store.organization(organization).token.clone();
            let invitation = Invitation::new(organization, token.clone()).unwrap();
            let token = if *valid { token } else { format!("{token}x") };
            let row = store.find(organization, user);
            let by = Applicant::Anonymous(user);
            store.sign_up(policy.sign_up(by, Some(&invitation), token, row.as_ref()).ok()?);
            // Nobody gives more than the organization's default.
            Some(By { organization, user: None, role: policy.default_role() })
        }
        Step::Plan(actor, directory, changes) => {
            let member = of(actor);
            let changes: Vec<_> =
                changes.iter().map(|(target, role)| (*target.get(&rows), *role)).collect();
            let subject = member.subject();
            let actor = if *directory {
                Actor::source(&member.organization, RoleSource::Ldap, &Matrix::BUILT_IN)
            } else {
                Actor::from(&subject)
            };
            let policy = policy_of(store, member.organization);
            let plan = policy.plan(actor, &changes);

            // The order of the changes makes no difference to what is accepted.
            let reversed: Vec<_> = changes.iter().rev().copied().collect();
            let backwards = policy.plan(actor, &reversed);
            assert_eq!(plan.is_ok(), backwards.is_ok());
            store.plan(plan.ok()?);
            let role = if *directory { Role::Administrator } else { member.role };
            let user = (!directory).then_some(member.user);
            Some(By { organization: member.organization, user, role })
        }
        Step::Give(actor, target, project, role) => {
            let actor = of(actor);
            let project = numbered(actor.organization, *project);
            let policy = policy_of(store, actor.organization);
            let target = target.get(&rows);
            let change = policy.give_project_role(&actor.subject(), target, project, *role);
            store.give(change.ok()?);
            Some(by(&actor))
        }
        Step::TakeBack(actor, target, project) => {
            let actor = of(actor);
            let project = numbered(actor.organization, *project);
            let policy = policy_of(store, actor.organization);
            let target = target.get(&rows);
            let change = policy.take_back_project_role(&actor.subject(), target, project);
            store.take_back(change.ok()?);
            Some(by(&actor))
        }
        Step::SetDefaultRole(actor, role) => {
            let actor = of(actor);
            let policy = policy_of(store, actor.organization);
            store.set_default_role(policy.set_default_role(&actor.subject(), *role).ok()?);
            Some(by(&actor))
        }
        Step::Reset(actor) => {
            let actor = of(actor);
            let token = store.organization(actor.organization).token.clone();
            let invitation = Invitation::new(actor.organization, token.clone()).unwrap();
            let policy = policy_of(store, actor.organization);
            let change = policy.reset_invitation(&actor.subject(), invitation, format!("{token}+"));
            store.reset(change.ok()?);
            Some(by(&actor))
        }
    }
}

fn numbered(organization: OrganizationId<u32>, id: u32) -> StoredProject {
    Row::seen_by(UserId(0), ProjectId(id), organization, 0).unwrap()
}

/// What has to be so after every step.
fn check(before: &Store, after: &Store, by: &By, step: &Step) {
    let key = |row: &Member<u32>| (row.organization, row.user);
    for organization in [HERE, ELSEWHERE] {
        let here = |row: &&Member<u32>| row.organization == organization;
        let owners = after.members.iter().filter(here).filter(|row| row.role == Role::Owner);
        assert_eq!(owners.count(), 1, "{step:?}");
    }
    for row in before.members.iter().chain(&after.members) {
        let (organization, user) = key(row);
        let (was, now) = (before.find(organization, user), after.find(organization, user));
        if was == now {
            continue;
        }
        // Other organizations are untouched, and so is whoever acts but for a transfer.
        assert_eq!(organization, by.organization);
        let transfer = matches!(step, Step::Transfer(..));
        assert!(transfer || Some(user) != by.user, "{step:?}");
        // Nobody gains what the actor does not hold, or loses what they do not.
        for member in [was, now].into_iter().flatten() {
            assert!(beyond(by.role.code(), member.role.code()).is_empty(), "{step:?}");
        }
        // Nobody comes to be the Owner, or ceases to be, but by a transfer.
        let owner = |member: Option<Member<u32>>| member.is_some_and(|m| m.role == Role::Owner);
        assert!(transfer || owner(was) == owner(now), "{step:?}");
        // Nobody goes back to NO.
        let back = was.is_some() && now.is_some_and(|m| m.role == Role::NotActivated);
        assert!(!back, "{step:?}");
        let has = |store: &Store| -> Vec<Has> {
            let theirs = |has: &&Has| has.organization == organization && has.user == user;
            store.has.iter().filter(theirs).copied().collect()
        };
        // Nobody comes back with what they had.
        if was.is_none() || now.is_none() {
            assert_eq!(has(after), [], "{step:?}");
        }
        // No role in a project outlives a role that is not bound to projects.
        let bound = |role| matches!(role, Role::Annotator | Role::Reviewer);
        if let (Some(was), Some(now)) = (was, now)
            && was.role != now.role
            && !(bound(was.role) && bound(now.role))
        {
            assert!(has(after).iter().all(|has| has.what != MemberData::ProjectRoles));
        }
    }
    // No session and no token outlives a deactivation.
    for row in &after.members {
        let was = before.find(row.organization, row.user);
        if row.role == Role::Deactivated && was.is_some_and(|was| was.role != Role::Deactivated) {
            let theirs = |has: &&Has| (has.organization, has.user) == key(row);
            let mut left = after.has.iter().filter(theirs);
            let ends = [MemberData::Sessions, MemberData::ApiTokens];
            assert!(left.all(|has| !ends.contains(&has.what)), "{step:?}");
        }
    }
    for (had, has) in [(&before.has, &after.has), (&after.has, &before.has)] {
        for changed in had.iter().filter(|row| !has.contains(row)) {
            assert_eq!(changed.organization, by.organization, "{step:?}");
            assert_ne!(Some(changed.user), by.user, "{step:?}");
        }
    }
    for (was, now) in before.organizations.iter().zip(&after.organizations) {
        assert!(was == now || was.id == by.organization, "{step:?}");
        if was.default_role != now.default_role {
            assert!(beyond(by.role.code(), now.default_role.code()).is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_happens_each_organization_keeps_its_one_owner(
        members in proptest::collection::vec((1u32..3, 1u32..8, select(&Role::ALL[1..])), 0..12),
        belongings in proptest::collection::vec((any::<Index>(), 1..MemberData::COUNT), 0..12),
        steps in proptest::collection::vec(steps(), 1..50),
        same_level: bool,
    ) {
        let organization = |id| store::StoredOrganization {
            id,
            default_role: Role::NotActivated,
            token: "token".to_owned(),
        };
        let mut store = Store {
            organizations: vec![organization(HERE), organization(ELSEWHERE)],
            members: vec![member_of(HERE, 0, Role::Owner), member_of(ELSEWHERE, 0, Role::Owner)],
            has: Vec::new(),
        };
        for (organization, user, role) in members {
            let organization = OrganizationId(organization);
            if store.find(organization, UserId(user)).is_none() {
                store.members.push(member_of(organization, user, role));
            }
        }
        for (member, what) in belongings {
            let Member { organization, user, .. } = *member.get(&store.members);
            store.has.push(Has { organization, user, what: MemberData::ALL[what], in_project: None });
        }
        for step in steps {
            let before = store.clone();
            match take(&mut store, &step, same_level) {
                Some(by) => check(&before, &store, &by, &step),
                None => prop_assert_eq!(&before, &store, "{:?}", step),
            }
        }
    }
}

#[test]
fn a_member_is_a_subject() {
    let subject = member(7, Role::Manager).subject();
    assert_eq!((subject.organization(), subject.user()), (&HERE, &UserId(7)));
    assert_eq!(subject.role(), Role::Manager);
}

#[test]
fn every_code_is_tried() {
    assert_eq!(Role::ALL.map(Role::code), CODES);
}
