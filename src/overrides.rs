//! Overrides: the changes that the Owner of an organization may make to the matrix. Also: differences between
//! two matrices.
//!
//! Use [`Overrides`] for the choices of an organization, such as "only administrators export". They are checked
//! when they are made, so their [`Matrix`] is safe to use. Use [`Matrix::with_cell`] to change the matrix for your
//! whole service: it sets any cell, and only checks that `NO` and `DI` get no permissions.
//!
//! A subject keeps the matrix that it was built with. So build a new subject in each request, and read the
//! overrides in the query that reads the member's role. A cached subject would not see a change of the overrides.
//! Every audit record holds the [fingerprint](Matrix::fingerprint) of the matrix that decided.
//!
//! See the guide [*Customize the matrix*](crate::guide::matrix).

use crate::action::{Action, Actions};
use crate::kind::Kind;
pub use crate::matrix::Difference;
use crate::matrix::Matrix;
use crate::role::{Role, Roles};
use crate::scope::{Scope, Scopes};

/// One action, and the roles that have it in an organization, in place of the roles in the built-in matrix.
///
/// - A role in `roles` that has the action in the built-in matrix keeps those scopes.
/// - Any other role in `roles` gets the usual scopes of the role. For projects and tasks: Organization for
///   administrators; Own, Project and Workspace for managers; Project for reviewers and annotators.
/// - Each role in `roles` also gets the scopes of the less powerful roles in `roles`.
/// - A role that is not in `roles` loses the action.
/// - The Owner keeps the action, whether or not `roles` contains `OW`.
///
/// With the feature `serde` it is an object:
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use labelgate::overrides::Override;
/// use labelgate::sets::Roles;
/// use labelgate::Action;
///
/// let one: Override = serde_json::from_str(r#"{"permission": "data.export", "roles": ["AD"]}"#)?;
/// assert_eq!(one, Override { permission: Action::ExportData, roles: Roles::Administrator });
/// # }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Override {
    /// The action.
    pub permission: Action,
    /// The roles that have the action.
    pub roles: Roles,
}

/// The overrides of one organization: a set that satisfies every rule of [`InvalidOverrides`].
///
/// With the feature `serde` it is a list of [`Override`]. Deserializing checks the rules.
///
/// ```
/// use labelgate::overrides::{InvalidOverrides, Override, Overrides};
/// use labelgate::sets::Roles;
/// use labelgate::{Action, OrganizationId, Role, Subject, UserId};
///
/// let only_administrators = Override { permission: Action::ExportData, roles: Roles::Administrator };
/// let overrides = Overrides::new([only_administrators])?;
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// assert!(mia.with_matrix(overrides.matrix()).filter(Action::ExportData).is_nothing());
///
/// // Managers could export data that they cannot view.
/// let refused = Overrides::new([Override { permission: Action::ViewProjectData, roles: Roles::Administrator }]);
/// assert_eq!(
///     refused.unwrap_err(),
///     InvalidOverrides::ExportsUnseen { action: Action::ExportData, role: Role::Manager },
/// );
/// # Ok::<(), InvalidOverrides>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Overrides {
    roles: [Option<Roles>; Action::COUNT],
}

/// The rule that a set of overrides breaks.
///
/// If it breaks several rules, the error is the first by variant (as declared), then by action, then by power of
/// role. You can show the text to the Owner who edits the overrides: it names the action and the role.
///
/// ```
/// use labelgate::overrides::{InvalidOverrides, Override, Overrides};
/// use labelgate::sets::Roles;
/// use labelgate::{Action, Role};
///
/// let export = Override { permission: Action::ExportData, roles: Roles::Reviewer };
/// let refused = Overrides::new([export]).unwrap_err();
/// assert_eq!(refused, InvalidOverrides::Gap { action: Action::ExportData, role: Role::Administrator });
/// assert_eq!((refused.action(), refused.role()), (Action::ExportData, Some(Role::Administrator)));
/// assert_eq!(
///     refused.to_string(),
///     "`data.export` leaves out `AD`, which is more powerful than a role that it names",
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOverrides {
    /// The set contains two overrides of one action. Use one, with all the roles.
    #[error("`{action}` is overridden twice")]
    Twice {
        /// The action.
        action: Action,
    },
    /// The set gives an action to `NO` or `DI`, which never have permissions. Remove the role.
    #[error("`{action}` is not for `{role}`, which holds nothing, ever")]
    Powerless {
        /// The action.
        action: Action,
        /// The role.
        role: Role,
    },
    /// Only the Owner can have the action.
    #[error("`{action}` is not configurable")]
    NotConfigurable {
        /// The action.
        action: Action,
    },
    /// The set gives a role an action that overrides can only take away: `members.change_role`,
    /// `members.activate` or `annotator_dashboard.view`. Remove the role.
    #[error("`{action}` is never given to `{role}`")]
    NeverGiven {
        /// The action.
        action: Action,
        /// The role that would get the action.
        role: Role,
    },
    /// The set gives the action to a role and not to a more powerful one. Add the more powerful role.
    #[error("`{action}` leaves out `{role}`, which is more powerful than a role that it names")]
    Gap {
        /// The action.
        action: Action,
        /// The more powerful role.
        role: Role,
    },
    /// A role would have an action and not its [guard](Action::guard). Give the role the guard, or take the action
    /// away too.
    #[error("`{role}` has `{action}` and not `{guard}`, which guards it")]
    Unguarded {
        /// The action.
        action: Action,
        /// The role.
        role: Role,
        /// The guard of the action.
        guard: Action,
    },
    /// A role could export data that it cannot view. Give the role [`Action::ViewProjectData`], or take
    /// [`Action::ExportData`] away too.
    #[error("`{role}` has `{action}` and cannot view as much with `{view}`", view = VIEW)]
    ExportsUnseen {
        /// The action: [`Action::ExportData`].
        action: Action,
        /// The role.
        role: Role,
    },
}

