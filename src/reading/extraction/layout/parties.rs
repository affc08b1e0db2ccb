//! Address blocks: which lines stand under which party's label, and whose the letterhead is (DOMAIN 6, 27).

use super::address;
use super::items::{confidence, seen_by_ocr};
use super::labels::{self, Label};
use super::lines::{Segment, Sheet, fold, tokenize};
use super::values::{Found, opens_party};
use crate::model::{Company, DraftOrder, DraftParty, Field, Reading};
use crate::reading::document::{SourceKind, Word};
use crate::reading::extraction::classify;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::lexicon;
use crate::reading::extraction::lexicon::index::Index;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Labels of the parts of an address in a form: `Straße`, `Ort`.
static ADDRESS_PARTS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("address", "part"));
static STREET_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| lexicon::set("address", "street"));
static SAME_AS: LazyLock<Index<()>> = LazyLock::new(|| Index::of("words", &[("same_as", ())]));

/// Most lines of one block.
const MAX_BLOCK_LINES: usize = 10;
/// A gap of more than this many line heights ends a block.
const BLOCK_GAP: f32 = 1.1;

/// One line of a block: the segment's own words.
#[derive(Clone)]
struct BlockLine<'a> {
    segment: Segment<'a>,
    line: usize,
}

/// A block under a label, or a letterhead.
struct Block<'a> {
    lines: Vec<BlockLine<'a>>,
}

/// Fills the four parties.
pub(crate) fn fill(sheet: &Sheet<'_>, labels: &[&Found], company: &Company, table_line: usize, order: &mut DraftOrder) {
    for found in labels.iter().filter(|f| opens_party(f.hit.label) && (f.line < table_line || f.hit.marked)) {
        let slot = match found.hit.label {
            Label::Buyer => &order.buyer,
            Label::Seller => &order.seller,
            Label::ShipTo => &order.ship_to,
            _ => &order.bill_to,
        };
        if !slot.name.is_absent() {
            continue;
        }
        let block = block_of(sheet, found, table_line);
        let party = party_of(sheet, &block, confidence::LABELLED + 5);
        if !is_block(&party, found) {
            continue;
        }
        match found.hit.label {
            Label::Buyer => order.buyer = party,
            Label::Seller => order.seller = party,
            Label::ShipTo => order.ship_to = party,
            _ => order.bill_to = party,
        }
    }
    if order.ship_to.is_absent() {
        order.ship_to = under_another_label(sheet, labels, table_line).unwrap_or_default();
    }
    same_as(order);
    let person = take_person(order);
    letterhead(sheet, company, table_line, order);
    if let Some(person) = person {
        if order.buyer.name.is_absent() || is_us(&order.buyer, company) {
            order.buyer = person;
        } else {
            order.buyer.contact = person.name;
        }
    }
    swap_when_we_are_the_buyer_block(company, order);
    ours_by_ship_to(company, order);
    if order.buyer.is_absent() {
        order.buyer = if order.bill_to.is_absent() { order.ship_to.clone() } else { order.bill_to.clone() };
        lower(&mut order.buyer);
    }
}

/// The ship-to where its label is no clear one: below the table, or a word such as `Livraison` that as well announces a date. Only a
/// whole address counts.
fn under_another_label(sheet: &Sheet<'_>, labels: &[&Found], table_line: usize) -> Option<DraftParty> {
    let may_open = |found: &&&Found| match found.hit.label {
        Label::ShipTo => found.line >= table_line,
        Label::DeliveryDate => true,
        _ => false,
    };
    labels.iter().filter(may_open).filter(|found| found.hit.start == 0).find_map(|found| {
        let block = block_of(sheet, found, table_line);
        let party = party_of(sheet, &block, confidence::LABELLED);
        let is_whole = !party.postal_code.is_absent() && !party.city.is_absent() && is_block(&party, found);
        let is_date = party.name.value().is_some_and(|name| name.starts_with(|c: char| c.is_ascii_digit()));
        (is_whole && !is_date).then_some(party)
    })
}

