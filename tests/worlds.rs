//! Does the crate find in generated worlds what a naive model finds that walks the same tables, whether
//! it starts from ids or from rows with their facts?

mod common;

use common::tables::{Thing, World, text_id};
use labelgate::resource::{
    InProject, InWorkspace, Organization, Project, ProjectId, RecordId, Resource, Seen, TaskId,
    WorkspaceId,
};
use labelgate::{
    Action, Facts, Kind, OrganizationId, ProjectRole, Reason, Role, Subject, UserId, act,
};

/// What is asked of a resource, whatever its type.
trait Visitor<T> {
    type Answer;
    fn visit(&self, resource: &impl Resource<Id = T, UserId = T>) -> Self::Answer;
}

/// Hands the visitor the thing, put together from ids as a service would.
fn visit<T: Clone + PartialEq, V: Visitor<T>>(
    world: &World,
    user: i64,
    role: Role,
    thing: Thing,
    name: impl Fn(i64) -> T,
    visitor: &V,
) -> V::Answer {
    let place = Organization::seen_by(
        OrganizationId(name(world.organization_of(thing).unwrap())),
        UserId(name(user)),
    );
    let by = |creator: Option<i64>| creator.map(|user| UserId(name(user)));
    let workspace = |id: i64| {
        let row = world.workspace(id).unwrap();
        let mut members = world.workspace_members.iter();
        let is_member = members.any(|row| row.workspace_id == id && row.user_id == user);
        let in_workspace =
            InWorkspace { created_by: by(row.created_by), is_member, is_sandbox: row.is_personal };
        place.clone().workspace(WorkspaceId(name(id)), in_workspace)
    };
    let project = |id: i64| -> Project<T> {
        let row = world.project(id).unwrap();
        let mine = |project: i64, of: i64| project == id && of == user;
        let roles: Vec<ProjectRole> = world
            .project_roles
            .iter()
            .filter(|row| mine(row.project_id, row.user_id))
            .map(|row| row.role.parse().unwrap())
            .collect();
        let in_project = InProject {
            created_by: by(row.created_by),
            is_member: world.project_members.iter().any(|row| mine(row.project_id, row.user_id)),
            has_tasks: world.task_assignees.iter().any(|row| mine(row.project_id, row.user_id)),
            acts_as: role.acts_as(&roles),
            own_data_permitted: row.show_annotation_history,
        };
        // A workspace of another organization is none.
        let near = row
            .workspace_id
            .filter(|&id| world.workspace(id).unwrap().organization_id == row.organization_id);
        match near {
            Some(near) => workspace(near).project(ProjectId(name(id)), in_project),
            None => place.clone().project(ProjectId(name(id)), in_project),
        }
    };
    match thing {
        Thing::Organization(_) => visitor.visit(&place),
        Thing::Workspace(id) => visitor.visit(&workspace(id)),
        Thing::Project(id) => visitor.visit(&project(id)),
        Thing::Task(id) => {
            let assignees = world.task_assignees.iter().filter(|row| row.task_id == id);
            let assignees: Vec<_> = assignees.map(|row| UserId(name(row.user_id))).collect();
            let project = project(world.task(id).unwrap().project_id);
            visitor.visit(&project.task(TaskId(name(id)), &assignees))
        }
        Thing::Annotation(id) => {
            let row = world.annotation(id).unwrap();
            let people: Vec<_> = by(row.completed_by).into_iter().collect();
            let project = project(world.task(row.task_id).unwrap().project_id);
            visitor.visit(&project.record(RecordId(name(id)), &people))
        }
    }
}

/// All that a subject may do, asked in every way.
struct Asks<T>(Subject<T>);

impl<T: PartialEq + Clone> Visitor<T> for Asks<T> {
    type Answer = (Facts, Vec<bool>);

    fn visit(&self, resource: &impl Resource<Id = T, UserId = T>) -> Self::Answer {
        let Self(subject) = self;
        let actions = subject.actions(resource);
        let answers = Action::ALL.map(|action| {
            let answer = subject.can(action, resource);
            assert_eq!(actions.has(action), answer);
            assert_eq!(subject.decide(action, resource).is_ok(), answer);
            assert_eq!(subject.can(action, Some(resource)), answer);
            let filter = subject.filter(action);
            assert_eq!(subject.matches(&filter, resource), answer);
            assert_eq!(subject.permitted(action, [resource]).count(), usize::from(answer));
            let mut rows = vec![resource, resource];
            subject.retain(action, &mut rows);
            assert_eq!(rows.len(), 2 * usize::from(answer));
            answer
        });
        // One that annotators and reviewers differ in.
        let decision = subject.decide(Action::ReviewAnnotations, resource);
        let permit = subject.authorize(act::ReviewAnnotations, resource);
        match (decision, permit) {
            (Ok(granted), Ok(permit)) => {
                assert_eq!(permit.granted(), granted);
                assert_eq!(permit.audit(), granted.audit());
                assert!(permit.user() == subject.user());
                assert!(permit.organization() == subject.organization());
            }
            (Err(denied), Err(other)) => assert_eq!(denied, other),
            _ => panic!("two answers to one question"),
        }
        (resource.seen().facts, answers.to_vec())
    }
}

