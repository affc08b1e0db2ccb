//! The header of an item table: which words head which column, and what the column holds. Where the columns' edges lie in the rows
//! below is found from the rows themselves.

use super::lines::{Line, Segment, Sheet, fold, tokenize};
use crate::reading::extraction::lexicon;
use crate::reading::extraction::lexicon::index::Index;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    LineNo,
    /// "Item": the line's number, the part's number or the description; the cells decide.
    Item,
    /// A part number that does not say whose. On a purchase order it is the buyer's (DOMAIN 31).
    Part,
    BuyerPart,
    /// Ours, as the buyer calls it: "your part", "vendor part".
    SupplierPart,
    ManufacturerPart,
    Gtin,
    Description,
    Quantity,
    Unit,
    Price,
    Basis,
    Discount,
    Amount,
    /// Line amount including tax.
    GrossAmount,
    TaxRate,
    TaxAmount,
    Date,
    /// The purchase order's number, repeated on each row of an export.
    OrderNo,
    /// The purchase order's date, repeated on each row of an export.
    OrderDate,
    /// Known and of no use: quantity received, weight, account.
    Ignored,
}

/// The lexicon's keys; where two languages use one word for two roles, the earlier here is meant.
pub(crate) const KEYS: [(&str, Role); 21] = [
    ("order_no", Role::OrderNo),
    ("order_date", Role::OrderDate),
    ("line_no", Role::LineNo),
    ("item", Role::Item),
    ("part", Role::Part),
    ("buyer_part", Role::BuyerPart),
    ("supplier_part", Role::SupplierPart),
    ("manufacturer_part", Role::ManufacturerPart),
    ("gtin", Role::Gtin),
    ("description", Role::Description),
    ("quantity", Role::Quantity),
    ("unit", Role::Unit),
    ("price", Role::Price),
    ("basis", Role::Basis),
    ("discount", Role::Discount),
    ("amount", Role::Amount),
    ("gross_amount", Role::GrossAmount),
    ("tax_rate", Role::TaxRate),
    ("tax_amount", Role::TaxAmount),
    ("date", Role::Date),
    ("ignored", Role::Ignored),
];

static INDEX: LazyLock<Index<Role>> = LazyLock::new(|| Index::of("columns", &KEYS));
/// Whose part number a head means.
static OWNERS: LazyLock<Index<Role>> = LazyLock::new(|| Index::of("owners", &KEYS));

/// The other parts that heads are put together from.
struct Parts {
    things: HashSet<&'static str>,
    numbers: HashSet<&'static str>,
    /// Owners that may stand behind the thing, as in `code article fournisseur`; the others only stand before it.
    behind: HashSet<&'static str>,
}

static PARTS: LazyLock<Parts> = LazyLock::new(|| {
    let words = |key| lexicon::set("owners", key);
    Parts { things: words("thing"), numbers: words("number"), behind: words("behind") }
});

/// A composed head at token `i`: `vendor part no`, `réf. fournisseur`, `code article fournisseur`, `Lieferanten-Art.-Nr.`
fn composed_at(tokens: &[String], i: usize) -> Option<(usize, Role)> {
    let owner = |k: usize| -> Option<(usize, Role)> {
        let token = tokens.get(k)?;
        let owner = OWNERS.at(std::slice::from_ref(token)).next()?;
        let possessive = tokens.get(k + 1).is_some_and(|t| t == "s");
        Some((1 + usize::from(possessive), owner.meaning))
    };
    let parts = &*PARTS;
    let is_in = |list: &HashSet<&str>, k: usize| tokens.get(k).is_some_and(|t| list.contains(t.as_str()));
    if let Some((used, role)) = owner(i) {
        if !is_in(&parts.things, i + used) {
            return None;
        }
        let number = is_in(&parts.numbers, i + used + 1);
        return Some((used + 1 + usize::from(number), role));
    }
    // The thing or the number first, the owner behind.
    let first = if is_in(&parts.things, i) || is_in(&parts.numbers, i) { 1 } else { return None };
    let second = usize::from(is_in(&parts.things, i + first) || is_in(&parts.numbers, i + first));
    let (used, role) = owner(i + first + second)?;
    // `Item Number Supplier Item`: an owner that stands before its thing belongs to the next head.
    let is_next = is_in(&parts.things, i + first + second + used) && !is_in(&parts.behind, i + first + second);
    if is_next {
        return None;
    }
    (is_in(&parts.things, i) || second == 1).then_some((first + second + used, role))
}

