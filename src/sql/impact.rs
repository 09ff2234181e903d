//! Renders what another matrix would do: the members who gain or lose an action, and the rows on which they do.
//!
//! A pair is a member and a row. The decision about a pair follows from its facts, and most pairs have none. So the
//! statements read the pairs that a table links, with their facts as bits, and count the others by multiplication:
//! each member of some role, times each row. A linked pair then adds 1 if the multiplication left it out although its
//! member gains or loses the action, and -1 if the multiplication counted it although nothing changes for its member.
//!
//! Tasks and records have the facts of their project. So the pairs of members and projects are read, and each counts
//! for as many rows as the project has. Only pairs that are linked to a task or a record itself are read one by one.

use alloc::vec::Vec;

use sea_query::{
    Asterisk, CaseStatement, ColumnRef, CommonTableExpression, Expr, ExprTrait, Func, JoinType,
    SelectStatement, UnionType, Value, WithClause,
};

use super::dialect::{Database, ID, ROLE, ROW_ID, USER_ID};
use super::expr::{all, and, any, constant, subquery, truth, union};
use super::facts::{Render, Term};
use super::page::{Page, one_of_by};
use super::people::{ASKED, by_roles, is_one_of, project_role_bits, role_bits};
use super::plan::Conjunction;
use super::schema::{Id, Principal, Rows, Schema, Table};
use super::sources::{Line, Source};
use crate::fact::Fact;
use crate::id::UserId;
use crate::impact::Effect;
use crate::kind::Kind;
use crate::role::Role;
use crate::row::RowId;

/// The pairs of members and rows that tables link, with their facts as bits.
const KNOWN: &str = "labelgate_known";
/// The same pairs, and how much each counts. For tasks and records, the row is the project.
const COUNTED: &str = "labelgate_counted";
/// The pairs of members and tasks or records that a table links, and how much each counts.
const COUNTED_LEAVES: &str = "labelgate_counted_leaves";
const LEAVES: &str = "labelgate_leaves";
const SIZES: &str = "labelgate_sizes";
const SUMS: &str = "labelgate_sums";
const LEAF_SUMS: &str = "labelgate_leaf_sums";

const PROJECT: &str = "project_id";
const BITS: &str = "bits";
const COUNT: &str = "pairs";

/// A role whose members can be concerned.
struct OfRole {
    role: Role,
    /// The alternatives of the matrix that permits the action.
    granting: Vec<Conjunction>,
    /// The alternatives of the matrix that denies the action.
    denying: Vec<Conjunction>,
    unlinked: Unlinked,
}

/// What holds of the pairs of a role that no table links.
#[derive(Clone, Copy, PartialEq)]
enum Unlinked {
    /// They are not concerned.
    None,
    /// They all are.
    All,
    /// It depends on facts that are in no table of links, so each is checked.
    Each,
}

/// Renders the statements that count and list the members who gain or lose an action, and the rows on which they do.
struct Affected<'a> {
    schema: &'a Schema,
    organization: Value,
    /// `None` if the row is the organization, or if the schema does not have the table: then there are no roles.
    rows: Option<Rows>,
    roles: Vec<OfRole>,
    /// A condition on the table of members, such as the cursor of a page. Each query for pairs has it.
    of_member: Option<Expr>,
    /// A condition on the table of the rows.
    of_row: Option<Expr>,
    /// A condition on the table of projects that follows from that on tasks or records.
    of_project: Option<Expr>,
}

/// The roles and their alternatives.
impl<'a> Affected<'a> {
    fn new<T: Id>(schema: &'a Schema, effect: &Effect<'_, T>) -> Self {
        let organization = effect.organization().0.clone().into();
        let rows = Rows::of(effect.kind()).filter(|rows| schema.has(*rows));
        let (roles, of_member, of_row, of_project) = (Vec::new(), None, None, None);
        let mut affected =
            Self { schema, organization, rows, roles, of_member, of_row, of_project };
        if rows.is_none() && effect.kind() != Kind::Organization {
            return affected;
        }
        let of_role = |role| {
            let [granting, denying] = effect.filters(role).map(|filter| match rows {
                Some(rows) => affected.render(role, truth(false)).alternatives(&filter, rows),
                None => filter.is_everything().then(Conjunction::new).into_iter().collect(),
            });
            let unlinked = affected.unlinked(&granting, &denying);
            OfRole { role, granting, denying, unlinked }
        };
        let roles = effect.roles().elements().map(of_role);
        affected.roles = roles.filter(|of| !of.granting.is_empty()).collect();
        affected
    }

    /// Says what holds of pairs without a fact that a table links. A pair has no fact of a task or a record here.
    fn unlinked(&self, granting: &[Conjunction], denying: &[Conjunction]) -> Unlinked {
        let is_linked = |terms: &Conjunction| {
            let is_line = |&term: &Term| matches!(term, Term::Fact(fact) if self.is_line(fact));
            terms.iter().any(is_line)
        };
        let [granting, denying] = [granting, denying].map(|all| self.of_unit(all));
        if granting.iter().all(is_linked) {
            Unlinked::None
        } else if granting.iter().any(Vec::is_empty) && denying.iter().all(is_linked) {
            Unlinked::All
        } else {
            Unlinked::Each
        }
    }

