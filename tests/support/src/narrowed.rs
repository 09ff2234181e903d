//! Everybody who can ask, whole and narrowed, with what the oracle is told of them.

use labelgate::sets::Scopes;
use labelgate::{Action, Actions, OrganizationId, Role, Subject, UserId};

use crate::oracle;

pub const HERE: OrganizationId<u32> = OrganizationId(1);
pub const ELSEWHERE: OrganizationId<u32> = OrganizationId(2);
pub const ME: UserId<u32> = UserId(7);

pub fn me(role: Role) -> Subject<u32> {
    Subject::new(HERE, ME, role)
}

/// A subject, with what the oracle is told of how it is narrowed.
pub struct Narrowed {
    pub subject: Subject<u32>,
    pub through_api: bool,
    pub limit: Option<Vec<&'static str>>,
}

impl Narrowed {
    pub fn new(subject: Subject<u32>) -> Self {
        let limit = subject.limit();
        let keys = || limit.elements().map(Action::key).collect();
        let limit = (limit != Actions::all()).then(keys);
        Self { subject, through_api: subject.is_through_api(), limit }
    }

    /// The oracle's decision.
    pub fn may(&self, cells: oracle::Cells<'_>, action: Action, bits: u16) -> bool {
        let (role, key, limit) = (self.subject.role().code(), action.key(), self.limit.as_deref());
        oracle::narrowed_in(cells, role, key, Some(bits), self.through_api, limit)
    }
}

/// Everybody, whole and narrowed.
pub fn everybody() -> impl Iterator<Item = Narrowed> {
    let data = Actions::ViewProjectData | Actions::ViewProject | Actions::ExportData;
    Role::ALL.into_iter().map(me).flat_map(move |subject| {
        [
            subject,
            subject.through_api(),
            subject.limited_to(data),
            subject.limited_to(data).through_api(),
            subject.limited_to(data | Actions::ViewPeoplePage),
            // Without its guard, no action on a project is in the limit.
            subject.limited_to(Actions::all() - Actions::ViewProject),
            subject.limited_to(Actions::empty()),
        ]
        .map(Narrowed::new)
    })
}

/// The specification's matrix, for the oracle.
pub fn built_in(role: &str, key: &str) -> String {
    oracle::cell(role, key).to_owned()
}

/// The scopes as the oracle spells them.
pub fn letters(scopes: Scopes) -> String {
    let letters: Vec<_> = scopes.elements().map(labelgate::Scope::symbol).collect();
    letters.join(" ")
}