/// The longest phrase at token `i`, from the table or put together.
fn phrase_at(tokens: &[String], i: usize) -> Option<(usize, Role)> {
    let listed = INDEX.longest(tokens.get(i..)?).map(|phrase| (phrase.tokens, phrase.meaning));
    let composed = composed_at(tokens, i);
    match (listed, composed) {
        (Some(l), Some(c)) => Some(if c.0 > l.0 { c } else { l }),
        (one, other) => one.or(other),
    }
}

fn texts(text: &str) -> Vec<String> {
    tokenize(text).into_iter().map(|t| t.text).collect()
}

/// The head of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    pub text: String,
    /// Usually one; two where a column holds two things: "Qty / Unit". Empty for unknown words.
    pub roles: Vec<Role>,
    /// What the head's further lines name, where they name something else: the item's next rows hold it in this column, side by side
    /// where a line names several.
    pub below: Vec<Vec<Role>>,
    pub x0: f32,
    pub x1: f32,
}

impl Head {
    pub(crate) fn new(text: String, roles: Vec<Role>, x0: f32, x1: f32) -> Self {
        Self { text, roles, below: Vec::new(), x0, x1 }
    }

    pub(crate) fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// What a label for the whole text would be: used where a price head names its base ("Price per 100").
    pub(crate) fn number_in_text(&self) -> Option<u32> {
        tokenize(&self.text)
            .iter()
            .find_map(|t| matches!(t.text.as_str(), "10" | "100" | "1000").then(|| t.text.parse().ok()).flatten())
    }
}

/// A header of one row, or of two where an item has two rows with columns of their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// First and last line of the header.
    pub first: usize,
    pub last: usize,
    pub rows: Vec<Vec<Head>>,
}

impl Header {
    pub(crate) fn heads(&self) -> impl Iterator<Item = &Head> {
        self.rows.iter().flatten()
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.heads().any(|h| h.is(role))
    }

    /// How much of an item table it describes.
    pub(crate) fn weight(&self) -> usize {
        let wanted = [
            Role::Quantity,
            Role::Price,
            Role::Amount,
            Role::Description,
            Role::Unit,
            Role::Part,
            Role::Item,
            Role::LineNo,
            Role::SupplierPart,
        ];
        wanted.iter().filter(|r| self.has(**r)).count() + usize::from(self.has(Role::Quantity)) + usize::from(self.has(Role::Price))
    }

    /// Whether another header heads the same table again.
    pub(crate) fn is_like(&self, other: &Header) -> bool {
        let shape = |h: &Header| h.rows.iter().map(Vec::len).collect::<Vec<_>>();
        if shape(self) != shape(other) {
            return false;
        }
        let texts: Vec<&str> = other.heads().map(|h| h.text.as_str()).collect();
        let same = self.heads().filter(|h| texts.contains(&h.text.as_str())).count();
        same * 5 >= self.heads().count().max(texts.len()) * 3
    }
}

/// All item table headers of the document.
pub(crate) fn headers(sheet: &Sheet<'_>) -> Vec<Header> {
    let mut found: Vec<Header> = Vec::new();
    let mut i = 0;
    while i < sheet.lines.len() {
        match header_at(sheet, i) {
            Some(mut header) => {
                complete_from_above(sheet, &mut header);
                i = header.last + 1;
                found.push(header);
            }
            None => i += 1,
        }
    }
    found
}

/// Most lines that a header is looked for in.
const MAX_HEADER_LINES: usize = 4;

