//! Items printed as blocks of labelled values instead of rows: `Line 1 Safety goggles`, `Your part: X-1`, `Qty: 30  Unit: EA  Price: 5.85`.
//! The blocks are made into a table, a column for each label, so that all that is known about tables holds for them too.
//! Items in sentences are not here (`free_lines`).

use super::cells::{Cell, Row, is_line_number, quantity_figure};
use super::columns::{self, Head, Role};
use super::lines::{Line, Segment, Sheet};
use super::table::{Extra, Item, Table};
use crate::reading::document::Word;

/// A value with the label before it.
struct Pair<'a> {
    role: Role,
    label: String,
    words: Vec<&'a Word>,
    line: usize,
}

/// The pairs and the opening line of one item.
#[derive(Default)]
struct Block<'a> {
    opening: Option<Opening<'a>>,
    pairs: Vec<Pair<'a>>,
}

/// `Line 1 Safety goggles`: the line above the labels, its number and its words.
struct Opening<'a> {
    line: usize,
    number: Vec<&'a Word>,
    words: Vec<&'a Word>,
}

impl Block<'_> {
    fn has(&self, role: Role) -> bool {
        self.pairs.iter().any(|p| p.role == role)
    }

    fn last_line(&self) -> Option<usize> {
        self.pairs.iter().map(|p| p.line).max()
    }

    /// A quantity that is one, and something it is a quantity of.
    fn orders_something(&self) -> bool {
        let counted = self.pairs.iter().any(|p| p.role == Role::Quantity && quantity_figure(&text_of(&p.words)).is_some());
        let named = self.opening.is_some()
            || self.pairs.iter().any(|p| {
                matches!(
                    p.role,
                    Role::Description
                        | Role::Item
                        | Role::Part
                        | Role::BuyerPart
                        | Role::SupplierPart
                        | Role::ManufacturerPart
                        | Role::Gtin
                )
            });
        counted && named
    }
}

/// The blocks of a stretch of lines as a table; `None` where no item is printed like this.
pub(crate) fn find<'a>(sheet: &Sheet<'a>, range: std::ops::Range<usize>) -> Option<Table<'a>> {
    let mut blocks: Vec<Block<'a>> = blocks_of(sheet, range).into_iter().filter(Block::orders_something).collect();
    // The order's total stands behind the last item under the same label as a line's.
    let earlier_have_amounts = blocks.len() < 2 || blocks[..blocks.len() - 1].iter().all(|b| b.has(Role::Amount));
    if let Some(last) = blocks.last_mut()
        && !earlier_have_amounts
    {
        last.pairs.retain(|p| !matches!(p.role, Role::Amount | Role::GrossAmount));
    }
    let first_line = blocks.first().map(first_line)?;
    let end_line = blocks.iter().filter_map(Block::last_line).max()? + 1;
    let columns = columns_of(&blocks);
    let items = blocks.into_iter().map(|block| item_of(sheet, &columns, block)).collect();
    Some(Table { columns, items, charges: Vec::new(), first_line, end_line, uncovered: Vec::new() })
}

fn first_line(block: &Block<'_>) -> usize {
    let opening = block.opening.as_ref().map(|o| o.line);
    opening.into_iter().chain(block.pairs.iter().map(|p| p.line)).min().unwrap_or_default()
}

/// Pairs in reading order, cut where an opening line stands or a label comes again.
fn blocks_of<'a>(sheet: &Sheet<'a>, range: std::ops::Range<usize>) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let mut above: Option<Opening<'a>> = None;
    for index in range {
        let line = &sheet.lines[index];
        if line.furniture {
            continue;
        }
        let pairs = pairs_of(line, index);
        if pairs.is_empty() {
            above = opening_of(line, index);
            continue;
        }
        for pair in pairs {
            let opens = above.as_ref().is_some_and(|o| is_right_below(sheet, o.line, index));
            let again = blocks.last().is_none_or(|b| b.has(pair.role));
            let far = blocks.last().and_then(Block::last_line).is_some_and(|last| !is_near(sheet, last, index));
            if opens || again || far {
                let opening = above.take().filter(|_| opens);
                blocks.push(Block { opening, pairs: Vec::new() });
            }
            if let Some(block) = blocks.last_mut() {
                block.pairs.push(pair);
            }
        }
        above = None;
    }
    blocks
}

