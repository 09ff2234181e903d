//! Matrices that organizations and services could have.

use labelgate::overrides::{Override, Overrides};
use labelgate::sets::{Roles, Scopes};
use labelgate::{Action, Matrix, Role};

use crate::tables::Random;

impl Random {
    /// Overrides of about half of the actions. What is refused is left out.
    pub fn overrides(&mut self) -> Overrides {
        let mut set: Vec<Override> = Vec::new();
        for permission in Action::ALL {
            if self.below(2) == 0 {
                let down_to = self.below(5);
                let roles: Roles = Role::ALL[1..].iter().take(down_to).copied().collect();
                set.push(Override { permission, roles });
            }
        }
        loop {
            match Overrides::new(set.iter().copied()) {
                Ok(overrides) => return overrides,
                // The culprit may be what guards an action that has no override.
                Err(refused) if set.iter().any(|one| one.permission == refused.action()) => {
                    set.retain(|one| one.permission != refused.action());
                }
                Err(_) => drop(set.pop()),
            }
        }
    }

    /// Any cells.
    pub fn matrix(&mut self) -> Matrix {
        let mut matrix = Matrix::BUILT_IN;
        for role in Role::ALL.into_iter().filter(|role| role.is_active()) {
            for action in Action::ALL {
                let scopes = Scopes::from_bits_truncate(self.below(32) as u8);
                matrix = matrix.with_cell(role, action, scopes).expect("a role that is active");
            }
        }
        matrix
    }
}

/// The overrides that leave the most to the Owner.
pub fn narrowest() -> Overrides {
    let changeable =
        Action::ALL.into_iter().filter(|action| !Overrides::options(*action).is_empty());
    let taken = changeable.map(|permission| Override { permission, roles: Roles::empty() });
    Overrides::new(taken).expect("nobody but the Owner has anything, so nothing lacks its guard")
}
