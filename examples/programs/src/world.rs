//! Teaches how to add up facts in code, where no query selects them: prints who may do what where in two organizations, and the facts
//! that each list is filtered by. Members who may do nothing with a row get no line. So members of the
//! other organization never get one.
//!
//! `cargo run -p labelgate-examples -- world examples/world.json`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use crate::common::{Object, brief};
use labelgate::row::{InnerRowId, MaybeRow};
use labelgate::{
    Action, Actions, Fact, Facts, OrganizationId, ProjectId, ProjectRole, Role, Row, Subject,
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
}

impl Workspace {
    /// What is known of the caller and the workspace. A sandbox is its creator's alone.
    fn facts(&self, caller: &Caller<'_>) -> Facts {
        Facts::none()
            .with_if(Fact::WorkspaceCreator, self.creator.0 == caller.user().0)
            .with_if(Fact::WorkspaceMember, is_among(&self.members, caller) && !self.sandbox)
    }
}

impl Project {
    /// What is known of the caller and the project, beside the facts of its workspace.
    fn facts(&self, caller: &Caller<'_>, workspace: Facts) -> Facts {
        let roles = self.roles.iter().filter(|(user, _)| user.0 == caller.user().0);
        let roles: Vec<ProjectRole> = roles.map(|(_, &role)| role).collect();
        let has_tasks = self.tasks.iter().any(|task| is_among(&task.assignees, caller));
        workspace
            .with_if(Fact::ProjectCreator, self.creator.0 == caller.user().0)
            .with_if(Fact::ProjectMember, is_among(&self.members, caller))
            .with_if(Fact::ProjectAssignee, has_tasks)
            .with_if(Fact::OwnDataPermitted, self.annotators_view_own_data)
            .acting_as(caller.role().project_role(&roles))
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
    /// A line for each caller who may do anything with the row, as they see it: to it, or to something that it
    /// is in.
    fn add<R>(&mut self, place: &str, seen_by: impl Fn(&Caller<'a>) -> R)
    where
        R: MaybeRow<Organization = &'a str, User = &'a str, Row = R> + Copy,
    {
        for caller in &self.callers {
            let row = seen_by(caller);
            let actions = Action::ALL.into_iter().filter(|&action| caller.can(action, row));
            let actions: Actions = actions.collect();
            let may = match actions.elements().count() {
                0 => continue,
                1..=6 => actions.to_string(),
                many => format!("{many} actions"),
            };
            let who = format!("{}@{}", caller.user(), caller.organization());
            let (role, facts) = (caller.role(), R::get(&row).facts());
            self.text += &format!("{place:26}  {who:10}  {role}  {may}  [{facts}]\n");
        }
    }

    /// The project, and its tasks.
    fn add_project(
        &mut self,
        place: &str,
        organization: OrganizationId<&'a str>,
        project: &'a Project,
        in_workspace: impl Fn(&Caller<'a>) -> Facts,
    ) {
        let place = format!("{place}/{}", project.id);
        let facts = |caller: &Caller<'a>| project.facts(caller, in_workspace(caller));
        self.add(&place, |caller| {
            row(caller, ProjectId(project.id.0.as_str()), organization, facts(caller))
        });
        for task in &project.tasks {
            self.add(&format!("{place}/{}", task.id), |caller| {
                let is_assignee = is_among(&task.assignees, caller);
                let facts = facts(caller).with_if(Fact::Assignee, is_assignee);
                row(caller, TaskId(task.id.0.as_str()), organization, facts)
            });
        }
    }
}

/// A row as the caller sees it.
fn row<'a, Id: InnerRowId>(
    caller: &Caller<'a>,
    id: Id,
    organization: OrganizationId<&'a str>,
    facts: Facts,
) -> Row<Id, (), &'a str> {
    caller.row(id, organization, facts).expect("facts that were added up can be")
}

/// What everybody may do everywhere, a row each; members of the other organization are asked too.
pub fn table(world: &str) -> Result<String, String> {
    let Object(World { organizations }) =
        serde_json::from_str(world).map_err(|error| brief(&error.to_string()))?;
    let callers = organizations.iter().flat_map(Organization::subjects).collect();
    let mut table = Table { callers, text: String::new() };
    for organization in &organizations {
        let (name, id) = (&organization.id.0, OrganizationId(organization.id.0.as_str()));
        table.add(name, |caller| caller.organization_row(id));
        for workspace in &organization.workspaces {
            let place = format!("{name}/{}", workspace.id);
            table.add(&place, |caller| {
                row(caller, WorkspaceId(workspace.id.0.as_str()), id, workspace.facts(caller))
            });
            for project in &workspace.projects {
                table.add_project(&place, id, project, |caller| workspace.facts(caller));
            }
        }
        for project in &organization.projects {
            table.add_project(name, id, project, |_| Facts::none());
        }
    }
    Ok(table.text)
}

/// The same rules read backwards: for each role and action, which facts are enough. These are what lists
/// are filtered by. An action that is not in a role's list is denied whatever the facts.
pub fn filters() -> String {
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

/// The table and the filters.
pub fn print(world: &str) -> Result<String, String> {
    Ok(format!("{}\n{}", table(world)?, filters()))
}