/// A buyer that is the name of a person and nothing more: whoever ordered for the company in the letterhead.
fn take_person(order: &mut DraftOrder) -> Option<DraftParty> {
    let party = &order.buyer;
    let is_person = party.name.value().is_some_and(|name| {
        let words: Vec<&str> = name.split_whitespace().collect();
        (2..=3).contains(&words.len())
            && !address::has_legal_form(name)
            && words.iter().all(|w| w.chars().next().is_some_and(char::is_uppercase) && w.chars().skip(1).any(char::is_lowercase))
            && !name.bytes().any(|b| b.is_ascii_digit())
    });
    let bare = party.city.is_absent() && party.street.is_absent() && party.postal_code.is_absent();
    (is_person && bare).then(|| std::mem::take(&mut order.buyer))
}

/// Goods for our own address, on a paper that has our name first: an order of ours, and the other block is the supplier's.
fn ours_by_ship_to(company: &Company, order: &mut DraftOrder) {
    let weak = |r: &Reading<String>| r.found().is_some_and(|f| f.confidence.as_percent() <= confidence::GENERIC);
    let goods_for_us = is_us(&order.ship_to, company) || is_us(&order.bill_to, company);
    if goods_for_us
        && is_us(&order.seller, company)
        && weak(&order.seller.name)
        && weak(&order.buyer.name)
        && !is_us(&order.buyer, company)
    {
        std::mem::swap(&mut order.buyer, &mut order.seller);
    }
}

/// A one-word label such as "To" or "de" needs an address behind it to be one.
fn is_block(party: &DraftParty, found: &Found) -> bool {
    let has_place = !party.city.is_absent() || !party.street.is_absent() || !party.country.is_absent();
    let named = party.name.value().is_some_and(|n| n.chars().filter(|c| c.is_alphabetic()).count() >= 3);
    let weak = found.hit.end - found.hit.start <= 4;
    let company = party.name.value().is_some_and(|n| address::has_legal_form(n));
    named && (has_place || (!weak && (found.hit.marked || company)))
}

/// The lines under or beside a label, cut where the neighbouring block begins.
fn block_of<'a>(sheet: &Sheet<'a>, found: &Found, table_line: usize) -> Block<'a> {
    let line = &sheet.lines[found.line];
    let label = &line.segments[found.segment];
    let left = label.x_at(found.hit.start);
    if let Some(cells) = cells_of_a_row(sheet, found) {
        return Block { lines: cells };
    }
    let mut lines: Vec<BlockLine<'a>> = Vec::new();
    // On the label's own line, behind it.
    let own_end = label.text.get(found.hit.end..found.until).unwrap_or("");
    // `Supplier (Bill from)`: more of the label, not a name.
    let own_end = if own_end.trim().starts_with('(') && own_end.trim().ends_with(')') { "" } else { own_end };
    let behind_is_empty = !own_end.chars().any(char::is_alphanumeric);
    let behind: Vec<&'a Word> = if own_end.chars().any(char::is_alphanumeric) {
        let cut = own_end.len() - own_end.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        label.words_in(found.hit.end + cut, found.until)
    } else {
        Vec::new()
    };
    let mut start_x = left;
    let mut right_limit = line.segments.get(found.segment + 1).map_or(f32::MAX, |s| s.x0);
    if !behind.is_empty() {
        let segment = Segment::of(behind);
        start_x = segment.x0;
        lines.push(BlockLine { segment, line: found.line });
    } else if let Some(next) = line.segments.get(found.segment + 1)
        && labels::hits(next).first().is_none_or(|h| h.start > 1)
        && (next.x0 - label.x1 < 120.0 || sheet.doc.kind == SourceKind::Sheet)
        && (is_form_row(sheet, found, left, next.x0) || !has_text_below(sheet, found, left, next.x0))
    {
        // Label in one cell, the block in the next.
        start_x = next.x0;
        right_limit = line.segments.get(found.segment + 2).map_or(f32::MAX, |s| s.x0);
        lines.push(BlockLine { segment: next.clone(), line: found.line });
    }
    // Labels in one column, values in the next: what stands under the label is the next label.
    let is_form = start_x > left + 20.0 && behind_is_empty && !lines.is_empty();
    let mut bottom = line.y1;
    let mut misses = 0;
    for (index, next) in sheet.lines.iter().enumerate().skip(found.line + 1) {
        if next.page != line.page
            || lines.len() >= MAX_BLOCK_LINES
            || misses > 3
            || (index >= table_line && found.line < table_line)
        {
            break;
        }
        // Some forms leave a line free under the label.
        // Beside a neighbour's lines the block may begin lower.
        let reach = match (lines.is_empty(), misses > 0) {
            (true, true) => 6.0,
            (true, false) => 2.0,
            // Beside a cell of several lines the next row of a sheet begins lower.
            (false, true) if sheet.doc.kind == SourceKind::Sheet => 6.0,
            (false, _) if is_form => 2.0,
            (false, _) => BLOCK_GAP,
        };
        if next.y0 - bottom > reach * line.height().min(16.0) {
            break;
        }
        let label_below = next.segments.iter().find(|s| is_form && (s.x0 - left).abs() < 6.0);
        if label_below.is_some_and(|s| !is_address_part(&s.text)) {
            break;
        }
        let inside =
            next.segments.iter().filter(|s| label_below.is_none_or(|label| s.x0 > label.x0)).find(|s| {
                (s.x0 >= left - 6.0 && s.x0 <= start_x + 40.0 && s.x0 < right_limit - 2.0) || (s.x0 - start_x).abs() < 6.0
            });
        let Some(segment) = inside else {
            misses += 1;
            continue;
        };
        if ends_block(segment) {
            break;
        }
        bottom = next.y1;
        misses = 0;
        // A wider cell runs into the neighbour: only what stands left of it is ours.
        let words: Vec<&'a Word> = segment.words.iter().copied().filter(|w| w.bbox[0] < right_limit - 2.0).collect();
        if !words.is_empty() {
            lines.push(BlockLine { segment: Segment::of(words), line: index });
        }
    }
    Block { lines }
}

