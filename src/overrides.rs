//! What an organization's owner may change in the matrix, and what differs between two matrices.
//!
//! Take [`Overrides`] for a customer's choice, such as "only administrators export". A set of them is checked
//! as a whole when it is made, and gives a [`Matrix`] that is safe to use. Take [`Matrix::with_cell`] for
//! your service's own edition of the matrix: it takes any cell for any role, and checks nothing but that `NO`
//! and `DI` hold nothing.
//!
//! A subject carries the matrix that it was built with. After an override changed, a cached subject and an
//! open permit decide as before. So build subjects anew in each request, from the overrides that the same
//! query read. The [fingerprint](Matrix::fingerprint) of the matrix is in every audit record, so a log shows
//! which matrix decided.
//!
//! See the guide [*Customize the matrix*](crate::guide::matrix).

use core::fmt;

use crate::kind::Kind;
use crate::matrix::{Action, Actions, Matrix};
use crate::role::{Role, Roles};
use crate::scope::{Scope, Scopes};

/// One action, and the roles below Owner that have it in an organization. It replaces the roles that have the
/// action by default.
///
/// A role that has the action in the built-in matrix and is named keeps its cell. A role that is not named
/// loses it. A role that is named and does not have the action by default gets the cell that fits its reach.
/// You may name `OW`: the Owner keeps what they have either way.
///
/// With the feature `serde` it is an object:
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use labelgate::overrides::Override;
/// use labelgate::{Action, Roles};
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
    /// The roles that have it.
    pub roles: Roles,
}

/// The overrides of one organization, checked as a whole.
///
/// With the feature `serde` they are a list, which is checked when it is read.
///
/// ```
/// use labelgate::overrides::{Override, Overrides, Refused};
/// use labelgate::{Action, OrganizationId, Role, Roles, Subject, UserId};
///
/// let only_administrators = Override { permission: Action::ExportData, roles: Roles::Administrator };
/// let overrides = Overrides::new([only_administrators])?;
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// assert!(mia.with_matrix(overrides.matrix()).filter(Action::ExportData).is_nothing());
///
/// // Managers would export, and could not view what they export.
/// let refused = Overrides::new([Override { permission: Action::ViewProjectData, roles: Roles::Administrator }]);
/// assert_eq!(
///     refused.unwrap_err(),
///     Refused::ExportsUnseen { action: Action::ExportData, role: Role::Manager },
/// );
/// # Ok::<(), Refused>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Overrides {
    roles: [Option<Roles>; Action::COUNT],
}

/// Why a set of overrides is refused: the first rule that it breaks, in this order.
///
/// Of several actions it names the first, and of several roles the most powerful. To somebody who changes a
/// form, show the text; it names the action and the role at fault.
///
/// ```
/// use labelgate::overrides::{Override, Overrides, Refused};
/// use labelgate::{Action, Role, Roles};
///
/// let export = Override { permission: Action::ExportData, roles: Roles::Reviewer };
/// let refused = Overrides::new([export]).unwrap_err();
/// assert_eq!(refused, Refused::Gap { action: Action::ExportData, role: Role::Administrator });
/// assert_eq!((refused.action(), refused.role()), (Action::ExportData, Some(Role::Administrator)));
/// assert_eq!(
///     refused.to_string(),
///     "`data.export` leaves out `AD`, which is more powerful than a role that it names",
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The set names an action twice. Name it once, with all the roles.
    #[error("`{action}` is overridden twice")]
    Twice {
        /// The action.
        action: Action,
    },
    /// The set gives an action to `NO` or `DI`, which hold nothing, ever. Leave the role out.
    #[error("`{action}` is not for `{role}`, which holds nothing, ever")]
    Powerless {
        /// The action.
        action: Action,
        /// The role.
        role: Role,
    },
    /// The action is the Owner's alone and cannot be overridden.
    #[error("`{action}` is not configurable")]
    NotConfigurable {
        /// The action.
        action: Action,
    },
    /// The action may be taken away from a role, and is never given to one: it decides who has power, or is
    /// the annotators' alone. Leave the role out.
    #[error("`{action}` is never given to `{role}`")]
    NeverGiven {
        /// The action.
        action: Action,
        /// The role that it is given to.
        role: Role,
    },
    /// A role is named, and a more powerful one below Owner is not. Name that one too.
    #[error("`{action}` leaves out `{role}`, which is more powerful than a role that it names")]
    Gap {
        /// The action.
        action: Action,
        /// The role that is left out.
        role: Role,
    },
    /// A role would have an action without what [guards](Action::guard) it. Give it the guard, or take the
    /// action away as well.
    #[error("`{role}` has `{action}` and not `{guard}`, which guards it")]
    Unguarded {
        /// The action.
        action: Action,
        /// The role.
        role: Role,
        /// What guards the action.
        guard: Action,
    },
    /// A role would export what it cannot view. Give it [`Action::ViewProjectData`], or take the export away
    /// as well.
    #[error("`{role}` has `{action}` and cannot view as much with `{view}`", view = VIEW)]
    ExportsUnseen {
        /// The action: [`Action::ExportData`].
        action: Action,
        /// The role.
        role: Role,
    },
}

