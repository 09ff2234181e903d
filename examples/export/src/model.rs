//! A model of types and relations, from which OpenFGA and SpiceDB are printed.
//!
//! An organization has a relation for each role. A fact is a relation of the row that it is selected with, such as
//! `project_member` of a project. An action is a relation too: [`relation`] names it. Each of its terms asks for a
//! role, so a user without a role has nothing, and a tuple that is missing can only deny.
//!
//! An action on tasks is asked of a task or a record. On the project there is what both have in common:
//! `can_data_view_all` is who may do it to all tasks and records, `can_data_view_own` who may do it to their own.

use labelgate::sets::{FactSet, Roles};
use labelgate::{Action, Fact, Facts, Filter, Kind, Role};

pub use crate::expr::Expr;
use crate::expr::Syntax;
use crate::levels::Levels;
use crate::names;
use crate::product::Product;
use crate::rules::{Rules, Stage};

/// The most characters of a printed line.
pub const WIDTH: usize = 210;

/// Returns the relation that an action is.
///
/// ```
/// use labelgate::Action;
///
/// assert_eq!(labelgate_export::model::relation(Action::ExportData), "can_data_export");
/// ```
#[must_use]
pub fn relation(action: Action) -> String {
    format!("can_{}", names::action(action))
}

/// Whom tuples of a relation name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A user.
    User,
    /// Everybody at once, as `user:*`: a setting that is on.
    Everyone,
    /// The object that this one is in.
    Object(Kind),
}

/// A type of the model.
#[derive(Clone, Debug)]
pub struct Type {
    /// The kind of row. Its name is the name of the type.
    pub kind: Kind,
    /// The relations that tuples are written for. They are the same in all models.
    pub relations: Vec<(String, Target)>,
    /// The relations that follow from others.
    pub definitions: Vec<(String, Expr)>,
}

/// Types with relations.
///
/// ```
/// use labelgate::Matrix;
/// use labelgate_export::model::Model;
/// use labelgate_export::rules::Rules;
///
/// let model = Model::new(&Rules::of(Matrix::BUILT_IN));
/// assert_eq!(model.types.len(), 5);
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    /// From the outside in: organization, workspace, project, task, record.
    pub types: Vec<Type>,
}

