//! How a subject can hold a resource.

noun! {
    /// A way to hold a resource.
    ///
    /// A cell of the [`Matrix`](crate::Matrix) lists the scopes of which one is enough. A
    /// [`ScopeCtx`](crate::ScopeCtx) lists the scopes that a subject holds. The order is kept: what is own
    /// comes first, and the organization last.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, Scope};
    ///
    /// let suffices = Matrix::BUILT_IN.scopes(Role::Reviewer, Action::ViewProjectData);
    /// let letters: Vec<_> = suffices.elements().map(Scope::symbol).collect();
    /// assert_eq!(letters, ["O", "P"]);
    /// assert_eq!("project".parse(), Ok(Scope::Project));
    /// assert_eq!(Scope::Project.name(), "project");
    /// ```
    pub enum Scope {
        /// The subject created the workspace, project or template; or the task, annotation or performance
        /// record is theirs: assigned to them, made by them, or about them. `O` in the matrix.
        Own = "own",
        /// [`Own`](Self::Own), and the project lets annotators view their own data (the setting that Label
        /// Studio calls `show_annotation_history`). `O?` in the matrix.
        OwnPermitted = "own_permitted",
        /// The subject was added to the project, or has tasks assigned in it. A manager also holds the
        /// projects that they created. `P` in the matrix.
        Project = "project",
        /// The subject created or was added to the workspace that holds the resource. A personal sandbox
        /// counts for its user alone. `W` in the matrix.
        Workspace = "workspace",
        /// The subject is a member of the organization that holds the resource. `G` in the matrix.
        Organization = "organization",
    }

    /// The name of the scope, as a list of scopes or the facts of a context spell it.
    pub const fn name;

    /// A text that is no scope name.
    ///
    /// Parsing a [`Scope`] returns it. Names are matched exactly: case and white space count.
    ///
    /// ```
    /// use labelgate::Scope;
    ///
    /// let error = "Own".parse::<Scope>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown scope `Own`");
    /// ```
    pub struct UnknownScope: "scope";

    /// A set of scopes, such as a cell of the matrix.
    ///
    /// ```
    /// use labelgate::{Scope, Scopes};
    ///
    /// let cell = Scopes::Own | Scopes::of(Scope::Workspace);
    /// assert!(cell.has(Scope::Own));
    /// assert_eq!(cell.elements().collect::<Vec<_>>(), [Scope::Own, Scope::Workspace]);
    /// assert_eq!(cell.to_string(), "own, workspace");
    /// ```
    pub struct Scopes: u8;
}

impl Scope {
    /// The letters of the scope in the matrix: `O`, `O?`, `P`, `W`, `G`.
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

    /// The scopes that are held wherever this one is.
    ///
    /// Every scope implies [`Organization`](Self::Organization). [`OwnPermitted`](Self::OwnPermitted) implies
    /// [`Own`](Self::Own) as well.
    ///
    /// ```
    /// use labelgate::{Scope, Scopes};
    ///
    /// assert_eq!(Scope::Project.implies(), Scopes::Organization);
    /// assert_eq!(Scope::OwnPermitted.implies(), Scopes::Own | Scopes::Organization);
    /// ```
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
