//! What an empty database is filled with: two organizations, and in each a member of every role.

use labelgate::{OrganizationId, Role, UserId};

use crate::credentials::{hash, secret};
use crate::problem::Result;
use crate::transaction::{Tx, values};

/// What one signs in with.
pub struct Login {
    pub email: String,
    pub organization: i64,
    pub role: Role,
    pub token: String,
    pub cookie: String,
}

pub async fn fill(tx: &Tx) -> Result<Vec<Login>> {
    let mut logins = Vec::new();
    for title in ["Acme", "Globex"] {
        let sql = "INSERT INTO organizations (title) VALUES ($1)";
        let organization = OrganizationId(tx.insert(sql, values![title]).await?);
        let invitation = secret()?;
        let sql = "INSERT INTO organization_settings VALUES ($1, 'NO', TRUE, '[]', $2, $3)";
        tx.execute(sql, values![organization.0, invitation.as_str(), hash(&invitation)]).await?;
        let mut users = Vec::new();
        for role in Role::ALL {
            let email = format!("{}@{title}.example", role.code()).to_lowercase();
            let login = member(tx, organization, role, email).await?;
            users.push((role, login.0));
            logins.push(login.1);
        }
        let of = |role| users.iter().find(|(other, _)| *other == role).map(|(_, user)| user.0);
        labels(tx, organization, of).await?;
    }
    Ok(logins)
}

async fn member(
    tx: &Tx,
    organization: OrganizationId<i64>,
    role: Role,
    email: String,
) -> Result<(UserId<i64>, Login)> {
    let sql = "INSERT INTO users (email) VALUES ($1)";
    let user = UserId(tx.insert(sql, values![email.as_str()]).await?);
    let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
        VALUES ($1, $2, $3, 'manual')";
    tx.execute(sql, values![organization.0, user.0, role.code()]).await?;
    let login = Login {
        email,
        organization: organization.0,
        role,
        token: tx.sign_in(organization, user, true).await?,
        cookie: tx.sign_in(organization, user, false).await?,
    };
    Ok((user, login))
}

/// A workspace and a sandbox of the manager's, a project in each and one in none, tasks, annotations.
async fn labels(
    tx: &Tx,
    organization: OrganizationId<i64>,
    of: impl Fn(Role) -> Option<i64>,
) -> Result<()> {
    let [manager, owner] = [of(Role::Manager), of(Role::Owner)];
    let [reviewer, annotator] = [of(Role::Reviewer), of(Role::Annotator)];
    let mut workspaces = vec![None];
    for (title, is_personal, created_by) in
        [("Animals", false, manager), ("Sandbox", true, owner), ("Plants", false, owner)]
    {
        let sql = "INSERT INTO workspaces (organization_id, title, created_by, is_personal) \
            VALUES ($1, $2, $3, $4)";
        let values = values![organization.0, title, created_by, is_personal];
        workspaces.push(Some(tx.insert(sql, values).await?));
    }
    for (workspace, title) in workspaces.into_iter().zip(["Notes", "Cats", "Drafts", "Trees"]) {
        let sql = "INSERT INTO projects \
            (organization_id, workspace_id, title, created_by, show_annotation_history) \
            VALUES ($1, $2, $3, $4, $5)";
        let values = values![organization.0, workspace, title, owner, title == "Cats"];
        let project = tx.insert(sql, values).await?;
        for user in
            [reviewer, annotator].into_iter().filter(|_| title == "Cats" || title == "Trees")
        {
            let sql = "INSERT INTO project_members VALUES ($1, $2)";
            tx.execute(sql, values![project, user]).await?;
        }
        for by in [annotator, reviewer] {
            let sql = "INSERT INTO tasks (project_id, data) VALUES ($1, $2)";
            let task = tx.insert(sql, values![project, r#"{"text":"A task"}"#]).await?;
            let sql =
                "INSERT INTO annotations (task_id, completed_by, result) VALUES ($1, $2, '[]')";
            tx.insert(sql, values![task, by]).await?;
            if title == "Cats" {
                let sql = "INSERT INTO task_assignees VALUES ($1, $2, $3, 'AN')";
                tx.execute(sql, values![task, project, annotator]).await?;
            }
        }
    }
    Ok(())
}
