//! Rows: the data that decisions are about, with the facts about one user.

use core::convert::Infallible;
use core::ops::Deref;

use crate::fact::{FactSet, Facts, InvalidFacts};
use crate::id::{OrganizationId, ProjectId, RecordId, TaskId, UserId, WorkspaceId};
use crate::kind::Kind;

/// A row as one user sees it: its id, its organization, the user, the facts that were selected for this user, and
/// your own data.
///
/// [`Subject::row`](crate::Subject::row) makes one from the result of a query. The row dereferences to your data. To
/// any other user, every action on it is denied.
///
/// `Id` gives the kind of row: with [`ProjectId<i64>`](ProjectId) it is a project. `T` and `U` are the types of
/// organization ids and user ids. By default they are the type of the row's id.
///
/// ```
/// use labelgate::{Action, OrganizationId, ProjectId, Role, Row, Subject, UserId};
///
/// struct ProjectData {
///     title: String,
/// }
/// type Project = Row<ProjectId<i64>, ProjectData>;
///
/// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
///
/// // SELECT title, organization_id, <facts> FROM projects WHERE id = 100
/// let (title, organization, facts) = ("Cats".to_owned(), 1, 8);
/// let project: Project =
///     mia.row(ProjectId(100), OrganizationId(organization), facts)?.with(ProjectData { title });
/// assert!(mia.can(Action::ExportData, &project));
/// assert_eq!((project.id(), project.title.as_str()), (&ProjectId(100), "Cats"));
/// assert_eq!((project.organization(), project.user()), (&OrganizationId(1), &UserId(7)));
/// assert_eq!(project.facts().to_string(), "project_member");
///
/// // To another user, and to members of another organization, every action on this row is denied.
/// assert!(!Subject::new(OrganizationId(1), UserId(8), Role::Owner).can(Action::ExportData, &project));
/// assert!(!Subject::new(OrganizationId(2), UserId(7), Role::Owner).can(Action::ExportData, &project));
/// # Ok::<(), labelgate::error::InvalidFacts>(())
/// ```
///
/// A row has no serde implementations. Cache your data, and select the facts in each request.
///
/// The user of a row is fixed when it is made. This compiles:
///
/// ```
/// # use labelgate::{OrganizationId, ProjectId, Role, Row, Subject, UserId};
/// # let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// # let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
/// assert_eq!(project.user(), &UserId(7));
/// ```
///
/// and this does not:
///
/// ```compile_fail,E0451
/// # use labelgate::{OrganizationId, ProjectId, Role, Row, Subject, UserId};
/// # let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
/// # let project = mia.row(ProjectId(100), OrganizationId(1), 8).unwrap();
/// let project = Row { user: UserId(8), ..project };
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Row<Id: RowId, D = (), T = <Id as RowId>::Value, U = T> {
    id: Id,
    organization: OrganizationId<T>,
    user: UserId<U>,
    facts: Facts,
    data: D,
}

/// The typed id of a row, which gives the kind of row. The trait is sealed: its types are [`OrganizationId`],
/// [`WorkspaceId`], [`ProjectId`], [`TaskId`] and [`RecordId`].
///
/// ```
/// use labelgate::row::RowId;
/// use labelgate::{Kind, TaskId};
///
/// assert_eq!(TaskId::<i64>::KIND, Kind::Task);
/// assert_eq!(TaskId(7).value(), &7);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the id of a row",
    note = "wrap the id in `WorkspaceId`, `ProjectId`, `TaskId` or `RecordId`"
)]
pub trait RowId: sealed::Sealed {
    /// The type of the id inside, such as `i64`.
    type Value;
    /// The kind of row.
    const KIND: Kind;

    /// Returns the id inside.
    fn value(&self) -> &Self::Value;
}

/// The id of a row within an organization: any [`RowId`] but [`OrganizationId`]. The trait is sealed.
///
/// ```
/// use labelgate::row::InnerRowId;
/// use labelgate::{OrganizationId, ProjectId, Row, UserId};
///
/// /// A row of whatever kind, about which nothing is known.
/// fn stranger<Id: InnerRowId<Value = i64>>(id: Id) -> Row<Id> {
///     Row::seen_by(UserId(7), id, OrganizationId(1), 0).unwrap()
/// }
///
/// assert_eq!(stranger(ProjectId(100)).id(), &ProjectId(100));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the id of a row in an organization",
    note = "wrap the id in `WorkspaceId`, `ProjectId`, `TaskId` or `RecordId`",
    note = "`organization_row(id)` and `own_organization()` make the row of an organization"
)]
pub trait InnerRowId: RowId {}

