//! Workbooks (XLSX, XLS, ODS) and delimited text as pages: a sheet a page, a row a line, each column at its own x.
//!
//! Cells become text as people would write them: dates `YYYY-MM-DD`, numbers without the noise of binary floating point.
//! Formulas are not computed; the value that was saved with them counts.

use super::grid::{Grid, Piece};
use super::{Document, Limits, SourceKind, Visibility, named, note_hidden_text, refused, text};
use crate::model::{Code, Finding, Severity};
use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetVisible, Sheets, Xlsx};
use std::collections::BTreeMap;
use std::io::Cursor;

/// Free characters between columns.
const GAP: usize = 3;
/// A column is not made wider than this for a long text; the text then runs over the next columns.
const WIDEST_COLUMN: usize = 120;
/// Columns of a table of data: the lines are filled up to the last of them.
const WIDEST_TABLE: u32 = 256;

/// One sheet's filled cells by row and column.
struct Cells {
    name: String,
    visible: bool,
    rows: BTreeMap<u32, BTreeMap<u32, String>>,
}

/// Reads a workbook or delimited text.
pub(super) fn read(bytes: &[u8], name: &str, limits: &Limits) -> Document {
    let is_workbook = bytes.starts_with(b"PK") || bytes.starts_with(b"\xD0\xCF\x11\xE0");
    let mut budget = Budget { rows: limits.rows, cells: limits.cells, spent: false };
    let sheets = if is_workbook {
        let unpacked = declared_size(bytes);
        if unpacked > limits.unpacked_bytes as u64 {
            let why = format!("{} unpacks to {unpacked} bytes; the limit is {}", named(name), limits.unpacked_bytes);
            return refused(SourceKind::Sheet, Code::LimitReached, Severity::Ask, why);
        }
        match workbook(bytes, limits, &mut budget) {
            Ok(sheets) => sheets,
            Err(problem) if problem.to_ascii_lowercase().contains("password") => {
                let why = format!("{} is encrypted and needs a password", named(name));
                return refused(SourceKind::Sheet, Code::PasswordNeeded, Severity::Block, why);
            }
            Err(problem) => {
                let why = format!("{} is a damaged workbook: {problem}", named(name));
                return refused(SourceKind::Sheet, Code::UnreadableDocument, Severity::Block, why);
            }
        }
    } else {
        vec![delimited(bytes, &mut budget)]
    };
    laid_out(sheets, name, limits, &budget)
}

/// The one visible sheet with filled cells as lines of text, each with its row number from 1: for workbooks that are tables of
/// data, not documents. An error, in one sentence, for anything else.
pub(crate) fn rows(bytes: &[u8], limits: &Limits) -> Result<Vec<(u64, Vec<String>)>, String> {
    let unpacked = declared_size(bytes);
    if unpacked > limits.unpacked_bytes as u64 {
        return Err(format!("unpacks to {unpacked} bytes; at most {} are read", limits.unpacked_bytes));
    }
    let mut budget = Budget { rows: limits.rows, cells: limits.cells, spent: false };
    let mut sheets = workbook(bytes, limits, &mut budget).map_err(|problem| format!("is damaged: {problem}"))?;
    if budget.spent {
        return Err(format!("is too large: at most {} rows and {} cells are read", limits.rows, limits.cells));
    }
    sheets.retain(|sheet| sheet.visible && !sheet.rows.is_empty());
    let sheet = match sheets.as_slice() {
        [] => return Ok(Vec::new()),
        [sheet] => sheet,
        [first, second, ..] => return Err(format!("has several sheets, `{}` and `{}`: keep one", first.name, second.name)),
    };
    let width = sheet.rows.values().filter_map(|row| row.keys().next_back()).max().map_or(0, |last| last + 1);
    if width > WIDEST_TABLE {
        return Err(format!("has a filled cell in column {width}; at most {WIDEST_TABLE} columns are read"));
    }
    let cell = |text: &String| text.replace('\n', " ");
    let line = |row: &BTreeMap<u32, String>| (0..width).map(|column| row.get(&column).map(cell).unwrap_or_default()).collect();
    Ok(sheet.rows.iter().map(|(number, row)| (u64::from(*number) + 1, line(row))).collect())
}

struct Budget {
    rows: usize,
    cells: usize,
    spent: bool,
}