impl InvalidOverrides {
    /// Returns the action of the override that breaks the rule.
    #[must_use]
    pub const fn action(&self) -> Action {
        match *self {
            Self::Twice { action }
            | Self::NotConfigurable { action }
            | Self::Powerless { action, .. }
            | Self::NeverGiven { action, .. }
            | Self::Gap { action, .. }
            | Self::Unguarded { action, .. }
            | Self::ExportsUnseen { action, .. } => action,
        }
    }

    /// Returns the role that breaks the rule. `None` for `Twice` and `NotConfigurable`.
    #[must_use]
    pub const fn role(&self) -> Option<Role> {
        match *self {
            Self::Twice { .. } | Self::NotConfigurable { .. } => None,
            Self::Powerless { role, .. }
            | Self::NeverGiven { role, .. }
            | Self::Gap { role, .. }
            | Self::Unguarded { role, .. }
            | Self::ExportsUnseen { role, .. } => Some(role),
        }
    }
}

const EXPORT: Action = Action::ExportData;
const VIEW: Action = Action::ViewProjectData;

/// The actions that overrides can only take away: with the first two a role could make others more powerful, and
/// the third is not inherited by more powerful roles.
const NEVER_GIVEN: Actions =
    Actions::ChangeUserRoles.union(Actions::ActivateMembers).union(Matrix::NOT_INHERITED);

/// Returns the roles that overrides can change, the most powerful first.
fn configurable() -> impl DoubleEndedIterator<Item = Role> + Clone {
    Role::ALL.into_iter().filter(|role| role.is_active() && *role != Role::Owner)
}

/// Returns true if `role` is more powerful than `other` in the built-in matrix.
fn is_more_powerful(role: Role, other: Role) -> bool {
    role != other && Matrix::BUILT_IN.dominates(role, other)
}

/// Returns the scopes that a role gets for an action that the built-in matrix does not grant it.
const fn added_scopes(role: Role, kind: Kind) -> Scopes {
    let member_scope = match kind {
        Kind::Organization => return Scopes::Organization,
        Kind::Workspace => Scopes::Workspace,
        Kind::Project | Kind::Task | Kind::Record => Scopes::Project,
    };
    match role {
        Role::Reviewer | Role::Annotator => member_scope,
        Role::Manager => member_scope.union(Scopes::Own).union(Scopes::Workspace),
        Role::Owner | Role::Administrator => Scopes::Organization,
        Role::NotActivated | Role::Deactivated => Scopes::empty(),
    }
}

/// Returns the union of two cells without redundant scopes: beside Organization every other scope is redundant, and
/// beside Own OwnPermitted.
pub(crate) fn join(one: Scopes, other: Scopes) -> Scopes {
    let both = one | other;
    if both.has(Scope::Organization) {
        Scopes::Organization
    } else if both.has(Scope::Own) {
        both - Scopes::OwnPermitted
    } else {
        both
    }
}

impl Overrides {
    /// The empty set of overrides. Its matrix is the built-in one.
    #[must_use]
    pub const fn none() -> Self {
        Self { roles: [None; Action::COUNT] }
    }

    /// A set of these overrides. Their order makes no difference.
    ///
    /// # Errors
    ///
    /// Returns an error if the set breaks a rule. If the overrides in your database are invalid, answer 500. Do not
    /// fall back to the built-in matrix: it may grant more.
    pub fn new(overrides: impl IntoIterator<Item = Override>) -> Result<Self, InvalidOverrides> {
        let mut draft = Draft::default();
        overrides.into_iter().for_each(|one| draft.add(one));
        draft.checked()
    }

