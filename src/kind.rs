//! The kinds of resource.

/// The kinds of resource, from the outside in. Each action is [done to](crate::Action::kind) one kind.
///
/// ```
/// use labelgate::{Action, Kind};
///
/// assert_eq!(Action::ExportData.kind(), Kind::Project);
/// assert_eq!(Action::LabelTasks.kind(), Kind::Task);
///
/// // What holds what, from the outside in.
/// assert_eq!(Kind::ALL.len(), Kind::COUNT);
/// assert!(Kind::Workspace < Kind::Project);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, strum::EnumCount)]
#[repr(u8)]
pub enum Kind {
    /// An organization, or something of it as a whole: its people, its activity log.
    Organization,
    /// A workspace, or a personal sandbox.
    Workspace,
    /// A project, its data as a whole, or its template.
    Project,
    /// Something in a project that belongs to somebody: a task, or a record such as an annotation.
    Task,
}

impl Kind {
    /// How many there are.
    pub const COUNT: usize = <Self as strum::EnumCount>::COUNT;

    /// All of them, from the outside in.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Organization, Self::Workspace, Self::Project, Self::Task];

    /// Returns true for a project and for what is in one.
    #[inline]
    pub(crate) const fn is_in_project(self) -> bool {
        match self {
            Self::Organization | Self::Workspace => false,
            Self::Project | Self::Task => true,
        }
    }
}
