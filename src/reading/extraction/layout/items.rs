//! Item rows to order lines: which cell is whose part number, what the description is, and what the rows below an item add.

use super::columns::{self, Role};
use super::figures::{self, Agreement, Choice, Figure, Figures};
use super::labels::{self, Label};
use super::lines::{Segment, Sheet};
use super::locale::Locale;
use super::table::{Cell, Extra, Item, Table, is_line_number};
use crate::model::{Code, Confidence, DraftLine, DraftOrder, Field, Finding, Reading, Severity};
use crate::reading::document::Word;
use crate::reading::extraction::dates;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::numbers::{Amount, Decimals};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Percent of confidence by what stands behind a value; see `checks` for what raises and lowers it.
pub(crate) mod confidence {
    /// Proved by arithmetic over its row.
    pub const PROVED: u8 = 95;
    /// A label or a column head names it.
    pub const LABELLED: u8 = 80;
    /// A head names the kind of thing, but not whose it is.
    pub const GENERIC: u8 = 65;
    /// Only its place speaks for it.
    pub const POSITION: u8 = 50;
}

/// What a column with an unclear head holds is told from its cells.
pub(crate) fn settle_roles(table: &mut Table<'_>) {
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
            Role::LineNo if counts => Role::LineNo,
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

/// The cells count up like line numbers: 1 2 3, 10 20 30.
fn is_count(texts: &[String], role: Role) -> bool {
    let numbers: Option<Vec<u32>> = texts.iter().map(|t| is_line_number(t).then(|| whole_number(t)).flatten()).collect();
    let Some(numbers) = numbers else { return false };
    let rises = numbers.windows(2).all(|w| w[0] < w[1] && w[1] - w[0] <= 100);
    let starts_low = numbers.first().is_some_and(|n| *n <= 10 || (*n <= 1000 && n % 10 == 0));
    // A single part number may look like a line number; a column called part number needs more than one row to be doubted.
    rises && starts_low && (role != Role::Part || numbers.len() > 1)
}

/// `10`, `0010.`, and `1.000` as some systems print it.
fn whole_number(text: &str) -> Option<u32> {
    let bare = text.trim().trim_end_matches(['.', ')']);
    bare.strip_suffix(".000").or_else(|| bare.strip_suffix(".00")).unwrap_or(bare).parse().ok()
}

/// One or two words with a digit in them.
fn is_code(text: &str) -> bool {
    text.split_whitespace().count() <= 2 && text.bytes().any(|b| b.is_ascii_digit()) && text.len() <= 40
}

/// The lines of the table under a locale, and what is to say about them.
pub(crate) fn lines(
    sheet: &Sheet<'_>,
    table: &Table<'_>,
    choice: &Choice,
    rows: &[Figures<'_>],
    locale: &Locale,
) -> (Vec<DraftLine>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut out = Vec::new();
    let believes = figures::believes_unprinted_basis(rows, locale.decimals.unwrap_or(Decimals::Point));
    for (index, (item, figures)) in table.items.iter().zip(rows).enumerate() {
        let mut builder = Builder { sheet, table, item, locale, line: DraftLine::default() };
        builder.identity();
        builder.figures(figures, choice, believes, index, &mut findings);
        builder.extras();
        out.push(builder.line);
    }
    (out, findings)
}

struct Builder<'s, 'a> {
    sheet: &'s Sheet<'a>,
    table: &'s Table<'a>,
    item: &'s Item<'a>,
    locale: &'s Locale,
    line: DraftLine,
}

impl<'a> Builder<'_, 'a> {
    fn cell(&self, role: Role) -> Option<&Cell<'a>> {
        self.table.columns.iter().enumerate().filter(|(_, c)| c.is(role)).find_map(|(i, _)| self.item.row.get(i)?.as_ref())
    }

    /// A cell of the item's row, or of the nearest row of words that belongs to it.
    fn cell_near(&self, role: Role) -> Option<&Cell<'a>> {
        self.cell(role).or_else(|| {
            let column = self.table.column(role)?;
            self.item.extra.iter().find_map(|e| e.row.get(column)?.as_ref())
        })
    }

    fn words(&self, page: usize, text: &str, words: &[&'a Word], percent: u8) -> Option<Field<String>> {
        let page = self.sheet.doc.pages.get(page)?;
        let origin = ground_words(page, words.iter().copied())?;
        Some(Field::new(text.to_owned(), text, seen_by_ocr(words, percent), origin))
    }

    fn text_field(&self, cell: &Cell<'a>, percent: u8) -> Reading<String> {
        self.words(cell.page, cell.text.trim(), &cell.words, percent).into()
    }

    fn identity(&mut self) {
        if let Some(cell) = self.cell(Role::LineNo).filter(|c| c.text.len() <= 12) {
            self.line.line_no = self.text_field(cell, confidence::LABELLED + 10);
        }
        let named = [
            (Role::SupplierPart, confidence::LABELLED + 5),
            (Role::BuyerPart, confidence::LABELLED + 5),
            (Role::ManufacturerPart, confidence::LABELLED + 5),
            (Role::Gtin, confidence::LABELLED + 5),
            (Role::Part, confidence::GENERIC),
        ];
        for (role, percent) in named {
            let Some(column) = self.table.column(role) else { continue };
            if self.table.columns[column].is(Role::Description) {
                continue;
            }
            let Some(cell) = self.cell_near(role).filter(|c| !c.text.trim_matches(['-', '–', '/', ' ']).is_empty()).cloned()
            else {
                continue;
            };
            let reading = self.text_field(&cell, percent);
            match role {
                Role::SupplierPart => self.line.supplier_part = reading,
                Role::ManufacturerPart => self.line.manufacturer_part = reading,
                Role::Gtin => self.line.gtin = reading,
                _ if self.line.buyer_part.is_absent() => self.line.buyer_part = reading,
                _ => {}
            }
        }
        self.description();
    }

    /// The description, and a part number in front of it where the column is for both.
    fn description(&mut self) {
        let Some(column) = self.table.column(Role::Description) else { return };
        let head = &self.table.columns[column];
        let shared =
            head.roles.iter().find(|r| matches!(r, Role::Part | Role::SupplierPart | Role::BuyerPart | Role::Item)).copied();
        let mut cells: Vec<&Cell<'a>> = Vec::new();
        let above: Vec<&Cell<'a>> = self
            .item
            .extra
            .iter()
            .filter(|e| e.above && !self.is_labelled(e))
            .filter_map(|e| e.row.get(column)?.as_ref())
            .collect();
        cells.extend(above);
        cells.extend(self.item.row.get(column).and_then(Option::as_ref));
        let mut words: Vec<&'a Word> = cells.iter().flat_map(|c| c.words.iter().copied()).collect();
        let page = cells.first().map_or(self.sheet.lines[self.item.line].page, |c| c.page);
        let mut bottom = self.sheet.lines[self.item.line].y1;
        for extra in self.item.extra.iter().filter(|e| !e.above).take(4) {
            let line = &self.sheet.lines[extra.line];
            let Some(cell) = extra.row.get(column).and_then(Option::as_ref) else { continue };
            // A text row that goes on right below, in its own column and without a label of its own.
            if line.page != page
                || line.y0 - bottom > 0.9 * line.height()
                || self.is_labelled(extra)
                || (words.is_empty() && shared.is_some())
            {
                break;
            }
            bottom = line.y1;
            words.extend(cell.words.iter().copied());
        }
        let mut text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        if let Some((code, count)) = leading_code(&words, shared.is_some())
            && self.line.buyer_part.is_absent()
            && self.line.supplier_part.is_absent()
        {
            let taken: Vec<&'a Word> = words.drain(..count).collect();
            let percent = if shared.is_some() { confidence::GENERIC } else { confidence::POSITION };
            let part: Reading<String> = self.words(page, &code, &taken, percent).into();
            if shared == Some(Role::SupplierPart) {
                self.line.supplier_part = part
            } else {
                self.line.buyer_part = part
            }
            text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        }
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | ':' | '|' | '•')).to_owned();
        if !text.is_empty() {
            self.line.description = self.words(page, &text, &words, confidence::LABELLED).into();
        }
    }

    /// Whether a row below carries a label of its own: it says something else than the description.
    fn is_labelled(&self, extra: &Extra<'a>) -> bool {
        let line = &self.sheet.lines[extra.line];
        line.segments.iter().any(|s| !labels::hits(s).is_empty() || !part_labels(s).is_empty())
    }

    fn figures(&mut self, figures: &Figures<'a>, choice: &Choice, believes_basis: bool, index: usize, findings: &mut Vec<Finding>) {
        let decimals = self.locale.decimals.unwrap_or(Decimals::Point);
        let agreement = match figures::agreement(figures, decimals) {
            // A tenfold price is more often a slip than a base: it must be printed, or be the rule on this form.
            Agreement::Exact { basis } | Agreement::WithTax { basis }
                if basis != Decimal::ONE && !believes_basis && !names_basis(figures, basis, decimals) =>
            {
                Agreement::Differs
            }
            other => other,
        };
        let proved = matches!(agreement, Agreement::Exact { .. } | Agreement::WithTax { .. });
        let percent = if proved { confidence::PROVED } else { confidence::LABELLED - 5 };
        let pointer = |name: &str| format!("/orders/0/lines/{index}/{name}");
        let mut number = |figure: &Option<Figure<'a>>, name: &str| {
            figure.as_ref().map_or(Reading::Absent, |f| self.number(f, proved, percent, &pointer(name), findings))
        };
        let quantity = number(&figures.quantity, "quantity");
        let price = number(&figures.price, "unit_price");
        let amount = number(&figures.amount, "line_total");
        let discount = number(&figures.discount, "discount_percent");
        self.line.quantity = quantity;
        self.line.unit_price = price;
        self.line.line_total = amount;
        self.line.discount_percent = match discount {
            Reading::Found(field) if field.value.is_zero() => Reading::Absent,
            Reading::Found(field) => Reading::Found(field.map(|d: Decimal| d.abs())),
            other => other,
        };
        for (role, cell) in &figures.unreadable {
            let spans = self
                .sheet
                .doc
                .pages
                .get(cell.page)
                .and_then(|p| ground_words(p, cell.words.iter().copied()))
                .map(|o| o.spans().to_vec())
                .unwrap_or_default();
            let reading = Reading::Unreadable { raw: cell.text.clone(), spans };
            if *role == Role::Quantity { self.line.quantity = reading } else { self.line.unit_price = reading }
        }
        self.basis(figures, agreement, decimals, index, findings);
        self.unit(figures);
        if let Agreement::WithTax { .. } = agreement {
            findings.push(Finding::new(
                Code::LineTotalMismatch,
                Severity::Note,
                pointer("line_total"),
                "The printed line total includes tax.",
            ));
        }
        if choice.by_arithmetic && index == 0 {
            findings.push(Finding::new(
                Code::AmbiguousColumns,
                Severity::Ask,
                "/orders/0/lines",
                "The column heads do not tell quantity, price and amount apart; they were told by quantity x price = amount.",
            ));
        }
    }

    /// A figure under the document's locale; where nothing decides, both values stand.
    fn number(
        &self,
        figure: &Figure<'a>,
        proved: bool,
        percent: u8,
        pointer: &str,
        findings: &mut Vec<Finding>,
    ) -> Reading<Decimal> {
        let Some(origin) =
            self.sheet.doc.pages.get(figure.cell.page).and_then(|p| ground_words(p, figure.cell.words.iter().copied()))
        else {
            return Reading::Absent;
        };
        read_number(
            &figure.amount,
            &figure.cell.text,
            seen_by_ocr(&figure.cell.words, percent),
            origin,
            self.locale,
            proved,
            pointer,
            findings,
        )
    }

    fn basis(
        &mut self,
        figures: &Figures<'a>,
        agreement: Agreement,
        decimals: Decimals,
        index: usize,
        findings: &mut Vec<Finding>,
    ) {
        let (Agreement::Exact { basis } | Agreement::WithTax { basis }) = agreement else {
            // Nothing to check against: the printed base is taken as it stands.
            if let Some(figure) = figures.basis.as_ref().filter(|f| f.under(decimals).is_some_and(|b| b > Decimal::ONE)) {
                self.line.price_basis = self.number(figure, false, confidence::LABELLED, "", &mut Vec::new());
            } else if let Some(basis) = figures.basis_in_head {
                self.line.price_basis = Reading::Found(Field::computed(basis, "named in the column head"));
            }
            return;
        };
        if basis == Decimal::ONE {
            return;
        }
        let printed = figures.basis.as_ref().filter(|f| f.under(decimals) == Some(basis));
        self.line.price_basis = match printed {
            Some(figure) => self.number(figure, true, confidence::PROVED, "", &mut Vec::new()),
            None => {
                let rule = format!("quantity x price / {basis} = line total");
                if figures.basis_in_head != Some(basis) {
                    let message = format!("The price is for {basis}: only so does quantity x price give the line total.");
                    findings.push(Finding::new(
                        Code::AmbiguousField,
                        Severity::Note,
                        format!("/orders/0/lines/{index}/price_basis"),
                        message,
                    ));
                }
                Reading::Found(Field::computed(basis, rule))
            }
        };
    }

    /// The unit: its own column, or beside the quantity, or behind the price.
    fn unit(&mut self, figures: &Figures<'a>) {
        let own = self
            .cell(Role::Unit)
            .filter(|c| {
                c.text.len() <= 20
                    && c.text.chars().any(char::is_alphabetic)
                    && !self.table.columns[self.table.column(Role::Unit).unwrap_or(0)].is(Role::Quantity)
            })
            .cloned();
        if let Some(cell) = own {
            self.line.uom = self.text_field(&cell, confidence::LABELLED);
            return;
        }
        let Some(quantity) = &figures.quantity else { return };
        let beside = [&quantity.amount.after, &quantity.amount.before].into_iter().find(|t| t.chars().any(char::is_alphabetic));
        if let Some(text) = beside {
            let text = text.trim_matches(|c: char| matches!(c, '/' | '(' | ')' | ' '));
            let words: Vec<&Word> =
                quantity.cell.words.iter().copied().filter(|w| w.text.contains(text.split(' ').next().unwrap_or(text))).collect();
            let words = if words.is_empty() { quantity.cell.words.clone() } else { words };
            self.line.uom = self.words(quantity.cell.page, text, &words, confidence::LABELLED).into();
            return;
        }
        let priced_in = figures.price.as_ref().map(|p| {
            p.amount.after.trim_start_matches(['/', ' ']).trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned()
        });
        if let (Some(text), Some(price)) = (priced_in, &figures.price)
            && crate::model::Unit::parse(&text).is_some()
        {
            self.line.uom = self.words(price.cell.page, &text, &price.cell.words, confidence::GENERIC).into();
        }
    }

    /// What the rows of the item say under labels of their own, and its date column.
    fn extras(&mut self) {
        if let Some(cell) = self.cell_near(Role::Date).cloned() {
            self.line.requested_date = self.date(&cell.text, cell.page, &cell.words, 0, confidence::LABELLED + 5);
        }
        let rows: Vec<usize> = self.item.extra.iter().map(|e| e.line).chain(std::iter::once(self.item.line)).collect();
        for line in rows {
            for segment in &self.sheet.lines[line].segments {
                self.labelled_parts(segment, line);
                self.labelled_date(segment, line);
            }
        }
        if self.line.requested_date.is_absent() {
            // A date on a row of its own under the item, as in delivery schedules.
            for extra in self.item.extra.iter().filter(|e| !e.above) {
                let line = &self.sheet.lines[extra.line];
                for segment in line.segments.iter().filter(|s| s.words.len() <= 5) {
                    let found = dates::find(&segment.text, self.locale.received);
                    let covers = found.first().is_some_and(|d| d.end - d.start + 12 >= segment.text.len());
                    if covers && labels::hits(segment).is_empty() {
                        self.line.requested_date =
                            self.date(&segment.text, line.page, &segment.words, 0, confidence::POSITION + 10);
                        return;
                    }
                }
            }
        }
    }

    fn labelled_parts(&mut self, segment: &Segment<'a>, line: usize) {
        let page = self.sheet.lines[line].page;
        for (role, start, end) in part_labels(segment) {
            let words = segment.words_in(start, end);
            let field =
                || -> Reading<String> { self.words(page, &segment.text[start..end], &words, confidence::LABELLED + 5).into() };
            let slot = match role {
                Role::SupplierPart => &self.line.supplier_part,
                Role::ManufacturerPart => &self.line.manufacturer_part,
                Role::Gtin => &self.line.gtin,
                _ => &self.line.buyer_part,
            };
            if !slot.is_absent() {
                continue;
            }
            let value = field();
            match role {
                Role::SupplierPart => self.line.supplier_part = value,
                Role::ManufacturerPart => self.line.manufacturer_part = value,
                Role::Gtin => self.line.gtin = value,
                _ => self.line.buyer_part = value,
            }
        }
    }

    fn labelled_date(&mut self, segment: &Segment<'a>, line: usize) {
        if !self.line.requested_date.is_absent() {
            return;
        }
        let Some(hit) = labels::hits(segment).into_iter().find(|h| h.label == Label::DeliveryDate) else { return };
        let rest = &segment.text[hit.end..];
        if !rest.trim().is_empty() {
            self.line.requested_date = self.date(rest, self.sheet.lines[line].page, &segment.words, hit.end, confidence::LABELLED);
            return;
        }
        let after = self.sheet.lines[line].segments.iter().find(|s| s.x0 > segment.x1);
        if let Some(next) = after {
            self.line.requested_date = self.date(&next.text, self.sheet.lines[line].page, &next.words, 0, confidence::LABELLED);
        }
    }

    /// The first date of a text whose words are a segment's; `offset` is where the text begins in it.
    fn date(&self, text: &str, page: usize, words: &[&'a Word], offset: usize, percent: u8) -> Reading<Date> {
        let Some(printed) = dates::parse(text, self.locale.received) else { return Reading::Absent };
        let segment = Segment::of(words.to_vec());
        let inside = segment.words_in(printed.start + offset, printed.end + offset);
        let used = if inside.is_empty() { words.to_vec() } else { inside };
        let Some(origin) = self.sheet.doc.pages.get(page).and_then(|p| ground_words(p, used.iter().copied())) else {
            return Reading::Absent;
        };
        read_date(&printed, &text[printed.start..printed.end], seen_by_ocr(&used, percent), origin, self.locale)
    }
}

