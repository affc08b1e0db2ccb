//! Documents looked at a moment ago: a clerk saves, checks and turns pages, and a scan takes seconds to read again.

use crate::model::Sha256;
use crate::reading::document::Document;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// So many are kept, the one asked for longest ago leaves first.
const KEPT: usize = 16;
/// Words of a document that is still worth keeping; larger ones are read again.
const MOST_WORDS: usize = 20_000;

#[derive(Debug, Default)]
pub struct Recent(Mutex<VecDeque<(Sha256, Document)>>);

impl Recent {
    pub fn get(&self, sha256: &Sha256) -> Option<Document> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(name, _)| name == sha256).and_then(|at| kept.remove(at))?;
        let document = found.1.clone();
        kept.push_back(found);
        Some(document)
    }

    pub fn put(&self, sha256: Sha256, document: Document) {
        if document.pages.iter().map(|page| page.words.len()).sum::<usize>() > MOST_WORDS {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(name, _)| *name != sha256);
        kept.push_back((sha256, document));
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::SourceKind;

    #[test]
    fn the_one_asked_for_longest_ago_leaves_first() {
        let recent = Recent::default();
        let name = |number: usize| Sha256::new(number.to_string());
        (0..KEPT).for_each(|number| recent.put(name(number), Document::empty(SourceKind::Text)));
        assert!(recent.get(&name(0)).is_some());
        recent.put(name(KEPT), Document::empty(SourceKind::Text));
        assert!(recent.get(&name(0)).is_some() && recent.get(&name(1)).is_none());
    }
}
