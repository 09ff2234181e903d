//! What changes workspaces, projects, tasks and annotations. Each function takes the proof that somebody may, and changes the row that was
//! checked: a permit for a project does not rename another, nor the same one in another version.

use labelgate::membership::Member;
use labelgate::{OrganizationId, Permit, ProjectRole, UserId, act};
use sea_orm::DbErr;
use serde_json::Value;

use crate::bodies::{ChangedProject, NewProject, NewWorkspace};
use crate::database::values;
use crate::problem::{Failure, conflict};
use crate::rows::{Annotation, Project, RowPermit, Task, Workspace};
use crate::transaction::Tx;

type OrganizationRow = labelgate::Row<OrganizationId<i64>>;

/// Workspaces.
impl Tx {
    pub async fn create_workspace(
        &self,
        permit: Permit<act::CreateWorkspace, OrganizationRow>,
        new: NewWorkspace,
    ) -> Result<i64, Failure> {
        let sql = "INSERT INTO workspaces (organization_id, title, created_by, is_personal) \
            VALUES ($1, $2, $3, $4)";
        self.insert(
            sql,
            values![permit.organization().0, new.title, permit.user().0, new.is_personal],
        )
        .await
    }

    pub async fn rename_workspace(
        &self,
        permit: RowPermit<act::ChangeWorkspace, Workspace>,
        title: String,
    ) -> Result<(), Failure> {
        let workspace = permit.into_row().into_data();
        let sql = "UPDATE workspaces SET title = $1, version = version + 1 WHERE id = $2 AND version = $3";
        self.change(sql, values![title, workspace.id, workspace.version]).await
    }

    pub async fn delete_workspace(
        &self,
        permit: RowPermit<act::DeleteWorkspace, Workspace>,
    ) -> Result<(), Failure> {
        let workspace = permit.into_row().into_data();
        let sql = "DELETE FROM workspaces WHERE id = $1 AND version = $2";
        self.change(sql, values![workspace.id, workspace.version]).await
    }

    pub async fn add_to_workspace(
        &self,
        permit: RowPermit<act::ChangeWorkspace, Workspace>,
        member: &Member<i64>,
    ) -> Result<(), Failure> {
        let workspace = shared(permit)?;
        let sql = "INSERT INTO workspace_members VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, values![workspace.id, member.user.0]).await?;
        Ok(())
    }

    pub async fn remove_from_workspace(
        &self,
        permit: RowPermit<act::ChangeWorkspace, Workspace>,
        user: i64,
    ) -> Result<(), Failure> {
        let workspace = shared(permit)?;
        let sql = "DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2";
        self.execute(sql, values![workspace.id, user]).await?;
        Ok(())
    }
}

/// A sandbox is its creator's alone.
fn shared(permit: RowPermit<act::ChangeWorkspace, Workspace>) -> Result<Workspace, Failure> {
    let workspace = permit.into_row().into_data();
    if workspace.is_personal {
        Err(conflict("a personal sandbox has no members"))
    } else {
        Ok(workspace)
    }
}

/// Where a project is created: in a workspace, or in the organization alone.
pub enum Place {
    Workspace(RowPermit<act::CreateProject, Workspace>),
    Organization(Permit<act::CreateProject, OrganizationRow>),
}

impl Place {
    fn workspace(&self) -> Option<i64> {
        match self {
            Self::Workspace(permit) => Some(permit.id),
            Self::Organization(_) => None,
        }
    }

    fn of(&self) -> (OrganizationId<i64>, UserId<i64>) {
        match self {
            Self::Workspace(permit) => (*permit.organization(), *permit.user()),
            Self::Organization(permit) => (*permit.organization(), *permit.user()),
        }
    }
}

/// Projects.
impl Tx {
    pub async fn create_project(&self, place: Place, new: NewProject) -> Result<i64, Failure> {
        let (organization, user) = place.of();
        let sql = "INSERT INTO projects \
            (organization_id, workspace_id, title, created_by, show_annotation_history) \
            VALUES ($1, $2, $3, $4, $5)";
        self.insert(
            sql,
            values![
                organization.0,
                place.workspace(),
                new.title,
                user.0,
                new.show_annotation_history
            ],
        )
        .await
    }

    /// Changes a project, and moves it where there is a place to move it to.
    pub async fn change_project(
        &self,
        permit: RowPermit<act::ChangeProject, Project>,
        place: Option<Place>,
        changed: ChangedProject,
    ) -> Result<(), Failure> {
        let project = permit.into_row().into_data();
        let workspace = place.map_or(project.workspace_id, |place| place.workspace());
        let sql = "UPDATE projects SET title = $1, workspace_id = $2, show_annotation_history = $3, \
            version = version + 1 WHERE id = $4 AND version = $5";
        self.change(
            sql,
            values![
                changed.title.unwrap_or(project.title),
                workspace,
                changed.show_annotation_history.unwrap_or(project.show_annotation_history),
                project.id,
                project.version
            ],
        )
        .await
    }

