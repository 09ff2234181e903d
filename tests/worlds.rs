//! Does a service that hands over its ids get the answer that its database would give?

mod common;
#[path = "common/world.rs"]
mod world;

use std::collections::{BTreeSet, HashSet};

use labelgate::{
    Action, Actions, IdSet, Lists, Lookup, Matrix, Memberships, OrganizationId, ProjectId,
    RecordId, Resource, Role, ScopeCtx, Scopes, Sorted, Subject, TaskId, UserId, WorkspaceId, act,
    decide,
};
use proptest::prelude::*;
use world::{Visitor, World, worlds};

/// What a subject is and holds on a resource, and all it may do there.
#[derive(Debug, PartialEq)]
struct Standing(Role, ScopeCtx, Actions);

impl<T: PartialEq, M: Memberships<T>> Visitor<T> for Subject<T, M> {
    type Answer = Standing;

    fn visit(&self, resource: &impl Resource<T>) -> Standing {
        let actions = self.actions(resource);
        for action in Action::ALL {
            let allowed = actions.has(action);
            let (role, ctx) = self.standing(action, resource);
            assert_eq!(self.can(action, resource), allowed);
            assert_eq!(self.decide(action, resource), decide(role, action, ctx));
            assert_eq!(self.decide(action, resource).is_ok(), allowed);
        }
        // One that annotators and reviewers differ in.
        let (action, reviews) = (Action::ReviewAnnotations, act::ReviewAnnotations);
        let (role, ctx) = self.standing(action, resource);
        assert_eq!(self.audit(action, resource), Matrix::BUILT_IN.audit(role, action, ctx));
        assert_eq!(self.authorize(reviews, resource).err(), self.decide(action, resource).err());
        Standing(self.role_on(resource), self.context(resource), actions)
    }
}

fn standings<T: Clone + PartialEq>(world: &World, name: impl Fn(u32) -> T + Copy) -> Vec<Standing> {
    let mut standings = Vec::new();
    for member in &world.members {
        let subject = world.subject(member, name);
        standings
            .extend(world.things().into_iter().map(|thing| world.visit(thing, name, &subject)));
    }
    standings
}

proptest! {
    #[test]
    fn the_crate_answers_as_the_database_would(world in worlds()) {
        let mut standings = standings(&world, |id| id).into_iter();
        for member in &world.members {
            for thing in world.things() {
                let Standing(role, ctx, actions) = standings.next().unwrap();
                prop_assert_eq!(role.code(), world.role(member, thing));
                prop_assert_eq!(ctx, world.facts(member, thing).context());
                for action in Action::ALL {
                    let expected = world.may(member, action.key(), thing);
                    prop_assert_eq!(actions.has(action), expected, "{:?} {} {:?}", member, action, thing);
                }
            }
        }
        prop_assert!(standings.next().is_none());
    }

    #[test]
    fn members_of_nothing_are_answered_in_one_way_too(world in worlds()) {
        for member in &world.members {
            let Subject { organization, user, role, .. } = world.subject(member, |id| id);
            let subject = Subject { organization, user, role, memberships: () };
            for thing in world.things() {
                // The visitor compares all ways to ask.
                let Standing(role, _, _) = world.visit(thing, |id| id, &subject);
                prop_assert_eq!(role.code(), member.role);
            }
        }
    }

    #[test]
    fn nobody_gets_anything_in_another_organization(world in worlds()) {
        for member in &world.members {
            let subject = world.subject(member, |id| id);
            for thing in world.things() {
                if world.organization_of(thing) != member.organization {
                    let Standing(_, ctx, actions) = world.visit(thing, |id| id, &subject);
                    prop_assert!(ctx.is_outside());
                    prop_assert!(actions.is_empty());
                }
            }
        }
    }

    #[test]
    fn other_names_for_the_ids_change_nothing(world in worlds(), odd in any::<u64>()) {
        let before = standings(&world, |id| id);
        prop_assert_eq!(&standings(&world, |id| u64::from(id).wrapping_mul(odd | 1)), &before);
        prop_assert_eq!(&standings(&world, |id| format!("id {}", u32::MAX - id)), &before);
    }

    #[test]
    fn every_kind_of_set_holds_the_same(ids: Vec<u8>, id: u8) {
        let ids: Vec<_> = ids.into_iter().map(ProjectId).collect();
        let id = ProjectId(id);
        let expected = ids.contains(&id);
        let mut sorted = ids.clone();
        sorted.sort();
        let btree: BTreeSet<_> = ids.iter().copied().collect();
        let hash: HashSet<_> = ids.iter().copied().collect();
        let sets: [&dyn IdSet<ProjectId<u8>>; 6] = [
            &ids,
            &ids.as_slice(),
            &Sorted::new(&sorted).unwrap(),
            &btree,
            &hash,
            &Lookup(|id: &ProjectId<u8>| ids.contains(id)),
        ];
        for (number, set) in sets.into_iter().enumerate() {
            prop_assert_eq!(set.contains(&id), expected, "set {}", number);
        }
        prop_assert_eq!(Sorted::new(&ids).is_ok(), sorted == ids);
    }
}

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);
const TASK: TaskId<u32> = TaskId(1);

