//! The streams of a compound file (\[MS-CFB\]), in which Outlook keeps a message: a file system in a file.
//!
//! Every chain and tree is bounded by the file's own length, because hostile files turn them into rings; what streams share may be
//! read more than once, so the bytes of all of them together have a limit too.

use std::cell::Cell;
use std::collections::HashSet;

const MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// Directory entries looked at.
const MAX_ENTRIES: usize = 20_000;
/// Chain ends and free sectors are above.
const LAST_SECTOR: u32 = 0xffff_fffa;

pub(super) struct Compound<'b> {
    bytes: &'b [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_stream: Vec<u8>,
    mini_below: u64,
    entries: Vec<Entry>,
    /// Bytes that may still be read.
    left: Cell<usize>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    is_stream: bool,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: u64,
}

impl<'b> Compound<'b> {
    /// `None` where the file is none, or so damaged that it has no directory.
    pub(super) fn open(bytes: &'b [u8]) -> Option<Self> {
        bytes.strip_prefix(MAGIC)?;
        let shift = u16_at(bytes, 30)?;
        if !(7..=14).contains(&shift) {
            return None;
        }
        let mut file = Self {
            bytes,
            sector: 1 << shift,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_stream: Vec::new(),
            mini_below: u64::from(u32_at(bytes, 56)?),
            entries: Vec::new(),
            left: Cell::new(bytes.len().saturating_mul(2).saturating_add(1 << 20)),
        };
        file.fat = file.allocation();
        let directory = file.chain(u32_at(bytes, 48)?, usize::MAX);
        file.entries = directory.chunks_exact(128).take(MAX_ENTRIES).map(Entry::of).collect();
        let (root_start, root_size) = file.entries.first().map(|root| (root.start, root.size))?;
        file.mini_fat = numbers(&file.chain(u32_at(bytes, 60)?, usize::MAX));
        file.mini_stream = file.chain(root_start, usize::try_from(root_size).unwrap_or(usize::MAX));
        Some(file)
    }

    /// The entries in a storage; in the file itself for 0.
    pub(super) fn inside(&self, storage: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: Vec<u32> = self.entries.get(storage).map(|entry| entry.child).into_iter().collect();
        while let Some(at) = waiting.pop() {
            let Some(entry) = self.entries.get(at as usize).filter(|_| at != 0 && seen.insert(at)) else { continue };
            found.push(at as usize);
            waiting.extend([entry.right, entry.left]);
        }
        found
    }

    pub(super) fn entry(&self, at: usize) -> Option<&Entry> {
        self.entries.get(at)
    }

    /// The entry of that name in a storage.
    pub(super) fn find(&self, storage: usize, name: &str) -> Option<usize> {
        self.inside(storage).into_iter().find(|at| self.entries[*at].name.eq_ignore_ascii_case(name))
    }

    /// A stream's bytes, as far as they can be found.
    pub(super) fn stream(&self, at: usize) -> Option<Vec<u8>> {
        let entry = self.entries.get(at).filter(|entry| entry.is_stream)?;
        let size = usize::try_from(entry.size).ok()?.min(self.bytes.len());
        if entry.size >= self.mini_below {
            return Some(self.chain(entry.start, size));
        }
        let mut bytes = Vec::with_capacity(size);
        let mut sector = entry.start;
        while bytes.len() < size && sector <= LAST_SECTOR {
            let from = (sector as usize).checked_mul(64)?;
            let Some(part) = self.mini_stream.get(from..self.mini_stream.len().min(from + 64)) else { break };
            bytes.extend_from_slice(part);
            let Some(next) = self.mini_fat.get(sector as usize) else { break };
            sector = *next;
        }
        bytes.truncate(size);
        self.take(bytes.len()).then_some(bytes)
    }

    /// The allocation table: its first 109 sectors are named in the header, more in sectors of their own.
    fn allocation(&self) -> Vec<u32> {
        let most = self.bytes.len() / self.sector + 1;
        let mut tables: Vec<u32> = self.bytes.get(76..512).map(numbers).unwrap_or_default();
        let mut more = u32_at(self.bytes, 68).unwrap_or(u32::MAX);
        for _ in 0..most {
            let Some(sector) = self.sector_at(more) else { break };
            let mut named = numbers(sector);
            more = named.pop().unwrap_or(u32::MAX);
            tables.extend(named);
        }
        let tables = tables.into_iter().filter(|at| *at <= LAST_SECTOR).take(most);
        tables.filter_map(|at| self.sector_at(at)).flat_map(numbers).collect()
    }

    /// The bytes of a chain of sectors, at most `size`.
    fn chain(&self, start: u32, size: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut at = start;
        for _ in 0..=self.fat.len() {
            let Some(sector) = self.sector_at(at).filter(|sector| bytes.len() < size && self.take(sector.len())) else { break };
            bytes.extend_from_slice(sector);
            let Some(next) = self.fat.get(at as usize) else { break };
            at = *next;
        }
        bytes.truncate(size);
        bytes
    }

    /// The last one may be cut.
    fn sector_at(&self, at: u32) -> Option<&'b [u8]> {
        if at > LAST_SECTOR {
            return None;
        }
        let from = (at as usize + 1).checked_mul(self.sector)?;
        self.bytes.get(from..self.bytes.len().min(from + self.sector)).filter(|sector| !sector.is_empty())
    }

    fn take(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

impl Entry {
    fn of(record: &[u8]) -> Self {
        let number = |at: usize| u32_at(record, at).unwrap_or(u32::MAX);
        let length = usize::from(u16_at(record, 64).unwrap_or(0)).clamp(2, 64) - 2;
        let units: Vec<u16> = record[..length].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        Self {
            name: String::from_utf16_lossy(&units),
            is_stream: record[66] == 2,
            left: number(68),
            right: number(72),
            child: number(76),
            start: number(116),
            size: u64::from(number(120)),
        }
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
