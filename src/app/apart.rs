//! Where does work on what strangers sent run? On a thread of its own, beside those that serve: it may take seconds without holding up
//! anybody, and a panic in it is an answer, not the end of a worker.
//!
//! What can exhaust memory or the stack is not for here but for a confined child (`reading::confined`).

/// The work panicked. Says with what words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the program failed on it: {0}")]
pub struct Crashed(String);

/// Runs `work` on a thread for blocking work and waits for it.
///
/// # Errors
/// `work` panicked, or the program is being shut down.
pub async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Crashed> {
    tokio::task::spawn_blocking(work).await.map_err(Crashed::from)
}

/// Runs a future as a task of its own and waits for it: its panic ends nothing but itself.
///
/// # Errors
/// As for `apart`.
pub async fn task<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, Crashed> {
    tokio::spawn(work).await.map_err(Crashed::from)
}

impl From<tokio::task::JoinError> for Crashed {
    fn from(error: tokio::task::JoinError) -> Self {
        let Ok(panic) = error.try_into_panic() else { return Self("it was stopped".into()) };
        let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Self(words.unwrap_or("without a word").to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        assert_eq!(apart(|| 7).await, Ok(7));
        assert_eq!(apart(|| -> u8 { panic!("at line {}", 3) }).await, Err(Crashed("at line 3".into())));
        assert_eq!(task(async { 7 }).await, Ok(7));
        assert_eq!(task(async { assert!(std::hint::black_box(false), "no") }).await, Err(Crashed("no".into())));
    }
}
