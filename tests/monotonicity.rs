//! Does more power, or one more scope, ever take anything away?

use labelgate::sets::Scopes;
use labelgate::{Action, Actions, Matrix, Role, Scope, ScopeCtx, can};
use labelgate_test_support::scopes;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// From the weakest to the most powerful, as the specification names them.
const CHAIN: [Role; 5] =
    [Role::Annotator, Role::Reviewer, Role::Manager, Role::Administrator, Role::Owner];

/// Pairs of a weaker and a more powerful role. The powerless are below all others.
fn pairs() -> impl Iterator<Item = (Role, Role)> {
    let below = [Role::NotActivated, Role::Deactivated];
    let chained = CHAIN
        .iter()
        .enumerate()
        .flat_map(|(rank, &more)| CHAIN[..rank].iter().map(move |&less| (less, more)));
    chained.chain(below.into_iter().flat_map(|less| CHAIN.map(|more| (less, more))))
}

fn lost(less: Role, more: Role, ctx: ScopeCtx) -> Actions {
    Matrix::BUILT_IN.actions(less, ctx) - Matrix::BUILT_IN.actions(more, ctx)
}

#[test]
fn a_more_powerful_role_loses_nothing_but_the_declared_exception() {
    for (less, more) in pairs() {
        for ctx in ScopeCtx::ALL {
            let lost = lost(less, more, ctx);
            assert!(Matrix::NOT_INHERITED.contains(lost), "{more} below {less}: {lost} ({ctx})");
        }
    }
}

#[test]
fn the_exception_is_the_annotator_dashboard_and_still_needed() {
    let all_lost = pairs()
        .flat_map(|(less, more)| ScopeCtx::ALL.map(|ctx| lost(less, more, ctx)))
        .fold(Actions::empty(), Actions::union);
    assert_eq!(all_lost, Matrix::NOT_INHERITED);
    assert_eq!(all_lost, Actions::of(Action::ViewAnnotatorDashboard));
}

#[test]
fn dominates_is_the_chain_of_power() {
    let rank = |role| CHAIN.iter().position(|&link| link == role);
    for role in Role::ALL {
        for other in Role::ALL {
            assert_eq!(
                Matrix::BUILT_IN.dominates(role, other),
                rank(role) >= rank(other),
                "{role} {other}"
            );
        }
    }
}

#[test]
fn the_exception_is_excused_as_it_is_built_in_and_not_otherwise() {
    let dashboard = Action::ViewAnnotatorDashboard;
    assert!(Matrix::BUILT_IN.dominates(Role::Administrator, Role::Annotator));
    let changed = |role, scopes| Matrix::BUILT_IN.with_cell(role, dashboard, scopes).unwrap();
    let managers = changed(Role::Manager, Scopes::Organization);
    assert_eq!(managers.beyond(Role::Administrator, Role::Manager), dashboard.into());
    assert!(managers.dominates(Role::Administrator, Role::Annotator));
    let annotators = changed(Role::Annotator, Scopes::Organization);
    assert!(!annotators.dominates(Role::Administrator, Role::Annotator));
    // Less than built in is no more to excuse.
    for scopes in [Scopes::empty(), Scopes::OwnPermitted] {
        let fewer = changed(Role::Annotator, scopes);
        assert!(fewer.dominates(Role::Administrator, Role::Annotator));
    }
}

#[test]
fn one_more_scope_takes_nothing_away() {
    let mut compared = 0;
    for (_, fewer) in scopes::worlds() {
        for (_, more) in scopes::worlds() {
            if !more.scopes().contains(fewer.scopes()) {
                continue;
            }
            for role in Role::ALL {
                let (before, after) =
                    (Matrix::BUILT_IN.actions(role, fewer), Matrix::BUILT_IN.actions(role, more));
                assert!(after.contains(before), "{role}: {fewer} to {more}");
                compared += 1;
            }
        }
    }
    // Each of the 13 with itself, and outside with all others, at the least.
    assert!(compared > Role::COUNT * 25, "{compared}");
}

/// A step of the builder.
fn step(ctx: ScopeCtx, scope: Scope) -> ScopeCtx {
    match scope {
        Scope::Own => ctx.own(),
        Scope::OwnPermitted => ctx.own_permitted(),
        Scope::Project => ctx.in_project(),
        Scope::Workspace => ctx.in_workspace(),
        Scope::Organization => ctx,
    }
}

proptest! {
    #[test]
    fn roles_are_monotone(
        low in any::<Index>(), high in any::<Index>(),
        action in select(&Action::ALL[..]), ctx in select(&ScopeCtx::ALL[..]),
    ) {
        let high = high.index(CHAIN.len());
        let low = low.index(high + 1);
        prop_assume!(!Matrix::NOT_INHERITED.has(action));
        prop_assert!(can(CHAIN[high], action, ctx) || !can(CHAIN[low], action, ctx));
    }

    #[test]
    fn facts_add_up_in_any_order(
        role in select(&Role::ALL[..]),
        steps in proptest::collection::vec(select(&Scope::ALL[..]), 0..8),
        outside: bool,
    ) {
        let start = if outside { ScopeCtx::outside() } else { ScopeCtx::organization() };
        let mut ctx = start;
        for &scope in &steps {
            let more = step(ctx, scope);
            prop_assert!(ScopeCtx::ALL.contains(&more));
            prop_assert!(more.scopes().contains(ctx.scopes()));
            prop_assert!(
                Matrix::BUILT_IN.actions(role, more).contains(Matrix::BUILT_IN.actions(role, ctx))
            );
            prop_assert_eq!(more.holds(scope), !outside);
            ctx = more;
        }
        prop_assert_eq!(steps.iter().rev().fold(start, |ctx, &scope| step(ctx, scope)), ctx);
    }
}
