//! What changes rows. Each function takes the proof that somebody may, and changes the row that was
//! checked: a permit for a project does not rename another, nor the same one in another version.

use labelgate::membership::{
    Assignment, Belonging, Belongings, DefaultRoleSet, InvitationReset, Member, OverridesSet,
    ProjectRoleGiven, ProjectRoleTakenBack, Removal, SignUp, Transfer,
};
use labelgate::overrides::Overrides;
use labelgate::resource::Organization;
use labelgate::{OrganizationId, Permit, ProjectRole, Role, UserId, act};
use sea_orm::DbErr;
use serde_json::Value;

use crate::bodies::{ChangedProject, NewProject, NewWorkspace};
use crate::caller::hash;
use crate::database::Tx;
use crate::problem::{Failure, conflict};
use crate::rows::{Annotation, Project, Row, Task, Workspace};

type Change<T> = Permit<act::ChangeProject, Row<T>>;

/// Workspaces.
impl Tx {
    pub async fn create_workspace(
        &self,
        permit: Permit<act::CreateWorkspace, Organization<i64>>,
        new: NewWorkspace,
    ) -> Result<i64, Failure> {
        self.insert(
            "INSERT INTO workspaces (organization_id, title, created_by, is_personal) \
             VALUES ($1, $2, $3, $4)",
            [
                permit.organization().0.into(),
                new.title.into(),
                permit.user().0.into(),
                new.is_personal.into(),
            ],
        )
        .await
    }

    pub async fn rename_workspace(
        &self,
        permit: Permit<act::ChangeWorkspace, Row<Workspace>>,
        title: String,
    ) -> Result<(), Failure> {
        let workspace = permit.into_resource().row;
        self.change(
            "UPDATE workspaces SET title = $1, version = version + 1 WHERE id = $2 AND version = $3",
            [title.into(), workspace.id.into(), workspace.version.into()],
        )
        .await
    }

    pub async fn delete_workspace(
        &self,
        permit: Permit<act::DeleteWorkspace, Row<Workspace>>,
    ) -> Result<(), Failure> {
        let workspace = permit.into_resource().row;
        self.change(
            "DELETE FROM workspaces WHERE id = $1 AND version = $2",
            [workspace.id.into(), workspace.version.into()],
        )
        .await
    }

    pub async fn add_to_workspace(
        &self,
        permit: Permit<act::ChangeWorkspace, Row<Workspace>>,
        member: &Member<i64>,
    ) -> Result<(), Failure> {
        let workspace = shared(permit)?;
        self.execute(
            "INSERT INTO workspace_members VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [workspace.id.into(), member.user.0.into()],
        )
        .await?;
        Ok(())
    }

    pub async fn remove_from_workspace(
        &self,
        permit: Permit<act::ChangeWorkspace, Row<Workspace>>,
        user: i64,
    ) -> Result<(), Failure> {
        let workspace = shared(permit)?;
        self.execute(
            "DELETE FROM workspace_members WHERE workspace_id = $1 AND user_id = $2",
            [workspace.id.into(), user.into()],
        )
        .await?;
        Ok(())
    }
}

/// A sandbox is its creator's alone.
fn shared(permit: Permit<act::ChangeWorkspace, Row<Workspace>>) -> Result<Workspace, Failure> {
    let workspace = permit.into_resource().row;
    if workspace.is_personal {
        Err(conflict("a personal sandbox has no members"))
    } else {
        Ok(workspace)
    }
}

/// Where a project is created: in a workspace, or in the organization alone.
pub enum Place {
    Workspace(Permit<act::CreateProject, Row<Workspace>>),
    Organization(Permit<act::CreateProject, Organization<i64>>),
}