fn is_right_below(sheet: &Sheet<'_>, upper: usize, lower: usize) -> bool {
    let (upper, lower) = (&sheet.lines[upper], &sheet.lines[lower]);
    upper.page == lower.page && lower.y0 - upper.y1 < 1.2 * upper.height()
}

/// Within a block no more than a line or two is left empty.
fn is_near(sheet: &Sheet<'_>, upper: usize, lower: usize) -> bool {
    let (upper, lower) = (&sheet.lines[upper], &sheet.lines[lower]);
    upper.page != lower.page || lower.y0 - upper.y1 < 2.6 * upper.height()
}

/// `Line 1 Safety goggles`, `Pos. 10: Dichtung`, or the bare words of an article above its labels.
fn opening_of<'a>(line: &Line<'a>, index: usize) -> Option<Opening<'a>> {
    let words: Vec<&'a Word> = line.segments.iter().flat_map(|s| s.words.iter().copied()).collect();
    let first = words.first()?;
    let mut rest = words.as_slice();
    let mut number: Vec<&'a Word> = Vec::new();
    if matches!(columns::exact_role(&first.text), Some(Role::LineNo | Role::Item))
        && words.get(1).is_some_and(|w| is_line_number(&w.text))
    {
        (number, rest) = (vec![words[1]], &words[2..]);
    } else if is_line_number(&first.text) && words.len() > 1 {
        (number, rest) = (vec![*first], &words[1..]);
    }
    let says_something = rest.iter().any(|w| w.text.chars().any(char::is_alphabetic));
    let is_short = rest.len() <= 14 && !line.text().trim_end().ends_with(':');
    (is_short && (says_something || !number.is_empty())).then(|| Opening { line: index, number, words: rest.to_vec() })
}

/// The labelled values of a line, left to right: a known head with a colon behind it, and what stands up to the next one.
fn pairs_of<'a>(line: &Line<'a>, index: usize) -> Vec<Pair<'a>> {
    let words: Vec<&'a Word> = line.segments.iter().flat_map(|s| s.words.iter().copied()).collect();
    let whole = Segment::of(words);
    let tokens = &whole.tokens;
    let mut heads: Vec<(usize, usize, Role)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let found = (1..=(tokens.len() - at).min(5)).rev().find_map(|count| {
            let end = tokens[at + count - 1].end;
            let marked = whole.text[end..].trim_start_matches([' ', '.', ')', '°', 'º']).starts_with([':', '=']);
            let role = marked.then(|| columns::exact_role(&whole.text[tokens[at].start..end])).flatten()?;
            Some((count, end, role))
        });
        match found {
            Some((count, end, role)) => {
                heads.push((tokens[at].start, end, role));
                at += count;
            }
            None => at += 1,
        }
    }
    let ends: Vec<usize> = heads.iter().skip(1).map(|(start, _, _)| *start).chain([whole.text.len()]).collect();
    let mut pairs = Vec::new();
    for ((start, end, role), until) in heads.into_iter().zip(ends) {
        let rest = &whole.text[end..until];
        let value = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ')' | ':' | '=' | '°' | 'º'));
        let words = whole.words_in(until - value.len(), until);
        let words: Vec<&'a Word> = words.into_iter().filter(|w| w.text.chars().any(char::is_alphanumeric)).collect();
        if !words.is_empty() {
            pairs.push(Pair { role, label: whole.text[start..end].to_owned(), words, line: index });
        }
    }
    pairs
}

fn columns_of(blocks: &[Block<'_>]) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    let mut add = |role: Role, text: &str| {
        if heads.iter().all(|h| !h.is(role)) {
            heads.push(Head::new(text.to_owned(), vec![role], 0.0, 0.0));
        }
    };
    if blocks.iter().any(|b| b.opening.as_ref().is_some_and(|o| !o.number.is_empty())) {
        add(Role::LineNo, "");
    }
    for pair in blocks.iter().flat_map(|b| &b.pairs) {
        add(pair.role, &pair.label);
    }
    if blocks.iter().any(|b| b.opening.as_ref().is_some_and(|o| !o.words.is_empty())) {
        add(Role::Description, "");
    }
    heads
}

