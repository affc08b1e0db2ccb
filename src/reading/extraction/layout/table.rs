//! The item table: which rows belong to it, which of them begin an item, and which words stand in which column.
//! What the cells mean is asked in `items`.

use super::columns::{self, Head, Header, Role};
use super::labels::{self, Label};
use super::lines::{Line, Segment, Sheet, fold};
use crate::reading::document::Word;
use crate::reading::extraction::numbers::{self, Amount};

/// Words of one row in one column.
#[derive(Debug, Clone)]
pub(crate) struct Cell<'a> {
    pub words: Vec<&'a Word>,
    pub text: String,
    pub page: usize,
}

impl<'a> Cell<'a> {
    pub(crate) fn of(words: Vec<&'a Word>, page: usize) -> Self {
        let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        Self { words, text, page }
    }
}

/// Cells of one row, one place a column.
pub(crate) type Row<'a> = Vec<Option<Cell<'a>>>;

/// A row of the table that begins an item, with the rows that go with it.
#[derive(Debug, Clone)]
pub(crate) struct Item<'a> {
    pub row: Row<'a>,
    /// Index into `Sheet::lines`.
    pub line: usize,
    /// Rows above (where the item's text is higher than its figures) and below it.
    pub extra: Vec<Extra<'a>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Extra<'a> {
    pub line: usize,
    pub row: Row<'a>,
    pub above: bool,
}

/// A freight, surcharge or discount row (DOMAIN 8).
#[derive(Debug, Clone)]
pub(crate) struct Charge<'a> {
    pub label: Label,
    pub row: Row<'a>,
    pub line: usize,
}

/// The item table of a document.
#[derive(Debug, Clone)]
pub(crate) struct Table<'a> {
    pub columns: Vec<Head>,
    pub items: Vec<Item<'a>>,
    pub charges: Vec<Charge<'a>>,
    /// First line of the header, and the line after the last row.
    pub first_line: usize,
    pub end_line: usize,
    /// Rows with a figure in the quantity column that began no item.
    pub uncovered: Vec<usize>,
}

impl Table<'_> {
    pub(crate) fn column(&self, role: Role) -> Option<usize> {
        self.columns.iter().position(|c| c.is(role))
    }
}

/// The item table with the most to say; `None` when no header with rows is found.
pub(crate) fn find<'a>(sheet: &Sheet<'a>, range: std::ops::Range<usize>) -> Option<Table<'a>> {
    let headers: Vec<Header> = columns::headers(sheet).into_iter().filter(|h| range.contains(&h.first)).collect();
    let mut best: Option<(usize, Table<'a>)> = None;
    let mut skip: Vec<usize> = Vec::new();
    for (i, header) in headers.iter().enumerate() {
        if skip.contains(&i) || best.is_some() && header.weight() < 3 {
            continue;
        }
        let again: Vec<usize> = (i + 1..headers.len()).filter(|k| headers[*k].is_like(header)).collect();
        skip.extend(&again);
        let mut parts: Vec<&Header> = vec![header];
        parts.extend(again.iter().map(|k| &headers[*k]));
        let others: Vec<usize> =
            headers.iter().enumerate().filter(|(k, _)| *k != i && !again.contains(k)).map(|(_, h)| h.first).collect();
        let table = rows_under(sheet, &parts, &others, range.end);
        let score = if table.items.is_empty() { 0 } else { header.weight() * 4 + table.items.len().min(20) };
        if score > 0 && best.as_ref().is_none_or(|(s, _)| score > *s) {
            best = Some((score, table));
        }
    }
    best.map(|(_, table)| table)
}

/// A stretch of lines under one header.
struct Stretch<'h> {
    header: &'h Header,
    from: usize,
    until: usize,
}

fn stretches<'h>(sheet: &Sheet<'_>, headers: &[&'h Header], others: &[usize], end: usize) -> Vec<Stretch<'h>> {
    let mut out: Vec<Stretch<'h>> = Vec::new();
    for (i, header) in headers.iter().enumerate() {
        let next = headers.get(i + 1).map(|h| h.first);
        let foreign = others.iter().copied().filter(|f| *f > header.last).min();
        let mut until = next.unwrap_or(end).min(foreign.unwrap_or(end)).min(end);
        // What stands on the next page above its repeated header belongs to no table.
        if let Some(next) = next
            && sheet.lines[next].page > sheet.lines[header.last].page
        {
            let page = sheet.lines[next].page;
            while until > header.last + 1 && sheet.lines[until - 1].page == page {
                until -= 1;
            }
        }
        out.push(Stretch { header, from: header.last + 1, until });
    }
    out
}

fn rows_under<'a>(sheet: &Sheet<'a>, headers: &[&Header], others: &[usize], end: usize) -> Table<'a> {
    let first = headers[0];
    let columns: Vec<Head> = first.heads().cloned().collect();
    let mut table = Table {
        columns,
        items: Vec::new(),
        charges: Vec::new(),
        first_line: first.first,
        end_line: first.last + 1,
        uncovered: Vec::new(),
    };
    for stretch in stretches(sheet, headers, others, end) {
        read_stretch(sheet, &stretch, &mut table);
    }
    table
}

