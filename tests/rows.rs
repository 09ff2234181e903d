//! Is a row decided for its own user and organization, on what is known from a row of its kind, and in whatever
//! form a query returned it?

use std::cell::Cell;

use labelgate::decision::Granted;
use labelgate::error::InvalidFacts;
use labelgate::row::{InnerRowId, MaybeRow, RowId};
use labelgate::{
    Action, Actions, Answer, Denied, Fact, Facts, Kind, OrganizationId, ProjectId, Reason,
    RecordId, Role, Row, Subject, TaskId, UserId, WorkspaceId, act,
};
use labelgate_test_support::rows::{all_known, name};
use labelgate_test_support::{of_kind, oracle};

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);

fn me(role: Role) -> Subject<u32> {
    Subject::new(HERE, ME, role)
}

/// All 576, on all five kinds of row.
#[test]
fn a_row_keeps_the_facts_that_are_known_from_its_kind() {
    for kind in Kind::ALL {
        for facts in Facts::ALL {
            let kept = of_kind!(kind, HERE, ME, facts, row => row.facts());
            assert_eq!(kept.bits(), oracle::known(name(kind), facts.bits()), "{kind}: {facts}");
        }
    }
    // The levels are those of the page.
    for (fact, (_, level)) in Fact::ALL.into_iter().zip(oracle::FACTS) {
        assert_eq!(name(fact.level()), level);
    }
}

#[test]
fn an_assignee_is_none_of_a_record_and_an_author_none_of_a_task() {
    let ann = me(Role::Annotator);
    let acts = [Fact::ProjectMember, Fact::ProjectAssignee, Fact::ActsAsAnnotator];
    let acts: Facts = acts.into_iter().collect();
    let task = |fact| ann.row(TaskId(5), HERE, acts.with(fact)).unwrap();
    let record = |fact| ann.row(RecordId(5), HERE, acts.with(fact)).unwrap();
    let action = Action::ChangeAnnotations;
    assert!(ann.can(action, task(Fact::Assignee)) && ann.can(action, record(Fact::Author)));
    assert!(!ann.can(action, task(Fact::Author)) && !ann.can(action, record(Fact::Assignee)));
    // Who is assigned to a task has tasks in the project, and that is known from the record too.
    let none = ann.row(RecordId(5), HERE, Facts::none().with(Fact::Assignee)).unwrap();
    assert_eq!(none.facts(), Facts::none().with(Fact::ProjectAssignee));
}

/// Integers from a database and facts that were added up are the same.
#[test]
fn facts_are_said_as_an_integer_or_as_facts() {
    for facts in Facts::ALL {
        let said = me(Role::Owner).row(TaskId(5), HERE, facts);
        assert_eq!(me(Role::Owner).row(TaskId(5), HERE, i64::from(facts.bits())), said);
        assert_eq!(me(Role::Owner).row(TaskId(5), HERE, i32::from(facts.bits())), said);
        assert_eq!(Row::seen_by(ME, TaskId(5), HERE, facts), said);
    }
    let refused = me(Role::Owner).row(TaskId(5), HERE, 96);
    assert_eq!(refused, Err(InvalidFacts::Contradiction));
    // What is refused is refused whether or not it would count.
    for bits in [-1, 1 << Fact::COUNT, i64::MIN, i64::MAX] {
        let refused = Row::seen_by(ME, ProjectId(5), HERE, bits);
        assert_eq!(refused, Err(InvalidFacts::Unknown { bits }));
    }
}

fn of_user_and_organization<T, U>(
    organizations: [T; 2],
    users: [U; 2],
    project: impl Fn(&T, &U) -> Row<ProjectId<&'static str>, (), T, U>,
) where
    T: Clone + PartialEq,
    U: Clone + PartialEq,
{
    for (of_row, of_subject) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for (row_user, user) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let row = project(&organizations[of_row], &users[row_user]);
            let organization = OrganizationId(organizations[of_subject].clone());
            let owner = Subject::new(organization, UserId(users[user].clone()), Role::Owner);
            let reason = match (of_row == of_subject, row_user == user) {
                (false, _) => Some(Reason::OutsideOrganization),
                (true, false) => Some(Reason::OtherUser),
                (true, true) => None,
            };
            let found = owner.decide(Action::ExportData, &row);
            assert_eq!(found.err().map(|denied| denied.reason()), reason);
            assert_eq!(owner.can(Action::ExportData, &row), reason.is_none());
            assert_eq!(owner.actions(&row).is_empty(), reason.is_some());
            assert_eq!(owner.actions_in(&row).is_empty(), reason.is_some());
            let list = owner.authorize_list_in(act::ViewProjectData, &row);
            assert_eq!(list.err().map(|denied| denied.reason()), reason);
            let permit = owner.authorize(act::ExportData, row);
            assert_eq!(permit.err().map(|denied| denied.reason()), reason);
        }
    }
}

