//! What changes memberships, roles in projects and settings. Each function takes the proof that it may be
//! done. The proofs say what goes with a role, and the `WHERE` what was so when it was decided.

use labelgate::membership::{
    Assignment, DefaultRoleSet, InvitationReset, Member, OverridesSet, ProjectRoleGiven,
    ProjectRoleTakenBack, Removal, SignUp, Transfer,
};
use labelgate::overrides::Overrides;
use labelgate::sql::{Cleanup, EndsMemberData};
use labelgate::{OrganizationId, UserId};
use sea_orm::DbErr;

use crate::credentials::{hash, secret};
use crate::database::values;
use crate::problem::Failure;
use crate::rows::{Project, Row};
use crate::transaction::Tx;

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
