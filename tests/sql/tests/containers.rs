//! A list has the rows within its row and no others, whatever a handler forgets or a row claims: the trials in
//! which lists of 0.2 had rows of other projects, of other users and of other organizations.
//!
//! The ids of organizations, users and rows are of three types.

use labelgate::row::{InnerRowId, RowId};
use labelgate::sql::{self, Dialect, Page, Schema};
use labelgate::{
    Denied, Fact, Facts, Kind, Listing, OrganizationId, ProjectId, Reason, Role, Row, Subject,
    TaskId, UserId, WorkspaceId, act,
};
use labelgate_sql_tests::schema::table;
use labelgate_sql_tests::{Engine, Postgres, Sqlite, Value};
use sea_query::{Order, Query};

/// Users 7, 8 and 9 of `acme`. Workspace 10 is of `acme` and 20 is of `umbrella`, but projects say that they are in
/// the other organization's. Project 100 is reviewed by user 7, who is in no other but 102; task 1020 in it is
/// theirs and user 8's.
const TABLES: &str = "
    CREATE TABLE workspaces (id BIGINT PRIMARY KEY, organization_id TEXT, created_by INTEGER, is_personal BOOLEAN);
    CREATE TABLE workspace_members (workspace_id BIGINT, user_id INTEGER);
    CREATE TABLE projects (
        id BIGINT PRIMARY KEY, organization_id TEXT, workspace_id BIGINT, created_by INTEGER,
        show_annotation_history BOOLEAN
    );
    CREATE TABLE project_members (project_id BIGINT, user_id INTEGER);
    CREATE TABLE project_roles (project_id BIGINT, user_id INTEGER, role TEXT);
    CREATE TABLE tasks (id BIGINT PRIMARY KEY, project_id BIGINT);
    CREATE TABLE task_assignees (task_id BIGINT, user_id INTEGER, project_id BIGINT);
    CREATE TABLE annotations (id BIGINT PRIMARY KEY, task_id BIGINT, completed_by INTEGER);
    INSERT INTO workspaces VALUES (10, 'acme', NULL, FALSE), (11, 'acme', NULL, FALSE), (20, 'umbrella', NULL, FALSE);
    INSERT INTO projects VALUES
        (100, 'acme', 10, NULL, FALSE), (101, 'acme', 10, NULL, FALSE), (102, 'acme', 11, NULL, TRUE),
        (103, 'acme', 20, NULL, FALSE), (200, 'umbrella', 20, NULL, TRUE), (201, 'umbrella', 10, NULL, TRUE);
    INSERT INTO project_members VALUES (100, 7), (102, 7), (102, 8), (200, 7), (201, 7);
    INSERT INTO project_roles VALUES (100, 7, 'RE');
    INSERT INTO tasks VALUES
        (1000, 100), (1001, 100), (1010, 101), (1011, 101), (1020, 102), (1030, 103), (2000, 200), (2010, 201);
    INSERT INTO task_assignees VALUES (1020, 7, 102), (1020, 8, 102), (2000, 7, 200);
    INSERT INTO annotations VALUES
        (1, 1000, 8), (2, 1001, 7), (3, 1010, 7), (4, 1011, 8), (5, 1020, 7), (6, 1020, 8), (7, 2000, 7), (8, 2010, 8);
";

type Caller = Subject<String, i32>;

fn caller(organization: &str, user: i32, role: Role) -> Caller {
    Subject::new(OrganizationId(organization.to_owned()), UserId(user), role)
}

struct Asks<E> {
    engine: E,
    schema: Schema,
}

impl<E: Engine> Asks<E> {
    fn new(mut engine: E, dialect: Dialect) -> Self {
        engine.run(TABLES);
        Asks { engine, schema: Schema::new(dialect) }
    }

    /// What a row's query returns: the row with its facts.
    fn row<Id>(&mut self, caller: &Caller, id: fn(i64) -> Id, of: i64) -> Row<Id, (), String, i32>
    where
        Id: InnerRowId<Value = i64>,
    {
        let (kind, table) = (Id::KIND, table(Id::KIND));
        let query = Query::select()
            .column(self.schema.id(kind))
            .expr(self.schema.organization(kind))
            .expr(self.schema.facts(caller, kind))
            .from(table)
            .to_owned();
        let mut rows = self.engine.select(&query).into_iter();
        let row = rows.find_map(|row| match &row[..] {
            [Value::Integer(id), Value::Text(organization), Value::Integer(facts)] => {
                (*id == of).then(|| (OrganizationId(organization.clone()), *facts))
            }
            _ => panic!("{row:?}"),
        });
        let (organization, facts) = row.expect("a row");
        caller.row(id(of), organization, facts).expect("facts")
    }

