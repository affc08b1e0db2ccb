//! Passwords: hashed with argon2id, off the async threads, two at a time. Each hash costs 19 MiB and some 20 ms on purpose,
//! so an unlimited number at once would be a way to bring the desk down.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A passphrase is welcome; a short word is not.
pub(crate) const MIN_PASSWORD_CHARS: usize = 12;

/// Longer input is refused before it is hashed.
pub(crate) const MAX_PASSWORD_BYTES: usize = 1024;

static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// The PHC string of a password, salted with the first half of `salt`. `None` when the machine refuses the memory.
pub async fn hash(password: String, salt: [u8; 32]) -> Option<String> {
    let _permit = AT_ONCE.acquire().await.ok()?;
    let hashing = tokio::task::spawn_blocking(move || {
        let hash: PasswordHash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt[..16]).ok()?;
        Some(hash.to_string())
    });
    hashing.await.ok().flatten()
}

/// Whether the password belongs to the hash. Takes as long where there is no hash, so that nobody learns which names exist.
pub(crate) async fn matches(password: String, hash: Option<String>) -> bool {
    let Ok(_permit) = AT_ONCE.acquire().await else { return false };
    let checking = tokio::task::spawn_blocking(move || {
        let Some(hasher) = hasher() else { return false };
        match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => hasher.verify_password(password.as_bytes(), &hash).is_ok(),
            Some(Err(_)) | None => {
                let wasted: Result<PasswordHash, _> = hasher.hash_password_with_salt(password.as_bytes(), b"nobody has this");
                drop(wasted);
                false
            }
        }
    });
    checking.await.unwrap_or(false)
}

fn hasher() -> Option<Argon2<'static>> {
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let made = hash("correct horse battery".into(), [7; 32]).await.expect("a hash");
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert!(matches("correct horse battery".into(), Some(made.clone())).await);
        assert!(!matches("correct horse batterz".into(), Some(made)).await);
        assert!(!matches("anything".into(), None).await);
        assert!(!matches("anything".into(), Some("not a hash".into())).await);
    }
}
