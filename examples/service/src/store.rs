//! What changes rows. Each function takes the proof that somebody may, and changes the row that was
//! checked: a permit for a project does not rename another, nor the same one in another version.

use labelgate::membership::{
    Assignment, DefaultRoleSet, InvitationReset, Member, OverridesSet, ProjectRoleGiven,
    ProjectRoleTakenBack, Removal, SignUp, Transfer,
};
use labelgate::overrides::Overrides;
use labelgate::sql::{Cleanup, EndsMemberData};
use labelgate::{OrganizationId, Permit, ProjectRole, UserId, act};
use sea_orm::DbErr;
use serde_json::Value;

use crate::bodies::{ChangedProject, NewProject, NewWorkspace};
use crate::caller::hash;
use crate::database::{Tx, values};
use crate::problem::{Failure, conflict};
use crate::rows::{Annotation, Project, Row, Task, Workspace};

type OrganizationRow = labelgate::Row<OrganizationId<i64>>;

/// The proof that something may be done to a row.
type May<A, T> = Permit<A, Row<T>>;

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
        permit: May<act::ChangeWorkspace, Workspace>,
        title: String,
    ) -> Result<(), Failure> {
        let workspace = permit.into_row().into_data();
        let sql = "UPDATE workspaces SET title = $1, version = version + 1 WHERE id = $2 AND version = $3";
        self.change(sql, values![title, workspace.id, workspace.version]).await
    }

    pub async fn delete_workspace(
        &self,
        permit: May<act::DeleteWorkspace, Workspace>,
    ) -> Result<(), Failure> {
        let workspace = permit.into_row().into_data();
        let sql = "DELETE FROM workspaces WHERE id = $1 AND version = $2";
        self.change(sql, values![workspace.id, workspace.version]).await
    }

    pub async fn add_to_workspace(
        &self,
        permit: May<act::ChangeWorkspace, Workspace>,
        member: &Member<i64>,
    ) -> Result<(), Failure> {
        let workspace = shared(permit)?;
        let sql = "INSERT INTO workspace_members VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, values![workspace.id, member.user.0]).await?;
        Ok(())
    }

    pub async fn remove_from_workspace(
        &self,
        permit: May<act::ChangeWorkspace, Workspace>,
        user: i64,
    ) -> Result<(), Failure> {
        let workspace = shared(permit)?;
        let sql = "DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2";
        self.execute(sql, values![workspace.id, user]).await?;
        Ok(())
    }
}

/// A sandbox is its creator's alone.
fn shared(permit: May<act::ChangeWorkspace, Workspace>) -> Result<Workspace, Failure> {
    let workspace = permit.into_row().into_data();
    if workspace.is_personal {
        Err(conflict("a personal sandbox has no members"))
    } else {
        Ok(workspace)
    }
}

/// Where a project is created: in a workspace, or in the organization alone.
pub enum Place {
    Workspace(May<act::CreateProject, Workspace>),
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
        permit: May<act::ChangeProject, Project>,
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
        permit: May<act::DeleteProject, Project>,
    ) -> Result<(), Failure> {
        let project = permit.into_row().into_data();
        let sql = "DELETE FROM projects WHERE id = $1 AND version = $2";
        self.change(sql, values![project.id, project.version]).await
    }

    pub async fn add_to_project(
        &self,
        permit: May<act::ChangeProject, Project>,
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
        permit: May<act::ChangeProject, Project>,
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
        permit: &May<act::ImportData, Project>,
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
    Annotators(May<act::AssignAnnotators, Task>),
    Reviewers(May<act::AssignReviewers, Task>),
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
        permit: May<act::LabelTasks, Task>,
        result: Value,
    ) -> Result<i64, Failure> {
        let sql = "INSERT INTO annotations (task_id, completed_by, result) VALUES ($1, $2, $3)";
        self.insert(sql, values![permit.id, permit.user().0, result.to_string()]).await
    }

    pub async fn change_annotation(
        &self,
        permit: May<act::ChangeAnnotations, Annotation>,
        result: Value,
    ) -> Result<(), Failure> {
        let annotation = permit.into_row().into_data();
        let sql = "UPDATE annotations SET result = $1, version = version + 1 \
            WHERE id = $2 AND version = $3";
        self.change(sql, values![result.to_string(), annotation.id, annotation.version]).await
    }

    pub async fn review(
        &self,
        permit: May<act::ReviewAnnotations, Annotation>,
        accepted: bool,
    ) -> Result<i64, Failure> {
        let sql = "INSERT INTO annotation_reviews (annotation_id, created_by, accepted) \
            VALUES ($1, $2, $3)";
        self.insert(sql, values![permit.id, permit.user().0, accepted]).await
    }
}

