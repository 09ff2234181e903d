//! Is a handler as short as it should be? The code that a service would write, over a store that keeps its
//! rows in memory and returns them as a database would: each with its facts.

use std::collections::BTreeMap;

use labelgate::{
    Actions, Denied, Fact, Facts, Listing, OrganizationId, Permit, ProjectId, Role, Row, Subject,
    UserId, act,
};

type Caller = Subject<i64>;

/// What the service keeps of a project.
#[derive(Clone, Debug)]
struct ProjectData {
    title: String,
}

type Project = Row<ProjectId<i64>, ProjectData>;

/// For each project its organization, and for each user the integer that the database returns.
struct Store(BTreeMap<i64, (i64, BTreeMap<i64, i64>)>);

impl Store {
    /// `SELECT title, organization_id, <facts> FROM projects WHERE id = $1`
    fn project(&self, caller: &Caller, id: ProjectId<i64>) -> Option<Project> {
        let (organization, facts) = self.0.get(&id.0)?;
        let facts = facts.get(&caller.user().0).copied().unwrap_or(0);
        let row = caller.row(id, OrganizationId(*organization), facts).unwrap();
        Some(row.with(ProjectData { title: format!("project {id}") }))
    }

    fn export(&self, permit: Permit<act::ExportData, Project>) -> String {
        format!("{} for user {}", permit.title, permit.user())
    }

    /// What the database does with a listing that it was given as SQL: rows in memory are asked one by one.
    fn list(
        &self,
        caller: &Caller,
        listing: &Listing<act::ViewProject, OrganizationId<i64>>,
    ) -> Vec<i64> {
        let rows = self.0.keys().filter_map(|&id| self.project(caller, ProjectId(id)));
        rows.filter(|row| caller.can(listing.action(), row)).map(|row| row.id().0).collect()
    }
}

fn export(caller: &Caller, id: ProjectId<i64>, store: &Store) -> Result<String, Denied> {
    let project: Option<Project> = store.project(caller, id);
    let permit = caller.authorize(act::ExportData, project)?;
    Ok(store.export(permit))
}

fn projects(caller: &Caller, store: &Store) -> Result<Vec<i64>, Denied> {
    let listing = caller.authorize_list(act::ViewProject)?;
    Ok(store.list(caller, &listing))
}

fn tasks(caller: &Caller, id: ProjectId<i64>, store: &Store) -> Result<String, Denied> {
    let project = store.project(caller, id);
    let listing = caller.authorize_list_in(act::ViewProjectData, &project)?;
    assert_eq!(listing.within(), &id);
    Ok(listing.condition().to_string())
}

fn buttons(caller: &Caller, project: &Project) -> Actions {
    caller.actions(project)
}

fn tabs(caller: &Caller, project: &Project) -> Actions {
    caller.actions_in(project)
}

fn store() -> Store {
    let bits = |facts: &[Fact]| facts.iter().copied().collect::<Facts>().bits().into();
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
    assert_eq!(buttons(&ann, &project), Actions::ViewProject);
    let own = Actions::ReviewPerformance | Actions::TrackDashboards | Actions::ChangeAnnotations;
    let dashboard = Actions::ViewAnnotatorDashboard;
    let expected = Actions::LabelTasks | Actions::ViewProjectData | own | dashboard;
    assert_eq!(tabs(&ann, &project), expected);
}
