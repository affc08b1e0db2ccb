//! Addresses without a label at the top of the first page: whose the letterhead is, and who stands in the window of the envelope.

use super::address;
use super::items::confidence;
use super::labels;
use super::lines::{Segment, Sheet};
use super::parties::{BLOCK_GAP, Block, BlockLine, ends_block, field, is_us, party_of};
use crate::model::{Company, DraftOrder, DraftParty, Reading};

/// The unlabelled address at the top of the first page: the buyer's letterhead, or the seller's address in the window.
pub(super) fn letterhead(sheet: &Sheet<'_>, company: &Company, table_line: usize, order: &mut DraftOrder) {
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
