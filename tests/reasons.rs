//! Does every decision give the reason it has, in the right rank, and reveal what it may?

use labelgate::decision::decide;
use labelgate::sets::Scopes;
use labelgate::{
    Action, Fact, Facts, Matrix, OrganizationId, ProjectId, ProjectRole, Reason, Role, Row,
    ScopeCtx, Subject, UserId, act, can,
};
use labelgate_test_support::oracle;
use labelgate_test_support::scopes::{self, ScopeFacts};

/// The letters of a cell as the crate names those scopes.
fn names(cell: &str) -> String {
    let name = |letter| match letter {
        "O" => "own",
        "O?" => "own_permitted",
        "P" => "project",
        "W" => "workspace",
        _ => "organization",
    };
    cell.split(' ').filter(|&letter| letter != "-").map(name).collect::<Vec<_>>().join(", ")
}

fn held(facts: ScopeFacts) -> String {
    let all = [
        (facts.own, "own"),
        (facts.own_permitted, "own_permitted"),
        (facts.project, "project"),
        (facts.workspace, "workspace"),
        (facts.organization, "organization"),
    ];
    all.into_iter().filter(|fact| fact.0).map(|fact| fact.1).collect::<Vec<_>>().join(", ")
}

/// The first reason of the documented order that is so, and its words.
fn reason(role: &str, key: &str, facts: ScopeFacts) -> (Reason, String) {
    let cell = oracle::cell(role, key);
    if role == "NO" {
        (Reason::NotActivated, "not activated: has no role yet".to_owned())
    } else if role == "DI" {
        (Reason::Deactivated, "deactivated".to_owned())
    } else if !facts.organization {
        (Reason::OutsideOrganization, "outside the organization".to_owned())
    } else if cell == "-" {
        (Reason::RoleNeverHolds, format!("role `{role}` never holds `{key}`"))
    } else if cell == "O?" && facts.own {
        let words = format!("the project does not let annotators view their own data: `{key}`");
        (Reason::SettingOff, words)
    } else {
        let (suffices, held) = (names(cell), held(facts));
        let words =
            format!("role `{role}` needs one of `{suffices}` for `{key}`, and holds `{held}`");
        (Reason::ScopeNotHeld, words)
    }
}

