//! What the stock client asks about members beside their lists by id: lists sorted and searched, members as a file,
//! the assignees of a task, the projects of a workspace, and invitations by mail.

use labelgate::Role;
use labelgate_service::invitations::send_mails;
use labelgate_service_tests::{By, Service, answer, on_both};
use labelgate_sql_tests::tables::Thing;
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::endpoints::{HERE, clear};
use crate::people::{fill, is_explicit, may, pages};

on_both! { members_of_rows members_of_organization export assignees projects_of_workspaces mails refused }

/// What is searched for in e-mail addresses.
const PARTS: [&str; 7] = ["", "@", "W@AC", "a", "%", "_", "nobody has this"];

const ORDERINGS: [&str; 6] = ["id", "-id", "email", "-email", "username", "-username"];

struct User {
    id: i64,
    email: String,
    role: String,
}

/// The members of the organization. The addresses are in another order than the ids.
async fn users(service: &Service) -> Vec<User> {
    let mut users = Vec::new();
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let (id, email) = (service.user(login).await, login.email.clone());
        users.push(User { id, email, role: login.role.code().to_owned() });
    }
    users
}

/// The ids of the users who are listed and have the text in the address, in the order.
fn expected(
    users: &[User],
    is_listed: impl Fn(i64) -> bool,
    part: &str,
    ordering: &str,
) -> Vec<i64> {
    let part = part.to_ascii_lowercase();
    let found = users.iter().filter(|user| is_listed(user.id) && user.email.contains(&part));
    let mut found: Vec<_> = found.collect();
    let column = ordering.trim_start_matches('-');
    found.sort_by_key(|user| match column {
        "email" | "username" => (user.email.as_str(), user.id),
        "role" => (user.role.as_str(), user.id),
        _ => ("", user.id),
    });
    if column != ordering {
        found.reverse();
    }
    found.iter().map(|user| user.id).collect()
}

/// `user` reads the id of an entry.
async fn listed(
    service: &Service,
    by: By<'_>,
    path: &str,
    (part, ordering): (&str, &str),
    user: fn(&Json) -> &Json,
) -> Vec<i64> {
    let part = part.replace('%', "%25");
    let query = format!("{path}?search={part}&ordering={ordering}&page_size=2");
    let found = pages(service, by, |page, _| format!("{query}&page={page}")).await;
    found.iter().map(|entry| user(entry).as_i64().expect("an id")).collect()
}

async fn members_of_rows(service: &Service) {
    let world = fill(service).await;
    let manager = By::Session(&service.login(HERE, Role::Manager).cookie);
    let users = users(service).await;
    let mut found = 0;
    let projects = world.projects.iter().filter(|row| row.organization_id == HERE);
    let workspaces = world.workspaces.iter().filter(|row| row.organization_id == HERE);
    let rows = projects.map(|row| (Thing::Project(row.id), false));
    let rows = rows.chain(workspaces.map(|row| (Thing::Workspace(row.id), row.is_personal)));
    for (n, (thing, is_personal)) in rows.enumerate() {
        let (path, key) = match thing {
            Thing::Project(id) => {
                (format!("/api/projects/{id}/members/paginated/"), "projects.view")
            }
            Thing::Workspace(id) => {
                (format!("/api/workspaces/{id}/memberships/paginated/"), "workspaces.view")
            }
            other => panic!("{other:?}"),
        };
        let may = may(&world, key, thing);
        let is_listed = |user| {
            let mut added = world.workspace_members.iter();
            let is_added = match thing {
                Thing::Workspace(id) => {
                    !is_personal && added.any(|row| row.workspace_id == id && row.user_id == user)
                }
                _ => true,
            };
            is_added && may.contains_key(&user)
        };
        // Each row with some of the searches: all of them with each order.
        for (m, ordering) in ORDERINGS.into_iter().enumerate() {
            let part = PARTS[(n + m) % PARTS.len()];
            let ids = listed(service, manager, &path, (part, ordering), |user| &user["id"]).await;
            let expected = expected(&users, is_listed, part, ordering);
            assert_eq!(ids, expected, "{path} {part} {ordering}");
            found += ids.len();
        }
        for (named, part) in [(vec![1, 3, 5, 8, 999], ""), (vec![2, 4], "@"), (vec![4], "nobody")] {
            let text: Vec<_> = named.iter().map(i64::to_string).collect();
            let path = format!("{path}?ids={}&search={part}", text.join(","));
            let (status, answer) = service.get(manager, &path).await;
            assert_eq!(status, StatusCode::OK, "{path}: {answer}");
            let is_named = |user| is_listed(user) && named.contains(&user);
            let expected = expected(&users, is_named, part, "id");
            let entries = answer["results"].as_array().expect("a list").iter();
            let ids: Vec<_> = entries.map(|user| user["id"].as_i64().expect("an id")).collect();
            assert_eq!(
                (ids, &answer["count"]),
                (expected.clone(), &json!(expected.len())),
                "{path}"
            );
        }
    }
    assert!(found > 300, "{found}");
    clear(service).await;
}

