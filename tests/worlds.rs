//! Does the crate find in generated worlds what a naive model finds that walks the same tables, whether
//! it starts from ids or from rows with their facts?

use labelgate::row::{InnerRowId, MaybeRow};
use labelgate::{
    Action, Actions, Fact, Facts, OrganizationId, ProjectId, ProjectRole, Reason, RecordId, Role,
    Row, Subject, TaskId, UserId, WorkspaceId, act,
};
use labelgate_test_support::tables::{Thing, World, text_id};

/// What a service adds up in code of a user and a thing, where it does not select it.
struct Known<'a> {
    world: &'a World,
    user: i64,
    role: Role,
}

impl Known<'_> {
    fn of(&self, thing: Thing) -> Facts {
        let (world, user) = (self.world, self.user);
        match thing {
            Thing::Organization(_) => Facts::none(),
            Thing::Workspace(id) => {
                let row = world.workspace(id).unwrap();
                let mut members = world.workspace_members.iter();
                let is_member =
                    members.any(|member| member.workspace_id == id && member.user_id == user);
                Facts::none()
                    .with_if(Fact::WorkspaceCreator, row.created_by == Some(user))
                    .with_if(Fact::WorkspaceMember, is_member && !row.is_personal)
            }
            Thing::Project(id) => {
                let row = world.project(id).unwrap();
                let mine = |project: i64, of: i64| project == id && of == user;
                let roles =
                    world.project_roles.iter().filter(|row| mine(row.project_id, row.user_id));
                let roles: Vec<ProjectRole> = roles.map(|row| row.role.parse().unwrap()).collect();
                let mut members = world.project_members.iter();
                let is_member = members.any(|row| mine(row.project_id, row.user_id));
                let mut tasks = world.task_assignees.iter();
                let has_tasks = tasks.any(|row| mine(row.project_id, row.user_id));
                // A workspace of another organization is none.
                let near = row.workspace_id.filter(|&id| {
                    world.workspace(id).unwrap().organization_id == row.organization_id
                });
                near.map_or(Facts::none(), |id| self.of(Thing::Workspace(id)))
                    .with_if(Fact::ProjectCreator, row.created_by == Some(user))
                    .with_if(Fact::ProjectMember, is_member)
                    .with_if(Fact::ProjectAssignee, has_tasks)
                    .with_if(Fact::OwnDataPermitted, row.show_annotation_history)
                    .acting_as(self.role.project_role(&roles))
            }
            Thing::Task(id) => {
                let mut rows = world.task_assignees.iter();
                let is_assignee = rows.any(|row| row.task_id == id && row.user_id == user);
                let project = self.of(Thing::Project(world.task(id).unwrap().project_id));
                project.with_if(Fact::Assignee, is_assignee)
            }
            Thing::Annotation(id) => {
                let row = world.annotation(id).unwrap();
                let project = self.of(Thing::Project(world.task(row.task_id).unwrap().project_id));
                project.with_if(Fact::Author, row.completed_by == Some(user))
            }
        }
    }
}

/// All that a subject may do with a row, asked in every way.
fn answers<T, R>(subject: &Subject<T>, row: &R) -> Vec<bool>
where
    T: PartialEq + Clone,
    R: MaybeRow<Organization = T, User = T, Row = R> + Clone,
{
    let answers = Action::ALL.map(|action| {
        let answer = subject.can(action, row.clone());
        assert_eq!(subject.decide(action, row.clone()).is_ok(), answer);
        assert_eq!(subject.can(action, Some(row.clone())), answer);
        let facts = R::get(row).facts();
        let is_here = R::get(row).organization() == subject.organization();
        assert_eq!(subject.filter(action).matches(facts) && is_here, answer);
        answer
    });
    // One that annotators and reviewers differ in.
    let decision = subject.decide(Action::ReviewAnnotations, row.clone());
    let permit = subject.authorize(act::ReviewAnnotations, row.clone());
    match (decision, permit) {
        (Ok(granted), Ok(permit)) => {
            assert_eq!(permit.granted(), granted);
            assert_eq!(permit.audit(), granted.audit());
            let row = R::get(permit.row());
            assert!(row.user() == subject.user());
            assert!(row.organization() == subject.organization());
        }
        (Err(denied), Err(other)) => assert_eq!(denied, other),
        _ => panic!("two answers to one question"),
    }
    let actions = subject.actions(row.clone());
    let kind = <R::Id as labelgate::row::RowId>::KIND;
    for (action, answer) in Action::ALL.into_iter().zip(answers) {
        assert_eq!(actions.has(action), answer && Actions::done_to(kind).has(action));
    }
    answers.to_vec()
}

