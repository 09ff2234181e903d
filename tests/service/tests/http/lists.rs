//! Lists as the stock client sorts, numbers and searches them: of the rows that the oracle says yes to, in the order
//! that they have here, and none of another organization.

use std::collections::BTreeSet;

use labelgate::Role;
use labelgate_service_tests::{By, Service, answer, on_both, oracle};
use labelgate_sql_tests::World;
use labelgate_sql_tests::tables::Thing;
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::endpoints::{HERE, insert, shapes};

on_both! { projects tasks workspaces outside refused }

/// Texts that look like something else to a database, or like each other.
const TEXTS: [&str; 11] = [
    "100% owls",
    "100 owls",
    "a_b",
    "axb",
    "it's \"so\"",
    r"back\slash",
    r"back\\slash",
    "'; DROP TABLE projects; --",
    "%",
    "名前 🦀",
    "OWLS OF PREY",
];

/// What is searched for.
const PARTS: [&str; 16] = [
    "",
    "%",
    "_",
    "'",
    "\"",
    r"\",
    r"\\",
    "owls",
    "OWLS",
    "100%",
    "0 o",
    "a_b",
    "; DROP",
    "名",
    "owls%prey",
    "nothing has this",
];

/// A project or a task.
struct Item {
    id: i64,
    text: &'static str,
    created_at: String,
}

impl Item {
    fn has(&self, part: &str) -> bool {
        self.text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())
    }
}

/// Gives each row of a table a text, in both organizations alike, and a time that it shares with others.
async fn fill(service: &Service, table: &str) -> Vec<Item> {
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        if [Role::Manager, Role::Reviewer, Role::Annotator].contains(&login.role) {
            let user = service.user(login).await;
            for shape in shapes() {
                insert(service, user, user, shape).await;
            }
        }
    }
    let mut items = Vec::new();
    for row in service.rows(&format!("SELECT id FROM {table} ORDER BY id"), []).await {
        let id: i64 = row.try_get_by_index(0).expect("an id");
        let text = TEXTS[(id * 7) as usize % TEXTS.len()];
        let created_at = format!("2026-03-0{} 12:00:00", 1 + id * 5 % 4);
        let set = match table {
            "projects" => format!("title = $1, created_at = '{created_at}'"),
            _ => "data = $1".to_owned(),
        };
        let kept = match table {
            "projects" => text.to_owned(),
            _ => json!({ "text": text, "other": "owls" }).to_string(),
        };
        let sql = format!("UPDATE {table} SET {set} WHERE id = $2");
        service.execute(&sql, [kept.into(), id.into()]).await;
        items.push(Item { id, text, created_at });
    }
    items
}

async fn get(
    service: &Service,
    by: By<'_>,
    path: &str,
    query: &[(&str, &str)],
) -> (StatusCode, Json) {
    answer(service.request(by, Method::GET, path).query(query)).await
}

/// The ids on all pages, each of which is full but the last and has the same total.
async fn pages(service: &Service, by: By<'_>, path: &str, query: &[(&str, &str)]) -> Vec<i64> {
    const SIZE: usize = 7;
    let (of, total) =
        if path.contains("tasks") { ("tasks", "total") } else { ("results", "count") };
    let mut ids = Vec::new();
    for page in 1.. {
        let page = page.to_string();
        let query = [query, &[("page", &page), ("page_size", "7")]].concat();
        let (status, answer) = get(service, by, path, &query).await;
        assert_eq!(status, StatusCode::OK, "{path} {query:?}: {answer}");
        let rows = answer[of].as_array().expect("a list");
        let count = answer[total].as_u64().expect("a total") as usize;
        assert_eq!(rows.len(), count.saturating_sub(ids.len()).min(SIZE), "{path} {query:?}");
        if rows.is_empty() {
            return ids;
        }
        ids.extend(rows.iter().map(|row| row["id"].as_i64().expect("an id")));
    }
    unreachable!("pages end")
}

/// The ids of the items by a key, and by the ids where it is the same, in one direction.
fn sorted<'a>(items: impl Iterator<Item = &'a Item>, ordering: &str) -> Vec<i64> {
    let column = ordering.trim_start_matches('-');
    let mut items: Vec<_> = items.collect();
    items.sort_by_key(|item| match column {
        "title" => (item.text, item.id),
        "created_at" => (&*item.created_at, item.id),
        _ => ("", item.id),
    });
    if column != ordering {
        items.reverse();
    }
    items.into_iter().map(|item| item.id).collect()
}

