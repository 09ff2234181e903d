//! Names that people read in a model. They decide nothing.

use labelgate::sets::{FactSet, Roles};
use labelgate::{Action, Fact, Role};

/// The most characters that OpenFGA takes in the name of a relation.
const MOST: usize = 50;

/// The relation of an organization that its members with the role have.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Administrator => "administrator",
        Role::Manager => "manager",
        Role::Reviewer => "reviewer",
        Role::Annotator => "annotator",
        Role::NotActivated => "not_activated",
        Role::Deactivated => "deactivated",
    }
}

/// Such as `manager_up`, for managers and all who are more powerful.
pub(crate) fn roles(roles: Roles) -> String {
    let names: Vec<_> = roles.elements().map(role).collect();
    let chain = Role::ALL.into_iter().take(names.len()).collect::<Roles>();
    match names.last() {
        Some(weakest) if names.len() > 1 && roles == chain => format!("{weakest}_up"),
        _ if roles.elements().eq([Role::Reviewer, Role::Annotator]) => "project_bound".to_owned(),
        _ => names.join("_or_"),
    }
}

/// An action as a part of names: its key, with underscores.
pub(crate) fn action(action: Action) -> String {
    action.key().replace('.', "_")
}

/// Such as `reviewing_in_project`. `None` if it is too long.
pub(crate) fn product(sums: &[FactSet]) -> Option<String> {
    // What somebody acts as comes first, a setting last.
    let mut sums = sums.to_vec();
    sums.sort_by_key(|sum| match sum {
        _ if sum.has(Fact::OwnDataPermitted) => 2,
        _ if sum.has(Fact::ActsAsAnnotator) || sum.has(Fact::ActsAsReviewer) => 0,
        _ => 1,
    });
    let names: Vec<_> = sums.iter().map(|sum| self::sum(*sum)).collect();
    Some(names.join("_")).filter(|name| name.len() <= MOST)
}

fn sum(sum: FactSet) -> String {
    use FactSet as F;
    let workspace = F::WorkspaceCreator | F::WorkspaceMember;
    let project = F::ProjectMember | F::ProjectAssignee;
    let named = [
        (workspace, "in_workspace"),
        (project, "in_project"),
        (workspace | F::ProjectCreator, "in_workspace_or_creator"),
        (workspace | project | F::ProjectCreator, "holding_project"),
        (F::ActsAsAnnotator, "annotating"),
        (F::ActsAsReviewer, "reviewing"),
        (F::ActsAsAnnotator | F::ActsAsReviewer, "working"),
        (F::OwnDataPermitted, "with_own_data"),
    ];
    match named.iter().find(|(set, _)| *set == sum) {
        Some((_, name)) => (*name).to_owned(),
        None => sum.elements().map(Fact::name).collect::<Vec<_>>().join("_or_"),
    }
}
