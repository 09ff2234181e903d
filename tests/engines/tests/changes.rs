//! What `Changes` says to write, without an engine: after each event the tuples are those of the new state, although
//! only what the event is about was compared.

use std::collections::BTreeSet;

use labelgate_engine_tests::tables::Random;
use labelgate_engine_tests::tables::{
    AnnotationRow, ProjectMemberRow, ProjectRoleRow, TaskAssigneeRow, TaskRow, WorkspaceMemberRow,
    World,
};
use labelgate_engine_tests::worlds::{self, member, project, record, task, workspace};
use labelgate_export::data::Changes;
use labelgate_export::tuple::Tuple;

/// An event, and the tuples of what it is about.
type About = Box<dyn Fn(&World) -> Vec<Tuple>>;

const EVENTS: usize = 11;

fn toggle<T: PartialEq>(rows: &mut Vec<T>, row: T) {
    match rows.iter().position(|other| *other == row) {
        Some(at) => drop(rows.remove(at)),
        None => rows.push(row),
    }
}

/// Changes a world.
fn event(event: usize, world: &mut World, random: &mut Random) -> About {
    let user = world.users[random.below(world.users.len())];
    let at = random.below(world.projects.len());
    let (project_id, organization) = (world.projects[at].id, world.projects[at].organization_id);
    let in_project: About =
        Box::new(move |world| member(world, organization, user, Some(project_id)));
    let of_project: About = Box::new(move |world| project(world, project_id).tuples());
    match event {
        // A role is changed, or ends.
        0 => {
            let at = random.below(world.organization_members.len());
            let row = &mut world.organization_members[at];
            row.role = ["OW", "AD", "MA", "RE", "AN", "NO", "DI"][random.below(7)];
            let (organization, user) = (row.organization_id, row.user_id);
            Box::new(move |world| member(world, organization, user, None))
        }
        // Somebody becomes a member, or leaves.
        1 => {
            let is_it = |row: &labelgate_engine_tests::tables::OrganizationMemberRow| {
                row.organization_id == organization && row.user_id == user
            };
            match world.organization_members.iter().position(is_it) {
                Some(at) => drop(world.organization_members.remove(at)),
                None => world.organization_members.push(
                    labelgate_engine_tests::tables::OrganizationMemberRow {
                        organization_id: organization,
                        user_id: user,
                        role: "AN",
                    },
                ),
            }
            Box::new(move |world| member(world, organization, user, None))
        }
        2 => {
            toggle(&mut world.project_members, ProjectMemberRow { project_id, user_id: user });
            in_project
        }
        3 => {
            let role = ["AN", "RE"][random.below(2)];
            toggle(&mut world.project_roles, ProjectRoleRow { project_id, user_id: user, role });
            in_project
        }
        // A task is assigned, or an assignment ends.
        4 => {
            let TaskRow { id, project_id } = world.tasks[random.below(world.tasks.len())];
            toggle(
                &mut world.task_assignees,
                TaskAssigneeRow { task_id: id, user_id: user, project_id },
            );
            let organization = world.project(project_id).expect("a project").organization_id;
            Box::new(move |world| {
                let member = member(world, organization, user, Some(project_id));
                member.into_iter().chain(task(world, id).tuples()).collect()
            })
        }
        // A project is moved, maybe to a workspace of another organization, or out of all.
        5 => {
            let to = random.below(world.workspaces.len() + 1);
            world.projects[at].workspace_id = world.workspaces.get(to).map(|row| row.id);
            of_project
        }
        6 => {
            world.projects[at].show_annotation_history ^= true;
            of_project
        }
        7 | 8 => {
            let at = random.below(world.workspaces.len());
            let id = world.workspaces[at].id;
            match event {
                7 => toggle(
                    &mut world.workspace_members,
                    WorkspaceMemberRow { workspace_id: id, user_id: user },
                ),
                _ => world.workspaces[at].is_personal ^= true,
            }
            Box::new(move |world| workspace(world, id).tuples())
        }
        // A task is created, with a record in it.
        9 => {
            let id = 1_000 + random.below(1_000_000) as i64;
            world.tasks.push(TaskRow { id, project_id });
            world.annotations.push(AnnotationRow { id, task_id: id, completed_by: Some(user) });
            Box::new(move |world| {
                let is_there = world.task(id).is_some();
                let created = || {
                    task(world, id)
                        .tuples()
                        .into_iter()
                        .chain(record(world, id).expect("its task").tuples())
                };
                if is_there { created().collect() } else { Vec::new() }
            })
        }
        // A project is deleted, with all that is in it.
        _ => delete(world, project_id, organization),
    }
}

