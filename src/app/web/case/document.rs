//! The left pane: the document as a person would see it, with the places of the values that were read.
//!
//! PDF and images come as page images that we made; everything else is drawn from its words. No HTML, script, link or picture of
//! the document itself ever reaches the browser. Boxes are SVG, whose coordinates are the page's own points: no inline style.

use super::View;
use crate::model::Span;
use crate::reading::document::{Document, Page, SourceKind};
use maud::{Markup, html};

const MAX_PAGES: usize = 60;
const MAX_WORDS: usize = 4000;
const MAX_TEXT_BYTES: usize = 200_000;

pub(super) fn pane(view: &View<'_>, document: &Document) -> Markup {
    let places = view.places();
    let is_image = matches!(document.kind, SourceKind::Pdf | SourceKind::Image);
    html! {
        section.document aria-label="Document" {
            div.document-bar {
                span.name title=(view.case.document_name) { (view.case.document_name) }
                @if !document.pages.is_empty() && document.text.is_empty() { span.sub { (super::words::counted(document.pages.len(), "page")) } }
                span.zoom hidden {
                    button.quiet type="button" data-zoom="out" aria-label="Smaller" { "−" }
                    button.quiet type="button" data-zoom="in" aria-label="Larger" { "+" }
                }
                a.button.quiet href={ "/cases/" (view.case.number) "/document" } download { "Download" }
            }
            div.pages tabindex="0" role="group" aria-label="Pages" {
                @if is_image && !document.pages.is_empty() {
                    @for page in document.pages.iter().take(MAX_PAGES) { (page_image(view, page, &places)) }
                } @else if !document.text.is_empty() {
                    (text(&document.text, &places))
                } @else if document.pages.iter().any(|page| !page.words.is_empty()) {
                    @for page in document.pages.iter().take(MAX_PAGES) { (drawn_page(page, &places)) }
                } @else {
                    div.empty { p { "This document cannot be shown here." } p { "Download it to look at it with a program that you trust." } }
                }
                @if document.pages.len() > MAX_PAGES { p.hint { "Only the first " (MAX_PAGES) " pages are shown." } }
            }
        }
    }
}

fn page_image(view: &View<'_>, page: &Page, places: &[(String, &Span)]) -> Markup {
    let (width, height) = size(page);
    html! {
        figure.sheet {
            img src={ "/cases/" (view.case.number) "/pages/" (page.number) } alt={ "Page " (page.number) }
                width=(width.round()) height=(height.round()) loading=(if page.number == 1 { "eager" } else { "lazy" }) decoding="async";
            svg viewBox={ "0 0 " (width) " " (height) } { (boxes(page.number, places)) }
        }
    }
}

/// A page of a sheet: its words where they stand.
fn drawn_page(page: &Page, places: &[(String, &Span)]) -> Markup {
    let (width, height) = size(page);
    html! {
        figure.sheet.drawn {
            svg viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) {
                (boxes(page.number, places))
                @for word in page.words.iter().take(MAX_WORDS) {
                    text x=(word.bbox[0]) y=(baseline(&word.bbox)) font-size=(word.size.clamp(4.0, 40.0)) font-weight=[word.bold.then_some("bold")] { (word.text) }
                }
            }
        }
    }
}

fn baseline(bbox: &[f32; 4]) -> f32 {
    bbox[3] - (bbox[3] - bbox[1]) * 0.2
}

/// Never zero: a browser cannot scale that.
fn size(page: &Page) -> (f32, f32) {
    let sane = |points: f32, default| if points.is_finite() && points > 1.0 { points } else { default };
    (sane(page.width, 595.0), sane(page.height, 842.0))
}

/// The boxes of one page. Each is a link to its field, so a click finds the way without a script, too.
fn boxes(page: u32, places: &[(String, &Span)]) -> Markup {
    let here = places.iter().filter_map(|(owner, span)| match span {
        Span::Box { page: on, bbox } if *on == page && bbox.iter().all(|edge| edge.is_finite()) => Some((owner, bbox)),
        Span::Box { .. } | Span::Text { .. } => None,
    });
    html! {
        @for (owner, bbox) in here {
            a href={ "#" (owner) } tabindex="-1" aria-hidden="true" {
                rect.place id={ "at-" (owner) } data-owner=(owner)
                    x=(bbox[0] - 2.0) y=(bbox[1] - 1.5) width=((bbox[2] - bbox[0]).max(1.0) + 4.0) height=((bbox[3] - bbox[1]).max(1.0) + 3.0) rx="2" {}
            }
        }
    }
}

/// A text with its places marked. Places that overlap share a mark.
fn text(text: &str, places: &[(String, &Span)]) -> Markup {
    let shown = cut(text, MAX_TEXT_BYTES);
    html! {
        pre.sheet.text {
            @for piece in pieces(shown, places) {
                @match piece {
                    Piece::Plain(text) => { (text) },
                    Piece::Marked { text, owners } => {
                        mark.place id={ "at-" (owners[0]) } data-owner=(owners.join(" ")) { (text) }
                    },
                }
            }
        }
        @if shown.len() < text.len() { p.hint { "The text goes on; download it to see all of it." } }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Plain(&'t str),
    /// `owners` is never empty.
    Marked {
        text: &'t str,
        owners: Vec<&'t str>,
    },
}

fn pieces<'t>(text: &'t str, places: &'t [(String, &Span)]) -> Vec<Piece<'t>> {
    let mut spans: Vec<(usize, usize, &str)> = places
        .iter()
        .filter_map(|(owner, span)| match span {
            Span::Text { start, end } if start < end && text.get(*start..*end).is_some() => Some((*start, *end, owner.as_str())),
            Span::Text { .. } | Span::Box { .. } => None,
        })
        .collect();
    spans.sort_by_key(|(start, end, _)| (*start, usize::MAX - *end));
    let mut pieces = Vec::new();
    let mut done = 0;
    let mut spans = spans.into_iter().peekable();
    while let Some((start, mut end, owner)) = spans.next() {
        let mut owners = vec![owner];
        while let Some((_, next_end, next)) = spans.next_if(|(next, ..)| *next < end) {
            end = end.max(next_end);
            owners.push(next);
        }
        pieces.push(Piece::Plain(&text[done..start]));
        pieces.push(Piece::Marked { text: &text[start..end], owners });
        done = end;
    }
    pieces.push(Piece::Plain(&text[done..]));
    pieces
}

/// The longest beginning of at most `max` bytes.
fn cut(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_text_are_marked_once_each() {
        let spans = [(0, 2), (6, 9), (6, 8), (7, 11), (50, 60), (3, 3)].map(|(start, end)| Span::Text { start, end });
        let places: Vec<(String, &Span)> = spans.iter().enumerate().map(|(i, span)| (format!("f{i}"), span)).collect();
        let text = "PO 12 ABCDEé end";
        let marked: Vec<(&str, Vec<&str>)> = pieces(text, &places)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Marked { text, owners } => Some((text, owners)),
                Piece::Plain(_) => None,
            })
            .collect();
        assert_eq!(marked, [("PO", vec!["f0"]), ("ABCDE", vec!["f1", "f2", "f3"])]);
        let whole: String = pieces(text, &places)
            .into_iter()
            .map(|piece| match piece {
                Piece::Plain(text) | Piece::Marked { text, .. } => text,
            })
            .collect();
        assert_eq!(whole, text);
        assert_eq!(cut("aé", 2), "a");
    }
}