    /// Returns the table whose rows are paired with members: for tasks and records, their projects.
    fn unit(&self) -> Option<Rows> {
        self.rows.map(|rows| rows.min(Rows::Projects))
    }

    /// Returns the table of tasks or records, if these are the rows.
    fn leaf(&self) -> Option<Rows> {
        self.rows.filter(|rows| *rows > Rows::Projects)
    }

    fn is_of_leaf(&self, term: &Term) -> bool {
        self.leaf() == Some(term.rows())
    }

    /// Returns the alternatives that can hold if no fact of the task or the record itself does.
    fn of_unit(&self, alternatives: &[Conjunction]) -> Vec<Conjunction> {
        let can_hold = |terms: &&Conjunction| !terms.iter().any(|term| self.is_of_leaf(term));
        alternatives.iter().filter(can_hold).cloned().collect()
    }

    /// Returns the alternatives if the fact of the task or the record holds.
    fn of_leaf(&self, alternatives: &[Conjunction]) -> Vec<Conjunction> {
        let rest = |terms: &Conjunction| {
            terms.iter().copied().filter(|term| !self.is_of_leaf(term)).collect()
        };
        alternatives.iter().map(rest).collect()
    }

    fn is_line(&self, fact: Fact) -> bool {
        self.schema.line(fact).is_some()
    }

    fn roles(&self, is: impl Fn(&OfRole) -> bool) -> Vec<Role> {
        self.roles.iter().filter(|of| is(of)).map(|of| of.role).collect()
    }

    /// Returns the roles of which every member has every row, as far as no table links the two.
    fn roles_of_all(&self) -> Vec<Role> {
        self.roles(|of| of.unlinked == Unlinked::All)
    }
}

impl OfRole {
    fn asks(&self, term: Term) -> bool {
        self.granting.iter().chain(&self.denying).any(|terms| terms.contains(&term))
    }
}

/// Members and rows of the organization.
impl<'a> Affected<'a> {
    fn database(&self) -> &'static dyn Database {
        self.schema.database()
    }

    fn here(&self) -> Expr {
        Expr::val(self.organization.clone())
    }

    fn render(&self, role: Role, user: Expr) -> Render<'a> {
        let asked = Principal { organization: self.here(), user, role };
        Render { schema: self.schema, asked, workspace: None, project: None }
    }

    /// Returns a condition: the member is in the organization and has one of the roles, and meets that of the page.
    fn is_member(&self, roles: &[Role]) -> Expr {
        let members = &self.schema.organization_members;
        let is_here = members.col(&members.organization_id).eq(self.here());
        and(is_here, [Some(is_one_of(members.col(&members.role), roles)), self.of_member.clone()])
    }

    /// Returns a condition: the workspace or the project is in the organization, and meets that of the page.
    fn is_here(&self, unit: Rows) -> Expr {
        let of_unit = if self.rows == Some(unit) { &self.of_row } else { &self.of_project };
        and(self.render(Role::Owner, truth(false)).bounds(unit), [of_unit.clone()])
    }

    /// Returns a query on the rows of the organization, which selects nothing yet. Tasks and records are joined to
    /// their projects.
    fn all_rows(&self, rows: Rows) -> SelectStatement {
        let mut query = SelectStatement::new();
        query.from(self.schema.named(rows).from());
        let unit = rows.min(Rows::Projects);
        if unit != rows {
            let projects = &self.schema.projects;
            let is_its = projects.col(&projects.id).eq(self.schema.project(rows));
            query.inner_join(projects.from(), is_its).and_where_option(self.of_row.clone());
        }
        query.and_where(self.is_here(unit)).take()
    }

    /// Returns the number of rows, as an expression.
    fn number_of_rows(&self) -> Expr {
        let Some(rows) = self.rows else { return constant(1) };
        subquery(self.all_rows(rows).expr(count()).take())
    }

    /// Returns the number of members with one of the roles, as an expression.
    fn number_of_members(&self, roles: &[Role]) -> Expr {
        let mut query = SelectStatement::new();
        query.expr(count()).from(self.schema.organization_members.from());
        subquery(query.and_where(self.is_member(roles)).take())
    }
}

fn count() -> Expr {
    Func::count(Expr::col(Asterisk)).into()
}

