//! What a check costs there and here: the same checks of a generated world, in one run. Prints the guide's table.
//!
//! Needs the engines: `tests/engines/install.sh`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use labelgate::{Action, Facts, Kind, Matrix, OrganizationId, Subject, UserId};
use labelgate_engine_tests::tables::{Thing, World};
use labelgate_engine_tests::{every, openfga, oracle, spicedb, worlds};
use labelgate_export::model::Model;
use labelgate_export::rules::Rules;
use serde_json::json;

/// For how long each is repeated.
const TIME: Duration = Duration::from_secs(5);

fn main() {
    let world = World::generate(0);
    let mut case = worlds::case(&world);
    case.users.clear();
    case.objects.clear();
    let model = Model::new(&Rules::of(Matrix::BUILT_IN));
    println!("{} checks of a world of {} tuples", case.checks.len(), case.tuples.len());
    println!("| A check | takes |\n|---|---|");
    println!("| here | {:.1?} |", here(&world));

    let (schema, cases) = (labelgate_export::spicedb::print(&model), [case.clone()]);
    let asked: Vec<_> = spicedb::questions(&cases).map(|(question, _)| question).collect();
    let tuples: Vec<_> = case.tuples.iter().map(|tuple| tuple.spicedb()).collect();
    let input =
        json!({"schema": schema, "tuples": tuples, "asked": asked, "seconds": TIME.as_secs()});
    let each = spicedb::python(&input)["each"].as_f64().expect("seconds");
    println!(
        "| SpiceDB, in the process of the program that asks | {:.1?} |",
        Duration::from_secs_f64(each)
    );

    // The command line takes time to start: what more checks take is what checks take.
    let text = labelgate_export::openfga::print(&model);
    let of = |checks: usize| {
        let mut case = case.clone();
        case.checks.truncate(checks);
        let cases = [case];
        let start = Instant::now();
        openfga::ask(&text, &cases).assert_equal(&cases);
        start.elapsed()
    };
    let (few, many) = (case.checks.len() / 4, case.checks.len());
    let more = of(many).saturating_sub(of(few));
    println!(
        "| OpenFGA, in the process of its command line | {:.1?} |",
        more / (many - few) as u32
    );
}

/// Asks of each user, action and thing.
fn here(world: &World) -> Duration {
    let mut asked = Vec::new();
    for row in &world.organization_members {
        let (organization, role) = (row.organization_id, row.role.parse().expect("a code"));
        let subject = Subject::new(OrganizationId(organization), UserId(row.user_id), role);
        for thing in world.things() {
            let Some(facts) = world.facts(row.user_id, organization, thing) else { continue };
            let facts = Facts::from_bits(facts.into()).expect("facts");
            let kind = match thing {
                Thing::Organization(_) => Kind::Organization,
                Thing::Workspace(_) => Kind::Workspace,
                Thing::Project(_) => Kind::Project,
                Thing::Task(_) => Kind::Task,
                Thing::Annotation(_) => Kind::Record,
            };
            let kinds = oracle::TABLE.iter().map(|row| row.1.parse::<Action>().expect("a key"));
            let actions = kinds.filter(|action| action.kind() == kind.min(Kind::Task));
            asked.extend(actions.map(|action| (subject, action, kind, facts)));
        }
    }
    let (start, mut times) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        for (subject, action, kind, facts) in black_box(&asked) {
            black_box(every::can(subject, *action, *kind, *facts));
        }
        times += asked.len();
    }
    start.elapsed().div_f64(times as f64)
}
