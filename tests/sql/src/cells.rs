//! Matrices, as the oracle reads them and as the crate does.

use std::collections::HashMap;

use labelgate::overrides::{Override, Overrides};
use labelgate::sets::Scopes;
use labelgate::sql::RowSecurity;
use labelgate::{Action, Matrix, Role, Scope};

use crate::oracle;
use crate::tables::Random;

/// The cells of a matrix, as the oracle reads them, and the crate's with it.
#[derive(Clone)]
pub struct Cells {
    cells: HashMap<(&'static str, &'static str), String>,
    pub matrix: Matrix,
}

impl Cells {
    pub fn built_in() -> Cells {
        let mut cells = HashMap::new();
        for (_, key, _, row, _) in oracle::TABLE {
            for (role, cell) in oracle::COLUMNS.into_iter().zip(row) {
                cells.insert((role, key), cell.to_owned());
            }
        }
        Cells { cells, matrix: Matrix::BUILT_IN }
    }

    /// As many cells made up from a number, whether or not the result makes sense.
    pub fn generate(seed: u64, cells: usize) -> Cells {
        let mut random = Random(seed);
        let mut changed = Cells::built_in();
        for _ in 0..cells {
            let role = random.pick(&oracle::COLUMNS);
            let action = random.pick(&Action::ALL);
            let cell = random.pick(&["-", "O", "O?", "P", "W", "G", "O P", "O? W", "P W", "O P W"]);
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

    /// The cells of a matrix that the crate made.
    pub fn of(matrix: Matrix) -> Cells {
        let mut cells = Cells::built_in();
        for ((role, key), cell) in &mut cells.cells {
            let scopes = matrix.scopes(role.parse().expect("a code"), key.parse().expect("a key"));
            let letters: Vec<_> = scopes.elements().map(Scope::symbol).collect();
            *cell = if letters.is_empty() { "-".to_owned() } else { letters.join(" ") };
        }
        Cells { matrix, ..cells }
    }

    /// The matrix of some overrides, whichever of a few made from a number are accepted.
    pub fn overridden(seed: u64) -> Cells {
        let chain = [Role::Administrator, Role::Manager, Role::Reviewer, Role::Annotator];
        let overrides = (0..12).fold(Overrides::none(), |overrides, n| {
            let random = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(5 * n);
            let permission = Action::ALL[random as usize % Action::COUNT];
            let roles =
                chain.into_iter().take((random >> 32) as usize % (chain.len() + 1)).collect();
            overrides.with(Override { permission, roles }).unwrap_or(overrides)
        });
        Cells::of(overrides.matrix())
    }

    /// All letters of all of them, beside the built-in ones.
    pub fn widest(others: &[Cells]) -> Cells {
        let mut widest = Cells::built_in();
        for other in others {
            for (cell, letters) in &other.cells {
                widest.cells.entry(*cell).and_modify(|all| *all = format!("{all} {letters}"));
            }
        }
        widest.matrix = RowSecurity::widest(others.iter().map(|other| other.matrix));
        widest
    }

    pub fn cell(&self, role: &str, key: &str) -> String {
        let cells: &HashMap<(&str, &str), String> = &self.cells;
        cells.get(&(role, key)).map_or("-".to_owned(), String::clone)
    }

    pub fn may(&self, role: &str, key: &str, facts: Option<u16>) -> bool {
        oracle::may_in(&|role, key| self.cell(role, key), role, key, facts)
    }
}