/// What a line under the header is.
enum Kind {
    Anchor,
    Text,
    Charge(Label),
    Skip,
    SoftEnd,
    End,
}

fn read_stretch<'a>(sheet: &Sheet<'a>, stretch: &Stretch<'_>, table: &mut Table<'a>) {
    let grid = Grid::of(sheet, stretch, &table.columns);
    let mut pending: Vec<Extra<'a>> = Vec::new();
    let mut seen_anchor = false;
    let mut text_leads = false;
    let mut soft_ended = false;
    let mut last_row: Option<usize> = None;
    let mut last_page = sheet.lines[stretch.header.last].page;
    for index in stretch.from..stretch.until {
        let line = &sheet.lines[index];
        if line.furniture {
            continue;
        }
        if seen_anchor && is_far_below(sheet, table, last_row, line) {
            break;
        }
        last_row = Some(index);
        // Without a repeated header, a new page's own heading lines come first; they belong to nothing.
        let new_page = line.page != last_page;
        let row = grid.split(line);
        let kind = grid.kind(line, &row);
        match kind {
            Kind::End => {
                if seen_anchor {
                    break;
                }
            }
            Kind::SoftEnd => {
                soft_ended = true;
                table.end_line = close(sheet, &mut pending, table.items.last_mut()).max(table.end_line);
            }
            Kind::Skip => {}
            // Below the subtotal, freight and discount are totals.
            Kind::Charge(_) if soft_ended => {}
            Kind::Charge(label) => {
                let row = grid.split(line);
                table.charges.push(Charge { label, row, line: index });
                table.end_line = index + 1;
            }
            Kind::Anchor if soft_ended && !grid.is_complete(&row) => {}
            Kind::Anchor => {
                last_page = line.page;
                let mut item = Item { row, line: index, extra: Vec::new() };
                if grid.stacked() {
                    take_head_row(&mut pending, &mut item);
                }
                if !seen_anchor {
                    text_leads = !pending.is_empty() && !grid.stacked();
                    item.extra.extend(pending.drain(..).map(|e| Extra { above: true, ..e }));
                } else {
                    share_out(sheet, &mut pending, table.items.last_mut(), &mut item, text_leads);
                }
                seen_anchor = true;
                soft_ended = false;
                table.items.push(item);
                table.end_line = index + 1;
            }
            Kind::Text if new_page || soft_ended => {}
            Kind::Text => {
                let kept = grid.keep(line);
                if grid.has_quantity(&row) && seen_anchor && !grid.is_note(line) {
                    table.uncovered.push(index);
                }
                if pending.len() < MAX_EXTRA {
                    pending.push(Extra { line: index, row: kept, above: false });
                }
            }
        }
    }
    table.end_line = close(sheet, &mut pending, table.items.last_mut()).max(table.end_line);
}

/// Gives the text rows right below the last item to it; what stands farther below is the form's foot. Returns the line behind them.
fn close<'a>(sheet: &Sheet<'a>, pending: &mut Vec<Extra<'a>>, last: Option<&mut Item<'a>>) -> usize {
    let rows = std::mem::take(pending);
    let Some(last) = last else { return 0 };
    let mut bottom = sheet.lines[last.line].y1;
    let mut end = last.line + 1;
    for extra in rows {
        let line = &sheet.lines[extra.line];
        if line.page != sheet.lines[last.line].page || line.y0 - bottom > 1.2 * line.height() {
            break;
        }
        bottom = line.y1;
        end = extra.line + 1;
        last.extra.push(extra);
    }
    end
}

