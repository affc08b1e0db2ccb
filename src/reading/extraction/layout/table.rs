//! The item table: which rows belong to it, which of them begin an item, and which words stand in which column.
//! What the cells mean is asked in `items`.

use super::cells::{Cell, Row};
use super::columns::{self, Head, Header, Role};
use super::contents;
use super::grid::{Grid, figure_lines};
use super::labels::{self, Label};
use super::lines::{Line, Sheet};
use super::rows::{Kind, kind};
use crate::reading::document::Word;

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

impl<'a> Table<'a> {
    pub(crate) fn column(&self, role: Role) -> Option<usize> {
        self.columns.iter().position(|c| c.is(role))
    }

    /// The cell of a role in an item's first row, or in the row that the second line of a head is for.
    pub(crate) fn cell(&self, item: &Item<'a>, role: Role) -> Option<Cell<'a>> {
        let own = self.columns.iter().zip(&item.row).filter(|(head, _)| head.is(role)).find_map(|(_, cell)| cell.as_ref());
        own.cloned().or_else(|| self.below(item, role))
    }

    /// The cell under a head's second or third line, which names something else than its first.
    pub(crate) fn below(&self, item: &Item<'a>, role: Role) -> Option<Cell<'a>> {
        let place = |(c, head): (usize, &Head)| {
            let (row, roles) = head.below.iter().enumerate().find(|(_, roles)| roles.contains(&role))?;
            Some((c, row, roles.iter().position(|r| *r == role)?, roles.len()))
        };
        let (column, row, at, of) = self.columns.iter().enumerate().find_map(place)?;
        let row = &item.extra.iter().filter(|e| !e.above).nth(row)?.row;
        if of == 1 {
            return row.get(column)?.clone();
        }
        let cells: Vec<&Cell<'a>> = row.iter().skip(column).flatten().collect();
        let groups = side_by_side(cells.iter().flat_map(|c| c.words.iter().copied()).collect());
        (groups.len() >= of).then(|| Cell::of(groups[at].clone(), cells[0].page))
    }
}

/// Words of a row in groups with a wide gap between them.
fn side_by_side<'a>(words: Vec<&'a Word>) -> Vec<Vec<&'a Word>> {
    let mut groups: Vec<Vec<&'a Word>> = Vec::new();
    for word in words {
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(|l| word.bbox[0] - l.bbox[2] < 0.85 * word.size.clamp(4.0, 40.0)) => {
                group.push(word)
            }
            _ => groups.push(vec![word]),
        }
    }
    groups
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
    let stretches = stretches(sheet, headers, others, end);
    let mut grids: Vec<Grid> = stretches.iter().map(|s| Grid::of(sheet, s.header, s.from..s.until)).collect();
    let sample: Vec<Row<'a>> =
        stretches.iter().zip(&grids).flat_map(|(s, grid)| figure_rows(sheet, grid, s.from..s.until)).collect();
    contents::settle(&mut table.columns, &sample);
    for (stretch, grid) in stretches.iter().zip(&mut grids) {
        grid.heads.clone_from(&table.columns);
        read_stretch(sheet, stretch, grid, &mut table);
    }
    table
}

/// Rows that a column's contents are told from.
const SAMPLE: usize = 200;

/// The rows of a stretch that have figures of their own: the first rows of items, nearly all of them.
fn figure_rows<'a>(sheet: &Sheet<'a>, grid: &Grid, lines: std::ops::Range<usize>) -> Vec<Row<'a>> {
    let wanted = if grid.has_money() { 2 } else { 1 };
    figure_lines(sheet, lines, wanted).into_iter().take(SAMPLE).map(|l| grid.split(l)).collect()
}

fn read_stretch<'a>(sheet: &Sheet<'a>, stretch: &Stretch<'_>, grid: &Grid, table: &mut Table<'a>) {
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
        match kind(grid, line, &row) {
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
            Kind::Anchor if soft_ended && !grid.figures(&row).iter().all(Option::is_some) => {}
            Kind::Anchor => {
                last_page = line.page;
                let mut item = Item { row, line: index, extra: Vec::new() };
                if grid.is_stacked() {
                    take_head_row(&mut pending, &mut item);
                }
                let text_led = table.items.iter().any(|i| i.extra.iter().any(|e| e.above));
                if !seen_anchor
                    && !text_led
                    && let Some(last) = table.items.last_mut()
                {
                    // Under a repeated header the last page's item goes on.
                    last.extra.append(&mut pending);
                } else if !seen_anchor {
                    text_leads = !pending.is_empty() && !grid.is_stacked();
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
                if grid.figures(&kept)[0].is_some() && seen_anchor && !is_note(line) {
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

/// A row that begins with a label of its own.
fn is_note(line: &Line<'_>) -> bool {
    line.segments.first().is_some_and(|s| !labels::hits(s).is_empty())
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
