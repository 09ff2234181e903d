//! The rules, typed from the pages in plain code over their text. This file shares nothing with the
//! crate but the codes, keys and names that the two meet by; it needs the standard library alone.

/// A row: name, key, category, the cells of `COLUMNS`, and the words of the source document.
pub type MatrixRow = (&'static str, &'static str, &'static str, [&'static str; 5], &'static str);

/// A matrix that a test made up: the cell of a role code and an action key, such as `"O P W"`.
pub type Cells<'a> = &'a dyn Fn(&str, &str) -> String;

pub const CODES: [&str; 7] = ["OW", "AD", "MA", "RE", "AN", "NO", "DI"];

pub const COLUMNS: [&str; 5] = ["AN", "RE", "MA", "AD", "OW"];

/// Declares [`TABLE`], and a macro that hands the names in it to another macro.
macro_rules! table {
    ($dollar:tt $($category:literal { $(($Action:ident, $key:literal, $cells:expr, $source:literal),)+ })+) => {
        pub const TABLE: [MatrixRow; [$($($key),+),+].len()] =
            [$($( (stringify!($Action), $key, $category, $cells, $source), )+)+];

        /// Calls the macro with the names of all actions.
        #[macro_export]
        macro_rules! each_action {
            ($dollar each:ident) => {
                $dollar each! { $($($Action)+)+ }
            };
        }
    };
}

#[rustfmt::skip]
table! { $
    "User Management" {
        (ChangeUserRoles, "members.change_role", ["-", "-", "-", "G", "G"], "Change user roles"),
        (ViewPeoplePage, "members.view", ["-", "-", "G", "G", "G"], "View People page"),
        (InvitePeople, "organizations.invite", ["-", "-", "-", "G", "G"], "Invite people to organization"),
        (CreateWorkspace, "workspaces.create", ["-", "-", "G", "G", "G"], "Workspace access: C"),
        (ViewWorkspace, "workspaces.view", ["W", "W", "G", "G", "G"], "Workspace access: R"),
        (ChangeWorkspace, "workspaces.change", ["-", "-", "O W", "G", "G"], "Workspace access: U"),
        (DeleteWorkspace, "workspaces.delete", ["-", "-", "O W", "G", "G"], "Workspace access: D"),
    }
    "Project Management" {
        (CreateProject, "projects.create", ["-", "-", "O W", "G", "G"], "Project access: C"),
        (ViewProject, "projects.view", ["P", "P", "G", "G", "G"], "Project access: R"),
        (ChangeProject, "projects.change", ["-", "-", "O P W", "G", "G"], "Project access: U"),
        (DeleteProject, "projects.delete", ["-", "-", "O P W", "G", "G"], "Project access: D"),
        (SaveProjectTemplates, "templates.create", ["-", "-", "O P W", "G", "G"], "Save custom project templates"),
    }
    "Data Access" {
        (ViewProjectData, "data.view", ["O?", "O P", "O P W", "G", "G"], "View project data"),
        (ImportData, "data.import", ["-", "-", "O P W", "G", "G"], "Import data"),
        (ExportData, "data.export", ["-", "-", "O P W", "G", "G"], "Export data"),
    }
    "Data Labeling Workflows" {
        (AssignAnnotators, "tasks.assign_annotators", ["-", "P", "O P W", "G", "G"], "Assign annotators to tasks"),
        (LabelTasks, "tasks.label", ["P", "P", "O P W", "G", "G"], "Access labeling workflow"),
        (ReviewAnnotations, "annotations.review", ["-", "P", "O P W", "G", "G"], "Access review workflow"),
        (MonitorAgreement, "agreement.view", ["-", "P", "O P W", "G", "G"], "Monitor annotator agreement"),
        (ReviewPerformance, "performance.view", ["O", "O P", "O P W", "G", "G"], "Review annotator performance"),
        (VerifyAnnotations, "annotations.verify", ["-", "P", "O P W", "G", "G"], "Verify annotation results"),
        (AssignReviewers, "tasks.assign_reviewers", ["-", "-", "O P W", "G", "G"], "Assign reviewers to tasks"),
    }
    "Advanced" {
        (UseApi, "api.use", ["-", "-", "O W", "G", "G"], "API access to equivalent Label Studio functionality"),
    }
    "Analytics" {
        (TrackDashboards, "dashboards.view", ["O", "O P", "O P W", "G", "G"],
         "Track what happens and when on annotation dashboards"),
        (ViewAnnotatorDashboard, "annotator_dashboard.view", ["O", "-", "-", "-", "-"], "View annotator dashboard"),
        (ViewActivityLog, "activity_log.view", ["-", "-", "-", "G", "G"], "View system-wide activity log"),
    }
    "From the role descriptions" {
        (CreateOrganization, "organizations.create", ["-", "-", "-", "-", "G"], "Owner: can create organizations"),
        (ActivateMembers, "members.activate", ["-", "-", "-", "G", "G"],
         "must be activated by an organization owner or administrator"),
        (ChangeAnnotations, "annotations.change", ["O", "O P", "O P W", "G", "G"],
         "Reviewer: can review and update task annotations"),
        (ViewOwnerAccount, "owner_account.view", ["-", "-", "-", "-", "G"],
         "Administrator: can't see the workspace owner's account page"),
    }
}