fn item_of<'a>(sheet: &Sheet<'a>, columns: &[Head], block: Block<'a>) -> Item<'a> {
    let line = block.pairs.iter().find(|p| p.role == Role::Quantity).map_or_else(|| first_line(&block), |p| p.line);
    let mut row: Row<'a> = vec![None; columns.len()];
    let mut put = |role: Role, words: Vec<&'a Word>, at: usize| {
        let column = columns.iter().position(|c| c.is(role));
        if let Some(slot) = column.and_then(|c| row.get_mut(c)).filter(|slot| slot.is_none())
            && !words.is_empty()
        {
            *slot = Some(Cell::of(words, sheet.lines[at].page));
        }
    };
    let mut lines: Vec<usize> = block.pairs.iter().map(|p| p.line).collect();
    for pair in block.pairs {
        put(pair.role, pair.words, pair.line);
    }
    if let Some(opening) = block.opening {
        put(Role::LineNo, opening.number, opening.line);
        put(Role::Description, opening.words, opening.line);
        lines.push(opening.line);
    }
    lines.sort_unstable();
    lines.dedup();
    let blank = |line: usize| Extra { line, row: vec![None; columns.len()], above: false };
    let extra = lines.into_iter().filter(|l| *l != line).map(blank).collect();
    Item { row, line, extra }
}

fn text_of(words: &[&Word]) -> String {
    words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::{self, Limits};

    fn cells(text: &str) -> Vec<Vec<(Role, String)>> {
        let document = document::read(text.as_bytes(), "order.txt", &Limits::default());
        let sheet = Sheet::of(&document);
        let Some(table) = find(&sheet, 0..sheet.lines.len()) else { return Vec::new() };
        let role = |c: usize| table.columns[c].roles[0];
        let of_item = |item: &Item<'_>| {
            item.row.iter().enumerate().filter_map(|(c, cell)| Some((role(c), cell.as_ref()?.text.clone()))).collect()
        };
        table.items.iter().map(of_item).collect()
    }

    #[test]
    fn blocks_of_labelled_values_are_items() {
        let text = "Purchase Order #77\nDate: 2026-11-01\n\nLine 1 Safety goggles clear\nSupplier Part Number: NW-2020\n\
                    Qty: 30    Unit: EA   Price: 5.85   Total: 175.50\n\nLine 2 Dust mask\nSupplier Part Number: NW-2060\n\
                    Qty: 400   Unit: EA   Price: 0.7654   Total: 306.16\n\n          Total: 481.66 GBP\n";
        let found = cells(text);
        assert_eq!(found.len(), 2);
        for (role, wanted) in [
            (Role::LineNo, "2"),
            (Role::Description, "Dust mask"),
            (Role::SupplierPart, "NW-2060"),
            (Role::Quantity, "400"),
            (Role::Unit, "EA"),
            (Role::Price, "0.7654"),
            (Role::Amount, "306.16"),
        ] {
            assert!(found[1].contains(&(role, wanted.to_owned())), "{role:?} {:?}", found[1]);
        }
    }

    #[test]
    fn blocks_in_other_languages() {
        for text in [
            "Artikelnummer: A-1\nBezeichnung: Dichtung\nMenge: 5 Stk\nEinzelpreis: 2,50\n\nArtikelnummer: A-2\nMenge: 7 Stk\n",
            "Référence: A-1\nQuantité: 5\nPrix unitaire: 2,50\n\nRéférence: A-2\nQuantité: 7\nPrix unitaire: 3,50\n",
            "Código: A-1\nCantidad: 5\nPrecio: 2,50\n\nCódigo: A-2\nCantidad: 7\nPrecio: 3,50\n",
            "Codice: A-1\nQuantità: 5\nPrezzo: 2,50\n\nCodice: A-2\nQuantità: 7\nPrezzo: 3,50\n",
            "Artikelcode: A-1\nAantal: 5\nPrijs: 2,50\n\nArtikelcode: A-2\nAantal: 7\nPrijs: 3,50\n",
        ] {
            let found = cells(text);
            assert_eq!(found.len(), 2, "{text}");
            assert!(found[1].iter().any(|(r, t)| *r == Role::Quantity && t.starts_with('7')), "{text} {found:?}");
            assert!(found[1].contains(&(Role::Part, "A-2".to_owned())), "{text} {found:?}");
        }
    }

    #[test]
    fn a_table_is_no_block() {
        let text = "Pos  Artikel  Menge  Preis\n1    A-1      5      2,50\n\nTotal qty: 5\nTotal: 12,50\n";
        assert!(cells(text).is_empty());
    }
}