#[test]
fn every_decision_has_its_reason() {
    let mut seen = Vec::new();
    for (facts, ctx) in scopes::worlds() {
        for role in Role::ALL {
            for action in Action::ALL {
                let (code, key) = (role.code(), action.key());
                let decision = decide(role, action, ctx);
                assert_eq!(decision.is_ok(), can(role, action, ctx));
                assert_eq!(decision, Matrix::BUILT_IN.decide(role, action, ctx));
                match decision {
                    Ok(granted) => {
                        let through = Matrix::BUILT_IN.scopes(role, action) & ctx.scopes();
                        assert_eq!(granted.scopes(), through);
                        assert!(!through.is_empty());
                    }
                    Err(denied) => {
                        let (expected, words) = reason(code, key, facts);
                        assert_eq!(denied.reason(), expected, "{role} {action} {ctx}");
                        assert_eq!(denied.to_string(), words);
                        assert_eq!(denied.required().to_string(), names(oracle::cell(code, key)));
                        assert_eq!(denied.held(), ctx.scopes());
                        if !seen.contains(&expected) {
                            seen.push(expected);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(seen.len(), 6, "{seen:?}");
}

#[test]
fn what_may_not_be_viewed_is_hidden() {
    let (mut hidden, mut forbidden) = (0, 0);
    for (facts, ctx) in scopes::worlds() {
        for role in Role::ALL {
            for action in Action::ALL {
                let Err(denied) = decide(role, action, ctx) else { continue };
                let may_view = match oracle::guard(action.key()) {
                    Some(guard) => scopes::may(role.code(), guard, facts),
                    None => facts.organization,
                };
                assert_eq!(denied.is_hidden(), !may_view, "{role} {action} {ctx}");
                assert_eq!(denied.answer().status(), if may_view { 403 } else { 404 });
                *if may_view { &mut forbidden } else { &mut hidden } += 1;
                let nothing = action.guard().is_some() && !role.is_active();
                if nothing || ctx.is_outside() {
                    assert!(denied.is_hidden());
                }
            }
        }
    }
    assert!(hidden > 0 && forbidden > 0);
}

#[test]
fn a_guard_is_a_view_that_guards_itself() {
    for action in Action::ALL {
        assert_eq!(action.guard().map(Action::key), oracle::guard(action.key()));
        let Some(guard) = action.guard() else { continue };
        assert!(guard.key().ends_with(".view"));
        assert_eq!(guard.guard(), Some(guard));
    }
}

#[test]
fn creating_a_workspace_is_no_secret_of_the_people_page() {
    for role in Role::ALL {
        let denied = |ctx| decide(role, Action::CreateWorkspace, ctx).err();
        assert_eq!(
            denied(ScopeCtx::outside()).map(|denied| denied.answer().status()),
            Some(404),
            "{role}"
        );
        let inside = denied(ScopeCtx::organization());
        let may = matches!(role, Role::Owner | Role::Administrator | Role::Manager);
        assert_eq!(
            inside.map(|denied| denied.answer().status()),
            if may { None } else { Some(403) },
            "{role}"
        );
    }
}

#[test]
fn reasons_follow_a_changed_matrix() {
    // Two ways: one's own if permitted, or the project.
    let cell = Scopes::OwnPermitted | Scopes::Project;
    let matrix =
        Matrix::BUILT_IN.with_cell(Role::Annotator, Action::ViewProjectData, cell).unwrap();
    let reason = |ctx| {
        matrix
            .decide(Role::Annotator, Action::ViewProjectData, ctx)
            .err()
            .map(|denied| denied.reason())
    };
    let inside = ScopeCtx::organization();
    assert_eq!(reason(inside), Some(Reason::ScopeNotHeld));
    assert_eq!(reason(inside.own()), Some(Reason::SettingOff));
    assert_eq!(reason(inside.own_permitted()), None);
    assert_eq!(reason(inside.own().in_project()), None);

    // What guards is looked up in the same matrix.
    let blind = Matrix::BUILT_IN
        .with_cell(Role::Manager, Action::ViewProject, Scopes::empty())
        .unwrap()
        .decide(Role::Manager, Action::ExportData, inside);
    assert!(blind.unwrap_err().is_hidden());
    assert!(!decide(Role::Manager, Action::ExportData, inside).unwrap_err().is_hidden());
}

const _: () = {
    let decision = decide(Role::Manager, Action::UseApi, ScopeCtx::organization());
    match decision {
        Ok(_) => panic!(),
        Err(denied) => assert!(denied.answer().status() == 403),
    }
};

#[test]
fn a_denial_says_which_role_counted() {
    let (here, user) = (OrganizationId(1), UserId(7));
    let reviewer = Subject::new(here, user, Role::Reviewer);
    for acts_as in [None, Some(ProjectRole::Annotator), Some(ProjectRole::Reviewer)] {
        let facts = Facts::none().with(Fact::ProjectMember).acting_as(acts_as);
        let project = reviewer.row(ProjectId(100), here, facts).unwrap();
        let denied = reviewer.decide(Action::ExportData, project).unwrap_err();
        assert_eq!(
            (denied.role(), denied.effective_role()),
            (Role::Reviewer, acts_as.map(Role::from))
        );
    }
}

/// The reason for a denied list is that of the most that could still be found in it.
#[test]
fn a_denied_list_says_what_is_missing_at_best() {
    let (here, user) = (OrganizationId(1), UserId(7));
    let project = |is_member, has_tasks| {
        let facts = Facts::none().with(Fact::ActsAsAnnotator);
        let facts = facts.with_if(Fact::ProjectMember, is_member);
        facts.with_if(Fact::ProjectAssignee, has_tasks)
    };
    let reason = |role, action, facts| {
        let subject = Subject::new(here, user, role);
        let project: Row<ProjectId<i32>> = subject.row(ProjectId(100), here, facts).unwrap();
        let denied = subject.authorize_list_of(action, project).unwrap().unwrap_err();
        // The record has what is known, and the role that counts for it.
        assert_eq!(denied.audit().facts, Some(facts));
        (denied.effective_role(), denied.reason())
    };
    let annotator = Some(Role::Annotator);
    // There may be tasks of one's own, which one may not look at.
    let found = reason(Role::Annotator, Action::ViewProjectData, project(true, true));
    assert_eq!(found, (annotator, Reason::SettingOff));
    // Nobody has a task in a project that they have no tasks in.
    let found = reason(Role::Annotator, Action::LabelTasks, project(false, false));
    assert_eq!(found, (annotator, Reason::ScopeNotHeld));
    // In a whole organization nothing is known, and a reviewer may act as one.
    let reviewer = Subject::new(here, user, Role::Reviewer);
    let denied = reviewer.authorize_list(act::AssignReviewers).unwrap_err();
    assert_eq!((denied.effective_role(), denied.reason()), (None, Reason::RoleNeverHolds));
    assert_eq!(denied.audit().facts, Some(Facts::none()));
    assert_eq!(denied.to_string(), "role `RE` never holds `tasks.assign_reviewers`");
    let denied = reviewer.authorize_list(act::ExportData).unwrap_err();
    assert_eq!((denied.effective_role(), denied.reason()), (None, Reason::RoleNeverHolds));
    assert_eq!(denied.to_string(), "role `RE` never holds `data.export`");
}