/// `Ship to;Acme Ltd;12 High Street;LS9 8ST Leeds`: in a sheet the parts of an address may stand beside each other.
fn cells_of_a_row<'a>(sheet: &Sheet<'a>, found: &Found) -> Option<Vec<BlockLine<'a>>> {
    let line = &sheet.lines[found.line];
    let cells = line.segments.get(found.segment + 1..)?;
    let is_address = sheet.doc.kind == SourceKind::Sheet
        && cells.len() >= 3
        && cells.iter().all(|cell| labels::hits(cell).first().is_none_or(|hit| hit.start > 0))
        && cells.iter().any(|cell| address::town(cell.text.trim()).is_some());
    is_address.then(|| cells.iter().map(|cell| BlockLine { segment: cell.clone(), line: found.line }).collect())
}

/// The address in one cell of a table: `Acme Ltd, 12 High Street, LS9 8ST Leeds`.
pub(crate) fn of_cell<'a>(sheet: &Sheet<'a>, words: &[&'a Word], line: usize) -> DraftParty {
    let lines = vec![BlockLine { segment: Segment::of(words.to_vec()), line }];
    party_of(sheet, &Block { lines }, confidence::LABELLED)
}

/// A word that labels a part of an address in a form: `Straße`, `Ort`.
fn is_address_part(text: &str) -> bool {
    let words = tokenize(text).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ");
    ADDRESS_PARTS.contains(words.as_str())
}

/// Whether the line under the label holds, in both columns, the next label and its value.
fn is_form_row(sheet: &Sheet<'_>, found: &Found, left: f32, value: f32) -> bool {
    let line = &sheet.lines[found.line];
    sheet.lines.get(found.line + 1).is_some_and(|next| {
        let at = |x: f32| next.segments.iter().find(|s| (s.x0 - x).abs() < 6.0);
        let other = || at(left).filter(|label| is_address_part(&label.text) || label.text.trim_end().ends_with(':'));
        next.page == line.page && ((at(value).is_some() && other().is_some()) || sheet.doc.kind == SourceKind::Sheet)
    })
}

/// Whether a line follows right under the label, in the label's own column.
fn has_text_below(sheet: &Sheet<'_>, found: &Found, left: f32, limit: f32) -> bool {
    let line = &sheet.lines[found.line];
    sheet.lines.get(found.line + 1).is_some_and(|next| {
        next.page == line.page
            && next.y0 - line.y1 < BLOCK_GAP * line.height()
            && next
                .segments
                .iter()
                .any(|s| s.x0 >= left - 6.0 && s.x0 < limit - 4.0 && labels::hits(s).first().is_none_or(|h| h.start > 1))
    })
}

