//! The review desk: does every page say what it should, to whom it should, and does nothing else open or change anything?
//!
//! Requests go straight to the router; the pages' own behaviour is tried in a real browser in `web/browser.rs`.

mod browser;
mod desk;
mod model;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use desk::{Sample, TestDesk, body_order, now, unknown_article};
use jiff::SignedDuration;
use podesk::app::web::{WebState, router};
use podesk::deciding::review::CaseState;
use podesk::model::{CaseNumber, Reading, Sha256};
use podesk::store::{Db, Role, StoreSettings};
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

const PASSWORD: &str = "correct horse battery";

/// A desk with a database of its own.
struct World {
    desk: Arc<TestDesk>,
    db: Db,
    router: Router,
    _folder: TempDir,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().expect("text")
    }

    /// The value that a cookie was set to.
    fn cookie(&self, name: &str) -> String {
        let set = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = set.filter_map(|value| value.strip_prefix(name)?.strip_prefix('=')).next_back();
        value.and_then(|value| value.split(';').next()).unwrap_or_default().to_owned()
    }

    /// The value of the first hidden field of that name.
    fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.body.split_once(&start).unwrap_or_else(|| panic!("no `{name}` in\n{}", self.body)).1;
        rest.split_once('"').expect("a quoted value").0.to_owned()
    }
}