/// The facts of the pairs that tables link.
impl Affected<'_> {
    /// Returns a query for the pairs of members and workspaces or projects that tables link, each once, with their
    /// facts as bits. Returns `None` if no table links any.
    fn known(&self) -> Option<SelectStatement> {
        let unit = self.unit()?;
        let facts = Fact::ALL.into_iter().filter(|fact| Rows::that_have(*fact) <= unit);
        let linked = facts.filter_map(|fact| {
            let (query, user) = self.links(unit, fact)?;
            let roles = self.roles(|of| of.asks(Term::Fact(fact)));
            self.pairs(unit, query, Some(user), &roles, constant(fact.bit().into()))
        });
        let mut found = linked.chain(self.project_roles(unit)).chain(self.each(unit));
        if !self.reads_bits() {
            return Some(union(UnionType::Distinct, found.next()?, found));
        }
        let found = union(UnionType::All, found.next()?, found);
        let mut query = SelectStatement::new();
        query
            .columns([USER_ID, ROLE, ROW_ID])
            .expr_as(self.database().bits_of_group(Expr::col(BITS)), BITS)
            .from_subquery(found, "labelgate_facts")
            .group_by_columns([USER_ID, ROLE, ROW_ID]);
        Some(query)
    }

    /// Returns a query for the members and the projects that rows of project roles link.
    fn project_roles(&self, unit: Rows) -> Option<SelectStatement> {
        let Schema { project_roles: roles, projects, .. } = self.schema;
        let acting = self.roles(|of| unit == Rows::Projects && self.acts(of));
        let mut query = SelectStatement::new();
        let is_its = projects.col(&projects.id).eq(roles.col(&roles.project_id));
        query.from(roles.from()).inner_join(projects.from(), is_its);
        let (user, bits) = (roles.col(&roles.user_id), project_role_bits(roles));
        self.pairs(unit, query, Some(user), &acting, bits)
    }

    /// Returns a query for each member together with each row, of the roles of which each pair is checked.
    fn each(&self, unit: Rows) -> Option<SelectStatement> {
        let mut query = SelectStatement::new();
        query.from(self.schema.named(unit).from());
        let roles = self.roles(|of| of.unlinked == Unlinked::Each);
        self.pairs(unit, query, None, &roles, constant(0))
    }

    /// Returns a query for the users and the workspaces or projects that the table of a fact links, and the column of
    /// the users.
    fn links(&self, unit: Rows, fact: Fact) -> Option<(SelectStatement, Expr)> {
        let Schema { workspaces, projects, .. } = self.schema;
        let of = Rows::that_have(fact);
        let (mut query, line) = self.link(fact)?;
        if of < unit {
            let is_its = projects.col(&projects.workspace_id).eq(Expr::col(self.schema.id_of(of)));
            query.inner_join(projects.from(), is_its);
            query.and_where(workspaces.col(&workspaces.organization_id).eq(self.here()));
        }
        Some((query, line.table.col(line.user())))
    }

    /// Returns a query for the users and the rows that the table of a fact links. The rows are those that have it.
    fn link(&self, fact: Fact) -> Option<(SelectStatement, Line<'_>)> {
        let of = Rows::that_have(fact);
        let (line, is_column) = match self.schema.source(fact)? {
            Source::Column(line) => (line, true),
            Source::Link(line) => (line, false),
            Source::Value(_) | Source::Role(_) | Source::Own(_) => return None,
        };
        let (mut query, key) = line.links_of_all();
        if !is_column {
            let is_its = Expr::col(self.schema.id_of(of)).eq(Expr::col(key));
            query.inner_join(self.schema.named(of).from(), is_its);
        }
        query.and_where_option(line.of_row.clone());
        Some((query, line))
    }

    /// Selects pairs of members and workspaces or projects from a query that has `user` and the table of the row.
    /// Without `user`, each member has each row. Returns `None` if there are no roles.
    fn pairs(
        &self,
        unit: Rows,
        mut query: SelectStatement,
        user: Option<Expr>,
        roles: &[Role],
        bits: Expr,
    ) -> Option<SelectStatement> {
        let members = &self.schema.organization_members;
        let member = members.col(&members.user_id);
        match user {
            Some(user) => query.inner_join(members.from(), user.eq(member.clone())),
            None => query.cross_join(members.from()),
        };
        query
            .expr_as(member, USER_ID)
            .expr_as(members.col(&members.role), ROLE)
            .expr_as(Expr::col(self.schema.id_of(unit)), ROW_ID)
            .and_where(self.is_member(roles))
            .and_where(self.is_here(unit));
        if self.reads_bits() {
            query.expr_as(bits, BITS);
        }
        Some(query).filter(|_| !roles.is_empty())
    }

    /// Returns true if rows of project roles decide about members of this role.
    fn acts(&self, of: &OfRole) -> bool {
        let terms = of.granting.iter().chain(&of.denying).flatten();
        let render = self.render(of.role, truth(false));
        terms.into_iter().any(|term| render.acts_as(*term, &|_| truth(true)).is_some())
    }
}