/// A line that begins something else: another party, a number, the table.
fn ends_block(segment: &Segment<'_>) -> bool {
    // A label that nobody knows: `Faktureras till:`.
    let text = segment.text.trim_end();
    if text.ends_with(':')
        && segment.words.len() <= 5
        && !text.bytes().any(|b| b.is_ascii_digit())
        && !is_address_part(&segment.text)
    {
        return true;
    }
    let Some(hit) = labels::hits(segment).into_iter().next() else { return false };
    if hit.start > 1 {
        return false;
    }
    let belongs = matches!(hit.label, Label::VatId | Label::Email | Label::Phone | Label::Contact | Label::Other);
    let rest = segment.text[hit.end..].trim();
    let is_label = hit.marked || rest.is_empty() || hit.tokens > 1 || (rest.starts_with('(') && rest.ends_with(')'));
    is_label && !belongs
}

/// The lines of a block as a party.
fn party_of(sheet: &Sheet<'_>, block: &Block<'_>, percent: u8) -> DraftParty {
    let mut party = DraftParty::default();
    let mut rest: Vec<&BlockLine<'_>> = Vec::new();
    for line in &block.lines {
        if !take_reach(sheet, line, &mut party) {
            rest.push(line);
        }
    }
    // A block on one line: `Acme Corp, 12 Main St, Springfield, IL 62701`. What follows a whole address is none of it.
    if let Some(first) = rest.first()
        && first.segment.text.matches(',').count() >= 2
        && (rest.len() == 1 || holds_an_address(&first.segment.text))
    {
        one_line(sheet, first, percent, &mut party);
        return party;
    }
    let mut town_at: Option<usize> = None;
    // From below: a house number before a street's name looks like a postal code before a town.
    for (i, line) in rest.iter().enumerate().skip(1).rev() {
        let text = line.segment.text.trim();
        if let Some(code) = address::country(text) {
            if party.country.is_absent() {
                party.country = field(sheet, line, code.to_owned(), 0, line.segment.text.len(), percent);
            }
            continue;
        }
        if town_at.is_none() && take_town(sheet, line, percent, &mut party) {
            town_at = Some(i);
        }
    }
    if let Some(first) = rest.first() {
        let whole = first.segment.text.trim_end().trim_end_matches([',', ';']);
        let text = without_title(first, whole).trim().to_owned();
        party.name = field(sheet, first, text.clone(), 0, text.len(), percent);
    }
    let end = town_at.unwrap_or(rest.len()).min(rest.len());
    let mut streets: Vec<&&BlockLine<'_>> = rest
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(i, l)| *i < end && address::country(l.segment.text.trim()).is_none())
        .map(|(_, l)| l)
        .collect();
    // Without a town line the last lines may be anything; one with a house number is a street, one word a town.
    if town_at.is_none() {
        if let Some(last) = streets.pop().filter(|l| looks_like_town(&l.segment.text)) {
            let text = last.segment.text.trim().to_owned();
            let (city, country) = text.rsplit_once(", ").map_or((text.clone(), None), |(c, land)| match address::country(land) {
                Some(code) => (c.to_owned(), Some(code)),
                None => (text.clone(), None),
            });
            party.city = field(sheet, last, city, 0, last.segment.text.len(), confidence::GENERIC);
            if let (Some(code), true) = (country, party.country.is_absent()) {
                party.country = field(sheet, last, code.to_owned(), 0, last.segment.text.len(), confidence::GENERIC);
            }
        }
        streets.retain(|l| l.segment.text.bytes().any(|b| b.is_ascii_digit()) || looks_like_street(&l.segment.text));
    }
    // A second name line ("Zentraleinkauf", "Attn. ...") has no digit; the street has one, or a street's word.
    let is_street = |l: &&BlockLine<'_>| l.segment.text.bytes().any(|b| b.is_ascii_digit()) || looks_like_street(&l.segment.text);
    let chosen: Vec<&&BlockLine<'_>> =
        if streets.iter().any(|l| is_street(l)) { streets.iter().filter(|l| is_street(l)).copied().collect() } else { streets };
    if let Some(first) = chosen.first() {
        let text = chosen.iter().map(|l| l.segment.text.trim().trim_end_matches(',')).collect::<Vec<_>>().join(", ");
        party.street = field(sheet, first, text, 0, first.segment.text.len(), percent);
    }
    party
}

