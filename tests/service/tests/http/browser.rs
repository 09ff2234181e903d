//! The pages in a browser, for every role: what a page offers works, and what it offers to others alone is
//! refused by the endpoint behind it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use labelgate::Role;
use labelgate_service::seed::Login;
use labelgate_service_tests::Service;
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value as Json, json};

/// What is on a page: links, forms and their fields, and what no page should have.
const HARVEST: &str = "
    const field = e => ({ name: e.name, type: e.type, value: e.value, checked: !!e.checked,
        options: e.options ? [...e.options].map(option => option.value) : [] });
    const form = f => ({ method: f.getAttribute('method') || 'get',
        action: f.getAttribute('action'), fields: [...f.elements].filter(e => e.name).map(field) });
    const unnamed = e => !e.labels.length && !e.getAttribute('aria-label');
    const root = document.documentElement;
    return { links: [...document.links].map(a => a.href.split('#')[0]),
        forms: [...document.forms].map(form),
        problem: !!document.querySelector('.problem'),
        text: document.body.innerText,
        unnamed: [...document.querySelectorAll('input:not([type=hidden]), select')].filter(unnamed).length,
        scripts: document.scripts.length,
        scheme: getComputedStyle(root).colorScheme,
        wide: root.scrollWidth > root.clientWidth };";

struct Driver {
    process: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let mut command = Command::new("chromedriver");
        let process = command.arg("--port=0").stdout(Stdio::piped()).spawn();
        let mut process = process.expect("chromedriver, of the package chromium-driver");
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut lines = lines.map(|line| line.expect("a line"));
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        Self { process, url: format!("http://127.0.0.1:{}", port.expect("a port")) }
    }

    async fn browser(&self) -> Client {
        let arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"];
        let options = json!({ "goog:chromeOptions": { "args": arguments } });
        let capabilities = options.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities).connect(&self.url).await.expect("a browser")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It is gone already, or it is not: neither fails a test.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A form with what is sent in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sent {
    method: String,
    path: String,
    hidden: Vec<(String, String)>,
    texts: Vec<String>,
    /// A choice that counts: of a role, or of a workspace. Whom one chooses does not: reviewers who may not
    /// see other members are offered themselves.
    chosen: Option<(String, String)>,
}

impl Sent {
    fn fields(&self, user: Option<&str>) -> Vec<(String, String)> {
        let texts = self.texts.iter().map(|name| (name.clone(), "Some text".to_owned()));
        let user = user.map(|user| ("user".to_owned(), user.to_owned()));
        self.hidden.iter().cloned().chain(texts).chain(self.chosen.clone()).chain(user).collect()
    }

    /// What takes something away is done last, and projects after everybody.
    fn rank(&self) -> usize {
        let last = ["/members/remove", "/role", "/remove", "/delete"];
        let found = last.iter().position(|end| self.path.ends_with(end));
        let is_permission = self.path.starts_with("/web/permissions");
        found.map_or(usize::from(is_permission), |position| position + 2)
    }

    fn xpath(&self) -> String {
        let hidden = self
            .hidden
            .iter()
            .map(|(name, value)| format!("[.//input[@name='{name}'][@value='{value}']]"));
        let method = if self.method == "get" { "[not(@method)]" } else { "[@method='post']" };
        format!("//form[@action='{}']{method}{}", self.path, hidden.collect::<String>())
    }
}

/// What the pages offer to somebody.
#[derive(Default)]
struct Offered {
    links: BTreeSet<String>,
    /// Each with a page that it is on, and the users to choose from.
    forms: BTreeMap<Sent, (String, Vec<String>)>,
}

fn text(json: &Json) -> String {
    json.as_str().expect("a text").to_owned()
}

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

/// A form as all that can be sent in it, and the users to choose from.
fn read_form(form: &Json) -> (Vec<Sent>, Vec<String>) {
    let (mut hidden, mut texts, mut chosen, mut users) = (vec![], vec![], vec![None], vec![]);
    for field in list(&form["fields"]) {
        let (name, value) = (text(&field["name"]), text(&field["value"]));
        let options = || list(&field["options"]).iter().map(text);
        match (field["type"].as_str().expect("a type"), &*name) {
            ("hidden", _) => hidden.push((name, value)),
            ("checkbox", _) if field["checked"] == true => hidden.push((name, value)),
            ("checkbox", _) => {}
            ("text", _) => texts.push(name),
            ("select-one", "user") => users = options().collect(),
            ("select-one", _) => {
                // The role that they have is given to nobody anew.
                let others = options().filter(|option| name != "role" || *option != value);
                chosen = others.map(|option| Some((name.clone(), option))).collect();
            }
            other => panic!("{other:?}"),
        }
    }
    let (method, path) = (text(&form["method"]), text(&form["action"]));
    if method == "get" {
        chosen.drain(..chosen.len() - 1); // what is asked next, and nothing that changes
    }
    let one = Sent { method, path, hidden, texts, chosen: None };
    (chosen.into_iter().map(|chosen| Sent { chosen, ..one.clone() }).collect(), users)
}

