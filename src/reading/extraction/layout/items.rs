//! Item rows to order lines: which cell is whose part number, what the description is, and what the rows below an item add.

use super::cells::Cell;
use super::columns::Role;
use super::figures::{self, Agreement, Choice, Figure, Figures};
use super::labels::{self, Label};
use super::lines::{Segment, Sheet};
use super::locale::Locale;
use super::part_numbers::{is_code_row, leading_code, part_labels, spaced_code};
pub(crate) use super::readings::{confidence, read_date, read_number, seen_by_ocr};
use super::table::{Item, Table};
use crate::model::{Code, DraftLine, Field, Finding, Reading, Severity};
use crate::reading::document::Word;
use crate::reading::extraction::dates;
use crate::reading::extraction::ground::ground_words;
use crate::reading::extraction::numbers::Decimals;
use jiff::civil::Date;
use rust_decimal::Decimal;

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
    let codes_first: Vec<bool> = (0..table.columns.len()).map(|c| has_codes_first(sheet, table, c)).collect();
    for (index, (item, figures)) in table.items.iter().zip(rows).enumerate() {
        let mut builder = Builder { sheet, table, item, locale, codes_first: &codes_first, line: DraftLine::default() };
        builder.identity();
        builder.figures(figures, choice, believes, index, &mut findings);
        builder.extras();
        out.push(builder.line);
    }
    (out, findings)
}

/// Whether a row below carries a label of its own: it says something else than the text of its column.
fn is_labelled(sheet: &Sheet<'_>, line: usize) -> bool {
    // `Packing tape 50 mm`: a word for a charge labels nothing without a sign behind it.
    let labels_something = |hit: &labels::Hit| hit.marked || !matches!(hit.label, Label::Shipping | Label::Discount);
    sheet.lines[line].segments.iter().any(|s| labels::hits(s).iter().any(labels_something) || !part_labels(s).is_empty())
}

/// An item's own cell of a column and those right below it that carry no label.
fn column_rows<'i, 'a>(sheet: &Sheet<'a>, item: &'i Item<'a>, column: usize) -> Vec<&'i Cell<'a>> {
    let mut rows: Vec<&Cell<'a>> = item.row.get(column).and_then(Option::as_ref).into_iter().collect();
    let own = &sheet.lines[item.line];
    let mut bottom = own.y1;
    for extra in item.extra.iter().filter(|e| !e.above) {
        let line = &sheet.lines[extra.line];
        if line.page != own.page || line.y0 - bottom > 0.9 * line.height() || is_labelled(sheet, extra.line) {
            break;
        }
        bottom = line.y1;
        rows.extend(extra.row.get(column).and_then(Option::as_ref));
    }
    rows
}

/// In a column for number and text, or for text alone where no column is for numbers: a code in the first row and words in the next,
/// item after item.
fn has_codes_first(sheet: &Sheet<'_>, table: &Table<'_>, column: usize) -> bool {
    let head = &table.columns[column];
    let own_column =
        [Role::Part, Role::BuyerPart, Role::SupplierPart].iter().any(|r| table.column(*r).is_some_and(|c| c != column));
    if !head.is(Role::Description) || own_column {
        return false;
    }
    let (mut both, mut all) = (0, 0);
    for item in &table.items {
        let rows = column_rows(sheet, item, column);
        all += 1;
        both += usize::from(rows.len() >= 2 && is_code_row(&rows[0].text) && !is_code_row(&rows[1].text));
    }
    both > 0 && both * 10 >= all * 8
}

struct Builder<'s, 'a> {
    sheet: &'s Sheet<'a>,
    table: &'s Table<'a>,
    item: &'s Item<'a>,
    locale: &'s Locale,
    /// Columns in which a row with a number stands above the row with the text.
    codes_first: &'s [bool],
    line: DraftLine,
}

