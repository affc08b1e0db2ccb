//! What a column holds, told by its cells: the words of its head are evidence, the cells decide. Units under `Units`, quantities under
//! `Ordered`, dates under a word of a language nobody taught us. Which figure is which is asked in `solve`.

use super::cells::{Cell, Row, figure, is_line_number, quantity_figure};
use super::columns::{Head, Role};
use super::table::Table;
use crate::model::Unit;
use crate::reading::extraction::dates;
use crate::reading::extraction::numbers::Amount;
use rust_decimal::Decimal;

/// How many cells of a column are what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub filled: usize,
    /// Figures with at most a unit or currency beside them.
    pub figures: usize,
    /// Of these, figures with a unit beside them: `12 EA`.
    pub counted: usize,
    /// Of these, with a currency beside them.
    pub money: usize,
    /// Units and nothing else.
    pub units: usize,
    pub dates: usize,
    /// One to three words with a digit in them that are no figure.
    pub codes: usize,
    pub percents: usize,
    /// 1, 10, 100 or 1000.
    pub bases: usize,
    /// One word of at most eight letters: a unit, known or not.
    pub short_words: usize,
    /// Letters in cells that are none of these.
    pub letters: usize,
}

impl Profile {
    pub(crate) fn of<'t>(cells: impl Iterator<Item = &'t str>) -> Self {
        let mut p = Self::default();
        for text in cells.map(str::trim).filter(|t| t.chars().any(char::is_alphanumeric)) {
            p.filled += 1;
            let letters = text.trim_end_matches('.');
            p.short_words += usize::from(letters.chars().count() <= 8 && letters.chars().all(char::is_alphabetic));
            if is_unit(text) {
                p.units += 1;
            } else if dates::parse(text, None).is_some_and(|d| d.end - d.start + 2 >= text.len() && !d.week) {
                p.dates += 1;
            } else if let Some(amount) = figure(text).filter(is_bare) {
                p.figures += 1;
                p.money += usize::from(amount.currency.is_some());
                p.percents += usize::from(amount.percent);
                p.counted += usize::from(quantity_figure(text).is_some_and(|a| is_unit(&a.after) || is_unit(&a.before)));
                p.bases += usize::from(amount.number.only().is_some_and(|v| is_basis(&v)));
            } else if is_code(text) {
                p.codes += 1;
            } else {
                p.letters += text.chars().filter(|c| c.is_alphabetic()).count();
            }
        }
        p
    }

    /// Nearly all of the filled cells.
    pub(crate) fn mostly(&self, count: usize) -> bool {
        self.filled > 0 && count * 10 >= self.filled * 8
    }
}

/// Beside the figure stands at most a unit or the base of a price: `AB-100` is none.
fn is_bare(amount: &Amount) -> bool {
    let fits = |text: &str| text.is_empty() || is_unit(text) || text.starts_with(['/', '(']);
    fits(&amount.before) && (fits(&amount.after) || amount.after.split_whitespace().count() > 1)
}

/// The quantities that prices are given for.
pub(crate) fn is_basis(value: &Decimal) -> bool {
    [Decimal::ONE, Decimal::TEN, Decimal::ONE_HUNDRED, Decimal::ONE_THOUSAND].contains(value)
}

/// A unit, bare or in brackets.
pub(crate) fn is_unit(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| matches!(c, '(' | ')' | '[' | ']' | '/' | ' '));
    !bare.bytes().any(|b| b.is_ascii_digit() && !bare.starts_with(['m', 'M', 'c', 'C'])) && Unit::parse(bare).is_some()
}

fn is_code(text: &str) -> bool {
    text.split_whitespace().count() <= 3 && text.bytes().any(|b| b.is_ascii_digit()) && text.len() <= 40
}

