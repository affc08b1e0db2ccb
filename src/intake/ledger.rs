//! Which mails of a mailbox are new, and which may be moved away? The rules that keep promise one, apart from network and database.
//!
//! A mail is named by (account, folder, UIDVALIDITY, UID). Flags that people set (`\Seen`) and the server's order mean nothing: the
//! work list is "on the server and not in the ledger". Not here: sameness of content, which the digest of the bytes decides.

use crate::model::Sha256;
use std::collections::BTreeSet;

/// The name of one mail on a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UidKey {
    pub account: String,
    pub folder: String,
    pub uid_validity: u32,
    pub uid: u32,
}

/// What a folder's UIDVALIDITY says about our notes on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// We have no notes yet.
    First,
    /// UIDs mean what they meant.
    Same,
    /// The server numbered its mails anew. Notes under the old value stay as history but name nothing any more: every mail is fetched
    /// again, and those whose digest is known are linked to what became of them; none is worked twice.
    Changed { was: u32 },
}

pub fn validity(noted: Option<u32>, now: u32) -> Validity {
    match noted {
        None => Validity::First,
        Some(was) if was == now => Validity::Same,
        Some(was) => Validity::Changed { was },
    }
}

/// The UIDs to fetch, ascending: on the server and not noted under this UIDVALIDITY. There is no "last seen" mark that could pass
/// over a mail: UIDs below the highest noted one count as well.
pub fn new_uids(on_server: &[u32], noted: &BTreeSet<u32>) -> Vec<u32> {
    let new: BTreeSet<u32> = on_server.iter().copied().filter(|uid| !noted.contains(uid)).collect();
    new.into_iter().collect()
}

/// How the new mails are fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchPlan {
    /// Each fetched with one command and stored in one transaction.
    pub batches: Vec<Vec<u32>>,
    /// Too large to fetch, with their size in bytes: noted with the problem, and a person is told.
    pub too_large: Vec<(u32, u64)>,
}

/// At most this many mails a batch.
pub const BATCH_MAILS: usize = 50;
/// A batch ends before it grows beyond this, unless one mail alone does.
pub const BATCH_BYTES: u64 = 8 * 1024 * 1024;

/// Cuts mails (UID and size) into batches by count and bytes.
pub fn plan_fetch(sizes: &[(u32, u64)], max_mail_bytes: u64) -> FetchPlan {
    let mut plan = FetchPlan::default();
    let mut batch_bytes = 0;
    for &(uid, size) in sizes {
        if size > max_mail_bytes {
            plan.too_large.push((uid, size));
            continue;
        }
        match plan.batches.last_mut() {
            Some(batch) if batch.len() < BATCH_MAILS && batch_bytes + size <= BATCH_BYTES => {
                batch.push(uid);
                batch_bytes += size;
            }
            _ => {
                plan.batches.push(vec![uid]);
                batch_bytes = size;
            }
        }
    }
    plan
}

/// Mails that are done with and wait for their move or flag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FinishPlan {
    pub act: Vec<u32>,
    /// Not in the folder any more (a person moved them, or we did before a crash): only to be noted as finished.
    pub gone: Vec<u32>,
}

/// `done` are the UIDs noted under the *present* UIDVALIDITY whose message has an outcome and is stored (RELIABILITY promise 3);
/// one noted under an older value must never be acted on, since its number may name another mail now.
pub fn plan_finish(done: &[(u32, Sha256)], on_server: &[u32]) -> FinishPlan {
    let present: BTreeSet<u32> = on_server.iter().copied().collect();
    let (act, gone) = done.iter().map(|(uid, _)| *uid).partition(|uid| present.contains(uid));
    FinishPlan { act, gone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_is_what_is_not_noted_wherever_its_number_lies() {
        let noted = BTreeSet::from([2, 5]);
        assert_eq!(new_uids(&[5, 1, 9, 2, 9], &noted), [1, 9]);
        assert_eq!(new_uids(&[], &noted), [0_u32; 0]);
    }

    #[test]
    fn a_changed_validity_is_told_from_a_first_look() {
        assert_eq!(validity(None, 7), Validity::First);
        assert_eq!(validity(Some(7), 7), Validity::Same);
        assert_eq!(validity(Some(7), 8), Validity::Changed { was: 7 });
    }

    #[test]
    fn batches_are_cut_by_count_and_by_bytes_and_lose_nothing() {
        let many: Vec<(u32, u64)> = (1..=120).map(|uid| (uid, 1000)).collect();
        let plan = plan_fetch(&many, 10_000_000);
        assert_eq!(plan.batches.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
        let plan = plan_fetch(&[(1, 5_000_000), (2, 5_000_000), (3, 9_000_000), (4, 10), (5, 20_000_000)], 10_000_000);
        assert_eq!(plan.batches, [vec![1], vec![2], vec![3], vec![4]]);
        assert_eq!(plan.too_large, [(5, 20_000_000)]);
    }

    #[test]
    fn only_mails_still_there_are_acted_on() {
        let done = [(3, Sha256::of(b"a")), (4, Sha256::of(b"b"))];
        assert_eq!(plan_finish(&done, &[4, 8]), FinishPlan { act: vec![4], gone: vec![3] });
    }
}