macro_rules! row_ids {
    ($( $Id:ident $Kind:ident $(: $Inner:ident)?, )+) => {$(
        impl<T> sealed::Sealed for $Id<T> {}

        impl<T> RowId for $Id<T> {
            type Value = T;
            const KIND: Kind = Kind::$Kind;

            fn value(&self) -> &T {
                &self.0
            }
        }

        $( impl<T> $Inner for $Id<T> {} )?
    )+};
}

row_ids! {
    OrganizationId Organization,
    WorkspaceId Workspace: InnerRowId,
    ProjectId Project: InnerRowId,
    TaskId Task: InnerRowId,
    RecordId Record: InnerRowId,
}

impl<T: Clone, U> Row<OrganizationId<T>, (), T, U> {
    /// The row of an organization: its id is the id of the organization.
    pub(crate) fn of_organization(organization: OrganizationId<T>, user: UserId<U>) -> Self {
        Self { id: organization.clone(), organization, user, facts: Facts::none(), data: () }
    }
}

impl<Id: InnerRowId, T, U> Row<Id, (), T, U> {
    /// A row as this user sees it. [`Subject::row`](crate::Subject::row) does the same with the subject's user.
    /// Use this function for borrowed ids: a subject with `String` ids can decide about a row with `&str` ids.
    ///
    /// Facts that this kind of row cannot have are dropped, such as `assignee` on a project.
    ///
    /// ```
    /// use labelgate::{Action, Fact, Facts, OrganizationId, ProjectId, Role, Row, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId("acme".to_owned()), UserId("mia".to_owned()), Role::Manager);
    /// let facts = Facts::none().with(Fact::ProjectMember);
    /// let project = Row::seen_by(UserId("mia"), ProjectId("cats"), OrganizationId("acme"), facts)?;
    /// assert!(mia.can(Action::ExportData, &project));
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the integer is refused by [`Facts::from_bits`].
    pub fn seen_by<F>(
        user: UserId<U>,
        id: Id,
        organization: OrganizationId<T>,
        facts: F,
    ) -> Result<Self, InvalidFacts>
    where
        F: TryInto<Facts>,
        InvalidFacts: From<F::Error>,
    {
        let facts = facts.try_into()?.among(const { FactSet::known_from(Id::KIND) });
        Ok(Self { id, organization, user, facts, data: () })
    }
}

impl<Id: RowId, D, T, U> Row<Id, D, T, U> {
    /// Replaces the data of the row.
    ///
    /// ```
    /// use labelgate::{OrganizationId, ProjectId, Role, Subject, UserId};
    ///
    /// let mia = Subject::new(OrganizationId(1), UserId(7), Role::Manager);
    /// let project = mia.row(ProjectId(100), OrganizationId(1), 8)?.with("Cats");
    /// assert_eq!(project.data(), &"Cats");
    /// assert_eq!(project.len(), 4); // the row dereferences to its data
    /// assert_eq!(project.into_data(), "Cats");
    /// # Ok::<(), labelgate::error::InvalidFacts>(())
    /// ```
    #[must_use]
    pub fn with<E>(self, data: E) -> Row<Id, E, T, U> {
        let Self { id, organization, user, facts, .. } = self;
        Row { id, organization, user, facts, data }
    }

    /// Returns the id of the row.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// Returns the organization that the row is in.
    #[must_use]
    pub const fn organization(&self) -> &OrganizationId<T> {
        &self.organization
    }

    /// Returns the user for whom the facts were selected.
    #[must_use]
    pub const fn user(&self) -> &UserId<U> {
        &self.user
    }

    /// Returns the facts about the user and the row.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.facts
    }

    /// Returns your own data.
    #[must_use]
    pub const fn data(&self) -> &D {
        &self.data
    }

    /// Returns your own data by value.
    #[must_use]
    pub fn into_data(self) -> D {
        self.data
    }
}

impl<Id: RowId, D, T, U> Deref for Row<Id, D, T, U> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.data
    }
}

