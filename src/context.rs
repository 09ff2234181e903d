//! The scopes of one decision.

use core::fmt;

use crate::scope::{Scope, Scopes};

/// Which scopes a subject holds on a resource: all that the matrix needs to know, in one byte.
///
/// Start from [`organization`](Self::organization) and add scopes. Scopes that you do not add are not held.
/// Impossible contexts cannot be built: every scope comes with the organization, and the permission to view
/// one's own data comes with [`own`](Self::own). Adding to [`outside`](Self::outside) changes nothing, since
/// nothing counts across organizations.
///
/// A handler does not need it: [`Subject`](crate::Subject) computes it from facts. It is for unit tests and
/// constants.
///
/// ```
/// use labelgate::{Scope, ScopeCtx};
///
/// const CTX: ScopeCtx = ScopeCtx::organization().in_project().own();
/// assert!(CTX.holds(Scope::Own));
/// assert!(!CTX.holds(Scope::Workspace));
/// assert_eq!(CTX.scopes().to_string(), "own, project, organization");
/// assert!(ScopeCtx::outside().in_project().is_outside());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ScopeCtx(Scopes);

impl ScopeCtx {
    /// How many different contexts there are.
    pub const COUNT: usize = 13;

    /// Every context there is, so that a test can try all of them.
    ///
    /// ```
    /// use labelgate::{Action, Role, ScopeCtx, can};
    ///
    /// // Nobody exports through being an annotator, whatever they hold.
    /// assert_eq!(ScopeCtx::ALL.len(), ScopeCtx::COUNT);
    /// assert!(ScopeCtx::ALL.iter().all(|&ctx| !can(Role::Annotator, Action::ExportData, ctx)));
    /// ```
    pub const ALL: [Self; Self::COUNT] = {
        let mut all = [Self::outside(); Self::COUNT];
        let mut found: usize = 0;
        let mut bits = 0;
        while bits <= Scopes::all().bits() {
            if let Ok(ctx) = Self::from_scopes(Scopes::from_bits_retain(bits)) {
                #[expect(
                    clippy::indexing_slicing,
                    reason = "checked by the compiler, in a constant"
                )]
                {
                    all[found] = ctx;
                }
                found += 1;
            }
            bits += 1;
        }
        assert!(found == Self::COUNT);
        all
    };

    /// Outside the organization that holds the resource: no scope is held. This is also the default.
    #[must_use]
    pub const fn outside() -> Self {
        Self(Scopes::empty())
    }

    /// A member of the organization that holds the resource, with no other scope yet.
    #[must_use]
    pub const fn organization() -> Self {
        Self(Scopes::Organization)
    }

    /// Adds that the subject created or was added to the workspace of the resource.
    ///
    /// ```
    /// use labelgate::{Action, Role, ScopeCtx, can};
    ///
    /// let ctx = ScopeCtx::organization().in_workspace();
    /// assert!(can(Role::Manager, Action::CreateProject, ctx));
    /// ```
    #[must_use]
    pub const fn in_workspace(self) -> Self {
        self.with(Scope::Workspace)
    }

    /// Adds that the subject was added to the project of the resource, or has tasks in it.
    #[must_use]
    pub const fn in_project(self) -> Self {
        self.with(Scope::Project)
    }

    /// Adds that the resource is the subject's own.
    #[must_use]
    pub const fn own(self) -> Self {
        self.with(Scope::Own)
    }

    /// Adds that the resource is the subject's own, and that its project lets annotators view their own data.
    ///
    /// ```
    /// use labelgate::{Action, Role, ScopeCtx, can};
    ///
    /// let own = ScopeCtx::organization().own();
    /// assert!(!can(Role::Annotator, Action::ViewProjectData, own));
    /// assert!(can(Role::Annotator, Action::ViewProjectData, own.own_permitted()));
    /// ```
    #[must_use]
    pub const fn own_permitted(self) -> Self {
        self.with(Scope::OwnPermitted)
    }

    /// Adds a scope and what it implies; outside the organization there is nothing to add to.
    const fn with(self, scope: Scope) -> Self {
        if self.is_outside() {
            return self;
        }
        Self(self.0.union(Scopes::of(scope)).union(scope.implies()))
    }

    /// Returns true if the subject is outside the organization that holds the resource.
    #[must_use]
    pub const fn is_outside(self) -> bool {
        self.0.is_empty()
    }

    /// Returns true if the subject holds the scope.
    #[must_use]
    pub const fn holds(self, scope: Scope) -> bool {
        self.0.has(scope)
    }

    /// The scopes that are held.
    #[must_use]
    pub const fn scopes(self) -> Scopes {
        self.0
    }

    /// The context that holds these scopes and no others.
    ///
    /// # Errors
    ///
    /// Returns an error if a scope is there without a scope that it [implies](Scope::implies).
    ///
    /// ```
    /// use labelgate::{Scope, ScopeCtx};
    ///
    /// let held = [Scope::Organization, Scope::Project].into_iter().collect();
    /// assert_eq!(ScopeCtx::from_scopes(held)?, ScopeCtx::organization().in_project());
    ///
    /// let refused = ScopeCtx::from_scopes(Scope::Project.into()).unwrap_err();
    /// assert_eq!(refused.to_string(), "`project` needs `organization`");
    /// # Ok::<(), labelgate::error::ImpossibleContext>(())
    /// ```
    pub const fn from_scopes(scopes: Scopes) -> Result<Self, ImpossibleContext> {
        let mut rest: &[Scope] = &Scope::ALL;
        while let [scope, tail @ ..] = rest {
            let missing = scope.implies().difference(scopes);
            if scopes.has(*scope) && !missing.is_empty() {
                return Err(ImpossibleContext { scope: *scope, missing });
            }
            rest = tail;
        }
        Ok(Self(scopes.intersection(Scopes::all())))
    }
}

