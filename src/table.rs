//! Table 1: the rows of the matrix.
//!
//! A row has the action, its key, one cell for each role, the kind that the action is done to, its guard (`-` for
//! none), and Label Studio's words. A cell lists the scopes, each of which permits the action, in the letters of
//! [`Scope::symbol`](crate::Scope::symbol); `-` is none.

/// Calls the macro `$macro` with the rows.
macro_rules! matrix_table {
    ($macro:ident) => {
        $macro! {
                                                      AN   RE    MA      AD  OW
"User Management" UserManagement {
    /// Give a member of the organization another role.
    ///
    /// [`MembershipPolicy::assign`](crate::membership::MembershipPolicy::assign) also decides which role may be given
    /// to which member. Let your store take the proof that it returns.
    ChangeUserRoles        "members.change_role"      [-]  [-]   [-]     [G] [G] Organization ViewPeoplePage  "Change user roles"
    /// See the people of the organization, and the role of each.
    ViewPeoplePage         "members.view"             [-]  [-]   [G]     [G] [G] Organization ViewPeoplePage  "View People page"
    /// Invite people to the organization.
    ///
    /// An invitation link gives the default role to those who sign up with it. So
    /// [`MembershipPolicy`](crate::membership::MembershipPolicy) also decides whether the subject may give that role.
    InvitePeople           "organizations.invite"     [-]  [-]   [-]     [G] [G] Organization ViewPeoplePage  "Invite people to organization"
    /// Create a workspace in the organization.
    CreateWorkspace        "workspaces.create"        [-]  [-]   [G]     [G] [G] Organization -               "Workspace access: C"
    /// See a workspace.
    ViewWorkspace          "workspaces.view"          [W]  [W]   [G]     [G] [G] Workspace    ViewWorkspace   "Workspace access: R"
    /// Change a workspace.
    ChangeWorkspace        "workspaces.change"        [-]  [-]   [O W]   [G] [G] Workspace    ViewWorkspace   "Workspace access: U"
    /// Delete a workspace.
    DeleteWorkspace        "workspaces.delete"        [-]  [-]   [O W]   [G] [G] Workspace    ViewWorkspace   "Workspace access: D"
}
"Project Management" ProjectManagement {
    /// Create a project in a workspace.
    CreateProject          "projects.create"          [-]  [-]   [O W]   [G] [G] Workspace    ViewWorkspace   "Project access: C"
    /// See a project, without its data.
    ViewProject            "projects.view"            [P]  [P]   [G]     [G] [G] Project      ViewProject     "Project access: R"
    /// Change a project.
    ChangeProject          "projects.change"          [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Project access: U"
    /// Delete a project.
    DeleteProject          "projects.delete"          [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Project access: D"
    /// Save a project as a template.
    SaveProjectTemplates   "templates.create"         [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Save custom project templates"
}
"Data Access" DataAccess {
    /// View the data of a project: its tasks, annotations and predictions.
    ViewProjectData        "data.view"                [O?] [O P] [O P W] [G] [G] Task         ViewProject     "View project data"
    /// Import data into a project.
    ImportData             "data.import"              [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Import data"
    /// Export the data of a project.
    ExportData             "data.export"              [-]  [-]   [O P W] [G] [G] Project      ViewProject     "Export data"
}
"Data Labeling Workflows" DataLabelingWorkflows {
    /// Assign annotators to tasks.
    AssignAnnotators       "tasks.assign_annotators"  [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Assign annotators to tasks"
    /// Label tasks.
    LabelTasks             "tasks.label"              [P]  [P]   [O P W] [G] [G] Task         ViewProject     "Access labeling workflow"
    /// Review annotations.
    ReviewAnnotations      "annotations.review"       [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Access review workflow"
    /// See how far annotators agree.
    MonitorAgreement       "agreement.view"           [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Monitor annotator agreement"
    /// See how annotators perform.
    ReviewPerformance      "performance.view"         [O]  [O P] [O P W] [G] [G] Task         ViewProject     "Review annotator performance"
    /// Verify the results of annotation.
    VerifyAnnotations      "annotations.verify"       [-]  [P]   [O P W] [G] [G] Task         ViewProject     "Verify annotation results"
    /// Assign reviewers to tasks.
    AssignReviewers        "tasks.assign_reviewers"   [-]  [-]   [O P W] [G] [G] Task         ViewProject     "Assign reviewers to tasks"
}
"Advanced" Advanced {
    /// Use the API for what the user interface offers. Being a member of the project does not suffice.
    UseApi                 "api.use"                  [-]  [-]   [O W]   [G] [G] Project      ViewProject     "API access to equivalent Label Studio functionality"
}
"Analytics" Analytics {
    /// Track what happens and when on the dashboards.
    TrackDashboards        "dashboards.view"          [O]  [O P] [O P W] [G] [G] Task         ViewProject     "Track what happens and when on annotation dashboards"
    /// See the dashboard that shows annotators their own work.
    ViewAnnotatorDashboard "annotator_dashboard.view" [O]  [-]   [-]     [-] [-] Task         ViewProject     "View annotator dashboard"
    /// See the activity log of the whole system.
    ViewActivityLog        "activity_log.view"        [-]  [-]   [-]     [G] [G] Organization ViewActivityLog "View system-wide activity log"
}
"From the role descriptions" RoleDescriptions {
    /// Create another organization. The subject's own organization is the one checked.
    CreateOrganization     "organizations.create"     [-]  [-]   [-]     [-] [G] Organization ViewPeoplePage  "Owner: can create organizations"
    /// Activate a user who has signed up, or a user who was deactivated.
    ///
    /// [`MembershipPolicy::assign`](crate::membership::MembershipPolicy::assign) also decides which role may be given
    /// to which member. Let your store take the proof that it returns.
    ActivateMembers        "members.activate"         [-]  [-]   [-]     [G] [G] Organization ViewPeoplePage  "must be activated by an organization owner or administrator"
    /// Change annotations.
    ChangeAnnotations      "annotations.change"       [O]  [O P] [O P W] [G] [G] Task         ViewProject     "Reviewer: can review and update task annotations"
    /// See the account page of the owner.
    ViewOwnerAccount       "owner_account.view"       [-]  [-]   [-]     [-] [G] Organization ViewOwnerAccount "Administrator: can't see the workspace owner's account page"
}

        }
    };
}
pub(crate) use matrix_table;
