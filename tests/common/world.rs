//! A generated world, kept in tables, and a naive model that walks them as a database would.

use labelgate::{
    Lists, Memberships, OrganizationId, ProjectId, RecordId, Resource, Subject, TaskId, UserId,
    WorkspaceId,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::common::{self, Facts};

/// Ids count from 0 in each organization, so that the same ids mean other things elsewhere, and
/// other things here when taken for another kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) organizations: u32,
    pub(crate) members: Vec<Member>,
    pub(crate) workspaces: Vec<WorkspaceRow>,
    pub(crate) projects: Vec<ProjectRow>,
    pub(crate) tasks: Vec<TaskRow>,
    pub(crate) project_roles: Vec<ProjectRole>,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) organization: u32,
    pub(crate) user: u32,
    pub(crate) role: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct WorkspaceRow {
    pub(crate) organization: u32,
    pub(crate) id: u32,
    pub(crate) creator: Option<u32>,
    pub(crate) sandbox_of: Option<u32>,
    pub(crate) members: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProjectRow {
    pub(crate) organization: u32,
    pub(crate) id: u32,
    /// A row of the same organization.
    pub(crate) workspace: Option<usize>,
    pub(crate) creator: Option<u32>,
    pub(crate) setting: bool,
    pub(crate) members: Vec<u32>,
}

/// A task, or a record such as an annotation.
#[derive(Clone, Debug)]
pub(crate) struct TaskRow {
    pub(crate) project: usize,
    pub(crate) record: bool,
    pub(crate) people: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProjectRole {
    pub(crate) project: usize,
    pub(crate) user: u32,
    pub(crate) role: &'static str,
}

/// A row of one of the tables.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Thing {
    Organization(u32),
    Workspace(usize),
    Project(usize),
    Task(usize),
}

const USERS: u32 = 5;

fn users() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(0..USERS, 0..4)
}

pub(crate) fn worlds() -> impl Strategy<Value = World> {
    let role = || select(&common::CODES[..]);
    let creator = || proptest::option::of(0..USERS);
    let many = |n| 0..n;
    (
        1u32..4,
        proptest::collection::vec((0u32..4, 0..USERS, role()), many(10)),
        proptest::collection::vec((0u32..4, creator(), any::<bool>(), users()), many(6)),
        proptest::collection::vec(
            (0u32..4, proptest::option::of(any::<Index>()), creator(), any::<bool>(), users()),
            many(6),
        ),
        proptest::collection::vec((any::<Index>(), any::<bool>(), users()), many(8)),
        proptest::collection::vec((any::<Index>(), 0..USERS, role()), many(12)),
    )
        .prop_map(|(organizations, members, workspaces, projects, tasks, project_roles)| {
            let mut world = World { organizations, ..World::default() };
            for (organization, user, role) in members {
                let organization = organization % organizations;
                let is_new =
                    !world.members.iter().any(|m| m.organization == organization && m.user == user);
                if is_new {
                    world.members.push(Member { organization, user, role });
                }
            }
            for (organization, creator, sandbox, members) in workspaces {
                let organization = organization % organizations;
                let rows = &world.workspaces;
                let id = rows.iter().filter(|row| row.organization == organization).count() as u32;
                let sandbox_of = creator.filter(|_| sandbox);
                world.workspaces.push(WorkspaceRow {
                    organization,
                    id,
                    creator,
                    sandbox_of,
                    members,
                });
            }
            for (organization, workspace, creator, setting, members) in projects {
                let organization = organization % organizations;
                let rows = &world.projects;
                let id = rows.iter().filter(|row| row.organization == organization).count() as u32;
                let here: Vec<_> = (0..world.workspaces.len())
                    .filter(|&row| world.workspaces[row].organization == organization)
                    .collect();
                let workspace = workspace.filter(|_| !here.is_empty()).map(|row| *row.get(&here));
                world.projects.push(ProjectRow {
                    organization,
                    id,
                    workspace,
                    creator,
                    setting,
                    members,
                });
            }
            if !world.projects.is_empty() {
                let projects = world.projects.len();
                for (project, record, people) in tasks {
                    world.tasks.push(TaskRow { project: project.index(projects), record, people });
                }
                for (project, user, role) in project_roles {
                    world.project_roles.push(ProjectRole {
                        project: project.index(projects),
                        user,
                        role,
                    });
                }
            }
            world
        })
}