impl<'s, 'a> Builder<'s, 'a> {
    fn cell(&self, role: Role) -> Option<Cell<'a>> {
        self.table.cell(self.item, role)
    }

    /// A cell of the item's row, or of the nearest row of words that belongs to it.
    fn cell_near(&self, role: Role) -> Option<Cell<'a>> {
        self.cell(role).or_else(|| {
            let column = self.table.column(role)?;
            let rows = self.item.extra.iter().filter(|e| !is_labelled(self.sheet, e.line));
            rows.filter_map(|e| e.row.get(column)?.clone()).next()
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
            self.line.line_no = self.text_field(&cell, confidence::LABELLED + 10);
        }
        let named = [
            (Role::SupplierPart, confidence::LABELLED + 5),
            (Role::BuyerPart, confidence::LABELLED + 5),
            (Role::ManufacturerPart, confidence::LABELLED + 5),
            (Role::Gtin, confidence::LABELLED + 5),
            (Role::Part, confidence::GENERIC),
        ];
        for (role, percent) in named {
            let reading = self.part_in_column(role, percent);
            match role {
                _ if reading.is_absent() => {}
                Role::SupplierPart => self.line.supplier_part = reading,
                Role::ManufacturerPart => self.line.manufacturer_part = reading,
                Role::Gtin => self.line.gtin = reading,
                _ if self.line.buyer_part.is_absent() => self.line.buyer_part = reading,
                _ => {}
            }
        }
        self.description();
    }

    /// The part number in a role's own column, or in the row below under the second line of a head.
    fn part_in_column(&self, role: Role, percent: u8) -> Reading<String> {
        let filled = |c: &Cell<'a>| c.text.chars().any(char::is_alphanumeric);
        let column = self.table.column(role).filter(|c| !self.table.columns[*c].is(Role::Description));
        let Some(column) = column else {
            let below = self.table.below(self.item, role).filter(filled).filter(|c| c.text.bytes().any(|b| b.is_ascii_digit()));
            return below.map_or(Reading::Absent, |cell| self.text_field(&cell, percent));
        };
        let own = self.item.row.get(column).and_then(Option::as_ref).filter(|c| filled(c));
        let Some(cell) = own
            .cloned()
            .or_else(|| self.broken_over_rows(column))
            .or_else(|| self.cell_near(role).filter(|c| is_code_row(&c.text)))
        else {
            return Reading::Absent;
        };
        let mut words = self.without_neighbours(column, &cell.words);
        let mut text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        if words.len() == cell.words.len() {
            text = cell.text.trim().to_owned();
        }
        // Two numbers under a head of two lines are two.
        let has_second_row = [Role::Part, Role::BuyerPart, Role::SupplierPart, Role::ManufacturerPart]
            .iter()
            .any(|r| self.table.below(self.item, *r).is_some());
        let mut longer: Reading<String> = Reading::Absent;
        for next in self.column_rows(column).into_iter().skip(1).take(2) {
            if own.is_none() || next.words.len() > 1 {
                break;
            }
            let with_next = [words.as_slice(), &next.words].concat();
            // A number that goes on in the next row ends its first with a sign; without one it may go on.
            if text.ends_with(['-', '/', '_', '.']) {
                words = with_next;
                text.push_str(next.text.trim());
            } else if !has_second_row && is_code_row(&text) && is_code_row(&next.text) && longer.is_absent() {
                longer = self.words(cell.page, &format!("{text} {}", next.text.trim()), &with_next, confidence::POSITION).into();
            }
        }
        // One column for both: `11770167 Sanding belt 80x120`.
        let is_text = words.iter().skip(1).filter(|word| word.text.chars().filter(|c| c.is_lowercase()).count() >= 2).count();
        if self.table.column(Role::Description).is_none() && is_text >= 1 {
            return self.leading_number(cell.page, &words, percent);
        }
        let found: Reading<String> = self.words(cell.page, &text, &words, percent).into();
        match (found, longer) {
            (Reading::Found(short), Reading::Found(long)) => Reading::Several(vec![short, long]),
            (found, _) => found,
        }
    }

    /// The number that a text begins with; two where it may go on with the next word.
    fn leading_number(&self, page: usize, words: &[&'a Word], percent: u8) -> Reading<String> {
        let Some((code, count)) = leading_code(words, true) else { return Reading::Absent };
        let short = self.words(page, &code, &words[..count], percent);
        let long = spaced_code(&code, &words[count..])
            .and_then(|longer| self.words(page, &longer, &words[..(count + 1).min(words.len())], confidence::POSITION));
        match (short, long) {
            (Some(short), Some(long)) => Reading::Several(vec![short, long]),
            (short, _) => short.into(),
        }
    }

    /// A number that stands around the item's row: `AKM-70X-` above, `685` below.
    fn broken_over_rows(&self, column: usize) -> Option<Cell<'a>> {
        let cells: Vec<&Cell<'a>> = self.item.extra.iter().filter_map(|extra| extra.row.get(column)?.as_ref()).collect();
        let [first, second, ..] = cells.as_slice() else { return None };
        (first.text.trim().ends_with(['-', '/', '_']) && is_code_row(&second.text)).then(|| Cell {
            text: format!("{}{}", first.text.trim(), second.text.trim()),
            words: [first.words.as_slice(), &second.words].concat(),
            page: first.page,
        })
    }

    /// A cell's words without those of a text that ran into its column: where all others hold one word, the one that looks like them.
    fn without_neighbours(&self, column: usize, words: &[&'a Word]) -> Vec<&'a Word> {
        let rows = || self.table.items.iter().filter_map(|item| item.row.get(column)?.as_ref());
        let alone: Vec<&Cell<'a>> = rows().filter(|cell| cell.words.len() == 1).collect();
        if words.len() < 2 || alone.len() * 2 < rows().count() {
            return words.to_vec();
        }
        let alike: Vec<&'a Word> = words
            .iter()
            .copied()
            .filter(|word| alone.iter().any(|cell| cell.text.len() == word.text.len() && is_code_row(&word.text)))
            .collect();
        if alike.len() == 1 { alike } else { words.to_vec() }
    }

    /// The item's own cell of a column and those right below it that carry no label.
    fn column_rows(&self, column: usize) -> Vec<&'s Cell<'a>> {
        column_rows(self.sheet, self.item, column)
    }

    /// The description, and a part number in front of it where the column is for both.
    fn description(&mut self) {
        let column = self.table.column(Role::Description);
        let parts = [Role::Part, Role::SupplierPart, Role::BuyerPart, Role::Item];
        let Some(column) = column else {
            // The text stands under the number in its column, or under the second line of a head.
            let below = self.table.below(self.item, Role::Description);
            let rows = parts.iter().find_map(|r| self.table.column(*r)).map(|c| self.column_rows(c)).unwrap_or_default();
            // Behind the number in its own cell.
            let beside = rows
                .first()
                .filter(|c| c.words.len() > 2 && !is_code_row(&c.text))
                .map(|c| Cell::of(c.words[1..].to_vec(), c.page));
            let cells: Vec<Cell<'a>> = beside.into_iter().chain(below).chain(rows.into_iter().skip(1).cloned()).take(3).collect();
            let words: Vec<&'a Word> = cells.iter().flat_map(|c| c.words.iter().copied()).collect();
            let page = cells.first().map_or(0, |c| c.page);
            return self.describe(page, &words);
        };
        let shared = self.table.columns[column].roles.iter().find(|r| parts.contains(r)).copied();
        let above = self.item.extra.iter().filter(|e| e.above && !is_labelled(self.sheet, e.line));
        let mut cells: Vec<&Cell<'a>> = above.filter_map(|e| e.row.get(column)?.as_ref()).collect();
        cells.extend(self.column_rows(column).into_iter().take(5));
        // In some forms the text begins in the row below; under a shared head that row is no part number.
        if self.item.row.get(column).and_then(Option::as_ref).is_none() && shared.is_some() && cells.is_empty() {
            return;
        }
        let page = cells.first().map_or(self.sheet.lines[self.item.line].page, |c| c.page);
        let mut words: Vec<&'a Word> = cells.iter().flat_map(|c| c.words.iter().copied()).collect();
        let nameless = self.line.buyer_part.is_absent() && self.line.supplier_part.is_absent();
        let part = if !nameless {
            None
        } else if self.codes_first.get(column) == Some(&true) {
            cells.first().map(|c| (c.text.trim().to_owned(), c.words.len()))
        } else {
            leading_code(&words, shared.is_some())
        };
        if let Some((code, count)) = part {
            let taken: Vec<&'a Word> = words.drain(..count).collect();
            let percent = if shared.is_some() { confidence::GENERIC } else { confidence::POSITION };
            let mut part: Reading<String> = self.words(page, &code, &taken, percent).into();
            if let (Reading::Found(field), Some(longer)) = (&part, spaced_code(&code, &words)) {
                let with_next = [taken.as_slice(), &words[..1]].concat();
                let other = self.words(page, &longer, &with_next, confidence::POSITION);
                part = Reading::Several([Some(field.clone()), other].into_iter().flatten().collect());
            }
            if shared == Some(Role::SupplierPart) { self.line.supplier_part = part } else { self.line.buyer_part = part }
        }
        self.describe(page, &words);
    }

    fn describe(&mut self, page: usize, words: &[&'a Word]) {
        let text = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | ':' | '|' | '•')).to_owned();
        if !text.is_empty() {
            self.line.description = self.words(page, &text, words, confidence::LABELLED).into();
        }
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
        let own = self.cell(Role::Unit).filter(|c| {
            c.text.len() <= 20
                && c.text.chars().any(char::is_alphabetic)
                && self.table.column(Role::Unit).is_none_or(|c| !self.table.columns[c].is(Role::Quantity))
        });
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
        if let Some(cell) = self.cell_near(Role::Date) {
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