/// The facts and their levels, in the order of the page's table. Bit n is the n-th.
pub const FACTS: [(&str, &str); 10] = [
    ("workspace_creator", "Workspace"),
    ("workspace_member", "Workspace"),
    ("project_creator", "Project"),
    ("project_member", "Project"),
    ("project_assignee", "Project"),
    ("acts_as_annotator", "Project"),
    ("acts_as_reviewer", "Project"),
    ("own_data_permitted", "Project"),
    ("assignee", "Task"),
    ("author", "Record"),
];

/// The same by name, for the rules below.
pub const WORKSPACE_CREATOR: u16 = 1 << 0;
pub const WORKSPACE_MEMBER: u16 = 1 << 1;
pub const PROJECT_CREATOR: u16 = 1 << 2;
pub const PROJECT_MEMBER: u16 = 1 << 3;
pub const PROJECT_ASSIGNEE: u16 = 1 << 4;
pub const ACTS_AS_ANNOTATOR: u16 = 1 << 5;
pub const ACTS_AS_REVIEWER: u16 = 1 << 6;
pub const OWN_DATA_PERMITTED: u16 = 1 << 7;
pub const ASSIGNEE: u16 = 1 << 8;
pub const AUTHOR: u16 = 1 << 9;

/// The cell of a role code and an action key, as the specification writes it.
pub fn cell(role: &str, key: &str) -> &'static str {
    let row = TABLE.iter().find(|row| row.1 == key).expect("a key of the specification");
    match COLUMNS.iter().position(|&column| column == role) {
        Some(column) => row.3[column],
        None => "-", // NO and DI have no column: they hold nothing
    }
}

/// The kind of resource that an action is done to.
pub fn kind(key: &str) -> &'static str {
    match key {
        "members.change_role" | "members.view" | "members.activate" => "Organization",
        "organizations.invite" | "organizations.create" | "workspaces.create" => "Organization",
        "activity_log.view" | "owner_account.view" => "Organization",
        "workspaces.view" | "workspaces.change" | "workspaces.delete" => "Workspace",
        "projects.create" => "Workspace",
        "projects.view" | "projects.change" | "projects.delete" | "templates.create" => "Project",
        "data.import" | "data.export" | "api.use" => "Project",
        _ => "Task",
    }
}

/// The view that guards an action: of the organization's people, of the workspace, of the project, or
/// of a page of its own. A view guards itself, and nothing guards `workspaces.create`.
pub fn guard(key: &str) -> Option<&'static str> {
    match key {
        "workspaces.create" => None,
        "members.change_role" | "members.view" | "members.activate" => Some("members.view"),
        "organizations.invite" | "organizations.create" => Some("members.view"),
        "workspaces.view" | "workspaces.change" | "workspaces.delete" | "projects.create" => {
            Some("workspaces.view")
        }
        "activity_log.view" => Some("activity_log.view"),
        "owner_account.view" => Some("owner_account.view"),
        _ => Some("projects.view"),
    }
}

/// The bit of a fact.
pub fn bit(fact: &str) -> u16 {
    let position = FACTS.iter().position(|&(name, _)| name == fact);
    1 << position.expect("a fact of the specification")
}

/// The bits of some facts.
pub fn bits(facts: &[&str]) -> u16 {
    facts.iter().fold(0, |bits, fact| bits | bit(fact))
}