async fn members_of_organization(service: &Service) {
    let by = By::Session(&service.login(HERE, Role::Manager).cookie);
    let users = users(service).await;
    let path = "/api/organizations/1/memberships";
    for ordering in ORDERINGS.into_iter().chain(["role", "-role"]) {
        // The id of a membership is not the user's, but in the seed they are in the same order.
        for part in PARTS {
            let expected = expected(&users, |_| true, part, ordering);
            for path in [path, &format!("{path}/search")] {
                let ids =
                    listed(service, by, path, (part, ordering), |entry| &entry["user"]["id"]).await;
                assert_eq!(ids, expected, "{path} {part} {ordering}");
            }
            // The filters, in the query and in the body, alone and with the parameters.
            let roles = ["OW", "MA", "DI"];
            let filters = json!({ "version": 1, "role": roles, "search": part });
            let is_found = |user: i64| {
                let user = users.iter().find(|one| one.id == user).expect("a member");
                roles.contains(&&*user.role)
            };
            let expected = self::expected(&users, is_found, part, ordering);
            let query = [("ordering", ordering), ("search", "@"), ("role", "OW,AD,MA,DI")];
            let in_body = service
                .request(by, Method::POST, &format!("{path}/search"))
                .query(&query)
                .json(&json!({ "filters": filters }));
            let in_query = service
                .request(by, Method::GET, &format!("{path}/search"))
                .query(&query)
                .query(&[("filters", filters.to_string())]);
            for request in [in_body, in_query] {
                let (status, answer) = answer(request).await;
                assert_eq!(status, StatusCode::OK, "{answer}");
                let entries = answer["results"].as_array().expect("a list").iter();
                let ids: Vec<_> = entries.map(|entry| entry["user"]["id"].as_i64()).collect();
                let expected: Vec<_> = expected.iter().copied().map(Some).collect();
                assert_eq!(ids, expected, "{part} {ordering}");
                assert_eq!(answer["count"], expected.len(), "{part} {ordering}");
            }
        }
    }
    let (_, schema) = service.get(by, &format!("{path}/filter-schema")).await;
    assert_eq!(schema["version"], 1);
    let names = schema["filters"].as_array().expect("a list").iter().map(|one| &one["name"]);
    assert_eq!(names.collect::<Vec<_>>(), ["role", "search"]);
    assert_eq!(schema["filters"][0]["options"].as_array().map(Vec::len), Some(7));
}

/// The file has the members of the list. A spreadsheet finds no formula in it.
async fn export(service: &Service) {
    let world = fill(service).await;
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let users = users(service).await;
    let text = async |query: &str| {
        let path = format!("/api/projects/2/members/export/{query}");
        let response = service.request(owner, Method::GET, &path).send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(headers["content-disposition"], "attachment; filename=\"members.csv\"");
        response.text().await.expect("a text")
    };
    let may = may(&world, "projects.view", Thing::Project(2));
    for (query, part, ordering) in
        [("", "", "id"), ("?ordering=-email", "", "-email"), ("?search=n%40", "n@", "id")]
    {
        let ids = expected(&users, |user| may.contains_key(&user), part, ordering);
        let lines = ids.iter().map(|id| {
            let email = &users.iter().find(|user| user.id == *id).expect("a user").email;
            let (role, facts) = may[id];
            format!("{id},\"{email}\",{role},,{}\r\n", !is_explicit(role, facts))
        });
        let lines: String = lines.collect();
        let head = "id,email,role,project_role,implicit_member\r\n";
        assert_eq!(text(query).await, format!("{head}{lines}"), "{query}");
    }
    for (email, field) in [
        ("=1+1@x", "\"'=1+1@x\""),
        ("+a@x", "\"'+a@x\""),
        ("-a@x", "\"'-a@x\""),
        ("a,\"b@x", "\"a,\"\"b@x\""),
    ] {
        let sql = "UPDATE users SET email = $1 WHERE id = 1";
        service.execute(sql, [email.into()]).await;
        let text = text("?ids=1").await;
        assert_eq!(text.lines().nth(1), Some(&*format!("1,{field},OW,,false")), "{email}");
    }
}

