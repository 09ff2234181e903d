//! regorus: a rule in Rego over the tables as data, compiled for its virtual machine.

use std::collections::{BTreeMap, BTreeSet};

use ::regorus::languages::rego::compiler::Compiler;
use ::regorus::rvm::vm::RegoVM;
use ::regorus::{Engine, Value};
use labelgate::{Action, Fact, Role};

use crate::policy::{HERE, Lists, Peer, Question, Row, Rule};

const REGO: &str = "
package labeling

default allow := false

allow if permits(input.row)

seen contains row.id if {
    some row in input.rows
    permits(row)
}

permits(row) if {
    row.organization == input.organization
    some enough in data.enough[input.role][input.action]
    every fact in enough { fact in row.facts }
}
";
const ALLOW: &str = "data.labeling.allow";
const SEEN: &str = "data.labeling.seen";

/// By role and action, the sets of facts that are enough.
fn data(rules: &[Rule]) -> Value {
    let mut roles = BTreeMap::<_, BTreeMap<_, _>>::new();
    for rule in rules {
        let enough = rule.enough.alternatives().map(|facts| names(facts.elements()));
        let enough = Value::from(enough.collect::<Vec<_>>());
        let role = roles.entry(Value::from(rule.role.code())).or_default();
        for action in &rule.actions {
            role.insert(Value::from(action.key()), enough.clone());
        }
    }
    let roles = roles.into_iter().map(|(role, actions)| (role, Value::from(actions)));
    object([("enough", Value::from(roles.collect::<BTreeMap<_, _>>()))])
}

fn names(facts: impl Iterator<Item = Fact>) -> Value {
    Value::from(facts.map(|fact| Value::from(fact.name())).collect::<BTreeSet<_>>())
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::from(BTreeMap::from(entries.map(|(key, value)| (Value::from(key), value))))
}

fn row(row: &Row) -> Value {
    object([
        ("id", Value::from(row.id as u64)),
        ("organization", Value::from(row.organization)),
        ("facts", names(row.facts.elements())),
    ])
}

fn input(role: Role, action: Action, asked: (&str, Value)) -> Value {
    object([
        ("organization", Value::from(HERE)),
        ("role", Value::from(role.code())),
        ("action", Value::from(action.key())),
        asked,
    ])
}

pub(crate) struct Regorus(RegoVM);

impl Peer for Regorus {
    const NAME: &'static str = "regorus";

    type Request = Value;

    fn load(rules: &[Rule]) -> Self {
        let mut engine = Engine::new();
        engine.add_policy("labeling.rego".to_owned(), REGO.to_owned()).unwrap();
        let policy = engine.compile_with_entrypoint(&ALLOW.into()).unwrap();
        let mut machine = RegoVM::new();
        machine.load_program(Compiler::compile_from_policy(&policy, &[ALLOW, SEEN]).unwrap());
        machine.set_data(data(rules)).unwrap();
        // It stops at 25,000 unless told otherwise; a list of a thousand rows takes more.
        machine.set_max_instructions(usize::MAX);
        Self(machine)
    }

    fn request(&self, Question { role, action, row: asked }: Question) -> Value {
        input(role, action, ("row", row(&asked)))
    }

    fn permits(&mut self, request: &Value) -> bool {
        self.0.set_input(request.clone());
        self.0.execute_entry_point_by_index(0).unwrap() == Value::from(true)
    }
}

/// By asking about each row, in one evaluation.
impl Lists for Regorus {
    type Rows = Value;

    fn rows(&self, rows: &[Row]) -> Value {
        Value::from(rows.iter().map(row).collect::<Vec<_>>())
    }

    fn list(&mut self, role: Role, action: Action, rows: &Value) -> Vec<usize> {
        self.0.set_input(input(role, action, ("rows", rows.clone())));
        let seen = self.0.execute_entry_point_by_index(1).unwrap();
        seen.as_set().unwrap().iter().map(|id| id.as_u64().unwrap() as usize).collect()
    }
}