/// The purchase order's number from a column that repeats it on each row; several numbers are several.
pub(crate) fn order_number(sheet: &Sheet<'_>, table: &Table<'_>) -> Reading<String> {
    let Some(column) = table.column(Role::OrderNo) else { return Reading::Absent };
    let mut fields: Vec<Field<String>> = Vec::new();
    for cell in table.items.iter().filter_map(|i| i.row.get(column)?.as_ref()) {
        let known = fields.iter().any(|f| f.value == cell.text);
        if !known && let Some(origin) = sheet.doc.pages.get(cell.page).and_then(|p| ground_words(p, cell.words.iter().copied())) {
            fields.push(Field::new(cell.text.clone(), cell.text.clone(), seen_by_ocr(&cell.words, confidence::LABELLED), origin));
        }
    }
    if fields.len() > 1 { Reading::Several(fields) } else { fields.pop().into() }
}

/// An export repeats on each row what holds for the whole order: its date, and a delivery date that is the same throughout.
pub(crate) fn settle_export(table: &Table<'_>, order: &mut DraftOrder, locale: &Locale, sheet: &Sheet<'_>) {
    if let Some(column) = table.column(Role::OrderDate).filter(|_| order.po_date.is_absent()) {
        let cells: Vec<&Cell<'_>> = table.items.iter().filter_map(|i| i.row.get(column)?.as_ref()).collect();
        if let Some(first) = cells.first().filter(|first| cells.iter().all(|c| c.text == first.text))
            && let Some(printed) = dates::parse(&first.text, locale.received)
            && let Some(origin) = sheet.doc.pages.get(first.page).and_then(|p| ground_words(p, first.words.iter().copied()))
        {
            let percent = seen_by_ocr(&first.words, confidence::LABELLED + 5);
            order.po_date = read_date(&printed, &first.text[printed.start..printed.end], percent, origin, locale);
        }
    }
    if table.column(Role::OrderNo).is_none() || !order.requested_delivery_date.is_absent() {
        return;
    }
    let wanted: Vec<Option<Date>> = order.lines.iter().map(|l| l.requested_date.value().copied()).collect();
    if wanted.iter().all(|d| d.is_some() && *d == wanted[0]) {
        for line in &mut order.lines {
            order.requested_delivery_date = std::mem::replace(&mut line.requested_date, Reading::Absent);
        }
    }
}