/// How much each pair counts.
impl Affected<'_> {
    /// Returns the term as a condition on a pair: on its bits, or on the row of the workspace or project.
    fn holds(&self, role: Role, term: Term, pair: &'static str, bits: &Expr) -> Option<Expr> {
        let has = |bit: i32| bits.clone().bit_and(constant(bit)).ne(constant(0));
        let render = self.render(role, Expr::col((pair, USER_ID)));
        match term {
            Term::Fact(fact) if self.is_line(fact) => Some(has(fact.bit().into())),
            _ => {
                let roles = &self.schema.project_roles;
                let acts_as = render.acts_as(term, &|of| has(role_bits(roles, of)));
                acts_as.or_else(|| render.holds(self.unit()?, term))
            }
        }
    }

    /// Returns true if terms read the row of the workspace or project.
    fn reads_unit(&self) -> bool {
        self.roles.iter().any(|of| {
            let render = self.render(of.role, truth(false));
            let is_known = |term: &Term| match term {
                Term::Fact(fact) if self.is_line(*fact) => true,
                _ => self.is_of_leaf(term) || render.acts_as(*term, &|_| truth(true)).is_some(),
            };
            !of.granting.iter().chain(&of.denying).flatten().all(is_known)
        })
    }

    /// Returns a condition: one matrix permits the action on the pair and the other denies it. `None` is no
    /// condition.
    fn is_affected(
        &self,
        holds: impl Fn(Term) -> Option<Expr>,
        granting: &[Conjunction],
        denying: &[Conjunction],
    ) -> Option<Expr> {
        let denies = |holds: Expr| holds.is_not(truth(true));
        let denied =
            (!denying.is_empty()).then(|| one_of_by(&holds, denying).map_or(truth(false), denies));
        let granted = match granting {
            [] => Some(truth(false)),
            _ => one_of_by(&holds, granting),
        };
        all(granted.into_iter().chain(denied))
    }

    /// Returns true if each linked pair of the role counts, whichever table links it.
    fn counts_each(&self, of: &OfRole) -> bool {
        let [granting, denying] = [&of.granting, &of.denying].map(|all| self.of_unit(all));
        let deciding = match of.unlinked {
            Unlinked::None if denying.is_empty() => granting,
            Unlinked::All => denying,
            Unlinked::None | Unlinked::Each => return false,
        };
        let is_link = |term: &&Term| matches!(**term, Term::Fact(fact) if self.is_line(fact));
        let terms = of.granting.iter().chain(&of.denying).flatten();
        let mut links = terms.filter(|term| !self.is_of_leaf(term)).filter(is_link);
        !self.acts(of) && links.all(|link| deciding.iter().any(|terms| **terms == [*link]))
    }

    /// Returns true if the facts of the linked pairs have to be known.
    fn reads_bits(&self) -> bool {
        let has_leaf = |of: &OfRole| {
            of.granting.iter().chain(&of.denying).flatten().any(|term| self.is_of_leaf(term))
        };
        self.roles.iter().any(|of| has_leaf(of) || !self.counts_each(of))
    }

    /// Returns a query for the linked pairs of members and workspaces or projects that count, and how much.
    fn counted(&self, known: SelectStatement) -> SelectStatement {
        let bits = Expr::col((KNOWN, BITS));
        let counts = self.roles.iter().map(|of| {
            let holds = |term| self.holds(of.role, term, KNOWN, &bits);
            let [granting, denying] = [&of.granting, &of.denying].map(|all| self.of_unit(all));
            let counts = match of.unlinked {
                _ if self.counts_each(of) => None,
                // A pair that is denied already differs from those that no table links.
                Unlinked::All => self.is_affected(holds, &denying, &[]),
                Unlinked::None | Unlinked::Each => self.is_affected(holds, &granting, &denying),
            };
            (of.role, counts)
        });
        let role = Expr::col((KNOWN, ROLE));
        let counts = by_roles(counts);
        let counts = match counts.as_slice() {
            [(_, counts)] => counts.clone(),
            _ => Some(any(counts
                .into_iter()
                .map(|(roles, counts)| and(is_one_of(role.clone(), &roles), [counts])))),
        };
        let of_all = self.roles_of_all();
        let count = if of_all.is_empty() {
            constant(1)
        } else if of_all.len() == self.roles.len() {
            constant(-1)
        } else {
            let case = CaseStatement::new().case(is_one_of(role, &of_all), constant(-1));
            case.finally(constant(1)).into()
        };
        let mut query = SelectStatement::new();
        query.columns([(KNOWN, USER_ID), (KNOWN, ROW_ID)]).expr_as(count, COUNT);
        match self.leaf() {
            Some(_) => query.from(KNOWN),
            None => query.from_subquery(known, KNOWN),
        };
        self.join_unit(&mut query, Expr::col((KNOWN, ROW_ID)));
        query.and_where_option(counts).take()
    }

    /// Joins the row of the workspace or project, if terms read it.
    fn join_unit(&self, query: &mut SelectStatement, id: Expr) {
        if let Some(unit) = self.unit().filter(|_| self.reads_unit()) {
            let is_its = Expr::col(self.schema.id_of(unit)).eq(id);
            query.inner_join(self.schema.named(unit).from(), is_its);
        }
    }

    /// Returns a query for the linked pairs of members and tasks or records, and how much each counts beside what the
    /// project counts for. Returns `None` if no fact of a task or a record matters.
    fn counted_leaves(&self, has_known: bool) -> Option<SelectStatement> {
        let leaves = self.leaves()?;
        let known = Expr::col((KNOWN, BITS));
        let bits =
            if has_known { Func::coalesce([known, constant(0)]).into() } else { constant(0) };
        let counts = by_roles(self.roles.iter().map(|of| {
            let holds = |term| self.holds(of.role, term, LEAVES, &bits);
            let counts = |alternatives: fn(&Self, &[Conjunction]) -> Vec<Conjunction>| -> Expr {
                let [granting, denying] =
                    [&of.granting, &of.denying].map(|all| alternatives(self, all));
                match self.is_affected(holds, &granting, &denying) {
                    None => constant(1),
                    Some(is_affected) => {
                        let case = CaseStatement::new().case(is_affected, constant(1));
                        case.finally(constant(0)).into()
                    }
                }
            };
            (of.role, counts(Self::of_leaf).sub(counts(Self::of_unit)))
        }));
        let role = Expr::col((LEAVES, ROLE));
        let counts = counts.into_iter().fold(CaseStatement::new(), |case, (roles, counts)| {
            case.case(is_one_of(role.clone(), &roles), counts)
        });
        let mut query = SelectStatement::new();
        query
            .columns([(LEAVES, USER_ID), (LEAVES, ROW_ID)])
            .expr_as(counts.finally(constant(0)), COUNT)
            .from_subquery(leaves, LEAVES);
        if has_known {
            let same = |known, leaf| Expr::col((KNOWN, known)).equals((LEAVES, leaf));
            query.left_join(KNOWN, same(USER_ID, USER_ID).and(same(ROW_ID, PROJECT)));
        }
        self.join_unit(&mut query, Expr::col((LEAVES, PROJECT)));
        let mut that_count = SelectStatement::new();
        that_count.columns([USER_ID, ROW_ID, COUNT]).from_subquery(query, "labelgate_pairs");
        Some(that_count.and_where(Expr::col(COUNT).ne(constant(0))).take())
    }

    /// Returns a query for the members and the tasks or records that the fact of these links.
    fn leaves(&self) -> Option<SelectStatement> {
        let leaf = self.leaf()?;
        let fact = Fact::ALL.into_iter().find(|fact| Rows::that_have(*fact) == leaf)?;
        let roles = self.roles(|of| of.asks(Term::Fact(fact)));
        if roles.is_empty() {
            return None;
        }
        let Schema { organization_members: members, projects, .. } = self.schema;
        let (user, role) = (members.col(&members.user_id), members.col(&members.role));
        let is_its = projects.col(&projects.id).eq(self.schema.project(leaf));
        let mut query = match self.link(fact) {
            Some((mut query, line)) => {
                query.inner_join(projects.from(), is_its);
                query.inner_join(members.from(), line.table.col(line.user()).eq(user.clone()));
                query.expr_as(user, USER_ID).expr_as(role, ROLE).and_where(self.is_member(&roles));
                query.and_where_option(self.of_row.clone());
                query.and_where(self.is_here(Rows::Projects)).take()
            }
            None => self.own_leaves(leaf, fact, &roles),
        };
        query
            .expr_as(projects.col(&projects.id), PROJECT)
            .expr_as(Expr::col(self.schema.id_of(leaf)), ROW_ID);
        Some(query)
    }

    /// Selects the members and the tasks or records for which the service's own expression of the fact holds.
    fn own_leaves(&self, leaf: Rows, fact: Fact, roles: &[Role]) -> SelectStatement {
        let members = &self.schema.organization_members;
        let mut asked = SelectStatement::new();
        asked
            .expr_as(members.col(&members.user_id), ASKED.1)
            .expr_as(members.col(&members.role), ROLE)
            .from(members.from())
            .and_where(self.is_member(roles));
        let holds =
            by_roles(roles.iter().map(|&role| {
                (role, self.render(role, Expr::col(ASKED)).holds_of(Term::Fact(fact)))
            }));
        let role = Expr::col((ASKED.0, ROLE));
        let holds = holds
            .into_iter()
            .filter_map(|(roles, holds)| Some(is_one_of(role.clone(), &roles).and(holds?)));
        let mut query = self.all_rows(leaf);
        query
            .join_subquery(JoinType::InnerJoin, asked, ASKED.0, truth(true))
            .expr_as(Expr::col(ASKED), USER_ID)
            .expr_as(role.clone(), ROLE)
            .and_where(any(holds));
        query
    }
}

