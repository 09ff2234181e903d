//! Teaches how to build resources from ids: prints who may do what where in two organizations, and the facts
//! that each list is filtered by. Members who may do nothing with a resource get no line. So members of the
//! other organization never get one.
//!
//! `cargo run --example world -- examples/world.json`

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::process::ExitCode;

use common::{Object, brief};
use labelgate::resource::{self, InProject, InWorkspace, ProjectId, TaskId, WorkspaceId};
use labelgate::{Action, OrganizationId, ProjectRole, Resource, Role, Subject, UserId};
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
            // No text ends the quote that it stands in.
            let quoted = text.replace('\\', r"\\").replace('`', r"\`");
            Err(format!("not an id `{}`, expected {rule}", brief(&quoted)))
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

    /// The members.
    fn subjects(&self) -> impl Iterator<Item = Caller<'_>> {
        let id = OrganizationId(self.id.0.as_str());
        self.members
            .iter()
            .map(move |(user, &role)| Subject::new(id, UserId(user.0.as_str()), role))
    }

    /// The organization as the caller sees it.
    fn seen_by<'a>(&'a self, caller: &Caller<'a>) -> resource::Organization<&'a str> {
        resource::Organization::seen_by(OrganizationId(&self.id.0), *caller.user())
    }
}

impl Workspace {
    /// The workspace as the caller sees it.
    fn seen_by<'a>(
        &'a self,
        caller: &Caller<'a>,
        organization: &'a Organization,
    ) -> resource::Workspace<&'a str> {
        organization.seen_by(caller).workspace(WorkspaceId(&self.id.0), self.place(caller))
    }

    /// What is known of the caller's place in the workspace.
    fn place<'a>(&'a self, caller: &Caller<'a>) -> InWorkspace<&'a str> {
        InWorkspace {
            created_by: Some(UserId(&self.creator.0)),
            is_member: is_among(&self.members, caller),
            is_sandbox: self.sandbox,
        }
    }
}

impl Project {
    /// What is known of the caller's place in the project.
    fn place<'a>(&'a self, caller: &Caller<'a>) -> InProject<&'a str> {
        let roles = self.roles.iter().filter(|(user, _)| user.0 == caller.user().0);
        let roles: Vec<ProjectRole> = roles.map(|(_, &role)| role).collect();
        InProject {
            created_by: Some(UserId(&self.creator.0)),
            is_member: is_among(&self.members, caller),
            has_tasks: self.tasks.iter().any(|task| is_among(&task.assignees, caller)),
            acts_as: caller.role().acts_as(&roles),
            own_data_permitted: self.annotators_view_own_data,
        }
    }
}

fn is_among(names: &[Name], caller: &Caller<'_>) -> bool {
    names.iter().any(|name| name.0 == caller.user().0)
}

type Caller<'a> = Subject<&'a str>;

/// The table under construction, and everybody who may stand in it.
struct Table<'a> {
    callers: Vec<Caller<'a>>,
    text: String,
}

impl<'a> Table<'a> {
    /// A row for each caller who may do anything with the resource, as they see it.
    fn add<R: Resource<Id = &'a str, UserId = &'a str>>(
        &mut self,
        place: &str,
        seen_by: impl Fn(&Caller<'a>) -> R,
    ) {
        for caller in &self.callers {
            let resource = seen_by(caller);
            let actions = caller.actions(&resource);
            let may = match actions.elements().count() {
                0 => continue,
                1..=6 => actions.to_string(),
                many => format!("{many} actions"),
            };
            let who = format!("{}@{}", caller.user(), caller.organization());
            let (role, facts) = (caller.role(), resource.seen().facts.to_string());
            self.text += &format!("{place:26}  {who:10}  {role}  {may}  [{facts}]\n");
        }
    }

    fn add_project(
        &mut self,
        place: &str,
        row: &'a Project,
        seen_by: impl Fn(&Caller<'a>) -> resource::Project<&'a str>,
    ) {
        let place = format!("{place}/{}", row.id);
        self.add(&place, &seen_by);
        for task in &row.tasks {
            let assignees: Vec<_> =
                task.assignees.iter().map(|user| UserId(user.0.as_str())).collect();
            self.add(&format!("{place}/{}", task.id), |caller| {
                seen_by(caller).task(TaskId(&task.id.0), &assignees)
            });
        }
    }
}

/// What everybody may do everywhere, a row each; members of the other organization are asked too.
pub(crate) fn table(world: &str) -> Result<String, String> {
    let Object(World { organizations }) =
        serde_json::from_str(world).map_err(|error| brief(&error.to_string()))?;
    let callers = organizations.iter().flat_map(Organization::subjects).collect();
    let mut table = Table { callers, text: String::new() };
    for organization in &organizations {
        let name = &organization.id.0;
        table.add(name, |caller| organization.seen_by(caller));
        for row in &organization.workspaces {
            let workspace = |caller: &_| row.seen_by(caller, organization);
            let place = format!("{name}/{}", row.id);
            table.add(&place, workspace);
            for project in &row.projects {
                table.add_project(&place, project, |caller| {
                    workspace(caller).project(ProjectId(&project.id.0), project.place(caller))
                });
            }
        }
        for project in &organization.projects {
            table.add_project(name, project, |caller| {
                let organization = organization.seen_by(caller);
                organization.project(ProjectId(&project.id.0), project.place(caller))
            });
        }
    }
    Ok(table.text)
}

/// The same rules read backwards: for each role and action, which facts are enough. These are what lists
/// are filtered by. An action that is not in a role's list is denied whatever the facts.
pub(crate) fn filters() -> String {
    let mut text = String::new();
    for role in Role::ALL {
        let subject = Subject::new(OrganizationId(1), UserId(7), role);
        for action in Action::ALL {
            let filter = subject.filter(action);
            if !filter.is_nothing() {
                text += &format!("{role}  {action:24}  {filter}\n");
            }
        }
    }
    text
}

fn main() -> ExitCode {
    common::main("world WORLD.json", |world| Ok(format!("{}\n{}", table(world)?, filters())))
}