fn check<T: Clone + PartialEq>(world: &World, name: impl Fn(i64) -> T + Copy) {
    for member in &world.organization_members {
        let (organization, user) = (member.organization_id, member.user_id);
        let role: Role = member.role.parse().unwrap();
        let subject = Subject::new(OrganizationId(name(organization)), UserId(name(user)), role);
        for thing in world.things() {
            let (facts, answers) = visit(world, user, role, thing, name, &Asks(subject.clone()));
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

/// A row whose ids are borrowed, asked about by a subject that owns its own.
struct Borrowed<'a> {
    organization: OrganizationId<&'a str>,
    user: UserId<u8>,
    facts: Facts,
}

impl<'a> Resource for Borrowed<'a> {
    type Id = &'a str;
    type UserId = u8;
    const KIND: Kind = Kind::Project;

    fn seen(&self) -> Seen<'_, &'a str, u8> {
        Seen { organization: &self.organization, user: &self.user, facts: self.facts }
    }
}

#[test]
fn ids_may_be_borrowed_and_of_two_types() {
    let subject: Subject<String, u8> =
        Subject::new(OrganizationId("acme".to_owned()), UserId(7), Role::Owner);
    let row = |organization, user| Borrowed {
        organization: OrganizationId(organization),
        user: UserId(user),
        facts: Facts::none(),
    };
    assert!(subject.can(Action::ExportData, row("acme", 7)));
    assert!(!subject.can(Action::ExportData, row("bolt", 7)));
    assert!(!subject.can(Action::ExportData, row("acme", 8)));
}

#[test]
fn creators_and_workspaces_may_be_absent() {
    let (acme, me) = (OrganizationId(1), UserId(7));
    let subject = Subject::new(acme, me, Role::Manager);
    let place = InProject {
        created_by: None,
        is_member: false,
        has_tasks: false,
        acts_as: None,
        own_data_permitted: false,
    };
    let project = Organization::seen_by(acme, me).project(ProjectId(1), place);
    assert!(subject.can(Action::ViewProject, project));
    assert!(!subject.can(Action::ExportData, project));
    let mine = InProject { created_by: Some(me), ..place };
    let project = Organization::seen_by(acme, me).project(ProjectId(1), mine);
    assert!(subject.can(Action::ExportData, project));
}

#[test]
fn a_sandbox_counts_for_its_user_alone() {
    let (acme, me) = (OrganizationId(1), UserId(7));
    let subject = Subject::new(acme, me, Role::Manager);
    for (created_by, is_member, is_sandbox, expected) in [
        (Some(me), false, true, true),
        (Some(UserId(8)), true, true, false),
        (None, true, true, false),
        (Some(UserId(8)), true, false, true),
        (Some(UserId(8)), false, false, false),
    ] {
        let place = InWorkspace { created_by, is_member, is_sandbox };
        let workspace = Organization::seen_by(acme, me).workspace(WorkspaceId(1), place);
        assert_eq!(subject.can(Action::ChangeWorkspace, workspace), expected);
    }
}

#[test]
fn what_is_not_found_is_answered_as_what_is_hidden() {
    for role in Role::ALL {
        let subject = Subject::new(OrganizationId(1), UserId(7), role);
        let nothing: Option<Project<i64>> = None;
        assert!(subject.actions(nothing).is_empty());
        for action in Action::ALL {
            assert!(!subject.can(action, nothing));
            let denied = subject.decide(action, nothing).unwrap_err();
            // A hidden one: of another organization.
            let elsewhere = Organization::seen_by(OrganizationId(2), UserId(7));
            let hidden = subject.decide(action, elsewhere).unwrap_err();
            assert_eq!(denied.answer(), hidden.answer());
            assert_eq!(denied.answer().text(), hidden.answer().text());
            if role.is_active() {
                assert_eq!(denied.reason(), Reason::NotFound);
            } else {
                assert_eq!(denied, hidden);
            }
            assert_eq!(subject.filter_in(action, nothing).unwrap_err(), denied);
            assert_eq!(subject.explain(action, nothing).count(), 0);
        }
        let refused = subject.authorize(act::ExportData, nothing).unwrap_err();
        assert_eq!(refused, subject.decide(Action::ExportData, nothing).unwrap_err());
    }
}
