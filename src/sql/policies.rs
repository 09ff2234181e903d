//! Renders the views, functions, policies and triggers of row-level security from filters and sources.
//!
//! A policy is the filter of an action as a condition on its row. If a fact is kept in another table, the condition
//! reads a view that has the ids of the user's rows. Otherwise it compares a column. A policy of tasks reads the view
//! of the projects in which the user works, and one of records the view of the tasks in these projects. So a policy
//! has a few lines with any matrix.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use sea_query::{
    DynIden, Expr, Func, PostgresQueryBuilder, QueryBuilder, SelectStatement, UnionType, Value,
};

use super::expr::{quote, quoted, union};
use super::facts::{Render, Term};
use super::plan::{Conjunction, common, grouped};
use super::schema::{Principal, Rows, Schema, Table};
use super::sources::Source;
use crate::action::Action;
use crate::evaluator::Evaluator;
use crate::fact::{Fact, FactSet, Facts};
use crate::filter::Filter;
use crate::kind::Kind;
use crate::matrix::Matrix;
use crate::role::{ProjectRole, Role};

/// The actions that permit writing the rows of a table. Without an action, nobody may write.
struct Writes {
    rows: Rows,
    insert: Action,
    update: Option<Action>,
    delete: Option<Action>,
}

macro_rules! writes {
    (INSERT UPDATE DELETE $( $Rows:ident $insert:ident $update:tt $delete:tt )+) => {
        const WRITES: [Writes; Rows::ALL.len()] = [$(
            Writes {
                rows: Rows::$Rows,
                insert: Action::$insert,
                update: writes!(@ $update),
                delete: writes!(@ $delete),
            },
        )+];
    };
    (@ -) => { None };
    (@ $Action:ident) => { Some(Action::$Action) };
}

writes! {
               INSERT          UPDATE            DELETE
    Workspaces CreateWorkspace ChangeWorkspace   DeleteWorkspace
    Projects   CreateProject   ChangeProject     DeleteProject
    Tasks      ImportData      -                 -
    Records    LabelTasks      ChangeAnnotations -
}

/// A view or a function that policies and triggers read.
pub(super) struct Helper {
    /// `VIEW` or `FUNCTION`.
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    /// If a view has the rows for which one of several facts holds: these facts.
    facts: FactSet,
    comment: &'static str,
}

const fn view(name: &'static str, facts: FactSet, comment: &'static str) -> Helper {
    Helper { kind: "VIEW", name, facts, comment }
}

const fn function(name: &'static str, comment: &'static str) -> Helper {
    Helper { kind: "FUNCTION", name, facts: FactSet::empty(), comment }
}

/// The views and functions in the order in which a migration creates them.
pub(super) const HELPERS: [Helper; 13] = {
    const NONE: FactSet = FactSet::empty();
    const CREATED: FactSet = FactSet::WorkspaceCreator;
    const SHARED: FactSet = FactSet::WorkspaceMember;
    const MEMBER: FactSet = FactSet::ProjectMember;
    const ASSIGNED: FactSet = FactSet::ProjectAssignee;
    [
        view(ADDED_WORKSPACES, NONE, "Workspaces that the user was added to, sandboxes or not."),
        view("created_workspaces", CREATED, "Workspaces that the user created."),
        view("shared_workspaces", SHARED, "Workspaces that the user was added to."),
        view(
            "my_workspaces",
            CREATED.union(SHARED),
            "Workspaces that the user created or was added to.",
        ),
        view("member_projects", MEMBER, "Projects that the user was added to."),
        view("assigned_projects", ASSIGNED, "Projects that the user has tasks in."),
        view(
            "my_projects",
            MEMBER.union(ASSIGNED),
            "Projects that the user was added to or has tasks in.",
        ),
        view("assigned_tasks", FactSet::Assignee, "Tasks that are assigned to the user."),
        view(MY_PROJECT_ROLES, NONE, "The roles of the user in single projects."),
        function(ACTS_AS, "What an annotator or reviewer acts as in a project."),
        view(WORK_PROJECTS, NONE, "Projects in which the user works."),
        view(WORK_TASKS, NONE, "Tasks of the projects in which the user works."),
        function(
            MAY_CREATE_PROJECT,
            "Whether the user may create a project in a workspace, or in none.",
        ),
    ]
};

const ADDED_WORKSPACES: &str = "added_workspaces";
const MY_PROJECT_ROLES: &str = "my_project_roles";
const ACTS_AS: &str = "acts_as";
const WORK_PROJECTS: &str = "work_projects";
const WORK_TASKS: &str = "work_tasks";
const MAY_CREATE_PROJECT: &str = "may_create_project";

/// The names of the triggers. PostgreSQL runs triggers by name, and those of foreign keys start with `RI_`: these
/// come first.
pub(super) const FIXED: &str = "Labelgate_fixed";
pub(super) const MOVED: &str = "Labelgate_moved";

