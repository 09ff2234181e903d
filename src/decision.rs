//! The decision: the only place where role, action and context meet.

use crate::context::ScopeCtx;
use crate::matrix::{Action, Actions, Matrix};
use crate::resource::Resource;
use crate::role::{Role, Roles};
use crate::subject::{Memberships, Subject};

/// Whether the role may do the action on a resource that is held like this, by the
/// [built-in](Matrix::BUILT_IN) matrix.
///
/// The answer is yes when the context holds at least one of the scopes in the cell of the role and
/// the action. Works in constants too.
///
/// ```
/// use labelgate::{Action, Role, ScopeCtx, can};
///
/// let ctx = ScopeCtx::organization().in_workspace();
/// assert!(can(Role::Manager, Action::ExportData, ctx));
///
/// const _: () = assert!(!can(
///     Role::Reviewer,
///     Action::ExportData,
///     ScopeCtx::organization().in_project(),
/// ));
/// ```
#[must_use]
pub const fn can(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    Matrix::BUILT_IN.can(role, action, ctx)
}

impl Matrix {
    /// Whether the role may do the action on a resource that is held like this.
    #[must_use]
    pub const fn can(&self, role: Role, action: Action, ctx: ScopeCtx) -> bool {
        self.scopes(role, action).intersects(ctx.scopes())
    }

    /// How many of the contexts let the role do the action.
    ///
    /// What `contexts.iter().filter(..).count()` would say, at the speed of reading the slice.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, ScopeCtx};
    ///
    /// let tasks = [ScopeCtx::organization(), ScopeCtx::organization().in_project()];
    /// assert_eq!(Matrix::BUILT_IN.count(Role::Annotator, Action::LabelTasks, &tasks), 1);
    /// ```
    #[must_use]
    pub fn count(&self, role: Role, action: Action, contexts: &[ScopeCtx]) -> usize {
        // Refusals are counted in bytes, one lane of a vector register per context; a chunk is a
        // whole number of registers, and short enough for its count to fit in a byte.
        const CHUNK: usize = 192;
        let denied = |chunk: &[ScopeCtx]| -> usize {
            let denied: u8 = chunk.iter().map(|&ctx| u8::from(!self.can(role, action, ctx))).sum();
            denied.into()
        };
        let chunks = contexts.chunks_exact(CHUNK);
        contexts.len() - denied(chunks.remainder()) - chunks.map(denied).sum::<usize>()
    }

    /// The roles that may do the action on a resource that is held like this.
    ///
    /// ```
    /// use labelgate::{Action, Matrix, Role, Roles, ScopeCtx};
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

    /// Whether a role may do, in every context, all that another may do there; what is
    /// [not inherited](Self::NOT_INHERITED) aside.
    #[must_use]
    pub const fn dominates(&self, role: Role, other: Role) -> bool {
        let mut rest: &[ScopeCtx] = &ScopeCtx::ALL;
        while let [ctx, tail @ ..] = rest {
            let more = self.actions(other, *ctx).difference(self.actions(role, *ctx));
            if !Self::NOT_INHERITED.contains(more) {
                return false;
            }
            rest = tail;
        }
        true
    }
}

impl Role {
    /// Whether this role may do, in every context, all that the other may do there, by the
    /// built-in matrix; see [`Matrix::dominates`].
    ///
    /// ```
    /// use labelgate::Role;
    ///
    /// assert!(Role::Manager.dominates(Role::Reviewer));
    /// assert!(!Role::Reviewer.dominates(Role::Manager));
    /// ```
    #[must_use]
    pub const fn dominates(self, other: Self) -> bool {
        Matrix::BUILT_IN.dominates(self, other)
    }
}

impl<T: PartialEq, M: Memberships<T>> Subject<T, M> {
    /// Whether the subject may do the action on the resource.
    #[must_use]
    pub fn can(&self, action: Action, resource: &impl Resource<T>) -> bool {
        can(self.role_on(resource), action, self.context(resource))
    }

    /// All that the subject may do on the resource.
    #[must_use]
    pub fn actions(&self, resource: &impl Resource<T>) -> Actions {
        Matrix::BUILT_IN.actions(self.role_on(resource), self.context(resource))
    }
}
