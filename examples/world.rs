//! Who may do what where, in a world of two organizations. Those who may do nothing with a thing do
//! not stand in its rows; nobody ever does in the rows of the other organization.
//!
//! `cargo run --example world -- examples/world.json`

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::process::ExitCode;

use common::{Object, brief};
use labelgate::{
    Lists, Lookup, Memberships, OrganizationId, ProjectId, ProjectRole, Resource, Role, Subject,
    TaskId, UserId, WorkspaceId,
};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    #[serde(deserialize_with = "things")]
    organizations: Vec<Organization>,
}

/// Ids are unique in an organization, not across them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organization {
    id: Name,
    #[serde(deserialize_with = "roles")]
    members: BTreeMap<Name, Role>,
    #[serde(deserialize_with = "things")]
    workspaces: Vec<Workspace>,
    /// Those in no workspace.
    #[serde(deserialize_with = "things")]
    projects: Vec<Project>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Workspace {
    id: Name,
    creator: Name,
    sandbox: bool,
    #[serde(deserialize_with = "names")]
    members: Vec<Name>,
    #[serde(deserialize_with = "things")]
    projects: Vec<Project>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    id: Name,
    creator: Name,
    annotators_view_own_data: bool,
    #[serde(deserialize_with = "names")]
    members: Vec<Name>,
    #[serde(deserialize_with = "roles")]
    roles: BTreeMap<Name, ProjectRole>,
    #[serde(deserialize_with = "things")]
    tasks: Vec<Task>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    id: Name,
    #[serde(deserialize_with = "names")]
    assignees: Vec<Name>,
}

/// The id of something, or the name of somebody. No other character, so that none forges a row of
/// the table or a place in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct Name(String);

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if (1..=64).contains(&text.len()) && text.chars().all(fits) {
            Ok(Self(text))
        } else {
            let rule = "1 to 64 ASCII letters, digits, `-`, `_` and `.`";
            Err(format!("not an id `{}`, expected {rule}", brief(&text)))
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What stands in a list once.
trait Listed {
    fn id(&self) -> &Name;

    /// The ids of what it holds in several lists, and must hold once all the same.
    fn inner_ids(&self) -> impl Iterator<Item = &Name> {
        std::iter::empty()
    }
}

impl Listed for Name {
    fn id(&self) -> &Name {
        self
    }
}

impl Listed for Organization {
    fn id(&self) -> &Name {
        &self.id
    }

    fn inner_ids(&self) -> impl Iterator<Item = &Name> {
        self.all_projects().map(|project| &project.id)
    }
}

impl Listed for Workspace {
    fn id(&self) -> &Name {
        &self.id
    }
}

impl Listed for Project {
    fn id(&self) -> &Name {
        &self.id
    }
}

impl Listed for Task {
    fn id(&self) -> &Name {
        &self.id
    }
}

/// A list of names, of which none stands twice.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Name>, D::Error> {
    deserializer.deserialize_seq(List(|name: Name| name))
}

/// A list of objects, of which no id stands twice.
fn things<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Listed,
{
    deserializer.deserialize_seq(List(|Object(thing): Object<T>| thing))
}

/// Reads a list of what the function takes.
struct List<R, T>(fn(R) -> T);

impl<'de, R: Deserialize<'de>, T: Listed> Visitor<'de> for List<R, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let (mut read, mut ids) = (Vec::new(), BTreeSet::new());
        while let Some(item) = list.next_element()?.map(self.0) {
            once(&mut ids, item.id())?;
            let mut inner_ids = BTreeSet::new();
            item.inner_ids().try_for_each(|id| once(&mut inner_ids, id))?;
            read.push(item);
        }
        Ok(read)
    }
}

fn once<E: Error>(seen: &mut BTreeSet<Name>, id: &Name) -> Result<(), E> {
    if seen.insert(id.clone()) { Ok(()) } else { Err(E::custom(format!("`{id}` stands twice"))) }
}

/// A map of names to roles, of which no name stands twice. (What serde derives takes the last.)
fn roles<'de, D, R>(deserializer: D) -> Result<BTreeMap<Name, R>, D::Error>
where
    D: Deserializer<'de>,
    R: Deserialize<'de>,
{
    deserializer.deserialize_map(Roles(PhantomData))
}

struct Roles<R>(PhantomData<R>);

impl<'de, R: Deserialize<'de>> Visitor<'de> for Roles<R> {
    type Value = BTreeMap<Name, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of names to roles")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut roles, mut names) = (BTreeMap::new(), BTreeSet::new());
        while let Some(name) = map.next_key()? {
            once(&mut names, &name)?;
            roles.insert(name, map.next_value()?);
        }
        Ok(roles)
    }
}

impl Organization {
    /// The projects, wherever they stand.
    fn all_projects(&self) -> impl Iterator<Item = &Project> {
        let in_workspaces = self.workspaces.iter().flat_map(|workspace| &workspace.projects);
        in_workspaces.chain(&self.projects)
    }

    /// Whether there is a project of this id for which it is so.
    fn any_project(&self, id: &ProjectId<&str>, is_so: impl Fn(&Project) -> bool) -> bool {
        self.all_projects().any(|project| project.id.0 == id.0 && is_so(project))
    }

    /// The members, each asking this organization's tables what they belong to.
    fn subjects(&self) -> impl Iterator<Item = Subject<&str, impl Memberships<&str>>> {
        self.members.iter().map(move |(user, &role)| Subject {
            organization: OrganizationId(self.id.0.as_str()),
            user: UserId(user.0.as_str()),
            role,
            memberships: Lists {
                workspaces: Lookup(move |id: &WorkspaceId<&str>| {
                    self.workspaces.iter().any(|row| row.id.0 == id.0 && row.members.contains(user))
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
            .created_by(UserId(&row.creator.0))
            .annotators_view_own_data(row.annotators_view_own_data);
        let place = format!("{place}/{}", row.id);
        self.add(&place, &resource);
        for task in &row.tasks {
            let assignees: Vec<_> =
                task.assignees.iter().map(|user| UserId(user.0.as_str())).collect();
            self.add(
                &format!("{place}/{}", task.id),
                &resource.task(TaskId(&task.id.0), &assignees),
            );
        }
    }
}

/// What everybody may do everywhere, a row each; members of the other organization are asked too.
pub(crate) fn table(world: &str) -> Result<String, String> {
    let Object(World { organizations }) =
        serde_json::from_str(world).map_err(|error| brief(&error.to_string()))?;
    let subjects = organizations.iter().flat_map(Organization::subjects).collect();
    let mut table = Table { subjects, text: String::new() };
    for organization in &organizations {
        let resource = OrganizationId(organization.id.0.as_str());
        table.add(&organization.id.0, &resource);
        for row in &organization.workspaces {
            let workspace = if row.sandbox {
                resource.sandbox(WorkspaceId(&row.id.0), UserId(&row.creator.0))
            } else {
                resource.workspace(WorkspaceId(&row.id.0)).created_by(UserId(&row.creator.0))
            };
            let place = format!("{}/{}", organization.id, row.id);
            table.add(&place, &workspace);
            for project in &row.projects {
                table.add_project(&place, workspace.project(ProjectId(&project.id.0)), project);
            }
        }
        for project in &organization.projects {
            table.add_project(
                &organization.id.0,
                resource.project(ProjectId(&project.id.0)),
                project,
            );
        }
    }
    Ok(table.text)
}

fn main() -> ExitCode {
    common::main("world WORLD.json", table)
}
