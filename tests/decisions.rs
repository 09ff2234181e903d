//! Does the crate decide as the oracle does, whichever way it is asked?

use labelgate::sets::Roles;
use labelgate::{Action, Actions, Matrix, Role, ScopeCtx, can};
use labelgate_test_support::scopes;

#[test]
fn can_decides_as_the_oracle_on_every_question() {
    let mut asked = 0;
    for (facts, ctx) in scopes::worlds() {
        for role in Role::ALL {
            for action in Action::ALL {
                let expected = scopes::may(role.code(), action.key(), facts);
                assert_eq!(can(role, action, ctx), expected, "{role} {action} {ctx}");
                asked += 1;
            }
        }
    }
    assert_eq!(asked, ScopeCtx::ALL.len() * Role::COUNT * Action::COUNT);
}

#[test]
fn every_way_to_ask_gives_the_same_answer() {
    let matrix = Matrix::BUILT_IN;
    for ctx in ScopeCtx::ALL {
        for role in Role::ALL {
            for action in Action::ALL {
                let answer = can(role, action, ctx);
                assert_eq!(matrix.can(role, action, ctx), answer);
                assert_eq!(matrix.scopes(role, action).intersects(ctx.scopes()), answer);
                assert_eq!(matrix.actions(role, ctx).has(action), answer);
                assert_eq!(matrix.roles(action, ctx).has(role), answer);
            }
            assert!(Actions::all().contains(matrix.actions(role, ctx)));
        }
        for action in Action::ALL {
            assert!(Roles::all().contains(matrix.roles(action, ctx)));
        }
    }
}

#[test]
fn not_activated_and_deactivated_hold_nothing() {
    for role in [Role::NotActivated, Role::Deactivated] {
        for action in Action::ALL {
            assert!(Matrix::BUILT_IN.scopes(role, action).is_empty());
            assert!(ScopeCtx::ALL.iter().all(|&ctx| !can(role, action, ctx)));
        }
    }
}

#[test]
fn every_other_role_holds_something() {
    for role in Role::ALL {
        let holds =
            ScopeCtx::ALL.iter().any(|&ctx| !Matrix::BUILT_IN.actions(role, ctx).is_empty());
        assert_eq!(holds, role.is_active(), "{role}");
    }
}

#[test]
fn outside_the_organization_nothing_holds() {
    for role in Role::ALL {
        assert_eq!(Matrix::BUILT_IN.actions(role, ScopeCtx::outside()), Actions::empty());
        assert_eq!(Matrix::BUILT_IN.actions(role, ScopeCtx::default()), Actions::empty());
    }
}

// Decisions are made in constants too.
const _: () = {
    let workspace = ScopeCtx::organization().in_workspace();
    assert!(can(Role::Manager, Action::ExportData, workspace));
    assert!(!can(Role::Reviewer, Action::ExportData, workspace.in_project()));
    assert!(Matrix::BUILT_IN.actions(Role::Owner, workspace).has(Action::ViewOwnerAccount));
    assert!(Matrix::BUILT_IN.roles(Action::ViewOwnerAccount, workspace).has(Role::Owner));
    assert!(Matrix::BUILT_IN.dominates(Role::Owner, Role::Administrator));
};