impl Refused {
    /// The action at fault.
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

    /// The role at fault. `None` if the refusal is about no role.
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

/// What may be taken away and never given: what decides who has power, and what a more powerful role does
/// not inherit.
const NEVER_GIVEN: Actions =
    Actions::ChangeUserRoles.union(Actions::ActivateMembers).union(Matrix::NOT_INHERITED);

/// The roles that an override is about, from the most powerful.
fn configurable() -> impl DoubleEndedIterator<Item = Role> + Clone {
    Role::ALL.into_iter().filter(|role| role.is_active() && *role != Role::Owner)
}

/// Whether one role is above another in the chain of power.
fn is_above(role: Role, other: Role) -> bool {
    role != other && role.dominates(other)
}

/// The cell that fits the reach of a role, for an action that it does not have by default.
const fn fitting(role: Role, kind: Kind) -> Scopes {
    let shared = match kind {
        Kind::Organization => return Scopes::Organization,
        Kind::Workspace => Scopes::Workspace,
        Kind::Project | Kind::Task => Scopes::Project,
    };
    match role {
        Role::Reviewer | Role::Annotator => shared,
        Role::Manager => shared.union(Scopes::Own).union(Scopes::Workspace),
        Role::Owner | Role::Administrator => Scopes::Organization,
        Role::NotActivated | Role::Deactivated => Scopes::empty(),
    }
}

/// Both cells as one: Organization contains all others, and Own contains what is own if permitted.
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
    /// No overrides. Their matrix is the built-in one.
    #[must_use]
    pub const fn none() -> Self {
        Self { roles: [None; Action::COUNT] }
    }

    /// A set of overrides, in any order.
    ///
    /// # Errors
    ///
    /// Returns an error if the set breaks a rule: the first of [`Refused`] that applies. If a stored set can
    /// no longer be built, answer 500. Never take the built-in matrix instead.
    pub fn new(overrides: impl IntoIterator<Item = Override>) -> Result<Self, Refused> {
        let mut draft = Draft::default();
        overrides.into_iter().for_each(|one| draft.add(one));
        draft.checked()
    }

    /// The same set with this override, in place of one of the same action.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::{Action, Roles};
    ///
    /// let export = |roles| Override { permission: Action::ExportData, roles };
    /// let set = Overrides::none().with(export(Roles::Administrator))?;
    /// let set = set.with(export(Roles::Administrator | Roles::Manager))?;
    /// assert_eq!(set.iter().count(), 1);
    /// assert_eq!(set.get(Action::ExportData), Some(Roles::Administrator | Roles::Manager));
    /// # Ok::<(), labelgate::overrides::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the new set breaks a rule.
    pub fn with(mut self, one: Override) -> Result<Self, Refused> {
        self.put(one.permission, Some(one.roles));
        self.checked()
    }