/// The naive model.
impl World {
    pub(crate) fn things(&self) -> Vec<Thing> {
        let mut things: Vec<_> = (0..self.organizations).map(Thing::Organization).collect();
        things.extend((0..self.workspaces.len()).map(Thing::Workspace));
        things.extend((0..self.projects.len()).map(Thing::Project));
        things.extend((0..self.tasks.len()).map(Thing::Task));
        things
    }

    pub(crate) fn organization_of(&self, thing: Thing) -> u32 {
        match thing {
            Thing::Organization(id) => id,
            Thing::Workspace(row) => self.workspaces[row].organization,
            Thing::Project(row) => self.projects[row].organization,
            Thing::Task(row) => self.projects[self.tasks[row].project].organization,
        }
    }

    fn project_of(&self, thing: Thing) -> Option<usize> {
        match thing {
            Thing::Organization(_) | Thing::Workspace(_) => None,
            Thing::Project(row) => Some(row),
            Thing::Task(row) => Some(self.tasks[row].project),
        }
    }

    /// What holds the thing and is of the kind that the action is done to; the thing itself if it
    /// is of that kind, or holds things of it.
    fn acted_on(&self, key: &str, thing: Thing) -> Thing {
        match (common::kind(key), thing) {
            ("Organization", _) => Thing::Organization(self.organization_of(thing)),
            ("Workspace", Thing::Project(_) | Thing::Task(_)) => {
                let workspace = self.project_of(thing).and_then(|row| self.projects[row].workspace);
                workspace.map_or(Thing::Organization(self.organization_of(thing)), Thing::Workspace)
            }
            ("Project", Thing::Task(row)) => Thing::Project(self.tasks[row].project),
            _ => thing,
        }
    }

    /// The facts that count for an action, and the role.
    pub(crate) fn standing(
        &self,
        member: &Member,
        key: &str,
        thing: Thing,
    ) -> (&'static str, Facts) {
        let acted_on = self.acted_on(key, thing);
        let mut facts = self.facts(member, acted_on);
        let of_kind = match acted_on {
            Thing::Organization(_) => "Organization",
            Thing::Workspace(_) => "Workspace",
            Thing::Project(_) => "Project",
            Thing::Task(_) => "Task",
        };
        if common::kind(key) != of_kind {
            // It is done to something that this holds: nothing there is one's own yet.
            facts.own = false;
            facts.own_permitted = false;
        }
        (self.role(member, acted_on), facts)
    }

    pub(crate) fn facts(&self, member: &Member, thing: Thing) -> Facts {
        let mut facts = Facts {
            organization: member.organization == self.organization_of(thing),
            workspace: false,
            project: false,
            own: false,
            own_permitted: false,
        };
        if !facts.organization {
            return facts;
        }
        let user = member.user;
        let project = self.project_of(thing);
        let workspace = match thing {
            Thing::Workspace(row) => Some(row),
            _ => project.and_then(|row| self.projects[row].workspace),
        };
        if let Some(row) = workspace.map(|row| &self.workspaces[row]) {
            facts.workspace = match row.sandbox_of {
                Some(owner) => owner == user,
                None => row.creator == Some(user) || row.members.contains(&user),
            };
        }
        if let Some(number) = project {
            let row = &self.projects[number];
            let assigned = self
                .tasks
                .iter()
                .any(|task| !task.record && task.project == number && task.people.contains(&user));
            // Annotators and reviewers reach what they were added to or have tasks in, and no more.
            let created = row.creator == Some(user) && ["OW", "AD", "MA"].contains(&member.role);
            facts.project = created || row.members.contains(&user) || assigned;
        }
        facts.own = match thing {
            Thing::Organization(_) => false,
            Thing::Workspace(row) => self.workspaces[row].creator == Some(user),
            Thing::Project(row) => self.projects[row].creator == Some(user),
            Thing::Task(row) => self.tasks[row].people.contains(&user),
        };
        facts.own_permitted = facts.own && project.is_some_and(|row| self.projects[row].setting);
        facts
    }