impl Place {
    fn workspace(&self) -> Option<i64> {
        match self {
            Self::Workspace(permit) => Some(permit.resource().row.id),
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
        self.insert(
            "INSERT INTO projects \
             (organization_id, workspace_id, title, created_by, show_annotation_history) \
             VALUES ($1, $2, $3, $4, $5)",
            [
                organization.0.into(),
                place.workspace().into(),
                new.title.into(),
                user.0.into(),
                new.show_annotation_history.into(),
            ],
        )
        .await
    }

    /// Changes a project, and moves it where there is a place to move it to.
    pub async fn change_project(
        &self,
        permit: Change<Project>,
        place: Option<Place>,
        changed: ChangedProject,
    ) -> Result<(), Failure> {
        let project = permit.into_resource().row;
        let workspace = place.map_or(project.workspace_id, |place| place.workspace());
        self.change(
            "UPDATE projects SET title = $1, workspace_id = $2, show_annotation_history = $3, \
             version = version + 1 WHERE id = $4 AND version = $5",
            [
                changed.title.unwrap_or(project.title).into(),
                workspace.into(),
                changed.show_annotation_history.unwrap_or(project.show_annotation_history).into(),
                project.id.into(),
                project.version.into(),
            ],
        )
        .await
    }

    pub async fn delete_project(
        &self,
        permit: Permit<act::DeleteProject, Row<Project>>,
    ) -> Result<(), Failure> {
        let project = permit.into_resource().row;
        self.change(
            "DELETE FROM projects WHERE id = $1 AND version = $2",
            [project.id.into(), project.version.into()],
        )
        .await
    }

    pub async fn add_to_project(
        &self,
        permit: Change<Project>,
        member: &Member<i64>,
    ) -> Result<(), Failure> {
        let project = permit.into_resource().row;
        self.change(
            "INSERT INTO project_members (project_id, user_id) \
             SELECT id, $1 FROM projects WHERE id = $2 AND version = $3 \
             ON CONFLICT (project_id, user_id) DO UPDATE SET user_id = excluded.user_id",
            [member.user.0.into(), project.id.into(), project.version.into()],
        )
        .await
    }

    /// Who leaves a project leaves with the role and the tasks they had in it.
    pub async fn remove_from_project(
        &self,
        permit: Change<Project>,
        user: i64,
    ) -> Result<(), DbErr> {
        for table in ["project_members", "project_roles", "task_assignees"] {
            self.execute(
                &format!("DELETE FROM {table} WHERE project_id = $1 AND user_id = $2"),
                [permit.resource().row.id.into(), user.into()],
            )
            .await?;
        }
        Ok(())
    }

    pub async fn import(
        &self,
        permit: &Permit<act::ImportData, Row<Project>>,
        data: &Value,
    ) -> Result<i64, Failure> {
        let project = &permit.resource().row;
        self.insert(
            "INSERT INTO tasks (project_id, data) \
             SELECT id, $1 FROM projects WHERE id = $2 AND version = $3",
            [data.to_string().into(), project.id.into(), project.version.into()],
        )
        .await
    }
}

/// What lets somebody assign a task: one right for annotators, another for reviewers.
pub enum Assign {
    Annotators(Permit<act::AssignAnnotators, Row<Task>>),
    Reviewers(Permit<act::AssignReviewers, Row<Task>>),
}

impl Assign {
    pub fn task(&self) -> &Task {
        match self {
            Self::Annotators(permit) => &permit.resource().row,
            Self::Reviewers(permit) => &permit.resource().row,
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
        self.execute(
            "INSERT INTO task_assignees (task_id, project_id, user_id, type) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            [(*id).into(), (*project_id).into(), member.user.0.into(), permit.role().code().into()],
        )
        .await
        .map(drop)
    }

    pub async fn unassign_task(&self, permit: &Assign, user: i64) -> Result<(), DbErr> {
        self.execute(
            "DELETE FROM task_assignees WHERE task_id = $1 AND user_id = $2 AND type = $3",
            [permit.task().id.into(), user.into(), permit.role().code().into()],
        )
        .await
        .map(drop)
    }

    pub async fn annotate(
        &self,
        permit: Permit<act::LabelTasks, Row<Task>>,
        result: Value,
    ) -> Result<i64, Failure> {
        self.insert(
            "INSERT INTO annotations (task_id, completed_by, result) VALUES ($1, $2, $3)",
            [permit.resource().row.id.into(), permit.user().0.into(), result.to_string().into()],
        )
        .await
    }

    pub async fn change_annotation(
        &self,
        permit: Permit<act::ChangeAnnotations, Row<Annotation>>,
        result: Value,
    ) -> Result<(), Failure> {
        let annotation = permit.into_resource().row;
        self.change(
            "UPDATE annotations SET result = $1, version = version + 1 \
             WHERE id = $2 AND version = $3",
            [result.to_string().into(), annotation.id.into(), annotation.version.into()],
        )
        .await
    }

    pub async fn review(
        &self,
        permit: Permit<act::ReviewAnnotations, Row<Annotation>>,
        accepted: bool,
    ) -> Result<i64, Failure> {
        self.insert(
            "INSERT INTO annotation_reviews (annotation_id, created_by, accepted) \
             VALUES ($1, $2, $3)",
            [permit.resource().row.id.into(), permit.user().0.into(), accepted.into()],
        )
        .await
    }
}

/// Memberships, roles in projects and settings. The proofs say what goes with a role, and the `WHERE`
/// what was so when it was decided.
impl Tx {
    pub async fn assign(&self, change: Assignment<i64>) -> Result<(), Failure> {
        let Assignment { member, was, deletes, .. } = change;
        self.set_role(&member, was).await?;
        Ok(self.delete_belongings(deletes, &member).await?)
    }

    /// The former owner first: there are never two.
    pub async fn transfer(&self, change: Transfer<i64>) -> Result<(), Failure> {
        self.assign(change.former).await?;
        self.assign(change.heir).await
    }

    async fn set_role(&self, member: &Member<i64>, was: Role) -> Result<(), Failure> {
        self.change(
            "UPDATE members SET role = $1, role_source = $2 \
             WHERE organization_id = $3 AND user_id = $4 AND role = $5",
            [
                member.role.code().into(),
                member.source.code().into(),
                member.organization.0.into(),
                member.user.0.into(),
                was.code().into(),
            ],
        )
        .await
    }