/// The scopes held, separated by commas.
impl fmt::Display for ScopeCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_outside() {
            return f.write_str("outside the organization");
        }
        self.0.fmt(f)
    }
}

/// A scope without one that it implies.
///
/// [`ScopeCtx::from_scopes`] returns it, and so does reading a context with serde. Add the missing scopes, or
/// leave the other one out.
///
/// ```
/// use labelgate::{Scope, ScopeCtx, Scopes};
///
/// let error = ScopeCtx::from_scopes(Scopes::OwnPermitted | Scopes::Organization).unwrap_err();
/// assert_eq!((error.scope, error.missing), (Scope::OwnPermitted, Scopes::Own));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{scope}` needs `{missing}`")]
#[non_exhaustive]
pub struct ImpossibleContext {
    /// The scope that is there.
    pub scope: Scope,
    /// The scopes that it implies and that are not there.
    pub missing: Scopes,
}

#[cfg(feature = "serde")]
mod wire_format {
    use core::fmt;

    use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Scope, ScopeCtx, Scopes};

    /// The facts that hold, by name: `{"organization": true, "project": true}`.
    impl Serialize for ScopeCtx {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let held = self.scopes().elements();
            let mut facts = serializer.serialize_map(Some(held.clone().count()))?;
            for scope in held {
                facts.serialize_entry(&scope, &true)?;
            }
            facts.end()
        }
    }

    /// A fact that is missing does not hold; one that is unknown, stands twice, or cannot hold without
    /// another is refused.
    impl<'de> Deserialize<'de> for ScopeCtx {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Held).map_err(crate::serial::brief)
        }
    }

    struct Held;

    impl<'de> Visitor<'de> for Held {
        type Value = ScopeCtx;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of facts: each one a scope and whether it is held")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut facts: A) -> Result<ScopeCtx, A::Error> {
            let mut named = Scopes::empty();
            let mut held = Scopes::empty();
            while let Some(scope) = facts.next_key::<Scope>()? {
                crate::serial::add(&mut named, scope)?;
                held.set(scope.into(), facts.next_value()?);
            }
            ScopeCtx::from_scopes(held).map_err(A::Error::custom)
        }
    }
}
