//! The decision as one would write it by hand: a table of bytes and a mask.

use labelgate::{Action, Matrix, Role, ScopeCtx};

static TABLE: [[u8; 32]; Role::COUNT] = {
    let mut table = [[0; 32]; Role::COUNT];
    let mut cell = 0;
    while cell < Role::COUNT * Action::COUNT {
        let (role, action) = (cell / Action::COUNT, cell % Action::COUNT);
        let scopes = Matrix::BUILT_IN.scopes(Role::ALL[role], Action::ALL[action]);
        table[role][action] = scopes.bits();
        cell += 1;
    }
    table
};

pub(crate) fn can(role: Role, action: Action, ctx: ScopeCtx) -> bool {
    TABLE[role as usize][action as usize] & ctx.scopes().bits() != 0
}
