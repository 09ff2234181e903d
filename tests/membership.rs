//! Does a membership only ever become what it may, through whoever may make it so?

mod common;

use std::collections::BTreeSet;

use common::CODES;
use labelgate::membership::{
    Actor, Event, Invitation, Member, MembershipPolicy, Refusal, Refused, RoleSource,
};

use labelgate::resource::{InProject, Organization, Project, ProjectId};

use labelgate::{Action, Actions, Matrix, OrganizationId, ProjectRole, Role, Scopes, UserId};
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

fn project_in(organization: OrganizationId<u32>) -> Project<u32> {
    let place = InProject {
        created_by: None,
        is_member: false,
        has_tasks: false,
        acts_as: None,
        own_data_permitted: false,
    };
    Organization::seen_by(organization, UserId(1)).project(ProjectId(5), place)
}

fn policy() -> MembershipPolicy<'static, u32> {
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
    for (number, (facts, _)) in common::worlds().enumerate() {
        for (_, key, ..) in common::TABLE {
            if key != "annotator_dashboard.view" && common::may(role, key, facts) {
                power.insert((key, number));
            }
        }
    }
    power
}

fn beyond(role: &str, other: &str) -> BTreeSet<&'static str> {
    power(other).difference(&power(role)).map(|&(key, _)| key).collect()
}

