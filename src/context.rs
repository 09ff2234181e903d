//! `ScopeCtx`: the scopes that a subject holds on a resource.

use core::fmt;

use crate::scope::{Scope, Scopes};

/// The scopes that a subject holds on a resource, in one byte. Role and scopes decide by the matrix.
///
/// Start from [`organization`](Self::organization) and add scopes. Scopes that you do not add are not held. Each
/// scope brings those that it [implies](Scope::implies). Adding a scope to [`outside`](Self::outside) changes
/// nothing: a subject holds no scopes in another organization.
///
/// Use it in unit tests and constants. In a handler, [`Subject`](crate::Subject) computes it from facts.
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
    /// The number of different contexts.
    pub const COUNT: usize = 13;

    /// All contexts. Tests can try each of them.
    ///
    /// ```
    /// use labelgate::{Action, Role, ScopeCtx, can};
    ///
    /// // An annotator exports nothing, with any scopes.
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

    /// The context of a subject of another organization: no scopes. This is also the default.
    #[must_use]
    pub const fn outside() -> Self {
        Self(Scopes::empty())
    }

    /// The context of a member of the resource's organization: the scope Organization.
    #[must_use]
    pub const fn organization() -> Self {
        Self(Scopes::Organization)
    }

    /// Adds the scope Workspace: the subject created or was added to the workspace of the resource.
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

    /// Adds the scope Project: the subject was added to the project of the resource, or has tasks in it.
    #[must_use]
    pub const fn in_project(self) -> Self {
        self.with(Scope::Project)
    }

    /// Adds the scope Own: the resource is the subject's own.
    #[must_use]
    pub const fn own(self) -> Self {
        self.with(Scope::Own)
    }

    /// Adds the scopes Own and OwnPermitted: the resource is the subject's own, and its project lets annotators view
    /// their own data.
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

    /// Adds a scope and the scopes that it implies. Changes nothing outside the organization.
    const fn with(self, scope: Scope) -> Self {
        if self.is_outside() {
            return self;
        }
        Self(self.0.union(Scopes::of(scope)).union(scope.implies()))
    }

    /// Returns true if the subject is outside the organization of the resource.
    #[must_use]
    pub const fn is_outside(self) -> bool {
        self.0.is_empty()
    }

    /// Returns true if the subject holds the scope.
    #[must_use]
    pub const fn holds(self, scope: Scope) -> bool {
        self.0.has(scope)
    }

    /// Returns the scopes that the subject holds.
    #[must_use]
    pub const fn scopes(self) -> Scopes {
        self.0
    }

    /// The context that holds these scopes and no others.
    ///
    /// # Errors
    ///
    /// Returns an error if a scope [implies](Scope::implies) another that is missing.
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

/// Displays the scopes, separated by commas.
impl fmt::Display for ScopeCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_outside() {
            return f.write_str("outside the organization");
        }
        self.0.fmt(f)
    }
}

/// The error returned when a scope is given without the scopes that it implies.
///
/// [`ScopeCtx::from_scopes`] returns it, and so does reading a context with serde. Add the missing scopes, or
/// remove the one that implies them.
///
/// ```
/// use labelgate::sets::Scopes;
/// use labelgate::{Scope, ScopeCtx};
///
/// let error = ScopeCtx::from_scopes(Scopes::OwnPermitted | Scopes::Organization).unwrap_err();
/// assert_eq!((error.scope, error.missing), (Scope::OwnPermitted, Scopes::Own));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{scope}` needs `{missing}`")]
#[non_exhaustive]
pub struct ImpossibleContext {
    /// The scope that implies the others.
    pub scope: Scope,
    /// The implied scopes that are missing.
    pub missing: Scopes,
}

#[cfg(feature = "serde")]
mod wire_format {
    use core::fmt;

    use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Scope, ScopeCtx, Scopes};

    /// Writes an object of the scopes that are held: `{"organization": true, "project": true}`.
    impl Serialize for ScopeCtx {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let held = self.scopes().elements();
            let mut object = serializer.serialize_map(Some(held.clone().count()))?;
            for scope in held {
                object.serialize_entry(&scope, &true)?;
            }
            object.end()
        }
    }

    /// Reads a missing scope as not held. Refuses unknown and repeated scopes, and a scope without those that it
    /// implies.
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

        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<ScopeCtx, A::Error> {
            let mut named = Scopes::empty();
            let mut held = Scopes::empty();
            while let Some(scope) = object.next_key::<Scope>()? {
                crate::serial::add(&mut named, scope)?;
                held.set(scope.into(), object.next_value()?);
            }
            ScopeCtx::from_scopes(held).map_err(A::Error::custom)
        }
    }
}
