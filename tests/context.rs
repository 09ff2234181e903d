//! Can a context be built that cannot be?

use labelgate::sets::Scopes;
use labelgate::{Scope, ScopeCtx};
use labelgate_test_support::scopes::{self, ScopeFacts};

#[test]
fn from_scopes_takes_what_is_possible_and_nothing_else() {
    let mut refused = 0;
    for facts in ScopeFacts::all() {
        let named = [
            (Scope::Organization, facts.organization),
            (Scope::Workspace, facts.workspace),
            (Scope::Project, facts.project),
            (Scope::Own, facts.own),
            (Scope::OwnPermitted, facts.own_permitted),
        ];
        let scopes: Scopes = named.into_iter().filter(|fact| fact.1).map(|fact| fact.0).collect();
        match ScopeCtx::from_scopes(scopes) {
            Ok(ctx) => {
                assert_eq!(ctx, facts.context());
                assert_eq!(ctx.scopes(), scopes);
                assert!(named.iter().all(|&(scope, held)| ctx.holds(scope) == held));
                assert_eq!(ctx.is_outside(), !facts.organization);
            }
            Err(error) => {
                assert!(!facts.possible(), "{facts:?}: {error}");
                assert!(scopes.has(error.scope) && !scopes.intersects(error.missing));
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 32 - 13);
}

#[test]
fn all_is_every_context_once() {
    let built: Vec<_> = scopes::worlds().map(|(_, ctx)| ctx).collect();
    assert_eq!(built.len(), ScopeCtx::COUNT);
    for ctx in ScopeCtx::ALL {
        assert_eq!(built.iter().filter(|&&other| other == ctx).count(), 1, "{ctx}");
    }
}

#[test]
fn outside_stays_outside() {
    let outside = ScopeCtx::outside();
    for ctx in [
        outside.in_workspace(),
        outside.in_project(),
        outside.own(),
        outside.own_permitted(),
        ScopeCtx::default(),
    ] {
        assert_eq!(ctx, outside);
        assert!(ctx.is_outside());
    }
}

#[test]
fn refusals_name_the_scope_and_what_it_lacks() {
    let message = |scopes| ScopeCtx::from_scopes(scopes).unwrap_err().to_string();
    assert_eq!(message(Scopes::Workspace), "`workspace` needs `organization`");
    assert_eq!(message(Scopes::OwnPermitted), "`own_permitted` needs `own, organization`");
    assert_eq!(message(Scopes::OwnPermitted | Scopes::Organization), "`own_permitted` needs `own`");
}

#[test]
fn bits_that_are_no_scope_are_no_scope() {
    let unknown = Scopes::from_bits_retain(0b1110_0000);
    assert_eq!(ScopeCtx::from_scopes(unknown), Ok(ScopeCtx::outside()));
    let ctx = ScopeCtx::from_scopes(unknown | Scopes::Organization).unwrap();
    assert_eq!(ctx, ScopeCtx::organization());
}

#[test]
fn contexts_display_what_they_hold() {
    assert_eq!(ScopeCtx::outside().to_string(), "outside the organization");
    assert_eq!(
        ScopeCtx::organization().in_project().own_permitted().to_string(),
        "own, own_permitted, project, organization"
    );
}
