//! Workbooks to import: the least XLSX that spreadsheet programs write, uncompressed.

#[derive(Clone, Copy)]
pub enum Cell {
    Nothing,
    Text(&'static str),
    /// As the file spells it.
    Number(&'static str),
    /// Days since 1899-12-30.
    Date(u32),
    Flag(bool),
}

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Style 1 shows days as a date.
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of named sheets.
pub fn of(sheets: &[(&str, &[Vec<Cell>])]) -> Vec<u8> {
    let mut parts: Vec<(String, String)> = vec![
        ("[Content_Types].xml".into(), TYPES.into()),
        ("_rels/.rels".into(), RELATIONS.into()),
        ("xl/styles.xml".into(), STYLES.into()),
    ];
    let (mut list, mut relations) = (String::new(), String::new());
    for (index, (name, rows)) in sheets.iter().enumerate() {
        let number = index + 1;
        list += &format!(r#"<sheet name="{name}" sheetId="{number}" r:id="s{number}"/>"#);
        relations += &format!(r#"<Relationship Id="s{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>"#);
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet(rows)));
    }
    relations += &format!(r#"<Relationship Id="st" Type="{OFFICE}/styles" Target="styles.xml"/>"#);
    parts.push((
        "xl/workbook.xml".into(),
        format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{list}</sheets></workbook>"#),
    ));
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    parts.push(("xl/_rels/workbook.xml.rels".into(), format!(r#"<Relationships xmlns="{package}">{relations}</Relationships>"#)));
    zip(&parts)
}

fn sheet(rows: &[Vec<Cell>]) -> String {
    let mut body = String::new();
    for (row, cells) in rows.iter().enumerate() {
        body += &format!(r#"<row r="{}">"#, row + 1);
        for (column, cell) in cells.iter().enumerate() {
            let place = format!("{}{}", char::from(b'A' + u8::try_from(column).expect("few columns")), row + 1);
            body += &match cell {
                Cell::Nothing => String::new(),
                Cell::Text(text) => {
                    let text = text.replace('&', "&amp;").replace('<', "&lt;");
                    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
                }
                Cell::Number(number) => format!(r#"<c r="{place}"><v>{number}</v></c>"#),
                Cell::Date(days) => format!(r#"<c r="{place}" s="1"><v>{days}</v></c>"#),
                Cell::Flag(flag) => format!(r#"<c r="{place}" t="b"><v>{}</v></c>"#, u8::from(*flag)),
            };
        }
        body += "</row>";
    }
    format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>"#)
}

/// A ZIP archive with stored entries (APPNOTE 4.3).
fn zip(parts: &[(String, String)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let at = u32::try_from(file.len()).expect("small");
        let size = u32::try_from(text.len()).expect("small").to_le_bytes();
        let name_size = u16::try_from(name.len()).expect("small").to_le_bytes();
        // Version 2.0, no flags, stored, 1980-01-01.
        let common =
            [&[20, 0, 0, 0, 0, 0, 0, 0, 33, 0][..], &crc32(text.as_bytes()).to_le_bytes(), &size, &size, &name_size].concat();
        file.extend([b"PK\x03\x04", &common[..], &[0, 0], name.as_bytes(), text.as_bytes()].concat());
        directory.extend([b"PK\x01\x02", &[20, 0][..], &common, &[0; 12], &at.to_le_bytes(), name.as_bytes()].concat());
    }
    let count = u16::try_from(parts.len()).expect("few").to_le_bytes();
    let (size, at) = (u32::try_from(directory.len()).expect("small"), u32::try_from(file.len()).expect("small"));
    let end = [b"PK\x05\x06", &[0; 4][..], &count, &count, &size.to_le_bytes(), &at.to_le_bytes(), &[0, 0]].concat();
    [file, directory, end].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}
