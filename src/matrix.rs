//! The permission matrix.

use core::fmt;
use core::str::FromStr;

use crate::action::{Action, Actions, act::Category};
use crate::context::ScopeCtx;
use crate::excerpt::Excerpt;
use crate::role::{Role, Roles};
use crate::scope::{Scope, Scopes};
use crate::table::matrix_table;

/// Expands to the scopes of a cell, from the letters of [`Scope::symbol`]; `-` is none.
macro_rules! cell {
    (-) => { Scopes::empty() };
    (O?) => { Scopes::OwnPermitted };
    ($($symbol:ident)+) => { Scopes::empty()$(.union(cell!(@ $symbol)))+ };
    (@ O) => { Scopes::Own };
    (@ P) => { Scopes::Project };
    (@ W) => { Scopes::Workspace };
    (@ G) => { Scopes::Organization };
}

macro_rules! built_in {
    (AN RE MA AD OW $(
        $title:literal $Category:ident {$(
            $(#[doc = $doc:literal])+
            $Action:ident $key:literal
            [$($an:tt)+] [$($re:tt)+] [$($ma:tt)+] [$($ad:tt)+] [$($ow:tt)+] $Kind:ident $Guard:tt $source:literal
        )+}
    )+) => {
        impl Matrix {
            /// The matrix of Label Studio Enterprise. The README shows it as a table, and the docs of each
            /// [`Action`] show its row.
            pub const BUILT_IN: Self = {
                let matrix = Self::EMPTY;
                $($(
                    let matrix = matrix
                        .with(Role::Annotator, Action::$Action, cell!($($an)+))
                        .with(Role::Reviewer, Action::$Action, cell!($($re)+))
                        .with(Role::Manager, Action::$Action, cell!($($ma)+))
                        .with(Role::Administrator, Action::$Action, cell!($($ad)+))
                        .with(Role::Owner, Action::$Action, cell!($($ow)+));
                )+)+
                matrix.sealed()
            };
        }
    };
}

matrix_table!(built_in);

/// The permission matrix: for each role and action, a cell with the scopes, each of which permits the action.
///
/// [`can`](crate::can) uses [`BUILT_IN`](Self::BUILT_IN). Owners of organizations adapt it with
/// [`overrides`](crate::overrides), services with [`with_cell`](Self::with_cell). A matrix displays as a table in
/// Markdown.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Action, Matrix, Role};
///
/// let cell = Matrix::BUILT_IN.scopes(Role::Manager, Action::ExportData);
/// assert_eq!(cell, Scopes::Own | Scopes::Project | Scopes::Workspace);
///
/// let table = Matrix::BUILT_IN.to_string();
/// assert!(table.contains("| ExportData | `data.export` | - | - | O P W | G | G |"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Matrix {
    rows: [Row; Action::COUNT],
    fingerprint: Fingerprint,
}

/// The cells of one action, indexed by role.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(align(8))] // so that indexing takes no multiplication
struct Row([Scopes; Role::COUNT]);

impl Matrix {
    /// The actions that a more powerful role does not inherit from a weaker one.
    ///
    /// There is one: only annotators see their dashboard. With the same facts, a more powerful role may do
    /// everything else that a weaker one may.
    ///
    /// ```
    /// use labelgate::{Actions, Matrix};
    ///
    /// assert_eq!(Matrix::NOT_INHERITED, Actions::ViewAnnotatorDashboard);
    /// ```
    pub const NOT_INHERITED: Actions = Actions::ViewAnnotatorDashboard;

    const EMPTY: Self = Self {
        rows: [Row([Scopes::empty(); Role::COUNT]); Action::COUNT],
        fingerprint: Fingerprint(0),
    };

    /// Replaces one cell of the matrix.
    ///
    /// # Errors
    ///
    /// Returns an error for the roles `NO` and `DI`, to which every action is denied.
    ///
    /// ```
    /// use labelgate::sets::Scopes;
    /// use labelgate::{Action, Matrix, Role, ScopeCtx};
    ///
    /// let matrix = Matrix::BUILT_IN.with_cell(Role::Manager, Action::UseApi, Scopes::all())?;
    /// assert!(matrix.can(Role::Manager, Action::UseApi, ScopeCtx::organization()));
    ///
    /// let refused = matrix.with_cell(Role::Deactivated, Action::UseApi, Scopes::all());
    /// assert_eq!(refused.unwrap_err().to_string(), "`DI` holds nothing, ever");
    /// # Ok::<(), labelgate::error::PowerlessRole>(())
    /// ```
    pub const fn with_cell(
        self,
        role: Role,
        action: Action,
        scopes: Scopes,
    ) -> Result<Self, PowerlessRole> {
        if role.is_active() {
            Ok(self.with(role, action, scopes.intersection(Scopes::all())).sealed())
        } else {
            Err(PowerlessRole { role })
        }
    }

