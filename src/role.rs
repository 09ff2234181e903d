//! The seven roles.

noun! {
    /// What a person is in one organization, from the most powerful role to none at all.
    ///
    /// The seven codes are those of Label Studio's `role` column, so a row of a service's database
    /// maps to a value without an `Option`. They never change. There is no `Ord`: power is compared by what two roles
    /// may do, see [`Role::dominates`].
    ///
    /// ```
    /// use labelgate::Role;
    ///
    /// let role: Role = "MA".parse()?;
    /// assert_eq!(role, Role::Manager);
    /// assert_eq!(role.code(), "MA");
    /// assert_eq!(role.name(), "Manager");
    /// assert_eq!("ma".parse::<Role>().unwrap_err().to_string(), "unknown role code `ma`");
    /// # Ok::<(), labelgate::error::UnknownRole>(())
    /// ```
    ///
    /// This compiles:
    ///
    /// ```
    /// # use labelgate::Role;
    /// assert!(Role::Manager.dominates(Role::Reviewer));
    /// ```
    ///
    /// and this does not:
    ///
    /// ```compile_fail,E0369
    /// # use labelgate::Role;
    /// assert!(Role::Manager > Role::Reviewer);
    /// ```
    pub enum Role {
        /// "Manages Label Studio": everything an administrator may, and the owner's account.
        Owner = "OW",
        /// "Manages an organization. Has full access to all projects."
        Administrator = "AD",
        /// "Manages projects. Can view any project and has full access to their own projects."
        Manager = "MA",
        /// "Reviews annotated tasks."
        Reviewer = "RE",
        /// "Labels tasks."
        Annotator = "AN",
        /// Signed up and waiting for a role: holds nothing, ever.
        NotActivated = "NO",
        /// Shut out: holds nothing, ever.
        Deactivated = "DI",
    }

    /// The two-letter code of the database column and of the API, such as `"MA"`.
    pub const fn code;

    /// A text that is no role code. Codes are matched exactly: case and white space count.
    pub struct UnknownRole: "role code";

    /// A set of roles.
    pub struct Roles: u8;
}

noun! {
    /// A role that annotators and reviewers can hold in one project.
    pub enum ProjectRole {
        /// [`Role::Annotator`] in the project.
        Annotator = "AN",
        /// [`Role::Reviewer`] in the project.
        Reviewer = "RE",
    }

    /// The code of the role.
    pub const fn code;

    /// A text that is no code of a role in a project.
    pub struct UnknownProjectRole: "project role code";
}

impl From<ProjectRole> for Role {
    fn from(role: ProjectRole) -> Self {
        match role {
            ProjectRole::Annotator => Self::Annotator,
            ProjectRole::Reviewer => Self::Reviewer,
        }
    }
}

impl Role {
    /// The name people know the role by, such as `"Not activated"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Administrator => "Administrator",
            Self::Manager => "Manager",
            Self::Reviewer => "Reviewer",
            Self::Annotator => "Annotator",
            Self::NotActivated => "Not activated",
            Self::Deactivated => "Deactivated",
        }
    }

    /// Whether the role reaches the projects that somebody was added to or has tasks assigned in, and
    /// no others: Annotator and Reviewer. They alone can hold the other of the two roles in one
    /// project; a member who gets any other active role loses those they had.
    #[must_use]
    pub const fn is_project_bound(self) -> bool {
        match self {
            Self::Reviewer | Self::Annotator => true,
            Self::Owner
            | Self::Administrator
            | Self::Manager
            | Self::NotActivated
            | Self::Deactivated => false,
        }
    }

    /// Whether the role can hold anything: all but [`NotActivated`](Self::NotActivated) and
    /// [`Deactivated`](Self::Deactivated).
    #[must_use]
    pub const fn is_active(self) -> bool {
        match self {
            Self::Owner
            | Self::Administrator
            | Self::Manager
            | Self::Reviewer
            | Self::Annotator => true,
            Self::NotActivated | Self::Deactivated => false,
        }
    }
}