/// The commands that policies are for.
#[derive(Clone, Copy)]
enum Command {
    Select,
    Insert,
    Update,
    Delete,
    /// Locking reads of a table whose rows nobody updates. An UPDATE is an error.
    Lock,
}

impl Command {
    const fn name(self) -> &'static str {
        match self {
            Self::Select => "labelgate_select",
            Self::Insert => "labelgate_insert",
            Self::Update => "labelgate_update",
            Self::Delete => "labelgate_delete",
            Self::Lock => "labelgate_lock",
        }
    }

    fn create(self, table: &str, holds: &str) -> String {
        let name = self.name();
        let (command, says, also) = match self {
            Self::Select => ("SELECT", "USING", ""),
            Self::Insert => ("INSERT", "WITH CHECK", ""),
            Self::Update => ("UPDATE", "USING", ""),
            Self::Delete => ("DELETE", "USING", ""),
            Self::Lock => ("UPDATE", "USING", " WITH CHECK (FALSE)"),
        };
        format!("CREATE POLICY {name} ON {table} FOR {command} {says} (\n  {holds}){also}")
    }
}

/// The names of all policies that a table can have.
pub(super) const POLICIES: [&str; 6] = [
    Command::Select.name(),
    Command::Insert.name(),
    Command::Update.name(),
    Command::Delete.name(),
    Command::Lock.name(),
    "labelgate_jobs",
];

/// The rendered statements.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Statements {
    /// Views and functions.
    pub(super) helpers: Vec<String>,
    pub(super) tables: Vec<Secured>,
}

/// A table with its policies and triggers.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Secured {
    /// The quoted name.
    pub(super) table: String,
    pub(super) policies: Vec<String>,
    pub(super) triggers: Vec<String>,
}

/// A condition in SQL: alternatives that are joined by OR.
#[derive(Clone, PartialEq)]
struct Condition(Vec<String>);

impl Condition {
    /// Returns true if the condition calls a function. PostgreSQL evaluates conditions in the order of the text, so
    /// this one goes last.
    fn is_slow(&self) -> bool {
        self.0.iter().any(|alternative| alternative.contains(ACTS_AS))
    }

    fn text(&self) -> String {
        self.0.join("\n    OR ")
    }
}

/// A condition on a row. `None` is no condition.
type Holds = Option<Condition>;

fn plain(text: String) -> Condition {
    Condition(vec![text])
}

/// ANDs the conditions. Returns `None` if there are none.
fn all_of(conditions: impl IntoIterator<Item = Holds>) -> Holds {
    let mut conditions: Vec<Condition> = conditions.into_iter().flatten().collect();
    conditions.sort_by_key(Condition::is_slow);
    if conditions.len() < 2 {
        return conditions.pop();
    }
    let beside = |condition: Condition| match condition.0.len() {
        1 => condition.text(),
        _ => format!("({})", condition.text()),
    };
    let texts: Vec<String> = conditions.into_iter().map(beside).collect();
    Some(plain(texts.join(" AND ")))
}

/// ORs one or more conditions. Returns `None` (no condition) if one of them is `None`.
fn any_of(conditions: impl IntoIterator<Item = Holds>) -> Holds {
    let conditions: Option<Vec<Condition>> = conditions.into_iter().collect();
    let mut conditions = conditions?;
    conditions.sort_by_key(Condition::is_slow);
    Some(Condition(conditions.into_iter().flat_map(|condition| condition.0).collect()))
}

fn text(expr: &Expr) -> String {
    let mut sql = String::new();
    PostgresQueryBuilder.prepare_expr(expr, &mut sql);
    sql
}

/// Returns the text as a literal that PostgreSQL reads the same with any `standard_conforming_strings`.
pub(super) fn literal(text: &str) -> String {
    let quotes = text.replace('\'', "''");
    match quotes.contains('\\') {
        true => format!("E'{}'", quotes.replace('\\', "\\\\")),
        false => format!("'{quotes}'"),
    }
}

/// Returns the codes of the roles as arguments.
pub(super) fn codes(roles: &[Role]) -> String {
    let codes: Vec<String> = roles.iter().map(|role| literal(role.code())).collect();
    codes.join(", ")
}

pub(super) fn active_roles() -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| role.is_active()).collect()
}

/// Returns a call of a function without arguments.
fn call(function: &'static str) -> Expr {
    Expr::from(Func::cust(function))
}

/// The row that a condition is about.
#[derive(Clone, Copy)]
struct At {
    rows: Rows,
    /// Whether the task of the row is read from the view `work_tasks`.
    by_work: bool,
}

impl At {
    const fn row(rows: Rows) -> Self {
        Self { rows, by_work: false }
    }

    const fn work(rows: Rows) -> Self {
        Self { rows, by_work: true }
    }
}

/// Renders the policies of a schema for a matrix.
pub(super) struct Policies<'a> {
    /// The tables by the aliases that the service uses, also in its own facts.
    schema: &'a Schema,
    /// The same tables without aliases, as in policies.
    named: Schema,
    matrix: &'a Matrix,
}