/// Those whom a task is assigned to and who may label it; and the right ones after they were replaced.
async fn assignees(service: &Service) {
    let world = fill(service).await;
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let mut listed = 0;
    for task in &world.tasks {
        let path = format!("/api/projects/{}/tasks/{}/assignees", task.project_id, task.id);
        let (status, answer) = service.get(owner, &path).await;
        let project = world.projects.iter().find(|row| row.id == task.project_id);
        if project.is_none_or(|row| row.organization_id != HERE) {
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            continue;
        }
        let may = may(&world, "tasks.label", Thing::Task(task.id));
        let rows = world.task_assignees.iter().filter(|row| row.task_id == task.id);
        let mut users: Vec<_> = rows.map(|row| row.user_id).collect();
        users.retain(|user| may.contains_key(user));
        users.sort_unstable();
        let expected =
            users.iter().map(|user| json!({ "task": task.id, "assignee": user, "type": "AN" }));
        assert_eq!(answer, Json::from_iter(expected), "{path}");
        listed += users.len();
        // In the path of another project it is no task.
        let other = format!("/api/projects/{}/tasks/{}/assignees", task.project_id + 1, task.id);
        assert_eq!(service.get(owner, &other).await.0, StatusCode::NOT_FOUND, "{other}");
    }
    assert!(listed > 5, "{listed}");
    clear(service).await;

    let path = "/api/projects/2/tasks/3/assignees";
    let all = async || {
        let (_, answer) = service.get(owner, path).await;
        let entries = answer.as_array().expect("a list").iter();
        let entry = |entry: &Json| (entry["assignee"].clone(), entry["type"].clone());
        Json::from_iter(entries.map(entry).map(|(user, role)| json!([user, role])))
    };
    // The seed's annotator, and others, one of them no longer active: they are gone as well.
    for (user, role) in [(4, "RE"), (5, "RE"), (2, "AN"), (7, "AN")] {
        let sql = "INSERT INTO task_assignees VALUES (3, 2, $1, $2)";
        service.execute(sql, [i64::from(user).into(), role.into()]).await;
    }
    assert_eq!(all().await, json!([[2, "AN"], [4, "RE"], [5, "AN"], [5, "RE"]]));
    let body = json!({ "type": "AN", "users": [4, 2] });
    let (status, answer) = service.send(owner, Method::PATCH, path, body).await;
    assert_eq!(
        (status, answer),
        (StatusCode::OK, json!({ "task": 3, "assignee": 4, "type": "AN" }))
    );
    assert_eq!(all().await, json!([[2, "AN"], [4, "AN"], [4, "RE"], [5, "RE"]]));
    let kept = "SELECT COUNT(*) FROM task_assignees WHERE task_id = 3";
    assert_eq!(service.id(kept, []).await, 4);
    let body = json!({ "type": "RE", "users": [4] });
    service.send(owner, Method::PATCH, path, body).await;
    assert_eq!(all().await, json!([[2, "AN"], [4, "AN"], [4, "RE"]]));
}

