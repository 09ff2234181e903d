//! What changes workspaces, projects, tasks and annotations. Each function takes the proof that somebody may,
//! and changes the row that was checked: a permit for a project does not rename another, nor the same one in
//! another version.

use labelgate::membership::Member;
use labelgate::{OrganizationId, Permit, ProjectRole, UserId, act};
use serde_json::Value;

use crate::bodies::{ChangedProject, NewProject, NewWorkspace};
use crate::problem::{Result, conflict};
use crate::rows::{Annotation, Project, RowPermit, Task, Workspace};
use crate::transaction::{Tx, values};

type OrganizationPermit<A> = Permit<A, labelgate::Row<OrganizationId<i64>>>;

/// Workspaces.
impl Tx {
    pub async fn create_workspace(
        &self,
        permit: OrganizationPermit<act::CreateWorkspace>,
        new: NewWorkspace,
    ) -> Result<i64> {
        let sql = "INSERT INTO workspaces (organization_id, title, created_by, is_personal) \
            VALUES ($1, $2, $3, $4)";
        let (organization, user) = (permit.organization().0, permit.user().0);
        self.insert(sql, values![organization, new.title, user, new.is_personal]).await
    }

    pub async fn rename_workspace(
        &self,
        permit: RowPermit<act::ChangeWorkspace, Workspace>,
        title: String,
    ) -> Result<()> {
        let sql = "UPDATE workspaces SET title = $1, version = version + 1 WHERE id = $2 AND version = $3";
        self.change(sql, values![title, permit.id, permit.version]).await
    }

    pub async fn delete_workspace(
        &self,
        permit: RowPermit<act::DeleteWorkspace, Workspace>,
    ) -> Result<()> {
        let sql = "DELETE FROM workspaces WHERE id = $1 AND version = $2";
        self.change(sql, values![permit.id, permit.version]).await
    }

    pub async fn add_to_workspace(
        &self,
        permit: RowPermit<act::ChangeWorkspace, Workspace>,
        member: &Member<i64>,
    ) -> Result<()> {
        let workspace = shared(permit)?;
        let sql = "INSERT INTO workspace_members VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, values![workspace, member.user.0]).await.map(drop)
    }

    pub async fn remove_from_workspace(
        &self,
        permit: RowPermit<act::ChangeWorkspace, Workspace>,
        user: i64,
    ) -> Result<()> {
        let workspace = shared(permit)?;
        let sql = "DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2";
        self.execute(sql, values![workspace, user]).await.map(drop)
    }
}

/// The id of a workspace that has members. A sandbox is its creator's alone.
fn shared(permit: RowPermit<act::ChangeWorkspace, Workspace>) -> Result<i64> {
    match permit.is_personal {
        true => Err(conflict("a personal sandbox has no members")),
        false => Ok(permit.id),
    }
}

/// Where a project is put: in a workspace, or in the organization alone.
pub enum Place {
    Workspace(RowPermit<act::CreateProject, Workspace>),
    Organization(OrganizationPermit<act::CreateProject>),
}

impl Place {
    fn workspace(&self) -> Option<i64> {
        match self {
            Self::Workspace(permit) => Some(permit.id),
            Self::Organization(_) => None,
        }
    }

    fn ids(&self) -> (OrganizationId<i64>, UserId<i64>) {
        match self {
            Self::Workspace(permit) => (*permit.organization(), *permit.user()),
            Self::Organization(permit) => (*permit.organization(), *permit.user()),
        }
    }
}

/// Projects.
impl Tx {
    pub async fn create_project(&self, place: Place, new: NewProject) -> Result<i64> {
        let sql = "INSERT INTO projects \
            (organization_id, workspace_id, title, created_by, show_annotation_history) \
            VALUES ($1, $2, $3, $4, $5)";
        let (organization, user) = place.ids();
        let (workspace, history) = (place.workspace(), new.show_annotation_history);
        self.insert(sql, values![organization.0, workspace, new.title, user.0, history]).await
    }

    /// Changes a project, and moves it where there is a place to move it to.
    pub async fn change_project(
        &self,
        permit: RowPermit<act::ChangeProject, Project>,
        place: Option<Place>,
        changed: ChangedProject,
    ) -> Result<()> {
        let Project { id, workspace_id, title, show_annotation_history, version, .. } =
            permit.into_row().into_data();
        let sql = "UPDATE projects SET title = $1, workspace_id = $2, show_annotation_history = $3, \
            version = version + 1 WHERE id = $4 AND version = $5";
        let title = changed.title.unwrap_or(title);
        let workspace = place.map_or(workspace_id, |place| place.workspace());
        let history = changed.show_annotation_history.unwrap_or(show_annotation_history);
        self.change(sql, values![title, workspace, history, id, version]).await
    }