/// `Acme GmbH - Bestellformular`: the company's name without the paper's.
fn without_title<'t>(line: &BlockLine<'_>, text: &'t str) -> &'t str {
    let cut = [" - ", " – ", " | "].iter().find_map(|sign| text.rsplit_once(*sign)).filter(|(name, title)| {
        let from = text.len() - title.len();
        let words = line.segment.words_in(from, text.len());
        address::has_legal_form(name) && !words.is_empty() && classify::is_title(&Segment::of(words))
    });
    cut.map_or(text, |(name, _)| name.trim_end())
}

fn looks_like_town(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_digit())
        && text.split_whitespace().count() <= 4
        && text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | ',' | '.' | '\''))
}

fn looks_like_street(text: &str) -> bool {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).any(|word| STREET_WORDS.contains(word))
        || ["strasse", "straat", "weg", "laan", "platz", "gasse", "str."].iter().any(|s| folded.contains(s))
}

fn field<T>(sheet: &Sheet<'_>, line: &BlockLine<'_>, value: T, start: usize, end: usize, percent: u8) -> Reading<T> {
    let words = line.segment.words_in(start, end);
    let raw = line.segment.text.get(start..end).unwrap_or(&line.segment.text).to_owned();
    ground_words(sheet.page(line.line), words.iter().copied())
        .map(|origin| Field::new(value, raw, seen_by_ocr(&words, percent), origin))
        .into()
}

fn take_town(sheet: &Sheet<'_>, line: &BlockLine<'_>, percent: u8, party: &mut DraftParty) -> bool {
    let text = line.segment.text.trim_end();
    // The country may end the town's line: `1010 Wien, Österreich`.
    let (main, country) = match text.rsplit_once(',').or_else(|| text.rsplit_once(" - ")) {
        Some((main, tail)) => match address::country(tail) {
            Some(code) => (main.trim_end(), Some((code, text.len() - tail.trim_start().len()))),
            None => (text, None),
        },
        None => (text, None),
    };
    let street_and_town =
        main.rsplit_once(", ").or_else(|| main.rsplit_once(" - ")).or_else(|| main.rsplit_once(" – ")).filter(|(street, tail)| {
            address::town(main).is_none() && address::town(tail).is_some() && street.bytes().any(|b| b.is_ascii_digit())
        });
    let (town_text, offset) = match street_and_town {
        Some((street, tail)) => {
            party.street = field(sheet, line, street.to_owned(), 0, street.len(), percent);
            (tail, main.len() - tail.len())
        }
        None => (main, 0),
    };
    let Some(town) = address::town(town_text) else { return false };
    let part = |range: Option<(usize, usize)>| -> Reading<String> {
        range.map_or(Reading::Absent, |(a, b)| {
            field(sheet, line, town_text[a..b].trim().to_owned(), a + offset, b + offset, percent)
        })
    };
    party.postal_code = part(town.postal_code);
    party.city = part(town.city);
    party.region = part(town.region);
    if let Some((code, at)) = country {
        party.country = field(sheet, line, code.to_owned(), at, text.len(), percent);
    } else if let Some(code) = town.country
        && party.country.is_absent()
    {
        party.country = field(sheet, line, code.to_owned(), 0, text.len(), confidence::GENERIC);
    }
    true
}

/// Name, street and town on one line.
fn holds_an_address(text: &str) -> bool {
    let pieces: Vec<&str> = text.split(',').map(str::trim).collect();
    let end = pieces.len() - usize::from(pieces.last().is_some_and(|last| address::country(last).is_some()));
    (1..=3).any(|take| end > take + 1 && address::town(&pieces[end - take..end].join(", ")).is_some())
}

