//! Where a layout says its currency, if it does: in a place of its own, beside its figures, over its columns, or only in a person's mind.

use super::CONFIRMED;
use super::places::{self, Body, Place, Resolved};
use super::printed;
use super::rows::{Rows, Run, is_money};
use crate::model::{Currency, Field};
use crate::reading::extraction::layout::labels::Label;
use crate::reading::extraction::numbers::{amount, is_currency};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CurrencyRule {
    /// The document says none and nobody gave one.
    Absent,
    /// A code at an anchor: another code there is another currency.
    Code(Vec<Place>),
    /// The same sign or code stands beside figures or over columns; what it means was confirmed.
    Sign { printed: Vec<String>, means: String },
    /// Nothing is printed; a person said it.
    Constant(String),
}

pub(super) fn learn(rows: &Rows<'_>, body: &Body, currency: Option<Currency>) -> CurrencyRule {
    let Some(currency) = currency else { return CurrencyRule::Absent };
    let code = currency.as_str();
    let hits = printed::text(rows, 0..rows.list.len(), code);
    let bare: Vec<printed::Hit> = hits.into_iter().filter(|hit| !beside_figure(rows, hit.run)).collect();
    let places = places::learn(rows, body, &bare, Some(Label::Currency));
    let signs = signs(rows);
    match signs.first() {
        _ if !places.is_empty() => CurrencyRule::Code(places),
        Some(_) => CurrencyRule::Sign { printed: signs.into_iter().map(|(sign, _)| sign).collect(), means: code.to_owned() },
        None => match printed::text(rows, body.rows.clone(), code).first() {
            Some(hit) => CurrencyRule::Sign { printed: vec![rows.text(hit.run)], means: code.to_owned() },
            None => CurrencyRule::Constant(code.to_owned()),
        },
    }
}

/// The currency of another document. `constant` signs what is not printed.
pub(super) fn apply(
    rows: &Rows<'_>,
    body: &Body,
    rule: &CurrencyRule,
    constant: &dyn Fn(&str) -> Field<String>,
) -> Result<Option<Field<Currency>>, String> {
    let signs = signs(rows);
    let known = |code: &str| Currency::parse(code).ok_or_else(|| format!("`{code}` is no currency"));
    match rule {
        CurrencyRule::Absent | CurrencyRule::Constant(_) if !signs.is_empty() => {
            Err(format!("`{}` is printed beside figures, and no currency was in the confirmed document", signs[0].0))
        }
        CurrencyRule::Absent => Ok(None),
        CurrencyRule::Constant(code) => {
            let currency = known(code)?;
            Ok(Some(constant(code).map(|_| currency)))
        }
        CurrencyRule::Code(places) => match places::resolve(rows, body, places, |text, _| Currency::parse(text)) {
            Resolved::One(currency, run) => {
                let other = signs.iter().find(|(sign, _)| Currency::parse(sign).is_some_and(|code| code != currency));
                match (other, rows.origin(run)) {
                    (None, Some(origin)) => Ok(Some(Field::new(currency, rows.text(run), CONFIRMED, origin))),
                    (Some((sign, _)), _) => Err(format!("the currency is {currency}, but `{sign}` stands beside a figure")),
                    (None, None) => Err("the currency is not where it was confirmed".to_owned()),
                }
            }
            Resolved::Several(texts) => Err(format!("the currency may be {}", texts.join(" or "))),
            Resolved::Unlike(text) => Err(format!("`{text}` where the currency was confirmed is none")),
            Resolved::Nothing => Err("the currency is not where it was confirmed".to_owned()),
        },
        CurrencyRule::Sign { printed, means } => {
            let currency = known(means)?;
            let first = printed.first().map_or("", String::as_str);
            if let Some((other, _)) = signs.iter().find(|(sign, _)| !printed.contains(sign)) {
                return Err(format!("`{other}` stands beside a figure, where `{first}` was confirmed"));
            }
            let place = signs.first().map(|(_, run)| *run);
            let place = place.or_else(|| printed::text(rows, body.rows.clone(), first).first().map(|hit| hit.run));
            let place = place.ok_or_else(|| format!("`{first}` is not printed"))?;
            let origin = rows.origin(place).ok_or_else(|| format!("`{first}` is not printed"))?;
            Ok(Some(Field::new(currency, rows.text(place), CONFIRMED, origin)))
        }
    }
}

/// Currency signs and codes beside figures, each with its place.
fn signs(rows: &Rows<'_>) -> Vec<(String, Run)> {
    let mut found: Vec<(String, Run)> = Vec::new();
    for row in 0..rows.list.len() {
        for word in 0..rows.list[row].words.len() {
            let run = Run { row, from: word, to: word + 1 };
            let text = rows.text(run);
            let sign = if is_currency(&text) {
                beside_figure(rows, run).then_some(text)
            } else {
                amount(&text).filter(|a| a.before.is_empty() && a.after.is_empty()).and_then(|a| a.currency)
            };
            if let Some(sign) = sign.filter(|sign| !found.iter().any(|(known, _)| known == sign)) {
                found.push((sign, run));
            }
        }
    }
    found
}

/// Whether the word beside, on either side, is a figure of the same cell; beside a code of letters it must be money (`ALL 5`).
fn beside_figure(rows: &Rows<'_>, run: Run) -> bool {
    let cell = rows.run_at(run.row, run.from);
    let is_code = rows.text(run).chars().all(char::is_alphabetic);
    let is_figure = |word: usize| {
        let text = rows.text(Run { row: run.row, from: word, to: word + 1 });
        let long = text.bytes().filter(u8::is_ascii_digit).count() > 3;
        amount(&text).is_some_and(|a| a.before.is_empty() && a.after.is_empty()) && (!is_code || long || is_money(&text))
    };
    (run.from > cell.from && is_figure(run.from - 1)) || (run.to < cell.to && is_figure(run.to))
}