/// How far below the last row another one may stand: a few lines, or what the gaps between earlier rows were.
fn is_far_below(sheet: &Sheet<'_>, table: &Table<'_>, last_row: Option<usize>, line: &Line<'_>) -> bool {
    let Some(last) = last_row.map(|i| &sheet.lines[i]).filter(|l| l.page == line.page) else { return false };
    let gaps = table.items.windows(2).filter(|w| sheet.lines[w[0].line].page == sheet.lines[w[1].line].page);
    let widest = gaps.map(|w| sheet.lines[w[1].line].y0 - sheet.lines[w[0].line].y1).fold(0.0f32, f32::max);
    line.y0 - last.y1 > (5.5 * line.height()).max(1.6 * widest)
}

/// Most text rows kept for one item.
const MAX_EXTRA: usize = 40;

/// In a two-row layout the row with number and material stands above the row with the figures: they are one row.
fn take_head_row<'a>(pending: &mut Vec<Extra<'a>>, item: &mut Item<'a>) {
    let Some(at) = pending.iter().rposition(|e| e.row.iter().take_while(|c| c.is_none()).count() < e.row.len().min(2)) else {
        return;
    };
    let head = pending.remove(at);
    for (mine, theirs) in item.row.iter_mut().zip(head.row) {
        if mine.is_none() {
            *mine = theirs;
        }
    }
}

/// Gives the text rows between two items to the upper one, the lower one, or both.
fn share_out<'a>(
    sheet: &Sheet<'a>,
    pending: &mut Vec<Extra<'a>>,
    upper: Option<&mut Item<'a>>,
    lower: &mut Item<'a>,
    text_leads: bool,
) {
    let Some(upper) = upper else {
        pending.clear();
        return;
    };
    let mut rows: Vec<Extra<'a>> = std::mem::take(pending);
    let mut split = rows.len();
    if text_leads {
        // The widest gap between rows is where one item ends and the next begins.
        let ys: Vec<(f32, f32)> = std::iter::once(upper.line)
            .chain(rows.iter().map(|r| r.line))
            .chain(std::iter::once(lower.line))
            .map(|l| (sheet.lines[l].y0, sheet.lines[l].y1))
            .collect();
        let gaps: Vec<f32> = ys.windows(2).map(|w| w[1].0 - w[0].1).collect();
        split = gaps.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(split, |(i, _)| i);
    }
    let below = rows.split_off(split.min(rows.len()));
    upper.extra.extend(rows);
    lower.extra.extend(below.into_iter().map(|e| Extra { above: true, ..e }));
}

/// One header row's columns with the boundaries found for this stretch.
struct Columns {
    offset: usize,
    heads: Vec<Head>,
    bounds: Vec<f32>,
}

struct Grid {
    rows: Vec<Columns>,
    width: usize,
    has_money: bool,
    has_line_no: bool,
}

impl Grid {
    fn of(sheet: &Sheet<'_>, stretch: &Stretch<'_>, columns: &[Head]) -> Self {
        let body: Vec<&Line<'_>> = (stretch.from..stretch.until)
            .map(|i| &sheet.lines[i])
            .filter(|l| !l.furniture && figures_in(l) >= 2 && totals_label(l).is_none())
            .take(60)
            .collect();
        let page = sheet.page(stretch.header.first);
        let header = &sheet.lines[stretch.header.first];
        let rulings: Vec<f32> = page
            .rulings
            .iter()
            .map(|r| r.bbox)
            .filter(|b| b[2] - b[0] < 3.0 && b[3] - b[1] > 6.0 && b[1] <= header.y1 && b[3] >= header.y0)
            .map(|b| (b[0] + b[2]) / 2.0)
            .collect();
        let mut offset = 0;
        let mut rows = Vec::new();
        for heads in &stretch.header.rows {
            rows.push(Columns { offset, heads: heads.clone(), bounds: columns::boundaries(heads, &body, &rulings) });
            offset += heads.len();
        }
        let has = |role: Role| columns.iter().any(|c| c.is(role));
        Self {
            rows,
            width: columns.len(),
            has_money: has(Role::Price) || has(Role::Amount) || has(Role::GrossAmount),
            has_line_no: has(Role::LineNo),
        }
    }

    fn stacked(&self) -> bool {
        self.rows.len() > 1
    }

