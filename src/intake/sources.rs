//! What is there to take in on disk? Mails (.eml, Maildir, mbox), folders of them, and bare documents, one item at a time.
//!
//! A file that cannot be read is an item too, an error that names it; the rest goes on. Not here: what the bytes mean, and whether
//! they are known already.

use crate::intake::message::RawItem;
use crate::intake::mime::looks_like_mail;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use thiserror::Error;

const MAX_FOLDER_DEPTH: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLimits {
    /// Larger files and mails are reported, not read. Bytes.
    pub max_item_bytes: u64,
}

impl Default for SourceLimits {
    fn default() -> Self {
        Self { max_item_bytes: 64 * 1024 * 1024 }
    }
}

#[derive(Debug, Error)]
pub enum SourceError {
    #[error("{0} does not exist")]
    Missing(String),
    #[error("{path} cannot be read")]
    Read { path: String, source: io::Error },
    #[error("{path} is larger than {most} bytes and was not read")]
    TooLarge { path: String, most: u64 },
    #[error("{0} is a link that leads out of the folder and was not followed")]
    OutsideLink(String),
    #[error("{0} is neither a file nor a folder")]
    NotAFile(String),
    #[error("{0} lies too deep in folders")]
    TooDeep(String),
    #[error("{path} is no mbox: it does not begin with a From_ line")]
    NotAnMbox { path: String },
    #[error("{path} cannot be moved to {to}")]
    Move { path: String, to: String, source: io::Error },
}

/// Everything under `path`, lazily, folders in the order of their names. Hidden files and folders are passed over.
pub fn collect(path: &Path, limits: SourceLimits) -> impl Iterator<Item = Result<RawItem, SourceError>> + use<> {
    Collector { root: path.canonicalize().ok(), pending: vec![Pending::given(path)], mbox: None, limits }
}

/// Reads one file that is known to be no folder and no mbox, as a mail or a bare document.
pub fn read_file(path: &Path, limits: SourceLimits) -> Result<RawItem, SourceError> {
    let bytes = read_bytes(path, limits)?;
    let source = path.display().to_string();
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ending = ending(path);
    let is_mail =
        ending == "eml" || ((ending.is_empty() || !ending.chars().all(|c| c.is_ascii_alphanumeric())) && looks_like_mail(&bytes));
    Ok(if is_mail { RawItem::Mail { source, bytes } } else { RawItem::Document { source, name, bytes } })
}

/// A path not looked at yet.
struct Pending {
    path: PathBuf,
    depth: usize,
    /// In `cur` or `new` of a Maildir every file is a mail.
    maildir: bool,
    /// Named by the user, who may name a link.
    given: bool,
}

impl Pending {
    fn given(path: &Path) -> Self {
        Self { path: path.to_owned(), depth: 0, maildir: false, given: true }
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }
}

struct Collector {
    root: Option<PathBuf>,
    /// The next one is last.
    pending: Vec<Pending>,
    mbox: Option<Mbox>,
    limits: SourceLimits,
}

impl Iterator for Collector {
    type Item = Result<RawItem, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(mbox) = &mut self.mbox {
                match mbox.next() {
                    Some(item) => return Some(item),
                    None => self.mbox = None,
                }
            }
            let next = self.pending.pop()?;
            if let Some(item) = self.look_at(next).transpose() {
                return Some(item);
            }
        }
    }
}