    /// Replaces the cell of an active role, but not the fingerprint: call [`sealed`](Self::sealed) after the last
    /// cell.
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums")]
    pub(crate) const fn with(mut self, role: Role, action: Action, scopes: Scopes) -> Self {
        self.rows[action as usize].0[role as usize] = scopes;
        self
    }

    /// Computes the fingerprint from the cells.
    pub(crate) const fn sealed(mut self) -> Self {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut roles: &[Role] = &Role::ALL;
        while let [role, other_roles @ ..] = roles {
            let mut actions: &[Action] = &Action::ALL;
            while let [action, other_actions @ ..] = actions {
                let cell = self.scopes(*role, *action);
                hash = (hash ^ cell.bits() as u64).wrapping_mul(0x0100_0000_01b3);
                actions = other_actions;
            }
            roles = other_roles;
        }
        self.fingerprint = Fingerprint(hash);
        self
    }

    /// Returns a hash of the cells. Every audit record has it.
    ///
    /// It is the 64-bit FNV-1a hash, the same on every machine. It always differs between two matrices that differ in
    /// exactly one cell. If several cells differ, only a 64-bit collision can hide it. It is not cryptographic, and
    /// does not protect against forged matrices.
    ///
    /// ```
    /// use labelgate::sets::Scopes;
    /// use labelgate::{Action, Matrix, Role};
    ///
    /// let built_in = Matrix::BUILT_IN.fingerprint();
    /// assert_eq!(built_in.to_string().parse(), Ok(built_in));
    ///
    /// let other = Matrix::BUILT_IN.with_cell(Role::Manager, Action::UseApi, Scopes::empty())?;
    /// assert_ne!(other.fingerprint(), built_in);
    /// # Ok::<(), labelgate::error::PowerlessRole>(())
    /// ```
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Returns the cell of a role and an action: the scopes, each of which permits the action.
    ///
    /// ```
    /// use labelgate::sets::Scopes;
    /// use labelgate::{Action, Matrix, Role};
    ///
    /// let required = Matrix::BUILT_IN.scopes(Role::Manager, Action::UseApi);
    /// assert_eq!(required, Scopes::Own | Scopes::Workspace);
    /// ```
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "by fieldless enums")]
    #[inline]
    pub const fn scopes(&self, role: Role, action: Action) -> Scopes {
        self.rows[action as usize].0[role as usize]
    }

    /// Returns the actions that the role may do in this context.
    ///
    /// ```
    /// use labelgate::{Actions, Matrix, Role, ScopeCtx};
    ///
    /// let may = Matrix::BUILT_IN.actions(Role::Annotator, ScopeCtx::organization().in_project());
    /// assert_eq!(may, Actions::ViewProject | Actions::LabelTasks);
    /// ```
    #[must_use]
    pub const fn actions(&self, role: Role, ctx: ScopeCtx) -> Actions {
        let mut permitted = Actions::empty();
        let mut rest: &[Action] = &Action::ALL;
        while let [action, tail @ ..] = rest {
            if self.scopes(role, *action).intersects(ctx.scopes()) {
                permitted = permitted.union(Actions::of(*action));
            }
            rest = tail;
        }
        permitted
    }

    /// Returns true if the role may do the action in this context. The function [`can`](crate::can) does the same
    /// with the built-in matrix.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, ScopeCtx};
    ///
    /// let ctx = ScopeCtx::organization();
    /// assert!(Matrix::BUILT_IN.can(Role::Administrator, Action::ExportData, ctx));
    /// ```
    #[must_use]
    #[inline]
    pub const fn can(&self, role: Role, action: Action, ctx: ScopeCtx) -> bool {
        self.scopes(role, action).intersects(ctx.scopes())
    }

    /// Returns the roles that may do the action in this context.
    ///
    /// ```
    /// use labelgate::sets::Roles;
    /// use labelgate::{Action, Matrix, Role, ScopeCtx};
    ///
    /// let may_import = Matrix::BUILT_IN.roles(Action::ImportData, ScopeCtx::organization());
    /// assert_eq!(may_import, Roles::Administrator | Roles::Owner);
    /// ```
    #[must_use]
    pub const fn roles(&self, action: Action, ctx: ScopeCtx) -> Roles {
        let mut roles = Roles::empty();
        let mut rest: &[Role] = &Role::ALL;
        while let [role, tail @ ..] = rest {
            if self.can(*role, action, ctx) {
                roles = roles.union(Roles::of(*role));
            }
            rest = tail;
        }
        roles
    }

    /// Returns true if `role` may do every action that `other` may do, in each context. Ignores each action of
    /// [`NOT_INHERITED`](Self::NOT_INHERITED) that the built-in matrix permits to `other`.
    ///
    /// ```
    /// use labelgate::{Matrix, Role};
    ///
    /// assert!(Matrix::BUILT_IN.dominates(Role::Owner, Role::Administrator));
    /// ```
    #[must_use]
    pub const fn dominates(&self, role: Role, other: Role) -> bool {
        self.beyond(role, other).is_empty()
    }

    /// Returns the actions that `other` may do and `role` may not, in at least one context. Ignores the same actions
    /// as [`dominates`](Self::dominates).
    ///
    /// ```
    /// use labelgate::{Actions, Matrix, Role};
    ///
    /// let beyond = Matrix::BUILT_IN.beyond(Role::Administrator, Role::Owner);
    /// assert_eq!(beyond, Actions::CreateOrganization | Actions::ViewOwnerAccount);
    /// ```
    #[must_use]
    pub const fn beyond(&self, role: Role, other: Role) -> Actions {
        let mut beyond = Actions::empty();
        let mut rest: &[ScopeCtx] = &ScopeCtx::ALL;
        while let [ctx, tail @ ..] = rest {
            let more = self.actions(other, *ctx).difference(self.actions(role, *ctx));
            let excused = Self::NOT_INHERITED.intersection(Self::BUILT_IN.actions(other, *ctx));
            beyond = beyond.union(more.difference(excused));
            rest = tail;
        }
        beyond
    }

    /// Returns the cells that differ in `after`, in the order of the actions, and from the most powerful role down.
    ///
    /// ```
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::{Action, Matrix};
    ///
    /// let roles = Roles::Administrator | Roles::Manager;
    /// let overrides = Overrides::new([Override { permission: Action::AssignAnnotators, roles }])?;
    /// let lines: Vec<_> =
    ///     Matrix::BUILT_IN.diff(&overrides.matrix()).map(|line| line.to_string()).collect();
    /// assert_eq!(lines, ["`RE` loses `tasks.assign_annotators`, held through `project`"]);
    /// # Ok::<(), labelgate::overrides::InvalidOverrides>(())
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