impl From<Infallible> for InvalidFacts {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A [`Row`], a reference to one, or an `Option` of either, as a query returns it. The trait is sealed.
///
/// `None` gets the answer 404. A pair of an id and any of these implements the trait too: a [log](crate::log) then
/// has the id of a row that was not found.
///
/// ```
/// use labelgate::{Action, OrganizationId, ProjectId, Role, Row, Subject, UserId};
///
/// let owner = Subject::new(OrganizationId(1), UserId(7), Role::Owner);
/// let missing: Option<Row<ProjectId<i64>>> = None;
/// assert_eq!(owner.decide(Action::ViewProject, &missing).unwrap_err().answer().status(), 404);
/// assert_eq!(owner.decide(Action::ViewProject, missing).unwrap_err().answer().status(), 404);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row",
    note = "hand over a `Row`, a reference to one, or the `Option` that the query returned",
    note = "`subject.row(id, organization, facts)?` makes a row"
)]
pub trait MaybeRow: sealed::Sealed {
    /// The id of the row.
    type Id: RowId;
    /// The data of the row.
    type Data;
    /// The type of the organization's id.
    type Organization;
    /// The type of the user's id.
    type User;
    /// The row or the reference, without the `Option`.
    type Row;

    /// Returns the id of the row, if it is known.
    fn id(&self) -> Option<&Self::Id>;

    /// Returns the row or the reference, if there is one.
    fn found(self) -> Option<Self::Row>;

    /// Returns a reference to the row.
    fn get(row: &Self::Row) -> &Row<Self::Id, Self::Data, Self::Organization, Self::User>;
}

impl<Id: RowId, D, T, U> MaybeRow for Row<Id, D, T, U> {
    type Id = Id;
    type Data = D;
    type Organization = T;
    type User = U;
    type Row = Self;

    fn id(&self) -> Option<&Id> {
        Some(&self.id)
    }

    fn found(self) -> Option<Self> {
        Some(self)
    }

    fn get(row: &Self) -> &Self {
        row
    }
}

impl<'a, Id: RowId, D, T, U> MaybeRow for &'a Row<Id, D, T, U> {
    type Id = Id;
    type Data = D;
    type Organization = T;
    type User = U;
    type Row = Self;

    fn id(&self) -> Option<&Id> {
        Some(&self.id)
    }

    fn found(self) -> Option<Self> {
        Some(self)
    }

    fn get<'r>(row: &'r &'a Row<Id, D, T, U>) -> &'r Row<Id, D, T, U> {
        row
    }
}

impl<R: MaybeRow<Row = R>> MaybeRow for Option<R> {
    type Id = R::Id;
    type Data = R::Data;
    type Organization = R::Organization;
    type User = R::User;
    type Row = R;

    fn id(&self) -> Option<&R::Id> {
        self.as_ref().and_then(R::id)
    }

    fn found(self) -> Self {
        self
    }

    fn get(row: &R) -> &Row<R::Id, R::Data, R::Organization, R::User> {
        R::get(row)
    }
}

impl<'a, Id: RowId, D, T, U> MaybeRow for &'a Option<Row<Id, D, T, U>> {
    type Id = Id;
    type Data = D;
    type Organization = T;
    type User = U;
    type Row = &'a Row<Id, D, T, U>;

    fn id(&self) -> Option<&Id> {
        self.as_ref().map(Row::id)
    }

    fn found(self) -> Option<&'a Row<Id, D, T, U>> {
        self.as_ref()
    }

    fn get<'r>(row: &'r &'a Row<Id, D, T, U>) -> &'r Row<Id, D, T, U> {
        row
    }
}

/// The id that a query looked for, and its result: a log then has the id of a row that was not found.
impl<R: MaybeRow> MaybeRow for (R::Id, R) {
    type Id = R::Id;
    type Data = R::Data;
    type Organization = R::Organization;
    type User = R::User;
    type Row = R::Row;

    fn id(&self) -> Option<&R::Id> {
        self.1.id().or(Some(&self.0))
    }

    fn found(self) -> Option<R::Row> {
        self.1.found()
    }

    fn get(row: &R::Row) -> &Row<R::Id, R::Data, R::Organization, R::User> {
        R::get(row)
    }
}

mod sealed {
    use super::{MaybeRow, Row, RowId};

    pub trait Sealed {}

    impl<Id: RowId, D, T, U> Sealed for Row<Id, D, T, U> {}
    impl<Id: RowId, D, T, U> Sealed for &Row<Id, D, T, U> {}
    impl<R: MaybeRow<Row = R>> Sealed for Option<R> {}
    impl<R: MaybeRow> Sealed for (R::Id, R) {}
    impl<Id: RowId, D, T, U> Sealed for &Option<Row<Id, D, T, U>> {}
}