    /// The line's words by column; a cell ends at its column's edge.
    fn split<'a>(&self, line: &Line<'a>) -> Row<'a> {
        if self.stacked() {
            let figures: Vec<Row<'a>> = self.rows.iter().map(|c| self.cells(line, c, false)).collect();
            let count = |row: &Row<'a>| self.figures(row).iter().flatten().count();
            let best = usize::from(figures.len() > 1 && count(&figures[1]) > count(&figures[0]));
            return figures.into_iter().nth(best).unwrap_or_default();
        }
        self.rows.first().map_or_else(Vec::new, |c| self.cells(line, c, false))
    }

    /// The line's words by column; text that runs over its column's edge stays together.
    fn keep<'a>(&self, line: &Line<'a>) -> Row<'a> {
        self.rows.first().map_or_else(Vec::new, |c| self.cells(line, c, true))
    }

    fn cells<'a>(&self, line: &Line<'a>, columns: &Columns, keep_text: bool) -> Row<'a> {
        let mut parts: Vec<Vec<&'a Word>> = vec![Vec::new(); self.width];
        for segment in &line.segments {
            let mut home: Option<usize> = None;
            for word in &segment.words {
                let middle = (word.bbox[0] + word.bbox[2]) / 2.0;
                let mut at = columns.bounds.iter().filter(|b| **b < middle).count();
                // Several words in one segment: a long text may overhang its column; a figure never does.
                if let Some(previous) = home
                    && at != previous
                {
                    let edge = columns.bounds.get(at.max(1) - 1).copied().unwrap_or(middle);
                    let straddles = word.bbox[0] < edge - 0.5 && at > previous;
                    let is_text = !word.text.starts_with(|c: char| c.is_ascii_digit() || numbers::is_currency(&c.to_string()));
                    if is_text_column(&columns.heads[previous]) && (straddles || keep_text) && is_text {
                        at = previous;
                    }
                }
                home = Some(at);
                parts[columns.offset + at].push(word);
            }
        }
        parts.into_iter().map(|words| (!words.is_empty()).then(|| Cell::of(words, line.page))).collect()
    }

    fn cell<'r, 'a>(&self, row: &'r Row<'a>, role: Role) -> Option<&'r Cell<'a>> {
        let mut offset = 0;
        for columns in &self.rows {
            for (i, head) in columns.heads.iter().enumerate() {
                if head.is(role)
                    && let Some(Some(cell)) = row.get(offset + i)
                {
                    return Some(cell);
                }
            }
            offset += columns.heads.len();
        }
        None
    }

    /// Quantity, price and amount of a row, where they are figures.
    fn figures(&self, row: &Row<'_>) -> [Option<Amount>; 3] {
        let money = |role| self.cell(row, role).and_then(|c| figure(&c.text));
        [
            self.cell(row, Role::Quantity).and_then(|c| quantity_figure(&c.text)),
            money(Role::Price),
            money(Role::Amount).or_else(|| money(Role::GrossAmount)),
        ]
    }

    fn has_quantity(&self, row: &Row<'_>) -> bool {
        self.figures(row)[0].is_some()
    }

    /// Quantity, price and amount are all there.
    fn is_complete(&self, row: &Row<'_>) -> bool {
        self.figures(row).iter().all(Option::is_some)
    }

    fn is_note(&self, line: &Line<'_>) -> bool {
        line.segments.first().is_some_and(|s| !labels::hits(s).is_empty())
    }

    fn kind(&self, line: &Line<'_>, row: &Row<'_>) -> Kind {
        let figures = self.figures(row);
        let count = figures.iter().flatten().count();
        let filled = |role| self.cell(row, role).is_some();
        let named = filled(Role::Description)
            || filled(Role::Part)
            || filled(Role::Item)
            || filled(Role::SupplierPart)
            || filled(Role::BuyerPart);
        let numbered = self.cell(row, Role::LineNo).is_some_and(|c| is_line_number(&c.text));
        if let Some(label) = totals_label(line) {
            // "Total" may be a column, "Freight" an article with a quantity and a price.
            match label {
                Label::Carried => return Kind::Skip,
                Label::Shipping | Label::Discount if count >= 1 || figures_in(line) > 0 => return Kind::Charge(label),
                Label::Subtotal if figures[0].is_none() || count < 3 => return Kind::SoftEnd,
                Label::Total | Label::Tax if figures[0].is_none() || count < 3 => return Kind::End,
                _ => {}
            }
        }
        if is_rule(line) {
            return Kind::Skip;
        }
        if let Some(label) = charge_label(self.cell(row, Role::Description).or_else(|| self.cell(row, Role::Item)))
            && (figures[1].is_some() || figures[2].is_some())
        {
            return Kind::Charge(label);
        }
        let identified = numbered || (!self.has_line_no && named);
        let is_anchor = if self.has_money {
            (count >= 2 && (named || numbered || figures[0].is_some()))
                || (figures[0].is_some() && identified)
                || (numbered && named && count >= 1)
        } else {
            figures[0].is_some() && (named || numbered)
        };
        if is_anchor { Kind::Anchor } else { Kind::Text }
    }
}