impl<'a> Policies<'a> {
    pub(super) fn new(schema: &'a Schema, matrix: &'a Matrix) -> Self {
        let mut named = schema.clone();
        named.organizations.alias = None;
        named.workspaces.alias = None;
        named.workspace_members.alias = None;
        named.projects.alias = None;
        named.project_members.alias = None;
        named.project_roles.alias = None;
        named.tasks.alias = None;
        named.task_assignees.alias = None;
        named.records.alias = None;
        Self { schema, named, matrix }
    }

    pub(super) fn statements(&self) -> Statements {
        let mut tables = vec![self.organizations()];
        let writes = WRITES.iter().filter(|writes| self.named.has(writes.rows));
        tables.extend(writes.map(|writes| self.table(writes)));
        Statements { helpers: self.helpers(&tables), tables }
    }

    fn organizations(&self) -> Secured {
        let organizations = &self.named.organizations;
        let (table, id) =
            (quoted(&organizations.table), text(&organizations.col(&organizations.id)));
        let own = format!("{id} = labelgate.organization_id()");
        let policies = [Command::Select, Command::Lock].map(|command| command.create(&table, &own));
        Secured { table, policies: policies.to_vec(), triggers: Vec::new() }
    }

    fn table(&self, &Writes { rows, insert, update, delete }: &Writes) -> Secured {
        let table = quoted(self.named.named(rows).table);
        let seen = self.of_rows(rows, |evaluator| seen(evaluator, rows));
        let of_action = |action: Option<Action>| {
            let action = action?;
            self.of_rows(rows, |evaluator| Filter::new(evaluator, action))
        };
        let updated = of_action(update);
        let triggers = if updated.is_some() { self.triggers(rows) } else { Vec::new() };
        let locked = if updated.is_none() { seen.clone() } else { None };
        let policies = [
            (Command::Select, seen),
            (Command::Insert, self.inserted(rows, insert)),
            (Command::Update, updated),
            (Command::Lock, locked),
            (Command::Delete, of_action(delete)),
        ];
        let create = |(command, holds): (Command, Option<Condition>)| {
            Some(command.create(&table, &holds?.text()))
        };
        let policies = policies.into_iter().filter_map(create).collect();
        Secured { table, policies, triggers }
    }
}

