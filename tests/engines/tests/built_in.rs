//! The built-in matrix, for every value of `Facts`, role and action: on OpenFGA and SpiceDB, and in TypeScript; for a
//! quarter of them on Cedar.

use labelgate::overrides::Overrides;
use labelgate::{Action, Fact, Facts, Kind, Matrix, OrganizationId, Role, Subject, UserId};
use labelgate_engine_tests::tables::Random;
use labelgate_engine_tests::{every, node, openfga, spicedb};
use labelgate_export::cedar::{self, Entity};
use labelgate_export::model::Model;
use labelgate_export::rules::Rules;
use labelgate_export::typescript;
use serde_json::{Value, json};

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn openfga_decides_the_same() {
    let model = Model::new(&Rules::of(Matrix::BUILT_IN));
    let cases = every::cases(&Subject::new);
    let decisions: usize = cases.iter().map(|case| case.decisions).sum();
    assert_eq!(decisions, 141_120);
    openfga::ask(&labelgate_export::openfga::print(&model), &cases).assert_equal(&cases);
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn spicedb_decides_the_same() {
    let model = Model::new(&Rules::of(Matrix::BUILT_IN));
    let cases = every::cases(&Subject::new);
    spicedb::ask(&labelgate_export::spicedb::print(&model), &cases).assert_equal(&cases);
}

/// Rows of tasks and records, with all facts that they can have. A task has no author, and a record no assignee.
fn facts() -> Vec<Facts> {
    let is_one = |facts: &Facts| !(facts.has(Fact::Assignee) && facts.has(Fact::Author));
    Facts::ALL.into_iter().filter(is_one).collect()
}

fn json(entity: &Entity) -> Value {
    serde_json::from_str(&entity.to_string()).expect("JSON")
}

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn cedar_decides_the_same() {
    // One row of four. `cargo bench -- --test` in benches/peers asks about all, with the crate of Cedar.
    let every_fourth: Vec<_> = facts().into_iter().step_by(4).collect();
    assert_eq!(every_fourth.len(), 120);
    cedar_decides(Matrix::BUILT_IN, &every_fourth);
    let few: Vec<_> = facts().into_iter().skip(3).step_by(16).collect();
    let mut random = Random(1);
    for overrides in [Overrides::widest(), random.overrides(), random.overrides()] {
        cedar_decides(overrides.matrix(), &few);
    }
}

fn cedar_decides(matrix: Matrix, facts: &[Facts]) {
    let outside = json(&Entity::row("outside", "2", *Facts::ALL.last().expect("some facts")));
    let row = |(n, facts): (usize, &Facts)| json(&Entity::row(&n.to_string(), "1", *facts));
    let rows: Vec<_> = facts.iter().enumerate().map(row).chain([outside]).collect();
    let users = Role::ALL.map(|role| json(&Entity::user(role.code(), "1", role)));
    let answer = node::node(
        "cedar.mjs",
        &json!({
            "schema": cedar::schema(),
            "policies": cedar::policies(&Rules::of(matrix)),
            "users": users,
            "rows": rows,
            "actions": Action::ALL.map(Action::key),
        }),
    );
    assert_eq!(answer["invalid"], json!([]));
    let expected = expected(|role, action| {
        let of_facts = facts.iter().map(|facts| may(&matrix, role, action, *facts));
        of_facts.chain([false]).collect::<Vec<_>>()
    });
    assert_answers(&answer, &expected);
}

const USE: &str = r#"
import { ACTIONS, FACT, KIND, MATRIX, can, type Action, type Fact, type Reason, type Role } from "./labelgate.js";

const role: Role = "MA";
const facts = FACT.project_member | FACT.project_creator;
const shown: Action[] = ACTIONS.filter((action) => KIND[action] === "project" && can(role, action, facts));
const scopes = MATRIX[role]["data.export"];

function text(reason: Reason): string {
  switch (reason) {
    case "not_found":
      return "gone";
    default:
      return reason;
  }
}

// @ts-expect-error: misspelt
const wrongAction: Action = "data.exports";
// @ts-expect-error: a role is written in capitals
const wrongRole: Role = "ma";
// @ts-expect-error: not a fact
const wrongFact: Fact = "project_owner";
// @ts-expect-error: the matrix cannot be changed
MATRIX.AN["data.export"] = ["organization"];
export { facts, scopes, shown, text, wrongAction, wrongFact, wrongRole };
"#;

#[test]
#[ignore = "needs the engines: tests/engines/install.sh"]
fn typescript_compiles_and_decides_the_same() {
    let facts = facts();
    let module = typescript::print(&Matrix::BUILT_IN);
    let bits: Vec<_> = facts.iter().map(|facts| facts.bits()).collect();
    let ask = |module: &str| {
        node::node("typescript.mjs", &json!({"module": module, "use": USE, "facts": bits}))
    };
    let answer = ask(&module);
    assert_eq!(answer["errors"], "");
    assert_answers(
        &answer,
        &expected(|role, action| {
            facts.iter().map(move |facts| may(&Matrix::BUILT_IN, role, action, *facts))
        }),
    );

    // Without an action, the module does not compile.
    let answer = ask(&module.replacen("  \"data.export\",\n", "", 1));
    assert!(answer["errors"].as_str().expect("a text").contains("data.export"));
}

fn may(matrix: &Matrix, role: Role, action: Action, facts: Facts) -> bool {
    let subject = Subject::new(OrganizationId(1), UserId(7), role).with_matrix(*matrix);
    let kind = match action.kind() {
        Kind::Task if facts.has(Fact::Author) => Kind::Record,
        kind => kind,
    };
    every::may(&subject, action, kind, facts)
}

fn expected<I: IntoIterator<Item = bool>>(answers: impl Fn(Role, Action) -> I) -> String {
    let pairs = Role::ALL.into_iter().flat_map(|role| Action::ALL.map(|action| (role, action)));
    let answers = pairs.flat_map(|(role, action)| answers(role, action));
    answers.map(|may| if may { '1' } else { '0' }).collect()
}

fn assert_answers(answer: &Value, expected: &str) {
    let got = answer["answers"].as_str().expect("a text");
    assert!(expected.contains('1') && expected.contains('0'));
    assert_eq!(got.len(), expected.len());
    let differences = got.bytes().zip(expected.bytes()).filter(|(got, expected)| got != expected);
    assert_eq!(differences.count(), 0);
}