/// A cell that differs between two matrices. [`Matrix::diff`] returns them.
///
/// It displays as a line for the people who review a change.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Action, Matrix, Role};
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
    /// The scopes of the cell in the first matrix. Empty if it denies the action.
    pub before: Scopes,
    /// The scopes of the cell in the second matrix. Empty if it denies the action.
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

/// The [fingerprint](Matrix::fingerprint) of a matrix. As text it is 16 hexadecimal digits.
///
/// ```
/// use labelgate::audit::Fingerprint;
/// use labelgate::Matrix;
///
/// let kept: Fingerprint = "ffef56037b68b6ce".parse()?;
/// assert_eq!(Matrix::BUILT_IN.fingerprint(), kept);
/// # Ok::<(), labelgate::error::InvalidFingerprint>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Fingerprint(u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        u64::from_str_radix(text, 16)
            .ok()
            .filter(|_| text.len() == 16 && text.as_bytes().iter().all(is_hex))
            .map(Self)
            .ok_or_else(|| InvalidFingerprint(Excerpt::new(text)))
    }
}

#[cfg(feature = "serde")]
crate::serial::text!(Fingerprint, "matrix fingerprint");

/// The error returned when a text is not a fingerprint: 16 hexadecimal digits in lower case.
///
/// If the text comes from a log, the log was changed or cut.
///
/// ```
/// use labelgate::audit::Fingerprint;
///
/// let error = "FFEF".parse::<Fingerprint>().unwrap_err();
/// assert_eq!(error.to_string(), "not a fingerprint `FFEF`");
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a fingerprint `{0}`")]
pub struct InvalidFingerprint(Excerpt);

/// The error returned when a cell is set for the role `NO` or `DI`. Every action is denied to these roles.
///
/// [`Matrix::with_cell`] returns it. Set no cells for these roles.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Action, Matrix, Role};
///
/// let refused = Matrix::BUILT_IN.with_cell(Role::NotActivated, Action::ViewProject, Scopes::all());
/// assert_eq!(refused.unwrap_err().role, Role::NotActivated);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{role}` holds nothing, ever")]
#[non_exhaustive]
pub struct PowerlessRole {
    /// The role.
    pub role: Role,
}

/// Displays the matrix as a table in Markdown.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The columns go from the weakest role to the most powerful.
        let columns = || Role::ALL.into_iter().rev().filter(|role| role.is_active());
        write!(f, "| # | Action | Key |")?;
        columns().try_for_each(|role| write!(f, " {} |", role.code()))?;
        write!(f, "\n|---|---|---|")?;
        columns().try_for_each(|_| write!(f, "---|"))?;
        for category in Category::ALL {
            write!(f, "\n| | **{}** | |", category.title())?;
            columns().try_for_each(|_| write!(f, " |"))?;
            for action in Action::ALL.into_iter().filter(|action| action.category() == category) {
                write!(f, "\n| {} | {action:?} | `{action}` |", action as u8 + 1)?;
                for role in columns() {
                    let scopes = self.scopes(role, action);
                    write!(f, " {}", if scopes.is_empty() { "-" } else { "" })?;
                    crate::macros::list(f, " ", scopes.elements().map(Scope::symbol))?;
                    write!(f, " |")?;
                }
            }
        }
        writeln!(f)
    }
}