impl Budget {
    /// Takes one cell; `false` when there is none left.
    fn take(&mut self, cells: &mut Cells, row: u32, column: u32, value: String) -> bool {
        if value.trim().is_empty() {
            return true;
        }
        let new_row = !cells.rows.contains_key(&row);
        if self.cells == 0 || (new_row && self.rows == 0) {
            self.spent = true;
            return false;
        }
        self.cells -= 1;
        self.rows -= usize::from(new_row);
        cells.rows.entry(row).or_default().insert(column, value);
        true
    }
}

fn workbook(bytes: &[u8], limits: &Limits, budget: &mut Budget) -> Result<Vec<Cells>, String> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut sheets = Vec::new();
    let all = book.sheets_metadata().to_vec();
    budget.spent |= all.len() > limits.pages;
    for sheet in all.into_iter().take(limits.pages) {
        let mut cells = Cells { name: sheet.name, visible: sheet.visible == SheetVisible::Visible, rows: BTreeMap::new() };
        match &mut book {
            // Cell by cell: a range would allocate every cell between the outermost two.
            Sheets::Xlsx(xlsx) => stream(xlsx, &mut cells, budget)?,
            Sheets::Xls(_) | Sheets::Xlsb(_) | Sheets::Ods(_) => {
                let range = book.worksheet_range(&cells.name).map_err(|e| e.to_string())?;
                let (first_row, first_column) = range.start().unwrap_or_default();
                for (row, column, value) in range.used_cells() {
                    let place = (first_row + row as u32, first_column + column as u32);
                    if !budget.take(&mut cells, place.0, place.1, written(value)) {
                        break;
                    }
                }
            }
        }
        sheets.push(cells);
    }
    Ok(sheets)
}

fn stream(xlsx: &mut Xlsx<Cursor<&[u8]>>, cells: &mut Cells, budget: &mut Budget) -> Result<(), String> {
    let mut reader = match xlsx.worksheet_cells_reader(&cells.name) {
        Ok(reader) => reader,
        Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(e) => return Err(e.to_string()),
    };
    while let Some(cell) = reader.next_cell().map_err(|e| e.to_string())? {
        let (row, column) = cell.get_position();
        let value = match cell.get_value() {
            DataRef::SharedString(shared) => cleaned(shared),
            other => written(&Data::from(other.clone())),
        };
        if !budget.take(cells, row, column, value) {
            break;
        }
    }
    Ok(())
}

