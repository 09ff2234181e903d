//! Mutants of row-level security: leaves out each condition, alternative, role, policy and trigger of the statements
//! in turn, returns other values from functions, and says which mutants no generated world notices. There are none. It
//! takes some minutes, fewer for the statements that contain a text:
//!
//! `cargo run -p labelgate-sql-tests --example policy_mutants [TEXT]`

use std::collections::BTreeSet;
use std::env;

use labelgate::overrides::Overrides;
use labelgate::sql::RowSecurity;
use labelgate_sql_tests::{Cells, Engine, Ids, Postgres, World, load};
use postgres::error::SqlState;

use labelgate_sql_tests::security::compare::{Compare, Member, add_misfiled, add_rare};
use labelgate_sql_tests::security::service::{self, Asks, SECURED, Service, id_types, secure};

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
        mutants.insert(format!("{}TRUE {}", &sql[..*start], &sql[end..]));
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
        mutants.insert(format!("{head}{}", second.strip_suffix(')').expect("a parenthesis")));
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

/// The text with another value in place of one that a function returns, a setting, or a check that always fails.
fn with_values(sql: &str) -> BTreeSet<String> {
    let mut mutants = BTreeSet::new();
    if let Some((head, _)) = sql.split_once("\n  RETURN ") {
        let (_, returned) = head.split_once("RETURNS ").expect("a type");
        let returned = returned.split(' ').next().expect("a type");
        mutants.insert(format!("{head}\n  RETURN NULL::{returned}"));
        if returned == "boolean" {
            mutants.extend(["TRUE", "FALSE"].map(|value| format!("{head}\n  RETURN {value}")));
        }
    }
    for (start, _) in sql.match_indices("NULLIF(") {
        let inner = start + "NULLIF(".len();
        let end = inner + sql[inner..].find(", '')").expect("an empty text");
        mutants.insert(format!(
            "{}{}{}",
            &sql[..start],
            &sql[inner..end],
            &sql[end + ", '')".len()..]
        ));
    }
    if let Some((head, _)) = sql.split_once("\n  RAISE ") {
        mutants.insert(format!("{head}\n  RETURN NULL;\nEND $$"));
    }
    if let Some(head) = sql.strip_suffix(" WITH CHECK (FALSE)") {
        mutants.insert(head.to_owned());
    }
    if let Some((head, _)) = sql.split_once(" ENABLE ROW LEVEL SECURITY") {
        mutants.insert(format!("{head} DISABLE ROW LEVEL SECURITY"));
    }
    mutants
}

/// The table that a policy or a trigger is on. For a view or a function, the tables whose policies and triggers read
/// it, directly or through others.
fn tables(find: &str, create: &[String]) -> Vec<&'static str> {
    let table_of = |sql: &str| {
        let is_on = |table: &&str| {
            let of_table = [format!(" ON \"{table}\" F"), format!("ALTER TABLE \"{table}\" ")];
            of_table.iter().any(|text| sql.contains(text))
        };
        SECURED.into_iter().find(is_on)
    };
    let mut tables: BTreeSet<&str> = table_of(find).into_iter().collect();
    let mut read = vec![name(find)];
    while let Some(helper) = read.pop() {
        let calls = [format!("labelgate.{helper} "), format!("labelgate.{helper}(")];
        let readers = create.iter().filter(|sql| calls.iter().any(|call| sql.contains(call)));
        for reader in readers.filter(|reader| name(reader) != helper) {
            match table_of(reader) {
                Some(table) => drop(tables.insert(table)),
                None => read.push(name(reader)),
            }
        }
    }
    // A project is created in a workspace that the policies of workspaces show.
    if tables.contains("workspaces") {
        tables.insert("projects");
    }
    tables.into_iter().collect()
}

/// The name of the view, function, policy or trigger that a statement creates.
fn name(sql: &str) -> &str {
    let created = |kind: &str| {
        let (_, rest) = sql.split_once(&format!("CREATE {kind} "))?;
        let rest = rest.trim_start_matches("labelgate.");
        rest.split([' ', '(']).next()
    };
    let kinds = ["VIEW", "FUNCTION", "POLICY", "TRIGGER"].into_iter();
    kinds.filter_map(created).next().unwrap_or(sql)
}

