//! The one place that reads the clock. Everything below the rim is given `now`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The day of a moment, in UTC.
pub fn date_of(at: Timestamp) -> Date {
    at.to_zoned_datetime(TimeZone::UTC).date()
}

/// Where `now` comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    /// Stands still until it is moved: for the demo's fixed day and for tests. Microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// The present moment, cut to microseconds, which is what both databases keep.
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Self::System => Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap_or(Timestamp::UNIX_EPOCH),
            Self::Manual(micros) => Timestamp::from_microsecond(micros.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Moves a manual clock forward to that moment, never back; a system clock comes there by itself.
    pub fn advance_to(&self, at: Timestamp) {
        match self {
            Self::System => {}
            Self::Manual(micros) => {
                micros.fetch_max(at.as_microsecond(), Ordering::Relaxed);
            }
        }
    }

    /// Moves a manual clock forward; a system clock moves by itself.
    pub fn advance(&self, by: SignedDuration) {
        match self {
            Self::System => {}
            Self::Manual(micros) => {
                micros.fetch_add(i64::try_from(by.as_micros()).unwrap_or(0), Ordering::Relaxed);
            }
        }
    }
}