/// The bits of all facts of a level.
pub fn level(level: &str) -> u16 {
    FACTS.iter().filter(|fact| fact.1 == level).fold(0, |bits, fact| bits | bit(fact.0))
}

pub fn holds(bits: u16, fact: &str) -> bool {
    bits & bit(fact) != 0
}

/// Nobody acts as two things, and who has this task has tasks in its project. That a task has no
/// author and a record no assignee is not asked here: facts do not say which of the two they are of,
/// and `known` does.
pub fn possible(bits: u16) -> bool {
    let has = |fact| bits & fact != 0;
    bits < 1 << FACTS.len()
        && !(has(ACTS_AS_ANNOTATOR) && has(ACTS_AS_REVIEWER))
        && (!has(ASSIGNEE) || has(PROJECT_ASSIGNEE))
}

/// All facts that can be so.
pub fn all() -> impl Iterator<Item = u16> {
    (0..1 << FACTS.len()).filter(|&bits| possible(bits))
}

/// Of some facts, those that are known from a row of a kind. A task and a record both stand in a project,
/// and neither in the other.
pub fn known(kind: &str, bits: u16) -> u16 {
    match kind {
        "Organization" => 0,
        "Workspace" => bits & (WORKSPACE_CREATOR | WORKSPACE_MEMBER),
        "Project" => bits & !(ASSIGNEE | AUTHOR),
        "Task" => bits & !AUTHOR,
        "Record" => bits & !ASSIGNEE,
        other => panic!("no kind of the specification: {other}"),
    }
}

/// The kind of rows that are listed for an action within a row of a kind: those that the action is done to,
/// if they lie within it, and within a task its records.
pub fn lists(within: &str, key: &str) -> Option<&'static str> {
    match (within, kind(key)) {
        ("Organization", "Workspace") => Some("Workspace"),
        ("Organization" | "Workspace", "Project") => Some("Project"),
        ("Organization" | "Workspace" | "Project", "Task") => Some("Task"),
        ("Task", "Task") => Some("Record"),
        _ => None,
    }
}

/// All facts that a row can have within one of a kind that has these. Of a task there holds for its records
/// what holds of its project, and no more.
pub fn inside(within: &str, bits: u16) -> impl Iterator<Item = u16> {
    let is_task = within == "Task";
    let around = if is_task { "Project" } else { within };
    let bits = known(around, bits);
    all().filter(move |&facts| {
        known(around, facts) == bits && (!is_task || known("Record", facts) == facts)
    })
}

/// Which facts give which scope: the letters of the matrix that are held of a resource of a kind.
/// The role is the organization's.
pub fn scopes(role: &str, kind: &str, bits: u16) -> Vec<&'static str> {
    let has = |fact| bits & fact != 0;
    let mut scopes = Vec::new();
    if role == "NO" || role == "DI" {
        return scopes;
    }
    let is_worker = role == "AN" || role == "RE";

    let workspace = match kind {
        "Organization" => false,
        _ => has(WORKSPACE_CREATOR) || has(WORKSPACE_MEMBER),
    };
    let project = match kind {
        "Organization" | "Workspace" => false,
        _ => has(PROJECT_MEMBER) || has(PROJECT_ASSIGNEE) || (has(PROJECT_CREATOR) && !is_worker),
    };
    let own = match kind {
        "Organization" => false,
        "Workspace" => has(WORKSPACE_CREATOR),
        "Project" => has(PROJECT_CREATOR) && !is_worker,
        "Task" | "Record" => has(ASSIGNEE) || (has(AUTHOR) && project),
        other => panic!("no kind of the specification: {other}"),
    };

    scopes.push("G");
    if workspace {
        scopes.push("W");
    }
    if project {
        scopes.push("P");
    }
    if own {
        scopes.push("O");
    }
    // It is a setting of a project: a workspace has none.
    if own && kind != "Workspace" && has(OWN_DATA_PERMITTED) {
        scopes.push("O?");
    }
    scopes
}

/// Which role counts, by its code. `None` is nobody.
pub fn acts_as<'a>(role: &'a str, kind: &str, bits: u16) -> Option<&'a str> {
    let in_project = kind == "Project" || kind == "Task" || kind == "Record";
    if in_project && (role == "AN" || role == "RE") {
        if bits & ACTS_AS_ANNOTATOR != 0 {
            Some("AN")
        } else if bits & ACTS_AS_REVIEWER != 0 {
            Some("RE")
        } else {
            None
        }
    } else {
        Some(role)
    }
}