/// Asks of a thing, which is a row in whatever organization it is in.
fn ask<T: Clone + PartialEq>(
    world: &World,
    subject: &Subject<T>,
    user: i64,
    thing: Thing,
    name: impl Fn(i64) -> T,
) -> (Facts, Vec<bool>) {
    let organization = OrganizationId(name(world.organization_of(thing).unwrap()));
    let facts = Known { world, user, role: subject.role() }.of(thing);
    fn row<T: Clone, Id: InnerRowId<Value = T>>(
        subject: &Subject<T>,
        id: Id,
        organization: OrganizationId<T>,
        facts: Facts,
    ) -> Row<Id> {
        subject.row(id, organization, facts).unwrap()
    }
    let answers = match thing {
        Thing::Organization(_) => answers(subject, &subject.organization_row(organization)),
        Thing::Workspace(id) => {
            answers(subject, &row(subject, WorkspaceId(name(id)), organization, facts))
        }
        Thing::Project(id) => {
            answers(subject, &row(subject, ProjectId(name(id)), organization, facts))
        }
        Thing::Task(id) => answers(subject, &row(subject, TaskId(name(id)), organization, facts)),
        Thing::Annotation(id) => {
            answers(subject, &row(subject, RecordId(name(id)), organization, facts))
        }
    };
    (facts, answers)
}

fn check<T: Clone + PartialEq>(world: &World, name: impl Fn(i64) -> T + Copy) {
    for member in &world.organization_members {
        let (organization, user) = (member.organization_id, member.user_id);
        let role: Role = member.role.parse().unwrap();
        let subject = Subject::new(OrganizationId(name(organization)), UserId(name(user)), role);
        for thing in world.things() {
            let (facts, answers) = ask(world, &subject, user, thing, name);
            if let Some(bits) = world.facts(user, organization, thing) {
                assert_eq!(facts.bits(), bits, "{member:?} {thing:?}");
            }
            for (action, answer) in Action::ALL.into_iter().zip(answers) {
                let expected = world.may(user, organization, action.key(), thing);
                assert_eq!(answer, expected, "{member:?} {action} {thing:?}");
            }
        }
    }
}

#[test]
fn the_crate_finds_what_walking_the_tables_finds() {
    for seed in 0..12 {
        check(&World::generate(seed), |id| id);
    }
}

#[test]
fn other_names_for_the_ids_change_nothing() {
    let world = World::generate(12);
    check(&world, text_id);
    check(&world, |id| id.wrapping_mul(0x9e37_79b9));
}

#[test]
fn what_is_not_found_is_answered_as_what_is_hidden() {
    for role in Role::ALL {
        let subject = Subject::new(OrganizationId(1), UserId(7), role);
        let nothing: Option<Row<ProjectId<i64>>> = None;
        assert!(subject.actions(nothing).is_empty() && subject.actions_in(nothing).is_empty());
        for action in Action::ALL {
            assert!(!subject.can(action, nothing));
            let denied = subject.decide(action, nothing).unwrap_err();
            // A hidden one: of another organization.
            let elsewhere = subject.organization_row(OrganizationId(2));
            let hidden = subject.decide(action, elsewhere).unwrap_err();
            assert_eq!(denied.answer(), hidden.answer());
            assert_eq!(denied.answer().text(), hidden.answer().text());
            if role.is_active() {
                assert_eq!(denied.reason(), Reason::NotFound);
            } else {
                assert_eq!(denied, hidden);
            }
            if let Some(list) = subject.authorize_list_of(action, nothing) {
                assert_eq!(list.unwrap_err(), denied);
            }
            assert_eq!(subject.explain(action, nothing).count(), 0);
        }
        let refused = subject.authorize(act::ExportData, nothing).unwrap_err();
        assert_eq!(refused, subject.decide(Action::ExportData, nothing).unwrap_err());
    }
}