/// Whether the quantities of a table show by themselves that their signs group: some have none, and no other has decimals.
pub(crate) fn groups_quantities(rows: &[Figures<'_>]) -> bool {
    let quantities: Vec<&Figure<'_>> = rows.iter().filter_map(|r| r.quantity.as_ref()).collect();
    let plain = quantities.iter().filter(|q| q.amount.number.only().is_some_and(|v| v.scale() == 0)).count();
    let split = quantities.iter().filter(|q| q.amount.number.is_ambiguous()).count();
    plain >= 1 && plain + split == quantities.len()
}

/// The base is printed: in its own column, behind the price, in the column head, or as a unit of hundreds or thousands.
fn names_basis(figures: &Figures<'_>, basis: Decimal, decimals: Decimals) -> bool {
    let printed = figures.basis.as_ref().and_then(|f| f.under(decimals)) == Some(basis);
    printed || figures.basis_in_head == Some(basis)
}

/// A date under the document's day order; both readings where nothing decides (DOMAIN 34).
pub(crate) fn read_date(
    printed: &dates::PrintedDate,
    raw: &str,
    percent: Confidence,
    origin: crate::model::Origin,
    locale: &Locale,
) -> Reading<Date> {
    let field = |date: Date, percent: Confidence| Field::new(date, raw.trim(), percent, origin.clone());
    if let Some(date) = printed.only() {
        return Reading::Found(field(date, percent));
    }
    // Points between day, month and a year of two digits: the day comes first unless the year is the only one that fits the time of receipt.
    let readings: Vec<Date> = plausible(printed, locale.received);
    if let [date] = readings.as_slice() {
        return Reading::Found(field(*date, percent));
    }
    if let Some(date) = locale.order.and_then(|o| printed.under(o)) {
        return Reading::Found(field(date, percent));
    }
    Reading::Several(readings.into_iter().map(|d| field(d, Confidence::percent(confidence::POSITION))).collect())
}

/// Readings whose year is near the time of receipt; all of them when none is.
fn plausible(printed: &dates::PrintedDate, received: Option<Date>) -> Vec<Date> {
    let mut all: Vec<Date> = Vec::new();
    for (date, order) in &printed.readings {
        // Year first with two digits is rare: it counts only where nothing else is possible.
        let rare = *order == Some(dates::DayOrder::YearMonthDay) && printed.readings.len() > 1;
        if !rare && !all.contains(date) {
            all.push(*date);
        }
    }
    if let Some(received) = received {
        let near: Vec<Date> = all.iter().copied().filter(|d| (d.year() - received.year()).abs() <= 3).collect();
        if near.is_empty() {
            let rare: Vec<Date> =
                printed.readings.iter().map(|(d, _)| *d).filter(|d| (d.year() - received.year()).abs() <= 3).collect();
            return if rare.is_empty() { all } else { rare };
        }
        return near;
    }
    all
}

/// A number under the document's decimal sign; both readings where nothing decides (DOMAIN 20).
#[expect(clippy::too_many_arguments, reason = "one place decides about numbers for cells, totals and free text")]
pub(crate) fn read_number(
    amount: &Amount,
    raw: &str,
    percent: Confidence,
    origin: crate::model::Origin,
    locale: &Locale,
    proved: bool,
    pointer: &str,
    findings: &mut Vec<Finding>,
) -> Reading<Decimal> {
    let field = |value: Decimal, percent: Confidence| Field::new(value, raw.trim(), percent, origin.clone());
    if let Some(value) = amount.number.only() {
        return Reading::Found(field(value, percent));
    }
    let (Some(point), Some(comma)) = (amount.number.point, amount.number.comma) else { return Reading::Absent };
    if proved || locale.decimals_proved {
        let value = if locale.decimals == Some(Decimals::Comma) { comma } else { point };
        return Reading::Found(field(value, percent));
    }
    let whole = if point.fract().is_zero() { point } else { comma };
    if pointer.ends_with("quantity") {
        // Beside quantities without any sign, a sign with three digits behind it can only group: decimals would be printed everywhere.
        if locale.quantities_grouped {
            return Reading::Found(field(point.max(comma), Confidence::percent(confidence::GENERIC)));
        }
        // Pieces do not come in fractions; but `1.000` is whole either way.
        let pieces = crate::model::Unit::parse(&amount.after).is_some_and(|u| u == crate::model::Unit::piece());
        if pieces && point.fract().is_zero() != comma.fract().is_zero() {
            return Reading::Found(field(whole, Confidence::percent(confidence::GENERIC)));
        }
    } else if let Some(value) = locale.decimals.filter(|_| !pointer.ends_with("unit_price")).and_then(|d| amount.number.under(d)) {
        // Nothing but custom decides; a thousandfold price is not left to it.
        return Reading::Found(field(value, Confidence::percent(confidence::GENERIC)));
    }
    if !pointer.is_empty() {
        let message = format!("`{}` may be {point} or {comma}, and nothing on the document decides.", raw.trim());
        findings.push(Finding::new(Code::AmbiguousNumber, Severity::Ask, pointer, message).at(origin.spans()));
    }
    Reading::Several(vec![
        field(whole, Confidence::percent(confidence::POSITION)),
        field(if whole == point { comma } else { point }, Confidence::percent(confidence::POSITION)),
    ])
}

/// Confidence is never higher than the recognition's own, where a word was read by OCR.
pub(crate) fn seen_by_ocr(words: &[&Word], percent: u8) -> Confidence {
    let lowest = words.iter().filter_map(|w| w.ocr_confidence).min().unwrap_or(100);
    Confidence::percent(percent.min(lowest))
}

/// A code that begins a description: `[FURN_7777]`, or the first word of a column headed "part no. / description".
fn leading_code(words: &[&Word], shared: bool) -> Option<(String, usize)> {
    let first = words.first()?;
    if let Some(inner) = first.text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        return Some((inner.to_owned(), 1));
    }
    let bare = first.text.trim_end_matches([':', ',', ';']);
    let is_code = bare.len() >= 3 && bare.bytes().any(|b| b.is_ascii_digit()) && !bare.contains('%');
    (shared && is_code).then(|| (bare.to_owned(), 1))
}