/// The decision. Facts are `None` for what is outside the organization.
pub fn may(role: &str, key: &str, facts: Option<u16>) -> bool {
    may_in(&built_in, role, key, facts)
}

/// The decision by another matrix.
pub fn may_in(cells: Cells<'_>, role: &str, key: &str, facts: Option<u16>) -> bool {
    let Some(bits) = facts else { return false };
    let Some(acting) = acts_as(role, kind(key), bits) else { return false };
    let held = scopes(role, kind(key), bits);
    letters(&cells(acting, key)).iter().any(|letter| held.contains(letter))
}

/// Whether a denial must not tell that the thing exists.
pub fn hidden(role: &str, key: &str, facts: Option<u16>) -> bool {
    hidden_in(&built_in, role, key, facts)
}

pub fn hidden_in(cells: Cells<'_>, role: &str, key: &str, facts: Option<u16>) -> bool {
    narrowed_hidden_in(cells, role, key, facts, false, None)
}

/// The decision about somebody who uses the API, or whose token carries only some actions.
pub fn narrowed(
    role: &str,
    key: &str,
    facts: Option<u16>,
    through_api: bool,
    limit: Option<&[&str]>,
) -> bool {
    narrowed_in(&built_in, role, key, facts, through_api, limit)
}

pub fn narrowed_in(
    cells: Cells<'_>,
    role: &str,
    key: &str,
    facts: Option<u16>,
    through_api: bool,
    limit: Option<&[&str]>,
) -> bool {
    let in_limit = match limit {
        None => true,
        Some(set) => set.contains(&key) && guard(key).is_none_or(|guard| set.contains(&guard)),
    };
    // Asked of the person: the limit is not looked at.
    let in_api = match kind(key) {
        _ if !through_api => true,
        "Organization" | "Workspace" => !letters(&cells(role, "api.use")).is_empty(),
        _ => may_in(cells, role, "api.use", facts),
    };
    may_in(cells, role, key, facts) && in_limit && in_api
}

/// `hidden`, of somebody who is narrowed: the guard is asked of them as they are narrowed.
pub fn narrowed_hidden(
    role: &str,
    key: &str,
    facts: Option<u16>,
    through_api: bool,
    limit: Option<&[&str]>,
) -> bool {
    narrowed_hidden_in(&built_in, role, key, facts, through_api, limit)
}

pub fn narrowed_hidden_in(
    cells: Cells<'_>,
    role: &str,
    key: &str,
    facts: Option<u16>,
    through_api: bool,
    limit: Option<&[&str]>,
) -> bool {
    if facts.is_none() {
        return true;
    }
    match guard(key) {
        None => false,
        Some(guard) => !narrowed_in(cells, role, guard, facts, through_api, limit),
    }
}

/// The code of the first reason that applies for a denial: the person's, then the limit's, then the API's.
pub fn reason(
    role: &str,
    key: &str,
    facts: Option<u16>,
    through_api: bool,
    limit: Option<&[&str]>,
) -> &'static str {
    assert!(!narrowed(role, key, facts, through_api, limit), "permitted");
    let kind = kind(key);
    match (role, facts) {
        ("NO", _) => "not_activated",
        ("DI", _) => "deactivated",
        (_, None) => "outside_organization",
        _ if may(role, key, facts) && !narrowed(role, key, facts, false, limit) => "not_in_limit",
        _ if may(role, key, facts) => "not_through_api",
        (_, Some(bits)) => match acts_as(role, kind, bits) {
            None => "acts_as_nobody",
            Some(acting) => match cell(acting, key) {
                "-" => "role_never_holds",
                "O?" if scopes(role, kind, bits).contains(&"O") => "setting_off",
                _ => "scope_not_held",
            },
        },
    }
}

/// The specification's matrix, as one that a test made up.
fn built_in(role: &str, key: &str) -> String {
    cell(role, key).to_owned()
}

/// The letters of a cell. A dash is none.
fn letters(cell: &str) -> Vec<&str> {
    let known = |letter: &&str| match *letter {
        "-" => false,
        "O" | "O?" | "P" | "W" | "G" => true,
        other => panic!("no letter of the specification: {other}"),
    };
    cell.split_whitespace().filter(known).collect()
}