/// Somebody whose list is not denied.
#[derive(Clone, Copy, Debug)]
struct Asks<'a> {
    by: By<'a>,
    user: i64,
    role: &'static str,
}

impl Asks<'_> {
    fn may(self, key: &str, facts: Option<u16>) -> bool {
        oracle::narrowed(self.role, key, facts, self.by.is_api(), None)
    }

    /// The items of a list that the oracle says yes to.
    fn seen<'a>(
        self,
        world: &World,
        items: &'a [Item],
        key: &str,
        thing: fn(i64) -> Thing,
    ) -> Vec<&'a Item> {
        let may = |item: &&Item| self.may(key, world.facts(self.user, HERE, thing(item.id)));
        items.iter().filter(may).collect()
    }
}

async fn all_who_list<'a>(service: &'a Service, key: &str) -> Vec<Asks<'a>> {
    let mut all = Vec::new();
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let role = oracle::CODES.into_iter().find(|&code| code == login.role.code());
        let (user, role) = (service.user(login).await, role.expect("a code"));
        let asks = By::both(login).map(|by| Asks { by, user, role });
        all.extend(
            asks.into_iter().filter(|asks| oracle::all().any(|facts| asks.may(key, Some(facts)))),
        );
    }
    assert!(all.len() > 5, "{all:?}");
    all
}

async fn projects(service: &Service) {
    let items = fill(service, "projects").await;
    let world = service.world().await;
    let path = "/api/projects/";
    let mut orders = BTreeSet::new();
    for asks in all_who_list(service, "projects.view").await {
        let seen = asks.seen(&world, &items, "projects.view", Thing::Project);
        let seen = || seen.iter().copied();
        assert_eq!(pages(service, asks.by, path, &[]).await, sorted(seen(), "id"), "{asks:?}");
        for ordering in ["id", "-id", "title", "-title", "created_at", "-created_at"] {
            let found = pages(service, asks.by, path, &[("ordering", ordering)]).await;
            assert_eq!(found, sorted(seen(), ordering), "{asks:?} {ordering}");
            orders.insert(found);
        }
        for (n, part) in PARTS.into_iter().enumerate() {
            let parameter = ["search", "title"][n % 2];
            let query = [(parameter, part), ("ordering", "-title")];
            let found = pages(service, asks.by, path, &query).await;
            let expected = sorted(seen().filter(|item| item.has(part)), "-title");
            assert_eq!(found, expected, "{asks:?} {part}");
        }
        let query = [("search", "owls"), ("title", "100")];
        let found = pages(service, asks.by, path, &query).await;
        let expected = seen().filter(|item| item.has("owls") && item.has("100"));
        assert_eq!(found, sorted(expected, "id"), "{asks:?}");
    }
    assert!(orders.len() > 20, "{} orders", orders.len());
}

/// The parameter `query` of tasks, in one project and in all of them.
async fn tasks(service: &Service) {
    let items = fill(service, "tasks").await;
    let world = service.world().await;
    let of_project = |id: i64| world.tasks.iter().filter(move |task| task.project_id == id);
    let contains = |part: &str| {
        let filter = "filter:tasks:data.text";
        json!({ "filter": filter, "operator": "contains", "type": "String", "value": part })
    };
    let mut some_found = 0;
    for asks in all_who_list(service, "data.view").await {
        let seen = asks.seen(&world, &items, "data.view", Thing::Task);
        let ask = async |query: Json, expected: Vec<i64>| {
            let query = query.to_string();
            let found = pages(service, asks.by, "/api/tasks/", &[("query", &query)]).await;
            assert_eq!(found, expected, "{asks:?} {query}");
            found.len()
        };
        let having = |has: &dyn Fn(&Item) -> bool, ordering: &str| {
            sorted(seen.iter().copied().filter(|item| has(item)), ordering)
        };
        for ordering in ["id", "-id", "tasks:id", "-tasks:id"] {
            let query = json!({ "ordering": [ordering] });
            ask(query, having(&|_| true, &ordering.replace("tasks:", ""))).await;
        }
        // As the client sends what nothing is said of.
        let nothing = json!({
            "filters": null, "ordering": [], "selectedItems": { "all": true, "excluded": [] },
        });
        ask(nothing, having(&|_| true, "id")).await;
        for part in PARTS {
            let query = json!({ "filters": { "conjunction": "and", "items": [contains(part)] } });
            some_found += ask(query, having(&|item| item.has(part), "id")).await;
        }
        for (conjunction, both) in [("and", true), ("or", false)] {
            let query = json!({
                "filters": { "conjunction": conjunction, "items": [contains("owls"), contains("1")] },
                "ordering": ["-tasks:id"],
            });
            let has = |item: &Item| match both {
                true => item.has("owls") && item.has("1"),
                false => item.has("owls") || item.has("1"),
            };
            ask(query, having(&has, "-id")).await;
        }
        let some: Vec<i64> = items.iter().map(|item| item.id).step_by(3).collect();
        let query = json!({ "selectedItems": { "all": false, "included": some } });
        ask(query, having(&|item| some.contains(&item.id), "id")).await;
        let query = json!({
            "filters": { "conjunction": "or", "items": [contains("owls"), contains("a")] },
            "selectedItems": { "all": true, "excluded": some },
        });
        let has = |item: &Item| (item.has("owls") || item.has("a")) && !some.contains(&item.id);
        ask(query, having(&has, "id")).await;
        ask(json!({ "selectedItems": { "all": false, "included": [] } }), vec![]).await;
        // In some projects, where the list is not denied.
        for project in world.projects.iter().step_by(3) {
            let id = project.id.to_string();
            let query = json!({
                "filters": { "conjunction": "and", "items": [contains("o")] }, "ordering": ["-id"],
            });
            let query = query.to_string();
            let (status, _) =
                get(service, asks.by, "/api/tasks/", &[("project", &id), ("query", &query)]).await;
            if status == StatusCode::OK {
                let query = [("project", &*id), ("query", &query)];
                let found = pages(service, asks.by, "/api/tasks/", &query).await;
                let is_in = |item: &Item| of_project(project.id).any(|task| task.id == item.id);
                let expected = having(&|item| item.has("o") && is_in(item), "-id");
                assert_eq!(found, expected, "{asks:?} {project:?}");
            }
        }
    }
    assert!(some_found > 100, "{some_found}");
}

