//! How does a notice get into a folder as an .eml file? The demo's way, and one for people whose mail system picks files up.

use super::notice::OutboxItem;
use crate::model::Sha256;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why an .eml could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("cannot create the folder {}", path.display())]
    Create { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Writes the mail as `<order>-<digest of the Message-ID>.eml` and returns the path. Durable when it returns; the file appears
/// complete or not at all, and writing the same item again leaves one file.
///
/// # Errors
/// When the folder cannot be created or written.
pub fn write(dir: &Path, item: &OutboxItem) -> Result<PathBuf, FolderError> {
    fs::create_dir_all(dir).map_err(|source| FolderError::Create { path: dir.to_owned(), source })?;
    let path = dir.join(file_name(item));
    let draft = path.with_extension("eml.part");
    let written = fs::File::create(&draft)
        .and_then(|mut file| file.write_all(&item.bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, &path))
        .and_then(|()| fs::File::open(dir)?.sync_all());
    written.map_err(|source| FolderError::Write { path: path.clone(), source })?;
    Ok(path)
}

/// Ours alone: an order number reduced to safe characters, and a digest.
fn file_name(item: &OutboxItem) -> String {
    let order: String = item.order.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let digest = Sha256::of(item.message_id.as_bytes());
    format!("{order}-{}.eml", &digest.as_str()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{NoticeKind, Route};

    #[test]
    fn one_item_is_one_file_however_often_it_is_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let item = OutboxItem {
            id: "1".into(),
            kind: NoticeKind::Confirmation,
            order: "../SO-1".into(),
            route: Route::Folder,
            to: "a@b.example".into(),
            cc: Vec::new(),
            subject: "x".into(),
            message_id: "1@b.example".into(),
            bytes: b"Subject: x\r\n\r\nhello\r\n".to_vec(),
        };
        let drafts = dir.path().join("drafts");
        let first = write(&drafts, &item).expect("written");
        assert_eq!(first, write(&drafts, &item).expect("written again"));
        assert_eq!(fs::read(&first).expect("the file"), item.bytes);
        assert_eq!(fs::read_dir(&drafts).expect("the folder").count(), 1);
        assert_eq!(first.parent(), Some(drafts.as_path()));
    }
}
