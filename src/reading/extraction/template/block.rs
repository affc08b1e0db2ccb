//! An address block that a person confirmed: where it begins, and which of its lines is name, street and town. A block of one line is
//! taken apart at its commas or bars.

use super::CONFIRMED;
use super::places::{self, Body, Place, Resolved};
use super::printed::{self, Hit};
use super::rows::{Rows, Run};
use crate::model::{DraftParty, Field, Reading};
use crate::reading::extraction::layout::address;
use crate::reading::extraction::layout::labels::Label;
use serde::{Deserialize, Serialize};

/// Most lines of a block.
const MOST_LINES: usize = 9;
/// A wider gap, in line heights, ends a block.
const BLOCK_GAP: f32 = 1.3;
/// How far lines of one block may differ in their edge, points.
const EDGE: f32 = 3.5;
const SEPARATORS: [&str; 6] = [" | ", " · ", " • ", " / ", "; ", ", "];

/// Where a party's address stands, and how it is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Block {
    top: Vec<Place>,
    /// Between the parts, where all stand in one line.
    separator: Option<String>,
    right_aligned: bool,
    /// Lines from the town up to the street; none where no street was confirmed.
    street_above_town: Option<usize>,
    has_country: bool,
}

impl Block {
    pub(super) fn top(&self) -> &[Place] {
        &self.top
    }
}

/// One line of a block, or one part of a block of one line.
struct Part {
    text: String,
    run: Run,
}

/// Finds where a confirmed address is printed. `None` where it is not, or not in a way that can be read again.
pub(super) fn learn(rows: &Rows<'_>, body: &Body, party: &DraftParty, wanted: Label) -> Option<(Block, Vec<Run>)> {
    let code = party.postal_code.value()?;
    let hits = printed::text(rows, 0..rows.list.len(), code);
    let outside = hits.iter().filter(|hit| !body.rows.contains(&hit.run.row));
    let found: Vec<(Hit, Block, Vec<Run>)> = outside.filter_map(|hit| around(rows, party, hit)).collect();
    // The same address may stand there twice, as buyer and as ship-to: then both must say the same for ever, or a label decides.
    let (_, shape, _) = found.first()?.clone();
    let alike: Vec<(Hit, Block, Vec<Run>)> = found.into_iter().filter(|(_, block, _)| *block == shape).collect();
    let tops: Vec<Hit> = alike.iter().map(|(top, _, _)| top.clone()).collect();
    let runs = alike.into_iter().flat_map(|(_, _, runs)| runs).collect();
    Some((Block { top: places::learn(rows, body, &tops, Some(wanted)), ..shape }, runs))
}

/// The block around a postal code: its top, its form and its lines.
fn around(rows: &Rows<'_>, party: &DraftParty, code: &Hit) -> Option<(Hit, Block, Vec<Run>)> {
    let cell = rows.run_at(code.run.row, code.run.from);
    let is_name = |text: &str| party.name.value().is_none_or(|name| squeezed(text).contains(&squeezed(name)));
    let top_of = |run: Run| Hit { run, before: String::new(), after: String::new() };
    let block = |separator: Option<&str>, right_aligned, street, has_country| Block {
        top: Vec::new(),
        separator: separator.map(str::to_owned),
        right_aligned,
        street_above_town: street,
        has_country,
    };
    for separator in SEPARATORS {
        let parts = split(rows, cell, separator);
        if let Some((street, country)) = form(&parts, party).filter(|_| parts.len() > 2 && is_name(&parts[0].text)) {
            return Some((top_of(cell), block(Some(separator), false, street, country), vec![cell]));
        }
    }
    for right_aligned in [false, true] {
        let mut lines = vec![cell];
        while let Some(above) = next_line(rows, lines[0], right_aligned, Direction::Up) {
            lines.insert(0, above);
            let all = stack(rows, lines[0], right_aligned);
            let parts = parts_of(rows, &all);
            if is_name(&parts[0].text)
                && let Some((street, country)) = form(&parts, party)
            {
                return Some((top_of(lines[0]), block(None, right_aligned, street, country), all));
            }
        }
    }
    None
}

/// Whether the parts read as the confirmed address; how far above the town the street stands, and whether a country follows.
fn form(parts: &[Part], party: &DraftParty) -> Option<(Option<usize>, bool)> {
    let (town, code, _) = town_of(parts)?;
    if party.postal_code.value() != Some(&code) {
        return None;
    }
    let street = party.street.value().and_then(|street| {
        let is_street = |part: &Part| squeezed(&part.text) == squeezed(street);
        parts[..town].iter().rposition(is_street).map(|at| town - at)
    });
    if party.street.value().is_some() && street.is_none() {
        return None;
    }
    Some((street, party.country.value().is_some() && country_of(parts, town).is_some()))
}

