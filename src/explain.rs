//! Explanations of denials: the changes that would permit an action, in words for an administrator.
//!
//! [`Subject::explain`](crate::Subject::explain) explains a decision about a row, [`Matrix::explain`] one about
//! scopes.

use core::fmt;

use crate::action::Action;
use crate::context::ScopeCtx;
use crate::matrix::Matrix;
use crate::role::Role;
use crate::scope::Scopes;

/// A change that would permit a denied action: another role, more scopes, or both.
///
/// A member who is not activated or was deactivated gets a role when somebody activates them. The scope
/// [`Scopes::OwnPermitted`] stands for the project's setting that lets annotators view their own data. A change
/// displays as words.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Action, Matrix, Role, ScopeCtx};
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
    /// The role to give to the member. `None` if the present role is enough.
    pub role: Option<Role>,
    /// The scopes to add.
    pub scopes: Scopes,
}

impl Matrix {
    /// Returns the smallest changes that would permit the action. Returns none if the action is permitted already.
    ///
    /// Each change is enough by itself, with no scope too many and no more powerful role than needed. The scopes
    /// of the context are taken as given, although a new role can change them: a manager also holds Project on the
    /// projects that they created.
    ///
    /// It tries all roles and contexts, so do not call it in every request.
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

    /// Returns all changes that would permit the action, the smallest and others.
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

    /// Returns true if `one` is smaller than `other`: the two differ, the role of `one` is not more powerful, and its
    /// scopes are among those of `other`.
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

/// Displays the change, such as "role `MA` and `own` and `own_permitted`".
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