/// The queries that several parts of a statement read.
struct Named {
    with: WithClause,
    has_units: bool,
    has_leaves: bool,
}

/// The statements.
impl Affected<'_> {
    fn named(&self) -> Named {
        let mut with = WithClause::new();
        let mut add = |name: &'static str, query| {
            let mut named = CommonTableExpression::new();
            named.table_name(name).query(query);
            with.cte(named);
        };
        let known = self.known();
        let has_units = known.is_some();
        if let Some(known) = known {
            if self.leaf().is_some() {
                add(KNOWN, known.clone());
            }
            add(COUNTED, self.counted(known));
        }
        let leaves = self.counted_leaves(has_units);
        let has_leaves = leaves.is_some();
        leaves.into_iter().for_each(|leaves| add(COUNTED_LEAVES, leaves));
        Named { with, has_units, has_leaves }
    }

    /// Returns a query for the linked pairs as members and numbers of rows. A project counts for all that it holds.
    fn weighed(&self, named: &Named) -> Option<SelectStatement> {
        let units = named.has_units.then(|| {
            let mut query = SelectStatement::new();
            query.column((COUNTED, USER_ID)).from(COUNTED);
            let counts = Expr::col((COUNTED, COUNT));
            match self.leaf() {
                None => query.expr_as(counts, COUNT),
                Some(leaf) => {
                    let id = self.schema.id_of(Rows::Projects);
                    let mut sizes = self.all_rows(leaf);
                    sizes.expr_as(Expr::col(id.clone()), ID).expr_as(count(), COUNT);
                    sizes.group_by_col(id);
                    let is_its = Expr::col((SIZES, ID)).equals((COUNTED, ROW_ID));
                    query.join_subquery(JoinType::InnerJoin, sizes, SIZES, is_its);
                    query.expr_as(counts.mul(Expr::col((SIZES, COUNT))), COUNT)
                }
            };
            query
        });
        let leaves = named.has_leaves.then(|| {
            let mut query = SelectStatement::new();
            query.columns([USER_ID, COUNT]).from(COUNTED_LEAVES).take()
        });
        let mut all = units.into_iter().chain(leaves);
        Some(union(UnionType::All, all.next()?, all))
    }

    /// Returns a query for the members who are concerned, with the number of rows of each.
    fn members(&self, named: &Named) -> SelectStatement {
        let members = &self.schema.organization_members;
        let user = members.col(&members.user_id);
        let of_all = self.roles_of_all();
        let mut query = SelectStatement::new();
        query.expr_as(user.clone(), USER_ID).expr_as(members.col(&members.role), ROLE);
        query.from(members.from()).and_where(self.is_member(&self.roles(|_| true)));
        let linked = self.weighed(named).map(|pairs| {
            let sums = sums(USER_ID, pairs);
            let join = if of_all.is_empty() { JoinType::InnerJoin } else { JoinType::LeftJoin };
            query.join_subquery(join, sums, SUMS, Expr::col((SUMS, USER_ID)).eq(user));
            Func::coalesce([Expr::col((SUMS, COUNT)), constant(0)]).into()
        });
        let unlinked = (!of_all.is_empty()).then(|| {
            let is_of_all = is_one_of(members.col(&members.role), &of_all);
            let case = CaseStatement::new().case(is_of_all, self.number_of_rows());
            case.finally(constant(0)).into()
        });
        self.positive(&mut query, "rows", [linked, unlinked]);
        query
    }

    /// Returns a query for the rows that are concerned, with the number of members of each.
    fn rows(&self, named: &Named) -> SelectStatement {
        let of_all = self.roles_of_all();
        let Some(rows) = self.rows else { return self.organization_as_row(&of_all) };
        let mut query = self.all_rows(rows);
        query.expr_as(Expr::col(self.schema.id_of(rows)), ID);
        let is_inner = of_all.is_empty() && !(named.has_units && named.has_leaves);
        let join = if is_inner { JoinType::InnerJoin } else { JoinType::LeftJoin };
        let mut linked = |counted: &'static str, sums_of: &'static str, rows| -> Expr {
            let mut pairs = SelectStatement::new();
            pairs.columns([ROW_ID, COUNT]).from(counted);
            let is_its = Expr::col((sums_of, ROW_ID)).eq(Expr::col(self.schema.id_of(rows)));
            query.join_subquery(join, sums(ROW_ID, pairs), sums_of, is_its);
            Func::coalesce([Expr::col((sums_of, COUNT)), constant(0)]).into()
        };
        let unit = rows.min(Rows::Projects);
        let units = named.has_units.then(|| linked(COUNTED, SUMS, unit));
        let leaves = named.has_leaves.then(|| linked(COUNTED_LEAVES, LEAF_SUMS, rows));
        let unlinked = (!of_all.is_empty()).then(|| self.number_of_members(&of_all));
        self.positive(&mut query, "members", [units, leaves, unlinked]);
        query
    }

    /// Returns a query for the organization itself, if a member is concerned.
    fn organization_as_row(&self, roles: &[Role]) -> SelectStatement {
        let members = &self.schema.organization_members;
        let id = members.column(&members.organization_id);
        let mut query = SelectStatement::new();
        query.expr_as(Expr::col(id.clone()), ID).expr_as(count(), "members").from(members.from());
        query.and_where(self.is_member(roles)).and_where_option(self.of_row.clone());
        query.group_by_col(id).take()
    }

    /// Selects the sum of the numbers, and keeps what has a sum above 0.
    fn positive<const N: usize>(
        &self,
        query: &mut SelectStatement,
        name: &'static str,
        numbers: [Option<Expr>; N],
    ) {
        let sum = numbers.into_iter().flatten().reduce(ExprTrait::add).unwrap_or(constant(0));
        query.expr_as(sum.clone().cast_as("BIGINT"), name).and_where(sum.gt(constant(0)));
    }

    /// Returns a query for the numbers of members, rows and pairs, if each linked pair counts for 1 and the others
    /// for nothing: reads the pairs once.
    fn count_links(&self) -> Option<SelectStatement> {
        if self.leaf().is_some() || !self.roles_of_all().is_empty() {
            return None;
        }
        let mut query = SelectStatement::new();
        query
            .expr_as(Func::count_distinct(Expr::col(USER_ID)), "members")
            .expr_as(Func::count_distinct(Expr::col(ROW_ID)), "rows")
            .expr_as(count(), COUNT)
            .from_subquery(self.counted(self.known()?), COUNTED);
        Some(query)
    }

    fn count(&self) -> SelectStatement {
        self.count_links().unwrap_or_else(|| self.count_all())
    }

    fn count_all(&self) -> SelectStatement {
        let named = self.named();
        let number = |query: SelectStatement, name: &'static str| {
            let mut number = SelectStatement::new();
            subquery(number.expr(count()).from_subquery(query, name).take())
        };
        let linked = self.weighed(&named).map(|pairs| {
            let mut sum = SelectStatement::new();
            sum.expr(Expr::col(COUNT).sum()).from_subquery(pairs, SUMS);
            Func::coalesce([subquery(sum), constant(0)]).into()
        });
        let of_all = self.roles_of_all();
        let unlinked = (!of_all.is_empty())
            .then(|| self.number_of_members(&of_all).mul(self.number_of_rows()));
        let pairs = [linked, unlinked].into_iter().flatten().reduce(ExprTrait::add);
        let mut query = SelectStatement::new();
        query
            .expr_as(number(self.members(&named), "labelgate_members"), "members")
            .expr_as(number(self.rows(&named), "labelgate_rows"), "rows")
            .expr_as(pairs.unwrap_or(constant(0)).cast_as("BIGINT"), COUNT);
        with(query, named)
    }

    /// Returns the column with the ids of the members.
    fn member_id(&self) -> ColumnRef {
        let members = &self.schema.organization_members;
        members.column(&members.user_id)
    }

    /// Returns the column with the ids of the rows.
    fn row_id(&self) -> ColumnRef {
        let members = &self.schema.organization_members;
        match self.rows {
            Some(rows) => self.schema.id_of(rows),
            None => members.column(&members.organization_id),
        }
    }

    /// Keeps the pairs of one member.
    fn only_member(&mut self, user: Value) {
        self.of_member = Some(Expr::col(self.member_id()).eq(Expr::val(user)));
    }

    /// Keeps the pairs of one row.
    fn only_row(&mut self, id: Value) {
        let is_it = Expr::col(self.row_id()).eq(Expr::val(id));
        if self.rows.is_none() {
            self.of_member = Some(is_it);
            return;
        }
        self.of_project = self.leaf().map(|leaf| {
            let mut project = SelectStatement::new();
            project.expr(self.schema.project(leaf)).from(self.schema.named(leaf).from());
            project.and_where(is_it.clone());
            let projects = &self.schema.projects;
            self.database().is_in(projects.col(&projects.id), project)
        });
        self.of_row = Some(is_it);
    }

    fn page_of_members(mut self, page: &Page) -> SelectStatement {
        let id = self.member_id();
        self.of_member = all(self.of_member.take().into_iter().chain(conditions(page, &id)));
        let named = self.named();
        let query = self.members(&named);
        with(paged(query, id, page), named)
    }

    fn page_of_rows(mut self, page: &Page) -> SelectStatement {
        let id = self.row_id();
        self.of_row = all(self.of_row.take().into_iter().chain(conditions(page, &id)));
        let named = self.named();
        let query = self.rows(&named);
        with(paged(query, id, page), named)
    }
}

