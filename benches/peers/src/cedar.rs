//! Cedar: a policy for each rule, and a schema.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, ResourceQueryRequest, RestrictedExpression, Schema,
};
use labelgate::{Action, Fact, Role};

use crate::policy::{HERE, Lists, Peer, Question, Row, Rule};

fn cedar(rules: &[Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        let actions: Vec<_> = rule.actions.iter().map(|key| format!("Action::\"{key}\"")).collect();
        writeln!(
            text,
            "permit(principal in Role::\"{}\", action in [{}], resource)
when {{ resource.organization == principal.organization && ({}) }};",
            rule.role,
            actions.join(", "),
            rule.condition("resource.FACT", " && ", " || ", "true"),
        )
        .unwrap();
    }
    text
}

fn schema() -> String {
    let facts: Vec<_> = Fact::ALL.iter().map(|fact| format!("{fact}: Bool")).collect();
    let actions: Vec<_> = Action::ALL.iter().map(|key| format!("\"{key}\"")).collect();
    format!(
        "entity Role;
entity Organization;
entity User in [Role] {{ organization: Organization }};
entity Row {{ organization: Organization, {} }};
action {} appliesTo {{ principal: User, resource: Row }};",
        facts.join(", "),
        actions.join(", "),
    )
}

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    schema: Schema,
    types: HashMap<&'static str, EntityTypeName>,
}

impl Cedar {
    fn uid(&self, kind: &str, id: impl ToString) -> EntityUid {
        EntityUid::from_type_name_and_id(self.types[kind].clone(), EntityId::new(id.to_string()))
    }

    fn organization(&self, id: i32) -> (String, RestrictedExpression) {
        let organization = self.uid("Organization", id);
        ("organization".to_owned(), RestrictedExpression::new_entity_uid(organization))
    }

    fn user(&self, role: Role) -> Entity {
        let roles = HashSet::from([self.uid("Role", role)]);
        Entity::new(self.uid("User", role), [self.organization(HERE)].into(), roles).unwrap()
    }

    fn row(&self, row: &Row) -> Entity {
        let facts = Fact::ALL.into_iter().map(|fact| {
            (fact.name().to_owned(), RestrictedExpression::new_bool(row.facts.has(fact)))
        });
        let attributes = facts.chain([self.organization(row.organization)]).collect();
        Entity::new(self.uid("Row", row.id), attributes, HashSet::new()).unwrap()
    }
}

impl Peer for Cedar {
    const NAME: &'static str = "cedar-policy";

    type Request = (Request, Entities);

    fn load(rules: &[Rule]) -> Self {
        let types = ["Action", "Organization", "Role", "Row", "User"];
        Self {
            authorizer: Authorizer::new(),
            policies: cedar(rules).parse().unwrap(),
            schema: schema().parse().unwrap(),
            types: types.map(|name| (name, name.parse().unwrap())).into(),
        }
    }

    fn request(&self, Question { role, action, row }: Question) -> (Request, Entities) {
        let action = self.uid("Action", action);
        let (user, row) = (self.user(role), self.row(&row));
        let request = Request::new(user.uid(), action, row.uid(), Context::empty(), None).unwrap();
        (request, Entities::from_entities([user, row], None).unwrap())
    }

    fn permits(&mut self, (request, entities): &(Request, Entities)) -> bool {
        let response = self.authorizer.is_authorized(request, &self.policies, entities);
        response.decision() == Decision::Allow
    }
}

/// By its experimental partial evaluation.
impl Lists for Cedar {
    /// The rows, and a user with each role.
    type Rows = Entities;

    fn rows(&self, rows: &[Row]) -> Entities {
        let users = Role::ALL.into_iter().map(|role| self.user(role));
        let entities = users.chain(rows.iter().map(|row| self.row(row)));
        Entities::from_entities(entities, Some(&self.schema)).unwrap()
    }

    fn list(&mut self, role: Role, action: Action, rows: &Entities) -> Vec<usize> {
        let request = ResourceQueryRequest::new(
            self.uid("User", role),
            self.uid("Action", action),
            self.types["Row"].clone(),
            Context::empty(),
            &self.schema,
        );
        let seen = self.policies.query_resource(&request.unwrap(), rows, &self.schema).unwrap();
        seen.map(|row| row.id().unescaped().parse().unwrap()).collect()
    }
}
