//! Which files are in a ZIP archive? Unpacked within limits: what the archive declares about itself is not believed.
//!
//! Not here: archives in archives; `parts` opens them one at a time and counts how deep it is.

use super::names::clean_name;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Entries looked at in one archive, folders included.
const MAX_ENTRIES: usize = 500;
/// A file that grows more than so many times when it is unpacked is a bomb, not a document, ...
const MAX_RATIO: u64 = 250;
/// ... unless it is smaller than this. Bytes.
const SMALL: u64 = 4 << 20;

/// What was in an archive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Archive {
    /// Name without its folders, and the bytes.
    pub files: Vec<(String, Vec<u8>)>,
    pub troubles: Vec<Trouble>,
}

/// What could not be had; the names are cleaned.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Damaged,
    Encrypted(String),
    /// Cannot be unpacked, or not to what it is said to be.
    DamagedFile(String),
    /// The file, or all of them together, are larger than is unpacked.
    TooLarge(String),
    TooMany(usize),
}

/// Unpacks at most `budget` bytes, which it takes from `budget`.
pub(super) fn read(bytes: &[u8], budget: &mut u64) -> Archive {
    let mut found = Archive::default();
    let Ok(mut zip) = ZipArchive::new(Cursor::new(bytes)) else {
        found.troubles.push(Trouble::Damaged);
        return found;
    };
    if zip.len() > MAX_ENTRIES {
        found.troubles.push(Trouble::TooMany(zip.len()));
    }
    for at in 0..zip.len().min(MAX_ENTRIES) {
        let Ok(entry) = zip.by_index_raw(at) else {
            found.troubles.push(Trouble::DamagedFile(format!("file {}", at + 1)));
            continue;
        };
        let path = entry.name().map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), |name| name.into_owned());
        let (encrypted, is_file) = (entry.encrypted(), entry.is_file());
        let packed = entry.compressed_size();
        drop(entry);
        if !is_file || is_clutter(&path) {
            continue;
        }
        let name = clean_name(&path);
        if encrypted {
            found.troubles.push(Trouble::Encrypted(name));
            continue;
        }
        match unpacked(&mut zip, at, packed, budget) {
            Ok(bytes) => found.files.push((name, bytes)),
            Err(Failure::TooLarge) => found.troubles.push(Trouble::TooLarge(name)),
            Err(Failure::Damaged) => found.troubles.push(Trouble::DamagedFile(name)),
        }
    }
    found
}

/// The paths in an archive; `None` where it has no directory that can be read.
pub(super) fn names(bytes: &[u8]) -> Option<Vec<String>> {
    let zip = ZipArchive::new(Cursor::new(bytes)).ok()?;
    Some(zip.file_names().take(MAX_ENTRIES).filter_map(|name| name.ok().map(|name| name.into_owned())).collect())
}

enum Failure {
    TooLarge,
    Damaged,
}

fn unpacked(zip: &mut ZipArchive<Cursor<&[u8]>>, at: usize, packed: u64, budget: &mut u64) -> Result<Vec<u8>, Failure> {
    let most = (packed.saturating_mul(MAX_RATIO)).max(SMALL).min(*budget);
    let file = zip.by_index(at).map_err(|_| Failure::Damaged)?;
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes);
    // What was unpacked in vain was work as well.
    *budget = budget.saturating_sub(bytes.len() as u64);
    if bytes.len() as u64 > most {
        return Err(Failure::TooLarge);
    }
    read.map_err(|_| Failure::Damaged)?;
    Ok(bytes)
}

/// What operating systems add for themselves.
fn is_clutter(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    path.starts_with("__MACOSX/") || name.starts_with("._") || matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a file can be added");
            zip.write_all(bytes).expect("memory can be written to");
        }
        zip.finish().expect("the archive is complete").into_inner()
    }

    /// Sets the flag that says that the first file is encrypted, in both places.
    fn encrypted(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes[6] |= 1;
        let central = bytes.windows(4).position(|four| four == b"PK\x01\x02").expect("there is a directory");
        bytes[central + 8] |= 1;
        bytes
    }

    #[test]
    fn files_come_out_by_name_and_the_rest_is_named() {
        let bomb = vec![0; 6 << 20];
        let table: Vec<(Vec<u8>, Vec<&str>, Vec<Trouble>)> = vec![
            (archive(&[("may/PO 4711.pdf", b"%PDF"), ("../b.csv", b"a;b")]), vec!["PO 4711.pdf", "b.csv"], vec![]),
            (archive(&[("__MACOSX/._a.pdf", b"x"), (".DS_Store", b"x"), ("a.pdf", b"%PDF")]), vec!["a.pdf"], vec![]),
            (encrypted(archive(&[("a.pdf", b"%PDF-1.7")])), vec![], vec![Trouble::Encrypted("a.pdf".into())]),
            (archive(&[("bomb.pdf", &bomb), ("a.pdf", b"%PDF")]), vec!["a.pdf"], vec![Trouble::TooLarge("bomb.pdf".into())]),
            (b"PK\x03\x04 nothing more".to_vec(), vec![], vec![Trouble::Damaged]),
        ];
        for (bytes, names, troubles) in table {
            let found = read(&bytes, &mut (64 << 20));
            assert_eq!(found.files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
            assert_eq!(found.troubles, troubles);
        }
    }

    #[test]
    fn all_files_together_have_a_limit() {
        let noise: Vec<u8> = (0..50_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut budget = 80_000;
        let found = read(&archive(&[("a", &noise), ("b", &noise), ("c", b"small")]), &mut budget);
        assert_eq!(found.files.len(), 1, "nothing is left for the third");
        assert_eq!(found.troubles, [Trouble::TooLarge("b".into()), Trouble::TooLarge("c".into())]);
        let many: Vec<(String, &[u8])> = (0..600).map(|at| (format!("{at}.txt"), &b"x"[..])).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
        assert_eq!(read(&archive(&many), &mut (1 << 20)).troubles, [Trouble::TooMany(600)]);
    }

    #[test]
    fn damage_is_survived() {
        let whole = archive(&[("a.pdf", b"%PDF-1.7 and some text to pack, text to pack"), ("b.txt", b"two")]);
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0xff;
            assert!(read(&flipped, &mut (1 << 20)).files.len() <= 2);
            assert!(read(&whole[..at], &mut (1 << 20)).files.len() <= 2);
        }
    }
}