    /// The same set without the override of an action, if there is one.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::{Action, Roles};
    ///
    /// // Managers neither view nor export data.
    /// let set = Overrides::new([Action::ViewProjectData, Action::ExportData].map(|permission| {
    ///     Override { permission, roles: Roles::Administrator }
    /// }))?;
    /// assert!(set.without(Action::ViewProjectData).is_ok());
    ///
    /// // Without the second one, they would export what they cannot view.
    /// assert!(set.without(Action::ExportData).is_err());
    /// # Ok::<(), labelgate::overrides::Refused>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the set that is left breaks a rule, because other overrides need this one: answer
    /// 409.
    pub fn without(mut self, action: Action) -> Result<Self, Refused> {
        self.put(action, None);
        self.checked()
    }

    #[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
    fn put(&mut self, action: Action, roles: Option<Roles>) {
        self.roles[action as usize] = roles.map(|roles| roles & (Roles::all() - Roles::Owner));
    }

    /// The roles below Owner to which an override gives the action. `None` if there is no override.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "by a fieldless enum")]
    pub const fn get(&self, action: Action) -> Option<Roles> {
        self.roles[action as usize]
    }

    /// The overrides, in the order of the actions.
    pub fn iter(&self) -> impl Iterator<Item = Override> + Clone {
        let Self { roles } = *self;
        let all = Action::ALL.into_iter().zip(roles);
        all.filter_map(|(permission, roles)| Some(Override { permission, roles: roles? }))
    }

    /// The matrix of the organization, for [`Subject::with_matrix`](crate::Subject::with_matrix).
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
                        join(fitting(role, permission.kind()), weaker)
                    } else {
                        join(default, weaker)
                    };
                    weaker = join(weaker, cell);
                    matrix.with(role, permission, cell)
                })
            });
        matrix.sealed()
    }

    /// The roles that have the action in the built-in matrix.
    ///
    /// ```
    /// use labelgate::overrides::Overrides;
    /// use labelgate::{Action, Roles};
    ///
    /// let exports = Roles::Owner | Roles::Administrator | Roles::Manager;
    /// assert_eq!(Overrides::default_roles(Action::ExportData), exports);
    /// ```
    #[must_use]
    pub fn default_roles(action: Action) -> Roles {
        let has = |role: &Role| !Matrix::BUILT_IN.scopes(*role, action).is_empty();
        Role::ALL.into_iter().filter(has).collect()
    }

    /// The roles to offer in a form: those below Owner that stand in some override of the action that is
    /// accepted alone.
    ///
    /// ```
    /// use labelgate::overrides::Overrides;
    /// use labelgate::{Action, Roles};
    ///
    /// // Annotators see their own data only, so they cannot be given the export.
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

    /// The widest set there is: in no other set that is accepted does a role have more.
    ///
    /// Its matrix is for what is fixed while overrides change, such as row-level security, and must not deny
    /// what an organization could permit.
    ///
    /// ```
    /// use labelgate::overrides::Overrides;
    /// use labelgate::{Action, Matrix, Role, Scopes};
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
        // What a role cannot have is taken away from it, until the set is accepted.
        loop {
            let Err(refused) = set.checked() else { return set };
            let roles = set.get(refused.action()).zip(refused.role());
            let Some((roles, role)) = roles.filter(|(roles, role)| roles.has(*role)) else {
                return Self::none();
            };
            set.put(refused.action(), Some(roles - Roles::of(role)));
        }
    }

    fn checked(self) -> Result<Self, Refused> {
        let named = || self.iter();
        for Override { permission: action, roles } in named() {
            if let Some(role) = roles.elements().find(|role| !role.is_active()) {
                return Err(Refused::Powerless { action, role });
            }
        }
        let by_default = |action| Self::default_roles(action) - Roles::Owner;
        for Override { permission: action, .. } in named() {
            if by_default(action).is_empty() {
                return Err(Refused::NotConfigurable { action });
            }
        }
        let is_never_given = |action| NEVER_GIVEN.has(action);
        for Override { permission: action, roles } in named() {
            let given = roles - by_default(action);
            if let Some(role) = given.elements().find(|_| is_never_given(action)) {
                return Err(Refused::NeverGiven { action, role });
            }
        }
        for Override { permission: action, roles } in named() {
            let is_gap = |role: &Role| {
                !roles.has(*role) && roles.elements().any(|other| is_above(*role, other))
            };
            let inherited = !Matrix::NOT_INHERITED.has(action);
            if let Some(role) = configurable().find(|role| inherited && is_gap(role)) {
                return Err(Refused::Gap { action, role });
            }
        }
        let matrix = self.matrix();
        for action in Action::ALL {
            let Some(guard) = action.guard() else { continue };
            let has = |role, action| !matrix.scopes(role, action).is_empty();
            if let Some(role) = configurable().find(|&role| has(role, action) && !has(role, guard))
            {
                return Err(Refused::Unguarded { action, role, guard });
            }
        }
        let sees_all = |role: &Role| {
            let (exports, views) = (matrix.scopes(*role, EXPORT), matrix.scopes(*role, VIEW));
            join(views, exports) == join(views, Scopes::empty())
        };
        match configurable().find(|role| !sees_all(role)) {
            Some(role) => Err(Refused::ExportsUnseen { action: EXPORT, role }),
            None => Ok(self),
        }
    }
}

