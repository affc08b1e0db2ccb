//! Where a value came from. No field without an origin, no origin without a place to look.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A place in a source document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// A box on a page: PDF points from the top left corner of the upright page, `[x0, y0, x1, y1]`; pages count from 1.
    Box { page: u32, bbox: [f32; 4] },
    /// Byte offsets into the document's text, `start..end`.
    Text { start: usize, end: usize },
}

/// Where a value came from. `Document` is made only by `reading::extraction::ground`, which finds the text first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Printed in the document, at these places (never empty).
    Document(Vec<Span>),
    /// Taken from master data: table and key, `customers/ACME`.
    MasterData(String),
    /// Derived by the named rule.
    Computed(String),
    /// Entered or confirmed by a person.
    Person { who: String, at: Timestamp },
    /// A configured default: the key in `agent.toml`.
    Default(String),
    /// Not printed: a person gave it in an earlier case (by its number) of the same sender and layout.
    Learned { who: String, case: String },
}

impl Origin {
    pub fn spans(&self) -> &[Span] {
        match self {
            Self::Document(spans) => spans,
            Self::MasterData(_) | Self::Computed(_) | Self::Person { .. } | Self::Default(_) | Self::Learned { .. } => &[],
        }
    }
}

/// How sure the checks make us, in percent (0 to 100). Derived from checks, never asked of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(u8);

impl Confidence {
    pub const CERTAIN: Self = Self(100);

    /// `percent` is cut at 100.
    pub const fn percent(percent: u8) -> Self {
        Self(if percent > 100 { 100 } else { percent })
    }

    pub fn as_percent(self) -> u8 {
        self.0
    }
}

/// A value, how it was printed, how sure we are and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field<T> {
    pub value: T,
    /// As printed; empty where nothing was printed (master data, defaults).
    pub raw: String,
    pub confidence: Confidence,
    pub origin: Origin,
}

impl<T> Field<T> {
    pub fn new(value: T, raw: impl Into<String>, confidence: Confidence, origin: Origin) -> Self {
        Self { value, raw: raw.into(), confidence, origin }
    }

    /// A value that follows from others by the named rule.
    pub fn computed(value: T, rule: impl Into<String>) -> Self {
        Self::new(value, "", Confidence::CERTAIN, Origin::Computed(rule.into()))
    }

    /// A value out of master data; `key` is `table/key`.
    pub fn from_master(value: T, key: impl Into<String>) -> Self {
        Self::new(value, "", Confidence::CERTAIN, Origin::MasterData(key.into()))
    }

    /// A value that a person entered or confirmed.
    pub fn from_person(value: T, raw: impl Into<String>, who: impl Into<String>, at: Timestamp) -> Self {
        Self::new(value, raw, Confidence::CERTAIN, Origin::Person { who: who.into(), at })
    }

    /// The same evidence for another value: after parsing, normalising or matching.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Field<U> {
        Field { value: f(self.value), raw: self.raw, confidence: self.confidence, origin: self.origin }
    }
}

/// What reading for one field came to. "Not there" and "could not read" are different answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading<T> {
    /// One value.
    Found(Field<T>),
    /// Several values compete, likeliest first (at least two); a person or a witness must choose.
    Several(Vec<Field<T>>),
    /// Something is printed, but it could not be understood.
    Unreadable { raw: String, spans: Vec<Span> },
    /// The document does not say.
    #[default]
    Absent,
}

impl<T> Reading<T> {
    /// The one value found, if there is just one.
    pub fn found(&self) -> Option<&Field<T>> {
        match self {
            Self::Found(field) => Some(field),
            Self::Several(_) | Self::Unreadable { .. } | Self::Absent => None,
        }
    }

    /// The likeliest value, even where several compete: for showing to a person, never for placing.
    pub fn likeliest(&self) -> Option<&Field<T>> {
        match self {
            Self::Found(field) => Some(field),
            Self::Several(fields) => fields.first(),
            Self::Unreadable { .. } | Self::Absent => None,
        }
    }

    /// The value found, if there is just one.
    pub fn value(&self) -> Option<&T> {
        self.found().map(|field| &field.value)
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Where on the document this reading was made.
    pub fn spans(&self) -> &[Span] {
        match self {
            Self::Found(field) => field.origin.spans(),
            Self::Several(fields) => fields.first().map_or(&[], |f| f.origin.spans()),
            Self::Unreadable { spans, .. } => spans,
            Self::Absent => &[],
        }
    }
}

impl<T> From<Option<Field<T>>> for Reading<T> {
    fn from(field: Option<Field<T>>) -> Self {
        field.map_or(Self::Absent, Self::Found)
    }
}
