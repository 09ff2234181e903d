//! How a subject can hold a resource.

noun! {
    /// A way to hold a resource: the four scopes, and the conditional form of one of them.
    ///
    /// A cell of the [`Matrix`](crate::Matrix) lists the scopes that suffice; a
    /// [`ScopeCtx`](crate::ScopeCtx) lists those that a subject holds. The order is relied upon: what
    /// is own comes first, and the organization last.
    pub enum Scope {
        /// The subject created the workspace, project or template; or the task, annotation or
        /// performance record is theirs: assigned to them, made by them, about them.
        Own = "own",
        /// Own, and the project lets annotators view their own data (the setting that Label Studio
        /// calls `show_annotation_history`). `O?` in the matrix.
        OwnPermitted = "own_permitted",
        /// The subject was added to the project, or has tasks assigned in it. A manager is also in the
        /// projects they created.
        Project = "project",
        /// The subject created or was added to the workspace that holds the resource. One's
        /// personal sandbox counts, for its user alone.
        Workspace = "workspace",
        /// The subject is a member of the organization that holds the resource.
        Organization = "organization",
    }

    /// The name of the scope, as a list of scopes or the facts of a context spell it.
    pub const fn name;

    /// A text that is no scope name. Names are matched exactly: case and white space count.
    pub struct UnknownScope: "scope";

    /// A set of scopes, such as a cell of the matrix.
    pub struct Scopes: u8;
}

impl Scope {
    /// The letters that stand for the scope in the matrix: `O`, `O?`, `P`, `W`, `G`.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Own => "O",
            Self::OwnPermitted => "O?",
            Self::Project => "P",
            Self::Workspace => "W",
            Self::Organization => "G",
        }
    }

    /// What no context holds this scope without: any scope needs the organization, and the
    /// project's permission counts for what is one's own.
    #[must_use]
    pub const fn implies(self) -> Scopes {
        match self {
            Self::Own | Self::Project | Self::Workspace | Self::Organization => {
                Scopes::Organization
            }
            Self::OwnPermitted => Scopes::Organization.union(Scopes::Own),
        }
    }
}
