//! The parts of a document that is a ZIP package: DOCX, ODT, and what a workbook keeps beside its cells.
//!
//! A part is unpacked one at a time and never beyond its limit; what its directory declares is not believed.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use zip::ZipArchive;

pub(super) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    /// Bytes that may still be unpacked.
    left: usize,
}

/// Why a part cannot be had.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Missing,
    Encrypted,
    /// More than may be unpacked.
    TooLarge,
    Damaged(String),
}

impl<'b> Package<'b> {
    /// At most `most_bytes` are unpacked of all parts together.
    pub(super) fn open(bytes: &'b [u8], most_bytes: usize) -> Result<Self, Trouble> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| Trouble::Damaged(error.to_string()))?;
        Ok(Self { archive, left: most_bytes })
    }

    /// The names of all parts, in the package's order.
    pub(super) fn names(&self) -> Vec<String> {
        self.archive.file_names().filter_map(|name| name.ok().map(Cow::into_owned)).collect()
    }

    /// A part, unpacked.
    pub(super) fn part(&mut self, name: &str) -> Result<Vec<u8>, Trouble> {
        let at = self.archive.index_for_name(name).ok_or(Trouble::Missing)?;
        let encrypted = self.archive.by_index_raw(at).is_ok_and(|part| part.encrypted());
        if encrypted {
            return Err(Trouble::Encrypted);
        }
        let part = self.archive.by_index(at).map_err(|error| Trouble::Damaged(error.to_string()))?;
        let mut bytes = Vec::new();
        part.take(self.left as u64 + 1).read_to_end(&mut bytes).map_err(|error| Trouble::Damaged(error.to_string()))?;
        if bytes.len() > self.left {
            self.left = 0;
            return Err(Trouble::TooLarge);
        }
        self.left -= bytes.len();
        Ok(bytes)
    }
}
