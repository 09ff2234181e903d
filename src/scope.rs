//! Scopes: the relations between a subject and a resource (own, project, workspace, organization).

text_enum! {
    /// A relation between a subject and a resource, by which a permission is granted.
    ///
    /// A cell of the [`Matrix`](crate::Matrix) lists the scopes, each of which permits the action. A
    /// [`ScopeCtx`](crate::ScopeCtx) lists the scopes that a subject holds. The order of the variants never changes.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, Scope};
    ///
    /// let required = Matrix::BUILT_IN.scopes(Role::Reviewer, Action::ViewProjectData);
    /// let letters: Vec<_> = required.elements().map(Scope::symbol).collect();
    /// assert_eq!(letters, ["O", "P"]);
    /// assert_eq!("project".parse(), Ok(Scope::Project));
    /// assert_eq!(Scope::Project.name(), "project");
    /// ```
    pub enum Scope {
        /// The subject created the workspace or project, is assigned to the task, made the annotation or
        /// prediction, or is the user whom the performance record is about. `O` in the matrix.
        Own = "own",
        /// [`Own`](Self::Own), and the project lets annotators view their own data (the setting that Label
        /// Studio calls `show_annotation_history`). `O?` in the matrix.
        OwnPermitted = "own_permitted",
        /// The subject was added to the project, or has tasks assigned in it. A manager also holds this scope on
        /// the projects that they created. `P` in the matrix.
        Project = "project",
        /// The subject created or was added to the workspace of the resource. In a personal sandbox, only its user
        /// holds this scope. `W` in the matrix.
        Workspace = "workspace",
        /// The subject is a member of the organization of the resource. `G` in the matrix.
        Organization = "organization",
    }

    /// Returns the name of the scope, such as `"own_permitted"`.
    pub const fn name;

    /// The error returned when the name of a scope cannot be parsed.
    ///
    /// Names are matched exactly: case and white space count.
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
    /// use labelgate::sets::Scopes;
    /// use labelgate::Scope;
    ///
    /// let cell = Scopes::Own | Scopes::of(Scope::Workspace);
    /// assert!(cell.has(Scope::Own));
    /// assert_eq!(cell.elements().collect::<Vec<_>>(), [Scope::Own, Scope::Workspace]);
    /// assert_eq!(cell.to_string(), "own, workspace");
    /// ```
    pub struct Scopes: u8;
}

impl Scope {
    /// Returns the letters of the scope in the matrix: `O`, `O?`, `P`, `W`, `G`.
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

    /// Returns the scopes that every subject with this scope holds too.
    ///
    /// Every scope implies [`Organization`](Self::Organization). [`OwnPermitted`](Self::OwnPermitted) implies
    /// [`Own`](Self::Own) as well.
    ///
    /// ```
    /// use labelgate::sets::Scopes;
    /// use labelgate::Scope;
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
