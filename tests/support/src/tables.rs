//! A world as the database of a service has it, in rows, and an oracle that walks them naively.
//! Like `oracle`, it shares nothing with the crate.

use std::ops::RangeInclusive;

use crate::oracle;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub organizations: Vec<OrganizationRow>,
    pub organization_members: Vec<OrganizationMemberRow>,
    pub workspaces: Vec<WorkspaceRow>,
    pub workspace_members: Vec<WorkspaceMemberRow>,
    pub projects: Vec<ProjectRow>,
    pub project_members: Vec<ProjectMemberRow>,
    pub project_roles: Vec<ProjectRoleRow>,
    pub tasks: Vec<TaskRow>,
    pub task_assignees: Vec<TaskAssigneeRow>,
    pub annotations: Vec<AnnotationRow>,
    /// The ids of all users. They have no table: that there is a user gives them nothing.
    pub users: Vec<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrganizationRow {
    pub id: i64,
}

/// One role for each organization and user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrganizationMemberRow {
    pub organization_id: i64,
    pub user_id: i64,
    pub role: &'static str,
}

/// A personal sandbox is that of the user in `created_by`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkspaceRow {
    pub id: i64,
    pub organization_id: i64,
    pub created_by: Option<i64>,
    pub is_personal: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkspaceMemberRow {
    pub workspace_id: i64,
    pub user_id: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProjectRow {
    pub id: i64,
    pub organization_id: i64,
    pub workspace_id: Option<i64>,
    pub created_by: Option<i64>,
    pub show_annotation_history: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProjectMemberRow {
    pub project_id: i64,
    pub user_id: i64,
}

/// Somebody may have two rows in a project, one of each role.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProjectRoleRow {
    pub project_id: i64,
    pub user_id: i64,
    pub role: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskRow {
    pub id: i64,
    pub project_id: i64,
}

/// The project is that of the task, kept here for an index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskAssigneeRow {
    pub task_id: i64,
    pub user_id: i64,
    pub project_id: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnnotationRow {
    pub id: i64,
    pub task_id: i64,
    pub completed_by: Option<i64>,
}

/// A row of one of the tables, by its id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Thing {
    Organization(i64),
    Workspace(i64),
    Project(i64),
    Task(i64),
    Annotation(i64),
}

/// The naive model.
impl World {
    pub fn things(&self) -> Vec<Thing> {
        let mut things = Vec::new();
        things.extend(self.organizations.iter().map(|row| Thing::Organization(row.id)));
        things.extend(self.workspaces.iter().map(|row| Thing::Workspace(row.id)));
        things.extend(self.projects.iter().map(|row| Thing::Project(row.id)));
        things.extend(self.tasks.iter().map(|row| Thing::Task(row.id)));
        things.extend(self.annotations.iter().map(|row| Thing::Annotation(row.id)));
        things
    }

    pub fn workspace(&self, id: i64) -> Option<WorkspaceRow> {
        self.workspaces.iter().copied().find(|row| row.id == id)
    }

    pub fn project(&self, id: i64) -> Option<ProjectRow> {
        self.projects.iter().copied().find(|row| row.id == id)
    }

    pub fn task(&self, id: i64) -> Option<TaskRow> {
        self.tasks.iter().copied().find(|row| row.id == id)
    }

    pub fn annotation(&self, id: i64) -> Option<AnnotationRow> {
        self.annotations.iter().copied().find(|row| row.id == id)
    }

    /// The role of a user in an organization, by its code. `None` is who is no member.
    pub fn role(&self, user: i64, organization: i64) -> Option<&'static str> {
        let mut rows = self.organization_members.iter();
        rows.find(|row| row.organization_id == organization && row.user_id == user)
            .map(|row| row.role)
    }

    /// What is left without what somebody was given in a project: a role, tasks, the membership.
    pub fn without(&self, project: i64, user: i64) -> World {
        let mut left = self.clone();
        left.project_roles.retain(|row| (row.project_id, row.user_id) != (project, user));
        left.project_members.retain(|row| (row.project_id, row.user_id) != (project, user));
        left.task_assignees.retain(|row| {
            let of_task = self.task(row.task_id).expect("a task").project_id;
            (of_task, row.user_id) != (project, user)
        });
        left
    }

    pub fn organization_of(&self, thing: Thing) -> Option<i64> {
        match thing {
            Thing::Organization(id) => {
                self.organizations.iter().find(|row| row.id == id).map(|row| row.id)
            }
            Thing::Workspace(id) => Some(self.workspace(id)?.organization_id),
            _ => Some(self.project_of(thing)?.organization_id),
        }
    }

    /// The project that a thing is, or is in.
    pub fn project_of(&self, thing: Thing) -> Option<ProjectRow> {
        match thing {
            Thing::Organization(_) | Thing::Workspace(_) => None,
            Thing::Project(id) => self.project(id),
            Thing::Task(id) => self.project(self.task(id)?.project_id),
            Thing::Annotation(id) => self.project_of(Thing::Task(self.annotation(id)?.task_id)),
        }
    }

    /// The workspace that a thing is, or is in, whatever organization it is of.
    pub fn workspace_of(&self, thing: Thing) -> Option<WorkspaceRow> {
        match thing {
            Thing::Workspace(id) => self.workspace(id),
            _ => self.workspace(self.project_of(thing)?.workspace_id?),
        }
    }

    /// The facts of a user, as a member of an organization, and a thing. `None` is outside: the thing
    /// is of another organization, or there is none, or the user is no member of theirs.
    pub fn facts(&self, user: i64, organization: i64, thing: Thing) -> Option<u16> {
        let role = self.role(user, organization)?;
        if self.organization_of(thing)? != organization {
            return None;
        }
        let mut facts = 0;
        let mut say = |fact, is_so| {
            if is_so {
                facts |= fact;
            }
        };

        let workspace = self.workspace_of(thing);
        if let Some(workspace) = workspace.filter(|row| row.organization_id == organization) {
            let mut rows = self.workspace_members.iter();
            let is_member = rows.any(|row| row.workspace_id == workspace.id && row.user_id == user);
            say(oracle::WORKSPACE_CREATOR, workspace.created_by == Some(user));
            say(oracle::WORKSPACE_MEMBER, is_member && !workspace.is_personal);
        }

        if let Some(project) = self.project_of(thing) {
            let mut members = self.project_members.iter();
            let is_member = members.any(|row| row.project_id == project.id && row.user_id == user);
            let acts_as = self.acts_as(user, role, project.id);
            say(oracle::PROJECT_CREATOR, project.created_by == Some(user));
            say(oracle::PROJECT_MEMBER, is_member);
            say(oracle::PROJECT_ASSIGNEE, self.has_tasks_in(user, project.id));
            say(oracle::ACTS_AS_ANNOTATOR, acts_as == Some("AN"));
            say(oracle::ACTS_AS_REVIEWER, acts_as == Some("RE"));
            say(oracle::OWN_DATA_PERMITTED, project.show_annotation_history);
        }

        if let Thing::Task(id) = thing {
            let mut rows = self.task_assignees.iter();
            let is_assignee = rows.any(|row| row.task_id == id && row.user_id == user);
            say(oracle::ASSIGNEE, is_assignee);
            say(oracle::PROJECT_ASSIGNEE, is_assignee);
        }
        if let Thing::Annotation(id) = thing {
            say(oracle::AUTHOR, self.annotation(id)?.completed_by == Some(user));
        }
        Some(facts)
    }

    fn has_tasks_in(&self, user: i64, project: i64) -> bool {
        self.task_assignees.iter().any(|row| {
            let task = self.task(row.task_id);
            row.user_id == user && task.is_some_and(|task| task.project_id == project)
        })
    }

    /// What a member acts as in a project: the project role where there is one, both being
    /// Annotator, else the organization role. A row that names neither leaves nothing.
    fn acts_as(&self, user: i64, role: &'static str, project: i64) -> Option<&'static str> {
        if role != "AN" && role != "RE" {
            return None;
        }
        let rows = || {
            self.project_roles.iter().filter(|row| row.project_id == project && row.user_id == user)
        };
        if rows().count() == 0 {
            Some(role)
        } else if rows().any(|row| row.role == "AN") {
            Some("AN")
        } else if rows().any(|row| row.role == "RE") {
            Some("RE")
        } else {
            None
        }
    }

    pub fn may(&self, user: i64, organization: i64, key: &str, thing: Thing) -> bool {
        match self.role(user, organization) {
            Some(role) => oracle::may(role, key, self.facts(user, organization, thing)),
            None => false,
        }
    }
}

/// The ends of i64 and what lies around 0. Every table of five rows or more has all of them.
pub const ENDS: [i64; 5] = [i64::MIN, -1, 0, 1, i64::MAX];

/// Renames an id to text that has to be quoted, escaped or bound. Different ids get different text.
pub fn text_id(id: i64) -> String {
    const AROUND: [(&str, &str); 12] = [
        ("", ""),
        ("'", "'"),
        ("\"", "\\"),
        ("%", "_%"),
        ("\\'", "''"),
        ("é", "e\u{301}"),
        ("名前", "🦀"),
        ("$", "$$"),
        ("?", "? "),
        ("' OR ''='", "/*"),
        ("{", "}\n\t"),
        (" ", "\u{200f}`;"),
    ];
    let (before, after) = AROUND[id.rem_euclid(AROUND.len() as i64) as usize];
    format!("{before}{id}{after}") // nothing around it is a digit or a minus
}

/// Renames an id to a UUID: 0 is the nil UUID, and -1 the greatest.
pub fn uuid(id: i64) -> u128 {
    let half = u128::from(id as u64);
    half << 64 | half
}

/// Splitmix64: the same numbers for the same seed, everywhere.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// True `n` times of `of`.
    fn chance(&mut self, n: usize, of: usize) -> bool {
        self.below(of) < n
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Some of them, each once, at most `most`.
    fn some(&mut self, from: &[i64], most: usize) -> Vec<i64> {
        let mut items = from.to_vec();
        self.shuffle(&mut items);
        items.truncate(self.below(most + 1));
        items
    }

    /// Ids for the rows of a table, in no order: the ends first, the rest from a few small ones, so
    /// that the same ids are in all tables.
    fn ids(&mut self, count: RangeInclusive<usize>) -> Vec<i64> {
        let count = count.start() + self.below(count.end() - count.start() + 1);
        let mut ends = ENDS.to_vec();
        let mut rest: Vec<i64> = (2..34).collect();
        self.shuffle(&mut ends);
        self.shuffle(&mut rest);
        let mut ids: Vec<i64> = ends.into_iter().chain(rest).take(count).collect();
        self.shuffle(&mut ids);
        ids
    }
}

/// The generator. It plants the shapes that rules go wrong on, and lets the rest fall as it may.
impl World {
    pub fn generate(seed: u64) -> World {
        let random = &mut Random(seed);
        let mut world = World::default();

        // Who is what, where. The first users are the ones that are planted.
        let organizations = random.ids(2..=3);
        let users = random.ids(6..=8);
        let (here, there) = (organizations[0], organizations[1]);
        let [ann, rea, max, dia, amy] = [users[0], users[1], users[2], users[3], users[4]];
        for &organization in &organizations {
            for &user in &users {
                if random.chance(3, 4) {
                    let mut roles = oracle::CODES.to_vec();
                    roles.extend(["AN", "AN", "RE", "RE", "MA"]);
                    world.set_role(organization, user, random.pick(&roles));
                }
            }
        }
        world.set_role(here, ann, "AN");
        world.set_role(here, rea, "RE");
        world.set_role(here, max, "MA");
        world.set_role(here, dia, "DI");
        world.set_role(here, amy, "AN");
        world.set_role(there, ann, "MA"); // in several organizations, as different things
        world.set_role(there, rea, "AN");

        // Workspaces.
        let ids = random.ids(5..=7);
        for &id in &ids {
            let row = WorkspaceRow {
                id,
                organization_id: random.pick(&organizations),
                created_by: random.chance(4, 5).then(|| random.pick(&users)),
                is_personal: random.chance(1, 3),
            };
            world.workspaces.push(row);
            for user in random.some(&users, 3) {
                world.add_to_workspace(id, user);
            }
        }
        let [sandbox, shared] = [ids[0], ids[1]];
        // A sandbox of one, with membership rows for others.
        world.workspaces[0] = WorkspaceRow {
            id: sandbox,
            organization_id: here,
            created_by: Some(max),
            is_personal: true,
        };
        world.add_to_workspace(sandbox, ann);
        world.add_to_workspace(sandbox, rea);
        // What a project of another organization says that it is in.
        world.workspaces[1] = WorkspaceRow {
            id: shared,
            organization_id: here,
            created_by: Some(ann),
            is_personal: false,
        };
        world.add_to_workspace(shared, rea);
        world.add_to_workspace(shared, max);

        // Projects.
        let mut ids = random.ids(9..=12);
        ids[..3].sort(); // the second, of another organization, is between the two beside it
        for &id in &ids {
            let organization_id = random.pick(&organizations);
            let near = world.workspaces.iter().filter(|row| row.organization_id == organization_id);
            let near: Vec<i64> = near.map(|row| row.id).collect();
            let row = ProjectRow {
                id,
                organization_id,
                workspace_id: (random.chance(2, 3) && !near.is_empty()).then(|| random.pick(&near)),
                created_by: random.chance(3, 4).then(|| random.pick(&users)),
                show_annotation_history: random.chance(1, 2),
            };
            world.projects.push(row);
            for user in random.some(&users, 3) {
                world.add_to_project(id, user);
            }
            for user in random.some(&users, 3) {
                world.set_project_role(id, user, random.pick(&["AN", "RE"]));
            }
        }
        let [nobodys, lost, boxed, left] = [ids[0], ids[1], ids[2], ids[3]];
        let row = |id, organization_id, workspace_id, created_by, show_annotation_history| {
            ProjectRow { id, organization_id, workspace_id, created_by, show_annotation_history }
        };
        // A project of nobody and in no workspace.
        world.projects[0] = row(nobodys, here, None, None, true);
        // One whose workspace is of another organization.
        world.projects[1] = row(lost, there, Some(shared), Some(max), true);
        // One in a sandbox.
        world.projects[2] = row(boxed, here, Some(sandbox), Some(rea), false);
        // One that somebody was taken out of, who annotated there.
        world.projects[3] = row(left, here, None, Some(amy), true);
        world.project_members.retain(|row| row.project_id != left);
        // Both project roles at once.
        world.add_to_project(nobodys, ann);
        world.set_project_role(nobodys, ann, "AN");
        world.set_project_role(nobodys, ann, "RE");
        // Up, down, and of those who are no annotators or reviewers any more.
        world.add_to_project(boxed, amy);
        world.set_project_role(boxed, amy, "RE");
        world.add_to_project(boxed, rea);
        world.set_project_role(boxed, rea, "AN");
        world.add_to_project(nobodys, max);
        world.set_project_role(nobodys, max, "RE");
        world.add_to_project(nobodys, dia);
        world.set_project_role(nobodys, dia, "AN");

        // Tasks and annotations. The first three tasks have no others than what is planted.
        let tasks = random.ids(14..=20);
        for (n, &id) in tasks.iter().enumerate() {
            let project_id = match n {
                0 | 1 => nobodys,
                2 => left,
                _ => random.pick(&ids),
            };
            world.tasks.push(TaskRow { id, project_id });
            if n > 2 && project_id != left {
                for user in random.some(&users, 3) {
                    world.assign(id, user);
                }
            }
        }
        let ids = random.ids(18..=25);
        for (n, &id) in ids.iter().enumerate() {
            let (task_id, completed_by) = match n {
                0 => (tasks[0], Some(ann)),
                1 => (tasks[0], Some(amy)),
                2 => (tasks[1], Some(amy)),
                3 => (tasks[2], Some(ann)),
                _ => {
                    let completed_by = random.chance(5, 6).then(|| random.pick(&users));
                    (random.pick(&tasks[3..]), completed_by)
                }
            };
            world.annotations.push(AnnotationRow { id, task_id, completed_by });
        }
        // Several annotators on one task.
        world.assign(tasks[0], ann);
        world.assign(tasks[0], rea);
        world.assign(tasks[0], amy);
        // Assigned without having annotated, and the reverse.
        world.assign(tasks[1], ann);

        world.organizations = organizations.into_iter().map(|id| OrganizationRow { id }).collect();
        world.users = users;
        world.mix(random);
        world
    }

    /// What was planted does not come first.
    fn mix(&mut self, random: &mut Random) {
        random.shuffle(&mut self.organizations);
        random.shuffle(&mut self.organization_members);
        random.shuffle(&mut self.workspaces);
        random.shuffle(&mut self.workspace_members);
        random.shuffle(&mut self.projects);
        random.shuffle(&mut self.project_members);
        random.shuffle(&mut self.project_roles);
        random.shuffle(&mut self.tasks);
        random.shuffle(&mut self.task_assignees);
        random.shuffle(&mut self.annotations);
        random.shuffle(&mut self.users);
    }

    fn set_role(&mut self, organization_id: i64, user_id: i64, role: &'static str) {
        let rows = &mut self.organization_members;
        rows.retain(|row| row.organization_id != organization_id || row.user_id != user_id);
        rows.push(OrganizationMemberRow { organization_id, user_id, role });
    }

    fn add_to_workspace(&mut self, workspace_id: i64, user_id: i64) {
        push_once(&mut self.workspace_members, WorkspaceMemberRow { workspace_id, user_id });
    }

    fn add_to_project(&mut self, project_id: i64, user_id: i64) {
        push_once(&mut self.project_members, ProjectMemberRow { project_id, user_id });
    }

    fn set_project_role(&mut self, project_id: i64, user_id: i64, role: &'static str) {
        push_once(&mut self.project_roles, ProjectRoleRow { project_id, user_id, role });
    }

    fn assign(&mut self, task_id: i64, user_id: i64) {
        let project_id = self.task(task_id).expect("a task of this world").project_id;
        push_once(&mut self.task_assignees, TaskAssigneeRow { task_id, user_id, project_id });
    }
}

fn push_once<T: PartialEq>(rows: &mut Vec<T>, row: T) {
    if !rows.contains(&row) {
        rows.push(row);
    }
}
