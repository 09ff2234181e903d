//! What a relation is defined as, and how each engine spells it.

use labelgate::Kind;

/// Who has a defined relation. It is public so that another engine's language can be printed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Who has another relation of the same object.
    Relation(String),
    /// Who has a relation of the object that this one is in.
    From {
        /// The relation.
        relation: String,
        /// The kind of the other object, and the name of the relation that leads to it.
        object: Kind,
    },
    /// Who has one of these.
    Any(Vec<Expr>),
    /// Who has all of these.
    All(Vec<Expr>),
    /// Nobody. OpenFGA has no word for that: it takes a relation less itself.
    Nobody {
        /// A relation that users have.
        less: &'static str,
    },
}

impl Expr {
    /// Who has one of the terms. One term alone stands for itself.
    pub(crate) fn any(mut terms: Vec<Self>) -> Self {
        if terms.len() == 1 { terms.remove(0) } else { Self::Any(terms) }
    }

    /// Who has all of the terms.
    pub(crate) fn all(mut terms: Vec<Self>) -> Self {
        if terms.len() == 1 { terms.remove(0) } else { Self::All(terms) }
    }
}

/// How an engine spells expressions. Operators that are mixed always have parentheses: OpenFGA wants them, and in
/// SpiceDB `+` binds tighter than `&`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syntax {
    pub(crate) any: &'static str,
    pub(crate) all: &'static str,
    pub(crate) from: fn(relation: &str, object: &str) -> String,
    pub(crate) nobody: fn(less: &str) -> String,
}

impl Syntax {
    pub(crate) const OPENFGA: Self = Self {
        any: " or ",
        all: " and ",
        from: |relation, object| format!("{relation} from {object}"),
        nobody: |less| format!("{less} but not {less}"),
    };

    pub(crate) const SPICEDB: Self = Self {
        any: " + ",
        all: " & ",
        from: |relation, object| format!("{object}->{relation}"),
        nobody: |_| "nil".to_owned(),
    };

    pub(crate) fn print(&self, expr: &Expr) -> String {
        match expr {
            Expr::Relation(relation) => relation.clone(),
            Expr::From { relation, object } => (self.from)(relation, object.name()),
            Expr::Nobody { less } => (self.nobody)(less),
            Expr::Any(terms) => self.terms(terms, self.any),
            Expr::All(terms) => self.terms(terms, self.all),
        }
    }

    fn terms(&self, terms: &[Expr], operator: &str) -> String {
        let term = |term: &Expr| match term {
            Expr::Any(_) | Expr::All(_) => format!("({})", self.print(term)),
            _ => self.print(term),
        };
        terms.iter().map(term).collect::<Vec<_>>().join(operator)
    }
}