/// The conditions of policies.
impl Policies<'_> {
    fn evaluator(&self, role: Role) -> Evaluator {
        Evaluator::of_member(role, self.matrix)
    }

    /// Returns the condition on the rows of a table, or `None` if nobody may.
    fn of_rows(&self, rows: Rows, filter: impl Fn(&Evaluator) -> Filter) -> Holds {
        match rows {
            Rows::Workspaces | Rows::Projects => {
                let holds = self.by_role(|role| {
                    self.of_filter(At::row(rows), role, &filter(&self.evaluator(role)))
                })?;
                all_of([Some(self.bounds(rows)), holds])
            }
            Rows::Tasks => self.in_work_project(filter),
            Rows::Records => self.in_work_task(At::work(rows), filter),
        }
    }

    /// Returns the condition on a new row: the filter on the row that will hold it, and the user or NULL as its
    /// creator or author.
    fn inserted(&self, rows: Rows, action: Action) -> Holds {
        let filter = |evaluator: &Evaluator| Filter::new(evaluator, action);
        let by_role =
            |at| self.by_role(|role| self.of_filter(at, role, &filter(&self.evaluator(role))));
        let held = match rows {
            Rows::Workspaces => all_of([Some(self.bounds(rows)), by_role(At::row(rows))?]),
            Rows::Projects if self.named.has(Rows::Workspaces) => {
                self.may_create_project()?;
                let workspace = self.column(rows, &self.named.projects.workspace_id);
                let may = plain(format!("labelgate.{MAY_CREATE_PROJECT}({workspace})"));
                all_of([Some(self.bounds(rows)), Some(may)])
            }
            // Without workspaces, the action is decided on the organization.
            Rows::Projects => {
                let everything =
                    |role| filter(&self.evaluator(role)).is_everything().then_some(None);
                all_of([Some(self.bounds(rows)), self.by_role(everything)?])
            }
            Rows::Tasks => self.in_work_project(filter),
            Rows::Records => self.in_work_task(At::work(Rows::Tasks), filter),
        };
        let held = held?;
        let made = self.makers(rows).into_iter().map(|column| {
            let column = self.column(rows, column);
            let is_user = format!("{column} = labelgate.user_id()");
            Some(Condition(vec![is_user, format!("{column} IS NULL")]))
        });
        all_of(made.chain([Some(held)]))
    }

    /// Returns the columns with the creator or the author of a row.
    fn makers(&self, rows: Rows) -> Vec<&DynIden> {
        let facts = Fact::ALL.into_iter().filter(|&fact| Rows::that_have(fact) == rows);
        let column = |fact| match self.named.source(fact)? {
            Source::Column(line) => Some(line.user()),
            Source::Own(own) => own.column.as_ref(),
            Source::Link(_) | Source::Value(_) | Source::Role(_) => None,
        };
        facts.filter_map(column).collect()
    }

    /// Returns the condition on a task: the user works in its project, and the rest of the filter.
    fn in_work_project(&self, filter: impl Fn(&Evaluator) -> Filter) -> Holds {
        let at = At::row(Rows::Tasks);
        let rest = self.in_work(at, filter)?;
        let in_work = self.is_in_as("work", WORK_PROJECTS, &self.project(at));
        all_of([Some(plain(in_work)), rest])
    }

    /// Returns the condition on a record, or on the task of a new record.
    fn in_work_task(&self, at: At, filter: impl Fn(&Evaluator) -> Filter) -> Holds {
        let records = &self.named.records;
        let work = self.alias("work");
        let column = |column| self.column(Rows::Records, column);
        let of_task = format!("{work}.id = {}", column(&records.task_id));
        let project = records.project_id.as_ref().filter(|_| !records.is_checked);
        let of_project =
            project.map(|project| plain(format!("{work}.project_id = {}", column(project))));
        let holds = all_of([Some(plain(of_task)), of_project, self.in_work(at, filter)?])?;
        let from = format!("EXISTS (SELECT FROM labelgate.{WORK_TASKS} AS {work} WHERE");
        Some(plain(format!("{from} {})", holds.text())))
    }

    /// Returns the rest of a filter if the user works in the project. Returns `None` if nobody may.
    fn in_work(&self, at: At, filter: impl Fn(&Evaluator) -> Filter) -> Option<Holds> {
        self.by_role(|role| {
            let filter = filter(&self.evaluator(role));
            self.of_filter(at, role, &given(&filter, &self.work(role)))
        })
    }

    /// Returns the filter of the projects in which a role works: where it may see or write a task or a record.
    fn work(&self, role: Role) -> Filter {
        let evaluator = self.evaluator(role);
        let in_project = WRITES.iter().filter(|writes| writes.rows >= Rows::Tasks);
        let filters = in_project.flat_map(|writes| {
            let actions = [Some(writes.insert), writes.update, writes.delete];
            let actions = actions.into_iter().flatten();
            let written = actions.map(|action| Filter::new(&evaluator, action));
            written.chain([seen(&evaluator, writes.rows)]).collect::<Vec<_>>()
        });
        let known = FactSet::known_from(Kind::Project);
        let sets = filters.flat_map(|filter| filter.alternatives().collect::<Vec<_>>());
        Filter::of(&sets.map(|set| set.implied().intersection(known)).collect::<Vec<_>>())
    }

    /// Returns the condition under which the user may create a project in the workspace `$1`. If `$1` is NULL, the
    /// action is decided on the organization.
    fn may_create_project(&self) -> Option<Holds> {
        let at = At::row(Rows::Workspaces);
        let create = |role| Filter::new(&self.evaluator(role), Action::CreateProject);
        let held = self.by_role(|role| self.of_filter(at, role, &create(role)))?;
        let held = self.in_table(at.rows, "$1", all_of([Some(self.bounds(at.rows)), held]));
        let outside = self.by_role(|role| create(role).is_everything().then_some(None));
        let outside = outside.map(|may| all_of([may, Some(plain("$1 IS NULL".to_string()))]));
        Some(any_of(outside.into_iter().chain([held])))
    }

    /// ORs the conditions of the roles, each beside the check of the user's role. Roles with the same condition share
    /// one. Returns `None` if `holds` does for every role.
    ///
    /// An alternative that suffices for each role needs no check of the role, and occurs once: PostgreSQL plans a
    /// subquery beside OR as often as it occurs.
    fn by_role(&self, holds: impl Fn(Role) -> Option<Holds>) -> Option<Holds> {
        let active = active_roles();
        let of_roles: Vec<Option<Holds>> = active.iter().map(|&role| holds(role)).collect();
        let of_all = of_all(&of_roles);
        let rest = active.iter().zip(of_roles).filter_map(|(&role, holds)| {
            let Some(Condition(mut alternatives)) = holds? else { return Some((None, role)) };
            alternatives.retain(|alternative| !of_all.contains(alternative));
            (!alternatives.is_empty()).then_some((Some(Condition(alternatives)), role))
        });
        let group = |(holds, roles): (Holds, Vec<Role>)| {
            let is_in = plain(format!("(SELECT labelgate.role_in({}))", codes(&roles)));
            all_of([(roles.len() < active.len()).then_some(is_in), holds])
        };
        let mut groups: Vec<Holds> = grouped(rest).into_iter().map(group).collect();
        groups.extend((!of_all.is_empty()).then_some(Some(Condition(of_all))));
        (!groups.is_empty()).then(|| any_of(groups))
    }
}