/// Reads the block in another document.
pub(super) fn apply(rows: &Rows<'_>, body: &Body, block: &Block) -> Result<DraftParty, String> {
    let top = match places::resolve(rows, body, &block.top, |text, _| Some(text.to_owned())) {
        Resolved::One(_, run) => run,
        Resolved::Several(texts) => return Err(format!("the address may begin at `{}`", texts.join("` or `"))),
        Resolved::Unlike(_) | Resolved::Nothing => return Err("there is no address where one was confirmed".to_owned()),
    };
    let parts = match &block.separator {
        Some(separator) => split(rows, top, separator),
        None => parts_of(rows, &stack(rows, top, block.right_aligned)),
    };
    let Some((town, code, city)) = town_of(&parts).filter(|(town, _, _)| *town > 0) else {
        let shown = parts.iter().take(4).map(|part| part.text.as_str()).collect::<Vec<_>>().join(", ");
        return Err(format!("`{shown}` where the address was confirmed does not read like one"));
    };
    let field = |part: &Part, value: String| {
        let origin = rows.origin(part.run);
        origin.map_or(Reading::Absent, |origin| Reading::Found(Field::new(value, part.text.clone(), CONFIRMED, origin)))
    };
    let mut party = DraftParty {
        name: field(&parts[0], parts[0].text.clone()),
        postal_code: field(&parts[town], code),
        city: field(&parts[town], city),
        ..DraftParty::default()
    };
    if let Some(up) = block.street_above_town {
        let Some(at) = town.checked_sub(up).filter(|at| *at > 0) else {
            return Err("the address has fewer lines than the confirmed one".to_owned());
        };
        party.street = field(&parts[at], parts[at].text.clone());
    }
    if let Some((at, country)) = country_of(&parts, town).filter(|_| block.has_country) {
        party.country = field(&parts[at], country.to_owned());
    }
    Ok(party)
}

/// The part with the postal code, the code and the city; a town of which only one of them can be read is none.
fn town_of(parts: &[Part]) -> Option<(usize, String, String)> {
    parts.iter().enumerate().find_map(|(at, part)| {
        let town = address::town(&part.text)?;
        let piece =
            |range: Option<(usize, usize)>| range.and_then(|(from, to)| part.text.get(from..to)).map(|s| s.trim().to_owned());
        Some((at, piece(town.postal_code)?, piece(town.city)?))
    })
}

fn country_of(parts: &[Part], town: usize) -> Option<(usize, &'static str)> {
    let below = parts.get(town + 1).and_then(|part| address::country(&part.text)).map(|country| (town + 1, country));
    below.or_else(|| address::town(&parts[town].text).and_then(|found| found.country).map(|country| (town, country)))
}

fn split(rows: &Rows<'_>, cell: Run, separator: &str) -> Vec<Part> {
    let text = rows.text(cell);
    text.split(separator)
        .map(|piece| Part { text: piece.trim().to_owned(), run: cell })
        .filter(|part| !part.text.is_empty())
        .collect()
}

fn parts_of(rows: &Rows<'_>, lines: &[Run]) -> Vec<Part> {
    lines.iter().map(|run| Part { text: rows.text(*run).trim_end_matches(',').to_owned(), run: *run }).collect()
}

/// The lines of a block from its top down.
fn stack(rows: &Rows<'_>, top: Run, right_aligned: bool) -> Vec<Run> {
    let mut lines = vec![top];
    while let Some(below) = lines.last().and_then(|last| next_line(rows, *last, right_aligned, Direction::Down)) {
        lines.push(below);
        if lines.len() == MOST_LINES {
            break;
        }
    }
    lines
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

/// The line of the same block above or below: rows of other blocks may lie between.
fn next_line(rows: &Rows<'_>, from: Run, right_aligned: bool, direction: Direction) -> Option<Run> {
    let edge = |run: Run| if right_aligned { rows.x1(run) } else { rows.x0(run) };
    let here = &rows.list[from.row];
    let height = (here.y1 - here.y0).max(1.0);
    let near = |row: usize| -> Option<Run> {
        let other = rows.list.get(row).filter(|other| other.page == here.page)?;
        let gap = (other.y0 - here.y1).max(here.y0 - other.y1);
        let run = rows.runs(row).into_iter().find(|run| (edge(*run) - edge(from)).abs() < EDGE)?;
        (gap < BLOCK_GAP * height).then_some(run)
    };
    match direction {
        Direction::Up => (from.row.saturating_sub(2)..from.row).rev().find_map(near),
        Direction::Down => (from.row + 1..from.row + 3).find_map(near),
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