    /// The ids that the listing has, in all shapes.
    #[track_caller]
    fn ids<A, Id>(&mut self, listing: &Listing<A, Id, String, i32>) -> Vec<i64>
    where
        Id: RowId<Value: sql::Id>,
    {
        let kind = listing.kind();
        let page = self.schema.page(listing, &Page::of(100));
        let shapes = [page, self.schema.set(listing), self.schema.matches(listing)];
        let [page, set, matching] = shapes.map(|condition| {
            let query = Query::select()
                .column(self.schema.id(kind))
                .from(table(kind))
                .and_where(condition)
                .order_by(self.schema.id(kind), Order::Asc)
                .to_owned();
            let rows = self.engine.select(&query).into_iter();
            let id = |row: Vec<Value>| match row[..] {
                [Value::Integer(id)] => id,
                _ => panic!("{row:?}"),
            };
            rows.map(id).collect::<Vec<_>>()
        });
        assert_eq!((&page, &page), (&set, &matching));
        page
    }
}

/// All facts that there can be.
fn all_facts() -> Facts {
    let reviews = Fact::ActsAsReviewer;
    Fact::ALL.into_iter().filter(|fact| *fact != Fact::ActsAsAnnotator).chain([reviews]).collect()
}

/// Who reviews in project 100 is shown tasks of 100. The handler adds no condition of its own.
fn another_project(mut asks: Asks<impl Engine>) -> Result<(), Denied> {
    let ann = caller("acme", 7, Role::Annotator);
    let project = asks.row(&ann, ProjectId, 100);
    let review = ann.authorize_list_in(act::ReviewAnnotations, &project)?;
    assert_eq!(review.within(), &ProjectId(100));
    assert_eq!(asks.ids(&review), [1000, 1001]);
    assert_eq!(asks.ids(&review.records()), [1, 2]);
    let view = ann.authorize_list_in(act::ViewProjectData, &project)?;
    assert_eq!(asks.ids(&view), [1000, 1001]);
    assert_eq!(asks.ids(&view.records()), [1, 2]);

    // In project 102 they annotate.
    let project = asks.row(&ann, ProjectId, 102);
    assert!(ann.authorize_list_in(act::ReviewAnnotations, &project).is_err());
    let view = ann.authorize_list_in(act::ViewProjectData, &project)?;
    assert_eq!(asks.ids(&view), [1020]);
    assert_eq!(asks.ids(&view.records()), [5]);

    // They are not in project 101.
    let project = asks.row(&ann, ProjectId, 101);
    let denied = ann.authorize_list_in(act::ReviewAnnotations, &project).unwrap_err();
    assert_eq!(denied.answer().status(), 404);

    // A manager is shown the project's, and not the organization's.
    let owner = caller("acme", 9, Role::Owner);
    let project = asks.row(&owner, ProjectId, 101);
    let view = owner.authorize_list_in(act::ViewProjectData, &project)?;
    assert_eq!(asks.ids(&view), [1010, 1011]);
    assert_eq!(asks.ids(&view.records()), [3, 4]);
    Ok(())
}

/// A listing is that of the user who was asked about, and a row is the user's for whom it was selected.
fn another_user(mut asks: Asks<impl Engine>) -> Result<(), Denied> {
    let (ann, amy) = (caller("acme", 7, Role::Annotator), caller("acme", 8, Role::Annotator));
    let project = asks.row(&ann, ProjectId, 100);
    for (other, role) in [(8, Role::Annotator), (9, Role::Owner)] {
        let other = caller("acme", other, role);
        let denied = other.authorize_list_in(act::ReviewAnnotations, &project).unwrap_err();
        assert_eq!((denied.reason(), denied.answer().status()), (Reason::OtherUser, 404));
        assert!(other.actions_in(&project).is_empty());
    }
    let listing = ann.authorize_list(act::ViewProject)?;
    assert_eq!((asks.ids(&listing), listing.user()), (vec![100, 102], &UserId(7)));
    let listing = amy.authorize_list(act::ViewProject)?;
    assert_eq!((asks.ids(&listing), listing.user()), (vec![102], &UserId(8)));
    Ok(())
}

/// A row that claims to be in the organization, and all facts with it, lists nothing of another one.
fn another_organization(mut asks: Asks<impl Engine>) -> Result<(), Denied> {
    for role in [Role::Annotator, Role::Manager, Role::Owner] {
        let user = caller("acme", 7, role);
        let here = || OrganizationId("acme".to_owned());

        let workspace = user.row(WorkspaceId(20_i64), here(), all_facts()).unwrap();
        let listing = user.authorize_list_in(act::ViewProject, &workspace)?;
        assert_eq!(asks.ids(&listing), [], "{role}: not even project 103, which is in `acme`");
        let listing = user.authorize_list_in(act::ViewProjectData, &workspace)?;
        assert_eq!(asks.ids(&listing), []);
        assert_eq!(asks.ids(&listing.records()), []);

        for project in [200, 201] {
            let project = user.row(ProjectId(project), here(), all_facts()).unwrap();
            let listing = user.authorize_list_in(act::ViewProjectData, &project)?;
            assert_eq!(asks.ids(&listing), []);
            assert_eq!(asks.ids(&listing.records()), []);
        }
        for task in [2000, 2010] {
            let task = user.row(TaskId(task), here(), all_facts()).unwrap();
            let listing = user.authorize_list_in(act::ViewProjectData, &task)?;
            assert_eq!(asks.ids(&listing), []);
        }

        // As it was selected, it is outside.
        let project = asks.row(&user, ProjectId, 200);
        let denied = user.authorize_list_in(act::ViewProjectData, &project).unwrap_err();
        let answer = (denied.reason(), denied.answer().status());
        assert_eq!(answer, (Reason::OutsideOrganization, 404));
    }
    Ok(())
}

