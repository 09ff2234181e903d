//! Models that were broken on purpose.

use labelgate_export::model::{Expr, Model};

/// The model with one term left out, or with one operator in place of the other; and which it was.
pub fn mutants(model: &Model) -> Vec<(String, Model)> {
    let mut mutants = Vec::new();
    for (of, kind) in model.types.iter().enumerate() {
        for (at, (name, expr)) in kind.definitions.iter().enumerate() {
            for broken in broken(expr) {
                let mut mutant = model.clone();
                let definition = &mut mutant.types[of].definitions[at].1;
                definition.clone_from(&broken);
                mutants.push((format!("{}#{name} = {broken:?}", kind.kind.name()), mutant));
            }
        }
    }
    mutants
}

fn broken(expr: &Expr) -> Vec<Expr> {
    type Operator = fn(Vec<Expr>) -> Expr;
    let (terms, operator, other): (_, Operator, Operator) = match expr {
        Expr::Any(terms) => (terms, Expr::Any, Expr::All),
        Expr::All(terms) => (terms, Expr::All, Expr::Any),
        _ => return Vec::new(),
    };
    let mut all = vec![other(terms.clone())];
    for (at, term) in terms.iter().enumerate() {
        let mut without = terms.clone();
        without.remove(at);
        all.push(operator(without));
        all.extend(broken(term).into_iter().map(|broken| {
            let mut with = terms.clone();
            with[at] = broken;
            operator(with)
        }));
    }
    all
}
