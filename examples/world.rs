//! Who may do what where, in a world of two organizations. Those who may do nothing with a thing do
//! not stand in its rows; nobody ever does in the rows of the other organization.
//!
//! `cargo run --example world -- examples/world.json`

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::{env, fs};

use labelgate::{
    Lists, Lookup, Memberships, OrganizationId, ProjectId, ProjectRole, Resource, Role, Subject,
    TaskId, UserId, WorkspaceId,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    organizations: Vec<Organization>,
}

/// Ids are unique in an organization, not across them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    id: String,
    members: BTreeMap<String, Role>,
    workspaces: Vec<Workspace>,
    /// Those in no workspace.
    projects: Vec<Project>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Workspace {
    id: String,
    creator: String,
    #[serde(default)]
    sandbox: bool,
    members: Vec<String>,
    projects: Vec<Project>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    id: String,
    creator: String,
    #[serde(default)]
    annotators_view_own_data: bool,
    members: Vec<String>,
    #[serde(default)]
    roles: BTreeMap<String, ProjectRole>,
    tasks: Vec<Task>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    id: String,
    assignees: Vec<String>,
}

impl Organization {
    /// Whether there is a project of this id for which it is so.
    fn any_project(&self, id: &ProjectId<&str>, is_so: impl Fn(&Project) -> bool) -> bool {
        let in_workspaces = self.workspaces.iter().flat_map(|workspace| &workspace.projects);
        in_workspaces.chain(&self.projects).any(|project| project.id == id.0 && is_so(project))
    }

    /// The members, each asking this organization's tables what they belong to.
    fn subjects(&self) -> impl Iterator<Item = Subject<&str, impl Memberships<&str>>> {
        self.members.iter().map(move |(user, &role)| Subject {
            organization: OrganizationId(self.id.as_str()),
            user: UserId(user.as_str()),
            role,
            memberships: Lists {
                workspaces: Lookup(move |id: &WorkspaceId<&str>| {
                    self.workspaces.iter().any(|row| row.id == id.0 && row.members.contains(user))
                }),
                projects: Lookup(move |id: &ProjectId<&str>| {
                    self.any_project(id, |project| project.members.contains(user))
                }),
                assignments: Lookup(move |id: &ProjectId<&str>| {
                    self.any_project(id, |project| {
                        project.tasks.iter().any(|task| task.assignees.contains(user))
                    })
                }),
                annotator_in: Lookup(move |id: &ProjectId<&str>| {
                    self.any_project(id, |project| {
                        project.roles.get(user) == Some(&ProjectRole::Annotator)
                    })
                }),
                reviewer_in: Lookup(move |id: &ProjectId<&str>| {
                    self.any_project(id, |project| {
                        project.roles.get(user) == Some(&ProjectRole::Reviewer)
                    })
                }),
            },
        })
    }
}

/// The table under construction, and everybody who may stand in it.
struct Table<'a, M> {
    subjects: Vec<Subject<&'a str, M>>,
    text: String,
}

impl<'a, M: Memberships<&'a str>> Table<'a, M> {
    /// A row for each subject who may do anything with the resource.
    fn add(&mut self, place: &str, resource: &impl Resource<&'a str>) {
        for subject in &self.subjects {
            let actions = subject.actions(resource);
            let may = match actions.elements().count() {
                0 => continue,
                1..=6 => actions.to_string(),
                many => format!("{many} actions"),
            };
            let who = format!("{}@{}", subject.user, subject.organization);
            let (role, held) = (subject.role_on(resource), subject.context(resource).to_string());
            self.text += &format!("{place:26}  {who:10}  {role}  {held:56}  {may}\n");
        }
    }

    fn add_project(
        &mut self,
        place: &str,
        resource: labelgate::Project<&'a str>,
        row: &'a Project,
    ) {
        let resource = resource
            .created_by(UserId(&row.creator))
            .annotators_view_own_data(row.annotators_view_own_data);
        let place = format!("{place}/{}", row.id);
        self.add(&place, &resource);
        for task in &row.tasks {
            let assignees: Vec<_> =
                task.assignees.iter().map(|user| UserId(user.as_str())).collect();
            self.add(&format!("{place}/{}", task.id), &resource.task(TaskId(&task.id), &assignees));
        }
    }
}

/// What everybody may do everywhere, a row each; members of the other organization are asked too.
pub(crate) fn table(world: &str) -> serde_json::Result<String> {
    let World { organizations } = serde_json::from_str(world)?;
    let subjects = organizations.iter().flat_map(Organization::subjects).collect();
    let mut table = Table { subjects, text: String::new() };
    for organization in &organizations {
        let resource = OrganizationId(organization.id.as_str());
        table.add(&organization.id, &resource);
        for row in &organization.workspaces {
            let workspace = if row.sandbox {
                resource.sandbox(WorkspaceId(&row.id), UserId(&row.creator))
            } else {
                resource.workspace(WorkspaceId(&row.id)).created_by(UserId(&row.creator))
            };
            let place = format!("{}/{}", organization.id, row.id);
            table.add(&place, &workspace);
            for project in &row.projects {
                table.add_project(&place, workspace.project(ProjectId(&project.id)), project);
            }
        }
        for project in &organization.projects {
            table.add_project(&organization.id, resource.project(ProjectId(&project.id)), project);
        }
    }
    Ok(table.text)
}

fn main() -> ExitCode {
    let Some(path) = env::args().nth(1) else {
        eprintln!("usage: world WORLD.json");
        return ExitCode::FAILURE;
    };
    let table = fs::read_to_string(&path)
        .map_err(|error| error.to_string())
        .and_then(|world| table(&world).map_err(|error| error.to_string()));
    match table {
        Ok(table) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}
