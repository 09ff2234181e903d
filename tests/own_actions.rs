//! Is an action of a service's own decided as the one that it stands for, and is it told apart from it?

use labelgate::log::{LogEntry, Question};
use labelgate::overrides::{Override, Overrides};
use labelgate::sets::Roles;
use labelgate::{
    Action, ActionType, Actions, Denied, Facts, Kind, OrganizationId, ProjectId, Role, Subject,
    TaskId, UserId, act,
};
use labelgate_test_support::of_kind;
use labelgate_test_support::rows::all_known;

const HERE: OrganizationId<u32> = OrganizationId(1);
const ME: UserId<u32> = UserId(7);

/// Whoever may change a project manages its webhooks.
struct ManageWebhooks;

impl ActionType for ManageWebhooks {
    const ACTION: Action = Action::ChangeProject;
    const NAME: &'static str = "webhooks.manage";
}

/// Whoever may label tasks skips them. It has no name of its own.
struct SkipTasks;

impl ActionType for SkipTasks {
    const ACTION: Action = Action::LabelTasks;
}

/// A name that is the key of the same action.
struct Export;

impl ActionType for Export {
    const ACTION: Action = Action::ExportData;
    const NAME: &'static str = "data.export";
}

/// A person, and the same person narrowed.
fn subjects() -> impl Iterator<Item = Subject<u32>> {
    let webhooks = Actions::ChangeProject | Actions::ViewProject | Actions::LabelTasks;
    let strict = Override { permission: Action::ChangeProject, roles: Roles::Administrator };
    let matrix = Overrides::new([strict]).unwrap().matrix();
    Role::ALL.into_iter().flat_map(move |role| {
        let subject = Subject::new(HERE, ME, role);
        [
            subject,
            subject.through_api(),
            subject.with_matrix(matrix),
            subject.limited_to(webhooks),
            subject.limited_to(Actions::all() - Actions::ChangeProject - Actions::LabelTasks),
            // Without its guard, the action is not in the limit.
            subject.limited_to(Actions::ChangeProject | Actions::LabelTasks),
        ]
    })
}

#[test]
fn it_is_decided_as_its_action() {
    for subject in subjects() {
        for kind in Kind::ALL {
            for facts in all_known(kind) {
                of_kind!(kind, HERE, ME, facts, row => {
                    for (own, action) in [
                        (subject.authorize(ManageWebhooks, row).map(|yes| yes.audit()), Action::ChangeProject),
                        (subject.authorize(SkipTasks, row).map(|yes| yes.audit()), Action::LabelTasks),
                        (subject.authorize(Export, row).map(|yes| yes.audit()), Action::ExportData),
                    ] {
                        let decided = subject.decide(action, row).map(|yes| yes.audit());
                        assert_eq!(own, decided, "{subject:?} {action} {kind}: {facts}");
                    }
                });
            }
        }
    }
}

#[test]
fn its_list_is_that_of_its_action() {
    for subject in subjects() {
        let own = subject.authorize_list(ManageWebhooks);
        let list = subject.authorize_list(act::ChangeProject);
        assert_eq!(own.as_ref().err(), list.as_ref().err());
        if let (Ok(own), Ok(list)) = (own, list) {
            assert_eq!(own.condition().to_string(), list.condition().to_string());
            assert_eq!((own.kind(), own.audit()), (Kind::Project, list.audit()));
        }
        for facts in all_known(Kind::Project) {
            let project = subject.row(ProjectId(100), HERE, facts).unwrap();
            let own = subject.authorize_list_in(SkipTasks, project).map(|list| list.audit());
            let list = subject.authorize_list_in(act::LabelTasks, project);
            assert_eq!(own, list.map(|list| list.audit()));
        }
    }
}

/// A token for the action is one for the service's own, and no other is.
#[test]
fn it_is_in_every_limit_that_has_its_action() {
    let owner = Subject::new(HERE, ME, Role::Owner);
    let project = owner.row(ProjectId(100), HERE, 0).unwrap();
    for limit in Action::ALL.map(|action| Actions::of(action) | Actions::ViewProject) {
        let found = owner.limited_to(limit).authorize(ManageWebhooks, project);
        assert_eq!(found.is_ok(), limit.has(Action::ChangeProject), "{limit}");
    }
    let without = owner.limited_to(Actions::of(Action::ChangeProject));
    assert!(without.authorize(ManageWebhooks, project).is_err());
}

#[test]
fn its_name_is_its_own_or_that_of_its_action() {
    assert_eq!((ManageWebhooks::NAME, SkipTasks::NAME), ("webhooks.manage", "tasks.label"));
    assert_eq!(Export::NAME, Action::ExportData.key());
    assert_eq!(act::ChangeProject::NAME, "projects.change");
    let owner = Subject::new(HERE, ME, Role::Owner);
    let project = owner.row(ProjectId(100), HERE, 0).unwrap();
    let permit = owner.authorize(ManageWebhooks, project).unwrap();
    assert_eq!(permit.action(), Action::ChangeProject);
    assert!(format!("{permit:?}").starts_with(r#"Permit { action: "webhooks.manage", "#));
}

/// The log has both names.
#[test]
fn a_log_names_it_beside_its_action() {
    use Question::{Decision, List, People};

    let names = std::cell::RefCell::new(Vec::new());
    let owner = Subject::new(HERE, ME, Role::Owner).logged(|entry: &LogEntry| {
        let action = entry.decision.unwrap().action;
        names.borrow_mut().push((entry.name.to_string(), action, entry.question));
        Ok::<(), Denied>(())
    });
    let project = owner.subject().row(ProjectId(100), HERE, 0).unwrap();
    let task = owner.subject().row(TaskId(5), HERE, Facts::none()).unwrap();
    let _permit = owner.authorize(ManageWebhooks, project).unwrap();
    let _permit = owner.authorize(SkipTasks, task).unwrap();
    let _listing = owner.authorize_list(ManageWebhooks).unwrap();
    let _listing = owner.authorize_list_in(SkipTasks, project).unwrap();
    let _people = owner.authorize_people(ManageWebhooks, project).unwrap();
    let webhooks = |question| ("webhooks.manage".to_owned(), Action::ChangeProject, question);
    let people = (ManageWebhooks::NAME.to_owned(), Action::ViewPeoplePage, People);
    let skip = |question| ("tasks.label".to_owned(), Action::LabelTasks, question);
    assert_eq!(
        *names.borrow(),
        [webhooks(Decision), skip(Decision), webhooks(List), skip(List), people]
    );
}
