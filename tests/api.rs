//! What a service may rely on without reading the code: traits and sizes.

use labelgate::wire::InvalidOrganizationRef;
use labelgate::{
    Action, Actions, Actor, Audit, Category, Change, Denied, Event, Excerpt, Fingerprint, Granted,
    ImpossibleContext, InvalidFingerprint, Invitation, Lists, Matrix, Member, MembershipPolicy,
    OrganizationId, PlanRefused, PowerlessRole, Project, ProjectId, ProjectRole, Reason, Refusal,
    Refused, Role, RoleSource, Roles, Scope, ScopeCtx, Scopes, Sorted, Subject, Task, TaskId,
    UnknownAction, UnknownProjectRole, UnknownReason, UnknownRole, UnknownRoleSource, UnknownScope,
    Unsorted, UserId, Workspace, WorkspaceId,
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
    value::<Granted>();
    value::<Denied>();
    value::<Reason>();
    value::<Change>();
    value::<Audit>();
    value::<Event>();
    value::<Member<u64>>();
    value::<ProjectRole>();
    value::<Refusal>();
    value::<Refused>();
    value::<RoleSource>();
    value::<Fingerprint>();
    value::<OrganizationId<u64>>();
    value::<WorkspaceId<u64>>();
    value::<ProjectId<u64>>();
    value::<TaskId<u64>>();
    value::<UserId<u64>>();
    error::<UnknownRole>();
    error::<UnknownAction>();
    error::<UnknownScope>();
    error::<ImpossibleContext>();
    error::<PowerlessRole>();
    error::<InvalidFingerprint>();
    error::<InvalidOrganizationRef>();
    error::<Unsorted>();
    error::<Denied>();
    error::<Refused>();
    error::<PlanRefused>();
    error::<UnknownReason>();
    error::<Refusal>();
    error::<UnknownRoleSource>();
    error::<UnknownProjectRole>();
}

#[test]
fn what_a_service_builds_from_its_ids_goes_between_threads() {
    fn plain<T: Copy + Send + Sync + std::fmt::Debug + Eq>() {}
    plain::<Subject<u64, Lists<(), [ProjectId<u64>; 2], Sorted<'static, ProjectId<u64>>, (), ()>>>(
    );
    plain::<Actor<'static, u64>>();
    plain::<MembershipPolicy<'static, u64>>();
    plain::<Workspace<u64>>();
    plain::<Project<u64>>();
    plain::<Task<'static, u64>>();
}

#[test]
fn invitations_go_between_threads() {
    fn sent<T: Clone + Send + Sync + std::fmt::Debug>() {}
    sent::<Invitation<u64, String>>();
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