    /// Returns the set with this override. It replaces the override of the same action.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::Action;
    ///
    /// let export = |roles| Override { permission: Action::ExportData, roles };
    /// let set = Overrides::none().with(export(Roles::Administrator))?;
    /// let set = set.with(export(Roles::Administrator | Roles::Manager))?;
    /// assert_eq!(set.iter().count(), 1);
    /// assert_eq!(set.get(Action::ExportData), Some(Roles::Administrator | Roles::Manager));
    /// # Ok::<(), labelgate::overrides::InvalidOverrides>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the new set breaks a rule.
    pub fn with(mut self, one: Override) -> Result<Self, InvalidOverrides> {
        self.put(one.permission, Some(one.roles));
        self.checked()
    }

    /// Returns the set without the override of this action, if there is one.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::Action;
    ///
    /// // Managers neither view nor export data.
    /// let set = Overrides::new([Action::ViewProjectData, Action::ExportData].map(|permission| {
    ///     Override { permission, roles: Roles::Administrator }
    /// }))?;
    /// assert!(set.without(Action::ViewProjectData).is_ok());
    ///
    /// // Without the second override, managers could export data that they cannot view.
    /// assert!(set.without(Action::ExportData).is_err());
    /// # Ok::<(), labelgate::overrides::InvalidOverrides>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the remaining overrides break a rule without this one: answer 409.
    pub fn without(mut self, action: Action) -> Result<Self, InvalidOverrides> {
        self.put(action, None);
        self.checked()
    }

    #[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
    fn put(&mut self, action: Action, roles: Option<Roles>) {
        self.roles[action as usize] = roles.map(|roles| roles & (Roles::all() - Roles::Owner));
    }

    /// Returns the roles below Owner in the override of the action. `None` if there is no override.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
    pub const fn get(&self, action: Action) -> Option<Roles> {
        self.roles[action as usize]
    }

    /// Iterates over the overrides, in the order of the actions.
    pub fn iter(&self) -> impl Iterator<Item = Override> + Clone {
        let Self { roles } = *self;
        let all = Action::ALL.into_iter().zip(roles);
        all.filter_map(|(permission, roles)| Some(Override { permission, roles: roles? }))
    }

    /// Returns the matrix with these overrides, for [`Subject::with_matrix`](crate::Subject::with_matrix).
    #[must_use]
    pub fn matrix(&self) -> Matrix {
        let matrix =
            self.iter().fold(Matrix::BUILT_IN, |matrix, Override { permission, roles }| {
                let mut weaker = Scopes::empty();
                configurable().rev().fold(matrix, |matrix, role| {
                    let default = Matrix::BUILT_IN.scopes(role, permission);
                    let cell = if !roles.has(role) {
                        Scopes::empty()
                    } else if default.is_empty() {
                        join(added_scopes(role, permission.kind()), weaker)
                    } else {
                        join(default, weaker)
                    };
                    weaker = join(weaker, cell);
                    matrix.with(role, permission, cell)
                })
            });
        matrix.sealed()
    }

    /// Returns the roles that have the action in the built-in matrix.
    ///
    /// ```
    /// use labelgate::overrides::Overrides;
    /// use labelgate::sets::Roles;
    /// use labelgate::Action;
    ///
    /// let exports = Roles::Owner | Roles::Administrator | Roles::Manager;
    /// assert_eq!(Overrides::default_roles(Action::ExportData), exports);
    /// ```
    #[must_use]
    pub fn default_roles(action: Action) -> Roles {
        let has = |role: &Role| !Matrix::BUILT_IN.scopes(*role, action).is_empty();
        Role::ALL.into_iter().filter(has).collect()
    }

    /// Returns the roles to offer in a form: the roles below Owner that an override of the action can contain
    /// while it is the only override.
    ///
    /// ```
    /// use labelgate::overrides::Overrides;
    /// use labelgate::sets::Roles;
    /// use labelgate::Action;
    ///
    /// // Annotators view their own tasks only, so they cannot have the export.
    /// let options = Overrides::options(Action::ExportData);
    /// assert_eq!(options, Roles::Administrator | Roles::Manager | Roles::Reviewer);
    /// assert!(Overrides::options(Action::ViewOwnerAccount).is_empty());
    /// ```
    #[must_use]
    pub fn options(action: Action) -> Roles {
        let sets = (0..=Roles::all().bits()).map(Roles::from_bits_retain);
        let is_accepted =
            |roles: &Roles| Self::new([Override { permission: action, roles: *roles }]).is_ok();
        sets.filter(is_accepted).collect::<Roles>() - Roles::Owner
    }