/// Returns the sums of the numbers of pairs.
fn sums(key: &'static str, pairs: SelectStatement) -> SelectStatement {
    let mut query = SelectStatement::new();
    query.column(key).expr_as(Expr::col(COUNT).sum(), COUNT);
    query.from_subquery(pairs, "labelgate_pairs").group_by_col(key).take()
}

fn with(mut query: SelectStatement, named: Named) -> SelectStatement {
    if named.has_units || named.has_leaves {
        query.with_cte(named.with);
    }
    query
}

/// Returns the conditions of a page: its cursor, and the service's own.
fn conditions(page: &Page, id: &ColumnRef) -> impl Iterator<Item = Expr> {
    let mut page = page.clone();
    let search = page.take_search();
    [page.begins(id.clone()), page.condition().cloned(), search].into_iter().flatten()
}

/// Adds the order and the limit of a page.
fn paged(mut query: SelectStatement, id: ColumnRef, page: &Page) -> SelectStatement {
    query.order_by_expr(Expr::col(id), page.order().clone());
    page.limit(&mut query);
    query
}

impl Schema {
    /// Returns a query for three numbers: `members`, those who gain or lose the action on at least one row; `rows`,
    /// those on which at least one member does; and `pairs`, all members and rows of which this is so.
    ///
    /// ```
    /// use labelgate::membership::MembershipPolicy;
    /// use labelgate::overrides::{Override, Overrides};
    /// use labelgate::sets::Roles;
    /// use labelgate::sql::Schema;
    /// use labelgate::{Action, Matrix, OrganizationId, Role, Subject, UserId};
    /// use sea_query::SqliteQueryBuilder;
    ///
    /// let only_administrators = Override { permission: Action::ExportData, roles: Roles::Administrator };
    /// let after = Overrides::new([only_administrators]).unwrap().matrix();
    /// let olivia = Subject::new(OrganizationId(1), UserId(1), Role::Owner);
    /// let policy = MembershipPolicy::new(OrganizationId(1));
    /// let impact = policy.preview_matrix(&olivia, Matrix::BUILT_IN, after)?.into_change();
    ///
    /// let lost = impact.lost(Action::ExportData);
    /// let (sql, values) = Schema::sqlite().count_effect(&lost).build(SqliteQueryBuilder);
    /// assert!(sql.contains(r#""organization_members"."role" = 'MA'"#));
    /// # Ok::<(), labelgate::membership::Refused>(())
    /// ```
    #[must_use]
    pub fn count_effect<T: Id>(&self, effect: &Effect<'_, T>) -> SelectStatement {
        Affected::new(self, effect).count()
    }