/// Returns the alternatives that suffice for each role that needs one. There are none if a role may not at all.
fn of_all(of_roles: &[Option<Holds>]) -> Vec<String> {
    let Some(of_roles) = of_roles.iter().map(Option::as_ref).collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    let mut conditions = of_roles.into_iter().flatten();
    let mut alternatives = conditions.next().map_or(Vec::new(), |first| first.0.clone());
    for Condition(others) in conditions {
        alternatives.retain(|alternative| others.contains(alternative));
    }
    alternatives
}

/// Returns the shortest filter that is equal to `filter` for all facts that `known` matches.
fn given(filter: &Filter, known: &Filter) -> Filter {
    let suffices = |set: FactSet| {
        let mut possible = Facts::ALL.iter().filter(|&&facts| known.matches(facts));
        possible.all(|&facts| !facts.set().contains(set) || filter.matches(facts))
    };
    let shortened = |set: FactSet| {
        set.elements().fold(set, |set, fact| {
            let less = set.difference(FactSet::of(fact));
            if suffices(less) { less } else { set }
        })
    };
    Filter::of(&filter.alternatives().map(shortened).collect::<Vec<_>>())
}

/// Returns the filter of the SELECT policy: a row is visible if any action on it or on its contents is permitted,
/// because policies read parent rows.
fn seen(evaluator: &Evaluator, rows: Rows) -> Filter {
    let (kind, known) = match rows {
        Rows::Workspaces => (Kind::Workspace, FactSet::known_from(Kind::Workspace)),
        Rows::Projects => (Kind::Project, FactSet::known_from(Kind::Project)),
        Rows::Tasks => (Kind::Task, FactSet::known_from(Kind::Task)),
        Rows::Records => (Kind::Task, FactSet::all()),
    };
    let mut seen = Vec::new();
    for action in Action::ALL.into_iter().filter(|action| action.kind() as u8 >= kind as u8) {
        for facts in Filter::new(evaluator, action).alternatives().map(FactSet::implied) {
            // A fact of a project alone does not show the workspace of the project.
            if rows != Rows::Workspaces || action.kind() == kind || facts.intersects(known) {
                seen.push(facts.intersection(known));
            }
        }
    }
    Filter::of(&seen)
}

