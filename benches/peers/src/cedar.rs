//! Cedar: the policies, the schema and the entities that `labelgate-export` prints.

use std::collections::HashMap;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    PolicySet, Request, ResourceQueryRequest, RestrictedExpression, Schema,
};
use labelgate::{Action, Matrix, Role};
use labelgate_export::cedar;
use labelgate_export::rules::Rules;

use crate::policy::{HERE, Lists, Peer, Question, Row, Rule};

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

    fn entity(&self, entity: &cedar::Entity) -> Entity {
        let uid = |uid: &cedar::Uid| self.uid(uid.kind, &uid.id);
        let attributes = entity.attributes.iter().map(|(name, value)| {
            let value = match value {
                cedar::Value::Bool(value) => RestrictedExpression::new_bool(*value),
                cedar::Value::Entity(entity) => RestrictedExpression::new_entity_uid(uid(entity)),
            };
            ((*name).to_owned(), value)
        });
        let parents = entity.parents.iter().map(uid).collect();
        Entity::new(uid(&entity.uid), attributes.collect(), parents).unwrap()
    }

    fn user(&self, role: Role) -> Entity {
        self.entity(&cedar::Entity::user(role.code(), &HERE.to_string(), role))
    }

    fn row(&self, row: &Row) -> Entity {
        let (id, organization) = (row.id.to_string(), row.organization.to_string());
        self.entity(&cedar::Entity::row(&id, &organization, row.facts))
    }
}

impl Peer for Cedar {
    const NAME: &'static str = "cedar-policy";

    type Request = (Request, Entities);

    fn load(_: &[Rule]) -> Self {
        let types = ["Action", "Organization", "Role", "Row", "User"];
        Self {
            authorizer: Authorizer::new(),
            policies: cedar::policies(&Rules::of(Matrix::BUILT_IN)).parse().unwrap(),
            schema: cedar::schema().parse().unwrap(),
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
