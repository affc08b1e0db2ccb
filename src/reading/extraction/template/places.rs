//! Anchors of a single value: the words beside or above it, and its spot on the page. Which of the two still holds is seen in the
//! document at hand; where they lead to different values, nothing is taken.

use super::printed::{Hit, shape};
use super::rows::{Rows, Run, has_digit, plain};
use crate::reading::extraction::layout::labels::{self, Label};
use crate::reading::extraction::layout::lines::Segment;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How far a word may stand from where it was taught, points.
const SPOT: f32 = 3.5;
/// How far the right one of several equal labels may have moved sideways.
const SIDEWAYS: f32 = 8.0;
/// Longest label, in words.
const LONGEST_LABEL: usize = 5;
/// How far left of its value a label may stand, points.
const LABEL_REACH: f32 = 260.0;
/// How far above, in line heights.
const LABEL_ABOVE: f32 = 2.6;
/// A value that is printed more often is learned in so many places.
const MOST_PLACES: usize = 3;

/// Before or behind the lines of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Zone {
    Above,
    Below,
}

/// Where the table of lines begins and ends, in rows: what lies outside is searched for anchors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    pub rows: Range<usize>,
    /// The last row of the last item.
    pub last: usize,
}

impl Body {
    pub(super) fn zone(&self, zone: Zone, rows: &Rows<'_>) -> Range<usize> {
        match zone {
            Zone::Above => 0..self.rows.start,
            Zone::Below => self.rows.end..rows.list.len(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Relation {
    /// In front of the value, with a space between.
    Before,
    /// In the cell to its left.
    Left,
    Over,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Anchor {
    /// Folded words.
    text: String,
    relation: Relation,
    /// Its left edge, and how far right of it the value begins; points.
    x0: f32,
    dx: f32,
}

/// How much of what stands at an anchor is the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Extent {
    Cell,
    Words(usize),
}

/// Where one value stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    zone: Zone,
    label: Option<Anchor>,
    x0: f32,
    x1: f32,
    /// From the top of the page, and from the bottom of the last item.
    y: f32,
    under_table: Option<f32>,
    extent: Extent,
    /// Signs and letters printed around the value in its own words.
    before: String,
    after: String,
    shape: String,
}

impl Place {
    pub(super) fn in_words(&self) -> String {
        let zone = match self.zone {
            Zone::Above => "above the lines",
            Zone::Below => "below the lines",
        };
        match &self.label {
            Some(label) => {
                let side = match label.relation {
                    Relation::Before => "behind",
                    Relation::Left => "right of",
                    Relation::Over => "under",
                };
                format!("{zone}, {side} `{}`", label.text)
            }
            None => format!("{zone}, {:.0} pt from the left and {:.0} from the top", self.x0, self.y),
        }
    }
}

/// What the anchors of one value lead to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Resolved<T> {
    One(T, Run),
    /// Anchors disagree, or one of them leads to several places.
    Several(Vec<String>),
    /// Something stands there that is not of the taught form.
    Unlike(String),
    Nothing,
}

/// The places to remember of all that print a value: the ones under the field's own label before those under any, before bare ones.
pub(super) fn learn(rows: &Rows<'_>, body: &Body, hits: &[Hit], wanted: Option<Label>) -> Vec<Place> {
    let outside = |hit: &&Hit| !body.rows.contains(&hit.run.row);
    let mut ranked: Vec<(u8, Place)> =
        hits.iter().filter(outside).map(|hit| rank(rows, hit, wanted, place_of(rows, body, hit))).collect();
    let best = ranked.iter().map(|(rank, _)| *rank).max().unwrap_or(0);
    ranked.retain(|(rank, _)| *rank == best);
    ranked.into_iter().map(|(_, place)| place).take(MOST_PLACES).collect()
}

fn rank(rows: &Rows<'_>, hit: &Hit, wanted: Option<Label>, place: Place) -> (u8, Place) {
    let named = |run: Run| {
        let segment = Segment::of(rows.words(run).to_vec());
        labels::hits(&segment).iter().any(|found| Some(found.label) == wanted)
    };
    let cell = rows.run_at(hit.run.row, hit.run.from);
    let left = rows.runs(hit.run.row).into_iter().rfind(|run| run.to <= hit.run.from);
    let over = over(rows, hit.run);
    let is_wanted = named(cell) || left.is_some_and(named) || (left.is_none() && over.is_some_and(named));
    (if is_wanted { 2 } else { u8::from(place.label.is_some()) }, place)
}

fn place_of(rows: &Rows<'_>, body: &Body, hit: &Hit) -> Place {
    let run = hit.run;
    let row = &rows.list[run.row];
    let last = &rows.list[body.last];
    let zone = if run.row < body.rows.start { Zone::Above } else { Zone::Below };
    let cell = rows.run_at(run.row, run.from);
    let text = rows.text(run);
    let value = text.strip_prefix(hit.before.as_str()).unwrap_or(&text);
    let value = value.strip_suffix(hit.after.as_str()).unwrap_or(value);
    Place {
        zone,
        label: label_of(rows, run),
        x0: rows.x0(run),
        x1: rows.x1(run),
        y: row.y0,
        under_table: (zone == Zone::Below && last.page == row.page).then_some(row.y0 - last.y1),
        extent: if cell.to == run.to { Extent::Cell } else { Extent::Words(run.to - run.from) },
        before: hit.before.clone(),
        after: hit.after.clone(),
        shape: shape(value.trim()),
    }
}

/// The words that seem to name a value: digits in them would be values themselves.
fn label_of(rows: &Rows<'_>, run: Run) -> Option<Anchor> {
    let anchor = |label: Run, relation| {
        let text = plain(&rows.text(label));
        let fits = text.chars().any(char::is_alphabetic) && !has_digit(&text) && label.to - label.from <= LONGEST_LABEL;
        fits.then(|| Anchor { text, relation, x0: rows.x0(label), dx: rows.x0(run) - rows.x0(label) })
    };
    let cell = rows.run_at(run.row, run.from);
    if cell.from < run.from {
        let from = cell.from.max(run.from.saturating_sub(LONGEST_LABEL - 1));
        return anchor(Run { row: run.row, from, to: run.from }, Relation::Before);
    }
    let left = rows.runs(run.row).into_iter().rfind(|other| other.to <= run.from);
    if let Some(left) = left.filter(|left| rows.x0(run) - rows.x1(*left) < LABEL_REACH)
        && let Some(found) = anchor(left, Relation::Left)
    {
        return Some(found);
    }
    anchor(over(rows, run)?, Relation::Over)
}

/// The run that stands right above another.
fn over(rows: &Rows<'_>, run: Run) -> Option<Run> {
    let here = &rows.list[run.row];
    let (x0, x1) = (rows.x0(run), rows.x1(run));
    (0..run.row).rev().take(2).find_map(|row| {
        let above = &rows.list[row];
        let near = above.page == here.page && here.y0 - above.y1 < LABEL_ABOVE * (here.y1 - here.y0).max(1.0);
        let touching = |other: &Run| rows.x0(*other) <= x1 && rows.x1(*other) >= x0;
        rows.runs(row).into_iter().find(touching).filter(|_| near)
    })
}

/// Follows all places of a value. `parse` makes a value of a text, or nothing where it has not the taught form.
pub(super) fn resolve<T: Clone + PartialEq>(
    rows: &Rows<'_>,
    body: &Body,
    places: &[Place],
    parse: impl Fn(&str, &Place) -> Option<T>,
) -> Resolved<T> {
    let mut found: Vec<(T, Run)> = Vec::new();
    let mut unlike = None;
    for place in places {
        let read = |run: &Run| {
            let text = rows.text(*run);
            let value = text.strip_prefix(place.before.as_str())?.trim_start();
            Some((parse(value.strip_suffix(place.after.as_str()).unwrap_or(value).trim(), place)?, *run))
        };
        let labelled = by_label(rows, body, place);
        let mut values: Vec<(T, Run)> = labelled.iter().filter_map(|(_, run)| read(run)).collect();
        if !all_equal(&values) {
            let near = labelled.iter().filter(|(moved, _)| *moved < SIDEWAYS);
            values = near.filter_map(|(_, run)| read(run)).collect();
        }
        // What stands below the table goes with it, or else stays at the foot of the page.
        let groups = [Height::UnderTable, Height::OnPage].map(|height| by_spot(rows, body, place, height));
        let at_spot: Vec<(T, Run)> = groups
            .iter()
            .map(|spots| spots.iter().filter_map(&read).collect::<Vec<_>>())
            .find(|found| !found.is_empty())
            .unwrap_or_default();
        if values.is_empty() && at_spot.is_empty() {
            unlike = unlike.or_else(|| labelled.first().map(|(_, run)| rows.text(*run)));
        }
        // The table pushes what stands below it; above it a spot is a second witness.
        let as_well = place.zone == Zone::Above && at_spot.iter().any(|(_, run)| shape_of(rows, run, place) == place.shape);
        if values.is_empty() || as_well {
            values.extend(at_spot);
        }
        found.extend(values);
    }
    match (found.first().cloned(), unlike) {
        (Some((value, run)), _) if all_equal(&found) => Resolved::One(value, run),
        (Some(_), _) => Resolved::Several(found.iter().map(|(_, run)| rows.text(*run)).collect()),
        (None, Some(text)) => Resolved::Unlike(text),
        (None, None) => Resolved::Nothing,
    }
}

fn shape_of(rows: &Rows<'_>, run: &Run, place: &Place) -> String {
    let text = rows.text(*run);
    shape(text.strip_prefix(place.before.as_str()).unwrap_or(&text).trim())
}

fn all_equal<T: PartialEq>(values: &[(T, Run)]) -> bool {
    values.windows(2).all(|pair| pair[0].0 == pair[1].0)
}

/// A text that has the form of the taught one.
pub(super) fn same_shape(text: &str, place: &Place) -> Option<String> {
    (!text.is_empty() && shape(text) == place.shape).then(|| text.to_owned())
}

/// What stands at the label, wherever in its zone that is; with how far it moved sideways.
fn by_label(rows: &Rows<'_>, body: &Body, place: &Place) -> Vec<(f32, Run)> {
    let Some(label) = &place.label else { return Vec::new() };
    let mut found = Vec::new();
    for row in body.zone(place.zone, rows).filter(|row| !rows.list[*row].furniture) {
        for run in occurrences(rows, row, &label.text) {
            let moved = (rows.x0(run) - label.x0).abs();
            let value = match label.relation {
                Relation::Before => (run.to < rows.run_at(row, run.from).to).then(|| forward(rows, row, run.to, place)),
                Relation::Left => {
                    let ends_cell = run.to == rows.run_at(row, run.from).to && run.to < rows.list[row].words.len();
                    ends_cell.then(|| forward(rows, row, run.to, place))
                }
                Relation::Over => under(rows, run, label.dx).map(|(row, word)| forward(rows, row, word, place)),
            };
            found.extend(value.map(|value| (moved, value)));
        }
    }
    found
}

/// Where a row has the folded text as whole words.
fn occurrences(rows: &Rows<'_>, row: usize, wanted: &str) -> Vec<Run> {
    let words = &rows.list[row].words;
    let mut found = Vec::new();
    for from in 0..words.len() {
        for to in from + 1..=(from + LONGEST_LABEL + 1).min(words.len()) {
            let text = plain(&rows.text(Run { row, from, to }));
            if text == wanted && !plain(&words[to - 1].text).is_empty() {
                // A lone sign behind the label belongs to it.
                let signs = words[to..].iter().take_while(|word| plain(&word.text).is_empty()).count();
                found.push(Run { row, from, to: to + signs });
                break;
            }
            if text.len() > wanted.len() {
                break;
            }
        }
    }
    found
}

fn under(rows: &Rows<'_>, label: Run, dx: f32) -> Option<(usize, usize)> {
    let x = rows.x0(label) + dx;
    (label.row + 1..rows.list.len()).take(2).find_map(|row| {
        let here = &rows.list[row];
        let above = &rows.list[label.row];
        let near = here.page == above.page && here.y0 - above.y1 < LABEL_ABOVE * (here.y1 - here.y0).max(1.0);
        let word = here.words.iter().position(|word| (word.bbox[0] - x).abs() < SPOT)?;
        near.then_some((row, word))
    })
}

fn forward(rows: &Rows<'_>, row: usize, from: usize, place: &Place) -> Run {
    let cell = rows.run_at(row, from);
    let to = match place.extent {
        Extent::Cell => cell.to,
        Extent::Words(count) => (from + count).min(rows.list[row].words.len()),
    };
    Run { row, from, to }
}

#[derive(Clone, Copy)]
enum Height {
    UnderTable,
    OnPage,
}

/// What stands at the taught spot: as far from the top of the page, or from the end of the table.
fn by_spot(rows: &Rows<'_>, body: &Body, place: &Place, height: Height) -> Vec<Run> {
    let page = match place.zone {
        Zone::Above => rows.list.first().map_or(0, |row| row.page),
        Zone::Below => rows.list[body.last].page,
    };
    let y = match height {
        Height::UnderTable => place.under_table.map(|under| rows.list[body.last].y1 + under),
        Height::OnPage => Some(place.y),
    };
    let is_here = |row: &usize| {
        let here = &rows.list[*row];
        here.page == page && y.is_some_and(|y| (here.y0 - y).abs() < SPOT)
    };
    let mut found = Vec::new();
    for row in body.zone(place.zone, rows).filter(is_here) {
        let words = &rows.list[row].words;
        if let Some(word) = words.iter().position(|word| (word.bbox[0] - place.x0).abs() < SPOT) {
            found.push(forward(rows, row, word, place));
        } else if let Some(word) = words.iter().position(|word| (word.bbox[2] - place.x1).abs() < SPOT) {
            let cell = rows.run_at(row, word);
            let from = match place.extent {
                Extent::Cell => cell.from,
                Extent::Words(count) => (word + 1).saturating_sub(count),
            };
            found.push(Run { row, from, to: word + 1 });
        }
    }
    found
}