fn member<M: Memberships<u32>>(role: Role, memberships: M) -> Subject<u32, M> {
    Subject { organization: HERE, user: ME, role, memberships }
}

/// Belongs to workspace 1, project 1, and has a task in project 2.
fn lists() -> impl Memberships<u32> {
    Lists {
        workspaces: [WorkspaceId(1)],
        projects: [ProjectId(1)],
        assignments: [ProjectId(2)],
        annotator_in: [ProjectId(3)],
        reviewer_in: [ProjectId(4)],
    }
}

#[test]
fn each_list_counts_for_what_it_is_named_for() {
    let (here, subject) = (HERE, member(Role::Manager, lists()));
    let inside = ScopeCtx::organization();
    assert_eq!(subject.context(&here), inside);
    assert_eq!(subject.context(&here.workspace(WorkspaceId(1))), inside.in_workspace());
    assert_eq!(subject.context(&here.workspace(WorkspaceId(2))), inside);
    let project = |id| here.project(ProjectId(id));
    assert_eq!(subject.context(&project(1)), inside.in_project());
    assert_eq!(subject.context(&project(2)), inside.in_project());
    assert_eq!(subject.context(&project(3)), inside);
    assert_eq!(subject.context(&project(4)), inside);
}

#[test]
fn belonging_to_nothing_is_holding_nothing() {
    let empty = Lists {
        workspaces: [WorkspaceId(0); 0],
        projects: Vec::new(),
        assignments: BTreeSet::new(),
        annotator_in: HashSet::<ProjectId<u32>>::new(),
        reviewer_in: (),
    };
    let project = HERE.workspace(WorkspaceId(1)).project(ProjectId(1));
    for ctx in [
        member(Role::Annotator, empty).context(&project.task(TASK, &[])),
        member(Role::Annotator, ()).context(&project.task(TASK, &[])),
        member(Role::Annotator, &()).context(&project.task(TASK, &[UserId(8)])),
    ] {
        assert_eq!(ctx, ScopeCtx::organization());
    }
}

#[test]
fn a_sandbox_counts_for_its_user_alone() {
    let mine = HERE.sandbox(WorkspaceId(1), ME);
    let theirs = HERE.sandbox(WorkspaceId(2), UserId(8));
    let everywhere = Lists {
        workspaces: Lookup(|_: &WorkspaceId<u32>| true),
        projects: (),
        assignments: (),
        annotator_in: (),
        reviewer_in: (),
    };
    let subject = member(Role::Manager, everywhere);
    assert_eq!(subject.context(&mine), ScopeCtx::organization().in_workspace().own());
    assert_eq!(
        subject.context(&mine.project(ProjectId(9))),
        ScopeCtx::organization().in_workspace()
    );
    assert_eq!(subject.context(&theirs), ScopeCtx::organization());
    assert_eq!(subject.context(&theirs.project(ProjectId(9))), ScopeCtx::organization());
    // Saying that somebody else created it does not make it theirs.
    assert_eq!(subject.context(&theirs.created_by(ME)), ScopeCtx::organization());
}