/// Ids of organizations, users and rows may be of three types.
#[test]
fn a_row_is_decided_for_its_user_in_its_organization() {
    of_user_and_organization([1_i64, 2], ["mia".to_owned(), "ann".to_owned()], |here, mia| {
        Row::seen_by(UserId(mia.clone()), ProjectId("cats"), OrganizationId(*here), 0).unwrap()
    });
    of_user_and_organization(["acme".to_owned(), "bolt".to_owned()], [7_u8, 8], |here, mia| {
        Row::seen_by(UserId(*mia), ProjectId("cats"), OrganizationId(here.clone()), 0).unwrap()
    });
    of_user_and_organization(["acme", "bolt"], ["mia", "ann"], |here, mia| {
        Row::seen_by(UserId(*mia), ProjectId("cats"), OrganizationId(*here), 0).unwrap()
    });
    let subject = Subject::new(OrganizationId("acme".to_owned()), UserId(7_i64), Role::Owner);
    let row = subject.row(RecordId(5_u128), subject.organization().clone(), 0).unwrap();
    let row: Row<RecordId<u128>, (), String, i64> = row;
    assert!(subject.can(Action::ChangeAnnotations, row));
}

/// An id that counts how often it is cloned.
#[derive(PartialEq, Debug)]
struct Counted<'a>(&'static str, &'a Cell<usize>);

impl Clone for Counted<'_> {
    fn clone(&self) -> Self {
        self.1.set(self.1.get() + 1);
        Self(self.0, self.1)
    }
}

impl PartialEq<&str> for Counted<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[test]
fn borrowed_ids_are_compared_without_cloning() {
    let subject = |organization: &str, user: &str| {
        Subject::new(OrganizationId(organization.to_owned()), UserId(user.to_owned()), Role::Owner)
    };
    let row = Row::seen_by(UserId("mia"), ProjectId("cats"), OrganizationId("acme"), 0).unwrap();
    assert!(subject("acme", "mia").can(Action::ExportData, row));
    assert!(subject("acme", "mia").authorize(act::ExportData, row).is_ok());
    assert!(!subject("bolt", "mia").can(Action::ExportData, row));
    assert!(!subject("acme", "ann").can(Action::ExportData, row));

    let clones = Cell::new(0);
    let (acme, mia) = (Counted("acme", &clones), Counted("mia", &clones));
    let owner = Subject::new(OrganizationId(acme), UserId(mia), Role::Owner);
    assert!(owner.can(Action::ExportData, row) && owner.decide(Action::ExportData, row).is_ok());
    assert!(owner.authorize(act::ExportData, row).is_ok());
    assert!(!owner.actions(row).is_empty() && !owner.actions_in(row).is_empty());
    assert_eq!(clones.get(), 0);
    // A listing owns whose it is.
    assert!(owner.authorize_list_in(act::ViewProjectData, row).is_ok());
    assert_eq!(clones.get(), 2);
}

#[test]
fn another_organization_is_not_found() {
    for role in Role::ALL {
        let (subject, there) = (me(role), OrganizationId(2));
        let (own, other) = (subject.own_organization(), subject.organization_row(there));
        assert_eq!(own, subject.organization_row(HERE));
        assert_eq!((own.id(), own.organization(), own.user()), (&HERE, &HERE, &ME));
        assert_eq!((other.id(), other.organization()), (&there, &there));
        assert_eq!((own.facts(), other.facts()), (Facts::none(), Facts::none()));
        assert!(subject.actions(other).is_empty() && subject.actions_in(other).is_empty());
        for action in Action::ALL {
            let denied = subject.decide(action, other).unwrap_err();
            assert_eq!(denied.answer(), Answer::NotFound, "{role} {action}");
            assert!(!role.is_active() || denied.reason() == Reason::OutsideOrganization);
            if let Some(list) = subject.authorize_list_of(action, other) {
                assert_eq!(list.unwrap_err().answer(), Answer::NotFound, "{role} {action}");
            }
            let may = oracle::may(role.code(), action.key(), Some(0));
            assert_eq!(subject.can(action, own), may, "{role} {action}");
        }
    }
}

/// What a subject answers to a question about a row.
type Answers = (bool, Result<Granted, Denied>, Actions, Actions, Result<Facts, Denied>);