/// The facts as conditions on a row.
impl Policies<'_> {
    fn principal(&self, role: Role) -> Principal {
        let organization = call("labelgate.organization_id");
        Principal { organization, user: call("labelgate.user_id"), role }
    }

    fn render<'s>(&self, schema: &'s Schema, role: Role) -> Render<'s> {
        Render { schema, asked: self.principal(role), workspace: None, project: None }
    }

    /// Returns a condition: the row is in the organization.
    fn bounds(&self, rows: Rows) -> Condition {
        plain(text(&self.render(&self.named, Role::Owner).bounds(rows)))
    }

    fn column(&self, rows: Rows, column: &DynIden) -> String {
        text(&self.named.named(rows).col(column))
    }

    /// Returns an alias that no table of the service has as its name.
    fn alias(&self, alias: &str) -> String {
        let is_taken = |alias: &str| {
            Rows::ALL.iter().any(|&rows| self.named.named(rows).table.1.inner() == alias)
        };
        let mut alias = alias.to_string();
        while is_taken(&alias) {
            alias.push('_');
        }
        alias
    }

    /// Returns the id of the project of the row. The project of a project is itself.
    fn project(&self, at: At) -> String {
        match at.rows {
            _ if at.by_work => format!("{}.project_id", self.alias("work")),
            Rows::Workspaces | Rows::Projects => {
                self.column(Rows::Projects, &self.named.projects.id)
            }
            Rows::Tasks | Rows::Records => self.column(Rows::Tasks, &self.named.tasks.project_id),
        }
    }

    fn task(&self, at: At) -> String {
        match at.by_work {
            true => format!("{}.id", self.alias("work")),
            false => self.column(Rows::Tasks, &self.named.tasks.id),
        }
    }

    /// Returns a condition: the view has the id.
    fn is_in(&self, view: &str, id: &str) -> Holds {
        Some(plain(self.is_in_as("my", view, id)))
    }

    fn is_in_as(&self, alias: &str, view: &str, id: &str) -> String {
        let alias = self.alias(alias);
        format!("EXISTS (SELECT FROM labelgate.{view} AS {alias} WHERE {alias}.id = {id})")
    }

    /// Returns a condition: one of these facts holds for the row with the id. The condition is false if no view of
    /// [`HELPERS`] has these facts.
    fn has_one(&self, facts: FactSet, id: &str) -> Holds {
        let view = HELPERS.iter().find(|helper| helper.facts == facts);
        view.map_or(Some(plain("FALSE".to_string())), |view| self.is_in(view.name, id))
    }

    /// Returns a condition: the row with this id meets `holds`. The row is read under the policies of its table.
    fn in_table(&self, rows: Rows, id: &str, holds: Holds) -> Holds {
        let (table, column) = (self.named.named(rows).table, self.named.id_of(rows));
        let of_id = plain(format!("{} = {id}", text(&Expr::col(column))));
        let holds = all_of([Some(of_id), holds])?;
        Some(plain(format!("EXISTS (SELECT FROM {} WHERE {})", quoted(table), holds.text())))
    }

    /// Returns a filter as a condition on a row, or `None` if no such row can match.
    fn of_filter(&self, at: At, role: Role, filter: &Filter) -> Option<Holds> {
        let alternatives = self.render(&self.named, role).alternatives(filter, at.rows);
        (!alternatives.is_empty()).then(|| self.one_of(at, role, alternatives))
    }

    /// ORs the alternatives. Alternatives that differ in one fact of a view share the rest of their facts.
    fn one_of(&self, at: At, role: Role, alternatives: Vec<Conjunction>) -> Holds {
        let common = common(&alternatives);
        let leads = |term: &Term| match *term {
            Term::Fact(fact) => self.named.rank(fact).map(|_| fact),
            Term::ActsAsEither => None,
        };
        let split = |mut terms: Conjunction| {
            terms.retain(|term| !common.contains(term));
            let head = terms.iter().find_map(leads);
            terms.retain(|&term| head.map(Term::Fact) != Some(term));
            // Alternatives with and without such a fact stay apart.
            ((terms, head.is_some()), head)
        };
        let each = |terms: &Conjunction| -> Vec<Holds> {
            terms.iter().map(|&term| self.term(at, role, term)).collect()
        };
        let group = |((rest, _), heads): ((Conjunction, bool), Vec<Option<Fact>>)| {
            let heads: Option<Vec<Fact>> = heads.into_iter().collect();
            let heads = heads.and_then(|heads| self.one_fact(at, role, &heads));
            all_of([heads].into_iter().chain(each(&rest)))
        };
        let rest = any_of(grouped(alternatives.into_iter().map(split)).into_iter().map(group));
        all_of(each(&common).into_iter().chain([rest]))
    }

    fn term(&self, at: At, role: Role, term: Term) -> Holds {
        match term {
            Term::Fact(fact) => self.one_fact(at, role, &[fact]),
            Term::ActsAsEither => {
                let facts = [Fact::ActsAsAnnotator, Fact::ActsAsReviewer];
                let is_role =
                    |&fact: &Fact| matches!(self.named.source(fact), Some(Source::Role(_)));
                match facts.iter().all(is_role) {
                    true => Some(plain(format!(
                        "(SELECT role FROM labelgate.{ACTS_AS}({}) AS role) IS NOT NULL",
                        self.project(at),
                    ))),
                    false => any_of(facts.map(|fact| self.one_fact(at, role, &[fact]))),
                }
            }
        }
    }

    /// Returns a condition: one of the facts holds.
    fn one_fact(&self, at: At, role: Role, facts: &[Fact]) -> Holds {
        let (mut of_workspace, mut links) = (FactSet::empty(), FactSet::empty());
        let mut conditions = Vec::new();
        for &fact in facts {
            let rows = Rows::that_have(fact);
            match self.named.source(fact) {
                _ if rows == Rows::Workspaces && at.rows > rows => {
                    of_workspace.insert(FactSet::of(fact))
                }
                Some(Source::Link(line)) if rows == Rows::Workspaces => {
                    let id = self.column(rows, &self.named.workspaces.id);
                    let of_row = line.of_row.as_ref().map(|of_row| plain(text(of_row)));
                    conditions.push(all_of([of_row, self.is_in(ADDED_WORKSPACES, &id)]));
                }
                Some(Source::Link(_)) if rows == Rows::Projects => links.insert(FactSet::of(fact)),
                Some(Source::Link(_)) => {
                    conditions.push(self.has_one(FactSet::of(fact), &self.task(at)));
                }
                Some(Source::Role(acts_as)) => conditions.push(self.acts_as(at, acts_as)),
                Some(Source::Column(_) | Source::Value(_) | Source::Own(_)) | None => {
                    conditions.push(self.of_its_row(at, role, fact));
                }
            }
        }
        if !links.is_empty() {
            conditions.push(self.has_one(links, &self.project(at)));
        }
        if !of_workspace.is_empty() {
            let workspace = self.column(Rows::Projects, &self.named.projects.workspace_id);
            let in_workspace = self.has_one(of_workspace, &workspace);
            conditions.push(match at.rows {
                Rows::Workspaces | Rows::Projects => in_workspace,
                Rows::Tasks | Rows::Records => {
                    self.in_table(Rows::Projects, &self.project(at), in_workspace)
                }
            });
        }
        any_of(conditions)
    }

    /// Returns the fact as a condition on the row that decides it.
    fn of_its_row(&self, at: At, role: Role, fact: Fact) -> Holds {
        let rows = Rows::that_have(fact);
        let holds = |schema| self.render(schema, role).holds(rows, Term::Fact(fact));
        let holds = match self.named.own(fact) {
            Some(_) => {
                let own = holds(self.schema).map_or("FALSE".to_string(), |own| text(&own));
                let (table, called) = (&self.named.named(rows).table.1, self.schema.named(rows));
                let (table, called) = (table.inner(), called.name().inner());
                // The expression of the service uses the alias of the table.
                let own = if table == called {
                    format!("({own})")
                } else {
                    let (table, called) = (quote(&table, '"'), quote(&called, '"'));
                    format!("EXISTS (SELECT FROM (SELECT {table}.*) AS {called} WHERE {own})")
                };
                plain(own)
            }
            None => plain(holds(&self.named).map_or("FALSE".to_string(), |holds| text(&holds))),
        };
        match rows {
            Rows::Projects if at.rows > rows => self.in_table(rows, &self.project(at), Some(holds)),
            Rows::Tasks if at.by_work => self.in_table(rows, &self.task(at), Some(holds)),
            _ => Some(holds),
        }
    }

    fn acts_as(&self, at: At, role: ProjectRole) -> Holds {
        let (code, project) = (literal(role.code()), self.project(at));
        Some(plain(format!("{code} IN (SELECT role FROM labelgate.{ACTS_AS}({project}) AS role)")))
    }
}