fn one_line(sheet: &Sheet<'_>, line: &BlockLine<'_>, percent: u8, party: &mut DraftParty) {
    let text = sentence(&line.segment.text);
    let mut parts: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for piece in text.split(',') {
        let lead = piece.len() - piece.trim_start().len();
        parts.push((at + lead, at + piece.trim_end().len()));
        at += piece.len() + 1;
    }
    let piece = |(a, b): (usize, usize)| text.get(a..b).unwrap_or("");
    if let Some(code) = parts.last().and_then(|p| address::country(piece(*p))) {
        let (a, b) = parts[parts.len() - 1];
        party.country = field(sheet, line, code.to_owned(), a, b, percent);
        parts.pop();
    }
    let Some(first) = parts.first().copied() else { return };
    party.name = field(sheet, line, piece(first).to_owned(), first.0, first.1, percent);
    // The town is in the last part, or over the last two: `Springfield, IL 62701`.
    for take in [3usize, 2, 1] {
        if parts.len() <= take {
            continue;
        }
        let (a, b) = (parts[parts.len() - take].0, parts[parts.len() - 1].1);
        if let Some(town) = text.get(a..b).and_then(address::town) {
            let part = |r: Option<(usize, usize)>| -> Reading<String> {
                r.map_or(Reading::Absent, |(x, y)| field(sheet, line, text[a + x..a + y].to_owned(), a + x, a + y, percent))
            };
            party.postal_code = part(town.postal_code);
            party.city = part(town.city);
            party.region = part(town.region);
            if let Some(code) = town.country.filter(|_| party.country.is_absent()) {
                party.country = field(sheet, line, code.to_owned(), a, b, confidence::GENERIC);
            }
            parts.truncate(parts.len() - take);
            break;
        }
    }
    if parts.len() > 1 {
        let (a, b) = (parts[1].0, parts[parts.len() - 1].1);
        party.street = field(sheet, line, text[a..b].to_owned(), a, b, percent);
    }
}

/// `Acme, 12 Main St, 28176 Bremen, Germany. Deliver by:`: up to the full stop behind which something else is told.
fn sentence(text: &str) -> &str {
    text.match_indices(". ")
        .map(|(at, _)| (at, &text[at + 2..]))
        .find(|(_, rest)| rest.contains(':'))
        .map_or(text, |(at, _)| &text[..at])
}

/// Mail, telephone, VAT number and contact in a block's line; `true` when the line holds nothing else.
fn take_reach(sheet: &Sheet<'_>, line: &BlockLine<'_>, party: &mut DraftParty) -> bool {
    let segment = &line.segment;
    let text = &segment.text;
    let percent = confidence::LABELLED;
    let mut used = false;
    if let Some((a, b)) = address::email(text) {
        party.email = field(sheet, line, text[a..b].to_owned(), a, b, percent + 10);
        used = true;
    }
    for hit in labels::hits(segment) {
        let rest = text[hit.end..].trim_start_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '(');
        let at = text.len() - rest.len();
        match hit.label {
            Label::Phone => {
                if let Some((a, b)) = address::phone(rest).filter(|(a, _)| *a < 4) {
                    party.phone = field(sheet, line, rest[a..b].to_owned(), at + a, at + b, percent);
                    used = true;
                }
            }
            // `VAT: DE123456789`, `BTW NL810433941B01`: the tax's own name, with a number of that form behind it.
            Label::Tax if address::vat_id(rest).is_none_or(|(a, _)| a > 3) => {}
            Label::VatId | Label::Tax => {
                let value: String = rest.split([',', ';', '|']).next().unwrap_or("").trim().to_owned();
                let kept = address::vat_id(rest).map_or(value.as_str(), |(a, b)| &rest[a..b]).to_owned();
                if kept.bytes().filter(u8::is_ascii_digit).count() >= 6 && kept.len() <= 24 {
                    party.vat_id = field(sheet, line, kept.clone(), at, at + kept.len(), percent + 10);
                    used = true;
                }
            }
            Label::Contact => {
                let value = rest.split([',', ';', '|', '/']).next().unwrap_or("").trim();
                let name_end = value.len();
                if name_end >= 3 {
                    party.contact = field(sheet, line, value.to_owned(), at, at + name_end, percent);
                    used = true;
                }
            }
            Label::Email => used = true,
            Label::Other
                if hit.start <= 1
                    && (hit.marked
                        || fold(&text[hit.start..hit.end]).starts_with("fax")
                        || fold(&text[hit.start..hit.end]).contains("telefax")) =>
            {
                used = true
            }
            _ => {}
        }
    }
    let web = fold(text);
    used || ((web.starts_with("www.") || web.starts_with("http")) && !text.contains(' '))
}

