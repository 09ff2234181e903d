//! The same policy in every peer. First: do all of them decide the same, on every question there is? Then
//! what a decision and a list cost. Prints the tables of the guide's comparison.
//!
//! `cargo bench` does both, `cargo bench -- --test` the first alone.

mod by_hand;
mod casbin;
mod cedar;
mod gatehouse;
mod oso;
mod ours;
mod policy;
mod regorus;

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;
use labelgate::{Action, Role};

use crate::policy::{Lists, Peer, Question, Row, Rule, questions, rows, rules};

const SAMPLES: usize = 25;

/// A sample repeats what it measures until it has taken this long.
const SAMPLE: Duration = Duration::from_millis(5);

/// How many questions are asked in turn, of all those there are.
const ASKED: usize = 4_096;

/// What is listed: the question with the most alternatives, about this many rows.
const LISTED: (Role, Action, usize) = (Role::Annotator, Action::ViewProjectData, 1_000);

fn main() {
    let measures = std::env::args().all(|argument| argument != "--test");
    let bench = Bench { rules: rules(), questions: questions(), measures };
    let pairs: usize = bench.rules.iter().map(|rule| rule.actions.len()).sum();
    println!("the policy: {} rules, for {pairs} pairs of a role and an action", bench.rules.len());
    let (decisions, lists): (Vec<_>, Vec<_>) = [
        bench.lister::<by_hand::Table>(),
        bench.lister::<ours::Labelgate>(),
        (bench.decider::<ours::Anew>(), None),
        bench.lister::<gatehouse::Gatehouse>(),
        bench.lister::<regorus::Regorus>(),
        bench.lister::<cedar::Cedar>(),
        (bench.decider::<oso::Polar>(), None),
        (bench.decider::<casbin::Casbin>(), None),
    ]
    .into_iter()
    .unzip();
    if measures {
        println!("\n| A decision | minimum | median | maximum | with its request | loading |");
        println!("|---|---|---|---|---|---|\n{}", decisions.join("\n"));
        println!("\n| A list of {} rows | minimum | median | maximum |", LISTED.2);
        println!(
            "|---|---|---|---|\n{}",
            lists.into_iter().flatten().collect::<Vec<_>>().join("\n")
        );
    }
}

struct Bench {
    rules: Vec<Rule>,
    questions: Vec<Question>,
    measures: bool,
}

impl Bench {
    /// The lines of both tables.
    fn lister<P: Lists>(&self) -> (String, Option<String>) {
        (self.decider::<P>(), Some(self.lists::<P>()))
    }

    /// Compares all decisions with the crate's; the line of the table.
    fn decider<P: Peer>(&self) -> String {
        let mut peer = P::load(&self.rules);
        let mut permitted = 0;
        for question in &self.questions {
            let request = peer.request(*question);
            let answer = peer.permits(&request);
            assert_eq!(answer, ours::decides(question), "{} about {question:?}", P::NAME);
            permitted += usize::from(answer);
        }
        let asked = self.questions.len();
        println!("{}: {asked} decisions, {permitted} of them yes, all as labelgate's", P::NAME);
        if !self.measures {
            return String::new();
        }
        let questions = &self.questions[..ASKED];
        let requests: Vec<_> = questions.iter().map(|question| peer.request(*question)).collect();
        let alone = Cost::of(ASKED, || {
            for request in black_box(&requests) {
                black_box(peer.permits(request));
            }
        });
        let with_request = Cost::of(ASKED, || {
            for question in black_box(questions) {
                let request = peer.request(*question);
                black_box(peer.permits(&request));
            }
        });
        let loading = Cost::of(1, || drop(black_box(P::load(black_box(&self.rules)))));
        format!(
            "| {} | {} | {} | {} |",
            P::NAME,
            alone.cells(),
            time(with_request.median),
            time(loading.median)
        )
    }

    /// Compares all lists with the crate's decisions; the line of the table.
    fn lists<P: Lists>(&self) -> String {
        let mut peer = P::load(&self.rules);
        let rows = rows();
        let asked = peer.rows(&rows);
        for role in Role::ALL {
            for action in Action::ALL {
                let mut listed = peer.list(role, action, &asked);
                listed.sort_unstable();
                let seen =
                    rows.iter().filter(|&&row| ours::decides(&Question { role, action, row }));
                let seen: Vec<_> = seen.map(|row| row.id).collect();
                assert_eq!(listed, seen, "{}: {role} {action}", P::NAME);
            }
        }
        println!("{}: {} lists, all as labelgate's", P::NAME, Role::COUNT * Action::COUNT);
        if !self.measures {
            return String::new();
        }
        let (role, action, len) = LISTED;
        let rows = rows.into_iter().cycle().take(len).enumerate();
        let asked = peer.rows(&rows.map(|(id, row)| Row { id, ..row }).collect::<Vec<_>>());
        let cost = Cost::of(1, || drop(black_box(peer.list(role, action, black_box(&asked)))));
        format!("| {} | {} |", P::NAME, cost.cells())
    }
}

/// Nanoseconds for one of the things done. Processor time: nothing here waits, and another program's work
/// is not to be counted.
struct Cost {
    minimum: f64,
    median: f64,
    maximum: f64,
}

impl Cost {
    fn of(things: usize, mut work: impl FnMut()) -> Self {
        let mut samples: Vec<_> = (0..SAMPLES).map(|_| sample(things, &mut work)).collect();
        samples.sort_by(f64::total_cmp);
        Self { minimum: samples[0], median: samples[SAMPLES / 2], maximum: samples[SAMPLES - 1] }
    }

    fn cells(&self) -> String {
        [self.minimum, self.median, self.maximum].map(time).join(" | ")
    }
}

fn sample(things: usize, work: &mut impl FnMut()) -> f64 {
    let (start, mut times) = (ThreadTime::now(), 0);
    loop {
        work();
        times += 1;
        let elapsed = start.elapsed();
        if elapsed >= SAMPLE {
            return elapsed.as_nanos() as f64 / (things * times) as f64;
        }
    }
}

/// To three figures.
fn time(nanoseconds: f64) -> String {
    let units = [("ns", 1e3), ("µs", 1e6), ("ms", 1e9)];
    let (unit, most) = units.into_iter().find(|(_, most)| nanoseconds < *most).unwrap_or(units[2]);
    let value = nanoseconds / (most / 1e3);
    let places = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.places$} {unit}")
}