/// The cell as a person would write it.
fn written(value: &Data) -> String {
    match value {
        Data::Int(int) => int.to_string(),
        Data::Float(float) => number(*float),
        Data::String(text) => cleaned(text),
        Data::Bool(true) => "TRUE".into(),
        Data::Bool(false) => "FALSE".into(),
        Data::DateTime(moment) => date(moment),
        Data::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).replace('T', " "),
        Data::DurationIso(text) => text.clone(),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

/// Workbooks keep numbers as binary floating point with 15 good decimal digits; what is beyond them is noise.
fn number(float: f64) -> String {
    let rounded: f64 = format!("{float:.14e}").parse().unwrap_or(float);
    let mut text = format!("{rounded}");
    // `1.234` could be read as a thousand with a separator; `1.2340` cannot.
    if text.split_once('.').is_some_and(|(_, fraction)| fraction.len() == 3) {
        text.push('0');
    }
    text
}

fn date(moment: &ExcelDateTime) -> String {
    if moment.is_duration() {
        let seconds = (moment.as_f64() * 86_400.0).round() as i64;
        return format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, _, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute) == (0, 0) { date } else { format!("{date} {hour:02}:{minute:02}") }
}

/// Without white space that nobody sees. Lines stay lines where they are a block, else the cell is one line.
fn cleaned(text: &str) -> String {
    let lines: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect();
    let is_block = (BLOCK_LINES..=MOST_CELL_LINES).contains(&lines.len());
    lines.join(if is_block { "\n" } else { " " })
}

fn delimited(bytes: &[u8], budget: &mut Budget) -> Cells {
    let text = text::decoded(bytes);
    let delimiter = delimiter(&text, true).unwrap_or(b',');
    let mut cells = Cells { name: String::new(), visible: true, rows: BTreeMap::new() };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut row = 0;
    while reader.read_record(&mut record).unwrap_or(false) {
        for (column, value) in record.iter().enumerate() {
            if !budget.take(&mut cells, row, column as u32, cleaned(value)) {
                return cells;
            }
        }
        row += 1;
    }
    cells
}

/// The delimiter of delimited text, if that is what `text` is: the same number of columns in (nearly) all lines. Where the
/// file's name does not say so, the evidence must be strong, because sentences have commas too.
pub(super) fn delimiter(text: &str, named_so: bool) -> Option<u8> {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(40).collect();
    // The last line of a cut text may be half a line.
    if lines.len() > 3 && !text.ends_with('\n') {
        lines.pop();
    }
    if lines.len() < if named_so { 1 } else { 3 } {
        return None;
    }
    let mut best: Option<(usize, usize, u8)> = None;
    for delimiter in [b';', b'\t', b',', b'|'] {
        let counts: Vec<usize> = lines.iter().map(|line| separators(line, delimiter)).collect();
        let mut sorted = counts.clone();
        sorted.sort_unstable();
        let usual = sorted[sorted.len() / 2];
        let agreeing = counts.iter().filter(|count| **count == usual).count();
        let spaced = lines.iter().filter(|line| line.contains(", ")).count();
        // A head of names and values above the table has fewer columns than it; lines of one kind still agree with each other.
        let in_company =
            counts.iter().filter(|count| **count > 0 && counts.iter().filter(|other| other == count).count() > 1).count();
        let present = counts.iter().filter(|count| **count > 0).count();
        let table = longest_run(&counts);
        let convincing = if named_so {
            (usual >= 1 && agreeing * 10 >= lines.len() * 6) || (present * 10 >= lines.len() * 7 && table >= 2)
        } else {
            (usual >= 2 && agreeing == lines.len() && !(delimiter == b',' && spaced * 2 > lines.len()))
                || (matches!(delimiter, b';' | b'\t') && present == lines.len() && table >= 3)
        };
        let rank = (if named_so { in_company } else { 0 }, usual, delimiter);
        if convincing && best.is_none_or(|(company, columns, _)| (rank.0, rank.1) > (company, columns)) {
            best = Some(rank);
        }
    }
    best.map(|(_, _, delimiter)| delimiter)
}

/// The longest run of lines with the same number of delimiters, four at least: the table.
fn longest_run(counts: &[usize]) -> usize {
    let (mut longest, mut run) = (0, 0);
    for (at, count) in counts.iter().enumerate() {
        run = if *count < 4 {
            0
        } else if at > 0 && counts[at - 1] == *count {
            run + 1
        } else {
            1
        };
        longest = longest.max(run);
    }
    longest
}

/// Delimiters outside of quotes.
fn separators(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    line.bytes()
        .filter(|byte| {
            quoted ^= *byte == b'"';
            !quoted && *byte == delimiter
        })
        .count()
}

/// Sum of the unpacked sizes that a ZIP's directory states; 0 for other files. A directory that lies meets the memory limit.
fn declared_size(bytes: &[u8]) -> u64 {
    let entries = bytes.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x01\x02");
    entries
        .filter_map(|(at, _)| bytes.get(at + 24..at + 28))
        .map(|size| u64::from(u32::from_le_bytes(size.try_into().expect("four bytes were taken"))))
        .sum()
}

fn laid_out(sheets: Vec<Cells>, name: &str, limits: &Limits, budget: &Budget) -> Document {
    let mut document = Document::empty(SourceKind::Sheet);
    let mut grid = Grid::new(limits.text_bytes);
    for (index, sheet) in sheets.iter().enumerate() {
        let columns = column_starts(sheet);
        let visibility = if sheet.visible { Visibility::Visible } else { Visibility::Invisible };
        let mut last_row = None;
        for (row, cells) in &sheet.rows {
            // One empty line stands for any number of empty rows.
            if last_row.is_some_and(|last| row - last > 1) {
                grid.line("\n");
            }
            last_row = Some(*row);
            for at in 0..lines_of_row(cells) {
                let pieces: Vec<Piece<'_>> = cells
                    .iter()
                    .filter_map(|(column, text)| {
                        Some(Piece { column: columns[column], text: line_of_cell(text, at)?, visibility, bold: false })
                    })
                    .collect();
                grid.pieces(&pieces);
            }
        }
        document.pages.push(grid.page(index as u32 + 1));
    }
    if budget.spent || grid.is_full() {
        let message = format!(
            "{} is larger than what is read ({} sheets, {} rows, {} cells); the rest was left out",
            named(name),
            limits.pages,
            limits.rows,
            limits.cells
        );
        document.findings.push(Finding::new(Code::LimitReached, Severity::Ask, "", message));
    }
    document.text = grid.into_text();
    if document.pages.iter().all(|page| page.words.is_empty()) {
        let message = format!("{} has no filled cell", named(name));
        document.findings.push(Finding::new(Code::NoText, Severity::Ask, "", message));
    }
    note_hidden_text(&mut document, name);
    document
}

/// A cell of so many lines holds a block - an address; one of fewer is a text that was wrapped.
const BLOCK_LINES: usize = 3;
/// More lines of one cell are one line.
const MOST_CELL_LINES: usize = 12;

fn is_block(text: &str) -> bool {
    (BLOCK_LINES..=MOST_CELL_LINES).contains(&text.lines().count())
}

/// How many lines a row takes.
fn lines_of_row<'c>(cells: impl IntoIterator<Item = (&'c u32, &'c String)>) -> usize {
    cells.into_iter().filter(|(_, text)| is_block(text)).map(|(_, text)| text.lines().count()).max().unwrap_or(1)
}