    pub async fn delete_project(
        &self,
        permit: RowPermit<act::DeleteProject, Project>,
    ) -> Result<(), Failure> {
        let project = permit.into_row().into_data();
        let sql = "DELETE FROM projects WHERE id = $1 AND version = $2";
        self.change(sql, values![project.id, project.version]).await
    }

    pub async fn add_to_project(
        &self,
        permit: RowPermit<act::ChangeProject, Project>,
        member: &Member<i64>,
    ) -> Result<(), Failure> {
        let project = permit.into_row().into_data();
        let sql = "INSERT INTO project_members (project_id, user_id) \
            SELECT id, $1 FROM projects WHERE id = $2 AND version = $3 \
            ON CONFLICT (project_id, user_id) DO UPDATE SET user_id = excluded.user_id";
        self.change(sql, values![member.user.0, project.id, project.version]).await
    }

    /// Who leaves a project leaves with the role and the tasks they had in it.
    pub async fn remove_from_project(
        &self,
        permit: RowPermit<act::ChangeProject, Project>,
        user: i64,
    ) -> Result<(), DbErr> {
        for table in ["project_members", "project_roles", "task_assignees"] {
            self.execute(
                &format!("DELETE FROM {table} WHERE project_id = $1 AND user_id = $2"),
                values![permit.id, user],
            )
            .await?;
        }
        Ok(())
    }

    pub async fn import(
        &self,
        permit: &RowPermit<act::ImportData, Project>,
        data: &Value,
    ) -> Result<i64, Failure> {
        let project = permit.row();
        let sql = "INSERT INTO tasks (project_id, data) \
            SELECT id, $1 FROM projects WHERE id = $2 AND version = $3";
        self.insert(sql, values![data.to_string(), project.id, project.version]).await
    }
}

/// What lets somebody assign a task: one right for annotators, another for reviewers.
pub enum Assign {
    Annotators(RowPermit<act::AssignAnnotators, Task>),
    Reviewers(RowPermit<act::AssignReviewers, Task>),
}

impl Assign {
    pub fn task(&self) -> &Task {
        match self {
            Self::Annotators(permit) => permit.row(),
            Self::Reviewers(permit) => permit.row(),
        }
    }

    fn role(&self) -> ProjectRole {
        match self {
            Self::Annotators(_) => ProjectRole::Annotator,
            Self::Reviewers(_) => ProjectRole::Reviewer,
        }
    }
}

/// Tasks, annotations and reviews.
impl Tx {
    pub async fn assign_task(&self, permit: &Assign, member: &Member<i64>) -> Result<(), DbErr> {
        let Task { id, project_id, .. } = permit.task();
        let sql = "INSERT INTO task_assignees (task_id, project_id, user_id, type) \
            VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        self.execute(sql, values![*id, *project_id, member.user.0, permit.role().code()])
            .await
            .map(drop)
    }

    pub async fn unassign_task(&self, permit: &Assign, user: i64) -> Result<(), DbErr> {
        let sql = "DELETE FROM task_assignees WHERE task_id = $1 AND user_id = $2 AND type = $3";
        self.execute(sql, values![permit.task().id, user, permit.role().code()]).await.map(drop)
    }

    pub async fn annotate(
        &self,
        permit: RowPermit<act::LabelTasks, Task>,
        result: Value,
    ) -> Result<i64, Failure> {
        let sql = "INSERT INTO annotations (task_id, completed_by, result) VALUES ($1, $2, $3)";
        self.insert(sql, values![permit.id, permit.user().0, result.to_string()]).await
    }

    pub async fn change_annotation(
        &self,
        permit: RowPermit<act::ChangeAnnotations, Annotation>,
        result: Value,
    ) -> Result<(), Failure> {
        let annotation = permit.into_row().into_data();
        let sql = "UPDATE annotations SET result = $1, version = version + 1 \
            WHERE id = $2 AND version = $3";
        self.change(sql, values![result.to_string(), annotation.id, annotation.version]).await
    }

    pub async fn review(
        &self,
        permit: RowPermit<act::ReviewAnnotations, Annotation>,
        accepted: bool,
    ) -> Result<i64, Failure> {
        let sql = "INSERT INTO annotation_reviews (annotation_id, created_by, accepted) \
            VALUES ($1, $2, $3)";
        self.insert(sql, values![permit.id, permit.user().0, accepted]).await
    }
}
