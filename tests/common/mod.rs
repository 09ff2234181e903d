//! The oracle: the matrix typed from the specification, and a decision in plain code over its text.
//! It shares nothing with the crate but the codes and keys that the two meet by.

#![allow(dead_code, reason = "each test uses a part of it")]

use labelgate::ScopeCtx;

/// A row: name, key, category, and the cells of `COLUMNS`.
pub(crate) type Row = (&'static str, &'static str, &'static str, [&'static str; 5]);

pub(crate) const CODES: [&str; 7] = ["OW", "AD", "MA", "RE", "AN", "NO", "DI"];

pub(crate) const COLUMNS: [&str; 5] = ["AN", "RE", "MA", "AD", "OW"];

#[rustfmt::skip]
pub(crate) const TABLE: [Row; 30] = [
    ("ChangeUserRoles", "members.change_role", "User Management", ["-", "-", "-", "G", "G"]),
    ("ViewPeoplePage", "members.view", "User Management", ["-", "-", "G", "G", "G"]),
    ("InvitePeople", "organizations.invite", "User Management", ["-", "-", "-", "G", "G"]),
    ("CreateWorkspace", "workspaces.create", "User Management", ["-", "-", "G", "G", "G"]),
    ("ViewWorkspace", "workspaces.view", "User Management", ["W", "W", "G", "G", "G"]),
    ("ChangeWorkspace", "workspaces.change", "User Management", ["-", "-", "O W", "G", "G"]),
    ("DeleteWorkspace", "workspaces.delete", "User Management", ["-", "-", "O W", "G", "G"]),
    ("CreateProject", "projects.create", "Project Management", ["-", "-", "O W", "G", "G"]),
    ("ViewProject", "projects.view", "Project Management", ["P", "P", "G", "G", "G"]),
    ("ChangeProject", "projects.change", "Project Management", ["-", "-", "O P W", "G", "G"]),
    ("DeleteProject", "projects.delete", "Project Management", ["-", "-", "O P W", "G", "G"]),
    ("SaveProjectTemplates", "templates.create", "Project Management", ["-", "-", "O P W", "G", "G"]),
    ("ViewProjectData", "data.view", "Data Access", ["O?", "O P", "O P W", "G", "G"]),
    ("ImportData", "data.import", "Data Access", ["-", "-", "O P W", "G", "G"]),
    ("ExportData", "data.export", "Data Access", ["-", "-", "O P W", "G", "G"]),
    ("AssignAnnotators", "tasks.assign_annotators", "Data Labeling Workflows", ["-", "P", "O P W", "G", "G"]),
    ("LabelTasks", "tasks.label", "Data Labeling Workflows", ["P", "P", "O P W", "G", "G"]),
    ("ReviewAnnotations", "annotations.review", "Data Labeling Workflows", ["-", "P", "O P W", "G", "G"]),
    ("MonitorAgreement", "agreement.view", "Data Labeling Workflows", ["-", "P", "O P W", "G", "G"]),
    ("ReviewPerformance", "performance.view", "Data Labeling Workflows", ["O", "O P", "O P W", "G", "G"]),
    ("VerifyAnnotations", "annotations.verify", "Data Labeling Workflows", ["-", "P", "O P W", "G", "G"]),
    ("AssignReviewers", "tasks.assign_reviewers", "Data Labeling Workflows", ["-", "-", "O P W", "G", "G"]),
    ("UseApi", "api.use", "Advanced", ["-", "-", "O W", "G", "G"]),
    ("TrackDashboards", "dashboards.view", "Analytics", ["O", "O P", "O P W", "G", "G"]),
    ("ViewAnnotatorDashboard", "annotator_dashboard.view", "Analytics", ["O", "-", "-", "-", "-"]),
    ("ViewActivityLog", "activity_log.view", "Analytics", ["-", "-", "-", "G", "G"]),
    ("CreateOrganization", "organizations.create", "From the role descriptions", ["-", "-", "-", "-", "G"]),
    ("ActivateMembers", "members.activate", "From the role descriptions", ["-", "-", "-", "G", "G"]),
    ("ChangeAnnotations", "annotations.change", "From the role descriptions", ["O", "O P", "O P W", "G", "G"]),
    ("ViewOwnerAccount", "owner_account.view", "From the role descriptions", ["-", "-", "-", "-", "G"]),
];

/// The cell of a role code and an action key, as the specification writes it.
pub(crate) fn cell(role: &str, key: &str) -> &'static str {
    let row = TABLE.iter().find(|row| row.1 == key).expect("a key of the specification");
    match COLUMNS.iter().position(|&column| column == role) {
        Some(column) => row.3[column],
        None => "-", // NO and DI have no column: they hold nothing
    }
}

/// The view that guards an action: of the organization's people, of the workspace, of the project, or
/// of a page of its own; nothing guards the creation of a workspace.
pub(crate) fn guard(key: &str) -> Option<&'static str> {
    Some(match key {
        "workspaces.create" => return None,
        "members.change_role" | "members.view" | "members.activate" => "members.view",
        "organizations.invite" | "organizations.create" => "members.view",
        "workspaces.view" | "workspaces.change" | "workspaces.delete" | "projects.create" => {
            "workspaces.view"
        }
        "activity_log.view" => "activity_log.view",
        "owner_account.view" => "owner_account.view",
        _ => "projects.view",
    })
}

/// The kind of resource that an action is done to.
pub(crate) fn kind(key: &str) -> &'static str {
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

/// What is so, before anyone asks whether it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) organization: bool,
    pub(crate) workspace: bool,
    pub(crate) project: bool,
    pub(crate) own: bool,
    pub(crate) own_permitted: bool,
}

impl Facts {
    /// All 32 combinations, the impossible ones among them.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..32).map(|bits| Self {
            organization: bits & 1 != 0,
            workspace: bits & 2 != 0,
            project: bits & 4 != 0,
            own: bits & 8 != 0,
            own_permitted: bits & 16 != 0,
        })
    }

    pub(crate) fn possible(self) -> bool {
        let any = self.workspace || self.project || self.own || self.own_permitted;
        (self.organization || !any) && (self.own || !self.own_permitted)
    }

    /// By the builder, as a user would spell it.
    pub(crate) fn context(self) -> ScopeCtx {
        assert!(self.possible());
        if !self.organization {
            return ScopeCtx::outside();
        }
        let mut ctx = ScopeCtx::organization();
        if self.workspace {
            ctx = ctx.in_workspace();
        }
        if self.project {
            ctx = ctx.in_project();
        }
        if self.own {
            ctx = ctx.own();
        }
        if self.own_permitted {
            ctx = ctx.own_permitted();
        }
        ctx
    }
}

/// All that can be so, each with its context.
pub(crate) fn worlds() -> impl Iterator<Item = (Facts, ScopeCtx)> {
    Facts::all().filter(|facts| facts.possible()).map(|facts| (facts, facts.context()))
}

/// The oracle's decision.
pub(crate) fn may(role: &str, key: &str, facts: Facts) -> bool {
    facts.organization
        && cell(role, key).split_whitespace().any(|letter| match letter {
            "-" => false,
            "O" => facts.own,
            "O?" => facts.own && facts.own_permitted,
            "P" => facts.project,
            "W" => facts.workspace,
            "G" => true,
            other => panic!("no letter of the specification: {other}"),
        })
}