/// Views, functions and triggers.
impl Policies<'_> {
    /// Returns the views and functions that policies and triggers read, directly or through one another.
    fn helpers(&self, tables: &[Secured]) -> Vec<String> {
        let statements =
            tables.iter().flat_map(|table| table.policies.iter().chain(&table.triggers));
        let mut used: Vec<String> = statements.cloned().collect();
        let mut helpers = Vec::new();
        for helper in HELPERS.iter().rev() {
            let Helper { kind, name, comment, .. } = helper;
            let calls = [format!("labelgate.{name} "), format!("labelgate.{name}(")];
            if used.iter().any(|sql| calls.iter().any(|call| sql.contains(call)))
                && let Some(definition) = self.define(helper)
            {
                let sql = format!("-- {comment}\nCREATE {kind} labelgate.{name}{definition}");
                used.push(sql.clone());
                helpers.push(sql);
            }
        }
        helpers.reverse();
        helpers
    }

    /// Returns the definition of a view or a function. Returns `None` if the schema does not keep its facts.
    fn define(&self, helper: &Helper) -> Option<String> {
        match helper.name {
            ACTS_AS => Some(self.define_acts_as()),
            MAY_CREATE_PROJECT => self.define_may_create_project(),
            _ => Some(format!(" AS\n  {}", self.view(helper)?)),
        }
    }

    /// Returns the query of a view. Returns `None` if the schema does not keep its facts.
    fn view(&self, &Helper { name, facts, .. }: &Helper) -> Option<String> {
        match name {
            ADDED_WORKSPACES => self.links(FactSet::WorkspaceMember),
            MY_PROJECT_ROLES => {
                let roles = &self.named.project_roles;
                let column = |column| text(&roles.col(column));
                Some(format!(
                    "SELECT {} AS project_id, {} AS role FROM {} WHERE {} = labelgate.user_id()",
                    column(&roles.project_id),
                    column(&roles.role),
                    quoted(&roles.table),
                    column(&roles.user_id),
                ))
            }
            WORK_PROJECTS => {
                let at = At::row(Rows::Projects);
                let works = self.by_role(|role| self.of_filter(at, role, &self.work(role)))?;
                Some(self.select(at.rows, works))
            }
            WORK_TASKS => {
                let at = At::row(Rows::Tasks);
                let (task, project) = (self.task(at), self.project(at));
                Some(format!(
                    "SELECT {task} AS id, {project} AS project_id FROM {}\n  WHERE {}",
                    quoted(&self.named.tasks.table),
                    self.is_in_as("work", WORK_PROJECTS, &project),
                ))
            }
            _ if FactSet::known_from(Kind::Workspace).contains(facts) => self.workspaces(facts),
            _ => self.links(facts),
        }
    }

    /// Returns a query for the ids of the rows that other tables link to the user by these facts.
    fn links(&self, facts: FactSet) -> Option<String> {
        let (render, asked) = (self.render(&self.named, Role::Owner), self.principal(Role::Owner));
        let link = |fact| match self.named.source(fact) {
            Some(Source::Link(line)) => Some(line.rows_of(render.database(), &asked).0),
            _ => None,
        };
        let links: Option<Vec<SelectStatement>> = facts.elements().map(link).collect();
        let mut links = links?.into_iter();
        Some(union(UnionType::All, links.next()?, links).to_string(PostgresQueryBuilder))
    }

    /// Returns a query for the ids of workspaces for which one of the facts holds.
    fn workspaces(&self, facts: FactSet) -> Option<String> {
        let (at, facts) = (At::row(Rows::Workspaces), facts.elements().collect::<Vec<_>>());
        facts.iter().all(|&fact| self.named.source(fact).is_some()).then_some(())?;
        let holds = self.by_role(|role| Some(self.one_fact(at, role, &facts)))?;
        Some(self.select(at.rows, holds))
    }

    /// Returns a query for the ids of the rows of the organization that meet a condition.
    fn select(&self, rows: Rows, holds: Holds) -> String {
        let (table, id) = (self.named.named(rows).table, self.named.id_of(rows));
        let (table, id) = (quoted(table), text(&Expr::col(id)));
        let holds = all_of([Some(self.bounds(rows)), holds]).map(|holds| holds.text());
        format!("SELECT {id} AS id FROM {table}\n  WHERE {}", holds.unwrap_or_default())
    }

    /// Returns the function for the project role of the user. Asks [`Role::project_role`] about each state of the
    /// user's project roles. A user whose rows have only other codes is in no state.
    fn define_acts_as(&self) -> String {
        let Schema { projects, project_roles, .. } = &self.named;
        let has =
            |value: &Value| format!("bool_or(role = {})", text(&Expr::Constant(value.clone())));
        let states = [
            (&[ProjectRole::Annotator][..], has(&project_roles.annotator)),
            (&[ProjectRole::Reviewer], has(&project_roles.reviewer)),
            (&[], "count(*) = 0".to_string()),
        ];
        let mut cases = String::new();
        for (state, is_so) in states {
            for acts_as in ProjectRole::ALL {
                let is_it = |role: &Role| role.project_role(state) == Some(acts_as);
                let roles: Vec<Role> = active_roles().into_iter().filter(is_it).collect();
                if !roles.is_empty() {
                    let code = literal(acts_as.code());
                    let roles = codes(&roles);
                    cases +=
                        &format!("\n    WHEN {is_so} AND labelgate.role_in({roles}) THEN {code}");
                }
            }
        }
        let table = quoted(&projects.table);
        let project = quote(&projects.id.inner(), '"');
        format!(
            "(project {table}.{project}%TYPE) RETURNS SETOF text\n  \
             LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC\n  SELECT CASE{cases} END\n  \
             FROM labelgate.{MY_PROJECT_ROLES} WHERE project_id = $1;\nEND"
        )
    }

    fn define_may_create_project(&self) -> Option<String> {
        let projects = &self.named.projects;
        let may = self.may_create_project()??;
        let (table, column) = (quoted(&projects.table), quote(&projects.workspace_id.inner(), '"'));
        Some(format!(
            "(workspace {table}.{column}%TYPE) RETURNS boolean\n  \
             LANGUAGE sql STABLE BEGIN ATOMIC\n  SELECT COALESCE({}, FALSE);\nEND",
            may.text(),
        ))
    }

    /// Returns the triggers that refuse changes by an UPDATE. A policy cannot compare a row with the row before. The
    /// triggers run AFTER the update, so no other trigger changes the row later.
    fn triggers(&self, rows: Rows) -> Vec<String> {
        let Schema { workspaces, projects, tasks, records, .. } = &self.named;
        let mut fixed = match rows {
            Rows::Workspaces => vec![&workspaces.id, &workspaces.organization_id],
            Rows::Projects => vec![&projects.id, &projects.organization_id],
            Rows::Tasks => vec![&tasks.id, &tasks.project_id],
            Rows::Records => vec![&records.id, &records.task_id],
        };
        let of_record = records.project_id.as_ref().filter(|_| rows == Rows::Records);
        fixed.extend(of_record);
        fixed.extend(self.makers(rows));
        let differs = |column: &DynIden| {
            let column = quote(&column.inner(), '"');
            format!("NEW.{column} IS DISTINCT FROM OLD.{column}")
        };
        let changes: Vec<String> = fixed.iter().map(|column| differs(column)).collect();
        let names: Vec<String> = fixed.iter().map(|column| column.inner().to_string()).collect();
        let (table, names) = (quoted(self.named.named(rows).table), literal(&names.join(", ")));
        let trigger = |name: &str, changes: &str, refused: &str, names: &str| {
            format!(
                "CREATE TRIGGER \"{name}\" AFTER UPDATE ON {table} FOR EACH ROW\n  \
                 WHEN ({changes}\n    AND labelgate.is_bound({}){refused})\n  \
                 EXECUTE FUNCTION labelgate.refuse({names})",
                literal(&table),
            )
        };
        let changes = format!("({})", changes.join("\n    OR "));
        let mut triggers = vec![trigger(FIXED, &changes, "", &names)];
        if rows == Rows::Projects && self.named.has(Rows::Workspaces) {
            let (workspace, name) = (&projects.workspace_id, projects.workspace_id.inner());
            let new = format!("NEW.{}", quote(&name, '"'));
            let may = match self.may_create_project() {
                Some(_) => format!(" AND NOT labelgate.{MAY_CREATE_PROJECT}({new})"),
                None => String::new(),
            };
            triggers.push(trigger(MOVED, &differs(workspace), &may, &literal(&name)));
        }
        triggers
    }
}