/// Part numbers under a label inside a text: `Your part: X-100`, `EAN 4006381333931`. Role and byte range of the value.
pub(crate) fn part_labels(segment: &Segment<'_>) -> Vec<(Role, usize, usize)> {
    let mut found = Vec::new();
    let tokens = &segment.tokens;
    let mut i = 0;
    while i < tokens.len() {
        let before = segment.text[..tokens[i].start].trim_end();
        let stands_alone = before.is_empty() || before.ends_with([',', ';', '/', '|', '(', '-', '·', '.', '•', ':']);
        let Some((count, role)) = longest_part_phrase(segment, i) else {
            i += 1;
            continue;
        };
        let end = tokens[i + count - 1].end;
        let rest = &segment.text[end..];
        let lead = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ')' | 'º' | '°'));
        let marked = lead.starts_with([':', '#', '=']);
        let clear = matches!(role, Role::SupplierPart | Role::BuyerPart | Role::ManufacturerPart | Role::Gtin);
        let value_start =
            segment.text.len() - lead.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '#' | '=')).len();
        let value = &segment.text[value_start..];
        let value_end = value
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '|'))
            .map_or(segment.text.len(), |n| value_start + n);
        let text = &segment.text[value_start..value_end];
        let is_value = text.len() >= 2 && text.len() <= 40 && text.bytes().any(|b| b.is_ascii_digit());
        if is_value && (marked || (clear && (stands_alone || count >= 2)) || (stands_alone && count >= 2)) {
            found.push((role, value_start, value_end));
        }
        i += count;
    }
    found
}

/// The longest phrase at a token that names a part number.
fn longest_part_phrase(segment: &Segment<'_>, i: usize) -> Option<(usize, Role)> {
    let tokens = &segment.tokens;
    (1..=(tokens.len() - i).min(5)).rev().find_map(|count| {
        let text = &segment.text[tokens[i].start..tokens[i + count - 1].end];
        let role = columns::exact_role(text)?;
        matches!(role, Role::SupplierPart | Role::BuyerPart | Role::ManufacturerPart | Role::Gtin | Role::Part)
            .then_some((count, role))
    })
}
