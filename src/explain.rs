//! What would have to change for a decision to be yes, in words for an administrator.
//!
//! [`Subject::explain`](crate::Subject::explain) says it about a resource, and [`Matrix::explain`] about
//! scopes.

use core::fmt;

use crate::context::ScopeCtx;
use crate::matrix::{Action, Matrix};
use crate::role::Role;
use crate::scope::Scopes;

/// A change that would permit what is denied: another role, more scopes, or both.
///
/// To somebody who is not activated or deactivated, a role is given by activating them. The project's setting
/// is among the scopes, as [`Scopes::OwnPermitted`]. It displays as words.
///
/// ```
/// use labelgate::{Action, Matrix, Role, ScopeCtx, Scopes};
///
/// let mut changes =
///     Matrix::BUILT_IN.explain(Role::Manager, Action::UseApi, ScopeCtx::organization().in_project());
/// let change = changes.next().unwrap();
/// assert_eq!((change.role, change.scopes), (Some(Role::Administrator), Scopes::empty()));
/// assert_eq!(change.to_string(), "role `AD`");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct Change {
    /// The role to have instead. `None` if the present one is enough.
    pub role: Option<Role>,
    /// The scopes to hold in addition.
    pub scopes: Scopes,
}

impl Matrix {
    /// The smallest changes that would permit the action. It yields nothing if the action is permitted
    /// already.
    ///
    /// Each change is enough, no part of one is, and none gives a more powerful role where a weaker one would
    /// do. The context is taken as it is: that another role can hold other scopes, since a manager is in the
    /// projects that they created, is not foreseen.
    ///
    /// This is for people to read, and not for every request: it looks through all there is.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, ScopeCtx};
    ///
    /// let in_project = ScopeCtx::organization().in_project();
    /// let changes = Matrix::BUILT_IN.explain(Role::Annotator, Action::ReviewAnnotations, in_project);
    /// let changes: Vec<_> = changes.map(|change| change.to_string()).collect();
    /// assert_eq!(changes, ["role `RE`"]);
    /// ```
    pub fn explain(
        &self,
        role: Role,
        action: Action,
        ctx: ScopeCtx,
    ) -> impl Iterator<Item = Change> {
        let nothing = Change { role: None, scopes: Scopes::empty() };
        self.sufficient(role, action, ctx).filter(move |&change| {
            let mut others = self.sufficient(role, action, ctx);
            change != nothing && !others.any(|other| self.is_less(other, change))
        })
    }

    /// All changes that would allow the action, however large.
    fn sufficient(
        &self,
        role: Role,
        action: Action,
        ctx: ScopeCtx,
    ) -> impl Iterator<Item = Change> {
        let contexts = ScopeCtx::ALL.into_iter();
        let more = contexts.filter(move |more| more.scopes().contains(ctx.scopes()));
        more.flat_map(move |more| {
            self.roles(action, more).elements().map(move |other| Change {
                role: (other != role).then_some(other),
                scopes: more.scopes().difference(ctx.scopes()),
            })
        })
    }

    /// Whether one change is less than another: no more of a role, no more scopes, and not the same.
    fn is_less(&self, one: Change, other: Change) -> bool {
        let no_more_power = match (one.role, other.role) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(role), Some(other)) => {
                role == other || (self.dominates(other, role) && !self.dominates(role, other))
            }
        };
        one != other && other.scopes.contains(one.scopes) && no_more_power
    }
}

/// Such as "role `MA` and `own` and `own_permitted`".
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(role) = self.role {
            write!(f, "role `{role}`{}", if self.scopes.is_empty() { "" } else { " and " })?;
        }
        for (position, scope) in self.scopes.elements().enumerate() {
            write!(f, "{}`{scope}`", if position == 0 { "" } else { " and " })?;
        }
        Ok(())
    }
}
