//! The report of `podesk eval --html`: figures, and each value that was read wrongly on the picture of its page.
//!
//! One file that needs nothing beside it, to be sent around or kept beside a build. Not a page of the review desk.

use crate::app::eval::{Compared, Figures, Result, Summary};
use base64::{Engine, prelude::BASE64_STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("../../../assets/reading_report.css");

/// A document of the report with what can be shown of it.
#[derive(Debug, Clone)]
pub struct Shown<'r> {
    pub result: &'r Result,
    pub pages: Vec<ShownPage>,
    /// The text of a source that has no page images, up to some length.
    pub text: String,
}

/// A page with its picture and the places on it.
#[derive(Debug, Clone)]
pub struct ShownPage {
    pub number: u32,
    /// Points.
    pub width: f32,
    pub height: f32,
    pub png: Vec<u8>,
    pub places: Vec<ShownPlace>,
}

/// A box on a page: what was read, or what should have been.
#[derive(Debug, Clone)]
pub struct ShownPlace {
    pub bbox: [f32; 4],
    /// `orders/0/total`: which of the listed values it belongs to.
    pub place: String,
    pub is_expected: bool,
}

/// The whole file.
pub fn page(title: &str, summary: &Summary, shown: &[Shown<'_>]) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Reading measured: " (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { h1 { "Reading measured" } p.sub { (title) } }
                main {
                    (headline(summary))
                    section.tables { (by_medium(summary)) (by_field(summary)) }
                    h2 { "Documents with a difference" }
                    @if shown.is_empty() { p { "None: every value of every document is right." } }
                    @for document in shown { (one(document)) }
                }
            }
        }
    }
    .into_string()
}

fn headline(summary: &Summary) -> Markup {
    let all = &summary.all;
    html! {
        ul.headline {
            li.bad[summary.false_accepts > 0] { b { (summary.false_accepts) } span { "false accepts: wrong, and nobody would have looked" } }
            li { b { (share(all.exact, all.orders)) } span { (all.exact) " of " (all.orders) " orders exact" } }
            li { b { (share(all.touchless, all.clear())) } span { (all.touchless) " without review" } }
            li { b { (share(summary.lines_right, summary.lines)) } span { (summary.lines_right) " of " (summary.lines) " lines right in every value" } }
            li { b { (share(summary.kind_right, summary.documents)) } span { (summary.kind_right) " of " (summary.documents) " of the right kind" } }
        }
    }
}

fn by_medium(summary: &Summary) -> Markup {
    let row = |name: &str, figures: &Figures| {
        html! {
            tr {
                th scope="row" { (name) }
                td { (figures.orders) }
                td { (share(figures.exact, figures.orders)) }
                td { (share(figures.touchless, figures.clear())) }
                td.bad[figures.false_accepts > 0] { (figures.false_accepts) }
                td { (format!("{:.2}", seconds_each(figures))) }
            }
        }
    };
    html! {
        table {
            thead { tr { th { "made of" } th { "orders" } th { "exact" } th { "touchless" } th { "false accepts" } th { "s each" } } }
            tbody {
                @for (medium, figures) in &summary.by_medium { (row(medium, figures)) }
                (row("all", &summary.all))
            }
        }
    }
}

fn by_field(summary: &Summary) -> Markup {
    html! {
        table {
            thead { tr { th { "field" } th { "right" } th { "of" } th { "" } } }
            tbody {
                @for (field, (right, all)) in &summary.fields {
                    tr { th scope="row" { (field) } td { (right) } td { (all) } td { (share(*right, *all)) } }
                }
            }
        }
    }
}

fn one(document: &Shown<'_>) -> Markup {
    let result = document.result;
    let different: Vec<&Compared> = result.compared.iter().filter(|compared| !compared.right).collect();
    html! {
        article id=(result.document) {
            h3 {
                (result.document)
                @if result.is_false_accept() { span.tag.bad { "false accept" } }
                @else if result.needs_review { span.tag { "asks: " (result.reasons.join(", ")) } }
                @if result.kind_got != result.kind_expected { span.tag.bad { (result.kind_got) ", is " (result.kind_expected) } }
            }
            div.sides {
                table {
                    thead { tr { th { "value" } th { "read" } th { "printed" } } }
                    tbody {
                        @for compared in different {
                            tr {
                                th scope="row" { (compared.place) }
                                td.read { (compared.got.as_deref().unwrap_or("—")) }
                                td.printed { (compared.expected.as_deref().unwrap_or("—")) }
                            }
                        }
                    }
                }
                div.pages {
                    @for page in &document.pages { (picture(page)) }
                    @if !document.text.is_empty() { pre { (document.text) } }
                }
            }
        }
    }
}

fn picture(page: &ShownPage) -> Markup {
    html! {
        figure {
            img src={ "data:image/png;base64," (BASE64_STANDARD.encode(&page.png)) } alt={ "Page " (page.number) } loading="lazy";
            svg viewBox={ "0 0 " (page.width) " " (page.height) } {
                @for ShownPlace { bbox: [x0, y0, x1, y1], place, is_expected } in &page.places {
                    rect class=(if *is_expected { "printed" } else { "read" })
                        x=(x0 - 1.5) y=(y0 - 1.5) width=((x1 - x0).max(1.0) + 3.0) height=((y1 - y0).max(1.0) + 3.0) {
                            title { (if *is_expected { "printed: " } else { "read: " }) (place) }
                        }
                }
            }
        }
    }
}

fn share(part: usize, all: usize) -> String {
    if all == 0 { "–".to_owned() } else { format!("{:.1} %", percent(part, all)) }
}

/// `part` of `all` in percent; 0 of 0 is 0.
pub fn percent(part: usize, all: usize) -> f64 {
    part as f64 * 100.0 / all.max(1) as f64
}

/// Mean seconds for one order.
pub fn seconds_each(figures: &Figures) -> f64 {
    figures.seconds / figures.orders.max(1) as f64
}
