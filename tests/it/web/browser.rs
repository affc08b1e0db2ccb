//! The pages in a real browser: sign in, see where a value stands, correct, approve, see the order - with and without the script.

use super::desk::unknown_article;
use super::{PASSWORD, World, now};
use crate::servers::Chromium;
use jiff::SignedDuration;
use podesk::deciding::review::CaseState;
use podesk::model::{CaseNumber, Sha256};
use serde_json::json;

/// Serves the world's pages and gives the browser to `visit`, on a thread that may block.
async fn with_browser(world: &World, visit: impl FnOnce(&Chromium, &str) + Send + 'static) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let mut tx = world.db.begin().await.expect("a transaction");
    tx.create_setup_token(&Sha256::of(b"one-time").0, now() + SignedDuration::from_hours(1)).await.expect("a token");
    tx.commit().await.expect("committed");
    let server = tokio::spawn(axum::serve(listener, world.router.clone()).into_future());
    tokio::task::spawn_blocking(move || visit(&Chromium::start(), &address)).await.expect("the visit went well");
    server.abort();
}

/// Over the set-up page to the queue.
fn set_up(browser: &Chromium, address: &str) {
    browser.goto(&format!("{address}/setup/one-time"));
    browser.find("#name").type_text("ana");
    browser.find("#password").type_text(PASSWORD);
    browser.find("button.primary").click();
    browser.wait_for_text("Review");
}

/// The element, scrolled to where nothing covers it.
fn reach<'b>(browser: &'b Chromium, css: &str) -> crate::servers::chromium::Element<'b> {
    let element = browser.find(css);
    browser.execute("document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })", json!([css]));
    element
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_signs_in_corrects_and_approves() {
    let world = World::new().await;
    let number = world.desk.add_case(unknown_article()).await;
    with_browser(&world, move |browser, address| {
        set_up(browser, address);
        browser.find("form[action='/logout'] button").click();
        browser.find("#name").type_text("ana");
        browser.find("#password").type_text(PASSWORD);
        browser.find("button.primary").click();

        browser.wait_for_text("ACME Fabrication GmbH");
        browser.wait_for_text("Unknown item");
        browser.find("a.row").click();
        browser.wait_for_text("no article is known by the number AF-99");

        // Choosing a field lights its place on the page image, and nothing else.
        let lit = |browser: &Chromium| browser.execute("return [...document.querySelectorAll('.place.lit')].map(p => p.dataset.owner)", json!([]));
        assert_eq!(lit(browser), json!([]));
        let field = reach(browser, "input[name='/orders/0/lines/0/quantity']");
        field.click();
        assert_eq!(lit(browser), json!([field.attribute("id").expect("an id")]));
        let other = reach(browser, "input[name='/orders/0/po_number']");
        other.click();
        assert_eq!(lit(browser), json!([other.attribute("id").expect("an id")]));
        // And a click on a place chooses its field.
        browser.execute("document.querySelector('rect.place[data-owner=\"' + arguments[0] + '\"]').dispatchEvent(new MouseEvent('click', {bubbles: true}))",
            json!([field.attribute("id")]));
        assert_eq!(browser.execute("return document.activeElement.name", json!([])), json!("/orders/0/lines/0/quantity"));

        // One click takes the proposal; the address is typed; then it may be placed.
        reach(browser, "button.fix").click();
        browser.wait_for_text("Saved and checked again.");
        let code = reach(browser, "input[name='/orders/0/ship_to_code']");
        code.type_text("W2");
        browser.wait_for_text("You have unsaved changes.");
        browser.find("#approve").click();
        browser.wait_for_text("All caught up.");
        browser.wait_for_text("approved");
        browser.find(".flash a[href='/orders/SO-000001']").click();
        browser.wait_for_text("NW-1030");
        browser.wait_for_text("200 on backorder");
        browser.wait_for_text("What we told the customer");
        assert_eq!(browser.console_errors(), Vec::<String>::new());
    })
    .await;
    let case = world.case(&number).await;
    assert_eq!((case.state, case.decided_by.as_deref()), (CaseState::Approved, Some("ana")));
    assert!(world.db.order(&case.orders[0]).await.expect("an answer").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_work_but_never_while_typing() {
    let world = World::new().await;
    let number = world.desk.add_case(unknown_article()).await;
    with_browser(&world, move |browser, address| {
        set_up(browser, address);
        browser.goto(&format!("{address}/cases/R-000001"));
        let press = |key: &str| browser.find("body").type_text(key);
        let chosen = || browser.execute("return document.querySelector('input.lit')?.name ?? ''", json!([]));
        let problems = browser.execute("return [...document.querySelectorAll('[data-problem]')].map(f => f.name)", json!([]));
        assert_eq!(problems, json!(["/orders/0/ship_to_code", "/orders/0/lines/1/sku"]));
        press("j");
        assert_eq!(chosen(), problems[0]);
        press("j");
        assert_eq!(chosen(), problems[1]);
        press("k");
        assert_eq!(chosen(), problems[0]);
        press("e");
        assert_eq!(browser.execute("return document.activeElement.name", json!([])), problems[0]);
        // In a field, letters are letters.
        browser.find("input[name='/orders/0/ship_to_code']").type_text("ar?jk");
        assert_eq!(browser.find("input[name='/orders/0/ship_to_code']").property("value"), json!("ar?jk"));
        assert!(!browser.find("#help").is_displayed());
        browser.execute("document.activeElement.blur()", json!([]));
        press("?");
        assert!(browser.find("#help").is_displayed());
        browser.find("#keys-off").click();
        browser.find("#help button").click();
        press("r");
        assert!(!browser.find("#reason").is_displayed(), "keys are switched off");
        browser.execute("localStorage.clear()", json!([]));
        press("r");
        assert!(browser.find("#reason").is_displayed());
    })
    .await;
    assert_eq!(world.case(&number).await.version, 1, "nothing was decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_has_a_name_and_the_text_of_a_mail_stays_text() {
    let world = World::new().await;
    world.desk.add_case(unknown_article()).await;
    world.desk.add_case(super::body_order("")).await;
    with_browser(&world, |browser, address| {
        set_up(browser, address);
        for path in ["/", "/cases/R-000001", "/cases/R-000002", "/orders", "/mails", "/stock"] {
            browser.goto(&format!("{address}{path}"));
            let nameless = browser.execute(
                "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')].filter(e => \
                 !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label') || e.closest('[aria-hidden]'))).map(e => e.outerHTML)",
                json!([]),
            );
            assert_eq!(nameless, json!([]), "{path}");
            let doubled = browser.execute(
                "const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.filter((id, i) => ids.indexOf(id) !== i && !id.startsWith('at-'))",
                json!([]),
            );
            assert_eq!(doubled, json!([]), "{path}");
            // At 320 pixels (a window of 1280 at 400 %) nothing but the line table scrolls sideways (WCAG 1.4.10).
            let sideways = browser.execute("return document.documentElement.scrollWidth > document.documentElement.clientWidth", json!([]));
            assert_eq!(sideways, json!(false), "{path}");
        }
        browser.goto(&format!("{address}/cases/R-000002"));
        assert!(browser.title().contains("ACME"), "the mail's script ran: {}", browser.title());
        browser.wait_for_text("<script>document.title='owned'</script>");
        assert_eq!(browser.console_errors(), Vec::<String>::new());
    })
    .await;
    assert_eq!(world.case(&CaseNumber::from("R-000001")).await.version, 1);
}
