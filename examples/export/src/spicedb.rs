//! SpiceDB's schema language.
//!
//! SpiceDB has one schema. If organizations have overrides, print it with
//! [`Model::with_levels`](crate::model::Model::with_levels).

use std::fmt::Write;

use crate::expr::Syntax;
use crate::model::{Model, Target};

/// Prints a model.
///
/// ```
/// use labelgate::Matrix;
/// use labelgate_export::{model::Model, rules::Rules, spicedb};
///
/// let text = spicedb::print(&Model::new(&Rules::of(Matrix::BUILT_IN)));
/// assert!(text.starts_with("definition user {}\n"));
/// ```
#[must_use]
pub fn print(model: &Model) -> String {
    let mut text = "definition user {}\n".to_owned();
    for of in &model.types {
        text += &format!("\ndefinition {} {{\n", of.kind.name());
        for (name, target) in &of.relations {
            let target = match target {
                Target::User => "user",
                Target::Everyone => "user:*",
                Target::Object(kind) => kind.name(),
            };
            let _ = writeln!(text, "\trelation {name}: {target}");
        }
        for (name, expr) in &of.definitions {
            let _ = writeln!(text, "\tpermission {name} = {}", Syntax::SPICEDB.print(expr));
        }
        text += "}\n";
    }
    text
}
