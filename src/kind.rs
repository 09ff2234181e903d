//! The kinds of row: organization, workspace, project, task, record.

text_enum! {
    /// The kind of a row. Each action is [done to](crate::Action::kind) one kind.
    ///
    /// The order (`Ord`) is from the outside in: the organization is the least kind. Tasks and records are both in a
    /// project, and are two kinds because a task has assignees and a record an author. No action is done to
    /// `Record` itself: an action on tasks can be decided about a task or a record.
    ///
    /// ```
    /// use labelgate::{Action, Kind};
    ///
    /// assert_eq!(Action::ExportData.kind(), Kind::Project);
    /// assert_eq!(Action::LabelTasks.kind(), Kind::Task);
    ///
    /// // A workspace has projects in it.
    /// assert!(Kind::Workspace < Kind::Project);
    /// assert_eq!(Kind::Project.name(), "project");
    /// assert_eq!(Kind::ALL.len(), Kind::COUNT);
    /// ```
    #[derive(PartialOrd, Ord)]
    pub enum Kind {
        /// An organization, with its people and its activity log.
        Organization = "organization",
        /// A workspace, or a personal sandbox.
        Workspace = "workspace",
        /// A project, with its data as a whole and its template.
        Project = "project",
        /// A task in a project.
        Task = "task",
        /// A record in a project: an annotation, a prediction or a performance record.
        Record = "record",
    }

    /// Returns the name of the kind, as logs have it.
    pub const fn name;

    /// The error returned when the name of a kind cannot be parsed.
    ///
    /// Names are matched exactly: case and white space count.
    ///
    /// ```
    /// use labelgate::Kind;
    ///
    /// let error = "folder".parse::<Kind>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown kind `folder`");
    /// ```
    pub struct UnknownKind: "kind";
}

impl Kind {
    /// Returns true for a project, a task and a record.
    #[inline]
    pub(crate) const fn is_in_project(self) -> bool {
        match self {
            Self::Organization | Self::Workspace => false,
            Self::Project | Self::Task | Self::Record => true,
        }
    }

    /// Returns the kind of the rows in a list. `self` is the kind of the row that the list is within, and `done_to`
    /// the kind that the action is done to. Returns `None` if a row of kind `self` does not hold such rows. Within
    /// a task, an action on tasks lists the records of the task.
    pub(crate) const fn lists(self, done_to: Self) -> Option<Self> {
        match (self, done_to) {
            (Self::Organization, Self::Workspace)
            | (Self::Organization | Self::Workspace, Self::Project)
            | (Self::Organization | Self::Workspace | Self::Project, Self::Task) => Some(done_to),
            (Self::Task, Self::Task) => Some(Self::Record),
            _ => None,
        }
    }
}
