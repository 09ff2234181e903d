//! Mutants of row-level security: leaves out each condition, alternative, role, policy and trigger of the statements
//! in turn, and says which of them no generated world notices. It takes some minutes:
//!
//! `cargo run -p labelgate-sql-tests --example policy_mutants`

use std::collections::BTreeSet;

use labelgate::overrides::Overrides;
use labelgate::sql::RowSecurity;
use labelgate_sql_tests::{Cells, Engine, Ids, Postgres, World, load};

use labelgate_sql_tests::security::compare::{Compare, Member};
use labelgate_sql_tests::security::service::{self, Asks, SECURED, SERVICE, Service, id_types};

/// Where the operands of AND and OR are in a text that stands in parentheses or after a keyword.
struct Group {
    start: usize,
    /// The ends and starts of the operands on both sides of each AND or OR.
    joins: Vec<(usize, usize, bool)>,
}

/// The text without one operand, for each operand that it has.
fn without_operands(sql: &str) -> BTreeSet<String> {
    let mut mutants = BTreeSet::new();
    let mut groups = vec![Group { start: 0, joins: Vec::new() }];
    let mut quote = None;
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql[at..];
        let c = rest.chars().next().expect("a character");
        let mut step = c.len_utf8();
        if quote.is_some() {
            quote = quote.filter(|&quote| quote != c);
        } else if c == '\'' || c == '"' {
            quote = Some(c);
        } else if rest.starts_with("--") {
            step = rest.find('\n').unwrap_or(rest.len());
        } else if c == '(' {
            groups.push(Group { start: at + 1, joins: Vec::new() });
        } else if c == ')' || c == ';' {
            let group = groups.pop().expect("a parenthesis");
            close(sql, &group, at, &mut mutants);
            if c == ';' {
                groups.push(Group { start: at + 1, joins: Vec::new() });
            }
        } else if let Some(keyword) = ["WHERE ", "WHEN ", "THEN ", "UNION ALL "]
            .into_iter()
            .find(|word| rest.starts_with(word))
        {
            let group = groups.pop().expect("a group");
            close(sql, &group, at, &mut mutants);
            step = keyword.len();
            groups.push(Group { start: at + step, joins: Vec::new() });
        } else if let Some(word) = ["AND ", "OR "].into_iter().find(|word| rest.starts_with(word))
            && sql[..at].ends_with([' ', '\n'])
        {
            step = word.len();
            let group = groups.last_mut().expect("a group");
            group.joins.push((at, at + step, word == "OR "));
        }
        at += step;
    }
    for group in &groups {
        close(sql, group, sql.len(), &mut mutants);
    }
    mutants
}

/// Adds the text without each operand of a group that ends here.
fn close(sql: &str, Group { start, joins }: &Group, end: usize, mutants: &mut BTreeSet<String>) {
    let mut add = |from: usize, to: usize| {
        mutants.insert(format!("{}{}", &sql[..from], &sql[to..]));
    };
    for (n, &(left, right, is_or)) in joins.iter().enumerate() {
        let binds = |other: &(usize, usize, bool)| other.2 || !is_or;
        let next = joins[n + 1..].iter().find(|join| binds(join)).map_or(end, |join| join.0);
        let previous =
            joins[..n].iter().rev().find(|join| binds(join)).map_or(*start, |join| join.1);
        add(left, next);
        add(previous, right);
    }
    let before = sql[..*start].trim_end();
    if joins.is_empty() && (before.ends_with("WHERE") || sql[*start..end].starts_with("\n  ")) {
        mutants.insert(format!("{}TRUE{}", &sql[..*start], &sql[end..]));
    }
}

/// The text without one role, branch of a view or case, for each that it has.
fn without_items(sql: &str) -> BTreeSet<String> {
    let mut mutants = BTreeSet::new();
    for (at, _) in sql.match_indices("role_in('") {
        let (start, end) = (at + 8, at + sql[at..].find(')').expect("a parenthesis"));
        let roles: Vec<_> = sql[start..end].split(", ").collect();
        for left_out in 0..roles.len() {
            let rest = roles.iter().enumerate().filter(|(n, _)| *n != left_out);
            let rest: Vec<_> = rest.map(|(_, role)| *role).collect();
            let rest = if rest.is_empty() { "'XX'".to_owned() } else { rest.join(", ") };
            mutants.insert(format!("{}{rest}{}", &sql[..start], &sql[end..]));
        }
    }
    if let Some((first, second)) = sql.split_once(" UNION ALL (") {
        mutants.insert(first.to_owned());
        let (head, _) = first.split_once("SELECT").expect("a query");
        mutants.insert(format!("{head}{}", second.trim_end_matches(')')));
    }
    for (at, _) in sql.match_indices("\n    WHEN bool").chain(sql.match_indices("\n    WHEN count"))
    {
        let end = at + 1 + sql[at + 1..].find("\n").expect("a line");
        let rest = sql[end..].trim_start();
        let rest = if sql[at..end].ends_with(" END") {
            format!(" END\n  {rest}")
        } else {
            format!("\n    {rest}")
        };
        mutants.insert(format!("{}{rest}", &sql[..at]));
    }
    mutants
}

