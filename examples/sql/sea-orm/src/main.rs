//! Teaches a list with SeaORM: the projects that an annotator may see.

use labelgate::sql::{Page, Schema};
use labelgate::{Fact, Kind, OrganizationId, ProjectId, Role, Subject, UserId, act};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectOptions, Database, FromQueryResult, QueryOrder, QuerySelect};

mod project {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "projects")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub organization_id: i64,
        pub title: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a list shows, with the facts of each row.
#[derive(FromQueryResult)]
struct Listed {
    id: i64,
    organization_id: i64,
    title: String,
    facts: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1); // a database in memory is its connection's
    let database = Database::connect(options).await?;
    database.execute_unprepared(include_str!("../../tables.sql")).await?;

    let schema = Schema::sqlite();
    let caller = Subject::new(OrganizationId(1), UserId(7), Role::Annotator);
    let listing = caller.authorize_list(act::ViewProject)?; // a denial, and no empty page
    let page = Page::of(50).only(project::Column::Title.starts_with("Cat"));

    let listed: Vec<Listed> = project::Entity::find()
        .expr_as(schema.facts(&caller, Kind::Project), "facts")
        .filter(schema.page(&listing, &page))
        .order_by(project::Column::Id, page.order().clone())
        .limit(u64::from(page.size()))
        .into_model()
        .all(&database)
        .await?;

    let count = listed.len();
    for Listed { id, organization_id, title, facts } in listed {
        let project =
            caller.row(ProjectId(id), OrganizationId(organization_id), facts)?.with(title);
        println!("{}: {}", project.data(), caller.actions_in(&project));
        assert!(project.facts().has(Fact::ProjectMember));
    }
    assert_eq!(count, 2);

    // How many there are.
    let set = schema.set(&listing);
    assert_eq!(project::Entity::find().filter(set).count(&database).await?, 2);
    Ok(())
}