fn header_at(sheet: &Sheet<'_>, start: usize) -> Option<Header> {
    let single = heads_of_line(&sheet.lines[start]);
    if !line_may_head(&sheet.lines[start]) {
        return None;
    }
    let near = |a: usize, b: usize| {
        let (upper, lower) = (&sheet.lines[a], &sheet.lines[b]);
        upper.page == lower.page && lower.y0 - upper.y1 < 0.9 * upper.height()
    };
    if is_item_header(&single) {
        return Some(extend_down(sheet, start, single, near));
    }
    // The header may only be one when two or three rows are read together.
    let mut merged = single;
    if merged.iter().all(|h| h.roles.is_empty()) {
        return None;
    }
    for last in start + 1..(start + MAX_HEADER_LINES).min(sheet.lines.len()) {
        if !near(last - 1, last) || !line_may_head(&sheet.lines[last]) {
            return None;
        }
        let next = heads_of_line(&sheet.lines[last]);
        if is_item_header(&next) && merged.iter().filter(|h| !h.roles.is_empty()).count() * 2 < merged.len() {
            return None; // a header of its own follows; what stood above were other words
        }
        let (joined, clashes, _) = merge(&merged, &next);
        let names =
            merged.iter().filter(|h| h.is(Role::Description) || h.is(Role::Part) || h.is(Role::Item) || h.is(Role::LineNo)).count();
        let figures = next.iter().filter(|h| h.is(Role::Quantity) || h.is(Role::Price) || h.is(Role::Amount)).count();
        // Names above, figures below, and words that would clash in one head: an item has two rows.
        if clashes >= 1 && names >= 2 && figures >= 2 {
            return Some(Header { first: start, last, rows: vec![merged, next] });
        }
        merged = joined;
        if is_item_header(&merged) {
            let mut header = extend_down(sheet, last, merged, near);
            header.first = start;
            return Some(header);
        }
    }
    None
}

/// `Vendor` in a line of its own above `Item` and `Number`: words above a head that make one phrase with it are its first words.
fn complete_from_above(sheet: &Sheet<'_>, header: &mut Header) {
    let first = &sheet.lines[header.first];
    let above = sheet.lines[..header.first].iter().rev().take(2);
    let near = above.take_while(|l| l.page == first.page && first.y0 - l.y1 < 1.6 * first.height() && l.segments.len() <= 8);
    // `Buyer: Tom Fielding` above a table is no part of its header.
    let near = near.filter(|l| !l.text().contains(':') && l.segments.iter().all(|s| s.words.len() <= 2));
    for segment in near.flat_map(|l| &l.segments) {
        let Some(head) = header.rows[0].iter_mut().find(|h| segment.x0 < h.x1 && segment.x1 > h.x0) else { continue };
        let text = format!("{} {}", segment.text, head.text);
        if let Some(role) = exact_role(&text).filter(|_| !head.is(Role::Item) || head.text.contains(' ')) {
            head.text = text;
            head.roles = vec![role];
        }
    }
}

/// Adds following lines that continue the header: each piece of them completes a head or is a head's word itself.
fn extend_down(sheet: &Sheet<'_>, start: usize, heads: Vec<Head>, near: impl Fn(usize, usize) -> bool) -> Header {
    let mut header = Header { first: start, last: start, rows: vec![heads] };
    for next in start + 1..(start + MAX_HEADER_LINES).min(sheet.lines.len()) {
        if !near(next - 1, next)
            || !line_may_head(&sheet.lines[next])
            || sheet.lines[next].text().bytes().filter(u8::is_ascii_digit).count() > 3
        {
            break;
        }
        let lower = heads_of_line(&sheet.lines[next]);
        let Some(upper) = header.rows.last() else { break };
        let (merged, clashes, strangers) = merge(upper, &lower);
        let known = lower.iter().filter(|h| !h.roles.is_empty()).count();
        if strangers > 0 || (known == 0 && !lower.iter().all(|h| completes(&h.text))) {
            break;
        }
        if clashes >= 1
            && known >= 2
            && lower.iter().any(|h| h.is(Role::Quantity) || h.is(Role::Price) || h.is(Role::Amount))
            && header.rows.len() == 1
        {
            header.rows.push(lower);
        } else {
            let at = header.rows.len() - 1;
            header.rows[at] = merged;
        }
        header.last = next;
    }
    header
}

