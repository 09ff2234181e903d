//! What changes memberships, roles in projects and settings. Each function takes the proof that it may be
//! done. The proofs say what goes with a role, and the `WHERE` what was so when it was decided.

use labelgate::membership::{
    Assignment, DefaultRoleSet, InvitationReset, OverridesSet, ProjectRoleGiven,
    ProjectRoleTakenBack, Removal, SignUp, Transfer,
};
use labelgate::sql::{Cleanup, EndsMemberData};
use labelgate::{OrganizationId, UserId};
use serde_json::json;

use crate::credentials::{hash, secret};
use crate::problem::Result;
use crate::rows::{Project, Row};
use crate::transaction::{Tx, values};

impl Tx {
    pub async fn sign_up(&self, SignUp { member, .. }: SignUp<i64>) -> Result<()> {
        let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
            VALUES ($1, $2, $3, $4)";
        let (organization, user) = (member.organization.0, member.user.0);
        let values = values![organization, user, member.role.code(), member.source.code()];
        self.execute(sql, values).await.map(drop)
    }

    /// Makes a token or a cookie.
    pub async fn sign_in(
        &self,
        organization: OrganizationId<i64>,
        user: UserId<i64>,
        is_token: bool,
    ) -> Result<String> {
        let secret = secret()?;
        let sql = "INSERT INTO sessions (hash, is_token, organization_id, user_id) \
            VALUES ($1, $2, $3, $4)";
        self.execute(sql, values![hash(&secret), is_token, organization.0, user.0]).await?;
        Ok(secret)
    }

    pub async fn assign(&self, change: Assignment<i64>, cleanup: &Cleanup) -> Result<()> {
        self.clean_up(cleanup, &change).await?;
        let Assignment { member, was, .. } = change;
        let sql = "UPDATE members SET role = $1, role_source = $2 \
            WHERE organization_id = $3 AND user_id = $4 AND role = $5";
        let (role, source) = (member.role.code(), member.source.code());
        let (organization, user) = (member.organization.0, member.user.0);
        self.change(sql, values![role, source, organization, user, was.code()]).await
    }

    /// The former owner first: there are never two.
    pub async fn transfer(&self, change: Transfer<i64>, cleanup: &Cleanup) -> Result<()> {
        self.assign(change.former, cleanup).await?;
        self.assign(change.heir, cleanup).await
    }

    pub async fn remove(&self, change: Removal<i64>, cleanup: &Cleanup) -> Result<()> {
        self.clean_up(cleanup, &change).await?;
        let Removal { member, .. } = change;
        let sql = "DELETE FROM members WHERE organization_id = $1 AND user_id = $2 AND role = $3";
        self.change(sql, values![member.organization.0, member.user.0, member.role.code()]).await
    }

    async fn clean_up(
        &self,
        cleanup: &Cleanup,
        change: &impl EndsMemberData<i64, i64>,
    ) -> Result<()> {
        self.run_as("labelgate_jobs").await?; // policies refuse to take a creator away
        for (sql, values) in cleanup.statements(change) {
            self.execute(&sql, values).await?;
        }
        self.run_as("labelgate_service").await
    }

    pub async fn set_default_role(&self, change: DefaultRoleSet<i64>) -> Result<()> {
        let DefaultRoleSet { organization, role, was, .. } = change;
        let sql = "UPDATE organization_settings SET default_role = $1 \
            WHERE organization_id = $2 AND default_role = $3";
        self.change(sql, values![role.code(), organization.0, was.code()]).await
    }

    pub async fn reset_invitation(&self, change: InvitationReset<i64, String>) -> Result<String> {
        let InvitationReset { organization, token, was, .. } = change;
        let sql = "UPDATE organization_settings SET invitation = $1, invitation_hash = $2 \
            WHERE organization_id = $3 AND invitation = $4";
        self.change(sql, values![token.as_str(), hash(&token), organization.0, was]).await?;
        Ok(token)
    }

    pub async fn set_overrides(&self, change: OverridesSet<i64>) -> Result<()> {
        let OverridesSet { organization, overrides, was, .. } = change;
        let sql = "UPDATE organization_settings SET overrides = $1 \
            WHERE organization_id = $2 AND overrides = $3";
        let [overrides, was] = [overrides, was].map(|set| json!(set).to_string());
        self.change(sql, values![overrides, organization.0, was]).await
    }

    pub async fn give_project_role(
        &self,
        change: ProjectRoleGiven<i64, Row<Project>>,
    ) -> Result<i64> {
        let ProjectRoleGiven { member, project, role, source, .. } = change;
        let sql = "INSERT INTO project_roles (project_id, user_id, role, role_source) \
            VALUES ($1, $2, $3, $4) ON CONFLICT (project_id, user_id) DO UPDATE \
            SET role = excluded.role, role_source = excluded.role_source";
        self.insert(sql, values![project.id, member.user.0, role.code(), source.code()]).await
    }

    pub async fn take_back_project_role(
        &self,
        change: ProjectRoleTakenBack<i64, Row<Project>>,
    ) -> Result<()> {
        let ProjectRoleTakenBack { member, project, .. } = change;
        let sql = "DELETE FROM project_roles WHERE project_id = $1 AND user_id = $2";
        self.change(sql, values![project.id, member.user.0]).await
    }
}