/// What a cell prints on the row's line `at`.
fn line_of_cell(text: &str, at: usize) -> Option<&str> {
    if is_block(text) { text.lines().nth(at) } else { (at == 0).then_some(text) }
}

/// Where each column starts, in characters.
fn column_starts(sheet: &Cells) -> BTreeMap<u32, usize> {
    let mut widths: BTreeMap<u32, usize> = BTreeMap::new();
    for (column, text) in sheet.rows.values().flatten() {
        let width = widths.entry(*column).or_default();
        *width = (*width).max(text.chars().count().min(WIDEST_COLUMN));
    }
    let mut start = 0;
    widths
        .into_iter()
        .map(|(column, width)| {
            let here = start;
            start += width + GAP;
            (column, here)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_binary_noise() {
        let table = [
            (0.1 + 0.2, "0.3"),
            (4_006_381_333_931.0, "4006381333931"),
            (1250.5, "1250.5"),
            (-3.0, "-3"),
            (1.1 * 3.0, "3.3"),
            (1.234, "1.2340"),
        ];
        for (float, text) in table {
            assert_eq!(number(float), text);
        }
    }

    #[test]
    fn delimited_text_lies_in_columns() {
        let bytes = b"Artikel;Menge;Preis\nA-1;3;\"4,50\"\nSchraube M8 verzinkt;1200;0,07\n";
        let document = read(bytes, "bestellung.csv", &Limits::default());
        let x_of = |text: &str| document.pages[0].words.iter().find(|word| word.text == text).expect("the word is there").bbox[0];
        assert_eq!(x_of("Menge"), x_of("1200"));
        assert_eq!(x_of("Preis"), x_of("4,50"));
        let word = document.pages[0].words.iter().find(|word| word.text == "1200").expect("the word is there");
        let (from, to) = word.span.expect("words of a sheet have a place in its text");
        assert_eq!(&document.text[from..to], "1200");
    }

    #[test]
    fn a_head_above_the_table_does_not_hide_the_delimiter() {
        let head = "Bestellung;77-1\nDatum;23.11.2026\nAnschrift;Kappel GmbH, Messeallee 5, Hannover, 30521\n\n";
        let rows = "Pos;Artikel;Bezeichnung;Menge;Preis\n10;NW-1;Scheibe 125x1,0;250;0,98\n20;NW-2;Dose, klein;100;2,35\n";
        assert_eq!(delimiter(&format!("{head}{rows}"), true), Some(b';'));
        assert_eq!(delimiter(&format!("{head}{rows}"), false), Some(b';'));
        assert_eq!(delimiter(&rows.replace(',', ".").replace(';', ","), true), Some(b','));
        let letter = "Guten Tag;\nbitte liefern Sie; wie besprochen;\n10 Stück, gern auch 12, von NW-1;\nDanke; Gruß\n";
        assert_eq!(delimiter(letter, false), None);
    }

    #[test]
    fn too_many_rows_are_left_out_and_said() {
        let many: String = (0..50).map(|n| format!("a;{n};c\n")).collect();
        let document = read(many.as_bytes(), "a.csv", &Limits { rows: 10, ..Limits::default() });
        assert_eq!(document.findings[0].code, Code::LimitReached);
        assert_eq!(document.text.lines().count(), 10);
    }
}