fn delete(world: &mut World, id: i64, organization: i64) -> About {
    let tasks: Vec<_> =
        world.tasks.iter().filter(|row| row.project_id == id).map(|row| row.id).collect();
    let is_in = |row: &&AnnotationRow| tasks.contains(&row.task_id);
    let records: Vec<_> = world.annotations.iter().filter(is_in).map(|row| row.id).collect();
    world.projects.retain(|row| row.id != id);
    world.tasks.retain(|row| row.project_id != id);
    world.annotations.retain(|row| !tasks.contains(&row.task_id));
    world.task_assignees.retain(|row| !tasks.contains(&row.task_id));
    world.project_members.retain(|row| row.project_id != id);
    world.project_roles.retain(|row| row.project_id != id);
    let users = world.users.clone();
    Box::new(move |world| {
        if world.project(id).is_none() {
            // The members stay, without what they were in the project.
            return users
                .iter()
                .flat_map(|user| member(world, organization, *user, Some(id)))
                .collect();
        }
        let mut tuples = project(world, id).tuples();
        tuples.extend(tasks.iter().flat_map(|id| task(world, *id).tuples()));
        tuples.extend(
            records.iter().filter_map(|id| record(world, *id)).flat_map(|row| row.tuples()),
        );
        tuples.extend(users.iter().flat_map(|user| member(world, organization, *user, Some(id))));
        tuples
    })
}

#[test]
fn what_is_written_makes_the_tuples_of_the_new_state() {
    let mut random = Random(35);
    let (mut changed, mut most) = ([0; EVENTS], 0);
    for seed in 0..20 {
        let mut world = World::generate(seed);
        for n in 0..60 {
            let before = world.clone();
            let about = event(n % EVENTS, &mut world, &mut random);
            let Changes { deletes, writes } = Changes::between(about(&before), about(&world));
            let mut tuples: BTreeSet<Tuple> = worlds::tuples(&before);
            assert!(
                deletes.iter().all(|tuple| tuples.remove(tuple)),
                "it is there: {}",
                n % EVENTS
            );
            assert!(
                writes.iter().all(|tuple| tuples.insert(tuple.clone())),
                "it is new: {}",
                n % EVENTS
            );
            assert_eq!(tuples, worlds::tuples(&world), "{}", n % EVENTS);
            changed[n % EVENTS] += usize::from(!deletes.is_empty() || !writes.is_empty());
            most = most.max(deletes.len() + writes.len());
        }
    }
    assert!(changed.iter().all(|times| *times > 5), "{changed:?}");
    assert!(most > 10, "{most}");
}

/// The number of tuples that the guide names for each event.
#[test]
fn an_event_writes_few_tuples() {
    use labelgate::{OrganizationId, ProjectId, ProjectRole, Role, UserId};
    use labelgate_export::data::{InProject, Member};

    let of = |role, in_project: Option<(bool, bool, Vec<ProjectRole>)>| {
        let projects = in_project.map(|(is_member, has_tasks, roles)| InProject {
            project: ProjectId(100.into()),
            is_member,
            has_tasks,
            roles,
        });
        let member = Member {
            organization: OrganizationId(1.into()),
            user: UserId(7.into()),
            role,
            projects: projects.into_iter().collect(),
        };
        member.tuples()
    };
    let count = |before: Vec<Tuple>, after: Vec<Tuple>| {
        let changes = Changes::between(before, after);
        (changes.deletes.len(), changes.writes.len())
    };
    let added = || Some((true, false, vec![]));
    assert_eq!(count(vec![], of(Role::Annotator, None)), (0, 1), "added");
    assert_eq!(count(of(Role::Manager, None), of(Role::Deactivated, None)), (1, 0), "deactivated");
    assert_eq!(count(of(Role::Manager, None), of(Role::Administrator, None)), (1, 1), "promoted");
    assert_eq!(
        count(of(Role::Annotator, added()), of(Role::Reviewer, added())),
        (2, 2),
        "with a project"
    );
    assert_eq!(
        count(of(Role::Annotator, None), of(Role::Annotator, added())),
        (0, 2),
        "to a project"
    );
    let reviews = Some((true, false, vec![ProjectRole::Reviewer]));
    assert_eq!(
        count(of(Role::Annotator, added()), of(Role::Annotator, reviews)),
        (1, 1),
        "a project role"
    );
    let first = Some((false, true, vec![]));
    assert_eq!(
        count(of(Role::Annotator, None), of(Role::Annotator, first)),
        (0, 2),
        "the first task"
    );
    let second = Some((true, true, vec![]));
    assert_eq!(
        count(of(Role::Annotator, added()), of(Role::Annotator, second)),
        (0, 1),
        "and a member already"
    );
}