/// Memberships, roles in projects and settings. The proofs say what goes with a role, and the `WHERE`
/// what was so when it was decided.
impl Tx {
    pub async fn assign(&self, change: Assignment<i64>, cleanup: &Cleanup) -> Result<(), Failure> {
        self.clean_up(cleanup, &change).await?;
        let Assignment { member, was, .. } = change;
        let sql = "UPDATE members SET role = $1, role_source = $2 \
            WHERE organization_id = $3 AND user_id = $4 AND role = $5";
        self.change(
            sql,
            values![
                member.role.code(),
                member.source.code(),
                member.organization.0,
                member.user.0,
                was.code()
            ],
        )
        .await
    }

    /// The former owner first: there are never two.
    pub async fn transfer(&self, change: Transfer<i64>, cleanup: &Cleanup) -> Result<(), Failure> {
        self.assign(change.former, cleanup).await?;
        self.assign(change.heir, cleanup).await
    }

    pub async fn remove(&self, change: Removal<i64>, cleanup: &Cleanup) -> Result<(), Failure> {
        self.clean_up(cleanup, &change).await?;
        let Removal { member, .. } = change;
        let sql = "DELETE FROM members WHERE organization_id = $1 AND user_id = $2 AND role = $3";
        self.change(sql, values![member.organization.0, member.user.0, member.role.code()]).await
    }

    async fn clean_up(
        &self,
        cleanup: &Cleanup,
        change: &impl EndsMemberData<i64, i64>,
    ) -> Result<(), DbErr> {
        self.run_as("labelgate_jobs").await?; // policies refuse to take a creator away
        for (sql, values) in cleanup.statements(change) {
            self.execute(&sql, values).await?;
        }
        self.run_as("labelgate_service").await
    }

    pub async fn sign_up(&self, change: SignUp<i64>) -> Result<(), DbErr> {
        let Member { organization, user, role, source } = change.member;
        let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
            VALUES ($1, $2, $3, $4)";
        self.execute(sql, values![organization.0, user.0, role.code(), source.code()])
            .await
            .map(drop)
    }

    /// Tokens and cookies are random; what is kept of them is a hash.
    pub async fn sign_in(
        &self,
        organization: OrganizationId<i64>,
        user: UserId<i64>,
        is_token: bool,
    ) -> Result<String, Failure> {
        let secret = secret()?;
        let sql = "INSERT INTO sessions (hash, is_token, organization_id, user_id) \
            VALUES ($1, $2, $3, $4)";
        self.execute(sql, values![hash(&secret), is_token, organization.0, user.0]).await?;
        Ok(secret)
    }

    pub async fn set_default_role(&self, change: DefaultRoleSet<i64>) -> Result<(), Failure> {
        let DefaultRoleSet { organization, role, was, .. } = change;
        let sql = "UPDATE organization_settings SET default_role = $1 \
            WHERE organization_id = $2 AND default_role = $3";
        self.change(sql, values![role.code(), organization.0, was.code()]).await
    }

    pub async fn reset_invitation(
        &self,
        change: InvitationReset<i64, String>,
    ) -> Result<String, Failure> {
        let InvitationReset { organization, token, was, .. } = change;
        let sql = "UPDATE organization_settings SET invitation = $1, invitation_hash = $2 \
            WHERE organization_id = $3 AND invitation = $4";
        self.change(sql, values![token.as_str(), hash(&token), organization.0, was]).await?;
        Ok(token)
    }

    pub async fn set_overrides(&self, change: OverridesSet<i64>) -> Result<(), Failure> {
        let OverridesSet { organization, overrides, was, .. } = change;
        let sql = "UPDATE organization_settings SET overrides = $1 \
            WHERE organization_id = $2 AND overrides = $3";
        self.change(sql, values![text(&overrides), organization.0, text(&was)]).await
    }

    pub async fn give_project_role(
        &self,
        change: ProjectRoleGiven<i64, Row<Project>>,
    ) -> Result<i64, Failure> {
        let ProjectRoleGiven { member, project, role, source, .. } = change;
        let sql = "INSERT INTO project_roles (project_id, user_id, role, role_source) \
            VALUES ($1, $2, $3, $4) ON CONFLICT (project_id, user_id) DO UPDATE \
            SET role = excluded.role, role_source = excluded.role_source";
        self.insert(sql, values![project.id, member.user.0, role.code(), source.code()]).await
    }

    pub async fn take_back_project_role(
        &self,
        change: ProjectRoleTakenBack<i64, Row<Project>>,
    ) -> Result<(), Failure> {
        let ProjectRoleTakenBack { member, project, .. } = change;
        let sql = "DELETE FROM project_roles WHERE project_id = $1 AND user_id = $2";
        self.change(sql, values![project.id, member.user.0]).await
    }
}

/// As a set of overrides is kept.
pub fn text(overrides: &Overrides) -> String {
    serde_json::json!(overrides).to_string()
}

/// A random token: 64 hexadecimal digits.
pub fn secret() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Stored(error.to_string().into()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