impl Collector {
    /// An item, or nothing where the path was a folder (whose content now waits), an mbox, or nothing to read.
    fn look_at(&mut self, at: Pending) -> Result<Option<RawItem>, SourceError> {
        let read = |source| SourceError::Read { path: at.shown(), source };
        let link = fs::symlink_metadata(&at.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SourceError::Missing(at.shown()),
            _ => read(error),
        })?;
        if link.is_symlink() && !at.given {
            let target = at.path.canonicalize().map_err(read)?;
            if self.root.as_ref().is_none_or(|root| !target.starts_with(root)) {
                return Err(SourceError::OutsideLink(at.shown()));
            }
            // A folder inside is read where it really stands.
            if target.is_dir() {
                return Ok(None);
            }
        }
        let kind = fs::metadata(&at.path).map_err(read)?;
        if kind.is_dir() {
            self.open_folder(&at)?;
            return Ok(None);
        }
        if !kind.is_file() {
            return Err(SourceError::NotAFile(at.shown()));
        }
        if at.maildir {
            let bytes = read_bytes(&at.path, self.limits)?;
            return Ok(Some(RawItem::Mail { source: at.shown(), bytes }));
        }
        if is_mbox(&at.path).map_err(read)? {
            self.mbox = Some(Mbox::open(&at.path, self.limits)?);
            return Ok(None);
        }
        read_file(&at.path, self.limits).map(Some)
    }

    fn open_folder(&mut self, at: &Pending) -> Result<(), SourceError> {
        if at.depth > MAX_FOLDER_DEPTH {
            return Err(SourceError::TooDeep(at.shown()));
        }
        let read = |source| SourceError::Read { path: at.shown(), source };
        let is_maildir = at.path.join("cur").is_dir() && at.path.join("new").is_dir();
        let mut inside = Vec::new();
        for entry in fs::read_dir(&at.path).map_err(read)? {
            let name = entry.map_err(read)?.file_name();
            let hidden = name.to_string_lossy().starts_with('.');
            if !hidden && (!is_maildir || name == "cur" || name == "new") {
                inside.push(name);
            }
        }
        inside.sort();
        let in_maildir = |name: &OsStr| at.maildir || (is_maildir && (name == "cur" || name == "new"));
        self.pending.extend(inside.into_iter().rev().map(|name| Pending {
            path: at.path.join(&name),
            depth: at.depth + 1,
            maildir: in_maildir(&name),
            given: false,
        }));
        Ok(())
    }
}

fn ending(path: &Path) -> String {
    path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Reads at most the limit: the file may grow while it is read.
fn read_bytes(path: &Path, limits: SourceLimits) -> Result<Vec<u8>, SourceError> {
    let read = |source| SourceError::Read { path: path.display().to_string(), source };
    // A pipe would be waited for until somebody writes into it; a device may never end.
    let about = fs::metadata(path).map_err(read)?;
    if !about.is_file() {
        return Err(if about.is_dir() {
            read(io::ErrorKind::IsADirectory.into())
        } else {
            SourceError::NotAFile(path.display().to_string())
        });
    }
    let file = File::open(path).map_err(read)?;
    // Only the first guess; without it the file is read in pieces of 32 bytes and up.
    let size = file.metadata().map_or(0, |data| data.len().min(limits.max_item_bytes));
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    file.take(limits.max_item_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(read)?;
    if bytes.len() as u64 > limits.max_item_bytes {
        return Err(SourceError::TooLarge { path: path.display().to_string(), most: limits.max_item_bytes });
    }
    Ok(bytes)
}

fn is_mbox(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(300).read_to_end(&mut start)?;
    let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
    Ok(is_from_line(line))
}

/// The mails of an mbox file (mboxo and mboxrd), one at a time.
struct Mbox {
    path: String,
    reader: BufReader<File>,
    number: usize,
    limits: SourceLimits,
    ended: bool,
}

impl Mbox {
    fn open(path: &Path, limits: SourceLimits) -> Result<Self, SourceError> {
        let shown = path.display().to_string();
        let read = |source| SourceError::Read { path: shown.clone(), source };
        let mut reader = BufReader::new(File::open(path).map_err(read)?);
        let mut first = Vec::new();
        read_line(&mut reader, &mut first).map_err(read)?;
        if !is_from_line(&first) {
            return Err(SourceError::NotAnMbox { path: shown });
        }
        Ok(Self { path: shown, reader, number: 0, limits, ended: false })
    }
}

impl Iterator for Mbox {
    type Item = Result<RawItem, SourceError>;

    /// Reads to the next From_ line, which must follow a blank line.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.number += 1;
        let source = format!("{}#{}", self.path, self.number);
        let (mut bytes, mut line, mut after_blank, mut too_large) = (Vec::new(), Vec::new(), true, false);
        loop {
            line.clear();
            match read_line(&mut self.reader, &mut line) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(_) => {}
                Err(error) => {
                    self.ended = true;
                    return Some(Err(SourceError::Read { path: source, source: error }));
                }
            }
            if after_blank && is_from_line(&line) {
                break;
            }
            after_blank = line.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
            let quotes = line.iter().take_while(|&&byte| byte == b'>').count();
            let start = usize::from(quotes > 0 && line[quotes..].starts_with(b"From "));
            too_large |= (bytes.len() + line.len()) as u64 > self.limits.max_item_bytes;
            if !too_large {
                bytes.extend_from_slice(&line[start..]);
            }
        }
        if too_large {
            return Some(Err(SourceError::TooLarge { path: source, most: self.limits.max_item_bytes }));
        }
        Some(Ok(RawItem::Mail { source, bytes }))
    }
}