/// Columns whose cells are words.
fn is_text_column(head: &Head) -> bool {
    head.roles.is_empty()
        || head.roles.iter().any(|r| {
            matches!(
                r,
                Role::Description
                    | Role::Item
                    | Role::Part
                    | Role::BuyerPart
                    | Role::SupplierPart
                    | Role::ManufacturerPart
                    | Role::LineNo
                    | Role::Ignored
            )
        })
}

/// `10`, `0010`, `1.1`, `1)`: no longer than a line number gets.
pub(crate) fn is_line_number(text: &str) -> bool {
    let bare = text.trim().trim_end_matches(['.', ')', ':', '/']);
    !bare.is_empty()
        && bare.len() <= 7
        && bare.split(['.', '-', '/']).all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// A cell that is a figure, with at most a unit, currency or base beside it.
pub(crate) fn figure(text: &str) -> Option<Amount> {
    let amount = numbers::amount(text)?;
    let short = |t: &str| t.len() <= 14 && t.split_whitespace().count() <= 3;
    let lower = amount.after.to_lowercase();
    let names_base = ["/", "per", "je", "pro", "for", "par", "por", "les", "%"].iter().any(|w| lower.starts_with(w));
    let plain_after = names_base || !has_letters_and_digits(&amount.after);
    (short(&amount.before) && short(&amount.after) && plain_after && !has_letters_and_digits(&amount.before)).then_some(amount)
}

/// A quantity: a figure with at most its unit.
pub(crate) fn quantity_figure(text: &str) -> Option<Amount> {
    let amount = figure(text)?;
    let is_unit = |t: &str| {
        t.is_empty() || crate::model::Unit::parse(t).is_some() || (!t.bytes().any(|b| b.is_ascii_digit()) && t.len() <= 12)
    };
    (is_unit(&amount.after) && is_unit(&amount.before) && !amount.percent).then_some(amount)
}

fn has_letters_and_digits(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit()) && text.chars().any(char::is_alphabetic)
}

/// Cells of a line that are figures.
pub(crate) fn figures_in(line: &Line<'_>) -> usize {
    line.segments.iter().flat_map(|s| &s.words).filter(|w| numbers::parse(&w.text).is_some()).count()
}

/// The label of a totals row: at the start of one of its cells, with nothing but the figure, a rate or a currency behind it.
pub(crate) fn totals_label(line: &Line<'_>) -> Option<Label> {
    let mut found = None;
    for segment in &line.segments {
        let Some((count, label, _)) = (!segment.tokens.is_empty()).then(|| labels::phrase_at(segment, 0)).flatten() else {
            continue;
        };
        if !matches!(label, Label::Subtotal | Label::Total | Label::Tax | Label::Shipping | Label::Discount | Label::Carried) {
            continue;
        }
        let rest = &segment.tokens[count..];
        let words = rest.iter().filter(|t| t.text.len() > 3 && !t.text.bytes().any(|b| b.is_ascii_digit())).count();
        if words <= 2 && found.is_none() {
            found = Some(label);
        }
    }
    // A totals row has little else: a row with a long text of its own is an item.
    let long_texts = line.segments.iter().filter(|s| s.text.len() > 24 && labels::hits(s).is_empty()).count();
    found.filter(|_| long_texts == 0)
}

/// A description that is a charge and nothing else.
fn charge_label(cell: Option<&Cell<'_>>) -> Option<Label> {
    let cell = cell?;
    let segment = Segment::of(cell.words.clone());
    let (count, label, _) = (!segment.tokens.is_empty()).then(|| labels::phrase_at(&segment, 0)).flatten()?;
    let short = segment.tokens.len() <= count + 2
        && !segment.tokens[count..]
            .iter()
            .any(|t| t.text.bytes().any(|b| b.is_ascii_digit()) && t.text.chars().any(char::is_alphabetic));
    (matches!(label, Label::Shipping | Label::Discount) && short).then_some(label)
}

/// A line drawn with characters.
fn is_rule(line: &Line<'_>) -> bool {
    let text = fold(&line.text());
    !text.chars().any(char::is_alphanumeric)
}