#[test]
fn own_is_what_one_created_or_what_is_about_one() {
    let subject = member(Role::Manager, ());
    let workspace = HERE.workspace(WorkspaceId(5)).created_by(ME);
    let inside = ScopeCtx::organization();
    assert_eq!(subject.context(&workspace), inside.in_workspace().own());
    // Neither a project in it nor a task in a project of one's own is thereby one's own.
    let project = workspace.project(ProjectId(5));
    assert_eq!(subject.context(&project), inside.in_workspace());
    let project = HERE.project(ProjectId(5)).created_by(ME);
    assert_eq!(subject.context(&project), inside.in_project().own());
    assert_eq!(subject.context(&project.task(TASK, &[UserId(8)])), inside.in_project());
    assert_eq!(subject.context(&project.task(TASK, &[UserId(8), ME])), inside.in_project().own());
    // The project's setting counts for what is one's own.
    let open = project.annotators_view_own_data(true);
    assert_eq!(subject.context(&open), inside.in_project().own_permitted());
    assert_eq!(subject.context(&open.task(TASK, &[ME])), inside.in_project().own_permitted());
    assert_eq!(subject.context(&open.task(TASK, &[])), inside.in_project());
    assert_eq!(subject.context(&open.annotators_view_own_data(false)), inside.in_project().own());
}

#[test]
fn a_role_in_a_project_counts_there_and_only_for_annotators_and_reviewers() {
    let here = HERE;
    for role in Role::ALL {
        let subject = member(role, lists());
        let may_hold_one = matches!(role, Role::Annotator | Role::Reviewer);
        let (third, fourth) =
            if may_hold_one { (Role::Annotator, Role::Reviewer) } else { (role, role) };
        assert_eq!(subject.effective_role(&ProjectId(3)), third);
        assert_eq!(subject.effective_role(&ProjectId(4)), fourth);
        assert_eq!(subject.effective_role(&ProjectId(1)), role);
        assert_eq!(subject.role_on(&here.project(ProjectId(4)).task(TASK, &[])), fourth);
        // A workspace of the same number, or a project of another organization, is elsewhere.
        assert_eq!(subject.role_on(&here), role);
        assert_eq!(subject.role_on(&here.workspace(WorkspaceId(4))), role);
        let elsewhere = OrganizationId(2).project(ProjectId(4));
        assert_eq!(subject.role_on(&elsewhere), role);
    }
}

#[test]
fn contradicting_roles_in_a_project_make_an_annotator() {
    let both = Lists {
        workspaces: (),
        projects: (),
        assignments: (),
        annotator_in: [ProjectId(1)],
        reviewer_in: [ProjectId(1)],
    };
    for role in [Role::Annotator, Role::Reviewer] {
        assert_eq!(member(role, &both).effective_role(&ProjectId(1)), Role::Annotator);
    }
}

#[test]
fn memberships_may_be_borrowed() {
    let lists = lists();
    let borrowed = &lists;
    for id in 0..6 {
        let (workspace, project) = (WorkspaceId(id), ProjectId(id));
        assert_eq!(Memberships::in_workspace(&borrowed, &workspace), id == 1);
        assert_eq!(Memberships::in_project(&borrowed, &project), id == 1 || id == 2);
        assert_eq!(Memberships::annotator_in(&borrowed, &project), id == 3);
        assert_eq!(Memberships::reviewer_in(&borrowed, &project), id == 4);
    }
}

#[test]
fn a_member_of_nothing_has_no_role_in_a_project() {
    for role in Role::ALL {
        assert_eq!(member(role, ()).effective_role(&ProjectId(1)), role);
    }
}