/// "Same as above" and its like copy the block that is meant.
fn same_as(order: &mut DraftOrder) {
    let says_same = |party: &DraftParty| {
        let tokens = party.name.value().map(|name| tokenize(name)).unwrap_or_default();
        (0..tokens.len()).any(|at| SAME_AS.longest(&tokens[at..]).is_some())
    };
    if says_same(&order.ship_to) {
        order.ship_to =
            if order.bill_to.is_absent() || says_same(&order.bill_to) { order.buyer.clone() } else { order.bill_to.clone() };
        lower(&mut order.ship_to);
    }
    if says_same(&order.bill_to) {
        order.bill_to = if order.buyer.is_absent() { order.ship_to.clone() } else { order.buyer.clone() };
        lower(&mut order.bill_to);
    }
}

/// A party taken from another block is less sure.
fn lower(party: &mut DraftParty) {
    for reading in
        [&mut party.name, &mut party.street, &mut party.city, &mut party.region, &mut party.postal_code, &mut party.country]
    {
        if let Reading::Found(field) = reading {
            field.confidence = field.confidence.min(crate::model::Confidence::percent(confidence::GENERIC));
        }
    }
}

/// The unlabelled address at the top of the first page: the buyer's letterhead, or the seller's address in the window.
fn letterhead(sheet: &Sheet<'_>, company: &Company, table_line: usize, order: &mut DraftOrder) {
    if !order.buyer.name.is_absent() && !order.seller.name.is_absent() {
        return;
    }
    let mut blocks = free_blocks(sheet, table_line);
    blocks.retain(|b| {
        // The rest of a labelled block is no letterhead: it shares a line with it.
        let same = |p: &Reading<String>, b: &Reading<String>| !p.is_absent() && !b.is_absent() && p.spans() == b.spans();
        let taken = |p: &DraftParty| {
            same(&p.name, &b.name) || same(&p.street, &b.name) || same(&p.postal_code, &b.postal_code) && !same(&p.city, &b.name)
        };
        !taken(&order.ship_to) && !taken(&order.bill_to) && !taken(&order.seller) && !taken(&order.buyer)
    });
    let ours = |p: &DraftParty| is_us(p, company);
    if order.seller.name.is_absent()
        && let Some(at) = blocks.iter().position(ours)
    {
        order.seller = blocks.remove(at);
    }
    if order.buyer.name.is_absent()
        && let Some(at) = blocks.iter().position(|b| !ours(b) || !order.seller.name.is_absent() && !ours(&order.seller))
    {
        order.buyer = blocks.remove(at);
    }
    if order.seller.name.is_absent()
        && let Some(block) = blocks.into_iter().find(|b| !b.city.is_absent())
    {
        order.seller = block;
    }
}

/// Unlabelled blocks above the table that read like a party: a name with a legal form, or with a town below it.
fn free_blocks(sheet: &Sheet<'_>, table_line: usize) -> Vec<DraftParty> {
    let mut out: Vec<DraftParty> = Vec::new();
    let mut used: Vec<(usize, usize)> = Vec::new();
    for line_index in 0..table_line.min(sheet.lines.len()).min(60) {
        let line = &sheet.lines[line_index];
        if line.page != 0 {
            break;
        }
        for (segment_index, segment) in line.segments.iter().enumerate() {
            let labelled = labels::hits(segment).first().is_some_and(|h| h.start <= 1);
            if labelled
                || used.contains(&(line_index, segment_index))
                || !segment.text.chars().any(char::is_alphabetic)
                || segment.text.len() > 110
            {
                continue;
            }
            // `Acme GmbH · Hauptstr. 1 · 80331 München` above an address window is its sender.
            if let Some(party) = sender_line(sheet, segment, line_index) {
                out.push(party);
                continue;
            }
            let mut lines = vec![BlockLine { segment: segment.clone(), line: line_index }];
            let mut places = vec![(line_index, segment_index)];
            let mut bottom = line.y1;
            for (next_index, next) in sheet.lines.iter().enumerate().skip(line_index + 1).take(9) {
                if next.page != line.page || next.y0 - bottom > BLOCK_GAP * line.height().min(16.0) {
                    break;
                }
                let aligned = |s: &Segment<'_>| {
                    (s.x0 - segment.x0).abs() < 5.0
                        || (s.x1 - segment.x1).abs() < 3.0
                        || ((s.x0 + s.x1) - (segment.x0 + segment.x1)).abs() < 6.0
                };
                let Some((k, found)) = next.segments.iter().enumerate().find(|(_, s)| aligned(s)) else { continue };
                if ends_block(found) {
                    break;
                }
                bottom = next.y1;
                lines.push(BlockLine { segment: found.clone(), line: next_index });
                places.push((next_index, k));
            }
            let legal = address::has_legal_form(&segment.text) && segment.text.len() < 70;
            let party = party_of(sheet, &Block { lines }, confidence::GENERIC);
            let has_town = !party.postal_code.is_absent();
            // What was taken as the name is the block's first line, and no sentence.
            let named = party
                .name
                .value()
                .is_some_and(|n| segment.text.starts_with(n.as_str()) && n.split(' ').count() <= 8 && !n.ends_with(':'));
            if named && (has_town || legal) {
                used.extend(places);
                out.push(party);
            }
        }
    }
    out
}

