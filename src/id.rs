//! Ids that cannot be mixed up, and sets of them.

use core::fmt;

macro_rules! id {
    ($($(#[$meta:meta])* $Id:ident)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $Id<T>(pub T);

        impl<T: fmt::Display> fmt::Display for $Id<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for $Id<T> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::deserialize(deserializer).map(Self).map_err(crate::serial::brief)
            }
        }
    )+};
}

id! {
    /// The id of an organization, in whatever type the service keeps its ids: `i64`, `Uuid`,
    /// `String`, `&str`.
    OrganizationId
    /// The id of a workspace.
    ///
    /// Nothing but a workspace is looked for among workspaces:
    ///
    /// ```compile_fail,E0308
    /// use labelgate::{OrganizationId, ProjectId};
    ///
    /// let workspace = OrganizationId(1).workspace(ProjectId(7));
    /// ```
    WorkspaceId
    /// The id of a project.
    ///
    /// ```compile_fail,E0308
    /// use labelgate::{OrganizationId, UserId};
    ///
    /// let project = OrganizationId(1).project(UserId(7));
    /// ```
    ProjectId
    /// The id of a task.
    ///
    /// ```compile_fail,E0308
    /// use labelgate::{OrganizationId, ProjectId, UserId};
    ///
    /// let task = OrganizationId(1).project(ProjectId(7)).task(ProjectId(7), &[UserId(7)]);
    /// ```
    TaskId
    /// The id of a record in a project: an annotation, a prediction, somebody's performance.
    RecordId
    /// The id of a user, who is the same user in every organization.
    ///
    /// ```compile_fail,E0308
    /// use labelgate::{OrganizationId, ProjectId};
    ///
    /// let project = OrganizationId(1).project(ProjectId(7)).created_by(OrganizationId(1));
    /// ```
    UserId
}

/// A set of ids that can say whether an id is in it: the memberships of a subject.
///
/// Nothing is in `()`. A slice or an array is searched from end to end; for many ids take
/// [`Sorted`], a set of the standard library (features `alloc` and `std`), or [`Lookup`] over a
/// store of the service's own.
pub trait IdSet<Id> {
    /// Whether the id is in the set. Nothing is in an empty set.
    fn contains(&self, id: &Id) -> bool;
}

impl<Id> IdSet<Id> for () {
    fn contains(&self, _: &Id) -> bool {
        false
    }
}

impl<Id: PartialEq> IdSet<Id> for [Id] {
    fn contains(&self, id: &Id) -> bool {
        self.contains(id)
    }
}

impl<Id: PartialEq, const N: usize> IdSet<Id> for [Id; N] {
    fn contains(&self, id: &Id) -> bool {
        self.as_slice().contains(id)
    }
}

impl<Id, S: IdSet<Id> + ?Sized> IdSet<Id> for &S {
    fn contains(&self, id: &Id) -> bool {
        (**self).contains(id)
    }
}

#[cfg(feature = "alloc")]
impl<Id: PartialEq> IdSet<Id> for alloc::vec::Vec<Id> {
    fn contains(&self, id: &Id) -> bool {
        self.as_slice().contains(id)
    }
}

#[cfg(feature = "alloc")]
impl<Id: Ord> IdSet<Id> for alloc::collections::BTreeSet<Id> {
    fn contains(&self, id: &Id) -> bool {
        self.contains(id)
    }
}

#[cfg(feature = "std")]
impl<Id: Eq + core::hash::Hash, S: core::hash::BuildHasher> IdSet<Id>
    for std::collections::HashSet<Id, S>
{
    fn contains(&self, id: &Id) -> bool {
        self.contains(id)
    }
}

/// A slice in ascending order, searched in logarithmic time.
///
/// ```
/// use labelgate::{IdSet, ProjectId, Sorted};
///
/// let projects = [ProjectId(3), ProjectId(5), ProjectId(8)];
/// let sorted = Sorted::new(&projects)?;
/// assert!(sorted.contains(&ProjectId(5)));
/// assert!(!sorted.contains(&ProjectId(4)));
/// assert!(Sorted::new(&[ProjectId(5), ProjectId(3)]).is_err());
/// # Ok::<(), labelgate::Unsorted>(())
/// ```
#[derive(PartialEq, Eq, Debug)]
pub struct Sorted<'a, Id>(&'a [Id]);

impl<Id> Clone for Sorted<'_, Id> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Id> Copy for Sorted<'_, Id> {}

impl<'a, Id: Ord> Sorted<'a, Id> {
    /// Checks the order once, in linear time; keep the value rather than making it anew.
    ///
    /// # Errors
    ///
    /// When an id is less than the one before it.
    pub fn new(ids: &'a [Id]) -> Result<Self, Unsorted> {
        if ids.is_sorted() { Ok(Self(ids)) } else { Err(Unsorted) }
    }
}

impl<Id: Ord> IdSet<Id> for Sorted<'_, Id> {
    fn contains(&self, id: &Id) -> bool {
        self.0.binary_search(id).is_ok()
    }
}

/// A slice that was to be in ascending order and is not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the ids are not in ascending order")]
#[non_exhaustive]
pub struct Unsorted;

/// A set that is a question to a store of the service's own.
///
/// ```
/// use labelgate::{IdSet, Lookup, ProjectId};
///
/// let even = Lookup(|project: &ProjectId<u32>| project.0 % 2 == 0);
/// assert!(even.contains(&ProjectId(8)));
/// ```
///
/// With it, ids that are borrowed can be looked for in a set of ids that are owned:
///
/// ```
/// use std::collections::HashSet;
///
/// use labelgate::{IdSet, Lookup, ProjectId};
///
/// let projects: HashSet<String> = HashSet::from(["cats".to_owned()]);
/// let lookup = Lookup(|project: &ProjectId<&str>| projects.contains(project.0));
/// assert!(lookup.contains(&ProjectId("cats")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lookup<F>(pub F);

impl<Id, F: Fn(&Id) -> bool> IdSet<Id> for Lookup<F> {
    fn contains(&self, id: &Id) -> bool {
        (self.0)(id)
    }
}
