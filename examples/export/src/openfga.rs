//! OpenFGA's modeling language (schema 1.1).
//!
//! Keep one model for each matrix in one store, and remember it by the matrix's fingerprint: the tuples are the same
//! for all of them. A check names its model by `authorization_model_id`.

use std::fmt::Write;

use crate::expr::Syntax;
use crate::model::{Model, Target};

/// Prints a model.
///
/// ```
/// use labelgate::Matrix;
/// use labelgate_export::{model::Model, openfga, rules::Rules};
///
/// let text = openfga::print(&Model::new(&Rules::of(Matrix::BUILT_IN)));
/// assert!(text.starts_with("model\n  schema 1.1\n"));
/// ```
#[must_use]
pub fn print(model: &Model) -> String {
    let mut text = "model\n  schema 1.1\n\ntype user\n".to_owned();
    for of in &model.types {
        text += &format!("\ntype {}\n  relations\n", of.kind.name());
        let relations = of.relations.iter().map(|(name, target)| {
            let target = match target {
                Target::User => "user",
                Target::Everyone => "user:*",
                Target::Object(kind) => kind.name(),
            };
            (name, format!("[{target}]"))
        });
        let definitions = of.definitions.iter();
        let definitions = definitions.map(|(name, expr)| (name, Syntax::OPENFGA.print(expr)));
        for (name, definition) in relations.chain(definitions) {
            let _ = writeln!(text, "    define {name}: {definition}");
        }
    }
    text
}