/// Somebody who is signed in: the cookie, and the token for forms.
#[derive(Clone)]
struct Visitor {
    cookie: String,
    csrf: String,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&StoreSettings::default(), folder.path()).await.expect("a database");
        let desk = Arc::new(TestDesk::new(db.clone(), b"\x89PNG\r\n\x1a\n".to_vec()).await);
        let router = router(WebState { db: db.clone(), desk: desk.clone(), is_https: false });
        Self { desk, db, router, _folder: folder }
    }

    /// Signed in as `name` without the detour over the sign-in page.
    async fn visitor(&self, name: &str, role: Role) -> Visitor {
        let key = format!("key of {name}").replace(' ', "-");
        let csrf = Sha256::of(name.as_bytes()).0;
        let mut tx = self.db.begin().await.expect("a transaction");
        tx.create_user(name, "no password", role).await.expect("a user");
        let until = now() + SignedDuration::from_hours(1);
        tx.create_session(&Sha256::of(key.as_bytes()).0, name, &csrf, now(), until).await.expect("a session");
        tx.commit().await.expect("committed");
        Visitor { cookie: format!("podesk={key}"), csrf }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000_000).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str, visitor: Option<&Visitor>) -> Answer {
        let mut request = Request::get(path);
        if let Some(visitor) = visitor {
            request = request.header(header::COOKIE, &visitor.cookie);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// As a browser sends a form of ours: from the same origin, with cookie and token.
    async fn post(&self, path: &str, visitor: &Visitor, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("csrf", &visitor.csrf));
        self.post_raw(path, Some(&visitor.cookie), &[("sec-fetch-site", "same-origin")], &fields).await
    }

    async fn post_raw(&self, path: &str, cookie: Option<&str>, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::HOST, "desk.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        self.send(request.body(Body::from(form(fields))).expect("a request")).await
    }

    async fn case(&self, number: &CaseNumber) -> podesk::deciding::review::Case {
        self.db.case(number).await.expect("the store answers").expect("a case")
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// Every page that needs a session.
const PAGES: [&str; 12] = [
    "/",
    "/?q=acme&whose=mine",
    "/cases/R-000001",
    "/cases/R-000001/pages/1",
    "/cases/R-000001/document",
    "/cases/R-999999",
    "/orders",
    "/orders/SO-000001",
    "/mails",
    "/mails/0000000000000000000000000000000000000000000000000000000000000000/original",
    "/stock",
    "/stock?x=1",
];

#[tokio::test]
async fn without_a_session_every_page_is_the_sign_in_form() {
    let world = World::new().await;
    world.desk.add_case(unknown_article()).await;
    for path in PAGES {
        let answer = world.get(path, None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.body.contains("Sign in") && !answer.body.contains("ACME"), "{path}");
    }
    let stale = Visitor { cookie: "podesk=0123456789abcdef".into(), csrf: String::new() };
    assert_eq!(world.get("/", Some(&stale)).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let world = World::new().await;
    world.desk.add_case(unknown_article()).await;
    let ana = world.visitor("ana", Role::Admin).await;
    let others = ["/login", "/setup/none", "/nowhere", "/healthz", "/readyz", "/assets/x/desk.css", "/assets/x/none"];
    for path in PAGES.iter().chain(&others) {
        for visitor in [None, Some(&ana)] {
            let answer = world.get(path, visitor).await;
            let header =
                |name: &str| answer.headers.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default();
            let policy = header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("x-frame-options"), "DENY", "{path}");
            if header("content-type").starts_with("text/html") {
                assert_eq!(header("cache-control"), "no-store", "{path}");
                assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{path}");
                assert!(!answer.body.contains("style=") && !answer.body.contains("onclick"), "{path} has something inline");
            }
        }
    }
}

#[tokio::test]
async fn assets_may_be_kept_only_under_their_own_digest() {
    let world = World::new().await;
    let page = world.get("/login", None).await;
    let style = page.body.split("href=\"").find_map(|part| part.strip_prefix("/assets/")).expect("a style sheet");
    let answer = world.get(&format!("/assets/{}", style.split('"').next().expect("an address")), None).await;
    assert!(answer.headers[header::CACHE_CONTROL].to_str().expect("text").contains("immutable"));
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert_eq!(world.get("/assets/old/desk.css", None).await.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn the_set_up_link_makes_one_user_once() {
    let world = World::new().await;
    let mut tx = world.db.begin().await.expect("a transaction");
    tx.create_setup_token(&Sha256::of(b"secret-token").0, now() + SignedDuration::from_hours(1)).await.expect("a token");
    tx.create_setup_token(&Sha256::of(b"old-token").0, now() - SignedDuration::from_secs(1)).await.expect("a token");
    tx.commit().await.expect("committed");
    assert_eq!(world.get("/setup/wrong", None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/setup/old-token", None).await.status, StatusCode::NOT_FOUND);

    let create = async |name: &str, password: &str| {
        let page = world.get("/setup/secret-token", None).await;
        if page.status != StatusCode::OK {
            return page;
        }
        let (key, cookie) = (page.hidden("form"), format!("podesk-form={}", page.cookie("podesk-form")));
        let fields = [("form", key.as_str()), ("name", name), ("password", password)];
        world.post_raw("/setup/secret-token", Some(&cookie), &[("sec-fetch-site", "same-origin")], &fields).await
    };
    assert_eq!(create("ana", "short").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(create("", PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.db.count_users().await.expect("a count"), 0);
    let created = create("ana", PASSWORD).await;
    assert_eq!((created.status, created.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(create("eve", PASSWORD).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.db.count_users().await.expect("a count"), 1);
    let user = world.db.user("ana").await.expect("an answer").expect("ana");
    assert!(user.password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && user.role == Role::Admin);
}

/// Signs in over the page; the answer, and the cookie that it set.
async fn sign_in(world: &World, name: &str, password: &str, before: Option<&str>) -> Answer {
    let page = world.get("/login", None).await;
    let cookie =
        format!("podesk-form={}{}", page.cookie("podesk-form"), before.map(|key| format!("; podesk={key}")).unwrap_or_default());
    let fields = [("form", page.hidden("form")), ("name", name.into()), ("password", password.into()), ("next", "/orders".into())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
    world.post_raw("/login", Some(&cookie), &[("sec-fetch-site", "same-origin")], &fields).await
}

/// A user whose password is `PASSWORD`, made over the set-up page.
async fn world_with_ana() -> World {
    let world = World::new().await;
    let mut tx = world.db.begin().await.expect("a transaction");
    tx.create_setup_token(&Sha256::of(b"t").0, now() + SignedDuration::from_hours(1)).await.expect("a token");
    tx.commit().await.expect("committed");
    let page = world.get("/setup/t", None).await;
    let cookie = format!("podesk-form={}", page.cookie("podesk-form"));
    let key = page.hidden("form");
    let fields = [("form", key.as_str()), ("name", "ana"), ("password", PASSWORD)];
    let created = world.post_raw("/setup/t", Some(&cookie), &[("sec-fetch-site", "same-origin")], &fields).await;
    assert_eq!(created.status, StatusCode::SEE_OTHER);
    world
}

#[tokio::test]
async fn signing_in_gives_a_new_key_and_signing_out_ends_it() {
    let world = world_with_ana().await;
    // A key that an attacker planted in the browser before is never used (session fixation).
    let planted = "planted-by-somebody-else";
    let answer = sign_in(&world, "ana", PASSWORD, Some(planted)).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/orders"));
    let key = answer.cookie("podesk");
    assert!(key.len() == 64 && key != planted);
    let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().expect("text")).collect::<Vec<_>>();
    assert!(
        set.iter().all(|cookie| cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/")),
        "{set:?}"
    );
    let visitor = |key: &str, csrf: &str| Visitor { cookie: format!("podesk={key}"), csrf: csrf.into() };
    assert_eq!(world.get("/", Some(&visitor(planted, ""))).await.status, StatusCode::UNAUTHORIZED);
    let page = world.get("/", Some(&visitor(&key, ""))).await;
    assert_eq!(page.status, StatusCode::OK);

    // A second sign-in in the same browser ends the first session.
    let second = sign_in(&world, "ana", PASSWORD, Some(&key)).await.cookie("podesk");
    assert_eq!(world.get("/", Some(&visitor(&key, ""))).await.status, StatusCode::UNAUTHORIZED);
    let csrf = world.get("/", Some(&visitor(&second, ""))).await.hidden("csrf");
    let out = world.post("/logout", &visitor(&second, &csrf), &[]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get("/", Some(&visitor(&second, ""))).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let world = world_with_ana().await;
    for _ in 0..10 {
        assert_eq!(sign_in(&world, "ana", "wrong wrong wrong", None).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(sign_in(&world, "ana", "wrong wrong wrong", None).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        sign_in(&world, "ana", PASSWORD, None).await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "even the right one has to wait"
    );
    let unknown = sign_in(&world, "nobody", "wrong wrong wrong", None).await;
    assert!(unknown.status == StatusCode::UNAUTHORIZED && unknown.body.contains("do not fit together"));
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn a_form_is_believed_only_from_our_own_page() {
    let world = World::new().await;
    let number = world.desk.add_case(body_order("")).await;
    let ana = world.visitor("ana", Role::Admin).await;
    let path = format!("/cases/{number}/answer");
    let fields = |csrf: &'static str| [("do", "approve"), ("version", "1"), ("csrf", csrf)];
    let own = [("sec-fetch-site", "same-origin")];
    let csrf: &'static str = ana.csrf.clone().leak();
    let refusals: [(&str, Option<&str>, Pairs<'_>, &'static str); 8] = [
        ("no token", Some(&ana.cookie), &own, ""),
        ("a wrong token", Some(&ana.cookie), &own, "0000"),
        ("another site", Some(&ana.cookie), &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], csrf),
        ("a sibling site", Some(&ana.cookie), &[("sec-fetch-site", "same-site")], csrf),
        ("another origin", Some(&ana.cookie), &[("origin", "https://evil.example")], csrf),
        ("an opaque origin", Some(&ana.cookie), &[("origin", "null")], csrf),
        ("no word about the origin", Some(&ana.cookie), &[], csrf),
        ("no session", None, &own, csrf),
    ];
    for (what, cookie, headers, csrf) in refusals {
        let answer = world.post_raw(&path, cookie, headers, &fields(csrf)).await;
        let expected = if cookie.is_some() { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
        assert_eq!(answer.status, expected, "{what}");
    }
    assert_eq!(world.case(&number).await.version, 1, "nothing changed");
    let origin = [("origin", "http://desk.example")];
    assert_eq!(world.post_raw(&path, Some(&ana.cookie), &origin, &fields(csrf)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.case(&number).await.state, CaseState::Approved);
}

#[tokio::test]
async fn roles_are_kept_apart() {
    let world = World::new().await;
    let number = world.desk.add_case(body_order("")).await;
    let path = format!("/cases/{number}/answer");
    let viewer = world.visitor("vic", Role::Viewer).await;
    let reviewer = world.visitor("rea", Role::Reviewer).await;
    let page = world.get(&format!("/cases/{number}"), Some(&viewer)).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("id=\"approve\""));
    for action in ["approve", "save", "reject"] {
        let fields = [("do", action), ("version", "1"), ("reason", "no")];
        assert_eq!(world.post(&path, &viewer, &fields).await.status, StatusCode::FORBIDDEN, "{action}");
    }
    assert_eq!(world.post(&format!("/cases/{number}/assign"), &viewer, &[("to", "me")]).await.status, StatusCode::FORBIDDEN);
    let approve = [("do", "approve"), ("version", "1")];
    assert_eq!(world.post(&path, &reviewer, &approve).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.case(&number).await.state, CaseState::Open);
    let reject = [("do", "reject"), ("version", "1"), ("reason", "ordered twice")];
    assert_eq!(world.post(&path, &reviewer, &reject).await.status, StatusCode::SEE_OTHER);
    let case = world.case(&number).await;
    assert_eq!((case.state, case.decided_by.as_deref(), case.note.as_str()), (CaseState::Rejected, Some("rea"), "ordered twice"));
}

#[tokio::test]
async fn a_stale_page_changes_nothing() {
    let world = World::new().await;
    let number = world.desk.add_case(body_order("")).await;
    let path = format!("/cases/{number}/answer");
    let ana = world.visitor("ana", Role::Approver).await;
    let bob = world.visitor("bob", Role::Approver).await;
    assert_eq!(world.post(&format!("/cases/{number}/assign"), &ana, &[("to", "me")]).await.status, StatusCode::SEE_OTHER);
    let answer = world.post(&path, &bob, &[("do", "approve"), ("version", "1")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("ana changed this meanwhile") && answer.body.contains(&format!("href=\"/cases/{number}\"")));
    let version = world.case(&number).await.version.to_string();
    assert_eq!(world.post(&path, &ana, &[("do", "approve"), ("version", &version)]).await.status, StatusCode::SEE_OTHER);
    for action in ["approve", "reject", "save"] {
        let fields = [("do", action), ("version", version.as_str()), ("reason", "late")];
        assert_eq!(world.post(&path, &bob, &fields).await.status, StatusCode::CONFLICT, "{action} after the decision");
    }
    assert_eq!(world.case(&number).await.orders.len(), 1);
    assert_eq!(world.post(&format!("/cases/{number}/assign"), &bob, &[("to", "me")]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_others_wrote_is_text_on_every_page() {
    let world = World::new().await;
    let spoil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let number = world.desk.add_case(body_order(spoil)).await;
    let second = world.desk.add_case(Sample { document_name: "a\"\r\nX: y<script>.txt", ..body_order(spoil) }).await;
    let ana = world.visitor("<b>ana</b>", Role::Admin).await;
    let reject = [("do", "reject"), ("version", "1"), ("reason", spoil)];
    assert_eq!(world.post(&format!("/cases/{second}/answer"), &ana, &reject).await.status, StatusCode::SEE_OTHER);
    let paths = [
        "/".into(),
        format!("/cases/{number}"),
        format!("/cases/{second}"),
        "/mails".into(),
        format!("/?after={second}"),
        "/?q=%3Cscript%3Ealert(1)%3C/script%3E".into(),
        "/orders?q=%3Cscript%3Ealert(1)%3C/script%3E".into(),
    ];
    for path in paths {
        let answer = world.get(&path, Some(&ana)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains("&lt;script") || path.starts_with("/orders"), "{path} shows what was written");
        for dangerous in ["<script>alert", "<script>document", "<img src=x", "<b>ana"] {
            assert!(!answer.body.contains(dangerous), "{path} lets `{dangerous}` through");
        }
    }
    let download = world.get(&format!("/cases/{second}/document"), Some(&ana)).await;
    let disposition = download.headers[header::CONTENT_DISPOSITION].to_str().expect("text");
    assert_eq!(disposition, "attachment; filename=\"a___X_ y_script_.txt\"");
}

#[tokio::test]
async fn downloads_are_saved_and_powerless() {
    let world = World::new().await;
    let number = world.desk.add_case(unknown_article()).await;
    let ana = world.visitor("ana", Role::Viewer).await;
    let message = world.case(&number).await.message;
    for path in [format!("/cases/{number}/document"), format!("/mails/{message}/original")] {
        let answer = world.get(&path, Some(&ana)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.headers[header::CONTENT_DISPOSITION].to_str().expect("text").starts_with("attachment; "));
        assert!(answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text").starts_with("sandbox"));
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/octet-stream");
    }
    for path in [
        "/mails/..%2F..%2Fetc%2Fpasswd/original",
        "/mails/../../etc/passwd/original",
        "/mails/ABCDEF/original",
        "/cases/..%2F..%2Fetc%2Fpasswd",
        "/cases/R-000001/pages/..%2F1",
        "/cases/R-000001/pages/0",
        "/cases/R-000001/pages/99999999999",
        "/assets/..%2F..%2FCargo.toml/desk.css",
        "/assets/x/..%2Fdesk.css",
    ] {
        let answer = world.get(path, Some(&ana)).await;
        assert!(answer.status == StatusCode::NOT_FOUND || path.ends_with("/desk.css"), "{path}: {}", answer.status);
        assert!(!answer.body.contains("root:") && !answer.body.contains("[package]"), "{path}");
    }
}

#[tokio::test]
async fn no_get_changes_anything() {
    let world = World::new().await;
    let number = world.desk.add_case(body_order("")).await;
    let ana = world.visitor("ana", Role::Admin).await;
    let mut tx = world.db.begin().await.expect("a transaction");
    tx.create_setup_token(&Sha256::of(b"t").0, now() + SignedDuration::from_hours(1)).await.expect("a token");
    tx.commit().await.expect("committed");
    let everything = async || {
        let copy = world._folder.path().join("copy.db");
        let mut link = <sqlx::SqliteConnection as sqlx::Connection>::connect(&format!(
            "sqlite:{}",
            world._folder.path().join("podesk.db").display()
        ))
        .await
        .expect("the database");
        let _ = std::fs::remove_file(&copy);
        let sql = sqlx::AssertSqlSafe(format!("VACUUM INTO '{}'", copy.display()));
        sqlx::raw_sql(sql).execute(&mut link).await.expect("a copy");
        Sha256::of(&std::fs::read(&copy).expect("the copy"))
    };
    let before = everything().await;
    let acting = [
        "/logout",
        "/cases/R-000001/answer",
        "/cases/R-000001/answer?do=approve&version=1",
        "/cases/R-000001/assign?to=me",
        "/setup/t",
    ];
    for path in PAGES.iter().chain(&acting).chain(&["/login", "/readyz"]) {
        for method in [Method::GET, Method::HEAD] {
            let request = Request::builder().method(method).uri(*path).header(header::COOKIE, &ana.cookie);
            world.send(request.body(Body::empty()).expect("a request")).await;
        }
    }
    assert_eq!(everything().await, before);
    assert_eq!(world.case(&number).await.version, 1);
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let world = World::new().await;
    let number = world.desk.add_case(body_order("")).await;
    let ana = world.visitor("ana", Role::Admin).await;
    let large = "x".repeat(3_000_000);
    let answer = world
        .post(&format!("/cases/{number}/answer"), &ana, &[("do", "save"), ("version", "1"), ("/orders/0/po_number", &large)])
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let long = "y".repeat(2100);
    let answer = world
        .post(&format!("/cases/{number}/answer"), &ana, &[("do", "save"), ("version", "1"), ("/orders/0/po_number", &long)])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer =
        world.post(&format!("/cases/{number}/answer"), &ana, &[("do", "reject"), ("version", "1"), ("reason", "  ")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.case(&number).await.version, 1);
}

#[tokio::test]
async fn only_what_a_person_changed_becomes_a_correction() {
    let world = World::new().await;
    let number = world.desk.add_case(unknown_article()).await;
    let ana = world.visitor("ana", Role::Reviewer).await;
    let path = format!("/cases/{number}/answer");
    // The whole form comes along, as a browser sends it, with one field changed and one finding's proposal clicked.
    let fields = [
        ("do", ""),
        ("version", "1"),
        ("/orders/0/po_number", "4500012345"),
        ("/orders/0/ship_to_code", "W2"),
        ("/orders/0/lines/1/sku", ""),
        ("/orders/0/nonsense", "x"),
        ("fix", "/orders/0/lines/1/sku=NW-1030"),
    ];
    let answer = world.post(&path, &ana, &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, format!("/cases/{number}?said=saved").as_str()));
    let case = world.case(&number).await;
    let given: Vec<(&str, &str)> = case.corrections.iter().map(|given| (given.field.as_str(), given.value.as_str())).collect();
    assert_eq!(given, [("/orders/0/ship_to_code", "W2"), ("/orders/0/lines/1/sku", "NW-1030")]);
    assert_eq!(case.state, CaseState::Open);
    assert_eq!(case.findings.iter().filter(|finding| finding.severity == podesk::model::Severity::Block).count(), 0);
}

#[tokio::test]
async fn approving_with_a_correction_that_raises_something_new_places_nothing() {
    let world = World::new().await;
    let number = world.desk.add_case(body_order("")).await;
    let ana = world.visitor("ana", Role::Approver).await;
    let fields = [("do", "approve"), ("version", "1"), ("/orders/0/lines/0/unit_price", "0.01")];
    let answer = world.post(&format!("/cases/{number}/answer"), &ana, &fields).await;
    assert_eq!(answer.location(), format!("/cases/{number}?said=new"));
    let case = world.case(&number).await;
    assert!(case.state == CaseState::Open && case.orders.is_empty() && !case.corrections.is_empty());
}

#[tokio::test]
async fn a_code_that_is_not_ours_is_refused_by_name() {
    let world = World::new().await;
    let number = world.desk.add_case(body_order("")).await;
    let ana = world.visitor("ana", Role::Approver).await;
    for (field, value) in [("/orders/0/customer", "C9999"), ("/orders/0/ship_to_code", "W9"), ("/orders/0/lines/0/sku", "NO-SUCH")]
    {
        for action in ["save", "approve"] {
            let fields = [("do", action), ("version", "1"), (field, value)];
            let answer = world.post(&format!("/cases/{number}/answer"), &ana, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            assert!(answer.body.contains(value), "{field}");
        }
    }
    assert_eq!(world.case(&number).await.version, 1);
}

#[tokio::test]
async fn lines_are_added_and_removed() {
    let world = World::new().await;
    let number = world.desk.add_case(unknown_article()).await;
    let ana = world.visitor("ana", Role::Reviewer).await;
    let path = format!("/cases/{number}/answer");
    let remove = [("version", "1"), ("fix", "/orders/0/lines/1="), ("/orders/0/lines/0/description", "Bolt")];
    assert_eq!(world.post(&path, &ana, &remove).await.status, StatusCode::SEE_OTHER);
    let lines = |case: podesk::deciding::review::Case| case.draft.expect("a draft").orders[0].lines.clone();
    let left = lines(world.case(&number).await);
    assert_eq!(left.iter().map(|line| line.description.value().map(String::as_str)).collect::<Vec<_>>(), [Some("Bolt")]);
    assert_eq!(world.post(&path, &ana, &[("version", "2"), ("fix", "/orders/0/lines/-=")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(lines(world.case(&number).await).len(), 2);
}

#[tokio::test]
async fn approving_goes_on_to_the_next_case_and_ends_in_an_empty_queue() {
    let world = World::new().await;
    let first = world.desk.add_case(body_order("")).await;
    let taken = world.desk.add_case(Sample { assigned_to: Some("bob"), ..unknown_article() }).await;
    let mut other = body_order("");
    other.draft.orders[0].po_number = Reading::Absent;
    other.subject = "Another".into();
    let next = world.desk.add_case(other).await;
    let ana = world.visitor("ana", Role::Approver).await;
    let answer = world.post(&format!("/cases/{first}/answer"), &ana, &[("do", "approve"), ("version", "1")]).await;
    assert_eq!(answer.location(), format!("/cases/{next}?after={first}"), "{taken} is in somebody's hands");
    let page = world.get(answer.location(), Some(&ana)).await;
    assert!(page.body.contains("SO-000001") && page.body.contains("approved"));
    for number in [&taken, &next] {
        let reject = [("do", "reject"), ("version", "1"), ("reason", "no")];
        assert_eq!(world.post(&format!("/cases/{number}/answer"), &ana, &reject).await.status, StatusCode::SEE_OTHER);
    }
    assert!(world.get("/", Some(&ana)).await.body.contains("All caught up."));
    let order = world.get("/orders/SO-000001", Some(&ana)).await;
    assert!(order.status == StatusCode::OK && order.body.contains("NW-1010") && order.body.contains("77-0012"));
}

#[tokio::test]
async fn behind_https_the_cookies_say_so() {
    let world = World::new().await;
    let router = router(WebState { db: world.db.clone(), desk: world.desk.clone(), is_https: true });
    let world = World { router, ..world };
    let page = world.get("/login", None).await;
    let set = page.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(set.starts_with("__Host-podesk-form=") && set.contains("; Secure"), "{set}");
}

#[tokio::test]
async fn health_needs_no_session_and_says_nothing_about_customers() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz", None).await.body, "ok\n");
    let ready = world.get("/readyz", None).await;
    assert_eq!((ready.status, ready.body.as_str()), (StatusCode::OK, r#"{"ready":true,"parts":{"database":"ok"}}"#));
    world.db.close().await;
    assert_eq!(world.get("/readyz", None).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
