//! casbin: a model, and a line of CSV for each role and action.

use std::fmt::Write;

use ::casbin::rhai::{Dynamic, Map};
use ::casbin::{CoreApi, DefaultModel, Enforcer, StringAdapter};
use labelgate::Fact;

use crate::policy::{HERE, Peer, Question, Rule, ready};

const MODEL: &str = "
[request_definition]
r = organization, role, action, row

[policy_definition]
p = role, action, condition

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.role == p.role && r.action == p.action && r.organization == r.row.organization && eval(p.condition)
";

fn csv(rules: &[Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        let (role, condition) = (rule.role, rule.condition("r.row.FACT", " && ", " || ", "true"));
        for action in &rule.actions {
            writeln!(text, "p, {role}, {action}, {condition}").unwrap();
        }
    }
    text
}

pub(crate) struct Casbin(Enforcer);

impl Peer for Casbin {
    const NAME: &'static str = "casbin";

    type Request = Vec<Dynamic>;

    fn load(rules: &[Rule]) -> Self {
        let model = ready(DefaultModel::from_str(MODEL)).unwrap();
        Self(ready(Enforcer::new(model, StringAdapter::new(csv(rules)))).unwrap())
    }

    fn request(&self, Question { role, action, row }: Question) -> Vec<Dynamic> {
        let mut object = Map::new();
        object.insert("organization".into(), row.organization.into());
        for fact in Fact::ALL {
            object.insert(fact.name().into(), row.facts.has(fact).into());
        }
        vec![HERE.into(), role.code().into(), action.key().into(), object.into()]
    }

    fn permits(&mut self, request: &Vec<Dynamic>) -> bool {
        self.0.enforce(request.clone()).unwrap()
    }
}
