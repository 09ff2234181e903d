//! Facts: what a query knows about one user and one resource.

use crate::kind::Kind;
use crate::role::ProjectRole;

text_enum! {
    /// A statement about one user and one resource, such as "the user was added to the project".
    ///
    /// A fact can only grant permissions, and leaving one out can only deny them. In a personal sandbox, which only
    /// its user reaches, leave [`WorkspaceMember`](Self::WorkspaceMember) out. An annotator or reviewer of the
    /// organization may do nothing in a project without [`ActsAsAnnotator`](Self::ActsAsAnnotator) or
    /// [`ActsAsReviewer`](Self::ActsAsReviewer).
    ///
    /// Each fact has a bit in [`Facts::bits`]. Databases rely on it, so it never changes.
    ///
    /// ```
    /// use labelgate::{Fact, Kind};
    ///
    /// assert_eq!(Fact::ProjectMember.bit(), 8);
    /// assert_eq!(Fact::ProjectMember.name(), "project_member");
    /// assert_eq!("project_member".parse(), Ok(Fact::ProjectMember));
    ///
    /// // It is selected with the project's row.
    /// assert_eq!(Fact::ProjectMember.level(), Kind::Project);
    /// ```
    pub enum Fact {
        /// The user created the workspace. A personal sandbox counts as created by its user. Bit 0.
        WorkspaceCreator = "workspace_creator",
        /// The user was added to the workspace, and it is not a personal sandbox. Bit 1.
        WorkspaceMember = "workspace_member",
        /// The user created the project. Bit 2.
        ProjectCreator = "project_creator",
        /// The user was added to the project. Bit 3.
        ProjectMember = "project_member",
        /// The user has tasks assigned in the project. Bit 4.
        ProjectAssignee = "project_assignee",
        /// The user is an Annotator in the project: by their project role or, without one, by their role in the
        /// organization. Bit 5.
        ActsAsAnnotator = "acts_as_annotator",
        /// The user is a Reviewer in the project: by their project role or, without one, by their role in the
        /// organization. Bit 6.
        ActsAsReviewer = "acts_as_reviewer",
        /// The project lets annotators view their own data (Label Studio:
        /// `show_annotation_history`). Bit 7.
        OwnDataPermitted = "own_data_permitted",
        /// The resource is a task, and it is assigned to the user. Implies
        /// [`ProjectAssignee`](Self::ProjectAssignee). Bit 8.
        Assignee = "assignee",
        /// The resource is a record, and it was made by the user or is about the user. Bit 9.
        Author = "author",
    }

    /// Returns the name of the fact, such as `"project_member"`.
    pub const fn name;

    /// The error returned when the name of a fact cannot be parsed.
    ///
    /// Names are matched exactly: case and white space count.
    ///
    /// ```
    /// use labelgate::Fact;
    ///
    /// let error = "member".parse::<Fact>().unwrap_err();
    /// assert_eq!(error.to_string(), "unknown fact `member`");
    /// ```
    pub struct UnknownFact: "fact";

    /// A set of facts, such as one alternative of a [`Filter`](crate::Filter).
    ///
    /// It can have any facts. [`Facts`] has only those that can hold together.
    ///
    /// ```
    /// use labelgate::sets::FactSet;
    /// use labelgate::{Action, Fact, OrganizationId, Role, Subject, UserId};
    ///
    /// let subject = Subject::new(OrganizationId(1), UserId(7), Role::Reviewer);
    /// let first = subject.filter(Action::ReviewAnnotations).alternatives().next();
    /// let first = first.unwrap_or(FactSet::empty());
    /// assert!(first.has(Fact::ActsAsReviewer));
    /// assert_eq!(first.to_string(), "project_member, acts_as_reviewer");
    /// ```
    pub struct FactSet: u16;
}

impl Fact {
    /// Returns the kind of row that the fact is selected with.
    #[must_use]
    pub const fn level(self) -> Kind {
        match self {
            Self::WorkspaceCreator | Self::WorkspaceMember => Kind::Workspace,
            Self::ProjectCreator
            | Self::ProjectMember
            | Self::ProjectAssignee
            | Self::ActsAsAnnotator
            | Self::ActsAsReviewer
            | Self::OwnDataPermitted => Kind::Project,
            Self::Assignee => Kind::Task,
            Self::Author => Kind::Record,
        }
    }

