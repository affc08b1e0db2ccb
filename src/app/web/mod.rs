//! The review desk in a browser: server-made pages, one style sheet, one script, nothing built beforehand.
//!
//! A page asks `desk::ReviewDesk` and shows the answer. Approve, correct and reject are plain forms and work without the script,
//! which only adds comfort: keys, lighting the place of a value on the page image, refreshing the queue. The API for programs
//! is not here.

pub mod desk;

pub mod reading_report;

mod guard;

mod password;

mod people;

mod queue;

mod case;

mod answers;

mod orders;

mod mails;

mod stock;

mod health;

mod metrics;

mod errors;

mod layout;

mod words;

mod assets;

use crate::store::Db;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{get, post};
use desk::ReviewDesk;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// A form with every field of an order of some thousand lines fits; anything larger is no form of ours.
const MAX_FORM_BYTES: usize = 2 * 1024 * 1024;

/// No answer takes longer, whether the client is slow or we are.
const MOST_SECONDS: Duration = Duration::from_secs(60);

/// For creating users elsewhere than on the set-up page: the PHC string to store.
pub use password::hash as hash_password;

/// What every page can reach.
#[derive(Clone)]
pub struct WebState {
    pub db: Db,
    pub desk: Arc<dyn ReviewDesk>,
    /// The desk is reached by https (a proxy ends TLS): cookies are marked so, and bound to this host.
    pub is_https: bool,
}

impl WebState {
    fn session_cookie(&self) -> &'static str {
        if self.is_https { "__Host-podesk" } else { "podesk" }
    }

    fn form_cookie(&self) -> &'static str {
        if self.is_https { "__Host-podesk-form" } else { "podesk-form" }
    }
}

/// Serves until `stop`, and lets requests in hand finish.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    // With the address of the client: wrong passwords are counted by it.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

/// Every page and action of the desk.
pub fn router(state: WebState) -> Router {
    Router::new()
        .route("/", get(queue::page))
        .route("/cases/{number}", get(case::page))
        .route("/cases/{number}/pages/{page}", get(case::page_image))
        .route("/cases/{number}/document", get(case::download))
        .route("/cases/{number}/answer", post(answers::answer))
        .route("/cases/{number}/assign", post(answers::assign))
        .route("/orders", get(orders::list))
        .route("/orders/{number}", get(orders::page))
        .route("/mails", get(mails::list))
        .route("/mails/{sha256}/original", get(mails::download))
        .route("/stock", get(stock::list))
        .route("/login", get(people::login_page).post(people::login))
        .route("/logout", post(people::logout))
        .route("/setup/{token}", get(people::setup_page).post(people::setup))
        .route("/assets/{digest}/{name}", get(assets::get))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::page))
        .fallback(guard::not_found)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, MOST_SECONDS))
        .layer(middleware::from_fn(guard::same_origin))
        // Outermost, so that refusals, panics and timeouts carry the headers, too.
        .layer(middleware::from_fn(guard::headers))
        .with_state(state)
}