/// Words that only complete a head above them.
fn completes(text: &str) -> bool {
    let tokens = tokenize(text);
    tokens.is_empty()
        || text.trim_start().starts_with(['(', '['])
        || tokens.iter().all(|t| {
            crate::model::Currency::parse(&t.text).is_some()
                || matches!(
                    t.text.as_str(),
                    "no" | "number"
                        | "nr"
                        | "n"
                        | "ht"
                        | "price"
                        | "date"
                        | "excl"
                        | "vat"
                        | "btw"
                        | "mwst"
                        | "net"
                        | "netto"
                        | "ordered"
                        | "in"
                        | "of"
                        | "measure"
                        | "euro"
                        | "cost"
                        | "amount"
                        | "code"
                        | "unit"
                        | "total"
                        | "value"
                        | "hors"
                        | "taxes"
                        | "iva"
                        | "ex"
                        | "incl"
                        | "tax"
                        | "usd"
                        | "unitaire"
                        | "unitario"
                        | "rate"
                )
        })
}

/// A header line has words, few figures, and is no sentence.
fn line_may_head(line: &Line<'_>) -> bool {
    let text = line.text();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits <= 6 && text.len() < 260 && text.chars().any(char::is_alphabetic) && covered(&text)
}

/// At least half of the words are words of column heads: prose that mentions a price and a quantity is no header.
fn covered(text: &str) -> bool {
    let tokens = texts(text);
    let (mut known, mut i) = (0, 0);
    while i < tokens.len() {
        let count = phrase_at(&tokens, i).map_or(0, |(n, _)| n);
        known += count;
        i += count.max(1);
    }
    let free = tokens.iter().filter(|t| crate::model::Currency::parse(t).is_some()).count();
    (known + free) * 2 >= tokens.len()
}

/// Enough to be the header of an item table.
fn is_item_header(heads: &[Head]) -> bool {
    let has = |role: Role| heads.iter().any(|h| h.is(role));
    let known = heads.iter().filter(|h| !h.roles.is_empty()).count();
    let names = has(Role::Description)
        || has(Role::Part)
        || has(Role::Item)
        || has(Role::SupplierPart)
        || has(Role::BuyerPart)
        || has(Role::Gtin);
    let figures =
        usize::from(has(Role::Quantity)) + usize::from(has(Role::Price)) + usize::from(has(Role::Amount) || has(Role::GrossAmount));
    let enough = (has(Role::Quantity) && (names || figures >= 2 || has(Role::Unit))) || (names && figures >= 2);
    enough && heads.len() >= 2 && known * 2 >= heads.len()
}

/// The heads in one line, by phrase; unknown words join the head before them in the same segment.
fn heads_of_line(line: &Line<'_>) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    for segment in &line.segments {
        heads.extend(heads_of_segment(segment));
    }
    heads
}

fn heads_of_segment(segment: &Segment<'_>) -> Vec<Head> {
    let tokens = &segment.tokens;
    let whole = roles_of(&segment.text);
    if tokens.is_empty() {
        return vec![Head::new(segment.text.clone(), Vec::new(), segment.x0, segment.x1)];
    }
    if whole.len() == 1 && phrase_len(segment, 0) == tokens.len() {
        return vec![Head::new(segment.text.clone(), whole, segment.x0, segment.x1)];
    }
    let mut heads: Vec<Head> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let count = phrase_len(segment, i);
        let end = tokens[i + count.max(1) - 1].end;
        let joined = joins(&segment.text, tokens[i].start);
        let piece = segment.text.get(tokens[i].start..end).unwrap_or("").to_owned();
        let (x0, x1) = (segment.x_at(tokens[i].start), segment.x_at(end.saturating_sub(1)));
        let roles = if count > 0 { roles_of(&piece) } else { Vec::new() };
        match heads.last_mut() {
            // "(EUR)", "/ Unit", or an unknown word: part of the head before.
            Some(last) if joined || count == 0 => {
                last.text = format!("{} {piece}", last.text);
                last.x1 = segment_right(segment, end);
                for role in roles {
                    if !last.roles.contains(&role) {
                        last.roles.push(role);
                    }
                }
            }
            // An unknown word in front of a name is part of it: `Unsere Materialnr.`, `Catalog # / Item description`.
            Some(last)
                if last.roles.is_empty()
                    && count > 0
                    && [[Role::Part], [Role::Description], [Role::LineNo]].iter().any(|r| roles == r) =>
            {
                let owned = roles_of(&format!("{} part no", last.text));
                let is_owned = owned.len() == 1 && owned[0] != Role::Part && roles == [Role::Part];
                last.text = format!("{} {piece}", last.text);
                last.x1 = segment_right(segment, end).max(x1);
                // `Currency code`, `Project no.`: whose code it is says the word in front.
                let bare = matches!(fold(&piece).as_str(), "code" | "number" | "no" | "nr" | "id" | "ref" | "reference");
                last.roles = if is_owned {
                    owned
                } else if bare {
                    Vec::new()
                } else if roles == [Role::LineNo] {
                    vec![Role::Part]
                } else {
                    roles
                };
            }
            _ => heads.push(Head::new(piece, roles, x0, segment_right(segment, end).max(x1))),
        }
        i += count.max(1);
    }
    heads
}

