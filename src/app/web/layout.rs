//! The frame around every page: head, navigation, main. One style sheet, one script, nothing inline.

use super::assets;
use super::guard::Session;
use maud::{DOCTYPE, Markup, html};

/// Where in the navigation a page belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Review,
    Orders,
    Mails,
    Stock,
}

/// A page for somebody who is signed in.
pub(crate) fn page(title: &str, place: Place, session: &Session, main: &Markup) -> Markup {
    let tab = |target: Place, href: &str, name: &str| {
        html! { a href=(href) aria-current=[(place == target).then_some("page")] { (name) } }
    };
    document(
        title,
        &html! {
            header.top {
                a.brand href="/" { (mark()) "podesk" }
                nav aria-label="Main" {
                    (tab(Place::Review, "/", "Review"))
                    (tab(Place::Orders, "/orders", "Orders"))
                    (tab(Place::Mails, "/mails", "Mails"))
                    (tab(Place::Stock, "/stock", "Stock"))
                }
                div.who {
                    span.name { (session.user) }
                    form method="post" action="/logout" {
                        (csrf(session))
                        button.quiet type="submit" { "Sign out" }
                    }
                }
            }
            main id="main" tabindex="-1" { (main) }
        },
    )
}

/// A page for anybody: sign-in, set-up, refusals.
pub(crate) fn bare(title: &str, main: &Markup) -> Markup {
    document(title, &html! { main.bare id="main" { div.brand { (mark()) "podesk" } (main) } })
}

/// The hidden field that proves that a form is ours.
pub(crate) fn csrf(session: &Session) -> Markup {
    html! { input type="hidden" name="csrf" value=(session.csrf); }
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · podesk" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(assets::STYLE.url());
                script type="module" src=(assets::SCRIPT.url()) {}
            }
            body {
                a.skip href="#main" { "Skip to content" }
                (body)
            }
        }
    }
}

/// A sheet with a tick: an order, checked.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" {
            path d="M6 2.8h8.2L19 7.6v12a1.7 1.7 0 0 1-1.7 1.7H6.7A1.7 1.7 0 0 1 5 19.6V3.8a1 1 0 0 1 1-1z" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" {}
            path d="M8.6 13.4l2.4 2.4 4.6-5" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}
