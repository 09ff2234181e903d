//! Does an explanation name all of the smallest changes that would allow an action, and no others?

use labelgate::explain::Change;
use labelgate_test_support::oracle::CODES;
use labelgate_test_support::scopes::{self, ScopeFacts};

use labelgate::sets::Scopes;
use labelgate::{Action, Matrix, Role, Scope, ScopeCtx};

/// The chain of power as the specification has it. Nobody is told to become powerless, so only
/// these ranks are ever compared.
fn rank(role: &str) -> usize {
    ["AN", "RE", "MA", "AD", "OW"].iter().position(|&code| code == role).unwrap()
}

/// A change in the oracle's words: another role, and the facts that come to be so.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Step {
    role: Option<&'static str>,
    added: [bool; Scope::COUNT],
}

fn facts(facts: ScopeFacts) -> [bool; Scope::COUNT] {
    [facts.organization, facts.workspace, facts.project, facts.own, facts.own_permitted]
}

/// All changes that allow the action, however large.
fn steps(role: &str, key: &str, now: ScopeFacts) -> Vec<Step> {
    let mut steps = Vec::new();
    for (then, _) in scopes::worlds() {
        let (before, after) = (facts(now), facts(then));
        if (0..Scope::COUNT).any(|fact| before[fact] && !after[fact]) {
            continue;
        }
        for other in CODES {
            if scopes::may(other, key, then) {
                let added = std::array::from_fn(|fact| after[fact] && !before[fact]);
                steps.push(Step { role: (other != role).then_some(other), added });
            }
        }
    }
    steps
}

fn is_less(one: &Step, other: &Step) -> bool {
    let role = match (one.role, other.role) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(role), Some(other)) => rank(role) <= rank(other),
    };
    one != other && role && (0..Scope::COUNT).all(|fact| other.added[fact] || !one.added[fact])
}

#[test]
fn explanations_are_the_smallest_changes_all_of_them_and_no_others() {
    let (mut explained, mut denied) = (0, 0);
    for (now, ctx) in scopes::worlds() {
        for role in Role::ALL {
            for action in Action::ALL {
                let steps = steps(role.code(), action.key(), now);
                let mut smallest: Vec<_> = steps
                    .iter()
                    .filter(|step| !steps.iter().any(|other| is_less(other, step)))
                    .map(|step| (step.role, step.added))
                    .filter(|step| *step != (None, [false; Scope::COUNT]))
                    .collect();
                let mut changes: Vec<_> = Matrix::BUILT_IN
                    .explain(role, action, ctx)
                    .map(|change| {
                        let has = |scopes| change.scopes.contains(scopes);
                        let added = [
                            has(Scopes::Organization),
                            has(Scopes::Workspace),
                            has(Scopes::Project),
                            has(Scopes::Own),
                            has(Scopes::OwnPermitted),
                        ];
                        (change.role.map(Role::code), added)
                    })
                    .collect();
                smallest.sort();
                changes.sort();
                assert_eq!(changes, smallest, "{role} {action} {ctx}");
                explained += changes.len();
                denied += usize::from(!scopes::may(role.code(), action.key(), now));
            }
        }
    }
    assert!(explained > denied, "{explained} for {denied}");
}

#[test]
fn every_change_allows_and_every_denial_has_one() {
    for ctx in ScopeCtx::ALL {
        for role in Role::ALL {
            for action in Action::ALL {
                let changes: Vec<Change> = Matrix::BUILT_IN.explain(role, action, ctx).collect();
                let allowed = Matrix::BUILT_IN.can(role, action, ctx);
                assert_eq!(changes.is_empty(), allowed, "{role} {action} {ctx}");
                for change in changes {
                    let then = ScopeCtx::from_scopes(ctx.scopes() | change.scopes).unwrap();
                    let role = change.role.unwrap_or(role);
                    assert!(Matrix::BUILT_IN.can(role, action, then), "{change}");
                }
            }
        }
    }
}

#[test]
fn explanations_read_well() {
    let explain = |role, action, ctx| -> Vec<String> {
        Matrix::BUILT_IN.explain(role, action, ctx).map(|change| change.to_string()).collect()
    };
    let inside = ScopeCtx::organization();
    assert_eq!(
        explain(Role::Annotator, Action::ViewProjectData, inside.own()),
        ["role `RE`", "`own_permitted`",]
    );
    assert_eq!(explain(Role::Deactivated, Action::LabelTasks, inside.in_project()), ["role `AN`"]);
    assert_eq!(
        explain(Role::Manager, Action::UseApi, inside),
        ["role `AD`", "`own`", "`workspace`",]
    );
    assert_eq!(
        explain(Role::Owner, Action::ViewAnnotatorDashboard, inside),
        ["role `AN` and `own`",]
    );
    assert_eq!(explain(Role::Owner, Action::ExportData, ScopeCtx::outside()), ["`organization`"]);
    assert!(explain(Role::Owner, Action::ExportData, inside).is_empty());
}

#[test]
fn roles_of_equal_power_do_not_displace_each_other() {
    // Reviewers who may do what annotators may, and nothing else.
    let matrix = Action::ALL.into_iter().fold(Matrix::BUILT_IN, |matrix, action| {
        let cell = matrix.scopes(Role::Annotator, action);
        matrix.with_cell(Role::Reviewer, action, cell).unwrap()
    });
    let in_project = ScopeCtx::organization().in_project();
    let changes = matrix.explain(Role::Deactivated, Action::LabelTasks, in_project);
    let roles: Vec<_> = changes.map(|change| change.role).collect();
    assert_eq!(roles, [Some(Role::Reviewer), Some(Role::Annotator)]);
}

#[test]
fn explanations_follow_a_changed_matrix() {
    let strict = Matrix::BUILT_IN
        .with_cell(Role::Administrator, Action::ExportData, Scopes::empty())
        .unwrap();
    let changes = strict.explain(Role::Manager, Action::ExportData, ScopeCtx::organization());
    let changes: Vec<_> = changes.map(|change| change.to_string()).collect();
    assert_eq!(changes, ["role `OW`", "`own`", "`project`", "`workspace`"]);
}
