//! Plain tables for a terminal: columns as wide as their widest cell, the last one cut to what is left.

use super::terminal::on_one_line;

/// Cells are cut at this width, so that one long subject does not push the rest off the screen.
const WIDEST: usize = 44;

/// `rows` under `headings`, two spaces between columns. The last column is not cut.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let columns = headings.len();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| on_one_line(cell)).collect()).collect();
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in &rows {
        for (column, cell) in row.iter().enumerate().take(columns) {
            widths[column] = widths[column].max(cell.chars().count().min(WIDEST));
        }
    }
    let line = |cells: Vec<String>| {
        let last = cells.len().saturating_sub(1);
        let padded = cells.into_iter().enumerate().map(
            |(column, cell)| {
                if column == last { cell } else { pad(&cut(&cell), widths[column]) }
            },
        );
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(headings.iter().map(|heading| (*heading).to_owned()).collect())];
    // A heading that is indented has its rule indented with it.
    let indent = headings.first().map_or(0, |heading| heading.len() - heading.trim_start().len());
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("  ");
    lines.push(format!("{}{}", " ".repeat(indent), rule.get(indent..).unwrap_or_default()));
    lines.extend(rows.iter().map(|row| line(row.clone())));
    lines.join("\n")
}

fn cut(cell: &str) -> String {
    if cell.chars().count() <= WIDEST { cell.to_owned() } else { cell.chars().take(WIDEST - 1).chain(['…']).collect() }
}

fn pad(cell: &str, width: usize) -> String {
    format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_the_last_is_whole() {
        let printed = table(&["a", "b"], &[vec!["xx".into(), "long ".repeat(20)], vec!["é".into(), "y".into()]]);
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines[0], "a   b");
        assert_eq!(lines[3], "é   y");
        assert!(lines[2].len() > 90);
    }
}