/// Clicks a button, until the page that it is on is gone.
async fn press(button: Element) {
    button.click().await.expect("a click");
    for _ in 0..1500 {
        if button.tag_name().await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the page stays");
}

/// Somebody in the browser.
struct Visit<'a> {
    service: &'a Service,
    browser: &'a Client,
    login: &'a Login,
}

impl Visit<'_> {
    /// Signs in by the page for it.
    async fn sign_in(&self) {
        self.goto("/web/sign-in").await;
        let button = format!("//button[text()='{}']", self.login.email);
        press(self.browser.find(Locator::XPath(&button)).await.expect("a button")).await;
        assert_eq!(self.browser.current_url().await.expect("an URL").path(), "/");
    }

    async fn goto(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.service.app.origin)).await.expect("a page");
    }

    /// What is on the page that the browser shows, where it is no problem.
    async fn harvest(&self, page: &str) -> Json {
        let found = self.browser.execute(HARVEST, vec![]).await.expect("what is on the page");
        let who = self.login.role;
        assert_eq!(found["problem"], false, "{who} {page}: {}", found["text"]);
        assert_eq!(found["unnamed"], 0, "{who} {page}: each field has a label");
        assert_eq!(found["scripts"], 0, "{who} {page}");
        assert_eq!(found["scheme"], "light dark", "{who} {page}");
        assert_eq!(found["wide"], false, "{who} {page}: a phone shows all of it");
        found
    }

    /// All pages that lead from one to the next, and their forms.
    async fn crawl(&self) -> Offered {
        let mut offered = Offered::default();
        let mut pages = VecDeque::from(["/".to_owned()]);
        while let Some(page) = pages.pop_front() {
            if !offered.links.insert(page.clone()) {
                continue;
            }
            if page.starts_with("/api/") {
                assert_eq!(self.send(Method::GET, &page, &[]).await, StatusCode::OK, "{page}");
                continue;
            }
            self.goto(&page).await;
            let found = self.harvest(&page).await;
            let links = list(&found["links"]).iter().map(text);
            let origin = &*self.service.app.origin;
            let links = links.filter_map(|link| Some(link.strip_prefix(origin)?.to_owned()));
            pages.extend(links.filter(|link| link != "/web/sign-in"));
            for form in list(&found["forms"]) {
                let (all, users) = read_form(form);
                for one in all {
                    if one.method == "get" && one.path.starts_with("/web/permissions") {
                        let query: Vec<_> = one
                            .hidden
                            .iter()
                            .map(|(name, value)| format!("{name}={value}"))
                            .collect();
                        pages.push_back(format!("{}?{}", one.path, query.join("&")));
                    }
                    offered.forms.entry(one).or_insert((page.clone(), users.clone()));
                }
            }
        }
        offered
    }

    /// Fills in a form in the browser, and sends it.
    async fn submit(&self, page: &str, one: &Sent, user: Option<&str>) {
        self.goto(page).await;
        let form = self.browser.find(Locator::XPath(&one.xpath())).await;
        let form =
            form.unwrap_or_else(|error| panic!("{} {page} {one:?}: {error}", self.login.role));
        for name in &one.texts {
            let input =
                form.find(Locator::Css(&format!("input[name={name}]"))).await.expect("an input");
            input.clear().await.expect("an empty input");
            input.send_keys("Some text").await.expect("a text");
        }
        let user = user.map(|user| ("user".to_owned(), user.to_owned()));
        for (name, value) in one.chosen.iter().chain(&user) {
            let option = format!("select[name={name}] option[value='{value}']");
            form.find(Locator::Css(&option))
                .await
                .expect("an option")
                .click()
                .await
                .expect("a choice");
        }
        press(form.find(Locator::Css("button")).await.expect("a button")).await;
        self.harvest(&format!("{page} {one:?}")).await;
    }

    /// Sends a form, or asks for a page, as this login does from a page of the service.
    async fn send(&self, method: Method, path: &str, fields: &[(String, String)]) -> StatusCode {
        let client = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
        let request = client
            .request(method.clone(), format!("{}{path}", self.service.app.origin))
            .header(header::COOKIE, format!("sessionid={}", self.login.cookie))
            .header(header::ORIGIN, &*self.service.app.origin);
        let request = if method == Method::GET { request } else { request.form(fields) };
        request.send().await.expect("a response").status()
    }

    /// One choice of each form in the browser, the others as a browser sends them.
    async fn use_all(&self, offered: &Offered) {
        let mut forms: Vec<_> = offered.forms.iter().collect();
        forms.sort_by_key(|(one, _)| (one.rank(), one.xpath()));
        for same in forms.chunk_by(|(one, _), (next, _)| one.xpath() == next.xpath()) {
            let (last, others) = same.split_last().expect("one at least");
            for (one, (_, users)) in others.iter().filter(|(one, _)| one.method == "post") {
                let fields = one.fields(users.first().map(String::as_str));
                let status = self.send(Method::POST, &one.path, &fields).await;
                assert_eq!(status, StatusCode::SEE_OTHER, "{} {one:?}", self.login.role);
            }
            let (one, (page, users)) = last;
            self.submit(page, one, users.last().map(String::as_str)).await;
        }
    }
}