async fn workspaces(service: &Service) {
    fill(service, "projects").await;
    let rows = service.rows("SELECT id FROM workspaces ORDER BY id", []).await;
    let mut items = Vec::new();
    for row in rows {
        let id: i64 = row.try_get_by_index(0).expect("an id");
        let text = TEXTS[(id * 3) as usize % TEXTS.len()];
        let sql = "UPDATE workspaces SET title = $1 WHERE id = $2";
        service.execute(sql, [text.into(), id.into()]).await;
        items.push(Item { id, text, created_at: String::new() });
    }
    let world = service.world().await;
    for asks in all_who_list(service, "workspaces.view").await {
        let seen = asks.seen(&world, &items, "workspaces.view", Thing::Workspace);
        for ordering in ["id", "-id", "title", "-title"] {
            let path = "/api/workspaces/";
            let (status, answer) = get(service, asks.by, path, &[("ordering", ordering)]).await;
            assert_eq!(status, StatusCode::OK, "{asks:?}: {answer}");
            let rows = answer.as_array().expect("a list").iter();
            let ids: Vec<_> = rows.map(|row| row["id"].as_i64().expect("an id")).collect();
            assert_eq!(ids, sorted(seen.iter().copied(), ordering), "{asks:?} {ordering}");
        }
    }
}

/// What another organization has is in no total and on no page, whatever is asked for.
async fn outside(service: &Service) {
    let title = "only elsewhere";
    for sql in [
        "UPDATE projects SET title = $1 WHERE organization_id = 2",
        "UPDATE tasks SET data = $1 WHERE project_id IN (SELECT id FROM projects WHERE organization_id = 2)",
    ] {
        let text =
            if sql.contains("tasks") { json!({ "text": title }).to_string() } else { title.into() };
        assert!(service.execute(sql, [text.into()]).await > 3);
    }
    let ids = service.rows("SELECT id FROM tasks", []).await;
    let ids: Vec<i64> = ids.iter().map(|row| row.try_get_by_index(0).expect("an id")).collect();
    let here = By::Session(&service.login(HERE, Role::Owner).cookie);
    let there = By::Session(&service.login(2, Role::Owner).cookie);
    let filter = json!({ "conjunction": "or", "items": [
        { "filter": "filter:tasks:data.text", "operator": "contains", "type": "Unknown", "value": "elsewhere" },
        { "filter": "filter:tasks:data.text", "operator": "contains", "type": "String", "value": title },
    ] });
    let filtered = json!({ "filters": filter }).to_string();
    let selected = json!({ "selectedItems": { "all": false, "included": ids } }).to_string();
    for (path, query, of_here, of_there) in [
        ("/api/projects/", ("search", title), 0, 4),
        ("/api/projects/", ("title", "ELSEWHERE"), 0, 4),
        ("/api/projects/", ("ordering", "-title"), 4, 4),
        ("/api/tasks/", ("query", &*filtered), 0, 8),
        ("/api/tasks/", ("query", &*selected), 8, 8),
    ] {
        for (by, expected) in [(here, of_here), (there, of_there)] {
            assert_eq!(
                pages(service, by, path, &[query]).await.len(),
                expected,
                "{path} {query:?}"
            );
        }
    }
}

