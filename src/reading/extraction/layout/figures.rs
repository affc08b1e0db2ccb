//! The figures of item rows, and the proof of what they are: quantity x price / base x (1 - discount) = amount.
//! The same proof tells the decimal sign, the right one of two price columns, and an unprinted price base (DOMAIN 15, 16, 20).

use super::cells::{Cell, figure, quantity_figure};
use super::columns::Role;
use super::table::{Item, Table};
use crate::reading::extraction::numbers::{self, Amount, Decimals, is_countable};
use rust_decimal::{Decimal, RoundingStrategy};

/// A figure as printed, with its cell.
#[derive(Debug, Clone)]
pub(crate) struct Figure<'a> {
    pub amount: Amount,
    pub cell: Cell<'a>,
}

impl<'a> Figure<'a> {
    fn of(cell: Option<&Cell<'a>>, parse: impl Fn(&str) -> Option<Amount>) -> Option<Self> {
        let cell = cell?;
        Some(Self { amount: parse(&cell.text)?, cell: cell.clone() })
    }

    /// Its value under a decimal sign; a figure with one reading has that reading.
    pub(crate) fn under(&self, decimals: Decimals) -> Option<Decimal> {
        self.amount.number.under(decimals).or_else(|| self.amount.number.only())
    }
}

/// The figures of one item row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures<'a> {
    pub quantity: Option<Figure<'a>>,
    pub price: Option<Figure<'a>>,
    /// In a column of its own or behind the price.
    pub basis: Option<Figure<'a>>,
    pub discount: Option<Figure<'a>>,
    pub amount: Option<Figure<'a>>,
    pub tax_rate: Option<Figure<'a>>,
    /// Something is printed in the quantity or price column that is no figure.
    pub unreadable: Vec<(Role, Cell<'a>)>,
    /// Base named in the price column's head: "Price per 100".
    pub basis_in_head: Option<Decimal>,
}

/// How a row's figures agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// With the base that made it so.
    Exact {
        basis: Decimal,
    },
    /// The amount includes tax.
    WithTax {
        basis: Decimal,
    },
    /// Not all of them are there.
    Unchecked,
    Differs,
}

/// Columns chosen for quantity, price and amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub quantity: Option<usize>,
    pub price: Option<usize>,
    pub amount: Option<usize>,
    /// Chosen against or without the heads' words.
    pub by_arithmetic: bool,
}

/// Reads the figures of an item by the chosen columns.
pub(crate) fn of_item<'a>(table: &Table<'a>, item: &Item<'a>, choice: &Choice) -> Figures<'a> {
    let at = |column: Option<usize>| column.and_then(|c| cell_at(item, c));
    let by_role = |role: Role| table.column(role).and_then(|c| cell_at(item, c));
    let mut figures = Figures {
        quantity: Figure::of(at(choice.quantity), quantity_figure),
        price: Figure::of(at(choice.price), figure),
        discount: Figure::of(by_role(Role::Discount), figure),
        amount: Figure::of(at(choice.amount), figure),
        tax_rate: Figure::of(by_role(Role::TaxRate), figure),
        basis: Figure::of(by_role(Role::Basis), figure),
        unreadable: Vec::new(),
        basis_in_head: choice.price.and_then(|c| table.columns[c].number_in_text()).map(Decimal::from),
    };
    for (role, column, read) in
        [(Role::Quantity, choice.quantity, figures.quantity.is_some()), (Role::Price, choice.price, figures.price.is_some())]
    {
        if let Some(cell) = at(column)
            && !read
            && cell.text.bytes().any(|b| b.is_ascii_digit())
        {
            figures.unreadable.push((role, cell.clone()));
        }
    }
    if figures.basis.is_none() {
        figures.basis = figures.price.as_ref().and_then(basis_beside);
    }
    figures
}

/// The cell of a column: in the item's own row, else in the first row below that has one.
fn cell_at<'i, 'a>(item: &'i Item<'a>, column: usize) -> Option<&'i Cell<'a>> {
    item.row.get(column).and_then(Option::as_ref)
}

/// `4.20 / 100`, `4,20 je 100 St`, `50.00 / 1 PC`, `12.00 per C`.
fn basis_beside<'a>(price: &Figure<'a>) -> Option<Figure<'a>> {
    let after = price.amount.after.trim();
    let lower = after.to_lowercase();
    let rest = ["/", "per ", "je ", "pro ", "for ", "par ", "por ", "les ", "%"]
        .iter()
        .find_map(|s| lower.strip_prefix(s))?
        .trim()
        .to_owned();
    let number = match rest.split_whitespace().next().unwrap_or("") {
        "c" | "hundred" | "cent" => numbers::parse("100"),
        "m" | "mil" | "thousand" | "tsd" if price.cell.text.ends_with(['M', 'm', 'd', 'l']) => numbers::parse("1000"),
        _ => numbers::amount(&rest).map(|a| a.number),
    }?;
    let amount = Amount { number, currency: None, percent: false, before: String::new(), after: String::new() };
    Some(Figure { amount, cell: price.cell.clone() })
}