    /// Returns the bit of the fact in [`Facts::bits`].
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl FactSet {
    /// Adds the implied facts: a user who is assigned to a task has tasks in its project.
    pub(crate) const fn implied(self) -> Self {
        if self.has(Fact::Assignee) { self.union(Self::ProjectAssignee) } else { self }
    }

    /// Removes the facts that another fact of the set implies.
    pub(crate) const fn minimal(self) -> Self {
        if self.has(Fact::Assignee) { self.difference(Self::ProjectAssignee) } else { self }
    }

    /// Returns true if the set has both `ActsAsAnnotator` and `ActsAsReviewer`.
    pub(crate) const fn is_contradiction(self) -> bool {
        self.contains(ACTS_AS)
    }

    /// Returns the facts of a row of this kind, and of the project and workspace that it is in. A task has no facts
    /// of its records, and a record none of its task.
    pub(crate) const fn known_from(kind: Kind) -> Self {
        let mut known = Self::empty();
        let mut rest: &[Fact] = &Fact::ALL;
        while let [fact, tail @ ..] = rest {
            let level = fact.level() as u8;
            let is_container = level < kind as u8 && level <= Kind::Project as u8;
            if level == kind as u8 || is_container {
                known = known.union(Self::of(*fact));
            }
            rest = tail;
        }
        known
    }

    /// Returns the facts of a row that also hold for the rows within it. `Assignee` does not: the assignee of a task
    /// does not own its records.
    pub(crate) const fn known_within(kind: Kind) -> Self {
        match kind {
            Kind::Task | Kind::Record => Self::known_from(Kind::Project),
            Kind::Organization | Kind::Workspace | Kind::Project => Self::known_from(kind),
        }
    }

    /// Returns the facts that a row of this kind does not have, but the rows within it do. Within a task there are
    /// records.
    pub(crate) const fn unknown_within(kind: Kind) -> Self {
        match kind {
            Kind::Task => Self::known_from(Kind::Record).difference(Self::known_within(kind)),
            _ => Self::all().difference(Self::known_within(kind)),
        }
    }

    /// Returns the facts that a decision reads for an action on this kind of row. For an action on tasks, these are
    /// the facts of tasks and of records, because it can be decided about either.
    pub(crate) const fn read_for(kind: Kind) -> Self {
        match kind {
            Kind::Task | Kind::Record => {
                Self::known_from(Kind::Task).union(Self::known_from(Kind::Record))
            }
            Kind::Organization | Kind::Workspace | Kind::Project => Self::known_from(kind),
        }
    }
}

const ACTS_AS: FactSet = FactSet::ActsAsAnnotator.union(FactSet::ActsAsReviewer);

/// The facts that hold for one user and one resource.
///
/// Facts that you do not add are treated as false. A database can return them as one integer: bit 0 is the
/// first fact of [`Fact`], and so on.
///
/// ```
/// use labelgate::{Fact, Facts};
///
/// const FACTS: Facts = Facts::none().with(Fact::ProjectMember).with(Fact::ActsAsReviewer);
/// assert_eq!(FACTS.bits(), 0b0000_1001_000);
/// assert_eq!(Facts::from_bits(0b0000_1001_000), Ok(FACTS));
/// assert_eq!(FACTS.to_string(), "project_member, acts_as_reviewer");
/// assert_eq!(FACTS.elements().collect::<Facts>(), FACTS);
///
/// // A user who is assigned to a task has tasks in its project.
/// assert!(Facts::none().with(Fact::Assignee).has(Fact::ProjectAssignee));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Facts(FactSet);

impl Facts {
    /// The number of different values.
    ///
    /// ```
    /// use labelgate::Facts;
    ///
    /// assert_eq!(Facts::ALL.len(), Facts::COUNT);
    /// ```
    pub const COUNT: usize = 576;