fn segment_right(segment: &Segment<'_>, end: usize) -> f32 {
    segment.words_in(end.saturating_sub(1), end).last().map_or(segment.x1, |w| w.bbox[2])
}

/// Whether the piece at `start` is tied to the one before by a slash, a bracket or an "and".
fn joins(text: &str, start: usize) -> bool {
    let before = text[..start].trim_end();
    before.ends_with(['/', '(', '&', '+', '-', '[', '\\']) && !before.is_empty()
}

/// Length of the longest phrase at token `i`, in tokens.
fn phrase_len(segment: &Segment<'_>, i: usize) -> usize {
    let tokens: Vec<String> = segment.tokens[i..].iter().take(6).map(|t| t.text.clone()).collect();
    phrase_at(&tokens, 0).map_or(0, |(n, _)| n)
}

/// The roles that a head's whole text stands for: one for a known phrase, several for phrases tied together.
pub(crate) fn roles_of(text: &str) -> Vec<Role> {
    let tokens = texts(text);
    let mut roles: Vec<Role> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match phrase_at(&tokens, i) {
            Some((count, role)) => {
                if !roles.contains(&role) {
                    roles.push(role);
                }
                i += count;
            }
            None => i += 1,
        }
    }
    settle(roles)
}

/// The role of a text that is one known phrase and nothing more.
pub(crate) fn exact_role(text: &str) -> Option<Role> {
    let tokens = texts(text);
    phrase_at(&tokens, 0).filter(|(count, _)| *count == tokens.len()).map(|(_, role)| role)
}

/// A head of several phrases: the telling one wins over the filling one ("Unit price (per item)").
fn settle(mut roles: Vec<Role>) -> Vec<Role> {
    if roles.len() > 1 {
        let has = |r: Role, roles: &[Role]| roles.contains(&r);
        if has(Role::GrossAmount, &roles) || has(Role::TaxAmount, &roles) {
            roles.retain(|r| !matches!(r, Role::TaxRate | Role::Amount | Role::Price));
        }
        if has(Role::Price, &roles) || has(Role::Amount, &roles) {
            roles.retain(|r| {
                !matches!(r, Role::Unit | Role::TaxRate | Role::Item | Role::Basis | Role::Quantity) || (*r == Role::Basis)
            });
        }
        if has(Role::Price, &roles) && has(Role::Amount, &roles) {
            roles.retain(|r| *r != Role::Price);
        }
        if has(Role::Part, &roles)
            || has(Role::SupplierPart, &roles)
            || has(Role::BuyerPart, &roles)
            || has(Role::Description, &roles)
        {
            roles.retain(|r| !matches!(r, Role::Item | Role::LineNo | Role::Ignored));
        }
        if has(Role::Date, &roles) {
            roles.retain(|r| matches!(r, Role::Date | Role::Quantity));
        }
    }
    roles
}