/// One line with its end; a line without an end is cut into pieces, so that no file fills the memory.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    const MAX_LINE_BYTES: u64 = 1024 * 1024;
    reader.take(MAX_LINE_BYTES).read_until(b'\n', line)
}

/// `From ann@x.example Mon Jun  3 10:01:00 2024`: an address, then a date with a time and a year.
fn is_from_line(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let text = String::from_utf8_lossy(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_time =
        |word: &&str| word.len() >= 5 && word.contains(':') && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let is_year = |word: &&str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    (5..=12).contains(&words.len()) && words.iter().any(is_time) && words.iter().skip(3).any(is_year)
}

/// A folder that people and programs drop files into. A file is taken when two looks, a while apart, find it the same: until then
/// somebody may still be writing it.
#[derive(Debug)]
pub struct DropFolder {
    folder: PathBuf,
    seen: HashMap<PathBuf, (u64, Option<SystemTime>)>,
}

impl DropFolder {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), seen: HashMap::new() }
    }

    /// The files that did not change since the last look, sorted by name. Folders in it are not looked into.
    pub fn ready(&mut self) -> Result<Vec<PathBuf>, SourceError> {
        let read = |source| SourceError::Read { path: self.folder.display().to_string(), source };
        let mut now = HashMap::new();
        for entry in fs::read_dir(&self.folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            // Gone or not readable a moment later is normal here: the next look tells.
            let Ok(about) = fs::symlink_metadata(&path) else { continue };
            if about.is_file() && !is_unfinished(&path) {
                now.insert(path, (about.len(), about.modified().ok()));
            }
        }
        let mut ready: Vec<PathBuf> =
            now.iter().filter(|(path, mark)| self.seen.get(*path) == Some(*mark)).map(|(path, _)| path.clone()).collect();
        ready.sort();
        self.seen = now;
        Ok(ready)
    }
}

/// Hidden files, and the names that programs give to files that they are still writing.
fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let endings = [".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", "~"];
    name.starts_with('.') || name.starts_with("~$") || endings.iter().any(|ending| name.ends_with(ending))
}

/// Moves a file that was taken in (and is stored) to `done/` beside it. A file of the same name there is kept: the new one gets a
/// number. Returns where it is now.
pub fn put_away(file: &Path) -> Result<PathBuf, SourceError> {
    let done = file.parent().unwrap_or(Path::new(".")).join("done");
    let fail = |to: &Path, source| SourceError::Move { path: file.display().to_string(), to: to.display().to_string(), source };
    fs::create_dir_all(&done).map_err(|source| fail(&done, source))?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let ending = file.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    let mut to = done.join(file.file_name().unwrap_or_default());
    let mut number = 1;
    while to.exists() {
        number += 1;
        to = done.join(format!("{stem}-{number}{ending}"));
    }
    fs::rename(file, &to).map_err(|source| fail(&to, source))?;
    Ok(to)
}