    pub(crate) fn role(&self, member: &Member, thing: Thing) -> &'static str {
        let in_project = |code: &str| {
            member.organization == self.organization_of(thing)
                && self.project_of(thing).is_some_and(|project| {
                    self.project_roles.iter().any(|row| {
                        row.project == project && row.user == member.user && row.role == code
                    })
                })
        };
        match member.role {
            "AN" | "RE" if in_project("AN") => "AN",
            "AN" | "RE" if in_project("RE") => "RE",
            role => role,
        }
    }

    pub(crate) fn may(&self, member: &Member, key: &str, thing: Thing) -> bool {
        let (role, facts) = self.standing(member, key, thing);
        common::may(role, key, facts)
    }
}

/// The same world, as a service hands it to the crate. Ids are renamed by `name`.
impl World {
    pub(crate) fn subject<T: PartialEq, F: Fn(u32) -> T>(
        &self,
        member: &Member,
        name: F,
    ) -> Subject<T, impl Memberships<T> + use<T, F>> {
        let projects = |is_in: &dyn Fn(usize, &ProjectRow) -> bool| -> Vec<ProjectId<T>> {
            let rows = self.projects.iter().enumerate();
            rows.filter(|(number, row)| {
                row.organization == member.organization && is_in(*number, row)
            })
            .map(|(_, row)| ProjectId(name(row.id)))
            .collect()
        };
        let with_role = |code: &str| {
            projects(&|number, _| {
                self.project_roles
                    .iter()
                    .any(|row| row.project == number && row.user == member.user && row.role == code)
            })
        };
        let workspaces = self.workspaces.iter().filter(|row| {
            row.organization == member.organization && row.members.contains(&member.user)
        });
        Subject {
            organization: OrganizationId(name(member.organization)),
            user: UserId(name(member.user)),
            role: member.role.parse().expect("a code of the specification"),
            memberships: Lists {
                workspaces: workspaces.map(|row| WorkspaceId(name(row.id))).collect::<Vec<_>>(),
                projects: projects(&|_, row| row.members.contains(&member.user)),
                assignments: projects(&|number, _| {
                    let assigned = |task: &TaskRow| !task.record && task.project == number;
                    self.tasks
                        .iter()
                        .any(|task| assigned(task) && task.people.contains(&member.user))
                }),
                annotator_in: with_role("AN"),
                reviewer_in: with_role("RE"),
            },
        }
    }

    /// What the visitor says of the resource that the thing is.
    pub(crate) fn visit<T: Clone, V: Visitor<T>>(
        &self,
        thing: Thing,
        name: impl Fn(u32) -> T,
        visitor: &V,
    ) -> V::Answer {
        let organization = OrganizationId(name(self.organization_of(thing)));
        let workspace = |row: usize| {
            let row = &self.workspaces[row];
            let organization = organization.clone();
            match (row.sandbox_of, row.creator) {
                (Some(user), _) => {
                    organization.sandbox(WorkspaceId(name(row.id)), UserId(name(user)))
                }
                (None, Some(user)) => {
                    organization.workspace(WorkspaceId(name(row.id))).created_by(UserId(name(user)))
                }
                (None, None) => organization.workspace(WorkspaceId(name(row.id))),
            }
        };
        let project = |row: usize| {
            let row = &self.projects[row];
            let id = ProjectId(name(row.id));
            let project = match row.workspace {
                Some(number) => workspace(number).project(id),
                None => organization.clone().project(id),
            };
            let project = project.annotators_view_own_data(row.setting);
            match row.creator {
                Some(user) => project.created_by(UserId(name(user))),
                None => project,
            }
        };
        match thing {
            Thing::Organization(_) => visitor.visit(&organization),
            Thing::Workspace(row) => visitor.visit(&workspace(row)),
            Thing::Project(row) => visitor.visit(&project(row)),
            Thing::Task(row) => {
                let task = &self.tasks[row];
                let people: Vec<_> = task.people.iter().map(|&user| UserId(name(user))).collect();
                let (project, id) = (project(task.project), name(row as u32));
                if task.record {
                    visitor.visit(&project.record(RecordId(id), &people))
                } else {
                    visitor.visit(&project.task(TaskId(id), &people))
                }
            }
        }
    }
}

/// What is asked of a resource, whatever its kind.
pub(crate) trait Visitor<T> {
    type Answer;
    fn visit(&self, resource: &impl Resource<T>) -> Self::Answer;
}