/// The profile of each column over rows of cells.
pub(crate) fn profiles(columns: usize, rows: &[Row<'_>]) -> Vec<Profile> {
    (0..columns).map(|c| Profile::of(rows.iter().filter_map(|r| r.get(c)?.as_ref()).map(|cell| cell.text.as_str()))).collect()
}

/// Corrects the roles of columns whose cells cannot be what their heads say, and gives roles to columns whose heads say nothing.
pub(crate) fn settle(columns: &mut [Head], rows: &[Row<'_>]) {
    let profiles = profiles(columns.len(), rows);
    for (c, p) in profiles.iter().enumerate().filter(|(_, p)| p.filled > 0) {
        let only = match columns[c].roles.as_slice() {
            [] => None,
            [role] => Some(*role),
            [..] => continue,
        };
        let others = |role: Role| columns.iter().enumerate().any(|(i, h)| i != c && h.is(role) && !misnamed(role, &profiles[i]));
        let roles = match only {
            Some(Role::Quantity) if p.mostly(p.units) => vec![Role::Unit],
            Some(Role::Quantity | Role::Amount | Role::Price) if p.mostly(p.dates) => vec![Role::Date],
            Some(Role::Basis) if p.mostly(p.units) && !others(Role::Unit) => vec![Role::Unit],
            Some(Role::Unit) if p.mostly(p.figures) && !others(Role::Quantity) => {
                if p.counted > 0 {
                    vec![Role::Quantity, Role::Unit]
                } else {
                    vec![Role::Quantity]
                }
            }
            Some(Role::Unit) if p.mostly(p.figures) && p.counted == 0 => vec![Role::Ignored],
            Some(Role::Date) if p.mostly(p.units) && !others(Role::Unit) => vec![Role::Unit],
            None if p.mostly(p.units) && !others(Role::Unit) => vec![Role::Unit],
            // Short words right behind the quantities, some of them known units: the others are units of their own.
            None if p.units > 0
                && p.short_words == p.filled
                && c > 0
                && columns[c - 1].is(Role::Quantity)
                && !others(Role::Unit) =>
            {
                vec![Role::Unit]
            }
            None if p.mostly(p.dates) && !others(Role::Date) => vec![Role::Date],
            Some(_) | None => continue,
        };
        columns[c].roles = roles;
    }
}

/// The cells are not what the role says.
fn misnamed(role: Role, p: &Profile) -> bool {
    role == Role::Quantity && p.filled > 0 && p.figures * 2 < p.filled
}

/// Line numbers that stand in front of the first column's text, under one head with it, get a column of their own.
fn split_off_count(table: &mut Table<'_>) {
    let Some(column) = table.columns.iter().position(|c| !c.roles.is_empty()).filter(|_| table.column(Role::LineNo).is_none())
    else {
        return;
    };
    let names = [Role::Item, Role::Part, Role::BuyerPart, Role::SupplierPart, Role::Description];
    let cells: Vec<&Cell<'_>> = table.items.iter().filter_map(|i| i.row.get(column)?.as_ref()).collect();
    let firsts: Vec<String> = cells.iter().filter(|c| c.words.len() >= 2).map(|c| c.words[0].text.clone()).collect();
    let alone = firsts.len() > 1 || firsts.first().is_some_and(|f| matches!(f.trim_start_matches('0'), "1" | "10"));
    if !names.iter().any(|r| table.columns[column].is(*r))
        || firsts.len() != table.items.len()
        || !alone
        || !is_count(&firsts, Role::Item)
    {
        return;
    }
    let (x0, x1) = (table.columns[column].x0, table.columns[column].x1);
    table.columns.push(Head::new(String::new(), vec![Role::LineNo], x0, x1));
    let width = table.columns.len();
    for item in &mut table.items {
        let Some(cell) = item.row.get_mut(column).and_then(Option::take) else { continue };
        let (first, rest) = cell.words.split_at(1);
        item.row[column] = Some(Cell::of(rest.to_vec(), cell.page));
        item.row.resize(width, None);
        item.row[width - 1] = Some(Cell::of(first.to_vec(), cell.page));
    }
}

/// Units between a column of quantities and one of part numbers, under no head, stand nearer to the quantities: they get their own column.
fn split_off_unit(table: &mut Table<'_>) {
    let Some(quantity) = table.column(Role::Quantity).filter(|_| table.column(Role::Unit).is_none()) else { return };
    let next = quantity + 1;
    let parts = [Role::Item, Role::Part, Role::BuyerPart, Role::SupplierPart];
    if !table.columns.get(next).is_some_and(|head| parts.iter().any(|r| head.is(*r))) {
        return;
    }
    let belongs = |item: &super::table::Item<'_>| {
        let (Some(Some(count)), Some(Some(cell))) = (item.row.get(quantity), item.row.get(next)) else { return false };
        let (Some(figure), [unit, code, ..]) = (count.words.last(), cell.words.as_slice()) else { return false };
        is_unit(&unit.text) && unit.bbox[0] - figure.bbox[2] < code.bbox[0] - unit.bbox[2]
    };
    if table.items.is_empty() || !table.items.iter().all(belongs) {
        return;
    }
    let (x0, x1) = (table.columns[quantity].x1, table.columns[next].x0);
    table.columns.push(Head::new(String::new(), vec![Role::Unit], x0, x1));
    let width = table.columns.len();
    for item in &mut table.items {
        let Some(cell) = item.row.get_mut(next).and_then(Option::take) else { continue };
        let (first, rest) = cell.words.split_at(1);
        item.row[next] = Some(Cell::of(rest.to_vec(), cell.page));
        item.row.resize(width, None);
        item.row[width - 1] = Some(Cell::of(first.to_vec(), cell.page));
    }
}

/// What a column with an unclear head holds is told from its cells.
pub(crate) fn settle_roles(table: &mut Table<'_>) {
    split_off_count(table);
    split_off_unit(table);
    swap_numbers(table);
    for column in 0..table.columns.len() {
        let texts: Vec<String> = table.items.iter().filter_map(|i| i.row.get(column)?.as_ref().map(|c| c.text.clone())).collect();
        let roles = table.columns[column].roles.clone();
        let unclear = roles.iter().find(|r| matches!(r, Role::LineNo | Role::Item | Role::Part)).copied();
        let Some(role) = unclear.filter(|_| roles.len() == 1 || roles.contains(&Role::LineNo)) else { continue };
        if texts.is_empty() {
            continue;
        }
        let others = |r: Role| table.columns.iter().enumerate().any(|(i, c)| i != column && c.is(r));
        let counts = is_count(&texts, role);
        let codes = texts.iter().filter(|t| is_code(t)).count() * 10 >= texts.len() * 6;
        let settled = match role {
            Role::LineNo if counts || texts.iter().all(|t| is_line_number(t)) => Role::LineNo,
            Role::LineNo if codes && !others(Role::Part) => Role::Part,
            Role::LineNo => Role::LineNo,
            Role::Item if counts && !others(Role::LineNo) => Role::LineNo,
            Role::Item if codes => Role::Part,
            Role::Item if !others(Role::Description) => Role::Description,
            Role::Item => Role::Part,
            Role::Part if counts && !others(Role::LineNo) => Role::LineNo,
            other => other,
        };
        table.columns[column].roles = vec![settled];
    }
    repeated_numbers(table);
    // "Price unit" is the base beside a price, and the price itself where there is no other.
    if table.column(Role::Price).is_none()
        && let Some(column) =
            table.columns.iter().position(|c| c.roles == [Role::Basis] && c.text.to_lowercase().starts_with("price"))
    {
        table.columns[column].roles = vec![Role::Price];
    }
    // No column is called a description: the widest column of words is one.
    if table.column(Role::Description).is_none() {
        let widest = (0..table.columns.len())
            .filter(|c| table.columns[*c].roles.is_empty())
            .map(|c| {
                (
                    c,
                    table
                        .items
                        .iter()
                        .filter_map(|i| i.row.get(c)?.as_ref())
                        .map(|cell| cell.text.chars().filter(|ch| ch.is_alphabetic()).count())
                        .sum::<usize>(),
                )
            })
            .max_by_key(|(_, letters)| *letters);
        if let Some((c, letters)) = widest
            && letters >= 4 * table.items.len()
        {
            table.columns[c].roles = vec![Role::Description];
        }
    }
}

/// `N/ referência` over codes and `Item` over 1, 2, 3: the heads say line number and part, the cells the other way round.
fn swap_numbers(table: &mut Table<'_>) {
    let texts = |column: usize| -> Vec<String> {
        table.items.iter().filter_map(|i| i.row.get(column)?.as_ref().map(|c| c.text.clone())).collect()
    };
    let named = (0..table.columns.len()).find(|at| table.columns[*at].is(Role::LineNo));
    let counts = (0..table.columns.len()).find(|at| {
        matches!(table.columns[*at].roles.as_slice(), [Role::Part | Role::Item | Role::BuyerPart])
            && is_count(&texts(*at), Role::Part)
    });
    let (Some(named), Some(counts)) = (named, counts) else { return };
    let codes = texts(named);
    if codes.len() >= 2 && codes.iter().all(|text| is_code(text)) {
        table.columns[named].roles = vec![Role::BuyerPart];
        table.columns[counts].roles = vec![Role::LineNo];
    }
}

/// A column of part numbers that says the same on each row, beside another one, repeats the number of the order: `Unsere Bestellnummer`.
fn repeated_numbers(table: &mut Table<'_>) {
    const PARTS: [Role; 4] = [Role::Part, Role::BuyerPart, Role::SupplierPart, Role::Item];
    let is_part = |head: &Head| PARTS.iter().any(|role| head.is(*role));
    if table.items.len() < 2
        || table.column(Role::OrderNo).is_some()
        || table.columns.iter().filter(|head| is_part(head)).count() < 2
    {
        return;
    }
    let repeats = |column: usize| {
        let mut cells = table.items.iter().map(|item| item.row.get(column).and_then(Option::as_ref).map(|cell| cell.text.as_str()));
        let first = cells.next().flatten().filter(|text| text.bytes().any(|b| b.is_ascii_digit()));
        first.is_some_and(|first| cells.all(|cell| cell == Some(first)))
    };
    let constant: Vec<usize> = (0..table.columns.len()).filter(|at| is_part(&table.columns[*at]) && repeats(*at)).collect();
    if let [column] = constant.as_slice() {
        table.columns[*column].roles = vec![Role::OrderNo];
    }
}

/// The cells count up like line numbers: 1 2 3, 10 20 30.
fn is_count(texts: &[String], role: Role) -> bool {
    if counts_in_levels(texts) {
        return true;
    }
    let numbers: Option<Vec<u32>> = texts.iter().map(|t| is_line_number(t).then(|| whole_number(t)).flatten()).collect();
    let Some(numbers) = numbers else { return false };
    let rises = numbers.windows(2).all(|w| w[0] < w[1] && w[1] - w[0] <= 100);
    let starts_low = numbers.first().is_some_and(|n| *n <= 10 || (*n <= 1000 && n % 10 == 0));
    // A single part number may look like a line number; a column called part number needs more than one row to be doubted.
    rises && starts_low && (role != Role::Part || numbers.len() > 1)
}

/// `1.1 1.2 2.1`: line numbers below headings, each higher than the one before.
fn counts_in_levels(texts: &[String]) -> bool {
    let levels = |text: &String| -> Option<(u32, u32)> {
        let (major, minor) = text.trim().trim_end_matches('.').split_once('.')?;
        (major.len() <= 3 && minor.len() <= 2).then_some(())?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let numbers: Option<Vec<(u32, u32)>> = texts.iter().map(levels).collect();
    numbers.is_some_and(|numbers| {
        let steps = |pair: &[(u32, u32)]| {
            (pair[1].0 == pair[0].0 && pair[1].1 == pair[0].1 + 1) || (pair[1].0 > pair[0].0 && pair[1].1 <= 1)
        };
        numbers.len() >= 2 && numbers[0].0 <= 1 && numbers[0].1 <= 1 && numbers.windows(2).all(steps)
    })
}

/// `10`, `0010.`, and `1.000` as some systems print it.
fn whole_number(text: &str) -> Option<u32> {
    let bare = text.trim().trim_end_matches(['.', ')']);
    bare.strip_suffix(".000").or_else(|| bare.strip_suffix(".00")).unwrap_or(bare).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_say_what_a_column_holds() {
        let of = |cells: &[&str]| Profile::of(cells.iter().copied());
        assert_eq!(of(&["EA", "Stk.", "roll"]).units, 3);
        assert_eq!(of(&["12 EA", "5 pcs"]).counted, 2);
        assert_eq!(of(&["€ 12,50", "3.00 USD"]).money, 2);
        assert_eq!(of(&["12/10/2026", "2026-11-03"]).dates, 2);
        assert_eq!(of(&["AB-100", "4711 X"]).codes, 2);
        assert_eq!(of(&["100", "1000", "1"]).bases, 3);
    }
}
