//! The seven roles.

noun! {
    /// What a person is in one organization, from the most powerful role to none at all.
    ///
    /// The seven codes are those of Label Studio's `role` column. So every row of a service's database has a
    /// role, and no `Option` is needed. Codes never change. Roles have no order (`Ord`): [`Role::dominates`]
    /// compares two roles by what they may do.
    ///
    /// ```
    /// use labelgate::Role;
    ///
    /// let role: Role = "MA".parse()?;
    /// assert_eq!(role, Role::Manager);
    /// assert_eq!(role.code(), "MA");
    /// assert_eq!(role.name(), "Manager");
    /// assert_eq!(Role::ALL.map(Role::code), ["OW", "AD", "MA", "RE", "AN", "NO", "DI"]);
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
        /// "Manages Label Studio": may do all that an administrator may, and sees the owner's account page.
        Owner = "OW",
        /// "Manages an organization. Has full access to all projects."
        Administrator = "AD",
        /// "Manages projects. Can view any project and has full access to their own projects."
        Manager = "MA",
        /// "Reviews annotated tasks."
        Reviewer = "RE",
        /// "Labels tasks."
        Annotator = "AN",
        /// Signed up, and waits for a role. Every action is denied.
        NotActivated = "NO",
        /// Shut out. Every action is denied.
        Deactivated = "DI",
    }

    /// The two-letter code of the database column and of the API, such as `"MA"`.
    pub const fn code;

    /// A text that is no role code.
    ///
    /// Parsing a [`Role`] returns it. Codes are matched exactly: case and white space count. In a service it
    /// means that the column holds what no role is: answer 500, and mend the row. Never take another role
    /// instead.
    ///
    /// ```
    /// use labelgate::Role;
    ///
    /// let error = "ma".parse::<Role>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown role code `ma`");
    /// ```
    pub struct UnknownRole: "role code";

    /// A set of roles.
    ///
    /// ```
    /// use labelgate::{Role, Roles};
    ///
    /// let roles = Roles::Owner | Roles::of(Role::Administrator);
    /// assert!(roles.has(Role::Owner));
    /// assert_eq!(roles.elements().collect::<Vec<_>>(), [Role::Owner, Role::Administrator]);
    /// assert_eq!(roles.to_string(), "OW, AD");
    /// ```
    pub struct Roles: u8;
}

noun! {
    /// A role that an annotator or a reviewer of the organization holds in one project.
    ///
    /// ```
    /// use labelgate::{ProjectRole, Role};
    ///
    /// let role: ProjectRole = "RE".parse()?;
    /// assert_eq!(role.code(), "RE");
    /// assert_eq!(Role::from(role), Role::Reviewer);
    /// # Ok::<(), labelgate::error::UnknownProjectRole>(())
    /// ```
    pub enum ProjectRole {
        /// Counts as [`Role::Annotator`] in the project.
        Annotator = "AN",
        /// Counts as [`Role::Reviewer`] in the project.
        Reviewer = "RE",
    }

    /// The code of the role.
    pub const fn code;

    /// A text that is no code of a role in a project.
    ///
    /// Parsing a [`ProjectRole`] returns it. Only `AN` and `RE` are: a manager holds no role in one project.
    /// Where a row holds something else, leave its fact out: the user then holds nothing in the project.
    ///
    /// ```
    /// use labelgate::ProjectRole;
    ///
    /// let error = "MA".parse::<ProjectRole>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown project role code `MA`");
    /// ```
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

    /// Returns true for Annotator and Reviewer. They reach only the projects that they were added to or have
    /// tasks in.
    ///
    /// Only they can hold the other of the two roles in one project. A member who gets any other role loses
    /// the roles that they had in projects.
    ///
    /// ```
    /// use labelgate::Role;
    ///
    /// assert!(Role::Reviewer.is_project_bound());
    /// assert!(!Role::Manager.is_project_bound());
    /// ```
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

    /// Returns true unless the role is [`NotActivated`](Self::NotActivated) or
    /// [`Deactivated`](Self::Deactivated), to which every action is denied.
    ///
    /// ```
    /// use labelgate::Role;
    ///
    /// let active = Role::ALL.into_iter().filter(|role| role.is_active());
    /// assert_eq!(active.count(), 5);
    /// assert!(!Role::Deactivated.is_active());
    /// ```
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
