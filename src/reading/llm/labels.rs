//! Does a label of the field stand beside a claimed header value? A number that is printed somewhere is not yet the order's number.

use crate::reading::document::Document;
use crate::reading::extraction::ground_text::Rows;
use crate::reading::extraction::layout::labels::{self, Label};
use crate::reading::extraction::layout::lines::Sheet;
use std::ops::Range;

/// Points between a label and the value beneath it: three rows of ordinary print.
const BENEATH: f32 = 42.0;
/// Points by which a value may stand to the side of the label above it.
const ASIDE: f32 = 40.0;

/// Header fields whose value must be announced. Sums are proved by arithmetic, the currency names itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announced {
    PoNumber,
    PoDate,
    DeliveryDate,
}

/// The labels of a document.
pub(super) struct Labels(Vec<(u32, [f32; 4], Label)>);

impl Labels {
    pub fn of(document: &Document) -> Self {
        let sheet = Sheet::of(document);
        let mut places = Vec::new();
        for (index, line) in sheet.lines.iter().enumerate() {
            let page = sheet.page(index).number;
            for segment in &line.segments {
                for hit in labels::hits(segment) {
                    let boxes = segment.words_in(hit.start, hit.end).into_iter().map(|word| word.bbox);
                    places.extend(boxes.reduce(around).map(|bbox| (page, bbox, hit.label)));
                }
            }
        }
        Self(places)
    }

    /// Whether a label of `field` stands before, above or under these words.
    pub fn announce(&self, field: Announced, rows: &Rows<'_>, words: &Range<usize>) -> bool {
        let Some(value) = words.clone().filter_map(|word| rows.word(word)).map(|word| word.bbox).reduce(around) else {
            return false;
        };
        let page = rows.page_of(words.start);
        self.0.iter().any(|(at, label, kind)| *at == page && field.is_announced_by(*kind) && is_beside(*label, value))
    }
}

impl Announced {
    fn is_announced_by(self, label: Label) -> bool {
        match self {
            Self::PoNumber => {
                matches!(label, Label::PoNumber | Label::OrderNumber | Label::PoTitle | Label::Reference | Label::Release)
            }
            Self::PoDate => matches!(label, Label::PoDate | Label::Date | Label::PoTitle),
            Self::DeliveryDate => matches!(label, Label::DeliveryDate | Label::Date),
        }
    }
}

fn is_beside(label: [f32; 4], value: [f32; 4]) -> bool {
    let shared = label[3].min(value[3]) - label[1].max(value[1]);
    let is_in_row = shared > 0.3 * (label[3] - label[1]).min(value[3] - value[1]) && label[0] <= value[2];
    let is_in_column = label[0] - ASIDE <= value[2] && value[0] <= label[2] + ASIDE;
    let (beneath, above) = (value[1] - label[3], label[1] - value[3]);
    is_in_row || is_in_column && ((-2.0..=BENEATH).contains(&beneath) || (-2.0..=BENEATH / 3.0).contains(&above))
}

fn around(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_is_the_row_or_the_column() {
        let label = [100.0, 50.0, 160.0, 60.0];
        for (value, expected) in [
            ([170.0, 50.0, 220.0, 60.0], true),
            ([400.0, 51.0, 450.0, 61.0], true),
            ([100.0, 64.0, 150.0, 74.0], true),
            ([130.0, 90.0, 190.0, 100.0], true),
            ([105.0, 36.0, 150.0, 46.0], true),
            ([100.0, 130.0, 150.0, 140.0], false),
            ([300.0, 64.0, 350.0, 74.0], false),
            ([20.0, 50.0, 60.0, 60.0], false),
        ] {
            assert_eq!(is_beside(label, value), expected, "{value:?}");
        }
    }
}