/// Most combinations of columns that are tried.
const MAX_COLUMNS: usize = 8;

/// Which columns hold quantity, price and amount: as their heads say, as long as the figures agree; else as the figures say.
pub(crate) fn choose(table: &Table<'_>) -> Choice {
    let of_role = |roles: &[Role]| -> Vec<usize> {
        (0..table.columns.len()).filter(|c| roles.iter().any(|r| table.columns[*c].is(*r))).collect()
    };
    let quantities = of_role(&[Role::Quantity]);
    let prices = of_role(&[Role::Price]);
    let mut amounts = of_role(&[Role::Amount]);
    amounts.extend(of_role(&[Role::GrossAmount]).into_iter().filter(|c| !amounts.contains(c)).collect::<Vec<_>>());
    let named = Choice {
        quantity: quantities.first().copied(),
        price: prices.first().copied(),
        amount: amounts.first().copied(),
        by_arithmetic: false,
    };
    let best = best_of(table, &quantities, &prices, &amounts).unwrap_or((0, named));
    let checkable = table.items.iter().filter(|i| numeric_cells(i) >= 3).count();
    if best.0 * 2 >= checkable.max(1) || checkable == 0 {
        return if best.0 > 0 { Choice { by_arithmetic: false, ..best.1 } } else { named };
    }
    let numeric = numeric_columns(table);
    let or_numeric = |list: &[usize]| if list.is_empty() { numeric.clone() } else { list.to_vec() };
    // First fill in what no head names; only then doubt the heads.
    for (q, p, a) in
        [(or_numeric(&quantities), or_numeric(&prices), or_numeric(&amounts)), (numeric.clone(), numeric.clone(), numeric.clone())]
    {
        if let Some((hits, choice)) = best_of(table, &q, &p, &a)
            && hits >= 2
            && hits * 10 >= checkable * 8
        {
            return Choice { by_arithmetic: true, ..choice };
        }
    }
    named
}

fn numeric_cells(item: &Item<'_>) -> usize {
    item.row.iter().flatten().filter(|c| figure(&c.text).is_some()).count()
}

/// Columns that hold figures in most rows, and are no line number, date or rate.
fn numeric_columns(table: &Table<'_>) -> Vec<usize> {
    (0..table.columns.len())
        .filter(|c| !table.columns[*c].roles.iter().any(|r| matches!(r, Role::LineNo | Role::Date | Role::TaxRate | Role::Gtin)))
        .filter(|c| {
            table
                .items
                .iter()
                .filter(|i| i.row.get(*c).and_then(Option::as_ref).is_some_and(|cell| figure(&cell.text).is_some()))
                .count()
                * 10
                >= table.items.len() * 6
        })
        .take(MAX_COLUMNS)
        .collect()
}

fn best_of(table: &Table<'_>, quantities: &[usize], prices: &[usize], amounts: &[usize]) -> Option<(usize, Choice)> {
    let mut best: Option<(usize, Choice)> = None;
    for q in quantities.iter().take(MAX_COLUMNS) {
        for p in prices.iter().take(MAX_COLUMNS).filter(|p| *p != q) {
            for a in amounts.iter().take(MAX_COLUMNS).filter(|a| *a != q && *a != p) {
                let choice = Choice { quantity: Some(*q), price: Some(*p), amount: Some(*a), by_arithmetic: false };
                let agrees = |decimals| {
                    table
                        .items
                        .iter()
                        .take(200)
                        .filter(|i| {
                            matches!(
                                agreement(&of_item(table, i, &choice), decimals),
                                Agreement::Exact { .. } | Agreement::WithTax { .. }
                            )
                        })
                        .count()
                };
                let hits = agrees(Decimals::Point).max(agrees(Decimals::Comma));
                if best.is_none_or(|(most, _)| hits > most) {
                    best = Some((hits, choice));
                }
            }
        }
    }
    best
}