/// A statement in place of one that was run before.
fn replaced(old: &str, new: &str) -> String {
    for kind in ["POLICY", "TRIGGER"] {
        if let Some((_, rest)) = old.split_once(&format!("CREATE {kind} ")) {
            let (_, table) = rest.split_once(" ON ").expect("a table");
            let table = table.split(' ').next().expect("a table");
            return format!("DROP {kind} {} ON {table}; {new}", name(old));
        }
    }
    new.replace("CREATE VIEW", "CREATE OR REPLACE VIEW")
        .replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
}

/// A world in a database of its own, and its policies.
struct Case {
    engine: Postgres,
    service: Service,
    world: World,
    cells: Cells,
    security: RowSecurity,
    create: Vec<String>,
}

impl Case {
    fn new(seed: u64, cells: Cells) -> Case {
        let mut engine = Postgres::create();
        let service = Service::connect(&mut engine);
        let mut world = World::generate(seed);
        add_rare(&mut world);
        load(&mut engine, &world, Ids::INTEGER);
        add_misfiled(&mut engine, &world, Ids::INTEGER);
        let mut schema = service::schema();
        schema.records.project_id = Some("project_id".into());
        let security = schema.row_security(&cells.matrix, id_types(Ids::INTEGER));
        let security = security.expect("policies");
        secure(&mut engine, &security);
        let create = security.create();
        Case { engine, service, world, cells, security, create }
    }

    /// Replaces a statement, if the other is SQL.
    fn replace(&mut self, old: &str, new: &str) -> bool {
        let sql = format!("BEGIN; {}; COMMIT", replaced(old, new));
        let is_replaced = self.engine.client.batch_execute(&sql).is_ok();
        if !is_replaced {
            self.engine.run("ROLLBACK");
        }
        is_replaced
    }

    /// Whether the owner, who is under no policy, may not change what others keep.
    fn holds_up_the_owner(&mut self) -> bool {
        let kept = [
            "UPDATE workspaces SET created_by = NULL",
            "UPDATE projects SET created_by = NULL, workspace_id = NULL",
            "UPDATE annotations SET completed_by = NULL",
        ];
        kept.into_iter().any(|sql| {
            let is_changed = self.engine.client.batch_execute(&format!("BEGIN; {sql}")).is_ok();
            self.engine.run("ROLLBACK");
            !is_changed
        })
    }

    /// Whether a policy that a service adds lets it change what nobody changes.
    fn forges(&mut self) -> bool {
        let tables = ["workspaces", "projects", "annotations"];
        let open =
            tables.map(|table| format!("CREATE POLICY open ON {table} FOR UPDATE USING (TRUE);"));
        self.engine.run(&open.concat());
        let is_forged = [
            "UPDATE workspaces SET organization_id = 424242",
            "UPDATE workspaces SET created_by = 424242",
            "UPDATE projects SET organization_id = 424242",
            "UPDATE projects SET created_by = 424242",
            "UPDATE annotations SET task_id = 424242",
            "UPDATE annotations SET project_id = 424242",
            "UPDATE annotations SET completed_by = 424242",
        ]
        .map(|sql| self.service.written(sql) != Err(SqlState::INSUFFICIENT_PRIVILEGE));
        self.engine.run(&tables.map(|table| format!("DROP POLICY open ON {table};")).concat());
        is_forged.contains(&true)
    }

    /// Whether anything is seen if one of the settings is empty.
    fn opens_to_nobody(&mut self) -> bool {
        let row = self.world.organization_members.iter().find(|row| row.role == "OW");
        let row = row.expect("an Owner");
        let asks = Asks {
            ids: Ids::INTEGER,
            organization: row.organization_id,
            user: row.user_id,
            role: row.role,
        };
        ["organization", "user", "role"].into_iter().any(|setting| {
            self.service.begin(&self.security, &asks);
            self.service.run(&format!("SELECT set_config('labelgate.{setting}', '', true)"));
            let seen = self.service.try_column("SELECT id FROM organizations");
            self.service.run("ROLLBACK");
            seen.map_or(true, |seen| !seen.is_empty())
        })
    }