const REFUSED: [StatusCode; 4] = [
    StatusCode::FORBIDDEN,
    StatusCode::NOT_FOUND,
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::CONFLICT,
];

#[test]
#[ignore = "needs chromium and chromium-driver"]
fn what_is_offered_works_and_nothing_else() {
    let driver = Driver::start();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let browser = driver.browser().await;
        browser.set_window_size(400, 800).await.expect("the size of a phone");
        let mut offered = BTreeMap::new();
        for role in Role::ALL {
            let service = Service::start(None).await;
            let visit =
                Visit { service: &service, browser: &browser, login: service.login(1, role) };
            visit.sign_in().await;
            let mut found = Offered::default();
            if role.is_active() {
                found = visit.crawl().await;
                assert!(!found.forms.is_empty(), "{role}");
                visit.use_all(&found).await;
                resets(&visit).await;
            } else {
                assert_eq!(visit.send(Method::GET, "/", &[]).await, StatusCode::NOT_FOUND);
            }
            offered.insert(role.code(), found);
        }
        let service = Service::start(None).await;
        for role in Role::ALL {
            let visit =
                Visit { service: &service, browser: &browser, login: service.login(1, role) };
            refusals(&visit, &offered).await;
        }
        if let Ok(path) = std::env::var("LABELGATE_SCREENSHOT") {
            let login = service.login(1, Role::Reviewer);
            let visit = Visit { service: &service, browser: &browser, login };
            std::fs::write(path, screenshot(&visit).await).expect("a picture");
        }
        browser.close().await.expect("a closed browser");
    });
}

/// What was saved is taken back.
async fn resets(visit: &Visit<'_>) {
    if visit.login.role == Role::Owner {
        visit.goto("/web/permissions").await;
        let found = visit.harvest("/web/permissions").await;
        let forms = list(&found["forms"]).iter().flat_map(|form| read_form(form).0);
        let resets: Vec<_> = forms.filter(|one| one.path.ends_with("/reset")).collect();
        assert!(resets.len() >= 20, "{resets:?}");
        for one in resets {
            visit.submit("/web/permissions", &one, None).await;
        }
    }
}

/// What is offered to others alone is refused, and so is each role that is not among the choices.
async fn refusals(visit: &Visit<'_>, offered: &BTreeMap<&str, Offered>) {
    let (role, mine) = (visit.login.role, &offered[visit.login.role.code()]);
    let mut refused = 0;
    for other in offered.values() {
        for link in other.links.difference(&mine.links) {
            let status = visit.send(Method::GET, link, &[]).await;
            assert!(REFUSED.contains(&status), "{role} {link}: {status}");
            refused += 1;
        }
        for (one, (_, users)) in other.forms.iter().filter(|(one, _)| !mine.forms.contains_key(one))
        {
            let method = if one.method == "get" { Method::GET } else { Method::POST };
            let fields = one.fields(users.last().map(String::as_str));
            let status = visit.send(method, &one.path, &fields).await;
            // Without its parameters a page is a wrong request, where it is not hidden.
            let expected = REFUSED.contains(&status) || one.method == "get" && status == 400;
            assert!(expected, "{role} {one:?}: {status}");
            refused += 1;
        }
    }
    for user in 1..=7 {
        for given in Role::ALL {
            let chosen = Some(("role".to_owned(), given.code().to_owned()));
            let path = format!("/web/people/{user}/role");
            let one = Sent { method: "post".into(), path, hidden: vec![], texts: vec![], chosen };
            if !mine.forms.contains_key(&one) && service_role(visit, user).await != given.code() {
                let status = visit.send(Method::POST, &one.path, &one.fields(None)).await;
                assert!(REFUSED.contains(&status), "{role} {one:?}: {status}");
                refused += 1;
            }
        }
    }
    assert!(role == Role::Owner || refused >= 40, "{role}: {refused}");
}

async fn service_role(visit: &Visit<'_>, user: i64) -> String {
    let sql = "SELECT role FROM members WHERE organization_id = 1 AND user_id = $1";
    let rows = visit.service.rows(sql, [user.into()]).await;
    rows[0].try_get_by_index(0).expect("a role")
}

/// A project as a reviewer sees it.
async fn screenshot(visit: &Visit<'_>) -> Vec<u8> {
    visit.browser.set_window_size(900, 1000).await.expect("a size");
    visit.sign_in().await;
    visit.goto("/web/projects/2").await;
    let why = Locator::Css("section details.why summary");
    let why = visit.browser.find(why).await.expect("a reason");
    why.click().await.expect("a click");
    visit.browser.screenshot().await.expect("a picture")
}
