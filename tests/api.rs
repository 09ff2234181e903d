//! What a service may rely on without reading the code: traits and sizes.

use labelgate::{
    Action, Actions, Category, Excerpt, ImpossibleContext, Matrix, Role, Roles, Scope, ScopeCtx,
    Scopes, UnknownAction, UnknownRole, UnknownScope,
};

fn value<T: Copy + Send + Sync + Unpin + std::hash::Hash + std::fmt::Debug + Eq + 'static>() {}
fn error<T: std::error::Error + Clone + Send + Sync + Unpin + Eq + 'static>() {}

#[test]
fn values_are_plain_and_errors_are_errors() {
    value::<Role>();
    value::<Roles>();
    value::<Action>();
    value::<Actions>();
    value::<Category>();
    value::<Scope>();
    value::<Scopes>();
    value::<ScopeCtx>();
    value::<Matrix>();
    error::<UnknownRole>();
    error::<UnknownAction>();
    error::<UnknownScope>();
    error::<ImpossibleContext>();
}

#[test]
fn sizes_are_small() {
    assert_eq!(size_of::<ScopeCtx>(), 1);
    assert_eq!(size_of::<Role>(), 1);
    assert_eq!(size_of::<Option<Role>>(), 1);
    assert_eq!(size_of::<Action>(), 1);
    assert_eq!(size_of::<Scopes>(), 1);
    assert_eq!(size_of::<Roles>(), 1);
    assert_eq!(size_of::<Actions>(), 4);
    assert_eq!(size_of::<Excerpt>(), 32);
    assert!(size_of::<Matrix>() <= 512, "{}", size_of::<Matrix>());
}
