//! What parent and child say to each other: one job in, one answer out, then the child is gone.
//!
//! Job: length of the header (u32, little endian), the header as JSON, then the document's bytes up to the end of input.
//! Answer: one byte for its kind, length (u64, little endian), then so many bytes. Everything else is a broken answer.

use super::sandbox::ChildRlimits;
use crate::reading::document::pdf::{PageImage, RenderError};
use crate::reading::document::{Document, Limits, Opinions};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// Longest job header that is believed.
const LONGEST_HEADER: u32 = 64 << 10;

/// What the child is to do with the bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    Read {
        limits: Limits,
        opinions: Opinions,
    },
    /// A page as PNG for people.
    Png {
        page: u32,
        dpi: u32,
    },
    /// A page in grey for OCR.
    Gray {
        page: u32,
    },
    /// How far the child is confined, in words.
    Level,
    /// Tries what a confined child must not be able to do; for tests.
    #[cfg(debug_assertions)]
    Probe,
    /// Uses up memory, time or the stack; for tests.
    #[cfg(debug_assertions)]
    Misbehave {
        how: String,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) name: String,
    pub(super) rlimits: ChildRlimits,
    /// Tried on an encrypted PDF.
    #[serde(default)]
    pub(super) passwords: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Document(Box<Document>),
    Png(Vec<u8>),
    Gray(PageImage),
    NoImage(RenderError),
    Words(String),
}

impl Job {
    /// The header that goes before the document's bytes.
    pub(super) fn header(&self) -> Vec<u8> {
        let json = serde_json::to_vec(self).expect("a job is plain data");
        let mut out = (json.len() as u32).to_le_bytes().to_vec();
        out.extend(json);
        out
    }

    /// Reads the header; the document's bytes follow in `input`.
    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        if length > LONGEST_HEADER {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the job's header is too long"));
        }
        let mut json = vec![0; length as usize];
        input.read_exact(&mut json)?;
        serde_json::from_slice(&json).map_err(io::Error::from)
    }
}

impl Answer {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let json = |value: serde_json::Result<Vec<u8>>| value.expect("an answer is plain data");
        let (kind, body) = match self {
            Self::Document(document) => (b'D', json(serde_json::to_vec(document))),
            Self::Png(bytes) => (b'P', bytes.clone()),
            Self::Gray(image) => {
                let mut body = Vec::with_capacity(image.pixels.len() + 12);
                body.extend(image.width.to_le_bytes());
                body.extend(image.height.to_le_bytes());
                body.extend(image.dpi.to_le_bytes());
                body.extend(&image.pixels);
                (b'G', body)
            }
            Self::NoImage(error) => (b'E', json(serde_json::to_vec(error))),
            Self::Words(words) => (b'W', words.clone().into_bytes()),
        };
        let mut out = Vec::with_capacity(body.len() + 9);
        out.push(kind);
        out.extend((body.len() as u64).to_le_bytes());
        out.extend(body);
        out
    }

    /// `None` for anything that is not exactly one whole answer.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let (length, body) = rest.split_first_chunk::<8>()?;
        if u64::from_le_bytes(*length) != body.len() as u64 {
            return None;
        }
        match kind {
            b'D' => serde_json::from_slice(body).ok().map(Box::new).map(Self::Document),
            b'P' => Some(Self::Png(body.to_vec())),
            b'G' => {
                let number = |at: usize| body.get(at..at + 4).and_then(|four| <[u8; 4]>::try_from(four).ok());
                let (width, height) = (u32::from_le_bytes(number(0)?), u32::from_le_bytes(number(4)?));
                let dpi = f32::from_le_bytes(number(8)?);
                let pixels = body.get(12..)?.to_vec();
                let whole = pixels.len() as u64 == u64::from(width) * u64::from(height) && dpi.is_finite() && dpi > 0.0;
                whole.then_some(Self::Gray(PageImage { width, height, dpi, pixels }))
            }
            b'E' => serde_json::from_slice(body).ok().map(Self::NoImage),
            b'W' => String::from_utf8(body.to_vec()).ok().map(Self::Words),
            _other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::document::SourceKind;

    #[test]
    fn answers_survive_the_pipe_and_broken_ones_are_refused() {
        let answers = [
            Answer::Document(Box::new(Document::empty(SourceKind::Pdf))),
            Answer::Png(vec![1, 2, 3]),
            Answer::Gray(PageImage { width: 2, height: 1, dpi: 300.0, pixels: vec![0, 255] }),
            Answer::NoImage(RenderError::NoSuchPage(7)),
            Answer::Words("full".into()),
        ];
        for answer in answers {
            let bytes = answer.to_bytes();
            assert_eq!(Answer::from_bytes(&bytes), Some(answer));
            assert_eq!(Answer::from_bytes(&bytes[..bytes.len() - 1]), None);
            assert_eq!(Answer::from_bytes(&[bytes, vec![0]].concat()), None);
        }
        assert_eq!(Answer::from_bytes(b""), None);
    }
}