/// A workspace has the projects that are in it and in the organization, and what they hold.
fn within_a_workspace(mut asks: Asks<impl Engine>) -> Result<(), Denied> {
    let owner = caller("acme", 9, Role::Owner);
    let workspace = asks.row(&owner, WorkspaceId, 10);
    let listing = owner.authorize_list_in(act::ViewProject, &workspace)?;
    assert_eq!(asks.ids(&listing), [100, 101], "and not 201, which is in `umbrella`");
    let listing = owner.authorize_list_in(act::ViewProjectData, &workspace)?;
    assert_eq!(asks.ids(&listing), [1000, 1001, 1010, 1011]);
    assert_eq!(asks.ids(&listing.records()), [1, 2, 3, 4]);

    let ann = caller("acme", 7, Role::Annotator);
    let workspace = asks.row(&ann, WorkspaceId, 10);
    let listing = ann.authorize_list_in(act::ViewProject, &workspace)?;
    assert_eq!(asks.ids(&listing), [100]);
    let listing = ann.authorize_list_in(act::LabelTasks, &workspace)?;
    assert_eq!(asks.ids(&listing), [1000, 1001]);

    // A service without workspaces has nothing in one.
    let facts = [Fact::WorkspaceCreator, Fact::WorkspaceMember];
    let schema = asks.schema.clone().without(facts);
    asks.schema = schema;
    assert_eq!(asks.ids(&listing), []);
    Ok(())
}

/// In a task there are its records. Who is assigned to it sees their own, and nobody else's.
fn within_a_task(mut asks: Asks<impl Engine>) -> Result<(), Denied> {
    for (user, own) in [(7, 5), (8, 6)] {
        let ann = caller("acme", user, Role::Annotator);
        let task = asks.row(&ann, TaskId, 1020);
        assert!(task.facts().has(Fact::Assignee));
        let listing = ann.authorize_list_in(act::ViewProjectData, &task)?;
        assert_eq!(listing.kind(), Kind::Record);
        assert_eq!(asks.ids(&listing), [own]);
        let listing = ann.authorize_list_in(act::ChangeAnnotations, &task)?;
        assert_eq!(asks.ids(&listing), [own]);
    }
    let owner = caller("acme", 9, Role::Owner);
    let task = asks.row(&owner, TaskId, 1020);
    assert_eq!(asks.ids(&owner.authorize_list_in(act::ViewProjectData, &task)?), [5, 6]);

    // Who reviews the project sees all of a task, and nothing of the next one.
    let ann = caller("acme", 7, Role::Annotator);
    let task = asks.row(&ann, TaskId, 1000);
    assert_eq!(asks.ids(&ann.authorize_list_in(act::ReviewAnnotations, &task)?), [1]);
    let task = asks.row(&ann, TaskId, 1010);
    assert!(ann.authorize_list_in(act::ViewProjectData, &task).is_err(), "their own record, once");
    Ok(())
}

mod sqlite {
    use super::*;

    fn asks() -> Asks<Sqlite> {
        Asks::new(Sqlite::create(), Dialect::Sqlite)
    }

    #[test]
    fn another_project() -> Result<(), Denied> {
        super::another_project(asks())
    }

    #[test]
    fn another_user() -> Result<(), Denied> {
        super::another_user(asks())
    }

    #[test]
    fn another_organization() -> Result<(), Denied> {
        super::another_organization(asks())
    }

    #[test]
    fn within_a_workspace() -> Result<(), Denied> {
        super::within_a_workspace(asks())
    }

    #[test]
    fn within_a_task() -> Result<(), Denied> {
        super::within_a_task(asks())
    }
}

mod postgres {
    use super::*;

    fn asks() -> Asks<Postgres> {
        Asks::new(Postgres::create(), Dialect::Postgres)
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn another_project() -> Result<(), Denied> {
        super::another_project(asks())
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn another_user() -> Result<(), Denied> {
        super::another_user(asks())
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn another_organization() -> Result<(), Denied> {
        super::another_organization(asks())
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn within_a_workspace() -> Result<(), Denied> {
        super::within_a_workspace(asks())
    }

    #[test]
    #[ignore = "needs PostgreSQL"]
    fn within_a_task() -> Result<(), Denied> {
        super::within_a_task(asks())
    }
}
