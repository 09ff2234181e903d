//! The pages as far as no browser is needed: who is let in, on both databases.

use labelgate::Role;
use labelgate_service::web::signs_in_as_anybody;
use labelgate_service::{App, router};
use labelgate_service_tests::{By, Service, on_both};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, header};
use tokio::net::TcpListener;

on_both! { pages signing_in nobody_signs_in_elsewhere }

/// A page, and the status that each role gets: Owner to Deactivated, in the order of `Role::ALL`.
const PAGES: &[(&str, [(Role, u16); 7])] = &[
    (
        "/",
        [
            (Role::Owner, 200),
            (Role::Administrator, 200),
            (Role::Manager, 200),
            (Role::Reviewer, 200),
            (Role::Annotator, 200),
            (Role::NotActivated, 404),
            (Role::Deactivated, 404),
        ],
    ),
    (
        "/web/people",
        [
            (Role::Owner, 200),
            (Role::Administrator, 200),
            (Role::Manager, 200),
            (Role::Reviewer, 404),
            (Role::Annotator, 404),
            (Role::NotActivated, 404),
            (Role::Deactivated, 404),
        ],
    ),
    (
        "/web/permissions",
        [
            (Role::Owner, 200),
            (Role::Administrator, 403),
            (Role::Manager, 403),
            (Role::Reviewer, 404),
            (Role::Annotator, 404),
            (Role::NotActivated, 404),
            (Role::Deactivated, 404),
        ],
    ),
    // A project of another organization.
    (
        "/web/projects/6",
        [
            (Role::Owner, 404),
            (Role::Administrator, 404),
            (Role::Manager, 404),
            (Role::Reviewer, 404),
            (Role::Annotator, 404),
            (Role::NotActivated, 404),
            (Role::Deactivated, 404),
        ],
    ),
];

async fn pages(service: &Service) {
    for (path, expected) in PAGES {
        for (role, status) in expected {
            let by = By::Session(&service.login(1, *role).cookie);
            let response = service.request(by, Method::GET, path).send().await.expect("a response");
            assert_eq!(response.status(), *status, "{path} {role}");
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str();
            assert!(policy.expect("a policy").starts_with("default-src 'none';"));
            assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
            let text = response.text().await.expect("a page");
            assert_eq!(text.contains("class=\"problem\""), *status != 200, "{path} {role}: {text}");
            assert!(!text.contains("<script"), "{path} {role}");
        }
        let nobody =
            service.request(By::Nobody, Method::GET, path).send().await.expect("a response");
        assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(nobody.text().await.expect("a page").contains("href=\"/web/sign-in\""));
    }
}

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().expect("a client")
}

async fn signing_in(service: &Service) {
    let (url, login) =
        (format!("{}/web/sign-in", service.app.origin), service.login(1, Role::Manager));
    let form = [("email", &*login.email)];
    for origin in [None, Some("null"), Some("http://elsewhere.example")] {
        let mut request = client().post(&url).form(&form);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{origin:?}");
        assert!(!response.headers().contains_key(header::SET_COOKIE));
    }
    let here = client().post(&url).header(header::ORIGIN, &*service.app.origin);
    let response = here.form(&form).send().await.expect("a response");
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let cookie = format!("sessionid={}; Path=/; HttpOnly; SameSite=Lax", login.cookie);
    assert_eq!(response.headers()[header::SET_COOKIE], cookie);
    let here = client().post(&url).header(header::ORIGIN, &*service.app.origin);
    let response = here.form(&[("email", "ad@nowhere.example")]).send().await.expect("a response");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

/// Where the pages sign nobody in, there is no such route.
async fn nobody_signs_in_elsewhere(service: &Service) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let app = App { logins: [].into(), origin: origin.as_str().into(), ..service.app.clone() };
    tokio::spawn(async { axum::serve(listener, router(app)).await });
    for method in [Method::GET, Method::POST] {
        let request = client().request(method, format!("{origin}/web/sign-in"));
        let form = [("email", &*service.login(1, Role::Owner).email)];
        let response = request.header(header::ORIGIN, &*origin).form(&form).send().await;
        assert_eq!(response.expect("a response").status(), StatusCode::NOT_FOUND);
    }
    let page = client().get(&origin).send().await.expect("a response");
    assert!(!page.text().await.expect("a page").contains("sign-in"));
}

#[test]
fn anybody_signs_in_on_a_database_in_memory_on_this_machine_alone() {
    let signs_in = |url, address: &str, origin| {
        signs_in_as_anybody(url, address.parse().expect("an address"), origin)
    };
    assert!(signs_in("sqlite::memory:", "127.0.0.1:8080", None));
    assert!(signs_in("sqlite::memory:", "[::1]:8080", None));
    assert!(!signs_in("sqlite::memory:", "0.0.0.0:8080", None));
    assert!(!signs_in("sqlite::memory:", "192.0.2.1:8080", None));
    assert!(!signs_in("sqlite::memory:", "127.0.0.1:8080", Some("https://labels.example")));
    assert!(!signs_in("sqlite:labels.db", "127.0.0.1:8080", None));
    assert!(!signs_in("postgres://localhost/labels", "127.0.0.1:8080", None));
}
