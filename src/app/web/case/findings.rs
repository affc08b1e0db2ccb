//! Why a person is asked: what the checks found, heaviest first, in plain sentences, with the way out as one click.

use super::View;
use crate::model::{Finding, Severity};
use maud::{Markup, html};

pub(super) fn list(view: &View<'_>) -> Markup {
    let findings: Vec<(usize, &Finding)> = view.case.findings.iter().enumerate().collect();
    let (heavy, notes): (Vec<_>, Vec<_>) = findings.into_iter().partition(|(_, finding)| finding.severity != Severity::Note);
    html! {
        section.findings aria-label="Findings" {
            @if heavy.is_empty() {
                p.all-well { "Nothing speaks against this." }
            } @else {
                ol { @for (index, finding) in &heavy { (item(view, *index, finding)) } }
            }
            @if !notes.is_empty() {
                details.notes {
                    summary { (super::words::counted(notes.len(), "note")) }
                    ol { @for (index, finding) in &notes { (item(view, *index, finding)) } }
                }
            }
            @for used in &view.uses { p.sub.model { (used) } }
        }
    }
}

fn item(view: &View<'_>, index: usize, finding: &Finding) -> Markup {
    let (class, sign, word) = match finding.severity {
        Severity::Block => ("block", "✕", "Must be corrected: "),
        Severity::Ask => ("ask", "?", "Please check: "),
        Severity::Note => ("note", "i", "Note: "),
    };
    let field = view.fields.iter().position(|field| super::is_about(finding, &field.pointer));
    html! {
        li class={ "finding " (class) } id={ "n" (index) } data-lights=[(!finding.spans.is_empty()).then(|| format!("n{index}"))] {
            span.sign aria-hidden="true" { (sign) }
            div {
                p { span.visually-hidden { (word) } (finding.message) }
                @if !finding.sides.is_empty() { (sides(view, finding, field)) }
                p.ways {
                    @if let (Some(proposal), Some(field), true) = (&finding.proposal, field, view.is_answerable()) {
                        button.fix type="submit" name="fix" value={ (view.fields[field].pointer) "=" (proposal) } { "Use " strong { (proposal) } }
                    }
                    @if let Some(field) = field { a.to-field href={ "#f" (field) } { "Go to field" } }
                    @else if !finding.spans.is_empty() { a.to-place href={ "#at-n" (index) } { "Show where" } }
                }
            }
        }
    }
}

/// Both readings side by side, each with its own place on the page and, for a field, a button that takes it.
fn sides(view: &View<'_>, finding: &Finding, field: Option<usize>) -> Markup {
    let field = field.filter(|field| view.is_answerable() && view.fields[*field].editable);
    html! {
        table.sides {
            tr { @for side in &finding.sides { th scope="col" { (side.reader.reader()) } } }
            tr {
                @for side in &finding.sides {
                    td {
                        @match (side.value.is_empty(), field) {
                            (true, _) => { span.faint { "sees nothing" } },
                            (false, Some(field)) => {
                                button.fix type="submit" name="fix" value={ (view.fields[field].pointer) "=" (side.value) } { "Use " strong { (side.value) } }
                            },
                            (false, None) => { strong { (side.value) } },
                        }
                        @if side.raw != side.value && !side.raw.is_empty() { p.printed { "Printed: " q { (side.raw) } } }
                    }
                }
            }
        }
    }
}