/// Joins a lower header row to an upper one by place. Also counts heads whose two rows name different things, and lower
/// words that belong to no head.
fn merge(upper: &[Head], lower: &[Head]) -> (Vec<Head>, usize, usize) {
    let mut merged: Vec<Head> = upper.to_vec();
    let (mut clashes, mut strangers) = (0, 0);
    for low in lower {
        let overlap = |h: &Head| (h.x1.min(low.x1) - h.x0.max(low.x0)) / (h.x1 - h.x0).min(low.x1 - low.x0).max(1.0);
        let best = merged.iter().enumerate().map(|(i, h)| (i, overlap(h))).max_by(|a, b| a.1.total_cmp(&b.1));
        match best {
            Some((i, share)) if share > 0.2 => {
                let text = format!("{} {}", merged[i].text, low.text);
                let (joined, high) = (roles_of(&text), roles_of(&merged[i].text));
                let is_phrase = joined.len() == 1 && !joined.is_empty();
                let mut below = std::mem::take(&mut merged[i].below);
                if !is_phrase && !high.is_empty() && !low.roles.is_empty() && high != low.roles {
                    clashes += 1;
                    below.push(low.roles.clone());
                }
                let roles = if is_phrase || high.is_empty() { joined } else { high };
                merged[i] = Head { text, roles, below, x0: merged[i].x0.min(low.x0), x1: merged[i].x1.max(low.x1) };
            }
            // Behind a line that names something else than the head above it, a further name belongs to the same row.
            _ if clashes > 0 && names_item(&low.roles) && merged.iter().any(|h| !h.below.is_empty() && h.x0 < low.x0) => {
                if let Some(row) =
                    merged.iter_mut().rev().find(|h| h.x0 < low.x0 && !h.below.is_empty()).and_then(|h| h.below.last_mut())
                {
                    row.extend(&low.roles);
                }
            }
            _ if !low.roles.is_empty() => merged.push(low.clone()),
            _ => strangers += 1,
        }
    }
    merged.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    (merged, clashes, strangers)
}

/// Part numbers and descriptions.
fn names_item(roles: &[Role]) -> bool {
    !roles.is_empty()
        && roles.iter().all(|r| {
            matches!(r, Role::Part | Role::BuyerPart | Role::SupplierPart | Role::ManufacturerPart | Role::Gtin | Role::Description)
        })
}

/// Prices or amounts are among the columns.
pub(crate) fn have_money<'h>(heads: impl IntoIterator<Item = &'h Head>) -> bool {
    heads.into_iter().any(|h| h.is(Role::Price) || h.is(Role::Amount) || h.is(Role::GrossAmount))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_in_six_languages() {
        for (text, role) in [
            ("Unit Price", Role::Price),
            ("Unit Price (USD)", Role::Price),
            ("Qty Ordered", Role::Quantity),
            ("Einzelpreis", Role::Price),
            ("Gesamtpreis EUR", Role::Amount),
            ("Ihre Art.-Nr.", Role::SupplierPart),
            ("Vendor Part #", Role::SupplierPart),
            ("Our part no.", Role::BuyerPart),
            ("P.U. HT", Role::Price),
            ("Q.tà", Role::Quantity),
            ("Cantidad", Role::Quantity),
            ("Omschrijving", Role::Description),
            ("Total incl. VAT", Role::GrossAmount),
            ("Montant HT", Role::Amount),
            ("Delivery Date", Role::Date),
            ("Price per unit", Role::Price),
            ("Net value", Role::Amount),
            ("Mfr. P/N", Role::ManufacturerPart),
        ] {
            assert_eq!(roles_of(text).first(), Some(&role), "{text}");
        }
        assert_eq!(roles_of("Qty / UOM"), vec![Role::Quantity, Role::Unit]);
        let heads = |text: &str| -> Vec<Vec<Role>> {
            let document = crate::reading::document::read(text.as_bytes(), "a.txt", &crate::reading::document::Limits::default());
            heads_of_line(&Sheet::of(&document).lines[0]).into_iter().map(|h| h.roles).collect()
        };
        assert_eq!(heads("Unsere Materialnr.    Menge"), vec![vec![Role::BuyerPart], vec![Role::Quantity]]);
        assert_eq!(heads("Ihre Materialnr.    Menge"), vec![vec![Role::SupplierPart], vec![Role::Quantity]]);
        assert_eq!(heads("Catalog # / Item Description    Qty")[0], vec![Role::Part, Role::Description]);
    }
}
