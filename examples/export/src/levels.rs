//! One model for organizations with different overrides.
//!
//! Overrides leave no gap: if a role has an action, so does each more powerful one. So one tuple for each
//! organization and action is enough, which says how far down the action goes: `data_export_down_to_manager`. It names everybody
//! (`user:*`), and [`tuples`] returns those of an organization. Without the tuple of an action, only owners have it.
//!
//! SpiceDB has one schema, so it needs this. OpenFGA can keep one model for each matrix.

use labelgate::overrides::{Override, Overrides};
use labelgate::sets::Roles;
use labelgate::{Action, OrganizationId, Role};

use crate::names;
use crate::rules::{Rules, Stage};
use crate::tuple::{Id, Tuple};

/// For each action, the filters by how far down it goes.
///
/// ```
/// use labelgate_export::levels::Levels;
/// use labelgate_export::model::Model;
/// use labelgate_export::spicedb;
///
/// let schema = spicedb::print(&Model::with_levels(&Levels::new()));
/// assert!(schema.contains("relation data_export_down_to_manager: user:*"));
/// ```
#[derive(Clone, Debug)]
pub struct Levels(Vec<Vec<Stage>>);

impl Levels {
    /// Finds out what overrides can do: makes a set of them for each action and level, and asks its matrix.
    #[must_use]
    pub fn new() -> Self {
        Self(Action::ALL.into_iter().map(stages).collect())
    }

    /// The levels of an action, from the owners' down.
    pub(crate) fn of(&self, action: Action) -> &[Stage] {
        &self.0[action as usize]
    }

    /// The relation whose tuple says that an action goes down to a role.
    pub(crate) fn relation(action: Action, level: Role) -> String {
        format!("{}_down_to_{}", names::action(action), names::role(level))
    }

    /// The relation that everybody has if an action goes down to a role or further.
    pub(crate) fn reaches(action: Action, level: Role) -> String {
        format!("{}_reaches_{}", names::action(action), names::role(level))
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self::new()
    }
}

/// The tuples of an organization with these overrides. If it changes its overrides, write what
/// [`Changes::between`](crate::data::Changes::between) returns of the tuples before and after.
///
/// ```
/// use labelgate::OrganizationId;
/// use labelgate::overrides::Overrides;
///
/// let tuples = labelgate_export::levels::tuples(OrganizationId(1.into()), &Overrides::none());
/// let tuples: Vec<_> = tuples.iter().map(|tuple| tuple.spicedb()).collect();
/// assert!(tuples.contains(&"organization:1#data_export_down_to_manager@user:*".to_owned()));
/// ```
#[must_use]
pub fn tuples(
    OrganizationId(organization): OrganizationId<Id>,
    overrides: &Overrides,
) -> Vec<Tuple> {
    let tuples = Action::ALL.into_iter().filter_map(|action| {
        let roles = overrides.get(action).unwrap_or_else(|| default_roles(action));
        let relation = Levels::relation(action, roles.elements().last()?);
        Some(Tuple::everyone(organization.clone(), relation))
    });
    tuples.collect()
}

/// The roles below Owner that have an action in the built-in matrix.
fn default_roles(action: Action) -> Roles {
    Overrides::default_roles(action) - Roles::Owner
}

fn stages(action: Action) -> Vec<Stage> {
    let stage = |level, overrides: Overrides| {
        let rules = Rules::of(overrides.matrix());
        Stage { level, filters: Role::ALL.map(|role| rules.filter(role, action)) }
    };
    if Overrides::options(action).is_empty() {
        // No organization can change who has it.
        return vec![stage(None, Overrides::none())];
    }
    let below_owner = Role::ALL.into_iter().filter(|role| *role != Role::Owner);
    let levels = std::iter::once(None).chain(below_owner.map(Some));
    let stages = levels.filter_map(|level| {
        // Down to this role, or to it alone.
        let down_to = Role::ALL.into_iter().take(level.map_or(0, |level| level as usize + 1));
        let sets: [Roles; 2] = [down_to.collect(), level.into_iter().collect()];
        sets.into_iter().find_map(|roles| Some(stage(level, accepted(action, roles)?)))
    });
    stages.collect()
}

/// A set of overrides in which exactly these roles have the action. They also get the action that guards it, and the
/// others lose what it guards.
fn accepted(action: Action, roles: Roles) -> Option<Overrides> {
    let mut set: Vec<_> = Action::ALL
        .into_iter()
        .filter(|other| !Overrides::options(*other).is_empty())
        .map(|other| {
            let default = default_roles(other);
            let is_guard = action.guard() == Some(other);
            let roles = match other == action {
                true => roles,
                false if is_guard => default | roles,
                false => default,
            };
            Override { permission: other, roles: roles - Roles::Owner }
        })
        .collect();
    // Takes away one action from one role at a time, and from all who are less powerful.
    loop {
        let refused = match Overrides::new(set.iter().copied()) {
            Ok(overrides) => return Some(overrides),
            Err(refused) => refused,
        };
        let culprit = set.iter_mut().find(|one| one.permission == refused.action());
        let culprit = culprit.filter(|one| one.permission != action)?;
        let role = refused.role().filter(|role| culprit.roles.has(*role))?;
        culprit.roles = culprit.roles.elements().take_while(|other| *other != role).collect();
    }
}
