//! Generated worlds, as tuples, and what the naive model says about them.

use std::collections::BTreeSet;

use labelgate::{OrganizationId, ProjectId, RecordId, TaskId, UserId, WorkspaceId};
use labelgate_export::data::{InProject, Member, Project, Record, Task, Workspace};
use labelgate_export::tuple::{Id, Tuple};

use crate::case::Case;
use crate::oracle;
use crate::tables::{Thing, World};

/// All tuples of a world.
pub fn tuples(world: &World) -> BTreeSet<Tuple> {
    let members = world.organization_members.iter();
    let members = members.flat_map(|row| member(world, row.organization_id, row.user_id, None));
    let workspaces = world.workspaces.iter().flat_map(|row| workspace(world, row.id).tuples());
    let projects = world.projects.iter().flat_map(|row| project(world, row.id).tuples());
    let tasks = world.tasks.iter().flat_map(|row| task(world, row.id).tuples());
    let records = world.annotations.iter().filter_map(|row| record(world, row.id));
    let records = records.flat_map(|row| row.tuples());
    members.chain(workspaces).chain(projects).chain(tasks).chain(records).collect()
}

/// The tuples of a member: with all projects, or with one of them.
pub fn member(world: &World, organization: i64, user: i64, only: Option<i64>) -> Vec<Tuple> {
    let Some(role) = world.role(user, organization) else { return Vec::new() };
    let projects = world.projects.iter().filter(|row| row.organization_id == organization);
    let projects = projects.filter(|row| only.is_none_or(|only| row.id == only));
    let member = Member {
        organization: OrganizationId(organization.into()),
        user: UserId(user.into()),
        role: role.parse().expect("a code"),
        projects: projects.map(|row| in_project(world, row.id, user)).collect(),
    };
    member.tuples()
}

fn in_project(world: &World, project: i64, user: i64) -> InProject {
    let mut members = world.project_members.iter();
    let mut tasks = world.task_assignees.iter().filter(|row| row.user_id == user);
    let is_in = |task| world.task(task).is_some_and(|task| task.project_id == project);
    let roles = world.project_roles.iter();
    let roles = roles.filter(|row| row.project_id == project && row.user_id == user);
    InProject {
        project: ProjectId(project.into()),
        is_member: members.any(|row| row.project_id == project && row.user_id == user),
        has_tasks: tasks.any(|row| is_in(row.task_id)),
        roles: roles.map(|row| row.role.parse().expect("a code")).collect(),
    }
}

pub fn workspace(world: &World, id: i64) -> Workspace {
    let row = world.workspace(id).expect("a workspace");
    let members = world.workspace_members.iter().filter(|row| row.workspace_id == id);
    Workspace {
        id: WorkspaceId(id.into()),
        organization: OrganizationId(row.organization_id.into()),
        creator: row.created_by.map(|user| UserId(user.into())),
        is_sandbox: row.is_personal,
        members: members.map(|row| UserId(row.user_id.into())).collect(),
    }
}

pub fn project(world: &World, id: i64) -> Project {
    let row = world.project(id).expect("a project");
    let organization = |id: i64| OrganizationId(Id::from(id));
    let workspace = row.workspace_id.and_then(|id| world.workspace(id));
    Project {
        id: ProjectId(id.into()),
        organization: organization(row.organization_id),
        workspace: workspace
            .map(|row| (WorkspaceId(row.id.into()), organization(row.organization_id))),
        creator: row.created_by.map(|user| UserId(user.into())),
        own_data_permitted: row.show_annotation_history,
    }
}

pub fn task(world: &World, id: i64) -> Task {
    let row = world.task(id).expect("a task");
    let assignees = world.task_assignees.iter().filter(|row| row.task_id == id);
    Task {
        id: TaskId(id.into()),
        project: ProjectId(row.project_id.into()),
        assignees: assignees.map(|row| UserId(row.user_id.into())).collect(),
    }
}

/// `None` if its task was deleted.
pub fn record(world: &World, id: i64) -> Option<Record> {
    let row = world.annotation(id).expect("an annotation");
    Some(Record {
        id: RecordId(id.into()),
        project: ProjectId(world.task(row.task_id)?.project_id.into()),
        author: row.completed_by.map(|user| UserId(user.into())),
    })
}

/// Who may do each action to each thing, what each user may do it to, and some checks.
pub fn case(world: &World) -> Case {
    let mut case = Case { tuples: tuples(world).into_iter().collect(), ..Case::default() };
    let things = world.things();
    for (_, key, ..) in oracle::TABLE {
        let relation = format!("can_{}", key.replace('.', "_"));
        let kinds: &[&str] = match oracle::kind(key) {
            "Task" => &["Task", "Record"],
            "Organization" => &["Organization"],
            "Workspace" => &["Workspace"],
            _ => &["Project"],
        };
        let asked = things.iter().filter(|thing| kinds.contains(&kind(**thing)));
        let asked: Vec<_> = asked.map(|thing| (*thing, object(*thing))).collect();
        let may = |user, thing| {
            world
                .organization_of(thing)
                .is_some_and(|organization| world.may(user, organization, key, thing))
        };
        for (thing, object) in &asked {
            let users = world.users.iter().filter(|user| may(**user, *thing));
            let users = users.map(|user| format!("user:{user}")).collect();
            case.users.push((object.clone(), relation.clone(), users));
            case.decisions += world.users.len();
        }
        for (n, user) in world.users.iter().enumerate() {
            let name = format!("user:{user}");
            for kind in kinds.iter().map(|kind| kind.to_lowercase()) {
                let of_kind = || asked.iter().filter(|(_, object)| object.starts_with(&kind));
                let objects = of_kind().filter(|(thing, _)| may(*user, *thing));
                let objects = objects.map(|(_, object)| object.clone()).collect();
                case.objects.push((name.clone(), relation.clone(), kind.clone(), objects));
                case.decisions += of_kind().count();
                let (thing, object) = of_kind().nth(n % of_kind().count()).expect("there are some");
                case.checks.push((
                    name.clone(),
                    relation.clone(),
                    object.clone(),
                    may(*user, *thing),
                ));
                case.decisions += 1;
            }
        }
    }
    case
}

fn kind(thing: Thing) -> &'static str {
    match thing {
        Thing::Organization(_) => "Organization",
        Thing::Workspace(_) => "Workspace",
        Thing::Project(_) => "Project",
        Thing::Task(_) => "Task",
        Thing::Annotation(_) => "Record",
    }
}

fn object(thing: Thing) -> String {
    let (Thing::Organization(id)
    | Thing::Workspace(id)
    | Thing::Project(id)
    | Thing::Task(id)
    | Thing::Annotation(id)) = thing;
    format!("{}:{id}", kind(thing).to_lowercase())
}