/// What the specification says of assigning a role (`None`: of removing), in plain code.
#[allow(clippy::too_many_arguments, reason = "all that it depends on")]
fn expected(
    actor: &str,
    target: &str,
    new: Option<&str>,
    same_user: bool,
    same_level: bool,
    same_organization: bool,
) -> Result<(), (&'static str, BTreeSet<&'static str>)> {
    let none = BTreeSet::new;
    let activates =
        ["NO", "DI"].contains(&target) && new.is_some_and(|new| !["NO", "DI"].contains(&new));
    let level = |role: &str| !same_level && power(role) == power(actor);
    if !same_organization {
        Err(("other_organization", none()))
    } else if !["OW", "AD"].contains(&actor) {
        let missing = if activates { "members.activate" } else { "members.change_role" };
        Err(("not_allowed", BTreeSet::from([missing])))
    } else if new == Some(target) {
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

fn compare(
    found: Result<(), Refused>,
    expected: Result<(), (&'static str, BTreeSet<&'static str>)>,
    actor: &str,
    case: &str,
) {
    match (found, expected) {
        (Ok(()), Ok(())) => {}
        (Err(refused), Err((code, missing))) => {
            assert_eq!(refused.refusal().code(), code, "{case}");
            let found: BTreeSet<_> = refused.missing().elements().map(Action::key).collect();
            assert_eq!(found, missing, "{case}");
            let views = ["OW", "AD", "MA"].contains(&actor) && code != "other_organization";
            assert_eq!(refused.is_hidden(), !views, "{case}");
            assert_eq!(refused.answer().status(), if views { 403 } else { 404 });
        }
        (found, expected) => panic!("{case}: {found:?}, not {expected:?}"),
    }
}

#[test]
fn who_may_give_which_role_to_whom() {
    for actor in Role::ALL {
        for target in Role::ALL {
            for same_level in [true, false] {
                for (user, organizations) in [
                    (1, [HERE, HERE]),
                    (2, [HERE, HERE]),
                    (2, [HERE, ELSEWHERE]),
                    (2, [ELSEWHERE, HERE]),
                ] {
                    let policy = policy().assigns_same_level(same_level);
                    let acting = member_of(organizations[0], 1, actor);
                    let row = member_of(organizations[1], user, target);
                    let same_organization = organizations == [HERE, HERE];
                    let expect = |new: Option<Role>| {
                        let new = new.map(Role::code);
                        expected(
                            actor.code(),
                            target.code(),
                            new,
                            user == 1,
                            same_level,
                            same_organization,
                        )
                    };
                    let case = format!("{actor} {target} {user} {organizations:?} {same_level}");

                    for role in Role::ALL {
                        let found = policy.can_assign(&Actor::member(&acting), &row, role);
                        if let Ok(new) = &found {
                            // What changes nothing leaves the source as it is.
                            let by = |source| if role == target { row.source } else { source };
                            let source = by(RoleSource::Manual);
                            let expected =
                                Member { organization: HERE, user: row.user, role, source };
                            assert_eq!(*new, expected);
                            let api = Actor::member(&acting).through_api();
                            let new = policy.can_assign(&api, &row, role).unwrap();
                            assert_eq!(new, Member { source: by(RoleSource::Api), ..expected });
                        }
                        let case = format!("{case} {role}");
                        compare(found.map(|_| ()), expect(Some(role)), actor.code(), &case);
                    }
                    let found = policy.can_remove(&Actor::member(&acting), &row);
                    compare(found, expect(None), actor.code(), &case);
                }
            }
        }
    }
}

#[test]
fn sources_act_as_administrators_and_never_touch_the_owner() {
    for source in RoleSource::ALL {
        let actor = Actor::source(&HERE, source);
        let by_itself = !matches!(source, RoleSource::Manual | RoleSource::Api);
        let acts_as = if by_itself { "AD" } else { "NO" };
        for target in Role::ALL {
            for new in Role::ALL {
                let found = policy().can_assign(&actor, &member(2, target), new);
                if let Ok(row) = &found {
                    let changed = new != target;
                    assert_eq!(row.source, if changed { source } else { RoleSource::Saml });
                    assert!(by_itself && (target != Role::Owner || !changed));
                }
                let expected =
                    expected(acts_as, target.code(), Some(new.code()), false, true, true);
                compare(found.map(|_| ()), expected, acts_as, &format!("{source} {target} {new}"));
            }
            let found = policy().can_remove(&actor, &member(2, target));
            let expected = expected(acts_as, target.code(), None, false, true, true);
            compare(found, expected, acts_as, &format!("{source} {target}"));
        }
        let refused = policy().can_transfer(&actor, &member(2, Role::Annotator));
        let expected = if by_itself { Refusal::NotTheOwner } else { Refusal::NotAllowed };
        assert_eq!(refused.unwrap_err().refusal(), expected);
        let refused = policy().can_remove(&actor, &member_of(ELSEWHERE, 2, Role::Annotator));
        assert_eq!(refused.unwrap_err().refusal(), Refusal::OtherOrganization);
    }
}

#[test]
fn power_is_compared_by_the_matrix_in_force() {
    // Managers who may change roles may do so within their own power.
    let managers = Matrix::BUILT_IN
        .with_cell(Role::Manager, Action::ChangeUserRoles, Scopes::Organization)
        .unwrap();
    let policy = policy().with_matrix(&managers);
    let (manager, actor) = (member(1, Role::Manager), Actor::member);
    assert!(
        policy.can_assign(&actor(&manager), &member(2, Role::Annotator), Role::Manager).is_ok()
    );
    let refused =
        policy.can_assign(&actor(&manager), &member(2, Role::Annotator), Role::Administrator);
    let refused = refused.unwrap_err();
    assert_eq!(refused.refusal(), Refusal::NewRoleBeyond);
    assert!(refused.missing().contains(Actions::InvitePeople | Actions::ViewActivityLog));
    let refused =
        policy.can_assign(&actor(&manager), &member(2, Role::Administrator), Role::Annotator);
    assert_eq!(refused.unwrap_err().refusal(), Refusal::CurrentRoleBeyond);
    // Activation is an action of its own.
    let refused =
        policy.can_assign(&actor(&manager), &member(2, Role::Deactivated), Role::Annotator);
    assert_eq!(refused.unwrap_err().missing(), Actions::ActivateMembers);

    // Even an administrator who may do all that the Owner may does not touch the Owner.
    let equals = Action::ALL.into_iter().fold(Matrix::BUILT_IN, |matrix, action| {
        let cell = matrix.scopes(Role::Owner, action);
        matrix.with_cell(Role::Administrator, action, cell).unwrap()
    });
    assert!(equals.dominates(Role::Administrator, Role::Owner));
    let policy = policy.with_matrix(&equals);
    let administrator = member(1, Role::Administrator);
    for role in Role::ALL.into_iter().filter(|&role| role != Role::Owner) {
        let refused = policy.can_assign(&actor(&administrator), &member(2, Role::Owner), role);
        assert_eq!(refused.unwrap_err().refusal(), Refusal::TheOwner);
    }
}

#[test]
fn only_the_owner_hands_over_and_to_somebody_with_a_role() {
    for from in Role::ALL {
        for to in Role::ALL {
            for (heir, organizations) in [
                (1, [HERE, HERE]),
                (2, [HERE, HERE]),
                (2, [HERE, ELSEWHERE]),
                (2, [ELSEWHERE, HERE]),
            ] {
                let owner = member_of(organizations[0], 1, from);
                let heir = member_of(organizations[1], heir, to);
                let expected = if organizations != [HERE, HERE] {
                    Err("other_organization")
                } else if !matches!(from, Role::Owner | Role::Administrator) {
                    Err("not_allowed")
                } else if heir.user == owner.user {
                    Err("oneself")
                } else if from != Role::Owner {
                    Err("not_the_owner")
                } else if to == Role::Owner {
                    Err("the_owner")
                } else if matches!(to, Role::NotActivated | Role::Deactivated) {
                    Err("powerless")
                } else {
                    Ok((Role::Administrator, Role::Owner))
                };
                match policy().can_transfer(&Actor::member(&owner), &heir) {
                    Ok((former, new)) => {
                        let source = RoleSource::Manual;
                        assert_eq!(former, Member { role: Role::Administrator, source, ..owner });
                        assert_eq!(new, Member { role: Role::Owner, source, ..heir });
                        let api = Actor::member(&owner).through_api();
                        let (_, through_api) = policy().can_transfer(&api, &heir).unwrap();
                        assert_eq!(through_api.source, RoleSource::Api);
                        assert_eq!(Ok((former.role, new.role)), expected);
                        assert_eq!((former.user, new.user), (owner.user, heir.user));
                        assert_eq!(Event::GiveUp.next(Some(from)), Ok(Some(former.role)));
                        assert_eq!(Event::TakeOver.next(Some(to)), Ok(Some(new.role)));
                    }
                    Err(refused) => {
                        assert_eq!(Err(refused.refusal().code()), expected);
                        let views =
                            matches!(from, Role::Owner | Role::Administrator | Role::Manager);
                        let views = views && organizations == [HERE, HERE];
                        assert_eq!(refused.is_hidden(), !views, "{from} {to}");
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
        for target in Role::ALL {
            for role in [None, Some(ProjectRole::Annotator), Some(ProjectRole::Reviewer)] {
                let acting = member(1, actor);
                let give = |row, project| {
                    policy()
                        .can_assign_in_project(&Actor::member(&acting), &row, project, role)
                        .map_err(Refused::refusal)
                };
                let allowed = matches!(actor, Role::Owner | Role::Administrator);
                let of_the_two = matches!(target, Role::Annotator | Role::Reviewer);
                let same = role.is_some_and(|role| role.code() == target.code());
                // Taken back from everybody, given to annotators and reviewers.
                let expected = match (allowed, role.is_none() || (of_the_two && !same)) {
                    (false, _) => Err(Refusal::NotAllowed),
                    (true, false) => Err(Refusal::NoProjectRole),
                    (true, true) => Ok(role.map(|role| (role, RoleSource::Manual))),
                };
                assert_eq!(give(member(2, target), &here), expected);
                let oneself = if allowed { Refusal::Oneself } else { Refusal::NotAllowed };
                assert_eq!(give(member(1, target), &here), Err(oneself));
                // Neither a member nor a project of another organization.
                let other = Err(Refusal::OtherOrganization);
                assert_eq!(give(member_of(ELSEWHERE, 2, target), &here), other);
                assert_eq!(give(member(2, target), &elsewhere), other);
            }
        }
    }
}

#[test]
fn a_role_in_a_project_is_within_the_actor_s_own() {
    // Managers who may change roles, and may not review.
    let managers = Matrix::BUILT_IN
        .with_cell(Role::Manager, Action::ChangeUserRoles, Scopes::Organization)
        .and_then(|matrix| {
            matrix.with_cell(Role::Manager, Action::ReviewAnnotations, Scopes::empty())
        })
        .unwrap();
    let (policy, manager) = (policy().with_matrix(&managers), member(1, Role::Manager));
    let (actor, project) = (Actor::member(&manager), project_in(HERE));
    let give = |target, role| {
        policy
            .can_assign_in_project(&actor, &member(2, target), &project, role)
            .map_err(|refused| (refused.refusal(), refused.missing()))
    };
    // To give a role and to take it back are changes between the same two.
    let reviews = Actions::ReviewAnnotations;
    for role in [None, Some(ProjectRole::Reviewer)] {
        assert_eq!(give(Role::Annotator, role), Err((Refusal::NewRoleBeyond, reviews)));
    }
    for role in [None, Some(ProjectRole::Annotator)] {
        assert_eq!(give(Role::Reviewer, role), Err((Refusal::CurrentRoleBeyond, reviews)));
    }
}

#[test]
fn another_matrix_changes_nothing_else_of_a_policy() {
    let policy = policy()
        .assigns_same_level(false)
        .with_default_role(Role::Annotator)
        .unwrap()
        .with_matrix(&Matrix::BUILT_IN);
    assert_eq!(policy.default_role(), Role::Annotator);
    assert_eq!(*policy.organization(), HERE);
    let administrator = member(1, Role::Administrator);
    let refused =
        policy.can_remove(&Actor::member(&administrator), &member(2, Role::Administrator));
    assert_eq!(refused.unwrap_err().refusal(), Refusal::SameLevel);
}

#[test]
fn what_is_allowed_and_what_is_revealed_is_decided_by_the_matrix_in_force() {
    let matrix = [
        (Action::ActivateMembers, Scopes::Organization),
        (Action::InvitePeople, Scopes::Organization),
        (Action::ViewPeoplePage, Scopes::empty()),
    ]
    .into_iter()
    .fold(Matrix::BUILT_IN, |matrix, (action, scopes)| {
        matrix.with_cell(Role::Manager, action, scopes).unwrap()
    });
    let (policy, manager) = (policy().with_matrix(&matrix), member(1, Role::Manager));
    let actor = Actor::member(&manager);
    // A default role activates those who sign up, and changes nobody's.
    assert!(policy.can_set_default_role(&actor, Role::Annotator).is_ok());
    assert!(policy.can_assign(&actor, &member(2, Role::NotActivated), Role::Annotator).is_ok());
    let refused =
        policy.can_assign(&actor, &member(2, Role::Annotator), Role::Reviewer).unwrap_err();
    assert_eq!(refused.missing(), Actions::ChangeUserRoles);
    assert_eq!(refused.answer().status(), 404);
    assert_eq!(
        policy.can_transfer(&actor, &member(2, Role::Annotator)).unwrap_err().answer().status(),
        404
    );
}

#[test]
fn a_default_role_is_given_out_like_any_other() {
    assert_eq!(policy().default_role(), Role::NotActivated);
    for actor in Role::ALL {
        for role in Role::ALL {
            for same_level in [true, false] {
                let policy = policy().assigns_same_level(same_level);
                let acting = member(1, actor);
                let found = policy.can_set_default_role(&Actor::member(&acting), role);
                let expected = match (actor, role) {
                    (Role::Owner | Role::Administrator, Role::Owner) => {
                        Err(Refusal::OnlyTransferred)
                    }
                    (Role::Owner | Role::Administrator, Role::Deactivated) => {
                        Err(Refusal::NeverDefault)
                    }
                    (Role::Administrator, Role::Administrator) if !same_level => {
                        Err(Refusal::SameLevel)
                    }
                    (Role::Owner | Role::Administrator, _) => Ok(()),
                    _ => Err(Refusal::NotAllowed),
                };
                assert_eq!(found.map_err(Refused::refusal), expected, "{actor} {role}");
                let elsewhere = member_of(ELSEWHERE, 1, actor);
                let refused = policy.can_set_default_role(&Actor::member(&elsewhere), role);
                assert_eq!(refused.unwrap_err().refusal(), Refusal::OtherOrganization);
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
fn signing_up_takes_the_token_that_counts() {
    let policy = policy().with_default_role(Role::Annotator).unwrap();
    let invitation = Invitation::new(HERE, "token-1").unwrap();
    let elsewhere = Invitation::new(ELSEWHERE, "token-1").unwrap();
    assert_eq!(Invitation::new(HERE, "").unwrap_err(), Refusal::InvalidToken);

    let new = policy.sign_up(&invitation, "token-1", UserId(9), None).unwrap();
    let source = RoleSource::Manual;
    assert_eq!(new, Member { organization: HERE, user: UserId(9), role: Role::Annotator, source });

    for (invitation, token) in [
        (&invitation, "token-2"),
        (&invitation, "token-"),
        (&invitation, "token-11"),
        (&invitation, "TOKEN-1"),
        (&invitation, ""),
        (&elsewhere, "token-1"),
    ] {
        // A member with a wrong token learns nothing either.
        for row in [None, Some(&member(9, Role::Deactivated))] {
            let refused = policy.sign_up(invitation, token, UserId(9), row).unwrap_err();
            assert_eq!(refused.refusal(), Refusal::InvalidToken, "{token}");
            assert_eq!(refused.answer().status(), 404);
        }
    }
    // The link lets nobody back in, or up.
    for role in Role::ALL {
        let sign_up =
            |row| policy.sign_up(&invitation, "token-1", UserId(9), Some(&row)).unwrap_err();
        let refused = sign_up(member(9, role));
        assert_eq!((refused.refusal(), refused.answer().status()), (Refusal::AlreadyAMember, 403));
        // A row of somebody else, or of elsewhere, is no answer to what the user holds here.
        for row in [member(8, role), member_of(ELSEWHERE, 9, role)] {
            let refused = sign_up(row);
            assert_eq!(
                (refused.refusal(), refused.answer().status()),
                (Refusal::OtherOrganization, 404)
            );
        }
    }
}

#[test]
fn resetting_makes_earlier_links_worthless() {
    let invitation = Invitation::new(HERE, "old").unwrap();
    for role in Role::ALL {
        let acting = member(1, role);
        let reset =
            |token| policy().can_reset_invitation(&Actor::member(&acting), &invitation, token);
        if !matches!(role, Role::Owner | Role::Administrator) {
            assert_eq!(reset("new").unwrap_err().refusal(), Refusal::NotAllowed);
            assert_eq!(reset("new").unwrap_err().missing(), Actions::InvitePeople);
            continue;
        }
        for token in ["", "old"] {
            assert_eq!(reset(token).unwrap_err().refusal(), Refusal::InvalidToken);
        }
        let new = reset("new").unwrap();
        assert_eq!(*new.token(), "new");
        assert!(policy().sign_up(&new, "new", UserId(9), None).is_ok());
        assert!(policy().sign_up(&new, "old", UserId(9), None).is_err());

        let theirs = Invitation::new(ELSEWHERE, "old").unwrap();
        let refused = policy().can_reset_invitation(&Actor::member(&acting), &theirs, "new");
        assert_eq!(refused.unwrap_err().refusal(), Refusal::OtherOrganization);
    }
}

#[test]
fn tokens_are_not_displayed() {
    let invitation = Invitation::new(HERE, "secret").unwrap();
    assert_eq!(format!("{invitation:?}"), "Invitation { organization: OrganizationId(1), .. }");
}

#[test]
fn refusals_read_well() {
    let acting = member(1, Role::Manager);
    let refused =
        policy().can_assign(&Actor::member(&acting), &member(2, Role::Annotator), Role::Reviewer);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the role does not allow it, missing is `members.change_role`"
    );
    let acting = member(1, Role::Owner);
    let refused = policy().can_remove(&Actor::member(&acting), &acting);
    assert_eq!(refused.unwrap_err().to_string(), "nobody changes their own membership");
}

/// A step of a service's life, by whom and to whom: positions in the list of all members.
#[derive(Clone, Debug)]
enum Step {
    Assign(Index, Index, Role),
    Remove(Index, Index),
    Transfer(Index, Index),
    SignUp(u32, bool, u32, Role),
    Plan(Index, bool, Vec<(Index, Option<Role>)>),
}

fn steps() -> impl Strategy<Value = Step> {
    let role = || select(&Role::ALL[..]);
    let change = (any::<Index>(), proptest::option::of(role()));
    prop_oneof![
        4 => (any::<Index>(), any::<Index>(), role()).prop_map(|(a, t, r)| Step::Assign(a, t, r)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(a, t)| Step::Remove(a, t)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(a, t)| Step::Transfer(a, t)),
        2 => (1u32..3, any::<bool>(), 0u32..8, role()).prop_map(|(o, b, u, r)| Step::SignUp(o, b, u, r)),
        3 => (any::<Index>(), any::<bool>(), proptest::collection::vec(change, 0..4))
            .prop_map(|(a, directory, changes)| Step::Plan(a, directory, changes)),
    ]
}

type Rows = Vec<Member<u32>>;

fn row(rows: &mut Rows, member: &Member<u32>) -> usize {
    let same =
        |row: &Member<u32>| row.organization == member.organization && row.user == member.user;
    rows.iter().position(same).unwrap()
}

/// Whoever makes a step: where, who, and with the power of which role.
struct By {
    organization: OrganizationId<u32>,
    user: Option<UserId<u32>>,
    role: Role,
}

impl By {
    fn member(member: &Member<u32>) -> Self {
        let Member { organization, user, role, .. } = *member;
        Self { organization, user: Some(user), role }
    }
}

/// What the step makes of the rows, if it is accepted, and who made it.
fn take(rows: &Rows, step: &Step, same_level: bool) -> Option<(Rows, By)> {
    let mut new = rows.clone();
    let of = |organization: OrganizationId<u32>| {
        MembershipPolicy::new(organization).assigns_same_level(same_level)
    };
    let actor = match step {
        Step::Assign(actor, target, role) => {
            let (actor, target) = (actor.get(rows), target.get(rows));
            let changed =
                of(actor.organization).can_assign(&Actor::member(actor), target, *role).ok()?;
            let at = row(&mut new, target);
            new[at] = changed;
            By::member(actor)
        }
        Step::Remove(actor, target) => {
            let (actor, target) = (actor.get(rows), target.get(rows));
            of(actor.organization).can_remove(&Actor::member(actor), target).ok()?;
            let at = row(&mut new, target);
            new.remove(at);
            By::member(actor)
        }
        Step::Transfer(owner, heir) => {
            let (owner, heir) = (owner.get(rows), heir.get(rows));
            let (former, owner_now) =
                of(owner.organization).can_transfer(&Actor::member(owner), heir).ok()?;
            for changed in [former, owner_now] {
                let at = row(&mut new, &changed);
                new[at] = changed;
            }
            By::member(owner)
        }
        Step::SignUp(organization, valid, user, default) => {
            let organization = OrganizationId(*organization);
            let state =
                rows.iter().find(|row| row.organization == organization && row.user.0 == *user);
            let invitation = Invitation::new(organization, "token").unwrap();
            let token = if *valid { "token" } else { "tokem" };
            let policy = of(organization).with_default_role(*default).ok()?;
            new.push(policy.sign_up(&invitation, token, UserId(*user), state).ok()?);
            // Nobody gives more than the organization's default.
            By { organization: *policy.organization(), user: None, role: policy.default_role() }
        }
        Step::Plan(actor, directory, changes) => {
            let member = actor.get(rows);
            let changes: Vec<_> =
                changes.iter().map(|(target, role)| (*target.get(rows), *role)).collect();
            let actor = if *directory {
                Actor::source(&member.organization, RoleSource::Ldap)
            } else {
                Actor::member(member)
            };
            let policy = of(member.organization);
            let plan = policy.plan(&actor, &changes);

            // The order of the changes makes no difference to what is accepted, nor does planning
            // them together to what each becomes.
            let reversed: Vec<_> = changes.iter().rev().copied().collect();
            let backwards = policy.plan(&actor, &reversed);
            assert_eq!(plan.is_ok(), backwards.is_ok());
            if let (Ok(plan), Ok(mut backwards)) = (&plan, backwards) {
                backwards.reverse();
                assert_eq!(*plan, backwards);
            }

            for ((target, _), changed) in changes.iter().zip(plan.ok()?) {
                let at = row(&mut new, target);
                match changed {
                    Some(changed) => new[at] = changed,
                    None => drop(new.remove(at)),
                }
            }
            if *directory {
                By { organization: member.organization, user: None, role: Role::Administrator }
            } else {
                By::member(member)
            }
        }
    };
    Some((new, actor))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whatever_happens_each_organization_keeps_its_one_owner(
        members in proptest::collection::vec((1u32..3, 1u32..8, select(&Role::ALL[1..])), 0..12),
        steps in proptest::collection::vec(steps(), 1..40),
        same_level: bool,
    ) {
        let mut rows = vec![member_of(HERE, 0, Role::Owner), member_of(ELSEWHERE, 0, Role::Owner)];
        for (organization, user, role) in members {
            let new = member_of(OrganizationId(organization), user, role);
            if !rows.iter().any(|row| row.organization == new.organization && row.user == new.user) {
                rows.push(new);
            }
        }
        for step in steps {
            let Some((new, by)) = take(&rows, &step, same_level) else { continue };

            for organization in [HERE, ELSEWHERE] {
                let here = |row: &&Member<u32>| row.organization == organization;
                let owners = new.iter().filter(here).filter(|row| row.role == Role::Owner);
                prop_assert_eq!(owners.count(), 1, "{:?}", step);
            }
            let find = |rows: &Rows, row: &Member<u32>| {
                rows.iter().find(|r| r.organization == row.organization && r.user == row.user).copied()
            };
            let changed = |row: &&Member<u32>| find(&rows, row) != find(&new, row);
            for row in rows.iter().chain(&new).filter(changed) {
                let (before, after) = (find(&rows, row), find(&new, row));
                // Other organizations are untouched, and so is whoever acts but for a transfer.
                prop_assert_eq!(row.organization, by.organization);
                let transfer = matches!(step, Step::Transfer(..));
                prop_assert!(transfer || Some(row.user) != by.user, "{:?}", step);
                // Nobody gains what the actor does not hold, or loses what they do not.
                for member in [before, after].into_iter().flatten() {
                    prop_assert!(beyond(by.role.code(), member.role.code()).is_empty());
                }
                // Nobody comes to be the Owner, or ceases to be, but by a transfer.
                let owner = |member: Option<Member<u32>>| member.is_some_and(|m| m.role == Role::Owner);
                if owner(before) != owner(after) {
                    prop_assert!(matches!(step, Step::Transfer(..)));
                }
                // Nobody goes back to NO.
                let back = before.is_some() && after.is_some_and(|m| m.role == Role::NotActivated);
                prop_assert!(!back, "{:?}", step);
            }
            rows = new;
        }
    }
}

#[test]
fn plans_are_refused_as_a_whole_and_say_where() {
    let administrator = member(1, Role::Administrator);
    let actor = Actor::member(&administrator);
    let fine = (member(2, Role::Annotator), Some(Role::Reviewer));
    let plan = |changes: &[_]| policy().plan(&actor, changes);
    assert_eq!(plan(&[]).unwrap(), []);
    assert!(plan(&[fine]).unwrap()[0].is_some_and(|row| row.role == Role::Reviewer));
    assert_eq!(plan(&[(member(2, Role::Annotator), None)]).unwrap(), [None]);
    for (changes, position, refusal) in [
        (vec![fine, (member(0, Role::Owner), Some(Role::Administrator))], 1, Refusal::TheOwner),
        (vec![(member(0, Role::Owner), None), fine], 0, Refusal::TheOwner),
        (vec![fine, (member(3, Role::Annotator), Some(Role::Owner))], 1, Refusal::OnlyTransferred),
        (vec![fine, (administrator, Some(Role::Reviewer))], 1, Refusal::Oneself),
        (vec![fine, fine], 1, Refusal::NamedTwice),
        (vec![fine, (member(2, Role::Annotator), None)], 1, Refusal::NamedTwice),
        (
            vec![fine, (member_of(ELSEWHERE, 3, Role::Annotator), None)],
            1,
            Refusal::OtherOrganization,
        ),
    ] {
        let refused = plan(&changes).unwrap_err();
        assert_eq!((refused.position, refused.why.refusal()), (position, refusal));
        assert_eq!(refused.to_string(), format!("change {position}: {}", refused.why));
    }
}

#[test]
fn a_plan_leaves_what_stays_as_it_is() {
    let directory = Actor::source(&HERE, RoleSource::Scim);
    let rows = Role::ALL.map(|role| member(role as u32, role));
    let unchanged = rows.map(|row| (row, Some(row.role)));
    assert_eq!(policy().plan(&directory, &unchanged).unwrap(), rows.map(Some));
}

#[test]
fn sources_shut_out_administrators_whatever_the_setting() {
    let policy = policy().assigns_same_level(false);
    let directory = Actor::source(&HERE, RoleSource::Scim);
    let administrator = member(2, Role::Administrator);
    assert!(policy.can_assign(&directory, &administrator, Role::Deactivated).is_ok());
    assert!(policy.can_remove(&directory, &administrator).is_ok());
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

/// Faults of 0.1.0, each by what went wrong.
mod faults {
    use super::*;

    fn refusal<T: std::fmt::Debug>(found: Result<T, Refused>) -> Refusal {
        found.unwrap_err().refusal()
    }

    fn cells(changes: &[(Role, Action, Scopes)]) -> Matrix {
        changes.iter().fold(Matrix::BUILT_IN, |matrix, &(role, action, scopes)| {
            matrix.with_cell(role, action, scopes).unwrap()
        })
    }

    #[test]
    fn roles_are_not_guessed_by_asking_for_what_changes_nothing() {
        let powerless =
            [Role::Manager, Role::Reviewer, Role::Annotator, Role::NotActivated, Role::Deactivated];
        let rows = powerless.map(|role| member(1, role));
        let nobodies = [RoleSource::Manual, RoleSource::Api];
        let members = rows.iter().map(Actor::member);
        let sources = nobodies.into_iter().map(|source| Actor::source(&HERE, source));
        for actor in members.chain(sources) {
            for target in Role::ALL {
                // The answer is the same for every role that is guessed, but that giving a role to
                // somebody without one is another right: the target's role is not in it.
                for guess in Role::ALL {
                    let row = member(2, target);
                    let one = policy().can_assign(&actor, &row, guess).unwrap_err();
                    let plan = policy().plan(&actor, &[(row, Some(guess))]).unwrap_err();
                    assert_eq!(one.refusal(), Refusal::NotAllowed);
                    assert_eq!((plan.position, plan.why), (0, one));
                }
            }
            assert_eq!(policy().plan(&actor, &[]), Ok(vec![]));
        }
    }

    #[test]
    fn what_changes_nothing_is_of_the_organization_too() {
        let (administrator, theirs) =
            (member(1, Role::Administrator), member_of(ELSEWHERE, 2, Role::Annotator));
        let actor = Actor::member(&administrator);
        assert_eq!(
            refusal(policy().can_assign(&actor, &theirs, Role::Annotator)),
            Refusal::OtherOrganization
        );
        let plan = policy().plan(&actor, &[(theirs, Some(Role::Annotator))]);
        assert_eq!(plan.unwrap_err().why.refusal(), Refusal::OtherOrganization);
    }

    #[test]
    fn a_role_that_is_held_already_keeps_its_source() {
        let administrator = member(1, Role::Administrator);
        let row = Member { source: RoleSource::Scim, ..member(2, Role::Annotator) };
        for actor in [
            Actor::member(&administrator),
            Actor::member(&administrator).through_api(),
            Actor::source(&HERE, RoleSource::Ldap),
        ] {
            assert_eq!(policy().can_assign(&actor, &row, Role::Annotator), Ok(row));
            assert_eq!(policy().plan(&actor, &[(row, Some(Role::Annotator))]), Ok(vec![Some(row)]));
        }
    }

    /// What may be done with the link, by actor, default role and setting.
    #[test]
    fn handing_the_link_out_is_giving_the_default_role() {
        let invitation = Invitation::new(HERE, "old").unwrap();
        for actor in Role::ALL {
            for role in Role::ALL {
                for same_level in [true, false] {
                    let Ok(policy) =
                        policy().assigns_same_level(same_level).with_default_role(role)
                    else {
                        continue;
                    };
                    let (acting, case) = (member(1, actor), format!("{actor} {role} {same_level}"));
                    let acting = Actor::member(&acting);
                    let expected = match (actor, role) {
                        (Role::Administrator, Role::Administrator) if !same_level => {
                            Err(Refusal::SameLevel)
                        }
                        (Role::Owner | Role::Administrator, _) => Ok(()),
                        _ => Err(Refusal::NotAllowed),
                    };
                    let set = policy.can_set_default_role(&acting, role);
                    assert_eq!(set.map_err(Refused::refusal), expected, "{case}");
                    let read = policy.can_read_invitation(&acting, &invitation);
                    assert_eq!(read.map_err(Refused::refusal), expected.map(|()| &"old"), "{case}");
                    let reset = policy.can_reset_invitation(&acting, &invitation, "new");
                    let reset = reset.map(|new| *new.token()).map_err(Refused::refusal);
                    assert_eq!(reset, expected.map(|()| "new"), "{case}");
                }
            }
        }
        // Whether a token is the present one is not said to those who may not read it.
        let (policy, manager) = (policy(), member(1, Role::Manager));
        for token in ["", "old", "new"] {
            let reset = policy.can_reset_invitation(&Actor::member(&manager), &invitation, token);
            assert_eq!(refusal(reset), Refusal::NotAllowed);
        }
        let theirs = Invitation::new(ELSEWHERE, "old").unwrap();
        let owner = member(1, Role::Owner);
        let read = policy.can_read_invitation(&Actor::member(&owner), &theirs);
        assert_eq!(refusal(read), Refusal::OtherOrganization);
    }

    #[test]
    fn the_link_takes_inviting_and_for_a_role_also_activating() {
        let invitation = Invitation::new(HERE, "old").unwrap();
        let (manager, power) = (member(1, Role::Manager), Scopes::Organization);
        let invites = (Role::Manager, Action::InvitePeople, power);
        let activates = (Role::Manager, Action::ActivateMembers, power);
        for (changes, waiting, annotator, administrator) in [
            (vec![invites], None, Some(Refusal::NotAllowed), Some(Refusal::NotAllowed)),
            (
                vec![activates],
                Some(Refusal::NotAllowed),
                Some(Refusal::NotAllowed),
                Some(Refusal::NotAllowed),
            ),
            (vec![invites, activates], None, None, Some(Refusal::NewRoleBeyond)),
        ] {
            let matrix = cells(&changes);
            for (role, expected) in [
                (Role::NotActivated, waiting),
                (Role::Annotator, annotator),
                (Role::Administrator, administrator),
            ] {
                let policy = policy().with_matrix(&matrix).with_default_role(role).unwrap();
                let actor = Actor::member(&manager);
                let set = policy.can_set_default_role(&actor, role).err();
                assert_eq!(set.map(Refused::refusal), expected, "{role} {changes:?}");
                assert_eq!(policy.can_read_invitation(&actor, &invitation).err(), set);
                assert_eq!(policy.can_reset_invitation(&actor, &invitation, "new").err(), set);
            }
        }
    }

    #[test]
    fn a_transfer_is_decided_by_the_matrix_in_force() {
        let (owner, heir) = (member(1, Role::Owner), member(2, Role::Manager));
        let transfer = |matrix: &Matrix| {
            policy()
                .with_matrix(matrix)
                .can_transfer(&Actor::member(&owner), &heir)
                .map_err(|refused| (refused.refusal(), refused.missing()))
        };
        assert!(transfer(&Matrix::BUILT_IN).is_ok());
        let none = cells(&[(Role::Owner, Action::ChangeUserRoles, Scopes::empty())]);
        assert_eq!(transfer(&none), Err((Refusal::NotAllowed, Actions::ChangeUserRoles)));
        // Neither touching a role beyond one's own, nor becoming more than one was.
        let heir_beyond = cells(&[(Role::Owner, Action::ExportData, Scopes::empty())]);
        assert_eq!(transfer(&heir_beyond), Err((Refusal::CurrentRoleBeyond, Actions::ExportData)));
        let beyond = cells(&[(Role::Owner, Action::ViewActivityLog, Scopes::empty())]);
        assert_eq!(transfer(&beyond), Err((Refusal::NewRoleBeyond, Actions::ViewActivityLog)));
        // One's own level is what is handed over.
        let strict = policy().assigns_same_level(false);
        assert!(strict.can_transfer(&Actor::member(&owner), &heir).is_ok());
    }

    #[test]
    fn a_role_in_a_project_is_taken_back_whatever_the_member_has_become() {
        let (owner, project) = (member(1, Role::Owner), project_in(HERE));
        for target in Role::ALL {
            let taken = policy().can_assign_in_project(
                &Actor::member(&owner),
                &member(2, target),
                &project,
                None,
            );
            assert_eq!(taken, Ok(None), "{target}");
        }
    }
}
