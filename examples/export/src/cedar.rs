//! Cedar: a schema, policies, and the entities of a request.
//!
//! A row is one entity with the facts of whoever asks as its attributes, so a request takes a user and a row and no
//! store of entities. The facts are the integer that a service selects with the row, as it does for the crate.

use std::fmt;
use std::fmt::Write;

use labelgate::{Action, Fact, Facts, Filter, Role};

use crate::rules::Rules;

/// The types of entities, and the actions.
///
/// ```
/// use labelgate_export::cedar;
///
/// assert!(cedar::schema().starts_with("entity Role;\n"));
/// ```
#[must_use]
pub fn schema() -> String {
    let facts = Fact::ALL.map(|fact| format!("{fact}: Bool")).join(",\n    ");
    let actions = Action::ALL.map(|key| format!("\"{key}\"")).join(",\n    ");
    format!(
        "entity Role;
entity Organization;
entity User in [Role] {{ organization: Organization }};
entity Row {{
    organization: Organization,
    {facts},
}};
action
    {actions}
    appliesTo {{ principal: User, resource: Row }};
"
    )
}

/// A policy for all actions for which a role needs the same facts.
///
/// ```
/// use labelgate::Matrix;
/// use labelgate_export::{cedar, rules::Rules};
///
/// let policies = cedar::policies(&Rules::of(Matrix::BUILT_IN));
/// assert!(policies.contains(r#"permit(principal in Role::"MA", action in ["#));
/// ```
#[must_use]
pub fn policies(rules: &Rules) -> String {
    let mut text = String::new();
    for role in Role::ALL {
        let mut policies: Vec<(Filter, Vec<Action>)> = Vec::new();
        for action in Action::ALL {
            let filter = rules.filter(role, action);
            match policies.iter_mut().find(|(other, _)| *other == filter) {
                Some((_, actions)) => actions.push(action),
                None => policies.push((filter, vec![action])),
            }
        }
        policies.retain(|(filter, _)| !filter.is_nothing());
        for (filter, actions) in policies {
            let actions: Vec<_> =
                actions.iter().map(|key| format!("\n    Action::\"{key}\"")).collect();
            let _ = writeln!(
                text,
                "permit(principal in Role::\"{role}\", action in [{}\n], resource)
when {{ resource.organization == principal.organization }}{};\n",
                actions.join(","),
                condition(&filter),
            );
        }
    }
    text
}

/// Whether the facts are enough, as a clause of its own.
fn condition(filter: &Filter) -> String {
    if filter.is_everything() {
        return String::new();
    }
    let alternatives = filter.alternatives().map(|facts| {
        let facts: Vec<_> = facts.elements().map(|fact| format!("resource.{fact}")).collect();
        format!("({})", facts.join(" && "))
    });
    format!("\nwhen {{\n    {}\n}}", alternatives.collect::<Vec<_>>().join(" ||\n    "))
}

/// The name of an entity: its type and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uid {
    /// The type.
    pub kind: &'static str,
    /// The id. It has no characters that JSON escapes.
    pub id: String,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Whether a fact holds.
    Bool(bool),
    /// Another entity.
    Entity(Uid),
}

/// A user or a row, as Cedar is asked about it. It displays as JSON, as Cedar reads entities.
///
/// ```
/// use labelgate::{Facts, Role};
/// use labelgate_export::cedar::Entity;
///
/// let entities = [Entity::user("7", "1", Role::Manager), Entity::row("100", "1", Facts::none())];
/// let json = format!("[{}, {}]", entities[0], entities[1]);
/// assert!(json.starts_with(r#"[{"uid": {"type": "User", "id": "7"}, "attrs": {"organization": "#));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its name.
    pub uid: Uid,
    /// Its attributes.
    pub attributes: Vec<(&'static str, Value)>,
    /// What it is in.
    pub parents: Vec<Uid>,
}

impl Uid {
    /// The name of an action.
    #[must_use]
    pub fn action(action: Action) -> Self {
        Self { kind: "Action", id: action.key().to_owned() }
    }
}

impl Entity {
    /// A member of an organization, with their role in it. Ids have no characters that JSON escapes.
    #[must_use]
    pub fn user(id: &str, organization: &str, role: Role) -> Self {
        Self {
            uid: Uid { kind: "User", id: id.to_owned() },
            attributes: vec![in_organization(organization)],
            parents: vec![Uid { kind: "Role", id: role.code().to_owned() }],
        }
    }

    /// A row, with the facts of the user who asks. Ids have no characters that JSON escapes.
    #[must_use]
    pub fn row(id: &str, organization: &str, facts: Facts) -> Self {
        let facts = Fact::ALL.map(|fact| (fact.name(), Value::Bool(facts.has(fact))));
        Self {
            uid: Uid { kind: "Row", id: id.to_owned() },
            attributes: facts.into_iter().chain([in_organization(organization)]).collect(),
            parents: Vec::new(),
        }
    }
}

fn in_organization(id: &str) -> (&'static str, Value) {
    ("organization", Value::Entity(Uid { kind: "Organization", id: id.to_owned() }))
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"type": "{}", "id": "{}"}}"#, self.kind, self.id)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Entity(uid) => write!(f, r#"{{"__entity": {uid}}}"#),
        }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes =
            self.attributes.iter().map(|(name, value)| format!(r#""{name}": {value}"#));
        let parents = self.parents.iter().map(Uid::to_string);
        write!(
            f,
            r#"{{"uid": {}, "attrs": {{{}}}, "parents": [{}]}}"#,
            self.uid,
            attributes.collect::<Vec<_>>().join(", "),
            parents.collect::<Vec<_>>().join(", "),
        )
    }
}