/// Whether a base that is printed nowhere may be believed: every row that can be checked needs the same one, and there are several.
pub(crate) fn believes_unprinted_basis(rows: &[Figures<'_>], decimals: Decimals) -> bool {
    let bases: Vec<Decimal> = rows
        .iter()
        .filter_map(|r| match agreement(r, decimals) {
            Agreement::Exact { basis } | Agreement::WithTax { basis } => Some(basis),
            Agreement::Unchecked | Agreement::Differs => None,
        })
        .collect();
    bases.len() >= 2 && bases.windows(2).all(|w| w[0] == w[1])
}

/// The decimal sign under which the rows agree, if it makes a difference.
pub(crate) fn proves(rows: &[Figures<'_>]) -> Option<Decimals> {
    // `91.877` may be a price each, or one per thousand in the other notation: without a base first.
    let count = |decimals, natural: bool| {
        let agrees = |r: &Figures<'_>| match agreement(r, decimals) {
            Agreement::Exact { basis } | Agreement::WithTax { basis } => {
                !natural || basis == Decimal::ONE || r.basis.is_some() || r.basis_in_head.is_some()
            }
            Agreement::Unchecked | Agreement::Differs => false,
        };
        rows.iter().filter(|r| matters(r) && agrees(r)).count()
    };
    [true, false].into_iter().find_map(|natural| match (count(Decimals::Point, natural), count(Decimals::Comma, natural)) {
        (p, c) if p > 2 * c => Some(Decimals::Point),
        (p, c) if c > 2 * p => Some(Decimals::Comma),
        _ => None,
    })
}

/// The row has a figure that reads differently under the two signs, or only under one.
fn matters(row: &Figures<'_>) -> bool {
    [&row.quantity, &row.price, &row.amount].into_iter().flatten().any(|f| f.amount.number.point != f.amount.number.comma)
}

/// Whether quantity, price and amount agree when the decimal sign is this.
pub(crate) fn agreement(row: &Figures<'_>, decimals: Decimals) -> Agreement {
    let value = |f: &Option<Figure<'_>>| f.as_ref().and_then(|f| f.under(decimals));
    let (Some(quantity), Some(price), Some(amount)) = (value(&row.quantity), value(&row.price), value(&row.amount)) else {
        return Agreement::Unchecked;
    };
    let discount = value(&row.discount).map(|d| d.abs()).filter(|d| *d <= Decimal::ONE_HUNDRED).unwrap_or_default();
    let printed = value(&row.basis).filter(|b| *b > Decimal::ZERO).or(row.basis_in_head);
    let others = [Decimal::ONE, Decimal::ONE_HUNDRED, Decimal::ONE_THOUSAND, Decimal::TEN];
    let bases: Vec<Decimal> = printed.into_iter().chain(others).collect();
    let net_rates = [Decimal::ONE_HUNDRED - discount, Decimal::ONE_HUNDRED];
    for basis in &bases {
        for rate in net_rates.iter().take(if discount.is_zero() { 1 } else { 2 }) {
            if extension(quantity, price, *basis, *rate).is_some_and(|x| close(x, amount, quantity)) {
                return Agreement::Exact { basis: *basis };
            }
        }
    }
    if let Some(tax) = value(&row.tax_rate).filter(|t| *t > Decimal::ZERO && *t <= Decimal::from(30)) {
        let basis = printed.unwrap_or(Decimal::ONE);
        let with_tax = extension(quantity, price, basis, Decimal::ONE_HUNDRED - discount)
            .and_then(|x| x.checked_mul(Decimal::ONE_HUNDRED + tax))
            .and_then(|x| x.checked_div(Decimal::ONE_HUNDRED))
            .filter(is_countable);
        if with_tax.is_some_and(|x| close(x, amount, quantity)) {
            return Agreement::WithTax { basis };
        }
    }
    Agreement::Differs
}

/// quantity x price / basis x rate / 100, unrounded.
fn extension(quantity: Decimal, price: Decimal, basis: Decimal, rate: Decimal) -> Option<Decimal> {
    quantity.checked_mul(price)?.checked_mul(rate)?.checked_div(basis)?.checked_div(Decimal::ONE_HUNDRED).filter(is_countable)
}

/// Equal after rounding to the printed places, or within what a rounded price makes of it (DOMAIN 15).
pub(crate) fn close(exact: Decimal, printed: Decimal, quantity: Decimal) -> bool {
    let rounded = exact.round_dp_with_strategy(printed.scale(), RoundingStrategy::MidpointAwayFromZero);
    let difference = (exact - printed).abs();
    // A price rounded to two places may be off by half a cent a piece, but never by a share that could hide an error.
    let by_price = quantity.abs().checked_mul(Decimal::new(5, 3)).unwrap_or_default().min(printed.abs() / Decimal::from(1000));
    rounded == printed || difference <= Decimal::new(1, 2) || difference <= by_price
}