/// What cannot be read is 400, for whoever asks, and a page behind the last is empty.
async fn refused(service: &Service) {
    let item = |filter: &str, operator: &str, kind: &str, value: Json| {
        let item = json!({ "filter": filter, "operator": operator, "type": kind, "value": value });
        json!({ "filters": { "conjunction": "and", "items": [item] } }).to_string()
    };
    let text = "filter:tasks:data.text";
    let queries = [
        item("filter:tasks:data.", "contains", "String", json!("a")),
        item("filter:tasks:data.a.b", "contains", "String", json!("a")),
        item("filter:tasks:data.$", "contains", "String", json!("a")),
        item("filter:tasks:data.a'b", "contains", "String", json!("a")),
        item("filter:tasks:id", "contains", "String", json!("a")),
        item("tasks:data.text", "contains", "String", json!("a")),
        item(text, "regex", "String", json!("a")),
        item(text, "contains", "Number", json!("a")),
        item(text, "contains", "String", json!(1)),
        item(text, "contains", "String", json!("\0")),
        json!({ "filters": { "conjunction": "xor", "items": [] } }).to_string(),
        json!({ "filters": { "items": [] } }).to_string(),
        json!({ "filters": [] }).to_string(),
        json!({ "ordering": ["id", "id"] }).to_string(),
        json!({ "ordering": ["completed_at"] }).to_string(),
        json!({ "ordering": ["--id"] }).to_string(),
        json!({ "ordering": [""] }).to_string(),
        json!({ "ordering": "id" }).to_string(),
        json!({ "selectedItems": { "all": false } }).to_string(),
        json!({ "selectedItems": { "all": true, "included": [1] } }).to_string(),
        json!({ "selectedItems": { "all": false, "included": [1], "excluded": [1] } }).to_string(),
        json!({ "selectedItems": { "all": false, "included": ["1"] } }).to_string(),
        json!({ "selectedItems": { "all": false, "included": [1.5] } }).to_string(),
        json!({ "no_such_field": 1 }).to_string(),
        r#"{"ordering":[],"ordering":[]}"#.to_owned(),
        "{".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        String::new(),
    ];
    let mut refused: Vec<_> =
        queries.iter().map(|query| ("/api/tasks/", vec![("query", &**query)])).collect();
    for ordering in ["", "-", "--id", "Title", "title ", "organization_id", "id,title", "title; --"]
    {
        refused.push(("/api/projects/", vec![("ordering", ordering)]));
        refused.push(("/api/workspaces/", vec![("ordering", ordering)]));
    }
    refused.push(("/api/workspaces/", vec![("ordering", "created_at")]));
    refused.push(("/api/projects/", vec![("ordering", "id"), ("ordering", "id")]));
    refused.push(("/api/projects/", vec![("search", "a\0b")]));
    refused.push(("/api/projects/", vec![("title", "\0")]));
    for path in ["/api/projects/", "/api/tasks/"] {
        for number in ["0", "-1", "", "x", "1.0", "4294967296"] {
            refused.push((path, vec![("page", number)]));
            refused.push((path, vec![("page_size", number)]));
        }
        refused.push((path, vec![("page_size", "1001")]));
    }
    for by in
        [Role::Owner, Role::Annotator].map(|role| By::Session(&service.login(HERE, role).cookie))
    {
        for (path, query) in &refused {
            let (status, answer) = get(service, by, path, query).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {query:?}: {answer}");
            assert!(answer["detail"].is_string(), "{path} {query:?}: {answer}");
        }
    }
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    for (path, of, total, all) in
        [("/api/projects/", "results", "count", 4), ("/api/tasks/", "tasks", "total", 8)]
    {
        for (page, size) in [("9", "1"), ("2", "1000"), ("4294967295", "1000")] {
            let (status, answer) =
                get(service, owner, path, &[("page", page), ("page_size", size)]).await;
            assert_eq!(
                (status, &answer[of], &answer[total]),
                (StatusCode::OK, &json!([]), &json!(all))
            );
        }
        let (_, answer) = get(service, owner, path, &[("page_size", "1000")]).await;
        assert_eq!(answer[of].as_array().map(Vec::len), Some(all));
    }
}