/// Those of the projects in it that each caller may view; and where a project goes.
async fn projects_of_workspaces(service: &Service) {
    let world = fill(service).await;
    let (mut listed, mut left) = (0, 0);
    for login in service.logins.iter().filter(|login| login.organization == HERE) {
        let (user, by) = (service.user(login).await, By::Session(&login.cookie));
        for workspace in &world.workspaces {
            let path = format!("/api/workspaces/{}/projects/", workspace.id);
            let (status, answer) = service.get(by, &path).await;
            let may = |key, thing| world.may(user, HERE, key, thing);
            if !may("workspaces.view", Thing::Workspace(workspace.id)) {
                assert!(status == 403 || status == 404, "{} {path}: {answer}", login.email);
                continue;
            }
            let within = world.projects.iter().filter(|row| row.workspace_id == Some(workspace.id));
            let within: Vec<_> = within.map(|row| row.id).collect();
            let mut seen = within.clone();
            seen.retain(|&id| may("projects.view", Thing::Project(id)));
            let ids = answer.as_array().expect("a list").iter().map(|row| row["id"].as_i64());
            let ids: Vec<_> = ids.map(|id| id.expect("an id")).collect();
            assert_eq!(ids, seen, "{} {path}", login.email);
            listed += seen.len();
            left += within.len() - seen.len();
        }
    }
    assert!(listed > 100 && left > 3, "{listed} {left}");
    clear(service).await;

    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let is_in = async || {
        let (_, answer) = service.get(owner, "/api/projects/2/").await;
        answer["workspace"].as_i64()
    };
    assert_eq!(is_in().await, Some(1));
    let from = |id: i64, project: i64| format!("/api/workspaces/{id}/projects/?project={project}");
    // Another workspace, another project of the workspace's organization, and another organization's.
    for path in [from(3, 2), from(1, 4), from(4, 2), from(4, 6), from(999, 2), from(1, 999)] {
        let (status, _) = service.send(owner, Method::DELETE, &path, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    for (workspace, project) in [(4, 2), (999, 2), (1, 6), (1, 999)] {
        let path = format!("/api/workspaces/{workspace}/projects/");
        let body = json!({ "project": project });
        let (status, _) = service.send(owner, Method::POST, &path, body).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path} {project}");
    }
    assert_eq!(is_in().await, Some(1));
    for (workspace, path) in
        [(3, "/api/workspaces/3/projects/"), (3, "/api/workspaces/3/projects/")]
    {
        let (status, _) = service.send(owner, Method::POST, path, json!({ "project": 2 })).await;
        assert_eq!((status, is_in().await), (StatusCode::NO_CONTENT, Some(workspace)));
    }
    let (status, _) = service.send(owner, Method::DELETE, &from(3, 2), None).await;
    assert_eq!((status, is_in().await), (StatusCode::NO_CONTENT, None));
    let (status, _) = service.send(owner, Method::DELETE, &from(3, 2), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// What waits in the outbox leaves once, with the link as it is then. What a mailer refuses stays.
async fn mails(service: &Service) {
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let there = By::Session(&service.login(2, Role::Owner).cookie);
    let send = async |by, emails: Json| {
        let body = json!({ "emails": emails });
        let (status, _) = service.send(by, Method::POST, "/api/invite/send-email", body).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    };
    send(owner, json!(["A@x", "b@x"])).await;
    send(owner, json!(["b@x", "c@x"])).await;
    send(there, json!(["b@x"])).await;
    let path = "/api/invite/revoke";
    let (status, _) = service.send(owner, Method::POST, path, json!({ "email": "C@X" })).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let link = async |by| {
        let (_, invite) = service.get(by, "/api/invite").await;
        invite["invite_url"].as_str().expect("a path").to_owned()
    };
    let (here, there) = (link(owner).await, link(there).await);

    let refused = send_mails(&service.app.database, |_, _| Err(std::io::ErrorKind::Other.into()));
    assert!(refused.await.is_err());
    let mut sent = Vec::new();
    for _ in 0..2 {
        let done = send_mails(&service.app.database, |email, path| {
            sent.push((email.to_owned(), path.to_owned()));
            Ok(())
        });
        done.await.expect("sent");
        sent.sort();
        let mut expected = [("a@x", &here), ("b@x", &here), ("b@x", &there)]
            .map(|(email, path)| (email.to_owned(), path.clone()));
        expected.sort();
        assert_eq!(sent, expected, "each once");
    }
    let (status, _) =
        service.send(By::Nobody, Method::POST, &sent[0].1, json!({ "email": "a@x" })).await;
    assert_eq!(status, StatusCode::CREATED);
}

/// Orders and searches that cannot be read.
async fn refused(service: &Service) {
    let owner = By::Session(&service.login(HERE, Role::Owner).cookie);
    let lists = [
        "/api/organizations/1/memberships",
        "/api/organizations/1/memberships/search",
        "/api/projects/2/members/paginated/",
        "/api/projects/2/members/export/",
        "/api/workspaces/1/memberships/paginated/",
    ];
    for path in lists {
        for query in [
            "ordering=",
            "ordering=-",
            "ordering=--id",
            "ordering=user_id",
            "ordering=last_activity",
            "ordering=id,email",
            "ordering=Email",
            "ordering=id&ordering=id",
            "search=%00",
            "search=a&search=a",
        ] {
            let (status, answer) = service.get(owner, &format!("{path}?{query}")).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}?{query}: {answer}");
        }
        let (status, _) = service.get(owner, &format!("{path}?ordering=role")).await;
        assert_eq!(status.is_success(), path.contains("organizations"), "{path}");
    }
    let ids: Vec<_> = (1..=1001).map(|id: i64| id.to_string()).collect();
    for path in &lists[2..] {
        for ids in [&*ids.join(","), "", "1,1", "01", "1,", "x"] {
            let (status, _) = service.get(owner, &format!("{path}?ids={ids}")).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {ids}");
        }
        let (status, _) = service.get(owner, &format!("{path}?ids={}", ids[1..].join(","))).await;
        assert_eq!(status, StatusCode::OK, "{path}");
    }
}
