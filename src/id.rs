//! Typed ids: the compiler refuses an id of one kind where another kind is expected.

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

        impl<T> From<T> for $Id<T> {
            fn from(id: T) -> Self {
                Self(id)
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
    /// The id of an organization. `T` is the type of your ids, such as `i64`, `Uuid`, `String` or `&str`.
    ///
    /// ```
    /// use labelgate::OrganizationId;
    ///
    /// let acme = OrganizationId("acme");
    /// assert_eq!(acme.0, "acme");
    /// assert_eq!(acme.to_string(), "acme");
    /// assert_eq!(OrganizationId::from(7), OrganizationId(7));
    /// ```
    OrganizationId
    /// The id of a workspace.
    ///
    /// ```
    /// use labelgate::WorkspaceId;
    ///
    /// assert_eq!(WorkspaceId(10).to_string(), "10");
    /// ```
    WorkspaceId
    /// The id of a project.
    ///
    /// With the feature `serde`, a web framework can read it from a path: `Path<ProjectId<i64>>` in axum.
    ///
    /// ```
    /// use labelgate::ProjectId;
    ///
    /// assert_eq!(ProjectId(100).to_string(), "100");
    /// ```
    ProjectId
    /// The id of a task.
    ///
    /// Ids of different kinds cannot be compared. This compiles:
    ///
    /// ```
    /// use labelgate::TaskId;
    ///
    /// assert!(TaskId(7) == TaskId(7));
    /// ```
    ///
    /// and this does not:
    ///
    /// ```compile_fail,E0308
    /// use labelgate::{ProjectId, TaskId};
    ///
    /// assert!(TaskId(7) == ProjectId(7));
    /// ```
    TaskId
    /// The id of a record in a project: an annotation, a prediction or a performance record.
    ///
    /// ```
    /// use labelgate::RecordId;
    ///
    /// assert_eq!(RecordId(5000).to_string(), "5000");
    /// ```
    RecordId
    /// The id of a user. A user has the same id in every organization.
    ///
    /// It is not accepted as an organization's id. This compiles:
    ///
    /// ```
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// ```
    ///
    /// and this does not:
    ///
    /// ```compile_fail,E0308
    /// use labelgate::{OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(UserId(7), OrganizationId(1), Role::Manager);
    /// ```
    UserId
}
