//! What is no request: bodies and parameters that cannot be read, users who are nobody's business. Each
//! gets a status that says it is the client's, and a message, and changes nothing.

use labelgate::{Actions, Role};
use labelgate_service::membership::token;
use labelgate_service_tests::{By, Service, answer, on_both};
use reqwest::{Method, StatusCode, header};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

on_both! { bodies users ids emails many }

/// Of each body, what the client sends, and some that lack something or say it wrongly.
const BODIES: &[(&str, &str, &str, &[&str])] = &[
    (
        "PATCH",
        "/api/organizations/1/memberships",
        r#"{"user_id":4,"role":"RE"}"#,
        &[
            r#"{"user_id":4}"#,
            r#"{"role":"RE"}"#,
            r#"{"user_id":"4","role":"RE"}"#,
            r#"{"user_id":4.0,"role":"RE"}"#,
            r#"{"user_id":+4,"role":"RE"}"#,
            r#"{"user_id":04,"role":"RE"}"#,
            r#"{"user_id":4,"role":"re"}"#,
            r#"{"user_id":4,"role":null}"#,
            r#"{"user_id":4,"role":"VO"}"#,
        ],
    ),
    ("POST", "/api/organizations/1/owner", r#"{"user_id":2}"#, &["{}", r#"{"user_id":2.5}"#]),
    (
        "PATCH",
        "/api/organizations/1/set-default-role",
        r#"{"default_role":"NO"}"#,
        &["{}", r#"{"default_role":"no"}"#, r#"{"default_role":["NO"]}"#],
    ),
    (
        "POST",
        "/api/organizations/1/permissions",
        r#"{"permission":"data.export","roles":["AD"]}"#,
        &[
            r#"{"permission":"data.export"}"#,
            r#"{"permission":"data.export","roles":["XX"]}"#,
            r#"{"permission":"data.export","roles":"AD"}"#,
            r#"{"permission":"data.no","roles":["AD"]}"#,
            r#"{"permission":"data.export","roles":["DI"]}"#,
        ],
    ),
    (
        "POST",
        "/api/workspaces/",
        r#"{"title":"x"}"#,
        &["{}", r#"{"title":1}"#, r#"{"title":"\u0000"}"#, r#"{"title":"x","is_personal":1}"#],
    ),
    ("PATCH", "/api/workspaces/1/", r#"{"title":"x"}"#, &[r#"{"title":1}"#]),
    (
        "POST",
        "/api/workspaces/1/memberships/",
        r#"{"user":4}"#,
        &["{}", r#"{"user":"4"}"#, r#"{"user":4,"workspace":2}"#],
    ),
    (
        "POST",
        "/api/projects/",
        r#"{"title":"x"}"#,
        &["{}", r#"{"title":null}"#, r#"{"title":"x","workspace":"1"}"#],
    ),
    (
        "PATCH",
        "/api/projects/2/",
        r#"{"title":"x"}"#,
        &[r#"{"title":1}"#, r#"{"workspace":"1"}"#, r#"{"show_annotation_history":"yes"}"#],
    ),
    ("POST", "/api/projects/2/members/", r#"{"user":4}"#, &["{}", r#"{"user":[4]}"#]),
    (
        "POST",
        "/api/projects/2/import",
        r#"[{"data":{}}]"#,
        &["{}", "[1]", r#"[{"data":[]}]"#, r#"[{"data":{}},{"data":1}]"#],
    ),
    (
        "POST",
        "/api/projects/roles/",
        r#"{"project":2,"role":"AN","user":4}"#,
        &[r#"{"project":2,"role":"AN"}"#, r#"{"project":2,"role":"MA","user":4}"#],
    ),
    (
        "POST",
        "/api/tasks/",
        r#"{"data":{},"project":2}"#,
        &[r#"{"data":{}}"#, r#"{"data":[],"project":2}"#, r#"{"project":2}"#],
    ),
    ("POST", "/api/tasks/3/annotations/", r#"{"result":[]}"#, &[r#"{"result":{}}"#]),
    ("PATCH", "/api/annotations/3/", r#"{"result":[]}"#, &[r#"{"result":"x"}"#]),
    (
        "POST",
        "/api/annotation-reviews/",
        r#"{"annotation":3}"#,
        &["{}", r#"{"annotation":null}"#, r#"{"annotation":3,"accepted":"no"}"#],
    ),
    (
        "POST",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"AN","users":[5]}"#,
        &["{}", r#"{"type":"MA","users":[5]}"#, r#"{"type":"AN","users":5}"#],
    ),
    ("POST", "/api/invite/revoke", r#"{"email":"x@x"}"#, &["{}", r#"{"email":"x"}"#]),
    (
        "POST",
        "/api/invite/send-email",
        r#"{"emails":["x@x"]}"#,
        &[
            "{}",
            r#"{"emails":[]}"#,
            r#"{"emails":"x@x"}"#,
            r#"{"emails":["x@x","x"]}"#,
            r#"{"emails":["x@x","X@X"]}"#,
            r#"{"emails":["x@x"],"role":"no"}"#,
            r#"{"emails":["x@x"],"role":"VO"}"#,
            r#"{"emails":["x@x"],"user_type":"viewonly"}"#,
            r#"{"emails":["x@x"],"user_type":"flex"}"#,
            r#"{"emails":["x@x"],"projects":[2]}"#,
            r#"{"emails":["x@x"],"workspaces":[1]}"#,
        ],
    ),
    (
        "POST",
        "/api/organizations/1/memberships/search",
        r#"{"filters":{"version":1}}"#,
        &[
            "{}",
            r#"{"filters":null}"#,
            r#"{"filters":{}}"#,
            r#"{"filters":[]}"#,
            r#"{"filters":{"version":2}}"#,
            r#"{"filters":{"version":"1"}}"#,
            r#"{"filters":{"version":1,"role":"AN"}}"#,
            r#"{"filters":{"version":1,"role":["VO"]}}"#,
            r#"{"filters":{"version":1,"search":1}}"#,
            r#"{"filters":{"version":1,"search":"\u0000"}}"#,
            r#"{"filters":{"version":1,"tags":[1]}}"#,
        ],
    ),
    (
        "PATCH",
        "/api/projects/2/tasks/3/assignees",
        r#"{"type":"AN","users":[5]}"#,
        &[
            "{}",
            r#"{"users":[5]}"#,
            r#"{"type":"AN"}"#,
            r#"{"type":"AN","users":[]}"#,
            r#"{"type":"AN","users":[5,5]}"#,
            r#"{"type":"AN","users":[5,999]}"#,
            r#"{"type":"MA","users":[5]}"#,
        ],
    ),
    (
        "POST",
        "/api/workspaces/1/projects/",
        r#"{"project":2}"#,
        &["{}", r#"{"project":"2"}"#, r#"{"project":null}"#],
    ),
    ("POST", "/api/workspaces/1/memberships/bulk/", r#"{"all":false,"included":[4]}"#, SELECTIONS),
    ("POST", "/api/projects/2/members/bulk/", r#"{"all":false,"included":[4]}"#, SELECTIONS),
    (
        "POST",
        "/api/projects/2/members/bulk/",
        r#"{"all":false,"included":[5,4],"roles":[{"role":"RE","user_id":5}]}"#,
        &[
            r#"{"all":false,"included":[4],"roles":[{"role":"RE","user_id":5}]}"#,
            r#"{"all":false,"included":[5],"roles":[{"role":"MA","user_id":5}]}"#,
            r#"{"all":false,"included":[5],"roles":[{"role":"RE","user_id":5},{"role":"RE","user_id":5}]}"#,
            r#"{"all":false,"included":[5],"roles":[{"role":"RE","user_id":5,"x":1}]}"#,
        ],
    ),
    (
        "POST",
        "/api/projects/2/tasks/assignees",
        r#"{"type":"AN","users":[4],"selectedItems":{"all":false,"included":[3]}}"#,
        &[
            r#"{"type":"AN","users":[4]}"#,
            r#"{"type":"AN","users":[4,4],"selectedItems":{"all":true}}"#,
            r#"{"type":"AN","users":[4],"selectedItems":{"all":false,"included":[3,3]}}"#,
            r#"{"type":"AN","users":[4],"selectedItems":{"all":false}}"#,
            r#"{"type":"AN","users":[4],"selectedItems":{"all":true},"filters":{}}"#,
            // Tasks of another project, of another organization, and of none.
            r#"{"type":"AN","users":[4],"selectedItems":{"all":false,"included":[3,1]}}"#,
            r#"{"type":"AN","users":[4],"selectedItems":{"all":false,"included":[3,11]}}"#,
            r#"{"type":"AN","users":[4],"selectedItems":{"all":false,"included":[3,999]}}"#,
            r#"{"type":"AN","users":[4],"selectedItems":{"all":true,"excluded":[999]}}"#,
        ],
    ),
];

/// Selections that are none, or whose users are nobody's business.
const SELECTIONS: &[&str] = &[
    "{}",
    r#"{"all":false}"#,
    r#"{"all":true,"included":[4]}"#,
    r#"{"all":false,"included":[4],"excluded":[5]}"#,
    r#"{"all":"true"}"#,
    r#"{"all":false,"included":["4"]}"#,
    r#"{"all":false,"included":[4,4]}"#,
    r#"{"all":false,"included":[4,6]}"#,
    r#"{"all":false,"included":[4,7]}"#,
    r#"{"all":false,"included":[4,8]}"#,
    r#"{"all":false,"included":[4,999]}"#,
    r#"{"all":true,"excluded":[999]}"#,
];

async fn refused(service: &Service, method: &str, path: &str, body: impl Into<String>) {
    let by = By::Session(&service.login(1, Role::Owner).cookie);
    let body = body.into();
    let said: String = body.chars().take(80).collect();
    let request = service
        .request(by, method.parse().expect("a method"), path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body);
    let (status, problem) = answer(request).await;
    assert!(status.is_client_error(), "{method} {path} {said}: {status} {problem}");
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(!detail.is_empty(), "{method} {path} {said}: {problem}");
}

/// A body that is announced as too large is not waited for.
async fn oversized(service: &Service, method: &str, path: &str) {
    let address = service.app.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let cookie = &service.login(1, Role::Owner).cookie;
    let origin = &service.app.origin;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nCookie: sessionid={cookie}\r\n\
         Content-Length: 2000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.expect("a status");
    assert_eq!(&line, b"HTTP/1.1 413", "{method} {path}");
}

async fn bodies(service: &Service) {
    let before = service.save().await;
    for (method, path, good, wrong) in BODIES {
        let (open, rest) = good.split_at(1);
        for bad in [
            String::new(),
            "null".to_owned(),
            "nonsense".to_owned(),
            "{".to_owned(),
            "[1,2]".to_owned(), // the fields of an object as a list
            r#"["x"]"#.to_owned(),
            format!("{good}{good}"),
            good[..good.len() - 1].to_owned(),
            format!("\u{feff}{good}"),
        ] {
            refused(service, method, path, bad).await;
        }
        if open == "{" {
            refused(service, method, path, format!(r#"{{"no_such_field":1,{rest}"#)).await;
            let twice = rest.split(",\"").next().unwrap_or_default().trim_end_matches('}');
            refused(service, method, path, format!("{{{twice},{rest}")).await;
        }
        for bad in *wrong {
            refused(service, method, path, *bad).await;
        }
        oversized(service, method, path).await;
    }
    for (method, path) in [
        ("GET", "/api/projects/x/"),
        ("GET", "/api/projects/99999999999999999999/"),
        ("GET", "/api/projects/?page=0"),
        ("GET", "/api/projects/?page_size=0"),
        ("GET", "/api/projects/?page_size=1001"),
        ("GET", "/api/projects/?page=-1"),
        ("GET", "/api/tasks/?project=x"),
        ("GET", "/api/organizations/1/memberships?role=XX"),
        ("GET", "/api/organizations/01/memberships"),
        ("GET", "/api/organizations/+1"),
        ("DELETE", "/api/projects/2/members/"),
        ("DELETE", "/api/projects/2/tasks/3/assignees?type=AN"),
        ("DELETE", "/api/projects/2/tasks/3/assignees?type=OW&users=5"),
        ("DELETE", "/api/projects/2/tasks/3/assignees?type=AN&users="),
        ("GET", "/api/organizations/1/memberships/search?role=XX"),
        ("GET", "/api/organizations/1/memberships/search?search=%00"),
        ("GET", "/api/organizations/1/memberships/search?filters={}"),
        ("GET", "/api/organizations/1/memberships/search?filters="),
        ("GET", "/api/organizations/1/memberships/search?filters={%22version%22:2}"),
        ("GET", "/api/projects/2/members/export/?role=AN"),
        ("GET", "/api/projects/2/members/export/?implicit=false"),
        ("DELETE", "/api/workspaces/1/projects/"),
        ("DELETE", "/api/projects/2/tasks/3/assignees?type=AN&users=5,5"),
        ("DELETE", "/api/projects/2/members/bulk/"),
        ("DELETE", "/api/projects/2/members/bulk/?all=true&included=4"),
        ("DELETE", "/api/projects/2/members/bulk/?all=true&search=ann"),
        ("DELETE", "/api/projects/2/members/bulk/?included=4,4"),
        ("DELETE", "/api/workspaces/1/memberships/bulk/?all=true&ids=4"),
        ("DELETE", "/api/workspaces/1/memberships/bulk/?included=4,999"),
        ("GET", "/api/no/such/path"),
        ("PUT", "/api/projects/2/"),
    ] {
        refused(service, method, path, "").await;
    }
    // Pages far behind the last one are empty.
    let by = By::Session(&service.login(1, Role::Owner).cookie);
    for path in ["/api/projects/?page=4294967295", "/api/organizations/1/memberships?page=99"] {
        let (status, answer) = service.get(by, path).await;
        assert_eq!((status.as_u16(), answer["results"].clone()), (200, serde_json::json!([])));
    }
    assert_eq!(service.state(&before).await, before.state);
}

/// Users in a body are active members of the organization: unknown ones, those of another organization
/// and inactive ones get the same answer.
async fn users(service: &Service) {
    let [owner, waiting, gone] = [Role::Owner, Role::NotActivated, Role::Deactivated]
        .map(|role| service.login(if role == Role::Owner { 2 } else { 1 }, role));
    let elsewhere = service.user(owner).await;
    let (waiting, gone) = (service.user(waiting).await, service.user(gone).await);
    let by = By::Session(&service.login(1, Role::Owner).cookie);
    let before = service.save().await;
    let mut answers = Vec::new();
    for user in [elsewhere, waiting, gone, 999, -1] {
        for (path, body) in [
            ("/api/workspaces/1/memberships/", serde_json::json!({ "user": user })),
            ("/api/projects/2/members/", serde_json::json!({ "user": user })),
            (
                "/api/projects/2/tasks/3/assignees",
                serde_json::json!({ "type": "AN", "users": [5, user] }),
            ),
            (
                "/api/workspaces/1/memberships/bulk/",
                serde_json::json!({ "all": false, "included": [5, user] }),
            ),
            (
                "/api/projects/2/members/bulk/",
                serde_json::json!({ "all": true, "excluded": [5, user] }),
            ),
            (
                "/api/projects/2/tasks/assignees",
                serde_json::json!({
                    "selectedItems": { "all": true }, "type": "AN", "users": [5, user],
                }),
            ),
        ] {
            let (status, answer) = service.send(by, Method::POST, path, body).await;
            assert_eq!(status, 400, "{path} {user}: {answer}");
            answers.push(answer);
        }
        for path in ["/api/projects/2/members/bulk/", "/api/workspaces/1/memberships/bulk/"] {
            let path = format!("{path}?included=5,{user}");
            let (status, answer) = service.send(by, Method::DELETE, &path, None).await;
            assert_eq!(status, 400, "{path} {user}: {answer}");
            answers.push(answer);
        }
    }
    // A manager who does not hold the project would come to hold it through a task.
    let manager = service.user(service.login(1, Role::Manager)).await;
    let body = serde_json::json!({ "type": "AN", "users": [manager] });
    let path = "/api/projects/4/tasks/7/assignees";
    let (status, answer) = service.send(by, Method::POST, path, body.clone()).await;
    assert_eq!(status, 400, "{answer}");
    answers.push(answer);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(service.state(&before).await, before.state);
    // In their own workspace they hold it already.
    let (status, _) =
        service.send(by, Method::POST, "/api/projects/2/tasks/3/assignees", body).await;
    assert_eq!(status, 201);
    // A task of another project is none.
    let body = serde_json::json!({ "type": "AN", "users": [5] });
    let (status, _) =
        service.send(by, Method::POST, "/api/projects/4/tasks/3/assignees", body).await;
    assert_eq!(status, 404);
}

/// How no id is spelled. Some are what a number is read from.
const NO_IDS: [&str; 14] = [
    "+1",
    "%2B1",
    "01",
    "001",
    "-0",
    "-01",
    "1.0",
    "1e0",
    "0x1",
    "1_0",
    "%201",
    "1%20",
    "x",
    "99999999999999999999",
];

/// In a path of whatever route, something else than an id leads to nothing, whatever is asked for there.
async fn ids(service: &Service) {
    let router = include_str!("../../../../examples/service/src/lib.rs");
    let routes = router.split(".route(").skip(1).filter_map(|route| route.split('"').nth(1));
    let by = By::Session(&service.login(1, Role::Owner).cookie);
    let before = service.save().await;
    let mut places = 0;
    for route in routes {
        let names: Vec<_> = route.split('/').filter(|part| part.starts_with('{')).collect();
        for name in names.iter().filter(|&&name| name != "{key}") {
            places += 1;
            for wrong in NO_IDS {
                let path = names
                    .iter()
                    .fold(route.replace(name, wrong), |path, other| path.replace(other, "1"));
                let mut served = 0;
                for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                    let method: Method = method.parse().expect("a method");
                    let (status, answer) = service.send(by, method.clone(), &path, None).await;
                    served += u32::from(status != StatusCode::METHOD_NOT_ALLOWED);
                    let is_nothing = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
                    assert!(is_nothing.contains(&status), "{method} {path}: {status} {answer}");
                }
                assert!(served > 0, "{path}");
            }
        }
    }
    let all = ["{id}", "{user}", "{task}"].map(|name| router.matches(name).count());
    assert_eq!(places, all.iter().sum::<usize>());
    // In a query it is no request.
    for (method, path) in [
        ("GET", "/api/tasks/?project="),
        ("DELETE", "/api/workspaces/1/memberships/?user_id="),
        ("DELETE", "/api/workspaces/1/memberships/?user="),
        ("DELETE", "/api/projects/2/members/?user="),
        ("DELETE", "/api/workspaces/1/projects/?project="),
        ("GET", "/api/projects/2/members/paginated/?ids="),
        ("GET", "/api/projects/2/members/export/?ids="),
        ("GET", "/api/workspaces/1/memberships/paginated/?ids="),
        ("DELETE", "/api/projects/2/members/bulk/?included="),
        ("DELETE", "/api/workspaces/1/memberships/bulk/?included=5,"),
        ("DELETE", "/api/projects/2/tasks/3/assignees?type=AN&users="),
        ("DELETE", "/api/projects/2/tasks/3/assignees?type=AN&users=5,"),
    ] {
        for wrong in NO_IDS.into_iter().chain(["", "1,,1"]) {
            let method: Method = method.parse().expect("a method");
            let (status, _) = service.send(by, method, &format!("{path}{wrong}"), None).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}{wrong}");
        }
    }
    assert_eq!(service.state(&before).await, before.state);
}

/// One address is one account, however it is spelled.
async fn emails(service: &Service) {
    let owner = By::Session(&service.login(1, Role::Owner).cookie);
    let (_, invite) = service.get(owner, "/api/invite").await;
    let path = format!("/user/signup?token={}", invite["token"].as_str().expect("a token"));
    let sign_up = async |email: &str| {
        let body = json!({ "email": email });
        service.send(By::Nobody, Method::POST, &path, body).await.0
    };
    let accounts = "SELECT COUNT(*) FROM users";
    let before = service.id(accounts, []).await;
    for taken in ["ow@acme.example", "OW@Acme.Example", "Ow@acme.example", "DI@GLOBEX.EXAMPLE"] {
        assert_eq!(sign_up(taken).await, StatusCode::CONFLICT, "{taken}");
    }
    let long = format!("{}@x", "a".repeat(253));
    for wrong in [
        "",
        "nonsense",
        "@",
        "@x",
        "a@",
        "a@b@x",
        "a\n@x",
        "a@x\n",
        "a@x\r\nBcc: b@x",
        " a@x",
        "a@x ",
        "a b@x",
        "a\t@x",
        "a\u{7f}@x",
        "a\u{85}@x",
        "a\u{a0}@x",
        "a\u{200b}@x", // nothing that is seen
        "\u{202e}a@x", // from right to left
        "o\u{301}w@x",
        "\u{212a}@x",            // the sign of kelvin, whose lower case is `k`
        "\u{43e}w@acme.example", // a letter that looks like another
        &long,
    ] {
        assert_eq!(sign_up(wrong).await, StatusCode::BAD_REQUEST, "{wrong:?}");
    }
    assert_eq!(service.id(accounts, []).await, before);
    assert_eq!(sign_up("New@X.Example").await, StatusCode::CREATED);
    assert_eq!(sign_up("new@x.example").await, StatusCode::CONFLICT);
    let kept = "SELECT COUNT(*) FROM users WHERE email = 'new@x.example'";
    assert_eq!(service.id(kept, []).await, 1);
    // The command finds the account as well.
    let email = "NEW@x.example".parse().expect("an address");
    assert!(token(&service.app.database, &email, 1, Actions::all()).await.is_ok());
    // And the table takes no other spelling, whatever writes to it.
    let insert = "INSERT INTO users (email) VALUES ('OW@Acme.Example') ON CONFLICT DO NOTHING";
    let insert = Statement::from_string(service.owner.get_database_backend(), insert);
    assert!(service.owner.execute_raw(insert).await.is_err());
}

/// What one request changes is bounded, also where it selects all.
async fn many(service: &Service) {
    let by = By::Session(&service.login(1, Role::Owner).cookie);
    let send = async |path: &str, body: serde_json::Value| {
        let (status, answer) = service.send(by, Method::POST, path, body).await;
        (status.as_u16(), answer)
    };
    let members = "/api/projects/2/members/bulk/";
    let (status, answer) = send(members, json!({ "all": true, "excluded": [5] })).await;
    assert_eq!((status, &answer["assignments"]), (200, &json!(4)), "{answer}");
    let count = "SELECT COUNT(*) FROM project_members WHERE project_id = 2";
    assert_eq!(service.id(count, []).await, 5, "5 was there before");
    let path = format!("{members}?all=true&excluded=1,5");
    let (status, answer) = service.send(by, Method::DELETE, &path, None).await;
    assert_eq!((status.as_u16(), &answer["unassignments"]), (200, &json!(3)), "{answer}");
    assert_eq!(service.id(count, []).await, 2);
    // Nobody else lost anything, in other projects either.
    let left = "SELECT COUNT(*) FROM project_members WHERE project_id <> 2";
    assert_eq!(service.id(left, []).await, 2 * 4 - 2);

    for n in 0..1000 {
        let sql = "INSERT INTO users (email) VALUES ($1) RETURNING id";
        let user = service.id(sql, [format!("{n}@x").into()]).await;
        let sql = "INSERT INTO members (organization_id, user_id, role, role_source) \
            VALUES (1, $1, 'AN', 'manual')";
        service.execute(sql, [user.into()]).await;
        let sql = "INSERT INTO tasks (project_id, data) VALUES (2, '{}')";
        service.execute(sql, []).await;
    }
    let before = service.save().await;
    let all = json!({ "all": true });
    let ids: Vec<i64> = (1..=1001).collect();
    for (path, body) in [
        (members, all.clone()),
        (members, json!({ "all": false, "included": ids })),
        (
            "/api/invite/send-email",
            json!({ "emails": ids.iter().map(|id| format!("{id}@new.example")).collect::<Vec<_>>() }),
        ),
        ("/api/workspaces/1/memberships/bulk/", all.clone()),
        (
            "/api/projects/2/tasks/assignees",
            json!({ "selectedItems": all, "type": "AN", "users": [5] }),
        ),
        (
            "/api/projects/2/tasks/assignees",
            json!({
                "selectedItems": { "all": true, "excluded": [3, 4] }, "type": "AN", "users": [4, 5],
            }),
        ),
    ] {
        let (status, answer) = send(path, body).await;
        assert_eq!(status, 400, "{path}: {answer}");
    }
    let path = "/api/projects/2/tasks/3/assignees";
    for method in [Method::POST, Method::PATCH] {
        let body = json!({ "type": "AN", "users": ids });
        let (status, answer) = service.send(by, method, path, body).await;
        assert_eq!(status, 400, "{path}: {answer}");
    }
    assert_eq!(service.id("SELECT COUNT(*) FROM outbox", []).await, 0);
    assert_eq!(service.state(&before).await, before.state);
    let body = json!({
        "selectedItems": { "all": true, "excluded": [3, 4] }, "type": "RE", "users": [5],
    });
    let (status, answer) = send("/api/projects/2/tasks/assignees", body).await;
    assert_eq!((status, &answer["assignments"]), (200, &json!(1000)), "{answer}");
    let assigned = "SELECT COUNT(*) FROM task_assignees WHERE type = 'RE' AND user_id = 5";
    assert_eq!(service.id(assigned, []).await, 1000);
}