    /// Returns a query for a page of the members who gain or lose the action on at least one row, in the order of
    /// their user ids. It selects `user_id`, `role`, and `rows`: the number of rows.
    ///
    /// [`Page::after`] takes the id of the last user of the page before, and [`Page::only`] a condition on the table
    /// of [members](super::OrganizationMembers). [`Page::search`] does the same as `only`.
    ///
    /// ```
    /// use labelgate::impact::Impact;
    /// use labelgate::sql::{Page, Schema};
    /// use labelgate::{Action, ProjectId, UserId};
    /// use sea_query::SelectStatement;
    ///
    /// /// Who loses the export, and on which projects; what Mia loses, and who loses it on project 100.
    /// fn pages(schema: &Schema, impact: &Impact<i64>) -> [SelectStatement; 4] {
    ///     let (lost, page) = (impact.lost(Action::ExportData), Page::of(50));
    ///     [
    ///         schema.effect_members(&lost, &page),
    ///         schema.effect_rows(&lost, &page),
    ///         schema.effect_rows_of(&lost, &UserId(7), &page),
    ///         schema.effect_members_on(&lost, &ProjectId(100), &page),
    ///     ]
    /// }
    /// ```
    #[must_use]
    pub fn effect_members<T: Id>(&self, effect: &Effect<'_, T>, page: &Page) -> SelectStatement {
        Affected::new(self, effect).page_of_members(page)
    }