fn sender_line(sheet: &Sheet<'_>, segment: &Segment<'_>, line: usize) -> Option<DraftParty> {
    let separator = ['·', '•', '|', '–', '*', '∙'].into_iter().find(|c| segment.text.matches(*c).count() >= 1)?;
    let pieces: Vec<&str> = segment.text.split(separator).map(str::trim).filter(|p| !p.is_empty()).collect();
    let [name, .., last] = pieces.as_slice() else { return None };
    let town = address::town(last).or_else(|| pieces.iter().rev().nth(1).and_then(|p| address::town(p)))?;
    town.postal_code?;
    let block = BlockLine { segment: segment.clone(), line };
    let mut party = DraftParty::default();
    let at = |piece: &str| segment.text.find(piece).map(|a| (a, a + piece.len()));
    let put = |piece: &str| -> Reading<String> {
        at(piece).map_or(Reading::Absent, |(a, b)| field(sheet, &block, piece.to_owned(), a, b, confidence::GENERIC))
    };
    party.name = put(name);
    if pieces.len() > 2 {
        party.street = put(pieces[1]);
    }
    let town_piece = if address::town(last).is_some() { last } else { pieces.iter().rev().nth(1)? };
    if let Some(town) = address::town(town_piece) {
        party.postal_code = town.postal_code.map_or(Reading::Absent, |(a, b)| put(&town_piece[a..b]));
        party.city = town.city.map_or(Reading::Absent, |(a, b)| put(&town_piece[a..b]));
    }
    Some(party)
}

/// Whether a party is our own company, by name or VAT number.
pub(crate) fn is_us(party: &DraftParty, company: &Company) -> bool {
    let names = std::iter::once(&company.name).chain(&company.also_known_as).filter(|n| !n.trim().is_empty());
    let key = |t: &str| fold(t).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let printed = party.name.likeliest().map(|f| key(&f.value)).unwrap_or_default();
    let by_name = !printed.is_empty() && names.map(|n| key(n)).any(|n| n.len() >= 4 && (printed == n || printed.starts_with(&n)));
    let by_vat = party.vat_id.likeliest().is_some_and(|f| company.vat_ids.iter().any(|v| !v.is_empty() && key(v) == key(&f.value)));
    let by_gln = party.gln.likeliest().is_some_and(|f| company.glns.iter().any(|g| !g.is_empty() && *g == f.value));
    by_name || by_vat || by_gln
}

/// "Customer" on a supplier's own form may be us: then the other one is the buyer. Only where labels were weak.
fn swap_when_we_are_the_buyer_block(company: &Company, order: &mut DraftOrder) {
    let weak = |r: &Reading<String>| r.found().is_some_and(|f| f.confidence.as_percent() <= confidence::GENERIC);
    if is_us(&order.buyer, company) && !is_us(&order.seller, company) && weak(&order.buyer.name) && weak(&order.seller.name) {
        std::mem::swap(&mut order.buyer, &mut order.seller);
    }
}