impl Model {
    /// The model of one set of rules.
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        let mut model = Self::without_actions();
        for action in Action::ALL {
            let filters = Role::ALL.map(|role| rules.filter(role, action));
            model.action(action, &[Stage { level: None, filters }]);
        }
        model.sorted()
    }

    /// One model for organizations with different overrides: tuples say how far down an action goes.
    #[must_use]
    pub fn with_levels(levels: &Levels) -> Self {
        let mut model = Self::without_actions();
        for action in Action::ALL {
            model.levels(action, levels);
            model.action(action, levels.of(action));
        }
        model.sorted()
    }

    fn without_actions() -> Self {
        Self { types: Kind::ALL.map(Type::new).into() }
    }

    /// Puts the actions behind what they are defined with.
    fn sorted(mut self) -> Self {
        for of in &mut self.types {
            of.definitions.sort_by_key(|(name, _)| name.starts_with("can_"));
        }
        self
    }

    fn of(&mut self, kind: Kind) -> &mut Type {
        &mut self.types[kind as usize]
    }

    /// The relations that say how far down an action goes, and those that follow: who is at that level or further.
    fn levels(&mut self, action: Action, levels: &Levels) {
        let organization = self.of(Kind::Organization);
        let mut further = None;
        for level in levels.of(action).iter().rev().filter_map(|stage| stage.level) {
            let down_to = Levels::relation(action, level);
            organization.relations.push((down_to.clone(), Target::Everyone));
            let mut terms = vec![Expr::Relation(down_to)];
            terms.extend(further.take().map(Expr::Relation));
            let reaches = Levels::reaches(action, level);
            organization.definitions.push((reaches.clone(), Expr::any(terms)));
            further = Some(reaches);
        }
    }

    fn action(&mut self, action: Action, stages: &[Stage]) {
        let (kind, name) = (action.kind(), relation(action));
        if kind < Kind::Task {
            let terms = self.terms(action, stages, kind, None);
            return self.of(kind).define_or_nobody(name, terms);
        }
        // Whoever is assigned to a task has tasks in its project, so that one relation serves tasks and records.
        let mut filters = stages.iter().flat_map(|stage| stage.filters);
        assert!(
            filters.all(|filter| shares_own(&filter)),
            "{action}: assignees are not as authors"
        );
        let project = |relation| Expr::From { relation, object: Kind::Project };
        let all = self.terms(action, stages, Kind::Project, None);
        let all = self.of(Kind::Project).define_any(format!("{name}_all"), all).map(project);
        let own = self.terms(action, stages, Kind::Project, Some(Fact::Author));
        let own = self.of(Kind::Project).define_any(format!("{name}_own"), own).map(project);
        for (kind, fact) in [(Kind::Task, Fact::Assignee), (Kind::Record, Fact::Author)] {
            let fact = Expr::Relation(fact.name().to_owned());
            let own = own.clone().map(|own| Expr::All(vec![fact, own]));
            self.of(kind)
                .define_or_nobody(name.clone(), all.clone().into_iter().chain(own).collect());
        }
    }

    /// Who may do an action to a row of a kind, or to all rows in it. With `own`: who may do it to the rows in it
    /// that they are assigned to or author of.
    fn terms(
        &mut self,
        action: Action,
        stages: &[Stage],
        kind: Kind,
        own: Option<Fact>,
    ) -> Vec<Expr> {
        let grants = grants(stages, own);
        let terms = grants.into_iter().map(|Grant { level, product, roles }| {
            let mut terms = vec![self.holders(action, level, roles, kind)];
            if !product.sums().is_empty() {
                terms.push(self.product(kind, &product));
            }
            Expr::all(terms)
        });
        terms.collect()
    }

    /// The members of the organization who have one of the roles, if the action goes down to the level.
    fn holders(&mut self, action: Action, level: Option<Role>, roles: Roles, kind: Kind) -> Expr {
        let organization = self.of(Kind::Organization);
        let mut relation = names::roles(roles);
        let terms = roles.elements().map(|role| Expr::Relation(names::role(role).to_owned()));
        let terms: Vec<_> = terms.collect();
        if terms.len() > 1 {
            relation = organization.define(relation, Expr::Any(terms));
        }
        if let Some(level) = level {
            let reaches = Expr::Relation(Levels::reaches(action, level));
            let suffix = Some(names::role(level)).filter(|name| *name != relation);
            let parts = [Some(&*names::action(action)), Some(&*relation), suffix];
            let name = parts.into_iter().flatten().collect::<Vec<_>>().join("_");
            relation =
                organization.define(name, Expr::All(vec![Expr::Relation(relation), reaches]));
        }
        match kind {
            Kind::Organization => Expr::Relation(relation),
            _ => Expr::From { relation, object: Kind::Organization },
        }
    }

    /// Facts of a workspace or project, with a name if they are more than one.
    fn product(&mut self, kind: Kind, product: &Product) -> Expr {
        if let Some(fact) = product.fact() {
            return match fact.level() {
                level if level == kind => Expr::Relation(fact.name().to_owned()),
                object => Expr::From { relation: fact.name().to_owned(), object },
            };
        }
        let sums = product.sums().iter().map(|sum| Expr::any(self.sum(kind, *sum)));
        match Expr::all(sums.collect()) {
            named @ Expr::From { .. } => named,
            expr => {
                let name = names::product(product.sums());
                let name = name.unwrap_or_else(|| "some_facts".to_owned());
                Expr::Relation(self.of(kind).define(name, expr))
            }
        }
    }

    /// Facts one of which must hold. On a project, those of its workspace are a relation of the workspace.
    fn sum(&mut self, kind: Kind, sum: FactSet) -> Vec<Expr> {
        let is_outer = |fact: &Fact| fact.level() < kind;
        let outer: FactSet = sum.elements().filter(is_outer).collect();
        let mut terms = Vec::new();
        if !outer.is_empty() {
            let facts = outer.elements().map(FactSet::of);
            let [product] = &Product::factored(facts)[..] else {
                unreachable!("a sum is one product")
            };
            terms.push(match self.product(Kind::Workspace, product) {
                Expr::Relation(relation) => Expr::From { relation, object: Kind::Workspace },
                other => other,
            });
        }
        let inner = sum.elements().filter(|fact| !is_outer(fact));
        terms.extend(inner.map(|fact| Expr::Relation(fact.name().to_owned())));
        terms
    }
}

impl Type {
    fn new(kind: Kind) -> Self {
        let mut relations = Vec::new();
        let containers: &[Kind] = match kind {
            Kind::Organization => &[],
            Kind::Workspace => &[Kind::Organization],
            Kind::Project => &[Kind::Organization, Kind::Workspace],
            Kind::Task | Kind::Record => &[Kind::Project],
        };
        let containers = containers.iter().map(|&object| (object.name(), Target::Object(object)));
        relations.extend(containers);
        if kind == Kind::Organization {
            let roles = Role::ALL.into_iter().filter(|role| role.is_active());
            relations.extend(roles.map(|role| (names::role(role), Target::User)));
        }
        let facts = Fact::ALL.into_iter().filter(|fact| fact.level() == kind);
        relations.extend(facts.map(|fact| match fact {
            Fact::OwnDataPermitted => (fact.name(), Target::Everyone),
            _ => (fact.name(), Target::User),
        }));
        let relations = relations.into_iter().map(|(name, target)| (name.to_owned(), target));
        Self { kind, relations: relations.collect(), definitions: Vec::new() }
    }