    /// Returns the same page for one row: the members who gain or lose the action on it. There are none if the row is
    /// not of the effect's [kind](Effect::kind).
    #[must_use]
    pub fn effect_members_on<T: Id, I: RowId<Value: Id>>(
        &self,
        effect: &Effect<'_, T>,
        row: &I,
        page: &Page,
    ) -> SelectStatement {
        let mut affected = Affected::new(self, effect);
        if I::KIND == effect.kind() {
            affected.only_row(row.value().clone().into());
        } else {
            affected.roles.clear();
        }
        affected.page_of_members(page)
    }

    /// Returns a query for a page of the rows on which at least one member gains or loses the action, in the order of
    /// their ids. It selects `id`, and `members`: the number of members. The rows are of the effect's
    /// [kind](Effect::kind); the row of an action on an organization is the organization.
    ///
    /// [`Page::after`] takes the id of the last row of the page before, and [`Page::only`] a condition on the table
    /// of the rows. [`Page::search`] does the same as `only`.
    #[must_use]
    pub fn effect_rows<T: Id>(&self, effect: &Effect<'_, T>, page: &Page) -> SelectStatement {
        Affected::new(self, effect).page_of_rows(page)
    }

    /// Returns the same page for one user: the rows on which the user gains or loses the action.
    #[must_use]
    pub fn effect_rows_of<T: Id, U: Id>(
        &self,
        effect: &Effect<'_, T>,
        user: &UserId<U>,
        page: &Page,
    ) -> SelectStatement {
        let mut affected = Affected::new(self, effect);
        affected.only_member(user.0.clone().into());
        affected.page_of_rows(page)
    }
}