    /// What somebody in the world notices who asks functions, reads these tables, and then writes to them.
    fn noticed(
        &mut self,
        tables: &[&'static str],
        Mutated { is_read, is_function }: Mutated,
    ) -> Option<String> {
        let Case { service, world, cells, security, .. } = self;
        // One of each role first.
        let mut rows = world.organization_members.clone();
        rows.sort_by_key(|row| {
            let same = world.organization_members.iter().take_while(|other| *other != row);
            same.filter(|other| other.role == row.role).count()
        });
        let members = rows.iter().map(|row| {
            let asks = Asks {
                ids: Ids::INTEGER,
                organization: row.organization_id,
                user: row.user_id,
                role: row.role,
            };
            Member { world, cells, asks, keeps_project: true }
        });
        let members: Vec<_> = members.collect();
        let mut compare = Compare::new(service, security);
        compare.tables = tables.to_vec();
        compare.sample = 1;
        if is_function {
            let functions = members.iter().find_map(|member| compare.functions(member).err());
            if functions.is_some() {
                return functions;
            }
        }
        let mut find = |compares: Compares| {
            members.iter().find_map(|member| {
                compare.each_table(member, |compare, table| compares(compare, member, table)).err()
            })
        };
        let read = if is_read {
            find(|compare, member, table| compare.reads(member, table))
        } else {
            None
        };
        read.or_else(|| find(|compare, member, table| compare.writes(member, table)))
    }
}

type Compares = fn(&mut Compare<'_>, &Member<'_>, &str) -> Result<(), String>;

/// What a mutant can change.
#[derive(Clone, Copy)]
struct Mutated {
    /// What is read, and not only what is written row by row.
    is_read: bool,
    /// What a function says.
    is_function: bool,
}

impl Mutated {
    const ALL: Mutated = Mutated { is_read: true, is_function: true };

    fn of(sql: &str) -> Mutated {
        let of_writes = [
            "labelgate_insert",
            "may_create_project",
            "is_bound",
            "refuse",
            "\"Labelgate_fixed\"",
            "\"Labelgate_moved\"",
        ];
        let is_read = !of_writes.contains(&name(sql));
        Mutated { is_read, is_function: sql.contains("CREATE FUNCTION ") }
    }
}

/// Whether a mutant is noticed in one of the worlds. Returns `None` if it is no SQL.
fn is_noticed(cases: &mut [Case], find: &str, with: &str) -> Option<bool> {
    for case in cases.iter_mut().filter(|case| case.create.iter().any(|sql| sql == find)) {
        if !case.replace(find, with) {
            return None;
        }
        let noticed = case.holds_up_the_owner()
            || case.forges()
            || case.opens_to_nobody()
            || case.noticed(&tables(find, &case.create), Mutated::of(find)).is_some();
        assert!(case.replace(with, find));
        if noticed {
            return Some(true);
        }
    }
    Some(false)
}

/// A check that saves time and decides nothing: for other roles `acts_as` is NULL.
const SAVES_TIME: &str = "(SELECT labelgate.role_in('RE', 'AN')) AND ";

/// What a mutant has in place of what, and where.
fn difference(sql: &str, mutant: &str) -> String {
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
    let seeds = 0..3;
    let mut cases: Vec<Case> = seeds
        .flat_map(|seed| [Case::new(seed, Cells::built_in()), Case::new(seed, widest())])
        .collect();
    let text = env::args().nth(1).unwrap_or_default();
    for case in cases.iter_mut().filter(|_| text.is_empty()) {
        assert_eq!(case.noticed(&SECURED, Mutated::ALL), None, "without a mutant");
    }
    let statements = cases.iter().flat_map(|case| case.create.clone());
    let statements: BTreeSet<String> = statements.filter(|sql| sql.contains(&text)).collect();
    let (mut noticed, mut invalid, mut survivors) = (0, 0, 0);
    for sql in &statements {
        let mut mutants = without_operands(sql);
        mutants.extend(without_items(sql));
        mutants.extend(with_values(sql));
        if sql.starts_with("CREATE POLICY") || sql.starts_with("CREATE TRIGGER") {
            mutants.insert("SELECT".to_owned());
        }
        mutants.remove(sql);
        if sql.contains("acts_as(") {
            mutants.remove(&sql.replace(SAVES_TIME, ""));
        }
        for mutant in mutants {
            match is_noticed(&mut cases, sql, &mutant) {
                Some(true) => noticed += 1,
                Some(false) => {
                    survivors += 1;
                    println!("{}", difference(sql, &mutant));
                }
                None => {
                    invalid += 1;
                    eprintln!("no SQL: {}", difference(sql, &mutant));
                }
            }
        }
        eprintln!("{noticed} noticed, {survivors} survive, {invalid} are no SQL");
    }
    println!("{noticed} noticed, {survivors} survive, {invalid} are no SQL");
    assert!(noticed > 300 || !text.is_empty(), "{noticed}");
    assert_eq!((survivors, invalid), (0, 0));
}