    /// All values, in ascending order of their bits. Tests can try each of them.
    ///
    /// ```
    /// use labelgate::{Action, Fact, Facts, OrganizationId, Role, Subject, UserId};
    ///
    /// // A deactivated member exports nothing, with any facts.
    /// let filter = Subject::new(OrganizationId(1), UserId(7), Role::Deactivated).filter(Action::ExportData);
    /// assert!(Facts::ALL.iter().all(|&facts| !filter.matches(facts)));
    /// ```
    pub const ALL: [Self; Self::COUNT] = {
        let mut all = [Self::none(); Self::COUNT];
        let mut found = 0;
        let mut bits = 0;
        while bits <= FactSet::all().bits() {
            if let Ok(facts) = Self::from_bits(bits as i64) {
                if facts.bits() == bits {
                    #[expect(
                        clippy::indexing_slicing,
                        reason = "checked by the compiler, in a constant"
                    )]
                    {
                        all[found] = facts;
                    }
                    found += 1;
                }
            }
            bits += 1;
        }
        assert!(found == Self::COUNT);
        all
    };

    /// No facts. This is also the default.
    #[must_use]
    pub const fn none() -> Self {
        Self(FactSet::empty())
    }

    /// Adds a fact. Adding [`Assignee`](Fact::Assignee) adds [`ProjectAssignee`](Fact::ProjectAssignee) too.
    ///
    /// [`ActsAsAnnotator`](Fact::ActsAsAnnotator) and [`ActsAsReviewer`](Fact::ActsAsReviewer) exclude each other.
    /// If you add both, in any order, `ActsAsAnnotator` stays.
    ///
    /// ```
    /// use labelgate::{Fact, Facts};
    ///
    /// let both = Facts::none().with(Fact::ActsAsReviewer).with(Fact::ActsAsAnnotator);
    /// assert_eq!(both, Facts::none().with(Fact::ActsAsAnnotator));
    /// ```
    #[must_use]
    pub const fn with(self, fact: Fact) -> Self {
        let Self(set) = self;
        Self(match fact {
            Fact::Assignee => set.union(FactSet::Assignee).implied(),
            Fact::ActsAsAnnotator => set.difference(ACTS_AS).union(FactSet::ActsAsAnnotator),
            Fact::ActsAsReviewer if set.has(Fact::ActsAsAnnotator) => set,
            _ => set.union(FactSet::of(fact)),
        })
    }

    /// Adds a fact if the condition is true.
    ///
    /// ```
    /// use labelgate::{Fact, Facts};
    ///
    /// let (created_by, user) = (Some(7), 7);
    /// let facts = Facts::none().with_if(Fact::ProjectCreator, created_by == Some(user));
    /// assert!(facts.has(Fact::ProjectCreator));
    /// ```
    #[must_use]
    pub const fn with_if(self, fact: Fact, holds: bool) -> Self {
        if holds { self.with(fact) } else { self }
    }

    /// Adds the fact of the user's role in the project. Adds nothing for `None`. [`Role::project_role`] computes the
    /// role from rows.
    ///
    /// ```
    /// use labelgate::{Fact, Facts, ProjectRole, Role};
    ///
    /// // An annotator of the organization, with a row in `project_roles` that says RE.
    /// let acts_as = Role::Annotator.project_role(&[ProjectRole::Reviewer]);
    /// assert!(Facts::none().acting_as(acts_as).has(Fact::ActsAsReviewer));
    /// ```
    ///
    /// [`Role::project_role`]: crate::Role::project_role
    #[must_use]
    pub const fn acting_as(self, role: Option<ProjectRole>) -> Self {
        match role {
            Some(ProjectRole::Annotator) => self.with(Fact::ActsAsAnnotator),
            Some(ProjectRole::Reviewer) => self.with(Fact::ActsAsReviewer),
            None => self,
        }
    }

    /// Returns true if the fact holds.
    #[must_use]
    pub const fn has(self, fact: Fact) -> bool {
        self.0.has(fact)
    }

    /// Returns true if these facts include all of `other`.
    ///
    /// ```
    /// use labelgate::{Fact, Facts};
    ///
    /// let member = Facts::none().with(Fact::ProjectMember);
    /// assert!(member.with(Fact::ActsAsReviewer).contains(member));
    /// assert!(!member.contains(member.with(Fact::ActsAsReviewer)));
    /// ```
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0.contains(other.0)
    }

    /// Returns the facts that hold, in the order of declaration.
    pub fn elements(self) -> impl Iterator<Item = Fact> + Clone {
        self.0.elements()
    }

    /// Returns the facts as an integer: the sum of their [bits](Fact::bit).
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0.bits()
    }

    /// The facts from an integer that a database returned.
    ///
    /// # Errors
    ///
    /// Returns an error if a bit stands for no fact, or if `acts_as_annotator` and `acts_as_reviewer` are both set.
    ///
    /// ```
    /// use labelgate::{Fact, Facts};
    ///
    /// assert_eq!(Facts::from_bits(8), Ok(Facts::none().with(Fact::ProjectMember)));
    /// assert_eq!(Facts::from_bits(-1).unwrap_err().to_string(), "`-1` has bits that stand for no fact");
    /// assert!(Facts::from_bits(32 + 64).is_err());
    /// ```
    pub const fn from_bits(bits: i64) -> Result<Self, InvalidFacts> {
        if bits & !(FactSet::all().bits() as i64) != 0 {
            return Err(InvalidFacts::Unknown { bits });
        }
        let set = FactSet::from_bits_retain(bits as u16);
        if set.is_contradiction() {
            return Err(InvalidFacts::Contradiction);
        }
        Ok(Self(set.implied()))
    }

    /// Keeps the facts that are in the set.
    #[inline]
    pub(crate) const fn among(self, set: FactSet) -> Self {
        if set.is_all() { self } else { Self(self.0.intersection(set)) }
    }

    pub(crate) const fn set(self) -> FactSet {
        self.0
    }
}