    /// Tokens and sessions go with the membership, by their foreign key.
    pub async fn remove(&self, change: Removal<i64>) -> Result<(), Failure> {
        let Removal { member, deletes, .. } = change;
        self.change(
            "DELETE FROM members WHERE organization_id = $1 AND user_id = $2 AND role = $3",
            [member.organization.0.into(), member.user.0.into(), member.role.code().into()],
        )
        .await?;
        Ok(self.delete_belongings(deletes, &member).await?)
    }

    async fn delete_belongings(
        &self,
        deletes: Belongings,
        Member { organization, user, .. }: &Member<i64>,
    ) -> Result<(), DbErr> {
        const OF: &str = "user_id = $1 AND project_id IN \
            (SELECT id FROM projects WHERE organization_id = $2)";
        for belonging in deletes.elements() {
            let statements = match belonging {
                Belonging::ProjectRoles => vec![format!("DELETE FROM project_roles WHERE {OF}")],
                Belonging::ProjectMemberships => {
                    vec![format!("DELETE FROM project_members WHERE {OF}")]
                }
                Belonging::Assignments => vec![format!("DELETE FROM task_assignees WHERE {OF}")],
                Belonging::WorkspaceMemberships => vec![
                    "DELETE FROM workspace_members WHERE user_id = $1 AND workspace_id IN \
                     (SELECT id FROM workspaces WHERE organization_id = $2)"
                        .to_owned(),
                ],
                Belonging::Creations => ["workspaces", "projects"]
                    .map(|table| {
                        format!(
                            "UPDATE {table} SET created_by = NULL, version = version + 1 \
                             WHERE created_by = $1 AND organization_id = $2"
                        )
                    })
                    .into(),
            };
            for statement in statements {
                self.execute(&statement, [user.0.into(), organization.0.into()]).await?;
            }
        }
        Ok(())
    }

    pub async fn sign_up(&self, change: SignUp<i64>) -> Result<(), DbErr> {
        let Member { organization, user, role, source } = change.member;
        self.execute(
            "INSERT INTO members (organization_id, user_id, role, role_source) \
             VALUES ($1, $2, $3, $4)",
            [organization.0.into(), user.0.into(), role.code().into(), source.code().into()],
        )
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
        self.execute(
            "INSERT INTO sessions (hash, is_token, organization_id, user_id) \
             VALUES ($1, $2, $3, $4)",
            [hash(&secret).into(), is_token.into(), organization.0.into(), user.0.into()],
        )
        .await?;
        Ok(secret)
    }

    pub async fn set_default_role(&self, change: DefaultRoleSet<i64>) -> Result<(), Failure> {
        let DefaultRoleSet { organization, role, was, .. } = change;
        self.change(
            "UPDATE organization_settings SET default_role = $1 \
             WHERE organization_id = $2 AND default_role = $3",
            [role.code().into(), organization.0.into(), was.code().into()],
        )
        .await
    }

    pub async fn reset_invitation(
        &self,
        change: InvitationReset<i64, String>,
    ) -> Result<String, Failure> {
        let InvitationReset { organization, token, was, .. } = change;
        self.change(
            "UPDATE organization_settings SET invitation = $1, invitation_hash = $2 \
             WHERE organization_id = $3 AND invitation = $4",
            [token.as_str().into(), hash(&token).into(), organization.0.into(), was.into()],
        )
        .await?;
        Ok(token)
    }

    pub async fn set_overrides(&self, change: OverridesSet<i64>) -> Result<(), Failure> {
        let OverridesSet { organization, overrides, was, .. } = change;
        self.change(
            "UPDATE organization_settings SET overrides = $1 \
             WHERE organization_id = $2 AND overrides = $3",
            [text(&overrides).into(), organization.0.into(), text(&was).into()],
        )
        .await
    }

    pub async fn give_project_role(
        &self,
        change: ProjectRoleGiven<i64, Row<Project>>,
    ) -> Result<i64, Failure> {
        let ProjectRoleGiven { member, project, role, source, .. } = change;
        self.insert(
            "INSERT INTO project_roles (project_id, user_id, role, role_source) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (project_id, user_id) DO UPDATE \
             SET role = excluded.role, role_source = excluded.role_source",
            [project.row.id.into(), member.user.0.into(), role.code().into(), source.code().into()],
        )
        .await
    }

    pub async fn take_back_project_role(
        &self,
        change: ProjectRoleTakenBack<i64, Row<Project>>,
    ) -> Result<(), Failure> {
        let ProjectRoleTakenBack { member, project, .. } = change;
        self.change(
            "DELETE FROM project_roles WHERE project_id = $1 AND user_id = $2",
            [project.row.id.into(), member.user.0.into()],
        )
        .await
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
