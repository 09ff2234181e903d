//! Is a handler as short as it should be? The code that a service would write, over a store that keeps its
//! rows in memory and returns them as a database would: each with its facts.

use std::collections::BTreeMap;

use labelgate::resource::{ProjectId, Resource, Seen};
use labelgate::{
    Action, Actions, Denied, Fact, Facts, Filter, Kind, OrganizationId, Permit, Role, Subject,
    UserId, act,
};

type Caller = Subject<i64>;

/// `SELECT p.*, $user AS asked_by, <facts> AS facts FROM projects p WHERE p.id = $1`
#[derive(Clone, Debug)]
struct Project {
    id: ProjectId<i64>,
    organization: OrganizationId<i64>,
    asked_by: UserId<i64>,
    facts: Facts,
}

impl Resource for Project {
    type Id = i64;
    type UserId = i64;
    const KIND: Kind = Kind::Project;

    fn seen(&self) -> Seen<'_, i64, i64> {
        Seen { organization: &self.organization, user: &self.asked_by, facts: self.facts }
    }
}

/// For each project its organization, and for each user the integer that the database returns.
struct Store(BTreeMap<i64, (i64, BTreeMap<i64, i64>)>);

impl Store {
    fn project(&self, caller: &Caller, id: ProjectId<i64>) -> Option<Project> {
        let (organization, facts) = self.0.get(&id.0)?;
        let user = *caller.user();
        let facts = Facts::from_bits(facts.get(&user.0).copied().unwrap_or(0)).unwrap();
        Some(Project { id, organization: OrganizationId(*organization), asked_by: user, facts })
    }

    fn export(&self, permit: Permit<act::ExportData, Project>) -> String {
        format!("project {} for user {}", permit.resource().id, permit.user())
    }

    /// What the database does with a filter that it was given as SQL.
    fn list(&self, caller: &Caller, filter: &Filter) -> Vec<i64> {
        let rows = self.0.keys().filter_map(|&id| self.project(caller, ProjectId(id)));
        rows.filter(|row| caller.matches(filter, row)).map(|row| row.id.0).collect()
    }
}

fn export(caller: &Caller, id: ProjectId<i64>, store: &Store) -> Result<String, Denied> {
    let project: Option<Project> = store.project(caller, id);
    let permit = caller.authorize(act::ExportData, project)?;
    Ok(store.export(permit))
}

fn projects(caller: &Caller, store: &Store) -> Result<Vec<i64>, Denied> {
    let filter = caller.filter_in(Action::ViewProject, caller.here())?;
    Ok(store.list(caller, &filter))
}

fn tasks(caller: &Caller, id: ProjectId<i64>, store: &Store) -> Result<String, Denied> {
    let project = store.project(caller, id);
    let tasks = caller.filter_in(Action::ViewProjectData, project)?;
    Ok(tasks.to_string())
}

fn page(caller: &Caller, project: &Project) -> Actions {
    caller.actions(project)
}

fn store() -> Store {
    let bits = |facts: &[Fact]| i64::from(facts.iter().map(|fact| fact.bit()).sum::<u16>());
    let annotator = [Fact::ProjectMember, Fact::ProjectAssignee, Fact::ActsAsAnnotator];
    let open = [&annotator[..], &[Fact::OwnDataPermitted]].concat();
    Store(BTreeMap::from([
        (100, (1, BTreeMap::from([(7, bits(&[Fact::ProjectMember])), (8, bits(&open))]))),
        (101, (1, BTreeMap::from([(8, bits(&annotator))]))),
        (102, (2, BTreeMap::from([(7, bits(&[Fact::ProjectCreator]))]))),
    ]))
}

fn caller(user: i64, role: Role) -> Caller {
    Subject::new(OrganizationId(1), UserId(user), role)
}

#[test]
fn one_row_is_guarded() {
    let (store, mia) = (store(), caller(7, Role::Manager));
    assert_eq!(export(&mia, ProjectId(100), &store).unwrap(), "project 100 for user 7");
    let status = |id| export(&mia, ProjectId(id), &store).unwrap_err().answer().status();
    assert_eq!(status(101), 403); // seen, and not hers
    assert_eq!(status(102), 404); // hers in another organization
    assert_eq!(status(103), 404); // not there
}

#[test]
fn lists_show_what_rows_permit() {
    let store = store();
    assert_eq!(projects(&caller(7, Role::Manager), &store).unwrap(), [100, 101]);
    assert_eq!(projects(&caller(8, Role::Annotator), &store).unwrap(), [100, 101]);
    assert_eq!(projects(&caller(9, Role::Annotator), &store).unwrap(), [0; 0]);
    let denied = projects(&caller(7, Role::Deactivated), &store).unwrap_err();
    assert_eq!(denied.answer().status(), 404);
}

#[test]
fn tasks_of_a_project_ask_no_membership_again() {
    let (store, ann) = (store(), caller(8, Role::Annotator));
    assert_eq!(tasks(&ann, ProjectId(100), &store).unwrap(), "assignee; author");
    assert_eq!(tasks(&ann, ProjectId(101), &store).unwrap_err().answer().status(), 403);
    assert_eq!(tasks(&ann, ProjectId(102), &store).unwrap_err().answer().status(), 404);
    let all = tasks(&caller(7, Role::Owner), ProjectId(100), &store).unwrap();
    assert_eq!(all, "everything in the organization");
}

#[test]
fn a_page_shows_what_the_row_permits() {
    let (store, ann) = (store(), caller(8, Role::Annotator));
    let project = store.project(&ann, ProjectId(100)).unwrap();
    assert_eq!(page(&ann, &project), Actions::ViewProject | Actions::LabelTasks);
    // She may view what is hers in it, which no task is that nobody has named.
    assert!(tasks(&ann, ProjectId(100), &store).is_ok());
}
