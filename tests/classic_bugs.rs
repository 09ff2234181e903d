//! The bugs that access control keeps having, each named by what went wrong elsewhere. Each test tries the
//! attack by every door that the crate has, with every role, action and set of facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use labelgate::audit::Audit;
use labelgate::error::InvalidFacts;
use labelgate::membership::{
    Actor, Applicant, Assignment, Invitation, Member, MemberData, MemberDataSet, MembershipAudit,
    MembershipPolicy, Planned, Refusal, Refused, RoleSource, Transfer,
};
use labelgate::overrides::{Override, Overrides};
use labelgate::row::{InnerRowId, MaybeRow};
use labelgate::sets::{Roles, Scopes};
use labelgate::{
    Action, Actions, Answer, Denied, Fact, Facts, Kind, Matrix, OrganizationId, ProjectId,
    ProjectRole, Reason, RecordId, Role, Row, Scope, ScopeCtx, Subject, TaskId, UserId,
    WorkspaceId, act,
};
use labelgate_test_support::rows::{self, Condition, all_known, name, row_of};
use labelgate_test_support::store::{self, Has, Store};
use labelgate_test_support::{each_action, of_kind, oracle};
use serde::de::DeserializeOwned;

const HERE: OrganizationId<u32> = OrganizationId(1);
const ELSEWHERE: OrganizationId<u32> = OrganizationId(2);
const ME: UserId<u32> = UserId(7);
const YOU: UserId<u32> = UserId(8);

type Task = Row<TaskId<u32>>;
type Project = Row<ProjectId<u32>>;

fn row<Id: InnerRowId<Value = u32> + From<u32>>(facts: Facts) -> Row<Id> {
    row_of(HERE, ME, facts)
}

/// Whether the action may be done to a task or to a record with these facts, so that all of them count.
fn may(subject: &Subject<u32>, action: Action, facts: Facts) -> bool {
    let (task, record) = (row::<TaskId<u32>>(facts), row::<RecordId<u32>>(facts));
    subject.can(action, task) || subject.can(action, record)
}

fn me(role: Role) -> Subject<u32> {
    Subject::new(HERE, ME, role)
}

fn member(user: UserId<u32>, role: Role) -> Member<u32> {
    Member { organization: HERE, user, role, source: RoleSource::Saml }
}

fn project_in(organization: OrganizationId<u32>) -> Project {
    row_of(organization, ME, Facts::none().with(Fact::ProjectMember))
}

fn cells(changes: impl IntoIterator<Item = (Role, Action, Scopes)>) -> Matrix {
    changes.into_iter().fold(Matrix::BUILT_IN, |matrix, (role, action, scopes)| {
        matrix.with_cell(role, action, scopes).unwrap()
    })
}

fn active() -> impl Iterator<Item = Role> + Clone {
    Role::ALL.into_iter().filter(|role| !powerless(*role))
}

fn powerless(role: Role) -> bool {
    ["NO", "DI"].contains(&role.code())
}

/// What is asked of an organization about its members.
const RIGHTS: [Action; 4] = [
    Action::ViewPeoplePage,
    Action::ChangeUserRoles,
    Action::ActivateMembers,
    Action::InvitePeople,
];

/// Every role that can hold anything may change roles, activate and invite.
fn delegated() -> Matrix {
    cells(active().flat_map(|role| RIGHTS.map(|action| (role, action, Scopes::Organization))))
}

fn matrices() -> [Matrix; 3] {
    [Matrix::BUILT_IN, Overrides::widest().matrix(), delegated()]
}

/// The subject, and with less than all of their power.
fn narrowed(subject: Subject<u32>) -> [Subject<u32>; 6] {
    let some = Actions::ViewProject | Actions::ViewProjectData | Actions::ExportData;
    [
        subject,
        subject.through_api(),
        subject.limited_to(some),
        subject.limited_to(Actions::all() - Actions::ViewProject),
        subject.limited_to(some).through_api(),
        subject.limited_to(Actions::empty()),
    ]
}

/// Every subject, judged by several matrices and narrowed in several ways.
fn subjects() -> impl Iterator<Item = Subject<u32>> {
    let all = matrices()
        .into_iter()
        .flat_map(|matrix| Role::ALL.into_iter().map(move |role| me(role).with_matrix(matrix)));
    all.flat_map(narrowed)
}

/// The sets of overrides that are accepted and about one action, and the widest of all.
fn overrides() -> Vec<Overrides> {
    let sets = (0..=Roles::all().bits()).map(Roles::from_bits_retain);
    let one = |permission| sets.clone().map(move |roles| Override { permission, roles });
    let all = Action::ALL.into_iter().flat_map(one);
    let accepted = all.filter_map(|one| Overrides::new([one]).ok());
    accepted.chain([Overrides::widest()]).collect()
}

macro_rules! actions {
    ($($Action:ident)+) => {
        /// The door of a permit, for an action that is not known by its type.
        fn authorize<R: MaybeRow<Organization = u32, User = u32>>(
            subject: &Subject<u32>,
            action: Action,
            row: R,
        ) -> Result<Audit, Denied> {
            match action {
                $( Action::$Action => {
                    let permit = subject.authorize(act::$Action, row)?;
                    assert_eq!(permit.action(), action);
                    Ok(permit.audit())
                } )+
            }
        }
    };
}

each_action!(actions);

/// Nothing is permitted, by any door there is, on a row of any kind. Those for which a wider row has the same
/// facts are asked with that one.
fn nothing(
    subject: &Subject<u32>,
    action: Action,
    (organization, user, facts): (OrganizationId<u32>, UserId<u32>, Facts),
    case: fmt::Arguments<'_>,
) {
    for kind in Kind::ALL {
        if oracle::known(name(kind), facts.bits()) == facts.bits() {
            of_kind!(kind, organization, user, facts, row => nothing_on(subject, action, row, case));
        }
    }
}

