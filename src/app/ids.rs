//! The one place that reads randomness: identifiers and secrets.

use jiff::Timestamp;

/// A time-ordered identifier (UUID version 7) as text.
pub fn time_ordered(now: Timestamp) -> String {
    let mut random = [0u8; 10];
    fill(&mut random);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// 256 random bits.
pub fn random() -> [u8; 32] {
    let mut random = [0u8; 32];
    fill(&mut random);
    random
}

/// 256 random bits in hexadecimal: set-up tokens.
pub fn secret() -> String {
    random().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::disallowed_methods, reason = "this is where randomness enters")]
fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}