/// Overrides one after the other, wherever they come from.
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

    fn checked(self) -> Result<Overrides, Refused> {
        match self.named_twice.elements().next() {
            Some(action) => Err(Refused::Twice { action }),
            None => self.set.checked(),
        }
    }
}

impl Default for Overrides {
    fn default() -> Self {
        Self::none()
    }
}

/// What one role has through other scopes in another matrix. [`Matrix::diff`] returns them.
///
/// It displays as a line for a person who reviews the change.
///
/// ```
/// use labelgate::{Action, Matrix, Role, Scopes};
///
/// let other = Matrix::BUILT_IN.with_cell(Role::Manager, Action::UseApi, Scopes::empty())?;
/// let difference = Matrix::BUILT_IN.diff(&other).next().unwrap();
/// assert_eq!((difference.role, difference.action), (Role::Manager, Action::UseApi));
/// assert_eq!(difference.to_string(), "`MA` loses `api.use`, held through `own, workspace`");
/// # Ok::<(), labelgate::error::PowerlessRole>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Difference {
    /// The role.
    pub role: Role,
    /// The action.
    pub action: Action,
    /// The scopes that were enough. Empty if the role did not have the action.
    pub before: Scopes,
    /// The scopes that are enough. Empty if the role loses the action.
    pub after: Scopes,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { role, action, before, after } = self;
        if after.is_empty() {
            write!(f, "`{role}` loses `{action}`, held through `{before}`")
        } else if before.is_empty() {
            write!(f, "`{role}` gains `{action}` through `{after}`")
        } else {
            write!(f, "`{role}` holds `{action}` through `{after}`, no longer through `{before}`")
        }
    }
}

impl Matrix {
    /// What differs in another matrix: by action, and from the most powerful role.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::{Action, Matrix, Roles};
    ///
    /// let roles = Roles::Administrator | Roles::Manager;
    /// let overrides = Overrides::new([Override { permission: Action::AssignAnnotators, roles }])?;
    /// let lines: Vec<_> =
    ///     Matrix::BUILT_IN.diff(&overrides.matrix()).map(|line| line.to_string()).collect();
    /// assert_eq!(lines, ["`RE` loses `tasks.assign_annotators`, held through `project`"]);
    /// # Ok::<(), labelgate::overrides::Refused>(())
    /// ```
    pub fn diff(&self, after: &Self) -> impl Iterator<Item = Difference> {
        let all = Action::ALL.into_iter();
        let all = all.flat_map(|action| Role::ALL.map(|role| (role, action)));
        let all = all.map(|(role, action)| Difference {
            role,
            action,
            before: self.scopes(role, action),
            after: after.scopes(role, action),
        });
        all.filter(|Difference { before, after, .. }| before != after)
    }
}

#[cfg(feature = "serde")]
mod wire_format {
    use core::fmt;

    use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::{Serialize, Serializer};

    use super::{Draft, Overrides};

    /// The list of the overrides.
    impl Serialize for Overrides {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            crate::serial::write_list(serializer, self.iter())
        }
    }

    /// A set that breaks a rule is refused.
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
