//! The filters that everything is printed from.

use labelgate::{Action, Filter, Matrix, OrganizationId, Role, Subject, UserId};

/// The filter of each role and action.
///
/// ```
/// use labelgate::{Action, Matrix, OrganizationId, Role, Subject, UserId};
/// use labelgate_export::rules::Rules;
///
/// let rules = Rules::of(Matrix::BUILT_IN);
/// assert!(rules.filter(Role::Owner, Action::ExportData).is_everything());
///
/// // A model of its own for requests with API tokens.
/// let api = Rules::by(|role| Subject::new(OrganizationId(1), UserId(7), role).through_api());
/// assert!(api.filter(Role::Annotator, Action::LabelTasks).is_nothing());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rules([[Filter; Action::COUNT]; Role::COUNT]);

impl Rules {
    /// The rules of a matrix, such as that of an organization's overrides.
    #[must_use]
    pub fn of(matrix: Matrix) -> Self {
        Self::by(|role| Subject::new(OrganizationId(0), UserId(0), role).with_matrix(matrix))
    }

    /// The rules for these subjects. They can be narrowed: through the API, or to some actions.
    #[must_use]
    pub fn by<T, U>(subject: impl Fn(Role) -> Subject<T, U>) -> Self {
        Self(Role::ALL.map(|role| {
            let subject = subject(role);
            Action::ALL.map(|action| subject.filter(action))
        }))
    }

    /// The rows to which a role may do an action.
    #[must_use]
    pub fn filter(&self, role: Role, action: Action) -> Filter {
        self.0[role as usize][action as usize]
    }
}

/// The filters of an action, by role, if it goes down to a level. Without a level, they hold always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stage {
    pub(crate) level: Option<Role>,
    pub(crate) filters: [Filter; Role::COUNT],
}
