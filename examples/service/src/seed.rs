//! What an empty database is filled with: two organizations, and in each a member of every role, and what
//! `migrations/seed.sql` says.

use labelgate::membership::{Member, RoleSource};
use labelgate::{Actions, OrganizationId, Role, UserId};

use crate::credentials::{NewCredential, hash, secret, sign_in};
use crate::problem::Result;
use crate::transaction::{Tx, values};

/// What one signs in with.
#[derive(Clone)]
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
        let organization = tx.insert_unchecked(sql, values![title]).await?;
        let invitation = secret()?;
        let sql = "INSERT INTO organization_settings VALUES ($1, 'NO', TRUE, '[]', $2, $3)";
        tx.execute(sql, values![organization, invitation.as_str(), hash(&invitation)]).await?;
        for role in Role::ALL {
            let email = format!("{}@{title}.example", role.code()).to_lowercase();
            logins.push(login(tx, organization, role, email).await?);
        }
        let sql = include_str!("../migrations/seed.sql");
        tx.run_script(&sql.replace("{organization}", &organization.to_string())).await?;
    }
    Ok(logins)
}

async fn login(tx: &Tx, organization: i64, role: Role, email: String) -> Result<Login> {
    let sql = "INSERT INTO users (email) VALUES ($1)";
    let user = UserId(tx.insert_unchecked(sql, values![email.as_str()]).await?);
    let source = RoleSource::Manual;
    let member = Member { organization: OrganizationId(organization), user, role, source };
    let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
        VALUES ($1, $2, $3, $4)";
    tx.execute(sql, values![organization, user.0, role.code(), source.code()]).await?;
    let token = sign_in(tx, &member, NewCredential::Token(Actions::all())).await?;
    let cookie = sign_in(tx, &member, NewCredential::Session).await?;
    Ok(Login { email, organization, role, token, cookie })
}