    pub async fn delete_project(
        &self,
        permit: RowPermit<act::DeleteProject, Project>,
    ) -> Result<()> {
        let sql = "DELETE FROM projects WHERE id = $1 AND version = $2";
        self.change(sql, values![permit.id, permit.version]).await
    }

    pub async fn add_to_project(
        &self,
        permit: RowPermit<act::ChangeProject, Project>,
        member: &Member<i64>,
    ) -> Result<()> {
        let sql = "INSERT INTO project_members (project_id, user_id) \
            SELECT id, $1 FROM projects WHERE id = $2 AND version = $3 \
            ON CONFLICT (project_id, user_id) DO UPDATE SET user_id = excluded.user_id";
        self.change(sql, values![member.user.0, permit.id, permit.version]).await
    }

    /// Who leaves a project leaves with the role and the tasks they had in it.
    pub async fn remove_from_project(
        &self,
        permit: RowPermit<act::ChangeProject, Project>,
        user: i64,
    ) -> Result<()> {
        for table in ["project_members", "project_roles", "task_assignees"] {
            let sql = format!("DELETE FROM {table} WHERE project_id = $1 AND user_id = $2");
            self.execute(&sql, values![permit.id, user]).await?;
        }
        Ok(())
    }

    pub async fn import(
        &self,
        permit: &RowPermit<act::ImportData, Project>,
        data: &Value,
    ) -> Result<i64> {
        let sql = "INSERT INTO tasks (project_id, data) \
            SELECT id, $1 FROM projects WHERE id = $2 AND version = $3";
        self.insert(sql, values![data.to_string(), permit.id, permit.version]).await
    }
}

/// What lets somebody assign a task: one right for annotators, another for reviewers.
pub enum AssignPermit {
    Annotators(RowPermit<act::AssignAnnotators, Task>),
    Reviewers(RowPermit<act::AssignReviewers, Task>),
}

impl AssignPermit {
    pub fn task(&self) -> &Task {
        match self {
            Self::Annotators(permit) => permit.row(),
            Self::Reviewers(permit) => permit.row(),
        }
    }

    fn role(&self) -> &'static str {
        match self {
            Self::Annotators(_) => ProjectRole::Annotator.code(),
            Self::Reviewers(_) => ProjectRole::Reviewer.code(),
        }
    }
}

/// Tasks, annotations and reviews.
impl Tx {
    pub async fn assign_task(&self, permit: &AssignPermit, member: &Member<i64>) -> Result<()> {
        let sql = "INSERT INTO task_assignees (task_id, project_id, user_id, type) \
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let Task { id, project_id, .. } = *permit.task();
        self.execute(sql, values![id, project_id, member.user.0, permit.role()]).await.map(drop)
    }

    pub async fn unassign_task(&self, permit: &AssignPermit, user: i64) -> Result<()> {
        let sql = "DELETE FROM task_assignees WHERE task_id = $1 AND user_id = $2 AND type = $3";
        self.execute(sql, values![permit.task().id, user, permit.role()]).await.map(drop)
    }

    pub async fn annotate(
        &self,
        permit: RowPermit<act::LabelTasks, Task>,
        result: Value,
    ) -> Result<i64> {
        let sql = "INSERT INTO annotations (task_id, completed_by, result) VALUES ($1, $2, $3)";
        self.insert(sql, values![permit.id, permit.user().0, result.to_string()]).await
    }

    pub async fn change_annotation(
        &self,
        permit: RowPermit<act::ChangeAnnotations, Annotation>,
        result: Value,
    ) -> Result<()> {
        let sql = "UPDATE annotations SET result = $1, version = version + 1 WHERE id = $2 AND version = $3";
        self.change(sql, values![result.to_string(), permit.id, permit.version]).await
    }

    pub async fn review(
        &self,
        permit: RowPermit<act::ReviewAnnotations, Annotation>,
        accepted: bool,
    ) -> Result<i64> {
        let sql = "INSERT INTO annotation_reviews (annotation_id, created_by, accepted) VALUES ($1, $2, $3)";
        self.insert(sql, values![permit.id, permit.user().0, accepted]).await
    }
}