fn answers<R>(subject: &Subject<u32>, action: Action, row: impl Fn() -> R) -> Answers
where
    R: MaybeRow<Organization = u32, User = u32>,
    R::Id: Clone + std::fmt::Debug + PartialEq,
{
    let known = |permitted: &R::Row| R::get(permitted).facts();
    (
        subject.can(action, row()),
        subject.decide(action, row()),
        subject.actions(row()),
        subject.actions_in(row()),
        // By a type, which gives the row back.
        subject.authorize(act::ViewProject, row()).map(|permit| known(permit.row())),
    )
}

#[test]
fn all_that_a_query_returns_has_one_answer() {
    fn check<Id: InnerRowId<Value = u32> + Copy + PartialEq + std::fmt::Debug>(id: Id, other: Id) {
        for subject in Role::ALL.map(me) {
            for facts in all_known(Id::KIND).step_by(7) {
                let row = subject.row(id, HERE, facts).unwrap();
                assert_eq!(row.id(), &id);
                for action in Action::ALL {
                    let said = answers(&subject, action, || row);
                    assert_eq!(answers(&subject, action, || &row), said);
                    assert_eq!(answers(&subject, action, || Some(row)), said);
                    assert_eq!(answers(&subject, action, || Some(&row)), said);
                    let (found, missing) = (Some(row), None::<Row<Id>>);
                    assert_eq!(answers(&subject, action, || &found), said);
                    assert_eq!(answers(&subject, action, || (id, row)), said);
                    assert_eq!(answers(&subject, action, || (id, Some(row))), said);
                    assert_eq!(answers(&subject, action, || (id, Some(&row))), said);
                    assert_eq!(answers(&subject, action, || (id, &found)), said);

                    let said = answers(&subject, action, || missing);
                    assert_eq!((said.0, said.2), (false, Actions::empty()));
                    assert!(said.1.is_err() && said.3.is_empty() && said.4.is_err());
                    assert_eq!(answers(&subject, action, || None::<&Row<Id>>), said);
                    assert_eq!(answers(&subject, action, || &missing), said);
                    assert_eq!(answers(&subject, action, || (id, missing)), said);
                    assert_eq!(answers(&subject, action, || (id, None::<&Row<Id>>)), said);
                    assert_eq!(answers(&subject, action, || (id, &missing)), said);
                }
                // The id is that of the row, and where none was found the one that was looked for.
                assert_eq!(MaybeRow::id(&(other, Some(row))), Some(&id));
                assert_eq!(MaybeRow::id(&(other, None::<Row<Id>>)), Some(&other));
                assert_eq!(MaybeRow::id(&None::<Row<Id>>), None);
                assert_eq!(MaybeRow::id(&Some(&row)), Some(&id));
            }
        }
    }
    check(WorkspaceId(5), WorkspaceId(6));
    check(ProjectId(5), ProjectId(6));
    check(TaskId(5), TaskId(6));
    check(RecordId(5), RecordId(6));
}

/// The buttons of a row, for all that can be known of it.
#[test]
fn the_actions_of_a_row_are_those_that_are_done_to_its_kind_and_permitted() {
    let limited = Actions::ViewProject | Actions::ViewProjectData | Actions::ViewWorkspace;
    for kind in Kind::ALL {
        let done_to = if kind == Kind::Record { Kind::Task } else { kind };
        let of_kind: Actions =
            Action::ALL.into_iter().filter(|a| oracle::kind(a.key()) == name(done_to)).collect();
        assert_eq!(Actions::done_to(kind), of_kind);
        for facts in Facts::ALL {
            for role in Role::ALL {
                for subject in [me(role), me(role).through_api(), me(role).limited_to(limited)] {
                    let (actions, permitted) = of_kind!(kind, HERE, ME, facts, row => {
                        let permitted = of_kind.elements().filter(|&a| subject.can(a, row));
                        (subject.actions(row), permitted.collect::<Actions>())
                    });
                    assert_eq!(actions, permitted, "{subject:?} {kind}: {facts}");
                }
            }
        }
    }
}

#[test]
fn a_row_is_its_data_and_what_is_known_of_it_stays() {
    let mia = me(Role::Manager);
    let row = mia.row(ProjectId(100), HERE, 8).unwrap();
    let named = row.with("Cats".to_owned());
    assert_eq!((named.as_str(), named.data().len()), ("Cats", 4));
    assert_eq!((named.id(), named.organization()), (row.id(), row.organization()));
    assert_eq!((named.user(), named.facts()), (row.user(), row.facts()));
    for action in Action::ALL {
        assert_eq!(mia.decide(action, &named), mia.decide(action, row));
    }
    let permit = mia.authorize(act::ExportData, named).unwrap();
    assert_eq!((permit.len(), permit.id()), (4, &ProjectId(100)));
    assert_eq!(permit.into_row().into_data(), "Cats");
    assert_eq!(ProjectId::<u32>::KIND, Kind::Project);
}