fn nothing_on<R>(subject: &Subject<u32>, action: Action, row: R, case: fmt::Arguments<'_>)
where
    R: MaybeRow<Organization = u32, User = u32, Id: Clone> + Copy,
{
    assert!(!subject.can(action, row), "{case}");
    assert!(subject.decide(action, row).is_err(), "{case}");
    assert!(authorize(subject, action, row).is_err(), "{case}");
    assert!(!subject.actions(row).has(action), "{case}");
    // What is in there is no more permitted than the row itself.
    assert!(!subject.actions_in(row).has(action), "{case}");
    let list = subject.authorize_list_of(action, row);
    assert!(list.is_none_or(|list| list.is_err()), "{case}");
}

/// A change of one role: of a member, or of whoever signs up.
type Change = (&'static str, Option<Role>, Option<Role>);

/// All that an actor can bring about by the doors of memberships, with one target.
fn changes(policy: MembershipPolicy<u32>, by: Actor<'_, u32>, target: Member<u32>) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |door, was, now| changes.push((door, was, now));
    let assigned = |change: Assignment<u32>| (Some(change.was), Some(change.member.role));
    for role in Role::ALL {
        if let Ok(change) = policy.assign(by, &target, role) {
            let (was, now) = assigned(change.into_change());
            add("assign", was, now);
        }
        if let Ok(_set) = policy.set_default_role(by, role) {
            add("default role", None, Some(role));
        }
        // The default role may have been set by somebody more powerful.
        let Ok(policy) = policy.with_default_role(role) else { continue };
        let invitation = Invitation::new(HERE, "old").unwrap();
        if let Ok(_link) = policy.read_invitation(by, &invitation) {
            add("invitation", None, Some(role));
        }
        if let Ok(_link) = policy.reset_invitation(by, invitation, "new") {
            add("new invitation", None, Some(role));
        }
    }
    for role in Role::ALL.map(Some).into_iter().chain([None]) {
        let Ok(plan) = policy.plan(by, &[(target, role)]) else { continue };
        let [planned] = plan.into_change()[..] else { panic!("one change was asked for") };
        let (was, now) = match planned {
            Planned::Assign(change) => assigned(change),
            Planned::Remove(change) => (Some(change.member.role), None),
        };
        add("import", was, now);
    }
    if let Ok(change) = policy.remove(by, &target) {
        add("remove", Some(change.change().member.role), None);
    }
    if let Ok(change) = policy.transfer(by, &target) {
        let Transfer { former, heir, .. } = change.into_change();
        for (was, now) in [assigned(former), assigned(heir)] {
            add("transfer", was, now);
        }
    }
    for role in ProjectRole::ALL {
        if policy.give_project_role(by, &target, project_in(HERE), role).is_ok() {
            add("project role", Some(target.role), Some(role.into()));
        }
    }
    changes
}

/// What the other role may do somewhere that the role may not do there. The dashboard of annotators, which
/// is theirs alone, is no power.
fn beyond(matrix: &Matrix, role: Role, other: Role) -> bool {
    let dashboard = |action: &Action| action.key() == "annotator_dashboard.view";
    Action::ALL.into_iter().filter(|action| !dashboard(action)).any(|action| {
        let more =
            |ctx: &ScopeCtx| matrix.can(other, action, *ctx) && !matrix.can(role, action, *ctx);
        ScopeCtx::ALL.iter().any(more)
    })
}

#[test]
fn a_grant_above_oneself_through_a_side_door() {
    let mut doors: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut check = |matrix: &Matrix, role: Role, by: Actor<'_, u32>, same_level: bool| {
        let policy = MembershipPolicy::new(HERE).assigns_same_level(same_level);
        for target in Role::ALL {
            for (door, was, now) in changes(policy, by, member(YOU, target)) {
                let case = format_args!("{role} by {door}: {was:?} to {now:?}");
                doors.entry(door).or_default().insert(role.code());
                if was == now {
                    continue;
                }
                for touched in [was, now].into_iter().flatten() {
                    assert!(!beyond(matrix, role, touched), "{case}");
                    // Being the Owner is more than what the Owner may do.
                    let owner = role == Role::Owner && door == "transfer";
                    assert!(owner || touched != Role::Owner, "{case}");
                }
            }
        }
    };
    for matrix in matrices() {
        for same_level in [true, false] {
            for role in Role::ALL {
                for subject in narrowed(me(role).with_matrix(matrix)) {
                    check(&matrix, role, Actor::from(&subject), same_level);
                }
                let only = me(role).with_matrix(matrix);
                for right in RIGHTS {
                    let limit = Actions::of(right) | Actions::ViewPeoplePage;
                    check(&matrix, role, Actor::from(&only.limited_to(limit)), same_level);
                }
            }
            for source in RoleSource::ALL {
                let actor = Actor::source(&HERE, source, &matrix);
                check(&matrix, Role::Administrator, actor, same_level);
            }
        }
    }
    // Every door was seen open, and to all who have some power over others but for the last.
    let all = BTreeSet::from(["OW", "AD", "MA", "RE", "AN"]);
    for door in ["assign", "default role", "invitation", "new invitation", "import", "remove"] {
        assert_eq!(doors[door], all, "{door}");
    }
    assert_eq!(doors["project role"], BTreeSet::from(["OW", "AD", "MA", "RE"]));
    assert_eq!(doors["transfer"], BTreeSet::from(["OW"]));
    assert_eq!(doors.len(), 8);
}

#[test]
fn a_grant_above_oneself_through_overrides() {
    let policy = MembershipPolicy::new(HERE);
    let (was, widest) = (Overrides::none(), Overrides::widest());
    for matrix in matrices() {
        for role in Role::ALL {
            for subject in narrowed(me(role).with_matrix(matrix)) {
                let set = policy.set_overrides(&subject, was, widest);
                let right = subject.limit().has(Action::ChangeUserRoles);
                assert_eq!(set.is_ok(), role == Role::Owner && right, "{subject:?}");
            }
        }
        for source in RoleSource::ALL {
            let actor: Actor<'_, u32> = Actor::source(&HERE, source, &matrix);
            assert!(policy.set_overrides(actor, was, widest).is_err(), "{source}");
        }
    }
    // Not even the Owner gives away what decides who has power, or what is the Owner's alone.
    let kept =
        ["members.change_role", "members.activate", "organizations.create", "owner_account.view"];
    for set in overrides() {
        let matrix = set.matrix();
        for role in Role::ALL {
            for key in kept {
                let had = oracle::cell(role.code(), key) != "-";
                let has = !matrix.scopes(role, key.parse().unwrap()).is_empty();
                assert!(had || !has, "{role} {key} {set:?}");
            }
        }
        for (role, other) in oracle::CODES.iter().zip(&oracle::CODES[1..]) {
            let (role, other) = (role.parse().unwrap(), other.parse().unwrap());
            assert!(powerless(role) || !beyond(&matrix, role, other), "{role} {other} {set:?}");
        }
    }
}

/// The roles of the three members of an organization.
type State = [Option<Role>; 3];

/// One member's part of a change: who, and the number of the role before and after.
type Part = (usize, Option<u8>, Option<u8>);

/// All changes of state that can be decided on a state: by anybody, of anybody, by any door.
fn decided(state: State, matrix: Matrix) -> BTreeSet<Vec<Part>> {
    let mut decided = BTreeSet::new();
    let place = |role: Option<Role>| role.map(|role| role as u8);
    let mut add = |all: Vec<(UserId<u32>, Option<Role>, Option<Role>)>| {
        let all = all.into_iter();
        decided.insert(
            all.map(|(user, was, now)| (user.0 as usize, place(was), place(now))).collect(),
        );
    };
    let members = || {
        let all = (0..).zip(state);
        all.filter_map(|(user, role)| Some(member(UserId(user), role?)))
    };
    let assigned =
        |change: Assignment<u32>| (change.member.user, Some(change.was), Some(change.member.role));
    let planned = |change: &Planned<u32>| match *change {
        Planned::Assign(change) => assigned(change),
        Planned::Remove(change) => (change.member.user, Some(change.member.role), None),
    };
    let policy = MembershipPolicy::new(HERE);
    let subjects: Vec<_> = members().map(|row| row.subject().with_matrix(matrix)).collect();
    let sources = RoleSource::ALL.map(|source| Actor::source(&HERE, source, &matrix));
    for by in subjects.iter().map(Actor::from).chain(sources) {
        for target in members() {
            for role in Role::ALL {
                if let Ok(change) = policy.assign(by, &target, role) {
                    add(vec![assigned(change.into_change())]);
                }
            }
            if let Ok(change) = policy.remove(by, &target) {
                add(vec![(target.user, Some(change.change().member.role), None)]);
            }
            if let Ok(change) = policy.transfer(by, &target) {
                let Transfer { former, heir, .. } = change.into_change();
                add(vec![assigned(former), assigned(heir)]);
            }
            // Two at once, so that the one could make up for the other.
            for other in members() {
                for (role, second) in
                    [(Role::Administrator, Role::Owner), (Role::Owner, Role::Owner)]
                {
                    for changes in [
                        [(target, Some(role)), (other, Some(second))],
                        [(target, None), (other, Some(second))],
                    ] {
                        if let Ok(plan) = policy.plan(by, &changes) {
                            add(plan.change().iter().map(planned).collect());
                        }
                    }
                }
            }
        }
    }
    for user in 0..3 {
        for role in Role::ALL {
            let Ok(policy) = policy.with_default_role(role) else { continue };
            let invitation = Invitation::new(HERE, "token").unwrap();
            let row = members().find(|row| row.user == UserId(user));
            let by = Applicant::Anonymous(UserId(user));
            if let Ok(change) = policy.sign_up(by, Some(&invitation), "token", row.as_ref()) {
                add(vec![(UserId(user), None, Some(change.change().member.role))]);
            }
        }
    }
    decided
}

/// What a store does with a change: all of it, where each row is still as it was decided on.
fn stored(state: State, changes: &[Part]) -> Option<State> {
    let mut after = state;
    for &(user, was, now) in changes {
        if after[user].map(|role| role as u8) != was {
            return None;
        }
        after[user] = now.map(|role| Role::ALL[usize::from(role)]);
    }
    Some(after)
}

#[test]
fn the_last_owner_lost_by_a_door_that_removal_guarded() {
    let owners = |state: State| state.iter().filter(|role| **role == Some(Role::Owner)).count();
    // Administrators who may do all that the Owner may are not the Owner.
    let equal =
        cells(Action::ALL.map(|action| {
            (Role::Administrator, action, Matrix::BUILT_IN.scopes(Role::Owner, action))
        }));
    for matrix in [Matrix::BUILT_IN, equal] {
        let start: State = [Some(Role::Owner), Some(Role::Administrator), Some(Role::Annotator)];
        let (mut states, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(state) = open.pop() {
            if !states.insert(state.map(|role| role.map(|role| role as u8))) {
                continue;
            }
            assert_eq!(owners(state), 1, "{state:?}");
            let decided = decided(state, matrix);
            open.extend(decided.iter().filter_map(|changes| stored(state, changes)));
            if state == start {
                // Two that were decided at the same time, and stored one after the other.
                for first in &decided {
                    let Some(between) = stored(state, first) else { continue };
                    for second in &decided {
                        let after = stored(between, second).unwrap_or(between);
                        assert_eq!(owners(after), 1, "{first:?} {second:?}");
                    }
                }
            }
        }
        // One of three is the Owner, and each of the others is nobody or one of the other six.
        assert_eq!(states.len(), 3 * Role::COUNT * Role::COUNT);
    }
}

#[test]
fn deactivated_but_live() {
    let everything =
        cells(active().flat_map(|role| Action::ALL.map(|action| (role, action, Scopes::all()))));
    for role in Role::ALL.into_iter().filter(|role| powerless(*role)) {
        let reason = if role.code() == "NO" { Reason::NotActivated } else { Reason::Deactivated };
        for matrix in matrices().into_iter().chain([everything]) {
            for subject in narrowed(me(role).with_matrix(matrix)) {
                for action in Action::ALL {
                    assert!(subject.filter(action).is_nothing(), "{subject:?} {action}");
                    for facts in Facts::ALL {
                        let case = format_args!("{subject:?} {action} {facts}");
                        nothing(&subject, action, (HERE, ME, facts), case);
                        for kind in Kind::ALL {
                            of_kind!(kind, HERE, ME, facts, row => {
                                let denied = subject.decide(action, row).unwrap_err();
                                assert_eq!(denied.reason(), reason, "{case}");
                                if let Some(list) = subject.authorize_list_of(action, row) {
                                    assert_eq!(list.unwrap_err().reason(), reason, "{case}");
                                }
                            });
                        }
                    }
                    for ctx in ScopeCtx::ALL {
                        assert!(!matrix.can(role, action, ctx));
                        assert!(matrix.decide(role, action, ctx).is_err());
                        assert!(!matrix.actions(role, ctx).has(action));
                        assert!(!matrix.roles(action, ctx).has(role));
                    }
                }
                let policy = MembershipPolicy::new(HERE);
                let by = Actor::from(&subject);
                for target in Role::ALL {
                    assert_eq!(changes(policy, by, member(YOU, target)), [], "{subject:?}");
                }
                assert!(policy.set_overrides(by, Overrides::none(), Overrides::none()).is_err());
            }
        }
        // No cell, and no role in a project, brings them back to life.
        for action in Action::ALL {
            assert!(Matrix::BUILT_IN.with_cell(role, action, Scopes::all()).is_err());
            let named = Override { permission: action, roles: Roles::of(role) };
            assert!(Overrides::new([named]).is_err());
        }
        for roles in [&[][..], &ProjectRole::ALL] {
            assert_eq!(role.project_role(roles), None);
        }
    }
}

fn refusal<C: std::fmt::Debug>(found: Result<C, Refused>) -> (Refusal, u16) {
    let refused = found.unwrap_err();
    (refused.refusal(), refused.answer().status())
}

#[test]
fn rank_checked_and_tenant_not() {
    for subject in subjects() {
        for facts in Facts::ALL {
            for action in Action::ALL {
                let case = format_args!("{subject:?} {action} {facts}");
                nothing(&subject, action, (ELSEWHERE, ME, facts), case);
                if !powerless(subject.role()) {
                    let theirs: Task = row_of(ELSEWHERE, ME, facts);
                    let denied = subject.decide(action, theirs).unwrap_err();
                    assert_eq!(denied.reason(), Reason::OutsideOrganization, "{case}");
                }
            }
        }
    }
    // The Owner of another organization, a source of it, and somebody who is here too.
    let (policy, target) = (MembershipPolicy::new(HERE), member(YOU, Role::Annotator));
    let outside = (Refusal::OtherOrganization, 404);
    for matrix in matrices() {
        let subjects = Role::ALL.map(|role| Subject::new(ELSEWHERE, ME, role).with_matrix(matrix));
        let sources = RoleSource::ALL.map(|source| Actor::source(&ELSEWHERE, source, &matrix));
        for by in subjects.iter().map(Actor::from).chain(sources) {
            for target in Role::ALL {
                assert_eq!(changes(policy, by, member(YOU, target)), []);
            }
            assert_eq!(refusal(policy.assign(by, &target, Role::Reviewer)), outside);
            assert_eq!(
                refusal(policy.set_overrides(by, Overrides::none(), Overrides::none())),
                outside
            );
            assert_eq!(refusal(policy.read_overrides(by, Overrides::none())), outside);
        }
    }
    // The right of one's own organization, and what is meant is of another.
    let (owner, theirs) = (me(Role::Owner), Member { organization: ELSEWHERE, ..target });
    let absent = (Refusal::NotAMember, 404);
    assert_eq!(refusal(policy.assign(&owner, &theirs, Role::Reviewer)), absent);
    assert_eq!(refusal(policy.remove(&owner, &theirs)), absent);
    assert_eq!(refusal(policy.transfer(&owner, &theirs)), absent);
    let (here, there) = (project_in(HERE), project_in(ELSEWHERE));
    let give =
        |target, project| policy.give_project_role(&owner, target, project, ProjectRole::Reviewer);
    assert!(give(&target, here).is_ok());
    assert_eq!(refusal(give(&target, there)), outside);
    assert_eq!(refusal(give(&theirs, here)), absent);
    assert_eq!(refusal(policy.take_back_project_role(&owner, &target, there)), outside);
    let link = || Invitation::new(ELSEWHERE, "token").unwrap();
    assert_eq!(refusal(policy.read_invitation(&owner, &link())), outside);
    assert_eq!(refusal(policy.reset_invitation(&owner, link(), "new")), outside);
    let token = (Refusal::InvalidToken, 404);
    for by in [Applicant::Anonymous(ME), Applicant::Subject(&owner)] {
        assert_eq!(refusal(policy.sign_up(by, Some(&link()), "token", None)), token);
    }
}

#[test]
fn list_and_detail_differ() {
    for subject in subjects() {
        for action in Action::ALL {
            let filter = subject.filter(action);
            // The detail: one row that was loaded.
            let mut details = vec![false; 1 << oracle::FACTS.len()];
            for facts in Facts::ALL {
                let case = format_args!("{subject:?} {action} {facts}");
                let detail = may(&subject, action, facts);
                details[usize::from(facts.bits())] = detail;
                assert_eq!(filter.matches(facts), detail, "{case}");
                let task = row::<TaskId<u32>>(facts);
                let detail = authorize(&subject, action, task).is_ok();
                assert_eq!(subject.can(action, task), detail, "{case}");
                assert_eq!(subject.decide(action, task).is_ok(), detail, "{case}");
                let is_done_to_it = action.kind() == Kind::Task;
                assert_eq!(subject.actions(task).has(action), detail && is_done_to_it, "{case}");
            }
            // The list in what is known already, or its denial.
            for kind in Kind::ALL {
                for known in all_known(kind) {
                    let case = format_args!("{subject:?} {action} within {kind}: {known}");
                    let list = of_kind!(kind, HERE, ME, known, row => {
                        let list = subject.authorize_list_of(action, row);
                        list.map(|list| list.ok().map(|list| Condition::read(list.condition())))
                    });
                    let Some(list) = list else { continue };
                    for bits in oracle::inside(name(kind), known.bits()) {
                        let shown = list.as_ref().is_some_and(|list| list.matches(bits));
                        assert_eq!(shown, details[usize::from(bits)], "{case}");
                    }
                }
            }
        }
    }
}

/// What is not there, what is another's, and what is hidden have the same answer, for rows of the kind and the
/// lists within them.
fn existence(subject: &Subject<u32>, action: Action, kind: Kind) {
    let said = |denied: Denied| (denied.answer().status(), denied.answer().text());
    let absent = (404, "not found");
    // The answers to a decision and to a list, if there is one.
    let answers = |organization, user, facts| {
        of_kind!(kind, organization, user, facts, row => {
            let list = subject.authorize_list_of(action, row);
            (subject.decide(action, row).map(drop), list.map(|list| list.map(drop)))
        })
    };
    let missing = of_kind!(kind, HERE, ME, Facts::none(), row => {
        let missing = Some(row).filter(|_| false);
        let list = subject.authorize_list_of(action, missing);
        (subject.decide(action, missing).map(drop), list.map(|list| list.map(drop)))
    });
    let hidden = |(decision, list): (Result<(), Denied>, Option<Result<(), Denied>>),
                  case: fmt::Arguments<'_>| {
        assert_eq!(decision.map_err(said), Err(absent), "{case}");
        assert!(list.is_none_or(|list| list.map_err(said) == Err(absent)), "{case}");
    };
    hidden(missing, format_args!("{subject:?} {action} {kind}"));
    for facts in all_known(kind) {
        let case = format_args!("{subject:?} {action} {kind} {facts}");
        for (organization, user) in [(ELSEWHERE, ME), (HERE, YOU), (ELSEWHERE, YOU)] {
            hidden(answers(organization, user, facts), case);
        }
        // 403 where the view of the thing is permitted, and only there.
        let guard = oracle::guard(action.key()).map(|key| key.parse::<Action>().unwrap());
        let seen = of_kind!(kind, HERE, ME, facts, row => {
            guard.is_none_or(|guard| subject.can(guard, row))
        });
        let expected = if seen { (403, "forbidden") } else { absent };
        let (decision, list) = answers(HERE, ME, facts);
        if let Err(denied) = decision {
            assert_eq!(said(denied), expected, "{case}");
        }
        if let Some(Err(denied)) = list {
            assert_eq!(said(denied), expected, "{case}");
        }
    }
}

#[test]
fn existence_is_leaked_by_403() {
    for subject in subjects() {
        for kind in Kind::ALL {
            for action in Action::ALL {
                existence(&subject, action, kind);
            }
        }
    }
    // Members too: those who may not see the People page learn nothing of who is there.
    let policy = MembershipPolicy::new(HERE);
    for subject in subjects() {
        let sees = subject.can(Action::ViewPeoplePage, subject.own_organization());
        let said = |found: Result<(), Refused>| found.map_err(|refused| refused.answer().status());
        let assign = |target: Option<&Member<u32>>, role| {
            said(policy.assign(&subject, target, role).map(drop))
        };
        let remove = |target: Option<&Member<u32>>| said(policy.remove(&subject, target).map(drop));
        let heir = |target: Option<&Member<u32>>| said(policy.transfer(&subject, target).map(drop));
        for role in Role::ALL {
            let (here, theirs) = (member(YOU, role), member(YOU, role));
            let theirs = Member { organization: ELSEWHERE, ..theirs };
            let theirs = Some(&theirs);
            for new in Role::ALL {
                // A right that depends on the target's role is not a way to ask for it.
                assert_eq!(assign(theirs, new), assign(None, new), "{subject:?}");
            }
            assert_eq!(remove(theirs), remove(None), "{subject:?}");
            assert_eq!(heir(theirs), heir(None), "{subject:?}");
            if !sees {
                for found in [remove(Some(&here)), heir(Some(&here)), heir(None), remove(None)] {
                    assert!(found.is_ok() || found == Err(404), "{subject:?} {found:?}");
                }
            }
        }
    }
}

/// Spellings that are taken for a word elsewhere.
fn nearly(word: &str) -> Vec<String> {
    let mut all = vec![
        word.to_uppercase(),
        word.to_lowercase(),
        format!("{word} "),
        format!(" {word}"),
        format!("{word}\0"),
        format!("{word}\n"),
        format!("{word},{word}"),
        format!("{word}s"),
        word[..word.len() - 1].to_owned(),
        word.replace('.', "_"),
        word.replace('.', ":"),
        word.replace('_', "-"),
        "*".to_owned(),
        "all".to_owned(),
        "admin".to_owned(),
        "null".to_owned(),
        "0".to_owned(),
        String::new(),
    ];
    all.retain(|text| text != word);
    all
}

#[test]
fn an_unknown_role_or_action_falls_open() {
    fn refused<T: DeserializeOwned>(words: &[&str], parses: impl Fn(&str) -> bool) {
        for word in words {
            assert!(parses(word), "{word}");
            for text in nearly(word).iter().filter(|text| !words.contains(&text.as_str())) {
                assert!(!parses(text), "{text:?}");
                let json = serde_json::to_string(text).unwrap();
                assert!(serde_json::from_str::<T>(&json).is_err(), "{text:?}");
            }
        }
        for json in ["null", "0", "true", "{}", "[]", "-1"] {
            assert!(serde_json::from_str::<T>(json).is_err(), "{json}");
        }
    }
    let actions = oracle::TABLE.map(|row| row.1);
    let facts = oracle::FACTS.map(|fact| fact.0);
    refused::<Role>(&oracle::CODES, |text| text.parse::<Role>().is_ok());
    refused::<ProjectRole>(&["AN", "RE"], |text| text.parse::<ProjectRole>().is_ok());
    refused::<Action>(&actions, |text| text.parse::<Action>().is_ok());
    refused::<Fact>(&facts, |text| text.parse::<Fact>().is_ok());
    let scopes = ["own", "own_permitted", "project", "workspace", "organization"];
    refused::<Scope>(&scopes, |text| text.parse::<Scope>().is_ok());

    // One that is unknown does not leave the others.
    for text in [r#"["data.view", "*"]"#, r#"["data.view", null]"#, r#""data.view""#] {
        assert!(serde_json::from_str::<Actions>(text).is_err(), "{text}");
    }
    assert!(serde_json::from_str::<Facts>(r#"["project_member", "owner"]"#).is_err());
    assert!(serde_json::from_str::<ScopeCtx>(r#"{"organization": true, "root": true}"#).is_err());
    assert!(serde_json::from_str::<Overrides>(r#"[{"permission": "*", "roles": []}]"#).is_err());

    // Bits that are nothing add nothing.
    for bits in (Fact::COUNT..63).map(|bit| 1 << bit).chain([-1, i64::MIN, i64::MAX]) {
        assert_eq!(Facts::from_bits(bits), Err(InvalidFacts::Unknown { bits }));
    }
    let unknown = Actions::from_bits_retain(!Actions::all().bits());
    let wild = Scopes::from_bits_retain(!Scopes::all().bits());
    assert_eq!(ScopeCtx::from_scopes(wild), Ok(ScopeCtx::outside()));
    for role in active() {
        assert!(me(role).limited_to(unknown).limit().is_empty());
        for action in Action::ALL {
            let matrix = Matrix::BUILT_IN.with_cell(role, action, wild).unwrap();
            for ctx in ScopeCtx::ALL {
                assert!(!matrix.can(role, action, ctx) && !matrix.actions(role, ctx).has(action));
            }
            // An annotator or reviewer may count as the other of the two.
            let other = role.is_project_bound() && action.kind() >= Kind::Project;
            assert!(other || me(role).with_matrix(matrix).filter(action).is_nothing());
        }
    }
    let wild = Roles::from_bits_retain(!Roles::all().bits());
    let nobody = Override { permission: Action::ExportData, roles: Roles::empty() };
    let (wild, nobody) = (Override { roles: wild, ..nobody }, Overrides::new([nobody]).unwrap());
    assert_eq!(Overrides::new([wild]).map(|set| set.matrix()), Ok(nobody.matrix()));
}

#[test]
fn an_empty_list_falls_open() {
    for matrix in matrices() {
        for role in Role::ALL {
            // A token with no actions is not a token without a limit.
            let subject = me(role).with_matrix(matrix).limited_to(Actions::empty());
            assert!(subject.limit().is_empty());
            for action in Action::ALL {
                let filter = subject.filter(action);
                assert!(filter.is_nothing() && !filter.is_everything());
                assert_eq!((filter.alternatives().count(), filter.count(&Facts::ALL)), (0, 0));
                for facts in Facts::ALL {
                    nothing(
                        &subject,
                        action,
                        (HERE, ME, facts),
                        format_args!("{subject:?} {action} {facts}"),
                    );
                }
                let audit = subject.decide(action, subject.own_organization()).unwrap_err().audit();
                assert_eq!(audit.limit, Some(Actions::empty()));
                let wire = serde_json::to_value(audit).unwrap();
                assert_eq!(wire["limit"], serde_json::json!([]));
            }
            // No scopes are nothing that everybody holds, neither as a cell nor as a context.
            for action in Action::ALL {
                assert!(!matrix.can(role, action, ScopeCtx::from_scopes(Scopes::empty()).unwrap()));
                let Ok(matrix) = matrix.with_cell(role, action, Scopes::empty()) else { continue };
                for ctx in ScopeCtx::ALL {
                    assert!(!matrix.can(role, action, ctx));
                }
                let subject = me(role).with_matrix(matrix);
                let other = role.is_project_bound() && action.kind() >= Kind::Project;
                assert!(other || subject.filter(action).is_nothing(), "{role} {action}");
            }
        }
    }
    // No facts: no more than what one's organization gives.
    for role in Role::ALL {
        for action in Action::ALL {
            let given = oracle::cell(role.code(), action.key()) == "G";
            assert_eq!(may(&me(role), action, Facts::none()), given, "{role} {action}");
        }
    }
    // Nobody named in an override is nobody, and not everybody.
    for action in Action::ALL {
        let none = Override { permission: action, roles: Roles::empty() };
        let Ok(set) = Overrides::new([none]) else { continue };
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Owner) {
            assert!(set.matrix().scopes(role, action).is_empty(), "{role} {action}");
        }
    }
    // A plan of nothing does nothing.
    let plan = MembershipPolicy::new(HERE).plan(&me(Role::Owner), &[]);
    assert!(plan.unwrap().into_change().is_empty());
}

#[test]
fn a_lookup_that_failed_falls_open() {
    for subject in subjects() {
        for action in Action::ALL {
            // Whatever could not be read, nothing is permitted for it.
            for facts in Facts::ALL {
                for fact in facts.elements() {
                    let less = Facts::from_bits((facts.bits() & !fact.bit()).into()).unwrap();
                    let may_with_less = may(&subject, action, less);
                    assert!(
                        may(&subject, action, facts) || !may_with_less,
                        "{subject:?} {action} {less}; {facts}"
                    );
                }
            }
            // No row is no permission, to nobody.
            let none: Option<Task> = None;
            assert!(!subject.can(action, none) && !subject.actions(none).has(action));
            assert!(!subject.actions_in(none).has(action));
            assert!(subject.decide(action, none).is_err());
            assert!(subject.authorize(act::ViewProject, none).is_err());
            assert!(subject.authorize_list_of(action, none).is_none_or(|list| list.is_err()));
            assert!(subject.authorize_list_in(act::ViewProjectData, none).is_err());
        }
    }
    // What somebody acts as in a project is not guessed from what they are outside of it.
    for role in [Role::Annotator, Role::Reviewer] {
        for facts in Facts::ALL {
            let told = facts.has(Fact::ActsAsAnnotator) || facts.has(Fact::ActsAsReviewer);
            for action in Action::ALL.into_iter().filter(|action| action.kind() >= Kind::Project) {
                assert!(told || !may(&me(role), action, facts), "{role} {action} {facts}");
            }
        }
    }
    // Overrides that can no longer be built are an error, and not the matrix as it was.
    for kept in ["", "null", "{}", r#"[{"permission": "data.view", "roles": ["AD"]}]"#] {
        assert!(serde_json::from_str::<Overrides>(kept).is_err(), "{kept}");
    }
    // An absent member is nobody to act on, and an absent project nowhere.
    let (policy, owner) = (MembershipPolicy::new(HERE), me(Role::Owner));
    let absent = (Refusal::NotAMember, 404);
    for role in Role::ALL {
        assert_eq!(refusal(policy.assign(&owner, None, role)), absent);
    }
    assert_eq!(refusal(policy.remove(&owner, None)), absent);
    assert_eq!(refusal(policy.transfer(&owner, None)), absent);
    let nowhere: Option<Project> = None;
    let (target, outside) = (member(YOU, Role::Annotator), (Refusal::OtherOrganization, 404));
    let given = policy.give_project_role(&owner, &target, nowhere, ProjectRole::Reviewer);
    assert_eq!(refusal(given), outside);
    assert_eq!(refusal(policy.take_back_project_role(&owner, &target, nowhere)), outside);
}

#[test]
fn power_ordered_by_position() {
    // Each role in turn may do everything, and each other one nothing but to give out roles.
    for strong in active() {
        let rows = active().flat_map(|role| {
            Action::ALL.map(|action| {
                let has = role == strong || RIGHTS.contains(&action);
                (role, action, if has { Scopes::Organization } else { Scopes::empty() })
            })
        });
        let matrix = cells(rows);
        for (role, other) in active().flat_map(|role| active().map(move |other| (role, other))) {
            let above = role == strong || other != strong;
            assert_eq!(matrix.dominates(role, other), above, "{role} {other}");
            let subject = me(role).with_matrix(matrix);
            let policy = MembershipPolicy::new(HERE);
            let made = policy.assign(&subject, &member(YOU, Role::NotActivated), other);
            let owner = other == Role::Owner;
            assert_eq!(made.is_ok(), above && !owner, "{role} makes somebody {other}");
            let shut = policy.assign(&subject, &member(YOU, other), Role::Deactivated);
            assert_eq!(shut.is_ok(), above && !owner, "{role} shuts {other} out");
            assert_eq!(policy.remove(&subject, &member(YOU, other)).is_ok(), above && !owner);
            // One's own level is that of those who may do the same, whatever their names are.
            let strict = policy.assigns_same_level(false);
            let lower = above && !matrix.dominates(other, role);
            let made = strict.assign(&subject, &member(YOU, Role::NotActivated), other);
            assert_eq!(made.is_ok(), lower && !owner, "{role} makes somebody {other}");
        }
    }
}

/// A store of one organization in which somebody has all there is to have, there and elsewhere.
fn store_with(role: Role) -> Store {
    let has = |organization, what| Has {
        organization,
        user: YOU,
        what,
        in_project: (what == MemberData::ProjectRoles).then_some((5, ProjectRole::Reviewer)),
    };
    let organization = store::StoredOrganization {
        id: HERE,
        default_role: Role::NotActivated,
        token: "token".to_owned(),
    };
    let all = [HERE, ELSEWHERE].into_iter();
    Store {
        organizations: vec![organization],
        members: vec![member(ME, Role::Owner), member(YOU, role)],
        has: all.flat_map(|id| MemberData::ALL.map(|what| has(id, what))).collect(),
    }
}

/// What somebody has here.
fn had(store: &Store) -> MemberDataSet {
    let here = store.has.iter().filter(|has| has.organization == HERE && has.user == YOU);
    here.map(|has| has.what).collect()
}

/// Elsewhere, nothing is taken away.
fn elsewhere(store: &Store) -> usize {
    store.has.iter().filter(|has| has.organization == ELSEWHERE).count()
}

#[test]
fn a_project_role_or_a_token_survives_promotion_or_reactivation() {
    let (owner, policy) = (me(Role::Owner), MembershipPolicy::new(HERE));
    let directory = Actor::source(&HERE, RoleSource::Scim, &Matrix::BUILT_IN);
    let bound = |role: Role| ["AN", "RE"].contains(&role.code());
    for was in Role::ALL {
        for now in Role::ALL {
            let row = member(YOU, was);
            let mut stores = Vec::new();
            for by in [Actor::from(&owner), directory] {
                if let Ok(change) = policy.assign(by, &row, now) {
                    let mut store = store_with(was);
                    store.assign(change);
                    stores.push(store);
                }
                if let Ok(change) = policy.plan(by, &[(row, Some(now))]) {
                    let mut store = store_with(was);
                    store.plan(change);
                    stores.push(store);
                }
            }
            if now == Role::Owner
                && let Ok(change) = policy.transfer(&owner, &row)
            {
                let mut store = store_with(was);
                store.transfer(change);
                stores.push(store);
            }
            let kept = was == now || (bound(was) && bound(now));
            for store in stores {
                assert_eq!(store.find(HERE, YOU).unwrap().role, now);
                assert_eq!(had(&store).has(MemberData::ProjectRoles), kept, "{was} {now}");
                let signed_in = was == now || now.code() != "DI";
                for credential in [MemberData::Sessions, MemberData::ApiTokens] {
                    assert_eq!(had(&store).has(credential), signed_in, "{was} {now}");
                }
                assert_eq!(elsewhere(&store), MemberData::COUNT);
            }
        }
    }
    // And it counts for nothing meanwhile, had a store left it there.
    for role in Role::ALL.into_iter().filter(|role| !bound(*role)) {
        assert_eq!(role.project_role(&[ProjectRole::Reviewer]), None);
        for facts in Facts::ALL {
            let role_alone = Facts::from_iter(
                facts
                    .elements()
                    .filter(|fact| ![Fact::ActsAsAnnotator, Fact::ActsAsReviewer].contains(fact)),
            );
            let (with, without) = (rows::may(&me(role), facts), rows::may(&me(role), role_alone));
            assert_eq!(with, without, "{role} {facts}");
        }
    }
}

#[test]
fn a_removed_member_comes_back_with_what_they_had() {
    let owner = me(Role::Owner);
    let directory = Actor::source(&HERE, RoleSource::Ldap, &Matrix::BUILT_IN);
    for role in Role::ALL {
        for default_role in Role::ALL {
            let policy = MembershipPolicy::new(HERE).with_default_role(default_role);
            let Ok(policy) = policy else { continue };
            let row = member(YOU, role);
            let mut stores = Vec::new();
            for by in [Actor::from(&owner), directory] {
                if let Ok(change) = policy.remove(by, &row) {
                    assert_eq!(change.change().returns_as, default_role);
                    let mut store = store_with(role);
                    store.remove(change);
                    stores.push(store);
                }
                if let Ok(change) = policy.plan(by, &[(row, None)]) {
                    let mut store = store_with(role);
                    store.plan(change);
                    stores.push(store);
                }
            }
            assert_eq!(stores.len(), if role == Role::Owner { 0 } else { 4 });
            let invitation = Invitation::new(HERE, "token").unwrap();
            let by = Applicant::Anonymous(YOU);
            let sign_up =
                |token, row: Option<&_>| policy.sign_up(by, Some(&invitation), token, row);
            // Nobody comes back while they are still there, such as who was deactivated.
            let refused = refusal(sign_up("token", Some(&row)));
            assert_eq!(refused, (Refusal::AlreadyAMember, 409));
            for mut store in stores {
                assert_eq!((store.find(HERE, YOU), had(&store)), (None, MemberDataSet::empty()));
                store.sign_up(sign_up("token", None).unwrap());
                let back = store.find(HERE, YOU).unwrap();
                assert_eq!((back.role, back.source), (default_role, RoleSource::Manual));
                assert_eq!(
                    (had(&store), elsewhere(&store)),
                    (MemberDataSet::empty(), MemberData::COUNT)
                );
            }
            // Nor at all, once the link was reset.
            let reset = policy.reset_invitation(&owner, invitation, "new").unwrap();
            let new = Invitation::new(HERE, reset.into_change().token).unwrap();
            let refused = refusal(policy.sign_up(by, Some(&new), "token", None));
            assert_eq!(refused, (Refusal::InvalidToken, 404));
        }
    }
}

#[test]
fn a_sandbox_seen_by_another() {
    // What a service adds up of a workspace: a sandbox is of whoever created it, and of no member.
    let facts = |created_by: Option<UserId<u32>>, is_member: bool, is_sandbox: bool| {
        Facts::none()
            .with_if(Fact::WorkspaceCreator, created_by == Some(ME))
            .with_if(Fact::WorkspaceMember, is_member && !is_sandbox)
    };
    let none = facts(None, false, false);
    for created_by in [None, Some(YOU)] {
        for is_member in [true, false] {
            let sandbox = facts(created_by, is_member, true);
            for role in Role::ALL {
                for action in Action::ALL {
                    // Somebody else's is a workspace that one has nothing to do with, in all it holds.
                    let subject = me(role);
                    let by = |facts: Facts| {
                        let project = row::<ProjectId<u32>>(facts.with(Fact::ProjectMember));
                        let workspace = row::<WorkspaceId<u32>>(facts);
                        (subject.decide(action, workspace), subject.decide(action, project))
                    };
                    assert_eq!(by(sandbox), by(none), "{role} {action}");
                    if role.is_project_bound() && action.kind() >= Kind::Workspace {
                        let denied = subject.decide(action, row::<WorkspaceId<u32>>(sandbox));
                        assert_eq!(
                            denied.unwrap_err().answer(),
                            Answer::NotFound,
                            "{role} {action}"
                        );
                    }
                }
            }
        }
    }
    // One's own, and a shared workspace, are seen.
    for seen in [facts(Some(ME), false, true), facts(Some(YOU), true, false)] {
        assert!(me(Role::Annotator).can(Action::ViewWorkspace, row::<WorkspaceId<u32>>(seen)));
    }
}

#[test]
fn the_wrong_verb() {
    // What is taken from one cell is missed by its own action alone.
    for role in active() {
        for action in Action::ALL {
            let (built_in, matrix) = (me(role), cells([(role, action, Scopes::empty())]));
            let changed = built_in.with_matrix(matrix);
            for other in Action::ALL.into_iter().filter(|other| *other != action) {
                assert_eq!(changed.filter(other), built_in.filter(other), "{role} {other}");
                for facts in Facts::ALL {
                    let (may, might) = (may(&changed, other, facts), may(&built_in, other, facts));
                    assert_eq!(may, might, "{role} {other} {facts}");
                }
            }
            // Nor does a token for one action do another.
            let guarded =
                Actions::of(action) | action.guard().map_or(Actions::empty(), Actions::of);
            let limited = built_in.limited_to(guarded);
            for facts in Facts::ALL {
                let may = rows::may(&limited, facts);
                assert!(guarded.contains(may), "{role} {action} {facts}");
            }
        }
    }
    // What is not known from a row does not count for it, nor for what is in it.
    for by in Role::ALL.map(me) {
        for action in Action::ALL {
            for kind in Kind::ALL {
                for facts in Facts::ALL {
                    let bits = oracle::known(name(kind), facts.bits());
                    let expected = oracle::may(by.role().code(), action.key(), Some(bits));
                    let case = format_args!("{by:?} {action} {kind} {facts}");
                    of_kind!(kind, HERE, ME, facts, row => {
                        assert_eq!(by.can(action, row), expected, "{case}");
                        assert_eq!(authorize(&by, action, row).is_ok(), expected, "{case}");
                    });
                    let may = |bits| oracle::may(by.role().code(), action.key(), Some(bits));
                    let is_listed = oracle::lists(name(kind), action.key()).is_some();
                    // The last of the tests is dear, and the same for facts that differ in others.
                    if bits == facts.bits() && is_listed {
                        let any = oracle::inside(name(kind), bits).any(may);
                        let list = of_kind!(kind, HERE, ME, facts, row => by.actions_in(row));
                        assert_eq!(list.has(action), any, "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_cached_row_of_somebody_else() {
    for subject in subjects() {
        for facts in Facts::ALL {
            let yours: Task = row_of(HERE, YOU, facts);
            for action in Action::ALL {
                let case = format_args!("{subject:?} {action} {facts}");
                nothing(&subject, action, (HERE, YOU, facts), case);
                let denied = subject.decide(action, yours).unwrap_err();
                assert!(denied.is_hidden() && denied.held().is_empty(), "{case}");
                assert_eq!(denied.audit().facts, None, "{case}");
                assert_eq!(subject.explain(action, yours).count(), 0, "{case}");
                if !powerless(subject.role()) {
                    assert_eq!(denied.reason(), Reason::OtherUser, "{case}");
                }
            }
        }
    }
    // The row of a membership, too: signing up is not decided on somebody else's.
    let invitation = Invitation::new(HERE, "token").unwrap();
    for role in Role::ALL {
        let yours = member(YOU, role);
        let (policy, by) = (MembershipPolicy::new(HERE), Applicant::Anonymous(ME));
        let found = policy.sign_up(by, Some(&invitation), "token", Some(&yours));
        assert_eq!(refusal(found), (Refusal::OtherOrganization, 404));
    }
}

#[test]
fn a_log_that_contradicts_the_decision() {
    let mut records = HashMap::new();
    for subject in subjects() {
        for action in Action::ALL {
            for facts in Facts::ALL {
                let rows: [Task; 3] =
                    [row(facts), row_of(ELSEWHERE, ME, facts), row_of(HERE, YOU, facts)];
                for row in rows {
                    let (may, permit) =
                        (subject.can(action, row), authorize(&subject, action, row));
                    let case = format_args!("{subject:?} {action} {row:?}");
                    let reason = permit.err().map(|denied| denied.reason());
                    let audit = permit.unwrap_or_else(|denied| denied.audit());
                    assert_eq!((audit.allowed, audit.reason), (may, reason), "{case}");
                    assert_eq!((audit.role, audit.action), (subject.role(), action), "{case}");
                    let is_seen = row.organization() == &HERE && row.user() == &ME;
                    let expected = is_seen.then_some(row.facts());
                    assert_eq!(audit.facts, expected, "{case}");
                    if facts.bits() % 151 == 1 {
                        records.insert(audit, *subject.matrix());
                    }
                }
            }
        }
    }
    // The same question has one answer in a log, and only by the matrix that gave it.
    for (audit, matrix) in records {
        let matrices = matrices();
        let agreed = matrices.iter().filter(|matrix| audit.agrees_with(matrix));
        assert_eq!(agreed.collect::<Vec<_>>(), [&matrix], "{audit:?}");
        let forge = |allowed, reason| {
            let mut forged = audit;
            (forged.allowed, forged.reason) = (allowed, reason);
            forged != audit && forged.agrees_with(&matrix)
        };
        assert!(!forge(!audit.allowed, audit.reason) && !forge(true, None), "{audit:?}");
        for reason in Reason::ALL {
            // Why a row was not seen, nothing else in the record tells.
            let other = audit.facts.is_none() && !powerless(audit.role);
            assert!(other || !forge(false, Some(reason)), "{audit:?} {reason}");
            assert!(!forge(true, Some(reason)), "{audit:?} {reason}");
        }
        assert!(!forge(false, None), "{audit:?}");
    }
    // A log of memberships says what was approved, or why not.
    let policy = MembershipPolicy::new(HERE);
    for subject in subjects() {
        for (was, now) in Role::ALL.into_iter().flat_map(|was| Role::ALL.map(|now| (was, now))) {
            let found = policy.assign(&subject, &member(YOU, was), now);
            let audit: MembershipAudit =
                found.as_ref().map_or_else(Refused::audit, |yes| yes.audit());
            assert_eq!(audit.allowed, found.is_ok());
            assert_eq!(audit.refusal, found.as_ref().err().map(Refused::refusal));
            assert_eq!((audit.before, audit.after), (Some(was), Some(now)));
            assert_eq!(audit.role, Some(subject.role()));
            assert_eq!(audit.matrix, Some(subject.matrix().fingerprint()));
            if let Ok(change) = found {
                assert_eq!((change.change().was, change.change().member.role), (was, now));
            }
        }
    }
}