/// The table that a policy or a trigger is on. What a view or a function says is about all of them.
fn tables(sql: &str) -> Vec<&'static str> {
    let is_on = |table: &&str| sql.contains(&format!(" ON \"{table}\" F"));
    match SECURED.into_iter().find(|table| is_on(table)) {
        Some("workspaces") => vec!["workspaces", "projects"],
        Some(table) => vec![table],
        None => SECURED.to_vec(),
    }
}

/// A world in a database of its own, and its policies.
struct Case {
    engine: Postgres,
    service: Service,
    world: World,
    cells: Cells,
    security: RowSecurity,
}

impl Case {
    fn new(seed: u64, cells: Cells) -> Case {
        let mut engine = Postgres::create();
        let service = Service::connect(&mut engine);
        let world = World::generate(seed);
        load(&mut engine, &world, Ids::INTEGER);
        let mut schema = service::schema();
        schema.records.project_id = Some("project_id".into());
        let security = schema.row_security(&cells.matrix, id_types(Ids::INTEGER));
        Case { engine, service, world, cells, security: security.expect("policies") }
    }

    /// Makes the policies from other statements, if they are SQL.
    fn apply(&mut self, create: &[String]) -> bool {
        let remove = self.security.remove();
        let statements: Vec<&str> = remove.iter().chain(create).map(String::as_str).collect();
        let sql = format!(
            "SET client_min_messages = error; BEGIN; {};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SERVICE}; COMMIT",
            statements.join(";"),
        );
        let is_applied = self.engine.client.batch_execute(&sql).is_ok();
        if !is_applied {
            self.engine.run("ROLLBACK");
        }
        is_applied
    }

    /// Whether somebody in the world notices.
    fn is_noticed(&mut self, tables: &[&'static str]) -> Option<String> {
        let Case { service, world, cells, security, .. } = self;
        // One of each role first.
        let mut rows = world.organization_members.clone();
        rows.sort_by_key(|row| {
            let same = world.organization_members.iter().take_while(|other| *other != row);
            same.filter(|other| other.role == row.role).count()
        });
        rows.iter().find_map(|row| {
            let asks = Asks {
                ids: Ids::INTEGER,
                organization: row.organization_id,
                user: row.user_id,
                role: row.role,
            };
            let member = Member { world, cells, asks, keeps_project: true };
            let mut compare = Compare::new(service, security);
            compare.tables = tables.to_vec();
            compare.sample = 1;
            compare.member(&member, &[]).err()
        })
    }
}

/// Whether a mutant is noticed in one of the worlds. Returns `None` if it is no SQL.
fn is_noticed(cases: &mut [Case], find: &str, with: &str) -> Option<bool> {
    for case in cases {
        let mut create = case.security.create();
        let Some(place) = create.iter().position(|sql| sql == find) else { continue };
        create[place] = with.to_owned();
        if !case.apply(&create) {
            return None;
        }
        if case.is_noticed(&tables(find)).is_some() {
            return Some(true);
        }
    }
    Some(false)
}

/// What a mutant has in place of what, and where.
fn survivor(sql: &str, mutant: &str) -> String {
    let same = |(a, b): &(u8, u8)| a == b;
    let start = sql.bytes().zip(mutant.bytes()).take_while(same).count();
    let rest = sql[start..].bytes().rev().zip(mutant[start..].bytes().rev());
    let end = rest.take_while(same).count();
    let [old, new] = [sql, mutant].map(|sql| &sql[start..sql.len() - end]);
    let is_name = |line: &&str| line.starts_with("CREATE");
    let name = sql.lines().find(is_name).unwrap_or(sql);
    format!("{name}\n  has `{new}` in place of `{old}`\n")
}

fn main() {
    let widest = || Cells::of(Overrides::widest().matrix());
    let mut cases = [
        Case::new(0, Cells::built_in()),
        Case::new(0, widest()),
        Case::new(1, Cells::built_in()),
        Case::new(1, widest()),
    ];
    for case in &mut cases {
        let create = case.security.create();
        assert!(case.apply(&create));
        assert_eq!(case.is_noticed(&SECURED), None, "without a mutant");
    }
    let statements: BTreeSet<String> =
        cases.iter().flat_map(|case| case.security.create()).collect();
    let (mut noticed, mut invalid, mut survivors) = (0, 0, Vec::new());
    for sql in &statements {
        let mut mutants = without_operands(sql);
        mutants.extend(without_items(sql));
        if sql.starts_with("CREATE POLICY") || sql.starts_with("CREATE TRIGGER") {
            mutants.insert("SELECT".to_owned());
        }
        mutants.remove(sql);
        for mutant in mutants {
            match is_noticed(&mut cases, sql, &mutant) {
                Some(true) => noticed += 1,
                Some(false) => {
                    survivors.push(survivor(sql, &mutant));
                }
                None => invalid += 1,
            }
        }
        eprintln!("{noticed} noticed, {} survive, {invalid} are no SQL", survivors.len());
    }
    println!("{noticed} noticed, {} survive, {invalid} are no SQL\n", survivors.len());
    survivors.iter().for_each(|survivor| println!("{survivor}"));
    assert!(noticed > 100, "{noticed}");
}