    /// Adds a definition, and returns its name. If there is another one of that name, it gets a number.
    fn define(&mut self, name: String, expr: Expr) -> String {
        let numbered = |number: usize| match number {
            0 => name.clone(),
            _ => format!("{name}_{}", number + 1),
        };
        for name in (0..).map(numbered) {
            match self.definitions.iter().find(|(other, _)| *other == name) {
                Some((_, other)) if *other != expr => {}
                Some(_) => return name,
                None => {
                    self.definitions.push((name.clone(), expr));
                    return name;
                }
            }
        }
        unreachable!("there are more numbers than definitions")
    }

    /// Adds a definition with as many terms as go on a line; the others go on the next. Returns the name, if there
    /// are terms.
    fn define_any(&mut self, name: String, mut terms: Vec<Expr>) -> Option<String> {
        if terms.is_empty() {
            return None;
        }
        let more = format!("{name}_more");
        let fits = |len: &usize| {
            let mut shown = terms[..*len].to_vec();
            shown.extend((*len < terms.len()).then(|| Expr::Relation(more.clone())));
            let line = Syntax::OPENFGA.print(&Expr::any(shown));
            format!("    define {name}: {line}").len() <= WIDTH
        };
        let fitting = (1..=terms.len()).rev().find(fits);
        let rest = terms.split_off(fitting.unwrap_or(1));
        terms.extend(self.define_any(more, rest).map(Expr::Relation));
        Some(self.define(name, Expr::any(terms)))
    }

    fn define_or_nobody(&mut self, name: String, terms: Vec<Expr>) {
        let less = match self.kind {
            Kind::Organization => names::role(Role::Owner),
            Kind::Workspace => Fact::WorkspaceCreator.name(),
            Kind::Project => Fact::ProjectCreator.name(),
            Kind::Task => Fact::Assignee.name(),
            Kind::Record => Fact::Author.name(),
        };
        let terms = if terms.is_empty() { vec![Expr::Nobody { less }] } else { terms };
        self.define_any(name, terms);
    }
}

/// Members with one of the roles, for whom the facts are enough.
struct Grant {
    level: Option<Role>,
    product: Product,
    roles: Roles,
}

/// What the filters grant. A further stage grants what the one before does, so that only what it adds is there.
fn grants(stages: &[Stage], own: Option<Fact>) -> Vec<Grant> {
    let mut grants: Vec<Grant> = Vec::new();
    for Stage { level, filters } in stages {
        for (role, filter) in Role::ALL.into_iter().zip(filters) {
            for product in Product::factored(alternatives(filter, own)) {
                let is_same = |grant: &&mut Grant| grant.product == product;
                if grants.iter_mut().filter(is_same).any(|grant| grant.roles.has(role)) {
                    continue;
                }
                let mut same = grants.iter_mut().filter(is_same);
                match same.find(|grant| grant.level == *level) {
                    Some(grant) => grant.roles |= Roles::of(role),
                    None => grants.push(Grant { level: *level, product, roles: Roles::of(role) }),
                }
            }
        }
    }
    grants
}

/// The alternatives that ask for the fact `own`, without that fact. Without `own`: those that ask for no fact of a task
/// or record. No row is both, so what asks for both is left out.
fn alternatives(filter: &Filter, own: Option<Fact>) -> impl Iterator<Item = FactSet> {
    let all_own = FactSet::Assignee | FactSet::Author;
    let asked = own.map_or(FactSet::empty(), FactSet::of);
    let alternatives = filter.alternatives().filter(move |facts| *facts & all_own == asked);
    alternatives.map(move |facts| facts - all_own)
}

/// Whether who is assigned to a task may do what the author of a record may.
fn shares_own(filter: &Filter) -> bool {
    let authors: Vec<_> =
        alternatives(filter, None).chain(alternatives(filter, Some(Fact::Author))).collect();
    let assigned = Facts::ALL
        .into_iter()
        .filter(|facts| facts.has(Fact::Assignee) && !facts.has(Fact::Author));
    let mut assigned = assigned.map(|facts| (facts, facts.elements().collect::<FactSet>()));
    assigned.all(|(facts, set)| {
        authors.iter().any(|&enough| set.contains(enough)) == filter.matches(facts)
    })
}