impl TryFrom<i64> for Facts {
    type Error = InvalidFacts;

    fn try_from(bits: i64) -> Result<Self, InvalidFacts> {
        Self::from_bits(bits)
    }
}

/// PostgreSQL returns a sum of bits as a 4-byte integer.
impl TryFrom<i32> for Facts {
    type Error = InvalidFacts;

    fn try_from(bits: i32) -> Result<Self, InvalidFacts> {
        Self::from_bits(bits.into())
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        facts.into_iter().fold(Self::none(), Self::with)
    }
}

/// Displays the facts that hold, separated by commas.
impl core::fmt::Display for Facts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// The error returned when an integer stands for no valid facts.
///
/// [`Facts::from_bits`] and `TryFrom` return it. The query selected something other than facts: answer 500, and
/// correct the query.
///
/// ```
/// use labelgate::error::InvalidFacts;
/// use labelgate::Facts;
///
/// assert_eq!(Facts::from_bits(4096), Err(InvalidFacts::Unknown { bits: 4096 }));
/// assert_eq!(Facts::from_bits(32 + 64), Err(InvalidFacts::Contradiction));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFacts {
    /// The integer has bits that stand for no fact. Select the sum of the facts' [bits](Fact::bit), and
    /// nothing else.
    #[error("`{bits}` has bits that stand for no fact")]
    Unknown {
        /// The integer.
        bits: i64,
    },
    /// The bits of both `acts_as_annotator` and `acts_as_reviewer` are set. If your data names both project roles for
    /// a user, set only the bit of `acts_as_annotator`.
    #[error("`acts_as_annotator` and `acts_as_reviewer` exclude each other")]
    Contradiction,
}

#[cfg(feature = "serde")]
mod wire_format {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    use super::{FactSet, Facts};

    /// Writes the list of the facts' names.
    impl Serialize for Facts {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.serialize(serializer)
        }
    }

    /// Refuses unknown and repeated names, and `acts_as_annotator` together with `acts_as_reviewer`.
    impl<'de> Deserialize<'de> for Facts {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let set = FactSet::deserialize(deserializer)?;
            Self::from_bits(set.bits().into()).map_err(D::Error::custom)
        }
    }
}