    /// Returns the most permissive set: no other set gives a role more permissions.
    ///
    /// Use its matrix where the overrides of an organization are not known, such as for row-level security: it
    /// grants everything that an organization could grant.
    ///
    /// ```
    /// use labelgate::overrides::Overrides;
    /// use labelgate::sets::Scopes;
    /// use labelgate::{Action, Matrix, Role};
    ///
    /// let widest = Overrides::widest().matrix();
    /// assert_eq!(widest.scopes(Role::Reviewer, Action::ExportData), Scopes::Project);
    /// assert!(widest.scopes(Role::Annotator, Action::ExportData).is_empty());
    /// ```
    #[must_use]
    pub fn widest() -> Self {
        let mut set = Self::none();
        for action in Action::ALL {
            let default = Self::default_roles(action) - Roles::Owner;
            let is_given = !default.is_empty() && !NEVER_GIVEN.has(action);
            set.put(action, is_given.then(|| configurable().collect()));
        }
        // Takes away one action from one role at a time, until the set is valid.
        loop {
            let Err(error) = set.checked() else { return set };
            let roles = set.get(error.action()).zip(error.role());
            let Some((roles, role)) = roles.filter(|(roles, role)| roles.has(*role)) else {
                return Self::none();
            };
            set.put(error.action(), Some(roles - Roles::of(role)));
        }
    }

    fn checked(self) -> Result<Self, InvalidOverrides> {
        for Override { permission: action, roles } in self.iter() {
            if let Some(role) = roles.elements().find(|role| !role.is_active()) {
                return Err(InvalidOverrides::Powerless { action, role });
            }
        }
        let by_default = |action| Self::default_roles(action) - Roles::Owner;
        for Override { permission: action, .. } in self.iter() {
            if by_default(action).is_empty() {
                return Err(InvalidOverrides::NotConfigurable { action });
            }
        }
        let is_never_given = |action| NEVER_GIVEN.has(action);
        for Override { permission: action, roles } in self.iter() {
            let given = roles - by_default(action);
            if let Some(role) = given.elements().find(|_| is_never_given(action)) {
                return Err(InvalidOverrides::NeverGiven { action, role });
            }
        }
        for Override { permission: action, roles } in self.iter() {
            let is_gap = |role: &Role| {
                !roles.has(*role) && roles.elements().any(|other| is_more_powerful(*role, other))
            };
            let inherited = !Matrix::NOT_INHERITED.has(action);
            if let Some(role) = configurable().find(|role| inherited && is_gap(role)) {
                return Err(InvalidOverrides::Gap { action, role });
            }
        }
        let matrix = self.matrix();
        for action in Action::ALL {
            let Some(guard) = action.guard() else { continue };
            let has = |role, action| !matrix.scopes(role, action).is_empty();
            if let Some(role) = configurable().find(|&role| has(role, action) && !has(role, guard))
            {
                return Err(InvalidOverrides::Unguarded { action, role, guard });
            }
        }
        let views_all_exports = |role: &Role| {
            let (exports, views) = (matrix.scopes(*role, EXPORT), matrix.scopes(*role, VIEW));
            join(views, exports) == join(views, Scopes::empty())
        };
        match configurable().find(|role| !views_all_exports(role)) {
            Some(role) => Err(InvalidOverrides::ExportsUnseen { action: EXPORT, role }),
            None => Ok(self),
        }
    }
}

/// A builder of [`Overrides`]: add each, then check the whole set.
#[derive(Default)]
struct Draft {
    set: Overrides,
    named_twice: Actions,
}

impl Draft {
    fn add(&mut self, Override { permission, roles }: Override) {
        if self.set.get(permission).is_some() {
            self.named_twice |= permission.into();
        }
        self.set.put(permission, Some(roles));
    }

    fn checked(self) -> Result<Overrides, InvalidOverrides> {
        match self.named_twice.elements().next() {
            Some(action) => Err(InvalidOverrides::Twice { action }),
            None => self.set.checked(),
        }
    }
}

impl Default for Overrides {
    fn default() -> Self {
        Self::none()
    }
}

#[cfg(feature = "serde")]
mod wire_format {
    use core::fmt;

    use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::{Serialize, Serializer};

    use super::{Draft, Overrides};

    /// Writes a list of [`Override`](super::Override).
    impl Serialize for Overrides {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            crate::serial::write_list(serializer, self.iter())
        }
    }

    /// Reads a list of [`Override`](super::Override), and checks it.
    impl<'de> Deserialize<'de> for Overrides {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_seq(List).map_err(crate::serial::brief)
        }
    }

    struct List;

    impl<'de> Visitor<'de> for List {
        type Value = Overrides;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of overrides: each one a permission and roles")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Overrides, A::Error> {
            let mut draft = Draft::default();
            while let Some(one) = list.next_element()? {
                draft.add(one);
            }
            draft.checked().map_err(A::Error::custom)
        }
    }
}

#[cfg(feature = "serde")]
crate::serial::object!(Override { permission, roles });