#[test]
fn an_action_is_decided_on_what_it_is_done_to() {
    let subject = member(Role::Manager, ());
    let theirs = HERE.workspace(WorkspaceId(5)).created_by(UserId(8));
    let mine = theirs.project(ProjectId(5)).created_by(ME);
    let task = mine.task(TASK, &[ME]);
    // To what holds the thing asked about, where that is not one's own.
    for action in [Action::ChangeWorkspace, Action::DeleteWorkspace, Action::CreateProject] {
        assert!(!subject.can(action, &theirs));
        assert!(!subject.can(action, &mine));
        assert!(!subject.can(action, &task));
    }
    // To what holds it, where that is one's own.
    assert!(subject.can(Action::UseApi, &mine));
    assert!(subject.can(Action::UseApi, &mine.task(TASK, &[])));
    let foreign = theirs.project(ProjectId(6));
    assert!(!subject.can(Action::UseApi, &foreign.task(TASK, &[ME])));
    // To something it holds, which is nobody's in particular.
    let workspace = HERE.workspace(WorkspaceId(5)).created_by(ME);
    assert!(subject.can(Action::ExportData, &workspace));
    let (_, ctx) = subject.standing(Action::ExportData, &workspace);
    assert_eq!(ctx, ScopeCtx::organization().in_workspace());
    let annotator = member(Role::Annotator, ());
    let open = mine.annotators_view_own_data(true);
    assert!(!annotator.can(Action::ViewProjectData, &open));
    assert!(annotator.can(Action::ViewProjectData, &open.task(TASK, &[ME])));
}

#[test]
fn having_created_a_project_counts_for_those_who_may_create_one() {
    let project = HERE.project(ProjectId(5)).created_by(ME);
    for role in Role::ALL {
        let bound = matches!(role, Role::Annotator | Role::Reviewer);
        assert_eq!(role.is_project_bound(), bound);
        let ctx = member(role, ()).context(&project);
        let owned = ScopeCtx::organization().own();
        let reaches = matches!(role, Role::Owner | Role::Administrator | Role::Manager);
        assert_eq!(ctx, if reaches { owned.in_project() } else { owned }, "{role}");
        // Nobody is left with the data of others for having been a manager once.
        let theirs = project.annotators_view_own_data(true).task(TASK, &[UserId(8)]);
        if bound {
            assert!(member(role, ()).actions(&theirs).is_empty(), "{role}");
        }
    }
}

#[test]
fn the_setting_of_a_project_is_none_of_its_workspace() {
    let workspace = HERE.workspace(WorkspaceId(5)).created_by(ME);
    let project = workspace.project(ProjectId(5)).annotators_view_own_data(true);
    let (_, ctx) = member(Role::Manager, ()).standing(Action::DeleteWorkspace, &project);
    assert_eq!(ctx, ScopeCtx::organization().in_workspace().own());
}

#[test]
fn a_changed_matrix_decides_about_subjects_too() {
    let strict =
        Matrix::BUILT_IN.with_cell(Role::Manager, Action::ExportData, Scopes::empty()).unwrap();
    let project = HERE.project(ProjectId(5)).created_by(ME);
    let subject = member(Role::Manager, ());
    assert!(subject.authorize(act::ExportData, &project).is_ok());
    let refused = strict.authorize(&subject, act::ExportData, &project).unwrap_err();
    assert!(refused.suffices().is_empty());
    assert!(strict.authorize(&subject, act::ImportData, &project).is_ok());
}

#[test]
fn an_assigned_task_is_a_task_in_the_project_and_a_record_is_not() {
    let subject = member(Role::Annotator, ());
    let project = HERE.project(ProjectId(5));
    let inside = ScopeCtx::organization();
    assert_eq!(subject.context(&project.task(TASK, &[ME])), inside.own().in_project());
    assert_eq!(subject.context(&project.record(RecordId(1), &[ME])), inside.own());
    assert!(subject.can(Action::LabelTasks, &project.task(TASK, &[ME])));
    assert!(subject.can(Action::ViewProject, &project.task(TASK, &[ME])));
    assert!(!subject.can(Action::LabelTasks, &project.record(RecordId(1), &[ME])));
}
