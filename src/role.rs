//! The seven roles.

text_enum! {
    /// The role of a user in one organization.
    ///
    /// The codes are those of Label Studio's `role` column. Databases hold them, so they never change. The column
    /// also holds the roles without permissions, `NO` and `DI`, so you need no `Option`. Roles have no order (`Ord`):
    /// [`Matrix::dominates`](crate::Matrix::dominates) compares the permissions of two roles.
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
    /// # use labelgate::{Matrix, Role};
    /// assert!(Matrix::BUILT_IN.dominates(Role::Manager, Role::Reviewer));
    /// ```
    ///
    /// and this does not:
    ///
    /// ```compile_fail,E0369
    /// # use labelgate::Role;
    /// assert!(Role::Manager > Role::Reviewer);
    /// ```
    pub enum Role {
        /// "Manages Label Studio." Like an administrator, but may also create organizations and see the owner's
        /// account page.
        Owner = "OW",
        /// "Manages an organization. Has full access to all projects."
        Administrator = "AD",
        /// "Manages projects. Can view any project and has full access to their own projects."
        Manager = "MA",
        /// "Reviews annotated tasks."
        Reviewer = "RE",
        /// "Labels tasks."
        Annotator = "AN",
        /// The user signed up and has no role yet. Every action is denied.
        NotActivated = "NO",
        /// The user was deactivated. Every action is denied.
        Deactivated = "DI",
    }

    /// Returns the two-letter code that databases and the API use, such as `"MA"`.
    pub const fn code;

    /// The error returned when a role code cannot be parsed.
    ///
    /// Codes are matched exactly: case and white space count. If the code comes from your database, answer 500 and
    /// correct the row. Do not fall back to another role.
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
    /// use labelgate::sets::Roles;
    /// use labelgate::Role;
    ///
    /// let roles = Roles::Owner | Roles::of(Role::Administrator);
    /// assert!(roles.has(Role::Owner));
    /// assert_eq!(roles.elements().collect::<Vec<_>>(), [Role::Owner, Role::Administrator]);
    /// assert_eq!(roles.to_string(), "OW, AD");
    /// ```
    pub struct Roles: u8;
}

text_enum! {
    /// The role that an annotator or reviewer of the organization has in one project.
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
        /// Has the permissions of [`Role::Annotator`] in the project.
        Annotator = "AN",
        /// Has the permissions of [`Role::Reviewer`] in the project.
        Reviewer = "RE",
    }

    /// Returns the code of the role: `AN` or `RE`.
    pub const fn code;

    /// The error returned when the code of a project role cannot be parsed.
    ///
    /// Only `AN` and `RE` are codes of project roles. If a row has another code, add neither `acts_as_annotator` nor
    /// `acts_as_reviewer`: an annotator or reviewer is then denied everything in the project.
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
    /// Returns the name of the role for a user interface, such as `"Not activated"`.
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
    /// Only they can have a [`ProjectRole`]. A member who is given any other role loses their project roles.
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

    /// Returns the project role of a member with this role in the organization. `in_project` has the roles in the
    /// member's rows for the project.
    ///
    /// An Annotator or Reviewer of the organization keeps that role in the project if there is no such row, and is an
    /// Annotator if the rows name both roles. Other roles have no project role: `None`.
    /// [`Facts::acting_as`](crate::Facts::acting_as) takes the result.
    ///
    /// ```
    /// use labelgate::{ProjectRole, Role};
    ///
    /// assert_eq!(Role::Annotator.project_role(&[]), Some(ProjectRole::Annotator));
    /// assert_eq!(Role::Annotator.project_role(&[ProjectRole::Reviewer]), Some(ProjectRole::Reviewer));
    /// assert_eq!(Role::Manager.project_role(&[ProjectRole::Reviewer]), None);
    /// ```
    #[must_use]
    pub const fn project_role(self, in_project: &[ProjectRole]) -> Option<ProjectRole> {
        let mut acts_as = match self {
            Self::Annotator => ProjectRole::Annotator,
            Self::Reviewer => ProjectRole::Reviewer,
            Self::Owner
            | Self::Administrator
            | Self::Manager
            | Self::NotActivated
            | Self::Deactivated => return None,
        };
        if let [first, rest @ ..] = in_project {
            acts_as = *first;
            let mut rest = rest;
            while let [role, tail @ ..] = rest {
                if matches!(role, ProjectRole::Annotator) {
                    acts_as = ProjectRole::Annotator;
                }
                rest = tail;
            }
        }
        Some(acts_as)
    }
}
