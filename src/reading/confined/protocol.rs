//! What parent and child say to each other: jobs in, for each one answer out, until the input ends.
//!
//! Job: length of the header (u32, little endian), the header as JSON, then as many bytes of the document as the header says.
//! Answer: one byte for its kind, the job's ticket (u64), length (u64), then so many bytes. Everything else is a broken answer. The ticket is drawn for each job, so that nothing that a parser lets slip to standard output
//! while it reads one document can pass for the answer about the next. Numbers are little endian.

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
    /// Those of the first job of a child hold for all of them.
    pub(super) rlimits: ChildRlimits,
    /// Tried on an encrypted PDF.
    #[serde(default)]
    pub(super) passwords: Vec<String>,
    pub(super) ticket: u64,
    /// Length of the document that follows.
    pub(super) bytes: u64,
}

/// What goes before the body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AnswerHead {
    pub(super) kind: u8,
    pub(super) ticket: u64,
    pub(super) length: u64,
}

impl AnswerHead {
    pub(super) const LENGTH: usize = 17;

    pub(super) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut out = [0; Self::LENGTH];
        out[0] = self.kind;
        out[1..9].copy_from_slice(&self.ticket.to_le_bytes());
        out[9..].copy_from_slice(&self.length.to_le_bytes());
        out
    }

    pub(super) fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Self {
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes were taken"));
        Self { kind: bytes[0], ticket: number(1), length: number(9) }
    }
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

    /// Reads the header; the document's bytes follow in `input`. `None` at the end of input.
    pub(super) fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let mut length = [0; 4];
        if input.read(&mut length[..1])? == 0 {
            return Ok(None);
        }
        input.read_exact(&mut length[1..])?;
        let length = u32::from_le_bytes(length);
        if length > LONGEST_HEADER {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the job's header is too long"));
        }
        let mut json = vec![0; length as usize];
        input.read_exact(&mut json)?;
        serde_json::from_slice(&json).map(Some).map_err(io::Error::from)
    }
}

impl Answer {
    /// Its kind and its body.
    pub(super) fn into_parts(self) -> (u8, Vec<u8>) {
        let json = |value: serde_json::Result<Vec<u8>>| value.expect("an answer is plain data");
        match self {
            Self::Document(document) => (b'D', json(serde_json::to_vec(&document))),
            Self::Png(bytes) => (b'P', bytes),
            Self::Gray(image) => {
                let mut body = Vec::with_capacity(image.pixels.len() + 12);
                body.extend(image.width.to_le_bytes());
                body.extend(image.height.to_le_bytes());
                body.extend(image.dpi.to_le_bytes());
                body.extend(&image.pixels);
                (b'G', body)
            }
            Self::NoImage(error) => (b'E', json(serde_json::to_vec(&error))),
            Self::Words(words) => (b'W', words.into_bytes()),
        }
    }

    /// `None` for anything that is not exactly one whole answer.
    pub(super) fn from_parts(kind: u8, body: &[u8]) -> Option<Self> {
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
            let (kind, body) = answer.clone().into_parts();
            assert_eq!(Answer::from_parts(kind, &body), Some(answer));
            assert!(kind == b'P' || kind == b'W' || Answer::from_parts(kind, &body[..body.len() - 1]).is_none());
            assert_eq!(Answer::from_parts(b'?', &body), None);
        }
        let head = AnswerHead { kind: b'D', ticket: 0xFEDC_BA98_7654_3210, length: 7 };
        assert_eq!(AnswerHead::from_bytes(&head.to_bytes()), head);
    }
}
