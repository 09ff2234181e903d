//! Matrices that the oracle knows as well.

use std::collections::HashMap;

use labelgate::sets::Scopes;
use labelgate::{Action, Matrix};

use crate::oracle;

/// The codes and keys by which the oracle's matrix is changed, and the crate's with it.
pub struct Changed {
    pub cells: HashMap<(&'static str, &'static str), String>,
    pub matrix: Matrix,
}

impl Changed {
    pub fn none() -> Changed {
        Changed { cells: HashMap::new(), matrix: Matrix::BUILT_IN }
    }

    /// Some cells of a matrix, made up from a number.
    pub fn generate(seed: u64) -> Changed {
        let mut random = seed;
        let mut below = |n: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) as usize % n
        };
        let mut changed = Changed::none();
        for _ in 0..12 {
            let role = oracle::COLUMNS[below(oracle::COLUMNS.len())];
            let action = Action::ALL[below(Action::COUNT)];
            let cells = ["-", "O", "O?", "P", "W", "G", "O P", "O? W", "P W", "O P W"];
            let cell = cells[below(cells.len())];
            changed.cells.insert((role, action.key()), cell.to_owned());
            let scopes = cell.split(' ').fold(Scopes::empty(), |scopes, letter| {
                scopes
                    | match letter {
                        "O" => Scopes::Own,
                        "O?" => Scopes::OwnPermitted,
                        "P" => Scopes::Project,
                        "W" => Scopes::Workspace,
                        "G" => Scopes::Organization,
                        _ => Scopes::empty(),
                    }
            });
            let role = role.parse().expect("a code");
            changed.matrix =
                changed.matrix.with_cell(role, action, scopes).expect("an active role");
        }
        changed
    }

    pub fn cell(&self, role: &str, key: &str) -> String {
        let changed = self.cells.iter().find(|((r, k), _)| (*r, *k) == (role, key));
        changed.map_or_else(|| oracle::cell(role, key).to_owned(), |(_, cell)| cell.clone())
    }
}
