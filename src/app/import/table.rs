//! A file as lines of text cells: CSV with comma, semicolon or tab, with or without a byte order mark, UTF-8 only; or the one
//! visible sheet of a workbook.
//!
//! What the cells mean is not decided here. Limits: bytes, lines and cells are bounded, and a file beyond them is refused whole.

use super::RowError;
use crate::reading::document::{Limits, sheet_rows};
use std::path::Path;

const MOST_BYTES: u64 = 256 << 20;
const MOST_LINES: usize = 2_000_000;
/// What a sheet of a spreadsheet program can hold, within reason.
const MOST_SHEET_ROWS: usize = 1_048_576;
const MOST_SHEET_CELLS: usize = 10_000_000;
const MOST_COLUMNS: usize = 200;
const LINE_BREAK: &str = "a cell holds one line of text: is a quote never closed?";

/// A header and the lines below it, none of them all empty.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) file: String,
    pub(super) header: Vec<String>,
    /// With their numbers in the file; as many cells as the header has.
    pub(super) lines: Vec<(u64, Vec<String>)>,
}

/// The name to show, without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Reads a file, or says why not: once for the file, or once for each line that has too many or too few cells.
pub(super) fn read(path: &Path) -> Result<Table, Vec<RowError>> {
    let file = file_name(path);
    let whole = |problem: String| vec![at(&file, 0, problem)];
    let size = std::fs::metadata(path).map_err(|error| whole(format!("cannot be read: {error}")))?.len();
    if size > MOST_BYTES {
        return Err(whole(format!("has {size} bytes; at most {MOST_BYTES} are read: split it")));
    }
    let bytes = std::fs::read(path).map_err(|error| whole(format!("cannot be read: {error}")))?;
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(whole("is an old or encrypted workbook: save it as .xlsx without a password, or as CSV UTF-8".into()));
    }
    let records = if bytes.starts_with(b"PK") {
        let limits = Limits { rows: MOST_SHEET_ROWS, cells: MOST_SHEET_CELLS, ..Limits::default() };
        sheet_rows(&bytes, &limits).map_err(|problem| whole(format!("the workbook {problem}")))?
    } else {
        read_csv(&file, &bytes)?
    };
    to_table(file, records)
}

fn at(file: &str, line: u64, problem: String) -> RowError {
    RowError { file: file.to_owned(), line, column: String::new(), problem }
}

type Record = (u64, Vec<String>);

fn read_csv(file: &str, bytes: &[u8]) -> Result<Vec<Record>, Vec<RowError>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() as u64;
        vec![at(file, line, "is not UTF-8: save the file as \"CSV UTF-8\"".into())]
    })?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter_of(text))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| vec![at(file, error.position().map_or(0, |p| p.line()), error.to_string())])?;
        let line = record.position().map_or(0, |position| line_of(text, position));
        records.push((line, record.iter().map(str::to_owned).collect()));
        if records.len() > MOST_LINES {
            return Err(vec![at(file, line, format!("at most {MOST_LINES} lines are read: split the file"))]);
        }
    }
    Ok(records)
}

/// The reader's position is where it began to look for a record: before the blank lines that it skipped.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n').count();
    position.line() + blank as u64
}

/// The one of comma, semicolon and tab that the header has most of, outside quotes.
fn delimiter_of(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header.bytes() {
        if byte == b'"' {
            quoted = !quoted;
        } else if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
            *count += 1;
        }
    }
    // The first of equals: comma, the contract's own.
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts.iter().find(|(_, count)| *count == most).map_or(b',', |(delimiter, _)| *delimiter)
}

/// The first line that is not empty is the header; trailing columns without a name and without values are a spreadsheet's leavings.
fn to_table(file: String, records: Vec<Record>) -> Result<Table, Vec<RowError>> {
    let mut records = records.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
    let Some((_, mut header)) = records.next() else {
        return Err(vec![at(&file, 0, "is empty: the first line must name the columns".into())]);
    };
    while header.last().is_some_and(String::is_empty) {
        header.pop();
    }
    if header.len() > MOST_COLUMNS {
        return Err(vec![at(&file, 1, format!("has {} columns; at most {MOST_COLUMNS} are read", header.len()))]);
    }
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    for (line, mut cells) in records {
        while cells.len() > header.len() && cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.len() == header.len() {
            let broken = cells.iter().position(|cell| cell.contains(['\n', '\r']));
            match broken.and_then(|index| header.get(index)) {
                // Else a quote that is never closed would swallow the rest of the file as one long name.
                Some(column) => errors.push(RowError { column: column.clone(), ..at(&file, line, LINE_BREAK.into()) }),
                None => lines.push((line, cells)),
            }
        } else {
            let problem = format!("has {} cells, the header has {}: is a quote or a separator missing?", cells.len(), header.len());
            errors.push(at(&file, line, problem));
        }
    }
    if errors.is_empty() { Ok(Table { file, header, lines }) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> Result<Table, Vec<RowError>> {
        read_csv("f.csv", bytes).and_then(|records| to_table("f.csv".into(), records))
    }

    #[test]
    fn separators_marks_quotes_and_blank_lines_are_understood() {
        for bytes in [
            &b"sku,name\nA,\"x, y\"\n\n,,\nB,z,\n"[..],
            b"\xef\xbb\xbfsku;name\r\nA;x, y\r\n;\r\nB;z\r\n",
            b"sku\tname\t\nA\tx, y\t\nB\t z ",
            b"\"sku\",\"name\"\n\"A\",\"x, y\"\n\"B\",\"z\"",
        ] {
            let table = table(bytes).expect("a good file");
            assert_eq!(table.header, ["sku", "name"]);
            let cells: Vec<_> = table.lines.iter().map(|(_, cells)| cells.join("|")).collect();
            assert_eq!(cells, ["A|x, y", "B|z"], "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn broken_files_are_named_by_line() {
        for (bytes, line, word) in [
            (&b""[..], 0, "empty"),
            (b"\n\n,,\n", 0, "empty"),
            (b"sku,name\nA,x\nB\n", 3, "1 cells"),
            (b"sku,name\nA,x\nB,y,z\n", 3, "3 cells"),
            (b"sku,name\nA,x\nB,\"open\nC,x\nD,x\n", 3, "quote"),
            (b"sku,name\nA,x\nB,\xfc\n", 3, "UTF-8"),
        ] {
            let errors = table(bytes).expect_err("refused");
            assert_eq!((errors[0].line, errors.len()), (line, 1), "{errors:?}");
            assert!(errors[0].problem.contains(word), "{errors:?}");
        }
    }
}
